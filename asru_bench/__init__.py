"""asru-bench: an evaluation-first harness for multimodal machine unlearning.

    from asru_bench import RunSpec
    from asru_bench.run import run
    (record,) = run(RunSpec(method="asru", task="mllmu_bench"))

Public names are loaded when first used; importing the package imports nothing heavy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asru_bench.judge import Judge
    from asru_bench.models import VLM, load
    from asru_bench.plan import Place
    from asru_bench.record import RunRecord, read_record
    from asru_bench.registry import JUDGES, METHODS, TASKS
    from asru_bench.task import Task
    from asru_bench.training import LossUnlearner
    from asru_bench.types import AsruBenchError, RunSpec, Sample, Verdict
    from asru_bench.unlearner import Context, Unlearner

__version__ = "0.1.0"
__all__ = [
    "JUDGES",
    "METHODS",
    "TASKS",
    "VLM",
    "AsruBenchError",
    "Context",
    "Judge",
    "LossUnlearner",
    "Place",
    "RunRecord",
    "RunSpec",
    "Sample",
    "Task",
    "Unlearner",
    "Verdict",
    "load",
    "read_record",
]
#: Public name -> the module that defines it.
HOMES = {
    **dict.fromkeys(("JUDGES", "METHODS", "TASKS"), "registry"),
    **dict.fromkeys(("VLM", "load"), "models"),
    **dict.fromkeys(("AsruBenchError", "RunSpec", "Sample", "Verdict"), "types"),
    **dict.fromkeys(("Context", "Unlearner"), "unlearner"),
    **dict.fromkeys(("RunRecord", "read_record"), "record"),
    "Judge": "judge",
    "LossUnlearner": "training",
    "Place": "plan",
    "Task": "task",
}


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
