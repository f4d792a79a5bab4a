"""General ability as lines of a table: one task a line, one column a row of records."""

from __future__ import annotations

from collections.abc import Sequence

from asru_bench.leaderboard import NONE, Row
from asru_bench.types import Ability

TITLE = "General ability (lm-eval): per cent ± standard error over documents"


def general_lines(rows: Sequence[Row]) -> list[list[str]]:
    """A head, then one line for each task and metric; [] where no record has results.

    Values are means over seeds; the standard error is the mean of theirs, since seeds share the documents. What gave
    no number says failed or unsupported.
    """
    found = {row.label: _by_task(row) for row in rows}
    tasks = list(dict.fromkeys(task for results in found.values() for task in results))
    if not tasks:
        return []
    lines = [["general ability", *found]]
    for task in tasks:
        told = [one for results in found.values() for one in results.get(task, ())]
        metric = next((one.metric for one in told if one.metric), "")
        sizes = "/".join(sorted({str(one.n) for one in told if one.n}))
        label = " ".join(part for part in (task, metric.partition(",")[0], f"n={sizes}" if sizes else "") if part)
        lines.append([label, *(_cell(results.get(task, []), metric) for results in found.values())])
    return lines


def reasons(rows: Sequence[Row]) -> list[str]:
    """A sentence for each result without a number."""
    return [
        f"{row.label}, {one.task} {one.status}: {one.reason}."
        for row in rows
        for results in _by_task(row).values()
        for one in results
        if one.status != "ok"
    ]


def _by_task(row: Row) -> dict[str, list[Ability]]:
    found: dict[str, list[Ability]] = {}
    for record in row.records:
        for one in record.general:
            found.setdefault(one.task, []).append(one)
    return found


def _cell(results: Sequence[Ability], metric: str) -> str:
    values = [one.values[metric] for one in results if metric in one.values]
    errors = [one.errors[metric] for one in results if metric in one.errors]
    broken = [one.status for one in results if one.status != "ok"]
    if not values:
        return broken[0] if broken else NONE
    text = f"{100 * sum(values) / len(values):.1f}"
    text += f" ± {100 * sum(errors) / len(errors):.1f}" if errors else ""
    return f"{text} ({len(broken)} {broken[0]})" if broken else text
