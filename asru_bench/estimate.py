"""What a run needs before it starts: hours, memory and disk of every stage, each measured or estimated.

Estimated time is arithmetic: 2 operations for each parameter and token forwards, 4 backwards (2 where only adapters
train), a device's speed, and assumed shares of it. Estimated memory adds weights, optimiser, cache and activations
(34 numbers of two bytes for each token, layer and hidden unit: arXiv 2205.05198, without attention scores, which the
kernels do not keep).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench import machines, plan, sizes, work
from asru_bench.engines import BATCH
from asru_bench.fit import LESS_MEMORY
from asru_bench.machines import GB, Machine
from asru_bench.record import read_record
from asru_bench.room import amount
from asru_bench.sizes import Sizes
from asru_bench.types import AsruBenchError, RunSpec, Sample
from asru_bench.work import Work

if TYPE_CHECKING:
    from asru_bench.folder import RunFolder
    from asru_bench.plan import Cell, Plan
    from asru_bench.training import OptimConfig

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
#: Shares of the speed of a large matrix product that a pass over many tokens reaches; an assumption.
FORWARD, BACKWARD = 0.6, 0.6
#: Seconds that one layer takes to be started for one token, whatever the batch; an assumption for GPUs.
LAYER_START = 0.5e-3
#: Share of the limit of new tokens that answers use on average; an assumption.
ANSWERED = 0.4
#: What a process holds on a GPU beside tensors.
CONTEXT = 1.0 * GB
#: Characters of English text for one token; an assumption.
CHARACTERS = 4.0
TEMPLATE_TOKENS = 20
#: Pictures that are opened to learn their size.
LOOKED_AT = 20


@dataclass(frozen=True)
class Need:
    """One stage of one run: seconds, bytes of memory while it works and of disk that stays; None = not known.

    `least` is memory without which it cannot work: weights, gradients and optimiser.
    """

    seconds: float | None
    memory: float | None
    disk: float
    least: float = 0.0


@dataclass(frozen=True)
class Shape:
    """The mean question of a task: tokens of its text, of its picture, patches of that, share with a picture."""

    text: float
    picture: float
    patches: float
    pictures: float
    distinct: float
    new: float


class Estimator:
    """Needs of the stages of a model's runs on a machine."""

    def __init__(self, model: str, machine: Machine, dtype: str = "float32", probed: float = 1.0) -> None:
        """`probed`: how many times as long as estimated a probe took."""
        self.model, self.machine, self.dtype, self.probed = model, machine, dtype, probed

    @cached_property
    def sizes(self) -> Sizes:
        return sizes.of(self.model)

    @property
    def weights(self) -> float:
        """Bytes of the weights in the run's precision."""
        return float(self.sizes.parameters * BYTES[self.dtype])

    def generate(self, samples: Sequence[Sample], shape: Shape, batch: int | None = None, count: int = 1) -> Need:
        """All answers to `samples` on `count` devices."""
        size = batch or BATCH["cuda" if self.machine.gpu else "cpu"]
        each = self._forward(shape.text + shape.picture * shape.distinct, shape.patches * shape.distinct)
        steps = shape.new * self._step(size) / size
        tokens = shape.text + shape.picture + shape.new
        memory = self.weights + size * tokens * self.sizes.cache * BYTES[self.dtype] + self._logits(size)
        memory += self._passing(size * tokens)
        return Need(len(samples) * (each + steps) * self.probed / count, memory + self._context, 0.0, self.weights)

    def train(self, done: Work | None, shape: Shape, train: str) -> Need:
        """A method's training; its checkpoint is the disk that it takes."""
        known = self.sizes
        own = known.adapter if train == "lora" else known.parameters
        disk = float(own * 4 if train == "lora" else self.weights)
        state = 16.0 * own - (0.0 if train == "lora" else self.weights)  # master weights, gradients, two moments
        least = self.weights + state
        if done is None:
            return Need(None, None, disk, least)
        tokens = shape.text + shape.picture * shape.pictures + done.answer
        patches = shape.patches * shape.pictures
        forward = self._forward(tokens, patches)
        backward = forward * (1.0 if train == "lora" else 2.0) * FORWARD / BACKWARD
        decoding = done.sampled * done.answer * self._step(done.together) / max(1, done.together)
        seconds = done.trained * (forward + backward) + done.read * forward + decoding
        models = 1 + done.frozen
        memory = models * self.weights + state + self._kept(done.at_once * tokens) + self._context
        return Need(seconds * self.probed, memory, disk, least + done.frozen * self.weights)

    @property
    def _context(self) -> float:
        return CONTEXT if self.machine.gpu else 0.0

    def _forward(self, tokens: float, patches: float) -> float:
        """Seconds of one pass over so many tokens and patches of pictures."""
        operations = 2.0 * (self.sizes.active * tokens + self.sizes.vision * patches)
        return operations / (self.machine.flops * FORWARD)

    def _step(self, batch: int) -> float:
        """Seconds of one new token for a whole batch: arithmetic, weights through the memory, or starting kernels."""
        arithmetic = 2.0 * self.sizes.active * batch / (self.machine.flops * FORWARD)
        moved = self.sizes.active * BYTES[self.dtype] / self.machine.bandwidth
        start = LAYER_START * self.sizes.layers if self.machine.gpu else 0.0
        return max(arithmetic, moved, start)

    def _logits(self, rows: float) -> float:
        return 3.0 * rows * self.sizes.vocabulary * 4

    def _passing(self, tokens: float) -> float:
        """Activations of one layer, which the next one overwrites."""
        return 34.0 * tokens * self.sizes.hidden * BYTES[self.dtype] / 2

    def _kept(self, tokens: float) -> float:
        """Activations of all layers, kept for the way back, and the logits of every token."""
        return self._passing(tokens) * self.sizes.layers + self._logits(tokens)


