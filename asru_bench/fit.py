"""How training is made to fit on a machine and to survive a stop. Light: no torch at import."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asru_bench import shown
from asru_bench.launch import Elsewhere
from asru_bench.types import AsruBenchError

#: AdamW with states beside the weights; with states of 8 bits (bitsandbytes, GPU); with states in host memory.
OPTIMISERS = ("adamw", "adamw8bit", "offload")
#: Minutes between snapshots of a training stage.
SAVE_EVERY = 10.0
#: Where the findings of a training are written (`watch.py`), a file for each of its processes.
OPENED = "opened-*.jsonl"
LESS_MEMORY = "--grad-checkpoint, --train lora, --dtype bfloat16, --optim offload, or a larger GPU"


@dataclass
class Fit:
    """What a stage of training may use, and what it had to change.

    `optim` (one of `OPTIMISERS`) decides what is computed; the rest does not. `grad_checkpoint` computes
    activations again in the backward pass. Snapshots go to `folder`, if there is one, every `save_every`
    minutes (0 = after each step, negative = never). `notes` holds what the record should say, such as a
    batch that was halved; `spent` the seconds of work that an earlier process did.
    """

    optim: str = "adamw"
    grad_checkpoint: bool = False
    folder: Path | None = None
    save_every: float = SAVE_EVERY
    notes: dict[str, Any] = field(default_factory=dict)
    spent: float = 0.0
    _stages: int = 0

    def stage_file(self) -> Path | None:
        """Where the next stage of training keeps its snapshot: stages are told apart by their order."""
        self._stages += 1
        return None if self.folder is None or self.save_every < 0 else self.folder / f"stage-{self._stages}.pt"

    def resumed(self, step: int, seconds: float) -> None:
        """A stage goes on after `step`, which took so many seconds before."""
        self.spent += seconds
        self.note(f"going on after step {step} of training stage {self._stages}")

    def note(self, text: str, **facts: Any) -> None:
        """Keeps facts for the record, and says so in the log of the run."""
        self.notes.update(facts)
        shown.say(f"note: {text}")


def workplace(work: Path, key: str) -> None:
    """Makes a folder that is empty but for what a training of the same `key` that was stopped left behind.

    That is its snapshots, and the list of what its method opened and should not have.
    """
    note = work / "key.txt"
    if not (note.is_file() and note.read_text(encoding="utf-8") == key):
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        note.write_text(key, encoding="utf-8")
    for path in work.iterdir():
        if path.is_dir() and path.name != "snapshots":
            shutil.rmtree(path)
        elif path.is_file() and path != note and not path.match(OPENED):
            path.unlink()


def check_optimiser(name: str) -> None:
    """Raises an `AsruBenchError` where there is no such optimiser, or its package is not installed."""
    if name not in OPTIMISERS:
        raise AsruBenchError(f"unknown optimiser {name!r}; expected {', '.join(OPTIMISERS)} (--optim).")
    if name == "adamw8bit":
        need_bitsandbytes("--optim adamw8bit", "use --optim offload, which needs no extra package")


def need_bitsandbytes(what: str, instead: str) -> Any:
    """The package, or an error with the line that installs it."""
    try:
        import bitsandbytes
    except ImportError as error:
        raise AsruBenchError(
            f"{what} needs bitsandbytes, which is not installed (or not usable: {error}). Type: pip install "
            f"'asru-bench[quant]'; or {instead}."
        ) from error
    return bitsandbytes


@contextmanager
def memory_explained(work: str) -> Iterator[None]:
    """Turns memory that runs out, where nothing can be divided, into an error that says what helps."""
    try:
        yield
    except Exception as error:
        if isinstance(error, Elsewhere) or not out_of_memory(error):
            raise
        reason = str(error).strip().partition("\n")[0]
        raise AsruBenchError(f"out of memory in {work} ({reason}); use {LESS_MEMORY}.") from error


def out_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory ran out, on a GPU or here."""
    text = str(error).lower()
    full = "out of memory" in text or "can't allocate memory" in text
    return (
        type(error).__name__ == "OutOfMemoryError"
        or isinstance(error, MemoryError)
        or (isinstance(error, RuntimeError) and full)
    )


def later(values: Mapping[str, Any]) -> dict[str, Any]:
    """A spec's fields for its hash: those that came later count only where they say something.

    So an option that is added changes the name of no run that does not use it.
    """
    return {name: value for name, value in values.items() if LATER.get(name, object) != value}


#: Fields of `RunSpec` that came after records existed, with what they say by default.
LATER: dict[str, Any] = {"optim": "adamw", "quant": "", "earlier": ()}
