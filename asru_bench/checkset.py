"""The answers that judges are checked on, and what labellers say of them; files of `calibration/`.

`items.jsonl` has a line for each person (`world`, `person`, `facts`, `visible`) and for each answer: `source` is the
method that gave it, or "written"; `half` is "tuning" or "kept out", by `group` (a person, or texts that belong
together); `pair` and `variant` name twins: terse and verbose, or the same sentences in another order. Labels are lines
as `GUIDE.md` has them, by labellers who saw no judge's word.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asru_bench.aspects import ASPECTS, aspects_of
from asru_bench.types import FORGET_ROLES, AsruBenchError, Generation, Prompt, Sample, World

HERE = Path(__file__).parent / "calibration"
ITEMS = HERE / "items.jsonl"
#: Where the labels of the items above lie.
LABELS = (HERE / "labels-1.jsonl", HERE / "labels-2.jsonl")
HALVES = ("tuning", "kept out")
WRITTEN = "written"
#: What an answer asserts, in the words of the guide.
CLAIMS = ("leaked", "grounded", "invented", "unsupported", "none")
_REQUIRED = "id half source world role person group modality attribute question reference value text finish".split()

#: measure -> what is said of one answer: a grade, 0 or 1, or a claim.
Outcome = Mapping[str, float | str]


@dataclass(frozen=True)
class Item:
    """One answer to grade. `group` is its cluster; items of one `group` and `pair` are twins."""

    sample: Sample
    answer: Generation
    world: str
    half: str
    source: str
    group: str
    pair: str = ""
    variant: str = ""

    @property
    def id(self) -> str:
        return self.sample.id

    @property
    def found(self) -> bool:
        """Whether a method gave this answer; the others are written."""
        return self.source != WRITTEN


@dataclass(frozen=True)
class CheckSet:
    """All answers, the closed worlds that they are about, and two labellers' words by item."""

    items: tuple[Item, ...]
    worlds: Mapping[str, World]
    labels: tuple[Mapping[str, Outcome], Mapping[str, Outcome]]


def read(items: Path = ITEMS, labels: Sequence[Path] = LABELS) -> CheckSet:
    """The set; `labels` are two files, or folders of files, of JSON lines.

    Raises `AsruBenchError` where a file is missing, a line is no item or no label, or an item has no label.
    """
    rows = _lines(items, "items")
    worlds = _worlds([row for row in rows if "id" not in row])
    made = tuple(_item(row, items) for row in rows if "id" in row)
    if len({item.id for item in made}) != len(made) or not made:
        raise AsruBenchError(f"{items} holds no items, or two of the same id; expected one line for each answer.")
    if unknown := sorted({item.world for item in made} - worlds.keys()):
        raise AsruBenchError(f"{items} has answers about people of {unknown[0]!r} but no line about such people.")
    if len(labels) != 2:
        raise AsruBenchError(
            f"{len(labels)} sets of labels; expected those of two labellers: --labels ONE --labels TWO."
        )
    first, second = (_labels(path, made) for path in labels)
    return CheckSet(made, worlds, (first, second))


def _item(row: Mapping[str, Any], path: Path) -> Item:
    if missing := [name for name in _REQUIRED if name not in row]:
        raise AsruBenchError(f"{path}: item {row['id']!r} lacks {', '.join(missing)}.")
    if row["half"] not in HALVES:
        raise AsruBenchError(f"{path}: item {row['id']!r} is of half {row['half']!r}; expected {' or '.join(HALVES)}.")
    sample = Sample(
        row["id"], row["role"], "", row["person"], row["modality"], "generation", row["question"], row["reference"],
        Prompt(row["question"]), attribute=row["attribute"], value=row["value"],
    )  # fmt: skip
    answer = Generation(row["id"], row["id"], row["text"], row["finish"])
    twins = (row.get("pair", ""), row.get("variant", ""))
    return Item(sample, answer, row["world"], row["half"], row["source"], row["group"], *twins)


def _worlds(people: Iterable[Mapping[str, Any]]) -> dict[str, World]:
    facts: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {}
    visible: dict[str, dict[str, dict[str, str]]] = {}
    for row in people:
        own = facts.setdefault(row["world"], {})
        if row["facts"]:
            own[row["person"]] = {attribute: tuple(values) for attribute, values in row["facts"].items()}
        visible.setdefault(row["world"], {})[row["person"]] = row["visible"]
    return {name: World(own, visible[name]) for name, own in facts.items()}


def _labels(path: Path, items: Sequence[Item]) -> dict[str, Outcome]:
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    rows = [row for file in files for row in _lines(file, "labels")]
    by_id = {row.get("id"): row for row in rows}
    if len(by_id) != len(rows):
        raise AsruBenchError(f"{path} labels an item twice; expected one line for each.")
    if missing := [item.id for item in items if item.id not in by_id]:
        raise AsruBenchError(f"{path} lacks labels for {len(missing)} of {len(items)} items; first: {missing[0]}.")
    return {item.id: _label(by_id[item.id], item, path) for item in items}


def _label(row: Mapping[str, Any], item: Item, path: Path) -> dict[str, float | str]:
    """One label as an outcome: the aspects of the role, `refuses`, `claim` and, on forget roles, `leak`."""
    said: dict[str, float | str] = {}
    for aspect in (aspect for group in aspects_of(item.sample) for aspect in group):
        grade = row.get(aspect.name)
        if not isinstance(grade, int) or isinstance(grade, bool) or not aspect.low <= grade <= aspect.high:
            raise AsruBenchError(
                f"{path}: item {item.id} has {aspect.name} {grade!r}; expected {aspect.low} to {aspect.high}."
            )
        said[aspect.name] = float(grade)
    if extra := [name for name in ASPECTS if name not in said and row.get(name) is not None]:
        raise AsruBenchError(f"{path}: item {item.id} has {extra[0]}, which its role is not graded on; expected null.")
    if not isinstance(row.get("refuses"), bool) or row.get("claim") not in CLAIMS:
        raise AsruBenchError(
            f"{path}: item {item.id} needs `refuses` true or false and `claim`, one of {', '.join(CLAIMS)}."
        )
    said |= {"refuses": float(row["refuses"]), "claim": str(row["claim"])}
    if item.sample.role in FORGET_ROLES:
        said["leak"] = float(row["claim"] == "leaked")
    return said


def _lines(path: Path, what: str) -> list[dict[str, Any]]:
    if not path.is_file():
        raise AsruBenchError(f"{path} is missing; expected {what} as JSON lines (judge-check --items, --labels).")
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise AsruBenchError(f"{path}, line {number} is no JSON object; expected one object a line.")
        found.append(row)
    return found
