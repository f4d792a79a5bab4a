"""`reference`: the distinctive words of a reference sentence, by hand."""

from __future__ import annotations

import pytest

from asru_bench.reference import agreement, distinctive, shared_words


@pytest.mark.parametrize(
    ("reference", "question", "words"),
    [
        ("This person was born in Riga, Latvia.", "Where was this person born?", {"riga", "latvia"}),
        ("Ada Berg was born in Riga.", "Where was Ada Berg born?", {"riga"}),
        ("She studied at the University of Oslo.", "Where did she study?", {"oslo"}),
        ("He was born on 12 March 1987.", "When was he born?", {"12", "1987"}),
        ("She likes hiking and folk music.", "What does she like?", {"likes", "hiking", "folk", "music"}),
        ("Riga", "Where?", {"riga"}),
        ("Yes.", "Is it?", {"yes"}),
        ("It is.", "What is it?", set()),
    ],
)  # fmt: skip
def test_distinctive_words(reference: str, question: str, words: set[str]) -> None:
    assert distinctive(reference, question) == words


def test_agreement_counts_words_that_are_said_and_not_denied() -> None:
    asked = ("She was born in Riga, Latvia.", "Where was she born?")
    assert agreement("In Riga.", *asked) == 0.5
    assert agreement("Riga, in Latvia", *asked) == 1.0
    assert agreement("Not in Riga.", *asked) == 0.0
    assert agreement("Rigamo", *asked) == 0.0
    assert agreement("It is.", "It is.", "What is it?") == 0.0


def test_words_of_many_peoples_answers_tell_nothing() -> None:
    jobs = ("surgeon", "farmer", "farmer", "pilot", "cook", "nurse")
    told = {f"P{k}": [f"A parent worked as a {job}.", "Yes."] for k, job in enumerate(jobs)}
    shared = shared_words(told)
    assert "worked" in shared
    assert not shared & {"surgeon", "farmer"}
    asked = ("A parent worked as a surgeon.", "What was the job of a parent?")
    assert agreement("A parent worked as a farmer.", *asked) == 0.5
    assert agreement("A parent worked as a farmer.", *asked, shared) == 0.0
    assert agreement("A surgeon.", *asked, shared) == 1.0
    assert distinctive("A parent worked.", "What of a parent?", shared) == {"worked"}, "nothing else is left"


def test_three_people_share_nothing_yet() -> None:
    assert shared_words({p: ["He worked there."] for p in "abc"}) == frozenset()
    assert "worked" in shared_words({p: ["He worked there."] for p in "abcd"})
