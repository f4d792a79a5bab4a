"""What a judge may return: a list of verdicts with finite values; anything else is refused or counts as failed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from small_world import sample

from asru_bench import judging
from asru_bench.types import Verdict

QUESTIONS = [sample(name=name) for name in ("a", "b")]


def verdict(name: str = "a", **more: Any) -> Verdict:
    return Verdict("j", name, "k", **{"status": "scored", **more})


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (None, "judge 'j' returned NoneType; expected a list of verdicts"),
        (3.0, "returned float"),
        ("leak", "returned str"),
        ({"a": verdict()}, "returned dict"),
        (verdict(), "returned Verdict"),
        ([None], "returned a list with NoneType; expected verdicts"),
        ([verdict(), 0.5], "a list with float"),
        ([[verdict()]], "a list with list"),
        ([verdict("c")], "a verdict on 'c', which is no question here"),
        ([verdict(label="leaked")], "gave the label 'leaked'; expected leak, correct"),
    ],
)
def test_what_is_no_list_of_verdicts_is_refused(made: Any, words: str) -> None:
    with pytest.raises(TypeError, match=re.escape(words)):
        judging.sound("j", made, QUESTIONS)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "0.5", [1.0], {}])
def test_a_value_that_is_no_number_is_a_failed_verdict(value: Any) -> None:
    first, second = judging.sound(
        "j", [verdict(value=value, label="leak", measures={"x": 1.0}), verdict("b")], QUESTIONS
    )
    assert (first.status, first.label, first.value, first.measures) == ("failed", "", None, {})
    assert "expected a finite number or None" in first.evidence
    assert second == verdict("b")


@pytest.mark.parametrize("value", [None, 0, 1, 0.5, -3.0, True])
def test_sound_verdicts_stay(value: Any) -> None:
    given = [verdict(value=value, label="leak"), verdict("b", status="failed", evidence="x")]
    assert judging.sound("j", iter(given), QUESTIONS) == given
    assert judging.sound("j", (), QUESTIONS) == []
