"""Runs at once in one home: they share trainings, wait for each other with one line, and go on if the other is gone."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from inline import Inline
from test_locks import holding
from tiny_world import PLUGINS, TASK, keyed, place, spec

from asru_bench import locks, plan, stages, store, trainer
from asru_bench.folder import RunFolder
from asru_bench.plan import Place
from asru_bench.record import read_record
from asru_bench.run import MissingCells, _drop_checkpoint, run
from asru_bench.trainer import Limit, Trainer
from asru_bench.types import AsruBenchError, RunSpec

PROBE = str(PLUGINS / "probe.py")
PRESENT = """
import sys
from asru_bench import locks
with locks.present("run", trainings=sys.argv[1:]):
    print(1, flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(keyed(tmp_path / "home")))


@pytest.fixture
def probe(tiny_dir: Path) -> RunSpec:
    return spec(tiny_dir, method=PROBE)


def row_of(wanted: RunSpec, where: Place) -> RunFolder:
    return RunFolder.create(plan.make([wanted], where).rows[0])


def looping(folder: RunFolder) -> subprocess.Popen[bytes]:
    """A child that trains without end, for 100 s already."""
    child = subprocess.Popen(["sleep", "60"])
    locks._note(locks.of_folder(folder.path), locks.Holder(child.pid, "", "unlearn", time.time() - 100))
    return child


# Equal trainings.


def test_what_another_run_trains_meanwhile_is_taken_over(probe: RunSpec, tmp_path: Path) -> None:
    one, two, three = (row_of(probe, place(tmp_path, out=str(tmp_path / name))) for name in ("one", "two", "three"))
    began = time.time()
    first = stages.unlearn(one)
    assert not stages.needs_training_since(two, began)
    assert stages.needs_training_since(two, math.inf)
    second = stages.unlearn(two, began)
    assert second.fingerprint == first.fingerprint
    assert Path(second.path).parent == two.path
    assert (two.path / "curves.jsonl").read_bytes() == (one.path / "curves.jsonl").read_bytes()
    assert two.cost == one.cost
    weights = [Path(made.path) / "model.safetensors" for made in (first, second)]
    assert weights[0].stat().st_ino == weights[1].stat().st_ino  # no second copy on the disk
    assert stages.needs_training_since(three, time.time() + 1)  # made before that run began: trained anew


def test_other_inputs_are_not_taken_over(probe: RunSpec, tmp_path: Path) -> None:
    one = row_of(probe, place(tmp_path, out=str(tmp_path / "one")))
    stages.unlearn(one)
    other = row_of(replace(probe, method_config={"size": 0.25}), place(tmp_path, out=str(tmp_path / "two")))
    note = locks.holder(stages.training_locks(one)[0])
    assert note.facts["made"] == str(one.path / "checkpoint")
    assert stages.needs_training_since(other, 0.0)
    assert stages.sharing.made(other.training_key, note, 0.0) is None


def test_a_checkpoint_that_another_run_needs_is_not_dropped(probe: RunSpec, tmp_path: Path) -> None:
    folder = row_of(probe, place(tmp_path))
    (folder.path / "checkpoint").mkdir()
    words = [sys.executable, "-c", PRESENT, folder.training_key]
    other = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    other.stdout.readline()
    _drop_checkpoint(folder)
    assert (folder.path / "checkpoint").is_dir()
    other.kill()
    other.wait()
    _drop_checkpoint(folder)
    assert not (folder.path / "checkpoint").exists()


class Made:
    """A child that is done at once."""

    code = 0

    def poll(self) -> int:
        return self.code

    def wait(self, timeout: float | None = None) -> int:
        return self.code

    def terminate(self) -> None: ...


