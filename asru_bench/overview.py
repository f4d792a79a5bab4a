"""The table at the end of a run: its lines and columns, without those that say nothing, and what its words mean."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from asru_bench import aspects
from asru_bench import headline as hl
from asru_bench.choices import JUDGE as CHOICE_TEXT
from asru_bench.claimed import claimed_lines
from asru_bench.config import shown
from asru_bench.leaderboard import NONE, REFERENCES, Row, points, share_text
from asru_bench.record import RunRecord
from asru_bench.scores import CLASSIFYING, FORGOTTEN, HEADLINE, Measure, lookup
from asru_bench.types import EARLIER, KEEP_ROLES, PROBE, Score

#: A line of a table: its label and its cells; a line without cells is the heading of a section.
Line = tuple[str, Sequence[str]]
#: The other things that may be said about forgotten people, beside leak and refused.
INSTEAD = tuple(Measure(c, f"{c}/open/image_text", FORGOTTEN) for c in ("invented", "vague", "degenerate"))
SECTIONS = (
    ("forgotten people", (*HEADLINE[:2], *INSTEAD)),
    ("kept", HEADLINE[2:5]),
    ("elsewhere", HEADLINE[5:]),
)
#: What is still told of people whom vanilla forgot in an earlier run.
GONE = Measure("forgotten earlier", "leak/open", EARLIER)
#: What the model before, who never knew anybody, says to faces that nobody knows.
STRANGERS = "strangers"
BASE = "base"
#: Questions about forgotten people in the order of preference: the first that were asked are shown.
PARTS = {
    "open/image_text": "open questions with a picture",
    "open/text": "open questions by name",
    "classification": "choices",
}
JUDGES_TITLE = "Numbers of judges: means over answers"


def lines_of(rows: Mapping[str, Row], digits: int) -> tuple[list[str], list[Line]]:
    """The heads and lines of the main table; what no column has a number for is left out, columns too."""
    part, base_role = asked_part(rows), _base_role(rows)
    lines: list[Line] = []
    methods = [row for row in rows.values() if row.name not in REFERENCES] or list(rows.values())
    for title, measures in SECTIONS:
        shown = [m for m in (_of_part(m, part) for m in measures) if m]
        sizes = hl.resolution([row.by_seed for row in methods], shown)
        lines.append((title, ()))
        for m in shown:
            cells = [share_text(_value(row, m, base_role), digits) for row in rows.values()]
            lines.append((m.label, [*cells, _differ(sizes.get(m.id))]))
        if measures[0] is HEADLINE[0]:
            cells = [NONE if row.name == BASE else row.without_leak for row in rows.values()]
            lines.append(("people leak-free", [*cells, ""]))
            if any(row.share(GONE) for row in rows.values()):
                lines.append((GONE.label, [*(share_text(row.share(GONE), digits) for row in rows.values()), ""]))
    lines.append(("hallucination", ()))
    lines += [(label, [*cells, ""]) for label, *cells in claimed_lines(rows, digits)]
    lines.append(("training", ()))
    lines.append(("seconds", [*(NONE if r.seconds is None else f"{r.seconds:.0f}" for r in rows.values()), ""]))
    heads = [*(_head(label, row, base_role) for label, row in rows.items()), "differ"]
    return _without_empty(heads, lines, methods=[r.name != BASE for r in rows.values()])


def facts(record: RunRecord) -> list[tuple[str, str]]:
    """What was run, of one record: names and values for a page."""
    spec = record.spec
    settings = {key: value for key, value in dict(spec.get("method_config") or {}).items() if value is not None}
    found = [
        ("method", record.row), ("seed", str(record.seed)), ("task", _with(spec.get("task"), spec.get("task_config"))),
        ("model", f"{spec.get('model')}{f' (embedded universe {record.universe})' if record.universe else ''}"),
        ("settings", ", ".join(f"{key}={shown(value)}" for key, value in settings.items())),
        ("not ranked", "; ".join(hl.bars([record]))),
        ("software", f"asru-bench {record.provenance.get('versions', {}).get('asru-bench', '')}".strip()),
        ("run", record.spec_hash[:12]),
    ]  # fmt: skip
    return [(name, text) for name, text in found if text]


def _with(name: Any, settings: Mapping[str, Any] | None) -> str:
    told = ", ".join(f"{key}={shown(value)}" for key, value in dict(settings or {}).items() if value not in (None, ""))
    return f"{name} ({told})" if told else str(name)


def asked_part(rows: Mapping[str, Row]) -> str:
    """Which questions about forgotten people the table shows: the first of `PARTS` that any row was asked."""
    for part in PARTS:
        names = [f"leak/{part}"] if part != "classification" else [f"leak/{part}/{m}" for m in ("image_text", "text")]
        if any(row.share(Measure("", name, FORGOTTEN)) for row in rows.values() for name in names):
            return part
    return next(iter(PARTS))


def meanings(rows: Mapping[str, Row], heads: Sequence[str]) -> list[str]:
    """What the table's numbers and words mean, one sentence each, of those that stand in it."""
    asked = PARTS[asked_part(rows)]
    found = [f"Per cent [95 % interval by person] of all answers; about forgotten people and strangers, of {asked}."]
    if "base on strangers" in heads:
        found.append("base on strangers: what the model that never knew anybody answers about faces that nobody knows.")
    if "differ" in heads:
        found.append(
            f"differ: the smallest difference in points that this many people can show (80 % power); {NONE}: too few "
            "people to show any."
        )
    return found


