"""What the tables of an MLLMU-Bench folder must hold, for `data check`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from asru_bench.attributes import cue
from asru_bench.data import DataSet
from asru_bench.data_check import FORGET, HELD_OUT, RETAIN, TRAIN, Table, check_tables
from asru_bench.findings import WARNING, Finding, Row, option_faults
from asru_bench.options import Options, right_letter
from asru_bench.profiles import Facts, find_fact, read_biography
from asru_bench.roster import FULL, REAL, TEST, TRAINING
from asru_bench.rows import LISTS, TASKS, TYPES, entries, person_id, read_metadata
from asru_bench.task import GAP
from asru_bench.text import normalise
from asru_bench.types import AsruBenchError

ASKED = ("ID", *TASKS)


def findings(data: DataSet, percent: int, strangers: str = "") -> Iterator[Finding]:
    """All faults inside the tables and between them."""
    rows: dict[str, list[Row]] = {}
    yield from check_tables(data, tables(percent, strangers), rows)
    yield from _owners(rows)
    yield from _contradicted(rows)


def tables(percent: int, strangers: str = "") -> tuple[Table, ...]:
    """The tables of all splits; those of `percent` must be there."""
    common: dict[str, Any] = {"columns": ASKED, "unique": "ID", "optional": ("biography",), "look": faults}
    told = common | {"look": person_faults}
    everybody = told | {"columns": (*ASKED, "biography"), "optional": ()}
    found = [
        Table(FULL, picture="image", part=TRAIN, **everybody),
        Table(TEST, picture="images", part=HELD_OUT, **common),
        Table(REAL, picture="image", **told),
        Table(TRAINING, ("metadata",), ("ID",), picture="image", distinct=True, part=TRAIN, look=training_faults),
    ]
    for share in (5, 10, 15):
        split = common | {"groups": (str(share),), "needed": share == percent, "person": "ID", "text": ("biography",)}
        found.append(Table(f"forget_{share}", picture="image", part=FORGET, **split))
        found.append(Table(f"retain_{100 - share}", picture="image", part=RETAIN, **split))
    if strangers:
        found.append(Table(strangers, ("ID", "question", "use"), picture="image", needed=False))
    return tuple(found)


def faults(row: Row) -> Iterator[Finding]:
    """Faults inside one person's questions."""
    if all(column in row.values for column in TASKS) and not any(map(_asks, map(row.values.get, TASKS))):
        yield row.fault("empty", TASKS[0], f"there is no question here, nor in {' and '.join(TASKS[1:])}")
    if (choices := row.values.get(TASKS[0])) is not None:
        lists = json.loads(choices) if isinstance(choices, str) else choices
        for key in LISTS:
            for entry in entries(lists.get(key)):
                options = _options(entry)
                question = str(entry.get("Question") or "").strip()
                about = f" of {question[:60]!r}"
                right, wrong = right_letter(entry.get("Correct_Answer") or "", options, about)
                if not question:
                    yield row.fault("empty", TASKS[0], "a question has no Question")
                if words := _lacking_options(entry.get("Options") or {}):
                    yield row.fault("options", TASKS[0], f"{words}, of {question[:60]!r}")
                yield from option_faults(row, TASKS[0], dict(options), right, question, wrong)
    for column in TASKS[1:]:
        for entry in entries(row.values.get(column)):
            yield from _open_faults(row, column, entry)


def person_faults(row: Row) -> Iterator[Finding]:
    """Faults of a person whose facts are read: those of the questions, and a biography without facts."""
    yield from faults(row)
    if "biography" in row.values and not read_biography(row.values["biography"]):
        words = f"there are no facts in {str(row.values['biography'])[:60]!r}; expected a JSON object"
        yield row.fault("biography", "biography", words, WARNING)


def training_faults(row: Row) -> Iterator[Finding]:
    """A training row without a readable pair."""
    if "metadata" in row.values and not list(read_metadata(row.values["metadata"], f"{row.file}, row {row.number}")):
        yield row.fault("empty", "metadata", "no pair has both a question and an answer")


