"""Who is forgotten, who is kept and read, who is kept and withheld; and what a data folder says about its people.

Every choice is seeded, and a smaller number of people is always a part of a larger one.
"""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from .seeds import seed_for
from .types import AsruBenchError

UNIVERSE_FILE = "universe.json"
WORDS = {int: "a whole number", str: "a text", dict: "a JSON object"}
PUBLISHED, BY_SEED = "published", "seed"


@dataclass(frozen=True)
class Universe:
    """Optional facts about a data folder's people, from `universe.json`; all keys may be missing.

    `draw` and the numbers of people are defaults of the task's settings; `strangers` names a config of
    faces that no model knows. `lookalikes` and `siblings` map people to people, `visible` people to what
    their portraits show, `aliases` a value to other ways to say it. For PPU-Bench: `backbone` names the default
    training pairs, `attributes` says of each fact what it is about, `digests` are SHA-256 of own split files.
    """

    name: str = ""
    draw: str = PUBLISHED
    retain_people: int | None = None
    unseen_people: int | None = None
    real_people: int | None = None
    strangers: str = ""
    lookalikes: Mapping[str, Collection[str]] = field(default_factory=dict)
    siblings: Mapping[str, Collection[str]] = field(default_factory=dict)
    visible: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    aliases: Mapping[str, Collection[str]] = field(default_factory=dict)
    backbone: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)

    def near(self, forget: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Person -> how they are close to somebody who is forgotten: "lookalike", "sibling"."""
        found: dict[str, set[str]] = {}
        for tag, pairs in (("lookalike", self.lookalikes), ("sibling", self.siblings)):
            for left, rights in pairs.items():
                for a, b in ((x, y) for right in rights for x, y in ((left, right), (right, left))):
                    if a in forget and b not in forget:
                        found.setdefault(b, set()).add(tag)
        return {person: tuple(sorted(tags)) for person, tags in found.items()}


def read_universe(folder: Path) -> Universe:
    """The folder's `universe.json`, or defaults; keys that are not known are passed over."""
    path = folder / UNIVERSE_FILE
    if not path.is_file():
        return Universe()
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        known = {f.name: value for f in fields(Universe) if (value := values.get(f.name)) is not None}
    except (ValueError, AttributeError) as error:
        raise AsruBenchError(f"{path} is no JSON object ({error}); correct it, or remove it.") from error
    defaults = Universe()
    for key, value in known.items():
        default = getattr(defaults, key)
        kind = int if default is None else str if isinstance(default, str) else dict
        if not isinstance(value, kind) or isinstance(value, bool):
            raise AsruBenchError(f"{path}: {key} is {value!r}; expected {WORDS[kind]}. Correct it, or remove the key.")
    return Universe(**known)


@dataclass(frozen=True)
class Cohorts:
    """People by what unlearning sees of them; each tuple sorted. `near`: ties to the forgotten ones."""

    forget: tuple[str, ...]
    retain: tuple[str, ...]
    unseen: tuple[str, ...]
    near: Mapping[str, tuple[str, ...]]


def split_people(
    everybody: Iterable[str], forget: Iterable[str], share: float, universe: Universe, seed: int
) -> Cohorts:
    """Withholds `share` of the people that are kept, first those close to somebody forgotten."""
    gone = set(forget)
    kept = sorted(set(everybody) - gone)
    near = universe.near(gone)
    unseen = pick(kept, round(share * len(kept)), seed, "unseen", first=near)
    return Cohorts(tuple(sorted(gone)), tuple(p for p in kept if p not in unseen), unseen, near)


def draw_people(everybody: Iterable[str], percent: int, seed: int, split: str) -> tuple[str, ...]:
    """A random `percent` of everybody, at least one."""
    people = sorted(everybody)
    return pick(people, max(1, round(len(people) * percent / 100)), seed, f"draw {split}")


def pick(
    people: Collection[str], count: int | None, seed: int, purpose: str, first: Collection[str] = ()
) -> tuple[str, ...]:
    """`count` of the people (None: all) in random order, those in `first` before others; sorted."""
    order = sorted(people)
    random.Random(seed_for(seed, purpose)).shuffle(order)
    order.sort(key=lambda person: person not in first)
    return tuple(sorted(order[:count]))
