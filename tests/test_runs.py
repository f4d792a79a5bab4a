"""`ls runs`: what, when, how far, how large, how to go on; and which run is meant where several fit."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tiny_world import folder_of
from typer.testing import CliRunner

from asru_bench import cli, runs, trainer
from asru_bench.types import AsruBenchError


def made(out: Path, row: str = "ga", seed: int = 0, name: str = "abc", when: int = 1_700_000_000, **files: Any) -> Path:
    """A run folder with some of its files, last changed at a time."""
    folder = out / "mllmu_bench" / "mini" / row / f"{name}-s{seed}"
    folder.mkdir(parents=True)
    known = {"spec": {"method": row, "seed": seed}, "local": {}} | files
    for kind, value in known.items():
        if value is not None:
            file = folder / f"{kind}.json"
            file.write_text(value if isinstance(value, str) else json.dumps(value))
            os.utime(file, (when, when))
    return folder


@pytest.mark.parametrize(
    ("files", "state", "go_on"),
    [
        ({"record": {"status": "ok"}}, "done", ""),
        ({"record": {"gates": [{"name": "knowledge", "passed": False}]}}, "done (gate knowledge failed)", ""),
        ({"record": {"status": "failed", "error": "NaN"}}, "failed: NaN", "typed"),
        ({}, "prepared", "typed"),
        ({"state": {"unlearn": {}}}, "stopped after unlearn", "typed"),
        ({"state": {"unlearn": {}, "generate": {}, "judge": {}}}, "stopped after judge", "typed"),
        ({"state": '{"unlearn": '}, "damaged: state.json cannot be read", "typed"),
        ({"spec": "{"}, "damaged: spec.json cannot be read", "typed"),
        ({"spec": None}, "damaged: spec.json cannot be read", "typed"),
        ({"record": "[]", "state": {"judge": {}}}, "damaged: record.json cannot be read", "typed"),
    ],
)
def test_how_far_a_run_is(tmp_path: Path, files: dict[str, Any], state: str, go_on: str) -> None:
    command = "asru-bench run --method ga"
    folder = made(tmp_path, local={"command": command}, **files)
    found = runs.look(folder)
    assert (found.state, found.go_on) == (state, command if go_on else "")
    assert found.what == "ga seed 0"
    assert found.size == sum(f.stat().st_size for f in folder.iterdir())


def test_training_that_was_stopped_or_failed(tmp_path: Path) -> None:
    folder = made(tmp_path)
    (folder / "work").mkdir()
    assert runs.look(folder).state == "in unlearn"
    lines = ['{"stage": "ga", "step": 1}', '{"stage": "ga", "step": 7}', '{"stage": "ga", "st']
    (folder / "work" / "curves.jsonl").write_text("\n".join(lines))
    assert runs.look(folder).state == "in unlearn, step 7"
    (folder / "failed.txt").write_text("NaN loss\nat step 3")
    assert runs.look(folder).state == "failed in unlearn: NaN loss at step 3"


def test_without_a_command_the_stages_that_are_left_are_named(tmp_path: Path) -> None:
    folder = made(tmp_path, state={"unlearn": {}, "generate": {}})
    assert runs.look(folder).go_on == f"asru-bench judge {folder} && asru-bench score {folder}"


def test_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, "ga", when=1_700_000_000, record={"status": "ok"})
    made(tmp_path, "npo", when=1_700_100_000, spec={"fast": True, "limit": 2, "control": "blind"},
         local={"command": "asru-bench run --method npo --fast --control blind --task mllmu_bench"})  # fmt: skip
    text = runs.text(tmp_path)
    assert text.startswith("mllmu_bench · mini\n  npo seed 0 control blind --fast: prepared; 2023-11-1")
    assert text.index("npo seed 0") < text.index("ga seed 0: done")
    assert text.endswith("MB in all")
    monkeypatch.setenv("COLUMNS", "60")
    said = CliRunner().invoke(cli.app, ["ls", "runs", str(tmp_path)]).output
    assert "--fast --control blind \\\n" in said
    assert "asru-bench run --method npo" in said
    with pytest.raises(AsruBenchError, match=r"no run below .*nowhere; `asru-bench run` makes one"):
        runs.text(tmp_path / "nowhere")


def test_the_newest_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    out = Path("runs")
    old, new = made(out, name="old", when=1), made(out, name="new", when=3)
    vanilla = made(out, "vanilla", name="v", when=9)
    both = f"{new} is the newest; another run fits (`asru-bench ls runs` lists all)."
    assert runs.newest([old]) == (old, "")
    assert runs.newest([old, new]) == (new, both)
    assert runs.newest([Path("runs/mllmu_bench/mini/ga/*")]) == (new, both)  # a pattern that no shell has matched
    assert runs.newest([Path("ga")]) == (new, both)
    assert runs.newest([Path("runs")]) == (new, both)  # a reference is not meant where there is another
    assert runs.newest([vanilla, vanilla / "record.json"]) == (vanilla, "")
    assert runs.newest([old / "record.json"]) == (old, "")
    for wrong in ("nothing", "runs/*/nothing", "runs/../.."):
        if wrong != "runs/../..":
            with pytest.raises(AsruBenchError, match=r"is no run folder and holds none; `asru-bench ls runs`"):
                runs.newest([Path(wrong)])


def test_a_row_that_failed_says_why_after_its_run(tiny_dir: Path, tmp_path: Path) -> None:
    folder = folder_of(tiny_dir, tmp_path)
    trainer.report(folder, "no loss at step 3")
    assert trainer._reason(folder, 1) == "no loss at step 3"
    assert runs.look(folder.path).state == "failed in unlearn: no loss at step 3"
