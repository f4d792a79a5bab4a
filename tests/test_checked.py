"""What `data check` calls an error stops a run before anything is trained, for tasks of every kind; looked for once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import clear_folders
import folders
import ppu_folders
import pyarrow.parquet as pq
import pytest
import tiny_world
from asru_bench.tasks.folder import Config

from asru_bench import checked, data_check, plan, run
from asru_bench.findings import Finding
from asru_bench.plan import Place
from asru_bench.types import AsruBenchError, RunSpec

PLUGIN = """
from tiny_task import TinyTask
from asru_bench.findings import Finding

class Strict(TinyTask):
    def check_data(self):
        bad = (self.data and (__import__("pathlib").Path(self.data) / "bad.txt").is_file())
        return [Finding("error", "own", "rows.txt", 7, "age", "nobody is 900 years old")] if bad else []
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))


def change(file: Path, edit: Callable[[list[dict[str, Any]]], Any]) -> None:
    table = pq.read_table(file)
    rows = table.to_pylist()
    edit(rows)
    pq.write_table(type(table).from_pylist(rows, schema=table.schema), file)


def stopped(spec: RunSpec, data: Path, match: str) -> None:
    """`execute` of a plan stops before any folder is made."""
    place = Place(data=str(data), out=str(data.parent / "runs"))
    cell = plan.Cell(replace(spec, data_hash="of the test"), place, data.parent / "runs" / "x")
    with pytest.raises(AsruBenchError, match=match):
        run.execute(plan.Plan((cell,)), say=lambda text: None)
    assert not (data.parent / "runs").exists()


def no_truth(rows: list[dict[str, Any]]) -> None:
    rows[2]["Generation_Task"][0]["Ground_Truth"] = " "


def test_an_empty_truth_of_mllmu(tmp_path: Path) -> None:
    data = folders.write_mllmu_bench(tmp_path / "mllmu", 20)
    change(data / "Full_Set" / "train-00000-of-00001.parquet", no_truth)
    words = r"Full_Set/train.*row 2, column 'Generation_Task': a question has no Ground_Truth.*data check mllmu_bench"
    stopped(RunSpec("ga", "mllmu_bench", task_config={"split": "forget_10"}), data, words)


def test_a_broken_picture_of_clear(tmp_path: Path) -> None:
    data = clear_folders.write_clear(tmp_path / "clear")
    file = next((data / "forget10").glob("*.parquet"))
    change(file, lambda rows: rows[0].update(image={"bytes": b"no picture", "path": None}))
    stopped(RunSpec("ga", "clear"), data, r"forget10/.*row 0, column 'image'")


def test_a_repeated_question_of_ppu(tmp_path: Path) -> None:
    data = ppu_folders.write_ppu(tmp_path / "ppu")
    file = next((data / "paraphrase_persona").glob("*.parquet"))
    change(file, lambda rows: rows.append(rows[0]))
    stopped(RunSpec("ga", "ppu_bench"), data, r"stands also in .*paraphrase_persona")


def test_a_picture_on_both_sides_of_a_folder(tmp_path: Path) -> None:
    import own_folders

    data = own_folders.write_own(tmp_path / "own")
    (data / "pictures" / "04-0.png").write_bytes((data / "pictures" / "01-0.png").read_bytes())
    config = vars(Config(forget_people=str(tmp_path / "forget.txt")))
    spec = RunSpec("ga", "folder", task_config=config)
    stopped(spec, data, r"people.csv, row 6, column 'image': the picture of row 21 about 'Ines Roth'")
    allowed = replace(spec, task_config=config | {"same_rows": "allow"})
    checked.require([(allowed, Place(data=str(data)))], say=print)


def test_an_error_of_a_plug_in(tiny_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "tiny_task.py").write_text(Path(tiny_world.TASK).read_text())
    (tmp_path / "strict.py").write_text(PLUGIN)
    place, spec = (
        tiny_world.place(tmp_path),
        tiny_world.spec(tiny_dir, method="base", task=f"{tmp_path}/strict.py:Strict"),
    )
    place = replace(place, model=str(tiny_dir), vanilla=str(tiny_dir))
    (record,) = run.run(spec, place)
    assert record.provenance.get("data_errors") is None
    (tmp_path / "data" / "bad.txt").write_text("")
    with pytest.raises(AsruBenchError, match=r"rows.txt, row 7, column 'age': nobody is 900 years old"):
        run.run(spec, place)
    said: list[str] = []
    planned = plan.make([spec], replace(place, allow_data_errors=True, out=str(tmp_path / "other")))
    (record,) = run.execute(planned, said.append)
    assert record.provenance["data_errors"] == 1
    assert any("900 years old; going on, as asked" in text for text in said)


def test_data_are_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Any] = []
    fault = Finding("error", "x", "f", 1, "c", "odd")
    monkeypatch.setattr(
        data_check, "check", lambda task: looked.append(task) or [fault, replace(fault, level="warning")]
    )
    data = folders.write_mllmu_bench(tmp_path / "mllmu", 20)
    spec, place = RunSpec("ga", "mllmu_bench", task_config={"split": "forget_10"}, data_hash="d"), Place(data=str(data))
    assert checked.errors(spec, place) == checked.errors(replace(spec, method="npo", limit=2), place) == [fault]
    assert len(looked) == 1
    checked.errors(replace(spec, task_config={"split": "forget_5"}), place)
    assert len(looked) == 2
    (data / "universe.json").write_text(json.dumps({"name": "other"}))
    checked.errors(spec, place)
    assert len(looked) == 3


def test_data_that_come_with_the_package_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_check, "check", lambda task: pytest.fail("looked"))
    assert checked.errors(RunSpec("ga", "mllmu_bench"), Place()) == []
