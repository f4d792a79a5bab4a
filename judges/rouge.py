"""ROUGE-1, -2 and -L against the reference sentence (rouge-score); `value` is ROUGE-L F1, as MLLMU-Bench's."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from asru_bench.judge import Judge, Scores
from asru_bench.official import bleu, reply
from asru_bench.text import plain_words
from asru_bench.types import AsruBenchError, Generation, Sample, Verdict, World

TYPES = ("rouge1", "rouge2", "rougeL")


class PlainWords:
    """PPU-Bench's words as rouge-score asks for them."""

    def tokenize(self, text: str) -> list[str]:
        return plain_words(text)


class Rouge(Judge):
    """Measures `rouge1_f`, `rouge1_recall` and so on, `bleu` where asked. Without a reference there is no verdict."""

    version = "2"
    kinds = ("generation", "cloze")

    @dataclass(frozen=True)
    class Config:
        stemmer: bool = field(default=True, metadata={"help": "Porter stemming (MLLMU-Bench yes, PPU-Bench no)"})
        words: str = field(default="rouge", metadata={"help": "rouge, or plain: PPU-Bench's words, never stemmed"})
        cloze: bool = field(default=False, metadata={"help": "measure cloze answers too (PPU-Bench)"})
        mllmu: bool = field(
            default=False, metadata={"help": 'as MLLMU-Bench\'s script: BLEU too; "ASSISTANT:" ends an answer'}
        )

        def __post_init__(self) -> None:
            if self.words not in ("rouge", "plain"):
                raise AsruBenchError(f"unknown words {self.words!r} of rouge; choose rouge or plain.")

    def applies(self, sample: Sample) -> bool:
        asked = sample.kind == "generation" or self.config.cloze
        return asked and super().applies(sample) and bool(sample.answer.strip())

    @cached_property
    def scorer(self) -> Any:
        from rouge_score.rouge_scorer import RougeScorer

        if self.config.words == "plain":
            return RougeScorer(list(TYPES), tokenizer=PlainWords())
        return RougeScorer(list(TYPES), use_stemmer=self.config.stemmer)

    def verdict(self, sample: Sample, generation: Generation, world: World, scores: Scores) -> Verdict:
        text = reply(generation.text) if self.config.mllmu else generation.text
        found = self.scorer.score(sample.answer, text)
        measures: dict[str, float] = {}
        for name in TYPES:
            measures |= {f"{name}_f": found[name].fmeasure, f"{name}_recall": found[name].recall}
        if self.config.words == "plain" and not plain_words(sample.answer) and not plain_words(text):
            measures = dict.fromkeys(measures, 1.0)  # as PPU-Bench's script: nothing equals nothing
        if self.config.mllmu:
            measures["bleu"] = bleu(sample.answer, text)
        return self.said(generation, "", "", measures["rougeL_f"], **measures)
