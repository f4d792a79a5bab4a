"""Options as data write them: no letter moves, and an answer means one option or none."""

from __future__ import annotations

import re
from typing import Any

import pytest

from asru_bench import options
from asru_bench.findings import ERROR, Row, option_faults

TOWNS = options.read("Riga|Oslo|Lima|Porto")
BLOOD = options.read("O|A|B|AB")
SIGNS = options.read("A+|A-|B+|O-")


@pytest.mark.parametrize(
    ("written", "texts"),
    [
        ("Riga||Oslo|Lima", ["Riga", "", "Oslo", "Lima"]),
        ("|Riga|Oslo", ["", "Riga", "Oslo"]),
        ("Riga | | Oslo", ["Riga", "", "Oslo"]),
        ("A. Riga|B. Oslo", ["Riga", "Oslo"]),
        ("a) Riga | b) Oslo | c) Lima", ["Riga", "Oslo", "Lima"]),
        (["(A) Riga", "(B) Oslo"], ["Riga", "Oslo"]),
        ({"A": "A: Riga", "B": "B: Oslo"}, ["Riga", "Oslo"]),
        ('["A - Riga", "B – Oslo"]', ["Riga", "Oslo"]),
        # letters that are a part of the text
        ("A. Berg|E. Holm", ["A. Berg", "E. Holm"]),
        ("A. Berg|Oslo", ["A. Berg", "Oslo"]),
        ("B. Riga|C. Oslo", ["B. Riga", "C. Oslo"]),
        ("A+|A-|B+|O-", ["A+", "A-", "B+", "O-"]),
        ("A.|B.", ["A.", "B."]),
        ("", []),
    ],
)
def test_texts_keep_their_place(written: Any, texts: list[str]) -> None:
    assert [text for _, text in options.read(written)] == texts
    assert "".join(letter for letter, _ in options.read(written)) == "ABCD"[: len(texts)]


@pytest.mark.parametrize(
    ("answer", "given", "letter"),
    [
        ("B", TOWNS, "B"),
        ("b", TOWNS, "B"),
        ("(C)", TOWNS, "C"),
        ("D.", TOWNS, "D"),
        ("Oslo", TOWNS, "B"),
        ("oslo.", TOWNS, "B"),
        ("B. Oslo", TOWNS, "B"),
        ("C) Lima", TOWNS, "C"),
        ("O", BLOOD, "A"),
        ("AB", BLOOD, "D"),
        ("B. A", BLOOD, "B"),
        ("A+", SIGNS, "A"),
        ("A-", SIGNS, "B"),
        ("A−", SIGNS, "B"),
        ("o–", SIGNS, "D"),
        ("C#", options.read("C|C++|C#"), "C"),
        ("c++", options.read("C|C++|C#"), "B"),
        ("A", options.read("A|B"), "A"),
        ("B. Oslo", options.as_written("A. Riga|B. Oslo"), "B"),
        ("Oslo", options.as_written("A. Riga|B. Oslo"), "B"),
        ("Jean Paul", options.read("Anna|Jean-Paul"), "B"),
    ],
)
def test_the_option_that_an_answer_means(answer: str, given: options.Options, letter: str) -> None:
    assert options.right_letter(answer, given) == (letter, "")


@pytest.mark.parametrize(
    ("answer", "given", "words"),
    [
        ("A", BLOOD, r"'A' is the letter of 'O' and the text of option B; write letter and text, 'A. O' or 'B. A'"),
        ("B", BLOOD, "is the letter of 'A' and the text of option C"),
        ("C", options.read("C|C++|C#"), "is the letter of 'C#' and the text of option A"),
        ("B. Riga", TOWNS, "'B. Riga' has the letter of 'Oslo' and the text of option A"),
        ("B. Cork", TOWNS, "has the letter of 'Oslo' and the text of none"),
        ("Dakar", TOWNS, "'Dakar' is none of its options A, B, C, D"),
        ("E", TOWNS, "'E' is none of its options"),
        ("A or B", TOWNS, "none of its options"),
        ("A", (), r"none of its options \(none\)"),
        ("A", SIGNS[1:], "none of its options B, C, D"),
    ],
)
def test_nothing_is_guessed(answer: str, given: options.Options, words: str) -> None:
    letter, wrong = options.right_letter(answer, given)
    assert letter == ""
    assert re.search(words, wrong), wrong


def test_letters_that_are_not_in_order() -> None:
    assert "B, A" in options.moved_letters(options.as_written("B. Riga|A. Oslo"))
    assert options.moved_letters(options.as_written("A. Riga|B. Oslo")) == ""
    assert options.moved_letters(options.as_written("B. Holm|C. Berg")) == ""


def test_options_that_say_the_same() -> None:
    assert options.repeated(options.read("Riga|Oslo|riga.")) == ("A", "C")
    assert options.repeated(SIGNS) is None
    assert options.repeated(options.read("C|C++|C#")) is None


def test_a_sign_makes_another_option() -> None:
    assert list(option_faults(Row("f", 1, {}), "options", dict(SIGNS), "A")) == []
    (fault,) = option_faults(Row("f", 1, {}), "options", dict(options.read("Riga|riga.|Oslo")), "A")
    assert (fault.level, fault.check) == (ERROR, "hidden answer")
    (fault,) = option_faults(Row("f", 1, {}), "options", dict(options.read("Riga|Oslo|oslo")), "A")
    assert (fault.level, fault.check) == ("warning", "repeated option")
