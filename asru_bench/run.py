"""Executes a plan: references and rows, each unlearn -> generate -> judge -> score -> record. The only
orchestration: training goes on in a child process while the references are evaluated here.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from asru_bench import (
    checked,
    controls,
    fingerprint,
    gates,
    general,
    judging,
    locks,
    plan,
    recording,
    reporting,
    requests,
    schedule,
    sealed,
    shown,
    stages,
    store,
    unforeseen,
)
from asru_bench.folder import CHECKPOINT, SAME, RunFolder
from asru_bench.plan import Cell, Place, Plan, Texts
from asru_bench.quiet import quiet_libraries
from asru_bench.record import Gate, RunRecord, read_record
from asru_bench.session import Session
from asru_bench.trainer import Limit, Trainer
from asru_bench.types import AsruBenchError, RunSpec

Say = Callable[[str], None]


class MissingCells(AsruBenchError):
    """Some rows failed, or a judge failed on all answers of a row; `records` are those that are there."""

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


@store.private()
def execute(planned: Plan, say: Say | None = None) -> list[RunRecord]:
    """Carries a plan out, beside other runs of the same home. The records are those of its rows."""
    say, since = say or shown.say, time.time()
    with store.Store() as cache:
        checked.require(((cell.spec, cell.place) for cell in planned.cells), say)
        folders = {cell.folder: RunFolder.create(cell, planned.command) for cell in planned.cells}
        for words in dict.fromkeys(recording.earlier(folder) for folder in folders.values()):
            if words:
                say(words)
        judging.probe((f.spec, f.place.desk) for f in folders.values() if "generate" not in f.state)
        trainings = sorted({folder.training_key for folder in folders.values()})
        with locks.present("run", trainings=trainings):
            waiting = [folder for folder in folders.values() if stages.needs_training(folder)]
            untrained = list({folder.training_key: folder for folder in reversed(waiting)}.values())[::-1]
            limits = {folder.path: limit for folder in untrained if (limit := limit_of(folder, cache))}
            session = Session(cache)
            with Trainer(untrained, may_train_aside(untrained), limits, since, say) as trainer:
                records = _Work(planned, folders, session, trainer, say).all()
            session.meter.close()
            return records


def limit_of(folder: RunFolder, cache: store.Store | None = None) -> Limit | None:
    """How long unlearning may take: as typed, else a multiple of its estimate; None where nobody wants a limit."""
    typed = folder.place.max_seconds
    if typed is not None:
        return Limit(typed) if typed else None
    if cache is None:
        with store.Store() as opened:
            return limit_of(folder, opened)
    seconds, _ = schedule.training_seconds(folder, cache, schedule.prior_of(folder))
    if seconds is None:
        return Limit(plan.LONGEST, "--max-seconds by default, where no estimate is known")
    why = f"--max-seconds by default: {plan.TIMES} times the estimate, at least {plan.SHORTEST:.0f}"
    return Limit(max(plan.TIMES * seconds, plan.SHORTEST), why)


@store.private()
def stage(name: str, folder: RunFolder) -> Path:
    """One stage of one folder: generate, judge, general or score; returns the file that it wrote."""
    with locks.present(name, trainings=[folder.training_key]), store.Store() as cache:
        session = Session(cache, workers=_cores(folder))
        if name == "generate":
            stages.generate(folder, session)
            return folder.answers_file
        if name == "judge":
            verdicts = stages.judge(folder, session)
            failed = judging.failures(verdicts, store.read_generations(folder.answers_file))
            if problems := judging.throughout({plan.row_name(folder.spec): failed}):
                raise AsruBenchError(f"{'; '.join(problems)}.")
            return folder.verdicts_file
        if name == "general":
            general.measure(folder, session)
            return folder.path / general.FILE
        _score_alone(folder, session)
        return folder.record_file


def _score_alone(folder: RunFolder, session: Session) -> RunRecord:
    """`score` as `run` does it, with the records that lie beside: of the references, and of an oracle made otherwise
    than by default, where the record at hand was compared with one."""
    spec, here = folder.spec, folder.path.resolve()
    number, count = requests.number_of(spec)
    own = Cell(spec, folder.place, here, folder.given, step=number < count)
    place = replace(folder.place, out=str(here.parents[min(3, len(here.parents) - 1)]))
    near = [c for c in plan.references(spec, place, folder.source) if (c.folder / "record.json").is_file()]
    beside = {cell.folder: sealed.read(cell.folder / "record.json") for cell in near if cell.folder != here}
    folders = {cell.folder: RunFolder.open(cell.folder) for cell in near if cell.folder != here} | {here: folder}
    cells = (*(cell for cell in near if cell.folder != here), own)
    work = _Work(Plan(cells), folders, session, Trainer([]), shown.say)
    for cell in near:
        alike = cell.spec.control == spec.control and cell.spec.seed == spec.seed
        if alike and (found := beside.get(cell.folder) or sealed.kept(folder.record_file)):
            work.remember(cell.spec, found)
    if _had_oracle(folder):
        for other in folder.beside(("retain_oracle",)).values():
            if "retain_oracle" not in work.known(spec) and other.record_file.is_file():
                work.remember(replace(other.spec, seed=spec.seed), sealed.read(other.record_file))
    made = work.scored(own)
    if spec.method in plan.REFERENCES and spec.method not in work.known(spec):  # its gate reads its own record
        work.remember(spec, made)
        made = work.scored(own)
    return made


def _had_oracle(folder: RunFolder) -> bool:
    """Whether the record was compared with an oracle; where it is lost or damaged, one that lies beside is taken."""
    if not folder.record_file.is_file():
        return "score" in folder.state
    try:
        return any(s.name.startswith("excess") for s in read_record(folder.record_file).scores)
    except AsruBenchError:
        return True


@dataclass
class _Work:
    planned: Plan
    folders: dict[Path, RunFolder]
    session: Session
    trainer: Trainer
    say: Say
    references: dict[str, dict[str, RunRecord]] = field(default_factory=dict)

    def all(self) -> list[RunRecord]:
        """Every cell in order; failures of rows are raised at the end, those of references at once."""
        done: dict[Path, RunRecord] = {}
        failed: list[Cell] = []
        for cell in self.planned.cells:
            try:
                done[cell.folder] = self.one(cell)
            except Exception as error:
                if cell.reference or len(self.planned.rows) == 1:
                    raise
                failed.append(cell)
                self.say(f"{cell.label} failed: {unforeseen.sentence(error)}")
        for cell in self.planned.cells:  # oracles and controls that a row is compared with may have come after it
            folder = self.folders[cell.folder]
            if cell.folder in done and (folder.task.compares or folder.control(controls.BLIND)):
                done[cell.folder] = self.scored(cell)
                if cell.spec.method in plan.REFERENCES:
                    self.remember(cell.spec, done[cell.folder])
            if cell.folder in done and not cell.place.keep_checkpoints:
                _drop_checkpoint(folder)
        for cell in self.planned.rows:
            if cell.folder in done:
                reporting.send_scores(self.folders[cell.folder], done[cell.folder])
        records = [done[cell.folder] for cell in self.planned.rows if cell.folder in done]
        names = ", ".join(cell.label for cell in failed)
        problems = [f"{len(failed)} of {len(self.planned.rows)} runs failed: {names}"] if failed else []
        labels = {cell.folder: cell.label for cell in self.planned.cells}
        broken = {labels[place]: record.provenance.get("judge_failures", {}) for place, record in done.items()}
        if problems := [*problems, *judging.throughout(broken)]:
            raise MissingCells(f"{'; '.join(problems)}.", records)
        return records

    def one(self, cell: Cell) -> RunRecord:
        """One cell through all its stages."""
        folder, spec = self.folders[cell.folder], cell.spec
        self._gates(cell)  # stops here, before unlearning, where a gate fails
        self.trainer.poll()
        if folder in self.trainer.folders:
            self.trainer.wait(folder)
            if stages.needs_training_since(folder, self.trainer.since):
                raise AsruBenchError(
                    f"{cell.label}: its process ended without a checkpoint, as if the method had called "
                    f"os._exit(); expected `unlearn` to return a model. See {folder.path / 'unlearn.log'}."
                )
        aside = self.trainer.beside(folder)
        stages.unlearn(folder, self.trainer.since)
        if folder in self.trainer.folders:
            schedule.remember_training(self.session.store, folder, folder.cost.seconds, aside)
            self.say(f"{cell.label}: unlearned in {folder.cost.seconds:.0f} s")
        if opened := folder.state.get("unlearn", {}).get("notes", {}).get("opened"):
            self.say(f"{cell.label}: its method opened what it is not given ({'; '.join(opened[:3])}); not ranked")
        self.trainer.poll()
        self.session.workers = 1 if self.trainer.busy else _cores(folder)
        self.session.show_progress = not self.trainer.busy
        started = time.monotonic()
        stages.generate(folder, self.session)
        self.trainer.poll()
        stages.judge(folder, self.session)
        general.measure(folder, self.session)
        record = self.scored(cell)
        if spec.method in plan.REFERENCES:
            self.remember(spec, record)
        if not (cell.place.keep_checkpoints or self._needed_later(cell)):
            _drop_checkpoint(folder)
        if (seconds := time.monotonic() - started) > 1:
            self.say(f"{cell.label}: evaluated in {seconds:.0f} s")
        return record

    def remember(self, spec: RunSpec, record: RunRecord) -> None:
        """Notes the record of a reference, for the rows that are compared with it."""
        self.known(spec)[spec.method] = record

    def _needed_later(self, cell: Cell) -> bool:
        """Whether a control or a later request reads this cell's checkpoint."""
        plain = cell.spec.control == "none"
        return cell.step or (plain and any(c.spec.control != "none" for c in self.planned.cells))

    def known(self, spec: RunSpec) -> dict[str, RunRecord]:
        """The records of the references of a spec that are there by now: of equal questions, model and seed."""
        same = [getattr(spec, name) for name in SAME]
        return self.references.setdefault(fingerprint.digest([*same, spec.model, spec.seed]), {})

    def _blind_vanilla(self, spec: RunSpec) -> RunRecord | None:
        """The record of vanilla without pictures: of this plan, or of an earlier one."""
        for cell, folder in zip(self.planned.cells, self.folders.values(), strict=True):
            alike = cell.spec.method == "vanilla" and self.known(cell.spec) is self.known(spec)
            if alike and (other := folder.control(controls.BLIND)):
                return sealed.read(other.record_file)
        return None

    def scored(self, cell: Cell) -> RunRecord:
        """The record of a cell whose answers are judged."""
        alone = cell.spec.method in plan.REFERENCES or cell.step
        known = {} if alone else self.known(cell.spec)
        return recording.score(self.folders[cell.folder], self.session, known, self._gates(cell))

    def _gates(self, cell: Cell) -> tuple[Gate, ...]:
        """The gates of a row; raises `AsruBenchError` where vanilla does not know enough and nobody said --force."""
        spec, known = cell.spec, self.known(cell.spec)
        if spec.control != "none":
            return ()
        found = []
        blind = self._blind_vanilla(spec)
        if spec.method not in plan.REFERENCES and (gate := self._knowledge(cell, known, blind)):
            found.append(gate)
            if not (gate.passed or spec.force or spec.fast or spec.limit):
                raise AsruBenchError(
                    f"knowledge gate: {gate.reason}. Nothing can be forgotten that is not known: give another "
                    "--vanilla, or go on with --force (never ranked)."
                )
        if blind and "vanilla" in known and spec.method != "base":
            found.append(gates.image(known["vanilla"], blind))
        return tuple(found)

    def _knowledge(self, cell: Cell, known: dict[str, RunRecord], blind: RunRecord | None) -> Gate | None:
        """The knowledge gate of a row, None where the references to judge it by are missing."""
        vanilla, folder = known.get("vanilla"), self.folders[cell.folder]
        if vanilla is None:
            return None
        if own := _own_gate(folder):
            return own
        if folder.task.reference == "never_knew":
            return gates.knowledge_of_all(vanilla, blind, folder.samples(), folder.task.world())
        names = {"base": "base", "retain_oracle": "the retain oracle"}
        compared = {words: known[name] for name, words in names.items() if name in known}
        return gates.knowledge(vanilla, compared) if compared else None