@pytest.mark.parametrize("end", ["gives up", "killed", "done"])
def test_a_run_waits_for_the_same_training_and_goes_on(
    end: str, probe: RunSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, said, started = row_of(probe, place(tmp_path)), [], []
    monkeypatch.setattr(trainer, "start", lambda folder: started.append(folder) or Made())
    other = holding(60 if end == "killed" else 2.0, *stages.training_locks(folder))
    if end == "done":
        monkeypatch.setattr(stages, "needs_training_since", lambda folder, since: False)

    def say(text: str) -> None:
        said.append(text)
        if end == "killed":
            other.send_signal(signal.SIGKILL)

    work = Trainer([folder], say=say)
    work.poll()
    assert not started
    work.wait(folder)
    assert len(said) == 1
    assert said[0].startswith(f"unlearn probe: waiting for process {other.pid} (unlearn ga seed 0)")
    assert started == ([] if end == "done" else [folder])
    other.wait()


def test_a_training_elsewhere_does_not_hold_up_the_others(
    probe: RunSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, free = row_of(probe, place(tmp_path)), row_of(replace(probe, seed=1), place(tmp_path))
    started: list[RunFolder] = []
    monkeypatch.setattr(trainer, "start", lambda folder: started.append(folder) or Made())
    other = holding(60, *stages.training_locks(held))
    work = Trainer([held, free], ahead=True)
    work.poll()
    assert started == [free]
    other.kill()
    other.wait()
    work.wait(held)
    assert started == [free, held]


# Trainings that do not end.


def test_a_looping_method_is_a_failed_row_and_the_next_is_made(
    probe: RunSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    children: list[Any] = []

    def start(folder: RunFolder) -> Any:
        children.append(looping(folder) if folder.spec.method_config.get("wait_for") else Inline(folder))
        return children[-1]

    monkeypatch.setattr(trainer, "start", start)
    endless = replace(probe, method_config={"wait_for": "/nowhere"})
    with pytest.raises(MissingCells, match="1 of 2 runs failed: probe seed 0") as caught:
        run([endless, probe], place(tmp_path, max_seconds=50.0))
    assert [record.status for record in caught.value.records] == ["ok"]
    assert children[0].returncode == -signal.SIGTERM


@pytest.mark.parametrize("ignores", [False, True])
def test_a_child_whose_time_is_over_is_ended_also_where_it_does_not_listen(
    ignores: bool, probe: RunSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = row_of(probe, place(tmp_path))
    code = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint(1, flush=True)\ntime.sleep(60)"
    child: Any = looping(folder)
    if ignores:
        child.kill()
        child.wait()
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        child.stdout.readline()
        locks._note(locks.of_folder(folder.path), locks.Holder(child.pid, "", "unlearn", time.time() - 100))
    monkeypatch.setattr(trainer, "start", lambda folder: child)
    work = Trainer([folder], limits={folder.path: Limit(99.0)})
    with pytest.raises(AsruBenchError, match=r"unlearning probe was stopped after 99 s \(--max-seconds\).*0 no limit"):
        work.wait(folder)
    assert child.poll() is not None


def test_waiting_for_another_run_is_not_training(probe: RunSpec, tmp_path: Path) -> None:
    folder = row_of(probe, place(tmp_path))
    child: Any = Made()
    assert not trainer.overdue(folder, child, Limit(1.0))
    locks._note(locks.of_folder(folder.path), locks.Holder(os.getpid(), "", "unlearn", time.time() - 100))
    child.pid = os.getpid() + 1
    assert not trainer.overdue(folder, child, Limit(1.0))
    child.pid = os.getpid()
    assert trainer.overdue(folder, child, Limit(1.0))
    assert not trainer.overdue(folder, child, Limit(1000.0))


def test_runs_do_not_read_each_other_s_errors(probe: RunSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = row_of(probe, place(tmp_path))
    monkeypatch.setenv(trainer.CHILD, "17")
    trainer.report(folder, "of another run")
    monkeypatch.delenv(trainer.CHILD)
    assert "exit code 1" in trainer._reason(folder, 1)
    trainer.report(folder, "of this one")
    assert trainer._reason(folder, 1) == "of this one"


# Real processes.


def results(out: Path) -> dict[str, Any]:
    found = {}
    for file in out.rglob("record.json"):
        record = {k: v for k, v in json.loads(file.read_text()).items() if k not in ("costs", "provenance")}
        tables = [(file.parent / name).read_bytes() for name in ("generations.parquet", "verdicts.parquet")]
        found[str(file.parent.relative_to(out))] = (record, tables)
    return found


def test_a_killed_run_and_one_beside_it_end_as_one_left_alone(tiny_dir: Path, tmp_path: Path) -> None:
    """SIGKILL to all processes while one trains; then the same twice at once: one of them waits for the other."""
    data, here = place(tmp_path).data, tmp_path / "runs"
    words = [sys.executable, "-m", "asru_bench", "run", "--method", "npo", "--task", TASK, "--model", str(tiny_dir)]
    words += ["--judge", "value", "--force", "--data", data, "-m", "steps=3", "-m", "lr=1e-3", "-m", "batch_size=2"]

    def start(home: str = "home", out: Path = here) -> subprocess.Popen[str]:
        environment = os.environ | {"ASRU_BENCH_HOME": str(keyed(tmp_path / home))}
        streams: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen([*words, "--out", str(out)], env=environment, start_new_session=True, **streams)

    def at_work() -> bool:
        notes = [locks.holder(file.with_suffix("")) for file in here.glob("*/*/npo/*/.lock.json")]
        return any(note.what.startswith("unlearn") for note in notes)

    alone = start("other home", tmp_path / "alone")
    first, end = start(), time.monotonic() + 120
    while not at_work():
        assert time.monotonic() < end
        time.sleep(0.02)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    runs = [start(), start(), alone]
    said = [process.communicate(timeout=240)[1] for process in runs]
    assert [process.returncode for process in runs] == [0, 0, 0], said
    assert "waiting for process" in "".join(said[:2])
    assert results(here) == results(tmp_path / "alone")
    assert {read_record(file).row for file in here.rglob("record.json")} == {"npo", "vanilla", "base"}


def test_runs_at_once_share_answers(probe: RunSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second run, into another folder, finds every answer of the references in the store."""
    vanilla = replace(probe, method="vanilla", method_config={})
    run(vanilla, place(tmp_path))
    with store.Store() as cache:
        before = cache.counts()["generations"]
    monkeypatch.setattr("asru_bench.engines.HFEngine._decode", lambda *_: pytest.fail("asked again"))
    run(vanilla, place(tmp_path, out=str(tmp_path / "other")))
    with store.Store() as cache:
        assert cache.counts()["generations"] == before


def test_equal_adapters_have_equal_fingerprints(tmp_path: Path) -> None:
    """peft writes the names of modules as a set, whose order differs between processes."""
    from asru_bench import models

    file = tmp_path / "adapter_config.json"
    written = set()
    for names in (["q", "k", "v"], ["v", "q", "k"], ["k", "v", "q"]):
        file.write_text(json.dumps({"target_modules": names, "r": 16, "modules_to_save": None}))
        models._order(file)
        written.add(file.read_text())
    file.write_text(json.dumps({"target_modules": "all-linear"}))
    models._order(file)
    assert json.loads(file.read_text()) == {"target_modules": "all-linear"}
    assert [json.loads(text)["target_modules"] for text in written] == [["k", "q", "v"]]


def test_a_limit_ends_with_the_training_that_it_is_for(
    probe: RunSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that goes on after its training is not ended later for how long ago that began."""
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    folder = row_of(probe, place(tmp_path))
    long_ago = locks.Holder(os.getpid(), "", "unlearn", time.time() - 100)
    locks._note(locks.of_folder(folder.path), long_ago)
    with trainer.ended_after(folder, Limit(50)):
        pass
    time.sleep(1.3)
    assert ended == []
    with trainer.ended_after(folder, Limit(50)):
        time.sleep(1.3)
    assert ended[:1] == [1]
