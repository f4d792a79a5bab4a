"""Facts that are figures: which dates, amounts and telephone numbers of a world stand in a text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from asru_bench.amounts import MONEY, Number, Quantity, numbers
from asru_bench.attributes import known
from asru_bench.dates import LABEL, Date, Day, dates
from asru_bench.phones import Phone, forms, phones

#: Attributes that count nothing: a bare 178 of the data is no number of pages.
_MEASURES = frozenset("height weight income age".split())
#: The widest tolerance of an amount: half a stone.
_WIDEST = 3.2


@dataclass(frozen=True)
class Reading:
    """One fact that a mention may state; `exact` is False for a part (a surname, a year, a country)."""

    attribute: str
    value: str
    exact: bool = True


@dataclass(frozen=True)
class Figure:
    """Figures at [start, end) of a text and the facts that they may state; `type` is date, number or phone.

    `rough`: they say less than a year, or not the exact amount: a decade, "about 70,000", another currency.
    """

    start: int
    end: int
    readings: tuple[Reading, ...]
    type: str
    rough: bool = False
    number: Number | None = None


class FigureTable:
    """The dates, amounts and telephone numbers of a world."""

    def __init__(self) -> None:
        self.dates: dict[Day, list[Reading]] = defaultdict(list)
        self.phones: dict[str, list[Reading]] = defaultdict(list)
        self.numbers: dict[float, list[Reading]] = defaultdict(list)
        self.amounts: dict[Quantity, list[Reading]] = defaultdict(list)
        self._sorted: list[tuple[float, Quantity]] = []
        self._fits: dict[tuple[tuple[Day, ...], tuple[int, int] | None], tuple[Reading, ...]] = {}

    def file(self, kind: str, spelling: str, reading: Reading) -> bool:
        """Files a spelling of a value as a date, a number or a phone, if it is one."""
        places: list[list[Reading]] = []
        if kind == "date" and (found := dates(spelling)) and found[0].readings:
            places = [self.dates[day] for day in found[0].readings]
        elif kind == "number" and (amounts := numbers(spelling)):
            places = [self.amounts[q] for q in amounts[0].quantities] + [self.numbers[amounts[0].value]]
        elif kind == "phone":
            places = [self.phones[digits] for digits in forms(spelling)]
        for place in places:
            if reading not in place:
                place.append(reading)
        return bool(places)

    def close(self) -> None:
        """Sorts the amounts once all are filed."""
        self._sorted = sorted(((q.value, q) for q in self.amounts), key=lambda pair: pair[0])

    def read(self, text: str) -> Iterator[Figure]:
        """The figures of a text that may be facts; what is part of a date is no number."""
        taken: list[tuple[int, int]] = []
        for figure in (*self._phones_in(text), *self._dates_in(text), *self._numbers_in(text)):
            k = bisect_left(taken, (figure.end, 0))  # the last that begins before this one ends
            if not k or taken[k - 1][1] <= figure.start:
                taken.insert(k, (figure.start, figure.end))
                yield figure

    def _phones_in(self, text: str) -> Iterator[Figure]:
        for phone in phones(text) if self.phones else ():
            readings = self._holders(phone)
            date = any(d.start <= 1 and d.full for d in dates(text[phone.start : phone.end]))  # "(12/03/1987)"
            if readings or not (phone.last or date or LABEL.search(text[max(0, phone.start - 24) : phone.start])):
                yield Figure(phone.start, phone.end, readings, "phone")

    def _holders(self, phone: Phone) -> tuple[Reading, ...]:
        if phone.last:
            ends = (r for digits, found in self.phones.items() if digits.endswith(phone.digits) for r in found)
            return tuple(dict.fromkeys(Reading(r.attribute, r.value, False) for r in ends))
        #: A country's code before a number that is known without it has one to three figures.
        known = (self.phones.get(phone.digits[k:], ()) for k in range(4) if len(phone.digits) - k > 6)
        return tuple(next(filter(None, known), ()))

    def _dates_in(self, text: str) -> Iterator[Figure]:
        for date in dates(text) if self.dates else ():
            exact = [r for reading in date.readings for r in self.dates.get(reading, ())]
            readings = tuple(dict.fromkeys(exact)) if exact or date.full else self._fitting(date.readings, date.span)
            if readings or date.full or date.rough:
                yield Figure(date.start, date.end, readings, "date", date.rough)

    def _fitting(self, readings: tuple[Day, ...], span: tuple[int, int] | None) -> tuple[Reading, ...]:
        """Dates of the world that a decade, a year, or a day and month, belongs to."""
        if (readings, span) not in self._fits:
            date = Date(0, 0, readings, span)
            fitting = (r for full, found in self.dates.items() if date.fits(full) for r in found)
            parts = dict.fromkeys(Reading(r.attribute, r.value, False) for r in fitting)
            self._fits[readings, span] = tuple(parts)
        return self._fits[readings, span]

    def _numbers_in(self, text: str) -> Iterator[Figure]:
        for number in numbers(text) if self.amounts else ():
            exact, part = self._amounts_like(number)
            yield Figure(number.start, number.end, exact or part, "number", bool(part and not exact), number)

    def _amounts_like(self, number: Number) -> tuple[tuple[Reading, ...], tuple[Reading, ...]]:
        """(facts that an amount is, facts that it is near or has in another currency)."""
        exact: dict[Reading, None] = {}
        part: dict[Reading, None] = {}
        for quantity in number.quantities:
            reach = max(_WIDEST, number.near)
            first = bisect_left(self._sorted, quantity.value - reach, key=lambda pair: pair[0])
            last = bisect_right(self._sorted, quantity.value + reach, key=lambda pair: pair[0])
            for _, held in self._sorted[first:last]:
                other = {quantity.unit, held.unit} <= MONEY and quantity.unit != held.unit
                near = Quantity(quantity.value, quantity.unit, number.near).same(Quantity(held.value, held.unit))
                found = [r for r in self.amounts[held] if not (quantity.unit == "count" and _measures(r.attribute))]
                if quantity.same(held) and not other:
                    exact |= dict.fromkeys(found)
                elif quantity.same(held) or (number.near and near):
                    part |= dict.fromkeys(Reading(r.attribute, r.value, False) for r in found)
        return tuple(exact), tuple(part)


@lru_cache(maxsize=1024)
def _measures(attribute: str) -> bool:
    return not _MEASURES.isdisjoint(known(attribute))
