"""What a plan still has to do and what it takes: hours, memory, disk, each measured or estimated."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from asru_bench import fingerprint, general, pace, work
from asru_bench.folder import RunFolder
from asru_bench.plan import Cell, Plan
from asru_bench.room import amount
from asru_bench.types import Checkpoint, RunSpec

if TYPE_CHECKING:
    from asru_bench.estimate import Need
    from asru_bench.store import Store

    #: The needs of a cell's stages, by stage; {} where they are not known.
    Needs = Callable[[Cell, RunFolder], Mapping[str, Need]]

#: Seconds that the embedded model takes on two cores, where nothing was measured on this machine yet: for each
#: question, and in all for `unlearn` of a method that does not say how much it trains, and for `general`.
GUESSES = {"unlearn": 90.0, "generate": 0.005, "judge": 0.001, "general": 30.0, "score": 0.001}
#: The same once in a run for each stage, whatever the number of questions, and for each process that trains.
FIRST = {"generate": 4.0, "judge": 2.0, "score": 1.0}
START = 6.0
#: The same for each sequence that a method trains on, only reads, or has sampled and trains on.
SEQUENCE = {"trained": 0.013, "read": 0.003, "sampled": 0.004}
#: Stages whose time is kept in all, not for each question.
WHOLE = ("unlearn", "general")


@dataclass(frozen=True)
class Step:
    """One stage of one run. `state` is done, given or to do; `measured` says where `seconds` are from.

    `seconds` are None where nobody knows. `memory` and `disk` in bytes; memory is None where it is not known and
    `peak` is that of an earlier run.
    """

    cell: Cell
    stage: str
    state: str
    seconds: float | None = 0.0
    measured: bool = False
    memory: float | None = None
    peak: int = 0
    disk: float = 0.0


def steps(planned: Plan, cache: Store, needs: Needs | None = None) -> list[Step]:
    """All stages of all runs in their order; `needs` estimates what was not measured."""
    found = [step for cell in planned.cells for step in _steps(cell, cache, needs)]
    for stage in FIRST:
        first = next((i for i, step in enumerate(found) if (step.stage, step.state) == (stage, "to do")), None)
        if first is not None and found[first].seconds is not None:
            known = pace.known(cache, f"first {stage}", [()])
            guess = FIRST[stage] if _folder(found[first].cell).source.embedded else 0.0
            more = known[0] if known else guess
            found[first] = replace(found[first], seconds=(found[first].seconds or 0.0) + more)
    return found


def text(planned: Plan, todo: list[Step]) -> str:
    """The steps as a table, the folders and the sum."""
    width = max((len(_label(step)) for step in todo), default=27) + 1
    lines = [f"{'run':<{width}} {'stage':<9} {'state':<6} {'time':>20} {'memory':>20} {'disk':>8}"]
    for step in todo:
        figures = f"{_time(step):>20} {_memory(step):>20} {_size(step.disk):>8}" if step.state == "to do" else ""
        lines.append(f"{_label(step):<{width}} {step.stage:<9} {step.state:<6} {figures}".rstrip())
    waiting = [step for step in todo if step.state == "to do"]
    total = duration(sum(step.seconds or 0.0 for step in waiting))
    unknown = sum(step.seconds is None for step in waiting)
    more = f", without {unknown} stages of unknown length" if unknown else ""
    disk = sum(step.disk for step in waiting)
    lines += ["", f"about {total} of work in all{more}" + (f", {_size(disk)} of disk" if disk else "")]
    return "\n".join([*lines, *(f"  {cell.folder}" for cell in planned.cells)])


def _label(step: Step) -> str:
    return f"{step.cell.label}{' (reference)' if step.cell.reference else ''}"


def duration(seconds: float) -> str:
    """Seconds in words: `7s`, `12 min`, `3.1 h`."""
    if seconds < 120:
        return f"{seconds:.0f}s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def announcement(planned: Plan, todo: list[Step]) -> str:
    """One line before a run starts."""
    names = ", ".join(cell.label for cell in planned.rows)
    waiting = [step for step in todo if step.state == "to do"]
    if any(step.seconds is None for step in waiting):
        length = "no run of this kind was measured here yet (`asru-bench plan` estimates its length)"
    else:
        length = f"about {duration(_elapsed(waiting))}" if waiting else "done already"
        if waiting and not any(step.measured for step in waiting):
            length += " (nothing of this kind was measured on this machine yet)"
    return f"{names}: {length}; results in {planned.rows[0].folder.parents[1]}"


def _elapsed(waiting: list[Step]) -> float:
    """Seconds from start to end: where there are cores for it, training goes on beside the evaluation of the rest."""
    from asru_bench.run import may_train_aside

    trained = [step for step in waiting if step.stage == "unlearn"]
    training = sum(step.seconds or 0.0 for step in trained)
    evaluating = sum(step.seconds or 0.0 for step in waiting if step.stage != "unlearn")
    if not may_train_aside([_folder(step.cell) for step in trained]):
        return training + evaluating
    last = sum(s.seconds or 0.0 for s in waiting if trained and s.cell is trained[-1].cell and s.stage != "unlearn")
    return max(training + last, evaluating)


def scopes(stage: str, spec: RunSpec) -> list[object]:
    """Under what a measurement of a stage is kept, from the narrowest to the widest; see `pace.py`."""
    model = spec.model_hash
    if stage == "unlearn":  # in all
        asked = [spec.task, spec.task_config, spec.limit, spec.fast]
        return [[spec.method, spec.method_config, spec.train, asked, model]]
    if stage == "training":  # as a multiple of what its work was estimated to take
        return [[spec.method, spec.train, model], [spec.train, model], model]
    if stage == "judge":
        return [[spec.judges, spec.judge_config], "any"]
    if stage == "general":
        return [[spec.general, model]]
    if stage in ("generate", "known"):
        return [[spec.decoding, spec.engine, spec.dtype, model]]
    return ["start", model] if stage == "start" else ["any"]


def remember(cache: Store, stage: str, spec: RunSpec, seconds: float, units: float = 1.0) -> None:
    """Keeps how long a stage took (unlearn, general: in all; generate, judge: per question); `memory`: bytes."""
    if stage == "memory":
        cache.put("notes", {_key(stage, spec): seconds})
    else:
        pace.remember(cache, stage, scopes(stage, spec), seconds, units)


def remember_training(cache: Store, folder: RunFolder, seconds: float, aside: float | None = None) -> None:
    """Keeps what unlearning took: `seconds`, their share of what was estimated, and what its process took beside."""
    remember(cache, "unlearn", folder.spec, seconds)
    if prior := prior_of(folder):
        remember(cache, "training", folder.spec, seconds, prior)
    if aside is not None and aside > 0:
        remember(cache, "start", folder.spec, aside)


def training_seconds(folder: RunFolder, cache: Store, prior: float | None) -> tuple[float | None, bool]:
    """(what unlearning takes, whether it was measured); what other methods took of their `prior` scales this one's."""
    if exact := pace.known(cache, "unlearn", scopes("unlearn", folder.spec)):
        return exact[0], True
    ratio = pace.known(cache, "training", scopes("training", folder.spec))
    return (prior * ratio[0] if prior and ratio else prior), False


