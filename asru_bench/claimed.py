"""Hallucination as lines of the table at the end of a run: what is said about forgotten people that is false."""

from __future__ import annotations

from collections.abc import Mapping

from asru_bench import hallucination
from asru_bench.leaderboard import NONE, REFERENCES, Row, share_text
from asru_bench.scores import FORGOTTEN, People
from asru_bench.types import Score

PART = "open/image_text"
BASE, STRANGERS = "base", "strangers"
RATES = {
    "false, of all": f"{hallucination.NAME}/{PART}",
    "false, of asserted": f"{hallucination.NAME}.of_asserting/{PART}",
    "swapped, of false": f"{hallucination.NAME}.swap/{PART}",
}
#: Shifts: against whom, and the role that both are asked in.
SHIFTS = {"vanilla": FORGOTTEN, BASE: "forget"}


def claimed_lines(rows: Mapping[str, Row], digits: int) -> list[list[str]]:
    """A label and one cell a row; [] where the judge was not asked. Base is asked about strangers' faces."""
    tallies = {label: {r.seed: r.claims for r in row.records if r.claims} for label, row in rows.items()}
    if not any(tallies.values()):
        return []
    lines = []
    for title, name in RATES.items():
        roles = [STRANGERS if row.name == BASE else FORGOTTEN for row in rows.values()]
        found = [hallucination.pooled(tally, name, role) for tally, role in zip(tallies.values(), roles, strict=True)]
        lines.append([title, *(share_text(score, digits) for score in found)])
    for name, role in SHIFTS.items():
        others = {
            seed: people for label, row in rows.items() if row.name == name for seed, people in tallies[label].items()
        }
        cells = [
            NONE if row.name in REFERENCES else _shift(tallies[label], others, name, role, digits)
            for label, row in rows.items()
        ]
        lines.append([f"false, minus {name}'s", *cells])
    return lines


def _shift(tally: Mapping[int, People], others: Mapping[int, People], name: str, role: str, digits: int) -> str:
    """A shift in points with its interval; a seed is compared with the same one, else with the first."""
    pairs = {seed: (found, others.get(seed) or others[min(others)]) for seed, found in tally.items()} if others else {}
    score: Score | None = hallucination.shift(pairs, name, PART, role)
    return share_text(score, digits)
