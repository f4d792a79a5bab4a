"""Grades by a language model at an OpenAI-compatible address: how answers decline, leak, read and invent; how right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from asru_bench import fingerprint, grading
from asru_bench.aspects import FACTUALITY, GRADED, OURS, PAPER, RUBRICS, Aspect, aspects_of
from asru_bench.grader import Call, Reply
from asru_bench.graders import connect
from asru_bench.judge import Desk, Judge, Scores
from asru_bench.tally import Tally
from asru_bench.types import DRAWN, ROLES, AsruBenchError, Generation, Sample, Verdict, World


class LLM(Judge):
    """About forgotten people and strangers: contextual, leakage, hallucination (0 to 5) and naturalness (1 to 5),
    more is better; about others factuality (1 to 10). With `rubric=paper` ASRU's three aspects as `paper_…` instead.

    Sampled answers (set `drawn`) are left to the rules. Several models are several judges, `llm:MODEL`. A call that
    gives no verdict is a failed one, with the reason; the next run asks for those alone.
    """

    version = "2"
    kinds = ("generation",)
    resumes = True

    @dataclass(frozen=True)
    class Config:
        model: tuple[str, ...] = field(default=(), metadata={"help": "pinned names, comma-separated (--judge-model)"})
        rubric: str = field(default="ours", metadata={"help": "ours, paper (ASRU's aspects) or both"})
        factuality: str = field(
            default="kept", metadata={"help": "graded for kept people, or all: forgotten ones too (MLLMU-Bench)"}
        )
        roles: tuple[str, ...] = field(default=(), metadata={"help": "grade these roles only"})
        image: bool = field(default=False, metadata={"help": "send the picture that the question shows"})
        floating: bool = field(default=False, metadata={"help": "take names that may change what they stand for"})
        structured: bool = field(default=True, metadata={"help": "ask for the JSON schema where the server has it"})
        max_tokens: int = field(default=300, metadata={"help": "longest reply", "low": 50, "high": 4000})
        isolation: str = field(default="marks", metadata={"help": "marks; none only to measure what they are worth"})

        def __post_init__(self) -> None:
            for name, value, known in (
                ("rubric", (self.rubric,), RUBRICS),
                ("factuality", (self.factuality,), GRADED),
                ("isolation", (self.isolation,), grading.ISOLATIONS),
                ("roles", self.roles, ROLES),
            ):
                if unknown := [one for one in value if one not in known]:
                    raise AsruBenchError(f"unknown {name} {unknown[0]!r} of llm; choose of {', '.join(known)}.")

    @classmethod
    def check(cls, config: Any, desk: Desk) -> None:
        connect(config.model, config.floating, desk)

    @classmethod
    def probe(cls, config: Any, desk: Desk) -> None:
        for grader in connect(config.model, config.floating, desk):
            grader.probe()

    def equip(self, desk: Desk) -> None:
        settings = {"structured": self.config.structured, "max_tokens": self.config.max_tokens}
        graders = connect(self.config.model, self.config.floating, desk)
        self.graders = [replace(grader, **settings) for grader in graders]
        self.tally = Tally(desk, self._own_name())

    def applies(self, sample: Sample) -> bool:
        wanted = sample.split != DRAWN and (not self.config.roles or sample.role in self.config.roles)
        return super().applies(sample) and wanted and bool(self._aspects(sample))

    def grade(
        self, samples: Sequence[Sample], generations: Sequence[Generation], world: World, scores: Scores
    ) -> list[Verdict]:
        answers = {g.sample_id: g for g in generations}
        asked = [s for s in samples if self.applies(s)]
        sound = [(s, answers[s.id]) for s in asked if s.id in answers and answers[s.id].finish != "error"]
        found = []
        for grader in self.graders:
            calls = {s.id: self._calls(grader.model, s, g, world) for s, g in sound}
            replies = self.tally.replies(grader, [call for own in calls.values() for call in own])
            for s in asked:
                own = [replies[call.key] for call in calls.get(s.id, ())]
                verdict = self._said(answers[s.id], own) if own else self._failed(s, answers.get(s.id))
                found.append(replace(verdict, judge=self._name(grader.model)))
        return found

    def facts(self) -> dict[str, Any]:
        forms = {"ours": OURS, "paper": PAPER, "factuality": (FACTUALITY,)}
        prompts = {name: grading.prompt_hash(aspects, self.config.isolation) for name, aspects in forms.items()}
        return self.tally.facts({grader.model: self._name(grader.model) for grader in self.graders}) | {
            "prompts": prompts
        }

    def _calls(self, model: str, sample: Sample, generation: Generation, world: World) -> list[Call]:
        image = sample.prompt.image if self.config.image else None
        pixels = fingerprint.image_hash(image) if image else ""
        found = []
        for aspects in self._aspects(sample):
            chat = tuple(grading.messages(grading.Form(aspects, self.config.isolation), sample, generation.text, world))
            prompt = grading.prompt_hash(aspects, self.config.isolation)
            limits = (self.config.structured, self.config.max_tokens)
            key = fingerprint.digest(["llm", self.version, prompt, model, limits, sample.id, pixels, chat])
            found.append(Call(key, chat, aspects, image))
        return found

    def _aspects(self, sample: Sample) -> tuple[tuple[Aspect, ...], ...]:
        return aspects_of(sample, self.config.rubric, self.config.factuality)

    def _said(self, generation: Generation, replies: Sequence[Reply]) -> Verdict:
        if broken := next((reply.error for reply in replies if reply.error), ""):
            return self.broke(generation, broken)
        grades = {name: grade for reply in replies for name, grade in reply.grades.items()}
        return self.said(generation, "", " ".join(reply.reason for reply in replies), **grades)

    def _name(self, model: str) -> str:
        own = self._own_name()
        return own if len(self.graders) == 1 else f"{own}:{model.replace('/', '--')}"
