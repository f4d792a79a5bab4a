"""Records on disk, and where they come from."""

from __future__ import annotations

import getpass
import json
import math
import os
import socket
import subprocess
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest
from answers import people_of, record, run_of

from asru_bench import record as rec
from asru_bench.record import Gate, RunRecord, read_record, write_json
from asru_bench.types import AsruBenchError, Cost, Score

PLAN = [("forget", p, "generation", "image_text", c) for p in "ab" for c in ("leak", "refused")]
PLAN += [("retain", p, "cloze", "text", c) for p in "cd" for c in ("correct", "invented")]


def full() -> RunRecord:
    made = rec.results(*run_of(PLAN))
    base = record(gates=(Gate("reference", False, "base knows 3 of 10"),), costs={"unlearn": Cost(12.5, steps=3)})
    made["resolution"] = {"leak@forget": math.inf}
    return replace(base, **made, provenance=rec.provenance(), curves="curves.jsonl")


def test_round_trip_through_a_file(tmp_path):
    before = replace(full(), spec={"judges": ("choice", "value"), "decoding": {"cloze": 24}})
    write_json(tmp_path / "deep" / "record.json", before.to_json())
    assert read_record(tmp_path / "deep" / "record.json") == before
    assert isinstance(before.scores[0], Score)
    with pytest.raises(FrozenInstanceError):
        before.seed = 1


def test_results_follow_from_the_verdicts():
    made = rec.results(*run_of(PLAN))
    assert made["categories"] == {"forget": {"leak": 2, "refused": 2}, "retain": {"correct": 2, "invented": 2}}
    assert made["people"]["retain"]["c"] == {"cloze/text": {"correct": 1, "invented": 1}}
    assert "leak/open/image_text@forget+test" in made["resolution"]
    hidden = rec.results(*run_of(PLAN), hide=True)
    assert set(hidden["people"]["forget"]) == {rec.pseudonym("a"), rec.pseudonym("b")}
    assert hidden["scores"] == made["scores"]


def test_other_schemas_and_fields_are_errors(tmp_path):
    data = full().to_json()
    with pytest.raises(AsruBenchError, match="schema 99"):
        RunRecord.from_json({**data, "schema_version": 99})
    with pytest.raises(AsruBenchError, match="surprise"):
        RunRecord.from_json({**data, "surprise": 1})
    with pytest.raises(AsruBenchError, match="status"):
        record(status="fine")
    (tmp_path / "record.json").write_text("{", encoding="utf-8")
    with pytest.raises(AsruBenchError, match=r"record\.json cannot be read"):
        read_record(tmp_path / "record.json")


def test_a_crash_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "record.json"
    write_json(path, {"a": 1})

    def broken(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises((OSError, AsruBenchError)):
        write_json(path, {"a": 2})
    assert json.loads(path.read_text()) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_json_is_sorted_line_by_line_and_has_no_nan(tmp_path):
    write_json(tmp_path / "a.json", {"b": [{"x": 1, "y": [1, 2]}, {"x": 2}], "a": Gate("g", True)})
    assert (tmp_path / "a.json").read_text().splitlines() == [
        "{",
        ' "a": {',
        '  "name": "g",',
        '  "passed": true,',
        '  "reason": ""',
        " },",
        ' "b": [',
        '  {"x": 1, "y": [1, 2]},',
        '  {"x": 2}',
        " ]",
        "}",
    ]
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "b.json", {"a": math.nan})


def test_provenance_names_no_place_and_nobody():
    text = json.dumps(rec.provenance("NVIDIA H200"))
    assert "NVIDIA H200" in text
    assert socket.gethostname() not in text
    assert str(Path(__file__).parents[1]) not in text
    if len(getpass.getuser()) > 4:
        assert getpass.getuser() not in text
    assert rec.provenance()["versions"]["numpy"]


@pytest.fixture
def checkout(tmp_path):
    """A repository with the package's own file in it."""
    folder = tmp_path / "asru_bench"
    folder.mkdir()
    (folder / "record.py").write_text("x = 1\n")
    (tmp_path / "README.md").write_text("hello\n")

    def git(*arguments: str) -> str:
        name = ["-c", "user.name=a", "-c", "user.email=a@b"]
        return subprocess.run(
            ["git", *name, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    return folder, git


def test_dirty_is_tracked_code_only(checkout):
    folder, git = checkout
    clean = rec.provenance(code=folder)
    assert (clean["commit"], clean["dirty"]) == (git("rev-parse", "HEAD").strip(), False)
    (folder.parent / "README.md").write_text("changed\n")
    (folder / "new.py").write_text("untracked\n")
    assert rec.provenance(code=folder)["dirty"] is False
    (folder / "record.py").write_text("x = 2\n")
    assert rec.provenance(code=folder)["dirty"] is True


def test_an_environment_in_another_repository_is_no_checkout(checkout):
    folder, git = checkout
    inside = folder.parent / ".venv" / "asru_bench"
    inside.mkdir(parents=True)
    (inside / "record.py").write_text("x = 1\n")
    assert rec.provenance(code=inside)["commit"] != git("rev-parse", "HEAD").strip()


def test_accounting_sums_over_people():
    people = people_of({"forget": [3, 0], "retain": [10]})
    assert rec.accounting(people) == {"forget": {"leak": 3, "refused": 17}, "retain": {"correct": 10, "refused": 0}}


def test_a_wheel_says_its_commit(tmp_path):
    folder = tmp_path / "asru_bench"
    folder.mkdir()
    (folder / "commit.json").write_text('{"commit": "abc", "dirty": true}')
    found = rec.provenance(code=folder)
    assert (found["commit"], found["dirty"]) == ("abc", True)
