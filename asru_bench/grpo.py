"""trl's `GRPOTrainer` for boundary sets: settings, data, reward, curves, and each prompt computed once."""

from __future__ import annotations

import logging
import math
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import PrinterCallback, TrainerCallback
from trl import GRPOConfig

from asru_bench import control_tokens, prefix, ranks
from asru_bench.data import open_image
from asru_bench.grpo_fit import FittingTrainer, latest
from asru_bench.models import VLM, messages
from asru_bench.rewards import Case, Levels, make_reward
from asru_bench.seeds import seed_for
from asru_bench.types import AsruBenchError, TrainingPair
from asru_bench.unlearner import Context, Ticker
from asru_bench.variants import VariantConfig, knob

STAGE = "reinforce"
Row = tuple[TrainingPair, Case]


@dataclass(frozen=True)
class ReinforceConfig(VariantConfig):
    """Settings of stage 2. `release` = what ASRU's script and its engine's defaults amount to."""

    reward: str = knob("ours", "release", "boundary reward: ours or release", choices=("ours", "release"))
    boundary_forget: int = knob(200, 200, "forget questions in the boundary set", 1)
    boundary_retain: int = knob(200, 200, "retain questions in the boundary set", 1)
    boundary: str = knob(
        "random",
        "random",
        "retain side: random, or similar = the nearest share of people",
        choices=("random", "similar"),
    )
    boundary_share: float = knob(0.273, 0.273, "share of retain people that count as similar", 0.001, 1.0)
    rollouts: int = knob(60, 0, "batches of answers; 0 = as many as rl_epochs need", 0)
    rl_epochs: int = knob(6, 6, "passes over the boundary set", 1)
    text_share: float = knob(0.0, 0.0, "share of the batches whose questions come without a picture", 0.0, 0.99)
    prompts: int = knob(8, 64, "prompts of one rollout, half forget, half retain", 2)
    group: int = knob(8, 8, "answers for each prompt", 2)
    minibatch: int = knob(64, 16, "answers of one optimiser step", 1)
    microbatch: int = knob(0, 0, "answers in memory at once; 0 = the minibatch", 0)
    temperature: float = knob(1.0, 1.5, "of sampling, of the ratio and of the KL term", 0.01, 100.0)
    top_p: float = knob(1.0, 0.95, "nucleus of sampling", 0.01, 1.0)
    answer_tokens: int = knob(32, 2048, "longest answer in tokens", 1)
    rl_lr: float = knob(1e-6, 1e-6, "learning rate of AdamW", 1e-9, 0.1)
    rl_schedule: str = knob("constant", "constant", "learning-rate schedule, by its name in transformers")
    rl_weight_decay: float = knob(0.01, 0.01, "decoupled weight decay", 0.0, 1.0)
    max_grad_norm: float = knob(1.0, 1.0, "gradients are scaled down to this norm", 0.0)
    beta: float = knob(0.04, 0.1, "weight of the KL term; 0 = no reference", 0.0)
    bias_correction_kl: bool = knob(False, False, "trl's ratio-weighted KL, its default from 1.10")
    loss_type: str = knob("bnpo", "bnpo", "trl's name of the loss; bnpo = mean over tokens")
    scale_rewards: str = knob(
        "group", "group", "advantages over the deviation of: group, batch, none", choices=("group", "batch", "none")
    )
    clip_low: float = knob(0.2, 0.2, "the ratio is clipped below 1 - this", 0.0, 1.0)
    clip_high: float = knob(0.3, 0.3, "and above 1 + this", 0.0)
    dual_clip: float = knob(3.0, 3.0, "cap of the ratio where the advantage is negative; 0 = none", 0.0)
    train_vision: bool = knob(True, True, "train the vision tower too")
    train_only: str = knob("", "", "regular expression: of the weights, train those whose names it finds")
    share_prompts: bool = knob(True, True, "compute each prompt once for its answers; else trl's own way")
    contextual: float = knob(1.0, 1.0, "ours: refusal that names what was asked", -10.0, 10.0)
    generic: float = knob(0.6, 0.6, "ours: any other refusal of a forget question", -10.0, 10.0)
    other: float = knob(0.1, 0.1, "ours: neither refusal nor leak", -10.0, 10.0)
    wrong: float = knob(0.2, 0.2, "ours: wrong answer to a retain question", -10.0, 10.0)
    over_refusal: float = knob(0.0, 0.0, "ours: refusal of a retain question", -10.0, 10.0)
    variety: float = knob(0.2, 0.2, "ours: most that an uncommon wording of a refusal adds", -10.0, 10.0)

    def rollouts_of(self, questions: float) -> int:
        """How many are taken; of each pass over the questions only those that fill a rollout, as the release does."""
        return self.rollouts or self.rl_epochs * max(1, math.floor(questions / self.prompts))

    def levels(self) -> Levels:
        names = ("contextual", "generic", "other", "wrong", "over_refusal", "variety")
        return Levels(**{name: getattr(self, name) for name in names})


