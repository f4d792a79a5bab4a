"""The one training loop: loss-type methods, memorisation and oracles run through `optimise`."""

from __future__ import annotations

import gc
import math
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from asru_bench import fingerprint, losses, optimisers, ranks
from asru_bench.fit import LESS_MEMORY, Fit
from asru_bench.microbatch import Parts, in_parts
from asru_bench.models import VLM, Unadapted, encode_pairs, is_adapted, one_stream, trainable
from asru_bench.seeds import seed_for
from asru_bench.snapshots import Report, Stage, set_streams, streams
from asru_bench.types import MODALITIES, AsruBenchError, TrainingPair
from asru_bench.unlearner import Context, Unlearner, progress_bar
from asru_bench.variants import setting

Batch = losses.Batch
Log = Callable[..., None]


@dataclass(frozen=True)
class OptimConfig:
    """AdamW with a linear schedule over the true number of steps."""

    lr: float = setting(2e-5, "peak learning rate", 1e-6, 3e-3)
    epochs: int = setting(4, "passes over the pairs, where steps is not given", 1, 20)
    steps: int | None = setting(None, "optimiser steps, overrides epochs", 1, 1_000_000)
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
    modalities: tuple[str, ...] = setting(
        MODALITIES, "kinds of training pairs used: image_text, text", choices=MODALITIES
    )


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
        vlm, reference = prepared(ctx, with_reference="reference" in self.needs)
        total = config.total_steps(len(forget))
        if ctx.budget.max_steps is not None:
            total = min(total, ctx.budget.max_steps)
        order = batches(forget, config.batch_size, total, ctx.seed)

        def step_loss(step: int) -> Tensor | Mapping[str, Tensor]:
            picked = [(p.prompt, self.target(p, ctx.seed)) for p in order[step]]
            count = max(1, round(len(picked) * config.retain_ratio))
            kept = _encode(vlm, draw(retain, count, ctx.seed, step)) if retain else None
            return self.loss(vlm.model, encode_pairs(vlm, picked), kept, reference)

        with ctx.progress(name, total) as bar, ranks.shared(reference):
            report = _logger(ctx.log, name, bar)
            optimise(vlm, total, step_loss, config, ctx.seed, ctx.budget.max_seconds, report, ctx.fit)
        return vlm


def prepared(ctx: Context, with_reference: bool = False) -> tuple[VLM, Any]:
    """The context's model made trainable, and the model as it came in, for losses that compare with it.

    With an adapter that starts here the reference is the same model without it, else a frozen copy.
    """
    own_adapter = ctx.train == "lora" and not is_adapted(ctx.vlm.model)
    reference = ctx.reference.model if with_reference and not own_adapter else None
    vlm = trainable(ctx.vlm, ctx.train, seed=ctx.seed)
    return vlm, Unadapted(vlm.model) if with_reference and own_adapter else reference


def sft(
    vlm: VLM,
    pairs: Sequence[TrainingPair],
    config: OptimConfig,
    *,
    seed: int = 0,
    log: Log | None = None,
    stage: str = "sft",
    fit: Fit | None = None,
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
            fit,
        )
    return vlm


def optimise(
    vlm: VLM,
    total: int,
    step_loss: Callable[[int], Tensor | Mapping[str, Tensor]],
    config: OptimConfig,
    seed: int = 0,
    max_seconds: float | None = None,
    report: Report | None = None,
    fit: Fit | None = None,
) -> int:
    """Takes up to `total` AdamW steps on the trainable weights; returns how many.

    `step_loss(k)` is the loss of step k or its named terms, computed with `vlm.model`. Stops early, in good
    order, when the time is over. A loss that is not finite is an error and the caller saves nothing. Where
    memory runs out, the model's passes are divided and the step is taken again: the same loss of the same
    batch (`microbatch.py`). Goes on from the snapshot of an equal call that was stopped. Where several processes
    train together, all call it alike (`ranks.py`).
    """
    fit = fit or Fit()
    named = {name: p for name, p in vlm.model.named_parameters() if p.requires_grad}
    weights = list(named.values())
    if not weights:
        raise AsruBenchError("no weight is trainable; call `trainable` on the model first.")
    ranks.copy(weights)
    optimizer = optimisers.make([{"params": weights, "weight_decay": config.weight_decay}], fit.optim, lr=config.lr)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: linear(k, total, config.warmup))
    key = fingerprint.digest([total, seed, asdict(config), fit.optim, sorted(named)])
    stage = Stage(fit, key, named, optimizer, schedule, vlm.device)
    parts = Parts()
    vlm.model.train()
    with _passes(vlm, seed, fit, parts):
        stage.restore(report)
        ranks.same("the step to go on from", stage.done)
        parts.size = stage.size
        end = math.inf if max_seconds is None else time.monotonic() + max_seconds - stage.spent
        while stage.done < total and _in_time(end):
            terms = _backward(vlm, step_loss, stage, parts)
            ranks.average(weights)
            if config.max_grad_norm:
                torch.nn.utils.clip_grad_norm_(weights, config.max_grad_norm)
            numbers = {"lr": float(schedule.get_last_lr()[0]), "loss": sum(terms.values())} | terms
            if parts.size:
                numbers["microbatch"] = parts.size
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            if report:
                report(stage.done + 1, numbers)
            stage.step(stage.done + 1, numbers)
    vlm.model.eval()
    return stage.done


