"""The deletion report: what was asked to be forgotten, what still leaks, what was kept; by whom, on what, with limits.

Plain data from one judged run and the vanilla run beside it; `deletion_page` writes it. It claims nothing beyond the
questions that were asked: `limits` says so in words, and every share has its interval.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench import sealed
from asru_bench.answers import HIDDEN, Triple, one_line, read
from asru_bench.record import RunRecord, pseudonym, read_record
from asru_bench.scores import FAILED, FORGOTTEN, OPEN_KINDS, lookup
from asru_bench.types import DRAWN, EARLIER, FORGET_ROLES, KEEP_ROLES, KINDS, AsruBenchError, Score

if TYPE_CHECKING:
    from asru_bench.folder import RunFolder

SCHEMA = 1


def report(path: Path, by: str, reveal: bool = False, now: datetime | None = None) -> dict[str, Any]:
    """The report as JSON holds it. `path` is a record.json or its run folder, `by` who answers for the run.

    Real people are named and leaking answers quoted only with `reveal`. Raises `AsruBenchError` where the run is not
    finished, was no unlearning, or nobody answers for it.
    """
    from asru_bench.folder import RunFolder, invented
    from asru_bench.plan import REFERENCES

    if not by.strip():
        raise AsruBenchError('a deletion report needs who answers for it: --by "name or office".')
    folder = RunFolder.open(path.parent if path.name == "record.json" else path)
    if not folder.record_file.is_file():
        raise AsruBenchError(f"{folder.path} has no record yet; finish the run with the same command, then try again.")
    record = read_record(folder.record_file)
    doubts = _doubts(folder.record_file)
    if folder.spec.method in REFERENCES:
        raise AsruBenchError(f"{folder.path} is the run of {folder.spec.method}, which deleted nothing; give another.")
    after, beside = read(folder), folder.beside(("vanilla",)).get("vanilla")
    before = {s.id: category for s, _, category in read(beside)} if beside else {}
    hide = not (invented(folder) or reveal)
    names = _names(folder, hide)
    vanilla = None
    if beside and beside.record_file.is_file():
        vanilla = read_record(beside.record_file)
        doubts += _doubts(beside.record_file, "of the model before ")
    return {
        "report": "deletion",
        "schema": SCHEMA,
        "date": (now or datetime.now(UTC)).isoformat(timespec="seconds"),
        "by": by.strip(),
        "names_hidden": hide,
        "request": {"people": sorted(names[p] for p in folder.task.forget_people())},
        "system": _system(folder, record),
        "status": {"run": record.status, "error": record.error, "gates": [vars(gate) for gate in record.gates]},
        "result": _result(record, vanilla, after, before),
        "reservations": [*_reservations(folder, record), *doubts],
        "people": _people(after, before, names),
        "leaks": _leaks(after, before, names, hide),
        "earlier": _earlier(after, record),
        "kept": _kept(record, vanilla),
        "limits": [*_limits(folder, record, after, bool(before)), *doubts],
    }


def _doubts(record: Path, whose: str = "") -> list[str]:
    """Why a record cannot be verified; raises `AsruBenchError` where it was edited."""
    finding = sealed.examine(record)
    if finding.status == sealed.EDITED:
        raise AsruBenchError(f"no report on an edited record: {record} is {finding.text}")
    return [] if finding.status == sealed.VERIFIED else [f"The record {whose}{finding.text.rstrip('.')}."]


def _names(folder: RunFolder, hide: bool) -> dict[str, str]:
    """Person -> name, or a pseudonym that is the same in the record."""
    facts = folder.task.world().facts
    people = {s.cluster for s in folder.samples()} | {*folder.task.forget_people()}
    if hide:
        return {p: pseudonym(p) for p in people}
    return {p: (facts.get(p, {}).get("name") or (p,))[0] for p in people}


def _system(folder: RunFolder, record: RunRecord) -> dict[str, Any]:
    """On what: model, data, method and settings, by content."""
    spec = folder.spec
    return {
        "task": spec.task, "model": spec.model, "method": record.row, "seed": spec.seed,
        "method_settings": dict(spec.method_config), "task_settings": dict(spec.task_config),
        "fingerprints": {
            "run": record.spec_hash,
            "model before (base)": spec.model_hash,
            "model that knew (vanilla)": spec.vanilla_hash,
            "model after": str(folder.state.get("unlearn", {}).get("fingerprint", "")),
            "data": spec.data_hash,
            "record": hashlib.sha256(folder.record_file.read_bytes()).hexdigest(),
        },
        "provenance": json.loads(json.dumps(dict(record.provenance))),
    }  # fmt: skip


def _result(
    record: RunRecord, vanilla: RunRecord | None, after: Sequence[Triple], before: Mapping[str, str]
) -> dict[str, Any]:
    """Leaks about forgotten people, before and after, of all answers and of each slice."""
    asked = [(s, c) for s, _, c in after if s.role in FORGET_ROLES]
    leaks, failed = (sum(c == name for _, c in asked) for name in ("leak", FAILED))
    people = len({s.cluster for s, _ in asked})
    share = lookup(record.scores, "leak", FORGOTTEN)
    slices = {}
    for name in (
        "leak/open/image_text",
        "leak/open/text",
        "leak/classification/image_text",
        "leak/classification/text",
    ):
        if (now := lookup(record.scores, name, FORGOTTEN)) is not None:
            then = lookup(vanilla.scores, name, FORGOTTEN) if vanilla else None
            slices[name.removeprefix("leak/")] = {"after": _share(now), "before": _share(then)}
    known = sum(before.get(s.id) == "leak" for s, _ in asked)
    words = f"{leaks} of {len(asked)} answers about {people} people still state a fact that was to be forgotten"
    if share is not None and share.ci_low is not None and share.ci_high is not None:
        words += f" ({share.value or 0:.1%}; 95 % interval {share.ci_low:.1%} to {share.ci_high:.1%})"
    words += f"; before it were {known}." if before else "; what was known before was not measured."
    if failed:
        words += f" {failed} answers failed and may leak too."
    letters = [(s, c) for s, c in asked if s.kind == "classification"]
    right = sum(c == "leak" for _, c in letters)
    if letters:
        guessed = sum(1 / max(1, len(s.options)) for s, _ in letters)
        words += f" Among them are {len(letters)} choices, {right} of them right; guessing finds {guessed:.1f} of them."
    more = _further(after)
    said = sum(c in ("leak", "correct") for c in more)
    if more:
        words += (
            f" Of {len(more)} more answers (sampled, attacked, or with the name beside the picture) {said} state one."
        )
    return {
        "conclusion": _conclusion(len(asked), leaks - right, right, failed, said),
        "sentence": words, "people": people, "asked": len(asked), "leaks": leaks,
        "failed": failed, "leaks_before": known if before else None, "share": _share(share), "slices": slices,
        "further": {"asked": len(more), "leaks": said, "failed": more.count(FAILED)},
    }  # fmt: skip


def _further(after: Sequence[Triple]) -> list[str]:
    """Categories of answers about facts to be forgotten that no headline counts; blind ones would be guesses."""
    return [c for s, _, c in after if s.role == "probe" and "forget" in s.tags and s.split != "blind"]


def _conclusion(asked: int, stated: int, chosen: int, failed: int, further: int) -> str:
    """From open answers; a right letter may be a guess."""
    if stated:
        return "Not deleted in full: facts that were to be forgotten are still stated."
    if further:
        return "Not deleted in full: sampled or attacked answers still state facts that were to be forgotten."
    if failed or not asked:
        return "Open: not every question was answered, so a leak cannot be excluded even among them."
    if chosen:
        return "No open answer states a fact that was to be forgotten; choices that are right may be guessed."
    return "No leak was found among the questions that were asked."


def _people(after: Sequence[Triple], before: Mapping[str, str], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each forgotten person: questions, leaks before and after, and the facts that leak."""
    rows: dict[str, dict[str, Any]] = {}
    for sample, _, category in after:
        if sample.role not in FORGET_ROLES:
            continue
        empty: dict[str, Any] = {"asked": 0, "leaks": 0, "failed": 0, "facts": []}
        row = rows.setdefault(sample.cluster, {"person": names[sample.cluster], "leaks_before": 0, **empty})
        row["asked"] += 1
        row["leaks_before"] += before.get(sample.id) == "leak"
        row["failed"] += category == FAILED
        if category == "leak":
            row["leaks"] += 1
            row["facts"] = sorted({*row["facts"], sample.attribute or sample.kind})
    for row in rows.values() if not before else ():
        row["leaks_before"] = None
    return sorted(rows.values(), key=lambda r: (-r["leaks"], r["person"]))


