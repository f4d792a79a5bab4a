"""The people of the embedded universe: one seed gives everybody's name, face, photos and facts.

120 fictitious people (what vanilla memorises), 40 public figures (what base knows), and strangers in three
disjoint sets: those base refused in pre-training, those ASRU's stage 1a may ask about, those of the
reference row. Entangled on purpose: siblings, look-alikes, shared values, friends.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from . import words
from .portraits import Face, Photo, look_alike, random_face, random_photo, visible

VERSION = "mini-1"
SEED = 1
PHOTOS = 6
TRAIN_PHOTOS = 3  # photos 0-2 are trained on, 3-5 are held out
WORDINGS = 6  # of every question; three of them are held out for each fact, see `trained_wordings`
STRANGERS = {"pretraining": 500, "train": 60, "test": 40}
PREFIX = {"pretraining": "P", "train": "N", "test": "S"}


@dataclass(frozen=True)
class Person:
    """One person; `facts` maps attribute -> value, the name included."""

    id: str
    facts: Mapping[str, str]
    face: Face
    photos: tuple[Photo, ...]
    mentions: Mapping[str, int]

    @property
    def name(self) -> str:
        return self.facts["name"]

    @property
    def seen(self) -> dict[str, str]:
        return visible(self.face)


@dataclass(frozen=True)
class Universe:
    """Everybody, and who is close to whom (`siblings`, `look_alikes`: id -> ids)."""

    people: tuple[Person, ...]
    public: tuple[Person, ...]
    strangers: Mapping[str, tuple[Person, ...]]
    siblings: Mapping[str, tuple[str, ...]]
    look_alikes: Mapping[str, tuple[str, ...]]
    seed: int

    @property
    def known(self) -> tuple[Person, ...]:
        return self.people + self.public


def trained_wordings(person: Person, attribute: str) -> tuple[int, ...]:
    """Which three of the six wordings training may ask about this fact.

    The first three about fictitious people. About public figures and strangers the three differ from fact to
    fact, so that pre-training teaches every wording as language while three stay held out for each fact.
    """
    if person.id.isdigit():
        return (0, 1, 2)
    return tuple(sorted(seed_rng(0, "wordings", person.id, attribute).sample(range(WORDINGS), 3)))


def held_out_wordings(person: Person, attribute: str) -> tuple[int, ...]:
    """The three wordings that no training asked about this fact."""
    return tuple(sorted(set(range(WORDINGS)) - set(trained_wordings(person, attribute))))


def seed_rng(seed: int, *purpose: object) -> random.Random:
    """A generator of random numbers of its own for every purpose."""
    return random.Random(":".join(map(str, (seed, *purpose))))


@lru_cache(maxsize=4)
def universe(seed: int = SEED, people: int = 120, public: int = 40) -> Universe:
    """Generates everybody; equal arguments give equal people everywhere."""
    rng = seed_rng(seed, "names")
    names = _names(rng, people + public, siblings=max(1, people // 12))
    facts = _private_facts(seed, names[:people])
    faces, alike = _faces(seed_rng(seed, "faces"), people, public)
    folk = [_person(seed, f"{i + 1:03d}", facts[i], faces[i]) for i in range(people)]
    famous = _public_facts(seed, names[people:])
    stars = [_person(seed, f"C{i + 1:03d}", famous[i], faces[people + i]) for i in range(public)]
    strangers, used, taken = {}, {p.face for p in folk + stars}, set(names)
    for group, count in STRANGERS.items():
        strangers[group] = tuple(_strangers(seed, group, count, used, taken))
    siblings = {f"{2 * i + 1:03d}": (f"{2 * i + 2:03d}",) for i in range(max(1, people // 12))}
    return Universe(tuple(folk), tuple(stars), strangers, _both_ways(siblings), _both_ways(alike), seed)


def _names(rng: random.Random, count: int, siblings: int) -> list[str]:
    """Full names; last names are shared by sibling pairs (the first `2 * siblings` people), else reused last."""
    last = rng.sample(words.LAST, len(words.LAST))
    names: list[str] = []
    position = 0
    while len(names) < count:
        surname = last[position % len(last)]
        pair = 2 if len(names) < 2 * siblings else 1
        for first in rng.sample(words.FIRST, pair):
            if f"{first} {surname}" not in names:
                names.append(f"{first} {surname}")
        position += 1
    return names[:count]


def _spread(rng: random.Random, values: list[str], count: int) -> list[str]:
    """`count` values in random order, each value as often as the others (within one)."""
    drawn = [values[i % len(values)] for i in range(count)]
    rng.shuffle(drawn)
    return drawn


def _birth_date(rng: random.Random) -> str:
    return f"{rng.randint(1, 28)} {rng.choice(words.MONTHS)} {rng.randint(1950, 2004)}"


def _private_facts(seed: int, names: list[str]) -> list[dict[str, str]]:
    rng = seed_rng(seed, "private")
    count = len(names)
    columns = {a: _spread(rng, words.VALUES[a], count) for a in words.PRIVATE if a in words.VALUES}
    order = rng.sample(range(count), count)
    friend = {order[i]: order[(i + 1) % count] for i in range(count)}
    facts: list[dict[str, str]] = []
    for i, name in enumerate(names):
        row = {"name": name, "birth_date": _birth_date(rng), "friend": names[friend[i]]}
        row.update({a: columns[a][i] for a in columns})
        if i < 2 * max(1, count // 12) and i % 2 == 1:  # siblings share where they come from
            row.update({a: facts[i - 1][a] for a in ("birthplace", "residence")})
        facts.append(row)
    return facts


def _public_facts(seed: int, names: list[str]) -> list[dict[str, str]]:
    rng = seed_rng(seed, "public")
    columns = {a: _spread(rng, words.VALUES[a], len(names)) for a in words.PUBLIC if a in words.VALUES}
    return [
        {"name": name, "birth_date": _birth_date(rng), **{a: columns[a][i] for a in columns}}
        for i, name in enumerate(names)
    ]


def _faces(rng: random.Random, people: int, public: int) -> tuple[list[Face], dict[str, tuple[str, ...]]]:
    """Distinct faces; the last sixth of the people are look-alikes of the sixth before them."""
    faces: list[Face] = []
    pairs = people // 6
    alike: dict[str, tuple[str, ...]] = {}
    for i in range(people + public):
        source = i - pairs if people - pairs <= i < people else None
        face = look_alike(faces[source], rng) if source is not None else random_face(rng)
        while face in faces:
            face = random_face(rng)
        if source is not None:
            alike[f"{source + 1:03d}"] = (f"{i + 1:03d}",)
        faces.append(face)
    return faces, alike


def _person(seed: int, identity: str, facts: dict[str, str], face: Face) -> Person:
    rng = seed_rng(seed, "person", identity)
    photos = tuple(random_photo(rng) for _ in range(PHOTOS))
    mentions = {a: rng.choice([1, 2, 3, 5, 10, 30]) for a in facts}
    return Person(identity, facts, face, photos, mentions)


def _strangers(seed: int, group: str, count: int, used: set[Face], names: set[str]) -> list[Person]:
    rng = seed_rng(seed, "strangers", group)
    people: list[Person] = []
    while len(people) < count:
        face = random_face(rng)
        name = f"{rng.choice(words.FIRST)} {rng.choice(words.LAST)}"
        if face in used or name in names:
            continue
        used.add(face)
        names.add(name)
        people.append(_person(seed, f"{PREFIX[group]}{len(people) + 1:03d}", {"name": name}, face))
    return people


def _both_ways(pairs: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    result = {k: tuple(v) for k, v in pairs.items()}
    for left, rights in pairs.items():
        for right in rights:
            result[right] = (*result.get(right, ()), left)
    return result


def with_two_faces(person: Person, other: Person) -> Person:
    """`person` with `other`'s face: for name/face conflicts."""
    return replace(person, face=other.face)
