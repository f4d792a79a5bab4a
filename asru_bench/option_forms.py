"""How answers say an option in other words: its head, the words that tell it from the others, a figure spelled anew."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import takewhile

from asru_bench.amounts import MONEY, Number, numbers
from asru_bench.dates import Date, dates
from asru_bench.marks import apart
from asru_bench.phones import forms as phone_forms
from asru_bench.phones import is_phone, phones
from asru_bench.text import GENERIC_WORDS

Words = tuple[str, ...]

_SIGNED = re.compile(r"[^\W_]+(?:[+#]+|-(?![^\W_]))?")
#: Words that open an option and tell nothing of their own: "She is a", "Works as", "In a", "Born in".
_OPENING = frozenset(
    """a an the she he it they this that these person individual man woman lady girl boy is are was were be been being
    has have had her his their its in at on from by of as work works worked working live lives lived living born comes
    came resides job occupation profession name named called hobby city""".split()
)
_BEHIND = frozenset("in at of on for with from near by to who that which and or".split())
_HEAD = re.compile(r"\s*(?:[,;](?!\d)|[(\[]|:\s|\s[-–—]\s)")
_COUNTED = frozenset(
    """dollar dollars euro euros pound pounds usd eur gbp yen jpy chf francs rupees yuan per a year annually month cm m
    mm kg kgs lb lbs ft feet foot in inch inches metre metres meter meters centimetres centimeters kilograms kilos
    stone years old tall about around k million thousand""".split()
)
#: Options that refuse or take all others, and how answers say them.
_REST = r"(?: (?!is\b|was\b|has\b|does\b)(?:above|listed|given|mentioned|other|two|three|four|\w+s)){0,3}"
_ALL = frozenset((word,) for word in "none neither all both any".split())
_SWEEPING = (
    (
        re.compile(r"(?:none|neither)(?: of\b.*)?"),
        rf"(?i:(?:none|neither) of (?!the others?\b)(?:the|these|them|those){_REST})",
        "none",
    ),
    (re.compile(r"all(?: of\b.*)?"), rf"(?i:all of (?:the|these|them|those){_REST})", "all"),
)


def words_of(plain: str) -> list[str]:
    """Signs behind a word belong to it: "A-" and "C++" are not "A" and "C"."""
    return _SIGNED.findall(plain)


def lower(words: Sequence[str]) -> Words:
    return tuple(word.lower() for word in words)


def short_forms(texts: Sequence[str]) -> list[list[Words]]:
    """Of each option the shorter forms that no other option has: "Riga" of "Riga, Latvia", "pilot" of "She is a pilot".

    A head that is a part of another option ("blue" of "blue, red" beside "red, blue") tells nothing.
    """
    whole = [words_of(text) for text in texts]
    full = {lower(words) for words in whole}
    kept = _told_apart(whole)
    parts = [{lower(_unopened(words_of(part))) for part in _HEAD.split(text) if part} for text in texts]
    found: list[list[Words]] = []
    for k, text in enumerate(texts):
        head = words_of(_HEAD.split(text, maxsplit=1)[0])
        others = set().union(*parts[:k], *parts[k + 1 :]) if len(parts) > 1 else set()
        made = (
            [tuple(head), tuple(_unopened(head)), tuple(_noun(_unopened(head)))]
            if lower(_unopened(head)) not in others
            else []
        )
        made += [tuple(_unopened(whole[k])), tuple(_unopened(kept[k]))]
        found.append([form for form in dict.fromkeys(made) if lower(form) not in full and _tells(form)])
    times = Counter(form for forms in found for form in {lower(form) for form in forms})
    return [[form for form in forms if times[lower(form)] == 1] for forms in found]


def _tells(form: Words) -> bool:
    low = lower(form)
    return len("".join(form)) > 1 and low not in _ALL and any(word not in _OPENING for word in low)


def _unopened(words: Sequence[str]) -> Sequence[str]:
    first = next((k for k, word in enumerate(words) if word.lower() not in _OPENING), 0)
    return words[first:]


def _noun(words: Sequence[str]) -> Sequence[str]:
    """Without what is said of it: "nurse" of "nurse in a hospital"."""
    return list(takewhile(lambda word: word not in _BEHIND, words))


def _told_apart(whole: Sequence[list[str]]) -> list[list[str]]:
    """The options' words without those that all begin or end with: "plays chess" beside "plays golf" is "chess".

    Names stay whole: "New York" beside "New Delhi" is not "York".
    """
    if len(whole) < 2:
        return list(whole)
    shortest = min(len(words) for words in whole)
    low = [lower(words) for words in whole]
    first = min(len(_common(low)), shortest - 1)
    plain = all(words[first : first + 1] == [w.lower() for w in words[first : first + 1]] for words in whole)
    while first > 0 and not plain and low[0][first - 1] not in _OPENING | GENERIC_WORDS:
        first -= 1
    last = min(len(_common([words[::-1] for words in low])), shortest - first - 1)
    ends = [words[len(words) - last :] for words in whole if last > 0]
    if any(word != word.lower() and word.lower() not in GENERIC_WORDS for words in ends for word in words):
        last = 0
    return [words[first : len(words) - max(0, last)] for words in whole]


def _common(rows: Sequence[Words]) -> list[Words]:
    return list(takewhile(lambda column: len(set(column)) == 1, zip(*rows, strict=False)))


def sweeping(texts: Sequence[str]) -> Iterator[tuple[int, str, Words]]:
    """(option, pattern, word) of "None of the above" and "All of these", which answers say in several ways."""
    for pattern, said, word in _SWEEPING:
        found = [k for k, text in enumerate(texts) if pattern.fullmatch(" ".join(lower(words_of(text))))]
        if len(found) == 1:
            yield found[0], said, (word,)


# Yes and no.

_POLAR = re.compile(
    r"(?P<lead>^|[.!?\n:;,]\s{0,3}|\b(?:is|say|be|answer|guess|choose|pick|think|but|\w+ly)\s{1,3})[\"'(]{0,3}(?P<word>yes|no)\b"
    r"(?=\s{0,3}(?:[.,;:!?)\n\"'—–]|$)|\s+-\s|\s+(?:she|he|it|they|this|that|i|because)\b)[\"')]{0,3}(?=(?P<rest>[^.!?;\n]{0,120}))[\s,;:—–-]{0,6}",
    re.IGNORECASE,
)


def polar(texts: Sequence[str]) -> dict[str, int]:
    """Which options are, or begin with, a yes or a no."""
    heads = [lower(words_of(_HEAD.split(text, maxsplit=1)[0])) for text in texts]
    found = {head[0]: k for k, head in enumerate(heads) if head in (("yes",), ("no",))}
    return found if len(found) == sum(head in (("yes",), ("no",)) for head in heads) else {}


def answered(plain: str, options: Mapping[str, int], refuses: Callable[[str], bool]) -> str:
    """An answer with `ztext0.` for each yes or no that answers; "no idea" and "no, I do not know" do not."""

    def token(match: re.Match[str]) -> str:
        word = match["word"].lower()
        if word not in options or refuses(match["rest"].strip(" ,;:")):
            return match[0]
        return f"{match['lead']} ztext{options[word]}. "

    return _POLAR.sub(token, plain)


# Figures.


class Figures:
    """Options that are dates, amounts or telephone numbers, found in any spelling."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.kind = ""
        self.values: dict[int, object] = {}
        for kind, read in _KINDS.items():
            values = {k: value for k, text in enumerate(texts) if (value := read(text)) is not None}
            if len(values) > max(1, len(self.values)):
                self.kind, self.values = kind, values

    def replaced(self, plain: str) -> str:
        """An answer with `ztext0` for each figure that is one option alone."""
        if not self.values or not re.search(r"\d|[a-z]{3}", plain):
            return plain
        made, last = "", 0
        for start, end, fits in _found(self.kind, apart(plain)):
            options = [k for k, value in self.values.items() if fits(value)]
            if len(options) == 1 and start >= last:
                made += f"{plain[last:start]} ztext{options[0]} "
                last = _unit_end(plain, end) if self.kind == "number" else end
        return made + plain[last:] if last else plain