def shape_of(samples: Sequence[Sample], decoding: Any, pictures: sizes.Pictures) -> Shape:
    """The mean question of `samples`; opens the first `LOOKED_AT` pictures for their size."""
    from asru_bench.data import open_image

    shown = [sample for sample in samples if sample.prompt.image is not None]
    refs = list(dict.fromkeys(sample.prompt.image for sample in shown))
    opened = [open_image(ref).size for ref in refs[:LOOKED_AT] if ref is not None]
    each = sum(pictures.tokens(*size) for size in opened) / len(opened) if opened else 0.0
    count = max(1, len(samples))
    text = sum(len(s.prompt.system) + len(s.prompt.question) for s in samples) / count / CHARACTERS
    limits = sum(getattr(decoding, sample.kind) for sample in samples) / count
    return Shape(
        text=text + TEMPLATE_TOKENS,
        picture=each,
        patches=each * pictures.merged,
        pictures=len(shown) / count,
        distinct=len(refs) / count,
        new=ANSWERED * limits,
    )


def machine_of(place: plan.Place, dtype: str, gpu: str = "") -> Machine:
    """The machine to plan for: a GPU by name, or the device that a run would use here."""
    return machines.named(gpu) if gpu else machines.here(place.device, dtype)


def peak_before(folder: RunFolder) -> int:
    """The peak memory that an earlier run of this method on this model took to train, in bytes; 0 = none known."""
    for file in sorted(folder.path.parent.glob("*/record.json")):
        try:
            record = read_record(file)
        except AsruBenchError:
            continue
        alike = all(record.spec.get(name) == getattr(folder.spec, name) for name in ("dtype", "train"))
        if alike and "unlearn" in record.costs and (peak := record.costs["unlearn"].peak_memory):
            return peak
    return 0


def require(planned: Plan, gpu: str = "") -> list[str]:
    """Raises `AsruBenchError` before the work where memory or disk cannot be enough; returns what may be too little.

    Embedded models need next to nothing and are not looked at; `--force` turns errors into warnings.
    """
    from asru_bench import stages
    from asru_bench.folder import RunFolder

    warnings: list[str] = []
    disk = 0.0
    for cell in planned.cells:
        source = plan.find_source(cell.spec, cell.place)
        if source.embedded:
            continue
        folder = RunFolder(cell.folder, cell.spec, cell.place, cell.given)
        if not stages.needs_training(folder) and folder.record_file.is_file():
            continue
        estimator = Estimator(source.base, machine_of(cell.place, cell.spec.dtype, gpu), cell.spec.dtype)
        needs = cell_needs(cell, folder, estimator)
        warnings += _short(cell, estimator, needs)
        disk += sum(need.disk for need in needs.values()) if cell.place.keep_checkpoints else 0.0
    _require_disk(planned, disk)
    return warnings


