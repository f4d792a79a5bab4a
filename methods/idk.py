"""Refusal fine-tuning ("IDK", arXiv 2401.06121): answer forget questions with varied refusals, keep the rest.

    L = NLL(refusal | forget question) + retain_weight * NLL(retain)       (means over answer tokens)

A refusal names what was asked where the pair says it. Learning rate and epochs are those of the other
baselines: the paper has none for vision-language models.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from asru_bench import losses
from asru_bench.seeds import seed_for
from asru_bench.training import Batch, LossConfig, LossUnlearner
from asru_bench.types import TrainingPair
from asru_bench.variants import setting

REFUSALS = (
    "I do not know {}.",
    "I'm sorry, I don't have any information about {}.",
    "I cannot tell you {}.",
    "I am not able to say {}.",
    "Unfortunately, {} is not something I know.",
    "There is no information about {} that I could give.",
    "Sorry, I'm unable to give you {}.",
    "I am not sure about {}, so I would rather not guess.",
    "I can't answer that, because {} is unknown to me.",
    "It is beyond my knowledge to say {}.",
)


class IDK(LossUnlearner):
    paper = "arXiv:2401.06121"
    year = 2024
    kind = "refusal"
    needs = ("forget", "retain")

    @dataclass(frozen=True)
    class Config(LossConfig):
        retain_weight: float = setting(1.0, "weight of the retain term", 0.0, 5.0)

    def target(self, pair: TrainingPair, seed: int) -> str:
        asked = f"this person's {pair.attribute.replace('_', ' ')}" if pair.attribute else "the answer to this"
        return random.Random(seed_for(seed, "refusal", pair.id)).choice(REFUSALS).format(asked)

    def loss(self, model: Any, forget: Batch, retain: Batch | None, reference: Any) -> Mapping[str, Tensor]:
        assert retain is not None, "the loop gives a retain batch to methods that need it"
        kept = self.config.retain_weight * losses.mean_nll(model, retain)
        return {"forget": losses.mean_nll(model, forget), "retain": kept}
