"""Statistics against hand calculations, scipy and simulation."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats as sp

from asru_bench import stats


def as_cells(matrix):
    return {s: {str(p): v for p, v in enumerate(row)} for s, row in enumerate(matrix)}


def test_korn_graubard_by_hand():
    events, answers = [0, 1, 4, 10, 2, 3], [20] * 6
    share = 20 / 120
    variance = 6 / 5 * sum((k - share * 20) ** 2 for k in events) / 120**2
    seen = variance * 120 / (share * (1 - share))
    effect = 20 / 24 * seen + 4 / 24 * (1 + 19 * 0.2)
    n = 120 / effect * (sp.t.ppf(0.975, 119) / sp.t.ppf(0.975, 5)) ** 2
    got = stats.korn_graubard(events, answers)
    assert got.value == pytest.approx(share)
    assert got.low == pytest.approx(sp.beta.ppf(0.025, share * n, n - share * n + 1))
    assert got.high == pytest.approx(sp.beta.ppf(0.975, share * n + 1, n - share * n))


def test_one_answer_a_person_is_nearly_clopper_pearson():
    events = [1] * 30 + [0] * 170
    got = stats.korn_graubard(events, [1] * 200)
    exact = sp.binomtest(30, 200).proportion_ci(method="exact")
    assert (got.low, got.high) == pytest.approx((exact.low, exact.high), abs=0.002)


def test_no_events_leave_room_and_the_mirror_image_agrees():
    none = stats.korn_graubard([0] * 12, [18] * 12)
    every = stats.korn_graubard([18] * 12, [18] * 12)
    assert none.low == 0.0
    assert 0.02 < none.high < 0.15
    assert every.high == 1.0
    assert every.low == pytest.approx(1 - none.high)


def test_nothing_to_compare_is_the_whole_range():
    assert (stats.korn_graubard([3], [10]).low, stats.korn_graubard([3], [10]).high) == (0.0, 1.0)
    empty = stats.share_interval({})
    assert math.isnan(empty.value)
    assert (empty.low, empty.high) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("people", "answers", "share", "icc"), [(12, 18, 0.02, 0.2), (12, 18, 0.2, 0.2), (40, 12, 0.03, 0.1)]
)
def test_korn_graubard_covers(people, answers, share, icc):
    rng = np.random.default_rng(1)
    rounds = 300
    hits = 0
    for _ in range(rounds):
        rates = rng.beta(share * (1 - icc) / icc, (1 - share) * (1 - icc) / icc, people)
        got = stats.korn_graubard(rng.binomial(answers, rates).tolist(), [answers] * people)
        hits += got.low <= share <= got.high
    assert hits / rounds >= 0.92


@pytest.mark.parametrize("own_people", [False, True])
@pytest.mark.parametrize("base", [-4.5, 0.0])
def test_shares_pooled_over_seeds_cover(own_people, base):
    """Three seeds that differ, with the same people or each with its own; truth by quadrature."""
    rng = np.random.default_rng(9)
    seeds, people, answers, spread = 3, 12, 24, (1.0, 0.5)
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    truth = float((weights / weights.sum()) @ (1 / (1 + np.exp(-(base + math.hypot(*spread) * nodes)))))
    rounds, hits = 300, 0
    for _ in range(rounds):
        person = rng.normal(0, spread[0], (seeds if own_people else 1, people))
        rate = 1 / (1 + np.exp(-(base + person + rng.normal(0, spread[1], (seeds, 1)))))
        events = rng.binomial(answers, rate)
        names = [[f"{s if own_people else 0}-{p}" for p in range(people)] for s in range(seeds)]
        cells = {s: {n: (int(k), answers) for n, k in zip(names[s], events[s], strict=True)} for s in range(seeds)}
        got = stats.share_interval(cells)
        hits += got.low <= truth <= got.high
    assert hits / rounds >= 0.93


def test_one_seed_is_the_t_interval_of_people():
    values = [0.1, 0.4, 0.3, 0.9, 0.2]
    got = stats.mean_interval({0: dict(zip("abcde", values, strict=True))})
    want = sp.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (got.low, got.high) == pytest.approx((want.low, want.high))
    assert got.df == pytest.approx(4)


def test_crossed_interval_by_mean_squares():
    matrix = np.array([[1.0, 2.0, 4.0, 3.0], [2.0, 2.5, 5.0, 3.0], [0.0, 1.0, 4.5, 2.0]])
    seeds, people = matrix.shape
    ms_seed = people * matrix.mean(1).var(ddof=1)
    ms_person = seeds * matrix.mean(0).var(ddof=1)
    variance = (ms_seed + ms_person) / matrix.size
    df = (ms_seed + ms_person) ** 2 / (ms_seed**2 / (seeds - 1) + ms_person**2 / (people - 1))
    got = stats.mean_interval(as_cells(matrix))
    assert (got.value, got.se, got.df) == pytest.approx((matrix.mean(), math.sqrt(variance), df))
    assert got.high - got.value == pytest.approx(sp.t.ppf(0.975, df) * math.sqrt(variance))


def test_own_people_under_each_seed_is_the_t_interval_of_seed_means():
    values = {0: {"a": 1.0, "b": 3.0}, 1: {"c": 2.0, "d": 6.0}, 2: {"e": 0.0, "f": 1.0}}
    got = stats.mean_interval(values)
    want = sp.ttest_1samp([2.0, 4.0, 0.5], 0).confidence_interval(0.95)
    assert (got.low, got.high) == pytest.approx((want.low, want.high))


@pytest.mark.parametrize("spread", [(0.0, 1.0, 1.0), (0.1, 1.0, 1.0), (0.0, 0.0, 1.0)])
@pytest.mark.parametrize(("seeds", "people"), [(3, 12), (5, 40)])
def test_crossed_interval_covers(spread, seeds, people):
    rng = np.random.default_rng(2)
    rounds = 400
    hits = 0
    for _ in range(rounds):
        parts = [
            rng.normal(0, math.sqrt(v), shape)
            for v, shape in zip(spread, [(seeds, 1), (1, people), (seeds, people)], strict=True)
        ]
        got = stats.mean_interval(as_cells(sum(parts)))
        hits += got.low <= 0 <= got.high
    assert hits / rounds >= 0.92


def test_sign_flip_exact_by_enumeration():
    d = [0.5, -0.2, 0.9, 0.4, 0.1]
    sums = [sum(s * x for s, x in zip(signs, d, strict=True)) for signs in itertools.product((1, -1), repeat=5)]
    assert stats.sign_flip(d, "greater") == pytest.approx(sum(v >= sum(d) - 1e-9 for v in sums) / 32)
    assert stats.sign_flip(d) == pytest.approx(sum(abs(v) >= sum(d) - 1e-9 for v in sums) / 32)
    assert stats.sign_flip(d, "less") == pytest.approx(sum(v <= sum(d) + 1e-9 for v in sums) / 32)


def test_sign_flip_agrees_with_scipy_and_repeats():
    d = np.random.default_rng(3).normal(0.4, 1, 30)
    got = stats.sign_flip(d.tolist())
    want = sp.permutation_test((d,), np.mean, permutation_type="samples", n_resamples=20_000, rng=4).pvalue
    assert got == pytest.approx(want, abs=0.01)
    assert got == stats.sign_flip(d.tolist())


def test_sign_flip_has_its_size():
    rng = np.random.default_rng(5)
    p = [stats.sign_flip((rng.integers(-3, 4, 10) / 6).tolist()) for _ in range(400)]
    assert np.mean(np.array(p) <= 0.05) <= 0.07


def test_max_t_of_one_comparison_is_the_sign_flip_test():
    d = [0.5, -0.2, 0.9, 0.4, 0.1, 0.0]
    assert stats.max_t([d]) == [pytest.approx(stats.sign_flip(d))]


def test_max_t_holds_the_family_error():
    rng = np.random.default_rng(8)
    base = rng.normal(size=(300, 1, 10))
    least = [min(stats.max_t((base[i] + rng.normal(size=(6, 10))).tolist())) for i in range(300)]
    assert np.mean(np.array(least) <= 0.05) <= 0.08
    assert stats.max_t([[0.0] * 10, [1.0] * 10]) == [1.0, pytest.approx(2 / 1024)]


def test_few_people_reject_nothing():
    assert stats.sign_flip([1.0] * 4, "greater") > 0.05
    assert stats.sign_flip([1.0] * stats.FEWEST_PEOPLE, "greater") < 0.05
    assert stats.sign_flip([]) == 1.0
    with pytest.raises(ValueError, match="two-sided"):
        stats.sign_flip([1.0], "both")


def test_lower_limit_is_the_one_sided_t_limit():
    d = [0.0, -0.1, 0.05, 0.0, -0.2, 0.1]
    want = sp.ttest_1samp(d, 0, alternative="greater").confidence_interval(0.95).low
    assert stats.lower_limit(d) == pytest.approx(want)
    assert stats.lower_limit(d, least_se=1.0) == pytest.approx(np.mean(d) - sp.t.ppf(0.95, 5))


def test_the_floor_keeps_the_error_of_non_inferiority():
    """A mean loss of exactly the margin that falls on few people; the plain limit misses it too often."""
    rng = np.random.default_rng(6)
    margin, people, answers, icc, rounds = 0.08, 40, 12, 0.2, 600
    floor = stats.null_se(margin, people, answers)
    plain = floored = 0
    for _ in range(rounds):
        rates = rng.beta(margin * (1 - icc) / icc, (1 - margin) * (1 - icc) / icc, people)
        d = (-rng.binomial(answers, rates) / answers).tolist()
        plain += stats.lower_limit(d) > -margin
        floored += stats.lower_limit(d, least_se=floor) > -margin
    assert plain / rounds > 0.07
    assert floored / rounds <= 0.06


def test_smallest_difference_is_found_four_times_in_five():
    rng = np.random.default_rng(7)
    people, sd = 12, 0.3
    size = stats.smallest_difference(sd / math.sqrt(people), people - 1)
    draws = rng.normal(size, sd, (4000, people))
    found = sp.ttest_1samp(draws, 0, axis=1).pvalue < 0.05
    assert found.mean() == pytest.approx(0.8, abs=0.03)
    assert stats.smallest_difference(0.1, 0) == math.inf


def test_spread_floor_by_hand():
    smooth = 1 / 218
    want = math.sqrt(2 * smooth * (1 - smooth) * (1 + 17 * 0.2) / 18 / 12)
    assert stats.spread_floor(0.0, 18, 12) == pytest.approx(want)
