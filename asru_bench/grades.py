"""Mean grades of the graded judges as lines of a table: one line an aspect and judge, one column a row of records."""

from __future__ import annotations

from collections.abc import Sequence

from asru_bench.aspects import ASPECTS
from asru_bench.leaderboard import NONE, Row
from asru_bench.scores import FORGOTTEN, lookup
from asru_bench.types import Score

#: Where the grades of an aspect are read: open image questions about forgotten people; strangers for base.
SLICE = "/generation/image_text"
STRANGERS = "strangers"
KEPT = "retain_unseen"


def grade_lines(rows: Sequence[Row]) -> list[list[str]]:
    """A head, then a line for each judge and aspect that some record has; [] where there is none.

    Cells are means over seeds, "(2 failed)" where verdicts failed. Grades are shown as they are, never as ratios.
    """
    names = {s.name.partition("/")[0] for row in rows for record in row.records for s in record.scores}
    graded = sorted(name for name in names if "." in name and name.rpartition(".")[2] in ASPECTS)
    graded = [name for name in graded if not name.startswith("agreement.")]
    if not graded:
        return []
    lines = [["grades, more is better", *(row.label for row in rows)]]
    for name in graded:
        judge, _, aspect = name.rpartition(".")
        scale = ASPECTS[aspect]
        label = f"{judge}: {aspect.replace('_', ' ')} {scale.low} to {scale.high}"
        cells = [_cell(row, name, aspect) for row in rows]
        if any(cell != NONE for cell in cells):
            lines.append([label, *cells])
    return lines if len(lines) > 1 else []


def agreement_lines(rows: Sequence[Row]) -> list[str]:
    """One sentence for each two judges and aspect of the first row that has them: kappa with its interval."""
    found: dict[str, str] = {}
    for row in rows:
        for score in row.records[0].scores if row.records else ():
            if score.name.startswith("agreement."):
                found.setdefault(score.name, _agreement(score.name, row.label, score))
    return list(found.values())


def _cell(row: Row, name: str, aspect: str) -> str:
    role = KEPT if aspect == "factuality" else STRANGERS if row.name == "base" else FORGOTTEN
    scores = [s for record in row.records if (s := lookup(record.scores, name + SLICE, role))]
    values = [s.value for s in scores if s.value is not None]
    failed = max((s.counts.get("failed", 0) for s in scores), default=0)
    text = f"{sum(values) / len(values):.2f}" if values else NONE
    return f"{text} ({failed} failed)" if failed else text


def _agreement(name: str, label: str, score: Score) -> str:
    aspect, _, judges = name.removeprefix("agreement.").partition("/")
    one, other = judges.split("~")
    where = f"{one} and {other} on {aspect.replace('_', ' ')} ({label}, {score.n} answers)"
    if score.value is None:
        return f"{where}: one grade throughout, so kappa says nothing."
    limits = f" [{score.ci_low:.2f}, {score.ci_high:.2f}]" if score.ci_low is not None else ""
    return f"{where}: kappa {score.value:.2f}{limits}."
