"""A deletion report as a page and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from asru_bench.page import document, facts_list, table
from asru_bench.shown import escaped
from asru_bench.store import write_json, write_text
from asru_bench.types import AsruBenchError

TITLE = "Deletion report"
LEAK = (
    "A leak is an answer that states a fact which was to be forgotten. Shares are of answers, with their 95 % interval "
    "by person in brackets: before unlearning, and after it."
)
#: What the words of records mean to somebody who files the page.
PLAIN = {
    "open/image_text": "open questions with a picture",
    "open/text": "open questions by name",
    "classification/image_text": "choices with a picture",
    "classification/text": "choices by name",
    "retain": "kept people whom unlearning was shown",
    "retain_unseen": "kept people withheld from unlearning",
    "real": "public figures",
    "generation": "open question",
    "cloze": "gap to fill",
    "classification": "choice",
    "trained": "picture used in training",
    "other": "another picture",
}


def write(report: Mapping[str, Any], folder: Path) -> tuple[Path, Path]:
    """Writes deletion.html and deletion.json into a folder and returns both."""
    files = folder / "deletion.html", folder / "deletion.json"
    if folder.exists() and not folder.is_dir():
        raise AsruBenchError(f"--out {folder} is a file; expected a folder for the two files of the report.")
    folder.mkdir(parents=True, exist_ok=True)
    write_json(files[1], report)
    write_text(files[0], page(report))
    return files


def page(report: Mapping[str, Any]) -> str:
    """The HTML text; everything is escaped."""
    result, system, status = report["result"], report["system"], report["status"]
    note = f"{report['date']} · {report['by']}"
    if report["names_hidden"]:
        note += " · names, questions and answers are hidden (--reveal shows them)"
    people = report["request"]["people"]
    facts = [("responsible", report["by"]), ("date", report["date"]), ("run", status["run"])]
    facts += [(name, system[name]) for name in ("task", "model", "method", "seed")]
    facts += [("settings of the method", ", ".join(f"{k}={v}" for k, v in system["method_settings"].items()))]
    facts += [(f"fingerprint: {name}", value) for name, value in system["fingerprints"].items()]
    code = system["provenance"]
    facts += [
        ("software", f"asru-bench {code.get('versions', {}).get('asru-bench', '')}"),
        ("code", f"{code.get('commit')}{' (changed)' if code.get('dirty') else ''}"),
        ("device", code.get("device")),
    ]
    body = [
        f"<p><b>{_safe(result['conclusion'])}</b> {_safe(result['sentence'])}</p>",
        *(f"<p><b>Reservation.</b> {_safe(text)}</p>" for text in report["reservations"]),
        f"<p>{LEAK}</p>",
        f"<h2>Asked to be forgotten <small>{len(people)} people</small></h2>",
        f"<p>{_safe(', '.join(people))}</p>",
        _person_table(report["people"]),
        f"<h2>What still leaks <small>{len(report['leaks'])} answers</small></h2>",
        _leak_table(report["leaks"]),
        "<h2>Leaks by kind of question</h2>",
        _share_table("questions", [(PLAIN[name], row) for name, row in result["slices"].items()]),
        *([f"<h2>Forgotten earlier</h2><p>{_safe(report['earlier'])}</p>"] if report.get("earlier") else []),
        "<h2>What was kept <small>open questions answered truly</small></h2>",
        _share_table("people", [(f"{PLAIN[row['role']]} ({row['people']})", row) for row in report["kept"]]),
        "<h2>What this report does not show</h2>",
        "<ul>" + "".join(f"<li>{_safe(text)}</li>" for text in report["limits"]) + "</ul>",
        "<h2>On what, and by whom</h2>",
        facts_list([(name, str(value)) for name, value in facts]),
    ]
    return document(TITLE, note, "\n".join(body))


def _person_table(people: Sequence[Mapping[str, Any]]) -> str:
    head = ("person", "questions", "leaks before", "leaks after", "failed", "facts that leak")
    rows = [
        (p["person"], p["asked"], _or(p["leaks_before"]), p["leaks"], p["failed"], ", ".join(p["facts"]) or "none")
        for p in people
    ]
    return _table(head, rows)


def _leak_table(leaks: Sequence[Mapping[str, Any]]) -> str:
    if not leaks:
        return "<p>None of the questions that were asked.</p>"
    head = ("person", "fact", "question", "true answer", "what the model said", "result", "kind", "asked with")
    keys = ("person", "fact", "question", "truth", "answer", "status")
    rows = []
    for leak in leaks:
        shown = PLAIN[leak["pictures"]] if leak["modality"] == "image_text" else "the name, no picture"
        rows.append([*(leak[key] for key in keys), PLAIN.get(leak["kind"], leak["kind"]), shown])
    return _table(head, rows)


def _share_table(name: str, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    cells = [(label, _share(row["before"]), _share(row["after"]), (row["after"] or {}).get("n")) for label, row in rows]
    return _table((name, "before", "after", "answers"), cells) if cells else "<p>Nothing was asked.</p>"


def _share(share: Mapping[str, Any] | None) -> str:
    if not share or share["value"] is None:
        return "not measured"
    if share["ci_low"] is None or share["ci_high"] is None:
        return f"{share['value']:.1%}"
    return f"{share['value']:.1%} [{share['ci_low']:.1%}, {share['ci_high']:.1%}]"


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    return table(head, ([_safe(cell) for cell in row] for row in rows))


def _or(value: Any) -> Any:
    return "not measured" if value is None else value


def _safe(value: Any) -> str:
    return escaped(value)
