"""Logits of given answers; where several answer one prompt, that prompt with its pictures is read once for all of them.

The first such batch is held against a plain pass over prompts and answers; a model for which the two disagree, or whose
cache is not understood, is read plainly from then on, as in `decoding.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from asru_bench import released_mask
from asru_bench.encoding import IGNORE, encode_pairs, encoded, pictures_of
from asru_bench.types import Prompt

if TYPE_CHECKING:
    from torch import Tensor

    from asru_bench.features import ImageFeatures
    from asru_bench.models import VLM

Pair = tuple[Prompt, str]
Encode = Callable[[Any, Sequence[Pair]], Any]
#: What an engine notes of this model's shared readings.
FITS, UNFIT = "scores: shared", "scores: plain"


def parts(lengths: Mapping[Pair, int], size: int) -> list[list[Pair]]:
    """Batches of at least `size` pairs, but for the last; answers to one prompt stay together, long ones first."""
    by_prompt: dict[Prompt, list[Pair]] = {}
    for pair in sorted(lengths, key=lambda p: (-lengths[p], p[0].question, p[1])):
        by_prompt.setdefault(pair[0], []).append(pair)
    found: list[list[Pair]] = []
    for pairs in by_prompt.values():
        if not found or len(found[-1]) >= size:
            found.append([])
        found[-1] += pairs
    return found


def logits_of(
    vlm: VLM, features: ImageFeatures, pairs: Sequence[Pair], what: str, noted: set[str], share: bool = True
) -> tuple[Tensor, Tensor]:
    """(logits [B, K, V], the answers' tokens [B, K] that they predict, -100 elsewhere), end of turn included.

    `what` is the measure that they are for: the released one is taken over more tokens (`released_mask.py`). `noted`
    keeps between calls whether this model's prompts can be shared.
    """
    from asru_bench.decoding import Unfit

    if what == released_mask.RELEASED:
        return plainly(vlm, features, pairs, released_mask.encode)
    several = 2 * len({prompt for prompt, _ in pairs}) <= len(pairs)
    if not (share and several) or UNFIT in noted:
        return plainly(vlm, features, pairs)
    try:
        logits, labels = _shared(vlm, features, pairs)
        if FITS not in noted:
            _check(vlm, features, pairs, logits, labels)
            noted.add(FITS)
    except Unfit:
        noted.add(UNFIT)
        return plainly(vlm, features, pairs)
    return logits, labels


def plainly(
    vlm: VLM, features: ImageFeatures, pairs: Sequence[Pair], encode: Encode = encode_pairs
) -> tuple[Tensor, Tensor]:
    """As `logits_of`, from one pass over whole sequences that `encode` labels."""
    batch = encode(vlm, pairs)
    labels = batch.pop("labels")[:, 1:]
    keep = (labels != IGNORE).any(0).nonzero()[:, 0]
    with features.serving([ref for prompt, _ in pairs for ref in pictures_of(prompt)]):
        return vlm.model(**batch, use_cache=False, logits_to_keep=keep).logits, labels[:, keep]


def _shared(vlm: VLM, features: ImageFeatures, pairs: Sequence[Pair]) -> tuple[Tensor, Tensor]:
    """As `logits_of`, from one pass over the distinct prompts and one over the answers."""
    import torch

    from asru_bench.decoding import from_start, require_window

    prompts = list(dict.fromkeys(prompt for prompt, _ in pairs))
    rows = [encoded(vlm, *pair) for pair in pairs]
    answers = [row.sequences["input_ids"][row.prompt_length :] for row in rows]
    require_window(vlm, max(row.prompt_length for row in rows) + max(map(len, answers)))
    state = from_start(vlm, features, prompts)
    state.keep(torch.tensor([prompts.index(prompt) for prompt, _ in pairs], device=vlm.device))
    labels = torch.nn.utils.rnn.pad_sequence(answers, batch_first=True, padding_value=IGNORE).to(vlm.device)
    first = state.logits[:, None]
    if labels.shape[1] == 1:
        return first, labels
    mask = (labels[:, :-1] != IGNORE).long()
    later = state.read(labels[:, :-1].clamp(min=0), mask, every=True)
    return torch.cat([first, later], dim=1), labels


def _check(vlm: VLM, features: ImageFeatures, pairs: Sequence[Pair], logits: Tensor, labels: Tensor) -> None:
    """Raises `Unfit` unless the last pair's answer has the logits of a plain pass, up to rounding."""
    from asru_bench.decoding import TOLERANCE, Unfit

    plain, own = plainly(vlm, features, pairs[-1:])
    shared = logits[-1][labels[-1] != IGNORE]
    if not own[0].equal(labels[-1][labels[-1] != IGNORE]):
        raise Unfit("its answers have other tokens beside their prompt")
    apart = float((shared.float() - plain[0].float()).abs().max())
    if not apart <= TOLERANCE.get(vlm.model.dtype, 5e-2) * float(plain.abs().max()):
        raise Unfit(f"its logits from a shared prompt differ from a plain pass by {apart:.2g}")
