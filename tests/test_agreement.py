"""Weighted kappa by hand and against another formula; its interval; which verdicts are compared."""

from __future__ import annotations

import random

import numpy as np
import pytest
from small_world import sample

from asru_bench.agreement import agreement, scores, weighted_kappa
from asru_bench.types import Verdict


def by_matrix(pairs: list[tuple[int, int]], k: int) -> float:
    """Cohen (1968) with the table of counts and quadratic weights."""
    table = np.zeros((k, k))
    for a, b in pairs:
        table[a, b] += 1
    weights = np.subtract.outer(np.arange(k), np.arange(k)) ** 2
    chance = np.outer(table.sum(1), table.sum(0)) / table.sum()
    return float(1 - (weights * table).sum() / (weights * chance).sum())


def test_kappa_by_hand_and_by_matrix() -> None:
    assert weighted_kappa([(0, 0), (5, 5)]) == 1
    assert weighted_kappa([(0, 5), (5, 0)]) == -1
    assert weighted_kappa([(0, 0), (0, 1), (1, 0), (1, 1)]) == pytest.approx(0)
    assert weighted_kappa([(3, 3)] * 4) is None
    assert weighted_kappa([]) is None
    source = random.Random(1)
    pairs = [(a, min(5, max(0, a + source.choice((-1, 0, 0, 2))))) for a in source.choices(range(6), k=200)]
    assert weighted_kappa(pairs) == pytest.approx(by_matrix(pairs, 6))


def test_the_interval_covers_and_narrows_with_people() -> None:
    def drawn(people: int, seed: int) -> dict[str, list[tuple[float, float]]]:
        source = random.Random(seed)
        return {
            str(p): [(a, a if source.random() < 0.7 else source.randrange(6)) for a in source.choices(range(6), k=3)]
            for p in range(people)
        }

    found = [agreement(drawn(40, seed)) for seed in range(200)]
    covered = sum(a.low <= 0.7 <= a.high for a in found) / 200  # copying with probability 0.7 has kappa 0.7
    assert 0.9 <= covered <= 0.99
    few, many = agreement(drawn(10, 0)), agreement(drawn(160, 0))
    assert many.high - many.low < few.high - few.low
    assert (many.n, many.people) == (480, 160)
    assert agreement({"a": [(1, 1), (2, 2)]}).low is None


def test_judges_are_compared_on_what_both_graded() -> None:
    asked = [sample(name=f"s{i}", person=str(i)) for i in range(3)]

    def said(judge: str, i: int, status: str = "scored", **grades: float) -> Verdict:
        return Verdict(judge, f"s{i}", "k", status, measures=grades)

    told = [said("llm", i, leakage=g, words=9) for i, g in enumerate((0, 5, 3))]
    told += [said("rubric", 0, leakage=0), said("rubric", 1, leakage=5), said("rubric", 2, "failed")]
    told += [said("refusal", i, contextual=1) for i in range(3)] + [said("llm", i, contextual=1) for i in range(3)]
    (found,) = scores(asked, told)
    assert (found.name, found.role, found.value, found.n, found.people) == (
        "agreement.leakage/llm~rubric", "all", 1.0, 2, 2,
    )  # fmt: skip
