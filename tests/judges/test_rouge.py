"""`rouge`: by hand, since the library counts."""

from __future__ import annotations

import string

import pytest
from asru_bench.judges.rouge import Rouge
from small_world import judge_one, sample

from asru_bench.types import AsruBenchError

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


def normalised(text: str) -> list[str]:
    """PPU-Bench's words, as its script says: lower case, no ASCII punctuation."""
    return "".join(c for c in text.lower() if c not in string.punctuation).split()


def longest(a: list[str], b: list[str]) -> int:
    """Length of the longest common subsequence, by its definition."""
    if not a or not b:
        return 0
    if a[0] == b[0]:
        return 1 + longest(a[1:], b[1:])
    return max(longest(a[1:], b), longest(a, b[1:]))


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("D'Angelo was born in São Paulo.", "dangelo, born: SÃO PAULO"),
        ("She enjoys gardening", "she enjoyed gardens"),
        ("It's a well-known fact", "its a wellknown fact!"),
        ("one two three four", "four three two one"),
        ("the the the", "the"),
        ("Riga", ""),
    ],
)
def test_the_words_of_ppu_bench(reference: str, answer: str) -> None:
    judge = Rouge(Rouge.Config(words="plain", cloze=True))
    for kind in ("generation", "cloze"):
        found = judge_one(judge, sample(answer=reference, kind=kind), answer).measures
        a, b = normalised(reference), normalised(answer)
        common = longest(a, b)
        recall, precision = common / len(a), common / max(len(b), 1)
        assert found["rougeL_recall"] == pytest.approx(recall)
        assert found["rougeL_f"] == pytest.approx(2 * recall * precision / (recall + precision) if common else 0.0)


def test_cloze_answers_are_measured_where_asked() -> None:
    assert Rouge().grade([sample(answer="x", kind="cloze")], [], None, {}) == []  # type: ignore[arg-type]
    with pytest.raises(AsruBenchError, match="choose rouge or plain"):
        Rouge.Config(words="plane")
