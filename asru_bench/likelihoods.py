"""What one forward pass says of given answers: how likely they are, and how much of them greedy decoding completes.

Every measure takes logits [B, K, V] and the labels [B, K] that they predict (-100: not part of the answer), and
gives [B] numbers about the answers' own tokens: without the end-of-turn token, which is last, unless it is alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def mean_log_probability(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean log-probability per token in nats; of the end-of-turn token where an answer is empty."""
    mask = _own(labels)
    picked = logits.float().log_softmax(-1).gather(-1, labels.clamp(min=0)[..., None])[..., 0]
    return (picked * mask).sum(1) / mask.sum(1)


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


def _own(labels: Tensor) -> Tensor:
    every = labels != -100
    own = every & (every.cumsum(1) < every.sum(1, keepdim=True))
    return own | (every & ~own.any(1, keepdim=True))


MEASURES: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "likelihood": mean_log_probability,
    "extraction": extraction_strength,
}
