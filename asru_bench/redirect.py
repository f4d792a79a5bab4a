"""ASRU's stage 1b (arXiv 2605.15687): one down-projection learns to move forget questions by a vector.

`ridge` solves for the change of the weight, `gradient` trains it step by step as the release does. Settings are those
of the method `asru` (`solver`, `positions`, `alpha`, `elsewhere`, `penalty`, `lr`, `epochs`, `batch_size`).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

import torch
from torch import Tensor

from asru_bench import steering
from asru_bench.models import decoder_layers, down_projection
from asru_bench.seeds import seed_for
from asru_bench.types import TrainingPair
from asru_bench.unlearner import Context


def ridge(
    ctx: Context, layer: int, shift: Tensor, forget: Sequence[TrainingPair], retain: Sequence[TrainingPair], config: Any
) -> None:
    """Changes `layer` so that the last token of forget questions is moved by `shift` [d] and retain is held.

    Retain is held at the last token of questions with weight `alpha`, and with `positions` = all at every token of
    questions with answers too, with weight `alpha` * `elsewhere`.
    """
    linear = down_projection(decoder_layers(ctx.vlm.model)[layer])
    solver = steering.RidgeSolver(linear.in_features)
    for seen in steering.read(ctx.vlm, [pair.prompt for pair in forget], layer, "last"):
        solver.add(seen.features, 1.0)
    if config.positions == "all":
        for seen, ends in steering.read_pairs(ctx.vlm, _pairs(retain), layer):
            solver.add(seen.features[ends], 0.0, config.alpha)
            solver.add(seen.features, 0.0, config.alpha * config.elsewhere)
    else:
        for seen in steering.read(ctx.vlm, _held(retain, config.positions), layer, config.positions):
            solver.add(seen.features, 0.0, config.alpha)
    with torch.no_grad():
        linear.weight += torch.outer(shift, solver.solve(config.penalty).to(shift)).to(linear.weight)


def gradient(
    ctx: Context, layer: int, shift: Tensor, forget: Sequence[TrainingPair], retain: Sequence[TrainingPair], config: Any
) -> int:
    """Trains the down-projection of `layer` by AdamW for `epochs` passes over `retain`; returns the steps taken."""
    linear = down_projection(decoder_layers(ctx.vlm.model)[layer])
    most = ctx.budget.max_steps and math.ceil(ctx.budget.max_steps / config.epochs)
    plan = [islice(epoch(ctx, layer, forget, retain, config, number), most) for number in range(config.epochs)]
    with ctx.progress("redirect") as bar:

        def report(step: int, loss: float) -> None:
            bar.advance()
            ctx.log("redirect", step, loss=loss)

        planned = config.epochs * sum(math.ceil(len(pairs) / config.batch_size) for pairs in (forget, retain))
        rates = steering.epoch_rates(config.lr, planned, config.epochs)
        return steering.gradient_update(linear, plan, shift, rates, alpha=config.alpha, report=report, fit=ctx.fit)


def epoch(
    ctx: Context,
    layer: int,
    forget: Sequence[TrainingPair],
    retain: Sequence[TrainingPair],
    config: Any,
    number: int,
) -> Iterator[tuple[bool, Callable[[], Tensor]]]:
    """One pass over the retain pairs: (to forget?, what reads the inputs [n, m] of the down-projection).

    Every |retain|/|forget|-th step (in batches, rounded down) is preceded by one of forget questions, until all
    were seen.
    """
    size, which = config.batch_size, config.positions
    source = random.Random(seed_for(ctx.seed, "redirect", number))
    kept, moved = (source.sample(pairs, len(pairs)) for pairs in (retain, forget))
    target = "end" if which == "end" else "last"

    def inputs(pairs: Sequence[TrainingPair], which: str) -> Tensor:
        (seen,) = steering.read(ctx.vlm, _held(pairs, which), layer, which, batch=size)
        return seen.features

    steps, moves = _batches(kept, size), _batches(moved, size)
    asked, every = iter(moves), max(1, len(steps) // len(moves))
    for step, pairs in enumerate(steps):
        if step % every == 0 and (batch := next(asked, None)):
            yield True, partial(inputs, batch, target)
        yield False, partial(inputs, pairs, which)


def _batches(pairs: Sequence[TrainingPair], size: int) -> list[Sequence[TrainingPair]]:
    return [pairs[i : i + size] for i in range(0, len(pairs), size)]


def _held(pairs: Sequence[TrainingPair], which: str) -> list[Any]:
    """Prompts, where only their last token counts, else prompts with answers."""
    return [pair.prompt for pair in pairs] if which == "last" else _pairs(pairs)


def _pairs(pairs: Sequence[TrainingPair]) -> list[Any]:
    return [(pair.prompt, pair.answer) for pair in pairs]
