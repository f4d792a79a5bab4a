"""Formulas on likelihoods, each by hand; logs of halves and quarters keep the numbers readable."""

from __future__ import annotations

import math

import numpy as np
import pytest
from by_hand import LN2, LN4

from asru_bench import truth


def test_relative_probability() -> None:
    # p = 1/2 against 1/4 and 1/4
    assert truth.relative_probability(-LN2, [-LN4, -LN4]) == pytest.approx(1 / 2)
    assert truth.relative_probability(-LN2, []) == 1.0
    assert truth.relative_probability(-5000.0, [-1.0]) == pytest.approx(0.0)


def test_truth_ratio_of_one_item() -> None:
    # wrong answers 1/2 and 1/8: their geometric mean is 1/4, half of the right one's 1/2
    ratio = truth.log_ratio(-LN2, [-LN2, -3 * LN2])
    assert ratio == pytest.approx(-LN2)
    assert truth.closeness(ratio) == truth.closeness(-ratio) == pytest.approx(1 / 2)
    assert truth.knowledge(ratio) == pytest.approx(1 - 1 / 2)
    assert truth.knowledge(-ratio) == 0.0
    assert truth.closeness(5000.0) == 0.0
    assert truth.knowledge(-5000.0) == 1.0


def test_harmonic_mean() -> None:
    assert truth.harmonic_mean([1 / 2, 1 / 4]) == pytest.approx(2 / (2 + 4))
    assert truth.harmonic_mean([1.0, 0.0]) == 0.0


def test_the_released_ratio_compares_with_the_mean_of_all_items() -> None:
    # wrong: 1, 1 and 4 nats of loss, so P = 2; CLEAR's r = exp(P - l) is exp(1) and exp(-1)
    right, wrong = [-1.0, -3.0], [[-1.0, -1.0], [-4.0]]
    assert truth.released_log_ratios(right, wrong) == pytest.approx([-1.0, 1.0])
    assert [truth.log_ratio(r, w) for r, w in zip(right, wrong, strict=True)] == pytest.approx([0.0, -1.0])


def test_the_released_quality_and_why_it_is_not_ours() -> None:
    # r = (1, 3) and (3, 1), scaled (1/4, 3/4) and (3/4, 1/4), middle (1/2, 1/2)
    divergence = 1 / 4 * math.log(1 / 2) + 3 / 4 * math.log(3 / 2)
    one, other = [0.0, -math.log(3)], [-math.log(3), 0.0]
    assert truth.released_quality(one, other) == pytest.approx(1 - math.sqrt(divergence))
    tenfold = [value - math.log(10) for value in one]
    assert truth.released_quality(one, tenfold) == pytest.approx(1.0)
    assert truth.distance(dict(zip("ab", one, strict=True)), dict(zip("ab", tenfold, strict=True)), "ab") > 2


def test_quality_from_distances_paired_by_item() -> None:
    oracle, vanilla = {"a": 0.0, "b": 1.0}, {"a": -3.0, "b": -3.0}
    method, second = {"a": -1.0, "b": 2.0}, {"a": 0.5, "b": 0.5}
    d = [truth.distance(x, oracle, ["a", "b"]) for x in (method, vanilla, second)]
    assert d == [1.0, 3.5, 0.5]
    assert truth.quality(*d) == pytest.approx((3.5 - 1.0) / (3.5 - 0.5))
    assert truth.quality(0.5, 3.5, 0.5) == 1.0
    assert truth.quality(3.5, 3.5, 0.5) == 0.0
    assert truth.quality(9.0, 3.5, 0.5) < 0
    assert truth.quality(1.0, 0.5, 0.5) is None


def test_interval_of_quality() -> None:
    items = {f"p{p}": [f"p{p}.{i}" for i in range(4)] for p in range(20)}
    names = [item for own in items.values() for item in own]
    rng = np.random.default_rng(1)
    oracle = dict(zip(names, rng.normal(size=80), strict=True))
    second = {n: v + 0.1 for n, v in oracle.items()}
    vanilla = {n: v - 2.0 for n, v in oracle.items()}
    method = {n: v - 1.0 + rng.normal(scale=0.3) for n, v in oracle.items()}
    limits = truth.quality_interval(items, oracle, method, vanilla, second)
    value = truth.quality(*(truth.distance(x, oracle, names) for x in (method, vanilla, second)))
    assert limits is not None
    assert value is not None
    assert 0.3 < limits[0] < value < limits[1] < 0.8
    assert limits == truth.quality_interval(items, oracle, method, vanilla, second)
    same = truth.quality_interval(items, oracle, vanilla, vanilla, second)
    assert same == (0.0, 0.0)
    assert truth.quality_interval({"p0": names}, oracle, method, vanilla, second) is None
    assert truth.quality_interval(items, oracle, method, second, second) is None


def test_kolmogorov_smirnov() -> None:
    gap, p = truth.kolmogorov_smirnov([1.0, 2.0, 3.0, 4.0], [3.5, 4.5, 5.5, 6.5])
    assert gap == 0.75  # at 3.5 the shares below are 3/4 and 0
    assert p == pytest.approx(0.2286, abs=1e-3)
