"""An example small enough to compute every loss by hand: three tokens, a vocabulary of three."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import torch

LN2, LN4 = math.log(2), math.log(4)


class Table(torch.nn.Module):
    """A model whose logits [B, T, V] are given."""

    def __init__(self, logits: list[list[list[float]]]) -> None:
        super().__init__()
        self.logits = torch.nn.Parameter(torch.tensor(logits))

    def forward(self, input_ids: torch.Tensor, use_cache: bool) -> Any:
        assert not use_cache
        return SimpleNamespace(logits=self.logits)


def probabilities(*rows: list[list[float]]) -> Table:
    return Table([[[math.log(p) for p in position] for position in row] for row in rows])


# One prompt token, then answers of two tokens and of one token (with padding), vocabulary of three.
BATCH = {
    "input_ids": torch.tensor([[0, 1, 2], [0, 1, 0]]),
    "labels": torch.tensor([[-100, 1, 2], [-100, 1, -100]]),
}
# p(answer): row 0 = 1/2 * 1/4, row 1 = 1/4; the last position predicts nothing.
MODEL = [[[0.25, 0.5, 0.25], [0.5, 0.25, 0.25], [0.1, 0.1, 0.8]], [[0.5, 0.25, 0.25]] + [[0.2, 0.2, 0.6]] * 2]
# The reference gives every answer token 1/2 (row 0) and 1/2 (row 1).
START = [[[0.25, 0.5, 0.25], [0.25, 0.25, 0.5], [0.3, 0.3, 0.4]], [[0.25, 0.5, 0.25]] + [[0.3, 0.3, 0.4]] * 2]


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))
