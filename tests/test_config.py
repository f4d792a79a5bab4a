"""Settings: layers, typed texts, ranges, nearest names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from asru_bench import config
from asru_bench.types import AsruBenchError
from asru_bench.variants import VariantConfig, knob


@dataclass(frozen=True)
class Settings:
    lr: float = field(default=1e-4, metadata={"low": 1e-6, "high": 1e-2, "help": "learning rate"})
    steps: int | None = None
    freeze: bool = True
    kinds: tuple[str, ...] = ("a", "b")
    sizes: tuple[int, ...] = ()
    mode: Literal["fast", "slow"] = "fast"
    name: str = "x"
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Knobs(VariantConfig):
    alpha: float = knob(1.0, 2.0, "weight")


def test_later_layers_win() -> None:
    built = config.build(Settings, {"lr": 1e-3, "steps": 5}, {"steps": 7}, texts=["steps=9", "name=a=b"])
    assert built == Settings(lr=1e-3, steps=9, name="a=b")


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("lr=2e-5", "lr", 2e-5),
        ("steps=40", "steps", 40),
        ("steps=none", "steps", None),
        ("freeze=false", "freeze", False),
        ("freeze=Yes", "freeze", True),
        ("kinds=text", "kinds", ("text",)),
        ("kinds=text, image", "kinds", ("text", "image")),
        ("sizes=1,2", "sizes", (1, 2)),
        ("mode=slow", "mode", "slow"),
        ("name=7", "name", "7"),
        ('extra={"a": 1}', "extra", {"a": 1}),
    ],
)
def test_texts_are_read_by_annotation(text: str, name: str, value: Any) -> None:
    assert getattr(config.build(Settings, texts=[text]), name) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lr=fast", r"lr='fast' of method 'ga' is not a number \(default 0.0001\)"),
        ("steps=1.5", r"steps='1.5'"),
        ("freeze=maybe", r"not true or false"),
        ("mode=medium", r"one of fast, slow"),
        ("sizes=1,b", r"sizes='1,b'"),
        ("lr=0.5", r"out of range; expected 1e-06 to 0.01"),
        ("lr=nan", r"out of range"),
        ("stesp=4", r"method 'ga' has no setting 'stesp'; did you mean 'steps'"),
        ("zzz=4", r"it has: lr, steps"),
        ("steps", r"not key=value"),
    ],
)
def test_what_does_not_fit_is_an_error(text: str, message: str) -> None:
    with pytest.raises(AsruBenchError, match=message):
        config.build(Settings, texts=[text], owner="method 'ga'")


def test_a_key_given_twice_is_an_error() -> None:
    with pytest.raises(AsruBenchError, match="twice"):
        config.build(Settings, texts=["lr=1e-3", "lr=1e-4"])


def test_values_of_layers_are_checked() -> None:
    assert config.build(Settings, {"kinds": ["a"], "lr": 1e-3}) == Settings(kinds=("a",), lr=1e-3)
    with pytest.raises(AsruBenchError, match="steps='4'"):
        config.build(Settings, {"steps": "4"})
    with pytest.raises(AsruBenchError, match="steps=True"):
        config.build(Settings, {"steps": True})


def test_values_go_to_json_and_back() -> None:
    built = config.build(Settings, texts=["kinds=a,b,c", "steps=3"])
    stored = config.values(built)
    assert stored["kinds"] == ["a", "b", "c"]
    assert config.build(Settings, stored) == built


def test_defaults_of_variants() -> None:
    assert config.build(Knobs, texts=["variant=release"]).alpha == 2.0
    assert config.build(Knobs, config.values(config.build(Knobs))) == config.build(Knobs)
    with pytest.raises(AsruBenchError, match="unknown variant"):
        config.build(Knobs, texts=["variant=other"])


def test_describe() -> None:
    assert config.describe(Settings)[0] == ("lr", "a number", "0.0001", "learning rate")
    assert config.describe(Settings)[1][1] == "none or a whole number"
