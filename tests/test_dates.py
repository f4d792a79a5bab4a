"""`dates`: one birthday in the spellings of answers, decades, other languages, and what is no date."""

from __future__ import annotations

import pytest

from asru_bench.dates import dates

DAY = (1987, 3, 12)


@pytest.mark.parametrize(
    "text",
    [
        "12-Mar-1987", "1987.03.12", "1987/3/12", "19870312", "12 Mar '87", "March 12th 1987", "12/Mar/87",
        "the twelfth of March 1987", "twelfth of March, nineteen eighty-seven", "March the twelfth, 1987",
        "1987-03-12T08:30:00Z", "1987 March 12", "Mar-12-1987", "12th of March, '87", "87-03-12",
        "12MAR1987", "12Mar87", "1987MAR12", "12 Mar 87", "March 12, 87",
        "12. März 1987", "12 mars 1987", "1987年3月12日", "12 de marzo de 1987", "12 марта 1987 года",
        "1987. gada 12. marts", "1987 m. kovo 12 d.", "12 marca 1987", "1987. március 12.", "1987년 3월 12일",
        "12 Μαρτίου 1987", "12 Maret 1987",
    ],
)  # fmt: skip
def test_one_day(text: str) -> None:
    (date,) = dates(f"Born {text}.")
    assert DAY in date.readings
    assert {day[:1] for day in date.readings} <= {(1987,), (2087,)}
    assert date.full


@pytest.mark.parametrize("text", ["12/3/87", "12.3.87", "12-3-1987", "12 3 1987", "12.03.1987", "12031987"])
def test_day_and_month_in_figures_are_read_both_ways_round(text: str) -> None:
    assert set(dates(text)[0].readings) == {(1987, 3, 12), (1987, 12, 3)}


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("mid-March 1987", (1987, 3, 0)),
        ("March of 1987", (1987, 3, 0)),
        ("late March '87", (1987, 3, 0)),
        ("03/1987", (1987, 3, 0)),
        ("early 1987", (1987, 0, 0)),
        ("nineteen eighty-seven", (1987, 0, 0)),
        ("in '87", (1987, 0, 0)),
        ("MAR1987", (1987, 3, 0)),
        ("1987年", (1987, 0, 0)),
        ("the twelfth of March", (0, 3, 12)),
        ("in September", (0, 9, 0)),
    ],
)
def test_parts_of_a_date(text: str, reading: tuple[int, int, int]) -> None:
    (date,) = dates(text)
    assert reading in date.readings
    assert not date.full
    assert date.rough == (reading == (0, 9, 0))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("late 1980s", 1985, 1989),
        ("the 1980s", 1980, 1989),
        ("80s", 1980, 1989),
        ("the '80s", 1980, 1989),
        ("the 80's", 1980, 1989),
        ("early nineties", 1990, 1994),
        ("the nineteen-eighties", 1980, 1989),
        ("mid-seventies", 1973, 1977),
        ("between 1985 and 1990", 1985, 1990),
        ("1985–1990", 1985, 1990),
    ],
)
def test_decades_and_ranges(text: str, first: int, last: int) -> None:
    (date,) = dates(f"She was born in {text}.")
    assert date.span == (first, last)
    assert date.rough
    assert date.fits((first, 5, 1))
    assert not date.fits((last + 1, 1, 1))


@pytest.mark.parametrize(
    "text",
    [
        "12 people", "room 1987", "Room no. 1987", "version 12.3.87", "ISBN 978-3-16-148410-0", "1987 people",
        "1987 euros", "12 March Street", "29.12.34.56", "29-12-34-56", "in his eighties", "in her late 80s",
        "she may in time", "99/99/99", "31122", "1,987", "10.0.0.1", "3 marks", "99999999", "a march in the rain",
        "12 dogs", "'12'", "rock 'n' roll", "6'1", "'878", "12marks",
    ],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert dates(text) == []


def test_places_are_those_of_the_text_as_it_stands() -> None:
    text = "Her birthday is the twelfth of March, nineteen eighty-seven, they say; his is 3 May 1990."
    first, second = dates(text)
    assert text[first.start : first.end] == "twelfth of March, nineteen eighty-seven"
    assert text[second.start : second.end] == "3 May 1990"


def test_a_month_that_two_languages_use_for_two_months_is_read_both_ways() -> None:
    assert set(dates("5 listopada 1990")[0].readings) == {(1990, 10, 5), (1990, 11, 5)}
