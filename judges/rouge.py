"""ROUGE-1, -2 and -L against the reference sentence (rouge-score); `value` is ROUGE-L F1, as MLLMU-Bench's."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from asru_bench.judge import Judge, Scores
from asru_bench.types import Generation, Sample, Verdict, World

TYPES = ("rouge1", "rouge2", "rougeL")


class Rouge(Judge):
    """Measures `rouge1_f`, `rouge1_recall` and so on. Samples without a reference get no verdict."""

    version = "1"
    kinds = ("generation",)

    @dataclass(frozen=True)
    class Config:
        stemmer: bool = field(default=True, metadata={"help": "Porter stemming (MLLMU-Bench yes, PPU-Bench no)"})

    def applies(self, sample: Sample) -> bool:
        return super().applies(sample) and bool(sample.answer.strip())

    @cached_property
    def scorer(self) -> Any:
        from rouge_score.rouge_scorer import RougeScorer

        return RougeScorer(list(TYPES), use_stemmer=self.config.stemmer)

    def verdict(self, sample: Sample, generation: Generation, world: World, scores: Scores) -> Verdict:
        found = self.scorer.score(sample.answer, generation.text)
        measures: dict[str, float] = {}
        for name in TYPES:
            measures |= {f"{name}_f": found[name].fmeasure, f"{name}_recall": found[name].recall}
        return self.said(generation, "", "", found["rougeL"].fmeasure, **measures)