def _unit_end(plain: str, end: int) -> int:
    unit = re.compile(r"[\s-]*([^\W\d_]+)\b").match(plain, end)
    return unit.end() if unit and unit[1].lower() in _COUNTED - {"a", "in", "per"} else end


def _found(kind: str, text: str) -> Iterator[tuple[int, int, Callable[[object], bool]]]:
    if kind == "date":
        for date in dates(text):
            yield date.start, date.end, lambda value, date=date: _same_day(date, value)  # type: ignore[misc]
    elif kind == "phone":
        for phone in phones(text):
            yield phone.start, phone.end, lambda value, phone=phone: phone.digits in value  # type: ignore[misc]
    else:
        for number in numbers(text):
            yield number.start, number.end, lambda value, number=number: _same_amount(number, value)  # type: ignore[misc]


def _same_day(date: Date, value: Date) -> bool:
    """Whether a date is the option's or, less exact than it, fits it; or the reverse."""
    if value.span is not None or date.span is not None:
        return date.span == value.span or any(value.fits(day) for day in date.readings)
    return any(date.fits(day) for day in value.readings)


def _same_amount(number: Number, value: Number) -> bool:
    return any(
        a.same(b) and not ({a.unit, b.unit} <= MONEY and a.unit != b.unit)
        for a in number.quantities
        for b in value.quantities
    )


def _is_date(text: str) -> Date | None:
    found = dates(text)
    return found[0] if len(found) == 1 and _nothing_else(text, found[0].start, found[0].end, _OPENING) else None


def _is_phone(text: str) -> tuple[str, ...] | None:
    return phone_forms(text) if is_phone(text) and not any(date.full for date in dates(text)) else None


def _is_number(text: str) -> Number | None:
    found = numbers(text)
    if len(found) != 1 or not _nothing_else(text, found[0].start, found[0].end, _OPENING | _COUNTED):
        return None
    return found[0]


def _nothing_else(text: str, start: int, end: int, spare: frozenset[str]) -> bool:
    return all(word.lower() in spare for word in re.findall(r"[^\W_]+", f"{text[:start]} {text[end:]}"))


_KINDS: dict[str, Callable[[str], object]] = {"phone": _is_phone, "date": _is_date, "number": _is_number}
