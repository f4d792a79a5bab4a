"""`asru-bench score FOLDER` keeps what a record has from the records beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from inline import Inline
from tiny_world import PLUGINS, place, spec

from asru_bench import run as running
from asru_bench import trainer
from asru_bench.folder import RunFolder
from asru_bench.record import RunRecord, read_record
from asru_bench.run import run

PROBE = str(PLUGINS / "probe.py")
QUICK = {"epochs": 1}
JUDGES = ("value", "cloze", "choice", "hallucination")


@pytest.fixture(autouse=True)
def inline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(trainer, "start", Inline)
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))


def records(out: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in out.rglob("record.json")}


def has(record: RunRecord, name: str) -> bool:
    return any(score.name.startswith(name) for score in record.scores)


def test_scoring_again_changes_nothing(tiny_dir: Path, tmp_path: Path) -> None:
    """Also beside an oracle of other settings than the usual ones, which no plan names."""
    where = place(tmp_path)
    oracle = spec(tiny_dir, method="retain_oracle", judges=JUDGES, method_config=QUICK)
    (row,) = [r for r in run([oracle, spec(tiny_dir, method=PROBE, judges=JUDGES)], where) if r.row == "probe"]
    assert has(row, "excess")
    assert has(row, "hallucination.shift_vanilla")
    assert has(row, "hallucination.shift_base")
    assert row.gates
    before = records(Path(where.out))
    assert len(before) == 4
    for path in before:
        running.stage("score", RunFolder.open(path.parent))
    assert records(Path(where.out)) == before


def test_a_lost_record_is_made_again_as_it_was(tiny_dir: Path, tmp_path: Path) -> None:
    where = place(tmp_path)
    run(spec(tiny_dir, method=PROBE, control="blind", judges=JUDGES), where)
    (plain,) = run(spec(tiny_dir, method=PROBE, judges=JUDGES), where)
    assert {gate.name for gate in plain.gates} == {"knowledge", "image"}
    before = records(Path(where.out))
    for path, content in before.items():
        path.unlink()
        running.stage("score", RunFolder.open(path.parent))
        made, known = read_record(path).to_json(), json.loads(content)
        assert made.pop("provenance")
        assert made == {name: value for name, value in known.items() if name != "provenance"}


def test_a_run_without_references_beside_is_scored_as_it_is(tiny_dir: Path, tmp_path: Path) -> None:
    where = place(tmp_path)
    (row,) = run(spec(tiny_dir, method=PROBE, judges=JUDGES), where)
    (folder,) = Path(where.out).glob("*/*/probe/*")
    alone = tmp_path / "alone"
    folder.rename(alone)
    (alone / "record.json").unlink()
    running.stage("score", RunFolder.open(alone))
    made = read_record(alone / "record.json")
    assert made.people == row.people
    assert not made.gates
    assert not has(made, "hallucination.shift")
