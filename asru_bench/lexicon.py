"""The values of a world, found by their words: what kind each attribute holds, and what stands for each value."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from asru_bench import stance
from asru_bench.amounts import numbers
from asru_bench.attributes import known
from asru_bench.dates import dates
from asru_bench.figures import FigureTable
from asru_bench.figures import Reading as Reading
from asru_bench.phones import is_phone
from asru_bench.text import GENERIC_WORDS, fold, normalise

_UNITS = frozenset(
    """a an per year years annually yearly month monthly about approximately around euro euros eur dollar dollars usd
    gbp pound pounds yen cm centimetres centimeters m metres meters kg kilograms kilos tall old ft feet foot in inch
    inches thousand million k and the of before tax lbs""".split()
)
_ARTICLES = ("the", "a", "an")


#: The words of a surface, what they may mean, and whether they are a surname alone.
Entry = tuple[tuple[str, ...], tuple[Reading, ...], bool]
Surfaces = dict[tuple[str, ...], dict[Reading, None]]


class Index:
    """Tables of readings: `words` by first word, the longest first; `dates` as (year, month, day); `numbers`.

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
        surnames: Surfaces = defaultdict(dict)
        tails: Surfaces = defaultdict(dict)
        for attribute, values in sorted(forms.items()):
            for value, spellings in sorted(values.items()):
                for spelling in sorted(spellings):
                    if not self.figures.file(self.types[attribute], spelling, Reading(attribute, value)):
                        for surface in surfaces(spelling):
                            full[surface][Reading(attribute, value)] = None
                words = stance.read(value).low
                part = Reading(attribute, value, False)
                if self.types[attribute] == "person" and len(words) > 1:
                    surnames[words[-1:]][part] = None
                elif self.types[attribute] == "words":
                    head, *rest = value.split(",")
                    heads[stance.read(head).low][Reading(attribute, value)] = None
                    for tail in rest:
                        tails[stance.read(tail).low][part] = None
                    own = tuple(w for w in words if w not in GENERIC_WORDS and w not in _ARTICLES)
                    if not value.islower() and len(own) == 1 < len(words):
                        surnames[own][part] = None
        unique = {s: r for part in (heads, surnames) for s, r in part.items() if len({x.value for x in r}) == 1}
        found = {**tails, **unique, **full}
        lexicon: dict[str, list[Entry]] = defaultdict(list)
        for surface in sorted(filter(None, found), key=len, reverse=True):
            surname = surface not in full and surface in surnames and surface in unique
            lexicon[surface[0]].append((surface, tuple(found[surface]), surname))
        return dict(lexicon)


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
    found = dates(value)
    return len(found) == 1 and (found[0].full or bool(re.fullmatch(r"\W*\d{4}\W*", value)))


def _is_number(value: str) -> bool:
    if len(numbers(value)) != 1:
        return False
    return all(w in _UNITS or w[0].isdigit() for w in normalise(value).split())


def surfaces(spelling: str) -> list[tuple[str, ...]]:
    """The word sequences that stand for a spelling: as it is, without article, plural or singular, as one word."""
    words = stance.read(spelling).low
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
