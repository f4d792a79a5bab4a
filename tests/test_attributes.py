"""`attributes`: which words are about an attribute, and which name it."""

from __future__ import annotations

import pytest

from asru_bench.attributes import cue, naming


@pytest.mark.parametrize(
    ("attribute", "text"),
    [
        ("birthplace", "where she was born"),
        ("birthplace", "the birth place"),
        ("birth_date", "when she was born"),
        ("date_of_birth", "her birthday"),
        ("annual_salary", "what he earns"),
        ("medical_conditions", "an illness"),
        ("educated_at", "the school"),
        ("father_job", "the work of the father"),
        ("shoe_size", "the shoe size"),
        ("favourite_colour", "favourite colours"),
    ],
)
def test_named(attribute: str, text: str) -> None:
    assert naming(attribute).search(text)


@pytest.mark.parametrize(
    ("attribute", "text"),
    [
        ("birthplace", "when she was born"),
        ("birth_date", "where she was born"),
        ("shoe_size", "a shoe"),
        ("hobby", "her job"),
    ],
)
def test_not_named(attribute: str, text: str) -> None:
    assert not naming(attribute).search(text)


def test_a_cue_is_looser_than_a_name() -> None:
    assert cue("birthplace").search("she was born in")
    assert cue("birth_date").search("she was born on")
    assert not cue("residence").search("she was born in")
