"""Response accounting: what every answer is, exactly one thing, as stacked shares per role; as text and as a picture.

The parts are the categories of `types.CATEGORIES`, with *invented* split by what the judge `hallucination` found:
swapped, free, unsupported, and the rest that is not split (a wrong letter, or the judge was not asked). In the tables
of forgotten people stands base on strangers' faces: what a model says that never knew anybody is what behaviour
should come back to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from asru_bench.grounding import FREE, SWAPPED, UNSUPPORTED
from asru_bench.leaderboard import Row, boards, load, markdown, pool
from asru_bench.record import RunRecord
from asru_bench.scores import FAILED, FORGOTTEN, People, counts, roles_in
from asru_bench.shown import escaped
from asru_bench.types import CATEGORIES, LEAK_ROLES, AsruBenchError

SPLIT = (SWAPPED, FREE, UNSUPPORTED)
#: The parts in the order in which they are stacked.
PARTS = tuple(
    part
    for category in (*CATEGORIES, FAILED)
    for part in ([f"invented: {kind}" for kind in SPLIT] if category == "invented" else [])
    + ["invented: other" if category == "invented" else category]
)
COLOURS = {
    "leak": "#c63a2f", "correct": "#3d9a50", "degenerate": "#9a4fb5", "refused": "#3b7fd0",
    "invented: swapped": "#b3660f", "invented: free": "#d8952f", "invented: unsupported": "#e6c15a",
    "invented: other": "#c9ad7f", "vague": "#9aa0a6", "unparsable": "#c5c9ce", FAILED: "#222222",
}  # fmt: skip
SLICES = {
    "open/image_text": "open questions with a picture",
    "open/text": "open questions by name",
    "classification": "choices",
}
BASE, STRANGERS = "base", "strangers"
#: Below this width labels have no room beside their bars.
NARROW = 500
#: Where base's answers to strangers stand beside the others'.
_ORDER = {"base on strangers": 0, BASE: 1, "vanilla": 2, "retain_oracle": 4}


@dataclass(frozen=True)
class Bar:
    """One row: its label and how many of its answers are each part; the counts add up to all answers."""

    label: str
    counts: Mapping[str, int]

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    def share(self, part: str) -> float:
        return self.counts.get(part, 0) / self.n


@dataclass(frozen=True)
class Figure:
    """The bars of one role and slice of its questions."""

    role: str
    part: str
    bars: tuple[Bar, ...]

    @property
    def title(self) -> str:
        return f"{self.role}: {SLICES[self.part]}"

    @property
    def parts(self) -> list[str]:
        return [part for part in PARTS if any(bar.counts.get(part) for bar in self.bars)]


def figures(rows: Sequence[Row]) -> list[Figure]:
    """One figure for each role and slice that was asked; the seeds of a row are added."""
    tallies = {row.label: [(r.people, r.claims) for r in row.records] for row in _sorted(rows)}
    base = [(r.people, r.claims) for row in rows if row.name == BASE for r in row.records]
    roles = list(dict.fromkeys(role for found in tallies.values() for people, _ in found for role in roles_in(people)))
    made = []
    for role in roles:
        for part in SLICES:
            bars = [Bar(label, _counts(found, role, part)) for label, found in tallies.items()]
            if role in (*LEAK_ROLES, FORGOTTEN):
                bars.insert(0, Bar("base on strangers", _counts(base, STRANGERS, part)))
            if bars := [bar for bar in bars if bar.n]:
                made.append(Figure(role, part, tuple(bars)))
    return made


def table(figure: Figure) -> str:
    """The figure as markdown: one line a row, per cent of its answers, which add up to 100."""
    lines = [["per cent of answers", *figure.parts, "answers"]]
    lines += [[b.label, *(f"{100 * b.share(p):.1f}" for p in figure.parts), str(b.n)] for b in figure.bars]
    return markdown(lines)


def svg(figure: Figure, width: int = 760) -> str:
    """The figure as a picture: one stacked bar a row, a legend below; for light and dark pages.

    In a narrow one labels stand above their bars.
    """
    narrow = width < NARROW
    left, bar, gap = 8 if narrow else 150, 22, 10
    scale = (width - left - 60) / 100
    parts, y = [], 40
    for row in figure.bars:
        x = float(left)
        if narrow:
            parts.append(_text(left, y + 11, row.label))
            y += 17
        else:
            parts.append(_text(left - 8, y + 15, row.label, 'text-anchor="end"'))
        for name in figure.parts:
            share = 100 * row.share(name)
            if share:
                tip = f"<title>{escaped(row.label)}: {name} {share:.1f} %</title>"
                parts.append(
                    f'<rect x="{x:.1f}" y="{y}" width="{share * scale:.1f}" height="{bar}" fill="{COLOURS[name]}">{tip}'
                    "</rect>"
                )
                if share >= 7:
                    middle = x + share * scale / 2
                    parts.append(_text(middle, y + 15, f"{share:.0f}", 'text-anchor="middle" class="in"'))
            x += share * scale
        parts.append(_text(width - 52, y + 15, f"n = {row.n}"))
        y += bar + gap
    legend, y = _legend(figure.parts, left, y + 14, width)
    style = (
        "text{font:12px system-ui,sans-serif;fill:#333}.in{fill:#fff}.head{font-weight:600;font-size:14px}"
        "@media(prefers-color-scheme:dark){text{fill:#ddd}}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" width="{width}" height="{y}" role="img" '
        f'aria-label="{escaped(figure.title)}"><style>{style}</style>\n'
        + _text(8, 20, figure.title, 'class="head"')
        + "\n".join([*parts, *legend])
        + "\n</svg>\n"
    )


def write(folder: Path, out: Path | None = None) -> str:
    """The tables of all records below a folder as markdown; with `out`, a folder, also the pictures there."""
    records, unreadable = load(folder)
    if not records:
        why = f" ({unreadable[0]})" if unreadable else ""
        raise AsruBenchError(f"no record below {folder}{why}; `asru-bench run` makes one, or name another folder.")
    lines, made = [], 0
    for board in boards(records):
        rows = [*board.references, *(row for row, _ in board.judged)]
        lines.append(f"# {board.title}")
        for figure in figures(rows):
            lines.append(f"## {figure.title}\n\n{table(figure)}")
            if out:
                from asru_bench.store import write_text

                made += 1
                write_text(out / _slug(board.title) / f"{_slug(figure.title)}.svg", svg(figure), public=True)
    if out:
        lines.append(f"{made} pictures written below {out}.")
    return "\n\n".join(lines)


def beside(record: RunRecord, records: Iterable[RunRecord]) -> list[Row]:
    """The rows that stand in one table with a record and have its seed."""
    found = [r for r in records if r.seed == record.seed and r.spec_hash != record.spec_hash]
    for board in boards([record, *found]):
        together = [r for row in (*board.references, *(row for row, _ in board.judged)) for r in row.records]
        if record in together:
            kept = [r for r in together if r is record or r.row in _ORDER]
            return pool(kept)
    return []


def _sorted(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: _ORDER.get(row.name, 3))


def _counts(tallies: Iterable[tuple[People, People]], role: str, part: str) -> dict[str, int]:
    """Answers of each part; what `claims` does not split stays together."""
    found: dict[str, int] = {}
    for people, claims in tallies:
        for category in (*CATEGORIES, FAILED):
            found[category] = found.get(category, 0) + _total(people, category, role, part)
        for kind in SPLIT:
            split = _total(claims, f"invented:{kind}", role, part)
            found[f"invented: {kind}"] = found.get(f"invented: {kind}", 0) + split
    found["invented: other"] = found.pop("invented", 0) - sum(found.get(f"invented: {kind}", 0) for kind in SPLIT)
    return {name: n for name, n in found.items() if n}


def _total(people: People, category: str, role: str, part: str) -> int:
    if part == "classification":
        return sum(_total(people, category, role, f"classification/{m}") for m in ("image_text", "text"))
    return sum(k for k, _ in counts(people, f"{category}/{part}", role).values())


def _legend(parts: Sequence[str], left: int, y: int, width: int) -> tuple[list[str], int]:
    """The legend's elements and where the picture ends."""
    found, x = [], left
    for name in parts:
        needed = 26 + 7 * len(name)
        if x + needed > width:
            x, y = left, y + 20
        found.append(f'<rect x="{x}" y="{y}" width="12" height="12" fill="{COLOURS[name]}"/>')
        found.append(_text(x + 17, y + 11, name))
        x += needed
    return found, y + 28


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y}" {more}>{escaped(words)}</text>'


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
