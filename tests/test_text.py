"""`text`: normalised words, contractions, dates, numbers."""

from __future__ import annotations

import pytest

from asru_bench import text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Dr. O’Brien —  born in\nMalmö!", "dr o brien born in malmö"),
        ("O'Brien_x", "o brien x"),
        ("...", ""),
        ("e\u0301", "é"),
    ],
)
def test_normalise(raw: str, expected: str) -> None:
    assert text.normalise(raw) == expected


def test_contains_keeps_word_boundaries() -> None:
    assert text.contains("She was born in Riga, Latvia.", "riga latvia")
    assert text.contains("It's O’Brien.", "O'Brien")
    assert not text.contains("She lives in Bergen.", "Berg")
    assert not text.contains("anything", "?!")


@pytest.mark.parametrize("apostrophe", ["'", "’", "‘", "´", "`"])
def test_every_apostrophe_is_spelled_out(apostrophe: str) -> None:
    raw = "I can't say, it's not hers; I've no idea, I'm lost, they won't".replace("'", apostrophe)
    assert text.spell_out(raw) == "I can not say, it is not hers; I have no idea, I am lost, they will not"


def test_missing_apostrophes_and_what_is_no_contraction() -> None:
    assert text.spell_out("i dont know, cant say") == "i do not know, can not say"
    assert text.spell_out("Ada's dog, O'Brien, the want of cants") == "Ada's dog, O'Brien, the want of cants"


def test_fold_drops_accents() -> None:
    assert text.fold("Małgorzata Strauß-Sørensen, São Paulo") == "Malgorzata Strauss-Sorensen, Sao Paulo"


@pytest.mark.parametrize(
    ("raw", "readings"),
    [
        ("12 March 1987", [((1987, 3, 12),)]),
        ("the 12th of March, 1987.", [((1987, 3, 12),)]),
        ("Mar. 12, 1987", [((1987, 3, 12),)]),
        ("1987-03-12", [((1987, 3, 12),)]),
        ("12.03.1987", [((1987, 3, 12), (1987, 12, 3))]),
        ("25/12/1987", [((1987, 12, 25),)]),
        ("in March 1987", [((1987, 3, 0),)]),
        ("born in 1987, not 1986", [((1987, 0, 0),), ((1986, 0, 0),)]),
        ("on 3 May", [((0, 5, 3),)]),
        ("She may go; 3 times; 1,987 euros; room 12", []),
        ("99/99/1987", []),
    ],
)
def test_dates(raw: str, readings: list[tuple[tuple[int, int, int], ...]]) -> None:
    assert [date.readings for date in text.dates(raw)] == readings


def test_dates_fit_what_they_do_not_contradict() -> None:
    (year,), (other,) = text.dates("in 1987"), text.dates("13 March 1987")
    assert year.fits((1987, 3, 12))
    assert not year.full
    assert not other.fits((1987, 3, 12))


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        ("35 thousand euros", [35000]),
        ("€35,000 or 35.000 or 35 000", [35000, 35000, 35000]),
        ("$85,000.50", [85000.5]),
        ("62.5k a year", [62500]),
        ("1.75 m, that is 175 cm", [175, 175]),
        ("5'9\" or 5 feet 9 inches", [175.3, 175.3]),
        ("aged 21.", [21]),
        ("no figure here", []),
        ("B12 and v2", []),
    ],
)
def test_numbers(raw: str, values: list[float]) -> None:
    assert [number.value for number in text.numbers(raw)] == values


def test_topic_is_what_a_question_asks_about() -> None:
    assert text.topic("Which college did this person attend?") == {"college", "attend"}
    assert text.same_stem("live", "lives")
    assert text.same_stem("study", "studied")
    assert not text.same_stem("job", "joke")
    assert not text.same_stem("art", "artist")
