"""General ability: names, results, statuses and the table; lm-eval itself only where it is installed."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from asru_bench import fingerprint, general
from asru_bench.general_table import general_lines, reasons
from asru_bench.leaderboard import Row
from asru_bench.record import RunRecord
from asru_bench.types import Ability, AsruBenchError, RunSpec

TOLD = {
    "results": {"colours": {"alias": "colours", "acc,none": 0.75, "acc_stderr,none": 0.05, "sample_len": 80}},
    "group_subtasks": {},
    "versions": {"colours": 1.0},
    "n-samples": {"colours": {"original": 80, "effective": 80}},
}


def source(*names: str) -> Any:
    return SimpleNamespace(name="m", general=names)


def told(value: Any, error: Any) -> dict[str, Any]:
    return TOLD | {"results": {"colours": {"acc,none": value, "acc_stderr,none": error}}}


def record(row: str, *results: Ability) -> RunRecord:
    return RunRecord(spec={}, spec_hash="h", seed=0, row=row, general=results)


def test_numbers_and_standard_errors_are_lm_evals() -> None:
    (made,) = general._results(TOLD, "colours", "0.4.13")
    expected = Ability("colours", "ok", {"acc,none": 0.75}, {"acc,none": 0.05}, 80, "1.0", "0.4.13")
    assert made == expected
    assert made.metric == "acc,none"


def test_what_is_no_number_is_a_status() -> None:
    (made,) = general._results(told(float("nan"), "N/A"), "colours", "v")
    assert (made.status, dict(made.values)) == ("failed", {})
    (without_error,) = general._results(told(0.5, "N/A"), "colours", "v")
    assert (without_error.status, dict(without_error.errors)) == ("ok", {})


@pytest.mark.parametrize("asked", ["a:", "a:x", "a:0"])
def test_a_wrong_number_of_documents_is_an_error(asked: str) -> None:
    with pytest.raises(AsruBenchError, match="NAME:DOCUMENTS"):
        general.split(asked)


def test_without_the_package_one_error_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert general.resolve((), source("mini_everyday")) == ()
    with pytest.raises(AsruBenchError, match=r"pip install 'asru-bench\[general\]'"):
        general.resolve(("default",), source("mini_everyday"))


def test_defaults_are_the_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(general, "_need_package", lambda: None)
    asked = general.resolve(("default", "mini_reading:5"), source("mini_everyday"), fast=True)
    assert asked == ("mini_everyday:8", "mini_reading:5")
    with pytest.raises(AsruBenchError, match="--general-tasks"):
        general.resolve(("default",), source())


def test_the_list_of_tasks_changes_no_key() -> None:
    one = RunSpec("ga", "t")
    other = replace(one, general=("mini_everyday",))
    assert fingerprint.spec_hash(one) == fingerprint.spec_hash(other)
    assert fingerprint.training_key(one) == fingerprint.training_key(other)


def test_a_record_keeps_results() -> None:
    made = record("ga", Ability("colours", "ok", {"acc,none": 0.5}, {"acc,none": 0.1}, 4, "1", "v"))
    assert RunRecord.from_json(made.to_json()).general == made.general


def test_the_table_shows_rows_beside_each_other_and_statuses_as_words() -> None:
    good = Ability("colours", "ok", {"acc,none": 0.75}, {"acc,none": 0.05}, 80)
    bad = Ability("colours", "failed", reason="ValueError: no data")
    rows = [Row("vanilla", "vanilla", (record("vanilla", good),)), Row("ga", "ga", (record("ga", bad),))]
    assert general_lines(rows) == [
        ["general ability", "vanilla", "ga"],
        ["colours acc n=80", "75.0 ± 5.0", "failed"],
    ]
    assert reasons(rows) == ["ga, colours failed: ValueError: no data."]
    assert general_lines([Row("ga", "ga", (record("ga"),))]) == []


@pytest.mark.skipif(importlib.util.find_spec("lm_eval") is None, reason=f"needs lm-eval: {general.INSTALL}")
def test_lm_eval_asks_a_loaded_model_text_and_pictures(
    tiny_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from asru_bench.models import load

    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path))
    vlm = load(str(tiny_dir), device="cpu")
    for name, metric in (("mini_reading", "acc,none"), ("mini_pictures", "exact_match,none")):
        (made,) = general.evaluate(vlm, name, 4, batch_size=4)
        assert (made.task, made.status, made.n, made.metric) == (name, "ok", 4, metric)
        assert 0 <= made.values[metric] <= 1