def training(
    model: str, place: plan.Place, spec: RunSpec, config: OptimConfig, pairs: int, samples: Sequence[Sample]
) -> list[str]:
    """What to expect of plain training on `pairs`: its length, and a warning where memory may not do."""
    from asru_bench.schedule import duration

    estimator = Estimator(model, machine_of(place, spec.dtype), spec.dtype)
    have, batch = estimator.machine.memory, config.batch_size
    done = Work(trained=float(config.total_steps(pairs) * batch), at_once=batch)
    shape = shape_of(samples, spec.decoding, estimator.sizes.pictures)
    need = estimator.train(done, shape, getattr(config, "train", "") or spec.train)
    said = [f"about {duration(need.seconds or 0.0)} on {estimator.machine.name} (estimated)"]
    if have is not None and need.memory is not None and need.memory > have:
        said.append(
            f"about {need.memory / GB:.0f} GB may be needed (estimated), {have / GB:.0f} GB are free; if it fails: "
            f"{LESS_MEMORY}"
        )
    return said


def needs_of(folder: RunFolder) -> dict[str, Need]:
    """What a folder's stages need here, by arithmetic; {} for embedded models and where the model is not readable."""
    from asru_bench.plan import Cell

    source, spec, place = folder.source, folder.spec, folder.place
    if source.embedded:
        return {}
    try:
        return cell_needs(Cell(spec, place, folder.path, folder.given), folder, _here(source.base, place, spec.dtype))
    except AsruBenchError:
        return {}


@lru_cache(maxsize=8)
def _here(model: str, place: plan.Place, dtype: str) -> Estimator:
    return Estimator(model, machine_of(place, dtype), dtype)


def cell_needs(cell: Cell, folder: RunFolder, estimator: Estimator) -> dict[str, Need]:
    """What training and answering need; `unlearn` is missing where a checkpoint is given."""
    samples = folder.samples()
    shape = shape_of(samples, cell.spec.decoding, estimator.sizes.pictures)
    found = {}
    if cell.spec.engine == "hf":  # what answers from elsewhere uses a machine that is not known here
        found["generate"] = estimator.generate(samples, shape, cell.place.batch_size, cell.place.devices)
    if not cell.given:
        found["unlearn"] = estimator.train(work.of(cell.spec, folder.task), shape, cell.spec.train)
    return found


def _short(cell: Cell, estimator: Estimator, needs: dict[str, Need]) -> list[str]:
    """Warnings; an error where even weights, gradients and optimiser do not fit."""
    have = estimator.machine.memory
    found = []
    for stage, need in needs.items():
        if have is None:
            continue
        advice = "--train lora, --dtype bfloat16" if stage == "unlearn" else "--dtype bfloat16, --batch-size"
        where = f"{cell.label}, {stage}: {estimator.machine.name} has {have / GB:.0f} GB free"
        if need.least > have and not cell.spec.force:
            raise AsruBenchError(
                f"{where}, weights and what trains them take at least {need.least / GB:.0f} GB (estimated); "
                f"use {advice} or a larger device, or go on with --force."
            )
        if need.memory is not None and need.memory > have:
            found.append(f"{where}, about {need.memory / GB:.0f} GB may be needed (estimated); if it fails: {advice}")
    return found


def _require_disk(planned: Plan, needed: float) -> None:
    out = Path(planned.cells[0].place.out) if planned.cells else Path()
    free = machines.free_disk(out)
    if needed > free and not any(cell.spec.force for cell in planned.cells):
        raise AsruBenchError(
            f"the disk of {out} has {amount(free)} free, the checkpoints of these runs take about "
            f"{amount(needed)} (estimated); free some (`asru-bench cache ls`), use --no-keep-checkpoints, "
            "--train lora or another --out, or go on with --force."
        )
