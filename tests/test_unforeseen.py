"""Errors that nobody foresaw are one sentence; closed, full and narrow streams are no errors at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from asru_bench import registry, unforeseen
from asru_bench.home import home
from asru_bench.types import AsruBenchError


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AsruBenchError("as it is."), "as it is."),
        (ValueError("one\ntwo"), "unexpected ValueError: one. What was finished is kept. The traceback is in "),
        (KeyError(), "unexpected KeyError. What was finished is kept."),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "x/y"), "cannot use x/y: No such file or"),
        (PermissionError(errno.EACCES, "Permission denied", "x/y"), "cannot use x/y: Permission denied. Expected"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "a/" + "b" * 300), f"the name {'b' * 40}… is too long"),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full. What was finished is kept. Free some"),
        (OSError(errno.EIO, "Input/output error"), "unexpected OSError: [Errno 5] Input/output error."),
        (RuntimeError("Could not determine home directory."), "this user has no home folder; set ASRU_BENCH_HOME"),
        (NotImplementedError("A has no closed world"), "A has no closed world: the file lacks it. `asru-bench new"),
        (MemoryError(), "this machine's memory ran out."),
        (RecursionError("maximum recursion depth exceeded"), "unexpected RecursionError: maximum recursion depth"),
    ],
)
def test_each_error_is_one_sentence(error: Exception, words: str) -> None:
    said = unforeseen.sentence(error)
    assert said.startswith(words)
    assert "\n" not in said


def test_the_log_holds_the_traceback(tmp_path: Path) -> None:
    try:
        raise ValueError("x")
    except ValueError as error:
        said = unforeseen.sentence(error)
    (log,) = tmp_path.glob("asru-bench-*.log")
    assert str(log) in said
    assert "Traceback" in log.read_text()


def test_no_place_for_the_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    assert "--debug prints the traceback; please report it." in unforeseen.sentence(ValueError("x"))


def test_a_plug_in_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        '"""Mine."""\nfrom asru_bench.task import Task\nclass A(Task):\n    def world(self):\n        return {}["k"]\n'
    )
    made = registry.TASKS.get(str(file))()
    with pytest.raises(KeyError) as caught:
        made.world()
    said = unforeseen.sentence(caught.value)
    assert said.startswith(f"task 'mine' failed in {file}, line 5: KeyError: 'k'. What was finished is kept.")


def test_the_folder_of_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", none)
    monkeypatch.setenv("ASRU_BENCH_HOME", "/x")
    assert home() == Path("/x")
    monkeypatch.delenv("ASRU_BENCH_HOME")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/y")
    assert home() == Path("/y/asru-bench")
    monkeypatch.delenv("XDG_CACHE_HOME")
    with pytest.raises(RuntimeError):
        home()


COMMAND = f"{sys.executable} -m asru_bench ls methods"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (f"{COMMAND} | head -1", 0),
        (f"{COMMAND} >&-", 0),
        (f"{COMMAND} >&- 2>&-", 0),
        (f"{COMMAND} <&-", 0),
        (f"{COMMAND} <&- >&- 2>&-", 0),
        (f"PYTHONIOENCODING=ascii {sys.executable} -m asru_bench plan --method ∞", 1),
        (f"LC_ALL=C {sys.executable} -m asru_bench plan --method ∞é", 1),
        (f"env -u TERM -u HOME -u LANG {COMMAND}", 0),
        (f"{sys.executable} -m asru_bench plan --method $'\\xff'", 1),
        (f"{COMMAND} > /dev/full", 1),
        (f"ASRU_BENCH_HOME=/proc/none {sys.executable} -m asru_bench cache ls", 1),
        (f"ASRU_BENCH_HOME=~nobody-here {sys.executable} -m asru_bench cache ls", 1),
    ],
)
def test_streams_and_surroundings(line: str, code: int, tmp_path: Path) -> None:
    environment = {**os.environ, "ASRU_BENCH_HOME": str(tmp_path / "home")}
    done = subprocess.run(["bash", "-c", line], env=environment, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert done.returncode == code, done.stderr
    assert done.stderr.count("\n") == (1 if code else 0), done.stderr
