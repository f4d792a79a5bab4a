"""`asru-bench new task`: the file is short, checks clean and runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from asru_bench import cli
from asru_bench.data_check import check
from asru_bench.registry import TASKS
from asru_bench.scaffold import new


def test_what_is_written_is_a_task(tmp_path: Path) -> None:
    path, command = new("task", "my_task", tmp_path)
    assert command == "asru-bench run --method ga --task ./my_task.py --fast --force"
    assert path.read_text().count("\n") <= 200
    cls = TASKS.get(str(path))
    assert (cls.__name__, cls.name) == ("MyTask", "my_task")
    task = cls()
    assert check(task) == []
    roles = {s.role: set() for s in task.samples()}
    for s in task.samples():
        roles[s.role].add(s.cluster)
    assert {role: len(people) for role, people in roles.items()} == {"forget": 2, "retain": 3, "retain_unseen": 1}
    data = task.training_data()
    assert {p.cluster for p in data.forget} == {*task.forget_people()} == roles["forget"]
    assert not {p.cluster for p in data.retain} & roles["retain_unseen"]
    assert all(dict(s.options)[s.answer] == s.value for s in task.samples() if s.options)
    assert not {s.question for s in task.samples()} & {p.question for p in data.forget}
    before = task.data_hash()
    Image.new("RGB", (8, 8)).save(tmp_path / "Ada Berg.png")
    shown = cls(data=str(tmp_path))
    assert shown.data_hash() != before
    assert {s.cluster for s in shown.samples() if s.modality == "image_text"} == {"Ada Berg"}


def test_it_runs(tmp_path: Path, tiny_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    path, _ = new("task", "new_task", tmp_path)
    words = ["run", "--method", "ga", "--task", str(path), "--model", str(tiny_dir), "--fast", "--force"]
    done = CliRunner().invoke(cli.app, [*words, "-m", "steps=2", "-m", "lr=1e-4", "--out", str(tmp_path / "runs")])
    assert done.exit_code == 0, done.output
    (file,) = (tmp_path / "runs").glob("new_task/*/ga/*/record.json")
    record = json.loads(file.read_text())
    assert set(record["categories"]) == {"forget", "retain", "retain_unseen"}