def judge_lines(rows: Sequence[Row]) -> list[list[str]]:
    """A head, then a line for each role and judge that measures and has no table of its own; [] where there is none.

    The number is the judge's `value`, or each of its measures where it has no value: a mean over answers and seeds.
    """
    names = {s.name.partition("/")[0] for row in rows for record in row.records for s in record.scores}
    judges = list(dict.fromkeys(j for row in rows for r in row.records for j in r.spec.get("judges", ())))
    lines = [["mean", *(row.label for row in rows)]]
    for judge in judges:
        measures = sorted(name for name in names if name.startswith(f"{judge}."))
        graded = any(name.rpartition(".")[2] in aspects.ASPECTS for name in measures)
        if judge in (*CLASSIFYING, CHOICE_TEXT, PROBE) or graded:
            continue
        for name in [judge] if judge in names else measures:
            for role in (FORGOTTEN, *KEEP_ROLES, STRANGERS):
                cells = [_mean_cell(row, name, role) for row in rows]
                if any(cell != NONE for cell in cells):
                    lines.append([f"{name}, {'forgotten' if role == FORGOTTEN else role.replace('_', ' ')}", *cells])
    return lines if len(lines) > 1 else []


def _mean_cell(row: Row, name: str, role: str) -> str:
    """The mean over seeds, and how many verdicts failed."""
    found = [s for record in row.records if (s := lookup(record.scores, name, role))]
    values = [s.value for s in found if s.value is not None]
    failed = max((s.counts.get("failed", 0) for s in found), default=0)
    if not values:
        return f"– ({failed} failed)" if failed else NONE
    text = f"{sum(values) / len(values):.3g}"
    return f"{text} ({failed} failed)" if failed else text


def _of_part(measure: Measure, part: str) -> Measure | None:
    """A column's measure on the questions that were asked; None for what then stands there already."""
    if part == "open/image_text":
        return measure
    if measure.name == "leak/open/text":
        return None if part == "open/text" else measure
    return replace(measure, name=measure.name.replace("open/image_text", part))


def _differ(share: float | None) -> str:
    return NONE if share is None or share > 1 or math.isnan(share) else points(share)


def _without_empty(heads: list[str], lines: list[Line], methods: Sequence[bool]) -> tuple[list[str], list[Line]]:
    """Without lines, headings and columns (of references and the last one) that hold no number."""
    full = [(label, cells) for label, cells in lines if not cells or any(c not in (NONE, "") for c in cells[:-1])]
    kept = [line for i, line in enumerate(full) if line[1] or (i + 1 < len(full) and full[i + 1][1])]
    said = [any(cells[i] not in (NONE, "") for _, cells in kept if cells) for i in range(len(heads))]
    said = [has or own for has, own in zip(said, [*methods, False], strict=True)]
    return (
        [head for head, has in zip(heads, said, strict=True) if has],
        [(label, [c for c, has in zip(cells, said, strict=True) if has] if cells else ()) for label, cells in kept],
    )


def _head(label: str, row: Row, base_role: str) -> str:
    if row.name == BASE:
        return "base on strangers" if base_role == STRANGERS else BASE
    return label.replace("_", " ")


def _base_role(rows: Mapping[str, Row]) -> str:
    """Whom base's answers are about: strangers' faces, and where none were asked, the people to be forgotten."""
    asked = any(STRANGERS in people for row in rows.values() if row.name == BASE for people in row.by_seed.values())
    return STRANGERS if asked else FORGOTTEN


def _value(row: Row, measure: Measure, base_role: str) -> Score | Any:
    """A score; for base, in place of what is said about forgotten people, what it says to strangers."""
    name = measure.name
    if row.name == BASE and measure.role == FORGOTTEN and base_role == STRANGERS:
        return _share(row, replace(measure, name=name.replace("leak", "correct", 1), role=STRANGERS))
    return _share(row, measure)


def _share(row: Row, measure: Measure) -> Score | None:
    """Of choices both modalities, whichever was asked."""
    if not measure.name.endswith("/classification"):
        return row.share(measure)
    found = [row.share(replace(measure, name=f"{measure.name}/{m}")) for m in ("image_text", "text")]
    return next(filter(None, found), None)
