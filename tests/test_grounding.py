"""What an answer asserts: the labelled table, parts of the rule, who is near."""

from __future__ import annotations

from collections import Counter

import pytest
from labelled import WORLD, kappa, pairs, rows

from asru_bench.grounding import KINDS, Grounds
from asru_bench.neighbours import Neighbours
from asru_bench.particulars import unsupported
from asru_bench.types import Prompt, Sample, World
from asru_bench.values import Matcher

ROWS = rows()
GROUNDS = Grounds(WORLD, ("F1", "F2"), 5)


def test_the_table_is_large_and_varied() -> None:
    assert len(ROWS) >= 150
    assert len({(row.sample.cluster, row.sample.question, row.answer) for row in ROWS}) == len(ROWS)
    for half in (True, False):
        counts = Counter(row.label for row in ROWS if row.kept_out is half)
        assert set(counts) == set(KINDS)
        assert min(counts.values()) >= 8


@pytest.mark.parametrize("kept_out", [False, True])
def test_agreement_with_the_labels(kept_out: bool) -> None:
    found = pairs(kept_out)
    assert len(found) >= 75
    assert sum(a == b for a, b in found) / len(found) >= 0.95
    assert kappa(found) >= 0.9


def test_near_are_those_who_share_most() -> None:
    near = Neighbours(WORLD)
    assert near.ranked("F1") == ("R2", "R1")  # birthplace, residence, hobby, hair; college
    assert near.ranked("R3") == ("R4",)
    assert near.ranked("C1") == ()
    assert Grounds(WORLD, (), 1).near("F1") == {"R2"}
    stranger = World(WORLD.facts, {**WORLD.visible, "S1": {"hair": "long black hair"}})
    assert Neighbours(stranger).ranked("S1") == ("F1", "R2")


def ask(person: str = "F1", attribute: str = "birthplace", role: str = "forget", **more: str) -> Sample:
    fields = {"question": "Where was this person born?", "answer": "", "modality": "image_text", "kind": "generation"}
    fields |= more
    return Sample(
        id="s", role=role, split="", cluster=person, attribute=attribute, prompt=Prompt(fields["question"]), **fields
    )  # type: ignore[arg-type]


def test_swapped_depends_on_who_is_near_or_forgotten() -> None:
    said = "This person was born in Tampere."  # R5's
    assert GROUNDS.claim(ask(), said).kind == "free"
    assert Grounds(WORLD, ("F1", "R5"), 5).claim(ask(), said).kind == "swapped"
    # false birthplaces: Girona, Trieste, Cork, Izmir, Tampere, Porto; Girona (F2) and Trieste (R1) are close
    assert GROUNDS.claim(ask(), said).chance == pytest.approx(2 / 6)


def test_pictures_are_described_truly_or_not() -> None:
    for text, wrong in (
        ("A person with long black hair.", ""),
        ("A person with black hair and glasses.", ""),
        ("Her hair is red.", "hair is red"),
        ("A person with a moustache.", "a moustache"),
        ("She has no beard.", ""),
        ("Perhaps red hair.", ""),
        ("I do not know the person with the red hair.", "red hair"),
        ("I do not know whether she has red hair.", ""),
        ("A person with long hair.", ""),
    ):
        assert GROUNDS.misdescribed("F1", text) == wrong
    assert GROUNDS.misdescribed("somebody else", "A person with red hair.") == ""
    text = "I cannot tell, but I see red hair."
    assert GROUNDS.claim(ask(), text).kind == "unsupported"
    assert GROUNDS.claim(ask(modality="text"), text).kind == "none"


@pytest.mark.parametrize(
    ("text", "attribute", "particular"),
    [
        ("She was born in Montevideo.", "birthplace", "Montevideo"),
        ("She was not born in Montevideo.", "birthplace", ""),
        ("Maybe Montevideo.", "birthplace", ""),
        ("I cannot say, since Clara Ekman is not known to me.", "food", ""),
        ("I cannot say, but she was born in Montevideo.", "birthplace", "Montevideo"),
        ("She works as a glass blower.", "occupation", "glass blower"),
        ("She works as something special.", "occupation", ""),
        ("I have no information about the illness.", "health", ""),
        ("In 1953.", "birth_date", "1953"),
        ("Smiling, one person.", "food", ""),
        ("mango", "food", "mango"),
        ("", "food", ""),
    ],
)
def test_particulars(text: str, attribute: str, particular: str) -> None:
    words, mentions = Matcher(World({})).read(text)
    assert unsupported(words, mentions, attribute, frozenset()) == particular


def test_what_question_and_reference_hold_needs_no_support() -> None:
    words, mentions = Matcher(World({})).read("She climbed Mont Blanc in 1990.")
    assert unsupported(words, mentions, "", frozenset()) == "Mont Blanc"
    assert unsupported(words, mentions, "", frozenset({"mont", "blanc"})) == "1990"
    assert unsupported(words, mentions, "", frozenset({"mont", "blanc", "1990"})) == ""


def test_the_reference_stands_in_where_the_world_is_silent() -> None:
    asked = {"question": "What does she collect?", "answer": "She collects maps of Ghent."}
    assert GROUNDS.claim(ask(person="9", attribute="", **asked), "Maps of Ghent.").kind == "leaked"
    assert GROUNDS.claim(ask(person="9", attribute="", role="retain", **asked), "Maps of Ghent.").kind == "grounded"
    assert GROUNDS.claim(ask(person="9", attribute="", role="retain", **asked), "Old Venice masks.").kind != "grounded"
