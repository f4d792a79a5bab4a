"""Makes *vanilla*: a base model fine-tuned on a task's people, by the recipe that the retain oracle shares.

The recipe is the published one (arXiv 2410.22108 and 2605.15687): LoRA of rank 16 on the language part, or full
training; 5 epochs, batch 4, learning rate 2e-5, loss on answers only. Stages, each kept in `<out>.part` until all
are done: train, merge in float32, measure what is known, rename.
"""

from __future__ import annotations

import gc
import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench import (
    checked,
    estimate,
    fingerprint,
    forgotten,
    inputs,
    locks,
    models,
    plan,
    room,
    shown,
    store,
    training,
    verified,
)
from asru_bench import config as settings
from asru_bench.fit import Fit, check_optimiser, later, memory_explained
from asru_bench.knowledge import Knowledge, Share, measure
from asru_bench.models import VLM
from asru_bench.plan import Place, Texts
from asru_bench.sources import PRESETS
from asru_bench.types import AsruBenchError, RunSpec, TrainingData, TrainingPair
from asru_bench.variants import setting

if TYPE_CHECKING:
    from asru_bench.sources import Source
    from asru_bench.unlearner import Context

METHOD = "retain_oracle"
EACH_LOGGED = 50
KNOWLEDGE = "knowledge.json"


@dataclass(frozen=True)
class Config(training.OptimConfig):
    """How facts are learned; equal for vanilla and its retain oracle."""

    lr: float = setting(2e-5, "peak learning rate", 1e-6, 3e-3)
    epochs: int = setting(5, "passes over the pairs", 1, 20)
    train: str = setting("", "lora or full; empty: as --train says")


@dataclass(frozen=True)
class Job:
    """What is memorised, from what and whereto; `without` are people left out, `limit` keeps the first people."""

    spec: RunSpec
    place: Place
    out: Path
    texts: Texts = field(default_factory=Texts)
    limit: int | None = None
    without: tuple[str, ...] = ()

    @property
    def part(self) -> Path:
        """Where unfinished work lies."""
        return self.out.with_name(self.out.name + ".part")


@dataclass(frozen=True)
class Made:
    """A finished vanilla: its folder, how it was made and what it knows."""

    out: Path
    made_by: dict[str, Any]
    knowledge: Knowledge


def learn(
    vlm: VLM,
    pairs: Sequence[TrainingPair],
    config: Config,
    *,
    seed: int,
    log: Any,
    stage: str,
    fit: Fit | None = None,
) -> VLM:
    """Fine-tunes on the answers of `pairs` in place; the result carries an adapter where `config.train` is lora."""
    vlm = models.trainable(vlm, config.train, seed=seed)
    return training.sft(vlm, pairs, config, seed=seed, log=log, stage=stage, fit=fit)


@store.private()
def memorise(job: Job) -> Made:
    """Trains, merges, measures and writes `job.out`; goes on where an equal call was stopped.

    An equal call at the same time waits, and gets what the first one made. Raises `AsruBenchError` where the output
    exists, nothing is to be learned, memory or disk are too small or the loss is not finite; `job.out` is then not
    there.
    """
    if job.out.exists():
        raise AsruBenchError(
            f"{job.out} exists already; use it (asru-bench run --vanilla {job.out}), or choose another --out."
        )
    place = job.place.absolute()
    spec, config, pairs, source = _resolved(job, place)
    checked.require([(spec, place)], shown.say)
    key = _key(spec, config, pairs)
    work = locks.of_work("memorise", fingerprint.digest(str(job.out.resolve())))
    with locks.held([work], f"memorise {spec.task}"), locks.present("memorise"):
        return _made_by_another(job.out, key) or _memorise(job, spec, config, pairs, source)


def _made_by_another(out: Path, key: str) -> Made | None:
    """What an equal call made while this one waited for it."""
    if not out.exists():
        return None
    manifest = json.loads((out / models.MANIFEST).read_text(encoding="utf-8"))
    if manifest["made_by"]["key"] != key:
        raise AsruBenchError(f"{out} was made from other inputs in the meantime; choose another --out.")
    known = json.loads((out / KNOWLEDGE).read_text(encoding="utf-8"))
    shares = {model: {name: Share(**own) for name, own in found.items()} for model, found in known["shares"].items()}
    return Made(out, manifest["made_by"], Knowledge(known["people"], shares))


def _memorise(job: Job, spec: RunSpec, config: Config, pairs: Sequence[TrainingPair], source: Source) -> Made:
    place, key = job.place.absolute(), _key(spec, config, pairs)
    _open_part(job.part, key)
    people = tuple(dict.fromkeys(pair.cluster for pair in pairs))
    made_by = _made_by(job, spec, config, key) | {"people": len(people), "pairs": len(pairs)}
    made_by |= forgotten.carried(source.base)  # who was forgotten before is not taught again
    folder = job.part / "model"
    if not _whole(folder):
        _make(job, spec, config, pairs, source, made_by)
    made_by = json.loads((folder / models.MANIFEST).read_text(encoding="utf-8"))["made_by"]
    known = measure(spec, replace(place, vanilla=str(folder)), job.part / "check", people, job.without)
    _finish(job, folder, known, config, source)
    return Made(job.out, made_by, known)


