"""What makes trl's trainer fit and survive: our optimisers, passes in parts, snapshots of what is trained.

Where several processes train together, trl takes each for a lone one: all see the same prompts, the first samples
the answers, and each computes the log-probabilities of its share. trl's own way of spreading prompts samples in
each process, so its answers are never those of one process.
"""

from __future__ import annotations

import gc
import pickle
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint
from trl import GRPOTrainer

from asru_bench import optimisers, ranks
from asru_bench.fit import Fit
from asru_bench.microbatch import Parts
from asru_bench.snapshots import set_streams, streams
from asru_bench.types import AsruBenchError

WEIGHTS = "weights.pt"
STATE = "trainer_state.json"


class FittingTrainer(GRPOTrainer):
    """trl's trainer with the settings of a `Fit`; `parts` says how many answers one pass may hold."""

    model: Any  # trl: None where a trainer has not begun
    fit = Fit()
    share_prompts = True
    spent = 0.0

    def __init__(self, *args: Any, **settings: Any) -> None:
        self.parts = Parts()
        self._began = time.monotonic()
        super().__init__(*args, **settings)

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """trl's own where it is right; else `optimisers.py`, with the same weights free of decay."""
        model = model or self.model
        named = {name: p for name, p in model.named_parameters() if p.requires_grad}
        plain = self.fit.optim == "adamw" and all(p.dtype == torch.float32 for p in named.values())
        if plain or self.optimizer is not None:
            return super().create_optimizer()
        decayed = set(self.get_decay_parameter_names(model))
        groups = [
            {"params": [p for name, p in named.items() if (name in decayed) == decays], "weight_decay": amount}
            for decays, amount in ((True, self.args.weight_decay), (False, 0.0))
        ]
        groups = [group for group in groups if group["params"]]
        self.optimizer = optimisers.make(groups, self.fit.optim, lr=self.args.learning_rate)
        return self.optimizer

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """Snapshots are no models to publish."""

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """Of a snapshot: the trained weights and the seconds so far, under the names that they have here."""
        trained = {name: p.detach() for name, p in self.model.named_parameters() if p.requires_grad}
        folder = Path(str(output_dir or self.args.output_dir))
        folder.mkdir(parents=True, exist_ok=True)
        seconds = self.spent + time.monotonic() - self._began
        torch.save({"weights": trained, "seconds": seconds, "size": self.parts.size}, folder / WEIGHTS)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        state = torch.load(Path(resume_from_checkpoint) / WEIGHTS, map_location="cpu", weights_only=True)
        places = dict(self.model.named_parameters())
        with torch.no_grad():
            for name, value in state["weights"].items():
                places[name].copy_(value)
        self.spent, self.parts.size = state["seconds"], state["size"]

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> Tensor:
        """One pass and its gradients; where memory runs out, again with smaller parts and the same random numbers."""
        before, fresh = streams(self.accelerator.device), all(p.grad is None for p in self.model.parameters())
        while True:
            try:
                loss = super().training_step(model, inputs, num_items_in_batch)
                ranks.agree()
                break
            except Exception as error:
                if ranks.agree(error) != ranks.FULL:
                    raise
                reason = str(error).strip().partition("\n")[0]
            self._make_room(fresh, reason)
            set_streams(self.accelerator.device, before)
        if self.accelerator.sync_gradients:  # the last pass before a step of the optimiser
            ranks.average(self.model.parameters())
        return loss

    def _make_room(self, fresh: bool, reason: str) -> None:
        if fresh:
            self.model.zero_grad(set_to_none=True)
        gc.collect()
        if self.accelerator.device.type == "cuda":
            torch.cuda.empty_cache()
        self.parts.most = ranks.most(self.parts.most)
        if not (fresh and self.share_prompts and self.parts.halve()):
            raise AsruBenchError(
                f"out of memory in reinforcement ({reason}); use a smaller -m microbatch=…, -m answer_tokens=…, "
                "--train lora, --optim offload, or a larger GPU."
            )
        text = f"memory ran out in reinforcement; answers are computed {self.parts.size} at a time, same loss and step"
        self.fit.note(text, microbatch_rl=self.parts.size)

    def _compute_loss(self, model: Any, inputs: Any) -> Tensor:
        """trl's; `bnpo` is the mean over the tokens of a whole minibatch also where that comes in several parts."""
        loss = super()._compute_loss(model, inputs)
        count = getattr(self, "current_gradient_accumulation_steps", 1)
        if self.loss_type != "bnpo" or count == 1 or not self.model.training or self._buffered_inputs is None:
            return loss
        start = self._step % self.args.steps_per_generation // count * count
        tokens = [part["completion_mask"].sum() for part in self._buffered_inputs[start : start + count]]
        return loss * inputs["completion_mask"].sum().clamp(min=1) * count / sum(tokens).clamp(min=1)  # type: ignore[union-attr]

    def in_parts(self, rows: slice, asked: int | None) -> list[slice]:
        """The sequences of each pass over `rows`."""
        count = rows.stop - rows.start
        size = min(n for n in (asked or count, self.parts.size or count, count) if n)
        self.parts.most = max(self.parts.most, size)
        return [slice(i, min(i + size, rows.stop)) for i in range(rows.start, rows.stop, size)]

    def again(self, function: Any, *values: Any) -> Any:
        """A pass whose inputs are kept and whose activations are computed again, where passes are divided."""
        if self.parts.size and torch.is_grad_enabled():
            return checkpoint(function, *values, use_reentrant=False)
        return function(*values)


def latest(folder: Path | None) -> str | None:
    """The newest complete snapshot of a stopped reinforcement."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda p: -int(p.name.rpartition("-")[2])) if folder else []
    for path in found:
        try:
            torch.load(path / WEIGHTS, map_location="cpu", weights_only=True, mmap=True)
            if (path / STATE).stat().st_size:
                return str(path)
        except (OSError, RuntimeError, EOFError, pickle.UnpicklingError):
            continue  # the stop came while it was written
    return None
