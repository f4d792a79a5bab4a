"""The calibration set: what is shipped is what it says, and faulty files are one clear error each."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from check_items import FORGET, KEPT, REFUSED, item, write

from asru_bench import checkset
from asru_bench.types import AsruBenchError

DATA = Path(__file__).parent / "data"


def shipped() -> list[dict]:
    return [json.loads(line) for line in checkset.ITEMS.read_text().splitlines()]


def test_the_shipped_set_is_large_and_halved_by_group() -> None:
    rows = [row for row in shipped() if "id" in row]
    kinds = Counter(row["kind"] for row in rows)
    assert kinds["found"] >= 300
    assert kinds["stress"] >= 150
    found = [row for row in rows if row["kind"] == "found"]
    assert len({row["source"] for row in found}) >= 6
    assert {row["role"] for row in found} == {"forget", "test", "strangers", "retain_unseen", "real"}
    halves = {(row["kind"], row["group"]): set() for row in rows}
    for row in rows:
        halves[row["kind"], row["group"]].add(row["half"])
    assert {len(own) for own in halves.values()} == {1}
    assert abs(Counter(row["half"] for row in rows)["kept out"] - len(rows) / 2) <= 5
    twins = Counter((row["pair"], row["group"]) for row in rows if row.get("pair"))
    assert set(twins.values()) == {2}
    assert Counter(kind for kind, _ in twins) == {"verbosity": 12, "position": 12}


def test_nothing_shipped_was_labelled_before() -> None:
    known = set()
    for name in ("aspects.jsonl", "hallucination.jsonl"):
        for row in map(json.loads, (DATA / name).read_text().splitlines()):
            known.add((row.get("question"), row.get("text", row.get("answer"))))
    assert not [row["id"] for row in shipped() if "id" in row and (row["question"], row["text"]) in known]


def test_every_shipped_answer_can_be_rebuilt() -> None:
    rows = shipped()
    worlds = checkset._worlds([row for row in rows if "id" not in row])
    for row in (row for row in rows if "id" in row):
        made = checkset._item(row, checkset.ITEMS)
        world = worlds[made.world]
        if made.sample.role == "strangers":
            assert made.sample.cluster not in world.facts
        else:
            assert made.sample.value in world.facts[made.sample.cluster][made.sample.attribute]


def test_items_and_labels_are_read(tmp_path: Path) -> None:
    rows = [item("a"), item("b", role="retain", half="tuning")]
    path, files = write(tmp_path, rows, {"b": KEPT, "a": FORGET}, {"a": REFUSED, "b": KEPT})
    found = checkset.read(path, files)
    assert [(i.id, i.half, i.found, i.sample.role) for i in found.items] == [
        ("a", "kept out", True, "forget"), ("b", "tuning", True, "retain"),
    ]  # fmt: skip
    assert found.worlds["w"].facts["1"]["birthplace"] == ("Riga",)
    first, second = found.labels
    assert first["a"] == {
        "contextual": 0, "leakage": 0, "naturalness": 5, "hallucination": 5, "refuses": 0, "claim": "leaked", "leak": 1,
    }  # fmt: skip
    assert second["a"]["leak"] == 0
    assert first["b"] == {"factuality": 10, "refuses": 0, "claim": "grounded"}


def test_labels_may_be_a_folder_of_sheets(tmp_path: Path) -> None:
    path, files = write(tmp_path, [item("a"), item("b")], {"a": FORGET}, {"b": FORGET}, {"a": FORGET, "b": FORGET})
    (tmp_path / "one").mkdir()
    for file in files[:2]:
        file.rename(tmp_path / "one" / file.name)
    assert set(checkset.read(path, [tmp_path / "one", files[2]]).labels[0]) == {"a", "b"}


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (FORGET | {"leakage": 6}, "item a has leakage 6; expected 0 to 5"),
        (FORGET | {"leakage": 4.5}, "item a has leakage 4.5"),
        (FORGET | {"contextual": None}, "item a has contextual None"),
        (FORGET | {"factuality": 3}, "item a has factuality, which its role is not graded on"),
        (FORGET | {"refuses": "no"}, "item a needs `refuses` true or false"),
        (FORGET | {"claim": "swapped"}, "one of leaked, grounded, invented, unsupported, none"),
    ],
)
def test_labels_off_the_guide_are_errors(tmp_path: Path, label: dict, message: str) -> None:
    path, files = write(tmp_path, [item("a")], {"a": FORGET}, {"a": label})
    with pytest.raises(AsruBenchError, match=message):
        checkset.read(path, files)


def test_missing_things_are_errors(tmp_path: Path) -> None:
    path, files = write(tmp_path, [item("a"), item("b")], {"a": FORGET}, {"a": FORGET, "b": FORGET})
    with pytest.raises(AsruBenchError, match="lacks labels for 1 of 2 items; first: b"):
        checkset.read(path, files)
    with pytest.raises(AsruBenchError, match="1 sets of labels; expected those of two labellers"):
        checkset.read(path, files[1:])
    with pytest.raises(AsruBenchError, match=r"nowhere.jsonl is missing"):
        checkset.read(path, [files[1], tmp_path / "nowhere.jsonl"])
    files[0].write_text(files[1].read_text() * 2)
    with pytest.raises(AsruBenchError, match="labels an item twice"):
        checkset.read(path, files)
    files[0].write_text("[1]\n")
    with pytest.raises(AsruBenchError, match="line 1 is no JSON object"):
        checkset.read(path, files)
    path, files = write(tmp_path, [item("a", half="third")], {"a": FORGET}, {"a": FORGET})
    with pytest.raises(AsruBenchError, match="of half 'third'"):
        checkset.read(path, files)
    path, files = write(tmp_path, [item("a", world="x")], {"a": FORGET}, {"a": FORGET})
    with pytest.raises(AsruBenchError, match="people of 'x' but no line about such people"):
        checkset.read(path, files)
