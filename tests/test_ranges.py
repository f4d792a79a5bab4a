"""Every number that can be set has a range, defaults lie in it, and what lies outside is an error that says it."""

from __future__ import annotations

import typing
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

import pytest

from asru_bench import config, memorise, registry, scaffold
from asru_bench.types import AsruBenchError
from asru_bench.variants import knob, setting

CASES = [(kind, name) for kind, known in registry.ALL.items() for name in known.names()]


def config_of(kind: str, name: str) -> type:
    return registry.ALL[kind].get(name).Config


def holds_number(hint: Any) -> bool:
    """Whether a value of this annotation can be a number, in unions and in tuples too."""
    return hint in (int, float) or any(holds_number(part) for part in typing.get_args(hint))


def without_range(cls: type) -> list[str]:
    """Numeric settings of a Config without a lower bound, or with defaults outside their bounds."""
    hints = typing.get_type_hints(cls)
    return [f.name for f in fields(cls) if holds_number(hints[f.name]) and not _bounded(f)]


def _bounded(item: Field) -> bool:
    low, high = item.metadata.get("low"), item.metadata.get("high", float("inf"))
    defaults = [d for d in (item.default, item.metadata.get("ours"), item.metadata.get("release")) if d is not None]
    return low is not None and all(low <= d <= high for d in defaults)


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_every_number_of_a_plug_in_has_a_range_and_a_meaning(kind: str, name: str) -> None:
    cls = config_of(kind, name)
    assert without_range(cls) == []
    assert [f.name for f in fields(cls) if f.init and not f.metadata.get("help")] == []


def test_recipes_and_templates_too(tmp_path: Path) -> None:
    assert without_range(memorise.Config) == []
    for kind in scaffold.NEXT:
        path, _ = scaffold.new(kind, "brand_new", tmp_path / kind)
        assert without_range(registry.ALL[kind].get(str(path)).Config) == []


def test_a_number_without_a_range_is_noticed() -> None:
    @dataclass(frozen=True)
    class Lacking:
        good: int = setting(1, "has one", 0)
        bare: int = 3
        maybe: float | None = setting(None, "has none")
        several: tuple[int, ...] = ()
        outside: float = setting(3.0, "beyond its own range", 0.0, 1.0)
        shifted: float = knob(0.5, 2.0, "released beyond the range", 0.0, 1.0)
        text: str = "no number"
        choice: bool = field(default=False)

    globals()["Lacking"] = Lacking
    assert without_range(Lacking) == ["bare", "maybe", "several", "outside", "shifted"]


@pytest.mark.parametrize(
    ("kind", "name", "text", "message"),
    [
        ("method", "ga", "steps=0", "setting steps=0 of x is out of range; expected 1 to 1000000."),
        ("method", "npo", "batch_size=-3", "setting batch_size=-3 of x is out of range; expected 1 to 64."),
        ("method", "asru", "rl_epochs=0", "setting rl_epochs=0 of x is out of range; expected at least 1."),
        ("method", "asru", "top_p=1.5", "setting top_p=1.5 of x is out of range; expected 0.01 to 1."),
        ("method", "asru", "alpha=nan", "setting alpha=nan of x is out of range; expected at least 0."),
        ("method", "asru", "scale=inf", "setting scale=inf of x is out of range; expected at least 0."),
        ("method", "asru", "stages=setup", "unknown stages 'setup' of x; expected both or steer or reinforce."),
        ("method", "asru", "solver=rigde", "unknown solver 'rigde' of x; did you mean 'ridge'? expected ridge or"),
        ("task", "mllmu_bench", "shots=9", "setting shots=9 of x is out of range; expected 0 to 8."),
        ("task", "mllmu_bench", "retain_people=0", "setting retain_people=0 of x is out of range; expected at least 1"),
        ("judge", "quality", "low=0.5", "setting low=0.5 of x is out of range; expected -1000 to 0."),
        ("judge", "llm", "max_tokens=1", "setting max_tokens=1 of x is out of range; expected 50 to 4000."),
    ],
)
def test_what_lies_outside_is_an_error_that_says_the_range(kind: str, name: str, text: str, message: str) -> None:
    with pytest.raises(AsruBenchError) as caught:
        config.build(config_of(kind, name), texts=[text], owner="x")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "name", "text", "value"),
    [
        ("method", "ga", "steps=1", 1),
        ("method", "ga", "steps=none", None),
        ("method", "asru", "layer=0", 0.0),
        ("method", "asru", "forget_pairs=1000000000", 10**9),
        ("method", "asru", "over_refusal=-1.3", -1.3),
        ("method", "asru", "direction=zero", "zero"),
        ("task", "mllmu_bench", "unseen=none", 0.2),
        ("task", "mllmu_bench", "shots=8", 8),
    ],
)
def test_what_lies_inside_stays(kind: str, name: str, text: str, value: Any) -> None:
    built = config.build(config_of(kind, name), texts=[text])
    assert getattr(built, text.partition("=")[0]) == value


def test_presets_of_the_embedded_models_lie_inside() -> None:
    from asru_bench.sources import resolve

    for task in ("mllmu_bench", "clear", "ppu_bench"):
        for row, values in resolve("mini").presets(task).items():
            if isinstance(next(iter(values.values())), dict):
                continue
            name, _, variant = row.partition("@")
            cls = config_of("method", name)
            assert config.build(cls, {"variant": variant} if variant else {}, values, owner=row)


def test_ranges_read_as_words() -> None:
    items = {f.name: f for f in fields(_Worded)}
    assert [config.range_of(items[n]) for n in "abcde"] == ["0 to 1", "at least 2", "at most 3", "", "x or y"]


@dataclass(frozen=True)
class _Worded:
    a: float = setting(0.5, "a", 0.0, 1.0)
    b: int = setting(2, "b", 2)
    c: int = setting(2, "c", None, 3)
    d: str = setting("", "d")
    e: str = knob("x", "y", "e", choices=("x", "y"))
