"""What a machine can do: memory, arithmetic and bandwidth, measured here in a moment or published by its maker."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from asru_bench.types import AsruBenchError

GB = 1e9


@dataclass(frozen=True)
class Machine:
    """`flops` a second of large matrix products in the run's precision, `bandwidth` in bytes a second.

    `memory` is what a process may use in bytes, None where the system does not say; `measured`: whether `flops` was
    measured on this machine.
    """

    name: str
    memory: float | None
    flops: float
    bandwidth: float
    measured: bool
    gpu: bool


#: Makers' data sheets: memory in GB, dense bfloat16 (T4, V100: float16) in 10^12 a second, bandwidth in 10^12 bytes.
PUBLISHED = {
    "t4": (16, 65, 0.32),
    "v100": (32, 125, 0.9),
    "a10": (24, 125, 0.6),
    "rtx3090": (24, 71, 0.94),
    "rtx4090": (24, 165, 1.01),
    "l40s": (48, 362, 0.86),
    "a100-40": (40, 312, 1.56),
    "a100": (80, 312, 2.0),
    "h100": (80, 989, 3.35),
    "h200": (141, 989, 4.8),
    "b200": (180, 2250, 8.0),
}
#: Share of a data sheet's figure that large matrix products reach; an assumption.
REACHED = 0.6
#: Bytes a second of a CPU's memory, for all cores; an assumption.
CPU_BANDWIDTH = 20e9


def named(gpu: str) -> Machine:
    """A GPU by its short name, from its data sheet."""
    if gpu.lower() not in PUBLISHED:
        raise AsruBenchError(f"unknown GPU {gpu!r}; --gpu takes {', '.join(PUBLISHED)}.")
    memory, flops, bandwidth = PUBLISHED[gpu.lower()]
    return Machine(gpu.upper(), memory * GB, REACHED * flops * 1e12, bandwidth * 1e12, False, True)


@lru_cache(maxsize=4)
def here(device: str, dtype: str) -> Machine:
    """The device of this machine; a matrix product is timed on it, which takes about a tenth of a second."""
    import torch

    from asru_bench.doctor import _free_memory
    from asru_bench.models import pick_device

    found = pick_device(device)
    if found.type == "cuda":
        facts = torch.cuda.get_device_properties(found)
        free, _ = torch.cuda.mem_get_info(found)
        published = next((v for k, v in PUBLISHED.items() if k.split("-")[0].upper() in facts.name.upper()), None)
        bandwidth = published[2] * 1e12 if published else 1e12
        return Machine(facts.name, float(free), _product(found, dtype), bandwidth, True, True)
    free_gb = _free_memory()
    memory = None if free_gb is None else free_gb * GB
    return Machine("this CPU", memory, _product(found, "float32"), CPU_BANDWIDTH, True, False)


def free_disk(folder: Path) -> int:
    """Free bytes where a folder is or will be."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free


def _product(device: object, dtype: str) -> float:
    """Floating-point operations a second of a square matrix product."""
    import torch

    on_gpu = getattr(device, "type", "") == "cuda"
    size = 4096 if on_gpu else 512
    one = torch.ones(size, size, device=device, dtype=getattr(torch, dtype))  # type: ignore[call-overload]
    best = float("inf")
    for _ in range(4):
        started = time.perf_counter()
        result = one @ one
        if on_gpu:
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - started)
        del result
    return 2 * size**3 / best
