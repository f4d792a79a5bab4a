"""Snapshots of a training stage: enough to go on after a stop as if there had been none."""

from __future__ import annotations

import pickle
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from asru_bench import ranks
from asru_bench.fit import SAVE_EVERY, Fit
from asru_bench.room import amount

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

Report = Callable[[int, dict[str, float]], None]
#: Left over beside a snapshot and the one that it replaces, so that a disk is not filled to the last byte.
DISK_MARGIN = 1.1


@dataclass
class Stage:
    """One call of the training loop: what changes from step to step.

    `key` names its inputs: a snapshot of others is not taken. `history` are the numbers of every step.
    """

    fit: Fit
    key: str
    weights: Mapping[str, Tensor]
    optimiser: Optimizer
    schedule: LRScheduler | None
    device: torch.device
    file: Path | None = None
    history: list[tuple[int, dict[str, float]]] = field(default_factory=list)
    size: int = 0
    spent: float = 0.0

    def __post_init__(self) -> None:
        self.file = self.fit.stage_file()
        self._started = self._saved = time.monotonic()

    @property
    def done(self) -> int:
        """Steps so far."""
        return self.history[-1][0] if self.history else 0

    def restore(self, report: Report | None) -> None:
        """Takes up the snapshot of the same inputs, if there is one; its steps are reported again."""
        state = _read(self.file)
        if state is None or state["key"] != self.key:
            return
        with torch.no_grad():
            for name, weight in self.weights.items():
                weight.copy_(state["weights"][name])
        self.optimiser.load_state_dict(state["optimiser"])
        if self.schedule is not None:
            self.schedule.load_state_dict(state["schedule"])
        self.history = [(step, dict(numbers)) for step, numbers in state["history"]]
        self.size, self.spent = state["size"], state["seconds"]
        set_streams(self.device, state["streams"])
        for step, numbers in self.history if report else ():
            report(step, numbers)  # type: ignore[misc]
        self.fit.resumed(self.done, self.spent)

    def step(self, number: int, numbers: dict[str, float]) -> None:
        """Notes a step; the process that writes saves where it is time to."""
        self.history.append((number, numbers))
        if self.file is not None and ranks.first() and time.monotonic() - self._saved >= 60 * self.fit.save_every:
            self.save()
            self._saved = time.monotonic()

    def close(self) -> None:
        """Saves the end, so that a stop in a later stage does not bring this one back."""
        if self.file is not None and ranks.first():
            self.save()

    def save(self) -> None:
        """Writes the snapshot, all or nothing. Too little room is said once and stops no training."""
        assert self.file is not None, "a stage without a folder has no snapshots"
        state = {
            "key": self.key,
            "weights": {name: weight.detach() for name, weight in self.weights.items()},
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict() if self.schedule is not None else {},
            "history": self.history,
            "size": self.size,
            "seconds": self.spent + time.monotonic() - self._started,
            "streams": streams(self.device),
        }
        self.file.parent.mkdir(parents=True, exist_ok=True)
        needed, free = DISK_MARGIN * _bytes(state), shutil.disk_usage(self.file.parent).free
        temporary = self.file.with_suffix(".tmp")
        try:
            if needed > free:
                raise OSError(f"{amount(free)} free, {amount(needed)} needed")
            torch.save(state, temporary)
            temporary.replace(self.file)
        except (OSError, RuntimeError) as error:  # torch raises the latter where a disk is full
            temporary.unlink(missing_ok=True)
            self.file = None
            self.fit.note(f"no snapshots from here on ({error}); after a stop this stage starts again", snapshots=False)


def streams(device: torch.device) -> list[Tensor]:
    """The states of torch's random streams: on the host, and on the device where it is a GPU."""
    found = [torch.get_rng_state()]
    return [*found, torch.cuda.get_rng_state(device)] if device.type == "cuda" else found


def set_streams(device: torch.device, states: Sequence[Tensor]) -> None:
    """Back to the states that `streams` gave."""
    torch.set_rng_state(states[0])
    if device.type == "cuda" and len(states) > 1:
        torch.cuda.set_rng_state(states[1], device)


def _read(file: Path | None) -> dict[str, Any] | None:
    if file is None or not file.is_file():
        return None
    try:
        return torch.load(file, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError):
        return None  # cut or of another version: the stage starts again


def _bytes(value: Any) -> int:
    if isinstance(value, Tensor):
        return value.numel() * value.element_size()
    if isinstance(value, Mapping):
        return sum(map(_bytes, value.values()))
    return sum(map(_bytes, value)) if isinstance(value, list | tuple) else 0


__all__ = ["SAVE_EVERY", "Stage", "set_streams", "streams"]
