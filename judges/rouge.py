"""ROUGE-1, -2 and -L against the reference sentence (rouge-score); `value` is ROUGE-L F1, as MLLMU-Bench's.

The words of rouge-score are runs of a to z and 0 to 9: it gives 0 for a Greek text with itself and half for München and
Münster. Official numbers are counted so; by default words are those of every script, the same ones in English.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from asru_bench.judge import Judge, Scores
from asru_bench.marks import rouge_words
from asru_bench.official import bleu, reply
from asru_bench.text import plain_words
from asru_bench.types import AsruBenchError, Generation, Sample, Verdict, World

TYPES = ("rouge1", "rouge2", "rougeL")
WORDS = ("unicode", "rouge", "plain")


class PlainWords:
    """PPU-Bench's words as rouge-score asks for them."""

    def tokenize(self, text: str) -> list[str]:
        return plain_words(text)


class UnicodeWords:
    """The words of rouge-score, and those of other scripts beside them; ASCII words of four letters are stemmed."""

    def __init__(self, stemmer: bool) -> None:
        from nltk.stem.porter import PorterStemmer

        self._stem = lru_cache(1 << 16)(PorterStemmer().stem) if stemmer else None

    def tokenize(self, text: str) -> list[str]:
        words = rouge_words(text.lower())
        if self._stem is None:
            return words
        return [self._stem(word) if len(word) > 3 and word.isascii() else word for word in words]


class Rouge(Judge):
    """Measures `rouge1_f`, `rouge1_recall` and so on, `bleu` where asked. Without a reference there is no verdict."""

    version = "2"
    kinds = ("generation", "cloze")

    @dataclass(frozen=True)
    class Config:
        stemmer: bool = field(default=True, metadata={"help": "Porter stemming (MLLMU-Bench yes, PPU-Bench no)"})
        words: str = field(
            default="unicode",
            metadata={
                "help": "unicode: of every script; rouge: rouge-score's, ASCII alone; plain: PPU-Bench's, never stemmed"
            },
        )
        cloze: bool = field(default=False, metadata={"help": "measure cloze answers too (PPU-Bench)"})
        mllmu: bool = field(
            default=False, metadata={"help": 'as MLLMU-Bench\'s script: BLEU too; "ASSISTANT:" ends an answer'}
        )

        def __post_init__(self) -> None:
            if self.words not in WORDS:
                raise AsruBenchError(f"unknown words {self.words!r} of rouge; choose unicode, rouge or plain.")

    def applies(self, sample: Sample) -> bool:
        asked = sample.kind == "generation" or self.config.cloze
        return asked and super().applies(sample) and bool(sample.answer.strip())

    @cached_property
    def scorer(self) -> Any:
        from rouge_score.rouge_scorer import RougeScorer

        if self.config.words == "plain":
            return RougeScorer(list(TYPES), tokenizer=PlainWords())
        if self.config.words == "unicode":
            return RougeScorer(list(TYPES), tokenizer=UnicodeWords(self.config.stemmer))
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
