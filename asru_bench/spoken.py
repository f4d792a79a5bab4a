"""Numbers written as words, as figures: "eighty-five thousand" is 85000, "nineteen eighty-seven" 1987.

Libraries for this were measured and left out: number-parser takes a millisecond a sentence, keeps no positions and
reads "nineteen eighty-seven" as 19 87; word2number reads it as 1527.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
_ONES += "seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_VALUES = {word: k for k, word in enumerate(_ONES)} | {word: 20 + 10 * k for k, word in enumerate(_TENS)}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
_IRREGULAR = {"first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12}
_ORDINALS = {f"{w.removesuffix('y')}{'ie' * w.endswith('y')}th": v for w, v in _VALUES.items()} | _IRREGULAR

_CARDINAL = "|".join(sorted((*_VALUES, "hundred", *_SCALES), key=len, reverse=True))
_ORDINAL = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_RUN = re.compile(
    rf"(?<![\w-])(?:a\s+(?=hundred|thousand|million))?(?:{_CARDINAL})"
    rf"(?:(?:\s+|-)(?:(?:and\s+)(?<=(?:dred|sand|lion)\sand\s))?(?:oh[\s-]+)?(?:{_CARDINAL}))*"
    rf"(?P<point>\s+point(?:[\s-]+(?:{'|'.join(_ONES[:10])}))+)?(?P<last>[\s-](?:{_ORDINAL}))?(?!\w)"
    rf"|(?<![\w-])(?:{_ORDINAL})(?!\w)",
    re.IGNORECASE,
)
#: One of these stands in every number word; looking for them is cheaper than the pattern.
_STEMS = tuple(
    "one two thre thir four fort five fif six seven eigh nin ten eleven twel twen zero second hundred first".split()
)
#: "six figures", "one of them": words that count nothing that could be a fact.
_VAGUE_AFTER = re.compile(r"[\s-]+(?:figures?|digits?)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Figured:
    """A text with its number words as figures; `back` gives places in the text that was read."""

    text: str
    pieces: tuple[tuple[int, int, int, int], ...] = ()

    def back(self, start: int, end: int) -> tuple[int, int]:
        """The span [start, end) of `text` as a span of the original."""
        first, last = start, end
        for new_start, new_end, old_start, old_end in self.pieces:
            shift = old_end - new_end
            if start >= new_end:
                first = start + shift
            elif start >= new_start:
                first = old_start
            if end >= new_end:
                last = end + shift
            elif end > new_start:
                last = old_end
        return first, last


@lru_cache(maxsize=512)
def figured(text: str, *, ordinals: bool = False) -> Figured:
    """The text with numbers in words as figures, ordinals ("twelfth": 12th) only on demand."""
    low = text.lower()
    if not any(stem in low for stem in _STEMS):
        return Figured(text)
    made: list[str] = []
    pieces: list[tuple[int, int, int, int]] = []
    done = length = 0
    for match in _RUN.finditer(text):
        figures = _figures(match, ordinals)
        if not figures or _VAGUE_AFTER.match(text, match.end()):
            continue
        before = text[done : match.start()]
        length += len(before)
        pieces.append((length, length + len(figures), match.start(), match.end()))
        made += [before, figures]
        length += len(figures)
        done = match.end()
    return Figured("".join((*made, text[done:])), tuple(pieces)) if pieces else Figured(text)


def _figures(match: re.Match[str], ordinals: bool) -> str:
    """The figures of one run of number words, "" for one that is no number or says too little ("one")."""
    words = [w for w in re.split(r"[\s-]+", match[0].lower()) if w != "and"]
    if words[-1] in _ORDINALS:
        before = _value(words[:-1]) if words[:-1] else 0
        fits = before is not None and (not words[:-1] or (before % 10 == 0 and _ORDINALS[words[-1]] < 10))
        return f"{before + _ORDINALS[words[-1]]}th" if ordinals and fits and before is not None else ""
    if match["point"]:
        k = words.index("point")
        whole = _value(words[:k])
        return "" if whole is None else f"{whole}.{''.join(str(_VALUES[w]) for w in words[k + 1 :])}"
    value = _value(words)
    return "" if value is None or words in (["one"], ["zero"]) else str(value)


def _value(words: list[str]) -> int | None:
    """The number that words say; years in pairs ("nineteen oh five") too; None where they say none."""
    if words[0] == "a":
        words = ["one", *words[1:]]
    if words[0] in _SCALES or words[0] == "hundred":
        return None
    pair = _below_hundred(words[1:]) if 10 < _VALUES.get(words[0], 0) <= 20 and len(words) > 1 else None
    if pair is not None and (pair > 9 or words[1] == "oh"):
        return 100 * _VALUES[words[0]] + pair
    total = current = 0
    scale, previous = 10**12, 100
    for word in words:
        if word in _SCALES:
            if _SCALES[word] >= scale or not current:
                return None
            scale = _SCALES[word]
            total, current, previous = total + current * scale, 0, 100
        elif word == "hundred":
            if not 0 < current < 100:
                return None
            current, previous = current * 100, 100
        else:
            value = _VALUES.get(word, 100)
            if value >= previous:
                return None
            current, previous = current + value, 10 if value >= 20 else 0
    return total + current


def _below_hundred(words: list[str]) -> int | None:
    if words[0] == "oh":
        words = words[1:]
    values = [_VALUES.get(word, 0) for word in words]
    if len(values) == 2 and values[0] >= 20 and 0 < values[1] < 10:
        return sum(values)
    return values[0] if len(values) == 1 and values[0] else None
