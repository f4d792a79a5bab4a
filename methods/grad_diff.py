"""Gradient difference (arXiv 2203.12817): ascend on the forget answers, descend on retain answers.

    L = - NLL(forget) + retain_weight * NLL(retain)         (means over answer tokens)

Both terms share each step, one retain pair drawn for each forget pair. MLLMU-Bench takes a whole pass of the
first and then a whole pass of the second, with a retain pass up to 19 times as long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from asru_bench import losses
from asru_bench.training import Batch, LossConfig, LossUnlearner
from asru_bench.variants import setting


class GradientDifference(LossUnlearner):
    paper = "arXiv:2203.12817"
    year = 2022
    kind = "gradient"
    needs = ("forget", "retain")

    @dataclass(frozen=True)
    class Config(LossConfig):
        retain_weight: float = setting(1.0, "weight of the retain term", 0.25, 5.0)

    def loss(self, model: Any, forget: Batch, retain: Batch | None, reference: Any) -> Mapping[str, Tensor]:
        assert retain is not None, "the loop gives a retain batch to methods that need it"
        return {
            "forget": -losses.mean_nll(model, forget),
            "retain": self.config.retain_weight * losses.mean_nll(model, retain),
        }
