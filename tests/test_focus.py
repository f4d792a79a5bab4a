"""Questions go to people who resist, on their own side, and a stop changes nothing."""

from __future__ import annotations

from collections import Counter

import pytest

from asru_bench.focus import FLOOR, Focus

#: Rows 0-3: forget people a, a, b, c; rows 4-5: retain people d, e.
PEOPLE = [("forget", "a"), ("forget", "a"), ("forget", "b"), ("forget", "c"), ("retain", "d"), ("retain", "e")]
PLAN = [0, 4] * 200


def test_without_a_share_or_before_anything_is_known_the_plan_stays() -> None:
    told = Focus(PLAN, PEOPLE, 0.0, 0)
    told.learn([0, 2], [0.0, 1.0])
    assert [told.row(i) for i in range(len(PLAN))] == PLAN
    assert [Focus(PLAN, PEOPLE, 0.9, 0).row(i) for i in range(len(PLAN))] == PLAN


def test_weights_by_hand() -> None:
    focus = Focus(PLAN, PEOPLE, 1.0, 0)
    focus.learn([0, 1, 2, 4], [0.2, 0.6, 1.0, None])  # a: 0.4, b: 1.0, c and all of retain: unknown
    weights = focus.weights("forget")
    assert weights == pytest.approx({"a": 0.6 + FLOOR, "b": FLOOR, "c": 0.6 + FLOOR})
    assert focus.weights("retain") == pytest.approx({"d": FLOOR, "e": FLOOR})
    focus.learn([2], [0.0])  # 0.7 * 1.0 + 0.3 * 0.0
    assert focus.weights("forget")["a"] == pytest.approx(0.3 + FLOOR)


def test_rows_keep_their_side_and_go_to_who_resists() -> None:
    focus = Focus(PLAN, PEOPLE, 0.5, 0)
    focus.learn([0, 2, 3, 4, 5], [1.0, 0.0, 1.0, 1.0, 1.0])
    asked = [focus.row(i) for i in range(len(PLAN))]
    assert [PEOPLE[row][0] for row in asked] == ["forget", "retain"] * 200
    counts = Counter(PEOPLE[row][1] for row in asked[::2])
    # half stays with row 0 (a); of the other half b has 1.02 of 1.06
    assert counts["b"] == pytest.approx(200 * 0.5 * 1.02 / 1.06, abs=20)
    assert counts["c"] < 10


def test_a_stop_changes_nothing() -> None:
    whole, first = Focus(PLAN, PEOPLE, 0.7, 3), Focus(PLAN, PEOPLE, 0.7, 3)
    later = Focus(PLAN, PEOPLE, 0.7, 3)
    for focus in (whole, first):
        focus.learn([0, 2, 5], [0.9, 0.1, 0.5])
        [focus.row(i) for i in range(50)]
    later.restore(first.state)
    for focus in (whole, later):
        focus.learn([3, 4], [0.3, 1.0])
    assert [later.row(i) for i in range(100)] == [whole.row(i) for i in range(100)]
    assert Focus(PLAN, PEOPLE, 0.7, 4).row(60) in (0, 4)
