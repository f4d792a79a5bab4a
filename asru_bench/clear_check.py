"""What the tables of a CLEAR folder must hold, for `data check`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from asru_bench.authors import FACES, FULL, RETAIN_ASKED, WORLD
from asru_bench.data_check import FORGET, HELD_OUT, RETAIN, TRAIN, Finding, Row, Table, wrong_answer_faults

SPLITS = ("01", "05", "10")
PLAIN = ("caption", "name")
PERTURBED = (*PLAIN, "paraphrased_caption", "perturbed_captions", "perturbed_names")
TOFU = ("caption", "question", "answer")


def tables(split: str) -> tuple[Table, ...]:
    """The tables of all splits; those of `split` (01, 05 or 10) must be there."""
    common: dict[str, Any] = {"picture": "image", "distinct": True}
    photos: dict[str, Any] = {"columns": PLAIN, "look": photo_faults, **common}
    asked: dict[str, Any] = {"columns": PERTURBED, "person": "name", "look": photo_faults, **common}
    mixed: dict[str, Any] = {"columns": TOFU, "picture": "image", "blank": True, "look": text_faults}
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
            yield from wrong_answer_faults(row, column, right, listed=values[column])


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
        yield from wrong_answer_faults(row, "options", [answer], listed=row.values["options"])


def _text(value: Any) -> str:
    return str(value).strip() if value is not None else ""