def prior_of(folder: RunFolder) -> float | None:
    """What the work of unlearning is estimated to take before anything was measured; None where nobody knows."""
    if folder.source.embedded:
        return _guess("unlearn", folder)
    from asru_bench.estimate import needs_of

    need = needs_of(folder).get("unlearn")
    return need.seconds if need else None


def _folder(cell: Cell) -> RunFolder:
    return RunFolder(cell.folder, cell.spec, cell.place, cell.given)


def _steps(cell: Cell, cache: Store, needs: Needs | None) -> list[Step]:
    folder = _folder(cell)
    state = folder.state
    found: list[Step] = []
    needed: Mapping[str, Need] | None = None
    asked = ("general",) if cell.spec.general else ()
    for stage in ("unlearn", "generate", "judge", *asked, "score"):
        settled = stage in state and not state[stage].get("unsettled")
        if stage == "general":
            settled = general.done(folder)
        if settled or (stage == "score" and folder.record_file.is_file()):
            found.append(Step(cell, stage, "done"))
        elif stage == "unlearn" and cell.given:
            found.append(Step(cell, stage, "given"))
        else:
            needed = (needs(cell, folder) if needs else {}) if needed is None else needed
            found.append(_to_do(cell, stage, folder, cache, needed.get(stage)))
    return found


