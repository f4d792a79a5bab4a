"""Negative preference optimisation (arXiv 2404.05868): ascent that fades once an answer is unlikely enough.

    L = - (2 / beta) mean_i log sigmoid(beta (S_i - S_i^start)) + retain_weight * NLL(retain)

S_i is the summed NLL of forget answer i. `variant="release"` is the loss of MLLMU-Bench's and ASRU's code:
one mean token NLL for the whole batch in place of S_i, beta 0.4, no retain term.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from asru_bench import losses
from asru_bench.training import Batch, LossConfig, LossUnlearner
from asru_bench.types import AsruBenchError
from asru_bench.variants import setting

DEFAULTS = {"paper": {"beta": 0.1, "retain_weight": 1.0}, "release": {"beta": 0.4, "retain_weight": 0.0}}


class NPO(LossUnlearner):
    paper = "arXiv:2404.05868"
    year = 2024
    kind = "preference"
    needs = ("forget", "retain", "reference")

    @dataclass(frozen=True)
    class Config(LossConfig):
        lr: float = setting(1e-5, "peak learning rate", 1e-6, 3e-3)
        variant: str = setting("paper", "paper: per-sequence sums; release: batch mean")
        beta: float | None = setting(None, "inverse temperature (paper 0.1, release 0.4)", 0.05, 1.0)
        retain_weight: float | None = setting(None, "weight of retain (paper 1, release 0)", 0.0, 5.0)

        def __post_init__(self) -> None:
            if self.variant not in DEFAULTS:
                raise AsruBenchError(f"unknown variant {self.variant!r} of npo; choose paper or release.")
            for name, value in DEFAULTS[self.variant].items():
                if getattr(self, name) is None:
                    object.__setattr__(self, name, value)

    def loss(self, model: Any, forget: Batch, retain: Batch | None, reference: Any) -> Mapping[str, Tensor]:
        npo = losses.npo if self.config.variant == "paper" else losses.npo_of_mean
        terms = {"forget": npo(model, reference, forget, self.config.beta)}
        if self.config.retain_weight and retain is not None:
            terms["retain"] = self.config.retain_weight * losses.mean_nll(model, retain)
        return terms
