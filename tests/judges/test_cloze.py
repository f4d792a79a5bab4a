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
        ("Riga", "Riga ", 0, 1),
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
