"""Telephone numbers: international, national, with any separators, in words, and their last digits.

`phonenumbers` says which figures of a known number are the country's; what answers say is compared figure by figure,
so that made-up numbers, which no country has given out, are found too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PHONE = re.compile(r"(?<![\w.])(?:\+|\(\+?)?\d(?:[\s().\-/–]{0,3}\d){6,14}(?![\w])")
_DIGITS = {word: str(k) for k, word in enumerate("zero one two three four five six seven eight nine".split())}
_DIGITS |= {"oh": "0", "o": "0"}
_WORDS = rf"(?:(?:double|triple)[\s,-]+)?(?:{'|'.join(_DIGITS)})"
_SPOKEN = re.compile(rf"(?<!\w)(?:plus\s+)?{_WORDS}(?:[\s,-]+{_WORDS}){{6,20}}(?!\w)", re.IGNORECASE)
_LAST = re.compile(
    r"(?:\bend(?:s|ing)?\s+(?:in|with|on)|\blast\s+(?:\w+\s+)?(?:digits|numbers|figures)\s+(?:are|is|of\s+\w+\s+\w+\s+are))"
    r"[\s:]*(?P<digits>\d(?:[\s-]?\d){2,5})(?!\d)|(?<![*x•.…])(?:[*x•.…]{2,}+[\s-]?)++(?P<shown>\d{3,6})(?!\d|\.\d)",
    re.IGNORECASE,
)
_MARKED = re.compile(r"^\s*(?:\+|\(|00?[1-9])|\d[-()/.]\d")


@dataclass(frozen=True)
class Phone:
    """A telephone number at [start, end) of a text, in figures alone; `last`: only its last figures are said."""

    start: int
    end: int
    digits: str
    last: bool = False


def phones(text: str) -> list[Phone]:
    """All runs of 7 to 15 figures that may be telephone numbers, and last figures where words say that they are."""
    found = [Phone(m.start(), m.end(), _digits(m[0])) for m in _PHONE.finditer(text)]
    for match in _SPOKEN.finditer(text):
        found.append(Phone(match.start(), match.end(), _from_words(match[0])))
    for match in _LAST.finditer(text):
        group = "digits" if match["digits"] else "shown"
        found.append(Phone(match.start(group), match.end(group), _digits(match[group]), last=True))
    return sorted((p for p in found if p.last or 7 <= len(p.digits) <= 15), key=lambda p: p.start)


def is_phone(value: str) -> bool:
    """Whether a value is written as a telephone number and not as an amount or a date."""
    found = phones(value)
    return len(found) == 1 and found[0].start < 3 and bool(_MARKED.search(value))


def forms(value: str) -> tuple[str, ...]:
    """The figures that stand for a known number: international first, then national with and without its zero."""
    import phonenumbers

    digits = re.sub(r"\D", "", value)
    if not value.strip().lstrip("(").startswith(("+", "00")):
        national = digits.lstrip("0")
        return tuple(dict.fromkeys((digits, national, f"0{national}")))
    digits = digits.removeprefix("00")
    try:
        parsed = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return (digits,)
    national = str(parsed.national_number)
    return tuple(dict.fromkeys((f"{parsed.country_code}{national}", digits, national, f"0{national}")))


def _digits(text: str) -> str:
    """The figures of a number, without the signs of an international one and a zero in brackets after its code."""
    plain = text.strip().lstrip("(")
    international = plain.startswith(("+", "00"))
    if international:
        plain = re.sub(r"\(0\)", "", plain)
    figures = re.sub(r"\D", "", plain)
    return figures.removeprefix("00") if international else figures


def _from_words(text: str) -> str:
    made, times = "", 1
    for word in re.split(r"[\s,-]+", text.lower()):
        if word in ("double", "triple"):
            times = 2 if word == "double" else 3
        elif word in _DIGITS:
            made += _DIGITS[word] * times
            times = 1
    return made
