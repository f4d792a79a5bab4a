"""What is refused before anything is loaded or trained: folders for results, and settings with few values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from asru_bench import served
from asru_bench.controls import CONTROLS
from asru_bench.fit import check_optimiser
from asru_bench.types import AsruBenchError, RunSpec

if TYPE_CHECKING:
    from asru_bench.plan import Place

#: How an unlearned model is stored: whole, as what differs from vanilla, or as what saves much.
CHECKPOINTS = ("auto", "whole", "delta")


def out(folder: str) -> None:
    """Raises an `AsruBenchError` where results cannot go to a folder of that name."""
    if not folder.strip():
        raise AsruBenchError(f"--out {folder!r} is empty; give a folder for the results, or leave it out (runs).")
    place = Path(folder).expanduser()
    if file := next((str(part) for part in (place, *place.parents) if part.is_file()), ""):
        raise AsruBenchError(
            f"cannot write to --out {folder}: {file} is a file; expected a folder, made where it is not there."
        )


def choices(spec: RunSpec, place: Place) -> None:
    """Settings with few values, checked before anything is loaded or trained."""
    from asru_bench import pretrained, quantise
    from asru_bench.models import DTYPES, pick_device

    for flag, value, allowed in (
        ("engine", spec.engine, served.ENGINES),
        ("train", spec.train or "full", ("full", "lora")),
        ("dtype", spec.dtype, DTYPES),
        ("checkpoints", place.checkpoints, CHECKPOINTS),
        ("control", spec.control, CONTROLS),
    ):
        if value not in allowed:
            raise AsruBenchError(f"unknown {flag} {value!r}; expected {' or '.join(allowed)} (--{flag}).")
    check_optimiser(spec.optim)
    quantise.check(spec.quant)
    pretrained.check_kernel(spec.attn)
    pick_device(place.device)
    if spec.quant and spec.engine != "hf":
        raise AsruBenchError("--quant is for --engine hf; a server decides itself how it holds its weights.")
    served.check(spec.engine, place)
