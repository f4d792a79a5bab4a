"""Amounts in the spellings that answers use: separators of thousands, factors, money, lengths and weights, words.

price-parser, pint and quantulum3 were measured and left out: the first drops "k" and "million", pint reads 5'10" as 50
and takes 0.3 seconds to import, the third needs 7 seconds and a model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from asru_bench.dates import LABEL
from asru_bench.spoken import figured

_FACTORS = {"k": 1e3, "thousand": 1e3, "grand": 1e3, "lakh": 1e5, "lac": 1e5, "crore": 1e7}
_FACTORS |= dict.fromkeys(("million", "mn", "mio", "mil"), 1e6) | dict.fromkeys(("billion", "bn"), 1e9)
_CURRENCIES = {
    "dollar": "us$ usd $ dollar dollars buck bucks", "euro": "eur € euro euros", "pound": "gbp £ sterling quid",
    "yen": "jpy ¥ yen", "rupee": "inr ₹ rs rs. rupee rupees", "franc": "chf franc francs", "yuan": "cny rmb yuan",
    "australian dollar": "aud a$", "canadian dollar": "cad c$ ca$", "krona": "sek kronor krona", 
    "rouble": "rub rouble roubles ruble rubles",
}  # fmt: skip
#: A unit as written -> (what it measures, how many of that, its step: the smallest difference it tells).
_LENGTHS = {
    "cm centimetre centimetres centimeter centimeters": 1.0, "mm millimetre millimetres": 0.1,
    "m metre metres meter meters": 100.0, "in inch inches \"": 2.54, "ft feet foot": 30.48,
}  # fmt: skip
_WEIGHTS = {
    "kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes": 1.0,
    "lb lbs pound pounds": 0.45359237, "stone stones": 6.35029318,
}  # fmt: skip
_UNITS: dict[str, tuple[str, float]] = {}
for _kind, _table in (("cm", _LENGTHS), ("kg", _WEIGHTS)):
    _UNITS |= {word: (_kind, size) for words, size in _table.items() for word in words.split()}
_MONEY = {word: name for name, words in _CURRENCIES.items() for word in words.split()}
_COUNTED = frozenset(
    "people persons men women children inhabitants residents students pupils pages books cats dogs".split()
)
MONEY = frozenset(_CURRENCIES)


def _any(words: object) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))  # type: ignore[call-overload]


_FEET, _INCH = r"(?:['’′]|[\s-]*(?:ft\b\.?|feet\b|foot\b))", r"(?:[\"”″]|['’′]{2}|[\s-]*(?:in\b|inch(?:es)?\b))"
#: "178 in the files" is no length, "70 in tall" is.
_IN_THE = r"in\s+(?!(?:tall|high|long|wide|or|and|x)\b)\w"
_NUMBER = re.compile(
    rf"(?<![\w.])(?:(?P<before>{_any(w for w in _MONEY if not w.endswith('s') or w == 'rs')})\s?)?(?:"
    rf"(?P<feet>\d){_FEET}[\s-]*(?:and\s+)?(?P<inches>\d{{1,2}}(?:\.\d)?)(?!\d){_INCH}?"
    rf"|(?P<foot>\d)['’′](?!\w)"
    r"|(?P<metres>[12])\s?m(?:et(?:re|er)s?)?\s?(?P<centi>\d\d)(?!\d)"
    r"|(?P<stone>\d{1,2})\s?(?:stones?|st\.?)\s+(?:and\s+)?(?P<pounds>\d{1,2})(?!\d)(?:\s?(?:lbs?|pounds))?"
    r"|(?P<whole>\d{1,2}(?:,\d\d)+,\d{3}|[1-9]\d{0,2}(?:[,.' ]\d{3})+|\d+)"
    r"(?P<rest>(?<![1-9])[.,]\d{3}|[.,]\d{1,2})?(?!\d)"
    rf"(?:[\s-]?(?P<factor>{_any(_FACTORS)}|lakhs|lacs|crores|[mb]|met(?:re|er)s?)(?![A-Za-z]))?"
    rf"(?:(?=[\s-]*(?:(?:us|u\.s\.|american)\s+)?(?!{_IN_THE})"
    rf"(?P<after>{_any((*_MONEY, *_UNITS, *_COUNTED))})(?!\w))|(?![A-Za-z]))"
    r"|\d+)",
    re.IGNORECASE,
)
#: What says that a bare number counts something else or has another unit: 178 km, a 178-page book, 178 x 178, 178%.
_YEARS = re.compile(r"[\s-]?(?:years?|yrs?|y/?o)\b", re.IGNORECASE)
_OTHER_UNIT = re.compile(
    r"\s?[%°×‰]|\s?[x*]\s?\d|\s?x\b|\s+by\s+\d|[\s-]*(?i:px|pixels?|pages?|km|kmh?|kph|mph|kilomet(?:re|er)s?|miles?"
    r"|yards?|days?|weeks?|months?|hours?|hrs?|minutes?|mins?|seconds?|secs?|per\s?cent|percent|degrees?|[kmgt]b|[km]?bps"
    r"|bytes?|dpi|ppi|fps|hz|[km]?watts?|kwh?|volts?|lit(?:re|er)s?|ml|grams?|g|tonnes?|tons?|times|p|st|nd|rd|th|bc|ad"
    r"|f|c)\b"
    r"|-(?!ish)[a-z]|\s+(?:[A-Z][\w'-]+\s+){1,3}(?i:street|st|road|rd|avenue|ave|lane|square|drive|way|boulevard)\b"
    r"|\s+(?!(?:always|perhaps|plus|besides|sometimes|thanks|across|yes|\w{3,5}wards|makes|seems|sounds|looks"
    r"|fits|stands|earns|gets|does|thousands|hundreds|millions|gross)\b)[a-z]{2,}[^\Wsui_]s\b",
)
_TIMES = re.compile(r"\d\s?[x×*]\s?$|\d by $")
_WORDY = re.compile(r"[A-Za-z#~×*]")
_FIGURE = re.compile(r"\d")
_ABOUT = re.compile(
    r"\b(?:about|around|approximately|approx\.?|roughly|nearly|almost|circa|ca\.?|some|just (?:over|under)|"
    r"(?:a little|slightly) (?:over|under|more than|less than)|close to|"
    r"in the region of|somewhere (?:around|near)|~)\s*$",
    re.IGNORECASE,
)
_OR_SO = re.compile(r"(?:\s+[\w€$£]+)?(?:-ish|ish|\s+or so|\s+give or take)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Quantity:
    """An amount in its unit: "cm", "kg", "year", a currency, "count" for any other, or "" where none is said.

    `slack`: half a step of a unit that is no metric one, in which another unit's amount is the same.
    """

    value: float
    unit: str = ""
    slack: float = 0.0

    def same(self, other: Quantity) -> bool:
        """Whether both are the same amount, within the tolerance of the coarser unit where the units differ."""
        bare = not self.unit or not other.unit
        if not bare and self.unit != other.unit and not {self.unit, other.unit} <= MONEY:
            return False
        slack = max(self.slack, other.slack) if self.slack != other.slack else 0.0
        if bare and "kg" in (self.unit, other.unit):
            slack = 0.0
        return abs(self.value - other.value) <= slack + 1e-6


@dataclass(frozen=True)
class Number:
    """A number at [start, end) of a text; lengths in centimetres, weights in kilograms.

    `also`: what else it may be (140 pounds are money or a weight). `near`: how far "about seventy thousand" reaches,
    0.0 for a number that is not said to be rounded.
    """

    start: int
    end: int
    value: float
    unit: str = ""
    slack: float = 0.0
    also: tuple[Quantity, ...] = ()
    near: float = 0.0

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        return (Quantity(self.value, self.unit, self.slack), *self.also)


@lru_cache(maxsize=512)
def numbers(text: str) -> tuple[Number, ...]:
    """All amounts, in figures and in words; figures that only number a thing ("room 12") are left out."""
    read = figured(text)
    if not _FIGURE.search(read.text):
        return ()
    found = []
    for match in _NUMBER.finditer(read.text):
        before = read.text[max(0, match.start() - 32) : match.start()]
        before = before if _WORDY.search(before) else ""
        if before and LABEL.search(before[-24:]):
            continue
        first, *also = _quantities(match)
        if not first.unit:
            first = replace(first, unit=_counted(before, read.text, match.end()))
        begin = match.end("before") if match["before"] else match.start()
        begin += len(read.text[begin : match.end()]) - len(read.text[begin : match.end()].lstrip())
        start, end = read.back(begin, match.end())
        number = Number(start, end, first.value, first.unit, first.slack, tuple(also))
        found.append(replace(number, near=_near(match, before, first.value)))
    return tuple(found)


def _quantities(match: re.Match[str]) -> list[Quantity]:
    g = match.groupdict()
    if g["feet"] or g["foot"]:
        inches = int(g["feet"] or g["foot"]) * 12 + float(g["inches"] or 0)
        return [Quantity(round(inches * 2.54, 1), "cm", 1.27)]
    if g["metres"]:
        return [Quantity(int(g["metres"]) * 100.0 + int(g["centi"]), "cm")]
    if g["stone"]:
        return [Quantity((int(g["stone"]) * 14 + int(g["pounds"])) * 0.45359237, "kg", 0.5)]
    if not g["whole"]:
        return [Quantity(float(re.sub(r"\D", "", match[0])))]
    return _with_unit(g)


def _with_unit(g: dict[str, str | None]) -> list[Quantity]:
    value = float(re.sub(r"\D", "", g["whole"] or "") + (g["rest"] or "").replace(",", "."))
    raw, after, before = g["factor"] or "", (g["after"] or "").lower(), (g["before"] or "").lower()
    factor = raw.lower().rstrip("s") if raw.lower() in ("lakhs", "lacs", "crores") else raw.lower()
    money = _MONEY.get(before) or _MONEY.get(after, "")
    if factor in ("m", "b") and (money or (raw == "M" and not (value < 3 and g["rest"]))):
        return [Quantity(round(value * (1e6 if factor == "m" else 1e9), 6), money)]
    if factor.startswith("m") and factor not in _FACTORS:
        return [Quantity(round(value * 100, 6), "cm")]
    value = round(value * _FACTORS.get(factor, 1.0), 6)
    if money and after not in _UNITS:
        return [Quantity(value, money)]
    if after in _UNITS and not money:
        kind, size = _UNITS[after]
        metric = size in (0.1, 1.0, 100.0)
        step = {2.54: 1.27, 30.48: 1.27, 0.45359237: 0.5, 6.35029318: 3.2}.get(size, 0.0)
        found = [Quantity(round(value * size, 6 if metric else 2), kind, step)]
        if after == "pounds":
            found.insert(len(found) if value < 700 else 0, Quantity(value, "pound"))
        return found
    return [Quantity(value, money or ("count" if after in _COUNTED else ""))]


def _counted(before: str, text: str, end: int) -> str:
    """What a number without a unit of size or money counts: years, something else, or "" where nothing is said."""
    if _YEARS.match(text, end):
        return "year"
    return "count" if _OTHER_UNIT.match(text, end) or _TIMES.search(before) else ""


def _near(match: re.Match[str], before: str, value: float) -> float:
    """Half the step to which a number is rounded, where words say that it is; a tenth of it at most."""
    if not (before and _ABOUT.search(before)) and not _OR_SO.match(match.string, match.end()):
        return 0.0
    whole = round(value)
    step = 1
    while whole and whole % (step * 10) == 0:
        step *= 10
    if whole % (step * 5) == 0:
        step *= 5
    return min(step / 2, value / 10)
