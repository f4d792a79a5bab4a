"""The missing words: exactly, normalised (lower case, no punctuation), or contained on word boundaries."""

from __future__ import annotations

from dataclasses import dataclass, field

from asru_bench import stance
from asru_bench.judge import Judge, Scores
from asru_bench.text import contains, normalise, plain_words
from asru_bench.types import FORGET_ROLES, AsruBenchError, Generation, Sample, Verdict, World
from asru_bench.values import says

MATCHES = ("exact", "normalised", "contained")


class Cloze(Judge):
    """`value` is 1 where the official measure of the three benchmarks, "contained", finds the answer.

    A contained answer that is denied ("not in Riga") gets no label.
    """

    version = "2"
    kinds = ("cloze",)

    @dataclass(frozen=True)
    class Config:
        match: str = field(default="contained", metadata={"help": f"what counts: {', '.join(MATCHES)}"})
        words: str = field(
            default="usual",
            metadata={"help": "usual, or plain: PPU-Bench's exact (spaces count) and normalised (U.S. is us)"},
        )

        def __post_init__(self) -> None:
            if self.match not in MATCHES:
                raise AsruBenchError(f"unknown match {self.match!r} of cloze; choose one of {', '.join(MATCHES)}.")
            if self.words not in ("usual", "plain"):
                raise AsruBenchError(f"unknown words {self.words!r} of cloze; choose usual or plain.")

    def verdict(self, sample: Sample, generation: Generation, world: World, scores: Scores) -> Verdict:
        text, truth = generation.text, sample.answer
        if self.config.words == "plain":
            exact, normalised = text == truth, plain_words(text) == plain_words(truth)
        else:
            exact, normalised = text.strip() == truth.strip(), normalise(text) == normalise(truth)
        there = bool(truth.strip())
        found = {"exact": exact and there, "normalised": normalised and there, "contained": contains(text, truth)}
        right = found[self.config.match] and says(text, (truth,)) != stance.NEGATED
        label = ("leak" if sample.role in FORGET_ROLES else "correct") if right else ""
        return self.said(generation, label, truth if right else "", float(found["contained"]), **found)
