"""The gates: vanilla against base, oracle, blind and chance; by hand."""

from __future__ import annotations

import re

import pytest
from answers import people_of, record
from scipy.stats import fisher_exact

from asru_bench import gates, stats
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


@pytest.mark.parametrize(
    ("vanilla", "base", "passed", "words"),
    [
        # one person, 9 of 10 against 1 of 10: Fisher's exact test, one-sided, (C(10,9)*C(10,1)+C(10,10))/C(20,10)
        ([9], [1], True, "1 person is too few to judge by person, by their 10 questions .* p = 0.00055"),
        ([9, 4], [0, 3], True, "2 people are too few .* by their 20 questions .*exact test"),
        ([5], [4], False, r"p = 0.5 \(exact test\), where at most 0.01 is asked for"),
        ([0, 9], [9, 0], False, "where at most 0.01"),  # who knows what differs by person only
        ([10, 0], [0, 0], True, "exact test"),
        ([9, 9, 9], [8, 8, 8], False, "where at most 0.01"),  # equal differences have no spread: no proof of any
    ],
)
def test_few_people_are_judged_by_their_questions(
    vanilla: list[int], base: list[int], passed: bool, words: str
) -> None:
    gate = gates.knowledge(made("vanilla", forget=vanilla), {"base": made("base", forget=base)})
    assert gate.passed is passed
    assert re.search(words, gate.reason), gate.reason
    assert not re.search(r"above \d{3,} ?%|inf|nan", gate.reason)


def test_so_few_questions_that_nothing_can_be_judged() -> None:
    def of(row: str, k: int, n: int) -> RunRecord:
        people = {"forget": {"a": {"generation/image_text": {"leak": k, "vague": n - k}}}}
        return record(row, people=people, scores=tuple(shares(people)))

    # 3 of 3 against 0 of 3: p = 1 / C(6, 3) = 0.05 at best
    gate = gates.knowledge(of("vanilla", 3, 3), {"base": of("base", 0, 3)})
    assert gate.passed
    assert (
        "3 questions too few for an exact test (p = 0.05 at best, 0.01 is asked for): it cannot be judged"
        in gate.reason
    )
    assert gate.reason.startswith("vanilla knows 100% of what is to be forgotten, base 0%")
    assert not gates.knowledge(of("vanilla", 1, 3), {"base": of("base", 1, 3)}).passed  # nothing speaks for knowledge
    assert gates.knowledge(of("vanilla", 5, 5), {"base": of("base", 0, 5)}).reason.count("p = 0.004 (exact") == 1


def test_one_person_against_chance() -> None:
    world = World({p: {"city": (c,)} for p, c in zip("abcd", ("Riga", "Oslo", "Lima", "Bern"), strict=True)})
    gate = gates.knowledge_of_all(made("vanilla", forget=[9]), None, [sample("a")], world)
    assert gate.passed  # 9 or more of 10 by chance of 1 in 4: 31 * 0.25^10
    assert "p = 3e-05 (exact test)" in gate.reason
    assert not gates.knowledge_of_all(made("vanilla", forget=[3]), None, [sample("a")], world).passed


def test_the_exact_tests_by_hand() -> None:
    assert stats.stratified_exact([(3, 3, 0, 3)]) == pytest.approx(1 / 20)
    assert stats.stratified_exact([(3, 3, 0, 3)] * 2) == pytest.approx(1 / 400)
    assert stats.stratified_exact([(0, 3, 3, 3)]) == pytest.approx(1)
    assert stats.stratified_exact([]) == pytest.approx(1)
    assert stats.stratified_exact([(9, 10, 1, 10)]) == pytest.approx(fisher_exact([[9, 1], [1, 9]], "greater").pvalue)
    assert stats.binomial_exact(3, 3, 0.25) == pytest.approx(1 / 64)
    assert stats.binomial_exact(0, 3, 0.25) == pytest.approx(1)


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
