"""KL minimisation (arXiv 2401.06121, MLLMU-Bench's KL_Min): ascend on forget, stay near the start on retain.

    L = - NLL(forget) + NLL(retain) + kl_weight * mean over retain answer tokens of KL(start || model)

The KL looks at answer positions only. The released code of MLLMU-Bench sums it over prompt, picture and
padding positions too, so there its weight grows with the length of the longest prompt in the batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from asru_bench import losses
from asru_bench.training import Batch, LossConfig, LossUnlearner
from asru_bench.variants import setting


class KLMinimisation(LossUnlearner):
    paper = "arXiv:2401.06121"
    year = 2024
    kind = "gradient"
    needs = ("forget", "retain", "reference")

    @dataclass(frozen=True)
    class Config(LossConfig):
        retain_weight: float = setting(1.0, "weight of the retain answers' likelihood", 0.0, 5.0)
        kl_weight: float = setting(1.0, "weight of the distance to the start model", 0.25, 5.0)

    def loss(self, model: Any, forget: Batch, retain: Batch | None, reference: Any) -> Mapping[str, Tensor]:
        assert retain is not None, "the loop gives a retain batch to methods that need it"
        nll, kl = losses.mean_nll_and_kl(model, reference, retain)
        return {
            "forget": -losses.mean_nll(model, forget),
            "retain": self.config.retain_weight * nll,
            "kl": self.config.kl_weight * kl,
        }
