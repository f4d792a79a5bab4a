"""`rouge`: by hand, since the library counts."""

from __future__ import annotations

import string

import pytest
from asru_bench.judges.rouge import Rouge, UnicodeWords
from nltk.stem.porter import PorterStemmer
from rouge_score.tokenize import tokenize
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
    with pytest.raises(AsruBenchError, match="choose unicode, rouge or plain"):
        Rouge.Config(words="plane")


SCRIPTS = (
    "Она родилась в Риге.", "Γεννήθηκε στη Ρίγα.", "وُلِدَتْ فِي رِيغَا.", "वह दिल्ली में पैदा हुई।", "她出生在里加。",
    "彼女はリガで生まれた。", "그녀는 리가에서 태어났다.", "เธอเกิดที่กรุงเทพ", "היא נולדה בריגה.", "München", "তিনি ঢাকায়",
)  # fmt: skip


@pytest.mark.parametrize("text", SCRIPTS)
def test_a_text_equals_itself_in_every_script(text: str) -> None:
    verdict = judge_one(Rouge(), sample(answer=text), text)
    assert verdict.measures["rouge1_f"] == verdict.measures["rougeL_f"] == 1.0


@pytest.mark.parametrize(
    ("reference", "answer", "value"),
    [
        ("München", "Münster", 0.0),
        ("她出生在里加", "她出生在奥斯陆", 2 * (4 / 6) * (4 / 7) / (4 / 6 + 4 / 7)),  # 4 of 6 and of 7 characters
        ("родилась в Риге", "родилась в Осло", 2 / 3),
        ("그녀는 리가에서 태어났다", "그녀는 오슬로에서 태어났다", 2 / 3),
        ("وُلِدَتْ فِي رِيغَا", "ولدت في ريغا", 1.0),
        ("born in ９８", "born in 98", 1.0),
        ("Mu\u0308nchen", "München", 1.0),
        ("in Ri\u200bga", "in Riga", 1.0),
        ("她在Riga", "她在 Riga", 1.0),
    ],
)
def test_other_scripts_by_hand(reference: str, answer: str, value: float) -> None:
    assert judge_one(Rouge(), sample(answer=reference), answer).value == pytest.approx(value)


def test_official_numbers_keep_the_official_words() -> None:
    official = Rouge(Rouge.Config(words="rouge"))
    assert judge_one(official, sample(answer="Она родилась"), "Она родилась").value == 0.0
    assert judge_one(official, sample(answer="München"), "Münster").value == 0.5


@pytest.mark.parametrize(
    "text",
    [
        "It’s a well-known fact: she enjoyed gardening (in 1987)!", "snake_case and don't", "5'10\" or 1.78 m², ½ × 3",
        "“Quoted” — dash… and ellipsis • bullet\tTab\nline", "D'Angelo's 12th, U.S.A. €85,000", "__Riga__ **bold** `x`",
        "", "?!", "№ 5 ™ © 2020 ➜ 😀 smile", "running runs ran runner's ponies",
    ],
)  # fmt: skip
@pytest.mark.parametrize("stemmed", [True, False])
def test_english_words_are_those_of_rouge_score(text: str, stemmed: bool) -> None:
    assert UnicodeWords(stemmed).tokenize(text) == tokenize(text, PorterStemmer() if stemmed else None)
