"""The one training loop: loss-type methods, memorisation and oracles run through `optimise`."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from asru_bench import losses
from asru_bench.models import VLM, encode_pairs, one_stream, trainable
from asru_bench.seeds import seed_for
from asru_bench.types import MODALITIES, AsruBenchError, TrainingPair
from asru_bench.unlearner import Context, Unlearner, progress_bar
from asru_bench.variants import setting

Batch = losses.Batch
Log = Callable[..., None]
#: Below this learning rate most AdamW updates of a bfloat16 weight round to nothing.
LOWEST_BF16_LR = 1e-4


@dataclass(frozen=True)
class OptimConfig:
    """AdamW with a linear schedule over the true number of steps."""

    lr: float = setting(2e-5, "peak learning rate", 1e-6, 3e-3)
    epochs: int = setting(4, "passes over the pairs, where steps is not given", 1, 20)
    steps: int | None = setting(None, "optimiser steps, overrides epochs")
    batch_size: int = setting(4, "pairs per step", 1, 64)
    warmup: float = setting(0.0, "share of the steps that the learning rate rises", 0.0, 0.5)
    weight_decay: float = setting(0.01, "decoupled weight decay", 0.0, 0.1)
    max_grad_norm: float = setting(0.0, "gradients are scaled down to this norm; 0 = never", 0.0, 10.0)

    def total_steps(self, pairs: int) -> int:
        """How many steps these settings mean for so many pairs."""
        return self.steps if self.steps is not None else self.epochs * math.ceil(pairs / self.batch_size)


@dataclass(frozen=True)
class LossConfig(OptimConfig):
    """Settings of every loss-type method; learning rate, batch and epochs as in ASRU's baselines."""

    retain_ratio: float = setting(1.0, "retain pairs drawn for each forget pair", 0.25, 4.0)
    modalities: tuple[str, ...] = setting(MODALITIES, "kinds of training pairs used: image_text, text")


class LossUnlearner(Unlearner):
    """A method that is one loss on a forget batch and, if it needs it, a retain batch."""

    Config: ClassVar[type] = LossConfig

    def loss(self, model: Any, forget: Batch, retain: Batch | None, reference: Any) -> Tensor | Mapping[str, Tensor]:
        """The loss, or its named terms, which are added and logged apart."""
        raise NotImplementedError

    def target(self, pair: TrainingPair, seed: int) -> str:
        """What a forget pair is trained on: its answer, unless a method says otherwise."""
        return pair.answer

    def unlearn(self, ctx: Context) -> VLM:
        config, name = self.config, type(self).__module__.rpartition(".")[2]
        forget = _select(ctx.data.forget, config.modalities, "forget")
        retain = _select(ctx.data.retain, config.modalities, "retain") if "retain" in self.needs else ()
        reference = ctx.reference.model if "reference" in self.needs else None
        vlm = trainable(ctx.vlm, ctx.train, seed=ctx.seed)
        total = config.total_steps(len(forget))
        if ctx.budget.max_steps is not None:
            total = min(total, ctx.budget.max_steps)
        order = batches(forget, config.batch_size, total, ctx.seed)

        def step_loss(step: int) -> Tensor | Mapping[str, Tensor]:
            picked = [(p.prompt, self.target(p, ctx.seed)) for p in order[step]]
            count = max(1, round(len(picked) * config.retain_ratio))
            kept = _encode(vlm, draw(retain, count, ctx.seed, step)) if retain else None
            return self.loss(vlm.model, encode_pairs(vlm, picked), kept, reference)

        with ctx.progress(name, total) as bar:
            optimise(vlm, total, step_loss, config, ctx.seed, ctx.budget.max_seconds, _logger(ctx.log, name, bar))
        return vlm


def sft(
    vlm: VLM,
    pairs: Sequence[TrainingPair],
    config: OptimConfig,
    *,
    seed: int = 0,
    log: Log | None = None,
    stage: str = "sft",
) -> VLM:
    """Fine-tunes on the answers of `pairs`, answer tokens only; `vlm` must have been made `trainable`."""
    total = config.total_steps(len(pairs))
    order = batches(pairs, config.batch_size, total, seed)
    with progress_bar(stage, total) as bar:
        report = _logger(log, stage, bar)
        optimise(
            vlm,
            total,
            lambda k: losses.mean_nll(vlm.model, _encode(vlm, order[k])),
            config,
            seed,
            None,
            report,
        )
    return vlm


