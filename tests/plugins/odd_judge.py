"""A judge for tests that returns what its setting says, in place of verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from asru_bench.judge import Judge, Scores
from asru_bench.types import Generation, Sample, World


class Odd(Judge):
    version = "1"
    kinds = ("generation",)

    @dataclass(frozen=True)
    class Config:
        gives: str = field(default="nan", metadata={"help": "nan, none, numbers or error"})

    def grade(self, samples: Sequence[Sample], generations: Sequence[Generation], world: World, scores: Scores) -> Any:
        if self.config.gives == "error":
            raise KeyError("no such fact")
        if self.config.gives == "none":
            return None
        if self.config.gives == "numbers":
            return [0.5 for _ in samples]
        answers = {g.sample_id: g for g in generations}
        return [self.said(answers[s.id], value=float("nan")) for s in samples if self.applies(s)]
