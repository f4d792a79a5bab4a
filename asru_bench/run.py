"""Executes a plan: references and rows, each unlearn -> generate -> judge -> score -> record. The only
orchestration: training goes on in a child process while the references are evaluated here.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from asru_bench import fingerprint, general, plan, schedule, stages, store
from asru_bench.folder import CHECKPOINT, RunFolder
from asru_bench.plan import Cell, Place, Plan, Texts
from asru_bench.quiet import quiet_libraries
from asru_bench.record import Gate, RunRecord, provenance, read_record, results, write_json
from asru_bench.stages import Session
from asru_bench.trainer import Trainer
from asru_bench.types import AsruBenchError, Cost, RunSpec, Score, Verdict

Say = Callable[[str], None]
#: The knowledge gate: vanilla must know more than base by so many times the smallest detectable difference.
KNOWLEDGE_FACTOR = 2.0


class MissingCells(AsruBenchError):
    """Some rows failed; `records` are those of the others."""

    def __init__(self, message: str, records: list[RunRecord]) -> None:
        super().__init__(message)
        self.records = records


def run(specs: RunSpec | Iterable[RunSpec], place: Place | None = None, texts: Texts | None = None) -> list[RunRecord]:
    """Runs one or several specs and returns a record for each; what is done already is not done again.

    Rows that fail are left out and reported in a `MissingCells` error after all others are finished.
    """
    quiet_libraries()
    wanted = [specs] if isinstance(specs, RunSpec) else list(specs)
    return execute(plan.make(wanted, place or Place(), texts))


def execute(planned: Plan, say: Say | None = None) -> list[RunRecord]:
    """Carries a plan out, while no other run writes into the same store. The records are those of its rows."""
    say = say or _say
    with store.turn(say), store.Store() as cache:
        folders = {cell.folder: RunFolder.create(cell) for cell in planned.cells}
        untrained = [folder for folder in folders.values() if stages.needs_training(folder)]
        with Trainer(untrained, ahead=_may_train_aside(untrained)) as trainer:
            return _Work(planned, folders, Session(cache), trainer, say).all()


def stage(name: str, folder: RunFolder) -> Path:
    """One stage of one folder: generate, judge, general or score; returns the file that it wrote."""
    with store.turn(_say), store.Store() as cache:
        session = Session(cache, workers=_cores(folder))
        if name == "generate":
            stages.generate(folder, session)
            return folder.answers_file
        if name == "judge":
            stages.judge(folder, session)
            return folder.verdicts_file
        if name == "general":
            general.measure(folder, session)
            return folder.path / general.FILE
        score(folder, session)
        return folder.record_file


def score(
    folder: RunFolder, session: Session, oracle: RunRecord | None = None, gates: tuple[Gate, ...] = ()
) -> RunRecord:
    """Stage 4: the record, from verdicts alone; written again only where something that it holds changed."""
    spec, state = folder.spec, folder.state
    judged = state.get("judge", {}).get("key", "")
    others = folder.beside(folder.task.compares)
    compared = {name: other.state["judge"]["key"] for name, other in others.items()}
    asked = {"engine": state["engine"]} if state.get("engine") else {}
    ability = general.read(folder)
    beside = [asked, ability] if ability else [asked]
    key = fingerprint.digest(
        [judged, oracle.people if oracle else None, [asdict(gate) for gate in gates], compared, *beside]
    )
    if judged and folder.done("score", key, folder.record_file):
        return read_record(folder.record_file)
    answers = store.read_generations(folder.answers_file)
    verdicts = store.read_verdicts(folder.verdicts_file)
    source = folder.source
    timed = ("generate", "judge", *(("general",) if ability else ()))
    made = RunRecord(
        spec=asdict(spec),
        spec_hash=fingerprint.spec_hash(spec),
        seed=spec.seed,
        row=plan.row_name(spec),
        universe=source.universe or None,
        costs={"unlearn": folder.cost} | {s: Cost(state.get(s, {}).get("seconds", 0.0)) for s in timed},
        provenance=provenance(_device(folder.place)) | _outside(spec.method) | _data(folder) | asked,
        gates=gates,
        general=tuple(ability),
        curves="curves.jsonl" if (folder.path / "curves.jsonl").is_file() else "",
        **results(
            folder.samples(),
            answers,
            verdicts,
            reference=oracle.people if oracle else None,
            hide=not source.embedded,
            own=_own_scores(folder, verdicts, others),
        ),
    )
    with store.explained(folder.record_file):
        write_json(folder.record_file, made.to_json())
    if judged:
        folder.note("score", key=key)
    return made


def _own_scores(folder: RunFolder, verdicts: list[Verdict], others: dict[str, RunFolder]) -> list[Score]:
    """The task's own scores, under its name."""
    told = {name: store.read_verdicts(other.verdicts_file) for name, other in others.items()}
    made = folder.task.own_scores(folder.samples(), verdicts, told)
    return [replace(score, name=f"{folder.spec.task}.{score.name}") for score in made]


def _data(folder: RunFolder) -> dict[str, Any]:
    """Where hub data came from: id and commit."""
    found = folder.task.provenance()
    return {"data_source": found} if found else {}


def _outside(method: str) -> dict[str, Any]:
    """The source of a method that does not come with the package."""
    from asru_bench.registry import METHODS

    try:
        entry = METHODS.find(method)
    except AsruBenchError:
        return {}
    if entry.origin != "file":
        return {}
    return {"method_source": {"file": entry.path.name, "text": entry.path.read_text(encoding="utf-8")}}