def help_to_memorise(job: Job) -> None:
    """What the other processes of a launch do: train as the first one does, and write nothing."""
    spec, config, pairs, source = _resolved(job, job.place.absolute())
    _learned(job, spec, config, pairs, source)


def choose(pairs: Sequence[TrainingPair], without: Sequence[str], limit: int | None) -> list[TrainingPair]:
    """The pairs of the first `limit` people who are not left out."""
    people = dict.fromkeys(pair.cluster for pair in pairs)
    if unknown := sorted(set(without) - set(people)):
        some = ", ".join(list(people)[:5])
        raise AsruBenchError(
            f"{len(unknown)} of the people to leave out are not in the data, among them {unknown[0]!r}; expected "
            f"IDs such as {some} (--people-without)."
        )
    kept = set([person for person in people if person not in set(without)][:limit])
    chosen = [pair for pair in pairs if pair.cluster in kept]
    if not chosen:
        raise AsruBenchError(
            f"nothing to memorise: the task offers {len(pairs)} pairs about {len(people)} people and {len(without)} "
            "of them are left out. Check --data, -t train=… and --people-without."
        )
    return chosen


def read_people(file: Path) -> tuple[str, ...]:
    """IDs from a text file, one or more a line; what follows a `#` is a comment."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AsruBenchError(
            f"cannot read {file} ({error}); --people-without expects a text file with one ID a line."
        ) from error
    found = tuple(dict.fromkeys(word for line in lines for word in line.partition("#")[0].split()))
    if not found:
        raise AsruBenchError(f"{file} names nobody; --people-without expects one ID a line.")
    return found


# Inside: from words to a trained model.


def _resolved(job: Job, place: Place) -> tuple[RunSpec, Config, list[TrainingPair], Source]:
    """All that decides the weights, checked."""
    models.pick_device(job.place.device)
    check_optimiser(job.spec.optim)
    source = _source(job.spec, place)
    spec = plan.resolve(replace(job.spec, method="base"), place, source, Texts(task=job.texts.task))
    pairs = choose(plan.make_task(spec, place, source).memorise_pairs(), job.without, job.limit)
    return spec, _config(job, source), pairs, source


def _source(spec: RunSpec, place: Place) -> Source:
    source = plan.find_source(spec, place)
    if source.embedded:
        raise AsruBenchError(
            f"{source.name!r} brings its own vanilla, made by its own recipe (asru-bench mini build); memorise takes "
            "a hub id or a folder: --model Qwen/Qwen3-VL-4B-Instruct."
        )
    return source


def _config(job: Job, source: Source) -> Config:
    """Defaults, the model's presets for the oracle, `-m`; `train` is always filled in."""
    preset = source.presets().get(METHOD, {})
    built = settings.build(Config, preset, texts=job.texts.method, owner="memorise")
    return replace(built, train=built.train or job.spec.train)


def _key(spec: RunSpec, config: Config, pairs: Sequence[TrainingPair]) -> str:
    """Names the work in progress: all that decides the weights."""
    names = ("task", "task_config", "model_hash", "data_hash", "seed", "dtype", "attn")
    parts = {name: getattr(spec, name) for name in names} | later({"optim": spec.optim})
    return fingerprint.digest([parts, settings.values(config), [pair.id for pair in pairs], fingerprint.CORE_VERSION])


def _made_by(job: Job, spec: RunSpec, config: Config, key: str) -> dict[str, Any]:
    return {
        "method": "memorise",
        "task": spec.task,
        "task_config": dict(spec.task_config),
        "data_hash": spec.data_hash,
        "config": settings.values(config),
        "seed": spec.seed,
        "limit": job.limit,
        "without": list(job.without),
        "key": key,
    }


def _open_part(part: Path, key: str) -> None:
    """The folder for unfinished work, emptied unless it is of the same inputs."""
    note = part / "key.txt"
    if part.exists() and not note.is_file():
        raise AsruBenchError(f"{part} is needed for unfinished work and holds something else; choose another --out.")
    with store.explained(part):
        if not (note.is_file() and note.read_text(encoding="utf-8") == key):
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            note.write_text(key, encoding="utf-8")


def _whole(folder: Path) -> bool:
    """Whether a checkpoint was written to its end, which `models.save` renames only then, and is still what it was."""
    if not (folder / models.MANIFEST).is_file():
        return False
    try:
        verified.require(folder)
    except AsruBenchError as error:
        _say(f"{error} It is made again now.")
        return False
    return True


