"""ASRU's second stage behind one call: trl's `GRPOTrainer` on image prompts with a boundary reward.

Group-relative policy optimisation (arXiv 2402.03300): for each prompt G answers are sampled, each
answer's advantage is its reward minus the group's mean (over the group's deviation), and a k3 estimate
of the KL divergence to the model before this stage is added. trl loads that reference from disk, so
the model is saved first; with LoRA adapters the reference is their start.
"""

from __future__ import annotations

import math
import random
import shutil
from collections.abc import Iterator, Sequence

from asru_bench.grpo import STAGE, ReinforceConfig, Row, borrowed, make_trainer, quiet, train
from asru_bench.models import VLM, language_model_name, save, trainable
from asru_bench.rewards import boundary_cases
from asru_bench.seeds import seed_for
from asru_bench.types import AsruBenchError, TrainingPair
from asru_bench.unlearner import Context

__all__ = ["ReinforceConfig", "boundary_set", "nearest_people", "reinforce", "schedule"]


def reinforce(
    vlm: VLM,
    forget: Sequence[TrainingPair],
    retain: Sequence[TrainingPair],
    config: ReinforceConfig,
    ctx: Context,
) -> VLM:
    """Trains `vlm` to refuse about the forget people and to answer about others; returns it in eval mode.

    Logs rewards, KL and the share of groups without reward difference, forget and retain apart.
    """
    rows = boundary_set(forget, retain, config, ctx.seed)
    plan = schedule(rows, config, ctx)
    if not plan:
        return vlm
    kept = [pair for pair, case in rows if case.flag == "retain"]
    people = len({pair.cluster for pair in kept})
    ctx.log("boundary", 0, forget=len(rows) - len(kept), retain_pairs=len(kept), retain_people=people)
    stage_one = ctx.workdir / "stage1"
    if ctx.train == "full":
        save(vlm, stage_one, {"stage": "before reinforcement"})
    vlm = _prepare(vlm, config, ctx)
    with quiet(), borrowed(vlm), ctx.progress(STAGE, len(plan) // config.prompts) as bar:
        if ctx.train == "full":
            vlm.model.config._name_or_path = str(stage_one)
        train(make_trainer(vlm, rows, plan, config, ctx, bar), ctx)
    shutil.rmtree(stage_one, ignore_errors=True)
    return _strip(vlm)


def boundary_set(
    forget: Sequence[TrainingPair], retain: Sequence[TrainingPair], config: ReinforceConfig, seed: int
) -> list[Row]:
    """Image questions with what the reward knows about them, forget ones first.

    The retain side is drawn from the complement of the forget people, whatever `retain` holds.
    """
    people = {pair.cluster for pair in forget}
    kept = [pair for pair in retain if pair.cluster not in people]
    if config.boundary == "similar":
        near = nearest_people(forget, kept, config.boundary_share)
        kept_images = [p for p in kept if p.image and p.cluster in near]
    elif config.boundary == "random":
        kept_images = [p for p in kept if p.image]
    else:
        raise AsruBenchError(f"unknown boundary {config.boundary!r}; choose random or similar.")
    sides = []
    for flag, everything, images, count in (
        ("forget", forget, [p for p in forget if p.image], config.boundary_forget),
        ("retain", kept, kept_images, config.boundary_retain),
    ):
        if not images:
            raise AsruBenchError(f"no {flag} question with a picture to reinforce on; use -m stages=steer.")
        chosen = random.Random(seed_for(seed, "boundary", flag)).sample(images, min(count, len(images)))
        case_of = {id(p): c for p, c in zip(everything, boundary_cases(everything, flag), strict=True)}
        sides += [(pair, case_of[id(pair)]) for pair in chosen]
    return sides


def nearest_people(forget: Sequence[TrainingPair], retain: Sequence[TrainingPair], share: float) -> set[str]:
    """The `share` of retain people who have most facts in common with some forget person."""

    def facts(pairs: Sequence[TrainingPair]) -> dict[str, set[tuple[str, str]]]:
        found: dict[str, set[tuple[str, str]]] = {}
        for pair in pairs:
            found.setdefault(pair.cluster, set()).add((pair.attribute, pair.value))
        return found

    others = facts(forget).values()
    common = {person: max(len(mine & theirs) for theirs in others) for person, mine in facts(retain).items()}
    ranked = sorted(common, key=lambda person: (-common[person], person))
    return set(ranked[: max(1, round(share * len(ranked)))])


def schedule(rows: Sequence[Row], config: ReinforceConfig, ctx: Context) -> list[int]:
    """Indices of `rows` in the order of training, `config.prompts` for each rollout, half of them forget."""
    sides = [[i for i, (_, case) in enumerate(rows) if case.flag == flag] for flag in ("forget", "retain")]
    rollouts = config.rollouts or math.ceil(config.rl_epochs * len(rows) / config.prompts)
    if ctx.budget.max_steps is not None:
        steps_each = config.prompts * config.group // config.minibatch
        rollouts = min(rollouts, math.ceil(ctx.budget.max_steps / steps_each))
    streams = [_endless(side, seed_for(ctx.seed, STAGE, n)) for n, side in enumerate(sides)]
    return [next(streams[n % 2]) for _ in range(rollouts) for n in range(config.prompts)]


def _endless(items: Sequence[int], seed: int) -> Iterator[int]:
    source = random.Random(seed)
    while True:
        yield from source.sample(items, len(items))


def _prepare(vlm: VLM, config: ReinforceConfig, ctx: Context) -> VLM:
    vlm = trainable(vlm, ctx.train, seed=ctx.seed)
    if ctx.train == "full" and not config.train_vision:
        language = language_model_name(vlm.model) + "."
        for name, weight in vlm.model.named_parameters():
            weight.requires_grad_(name.startswith((language, "lm_head")))
    return vlm


def _strip(vlm: VLM) -> VLM:
    """Takes off what the trainer put on: the fused head, and adapters, which are merged."""
    model = vlm.model
    if hasattr(model, "merge_and_unload"):
        model = model.merge_and_unload()
    model.__dict__.pop("forward", None)
    vlm.model = model.requires_grad_(False).eval()
    return vlm
