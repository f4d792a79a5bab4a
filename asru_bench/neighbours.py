"""Who is close to whom: people who share facts or what their portraits show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from asru_bench.types import World


class Neighbours:
    """Ranks the people of a world by how much they share with one of them."""

    def __init__(self, world: World) -> None:
        self._own = {person: _things(world, person) for person in {**world.facts, **world.visible}}
        self._having: dict[tuple[str, str], list[str]] = {}
        for person in sorted(world.facts):
            for thing in self._own[person]:
                self._having.setdefault(thing, []).append(person)
        self._found: dict[str, tuple[str, ...]] = {}

    def ranked(self, person: str) -> tuple[str, ...]:
        """People with facts who share at least one value or visible feature, those who share most first."""
        if person not in self._found:
            own = self._own.get(person, frozenset())
            shared = Counter(p for thing in own for p in self._having.get(thing, ()) if p != person)
            self._found[person] = tuple(sorted(shared, key=lambda p: (-shared[p], p)))
        return self._found[person]


def _things(world: World, person: str) -> frozenset[tuple[str, str]]:
    facts: Mapping[str, tuple[str, ...]] = world.facts.get(person, {})
    seen = world.visible.get(person, {})
    told = {(attribute, forms[0]) for attribute, forms in facts.items() if forms}
    return frozenset(told | {(f"seen {attribute}", value) for attribute, value in seen.items()})
