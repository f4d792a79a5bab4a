"""Profiles of people as the benchmarks store them: from a biography to facts, from a question to its fact."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .attributes import cue
from .text import contains, dates, normalise, numbers

#: A person's facts: attribute -> (value, alias, …).
Facts = dict[str, tuple[str, ...]]

#: Spellings of biography keys, in lower case and without colons and spaces at the ends.
ATTRIBUTES = {
    "date of birth": "birth_date", "birth date": "birth_date", "birthday": "birth_date", "place of birth": "birthplace",
    "employment": "occupation", "profession": "occupation", "job": "occupation", "heights": "height",
    "educated at": "education", "annual salary": "income", "salary": "income", "medical conditions": "health",
    "medical condition": "health", "hobbies": "hobby", "fun facts": "fun_fact", "favourite food": "food",
    "favorite food": "food", "best friend": "friend", "full name": "name",
}  # fmt: skip
RELATIVES = {"father", "mother", "parents", "parent"}
#: Keys that hold prose and no fact, and keys whose parts are attributes of their own.
PROSE = {"description", "appearance_detail"}
GROUPS = {"fun_fact", "born", "parents"}
PLACES = {"birthplace", "residence"}
MEASURES = {"height", "income"}
NO_VALUE = {"", "none", "n/a", "na", "unknown", "null", "-"}
PARENT = re.compile(r"\b(father|mother)\s*[:(–-]\s*([^,;)]+)", re.IGNORECASE)
PERSON = re.compile(
    r"\b(?:this|the)\s+(?:person|individual|man|woman)"
    r"(?:\s+(?:shown|depicted|seen|pictured|featured|portrayed))?"
    r"(?:\s+(?:in|on)\s+(?:the|this)\s+(?:image|picture|photo|photograph|portrait))?\b",
    re.IGNORECASE,
)
PICTURE = re.compile(r"\b(?:image|picture|photo|photograph|portrait|depicted|shown|pictured)\b", re.IGNORECASE)


def read_biography(biography: Any) -> Facts:
    """Facts of a biography (JSON text or mapping); of a place its first part is an alias.

    Tolerates stray colons in keys, and parents as text, list or mapping. What is no mapping at all
    gives no facts: who reads rows says of which.
    """
    facts: Facts = {}
    for attribute, value in _flatten("", _mapping(biography)):
        if attribute in facts or value.lower() in NO_VALUE:
            continue
        place = (value.split(",")[0].strip(),) if attribute in PLACES and "," in value else ()
        facts[attribute] = (value, *place)
    return facts


def find_fact(question: str, answer: str, facts: Facts) -> tuple[str, str]:
    """(attribute, value) of the fact that an answer states, ("", "") where no fact of the person fits.

    An answer fits a fact that it contains or is a part of. Attributes that the question names come
    first, then the longest match; the name, which many answers hold, counts only where it is asked for or
    is the whole answer.
    """
    plain = normalise(question)
    relatives = RELATIVES & set(plain.split())
    best, found = (False, False, 0), ("", "")
    for attribute, forms in facts.items():
        parts = set(attribute.split("_"))
        asked = bool(cue(attribute).search(plain))
        asked = asked or (attribute == "name" and normalise(answer) == normalise(forms[0]))
        if (attribute == "name" and not asked) or (relatives and not parts & RELATIVES):
            continue
        length = max(_overlap(attribute, form, answer) for form in forms)
        rank = (asked, attribute != "name", length)
        if length and rank > best:
            best, found = rank, (attribute, forms[0])
    return found


def by_name(text: str, name: str) -> str:
    """The text with the person's name in place of "this person", "the person in the image" and the like."""
    return PERSON.sub(lambda match: name, text)


def mentions_picture(text: str) -> bool:
    """Whether a text makes no sense without its picture."""
    return bool(PICTURE.search(text))


def _overlap(attribute: str, form: str, answer: str) -> int:
    """How many characters of a fact an answer states, 0 for another fact."""
    if contains(answer, form):
        return len(form)
    if attribute == "birth_date":
        stated = [reading for date in dates(answer) for reading in date.readings]
        same = any(date.full and reading in date.readings for date in dates(form) for reading in stated)
        return len(form) if same else 0
    if attribute in MEASURES:
        values = {number.value for number in numbers(form)}
        return len(form) if values & {number.value for number in numbers(answer)} else 0
    part = answer.strip(" .")
    return len(part) if len(part) >= 3 and contains(form, part) else 0


def _mapping(biography: Any) -> Mapping[str, Any]:
    if isinstance(biography, Mapping):
        return biography
    for parse in (json.loads, ast.literal_eval):
        try:
            value = parse(biography)
        except (ValueError, SyntaxError, TypeError):
            continue
        if isinstance(value, Mapping):
            return value
    return {}


def _flatten(attribute: str, value: Any) -> Iterator[tuple[str, str]]:
    """(attribute, text) of a biography's entries, nested ones included."""
    if isinstance(value, Mapping):
        inside = "" if attribute in GROUPS else attribute
        for key, part in value.items():
            name = _attribute(key)
            yield from _flatten(f"{inside}_{name}" if inside else name, part)
    elif attribute in PROSE or value is None:
        return
    elif isinstance(value, (list, tuple)):
        nested = [part for part in value if isinstance(part, Mapping)]
        for part in nested:
            yield from _flatten(attribute, part)
        if not nested:
            yield from _flatten(attribute, ", ".join(str(part).strip() for part in value))
    elif attribute == "parents" and (parents := PARENT.findall(str(value))):
        yield from ((relative.lower(), work.strip()) for relative, work in parents)
    elif attribute == "born":
        yield from _born(str(value))
    else:
        yield attribute, str(value).strip()


def _attribute(key: str) -> str:
    plain = str(key).strip(" :").lower()
    return ATTRIBUTES.get(plain) or re.sub(r"\W+", "_", plain).strip("_")


def _born(text: str) -> Iterator[tuple[str, str]]:
    """`Born` holds a date, a place or both."""
    found = dates(text)
    if found:
        yield "birth_date", text[found[0].start : found[0].end]
        text = text[: found[0].start] + text[found[0].end :]
    place = re.sub(r"^(?:[\s,;.()]|\b(?:in|on)\b)+|(?:[\s,;.()]|\b(?:in|on)\b)+$", "", text)
    if place:
        yield "birthplace", place
