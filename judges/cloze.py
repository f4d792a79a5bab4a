"""The missing words: exactly, normalised (lower case, no punctuation), contained on word boundaries, or a substring."""

from __future__ import annotations

from dataclasses import dataclass, field

from asru_bench import stance
from asru_bench.judge import Judge, Scores
from asru_bench.official import holds
from asru_bench.text import contains, normalise, plain_words
from asru_bench.types import LEAK_ROLES, AsruBenchError, Generation, Sample, Verdict, World
from asru_bench.values import says

MATCHES = ("exact", "normalised", "contained", "substring")


class Cloze(Judge):
    """`value` is 1 where the answer is "contained", with `match=substring` where it is a part of the text.

    A contained answer that is denied ("not in Riga") gets no label. `substring` is MLLMU-Bench's own match: in lower
    case, inside a word ("Oslo" in "Osloite") and denied too.
    """

    version = "3"
    kinds = ("cloze",)

    @dataclass(frozen=True)
    class Config:
        match: str = field(default="contained", metadata={"help": f"what counts: {', '.join(MATCHES)}"})
        words: str = field(
            default="usual",
            metadata={"help": "usual, or plain: PPU-Bench's normalised (U.S. is us)"},
        )

        def __post_init__(self) -> None:
            if self.match not in MATCHES:
                raise AsruBenchError(f"unknown match {self.match!r} of cloze; choose one of {', '.join(MATCHES)}.")
            if self.words not in ("usual", "plain"):
                raise AsruBenchError(f"unknown words {self.words!r} of cloze; choose usual or plain.")

    def verdict(self, sample: Sample, generation: Generation, world: World, scores: Scores) -> Verdict:
        text, truth = generation.text, sample.answer
        plain = self.config.words == "plain"
        exact = text.strip() == truth.strip()
        normalised = plain_words(text) == plain_words(truth) if plain else normalise(text) == normalise(truth)
        there = bool(truth.strip())
        found = {"exact": exact and there, "normalised": normalised and there, "contained": contains(text, truth)}
        if self.config.match == "substring":
            found["substring"] = right = holds(text, truth)
        else:
            right = found[self.config.match] and says(text, (truth,)) != stance.NEGATED
        label = ("leak" if sample.role in LEAK_ROLES else "correct") if right else ""
        value = float(found.get("substring", found["contained"]))
        return self.said(generation, label, truth if right else "", value, **found)
