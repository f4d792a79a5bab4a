"""What a task is: pinned data, pairs for training, questions for evaluation, and the closed world behind both.

The wording of the three kinds of questions is defined here once, so that training and evaluation agree.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from .types import (
    AsruBenchError,
    Decoding,
    Request,
    Sample,
    Score,
    TrainingData,
    TrainingPair,
    Verdict,
    World,
)

if TYPE_CHECKING:
    from .findings import Finding

CHOICE_INSTRUCTION = "Answer with one letter."
CLOZE_INSTRUCTION = "Give only the words for [Blank]."
GENERATION_INSTRUCTION = "Answer in one sentence."
GAP = re.compile(r"_{2,}")
#: `retain_oracle`: a model retrained without the forget people exists or can be made; `never_knew`: it cannot,
#: and a model that never knew stands in.
REFERENCES = ("retain_oracle", "never_knew")


def choice_text(question: str, options: Sequence[tuple[str, str]]) -> str:
    """A multiple-choice question: the question, one line `A: …` an option, the instruction."""
    return "\n".join([question, *(f"{letter}: {text}" for letter, text in options), CHOICE_INSTRUCTION])


def cloze_text(question: str) -> str:
    """A sentence with a gap (two or more underscores), shown as `[Blank]`, and the instruction."""
    return f"{GAP.sub('[Blank]', question)}\n{CLOZE_INSTRUCTION}"


def generation_text(question: str) -> str:
    """An open question and the instruction."""
    return f"{question}\n{GENERATION_INSTRUCTION}"


def check_choice(key: str, value: str, choices: Sequence[str]) -> None:
    """An error with the nearest names unless `value` is one of `choices`."""
    if value not in choices:
        near = difflib.get_close_matches(value, choices, n=2, cutoff=0.5)
        hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else "."
        listed = ", ".join(choices)
        raise AsruBenchError(f"unknown {key} {value!r}{hint} Expected one of {listed} (-t {key}=…).")


@dataclass(frozen=True)
class NoConfig:
    """For tasks without settings."""


class Task:
    """A benchmark: one subclass in one file of `tasks/`, named after the file.

    The class attributes are literals, read without importing the file. `data` is a folder or a hub id (None:
    the task's own hub id), `limit` keeps the first people of each role. `judges` are asked beside the usual ones;
    `compares` names the runs that `own_scores` reads: vanilla, retain_oracle, second_oracle. `asks` names settings
    that change what is asked and nothing that unlearning reads: with another value nothing is trained again.
    """

    name: ClassVar[str]  # of its file; the registry sets it
    paper: ClassVar[str] = ""
    year: ClassVar[int] = 0
    hub: ClassVar[str] = ""
    reference: ClassVar[str] = "retain_oracle"
    judges: ClassVar[tuple[str, ...]] = ()
    compares: ClassVar[tuple[str, ...]] = ()
    asks: ClassVar[tuple[str, ...]] = ()
    Config: ClassVar[type] = NoConfig

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        known = [field.name for field in fields(cls.Config)] if is_dataclass(cls.Config) else []
        odd = "is no tuple of names"
        if isinstance(cls.asks, tuple):
            odd = next((f"names {name!r}, which is no setting" for name in cls.asks if name not in known), "")
        if odd:
            raise AsruBenchError(f"`asks` of {cls.__name__} {odd}; its Config has: {', '.join(known) or 'none'}.")

    def __init__(self, config: Any = None, *, data: str | None = None, seed: int = 0, limit: int | None = None) -> None:
        self.config = self.Config() if config is None else config
        self.seed, self.limit = seed, limit
        self.data = data or self.hub

    def training_data(self) -> TrainingData:
        """What unlearning may read: no question of `samples`, nobody of `retain_unseen`."""
        raise NotImplementedError(f"{type(self).__name__} does not say what methods may read")

    def samples(self) -> list[Sample]:
        """All evaluation questions of all roles, always in the same order."""
        raise NotImplementedError(f"{type(self).__name__} has no evaluation questions")

    def world(self) -> World:
        """Every person's facts."""
        raise NotImplementedError(f"{type(self).__name__} has no closed world")

    def forget_people(self) -> tuple[str, ...]:
        """Who is to be forgotten, sorted."""
        raise NotImplementedError(f"{type(self).__name__} does not say who is forgotten")

    def memorise_pairs(self) -> tuple[TrainingPair, ...]:
        """Everything that a vanilla model is trained on."""
        raise NotImplementedError(f"{type(self).__name__} has no knowledge to inject")

    def judge_settings(self) -> dict[str, dict[str, Any]]:
        """Settings of judges that belong to the benchmark, by judge; what the user types goes before."""
        return {}

    def gate(self, samples: Sequence[Sample], verdicts: Sequence[Verdict]) -> tuple[bool, str] | None:
        """Whether vanilla, whose verdicts these are, knows what is to be forgotten, and in words why not.

        Asked of tasks with `reference = "never_knew"`: their base knows it too. None where nothing can be said.
        """
        return None

    def data_hash(self) -> str:
        """SHA-256 of the data's content, whatever folder they lie in."""
        raise NotImplementedError(f"{type(self).__name__} does not say what its data are")

    def provenance(self) -> dict[str, str]:
        """Where the data came from, for the record: hub id and commit."""
        return {}

    def check_data(self) -> Iterable[Finding]:
        """Faults that only this task can see in its data, for `data check`: see `data_check.check_tables`.

        Looks at everything and raises nothing: what `samples` would stop at is found with all that follows.
        """
        return ()

    def place_of(self, name: str) -> tuple[str, int | str]:
        """File and row of a question or training pair by its id; the data and the id where a task does not say."""
        return str(self.data), name

    def own_scores(
        self, samples: Sequence[Sample], verdicts: Sequence[Verdict], others: Mapping[str, Sequence[Verdict]]
    ) -> list[Score]:
        """The benchmark's own numbers, a pure function of verdicts; records put the task's name before theirs.

        `others`: the verdicts of those runs of `compares` that exist. Names are `measure` or `measure/set`.
        """
        return []

    def request(self, sample: Sample, decoding: Decoding) -> Request:
        """The call of the model for one sample; letters of a choice are scored by log-probability too."""
        letters = tuple(letter for letter, _ in sample.options)
        return Request(sample.id, sample.prompt, getattr(decoding, sample.kind), letters)


def first_people(samples: Iterable[Sample], limit: int | None) -> list[Sample]:
    """The samples of the first `limit` people of each role, in the given order; all where limit is None."""
    people: dict[str, dict[str, None]] = {}
    kept = []
    for sample in samples:
        seen = people.setdefault(sample.role, {})
        if limit is None or sample.cluster in seen or len(seen) < limit:
            seen[sample.cluster] = None
            kept.append(sample)
    return kept
