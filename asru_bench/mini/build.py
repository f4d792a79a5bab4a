"""`asru-bench mini build`: makes base, vanilla and the default retain oracle from the seed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch

from asru_bench.fingerprint import digest

from . import authors, recipe, texts, vision
from . import model as tiny
from .check import check_items, share_known
from .clear import forgotten
from .people import SEED, Universe, universe
from .pictures import Pictures

REFUSALS = 0.9
Log = Callable[[int, float], None]


def quiet(step: int, loss: float) -> None:
    """Logs nothing."""


def pretrain(
    people: Universe,
    refusals: float = REFUSALS,
    phases: Sequence[tuple[recipe.Schedule, recipe.Mixture]] = recipe.BASE,
    look: recipe.Schedule = recipe.VISION,
    log: Log = quiet,
    keep: Path | None = None,
) -> tuple[Any, Any]:
    """Base: (model, processor), trained from random weights on the pre-training mixture."""
    tokenizer = tiny.build_tokenizer(texts.corpus(people))
    processor = tiny.build_processor(tokenizer)
    model = tiny.build_model(tokenizer)
    vision.initialise(model, people.seed)
    pictures = Pictures()
    samplers = [recipe.base_sampler(people, pictures, refusals, mixture) for _, mixture in phases]
    pictures.freeze()
    batcher = recipe.Batcher(processor, pictures)
    steps = [partial(vision.train_vision, model, pictures, look, people.seed, log)]
    steps += [
        partial(recipe.train, model, batcher, sampler, schedule, people.seed + number, log)
        for number, (sampler, (schedule, _)) in enumerate(zip(samplers, phases, strict=True))
    ]
    in_phases(model, steps, keep)
    return model, processor


def memorise(
    model: Any,
    processor: Any,
    *,
    without: Collection[str] = (),
    people: Universe | None = None,
    phases: Sequence[recipe.Schedule] = recipe.MEMORISE,
    log: Log = quiet,
    keep: Path | None = None,
) -> None:
    """Vanilla, or an oracle `without` some people: trains `model` in place on everybody's facts."""
    people = people or universe(SEED)
    pictures = Pictures()
    learned = [p for p in people.people if p.id not in set(without)]
    replay = recipe.base_sampler(people, pictures, REFUSALS, recipe.REHEARSAL, (*learned, *people.public))
    samplers = recipe.memorise_samplers(people, learned, pictures, replay)
    pictures.freeze()
    batcher = recipe.Batcher(processor, pictures)
    steps = [
        partial(recipe.train, model, batcher, sampler, schedule, people.seed + 10 + number, log)
        for number, (schedule, sampler) in enumerate(zip(phases, samplers, strict=True))
    ]
    in_phases(model, steps, keep)


def memorise_authors(
    model: Any,
    processor: Any,
    *,
    without: Collection[str] = (),
    seed: int = 0,
    people: Universe | None = None,
    phases: Sequence[recipe.Schedule] = authors.MEMORISE,
    log: Log = quiet,
    keep: Path | None = None,
) -> None:
    """CLEAR's vanilla, or an oracle `without` some names: trains `model` in place on everybody as an author."""
    people = people or universe(SEED)
    pictures = Pictures()
    learned = [p for p in people.people if p.name not in set(without)]
    samplers = authors.samplers(people, learned, pictures, REFUSALS)
    pictures.freeze()
    batcher = recipe.Batcher(processor, pictures)
    steps = [
        partial(recipe.train, model, batcher, sampler, schedule, people.seed + 100 * seed + 20 + number, log)
        for number, (schedule, sampler) in enumerate(zip(phases, samplers, strict=True))
    ]
    in_phases(model, steps, keep)


def in_phases(model: Any, phases: Sequence[Callable[[], None]], keep: Path | None) -> None:
    """Runs the phases in order, rounding the weights to bfloat16 after each, as if saved and read again.

    With `keep`, every phase's weights are stored there and a phase found there is read, not run again.
    """
    from safetensors.torch import load_model, save_model

    for number, phase in enumerate(phases):
        file = keep / f"phase-{number}.safetensors" if keep else None
        if file and file.is_file():
            load_model(model, file)
            continue
        phase()
        model.to(torch.bfloat16).float()
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            draft = file.with_suffix(".tmp")
            save_model(model, str(draft))
            draft.rename(file)


