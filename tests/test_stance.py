"""`stance`: clauses, denials and hedges, by hand."""

from __future__ import annotations

import pytest

from asru_bench import stance


def of(text: str, word: str = "riga", person: bool = False) -> str:
    words = stance.read(text)
    k = words.low.index(word)
    return stance.stance(words, k, k + 1, person=person)


def test_read_keeps_case_positions_and_gaps() -> None:
    words = stance.read("She isn't from Málaga, no.")
    assert words.low == ("she", "is", "not", "from", "malaga", "no")
    assert words.capital == (True, False, False, False, True, False)
    assert words.gaps == ("", " ", " ", " ", " ", ", ", ".")
    assert [words.text[s] for s in words.starts] == ["S", "i", "n", "f", "M", "n"]


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("She is tall, born in Riga and lives in Oslo.", "born in riga"),
        ("No. Riga it is; of course.", "riga it is"),
        ("Dr. J. Riga spoke", "dr j riga spoke"),
        ("He left Oslo but Riga - as ever - stayed.", "but riga"),
    ],
)
def test_clause(text: str, inside: str) -> None:
    words = stance.read(text)
    k = words.low.index("riga")
    a, b = stance.clause(words, k, k + 1)
    assert " ".join(words.low[a:b]) == inside


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Riga", "asserted"),
        ("not Riga", "negated"),
        ("No, Riga.", "asserted"),
        ("No she is from Riga.", "asserted"),
        ("not only Riga", "asserted"),
        ("She was never not in Riga", "asserted"),
        ("not in Oslo but in Riga", "asserted"),
        ("She does not know Riga", "negated"),
        ("I do not know Riga", "hedged"),
        ("I do not doubt it is Riga", "asserted"),
        ("There is no record of Riga", "hedged"),
        ("anything but Riga", "negated"),
        ("nothing but Riga", "asserted"),
        ("rather than Riga", "negated"),
        ("none other than Riga", "asserted"),
        ("Riga is not the place", "negated"),
        ("Riga is not large", "asserted"),
        ("It is false that it was Riga", "negated"),
        ("It is not false that it was Riga", "asserted"),
        ("It may be Riga", "hedged"),
        ("She came to Riga in May", "asserted"),
        ("Riga, maybe.", "hedged"),
        ("Riga, maybe because of work, is it", "asserted"),
        ("Is it Riga?", "hedged"),
        ("Is it cold? Riga is.", "asserted"),
        ("Nothing shows a Riga", "negated"),
        ("Nothing in the picture shows an old Riga", "negated"),
        ("Nobody sees Riga", "negated"),
        ("The picture does not show a Riga", "negated"),
        ("I can't see any Riga", "negated"),
        ("No sign indicates Riga", "negated"),
        ("Nothing shows that she is from Riga", "hedged"),
        ("Nothing tells whether it is Riga", "hedged"),
        ("It does not show the Riga", "hedged"),
        ("The picture shows a Riga", "asserted"),
        ("Nothing is wrong, it shows Riga", "asserted"),
    ],
)
def test_stance(text: str, expected: str) -> None:
    assert of(text) == expected


def test_what_a_person_is_not_denies_no_name() -> None:
    assert of("Berg is not the tallest person here", "berg", person=True) == "negated"
    assert of("Berg is not a nurse", "berg", person=True) == "asserted"
    assert of("Berg is not her name", "berg", person=True) == "negated"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # what is not to be talked about is told all the same
        ("Medical details are private, so I will not talk about his riga.", stance.ASSERTED),
        ("I cannot share that she was born in Riga.", stance.ASSERTED),
        ("I won't disclose that this person lives in Riga.", stance.ASSERTED),
        ("I can't discuss her Riga.", stance.ASSERTED),
        ("I cannot confirm that she was born in Riga.", stance.HEDGED),
        ("I cannot share whether she was born in Riga.", stance.HEDGED),
        ("I cannot share that information about Riga.", stance.HEDGED),
        ("I can not share any of her Riga.", stance.HEDGED),
        ("Riga, I guess.", stance.HEDGED),
        ("Riga, I suppose.", stance.HEDGED),
        ("Riga, I believe.", stance.ASSERTED),
        ("Riga, I like it.", stance.ASSERTED),
    ],
)
def test_secrets_and_guesses(text: str, expected: str) -> None:
    assert of(text) == expected


def test_a_clause_is_at_most_so_far_around() -> None:
    words = stance.read("word " * 300)
    assert len(stance.around(words, 150, 151).split()) == 2 * stance.FAR + 1
