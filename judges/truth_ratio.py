"""Truth ratio, per item: are wrong answers of the same form as likely as the right one in other words?"""

from __future__ import annotations

import math
from collections.abc import Sequence

from asru_bench.judge import Judge, Scores
from asru_bench.likelihoods import TokensConfig
from asru_bench.truth import closeness, knowledge, log_ratio
from asru_bench.types import FORGET_ROLES, Generation, Sample, ScoreRequest, Verdict, World


class TruthRatio(Judge):
    """R = p(wrong) / p(right), TOFU's direction (CLEAR's is the inverse), p length-normalised, the wrong answers'
    geometric mean. The right answer is the sample's paraphrase, else its reference.

    `value`: min(R, 1/R) on forget roles, max(0, 1 - R) elsewhere; both lie between 0 and 1, more is better.
    Measures: `log_ratio` = log R; `right` and `wrong`, its parts (mean log-probability per token, in nats);
    `wrong_answers`, how many.
    """

    version = "1"
    kinds = ("generation", "cloze")
    likelihood_of = "checkpoint"
    Config = TokensConfig

    def applies(self, sample: Sample) -> bool:
        return super().applies(sample) and bool(sample.perturbed) and bool(_right(sample))

    def requests(self, samples: Sequence[Sample], generations: Sequence[Generation]) -> list[ScoreRequest]:
        asked = [sample for sample in samples if self.applies(sample)]
        what = self.config.what
        return [ScoreRequest(s.id, s.prompt, text, what) for s in asked for text in (_right(s), *s.perturbed)]

    def verdict(self, sample: Sample, generation: Generation, world: World, scores: Scores) -> Verdict:
        found = [scores.get((sample.id, text), math.nan) for text in (_right(sample), *sample.perturbed)]
        if not all(map(math.isfinite, found)):
            return self.broke(generation, "an answer has no likelihood: is it longer than the model can read?")
        right, *wrong = found
        ratio = log_ratio(right, wrong)
        value = closeness(ratio) if sample.role in FORGET_ROLES else knowledge(ratio)
        parts = {"right": right, "wrong": math.fsum(wrong) / len(wrong), "wrong_answers": len(wrong)}
        return self.said(generation, "", "", value, log_ratio=ratio, **parts)


def _right(sample: Sample) -> str:
    return (sample.paraphrase or sample.answer).strip()
