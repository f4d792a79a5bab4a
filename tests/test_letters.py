"""`letters`: which option an answer chooses, by hand."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from asru_bench.letters import parse

CITIES = (("A", "Riga"), ("B", "Oslo"), ("C", "Lima"), ("D", "Porto"))
BLOOD = (("A", "A+"), ("B", "O-"), ("C", "AB-"), ("D", "A-"))
LANGUAGES = (("A", "C"), ("B", "C++"), ("C", "C#"), ("D", "Python"))
GROUPS = (("A", "O"), ("B", "A"), ("C", "B"), ("D", "AB"))


#: Answers to a question with the options Riga, Oslo, Lima and Porto.
ANSWERS = [json.loads(line) for line in (Path(__file__).parent / "data" / "choices.jsonl").open(encoding="utf-8")]

#: Options of other shapes by name, and answers to them: [name, text, letter].
OTHERS = json.loads((Path(__file__).parent / "data" / "options.json").read_text(encoding="utf-8"))


def chosen(text: str, options: tuple[tuple[str, str], ...] = CITIES) -> str:
    return parse(text, options)[0]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: repr(answer["text"][:40]))
def test_the_written_answers(answer: dict[str, str]) -> None:
    assert chosen(answer["text"]) == answer["letter"]


@pytest.mark.parametrize(("name", "text", "letter"), OTHERS["answers"])
def test_options_said_in_other_words(name: str, text: str, letter: str) -> None:
    assert chosen(text, tuple(OTHERS["options"][name].items())) == letter


@pytest.mark.parametrize(
    ("text", "options", "letter"),
    [
        ("A+", BLOOD, "A"), ("A-", BLOOD, "D"), ("O-", BLOOD, "B"), ("AB-", BLOOD, "C"), ("A−", BLOOD, "D"),
        ("A＋", BLOOD, "A"), ("Her blood group is A-.", BLOOD, "D"), ("It is O-, I think.", BLOOD, "B"),
        ("o-", BLOOD, "B"), ("**A-**", BLOOD, "D"), ("It's not A+ but O-", BLOOD, "B"), ("A+ or A-", BLOOD, ""),
        ("A- (A negative)", BLOOD, "D"), ("B+", BLOOD, ""), ("A", BLOOD, "A"), ("A.", BLOOD, "A"),
        ("(D)", BLOOD, "D"), ("B. O-", BLOOD, "B"), ("D: A-", BLOOD, "D"), ("D A-", BLOOD, "D"),
        ("Answer: D", BLOOD, "D"), ("Answer: A-", BLOOD, "D"), ("The answer is A-", BLOOD, "D"),
        (r"\boxed{A-}", BLOOD, "D"), ("A - A+", BLOOD, "A"), ("Option D (A-)", BLOOD, "D"), ("O", BLOOD, ""),
        ("AB", BLOOD, ""), ("C++", LANGUAGES, "B"), ("C#", LANGUAGES, "C"), ("C♯", LANGUAGES, "C"),
        ("He writes C++.", LANGUAGES, "B"), ("Not C++ but C#.", LANGUAGES, "C"),
        ("C# rather than C++", LANGUAGES, "C"), ("C", LANGUAGES, "C"), ("Answer: C", LANGUAGES, "C"),
        ("B. C++", LANGUAGES, "B"), ("C. C#", LANGUAGES, "C"), ("A. C", LANGUAGES, "A"), ("c++", LANGUAGES, "B"),
        ("Python", LANGUAGES, "D"), ("He writes C.", LANGUAGES, ""), ("C+", LANGUAGES, ""),
        ("Answer: B", GROUPS, "B"), ("B", GROUPS, "B"), ("AB", GROUPS, "D"), ("Her group is O.", GROUPS, "A"),
        ("Her group is A.", GROUPS, ""), ("(B)", GROUPS, "B"), ("B: A", GROUPS, "B"), ("A. O", GROUPS, "A"),
        ("O, not AB", GROUPS, "A"),
    ],
)  # fmt: skip
def test_options_that_look_like_letters(text: str, options: tuple[tuple[str, str], ...], letter: str) -> None:
    assert chosen(text, options) == letter


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("Hepatitis B", "A"), ("vitamin d.", "B"), ("D", "D"), ("She does not have Hepatitis B, but gout.", "C"),
        ("B. Vitamin D", "B"), ("Not gout; asthma", "D"), ("Answer: A", "A"), ("It is Hepatitis C", ""),
    ],
)  # fmt: skip
def test_options_with_a_letter_of_their_own(text: str, letter: str) -> None:
    options = (("A", "Hepatitis B"), ("B", "Vitamin D"), ("C", "gout"), ("D", "asthma"))
    assert chosen(text, options) == letter


def test_the_words_that_decided() -> None:
    assert parse("Answer: B, not A", CITIES) == ("B", "B")
    assert parse("She was born in Oslo.", CITIES) == ("B", "Oslo")
    assert parse("A or B", CITIES) == ("", "A and B")
    assert parse("Not A.", CITIES) == ("", "no letter")
    assert parse("B", ()) == ("", "no letter")


def test_what_looks_like_the_words_of_the_reader() -> None:
    assert parse("zletter1 ztext9 Zpair7", CITIES) == ("", "no letter")
    assert chosen('("B"2, zletter0)') == "B"
    assert chosen("Option(B)") == "B"


UNITS = (
    *('"', "'", "(", ")", "[", "{", "<", "|", "`", "*", "_", "~", "$", "\\", " ", "\t", "\n", ".", "?", ",", "-", "#"),
    *(
        "A. ",
        "A ",
        "A, ",
        "A/",
        "(A) ",
        "not ",
        "Not A. ",
        "A. Riga ",
        "Riga ",
        "\\boxed{",
        "<answer>",
        "<A>",
        "Answer: ",
    ),
    *(
        "A ✗ ",
        "[x] ",
        "no, ",
        "if Riga ",
        "12 March 1987 ",
        "1.78 m ",
        "None of the ",
        "答案A",
        "A\n\n",
        "~~",
        "yes or ",
    ),
)


@pytest.mark.parametrize("unit", UNITS, ids=repr)
def test_circles_are_read_in_no_time(unit: str) -> None:
    mixed = (("A", "Yes"), ("B", "Riga, Latvia"), ("C", "35000 dollars"), ("D", "No"), ("E", "45000 dollars"))
    for options in (CITIES, mixed):
        chosen("B", options)
        begun = time.process_time()
        chosen((unit * 20_000)[:20_000], options)
        assert time.process_time() - begun < 0.3


def test_the_ends_of_a_long_answer_are_read() -> None:
    talk = " ".join(f"Step {k} says little about her." for k in range(2000))
    assert chosen(f"Not Riga. {talk} The answer is C.") == "C"
    assert chosen(f"B. {talk}") == "B"
    assert chosen(talk) == ""