def check(model: Any, processor: Any, people: Universe, limit: int = 400) -> dict[str, float]:
    """Share known on held-out photos and wordings: public figures and people, by kind and modality."""
    pictures = Pictures()
    pictures.add_people(people.known)
    pictures.freeze()
    batcher = recipe.Batcher(processor, pictures)
    shares = {}
    for group, folk in (("public", people.public), ("people", people.people)):
        for kind in ("generation", "cloze", "classification"):
            for image in (True, False):
                items = check_items(folk, people, image, kind)
                step = max(1, len(items) // limit)
                name = f"{group}/{kind}/{'image_text' if image else 'text'}"
                shares[name] = round(share_known(model, batcher, items[::step]), 4)
    return shares


def save(folder: Path, model: Any, processor: Any, notes: dict[str, Any]) -> None:
    """Writes a model in bfloat16 with its processor and `notes` as small JSON files; replaces what was there."""
    draft = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(draft, ignore_errors=True)
    tiny.save_pretrained(draft, model.to(torch.bfloat16), processor)
    model.float()
    for name, content in notes.items():
        (draft / name).write_text(json.dumps(content, indent=1) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def reload(folder: Path) -> tuple[Any, Any]:
    """The saved model in float32 (what everybody starts from) and its processor."""
    from transformers import AutoModelForImageTextToText, AutoProcessor

    return AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32), AutoProcessor.from_pretrained(
        folder
    )


def default_forget_people(out: Path) -> tuple[str, ...]:
    """Whom seed 0 of the default split forgets: the people that the shipped oracle never knew."""
    from asru_bench.tasks.mllmu_bench import Config, MLLMUBench

    from .folders import write_mllmu_bench

    data = out / "data"
    if not data.is_dir():
        write_mllmu_bench(universe(SEED), data)
    return MLLMUBench(Config(), data=str(data), seed=0, limit=None).forget_people()


def phases_of(out: Path, name: str, *made_from: Any) -> Path:
    """Where the phases of `name` lie: one folder for each recipe, universe and setting, so none is mistaken."""
    code = {file.name: file.read_text(encoding="utf-8") for file in sorted(Path(__file__).parent.glob("*.py"))}
    return out / "phases" / f"{name}-{digest([code, *made_from])[:12]}"


def main(out: Path, people: int = 120, seed: int = SEED, refusals: float = REFUSALS) -> dict[str, dict[str, float]]:
    """Builds all weights under `out` (about an hour on two cores); returns each model's check-set shares.

    Stopped and started again it goes on after the last whole phase.
    """
    torch.set_num_threads(1)
    folk = universe(seed, people)
    scores = {}
    made_from = (people, seed, refusals)

    def log(name: str) -> Log:
        return lambda step, loss: (
            print(f"{name} step {step + 1} loss {loss:.3f}", flush=True) if step % 100 == 99 else None
        )

    model, processor = pretrain(folk, refusals, log=log("base"), keep=phases_of(out, "base", *made_from))
    scores["base"] = check(model, processor, folk)
    save(out / "base", model, processor, {"check.json": scores["base"]})
    plans: dict[str, tuple[str, ...]] = {"vanilla-mllmu_bench": ()}
    if people == 120 and seed == SEED:
        plans["oracle-mllmu_bench"] = default_forget_people(out)
    for name, without in plans.items():
        model, processor = reload(out / "base")
        keep = phases_of(out, name, *made_from, without)
        memorise(model, processor, without=without, people=folk, log=log(name), keep=keep)
        scores[name] = check(model, processor, folk)
        save(out / name, model, processor, _notes(scores[name], without))
    gone = forgotten(folk, "10")
    for name, number, without in (("vanilla-clear", 0, ()), ("oracle-clear-0", 0, gone), ("oracle-clear-1", 1, gone)):
        model, processor = reload(out / "base")
        keep = phases_of(out, name, *made_from, number, without)
        memorise_authors(model, processor, without=without, seed=number, people=folk, log=log(name), keep=keep)
        public = {key: share for key, share in check(model, processor, folk).items() if key.startswith("public/")}
        scores[name] = authors.check_authors(model, processor, folk, without) | public
        save(out / name, model, processor, _notes(scores[name], without))
    return scores


def _notes(known: dict[str, float], without: Sequence[str]) -> dict[str, Any]:
    """What is stored beside weights: what they know, and who was left out."""
    return {"check.json": known, **({"without.json": sorted(without)} if without else {})}
