"""What a plan still has to do, and about how long it takes: `asru-bench plan`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asru_bench import fingerprint, general
from asru_bench.folder import RunFolder
from asru_bench.plan import Cell, Plan
from asru_bench.types import RunSpec

if TYPE_CHECKING:
    from asru_bench.store import Store

#: Seconds where nothing was measured yet: cautious values of a two-core machine and the embedded model.
GUESSES = {"unlearn": 90.0, "generate": 0.02, "judge": 0.01, "general": 30.0}
#: Stages whose time is kept in all, not for each question.
WHOLE = ("unlearn", "general")


@dataclass(frozen=True)
class Step:
    """One stage of one run. `state` is done, given or to do; `measured` says where the estimate is from."""

    cell: Cell
    stage: str
    state: str
    seconds: float = 0.0
    measured: bool = False


def steps(planned: Plan, cache: Store) -> list[Step]:
    """All stages of all runs in their order."""
    return [step for cell in planned.cells for step in _steps(cell, cache)]


def text(planned: Plan, todo: list[Step]) -> str:
    """The steps as a table, the folders and the sum."""
    lines = [f"{'run':<28} {'stage':<9} {'state':<6} {'estimate':>9}"]
    for step in todo:
        note = "" if step.state != "to do" else f"{step.seconds:8.0f}s{'' if step.measured else ' (guess)'}"
        label = f"{step.cell.label}{' (reference)' if step.cell.reference else ''}"
        lines.append(f"{label:<28} {step.stage:<9} {step.state:<6} {note}".rstrip())
    total = sum(step.seconds for step in todo if step.state == "to do")
    lines += ["", f"about {total:.0f} s of work in all"]
    return "\n".join([*lines, *(f"  {cell.folder}" for cell in planned.cells)])


def announcement(planned: Plan, todo: list[Step]) -> str:
    """One line before a run starts."""
    names = ", ".join(cell.label for cell in planned.rows)
    total = sum(step.seconds for step in todo if step.state == "to do")
    length = f"about {total:.0f} s of work" if total else "done already"
    return f"{names}: {length}; results in {planned.rows[0].folder.parents[1]}"


def remember(cache: Store, stage: str, spec: RunSpec, seconds: float) -> None:
    """Keeps how long a stage took (unlearn, general: in all; generate, judge: per question)."""
    if seconds > 0:
        cache.put("notes", {_key(stage, spec): seconds})


def _steps(cell: Cell, cache: Store) -> list[Step]:
    folder = RunFolder(cell.folder, cell.spec, cell.place, cell.given)
    state, count = folder.state, None
    found = []
    asked = ("general",) if cell.spec.general else ()
    for stage in ("unlearn", "generate", "judge", *asked, "score"):
        if stage == "general" and not general.done(folder):
            found.append(Step(cell, stage, "to do", *_seconds(stage, cell.spec, cache)))
        elif stage in state or (stage == "score" and folder.record_file.is_file()):
            found.append(Step(cell, stage, "done"))
        elif stage == "unlearn" and cell.given:
            found.append(Step(cell, stage, "given"))
        else:
            count = len(folder.samples()) if count is None else count
            each, measured = _seconds(stage, cell.spec, cache)
            found.append(Step(cell, stage, "to do", each if stage in WHOLE else each * count, measured))
    return found


def _seconds(stage: str, spec: RunSpec, cache: Store) -> tuple[float, bool]:
    key = _key(stage, spec)
    known = cache.get("notes", [key])
    return (float(known[key]), True) if known else (GUESSES.get(stage, 0.0), False)


def _key(stage: str, spec: RunSpec) -> str:
    """Speeds are kept for each method (unlearn) or model (generate), on this number of cores."""
    what: list[object] = [spec.decoding, spec.engine]
    if stage in WHOLE:
        what = [spec.method, spec.method_config, spec.fast] if stage == "unlearn" else [spec.general]
    return f"speed:{stage}:" + fingerprint.digest([what, spec.model_hash, os.cpu_count()])