def knowledge_gate(vanilla: RunRecord, base: RunRecord) -> Gate:
    """Whether vanilla knows what is to be forgotten, beyond what the model before can guess."""
    from asru_bench import stats
    from asru_bench.headline import paired
    from asru_bench.scores import Measure, lookup

    role = "forget"
    for name in ("leak/open/image_text", "leak"):
        known, guessed = (lookup(record.scores, name, role) for record in (vanilla, base))
        if known and guessed and known.value is not None and guessed.value is not None:
            break
    else:
        return Gate("knowledge", True, "not checked: base and vanilla share no questions about forgotten people")
    differences, _ = paired({0: vanilla.people}, {0: base.people}, Measure(name, name, role))
    seen = stats.mean_interval(differences)
    needed = KNOWLEDGE_FACTOR * stats.smallest_difference(seen.se, seen.df)
    gap = known.value - guessed.value
    words = f"vanilla knows {known.value:.0%} of what is to be forgotten, base {guessed.value:.0%}"
    if gap > needed:
        return Gate("knowledge", True, words)
    return Gate("knowledge", False, f"{words}; the difference should be above {needed:.0%}")


@dataclass
class _Work:
    planned: Plan
    folders: dict[Path, RunFolder]
    session: Session
    trainer: Trainer
    say: Say
    references: dict[tuple[str, str, int], dict[str, RunRecord]] = field(default_factory=dict)

    def all(self) -> list[RunRecord]:
        """Every cell in order; failures of rows are raised at the end, those of references at once."""
        done: dict[Path, RunRecord] = {}
        failed: list[Cell] = []
        for cell in self.planned.cells:
            try:
                done[cell.folder] = self.one(cell)
            except AsruBenchError as error:
                if cell.reference or len(self.planned.rows) == 1:
                    raise
                failed.append(cell)
                self.say(f"{cell.label} failed: {error}")
        for cell in self.planned.cells:  # oracles that a row is compared with may have come after it
            if cell.folder in done and self.folders[cell.folder].task.compares:
                done[cell.folder] = self._scored(cell)
        records = [done[cell.folder] for cell in self.planned.rows if cell.folder in done]
        if failed:
            names = ", ".join(cell.label for cell in failed)
            raise MissingCells(f"{len(failed)} of {len(self.planned.rows)} runs failed: {names}.", records)
        return records

    def one(self, cell: Cell) -> RunRecord:
        """One cell through all its stages."""
        folder, spec = self.folders[cell.folder], cell.spec
        known = self._known(spec)
        self._gates(cell)  # stops here, before unlearning, where a gate fails
        self.trainer.poll()
        if folder in self.trainer.folders:
            self.trainer.wait(folder)
        stages.unlearn(folder)
        if folder in self.trainer.folders:
            schedule.remember(self.session.store, "unlearn", spec, folder.cost.seconds)
            self.say(f"{cell.label}: unlearned in {folder.cost.seconds:.0f} s")
        self.trainer.poll()
        self.session.workers = 1 if self.trainer.busy else _cores(folder)
        self.session.show_progress = not self.trainer.busy
        started = time.monotonic()
        stages.generate(folder, self.session)
        self.trainer.poll()
        stages.judge(folder, self.session)
        general.measure(folder, self.session)
        record = self._scored(cell)
        if spec.method in plan.REFERENCES:
            known[spec.method] = record
        if not cell.place.keep_checkpoints:
            shutil.rmtree(folder.path / CHECKPOINT, ignore_errors=True)
        if (seconds := time.monotonic() - started) > 1:
            self.say(f"{cell.label}: evaluated in {seconds:.0f} s")
        return record

    def _known(self, spec: RunSpec) -> dict[str, RunRecord]:
        """The records of the references of a spec that are there by now."""
        return self.references.setdefault((spec.task, spec.model, spec.seed), {})

    def _scored(self, cell: Cell) -> RunRecord:
        """The record of a cell whose answers are judged."""
        alone = cell.spec.method in plan.REFERENCES
        oracle = None if alone else self._known(cell.spec).get("retain_oracle")
        return score(self.folders[cell.folder], self.session, oracle, self._gates(cell))

    def _gates(self, cell: Cell) -> tuple[Gate, ...]:
        spec, known = cell.spec, self._known(cell.spec)
        if spec.method in plan.REFERENCES or not {"vanilla", "base"} <= set(known):
            return ()
        gate = knowledge_gate(known["vanilla"], known["base"])
        if not (gate.passed or spec.force or spec.fast or spec.limit):
            raise AsruBenchError(
                f"knowledge gate: {gate.reason}. Nothing can be forgotten that is not known: give another "
                "--vanilla, or go on with --force (never ranked)."
            )
        return (gate,)


def _may_train_aside(folders: list[RunFolder]) -> bool:
    """Whether training may go on beside evaluation: on CPU cores that are not all taken by one process."""
    return bool(folders) and all(_cores(folder) > 1 for folder in folders)


def _cores(folder: RunFolder) -> int:
    """Processes that may work at once: all cores where each uses one thread, else one."""
    from asru_bench.models import pick_device

    aside = folder.source.threads == 1 and pick_device(folder.place.device).type == "cpu"
    return len(os.sched_getaffinity(0)) if aside and hasattr(os, "sched_getaffinity") else 1


def _device(place: Place) -> str:
    import torch

    from asru_bench.models import pick_device

    device = pick_device(place.device)
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