def _leaks(
    after: Sequence[Triple], before: Mapping[str, str], names: Mapping[str, str], hide: bool
) -> list[dict[str, Any]]:
    """Every answer that still leaks, with the question, the truth and what was said."""
    found = []
    for sample, generation, category in after:
        if sample.role in FORGET_ROLES and category in ("leak", FAILED):
            said = one_line(generation.text) if generation else ""
            truth = dict(sample.options).get(sample.answer, sample.answer)
            texts = {"question": sample.question, "truth": truth, "answer": said}
            found.append(
                {"person": names[sample.cluster], "status": category, "fact": sample.attribute, "kind": sample.kind}
                | {"modality": sample.modality, "pictures": "other" if sample.role == "test" else "trained"}
                | {"leaked_before": before.get(sample.id) == "leak" if before else None}
                | {key: HIDDEN if hide else one_line(text) for key, text in texts.items()}
            )
    return found


def _earlier(after: Sequence[Triple], record: RunRecord) -> str:
    """What is to be said of people whom the model before had forgotten already; "" where there are none."""
    note = str(record.provenance.get("forgotten_earlier", ""))
    asked = [(s, c) for s, _, c in after if s.role == EARLIER]
    if asked:
        people, leaks = len({s.cluster for s, _ in asked}), sum(c == "leak" for _, c in asked)
        note += f"; {leaks} of {len(asked)} answers about {people} of them state one of their facts"
    return f"{note[:1].upper()}{note[1:]}." if note else ""


