"""The options of a multiple-choice question: letters and texts as data hold them, and which one an answer means."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from asru_bench.text import straight

LETTERS = ("A", "B", "C", "D")
ALPHABET = (*LETTERS, *"EFGHIJKLMNOPQRSTUVWXYZ")
Options = tuple[tuple[str, str], ...]
#: A letter before an option's text: "A. Riga", "A) Riga", "(A) Riga", "A: Riga", "A - Riga".
_PREFIX = re.compile(r"\s*(?:\(([A-Za-z])\)|([A-Za-z])\s?[.):]|([A-Za-z])\s+[-–—])\s+(?=\S)")
#: An answer that is a letter: "B", "b", "B.", "(B)", "B)".
_LETTER = re.compile(r"\(?([A-Za-z])[.):]?\)?")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣－", "-"))
_HARMLESS = re.compile(r"(?<=\w)-(?=\w)|[\"'(),:;!?\[\]{}…]|\.(?!\d)|_")


@lru_cache(maxsize=16384)
def plain(text: str) -> str:
    """What makes an option the one it is: no case, spaces and punctuation, but signs (A+ is not A-, C++ not C#)."""
    return " ".join(_HARMLESS.sub(" ", straight(str(text)).casefold().translate(_DASHES)).split())


def parsed(value: Any) -> Any:
    """A text that is a JSON object or list as what it says; anything else as it is."""
    if isinstance(value, str) and value.strip()[:1] in ("{", "["):
        with contextlib.suppress(ValueError):
            return json.loads(value)
    return value


def read(value: Any) -> Options:
    """Letters and texts of a JSON object or list, or of texts with `|` between them; an empty option keeps its place.

    Letters that stand before all texts in order ("A. Riga | B. Oslo") are taken away.
    """
    return without_letters(as_written(value))


def as_written(value: Any) -> Options:
    """The options with whatever stands before their texts."""
    value = parsed(value)
    if isinstance(value, str):
        value = [part.strip() for part in value.split("|")] if value.strip() else []
    if isinstance(value, Mapping):
        return tuple((str(letter).strip(), str(text).strip()) for letter, text in sorted(value.items()))
    return tuple((letter, str(text).strip()) for letter, text in zip(ALPHABET, value or (), strict=False))


def without_letters(options: Options) -> Options:
    found = _prefixes(options)
    if found and found == [letter for letter, _ in options]:
        return tuple((letter, _PREFIX.sub("", text, count=1)) for letter, text in options)
    return options


def moved_letters(options: Options) -> str:
    """What is wrong where the letters before the texts are those of the options, but in another order."""
    found, letters = _prefixes(options), [letter for letter, _ in options]
    if found and found != letters and sorted(found) == sorted(letters):
        return f"the letters before the texts, {', '.join(found)}, are not in order; take them away, or sort the texts"
    return ""


def right_letter(answer: Any, options: Options, about: str = "") -> tuple[str, str]:
    """(letter of the option that an answer means, ""), or ("", what is wrong); `about` names the question there.

    An answer is a letter, the text of an option, or both ("B. Oslo"). Where it is the letter of one option and the
    text of another, nothing is guessed.
    """
    told, texts = str(answer).strip(), dict(without_letters(options))
    said, named = letter_of(told, texts), _named(told, options)
    if said and named and said not in named:
        words = (
            f"the right answer {told!r}{about} is the letter of {texts[said][:40]!r} and the text of option {named[0]}"
        )
        return "", f"{words}; write letter and text, '{said}. {texts[said]}' or '{named[0]}. {texts[named[0]]}'"
    if said or named:
        return said or named[0], ""
    both = _PREFIX.match(told)
    if both and (first := _letter(both)) in texts:
        elsewhere = _named(told[both.end() :], options)
        if first in elsewhere:
            return first, ""
        where = f"option {elsewhere[0]}" if elsewhere else "none"
        return (
            "",
            f"the right answer {told[:60]!r}{about} has the letter of {texts[first][:40]!r} and the text of {where}",
        )
    return "", f"the right answer {told[:60]!r}{about} is none of its options {', '.join(texts) or '(none)'}"


def letter_of(answer: str, texts: Mapping[str, Any]) -> str:
    """The letter that an answer consists of, where an option has it."""
    found = _LETTER.fullmatch(answer.strip())
    return found[1].upper() if found and found[1].upper() in texts else ""


def repeated(options: Options) -> tuple[str, str] | None:
    """The letters of the first two options that say the same."""
    seen: dict[str, str] = {}
    for letter, text in options:
        if text and (other := seen.setdefault(plain(text), letter)) != letter:
            return other, letter
    return None


def _named(answer: str, options: Options) -> list[str]:
    """Letters of the options with that text: exactly, else without case, spaces and punctuation."""
    forms = (options, without_letters(options))
    exact = [letter for form in forms for letter, text in form if text == answer]
    key = plain(answer)
    loose = [letter for form in forms for letter, text in form if key and plain(text) == key]
    return list(dict.fromkeys(exact or loose))


def _prefixes(options: Options) -> list[str]:
    """The letters before the texts, where all have one."""
    found = [_PREFIX.match(text) for _, text in options]
    letters = [_letter(match) for match in found if match]
    return letters if len(letters) == len(options) > 1 else []


def _letter(match: re.Match[str]) -> str:
    return next(filter(None, match.groups())).upper()
