"""ASRU's second stage behind one call: trl's `GRPOTrainer` on image prompts with a boundary reward.

Group-relative policy optimisation (arXiv 2402.03300): for each prompt G answers are sampled, each
answer's advantage is its reward minus the group's mean (over the group's deviation), and a k3 estimate
of the KL divergence to the model before this stage is added. trl loads that reference from disk, so
the model is saved first; with LoRA adapters the reference is their start.
"""

from __future__ import annotations

import math
import random
import re
import shutil
from collections.abc import Iterator, Sequence

from asru_bench import ranks
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
    if ctx.train == "full" and ranks.first():
        save(vlm, stage_one, {"stage": "before reinforcement"})
    ranks.agree()  # it is there now, for all
    vlm = _prepare(vlm, config, ctx)
    with quiet(), borrowed(vlm), ctx.progress(STAGE, len(plan) // config.prompts) as bar:
        if ctx.train == "full":
            vlm.model.config._name_or_path = str(stage_one)
        train(make_trainer(vlm, rows, plan, config, ctx, bar), ctx)
    if ranks.first():
        shutil.rmtree(stage_one, ignore_errors=True)
    return _strip(vlm)


def boundary_set(
    forget: Sequence[TrainingPair], retain: Sequence[TrainingPair], config: ReinforceConfig, seed: int
) -> list[Row]:
    """Questions with what the reward knows about them: forget before retain, and of each those with pictures first.

    The retain side is drawn from the complement of the forget people, whatever `retain` holds; where everybody
    has something to forget, from the complement of the facts to forget. Questions without a picture are there, in
    the same number, where `config.text_share` asks for them.
    """
    people, facts = {pair.cluster for pair in forget}, {(pair.cluster, pair.attribute, pair.value) for pair in forget}
    kept = [pair for pair in retain if pair.cluster not in people]
    kept = kept or [pair for pair in retain if (pair.cluster, pair.attribute, pair.value) not in facts]
    if config.boundary == "similar":
        near = nearest_people(forget, kept, config.boundary_share)
        asked = [p for p in kept if p.cluster in near]
    elif config.boundary == "random":
        asked = kept
    else:
        raise AsruBenchError(f"unknown boundary {config.boundary!r}; choose random or similar.")
    sides = []
    for flag, everything, candidates, count in (
        ("forget", forget, forget, config.boundary_forget),
        ("retain", kept, asked, config.boundary_retain),
    ):
        case_of = {id(p): c for p, c in zip(everything, boundary_cases(everything, flag), strict=True)}
        for pictured in (True, False) if config.text_share else (True,):
            found = [p for p in candidates if bool(p.image) == pictured]
            if not found:
                raise AsruBenchError(_lacking(flag, pictured))
            draw = random.Random(seed_for(seed, "boundary", flag, *([] if pictured else ["text"])))
            sides += [(pair, case_of[id(pair)]) for pair in draw.sample(found, min(count, len(found)))]
    return sides


def _lacking(flag: str, pictured: bool) -> str:
    if pictured:
        return f"no {flag} question with a picture to reinforce on; use -m stages=steer."
    return f"no {flag} question without a picture to reinforce on; use -m text_share=0."


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
    """Indices of `rows` in the order of training, `config.prompts` for each rollout, half of them forget.

    All questions of a rollout come with a picture or none; `config.text_share` of the rollouts, evenly
    spread, have none.
    """
    share = config.text_share
    if not 0 <= share < 1:
        raise AsruBenchError(f"text_share is {share}; expected a share from 0 to below 1.")
    pictured = sum(bool(pair.image) for pair, _ in rows)
    rollouts = config.rollouts_of(pictured / (1 - share))
    if ctx.budget.max_steps is not None:
        steps_each = config.prompts * config.group // config.minibatch
        rollouts = min(rollouts, math.ceil(ctx.budget.max_steps / steps_each))
    streams = {
        (image, flag): _endless(
            [i for i, (pair, case) in enumerate(rows) if case.flag == flag and bool(pair.image) == image],
            seed_for(ctx.seed, STAGE, number, *([] if image else ["text"])),
        )
        for image in (True, False)
        for number, flag in enumerate(("forget", "retain"))
    }
    plan = []
    for rollout in range(rollouts):
        image = math.floor((rollout + 1) * share) == math.floor(rollout * share)
        plan += [next(streams[image, flag]) for _ in range(config.prompts // 2) for flag in ("forget", "retain")]
    return plan


def _endless(items: Sequence[int], seed: int) -> Iterator[int]:
    source = random.Random(seed)
    while True:
        yield from source.sample(items, len(items))


def _prepare(vlm: VLM, config: ReinforceConfig, ctx: Context) -> VLM:
    vlm = trainable(vlm, ctx.train, seed=ctx.seed)
    named = dict(vlm.model.named_parameters())
    if ctx.train == "full" and not config.train_vision:
        language = language_model_name(vlm.model) + "."
        for name, weight in named.items():
            weight.requires_grad_(name.startswith((language, "lm_head")))
    try:
        chosen = re.compile(config.train_only)
    except re.error as error:
        raise AsruBenchError(f"train_only {config.train_only!r} is not a regular expression: {error}.") from error
    trained = [name for name, weight in named.items() if weight.requires_grad]
    for name in trained:
        named[name].requires_grad_(bool(chosen.search(name)))
    if not any(weight.requires_grad for weight in named.values()):
        raise AsruBenchError(
            f"train_only {config.train_only!r} finds none of the {len(trained)} weights of stage 2, e.g. {trained[0]}."
        )
    return vlm


def _strip(vlm: VLM) -> VLM:
    """Takes off what the trainer put on: the fused head, and adapters, which are merged."""
    model = vlm.model
    if hasattr(model, "merge_and_unload"):
        model = model.merge_and_unload()
    model.__dict__.pop("forward", None)
    vlm.model = model.requires_grad_(False).eval()
    return vlm