def optimise(
    vlm: VLM,
    total: int,
    step_loss: Callable[[int], Tensor | Mapping[str, Tensor]],
    config: OptimConfig,
    seed: int = 0,
    max_seconds: float | None = None,
    report: Callable[[int, dict[str, float]], None] | None = None,
) -> int:
    """Takes up to `total` AdamW steps on the trainable weights; returns how many.

    `step_loss(k)` is the loss of step k or its named terms. Stops early, in good order, when the time is
    over. A loss that is not finite is an error and the caller saves nothing.
    """
    weights = [p for p in vlm.model.parameters() if p.requires_grad]
    _check_precision(weights, config.lr)
    fused = vlm.device.type in ("cpu", "cuda")
    optimizer = torch.optim.AdamW(weights, lr=config.lr, weight_decay=config.weight_decay, fused=fused)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: linear(k, total, config.warmup))
    end = math.inf if max_seconds is None else time.monotonic() + max_seconds
    done = 0
    vlm.model.train()
    with one_stream(vlm.device, seed_for(seed, "dropout")):
        while done < total and time.monotonic() < end:
            terms = _terms(step_loss(done))
            loss = torch.stack(list(terms.values())).sum()
            _check_finite(loss, done, terms)
            loss.backward()
            if config.max_grad_norm:
                torch.nn.utils.clip_grad_norm_(weights, config.max_grad_norm)
            numbers = {"lr": float(schedule.get_last_lr()[0]), "loss": loss.item()}
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            done += 1
            if report:
                report(done, numbers | {k: v.item() for k, v in terms.items()})
    vlm.model.eval()
    return done


def batches(pairs: Sequence[TrainingPair], size: int, total: int, seed: int) -> list[list[TrainingPair]]:
    """`total` batches: the pairs shuffled anew for each pass, the last batch of a pass may be smaller."""
    found: list[list[TrainingPair]] = []
    epoch = 0
    while len(found) < total:
        order = list(pairs)
        random.Random(seed_for(seed, "order", epoch)).shuffle(order)
        found += [order[i : i + size] for i in range(0, len(order), size)]
        epoch += 1
    return found[:total]


def draw(pairs: Sequence[TrainingPair], count: int, seed: int, step: int) -> list[TrainingPair]:
    """`count` random pairs for one step, none twice where there are enough."""
    source = random.Random(seed_for(seed, "retain", step))
    return source.sample(pairs, count) if count <= len(pairs) else source.choices(pairs, k=count)


def linear(step: int, total: int, warmup: float) -> float:
    """The learning rate's factor at a step: up over `warmup` of the steps, then straight down to zero."""
    rise = round(warmup * total)
    if step < rise:
        return (step + 1) / rise
    return max(0.0, (total - step) / max(1, total - rise))


def _encode(vlm: VLM, pairs: Sequence[TrainingPair]) -> Any:
    return encode_pairs(vlm, [(pair.prompt, pair.answer) for pair in pairs])


def _select(pairs: Sequence[TrainingPair], modalities: Sequence[str], role: str) -> list[TrainingPair]:
    if unknown := sorted(set(modalities) - set(MODALITIES)):
        raise AsruBenchError(f"unknown modality {unknown[0]!r}; choose among {', '.join(MODALITIES)}.")
    chosen = [pair for pair in pairs if pair.modality in modalities]
    if not chosen:
        raise AsruBenchError(
            f"the task lends no {role} pairs of {' or '.join(modalities)} for training ({len(pairs)} in "
            "all); choose others with -m modalities=…, or another split."
        )
    return chosen


def _terms(loss: Tensor | Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    return loss if isinstance(loss, Mapping) else {"loss": loss}


def _check_finite(loss: Tensor, step: int, terms: Mapping[str, Tensor]) -> None:
    if not math.isfinite(loss.item()):
        values = ", ".join(f"{name} {value.item():.3g}" for name, value in terms.items())
        raise AsruBenchError(
            f"NaN loss at step {step + 1} ({values}); nothing is saved. Lower the learning rate "
            "(-m lr=…) or the number of steps."
        )


def _check_precision(weights: Sequence[Tensor], lr: float) -> None:
    if not weights:
        raise AsruBenchError("no weight is trainable; call `trainable` on the model first.")
    low = [p for p in weights if p.dtype != torch.float32]
    if low and lr < LOWEST_BF16_LR:
        dtype = str(low[0].dtype).removeprefix("torch.")
        raise AsruBenchError(
            f"{dtype} weights at learning rate {lr:g} would hardly move: updates below one part in 256 round "
            "away. Use --train lora (float32 adapters) or --dtype float32."
        )


def _logger(log: Log | None, stage: str, bar: Any) -> Callable[[int, dict[str, float]], None]:
    def report(step: int, numbers: dict[str, float]) -> None:
        bar.advance()
        if log:
            log(stage, step, **numbers)

    return report
