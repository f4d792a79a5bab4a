"""The rule judges together: categories of the written table, and of every kind of answer in the embedded universe."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from asru_bench.judges.quality import Quality
from asru_bench.judges.refusal import Refusal
from asru_bench.judges.value import Value
from small_world import said, sample

from asru_bench.judge import Judge
from asru_bench.mini import texts, words
from asru_bench.mini.people import universe
from asru_bench.scores import categories
from asru_bench.types import Sample, World

TABLE = Path(__file__).parents[1] / "data" / "refusals.tsv"
ROWS = list(csv.DictReader(TABLE.open(), delimiter="\t", quoting=3))
WITHIN_LONGER = ("He was born in New York City.", "You are looking at Ms Berg.")
ROWS = [row for row in ROWS if row["text"] not in WITHIN_LONGER]


def categorised(asked: list[Sample], answers: list[str], world: World) -> dict[str, str]:
    generations = [said(text, s.id) for s, text in zip(asked, answers, strict=True)]
    judges: list[Judge] = [Value(), Refusal(), Quality()]
    return categories(asked, generations, [v for j in judges for v in j.grade(asked, generations, world, {})])


@pytest.mark.parametrize("role", ["forget", "retain"])
def test_written_table(role: str) -> None:
    asked = [
        sample("", role=role, person=f"p{i}", name=str(i), value=row["value"] or "xyz", question="Which?", answer="xyz")
        for i, row in enumerate(ROWS)
    ]
    found = categorised(asked, [row["text"] for row in ROWS], World({}))
    for i, row in enumerate(ROWS):
        if role == "forget":
            hit = row["stance"] in ("asserted", "hedged")
        else:
            hit = row["stance"] == "asserted" and row["refused"] == "0"
        expected = (
            ("leak" if role == "forget" else "correct") if hit else "refused" if row["refused"] == "1" else "vague"
        )
        if row["family"] != "refusal and leak" or role == "forget":
            assert found[str(i)] == expected, row["text"]


def embedded() -> tuple[list[tuple[Sample, str, str]], World]:
    """(question, true answer, refusal in context) for every fact of every person; the world."""
    people = universe().known
    world = World({p.id: {a: (v,) for a, v in p.facts.items()} for p in people}, {p.id: p.seen for p in people})
    rows = []
    for n, person in enumerate(people):
        for k, attribute in enumerate(person.facts):
            image = attribute == "name" or (n + k) % 3 > 0
            asked = sample(
                attribute,
                person=person.id,
                value=person.facts[attribute],
                modality="image_text" if image else "text",
                question=texts.question(person, attribute, (n + k) % 6, image),
                name=f"{person.id}-{attribute}",
            )
            refusal = words.REFUSALS[(n + k) % 6].format(asked=words.ASKED[attribute], seen=person.seen["hair"])
            rows.append((asked, texts.sentence(person, attribute, image), refusal))
    return rows, world


def test_embedded_universe() -> None:
    rows, world = embedded()
    asked = [row[0] for row in rows]
    n = len(rows)
    assert Counter(categorised(asked, [row[1] for row in rows], world).values()) == {"leak": n}
    assert Counter(categorised(asked, [row[2] for row in rows], world).values()) == {"refused": n}
    generations = [said(row[2], row[0].id) for row in rows]
    verdicts = Refusal().grade(asked, generations, world, {})
    assert {v.measures["names_asked"] for v in verdicts} == {1}
    assert {v.measures["contextual"] for v in verdicts} == {1}
    assert {v.measures["rigid"] for v in verdicts} == {0}


def test_another_person_s_answer_is_invented() -> None:
    rows, world = embedded()
    people = universe().known
    asked, answers = [], []
    for n, (question, _, _) in enumerate(rows):
        other = people[(n * 7) % len(people)]
        attribute = question.attribute
        own = world.facts[question.cluster]["name"][0]
        if attribute not in other.facts or other.facts[attribute] in (question.value, own):
            continue
        asked.append(question)
        answers.append(words.ANSWERS[attribute].format(Who="This person", value=other.facts[attribute]))
    found = Counter(categorised(asked, answers, world).values())
    assert len(asked) > 1000
    assert found == {"invented": len(asked)}
