"""Rows of one's own data that contradict each other: one person, one attribute, two values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from asru_bench import values
from asru_bench.findings import ERROR, WARNING, Finding
from asru_bench.own_rows import Entry
from asru_bench.text import normalise

#: Of these a person has one value.
SINGLE = frozenset("name birth_date birthplace father mother".split())


def faults(file: str, entries: Sequence[Entry]) -> Iterator[Finding]:
    """An error where the attribute has one value or one question two answers, else a warning: hobbies may be many."""
    told: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        if not (entry.attribute and entry.value) or entry.role == "general":
            continue
        known = told.setdefault((entry.person, entry.attribute), [])
        other = next((e for e in known if not _same(e.value, entry.value)), None)
        if other is not None:
            same_question = normalise(other.question) == normalise(entry.question)
            level = ERROR if entry.attribute in SINGLE or same_question else WARNING
            words = (
                f"the {entry.attribute} of {entry.person!r} is {entry.value[:40]!r} here and {other.value[:40]!r} in "
                f"row {other.number}"
            )
            yield Finding(level, "contradiction", file, entry.number, "answer", words)
        if all(e.value != entry.value for e in known):
            known.append(entry)


def _same(one: str, other: str) -> bool:
    """Whether one value says the other: in other words, in part, or as a date written otherwise."""
    return normalise(one) == normalise(other) or bool(values.says(one, (other,)) or values.says(other, (one,)))