def _drop_checkpoint(folder: RunFolder) -> None:
    """Deletes a checkpoint that need not be kept, unless another run that is at work may read it."""
    if not any(folder.training_key in other.facts.get("trainings", ()) for other in locks.others()):
        shutil.rmtree(folder.path / CHECKPOINT, ignore_errors=True)


def _own_gate(folder: RunFolder) -> Gate | None:
    """The knowledge gate that the task itself has, from the verdicts on its vanilla's answers."""
    vanilla = folder.beside(("vanilla",)).get("vanilla")
    found = folder.task.gate(vanilla.samples(), store.read_verdicts(vanilla.verdicts_file)) if vanilla else None
    return Gate("knowledge", *found) if found else None


def may_train_aside(folders: list[RunFolder]) -> bool:
    """Whether training may go on beside evaluation: on CPU cores that are not all taken by one process."""
    return bool(folders) and all(_cores(folder) > 1 for folder in folders)


def _cores(folder: RunFolder) -> int:
    """Processes that may work at once: all cores where each uses one thread, else one."""
    from asru_bench.models import pick_device

    aside = folder.source.threads == 1 and pick_device(folder.place.device).type == "cpu"
    return len(os.sched_getaffinity(0)) if aside and hasattr(os, "sched_getaffinity") else 1
