"""What an answer says of the facts of a world: mentions of values, claims, leaks and falsehoods."""

from __future__ import annotations

from dataclasses import dataclass

from asru_bench.amounts import Number
from asru_bench.figures import Reading
from asru_bench.stance import ASSERTED


@dataclass(frozen=True)
class Mention:
    """Words of an answer that stand for values; a date or number without `readings` is nobody's.

    `rough`: figures that say less than a year or not the exact amount (`figures.Figure`).
    """

    start: int
    end: int
    text: str
    readings: tuple[Reading, ...]
    stance: str = ASSERTED
    type: str = "words"
    rough: bool = False
    number: Number | None = None

    def values(self, attribute: str) -> frozenset[str]:
        return frozenset(r.value for r in self.readings if r.attribute == attribute)

    def says(self, attribute: str, value: str) -> bool:
        """Whether it is this value in full."""
        return Reading(attribute, value) in self.readings


@dataclass(frozen=True)
class Claims:
    """What an answer says about one attribute: each claim is a set of values (more than one if ambiguous).

    `free` are assertions of values that nobody in the world has; `partial` are years, days and months,
    `rough` parts that say less: decades, "about 70,000", the amount in another currency.
    """

    asserted: tuple[frozenset[str], ...] = ()
    hedged: tuple[frozenset[str], ...] = ()
    negated: tuple[frozenset[str], ...] = ()
    partial: tuple[frozenset[str], ...] = ()
    free: tuple[str, ...] = ()
    rough: tuple[frozenset[str], ...] = ()


@dataclass(frozen=True)
class Leak:
    """A true fact that an answer gives away."""

    attribute: str
    value: str
    stance: str
    exact: bool

    def __str__(self) -> str:
        how = "" if self.stance == ASSERTED and self.exact else f" ({'hedged' if self.exact else 'in part'})"
        return f"{self.attribute}={self.value}{how}"


@dataclass(frozen=True)
class Falsehood:
    """A value that an answer asserts and the person does not have, and who else has it."""

    attribute: str
    value: str
    holders: tuple[str, ...]

    def __str__(self) -> str:
        more = f" and {len(self.holders) - 3} more" if len(self.holders) > 3 else ""
        whose = f"of {', '.join(self.holders[:3])}{more}" if self.holders else "free"
        return f"{self.attribute}={self.value} ({whose})"
