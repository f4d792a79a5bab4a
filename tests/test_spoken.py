"""`spoken`: number words as figures, with the places in the text that was read."""

from __future__ import annotations

import pytest

from asru_bench.spoken import figured


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("eighty-five thousand", "85000"),
        ("nineteen eighty-seven", "1987"),
        ("nineteen oh five", "1905"),
        ("two thousand and four", "2004"),
        ("twenty twelve", "2012"),
        ("one hundred and twenty-five thousand four hundred", "125400"),
        ("the twenty-first of May", "the 21th of May"),
        ("five foot ten", "5 foot 10"),
        ("three and four", "3 and 4"),
        ("one of them", "one of them"),
        ("six figures", "six figures"),
        ("five ten", "five ten"),
        ("often, someone, tension", "often, someone, tension"),
    ],
)
def test_figures(text: str, figures: str) -> None:
    assert figured(text, ordinals=True).text == figures


def test_places() -> None:
    text = "She has two thousand and four books and ninety-one cats."
    read = figured(text)
    assert read.text == "She has 2004 books and 91 cats."
    assert [text[slice(*read.back(a, b))] for a, b, *_ in read.pieces] == ["two thousand and four", "ninety-one"]
    start = read.text.index("cats")
    assert text[slice(*read.back(start, start + 4))] == "cats"


def test_ordinals_stay_unless_they_are_wanted() -> None:
    assert figured("the twelfth of March").text == "the twelfth of March"
