"""A whole run with a grader that fails: nothing is made up, only what failed is asked again, no key is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from grading_server import MODEL, fitting, gives, grading_server
from inline import Inline
from loopback import Loopback, says
from tiny_world import JUDGES, place, spec

from asru_bench import grader, judging, report, retries, trainer
from asru_bench.cli_options import RunOptions
from asru_bench.plan import make
from asru_bench.run import MissingCells, run
from asru_bench.schedule import steps
from asru_bench.scores import lookup
from asru_bench.store import Store
from asru_bench.types import AsruBenchError, Generation, RunSpec, Verdict

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


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (says(401), "does not let us in"),
        (says(403), "does not let us in"),
        (says(404), "does not know this address or model"),
        (says(503), "cannot be used .*nothing was done yet"),
        (says(429, "You exceeded your current quota"), "quota"),
        (lambda body: (200, {}, "<html>welcome</html>"), "is no JSON"),
        (lambda body: fitting({**body, "model": "other"}), "answered as model 'other'"),
    ],
)
def test_a_judge_that_cannot_be_used_stops_before_any_work(
    wanted: RunSpec, server: Loopback, tmp_path: Path, answer: Any, message: str
) -> None:
    server.answer = answer
    where = place(tmp_path, judge_url=server.url, judge_key_env="JUDGE_KEY")
    with pytest.raises(AsruBenchError, match=message):
        run(wanted, where)
    assert 1 <= len(server.bodies) <= 3
    assert not list((tmp_path / "runs").rglob("generations.parquet"))


@pytest.mark.parametrize("answer", [says(400, "too short"), says(429, "slow down"), gives("OK")])
def test_a_judge_that_is_there_but_not_for_this_call_is_no_error(server: Loopback, answer: Any) -> None:
    server.answer = answer
    grader.Grader(server.url, MODEL, "key").probe()


def test_a_server_that_is_down_is_found_by_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    with grading_server() as gone:
        url = gone.url
    with pytest.raises(AsruBenchError, match=r"the judge grader-2026-01-01 at http://127.0.0.1:\d+/v1 cannot be used"):
        grader.Grader(url, MODEL).probe()


def test_what_is_answered_already_needs_no_probe(wanted: RunSpec, server: Loopback, tmp_path: Path) -> None:
    where = place(tmp_path, judge_url=server.url, judge_key_env="JUDGE_KEY")
    first = run(wanted, where)
    asked, server.answer = len(server.bodies), says(401)
    assert run(wanted, where) == first
    assert len(server.bodies) == asked


def test_a_judge_that_fails_throughout_ends_the_run_with_an_error_and_in_part_says_so(
    wanted: RunSpec, server: Loopback, tmp_path: Path
) -> None:
    where = place(tmp_path, judge_url=server.url, judge_key_env="JUDGE_KEY")
    server.answer = gives("no json")
    with pytest.raises(MissingCells, match=r"judge llm failed on every answer of vanilla seed 0") as caught:
        run(wanted, where)
    (record,) = caught.value.records
    facts = record.provenance["judge_failures"]["llm"]
    assert (facts["status"], facts["failed"]) == ("failed", facts["of"])
    server.answer = lambda body: (gives("?") if '"Ada was born' in json.dumps(body).replace("\\", "") else fitting)(
        body
    )
    (record,) = run(wanted, where)
    facts = record.provenance["judge_failures"]["llm"]
    assert facts["status"] == "partly failed"
    assert 0 < facts["failed"] < facts["of"]
    assert report._judge_failures({"ga": SimpleNamespace(records=[record])}) == [
        f"ga: judge llm partly failed, {facts['failed']} of {facts['of']} verdicts ({facts['reason']})."
    ]
    server.answer = fitting
    (record,) = run(wanted, where)
    assert "judge_failures" not in record.provenance


def test_failures_are_counted_by_judge_and_failed_answers_are_not_theirs() -> None:
    answers = [Generation("a", "a", "x", "stop"), Generation("b", "b", "", "error"), Generation("c", "c", "y", "stop")]
    said = [Verdict("one", "a", "a", "failed", evidence="no"), Verdict("one", "b", "b", "failed", evidence="error")]
    said += [Verdict("one", "c", "c", "scored", "leak"), Verdict("two", "a", "a", "unavailable", evidence="extra")]
    said += [Verdict("three", "b", "b", "failed", evidence="error"), Verdict("four", "c", "c", "failed", evidence="x")]
    found = judging.failures(said, answers)
    assert found == {
        "one": {"status": "partly failed", "failed": 1, "of": 2, "reason": "no"},
        "four": {"status": "failed", "failed": 1, "of": 1, "reason": "x"},
    }
    assert judging.throughout({"ga": found, "npo": {}}) == ["judge four failed on every answer of ga (x)"]
