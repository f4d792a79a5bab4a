"""What is checked before any work: models, addresses, keys, budgets."""

from __future__ import annotations

from typing import Any

import pytest

from asru_bench.graders import OPENAI, connect, is_floating, read_budget
from asru_bench.judge import Desk
from asru_bench.types import AsruBenchError

pytest.importorskip("openai", reason="the extra llm is not installed")
PINNED = "gpt-4o-mini-2024-07-18"


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "of-openai")
    monkeypatch.setenv("MINE", "of-mine")


@pytest.mark.parametrize(
    ("name", "floating"),
    [
        (PINNED, False),
        ("gpt-4o-mini", True),
        ("openai/gpt-4o", True),
        ("chatgpt-4o-latest", True),
        ("claude-sonnet-4-20250514", False),
        ("claude-3-5-sonnet-latest", True),
        ("claude-opus-4", True),
        ("gemini-2.0-flash-001", False),
        ("gemini-2.5-pro", True),
        ("gpt-4-0613", False),
        ("mistral-large-2411", False),
        ("mistral-large", True),
        ("Qwen/Qwen3-32B", False),
        ("openai/gpt-oss-20b", False),
        ("my-model:latest", True),
    ],
)
def test_floating_names(name: str, floating: bool) -> None:
    assert is_floating(name) is floating


def test_openai_s_key_goes_to_openai_alone() -> None:
    (ours,) = connect((PINNED,), False, Desk())
    assert (ours.url, ours.key) == (OPENAI, "of-openai")
    (other,) = connect((PINNED,), False, Desk("http://localhost:8000/v1/"))
    assert (other.url, other.key) == ("http://localhost:8000/v1", "")
    (named,) = connect((PINNED,), False, Desk("https://judge.example/v1", "MINE"))
    assert named.key == "of-mine"


def test_one_address_for_all_or_one_for_each() -> None:
    desk = Desk("http://a/v1,http://b/v1", "MINE", budget="5")
    one, two = connect(("a-1", "b-1"), False, desk)
    assert (one.url, two.url, one.key, two.key) == ("http://a/v1", "http://b/v1", "of-mine", "of-mine")
    assert one.budget is two.budget
    with pytest.raises(AsruBenchError, match="--judge-url holds 2 values for 3 models"):
        connect(("a-1", "b-1", "c-1"), False, desk)


@pytest.mark.parametrize(
    ("models", "desk", "words"),
    [
        ((), Desk(), "add --judge-model"),
        (("gpt-4o",), Desk(), "floating name"),
        (("a-1", "a-1"), Desk("http://x/v1"), "names a model twice"),
        ((PINNED,), Desk("localhost:8000"), "is no address"),
        ((PINNED,), Desk("http://me:pw@host/v1"), "--judge-key-env NAME"),
        ((PINNED,), Desk("http://host/v1", "NOWHERE"), "the variable NOWHERE is not set"),
        ((PINNED,), Desk(budget="lots"), "neither calls nor money"),
        ((PINNED,), Desk(budget="$2"), "add --judge-price"),
        ((PINNED,), Desk(price="1"), "not two prices"),
        ((PINNED,), Desk(price="1/-1"), "not two prices"),
    ],
)
def test_bad_input(models: tuple[str, ...], desk: Desk, words: str) -> None:
    with pytest.raises(AsruBenchError, match=words) as error:
        connect(models, False, desk)
    assert "pw" not in str(error.value)


def test_a_missing_key_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(AsruBenchError, match="judge llm has no key: the variable OPENAI_API_KEY is not set"):
        connect((PINNED,), False, Desk())


@pytest.mark.parametrize(
    ("text", "calls", "money"),
    [("", None, None), ("500", 500, None), ("500 calls", 500, None), ("$2.50", None, 2.5), ("10, 2 usd", 10, 2.0)],
)
def test_budgets(text: str, calls: Any, money: Any) -> None:
    budget = read_budget(text, "0.15/0.60")
    assert (budget.calls, budget.money, budget.prices) == (calls, money, (0.15, 0.6))
    assert budget.price(1_000_000, 500_000) == pytest.approx(0.45)
