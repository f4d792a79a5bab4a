"""The result of `judge-check` in words: markdown tables, and one line under a leaderboard's table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from asru_bench.checkset import HERE
from asru_bench.judge_check import FILE, read
from asru_bench.leaderboard import NONE, markdown

KEPT_OUT = "kept out"
#: The goal for the lower limit of kappa.
GOAL = 0.7
SOURCE = (
    "Corrected: (apparent + specificity − 1) / (sensitivity + specificity − 1), Rogan and Gladen 1978, with the "
    "kept-out half's sensitivity and specificity over all methods; limits of Lang and Reiczigel 2014, by person."
)


def text(result: Mapping[str, Any]) -> str:
    """The whole result as markdown."""
    about = result["set"]
    parts = [
        f"{about['answers']} answers: {about['found']} as found, of {len(about['methods'])} methods, and "
        f"{about['written']} written; {about['kept_out']} of them kept out. Both labels of an answer are references, "
        "with half the weight each; intervals (95 %) by person or text.",
        "## Agreement",
        markdown([*_agreement(result)]),
    ]
    for name, judge in result["judges"].items():
        if judge["failed"]:
            parts.append(f"{name}: {judge['failed']} of {judge['asked']} verdicts failed; they are left out.")
        if judge["leaks"]:
            where = "whole runs" if judge["rates_of_runs"] else "this set"
            parts += [f"## Leaks: {name}", markdown([*_leaks(judge["leaks"])]), f"{SOURCE} Rates of {where}."]
    parts += _section("## Position and verbosity", _biases(result), "Twins: second minus first, judge beside labels.")
    parts += _section("## Orders to the judge", _orders(result), "The same answers without and with an order.")
    return "\n\n".join(parts)


def line(folder: Path, settings: Mapping[str, Mapping[str, Any]]) -> str:
    """One sentence about the judges of a table; `settings` by judge. "" where none of them was checked.

    The result in `folder` goes before the one that comes with the package. A judge that was checked in another
    version or with other settings does not count as checked.
    """
    results = [found for place in (folder, HERE) if (found := read(place / FILE))]
    said: dict[str, str] = {}
    answers: dict[int, None] = {}
    for result in results:
        for name, judge in result["judges"].items():
            own = name.partition(":")[0]
            if own in settings and name not in said and _same(own, judge, settings[own]):
                said[name] = f"{name} ({_limits(judge)})"
                answers[result["set"]["kept_out"]] = None
    if not said:
        return ""
    count = " or ".join(map(str, answers))
    return (
        f"Judges checked against two labellers (`judge-check`, {count} answers kept out; lower 95 % limit of kappa): "
        f"{'; '.join(said.values())}."
    )


def _same(name: str, judge: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    from asru_bench.record import plain
    from asru_bench.registry import JUDGES
    from asru_bench.types import AsruBenchError

    try:
        version = JUDGES.get(name).version
    except AsruBenchError:
        return False
    return judge["version"] == version and plain(judge["settings"]) == plain(settings)


def _limits(judge: Mapping[str, Any]) -> str:
    lines = [entry for entry in judge["agreement"] if entry["part"] == KEPT_OUT]
    return ", ".join(f"{entry['measure']} {_number(entry['both']['low'])}" for entry in lines) or NONE


def _agreement(result: Mapping[str, Any]) -> Iterable[list[str]]:
    yield ["judge", "measure", "part", "answers", "kappa [95 %]", "labellers [95 %]", "disputed", "kappa, undisputed"]
    for name, judge in result["judges"].items():
        for entry in judge["agreement"]:
            ceiling = result["labellers"][entry["measure"]].get(entry["part"])
            yield [
                name,
                entry["measure"],
                entry["part"],
                str(entry["items"]),
                _kappa(entry["both"]),
                _kappa(ceiling) if ceiling else NONE,
                str(entry["disputed"]),
                _kappa(entry["settled"]),
            ]


def _leaks(leaks: Iterable[Mapping[str, Any]]) -> Iterable[list[str]]:
    yield ["answers of", "answers", "sensitivity", "specificity", "leak by labels", "by the judge", "corrected"]
    for entry in leaks:
        shares = [_share(entry[key]) for key in ("sensitivity", "specificity")]
        rates = [f"{100 * entry[key]:.1f}" for key in ("labelled", "apparent")]
        yield [entry["source"], str(entry["items"]), *shares, *rates, _share(entry["corrected"], count=False)]


def _biases(result: Mapping[str, Any]) -> Iterable[list[str]]:
    yield ["twins", "judge", "measure", "pairs", "judge moves", "labels move", "excess [95 %]"]
    for name, judge in result["judges"].items():
        for b in judge["bias"]:
            excess = f"{b['excess']:+.2f} [{b['low']:+.2f}, {b['high']:+.2f}]"
            moves = [f"{b['judge']:+.2f}", f"{b['labels']:+.2f}"]
            yield [b["kind"], name, b["measure"], str(b["pairs"]), *moves, excess]


def _orders(result: Mapping[str, Any]) -> Iterable[list[str]]:
    yield ["judge", "measure", "pairs", "failed", "alone", "with order", "shift [95 %]"]
    for name, judge in result["judges"].items():
        for s in judge["injection"]:
            shift = f"{s['shift']:+.2f} [{s['low']:+.2f}, {s['high']:+.2f}]"
            means = [f"{s['before']:.2f}", f"{s['after']:.2f}"]
            yield [name, s["aspect"], str(s["n"]), str(s["failed"]), *means, shift]


def _section(title: str, lines: Iterable[list[str]], words: str) -> list[str]:
    rows = [*lines]
    return [title, markdown(rows), words] if len(rows) > 1 else []


def _kappa(entry: Mapping[str, Any]) -> str:
    if entry["kappa"] is None:
        return NONE
    if entry["low"] is None:
        return f"{entry['kappa']:.2f}"
    return f"{entry['kappa']:.2f} [{entry['low']:.2f}, {entry['high']:.2f}]"


def _share(entry: Mapping[str, Any] | None, *, count: bool = True) -> str:
    if entry is None:
        return NONE
    of = f" of {entry['n']:g}" if count else ""
    return f"{100 * entry['value']:.0f}{of} [{100 * entry['low']:.0f}, {100 * entry['high']:.0f}]"


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f}"
