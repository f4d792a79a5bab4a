"""What an unlearning method is, and all that it is given: training data, no task and no evaluation question."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Protocol

from asru_bench import shown
from asru_bench.fit import Fit
from asru_bench.launch import follows
from asru_bench.models import VLM, clone, load
from asru_bench.reporting import Reporter
from asru_bench.types import AsruBenchError, TrainingData

NEEDS = ("forget", "retain", "unseen", "faces", "base", "reference")


@dataclass(frozen=True)
class Budget:
    """Limits that the loop keeps: optimiser steps in all, and wall seconds."""

    max_steps: int | None = None
    max_seconds: float | None = None


class Ticker(Protocol):
    """A progress bar as a method sees it."""

    def advance(self) -> None: ...

    def say(self, text: str) -> None: ...


@dataclass
class Context:
    """All that a method receives. `vlm` is the vanilla model on its device; the method may change it.

    `left_out`: people whom the model forgot in earlier runs; told to the oracle alone, whose data they are not in.
    """

    vlm: VLM
    data: TrainingData
    seed: int = 0
    budget: Budget = field(default_factory=Budget)
    workdir: Path = Path()
    train: str = "full"
    base_path: str = ""
    source: Any = None
    left_out: tuple[str, ...] = ()
    fit: Fit = field(default_factory=Fit)
    reporter: Reporter | None = None

    def __post_init__(self) -> None:
        self._started = time.monotonic()
        self._untouched = _versions(self.vlm)

    @cached_property
    def base(self) -> VLM:
        """The off-the-shelf model, frozen; loaded when first asked for."""
        if not self.base_path:
            raise AsruBenchError("this run has no base model; name it with --base or use a method that needs none.")
        return self._load_frozen(self.base_path)

    @cached_property
    def reference(self) -> VLM:
        """A frozen copy of the model as it came in, also when first asked for after training began."""
        if _versions(self.vlm) == self._untouched:
            return clone(self.vlm)
        return self._load_frozen(self.vlm.path)

    def log(self, stage: str, step: int, **numbers: float) -> None:
        """Appends one line to `curves.jsonl`, and to what `--report-to` names; what is not finite becomes null."""
        if follows():
            return
        clean = {k: v if math.isfinite(v) else None for k, v in numbers.items()}
        line = {"stage": stage, "step": step, "seconds": round(time.monotonic() - self._started, 3), **clean}
        with (self.workdir / "curves.jsonl").open("a") as stream:
            stream.write(json.dumps(line) + "\n")
        if self.reporter:
            self.reporter.log(stage, step, clean)

    @contextmanager
    def progress(self, description: str, total: int | None = None) -> Iterator[Ticker]:
        """A progress bar on the terminal, nothing elsewhere."""
        with progress_bar(description, total) as ticker:
            yield ticker

    def _load_frozen(self, path: str) -> VLM:
        dtype = str(self.vlm.model.dtype).removeprefix("torch.")
        attn = getattr(self.vlm.model.config, "_attn_implementation", None) or "sdpa"
        vlm = load(path, device=str(self.vlm.device), dtype=dtype, attn=attn)
        vlm.model.requires_grad_(False)
        return vlm


@dataclass(frozen=True)
class NoConfig:
    """For methods without settings."""


class Unlearner:
    """A method: one subclass in one file of `methods/`, named after the file.

    The class attributes are literals, read without importing the file. `needs` is a subset of `NEEDS`.
    """

    paper: ClassVar[str] = ""
    year: ClassVar[int] = 0
    kind: ClassVar[str] = ""
    needs: ClassVar[tuple[str, ...]] = ("forget",)
    Config: ClassVar[type] = NoConfig

    def __init__(self, config: Any = None) -> None:
        self.config = self.Config() if config is None else config

    def unlearn(self, ctx: Context) -> VLM:
        """Returns the changed model; the core saves it and evaluates what it reads back."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it unlearns")


@contextmanager
def progress_bar(description: str, total: int | None = None) -> Iterator[Ticker]:
    """A bar on standard error when that is a terminal."""
    if follows() or not sys.stderr.isatty():
        yield _Silent()
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    with Progress(console=Console(file=shown.raw(sys.stderr)), transient=True) as bars:
        yield _Bar(bars, bars.add_task(escape(shown.message(description)), total=total))


class _Silent:
    def advance(self) -> None:
        pass

    def say(self, text: str) -> None:
        pass


@dataclass
class _Bar:
    bars: Any
    task: Any

    def advance(self) -> None:
        self.bars.advance(self.task)

    def say(self, text: str) -> None:
        from rich.markup import escape

        self.bars.update(self.task, description=escape(shown.message(text)))


def _versions(vlm: VLM) -> list[tuple[int, int]]:
    """Changes with every in-place update of a weight and with every added or replaced weight."""
    return [(id(p), p._version) for p in vlm.model.parameters()]