def _to_do(cell: Cell, stage: str, folder: RunFolder, cache: Store, need: Need | None) -> Step:
    """Measured time where there is one, else what `need` says, else a guess for the embedded model."""
    if stage == "unlearn":
        prior = need.seconds if need else _guess(stage, folder)
        seconds, measured = training_seconds(folder, cache, prior)
        start = pace.known(cache, "start", ["start", folder.spec.model_hash])
        if seconds is not None:
            seconds += start[0] if start else START if folder.source.embedded else 0.0
    else:
        seconds, measured = _measured(stage, folder, cache)
        seconds = need.seconds if need and not measured else seconds
    if need is None:
        return Step(cell, stage, "to do", seconds, measured)
    from asru_bench.estimate import peak_before

    peak = peak_before(folder) if stage == "unlearn" else int(_known(cache, _key("memory", cell.spec)) or 0)
    return Step(cell, stage, "to do", seconds, measured, need.memory, peak, need.disk)


def _measured(stage: str, folder: RunFolder, cache: Store) -> tuple[float | None, bool]:
    """(seconds of a stage that trains nothing, whether they come from measurements)."""
    spec, asked = folder.spec, "known" if stage == "generate" and _answers_known(folder, cache) else stage
    found = pace.known(cache, asked, scopes(asked, spec)) or pace.known(cache, stage, scopes(stage, spec))
    each = found[0] if found else _guess(stage, folder)
    if each is None:
        return None, False
    return each if stage in WHOLE else each * len(folder.samples()), found is not None


def _answers_known(folder: RunFolder, cache: Store) -> bool:
    """Whether the store holds the answers of a model that is given: another run asked for them, into another folder."""
    if not folder.given:
        return False
    from asru_bench.stages import answers_note

    checkpoint = Checkpoint(folder.given, fingerprint.model_hash(folder.given))
    return bool(cache.get("notes", [answers_note(folder, checkpoint)]))


def _time(step: Step) -> str:
    return "not known" if step.seconds is None else f"{duration(step.seconds)} {_mark(step.measured)}"


def _memory(step: Step) -> str:
    if step.peak:
        return f"{_size(step.peak)} {_mark(True)}"
    return "" if step.memory is None else f"{_size(step.memory)} {_mark(False)}"


def _mark(measured: bool) -> str:
    return "measured" if measured else "estimated"


def _size(count: float) -> str:
    if not count:
        return ""
    if count < 5e7:
        return amount(count)
    return f"{count / 1e9:.1f} GB" if count < 1e10 else f"{count / 1e9:.0f} GB"


def _known(cache: Store, key: str) -> float | None:
    found = cache.get("notes", [key])
    return float(found[key]) if found else None


def _guess(stage: str, folder: RunFolder) -> float | None:
    """Seconds of a stage that was never measured: in all, or for each question; None where nobody knows."""
    if not folder.source.embedded:
        return 0.0 if stage == "score" else None
    done = work.of(folder.spec, folder.task) if stage == "unlearn" else None
    if done is None:
        return GUESSES[stage]
    plain = done.trained - done.sampled
    return SEQUENCE["trained"] * plain + SEQUENCE["read"] * done.read + SEQUENCE["sampled"] * done.sampled


def _key(stage: str, spec: RunSpec) -> str:
    """Memory is kept for each model, on this number of cores."""
    what: list[object] = [spec.decoding, spec.engine, spec.dtype]
    return f"speed:{stage}:" + fingerprint.digest([what, spec.model_hash, os.cpu_count()])
