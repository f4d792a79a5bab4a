"""What one forward pass says of given answers: how likely they are, and how much of them greedy decoding completes.

Every measure takes logits [B, K, V] and the labels [B, K] that they predict (-100: not part of the answer), and
gives [B] numbers about the answers' own tokens: without the end-of-turn token, which is last, unless it is alone.
Only `released` takes every labelled token, and its labels are those of CLEAR's released code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .types import AsruBenchError

if TYPE_CHECKING:
    from torch import Tensor


def mean_log_probability(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean log-probability per token in nats; of the end-of-turn token where an answer is empty."""
    return mean_over_labels(logits, labels.where(_own(labels), -100))


def extraction_strength(logits: Tensor, labels: Tensor) -> Tensor:
    """1 - k / T: k is the shortest prefix of the answer's T tokens after which greedy decoding completes it.

    Wang et al. (arXiv:2406.09179), after Carlini et al. (arXiv:2012.07805), as OpenUnlearning computes it: with the
    answer given, decoding after k tokens completes it exactly if the most likely token is right at every place from k
    on. 1: the question alone gives the answer away; 0: not even the last token follows from all others, where
    OpenUnlearning's loop ends at 1 / T.
    """
    import torch

    mask = _own(labels)
    wrong = (logits.argmax(-1) != labels) & mask
    places = mask.cumsum(1)  # the i-th token of the answer stands at places == i
    needed = torch.where(wrong, places, torch.zeros_like(places)).amax(1)
    return 1 - needed / mask.sum(1)


def mean_over_labels(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean log-probability per labelled token in nats, the end-of-turn token among them (`released_mask.py`)."""
    mask = labels != -100
    picked = logits.float().log_softmax(-1).gather(-1, labels.clamp(min=0)[..., None])[..., 0]
    return (picked * mask).sum(1) / mask.sum(1)


def _own(labels: Tensor) -> Tensor:
    every = labels != -100
    own = every & (every.cumsum(1) < every.sum(1, keepdim=True))
    return own | (every & ~own.any(1, keepdim=True))


MEASURES: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "likelihood": mean_log_probability,
    "extraction": extraction_strength,
    "released": mean_over_labels,
}

#: Setting `tokens` of the judges of likelihoods -> the measure that they ask for.
TOKENS = {"answer": "likelihood", "released": "released"}


@dataclass(frozen=True)
class TokensConfig:
    """Which tokens a likelihood is the mean of."""

    tokens: str = field(
        default="answer",
        metadata={"help": "answer; released: CLEAR's label mask, with end of turn and a part of picture and question"},
    )

    def __post_init__(self) -> None:
        if self.tokens not in TOKENS:
            raise AsruBenchError(f"unknown tokens {self.tokens!r}; choose one of {', '.join(TOKENS)}.")

    @property
    def what(self) -> str:
        return TOKENS[self.tokens]
