"""The values of a world, found by their words: what kind each attribute holds, and what stands for each value."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from asru_bench import stance
from asru_bench.amounts import numbers
from asru_bench.attributes import known
from asru_bench.dates import dates
from asru_bench.figures import FigureTable
from asru_bench.figures import Reading as Reading
from asru_bench.marks import apart, stands_alone, umlauts
from asru_bench.names import PART, PERSON, PLACE, PLAIN, ordinary
from asru_bench.phones import is_phone
from asru_bench.text import GENERIC_WORDS, fold, normalise

_UNITS = frozenset(
    """a an per year years annually yearly month monthly about approximately around euro euros eur dollar dollars usd
    gbp pound pounds yen cm centimetres centimeters m metres meters kg kilograms kilos tall old ft feet foot in inch
    inches thousand million k and the of before tax lbs""".split()
)
_ARTICLES = ("the", "a", "an")
_PLACES = frozenset({"birthplace", "residence"})


@dataclass(frozen=True)
class Bearer:
    """Whom a surname belongs to: the first words of the name, and whether the surname alone says who it is."""

    first: tuple[str, ...]
    readings: tuple[Reading, ...]
    alone: bool


#: The words of a surface, what they may mean, and how they are held against a text (`names.py`).
Entry = tuple[tuple[str, ...], tuple[Reading, ...], int]
Surfaces = dict[tuple[str, ...], dict[Reading, None]]


class Index:
    """Tables of readings: `words` by first word, the longest first; `dates` as (year, month, day); `numbers`;
    `surnames` by surname.

    `types` says of each attribute whether its values are a person, a date, a number, a phone or words; `ranges` the
    smallest and largest number, `units` what they are in. `figures` finds dates, amounts and phones in texts.
    """

    def __init__(self, people: Iterable[Mapping[str, tuple[str, ...]]]) -> None:
        forms: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for facts in people:
            for attribute, spellings in facts.items():
                forms[attribute][spellings[0]].update(spellings)
        self.types = {a: type_of(values, forms.get("name", {}), a) for a, values in forms.items()}
        self.figures = FigureTable()
        self.words = self._lexicon(forms)
        self.figures.close()
        self.dates, self.numbers = self.figures.dates, self.figures.numbers
        self.ranges: dict[str, tuple[float, float]] = {}
        self.units: dict[str, set[str]] = defaultdict(set)
        for quantity, found in self.figures.amounts.items():
            for r in found:
                low, high = self.ranges.get(r.attribute, (quantity.value, quantity.value))
                self.ranges[r.attribute] = (min(low, quantity.value), max(high, quantity.value))
                self.units[r.attribute].add(quantity.unit)

    def _lexicon(self, forms: Mapping[str, Mapping[str, Iterable[str]]]) -> dict[str, list[Entry]]:
        """The table of words; files figures on the way."""
        full: Surfaces = defaultdict(dict)
        heads: Surfaces = defaultdict(dict)
        own_words: Surfaces = defaultdict(dict)
        tails: Surfaces = defaultdict(dict)
        for attribute, values in sorted(forms.items()):
            for value, spellings in sorted(values.items()):
                for spelling in sorted(spellings):
                    if not self.figures.file(self.types[attribute], apart(spelling), Reading(attribute, value)):
                        for surface in surfaces(spelling):
                            full[surface][Reading(attribute, value)] = None
                for words in spelled(value) if self.types[attribute] == "person" else ():
                    if len(joined := "".join(words)) > 6 and len(words) > 1:
                        full[joined,][Reading(attribute, value)] = None
                if self.types[attribute] == "words":
                    words = stance.read(value).low
                    part = Reading(attribute, value, False)
                    head, *rest = value.split(",")
                    heads[stance.read(head).low][Reading(attribute, value)] = None
                    for tail in rest:
                        tails[stance.read(tail).low][part] = None
                    own = tuple(w for w in words if w not in GENERIC_WORDS and w not in _ARTICLES)
                    if not value.islower() and len(own) == 1 < len(words):
                        own_words[own][part] = None
        unique = {s: r for part in (heads, own_words) for s, r in part.items() if len({x.value for x in r}) == 1}
        self.surnames = self._surnames(forms, full)
        found = {**tails, **unique, **full}
        lexicon: dict[str, list[Entry]] = defaultdict(list)
        for surface in sorted(filter(None, found), key=len, reverse=True):
            part_of = surface not in full and surface in own_words and surface in unique
            kind = PART if part_of else self._kind(surface, found)
            lexicon[surface[0]].append((surface, tuple(found[surface]), kind))
        return dict(lexicon)

    def _kind(self, surface: tuple[str, ...], found: Mapping[tuple[str, ...], Iterable[Reading]]) -> int:
        attributes = {r.attribute for r in found[surface]}
        if any(ordinary(word) for word in surface) and all(self.types[a] == "person" for a in attributes):
            return PERSON
        if len(surface) > 1 or not ordinary(surface[0]):
            return PLAIN
        return PLACE if all(_PLACES & set(known(a)) for a in attributes) else PLAIN

    def _surnames(self, forms: Mapping[str, Mapping[str, Iterable[str]]], full: Surfaces) -> dict[str, list[Bearer]]:
        """Names of several words by their last one, where writing parts words."""
        found: dict[str, dict[tuple[str, tuple[str, ...]], list[Reading]]] = defaultdict(lambda: defaultdict(list))
        for attribute, values in sorted(forms.items()):
            for value in sorted(values) if self.types[attribute] == "person" else ():
                for words in spelled(value):
                    if len(words) > 1 and not stands_alone(words[-1]):
                        found[words[-1]][value, words[:-1]].append(Reading(attribute, value, False))
        table = {}
        for last, names in found.items():
            alone = (last,) not in full and len({value for value, _ in names}) == 1
            table[last] = [Bearer(first, tuple(readings), alone) for (_, first), readings in names.items()]
        return table


def type_of(values: Iterable[str], names: Iterable[str], attribute: str = "") -> str:
    """What most values of an attribute are; figures of an attribute that is called so are telephone numbers."""
    values = list(values)
    most = 0.8 * len(values)
    people = set(names)
    if people and sum(v in people for v in values) >= most:
        return "person"
    if sum(_is_date(v) for v in values) >= most:
        return "date"
    called = "phone" in known(attribute)
    if sum(is_phone(v) or (called and sum(c.isdigit() for c in v) > 6) for v in values) >= most:
        return "phone"
    return "number" if sum(_is_number(v) for v in values) >= most else "words"


def _is_date(value: str) -> bool:
    found = dates(apart(value))
    return len(found) == 1 and (found[0].full or bool(re.fullmatch(r"\W*\d{4}\W*", value)))


def _is_number(value: str) -> bool:
    if len(numbers(apart(value))) != 1:
        return False
    return all(w in _UNITS or w[0].isdigit() for w in normalise(value).split())


def spelled(value: str) -> list[tuple[str, ...]]:
    """The words of a value, also with its umlauts in other letters."""
    return list(dict.fromkeys([stance.read(value).low, *(stance.read(other).low for other in umlauts(value))]))


def surfaces(spelling: str) -> list[tuple[str, ...]]:
    """The word sequences that stand for a spelling: as it is, without article, plural or singular, as one word."""
    return list(dict.fromkeys(surface for words in spelled(spelling) for surface in _forms(words, spelling)))


def _forms(words: tuple[str, ...], spelling: str) -> list[tuple[str, ...]]:
    if not words:
        return []
    if len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    found = [words]
    last = words[-1]
    if fold(spelling).islower() and len(last) > 2 and last.isalpha():
        found.append((*words[:-1], last[:-1] if last.endswith("s") and not last.endswith("ss") else f"{last}s"))
        if len(words) == 2:
            found.append(("".join(words),))
    return found
