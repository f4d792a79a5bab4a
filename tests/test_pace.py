"""Measured paces: what is kept, how old ones fade, what one method tells about another; with clocks that are set."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from inline import Inline
from tiny_world import place, spec

from asru_bench import pace, plan, schedule, stages, trainer, work
from asru_bench import run as running
from asru_bench.run import run
from asru_bench.store import Store
from asru_bench.trainer import Limit
from asru_bench.work import Work


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(trainer, "start", Inline)


@pytest.fixture
def cache(own_home: None) -> Store:
    return Store()


def test_the_narrowest_scope_that_was_measured_counts(cache: Store) -> None:
    assert pace.known(cache, "unlearn", ["a", "b"]) is None
    pace.remember(cache, "unlearn", ["b", "c"], 30.0, 10.0)
    assert pace.known(cache, "unlearn", ["a", "b"]) == (3.0, 1)
    pace.remember(cache, "unlearn", ["a"], 10.0, 10.0)
    assert pace.known(cache, "unlearn", ["a", "b"]) == (1.0, 0)
    assert pace.known(cache, "generate", ["a", "b"]) is None


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        ([(10, 10)], 1.0),
        ([(10, 10), (30, 10)], 35 / 15),  # the older one counts half
        ([(100, 100), (5, 1)], 55 / 51),  # a small one moves little
        ([(1, 1), (400, 100)], 400.5 / 100.5),  # a large one much
        ([(10, 10), (0, 10), (-3, 10), (5, 0)], 1.0),  # what is no measurement is not kept
    ],
)
def test_old_measurements_fade(cache: Store, measured: list[tuple[float, float]], expected: float) -> None:
    for seconds, units in measured:
        pace.remember(cache, "judge", ["x"], seconds, units)
    found = pace.known(cache, "judge", ["x"])
    assert found is not None
    assert found[0] == pytest.approx(expected)


def test_what_happens_once_in_a_process_is_told_apart(cache: Store) -> None:
    meter = pace.Meter(cache)
    meter.add("generate", ["x"], 25.0, 100)  # imports: 20 s, then 0.05 s each
    assert pace.known(cache, "generate", ["x"]) is None
    meter.add("generate", ["x"], 10.0, 200)
    meter.add("generate", ["x"], 5.0, 100)
    meter.close()
    assert pace.known(cache, "generate", ["x"]) == (pytest.approx(0.05), 0)
    assert pace.known(cache, "first generate", [()]) == (pytest.approx(20.0), 0)


def test_a_stage_that_was_measured_once_is_all_that_is_known(cache: Store) -> None:
    first, second = pace.Meter(cache), pace.Meter(cache)
    first.add("judge", ["x"], 8.0, 4)
    first.close()
    assert pace.known(cache, "judge", ["x"]) == (2.0, 0)
    second.add("judge", ["x"], 80.0, 4)  # one measurement more of a process's start tells nothing of the pace
    second.close()
    assert pace.known(cache, "judge", ["x"]) == (2.0, 0)
    assert pace.known(cache, "first judge", [()]) is not None


def test_what_one_method_took_tells_about_another(tiny_dir: Path, tmp_path: Path, cache: Store) -> None:
    npo, ga = (plan.make([spec(tiny_dir, method=m)], place(tmp_path)).rows[0] for m in ("npo", "ga"))
    folder = schedule._folder(npo)
    assert schedule.training_seconds(folder, cache, 10.0) == (10.0, False)
    assert schedule.training_seconds(folder, cache, None) == (None, False)
    schedule.remember(cache, "training", ga.spec, 30.0, 5.0)  # this machine takes six times the arithmetic
    assert schedule.training_seconds(folder, cache, 10.0) == (60.0, False)
    schedule.remember(cache, "training", npo.spec, 20.0, 10.0)  # the method's own share counts more
    assert schedule.training_seconds(folder, cache, 10.0)[0] == pytest.approx(20.0)
    schedule.remember(cache, "unlearn", npo.spec, 7.0)
    assert schedule.training_seconds(folder, cache, 10.0) == (7.0, True)
    other = replace(folder, spec=replace(npo.spec, method_config={**npo.spec.method_config, "lr": 5e-6}))
    assert not schedule.training_seconds(other, cache, 10.0)[1]
    larger = replace(folder, spec=replace(npo.spec, limit=2))
    assert not schedule.training_seconds(larger, cache, 10.0)[1]


def test_a_run_on_a_set_clock_is_what_the_next_one_is_estimated_by(
    tiny_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look at the clock is 54 s later: 27 questions take 54 s, so 2 s each."""
    times = itertools.count(step=54.0)
    monkeypatch.setattr(stages, "clock", lambda: next(times))
    run(spec(tiny_dir, method="vanilla"), place(tmp_path))
    planned = plan.make([spec(tiny_dir, method="npo", judges=("value",), seed=1)], place(tmp_path))
    with Store() as cache:
        steps = {(s.cell.label, s.stage): s for s in schedule.steps(planned, cache)}
        assert pace.known(cache, "generate", schedule.scopes("generate", planned.rows[0].spec)) is not None
    row = steps["npo seed 1", "generate"]
    assert row.measured
    assert 27 <= (row.seconds or 0) <= 108  # within a factor of 2 of what the clock says
    assert steps["npo seed 1", "judge"].measured  # other judges: by the pace of any


def test_debug_runs_take_few_steps(tiny_dir: Path, tmp_path: Path) -> None:
    def of(method: str, **more: object) -> Work | None:
        cell = plan.make([spec(tiny_dir, method=method, fast=True, method_config=more)], place(tmp_path)).rows[0]
        return work.of(cell.spec, schedule._folder(cell).task)

    assert of("ga", steps=50, batch_size=2) == Work(trained=8, at_once=2)
    assert of("ga", steps=3, batch_size=2) == Work(trained=6, at_once=2)
    both = of("asru", rollouts=100, prompts=2, group=4, minibatch=8)
    assert both is not None
    assert both.sampled == 4 * 8


@pytest.mark.parametrize(
    ("typed", "estimate", "limit"),
    [(30.0, 5.0, 30.0), (0.0, 5.0, None), (None, 5.0, 600.0), (None, 100.0, 1000.0), (None, None, 86400.0)],
)
def test_how_long_training_may_take(
    typed: float | None,
    estimate: float | None,
    limit: float | None,
    tiny_dir: Path,
    tmp_path: Path,
    cache: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cell = plan.make([spec(tiny_dir)], place(tmp_path, max_seconds=typed)).rows[0]
    monkeypatch.setattr(schedule, "prior_of", lambda folder: estimate)
    found = running.limit_of(schedule._folder(cell), cache)
    assert (found and found.seconds) == limit
    assert found is None or isinstance(found, Limit)