def make_trainer(
    vlm: VLM,
    rows: Sequence[Row],
    plan: Sequence[int],
    config: ReinforceConfig,
    ctx: Context,
    bar: Ticker,
) -> BoundaryTrainer:
    """trl's trainer over the rows named by `plan`; its reference is what the model's path holds."""
    report = _Report(ctx, bar, config.prompts * config.group // config.minibatch)
    trainer = BoundaryTrainer(
        model=vlm.model,
        reward_funcs=_Reward(config, rows, vlm),
        args=grpo_config(vlm, config, ctx, len(plan) // config.prompts),
        train_dataset=_dataset(plan, rows),
        processing_class=vlm.processor,
        callbacks=[report],
    )
    trainer.share_prompts = config.share_prompts
    trainer.fit = ctx.fit
    report.trainer = trainer
    trainer.remove_callback(PrinterCallback)
    return trainer


def grpo_config(vlm: VLM, config: ReinforceConfig, ctx: Context, rollouts: int) -> GRPOConfig:
    """Every argument that decides what is trained, none left to trl's changing defaults."""
    answers = config.prompts * config.group
    micro = config.microbatch or config.minibatch
    if config.prompts % 2 or answers % config.minibatch or config.minibatch % micro:
        raise AsruBenchError(
            f"stage 2 needs an even number of prompts, and prompts x group ({answers}) to be a multiple of minibatch "
            f"({config.minibatch}), that of microbatch ({micro})."
        )
    on_cpu = vlm.device.type == "cpu"
    steps = rollouts * answers // config.minibatch
    arguments = GRPOConfig(
        output_dir=str(_snapshots(ctx) or ctx.workdir / "trl"),
        use_cpu=on_cpu,
        bf16=vlm.model.dtype == torch.bfloat16,
        gradient_checkpointing=not config.share_prompts and (ctx.fit.grad_checkpoint or not on_cpu),
        disable_dropout=True,
        seed=seed_for(ctx.seed, STAGE),
        max_steps=min(steps, ctx.budget.max_steps or steps),
        per_device_train_batch_size=micro,
        gradient_accumulation_steps=config.minibatch // micro,
        steps_per_generation=answers // micro,
        num_generations=config.group,
        num_iterations=1,
        shuffle_dataset=False,
        temperature=config.temperature,
        top_p=config.top_p,
        max_completion_length=config.answer_tokens,
        generation_kwargs={"suppress_tokens": control_tokens.never_sampled(vlm)},
        learning_rate=config.rl_lr,
        lr_scheduler_type=config.rl_schedule,
        weight_decay=config.rl_weight_decay,
        max_grad_norm=config.max_grad_norm,
        beta=config.beta,
        use_bias_correction_kl=config.bias_correction_kl,
        loss_type=config.loss_type,
        scale_rewards=config.scale_rewards,
        epsilon=config.clip_low,
        epsilon_high=config.clip_high,
        delta=config.dual_clip or None,
        importance_sampling_level="token",
        logging_steps=1,
        save_strategy="no",  # `_Report` says when
        save_total_limit=1,
        report_to="none",
        disable_tqdm=True,
        dataloader_num_workers=0,
        dataloader_pin_memory=False,
    )
    arguments._n_gpu = min(1, arguments.n_gpu)  # trl refuses the data-parallel mode of several visible GPUs
    return arguments


def _snapshots(ctx: Context) -> Path | None:
    """Where reinforcement keeps its snapshots, if it does."""
    return ctx.fit.folder / STAGE if ctx.fit.folder and ctx.fit.save_every >= 0 else None


def train(trainer: BoundaryTrainer, ctx: Context) -> None:
    """Trains to the end, from where an equal training was stopped."""
    ctx.fit.stage_file()  # it counts as a stage; its own snapshots are a folder
    snapshot = latest(_snapshots(ctx))
    ranks.same("the step to go on from", int(snapshot.rpartition("-")[2]) if snapshot else 0)
    ranks.copy(weight for weight in trainer.model.parameters() if weight.requires_grad)
    trainer.train(resume_from_checkpoint=snapshot)


def _dataset(plan: Sequence[int], rows: Sequence[Row]) -> Any:
    """A data set of indices; pictures are opened when a row is asked for, and never encoded again."""
    from datasets import Dataset

    def look_up(batch: dict[str, list[int]]) -> dict[str, list[Any]]:
        pairs = [rows[i][0] for i in batch["row"]]
        pictures = [open_image(pair.image) for pair in pairs if pair.image]  # of all rows of a batch, or of none
        found: dict[str, list[Any]] = {"prompt": [messages(pair.prompt) for pair in pairs], "row": batch["row"]}
        return found | ({"image": pictures} if pictures else {})

    return Dataset.from_dict({"row": list(plan)}).with_transform(look_up)


class _Reward:
    """The reward in trl's form: rewards each completion, and logs what the batch looks like."""

    __name__ = "boundary"

    def __init__(self, config: ReinforceConfig, rows: Sequence[Row], vlm: VLM) -> None:
        self.reward = make_reward(config.reward, config.levels())
        self.group = config.group
        self.cases = [case for _, case in rows]
        self.ends = control_tokens.ends(vlm)

    def __call__(
        self, completions: Any, completion_ids: Any, row: list[int], log_metric: Any, **_: Any
    ) -> list[float | None]:
        answers = [completion[0]["content"] for completion in completions]
        cases = [self.cases[i] for i in row]
        finished = [bool(ids) and ids[-1] in self.ends for ids in completion_ids]
        rewards = self.reward(answers, cases, finished)
        for name, value in summary(rewards, cases, self.group).items():
            log_metric(name, value)
        return rewards


def summary(rewards: Sequence[float | None], cases: Sequence[Case], group: int) -> dict[str, float]:
    """Mean reward and share of groups in which all rewards are equal, by flag; share without a reward."""
    found = {"unscored": sum(r is None for r in rewards) / len(rewards)}
    groups = [
        (cases[i].flag, [r for r in rewards[i : i + group] if r is not None]) for i in range(0, len(rewards), group)
    ]
    for flag in ("forget", "retain"):
        mine = [values for name, values in groups if name == flag and values]
        if mine:
            found[f"reward_{flag}"] = sum(map(sum, mine)) / sum(map(len, mine))
            found[f"zero_variance_{flag}"] = sum(max(v) - min(v) < 1e-6 for v in mine) / len(mine)
    return found


class BoundaryTrainer(FittingTrainer):
    """trl's trainer; what is computed is the same, each prompt of a batch once instead of G times."""

    def _send_telemetry(self) -> None:
        """Nothing leaves the machine."""

    def _generate_single_turn(
        self, prompt_ids: Any, images: Any, multimodal_fields: Any, *rest: Any, **more: Any
    ) -> Any:
        return ranks.from_first(lambda: self._sampled(prompt_ids, images, multimodal_fields, *rest, **more))

    def _sampled(self, prompt_ids: Any, images: Any, multimodal_fields: Any, *rest: Any, **more: Any) -> Any:
        fields = {k: _padded(v) for k, v in multimodal_fields.items()}
        ids = _padded(prompt_ids, self._tokenizer.pad_token_id)
        parts = prefix.divide(len(ids), fields) if self.share_prompts else None
        if parts is None:
            return super()._generate_single_turn(prompt_ids, images, multimodal_fields, *rest, **more)
        device = self.accelerator.device
        mask = _padded([[1] * len(row) for row in prompt_ids])
        parts = [{name: value.to(device) for name, value in part.items()} for part in parts]
        choose = prefix.nucleus(self.temperature, self.top_p, self.generation_config.suppress_tokens or [])
        answers: list[list[int]] = []
        with torch.no_grad(), self.accelerator.autocast():
            for some in self.in_parts(slice(0, len(ids)), None):
                start = prefix.prefill(self.model, ids[some].to(device), mask[some].to(device), parts[some])
                most = int(self.max_completion_length or 512)
                answers += prefix.sample(start, choose, self.eos_token_ids, most)
        return answers, None

    def _get_per_token_logps_and_entropies(
        self,
        model: Any,
        input_ids: Tensor,
        attention_mask: Tensor,
        logits_to_keep: int,
        batch_size: int | None = None,
        compute_entropy: bool = False,
        **rest: Any,
    ) -> Any:
        start = input_ids.shape[1] - logits_to_keep
        single = all(n == 1 for n in rest.get("num_images") or ())
        fields = {k: v for k, v in rest.items() if isinstance(v, Tensor)}
        fields |= {k: v[:, :start] for k, v in fields.items() if k.endswith("token_type_ids")}
        parts = prefix.divide(len(input_ids), fields) if self.share_prompts and single else None
        if parts is None:
            return super()._get_per_token_logps_and_entropies(
                model, input_ids, attention_mask, logits_to_keep, batch_size, compute_entropy, **rest
            )

        def answered(some: slice) -> tuple[Tensor, Tensor | None]:
            ids, mask = input_ids[some], attention_mask[some]
            with self.accelerator.autocast():
                asked = (parts[some], start, self.temperature, compute_entropy)
                return prefix.logps_by_length(model, ids, mask, *asked)

        count = len(parts)
        found = [self.again(answered, some) for some in self.in_parts(ranks.mine(count), batch_size)]
        ranks.agree()
        logps, entropies = zip(*found, strict=True)
        spread = ranks.join(torch.cat(entropies), count) if compute_entropy else None
        return ranks.join(torch.cat(logps), count), spread, None


def _padded(value: Any, fill: int = 0) -> Tensor:
    """Lists of token numbers as one left-padded tensor, pictures of one size stacked; tensors as they are."""
    if isinstance(value, Tensor):
        return value
    if hasattr(value[0], "shape") and value[0].ndim > 1:
        return torch.stack([torch.as_tensor(row) for row in value])
    width = max(map(len, value))
    return torch.tensor([[fill] * (width - len(row)) + list(row) for row in value])


class _Report(TrainerCallback):
    """Curves, progress, the time budget, and an error where the loss is not a number."""

    KEEP = (
        "loss",
        "grad_norm",
        "learning_rate",
        "kl",
        "entropy",
        "reward",
        "reward_std",
        "frac_reward_zero_std",
    )

    def __init__(self, ctx: Context, bar: Ticker, steps_each: int) -> None:
        self.ctx, self.bar, self.steps_each = ctx, bar, steps_each
        seconds = ctx.budget.max_seconds
        self.end = math.inf if seconds is None else time.monotonic() + seconds
        self.saved = time.monotonic()
        self.trainer: Any = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Goes on: what was logged before the stop is logged again."""
        if state.global_step:
            self.ctx.fit.resumed(state.global_step, self.trainer.spent)
            self.end -= self.trainer.spent
        for logs in state.log_history:
            self._write(logs, logs["step"])
            if logs["step"] % self.steps_each == 0:
                self.bar.advance()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        fit, whole = self.ctx.fit, state.global_step % self.steps_each == 0
        if whole:
            self.bar.advance()
        if math.isfinite(self.end) and ranks.from_first(lambda: time.monotonic() > self.end):
            control.should_training_stop = True
        if whole and ranks.first() and fit.folder and 0 <= 60 * fit.save_every <= time.monotonic() - self.saved:
            control.should_save = True  # between rollouts: answers that wait for their step are not saved
            self.saved = time.monotonic()

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        self._write(logs or {}, state.global_step)

    def _write(self, logs: dict[str, Any], step: int) -> None:
        numbers = {k.replace("/", "_"): v for k, v in logs.items() if isinstance(v, int | float)}
        if "loss" not in numbers:
            return
        bad = [k for k in ("loss", "grad_norm") if not math.isfinite(numbers.get(k, 0.0))]
        if bad:
            raise AsruBenchError(
                f"NaN {bad[0]} at step {step} of reinforcement; nothing is saved. Lower the learning rate "
                "(-m rl_lr=…) or the temperature (-m temperature=1)."
            )
        extra = ("reward_", "zero_variance_", "unscored", "completions_mean", "completions_clipped")
        self.ctx.log(STAGE, step, **{k: v for k, v in numbers.items() if k in self.KEEP or k.startswith(extra)})


@contextmanager
def borrowed(vlm: VLM) -> Iterator[None]:
    """Left padding, which the trainer expects, and afterwards tokenizer and configuration as they were."""
    side = vlm.tokenizer.padding_side
    settings = [(part, dict(vars(part))) for part in (vlm.model.config, vlm.model.config.get_text_config())]
    vlm.tokenizer.padding_side = "left"
    try:
        yield
    finally:
        vlm.tokenizer.padding_side = side
        for part, before in settings:
            vars(part).clear()
            vars(part).update(before)


@contextmanager
def quiet() -> Iterator[None]:
    """Without the loggers, warnings and bars of the libraries below."""
    from transformers.utils import logging as transformers_logging

    names = ("transformers", "trl", "accelerate", "datasets")
    levels = {name: logging.getLogger(name).level for name in names}
    bars = transformers_logging.is_progress_bar_enabled()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            logging.getLogger(name).setLevel(logging.ERROR)
        transformers_logging.disable_progress_bar()
        try:
            yield
        finally:
            for name, level in levels.items():
                logging.getLogger(name).setLevel(level)
            if bars:
                transformers_logging.enable_progress_bar()
