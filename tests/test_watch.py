"""What a method opens while it trains: the evaluation data and other runs are noted, its own things are not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from asru_bench import watch
from asru_bench.watch import Watch


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A home, data, a run folder with work inside, a model among the results, a method beside the data."""
    for name in ("data/forget_10", "runs/task/one/work", "runs/task/two/checkpoint", "home", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "data/forget_10/a.parquet").write_bytes(b"PAR1")
    (tmp_path / "data/my_method.py").write_text("x = 1\n")
    (tmp_path / "data/people.csv").write_text("person\n")
    (tmp_path / "runs/task/one/spec.json").write_text("{}")
    (tmp_path / "runs/task/two/generations.parquet").write_bytes(b"PAR1")
    (tmp_path / "runs/task/two/checkpoint/model.safetensors").write_bytes(b"0")
    (tmp_path / "link").symlink_to(tmp_path / "data")
    return tmp_path


def watcher(world: Path, found: list[str]) -> Watch:
    closed = {
        str(world / "data"): "the data",
        str(world / "runs/task"): "results of the task",
        str(world / "runs/task/one"): "the run folder",
        str(world / "home/cache.sqlite3"): "answers",
    }
    free = [str(world / name) for name in ("runs/task/one/work", "runs/task/two/checkpoint", "data/my_method.py")]
    return Watch(closed, free, str(world / "data/my_method.py"), found.append)


@pytest.mark.parametrize(
    ("event", "paths", "finding"),
    [
        ("open", ["data/people.csv"], "the data (*.csv)"),
        ("open", ["data/forget_10/a.parquet"], "the data (*.parquet)"),
        ("open", ["link/people.csv"], "the data (*.csv)"),
        ("open", ["elsewhere/../data/people.csv"], "the data (*.csv)"),
        ("open", ["runs/task/one/spec.json"], "the run folder: spec.json"),
        ("open", ["runs/task/two/generations.parquet"], "results of the task: two/generations.parquet"),
        ("open", ["home/cache.sqlite3"], "answers"),
        ("sqlite3.connect", ["home/cache.sqlite3"], "answers"),
        ("os.listdir", ["data"], "the data"),
        ("os.scandir", ["runs/task"], "results of the task"),
        ("os.chdir", ["data"], "the data"),
        ("os.link", ["data/people.csv", "elsewhere/x"], "the data (*.csv)"),
        ("os.rename", ["elsewhere/x", "runs/task/one/spec.json"], "the run folder: spec.json"),
        ("shutil.copyfile", ["data/people.csv", "elsewhere/x"], "the data (*.csv)"),
        ("open", ["elsewhere/x"], ""),
        ("open", ["home/else"], ""),
        ("open", ["database.csv"], ""),
        ("open", ["runs/task/one/work/snapshots/stage-1.pt"], ""),
        ("open", ["runs/task/two/checkpoint/model.safetensors"], ""),
        ("open", ["data/my_method.py"], ""),
        ("os.listdir", ["runs"], ""),
        ("os.getcwd", ["data"], ""),
    ],
)
def test_places(world: Path, event: str, paths: list[str], finding: str) -> None:
    found: list[str] = []
    watcher(world, found)(event, tuple(str(world / path) for path in paths))
    assert found == ([finding] if finding else [])


@pytest.mark.parametrize("form", [str, os.fsencode, Path, lambda path: f"file:{path}?mode=ro"])
def test_paths_in_any_form(world: Path, form: Callable[[str], Any]) -> None:
    found: list[str] = []
    watcher(world, found)("open", (form(str(world / "data/people.csv")), "r", 0))
    assert found == ["the data (*.csv)"]


@pytest.mark.parametrize("odd", [3, None, "", "\0", b"\xff\xfe", "x" * 5000, object()])
def test_what_is_no_path_is_nothing(world: Path, odd: Any) -> None:
    found: list[str] = []
    watcher(world, found)("open", (odd, "r", 0))
    assert found == []


def test_relative_paths_and_repetitions(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[str] = []
    hook = watcher(world, found)
    monkeypatch.chdir(world / "data")
    for _ in range(3):
        hook("open", ("people.csv", "r", 0))
    assert found == ["the data (*.csv)"]
    for n in range(2 * watch.MOST):
        hook("open", (f"x.{n}", "r", 0))
    assert len(found) == watch.MOST


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("asru_bench.tasks.mllmu_bench", True),
        ("asru_bench.mini.people", True),
        ("asru_bench.losses", False),
        ("asru_bench.methods.ga", False),
        ("mini.people", False),
    ],
)
def test_modules_that_know_answers(world: Path, name: str, seen: bool) -> None:
    found: list[str] = []
    watcher(world, found)("import", (name, None, None, None, None))
    assert found == ([f"the module {name}"] if seen else [])


