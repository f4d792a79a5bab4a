"""Signs of broken text, without a language model: repetition, words that are none, symbols."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import regex

from asru_bench.marks import written_words

_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{6,}")
_VOWELS = re.compile(r"[aeiou]{6,}")
_INNER_CAPITAL = re.compile(r"[a-z][A-Z]+[a-z]")
_GAELIC = re.compile(r"^(?:Mc|Mac|De|Di|La|Le|Van|Von|O)[A-Z][a-z]+$")
_LETTER_DIGIT = re.compile(r"[a-z]\d+[a-z]|\d[a-z]+\d", re.IGNORECASE)
_MARKUP = re.compile(r"<\|[^|>]*\|>|</?s>|<unk>|<pad>|\[(?:UNK|PAD|INST)\]|\ufffd")
_SAME_CHARACTER = re.compile(r"([^\d\s._\-*=#])\1{4,}|([^\w\s.\-*=#])\2{7,}")
_SAME_CHUNK = re.compile(r"([^\W\d]\w{1,11}?)\1{3,}")
#: With the vowel signs of Indian, Thai and other scripts, which `re` takes for no part of a word.
_SAME_SIGNS = regex.compile(r"((?![\d_])\w\w{1,11}?)\1{3,}")
#: More signs on one letter than any writing has.
_STACKED = regex.compile(r"\p{Mn}{5,}")
_STUCK = (_MARKUP, _SAME_CHARACTER, _SAME_CHUNK, _SAME_SIGNS, _STACKED)
_USUAL = frozenset(".,;:!?'\"()-–—’‘“”$€£%&/")
_ABBREVIATIONS = frozenset("mr mrs ms dr st nd rd th vs km kg cm mm hr hrs mph phd bsc msc nyc tv dvd cv hm pm".split())


def words_of(text: str) -> list[str]:
    """Words as written, without punctuation; of writing without spaces the characters."""
    return written_words(text)


def distinct_2(words: Sequence[str]) -> float:
    """Share of pairs of neighbours that are different pairs; 1 for fewer than two words."""
    pairs = list(pairwise(words))
    return len(set(pairs)) / len(pairs) if pairs else 1.0


def longest_run(words: Sequence[str], longest: int = 8) -> tuple[int, int]:
    """(times, words) of the group of up to `longest` words that is said most often in a row, the most words in all."""
    best = (1, 1)
    for n in range(1, min(longest, len(words) // 2) + 1):
        same = 0
        for k in range(n, len(words)):
            same = same + 1 if words[k] == words[k - n] else 0
            times = same // n + 1
            if times > 1 and (times * n, times) > (best[0] * best[1], best[0]):
                best = (times, n)
    return best


def repeats(words: Sequence[str], least_distinct: float) -> str:
    """Why the words go in circles, "" where they do not.

    In circles: a word five times in a row, a group of words three times in a row, or ten words and more of
    which too few pairs of neighbours are different.
    """
    times, n = longest_run(words)
    if times >= (5 if n == 1 else 3):
        return f"{times} times in a row: {_run(words, times, n)}"
    distinct = distinct_2(words)
    if len(words) >= 10 and distinct < least_distinct:
        return f"{distinct:.2f} of the pairs of words are different"
    return ""


def _run(words: Sequence[str], times: int, n: int) -> str:
    for k in range(len(words) - times * n + 1):
        group = list(words[k : k + n])
        if list(words[k : k + times * n]) == group * times:
            return " ".join(group)
    return ""


def stuck(text: str) -> str:
    """A character or chunk that is repeated without a space, or markup of a chat template; "" if none."""
    for pattern in (_MARKUP, _SAME_CHARACTER, _SAME_CHUNK) if text.isascii() else _STUCK:
        match = pattern.search(text)
        if match:
            return match[0][:40]
    return ""


def symbol_share(text: str) -> float:
    """Share of the characters, spaces apart, that are neither letters, signs on them, digits nor usual punctuation."""
    visible = "".join(text.split())
    odd = sum(visible.count(c) for c in set(visible) if not (c.isalnum() or c in _USUAL or _written(c)))
    return odd / len(visible) if visible else 0.0


def _written(character: str) -> bool:
    """Whether a character that is no ASCII is a vowel or tone sign, punctuation of another script, or invisible."""
    return not character.isascii() and unicodedata.category(character)[0] in "MPC" and character != "\ufffd"


@lru_cache(maxsize=1 << 15)
def is_no_word(word: str, known: frozenset[str] = frozenset()) -> bool:
    """Whether a word looks like none: no vowel, long runs, capitals or digits inside, two alphabets."""
    return word.lower() not in known and _looks_like_none(word)


def _looks_like_none(word: str) -> bool:
    lower = word.lower()
    if lower.isdigit() or len(word) < 3:
        return False
    if not word.isascii():
        letters = [c for c in word if c.isalpha()]
        scripts = {_script(c) for c in letters}
        return len(scripts) > 1 or len(letters) > (24 if scripts == {"LATIN"} else 40)
    if len(word) > 24:
        return True
    if (_INNER_CAPITAL.search(word) and not _GAELIC.match(word)) or _LETTER_DIGIT.search(word):
        return True
    if not any(c in "aeiouy" for c in lower) and lower.isalpha():
        return not (lower in _ABBREVIATIONS or word.isupper())
    return bool(_CONSONANTS.search(lower) or _VOWELS.search(lower))


def _script(character: str) -> str:
    """The alphabet of a letter: LATIN, GREEK, CYRILLIC, CJK …"""
    return "LATIN" if character.isascii() else unicodedata.name(character, "?").partition(" ")[0]
