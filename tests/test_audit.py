"""What a record says of its engine: batches that change answers, log-probabilities that are missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from asru_bench import audit, models
from asru_bench.engines import HFEngine
from asru_bench.store import Store
from asru_bench.types import Generation, Prompt, Request

ASKED = [Request(f"s{i}", Prompt("Where was this person born?" + " Who?" * (i % 7)), 3) for i in range(audit.LEAST)]


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with Store(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def engine(tiny_dir: Path) -> HFEngine:
    return HFEngine(models.load(str(tiny_dir), device="cpu"), "weights", batch_size=16)


@pytest.fixture(scope="module")
def answers(engine: HFEngine) -> list[Generation]:
    found = {g.sample_id: g for g in engine.generate(ASKED)}
    return [found[r.sample_id] for r in ASKED]


def test_on_a_cpu_in_full_precision_batches_change_nothing(
    engine: HFEngine, answers: list[Generation], store: Store
) -> None:
    found = audit.batch_invariance(engine, ASKED, answers, store)
    assert found == {"batch_audit": {"asked": 32, "failed": 0, "differ": 0, "share": 0.0}}
    assert engine.batch_size == 16


def test_answers_that_differ_are_counted(engine: HFEngine, answers: list[Generation], store: Store) -> None:
    changed = [replace(a, text=a.text + "!") if i % 2 else a for i, a in enumerate(answers)]
    drawn = sorted(ASKED, key=lambda r: audit.fingerprint.digest(r.sample_id))[:32]
    expected = sum(int(r.sample_id[1:]) % 2 for r in drawn)
    found = audit.batch_invariance(engine, ASKED, changed, store)["batch_audit"]
    assert found == {"asked": 32, "failed": 0, "differ": expected, "share": round(expected / 32, 4)}
    assert 0 < expected < 32


def test_the_audit_asks_alone_and_once(
    engine: HFEngine, answers: list[Generation], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def decode(self: HFEngine, chunk: Any, features: Any) -> Any:
        sizes.append(len(chunk))
        return [replace(stub, finish="error", error="no kernel") for _, stub in chunk]

    monkeypatch.setattr(HFEngine, "_decode", decode)
    first = audit.batch_invariance(engine, ASKED, answers, store)
    assert first == {"batch_audit": {"asked": 32, "failed": 32, "differ": 0, "share": None}}
    assert set(sizes) == {1}
    sizes.clear()
    assert audit.batch_invariance(engine, ASKED, answers, store) == first
    assert sizes == []


def test_small_runs_are_not_audited(engine: HFEngine, answers: list[Generation], store: Store) -> None:
    assert audit.batch_invariance(engine, ASKED[:-1], answers[:-1], store) == {}
    failed = [replace(answers[0], finish="error"), *answers[1:]]
    assert audit.batch_invariance(engine, ASKED, failed, store) == {}


def test_missing_log_probabilities_are_a_status(answers: list[Generation]) -> None:
    asked = [replace(r, options=("A", "B")) if i < 4 else r for i, r in enumerate(ASKED)]
    given = [replace(a, option_logprobs=(-1.0, -2.0)) if i < 3 else a for i, a in enumerate(answers)]
    assert audit.option_logprobs(asked, given) == {
        "option_logprobs": {"status": "unavailable", "missing": 1, "asked": 4}
    }
    given[3] = replace(given[3], finish="error")
    assert audit.option_logprobs(asked, given) == {}