def _make(
    job: Job, spec: RunSpec, config: Config, pairs: Sequence[TrainingPair], source: Source, made_by: dict[str, Any]
) -> None:
    """Writes `<part>/model`: trained and, where there is an adapter, merged with the base."""
    adapter, folder = job.part / "adapter", job.part / "model"
    if not _whole(adapter):
        _check_room(job, spec, config, pairs, source)
    if config.train != "lora":
        _train(job, spec, config, pairs, source, made_by, folder)
        return
    if not _whole(adapter):
        _train(job, spec, config, pairs, source, made_by, adapter)
    _say("merging the adapter …")
    made_by = json.loads((adapter / models.MANIFEST).read_text(encoding="utf-8"))["made_by"]
    vlm = models.load(str(adapter), device="cpu", dtype=spec.dtype, attn=spec.attn)
    vlm.path = source.base
    with store.explained(folder):
        models.save(vlm, folder, made_by)
    _free(vlm)


def _train(
    job: Job,
    spec: RunSpec,
    config: Config,
    pairs: Sequence[TrainingPair],
    source: Source,
    made_by: dict[str, Any],
    folder: Path,
) -> None:
    import torch

    (job.part / "curves.jsonl").unlink(missing_ok=True)
    steps = config.total_steps(len(pairs))
    _say(f"{len(pairs)} pairs about {made_by['people']} people, {steps} steps, {config.train}")
    started = time.monotonic()
    vlm, fit = _learned(job, spec, config, pairs, source)
    peak = torch.cuda.max_memory_allocated(vlm.device) if vlm.device.type == "cuda" else None
    seconds = time.monotonic() - started + fit.spent
    cost = {"seconds": round(seconds, 1), "steps": steps, "peak_gpu_memory": peak}
    with store.explained(folder):
        models.save(vlm, folder, made_by | {"cost": cost, "optim": spec.optim, "notes": fit.notes})
    shutil.rmtree(_snapshots(job, config), ignore_errors=True)
    _free(vlm)


def _learned(job: Job, spec: RunSpec, config: Config, pairs: Sequence[TrainingPair], source: Source) -> tuple[VLM, Fit]:
    """The trained model, and what its training had to change; alone, or as one of several processes."""
    from asru_bench import ranks
    from asru_bench.unlearner import Context

    place, device = job.place, models.pick_device(job.place.device)
    fit = Fit(spec.optim, place.grad_checkpoint, _snapshots(job, config), place.save_every)
    with ranks.joined(device):
        room.check(source.base, device, spec.dtype, config.train, spec.optim)
        with memory_explained("loading"):
            vlm = models.load(source.base, device=place.device, dtype=spec.dtype, attn=spec.attn)
        inputs.require(plan.make_task(spec, place.absolute(), source), pairs, vlm)
        context = Context(vlm, TrainingData((), ()), seed=spec.seed, workdir=job.part)
        log = _logger(context, config.total_steps(len(pairs)))
        with memory_explained("memorising"):
            vlm = learn(vlm, pairs, config, seed=spec.seed, log=log, stage="memorise", fit=fit)
        fit.notes |= {"processes": ranks.world()} if ranks.world() > 1 else {}
    return vlm, fit


def _logger(context: Context, steps: int) -> Any:
    started = time.monotonic()

    def log(stage: str, step: int, **numbers: float) -> None:
        context.log(stage, step, **numbers)
        if step % EACH_LOGGED == 0 or step == steps:
            _say(f"step {step} of {steps}, loss {numbers['loss']:.3f}, {time.monotonic() - started:.0f} s")

    return log


def _snapshots(job: Job, config: Config) -> Path:
    return job.part / ("snapshots-adapter" if config.train == "lora" else "snapshots-model")


def _check_room(job: Job, spec: RunSpec, config: Config, pairs: Sequence[TrainingPair], source: Source) -> None:
    """Before anything is loaded: memory to train and to merge, disk for vanilla, and how long it may take."""
    device = models.pick_device(job.place.device)
    room.check(source.base, device, spec.dtype, config.train, spec.optim)
    if config.train == "lora":
        room.check_merge(source.base)
    room.check_disk(source.base, spec.dtype, job.part, "vanilla")
    place = job.place.absolute()
    samples = plan.make_task(spec, place, source).samples()
    for words in estimate.training(source.base, place, spec, config, len(pairs), samples):
        _say(words)


def _finish(job: Job, folder: Path, known: Knowledge, config: Config, source: Source) -> None:
    """Adds what it knows and the oracle's settings, and gives the folder its name: all or nothing."""
    presets = source.presets() | {METHOD: settings.values(config)}
    store.write_json(folder / PRESETS, presets)
    store.write_json(folder / KNOWLEDGE, asdict(known))
    with store.explained(job.out):
        if (job.part / "curves.jsonl").is_file():
            shutil.copyfile(job.part / "curves.jsonl", folder / "curves.jsonl")
        folder.rename(job.out)
    shutil.rmtree(job.part, ignore_errors=True)


def _free(vlm: VLM) -> None:
    """Gives the memory back before another model is loaded."""
    import torch

    vlm.model = None
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _say(text: str) -> None:
    shown.say(f"memorise: {text}")
