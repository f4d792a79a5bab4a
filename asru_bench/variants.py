"""Fields of `Config` classes: settings with meaning and bounds, and those that depend on the variant of a method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from asru_bench.types import AsruBenchError

VARIANTS = ("ours", "release")


def setting(
    default: Any, help: str, low: float | None = None, high: float | None = None, choices: Sequence[str] = ()
) -> Any:
    """A field with its meaning and its bounds, both included, or its choices. Numbers need at least `low`."""
    return field(default=default, metadata={"help": help, **_bounds(low, high, choices)})


def knob(
    ours: Any,
    release: Any,
    help: str,
    low: float | None = None,
    high: float | None = None,
    choices: Sequence[str] = (),
) -> Any:
    """A field with two defaults; the one of the chosen variant is filled in when the config is made."""
    return field(default=None, metadata={"ours": ours, "release": release, "help": help, **_bounds(low, high, choices)})


def _bounds(low: float | None, high: float | None, choices: Sequence[str]) -> dict[str, Any]:
    given = (("low", low), ("high", high), ("choices", tuple(choices) or None))
    return {name: value for name, value in given if value is not None}


@dataclass(frozen=True)
class VariantConfig:
    """Base of configs with `knob` fields: after construction no field is open."""

    variant: str = field(default="ours", metadata={"help": "ours, or release: the published recipe throughout"})

    def __post_init__(self) -> None:
        if self.variant not in VARIANTS:
            raise AsruBenchError(f"unknown variant {self.variant!r}; choose ours or release (-m variant=release).")
        for item in fields(self):
            if getattr(self, item.name) is None and self.variant in item.metadata:
                object.__setattr__(self, item.name, item.metadata[self.variant])
