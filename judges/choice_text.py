"""The second reading of a choice: which option's text the evaluated model finds likeliest as an answer."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from asru_bench.judge import Desk, Judge, Scores
from asru_bench.task import GAP, cloze_text
from asru_bench.types import AsruBenchError, Generation, Prompt, Sample, ScoreRequest, Verdict, World

FORMS = ("gap", "bare", "options")
UNSCORED = "the engine does not score given texts; --engine hf does"


class ChoiceText(Judge):
    """`value` is 1 if the right option's text is likelier per token than every other option's, else 0; ties are 0.

    Whatever was generated, each option's text is scored as the answer to the question, which is asked without its
    options (`form`). Measures: `chance`, one over the number of options; `right_probability`, the right option's share
    of the options' likelihoods per token. Unavailable where the engine does not score given texts.
    """

    version = "1"
    kinds = ("classification",)
    likelihood_of = "checkpoint"

    @dataclass(frozen=True)
    class Config:
        form: str = field(
            default="gap",
            metadata={"help": "gap (question and [Blank], whose words are asked for), bare, options (as shown)"},
        )

        def __post_init__(self) -> None:
            if self.form not in FORMS:
                raise AsruBenchError(f"unknown form {self.form!r} of choice_text; choose one of {', '.join(FORMS)}.")

    scored = True

    def equip(self, desk: Desk) -> None:
        self.scored = desk.scores_texts

    def applies(self, sample: Sample) -> bool:
        letters = [letter for letter, _ in sample.options]
        return super().applies(sample) and len(letters) > 1 and sample.answer.strip().upper() in letters

    def requests(self, samples: Sequence[Sample], generations: Sequence[Generation]) -> list[ScoreRequest]:
        asked = [s for s in samples if self.scored and self.applies(s)]
        return [ScoreRequest(s.id, asked_alone(s, self.config.form), text) for s in asked for _, text in s.options]

    def verdict(self, sample: Sample, generation: Generation, world: World, scores: Scores) -> Verdict:
        if not self.scored:
            return replace(self.broke(generation, UNSCORED), status="unavailable")
        found = {letter: scores.get((sample.id, text), math.nan) for letter, text in sample.options}
        if not all(text.strip() for _, text in sample.options) or not all(map(math.isfinite, found.values())):
            return self.broke(generation, "an option has no likelihood: is it empty, or too long for the model?")
        top, right = max(found.values()), found.pop(sample.answer.strip().upper())
        known = float(all(right > other for other in found.values()))
        others = sum(math.exp(other - top) for other in found.values())
        share = math.exp(right - top) / (math.exp(right - top) + others)
        return self.said(generation, value=known, chance=1 / len(sample.options), right_probability=share)


def asked_alone(sample: Sample, form: str) -> Prompt:
    """The prompt without its options and what follows them, and without demonstrations, which answer by letter."""
    if form == "options":
        return sample.prompt
    letter, text = sample.options[0]
    listed = re.search(rf"^\W*{re.escape(letter)}\b\W*{re.escape(text)}\s*$", sample.prompt.question, re.MULTILINE)
    question = sample.prompt.question[: listed.start()].rstrip() if listed else sample.question
    if form == "gap":
        question = cloze_text(question if GAP.search(question) or "[Blank]" in question else f"{question} __")
    return replace(sample.prompt, question=question, turns=())
