"""Whether training has room: bytes by arithmetic from the shapes on disk, before anything is loaded."""

from __future__ import annotations

import json
import shutil
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from asru_bench.types import AsruBenchError

if TYPE_CHECKING:
    import torch

#: Bytes of a trained parameter beside its weight: (on the device, in host memory), gradient included, for
#: weights of 4 and of 2 bytes, which get masters (`optimisers.py`).
BESIDE = {
    "adamw": {4: (12, 0), 2: (14, 0)},
    "adamw8bit": {4: (6, 0), 2: (8, 0)},
    "offload": {4: (4, 16), 2: (2, 16)},
}
SIZES = {"float32": 4, "bfloat16": 2, "float16": 2}
GB = 1e9
#: Left over beside the weights, so that a disk is not filled to the last byte.
DISK_MARGIN = 1.1


class Trained(Protocol):
    """What is asked of a spec, or of the settings of a training."""

    @property
    def dtype(self) -> str: ...

    @property
    def train(self) -> str: ...

    @property
    def optim(self) -> str: ...


def needed(path: str, dtype: str, train: str, optim: str, copies: int = 1) -> tuple[int, int]:
    """(device, host) bytes for weights, gradients and optimiser of a model, activations not counted.

    `copies` is how many models stand on the device, the trained one included. Adapters, of about a hundredth
    of the weights, are not counted. (0, 0) where the weights are not on disk to be measured.
    """
    count, size = parameters(path), SIZES[dtype]
    device, host = BESIDE[optim][size] if train == "full" else (0, 0)
    return count * (size * copies + device), count * host


def check_before(method: type, spec: Trained, device: torch.device, vanilla: str, folder: Path) -> None:
    """Memory and disk before anything is loaded: only what every method of this kind needs for sure."""
    from asru_bench.training import LossUnlearner
    from asru_bench.unlearner import Unlearner

    needs = method.needs if issubclass(method, Unlearner) else ()
    loop = issubclass(method, LossUnlearner)
    train = spec.train if loop else "lora"
    copies = 1 + ("base" in needs) + ("reference" in needs and train == "full")
    check(vanilla, device, spec.dtype, train, spec.optim, copies)
    if loop and train == "full":
        check_disk(vanilla, spec.dtype, folder)


def check_disk(path: str, dtype: str, folder: Path, what: str = "the unlearned model") -> None:
    """Raises an `AsruBenchError` where a folder has no room for the weights of the model at `path`."""
    bytes_, free = DISK_MARGIN * parameters(path) * SIZES[dtype], shutil.disk_usage(folder).free
    if bytes_ > free:
        raise AsruBenchError(
            f"the disk of {folder} has {amount(free)} free, {what} needs about {amount(bytes_)}; free "
            "some (`asru-bench cache ls`) or choose another --out."
        )


def check_merge(path: str) -> None:
    """Raises an `AsruBenchError` where the model at `path` does not fit into host memory in float32, to be merged."""
    bytes_, free = parameters(path) * SIZES["float32"], _free_host()
    if free is not None and bytes_ > free:
        raise AsruBenchError(
            f"too little memory: merging the adapter into {path!r} takes {amount(bytes_)} of this machine's memory "
            f"(float32) after training, {amount(free)} are free. Use --train full, a smaller model or a larger "
            "machine."
        )


def amount(bytes_: float) -> str:
    """Bytes in the unit in which they are 1 or more; with one decimal below 10, of GB always."""
    unit, name = next(((u, n) for u, n in ((GB, "GB"), (1e6, "MB"), (1e3, "kB")) if bytes_ >= u), (1, "bytes"))
    number = bytes_ / unit
    whole = unit == 1 or (unit < GB and round(number, 1) >= 10)
    return f"{number:.0f} {name}" if whole else f"{number:.1f} {name}"


def parameters(path: str) -> int:
    """How many parameters the safetensors of a model folder or of a cached hub id hold; 0 where there are none."""
    folder = _weights(path)
    return sum(_count(file) for file in folder.glob("*.safetensors")) if folder else 0


def check(path: str, device: torch.device, dtype: str, train: str, optim: str, copies: int = 1) -> None:
    """Raises an `AsruBenchError` where training cannot fit, whatever the batch; see `needed`."""
    on_device, host = needed(path, dtype, train, optim, copies)
    gpu = device.type == "cuda"
    wanted = [("GPU", on_device, _free_gpu(device)), ("this machine", host, _free_host())] if gpu else []
    for where, bytes_, free in wanted or [("this machine", on_device + host, _free_host())]:
        if free is not None and bytes_ > free:
            raise AsruBenchError(
                f"too little memory: training {path!r} ({train}, {dtype}, {optim}) takes {amount(bytes_)} on "
                f"{where} before any activation, {amount(free)} are free. Use {_advice(dtype, train, optim)}."
            )


def peak_memory() -> int:
    """The most memory that this process ever had, in bytes; 0 where the system does not say."""
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _advice(dtype: str, train: str, optim: str) -> str:
    found = ["--train lora"] if train == "full" else []
    found += ["--dtype bfloat16"] if dtype == "float32" else []
    found += ["--optim offload"] if train == "full" and optim != "offload" else []
    return " or ".join([*found, "a smaller model or a larger machine"])


def _weights(path: str) -> Path | None:
    """Where the whole weights lie: of an adapter or delta those of its base."""
    from asru_bench.doctor_inputs import cached
    from asru_bench.models import MANIFEST, needs_base

    folder = Path(path).expanduser()
    if not folder.is_dir():
        return cached(path)
    if needs_base(folder):
        return _weights(json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["base"])
    return folder


def _count(file: Path) -> int:
    """Parameters of one file, from its header: 8 bytes of length, then JSON with the shape of each tensor."""
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            header: dict[str, Any] = json.loads(stream.read(length))
    except (OSError, ValueError, struct.error):
        return 0  # a file that is cut is the loader's to explain
    total = 0
    for name, tensor in header.items():
        if name != "__metadata__":
            size = 1
            for length in tensor["shape"]:
                size *= length
            total += size
    return total


def _free_gpu(device: torch.device) -> int:
    import torch

    return torch.cuda.mem_get_info(device)[0]


def _free_host() -> int | None:
    """Bytes that processes may still take; None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(found[0]) * 1024 if found else None
