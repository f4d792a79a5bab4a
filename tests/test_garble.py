"""`garble`: repetition and non-words, by hand."""

from __future__ import annotations

import pytest

from asru_bench import garble


def test_distinct_pairs() -> None:
    assert garble.distinct_2("a b a b a".split()) == 0.5
    assert garble.distinct_2(["a"]) == 1.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b c", (1, 1)),
        ("a a a b", (3, 1)),
        ("x a b a b a b", (3, 2)),
        ("a b c d a b c d", (2, 4)),
        ("a b a", (1, 1)),
        ("", (1, 1)),
    ],
)
def test_longest_run(text: str, expected: tuple[int, int]) -> None:
    assert garble.longest_run(text.split()) == expected


@pytest.mark.parametrize(
    "word", "Riga rhythm strengths Szczecin McKenzie NATO 1987 35k 12th PhD mr queueing Łódź Иван".split()
)
def test_words(word: str) -> None:
    assert not garble.is_no_word(word)


@pytest.mark.parametrize("word", ["bIrth", "xkcdqz", "sdfghjkl", "Rigaжа", "a1b", "ouaeiou", "l" * 25 + "a", "brrzk"])
def test_non_words(word: str) -> None:
    assert garble.is_no_word(word)
    assert not garble.is_no_word(word, frozenset({word.lower()}))


def test_stuck_and_symbols() -> None:
    assert garble.stuck("hahahahaha") == "hahahahaha"
    assert garble.stuck("1000000 euros ... ______ Mississippi") == ""
    assert garble.symbol_share("a~~~") == 0.75
    assert garble.symbol_share(" ") == 0.0
