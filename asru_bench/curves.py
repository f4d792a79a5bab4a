"""Curves of training: what a method logged step by step, as a picture (SVG), as CSV and in words.

Every method that trains through `training.optimise` logs its loss, the terms of it and the learning rate; `ctx.log`
adds what else a method wants to show.
"""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from asru_bench.types import AsruBenchError

FILE = "curves.jsonl"
#: What is no curve: how far, how long, and how batches were divided.
BESIDE = ("stage", "step", "seconds", "microbatch")
#: A panel of the picture, in pixels, and what stands around its lines.
WIDE, HIGH, LEFT, TOP, BOTTOM, GAP = 360, 170, 52, 26, 24, 16
COLOUR = "#3b7fd0"
STYLE = (
    "text{font:11px system-ui,sans-serif;fill:#333}.head{font-weight:600;font-size:12px}.axis{stroke:#8888}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}}"
)


@dataclass(frozen=True)
class Curve:
    """One number of one stage over its steps."""

    stage: str
    name: str
    points: tuple[tuple[int, float], ...]

    @property
    def words(self) -> str:
        """Its steps, and the number at the first and the last of them."""
        (first, start), (last, end) = self.points[0], self.points[-1]
        return f"{self.stage}, {self.name}: {start:.4g} at step {first}, {end:.4g} at step {last}"


def entries(folder: Path) -> list[dict]:
    """What was logged, in the order of the steps of each stage; of a step that was taken again, the last.

    A run that goes on is read from its working folder; one that shares another's training, from that one.
    """
    file = next((place / FILE for place in _places(folder) if (place / FILE).is_file()), None)
    if file is None:
        raise AsruBenchError(
            f"{folder} has no curves: nothing was trained there, or its method logs nothing (ctx.log in unlearn, or a "
            "LossUnlearner, writes them)."
        )
    found: dict[tuple[str, int], dict] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
            key = (str(entry["stage"]), int(entry["step"]))
        except (ValueError, KeyError, TypeError):
            continue  # the last line of a run that was stopped may be cut
        found[key] = found.pop(key, {}) | entry
    stages = list(dict.fromkeys(stage for stage, _ in found))
    return [found[key] for key in sorted(found, key=lambda key: (stages.index(key[0]), key[1]))]


def curves(logged: Sequence[dict]) -> list[Curve]:
    """Every number that was logged at two steps or more; what was not finite is left out."""
    found: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for entry in logged:
        for name, value in entry.items():
            if name not in BESIDE and isinstance(value, int | float):
                found.setdefault((str(entry["stage"]), name), []).append((int(entry["step"]), float(value)))
    return [Curve(*key, tuple(points)) for key, points in found.items() if len(points) > 1]


def write(folder: Path) -> tuple[list[str], list[Path]]:
    """Writes curves.svg and curves.csv into a run folder; returns each curve in words, and the files."""
    from asru_bench.store import write_text

    logged = entries(folder)
    drawn = curves(logged)
    files = [folder / "curves.csv"]
    write_text(files[0], table(logged))
    if drawn:
        files.append(folder / "curves.svg")
        write_text(files[1], svg(drawn, f"{folder.parent.name} · {folder.name}"))
    return [curve.words for curve in drawn], files


def table(logged: Sequence[dict]) -> str:
    """CSV: a line for each step, a column for each number."""
    names = list(dict.fromkeys(["stage", "step", "seconds", *(name for entry in logged for name in entry)]))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(logged)
    return stream.getvalue()


def svg(drawn: Sequence[Curve], title: str, columns: int = 2) -> str:
    """A picture with a panel for each curve, for light and dark pages."""
    columns = max(1, min(columns, len(drawn)))
    width = columns * (WIDE + GAP) + GAP
    height = 34 + -(-len(drawn) // columns) * (HIGH + GAP)
    panels = [
        _panel(curve, GAP + i % columns * (WIDE + GAP), 34 + i // columns * (HIGH + GAP))
        for i, curve in enumerate(drawn)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{html.escape(title)}"><style>{STYLE}</style>\n'
        + _text(GAP, 20, title, 'class="head"')
        + "\n".join(panels)
        + "\n</svg>\n"
    )


def _panel(curve: Curve, x: float, y: float) -> str:
    steps, values = [step for step, _ in curve.points], [value for _, value in curve.points]
    low, high = min(values), max(values)
    left, right, top, bottom = x + LEFT, x + WIDE - 8, y + TOP, y + HIGH - BOTTOM

    def place(step: int, value: float) -> str:
        across = (step - steps[0]) / (steps[-1] - steps[0])
        up = (value - low) / (high - low) if high > low else 0.5
        return f"{left + across * (right - left):.1f},{bottom - up * (bottom - top):.1f}"

    line = " ".join(place(*point) for point in curve.points)
    edge = 'text-anchor="end"'
    return "\n".join(
        [
            _text(x, y + 14, f"{curve.stage}: {curve.name}", 'class="head"'),
            f'<path d="M{left} {top}V{bottom}H{right}" fill="none" class="axis"/>',
            f'<polyline points="{line}" fill="none" stroke="{COLOUR}" stroke-width="1.5"><title>'
            f"{html.escape(curve.words)}</title></polyline>",
            *([_text(left - 6, top + 4, f"{high:.3g}", edge)] if high > low else []),
            _text(left - 6, bottom if high > low else (top + bottom) / 2 + 4, f"{low:.3g}", edge),
            _text(left, bottom + 16, f"step {steps[0]}"),
            _text(right, bottom + 16, str(steps[-1]), edge),
        ]
    )


def _places(folder: Path) -> list[Path]:
    """Where the curves of a run may lie, the surest first."""
    found = [folder, folder / "work"]
    try:
        path = json.loads((folder / "state.json").read_text(encoding="utf-8"))["unlearn"]["path"]
    except (OSError, ValueError, KeyError, TypeError):
        return found
    return [*found, (folder / path).parent] if str(path).startswith("..") else found


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{html.escape(words)}</text>'
