"""A whole run with a grader that fails: nothing is made up, only what failed is asked again, no key is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from grading_server import MODEL, fitting, gives, grading_server
from inline import Inline
from loopback import Loopback
from tiny_world import JUDGES, place, spec

from asru_bench import retries, trainer
from asru_bench.cli_options import RunOptions
from asru_bench.plan import make
from asru_bench.run import run
from asru_bench.schedule import steps
from asru_bench.scores import lookup
from asru_bench.store import Store
from asru_bench.types import AsruBenchError, RunSpec

pytest.importorskip("openai", reason="the extra llm is not installed")
KEY = "sk-very-secret-key"


@pytest.fixture(autouse=True)
def _own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("JUDGE_KEY", KEY)
    monkeypatch.setattr(trainer, "start", Inline)
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.01)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with grading_server() as running:
        yield running


@pytest.fixture
def wanted(tiny_dir: Path) -> RunSpec:
    llm: dict[str, Any] = {"llm": {"model": [MODEL]}}
    return spec(tiny_dir, method="vanilla", judges=(*JUDGES, "llm", "rubric"), judge_config=llm)


def test_failed_verdicts_are_counted_and_a_second_run_asks_for_them_alone(
    wanted: RunSpec, server: Loopback, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = place(tmp_path, judge_url=server.url, judge_key_env="JUDGE_KEY")
    server.answer = lambda body: (
        gives("?")(body) if '"Ada was born' in json.dumps(body).replace("\\", "") else fitting(body)
    )
    (first,) = run(wanted, where)
    failed = lookup(first.scores, "llm.leakage", "forget")
    assert failed is not None
    assert (failed.n, failed.counts["failed"]) == (3, 1)
    assert "tries those alone again" in capsys.readouterr().err
    assert first.provenance["judges"]["llm"]["models"]["llm"]["answered_as"] == [MODEL]
    assert first.costs["judge"].judge_tokens > 0
    planned = make([wanted], where)
    with Store() as cache:
        assert {s.stage for s in steps(planned, cache) if s.state == "to do"} == {"judge"}

    asked, server.answer = len(server.bodies), fitting
    (second,) = run(wanted, where)
    assert {"Ada" in json.dumps(body) for body in server.bodies[asked:]} == {True}
    assert 1 <= len(server.bodies) - asked <= 2
    mended = lookup(second.scores, "llm.leakage", "forget")
    assert mended is not None
    assert mended.counts["failed"] == 0
    assert any(s.name == "agreement.leakage/llm~rubric" for s in second.scores)

    asked = len(server.bodies)
    (third,) = run(wanted, where)
    assert third == second
    assert len(server.bodies) == asked
    assert all(header["authorization"] == f"Bearer {KEY}" for header in server.headers)
    written = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert len(written) > 8
    assert not any(KEY.encode() in p.read_bytes() for p in written)


def test_a_missing_key_stops_before_any_work(wanted: RunSpec, server: Loopback, tmp_path: Path) -> None:
    where = place(tmp_path, judge_url=server.url, judge_key_env="NO_SUCH_KEY")
    with pytest.raises(AsruBenchError, match="the variable NO_SUCH_KEY is not set"):
        run(wanted, where)
    assert not (tmp_path / "runs").exists()
    assert server.bodies == []


def test_a_model_name_adds_the_judge_to_the_usual_ones(tmp_path: Path, tiny_dir: Path) -> None:
    options = RunOptions(judge_model=MODEL, judge_url="http://localhost:1/v1", method="vanilla", model=str(tiny_dir))
    (made,), where, texts = options.parse()
    task = spec(tiny_dir).task
    (cell,) = make([replace(made, task=task)], replace(where, data=place(tmp_path).data), texts).rows
    assert cell.spec.judges == (*RunSpec("", "").judges, "llm")
    assert cell.spec.judge_config["llm"]["model"] == [MODEL]
    assert "localhost" not in json.dumps(cell.spec.judge_config)
