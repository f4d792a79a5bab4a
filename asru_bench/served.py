"""Engines that answer from elsewhere than this process: which there are, what they need, and how to reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asru_bench.types import AsruBenchError, Checkpoint

if TYPE_CHECKING:
    from asru_bench.engines import Engine
    from asru_bench.folder import RunFolder
    from asru_bench.plan import Place

ENGINES = ("hf", "openai", "vllm")


def check(engine: str, place: Place) -> None:
    """Raises `AsruBenchError` where something that was typed does not fit the engine or is missing."""
    if engine == "openai":
        from asru_bench import openai_engine

        openai_engine.check(place)
    elif place.engine_url:
        raise AsruBenchError("--engine-url is for a served model; add --engine openai, or leave it out.")
    if engine == "vllm":
        from asru_bench import vllm_engine

        vllm_engine.check(place)
    elif place.engine_options:
        raise AsruBenchError("-e is for the engine vllm; add --engine vllm, or leave it out.")


def connect(engine: str, checkpoint: Checkpoint, folder: RunFolder) -> Engine:
    """The engine that answers as a checkpoint."""
    if engine == "vllm":
        from asru_bench import vllm_engine

        return vllm_engine.connect(checkpoint, folder)
    from asru_bench import openai_engine

    return openai_engine.connect(checkpoint, folder.place)
