"""A run from unlearning to its record, resumed, repeated, failing; on the tiny model with real judges."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from inline import Inline
from tiny_world import PLUGINS, TASK, keyed, place, spec

from asru_bench import plan, recording, stages, store, trainer
from asru_bench import run as running
from asru_bench.engines import HFEngine
from asru_bench.folder import RunFolder
from asru_bench.headline import bars
from asru_bench.plan import Place
from asru_bench.record import RunRecord, read_record
from asru_bench.run import MissingCells, run
from asru_bench.session import Session
from asru_bench.types import AsruBenchError, RunSpec

PROBE = str(PLUGINS / "probe.py")
OTHERWISE = ("costs", "provenance")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(keyed(tmp_path / "home")))


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "start", Inline)


@pytest.fixture
def probe(tiny_dir: Path) -> RunSpec:
    return spec(tiny_dir, method=PROBE)


def result(record: RunRecord) -> dict[str, Any]:
    """What must be equal in equal runs."""
    return {k: v for k, v in record.to_json().items() if k not in OTHERWISE}


def contents(out: Path, name: str) -> dict[str, bytes]:
    return {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.rglob(name))}


def only_row(where: Place, wanted: RunSpec) -> RunFolder:
    planned = plan.make([wanted], where)
    return RunFolder.create(planned.rows[0])


def test_a_run_makes_records_of_its_row_and_references(
    probe: RunSpec, tmp_path: Path, inline: None, tiny_dir: Path
) -> None:
    where = place(tmp_path)
    (record,) = run(probe, where)
    assert (record.row, record.status, record.seed) == ("probe", "ok", 0)
    assert record.costs["unlearn"].seconds > 0
    assert record.costs["unlearn"].steps == 3
    assert record.costs["unlearn"].peak_memory > 1e8
    assert record.costs["unlearn"].artifact_bytes > 1e5
    rows = {read_record(p).row: read_record(p) for p in Path(where.out).rglob("record.json")}
    assert set(rows) == {"probe", "vanilla", "base"}
    assert set(rows["base"].categories) == {"forget", "strangers"}
    assert sum(record.categories["forget"].values()) == 9
    assert not any(numbers.get("failed") for numbers in record.categories.values())
    folder = only_row(where, probe)
    assert {p.name for p in folder.path.iterdir()} >= {"checkpoint", "curves.jsonl", "record.json", "spec.json"}
    assert not (folder.path / "work").exists()
    assert bars([record])


def test_two_empty_stores_give_equal_bytes(
    probe: RunSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inline: None
) -> None:
    found = []
    for name in ("one", "two"):
        monkeypatch.setenv("ASRU_BENCH_HOME", str(keyed(tmp_path / name / "home")))
        (tmp_path / name).mkdir(exist_ok=True)
        where = place(tmp_path / name)
        (record,) = run(probe, where)
        out = Path(where.out)
        found.append((result(record), contents(out, "generations.parquet"), contents(out, "verdicts.parquet")))
    assert found[0] == found[1]


def test_what_is_done_is_not_done_again(
    probe: RunSpec, tmp_path: Path, inline: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(probe, place(tmp_path))

    def fail(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("no model is needed any more")

    monkeypatch.setattr(stages, "_train", fail)
    monkeypatch.setattr(Session, "engine", fail)
    monkeypatch.setattr(recording, "write_json", fail)
    assert run(probe, place(tmp_path)) == first


@pytest.mark.parametrize("stop_after", [0, 1, 3, 5])
def test_a_run_that_is_stopped_anywhere_goes_on_to_the_same_record(
    probe: RunSpec, tmp_path: Path, inline: None, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    (tmp_path / "whole").mkdir(exist_ok=True)
    monkeypatch.setenv("ASRU_BENCH_HOME", str(keyed(tmp_path / "whole" / "home")))
    (whole,) = run(probe, place(tmp_path / "whole"))
    monkeypatch.setenv("ASRU_BENCH_HOME", str(keyed(tmp_path / "home")))
    calls = 0
    decode: Callable[..., Any] = HFEngine._decode

    def stop(self: HFEngine, chunk: Any, features: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > stop_after:
            raise KeyboardInterrupt
        return decode(self, chunk, features)

    where = place(tmp_path, batch_size=4)
    with monkeypatch.context() as patch:
        patch.setattr(HFEngine, "_decode", stop)
        with pytest.raises(KeyboardInterrupt):
            run(probe, where)
    (resumed,) = run(probe, where)
    assert result(resumed) == result(whole)


def test_a_stop_between_stages_goes_on(
    probe: RunSpec, tmp_path: Path, inline: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = place(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(stages, "judge", lambda *a: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run(probe, where)
    (record,) = run(probe, where)
    assert record.status == "ok"


@pytest.mark.parametrize(
    "other", [{"judges": ("value", "cloze", "choice", "rouge")}, {"task_config": {"polite": True}}]
)
def test_other_judges_or_questions_do_not_train_again(
    other: dict[str, Any], probe: RunSpec, tmp_path: Path, inline: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = place(tmp_path)
    (first,) = run(probe, where)
    monkeypatch.setattr(stages, "_train", lambda *a: pytest.fail("trained again"))
    (second,) = run(replace(probe, **other), where)
    assert second.spec_hash != first.spec_hash
    assert second.costs["unlearn"] == first.costs["unlearn"]


def test_checkpoints_need_not_be_kept(probe: RunSpec, tmp_path: Path, inline: None) -> None:
    where = place(tmp_path, keep_checkpoints=False)
    (first,) = run(probe, where)
    assert not list(Path(where.out).rglob("checkpoint"))
    assert run(probe, where) == [first]


def test_a_deleted_checkpoint_is_made_again_where_answers_are_wanted(
    probe: RunSpec, tmp_path: Path, inline: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # folders of runs are relative, as by default
    where = place(tmp_path, out="runs", keep_checkpoints=False)
    (first,) = run(probe, where)
    (answers,) = Path("runs").glob("**/probe*/*/generations.parquet")
    answers.unlink()
    (second,) = run(probe, where)
    assert second.scores == first.scores


@pytest.mark.parametrize(
    ("fail", "message"),
    [
        ("user", "NaN loss at step 3"),
        ("bug", r"method 'probe' failed: ValueError: something is wrong here. The traceback is in .*unlearn.log"),
        ("nan", "NaN or infinite weights"),
    ],
)
def test_a_method_that_fails_leaves_no_record(
    probe: RunSpec, tmp_path: Path, inline: None, fail: str, message: str
) -> None:
    where = place(tmp_path)
    with pytest.raises(AsruBenchError, match=message):
        run(replace(probe, method_config={"fail": fail}), where)
    assert "probe" not in {read_record(p).row for p in Path(where.out).rglob("record.json")}


def test_rows_that_fail_are_named_after_the_others_are_done(
    probe: RunSpec, tmp_path: Path, inline: None, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = replace(probe, method_config={"fail": "user"})
    with pytest.raises(MissingCells, match="1 of 2 runs failed: probe seed 0") as caught:
        run([bad, probe], place(tmp_path))
    assert [record.row for record in caught.value.records] == ["probe"]
    assert "NaN loss" in capsys.readouterr().err


def test_an_error_that_nobody_foresaw_takes_no_other_row_with_it(
    probe: RunSpec, tmp_path: Path, inline: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = stages.judge

    def broken(folder: RunFolder, session: Session) -> Any:
        if folder.spec.method_config.get("size") == 0.25:
            raise KeyError("no such column")
        return judge(folder, session)

    monkeypatch.setattr(stages, "judge", broken)
    bad = replace(probe, method_config={"size": 0.25})
    with pytest.raises(MissingCells, match="1 of 2 runs failed: probe seed 0") as caught:
        run([bad, probe], place(tmp_path))
    assert len(caught.value.records) == 1
    assert "failed: unexpected KeyError: 'no such column'. What was finished is kept." in capsys.readouterr().err


def test_a_model_that_knows_nothing_stops_the_run(probe: RunSpec, tmp_path: Path, inline: None) -> None:
    with pytest.raises(AsruBenchError, match=r"knowledge gate: vanilla knows .* --force"):
        run(replace(probe, force=False), place(tmp_path))
    (forced,) = run(probe, place(tmp_path))
    assert [(gate.name, gate.passed) for gate in forced.gates] == [("knowledge", False)]


def test_a_judge_that_breaks_is_counted_as_failed(
    probe: RunSpec, tmp_path: Path, inline: None, capsys: pytest.CaptureFixture[str]
) -> None:
    judge = tmp_path / "broken.py"
    judge.write_text(
        "from asru_bench.judge import Judge\n"
        "class Broken(Judge):\n    def grade(self, *_):\n        raise OSError('no')\n"
    )
    where = place(tmp_path)
    message = r"judge broken failed on every answer of vanilla seed 0, base seed 0, probe seed 0 \(OSError: no\)\."
    with pytest.raises(MissingCells, match=message) as caught:
        run(replace(probe, judges=("value", str(judge))), where)
    (record,) = caught.value.records
    assert record.provenance["judge_failures"]["broken"]["status"] == "failed"
    assert "judges broke, their verdicts count as failed: broken (OSError: no)" in capsys.readouterr().err
    folder = only_row(where, replace(probe, judges=("value", "broken")))
    verdicts = [v for v in store.read_verdicts(folder.verdicts_file) if v.judge == "broken"]
    assert len(verdicts) == 27
    assert {v.status for v in verdicts} == {"failed"}


def test_likelihoods_under_base_reach_the_judges(probe: RunSpec, tmp_path: Path, inline: None) -> None:
    wanted = replace(probe, judges=(str(PLUGINS / "tiny_judge.py"),))
    where = place(tmp_path)
    run(wanted, where)
    verdicts = store.read_verdicts(only_row(where, wanted).verdicts_file)
    assert len(verdicts) == 27
    assert all(v.measures["logp"] < 0 for v in verdicts)


def test_an_engine_that_always_fails_is_an_error(
    probe: RunSpec, tmp_path: Path, inline: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: HFEngine, chunk: Any, features: Any) -> Any:
        raise RuntimeError("no kernel")

    monkeypatch.setattr(HFEngine, "_decode", fail)
    with pytest.raises(AsruBenchError, match="no question could be answered; the first failure was: RuntimeError"):
        run(probe, place(tmp_path))


def test_stages_alone_give_what_run_gives(probe: RunSpec, tmp_path: Path, inline: None) -> None:
    where = place(tmp_path)
    folder = only_row(where, probe)
    with pytest.raises(AsruBenchError, match="type: asru-bench unlearn"):
        running.stage("generate", folder)
    with pytest.raises(AsruBenchError, match=r"generations.parquet is missing"):
        running.stage("judge", folder)
    stages.unlearn(folder)
    for name in ("generate", "judge", "score"):
        assert running.stage(name, folder).is_file()
    alone = read_record(folder.record_file)
    (whole,) = run(probe, where)
    assert alone.scores == whole.scores


def test_answers_to_other_questions_are_refused(probe: RunSpec, tmp_path: Path, inline: None) -> None:
    where = place(tmp_path)
    run(probe, where)
    folder = only_row(where, probe)
    answers = store.read_generations(folder.answers_file)
    store.write_generations(folder.answers_file, answers[1:])
    with pytest.raises(AsruBenchError, match="answers are to other questions"):
        running.stage("judge", folder)


def test_training_goes_on_beside_the_references(
    probe: RunSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The method waits until base is evaluated, which can only happen while it runs."""
    monkeypatch.setattr(running, "_cores", lambda folder: 2)
    where = place(tmp_path)
    base = plan.make([probe], where).cells[1]
    assert plan.row_name(base.spec) == "base"
    wanted = replace(probe, method_config={"wait_for": str(base.folder / "record.json")})
    (record,) = run(wanted, where)
    assert record.status == "ok"