def _open_faults(row: Row, column: str, entry: Mapping[str, Any]) -> Iterator[Finding]:
    kind, question, truth = (str(entry.get(k) or "").strip() for k in ("Type", "Question", "Ground_Truth"))
    if kind not in TYPES:
        yield row.fault("type", column, f"the Type {kind!r} of {question[:60]!r} is neither of {' and '.join(TYPES)}")
    for name, text in (("Question", question), ("Ground_Truth", truth)):
        if not text:
            yield row.fault("empty", column, f"a question has no {name}")
    if column == TASKS[2] and question and not GAP.search(question):
        yield row.fault("gap", column, f"the cloze {question[:60]!r} has no gap (two or more underscores)", WARNING)


def _lacking_options(options: Mapping[str, Any]) -> str:
    """What is wrong where a letter before a given one has no text, or fewer than two have one."""
    given = [letter for letter, text in sorted(options.items()) if text is not None]
    null = [letter for letter, text in options.items() if text is None and letter < max(given, default="")]
    if null or len(given) < 2:
        return f"expected at least two options and none left out, found {', '.join(given) or 'none'}"
    return ""


def _asks(value: Any) -> bool:
    """Whether a column of questions holds one: choices are two lists, the others one."""
    value = json.loads(value) if isinstance(value, str) else value
    if isinstance(value, dict) and {*value} & {*LISTS}:
        return any(map(entries, map(value.get, LISTS)))
    return bool(entries(value))


def _owners(rows: Mapping[str, Sequence[Row]]) -> Iterator[Finding]:
    """Pairs for training about people who are not in Full_Set."""
    people = {person_id(row.values["ID"]) for row in rows.get(FULL, ()) if "ID" in row.values}
    for row in rows.get(TRAINING, ()) if people else ():
        try:
            told = [*read_metadata(row.values.get("metadata"), row.file)]
        except AsruBenchError:  # found before
            continue
        named = {entry_id for entry_id, *_ in told} or {""}
        asked = {entry_id or person_id(row.values.get("ID")) for entry_id in named} - {""}
        for person in sorted(asked - people):
            words = f"the ID {person!r} is not in {FULL}; expected one of its {len(people)} people"
            yield row.fault("unknown", "metadata" if person in named else "ID", words)


def _options(entry: Mapping[str, Any]) -> Options:
    given = entry.get("Options") or {}
    return tuple((letter, str(text)) for letter, text in sorted(given.items()) if text is not None)


def _contradicted(rows: Mapping[str, Sequence[Row]]) -> Iterator[Finding]:
    """Choices whose right letter is at an option that the person's biography contradicts."""
    facts: dict[str, Facts] = {}
    for row in (row for found in rows.values() for row in found):
        if known := read_biography(row.values.get("biography")):
            facts.setdefault(person_id(row.values.get("ID")), known)
    for row in (row for found in rows.values() for row in found if TASKS[0] in row.values):
        value = row.values[TASKS[0]]
        lists = (json.loads(value) if isinstance(value, str) else value) or {}
        for entry in (entry for key in LISTS for entry in entries(lists.get(key))):
            if words := _otherwise(entry, facts.get(person_id(row.values.get("ID")), {})):
                yield row.fault("contradiction", TASKS[0], words, WARNING)


def _otherwise(entry: Mapping[str, Any], facts: Facts) -> str:
    """What speaks against the right letter: one other option alone is the fact that the question asks for."""
    options, question = _options(entry), str(entry.get("Question") or "")
    right, _ = right_letter(entry.get("Correct_Answer") or "", options)
    asked = {name: forms for name, forms in facts.items() if cue(name).search(normalise(question))}
    if not (right and asked) or find_fact(question, dict(options)[right], asked)[0]:
        return ""
    told = {letter: find_fact(question, text, asked) for letter, text in options}
    fitting = [letter for letter, (attribute, _) in told.items() if attribute]
    if len(fitting) != 1:
        return ""
    (attribute, value), texts = told[fitting[0]], dict(options)
    return (
        f"the right answer of {question[:60]!r} is {right} ({texts[right]!r}), but the biography says {attribute} "
        f"{value!r}, which is option {fitting[0]}"
    )