def _backward(
    vlm: VLM, step_loss: Callable[[int], Tensor | Mapping[str, Tensor]], stage: Stage, parts: Parts
) -> dict[str, float]:
    """Gradients of one step and the terms of its loss, with smaller parts where memory runs out."""
    before = streams(stage.device)
    while True:
        try:
            terms = _terms(step_loss(stage.done))
            loss = torch.stack(list(terms.values())).sum()
            _check_finite(loss, stage.done, terms)
            loss.backward()
            numbers = {name: value.item() for name, value in terms.items()}
            ranks.agree()
            return numbers
        except Exception as error:
            if ranks.agree(error) != ranks.FULL:
                raise
            reason = str(error).strip().partition("\n")[0]
        terms = loss = None  # type: ignore[assignment]
        _make_room(vlm, stage, parts, reason)
        set_streams(stage.device, before)


def _make_room(vlm: VLM, stage: Stage, parts: Parts, reason: str) -> None:
    """Frees what a failed step left behind and halves the parts, or says what else helps."""
    for weight in stage.weights.values():
        weight.grad = None
    gc.collect()
    if stage.device.type == "cuda":
        torch.cuda.empty_cache()
    parts.most = ranks.most(parts.most)
    if not parts.halve():
        raise AsruBenchError(f"out of memory with one question at a time ({reason}); use {LESS_MEMORY}.")
    stage.size = parts.size
    text = f"memory ran out at step {stage.done + 1}; batches are computed {parts.size} at a time, same loss and step"
    stage.fit.note(text, microbatch=parts.size)


@contextmanager
def _passes(vlm: VLM, seed: int, fit: Fit, parts: Parts) -> Iterator[None]:
    """While it lasts, the model passes over batches as training does: seeded, in parts, spread over processes."""
    stream = one_stream(vlm.device, seed_for(seed, "dropout"))
    with stream, _checkpointed(vlm, fit), in_parts(vlm.model, parts), ranks.shared(vlm.model):
        yield


def _in_time(end: float) -> bool:
    """Whether there is time for one more step; the first process's clock decides for all."""
    return math.isinf(end) or ranks.from_first(lambda: time.monotonic() < end)


@contextmanager
def _checkpointed(vlm: VLM, fit: Fit) -> Iterator[None]:
    """While it lasts, blocks of the model keep their inputs only, where the settings say so."""
    if not fit.grad_checkpoint:
        yield
        return
    if not getattr(vlm.model, "supports_gradient_checkpointing", True):
        raise AsruBenchError(f"{type(vlm.model).__name__} has no gradient checkpointing; leave --grad-checkpoint out.")
    kind = "activation" if hasattr(vlm.model, "activation_checkpointing_enable") else "gradient"  # the older name
    settings = {f"{kind}_checkpointing_kwargs": {"use_reentrant": False}}
    getattr(vlm.model, f"{kind}_checkpointing_enable")(**settings)
    try:
        yield
    finally:
        getattr(vlm.model, f"{kind}_checkpointing_disable")()


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


def _logger(log: Log | None, stage: str, bar: Any) -> Report:
    def report(step: int, numbers: dict[str, float]) -> None:
        bar.advance()
        if log:
            log(stage, step, **numbers)

    return report
