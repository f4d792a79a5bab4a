"""`choice`: letters are parsed strictly, never guessed."""

from __future__ import annotations

import math

import pytest
from asru_bench.judges.choice import Choice, parse, parse_alone
from small_world import judge_one, sample

from asru_bench.types import AsruBenchError

OPTIONS = (("A", "Riga"), ("B", "Oslo"), ("C", "New York City"), ("D", "York"))


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        *[(t, "B") for t in ("B", "b", "B.", " (b) ", "b)", "B\n", '"B"', "**B**", "B!", "[B]")],
        *[(t, "B") for t in ("Answer: B", "The answer is B.", "answer is (B)", "Option B", "the correct option is b")],
        *[(t, "B") for t in ("B. Oslo", "B: Oslo", "(B) Oslo", "B Oslo", "I think B is correct", "B is the right one")],
        *[(t, "A") for t in ("A", "a", "A.", "A Riga", "Answer: A", "(A) Riga")],
        ("Oslo", "B"),
        ("This person lives in Oslo.", "B"),
        ("It is New York City, I think.", "C"),
        ("york", "D"),
        *[(t, "") for t in ("", "   ", "?", "E", "42", "Because of that", "Definitely", "Don't ask")],
        *[(t, "") for t in ("A person with brown hair.", "A woman", "a person", "The answer is A person")],
        *[(t, "") for t in ("A or B", "A: Riga\nB: Oslo", "Riga or Oslo", "A, B", "(A) (B)")],
        ("B, not A", "B"),
        ("I do not know whether it is Riga.", ""),
        ("Bergen", ""),
    ],
)  # fmt: skip
def test_parse(text: str, letter: str) -> None:
    assert parse(text, OPTIONS)[0] == letter


def test_a_letter_inside_an_option_is_none() -> None:
    options = (("A", "Hepatitis B"), ("B", "Vitamin D"), ("C", "gout"), ("D", "asthma"))
    assert parse("Hepatitis B", options)[0] == "A"
    assert parse("vitamin d.", options)[0] == "B"
    assert parse("D", options)[0] == "D"


def test_labels() -> None:
    asked = {"kind": "classification", "answer": "B", "options": OPTIONS}
    assert judge_one(Choice(), sample(**asked), "B").label == "leak"
    assert judge_one(Choice(), sample(role="retain", **asked), "B").label == "correct"
    assert judge_one(Choice(), sample(role="retain", **asked), "Riga").label == "invented"
    assert judge_one(Choice(), sample(**asked), "A or B").label == "unparsable"
    assert judge_one(Choice(), sample(**asked), "A or B").evidence == "A and B"


def test_second_reading_by_log_probability() -> None:
    asked = sample(kind="classification", answer="B", options=OPTIONS)
    logprobs = tuple(math.log(p) for p in (0.4, 0.2, 0.1, 0.1))
    measures = judge_one(Choice(), asked, "A", option_logprobs=logprobs).measures
    assert measures["right_probability"] == pytest.approx(0.25)
    assert (measures["right_rank"], measures["most_likely"]) == (2, 0)
    tied = judge_one(Choice(), asked, "A", option_logprobs=(-1.0, -1.0, -1.0, -1.0)).measures
    assert (tied["right_rank"], tied["most_likely"]) == (4, 0)
    assert judge_one(Choice(), asked, "A").measures == {}


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("B", "B"), (" b. ", "B"), ("Answer: B", "B"), ("B B", "B"), ("D'Angelo", "D"), ("A doctor", "A"),
        ("It is a B.", ""), ("B. A doctor", ""), ("The answer is B because a doctor", ""), ("Oslo", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_parser_of_ppu_bench(text: str, letter: str) -> None:
    assert parse_alone(text, OPTIONS)[0] == letter
    judge = Choice(Choice.Config(parser="ppu"))
    asked = sample(kind="classification", answer="B", options=OPTIONS)
    label = {"B": "leak", "": "unparsable"}.get(letter, "invented")
    assert judge_one(judge, asked, text).label == label


def test_parsers_are_checked() -> None:
    with pytest.raises(AsruBenchError, match="choose one of ours, ppu, paper"):
        Choice.Config(parser="mllmu")
