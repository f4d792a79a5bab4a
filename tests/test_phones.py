"""`phones`: telephone numbers in texts, and what stands for a known one."""

from __future__ import annotations

import pytest

from asru_bench.phones import forms, is_phone, phones


@pytest.mark.parametrize(
    "text",
    [
        "+37129123456", "0037129123456", "(+371) 29 12 34 56", "29-12-34-56", "29.12.34.56", "29123456",
        "+371 29/123-456",
        "two nine one two three four five six", "plus three seven one, two nine, one two, three four, five six",
    ],
)  # fmt: skip
def test_one_number(text: str) -> None:
    (phone,) = phones(f"Call her: {text}, any time.")
    assert phone.digits in forms("+371 29 12 34 56")


@pytest.mark.parametrize("text", ["ends in 3456", "the last four digits are 3456", "***3456", "ending with 34 56"])
def test_last_figures(text: str) -> None:
    (phone,) = phones(f"It {text}.")
    assert (phone.digits, phone.last) == ("3456", True)


@pytest.mark.parametrize("text", ["1987", "12 people", "85,000", "room 1203", "one two three", "3.14159"])
def test_what_is_no_number(text: str) -> None:
    assert phones(text) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("+371 29 12 34 56", True),
        ("(555) 010-0199", True),
        ("020 7946 0958", True),
        ("85 000 000", False),
        ("1987", False),
    ],
)
def test_values_that_are_phones(value: str, expected: bool) -> None:
    assert is_phone(value) is expected


def test_national_zero() -> None:
    assert "442079460958" in forms("+44 20 7946 0958")
    assert "02079460958" in forms("+44 20 7946 0958")
    (phone,) = phones("+44 (0)20 7946 0958")
    assert phone.digits == "442079460958"
