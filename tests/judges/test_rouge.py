"""`rouge`: by hand, since the library counts."""

from __future__ import annotations

import pytest
from asru_bench.judges.rouge import Rouge
from small_world import judge_one, sample

REFERENCE = "This person was born in Riga."


def test_by_hand() -> None:
    verdict = judge_one(Rouge(), sample(answer=REFERENCE), "She was born in Oslo")
    # 6 reference words, 5 answered; was, born, in shared and in order; pairs: 2 of 5 and 4
    assert verdict.measures["rouge1_f"] == pytest.approx(2 * (3 / 5) * (3 / 6) / (3 / 5 + 3 / 6))
    assert verdict.measures["rouge1_recall"] == pytest.approx(3 / 6)
    assert verdict.measures["rouge2_recall"] == pytest.approx(2 / 5)
    assert verdict.measures["rouge2_f"] == pytest.approx(2 * (2 / 4) * (2 / 5) / (2 / 4 + 2 / 5))
    assert verdict.value == verdict.measures["rougeL_f"] == pytest.approx(6 / 11)
    assert verdict.label == ""


def test_order_counts_for_rouge_l_only() -> None:
    verdict = judge_one(Rouge(), sample(answer="born in Riga"), "Riga in born")
    assert verdict.measures["rouge1_f"] == 1.0
    assert verdict.measures["rougeL_f"] == pytest.approx(1 / 3)


def test_stemming_is_a_setting() -> None:
    asked = sample(answer="She enjoys gardening")
    assert judge_one(Rouge(), asked, "she enjoyed gardens").value == 1.0
    assert judge_one(Rouge(Rouge.Config(stemmer=False)), asked, "she enjoyed gardens").value == pytest.approx(1 / 3)


def test_no_verdict_without_a_reference_and_zero_for_silence() -> None:
    assert Rouge().grade([sample(answer=" ")], [], None, {}) == []  # type: ignore[arg-type]
    assert judge_one(Rouge(), sample(answer=REFERENCE), "").value == 0.0
