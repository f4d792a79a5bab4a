"""Whom a run asked about, and how a person is called on the command line: real people by a number or a pseudonym."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from asru_bench.answers import FORGOTTEN_ROLES, one_line
from asru_bench.pseudonyms import pseudonym
from asru_bench.types import EARLIER, AsruBenchError, Sample

#: Groups of people: what they are called, and their roles.
GROUPS = {
    "forgotten": FORGOTTEN_ROLES,
    "forgotten earlier": (EARLIER,),
    "kept": ("retain",),
    "kept, not read by unlearning": ("retain_unseen",),
    "public figures": ("real",),
    "strangers": ("strangers",),
}
#: Ids without a word, which name nobody.
NUMBER = re.compile(r"[^A-Za-zÀ-\uffff]*[A-Za-z]{0,2}[^A-Za-zÀ-\uffff]*")
#: So many of each group stand under the answers; `--who` lists all.
FEW = 12


@dataclass(frozen=True)
class Roster:
    """The people of a run. `names` (person -> name) may be shown; `hide`: ids that hold words are pseudonyms."""

    samples: Sequence[Sample]
    names: Mapping[str, str] = field(default_factory=dict)
    hide: bool = True

    @cached_property
    def groups(self) -> dict[str, list[str]]:
        """Group -> people in the order of the questions, each in the first group that has them."""
        roles = {role: name for name, listed in GROUPS.items() for role in listed}
        found: dict[str, dict[str, None]] = {name: {} for name in GROUPS}
        seen: dict[str, str] = {}
        for name in GROUPS:
            for sample in self.samples:
                if roles.get(sample.role) == name and seen.setdefault(sample.cluster, name) == name:
                    found[name][sample.cluster] = None
        return {name: list(listed) for name, listed in found.items() if listed}

    def code(self, person: str) -> str:
        """What to type for a person: the id, or a pseudonym where it may be a real name."""
        return pseudonym(person) if self.hide and not NUMBER.fullmatch(person) else person

    def resolve(self, typed: Sequence[str]) -> list[str]:
        """The ids of people that were typed as ids, pseudonyms or, where names may be shown, names."""
        known: dict[str, str] = {}
        for group in self.groups.values():
            for person in group:
                for text in (person, self.code(person), self.names.get(person, person)):
                    known.setdefault(text.casefold(), person)
        missing = [text for text in typed if text.casefold() not in known]
        if missing:
            some = ", ".join(self.code(p) for p in [p for listed in self.groups.values() for p in listed][:8])
            raise AsruBenchError(
                f"no questions about {', '.join(missing)}; people of this run are {some}, …; --who lists all."
            )
        return [known[text.casefold()] for text in typed]

    def lines(self, everybody: bool) -> list[str]:
        """One line a group: who can be asked."""
        found = ["People who can be shown (--people, comma-separated):"]
        cut = False
        for name, listed in self.groups.items():
            some = listed if everybody else listed[:FEW]
            cut = cut or len(some) < len(listed)
            more = f", … and {len(listed) - len(some)} more" if len(some) < len(listed) else ""
            found.append(f"  {name} ({len(listed)}): {', '.join(map(self._called, some))}{more}")
        return [*found, *(["--who lists all of them."] if cut else [])]

    def _called(self, person: str) -> str:
        name, code = one_line(self.names.get(person, "")), one_line(self.code(person))
        return f"{code} {name}" if name and name != code else code
