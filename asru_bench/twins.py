"""One person under two spellings of a name, and pictures and sentences that stand on both sides of a forget list."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from asru_bench import near
from asru_bench.findings import ERROR, WARNING, Finding
from asru_bench.own_rows import SHORT, Entry
from asru_bench.record import pseudonym
from asru_bench.text import fold, normalise
from asru_bench.types import AsruBenchError

_SIGNS = str.maketrans(dict.fromkeys("’‘ʼ´`ʹ′＇", "'") | dict.fromkeys("‐‑‒–—―−﹣－", "-"))
#: Two names of which so large a share is equal may be one with a slip.
SLIP = 0.9


@lru_cache(maxsize=100_000)
def name_key(name: str) -> str:
    """What two spellings of one name share: letters without case, whatever their encoding, spaces and signs."""
    shown = "".join(c for c in unicodedata.normalize("NFKC", name.translate(_SIGNS)) if not _invisible(c))
    return unicodedata.normalize("NFC", " ".join(shown.casefold().translate(_SIGNS).split()))


@dataclass(frozen=True)
class Names:
    """The people of a table: `one` gives each spelling's person, `gone` are people to be forgotten.

    `split`: spellings that are kept, with the listed spelling of the same name; `respelt`: listed names that stand in
    the table in another spelling; `missing`: listed names that do not.
    """

    one: Mapping[str, str]
    gone: frozenset[str]
    split: Mapping[str, str] = field(default_factory=dict)
    respelt: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def names(spellings: Iterable[str], listed: Mapping[str, str], same: str = "") -> Names:
    """Who is who; `listed` gives of each pseudonym on the list that of its `name_key`, "" where it is not known.

    Equal names in different spelling are one person, unless `same` is "apart". Where some of the spellings are listed
    and others not, it is for the user to say (`split`), by `same`: "one" or "apart".
    """
    groups: dict[str, list[str]] = {}
    for spelling in dict.fromkeys(spellings):
        groups.setdefault(name_key(spelling), []).append(spelling)
    one: dict[str, str] = {}
    split: dict[str, str] = {}
    respelt: dict[str, str] = {}
    gone: set[str] = set()
    by_key = {key: literal for literal, key in listed.items() if key}
    for key, group in groups.items():
        named = [spelling for spelling in group if pseudonym(spelling) in listed]
        loose = [] if named or pseudonym(key) not in by_key else group
        person = (named or group)[0]
        one |= {spelling: spelling if same == "apart" else person for spelling in group}
        gone |= {one[spelling] for spelling in (*named, *loose)}
        if loose:
            respelt[by_key[pseudonym(key)]] = person
        if named and not same:
            split |= {spelling: named[0] for spelling in group if spelling not in named}
    there = {pseudonym(spelling) for spelling in one} | {*respelt}
    there |= {literal for literal, key in listed.items() if key in {pseudonym(k) for k in groups}}
    return Names(one, frozenset(gone), split, respelt, tuple(p for p in listed if p not in there))


def alike(name: str, others: Iterable[str]) -> list[str]:
    """Other names that may be the same with a slip, without accents, or with its words in another order."""
    matcher = difflib.SequenceMatcher()
    mine = _words(name)
    matcher.set_seq2(" ".join(mine))
    found = []
    for other in others:
        words = _words(other)
        matcher.set_seq1(" ".join(words))
        bounds = (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)  # each above the next, and faster
        if sorted(words) == sorted(mine) or all(bound() >= SLIP for bound in bounds):
            found.append((-matcher.ratio(), other))
    return [other for _, other in sorted(found)]


def split_faults(file: str, entries: Sequence[Entry], known: Names) -> Iterator[Finding]:
    """Names of which one spelling is to be forgotten and another kept; `entries` as they are written."""
    first = _first_rows(entries)
    for spelling, listed in known.split.items():
        words = f"{spelling!r} is kept and {listed!r}, the same name in row {first[listed].number}, is to be forgotten"
        words += "; write one spelling, or say -t same_name=one (forget both) or -t same_name=apart (two people)"
        yield Finding(ERROR, "overlap", file, first[spelling].number, "person", words)


def spelling_notes(file: str, entries: Sequence[Entry], known: Names) -> Iterator[Finding]:
    """Spellings that are taken for one person, and people who are kept and have nearly a listed name."""
    first = _first_rows(entries)
    for spelling, person in known.one.items():
        if person != spelling and spelling not in known.split:
            words = f"{spelling!r} is taken for {person!r} of row {first[person].number}, in another spelling"
            yield Finding(WARNING, "spelling", file, first[spelling].number, "person", words)
    kept = [person for person in dict.fromkeys(known.one.values()) if person not in known.gone]
    for person in sorted(known.gone):
        for other in alike(person, kept):
            words = f"{other!r} is kept and nearly {person!r}, who is to be forgotten; is it one person?"
            yield Finding(WARNING, "spelling", file, first[other].number, "person", words)


def _first_rows(entries: Sequence[Entry]) -> dict[str, Entry]:
    return {entry.person: entry for entry in reversed(entries)}


def row_faults(file: str, gone: Sequence[Entry], kept: Sequence[Entry], level: str = ERROR) -> Iterator[Finding]:
    """Pictures and sentences of people to be forgotten that also stand in rows of others."""
    yield from _pictures(file, gone, kept, level)
    asked = {(normalise(e.question), _truth(e)): e for e in reversed(kept) if not e.image}
    said = {_truth(e): e for e in reversed(kept) if len(_truth(e).split()) > SHORT}
    found: set[int] = set()
    for entry in gone:
        truth = _truth(entry)
        if not entry.image and (other := asked.get((normalise(entry.question), truth))):
            words = f"row {other.number} about {other.person!r}, who is kept, has the same question and answer"
            yield Finding(level, "near-duplicate", file, entry.number, "question", words)
        elif other := said.get(truth):
            telling = len({*truth.split()}) >= near.FEWEST_WORDS or _names(truth, (entry.person, other.person))
            words = f"row {other.number} about {other.person!r}, who is kept, has the same answer"
            yield Finding(level if telling else WARNING, "near-duplicate", file, entry.number, "answer", words)
        else:
            continue
        found.add(entry.number)
    rest = [entry for entry in gone if entry.number not in found and len(_truth(entry).split()) > SHORT]
    long = [entry for entry in kept if len(_truth(entry).split()) > SHORT]
    for i, j in near.texts([_truth(e) for e in rest], [_truth(e) for e in long]):
        words = f"nearly the answer of row {long[j].number} about {long[j].person!r}, who is kept"
        yield Finding(WARNING, "near-duplicate", file, rest[i].number, "answer", words)


def _pictures(file: str, gone: Sequence[Entry], kept: Sequence[Entry], level: str) -> Iterator[Finding]:
    mine, theirs = _shown(gone), _shown(kept)
    for i, j, same in near.pictures([look for _, look in mine], [look for _, look in theirs]):
        (entry, _), (other, _) = mine[i], theirs[j]
        words = f"{'the' if same else 'nearly the'} picture of row {other.number} about {other.person!r}, who is kept"
        yield Finding(level, "near-duplicate", file, entry.number, "image", words)


def _shown(entries: Sequence[Entry]) -> list[tuple[Entry, near.Look]]:
    """The first row of each picture that can be read."""
    found: dict[str, tuple[Entry, near.Look]] = {}
    for entry in entries:
        if entry.image:
            try:
                look = near.look(entry.image)
            except AsruBenchError:  # found by others
                continue
            found.setdefault(look.pixels, (entry, look))
    return list(found.values())


def _truth(entry: Entry) -> str:
    return normalise(dict(entry.options).get(entry.answer, entry.answer))


def _names(text: str, people: Collection[str]) -> bool:
    return any(f" {normalise(person)} " in f" {text} " for person in people)


def _words(name: str) -> list[str]:
    return normalise(fold(name_key(name))).split()


def _invisible(character: str) -> bool:
    """Zero-width characters, soft hyphens, marks of direction and variation selectors."""
    if "\ufe00" <= character <= "\ufe0f":
        return True
    return unicodedata.category(character) in ("Cf", "Cc") and not character.isspace()
