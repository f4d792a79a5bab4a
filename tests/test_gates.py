"""The gates: vanilla against base, oracle, blind and chance; by hand."""

from __future__ import annotations

import pytest
from answers import people_of, record

from asru_bench import gates
from asru_bench.record import RunRecord
from asru_bench.scores import shares
from asru_bench.types import ImageRef, Prompt, Sample, World


def made(row: str, **shares_of: list[int]) -> RunRecord:
    people = people_of(shares_of)
    return record(row, people=people, scores=tuple(shares(people)))


def test_vanilla_must_beat_each_control() -> None:
    vanilla = made("vanilla", forget=[9, 9, 8, 10, 9, 9])
    base, oracle = made("base", forget=[0, 1, 0, 0, 1, 0]), made("retain_oracle", forget=[1, 0, 1, 1, 0, 1])
    gate = gates.knowledge(vanilla, {"base": base, "the retain oracle": oracle})
    assert gate.passed
    assert gate.reason.startswith("vanilla knows 90% of what is to be forgotten, base 3%; vanilla knows")
    knowing = made("retain_oracle", forget=[9, 8, 9, 9, 9, 8])
    gate = gates.knowledge(vanilla, {"base": base, "the retain oracle": knowing})
    assert not gate.passed
    assert "the retain oracle 87%; the difference should be above" in gate.reason


def test_the_limit_is_twice_what_the_table_can_resolve() -> None:
    # differences 0.3, 0.1, 0.3, 0.1: mean 0.2, standard error 0.0577, df 3: (3.182 + 0.978) * 0.0577 = 0.240
    base = made("base", forget=[0, 0, 0, 0])
    gate = gates.knowledge(made("vanilla", forget=[3, 1, 3, 1]), {"base": base})
    assert not gate.passed
    assert gate.reason.endswith("above 48%")


def sample(person: str, kind: str = "generation", options: int = 0) -> Sample:
    letters = tuple((letter, letter) for letter in "ABCD"[:options])
    return Sample(
        person, "forget", "", person, "image_text", kind, "?", "", Prompt("?", ImageRef("x.png")), letters, "city"
    )


def test_chance_is_the_most_frequent_value_or_one_option() -> None:
    world = World({p: {"city": (c,)} for p, c in zip("abcd", ("Riga", "Riga", "Riga", "Oslo"), strict=True)})
    assert gates.chance([sample("a"), sample("b", "classification", 4)], world) == 0.75
    assert gates.chance([sample("b", "classification", 4)], world) == 0.25
    assert gates.chance([], world) == 0


@pytest.mark.parametrize(
    ("known", "unseen", "words"),
    [
        ([9, 9, 8, 9], [1, 0, 1, 1], ""),
        ([9, 9, 8, 9], [9, 8, 9, 9], "without the picture 88%; the difference"),
        ([4, 3, 4, 3], [0, 0, 0, 0], "chance is 25%; the difference"),
    ],
)
def test_without_an_oracle_all_people_count(known: list[int], unseen: list[int], words: str) -> None:
    world = World({p: {"city": (c,)} for p, c in zip("abcd", ("Riga", "Oslo", "Lima", "Bern"), strict=True)})
    vanilla, blind = (made(row, forget=n[:2], retain=n[2:]) for row, n in (("vanilla", known), ("vanilla", unseen)))
    gate = gates.knowledge_of_all(vanilla, blind, [sample("a")], world)
    assert gate.passed is (not words)
    assert words in gate.reason


def test_the_picture_must_matter() -> None:
    vanilla = made("vanilla", forget=[9, 9, 8, 10])
    assert gates.image(vanilla, made("vanilla", forget=[1, 0, 0, 1])).passed
    gate = gates.image(vanilla, made("vanilla", forget=[9, 9, 8, 10]))
    assert not gate.passed
    assert "do not need the picture" in gate.reason
    assert gates.image(made("vanilla", retain=[1, 2]), made("vanilla", retain=[1, 2])).passed
