"""Corrected rates by hand and by simulation."""

from __future__ import annotations

import random

import pytest

from asru_bench.prevalence import Counted, corrected


def counted(events: int, n: int) -> Counted:
    """Every answer is a cluster of its own."""
    return Counted.of((str(i), float(i < events), 1.0) for i in range(n))


def test_by_hand() -> None:
    found = corrected(counted(30, 100), counted(45, 50), counted(40, 50))
    assert found is not None
    assert found.value == pytest.approx((0.3 + 0.8 - 1) / (0.9 + 0.8 - 1))
    # 103.84 answers with 31.92 events, 46 of 52 and 41 of 52: P' = 0.1424, shift -0.0190, reach 0.1942
    assert (found.low, found.high) == (0.0, pytest.approx(0.3177, abs=5e-4))


def test_a_perfect_judge_changes_nothing_and_still_has_limits() -> None:
    found = corrected(counted(20, 100), counted(30, 30), counted(30, 30))
    assert found is not None
    assert found.value == pytest.approx(0.2)
    assert 0.05 < found.low < 0.2 < found.high < 0.35


def test_a_judge_that_guesses_and_one_never_tried_correct_nothing() -> None:
    half = counted(10, 20)
    assert corrected(half, half, half) is None
    assert corrected(half, Counted(()), counted(20, 20)) is None
    assert corrected(Counted(()), counted(20, 20), counted(20, 20)) is None


def test_rates_outside_of_what_can_be_are_cut() -> None:
    found = corrected(counted(0, 50), counted(18, 20), counted(18, 20))
    assert found is not None
    assert (found.value, found.low) == (0.0, 0.0)


def test_clusters_count_for_less() -> None:
    one = Counted.of((str(i % 10), float(i < 20), 1.0) for i in range(100))
    assert (one.n, one.rate) == (100, 0.2)
    assert one.effective == pytest.approx(100 / (1 + 9 * 0.2))
    assert counted(20, 100).effective == 100
    assert Counted(()).share is None


def test_the_limits_cover() -> None:
    """True rate 0.2, sensitivity 0.85, specificity 0.9, in samples as small as ours."""
    source = random.Random(7)

    def drawn(share: float, n: int) -> Counted:
        return counted(sum(source.random() < share for _ in range(n)), n)

    found = [corrected(drawn(0.2 * 0.85 + 0.8 * 0.1, 150), drawn(0.85, 40), drawn(0.9, 60)) for _ in range(400)]
    covered = sum(share is not None and share.low <= 0.2 <= share.high for share in found) / len(found)
    assert 0.93 <= covered <= 0.99
