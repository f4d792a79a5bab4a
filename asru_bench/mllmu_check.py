"""What the tables of an MLLMU-Bench folder must hold, for `data check`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from asru_bench.data_check import FORGET, HELD_OUT, RETAIN, TRAIN, WARNING, Finding, Row, Table, option_faults
from asru_bench.roster import FULL, REAL, TEST, TRAINING
from asru_bench.rows import LISTS, TASKS, TYPES, read_metadata
from asru_bench.task import GAP

ASKED = ("ID", *TASKS)


def tables(percent: int, strangers: str = "") -> tuple[Table, ...]:
    """The tables of all splits; those of `percent` must be there."""
    common: dict[str, Any] = {"columns": ASKED, "unique": "ID", "optional": ("biography",), "look": faults}
    found = [
        Table(FULL, picture="image", part=TRAIN, **common),
        Table(TEST, picture="images", part=HELD_OUT, **common),
        Table(REAL, picture="image", **common),
        Table(TRAINING, ("metadata",), ("ID",), picture="image", part=TRAIN, look=training_faults),
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
    if (choices := row.values.get(TASKS[0])) is not None:
        lists = json.loads(choices) if isinstance(choices, str) else choices
        for key in LISTS:
            for entry in _entries(lists.get(key)):
                right = str(entry.get("Correct_Answer") or "").strip().upper()[:1]
                question = str(entry.get("Question") or "")
                yield from option_faults(row, TASKS[0], entry.get("Options") or {}, right, question)
    for column in TASKS[1:]:
        for entry in _entries(row.values.get(column)):
            yield from _open_faults(row, column, entry)


def training_faults(row: Row) -> Iterator[Finding]:
    """A training row without a readable pair."""
    if not list(read_metadata(row.values.get("metadata"), f"{row.file}, row {row.number}")):
        yield row.fault("empty", "metadata", "no pair has both a question and an answer")


def _open_faults(row: Row, column: str, entry: dict[str, Any]) -> Iterator[Finding]:
    kind, question, truth = (str(entry.get(k) or "").strip() for k in ("Type", "Question", "Ground_Truth"))
    if kind not in TYPES:
        yield row.fault("type", column, f"the Type {kind!r} of {question[:60]!r} is neither of {' and '.join(TYPES)}")
    for name, text in (("Question", question), ("Ground_Truth", truth)):
        if not text:
            yield row.fault("empty", column, f"a question has no {name}")
    if column == TASKS[2] and question and not GAP.search(question):
        yield row.fault("gap", column, f"the cloze {question[:60]!r} has no gap (two or more underscores)", WARNING)


def _entries(value: Any) -> Sequence[dict[str, Any]]:
    """A list of structs, also where it is stored as JSON text or as a struct of lists."""
    value = json.loads(value) if isinstance(value, str) else value
    if isinstance(value, dict):
        return [dict(zip(value, entry, strict=True)) for entry in zip(*value.values(), strict=True)]
    return value or ()
