"""What reinforcement logs about a batch of rewards."""

from __future__ import annotations

import pytest

from asru_bench import grpo, rewards


def test_zero_variance_and_missing_rewards_by_hand() -> None:
    f, r = rewards.Case("forget", "?"), rewards.Case("retain", "?")
    got = grpo.summary([1.0, 1.0, 0.0, 1.0, 0.2, 0.2, None, None], [f, f, f, f, r, r, r, r], group=2)
    assert got == pytest.approx(
        {
            "unscored": 0.25,
            "reward_forget": 0.75,
            "zero_variance_forget": 0.5,
            "reward_retain": 0.2,
            "zero_variance_retain": 1.0,
        }
    )
