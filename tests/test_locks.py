"""Locks between processes: one at a time, one line for those who wait, free when the holder is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from asru_bench import locks
from asru_bench.types import AsruBenchError

HOLDER = """
import sys, time
from pathlib import Path
from asru_bench import locks
paths = [Path(p) for p in sys.argv[2:]]
with locks.present("run", trainings=["k"]), locks.held(paths, "unlearn ga seed 0") as lock:
    print("mine", flush=True)
    time.sleep(float(sys.argv[1]))
    lock.leave(made="/there")
"""


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def holding(seconds: float, *paths: Path) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-c", HOLDER, str(seconds), *map(str, paths)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"mine\n"
    return process


def test_the_second_waits_says_for_whom_and_reads_what_was_left(tmp_path: Path) -> None:
    path, said = tmp_path / "folder" / ".lock", []
    holder = holding(1.0, path)
    with locks.held([path], "unlearn npo seed 1", said.append) as lock:
        assert holder.poll() is not None or holder.wait(5) == 0
        assert lock.before.facts == {"made": "/there"}
    (line,) = said
    assert line.startswith(f"unlearn npo seed 1: waiting for process {holder.pid} (unlearn ga seed 0)")
    assert "\n" not in line


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_lock_of_a_process_that_is_gone_is_free(how: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    holder = holding(60, path)
    assert locks.busy([path]) == locks.holder(path)
    assert locks.holder(path).pid == holder.pid
    holder.send_signal(how)
    holder.wait()
    assert locks.busy([path]) is None
    started = time.monotonic()
    with locks.held([path], "again", pytest.fail):
        assert time.monotonic() - started < 2


def test_other_work_does_not_wait(tmp_path: Path) -> None:
    holder = holding(60, tmp_path / "one", locks.of_work("unlearn", "a" * 64))
    with locks.held([locks.of_work("unlearn", "b" * 64), tmp_path / "two"], "other", pytest.fail):
        assert locks.busy([locks.of_work("unlearn", "a" * 64)]) is not None
        assert locks.busy([locks.of_work("generate", "a" * 64)]) is None
    holder.kill()
    holder.wait()


def test_a_lock_can_be_taken_again_and_a_damaged_note_is_nobody(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    for text in ("", "{", "[1]", '{"pid": 1, "unknown": 2}', '{"pid": 12, "host": ""}'):
        with locks.held([path], "me"):
            assert locks.holder(path).pid == os.getpid()
        (tmp_path / ".lock.json").write_text(text)
    assert locks.holder(path).words == "process 12 ()"
    (tmp_path / ".lock.json").unlink()
    assert locks.holder(path).words == "another process"


def test_a_lock_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AsruBenchError, match="cannot write"), locks.held([tmp_path / "file" / "x"], "me"):
        pass


def test_runs_at_work_are_seen_and_killed_ones_are_forgotten(own_home: Path) -> None:
    assert locks.others() == []
    with locks.present("run"), locks.present("memorise"):
        assert locks.others() == []
    holder = holding(60)
    (other,) = locks.others()
    assert (other.pid, other.facts) == (holder.pid, {"trainings": ["k"]})
    with pytest.raises(AsruBenchError, match=rf"process {holder.pid} \(run\) is at work in .*home"), locks.alone():
        pass
    holder.kill()
    holder.wait()
    with locks.alone():
        assert locks.others() == []
    assert not list((own_home / locks.FOLDER / "runs").iterdir())


def test_a_run_waits_while_the_home_is_cleaned(own_home: Path) -> None:
    with locks.alone():
        process = subprocess.Popen([sys.executable, "-c", HOLDER, "0"], stdout=subprocess.PIPE)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1.5)
    assert process.wait(20) == 0
