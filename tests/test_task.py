from __future__ import annotations

import pytest

from asru_bench.task import check_choice, choice_text, cloze_text, first_people, generation_text
from asru_bench.types import AsruBenchError, Prompt, Sample


def test_the_wording_of_the_three_kinds() -> None:
    options = (("A", "Riga"), ("B", "Oslo"))
    assert choice_text("Where?", options) == "Where?\nA: Riga\nB: Oslo\nAnswer with one letter."
    assert cloze_text("Ada lives in __ now.") == "Ada lives in [Blank] now.\nGive only the words for [Blank]."
    assert cloze_text("____ is a snake_case word") == ("[Blank] is a snake_case word\nGive only the words for [Blank].")
    assert generation_text("Where?") == "Where?\nAnswer in one sentence."


def test_first_people_of_each_role_in_the_given_order() -> None:
    order = [("forget", "b"), ("forget", "a"), ("real", "z"), ("forget", "b"), ("forget", "c"), ("real", "y")]
    samples = [
        Sample(str(i), role, "", person, "text", "cloze", "", "", Prompt("")) for i, (role, person) in enumerate(order)
    ]
    assert [s.id for s in first_people(samples, 1)] == ["0", "2", "3"]
    assert first_people(samples, None) == samples


def test_unknown_choice_names_the_nearest() -> None:
    check_choice("split", "b", ("a", "b"))
    with pytest.raises(AsruBenchError, match=r"unknown split 'forgt_5'; did you mean 'forget_5'\? .*-t split="):
        check_choice("split", "forgt_5", ("forget_5", "full"))
