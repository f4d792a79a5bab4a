"""What the tables of a CLEAR folder must hold, for `data check`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from asru_bench.authors import FACES, FULL, RETAIN_ASKED, WORLD
from asru_bench.data import DataSet, column_names
from asru_bench.data_check import FORGET, HELD_OUT, RETAIN, TRAIN, Table, check_tables
from asru_bench.findings import ERROR, WARNING, Finding, Row, wrong_answer_faults
from asru_bench.types import AsruBenchError

SPLITS = ("01", "05", "10")
PLAIN = ("caption", "name")
PERTURBED = (*PLAIN, "paraphrased_caption", "perturbed_captions", "perturbed_names")
TOFU = ("caption", "question", "answer")


def findings(data: DataSet, split: str) -> Iterator[Finding]:
    """All faults inside the tables and between them."""
    expected = tables(split)
    rows: dict[str, list[Row]] = {}
    yield from _together([*check_tables(data, expected, rows)])
    for config, own in rows.items():
        if not own and _readable(data, config):
            yield Finding(ERROR, "rows", str(data.folder(config)), "", "", "there are no rows; expected some")
    for config in (f"forget{one}" for one in SPLITS):
        people = {_text(row.values.get("name")) for row in rows.get(config, ())}
        for row in rows.get(f"{config}_perturbed", ()) if people - {""} else ():
            if (name := _text(row.values.get("name"))) and name not in people:
                yield row.fault("unknown", "name", f"{name!r} is none of the {len(people)} authors of {config}")


def tables(split: str) -> tuple[Table, ...]:
    """The tables of all splits; those of `split` (01, 05 or 10) must be there."""
    common: dict[str, Any] = {"picture": "image", "distinct": True}
    photos: dict[str, Any] = {"columns": PLAIN, "look": photo_faults, **common}
    asked: dict[str, Any] = {"columns": PERTURBED, "person": "name", "look": photo_faults, **common}
    mixed: dict[str, Any] = {"columns": TOFU, "blank": True, "look": text_faults, **common}
    found = [
        Table(FULL, part=TRAIN, needed=False, **photos),
        Table(f"{FULL}+tofu", part=TRAIN, needed=False, **mixed),
        Table(RETAIN_ASKED, part=RETAIN, groups=SPLITS, **asked),
        Table(FACES, ("answer", "options"), ("question",), part=HELD_OUT, look=scene_faults, **common),
        Table(WORLD, ("answer", "options", "question"), part=HELD_OUT, look=scene_faults, **common),
    ]
    for one in SPLITS:
        for part, config in ((FORGET, f"forget{one}"), (RETAIN, f"retain{100 - int(one)}")):
            place: dict[str, Any] = {"part": part, "groups": (one,), "needed": one == split}
            found.append(Table(config, person="name", text=("caption",), **photos, **place))
            found.append(Table(f"{config}+tofu", text=("question", "answer"), **mixed, **place))
        found.append(Table(f"forget{one}_perturbed", part=FORGET, groups=(one,), needed=one == split, **asked))
    return tuple(found)


def photo_faults(row: Row) -> Iterator[Finding]:
    """Empty texts, and wrong captions and names that are none."""
    values = row.values
    for column in ("caption", "name", "paraphrased_caption"):
        if column in values and not _text(values[column]):
            yield row.fault("empty", column, "the text is empty")
    true = {"perturbed_captions": ("caption", "paraphrased_caption"), "perturbed_names": ("name",)}
    for column, columns in true.items():
        if column in values:
            right = [_text(values.get(c)) for c in columns]
            yield from _wrong_faults(row, column, right)


def text_faults(row: Row) -> Iterator[Finding]:
    """A row of `+tofu` is a picture with a caption, or a question with an answer and no picture."""
    caption, question, answer = (_text(row.values.get(c)) for c in TOFU)
    if question and row.pictures:
        yield row.fault("picture", "image", "a row with a question has a picture; expected none")
    if not question and not row.pictures:
        yield row.fault("picture", "image", "there is neither a question nor a picture")
    if question and not answer:
        yield row.fault("empty", "answer", "the question has no answer")
    if row.pictures and not question and not caption:
        yield row.fault("empty", "caption", "the picture has no caption")


def scene_faults(row: Row) -> Iterator[Finding]:
    """A real face or scene: an answer and wrong ones."""
    answer = _text(row.values.get("answer"))
    if not answer:
        yield row.fault("empty", "answer", "the text is empty")
    if "options" in row.values:
        yield from _wrong_faults(row, "options", [answer])


def _wrong_faults(row: Row, column: str, true: Sequence[str]) -> Iterator[Finding]:
    listed = row.values[column]
    yield from wrong_answer_faults(row, column, true, listed=listed)
    if isinstance(listed, list) and any(map(_text, listed)) and (empty := sum(not _text(text) for text in listed)):
        words = f"{empty} of {len(listed)} wrong answers are empty; they are left out when read"
        yield row.fault("perturbed", column, words, WARNING)


def _together(found: Sequence[Finding]) -> Iterator[Finding]:
    """The findings, with one line a column where true answers stand among the wrong ones, as in all published rows."""
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for fault in found:
        if (fault.level, fault.check) == (WARNING, "hidden answer"):
            kinds.setdefault((fault.file, fault.column), []).append(fault)
        else:
            yield fault
    for same in kinds.values():
        words = f"{same[0].words} (so in {len(same)} rows)" if len(same) > 1 else same[0].words
        yield replace(same[0], words=words)


def _readable(data: DataSet, config: str) -> bool:
    """Whether the tables of a config can be opened; where they cannot, that was found before."""
    try:
        return all(map(column_names, data.files(config)))
    except AsruBenchError:
        return False


def _text(value: Any) -> str:
    return str(value).strip() if value is not None else ""
