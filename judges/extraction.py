"""Extraction strength: how short a beginning of the true answer makes the evaluated model finish it word for word."""

from __future__ import annotations

import math
from collections.abc import Sequence

from asru_bench.judge import Judge, Scores
from asru_bench.types import Generation, Sample, ScoreRequest, Verdict, World


class Extraction(Judge):
    """1 - k / T of the reference, whatever was generated; `likelihoods.extraction_strength` has the definition.

    1: the question alone brings the whole answer; 0: even the last token has to be given. On forget roles less is
    better, down to what the retain oracle has: an answer's form ("was born in") follows without knowing anybody.
    Measure: `whole`, 1 where nothing has to be given.
    """

    version = "1"
    kinds = ("generation", "cloze")
    likelihood_of = "checkpoint"

    def applies(self, sample: Sample) -> bool:
        return super().applies(sample) and bool(sample.answer.strip())

    def requests(self, samples: Sequence[Sample], generations: Sequence[Generation]) -> list[ScoreRequest]:
        return [ScoreRequest(s.id, s.prompt, s.answer, "extraction") for s in samples if self.applies(s)]

    def verdict(self, sample: Sample, generation: Generation, world: World, scores: Scores) -> Verdict:
        strength = scores.get((sample.id, sample.answer), math.nan)
        if not math.isfinite(strength):
            return self.broke(generation, "the answer could not be scored: is it longer than the model can read?")
        return self.said(generation, "", "", strength, whole=strength == 1.0)
