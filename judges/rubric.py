"""The aspects of the `llm` judge by rules alone, without a server; no language model's opinion and never called one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from asru_bench import rules
from asru_bench.aspects import GRADED, RUBRICS, Aspect, aspects_of
from asru_bench.judge import Judge, Scores
from asru_bench.types import AsruBenchError, Generation, Sample, Verdict, World


class Rubric(Judge):
    """Measures as those of `llm`: contextual, leakage, naturalness, hallucination about forgotten people and
    strangers, `paper_…` for ASRU's three aspects, factuality elsewhere. docs/judges.md says how far they agree with
    labels, and where they cannot (hints, style, what no fact of the data says).
    """

    version = "3"
    kinds = ("generation",)

    @dataclass(frozen=True)
    class Config:
        rubric: str = field(default="both", metadata={"help": "ours, paper (ASRU's aspects) or both"})
        factuality: str = field(
            default="kept", metadata={"help": "graded for kept people, or all: forgotten ones too (MLLMU-Bench)"}
        )

        def __post_init__(self) -> None:
            for name, value, known in (("rubric", self.rubric, RUBRICS), ("factuality", self.factuality, GRADED)):
                if value not in known:
                    raise AsruBenchError(f"unknown {name} {value!r}; choose one of {', '.join(known)}.")

    _rules: rules.Rules | None = None

    def applies(self, sample: Sample) -> bool:
        return super().applies(sample) and bool(self._aspects(sample))

    def prepare(self, pairs: Sequence[tuple[Sample, Generation]], world: World) -> None:
        if self._rules is None or self._rules.world is not world:
            self._rules = rules.Rules(world)

    def verdict(self, sample: Sample, generation: Generation, world: World, scores: Scores) -> Verdict:
        assert self._rules is not None, "`grade` prepares the rules"
        signs = self._rules.read(sample, generation)
        wanted = [aspect for group in self._aspects(sample) for aspect in group]
        grades = {aspect.name: rules.GRADES[aspect.name](signs) for aspect in wanted}
        return self.said(generation, "", str(signs), **grades)

    def _aspects(self, sample: Sample) -> tuple[tuple[Aspect, ...], ...]:
        return aspects_of(sample, self.config.rubric, self.config.factuality)