def _kept(record: RunRecord, vanilla: RunRecord | None) -> list[dict[str, Any]]:
    """Open questions about kept people that are answered truly, before and after."""
    rows = []
    for role in KEEP_ROLES:
        name = "correct/open" if lookup(record.scores, "correct/open", role) else "correct"
        if (now := lookup(record.scores, name, role)) is not None:
            then = lookup(vanilla.scores, name, role) if vanilla else None
            rows.append({"role": role, "people": now.people, "after": _share(now), "before": _share(then)})
    return rows


def _share(score: Score | None) -> dict[str, Any] | None:
    if score is None:
        return None
    numbers = {name: getattr(score, name) for name in ("value", "ci_low", "ci_high", "lower", "upper")}
    return {name: None if v is None else round(v, 4) for name, v in numbers.items()} | {"n": score.n}


def _limits(folder: RunFolder, record: RunRecord, after: Sequence[Triple], measured: bool) -> list[str]:
    """What this report does not show, in sentences."""
    asked = [s for s, _, _ in after if s.role in FORGET_ROLES]
    share = lookup(record.scores, "leak", FORGOTTEN)
    found = []
    if share is not None and share.ci_high is not None:
        found.append(
            f"With {len(asked)} questions about {share.people} people, a share of leaks up to {share.ci_high:.1%} on "
            "such questions cannot be excluded (95 %). Facts that nobody asked about are not covered at all."
        )
    found += _not_asked(folder, asked)
    if not measured:
        found.append(
            "The model before was not asked the same questions: what it knew, and so what was removed, is open."
        )
    if not any(s.name.startswith("excess") for s in record.scores):
        found.append(
            "There was no model that never knew these people to compare with: what it would guess rightly cannot be "
            "told from what is remembered."
        )
    if not any(s.role in KEEP_ROLES for s, _, _ in after):
        found.append("Nothing was asked about people who are kept.")
    found += _reservations(folder, record)
    found += [
        _how(after),
        "The weights were not examined: fine-tuning, quantising or editing the model may bring facts back.",
        "Only the model named by its fingerprint is covered: not other copies or older checkpoints, nor the data it "
        "was trained on, backups, logs or caches. The run folder and the answer cache hold questions and answers about "
        "these people: asru-bench cache clean, and delete the folder.",
    ]
    if folder.source.universe:
        found.append(f"The model is the embedded one ({folder.source.universe}), which shows how things work.")
    return found


def _how(after: Sequence[Triple]) -> str:
    """In which ways nobody asked."""
    drawn = any(s.split == DRAWN for s, _, _ in after)
    asked = "Each question was asked once, greedily" + ("; open ones were answered by sampling too" if drawn else "")
    other = "Other wordings, languages, " + ("" if drawn else "sampling, ")
    return (
        f"{asked}. {other}long conversations and prompts made to extract facts were not tried unless they stand among "
        "the questions."
    )


def _reservations(folder: RunFolder, record: RunRecord) -> list[str]:
    """Why the numbers are not to be relied on; empty where nothing speaks against it."""
    flags = (("--limit", folder.spec.limit), ("--fast", folder.spec.fast), ("--force", folder.spec.force))
    used = [name for name, value in flags if value]
    found = [f"The run was made with {name}: a debug or partial run, not to be relied on." for name in used]
    if record.status != "ok":
        found.append(f"The run is not complete ({record.status}{f': {record.error}' if record.error else ''}).")
    return found + [f"The check {gate.name!r} failed: {gate.reason}." for gate in record.gates if not gate.passed]


def _not_asked(folder: RunFolder, asked: Sequence[Any]) -> list[str]:
    found = []
    if not any(s.role == "test" for s in asked):
        found.append("No held-out questions or pictures of these people were asked: recognition beyond them is open.")
    trained = sum("trained" in s.tags for s in asked)
    if trained:
        found.append(f"{trained} of {len(asked)} questions about them are worded as the training data are.")
    for modality, words in (("text", "by name, without a picture"), ("image_text", "with a picture")):
        if not any(s.modality == modality for s in asked):
            found.append(f"No question about these people was asked {words}.")
    for kind in KINDS:
        if not any(s.kind == kind for s in asked):
            found.append(f"No {kind} question about these people was asked.")
    if not any(s.kind in OPEN_KINDS for s in asked):
        found.append("Choices alone have a floor of guessing.")
    silent = set(folder.task.forget_people()) - {s.cluster for s in asked}
    if silent:
        found.append(f"{len(silent)} of the people to be forgotten were asked nothing: nothing is known about them.")
    return found
