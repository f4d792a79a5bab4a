"""Losses on answer tokens; picture inputs of a batch pass through whole.

A batch is what `encode_pairs` returns; its `labels` [B, T] mark the answer tokens. Everything here looks at
those positions only, so prompt, picture and padding tokens never weigh in. Losses are built on per-sequence
sums, unless the name says mean.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from asru_bench.encoding import IGNORE

Batch = Mapping[str, Tensor]
Model = Callable[..., Any]


def answer_logits(model: Model, batch: Batch) -> tuple[Tensor, Tensor]:
    """Logits [B, K, V] in float32 and the labels [B, K] that they predict; K covers the longest answer.

    Where the model can, it computes its head for these positions only.
    """
    inputs = {name: value for name, value in batch.items() if name != "labels"}
    labels = batch["labels"]
    width = labels.shape[1]
    first = int((labels != IGNORE).any(0).nonzero()[0])
    if first == 0:
        raise ValueError("the first token has a label, but nothing comes before it to predict it")
    keep = width - first + 1
    if _keeps_logits(model):
        inputs["logits_to_keep"] = keep  # type: ignore[assignment]
    logits = model(**inputs, use_cache=False).logits
    return logits[:, -keep:-1].float(), labels[:, first:]


def token_logps(model: Model, batch: Batch) -> tuple[Tensor, Tensor]:
    """Log-probability of each next token, zero off the answer, and the answer's mask; both [B, T - 1]."""
    logits, labels = answer_logits(model, batch)
    logps = _gather(logits, labels)
    room = (batch["labels"].shape[1] - 1 - labels.shape[1], 0)
    return functional.pad(logps, room), functional.pad(labels != IGNORE, room)


def sequence_logps(model: Model, batch: Batch) -> Tensor:
    """Log-probability of each whole answer, the sum over its tokens: [B]."""
    return _gather(*answer_logits(model, batch)).sum(1)


def mean_nll(model: Model, batch: Batch) -> Tensor:
    """Mean negative log-likelihood over all answer tokens of the batch (long answers weigh more)."""
    return _mean_nll(*answer_logits(model, batch))


def mean_kl(model: Model, reference: Model, batch: Batch) -> Tensor:
    """KL(reference || model), summed over the vocabulary, mean over the batch's answer tokens."""
    return mean_nll_and_kl(model, reference, batch)[1]


def mean_nll_and_kl(model: Model, reference: Model, batch: Batch) -> tuple[Tensor, Tensor]:
    """`mean_nll` and `mean_kl` from one pass of the model."""
    logits, labels = answer_logits(model, batch)
    with torch.no_grad():
        expected, _ = answer_logits(reference, batch)
    mask = labels != IGNORE
    inputs, target = (x[mask].log_softmax(-1) for x in (logits, expected))
    kl = functional.kl_div(inputs, target, reduction="sum", log_target=True) / mask.sum()
    return _mean_nll(logits, labels), kl


def npo(model: Model, reference: Model, batch: Batch, beta: float) -> Tensor:
    """Negative preference optimisation, arXiv 2404.05868 eq. 3, on summed log-probabilities.

    -(2 / beta) mean_i log sigmoid(beta (S_i - S_i^ref)) with S_i the summed NLL of answer i. For beta -> 0
    its gradient is that of -mean_i S_i: `ga`'s (minus the mean token NLL) times the mean answer length.
    """
    with torch.no_grad():
        anchor = -sequence_logps(reference, batch)
    excess = -sequence_logps(model, batch) - anchor
    return -(2 / beta) * functional.logsigmoid(beta * excess).mean()


def npo_of_mean(model: Model, reference: Model, batch: Batch, beta: float) -> Tensor:
    """NPO as MLLMU-Bench and ASRU release it: S is the mean token NLL of the whole batch, one number.

    For beta -> 0 its gradient is `ga`'s.
    """
    with torch.no_grad():
        anchor = mean_nll(reference, batch)
    return -(2 / beta) * functional.logsigmoid(beta * (mean_nll(model, batch) - anchor))


def _gather(logits: Tensor, labels: Tensor) -> Tensor:
    """Log-probabilities [B, K] of the labels, zero where there is none."""
    nll = functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORE, reduction="none")
    return -nll.view(labels.shape)


def _mean_nll(logits: Tensor, labels: Tensor) -> Tensor:
    return functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORE)


def _keeps_logits(model: Model) -> bool:
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    return "logits_to_keep" in inspect.signature(getattr(inner, "forward", inner)).parameters