def test_programs_count_where_the_method_starts_them(world: Path) -> None:
    """The code of a file decides: a library that runs a program of its own is no finding."""
    found: list[str] = []
    hook = watcher(world, found)
    source = "def act(hook, event, words):\n    hook(event, words)\n"
    for file in (world / "data/my_method.py", world / "elsewhere/library.py"):
        scope: dict[str, Any] = {}
        exec(compile(source, str(file), "exec"), scope)
        scope["act"](hook, "subprocess.Popen", (["/bin/cat", "x"], None, None, None))
        scope["act"](hook, "ctypes.dlopen", (None,))
    assert found == ["the program cat", "the library None"]


HOSTILE = """
import json, os, pathlib, sqlite3, subprocess, sys
root, way = pathlib.Path(sys.argv[1]), sys.argv[2]
def act():
    if way == "open": open(root / "data/people.csv").read()
    if way == "os.open": os.open(root / "data/people.csv", os.O_RDONLY)
    if way == "path": (root / "runs/task/one/spec.json").read_text()
    if way == "glob": list((root / "data").rglob("*"))
    if way == "walk": list(os.walk(root / "data"))
    if way == "sqlite": sqlite3.connect(root / "home/cache.sqlite3")
    if way == "program": subprocess.run(["true"])
    if way == "fork":
        if os.fork() == 0:
            open(root / "data/people.csv").read()
            os._exit(0)
        os.wait()
    if way == "table":
        import pyarrow.parquet as pq
        try: pq.read_table(root / "data/forget_10/a.parquet")
        except Exception: pass
    if way == "thread":
        import threading
        t = threading.Thread(target=lambda: open(root / "data/people.csv").read()); t.start(); t.join()
    if way == "own":
        import torch, PIL.Image, tempfile
        (root / "runs/task/one/work/x").write_text("x")
        open(root / "data/my_method.py").read()
        tempfile.NamedTemporaryFile()
        list(pathlib.Path(root / "runs/task/two/checkpoint").glob("*"))
"""


@pytest.mark.parametrize(
    ("way", "finding"),
    [
        ("open", "the data (*.csv)"),
        ("os.open", "the data (*.csv)"),
        ("path", "the run folder: spec.json"),
        ("glob", "the data"),
        ("walk", "the data"),
        ("sqlite", "answers"),
        ("program", "the program true"),
        ("fork", "the data (*.csv)"),
        ("table", "the data (*.parquet)"),
        ("thread", "the data (*.csv)"),
        ("own", ""),
    ],
)
def test_a_real_process_is_watched(world: Path, way: str, finding: str) -> None:
    method = world / "data/my_method.py"
    method.write_text(HOSTILE)
    start = f"""
import sys
sys.path.insert(0, {str(Path.cwd())!r})
from pathlib import Path
from asru_bench import watch
root = Path({str(world)!r})
sys.argv = ["x", str(root), {way!r}]
scope = {{}}
exec(compile(open(root / "data/my_method.py").read(), str(root / "data/my_method.py"), "exec"), scope)
closed = {{str(root / "data"): "the data", str(root / "runs/task/one"): "the run folder",
           str(root / "home/cache.sqlite3"): "answers"}}
free = [str(root / n) for n in ("runs/task/one/work", "runs/task/two/checkpoint", "data/my_method.py")]
watch.start(root / "runs/task/one/work", 0, closed, free, str(root / "data/my_method.py"))
scope["act"]()
"""
    subprocess.run([sys.executable, "-c", start], check=True)
    found = watch.read(world / "runs/task/one/work")
    assert (found[:1] or [""]) == [finding]


def test_a_list_that_is_gone_is_itself_a_finding(tmp_path: Path) -> None:
    assert watch.read(tmp_path) == ["the list of what it opened, which is not there any more"]
    (tmp_path / "opened-0.jsonl").write_text(json.dumps(watch.STARTED) + "\n")
    assert watch.read(tmp_path) == []
    (tmp_path / "opened-1.jsonl").write_text(json.dumps("the data") + "\n{half")
    assert watch.read(tmp_path) == ["the data"]
