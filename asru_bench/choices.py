"""Choices as lines of a table, read in both ways: one role a line, one column a row of records."""

from __future__ import annotations

from collections.abc import Sequence

from asru_bench.leaderboard import NONE, Row
from asru_bench.scores import FORGOTTEN, MODALITIES, counts, lookup
from asru_bench.types import KEEP_ROLES, Score

JUDGE = "choice_text"
TITLE = "Choices: per cent right, by letter / by the likeliest text"


def choice_lines(rows: Sequence[Row]) -> list[list[str]]:
    """A head, then a line for each role; [] where no record has the second reading.

    Cells are means over seeds, "(2 failed)" where options had no likelihood; the chance level stands with the role.
    """
    if not any(s.name == JUDGE for row in rows for record in row.records for s in record.scores):
        return []
    lines = [["choices", *(row.label for row in rows)]]
    for role in (FORGOTTEN, *KEEP_ROLES):
        cells = [_cell(row, role) for row in rows]
        if any(cell != NONE for cell in cells):
            chance = _mean([s for row in rows for s in _scores(row, f"{JUDGE}.chance", role)])
            label = "forgotten" if role == FORGOTTEN else role.replace("_", " ")
            lines.append([label if chance is None else f"{label} (chance {100 * chance:.0f})", *cells])
    return lines if len(lines) > 1 else []


def _cell(row: Row, role: str) -> str:
    letter, scores = _letter(row, role), _scores(row, JUDGE, role)
    if letter is None and not scores:
        return NONE
    text = _mean(scores)
    failed = max((s.counts.get("failed", 0) for s in scores), default=0)
    both = " / ".join(NONE if share is None else f"{100 * share:.0f}" for share in (letter, text))
    return f"{both} ({failed} failed)" if failed and text is not None else both


def _letter(row: Row, role: str) -> float | None:
    """Share of right letters among all answers, of all seeds and both modalities."""
    measure = "leak" if role == FORGOTTEN else "correct"
    names = [f"{measure}/classification/{modality}" for modality in MODALITIES]
    found = [cell for people in row.by_seed.values() for name in names for cell in counts(people, name, role).values()]
    return sum(k for k, _ in found) / sum(n for _, n in found) if found else None


def _scores(row: Row, name: str, role: str) -> list[Score]:
    return [score for record in row.records if (score := lookup(record.scores, name, role))]


def _mean(scores: Sequence[Score]) -> float | None:
    values = [s.value for s in scores if s.value is not None]
    return sum(values) / len(values) if values else None
