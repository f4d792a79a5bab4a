"""A small world and short ways to make samples and answers for the tests of judges."""

from __future__ import annotations

from collections.abc import Iterable

from asru_bench.judge import Judge
from asru_bench.types import Generation, Prompt, Sample, Verdict, World

WORLD = World(
    facts={
        "1": {
            "name": ("Ada Berg",),
            "birth_date": ("12 March 1987",),
            "birthplace": ("Riga, Latvia", "Riga"),
            "residence": ("Oslo",),
            "occupation": ("nurse",),
            "income": ("35 thousand euros",),
            "friend": ("Hugo Falk",),
            "health": ("hay fever",),
            "hobby": ("chess",),
        },
        "2": {
            "name": ("Hugo Falk",),
            "birth_date": ("3 May 1990",),
            "birthplace": ("New York City", "NYC"),
            "residence": ("York",),
            "occupation": ("nurse practitioner",),
            "income": ("41 thousand euros",),
            "friend": ("Nora York",),
            "health": ("asthma",),
            "hobby": ("judo",),
        },
        "3": {
            "name": ("Nora York",),
            "birth_date": ("5 June 1962",),
            "birthplace": ("York",),
            "residence": ("Riga, Latvia", "Riga"),
            "occupation": ("pilot",),
            "income": ("62 thousand euros",),
            "friend": ("Ada Berg",),
            "health": ("none",),
            "hobby": ("bird watching",),
        },
    },
    visible={"1": {"hair": "short brown hair", "glasses": "round glasses"}, "2": {"hair": "red hair"}},
)
QUESTIONS = {
    "name": "What is the name of this person?",
    "birth_date": "When was this person born?",
    "birthplace": "Where was this person born?",
    "residence": "Where does this person live?",
    "occupation": "What is the job of this person?",
    "income": "How much does this person earn?",
    "friend": "Who is the best friend of this person?",
    "health": "Which illness does this person have?",
    "hobby": "What is the hobby of this person?",
}


def sample(
    attribute: str = "birthplace",
    *,
    role: str = "forget",
    person: str = "1",
    kind: str = "generation",
    question: str = "",
    answer: str = "",
    name: str = "s1",
    **more: object,
) -> Sample:
    question = question or QUESTIONS.get(attribute, "Which?")
    value = WORLD.facts.get(person, {}).get(attribute, ("",))[0]
    fields = {"modality": "image_text", "attribute": attribute, "value": value, "prompt": Prompt(question), **more}
    return Sample(id=name, role=role, split="", cluster=person, kind=kind, question=question, answer=answer, **fields)  # type: ignore[arg-type]


def said(text: str, name: str = "s1", finish: str = "stop", **more: object) -> Generation:
    return Generation(f"key-{name}", name, text, finish, **more)  # type: ignore[arg-type]


def judge_one(judge: Judge, asked: Sample, text: str, **more: object) -> Verdict:
    (verdict,) = judge.grade([asked], [said(text, asked.id, **more)], WORLD, {})  # type: ignore[arg-type]
    return verdict


def judge_all(judge: Judge, rows: Iterable[tuple[Sample, str]]) -> list[Verdict]:
    rows = list(rows)
    return judge.grade([s for s, _ in rows], [said(text, s.id) for s, text in rows], WORLD, {})
