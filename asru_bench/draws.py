"""Sampled answers that depend on their request alone: the noise of each token comes from a seed, not from the batch.

The token with the highest logit plus standard Gumbel noise is a draw from softmax(logits) (Gumbel-max), so a sampled
answer takes the path of a greedy one. Temperature is 1 and nothing is cut off: the model's own distribution.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from asru_bench.seeds import draw_seed, seed_for
from asru_bench.types import Generation, Request


def seed_of(request: Request, stub: Generation) -> int | None:
    """The seed of a request's noise, from what the model reads and the number of the draw; None: greedy."""
    return draw_seed(request.draw, stub.token_hash, stub.image_hash)


def noise(seed: int, step: int, size: int, device: torch.device | str = "cpu") -> Tensor:
    """Standard Gumbel noise [V] for new token number `step` (from 0); another kind of device draws other numbers."""
    generator = torch.Generator(device).manual_seed(seed_for(seed, "token", step))
    return -torch.empty(size, device=device).exponential_(generator=generator).clamp_min(1e-20).log()


def noisy(logits: Tensor, seeds: Sequence[int | None], steps: Sequence[int]) -> Tensor:
    """Logits [B, V] with the noise of each row; rows without a seed as they are."""
    if all(seed is None for seed in seeds):
        return logits
    made = logits.to(torch.float32, copy=True)
    for row, (seed, step) in enumerate(zip(seeds, steps, strict=True)):
        if seed is not None:
            made[row] += noise(seed, step, logits.shape[-1], logits.device)
    return made


class Noise:
    """Adds the noise of each row inside `generate`, for prompts of `width` tokens."""

    def __init__(self, seeds: Sequence[int | None], width: int) -> None:
        self.seeds, self.width = seeds, width

    def __call__(self, input_ids: Any, scores: Tensor) -> Tensor:
        step = input_ids.shape[1] - self.width
        return noisy(scores, self.seeds, [step] * len(self.seeds))
