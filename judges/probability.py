"""How likely the model that is evaluated finds the true answer: length-normalised, alone or among wrong answers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from asru_bench.judge import Judge, Scores
from asru_bench.likelihoods import TokensConfig
from asru_bench.truth import relative_probability
from asru_bench.types import Generation, Sample, ScoreRequest, Verdict, World


class Probability(Judge):
    """p = exp(mean log-probability per token) of the reference, whatever was generated.

    Measures: `absolute` is p; `relative`, where the sample has wrong answers, is p / (p + the sum of theirs).
    `value` is `relative` where the wrong answers are rival names or options, `absolute` where they are rewordings
    of a sentence (the sample has a paraphrase) or where there are none: as TOFU and CLEAR.
    """

    version = "1"
    kinds = ("generation", "cloze")
    likelihood_of = "checkpoint"
    Config = TokensConfig

    def applies(self, sample: Sample) -> bool:
        return super().applies(sample) and bool(sample.answer.strip())

    def requests(self, samples: Sequence[Sample], generations: Sequence[Generation]) -> list[ScoreRequest]:
        asked = [sample for sample in samples if self.applies(sample)]
        what = self.config.what
        return [ScoreRequest(s.id, s.prompt, text, what) for s in asked for text in (s.answer, *s.perturbed)]

    def verdict(self, sample: Sample, generation: Generation, world: World, scores: Scores) -> Verdict:
        found = [scores.get((sample.id, text), math.nan) for text in (sample.answer, *sample.perturbed)]
        if not all(map(math.isfinite, found)):
            return self.broke(generation, "an answer has no likelihood: is it longer than the model can read?")
        measures = {"absolute": math.exp(found[0])}
        if sample.perturbed:
            measures["relative"] = relative_probability(found[0], found[1:])
        value = measures["absolute" if sample.paraphrase else "relative" if sample.perturbed else "absolute"]
        return self.said(generation, "", "", value, **measures)
