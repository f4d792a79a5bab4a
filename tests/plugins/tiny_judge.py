"""A judge for tests: the city anywhere in the answer, and the likelihood that base gives to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from asru_bench.judge import Judge
from asru_bench.types import FORGET_ROLES, Generation, Sample, ScoreRequest, Verdict, World


class Value(Judge):
    version = "1"
    kinds = ("generation", "cloze", "classification")

    @dataclass(frozen=True)
    class Config:
        strict: bool = False

    def requests(self, samples: Sequence[Sample], generations: Sequence[Generation]) -> list[ScoreRequest]:
        return [ScoreRequest(s.id, s.prompt, g.text) for s, g in zip(samples, generations, strict=True)]

    def grade(
        self,
        samples: Sequence[Sample],
        generations: Sequence[Generation],
        world: World,
        scores: Mapping[tuple[str, str], float],
    ) -> list[Verdict]:
        found = []
        for s, g in zip(samples, generations, strict=True):
            hit = s.value in g.text
            label = ("leak" if s.role in FORGET_ROLES else "correct") if hit else ""
            measures = {"logp": scores[s.id, g.text]} if (s.id, g.text) in scores else {}
            found.append(Verdict("tiny_judge", s.id, g.key, "scored", label, evidence=s.value, measures=measures))
        return found
