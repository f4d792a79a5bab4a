"""Gradient ascent (arXiv 2210.01504): raise the loss of the forget answers, and nothing else.

    L = - mean over answer tokens of -log p(y_t | image, question, y_<t)

Settings are those of ASRU's baselines on Qwen3-VL (learning rate 2e-5, batch 4, 4 epochs, answer tokens
only); MLLMU-Bench runs one epoch and also supervises the prompt.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from asru_bench import losses
from asru_bench.training import Batch, LossUnlearner


class GradientAscent(LossUnlearner):
    paper = "arXiv:2210.01504"
    year = 2022
    kind = "gradient"
    needs = ("forget",)

    def loss(self, model: Any, forget: Batch, retain: Batch | None, reference: Any) -> Tensor:
        return -losses.mean_nll(model, forget)