def words_of_a_run(probe: RunSpec, where: Place, setting: str) -> list[str]:
    words = ["run", "--method", PROBE, "--task", TASK, "--judge", "value,cloze,choice", "--force"]
    words += ["--model", str(probe.model), "--data", where.data, "--out", where.out, "-m", setting]
    return [sys.executable, "-m", "asru_bench", *words]


def started(words: list[str], where: Place) -> tuple[subprocess.Popen[str], int]:
    """A run in a process group of its own whose child is at work, and the child's id."""

    def listen() -> None:  # a shell that runs tests in the background ignores Ctrl-C for them
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=listen)
    wait_for(lambda: list(Path(where.out).rglob("unlearn.log")))
    return process, wait_for(lambda: children(process.pid))[0]


def test_a_killed_run_ends_its_child_and_goes_on(probe: RunSpec, tmp_path: Path) -> None:
    where = place(tmp_path)
    process, child = started(words_of_a_run(probe, where, "wait_for=/nowhere"), where)
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_for(lambda: gone(child))
    assert not list(Path(where.out).rglob("probe/*/record.json"))
    again = words_of_a_run(probe, where, f"wait_for={tmp_path}")
    done = subprocess.run(again, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert str(Path(where.out)) in done.stdout


def test_an_interrupted_run_stops_cleanly(probe: RunSpec, tmp_path: Path) -> None:
    where = place(tmp_path)
    process, child = started(words_of_a_run(probe, where, "wait_for=/nowhere"), where)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopped; the same command goes on from here" in said
    assert "Traceback" not in said
    wait_for(lambda: gone(child))


def gone(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_for(found: Callable[[], Any], seconds: float = 60) -> Any:
    end = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)
    return value


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def test_json_of_records_holds_the_resolved_spec(probe: RunSpec, tmp_path: Path, inline: None) -> None:
    where = place(tmp_path)
    run(probe, where)
    folder = only_row(where, probe)
    stored = json.loads(folder.record_file.read_text())
    assert plan.spec_from(stored["spec"]) == folder.spec


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("I/O error (os error 28)")])
def test_a_full_disk_while_saving_is_one_clear_error(
    probe: RunSpec, tmp_path: Path, inline: None, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def full(vlm: Any, folder: Path, *_: Any) -> None:
        folder.with_name(folder.name + ".tmp").mkdir()
        raise error

    monkeypatch.setattr("asru_bench.models.save", full)
    where = place(tmp_path)
    with pytest.raises(AsruBenchError, match=r"the disk is full while writing .*checkpoint; free some space"):
        run(probe, where)
    assert not list(Path(where.out).rglob("checkpoint*"))
