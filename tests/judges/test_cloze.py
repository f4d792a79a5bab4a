"""`cloze`: exact, normalised, contained on word boundaries."""

from __future__ import annotations

import pytest
from asru_bench.judges.cloze import Cloze
from small_world import judge_one, sample

from asru_bench.types import AsruBenchError


@pytest.mark.parametrize(
    ("text", "exact", "normalised", "contained"),
    [
        ("Elm College", 1, 1, 1),
        ("elm college.", 0, 1, 1),
        ("She studied at Elm College.", 0, 0, 1),
        ("Elm Collegetown", 0, 0, 0),
        ("Wych elm college", 0, 0, 1),
        ("College Elm", 0, 0, 0),
        ("", 0, 0, 0),
    ],
)
def test_three_ways_to_match(text: str, exact: int, normalised: int, contained: int) -> None:
    asked = sample("education", kind="cloze", answer="Elm College", role="retain")
    verdict = judge_one(Cloze(), asked, text)
    assert verdict.measures == {"exact": exact, "normalised": normalised, "contained": contained}
    assert verdict.value == contained
    for match, right in (("exact", exact), ("normalised", normalised), ("contained", contained)):
        label = judge_one(Cloze(Cloze.Config(match=match)), asked, text).label
        assert label == ("correct" if right else "")


def test_leak_on_forget_roles_and_nothing_for_a_denial() -> None:
    asked = sample(kind="cloze", answer="Riga", role="test")
    assert judge_one(Cloze(), asked, "in Riga").label == "leak"
    denied = judge_one(Cloze(), asked, "not in Riga")
    assert (denied.label, denied.value) == ("", 1.0)


def test_an_empty_reference_is_never_found() -> None:
    verdict = judge_one(Cloze(), sample(kind="cloze", answer=""), "")
    assert (verdict.label, verdict.value) == ("", 0.0)


@pytest.mark.parametrize(
    ("text", "found"),
    [("in Riga", 1), ("RIGA", 1), ("Rigan", 1), ("not in Riga", 1), ("**Riga**", 1), (" Riga ASSISTANT: x", 1),
     ("ASSISTANT: Riga", 0), ("Ri ga", 0), ("Rīga", 0), ("", 0)],
)  # fmt: skip
def test_a_substring_as_mllmu_bench_matches(text: str, found: int) -> None:
    judge = Cloze(Cloze.Config(match="substring"))
    for role, label in (("forget", "leak"), ("real", "correct")):
        verdict = judge_one(judge, sample(kind="cloze", answer="Riga", role=role), text)
        assert (verdict.value, verdict.measures["substring"], verdict.label) == (found, found, label if found else "")
    assert "substring" not in judge_one(Cloze(), sample(kind="cloze", answer="Riga"), text).measures


def test_unknown_match() -> None:
    with pytest.raises(AsruBenchError, match="choose one of exact"):
        Cloze.Config(match="fuzzy")


@pytest.mark.parametrize(
    ("truth", "text", "exact", "normalised"),
    [
        ("US", "U.S.", 0, 1),
        ("D'Angelo", "dangelo", 0, 1),
        ("co-founder", "cofounder", 0, 1),
        ("co-founder", "co founder", 0, 0),
        ("Riga", "Riga ", 1, 1),
        ("Riga", "\n\tRiga\n", 1, 1),
        ("Riga ", "Riga", 1, 1),
        ("Riga", "Ri ga", 0, 0),
        ("Riga", "riga", 0, 1),
        ("Riga", " Riga.", 0, 1),
        ("New York", "New  York", 0, 1),
        ("?", "", 0, 1),
        ("Riga", "Riga", 1, 1),
        ("Riga", "", 0, 0),
    ],
)
def test_the_words_of_ppu_bench(truth: str, text: str, exact: int, normalised: int) -> None:
    asked = sample(kind="cloze", answer=truth, role="retain")
    found = judge_one(Cloze(Cloze.Config(words="plain")), asked, text).measures
    assert (found["exact"], found["normalised"]) == (exact, normalised)
    with pytest.raises(AsruBenchError, match="choose usual or plain"):
        Cloze.Config(words="rough")
