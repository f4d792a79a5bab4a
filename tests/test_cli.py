"""The commands: fast to start, one line for an error, exit codes, and the words that specs are made of."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from tiny_world import PLUGINS, TASK, write_data
from typer.testing import CliRunner, Result

import asru_bench
from asru_bench import cli
from asru_bench.cli_options import RunOptions
from asru_bench.store import Store
from asru_bench.types import AsruBenchError


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ASRU_BENCH_DEBUG", raising=False)
    return tmp_path / "home"


def call(*words: str) -> Result:
    return CliRunner().invoke(cli.app, list(words))


def shell(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "asru_bench", *words], capture_output=True, text=True)


@pytest.mark.parametrize(
    "words",
    [("--help",), ("run", "--help"), ("memorise", "--help"), ("doctor", "--help"), ("ls", "methods"), ("ls", "models")],
)
def test_help_and_lists_import_nothing_heavy(words: tuple[str, ...]) -> None:
    code = (
        "import sys\nfrom asru_bench import cli\n"
        f"sys.argv = ['asru-bench', *{words!r}]\n"
        "try:\n    cli.main()\nexcept SystemExit as e:\n    assert not e.code, e.code\n"
        "heavy = {'torch', 'transformers', 'pandas', 'pyarrow', 'numpy', 'scipy', 'rich', 'PIL'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("words", [("--help",), ("ls", "methods")])
def test_help_and_lists_are_fast(words: tuple[str, ...]) -> None:
    """0.3 s of processor time (wall time depends on what else runs); the best of three."""
    times = []
    for _ in range(3):
        before = time.process_time()
        children = _children_time()
        shell(*words)
        times.append(_children_time() - children + time.process_time() - before)
    assert min(times) < 0.3


def _children_time() -> float:
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_lists() -> None:
    methods = call("ls", "methods").output
    assert "asru" in methods
    assert "arXiv:2605.15687" in methods
    assert "choice" in call("ls", "judges").output
    assert "mllmu_bench" in call("ls", "tasks").output
    assert "mini" in call("ls", "models").output


def test_words_make_specs() -> None:
    options = RunOptions(
        method="ga,asru@release", seeds="0,2", m=["lr=1e-4"], t=["shots=1"], split="forget_5", judge="value", fast=True
    )
    specs, place, texts = options.parse()
    assert [(s.method, s.seed) for s in specs] == [("ga", 0), ("asru@release", 0), ("ga", 2), ("asru@release", 2)]
    assert {(s.judges, s.fast, s.limit) for s in specs} == {(("value",), True, None)}
    assert (texts.method, texts.task, texts.judge) == (("lr=1e-4",), ("split=forget_5", "shots=1"), ())
    assert (place.out, place.device, place.keep_checkpoints) == ("runs", "auto", True)
    with pytest.raises(AsruBenchError, match="--seeds 'a' is not a list"):
        RunOptions(seeds="a").parse()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--method", "asr"), "error: unknown method 'asr'; did you mean 'asru'"),
        (("--method", "nothing.py"), "nothing.py does not exist"),
        (("--task", "mllmu_bensh"), "did you mean 'mllmu_bench'"),
        (("--judge", "rogue"), "did you mean 'rouge'"),
        (("--model", "minni"), "did you mean 'mini'"),
        (("--split", "forget_7"), "forget_7"),
        (("-m", "lerning=1"), "method 'asru' has no setting 'lerning'"),
        (("-m", "scale"), "not key=value"),
        (("--seeds", "one"), "not a list of whole numbers"),
        (("--train", "half"), "--train"),
        (("--dtype", "float8"), "float8"),
        (("--device", "cuda:99"), "cuda:99"),
        (("--engine", "vlm"), "unknown engine 'vlm'"),
        (("--engine", "openai"), "add --engine-url, for example http://localhost:8000/v1"),
        (("--engine-url", "http://localhost:8000/v1"), "add --engine openai"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_1(words: tuple[str, ...], message: str, tmp_path: Path) -> None:
    result = call("plan", *words, "--out", str(tmp_path / "runs"))
    said = result.output
    assert result.exit_code == 1, said
    assert message in said
    assert "Traceback" not in said
    assert said.count("error:") == 1


def test_unknown_options_are_usage_errors() -> None:
    assert call("run", "--methud", "ga").exit_code == 2
    assert call("ls", "things").exit_code == 2


def test_debugging_shows_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASRU_BENCH_DEBUG", "1")
    result = call("plan", "--method", "asr", "--out", str(tmp_path))
    assert isinstance(result.exception, AsruBenchError)


def test_stopping_has_its_own_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("asru_bench.plan.make", stop)
    result = call("plan")
    assert result.exit_code == 130
    assert "goes on from here" in result.output


def test_a_stage_needs_a_run_folder(tmp_path: Path) -> None:
    for stage in ("unlearn", "generate", "judge", "score"):
        result = call(stage, str(tmp_path))
        assert result.exit_code == 1
        assert "is no run folder" in result.output


def test_caches_are_listed_and_emptied(tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Store() as cache:
        cache.put("scores", {"a": 1.0})
    (own_home / "universes").mkdir()
    (own_home / "universes" / "x").write_bytes(b"0" * 2_000_000)
    listed = call("cache", "ls").output
    assert "scores       1" in listed
    assert "universes/   2.0 MB" in listed
    checkpoint = tmp_path / "runs" / "t" / "m" / "r" / "h-s0" / "checkpoint"
    checkpoint.mkdir(parents=True)
    (checkpoint / "model.safetensors").write_bytes(b"0" * 1000)
    assert call("cache", "clean", "--checkpoints").exit_code == 0
    assert checkpoint.exists()  # its run has no record yet
    (checkpoint.parent / "record.json").write_text("{}")
    assert "MB freed" in call("cache", "clean", "--checkpoints").output
    assert not checkpoint.exists()
    assert not (own_home / "universes").exists()
    with Store() as cache:
        assert cache.counts()["scores"] == 0


def test_no_permission_is_one_line(tmp_path: Path, tiny_dir: Path) -> None:
    (tmp_path / "file").write_text("")
    words = ["run", "--method", "vanilla", "--task", TASK, "--judge", "value", "--model", str(tiny_dir)]
    words += ["--data", str(write_data(tmp_path / "data")), "--out", str(tmp_path / "file" / "runs")]
    result = call(*words)
    assert result.exit_code == 1
    assert "cannot write" in result.output


def test_a_run_from_words_to_leaderboard(tmp_path: Path, tiny_dir: Path) -> None:
    """Stages one by one, then `run`, which has nothing left to do, then the tables."""
    out = tmp_path / "runs"
    words = ["--method", "vanilla", "--task", TASK, "--judge", "value,cloze,choice", "--model", str(tiny_dir)]
    words += ["--data", str(write_data(tmp_path / "data")), "--out", str(out), "--limit", "2"]
    planned = call("plan", *words)
    assert planned.exit_code == 0, planned.output
    assert "vanilla seed 0" in planned.output
    assert "to do" in planned.output
    assert not out.exists()
    assert call("plan", *words, "--prepare").exit_code == 0
    (folder,) = (out / "tiny_task" / "model" / "vanilla").iterdir()
    assert call("unlearn", str(folder)).output.strip() == str(tiny_dir)
    done = call("run", *words)
    assert done.exit_code == 0, done.output
    assert f"asru-bench leaderboard {out}" in done.output
    (folder,) = (out / "tiny_task" / "model" / "vanilla").iterdir()
    assert str(folder) in done.output.replace("\n", "")
    before = (folder / "record.json").read_bytes()
    for stage, name in (("generate", "generations.parquet"), ("judge", "verdicts.parquet"), ("score", "record.json")):
        again = call(stage, str(folder))
        assert again.exit_code == 0, again.output
        assert again.output.strip().endswith(name)
    assert (folder / "record.json").read_bytes() == before
    assert "to do" not in call("plan", *words).output
    shown = call("show", str(folder), "--reveal")
    assert shown.exit_code == 0, shown.output
    board = call("leaderboard", str(out))
    assert board.exit_code == 0, board.output
    assert "vanilla" in board.output


def test_a_method_in_a_file_outside(tmp_path: Path, tiny_dir: Path) -> None:
    """Trains in a child process that finds the file again; the second row fails and the exit code says so."""
    words = ["run", "--method", str(PLUGINS / "probe.py"), "--task", TASK, "--judge", "value,cloze,choice"]
    words += ["--model", str(tiny_dir), "--data", str(write_data(tmp_path / "data")), "--out", str(tmp_path / "runs")]
    done = call(*words, "--force")
    assert done.exit_code == 0, done.output
    assert len(list((tmp_path / "runs").rglob("probe/*/record.json"))) == 1
    failed = call(*words, "--force", "-m", "fail=user")
    assert failed.exit_code == 1
    assert "error: NaN loss at step 3" in failed.output
    assert len(list((tmp_path / "runs").rglob("probe/*/record.json"))) == 1


def test_public_names_are_there() -> None:
    for name in asru_bench.__all__:
        assert getattr(asru_bench, name) is not None
    assert set(asru_bench.HOMES) == set(asru_bench.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        asru_bench.nothing  # noqa: B018


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--method", ""), "--method '' is empty; give one or several, separated by commas, for example asru"),
        (("--method", " , "), "--method ' , ' is empty"),
        (("--seeds", ""), "--seeds '' is empty; give one or several, separated by commas, for example 0,1,2"),
        (("--seeds", ","), "--seeds ',' is empty"),
        (("--seeds", "0,x"), "--seeds '0,x' is not a list of whole numbers"),
        (("--judge", ","), "--judge ',' is empty"),
        (("--method", "ga", "-m", "steps=0"), "setting steps=0 of method 'ga' is out of range; expected 1 to"),
        (("--method", "ga", "-m", "steps=-5"), "setting steps=-5 of method 'ga' is out of range"),
    ],
)
def test_empty_and_senseless_settings_are_one_line(words: tuple[str, ...], message: str) -> None:
    done = call("run", *words)
    assert done.exit_code == 1
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_unforeseen_error_is_one_line_and_a_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(*_: object) -> None:
        raise ValueError("two\nlines")

    monkeypatch.setattr(RunOptions, "parse", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    done = call("run")
    assert done.exit_code == 1
    assert done.stderr.startswith("error: unexpected ValueError: two. What was finished is kept.")
    (log,) = tmp_path.glob("asru-bench-*.log")
    assert str(log) in done.stderr
    assert "Traceback" in log.read_text()
    monkeypatch.setenv("ASRU_BENCH_DEBUG", "1")
    assert isinstance(call("run").exception, ValueError)


@pytest.mark.parametrize("home", ["a file", "inside a file"])
def test_a_home_that_is_no_folder_is_one_line(home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "file" / ("sub" if home == "inside a file" else "")))
    for words in (("run", "--method", "ga", "--out", str(tmp_path / "out")), ("cache", "ls")):
        done = call(*words)
        assert done.exit_code == 1
        assert done.stderr.startswith("error: cannot ")
        assert str(tmp_path / "file") in done.stderr
        assert done.stderr.count("\n") == 1


def test_version_and_debug_anywhere() -> None:
    assert call("--version").stdout.startswith("asru-bench 0.1.0")
    done = shell("run", "--method", "nothing", "--debug")
    assert "Traceback" in done.stderr
    assert "unknown method 'nothing'" in done.stderr
