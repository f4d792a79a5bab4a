"""What a judge is: it reads samples and generations and gives verdicts. No judge holds a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from asru_bench.types import KINDS, ROLES, Generation, Sample, ScoreRequest, Verdict, World

#: (sample id, text) -> what the judge's requests ask: mean log-probability per token (nats), or another measure, under
#: the model that `Judge.likelihood_of` names.
Scores = Mapping[tuple[str, str], float]


class Cache(Protocol):
    """What is kept between runs: tables of key -> value, values as JSON holds them."""

    def get(self, table: str, keys: Sequence[str]) -> dict[str, Any]: ...

    def put(self, table: str, values: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True)
class Desk:
    """What a judge may use besides the answers; nothing here decides a verdict. The texts are as typed.

    `url`, `key_env`: the address of a server and the environment variable with its key; `budget`, `price`: what may
    be spent there; `say` shows one line of progress. `scores_texts`: whether the engine that answered gives the
    likelihood of given texts.
    """

    url: str = ""
    key_env: str = ""
    budget: str = ""
    price: str = ""
    concurrency: int = 16
    cache: Cache | None = None
    say: Callable[[str], None] = lambda text: None
    scores_texts: bool = True


@dataclass(frozen=True)
class NoConfig:
    """For judges without settings."""


class Judge:
    """A judge: one subclass in one file of `judges/`, named after the file.

    Override `verdict`; `prepare` where verdicts depend on the other answers; `requests` where the
    log-probability of a text is wanted: under the base model or, with `likelihood_of = "checkpoint"`, under the one
    that is evaluated. The class attributes are literals, read without importing the file; `version` changes with
    every verdict that could change. With `resumes`, what is not scored is tried again by the next run: for judges
    that need a server or an extra.
    """

    name: ClassVar[str] = ""
    version: ClassVar[str] = "1"
    kinds: ClassVar[tuple[str, ...]] = KINDS
    roles: ClassVar[tuple[str, ...]] = ROLES
    likelihood_of: ClassVar[str] = "base"
    resumes: ClassVar[bool] = False
    Config: ClassVar[type] = NoConfig

    def __init__(self, config: Any = None) -> None:
        self.config = self.Config() if config is None else config

    @classmethod
    def check(cls, config: Any, desk: Desk) -> None:
        """Raises `AsruBenchError` before any work where something to judge with is missing. Asks no server."""

    @classmethod
    def probe(cls, config: Any, desk: Desk) -> None:
        """Raises `AsruBenchError` where a server that judges cannot be used: one short call before a run's work."""

    def equip(self, desk: Desk) -> None:
        """Called once before `grade`."""

    def facts(self) -> dict[str, Any]:
        """What the record says of this judge after `grade`: models, versions, tokens; no address and no key."""
        return {}

    def applies(self, sample: Sample) -> bool:
        """Whether this judge has a word on such samples; the others get no verdict from it."""
        return sample.kind in self.kinds and sample.role in self.roles

    def requests(self, samples: Sequence[Sample], generations: Sequence[Generation]) -> list[ScoreRequest]:
        """Texts whose log-probability `grade` wants."""
        return []

    def prepare(self, pairs: Sequence[tuple[Sample, Generation]], world: World) -> None:
        """Called once before the verdicts, with all answers to judge that are no errors."""

    def verdict(self, sample: Sample, generation: Generation, world: World, scores: Scores) -> Verdict:
        """The verdict on one answer; `self.said(generation, ...)` makes it."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it judges")

    def grade(
        self, samples: Sequence[Sample], generations: Sequence[Generation], world: World, scores: Scores
    ) -> list[Verdict]:
        """One verdict for each sample this judge applies to, in their order.

        An answer that is an error or that is missing is `failed`, and no word about the model.
        """
        answers = {g.sample_id: g for g in generations}
        asked = [s for s in samples if self.applies(s)]
        sound = [(s, answers[s.id]) for s in asked if s.id in answers and answers[s.id].finish != "error"]
        self.prepare(sound, world)
        judged = {s.id: self.verdict(s, g, world, scores) for s, g in sound}
        return [judged.get(s.id) or self._failed(s, answers.get(s.id)) for s in asked]

    def said(
        self, generation: Generation, label: str = "", evidence: str = "", value: float | None = None, **measures: float
    ) -> Verdict:
        """A scored verdict on a generation, under this judge's name."""
        numbers = {name: float(number) for name, number in measures.items()}
        return Verdict(
            self._own_name(), generation.sample_id, generation.key, "scored", label, value, evidence, numbers
        )

    def broke(self, generation: Generation, reason: str) -> Verdict:
        """A failed verdict: the judge could not do its work, which says nothing about the model."""
        return Verdict(self._own_name(), generation.sample_id, generation.key, "failed", evidence=reason)

    def _failed(self, sample: Sample, generation: Generation | None) -> Verdict:
        key, reason = (generation.key, generation.error or "error") if generation else ("", "no answer")
        return Verdict(self._own_name(), sample.id, key, "failed", evidence=reason)

    def _own_name(self) -> str:
        """The plug-in's name, given by the registry; else its file's."""
        return self.name or type(self).__module__.rpartition(".")[2]
