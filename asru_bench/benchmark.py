"""A benchmark's own numbers (`Task.own_scores`) as lines of a table, one column a row of records."""

from __future__ import annotations

from collections.abc import Sequence

from asru_bench.leaderboard import NONE, Row
from asru_bench.types import Score

#: row label -> (measure, set or "") -> the scores of all seeds
Found = dict[str, dict[tuple[str, str], list[Score]]]


def own_lines(rows: Sequence[Row]) -> list[list[str]]:
    """A head, then one line for each set with its measures side by side and one for each number without a set.

    [] where no record has such scores. Values are means over seeds, with three decimals and without the zero before
    the point; "(2 failed)" where judges broke, in the seed with most. The head's first cell names the measures.
    """
    found: Found = {row.label: _own(row) for row in rows}
    longest_first = sorted(found.values(), key=len, reverse=True)
    keys = list(dict.fromkeys(key for scores in longest_first for key in scores))
    if not keys:
        return []
    measures = list(dict.fromkeys(measure for measure, of in keys if of))
    lines = [[", ".join(measures).replace("_", " "), *found]]
    for of in dict.fromkeys(of for _, of in keys if of):
        asked = [measure for measure in measures if (measure, of) in keys]
        lines.append([of, *(_cells([scores.get((m, of)) for m in asked]) for scores in found.values())])
    for key in keys:
        if not key[1]:
            lines.append([key[0], *(_cells([scores.get(key)]) for scores in found.values())])
    return [lines[0], *([line[0].replace("_", " "), *line[1:]] for line in lines[1:])]


def _own(row: Row) -> dict[tuple[str, str], list[Score]]:
    found: dict[tuple[str, str], list[Score]] = {}
    for record in row.records:
        prefix = f"{record.spec.get('task')}."
        for score in record.scores:
            if score.name.startswith(prefix):
                measure, _, of = score.name.removeprefix(prefix).partition("/")
                found.setdefault((measure, of), []).append(score)
    return found


def _cells(several: Sequence[Sequence[Score] | None]) -> str:
    return " ".join(_cell(scores) for scores in several) if any(several) else NONE


def _cell(scores: Sequence[Score] | None) -> str:
    values = [s.value for s in scores or () if s.value is not None]
    failed = max((s.counts.get("failed", 0) for s in scores or ()), default=0)
    mean = round(sum(values) / len(values), 3) + 0.0 if values else 0.0  # never -0.000
    text = f"{mean:.3f}".replace("0.", ".", 1) if values else NONE
    return f"{text} ({failed} failed)" if failed else text
