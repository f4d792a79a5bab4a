"""What this machine has and lacks: `asru-bench doctor`. Each look is one function; none raises, none waits long.

`ok` works, `note` is worth knowing and stops nothing, `broken` stops a run; what is wrong comes with the one line
that mends it. Heavy libraries are imported here because only a real import shows that they work together.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

OK, NOTE, BROKEN = "ok", "note", "broken"
DISTRIBUTION = "asru-bench"
#: Below this many GB free nothing can be written; below the second a real model does not fit (estimated).
LEAST_DISK, DISK_FOR_REAL = 1.0, 40.0
LEAST_MEMORY = 2.0
HUB_SECONDS = 2.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `mend` is what to type where it is not ok."""

    name: str
    status: str
    words: str
    mend: str = ""


def examine(task: str = "", data: str = "", model: str = "") -> list[Finding]:
    """Everything in reading order; a look that itself breaks is a note with its reason."""
    from asru_bench import doctor_inputs as inputs

    looks: list[tuple[str, Callable[[], Iterable[Finding]]]] = [
        ("python", python),
        ("packages", packages),
        ("torch", torch_build),
        ("torchvision", torchvision),
        ("gpu", gpu),
        ("attention", attention),
        ("disk", disk),
        ("memory", memory),
        ("cores", cores),
        ("hub", hub),
        ("embedded model", inputs.embedded),
    ]
    if model:
        looks.append(("model", lambda: inputs.model(model)))
    if task or data:
        looks.append(("data", lambda: inputs.data(task or "mllmu_bench", data, model)))
    return [finding for name, look in looks for finding in _safely(name, look)]


def text(findings: Iterable[Finding]) -> str:
    """One line a finding, its mending line under it, and the verdict."""
    listed = list(findings)
    lines = []
    for found in listed:
        lines.append(f"{found.status:<7} {found.name:<15} {found.words}".rstrip())
        if found.mend:
            lines.append(f"{'':<23} -> {found.mend}")
    bad = broken(listed)
    if bad:
        names = ", ".join(found.name for found in bad)
        lines += ["", f"Broken: {names}. Type what stands behind ->, then asru-bench doctor again."]
    else:
        lines += ["", "Nothing needed is broken. The first thing to type: asru-bench run"]
    return "\n".join(lines)


def broken(findings: Iterable[Finding]) -> list[Finding]:
    return [found for found in findings if found.status == BROKEN]


def python() -> Iterable[Finding]:
    """The version; an older one than the package allows cannot get here."""
    yield Finding("python", OK, ".".join(map(str, sys.version_info[:3])))


def packages() -> Iterable[Finding]:
    """Installed versions against the ranges of the package's own requirements."""
    try:
        wanted = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        yield Finding("packages", NOTE, "asru-bench is not installed, so no ranges are known", "pip install -e .")
        return
    found = list(outside(wanted, _version))
    yield from found
    if not found:
        count = sum("extra ==" not in line for line in wanted)
        yield Finding("packages", OK, f"all {count} that are needed, in the ranges that are needed")


def outside(wanted: Iterable[str], version: Callable[[str], str | None]) -> Iterable[Finding]:
    """A finding for each requirement (PEP 508) that is missing or has another version than it may."""
    from packaging.requirements import Requirement

    for requirement in map(Requirement, wanted):
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        have = version(requirement.name)
        if have is None or not requirement.specifier.contains(have, prereleases=True):
            state = "is missing" if have is None else f"{have} is installed"
            mend = f'pip install "{requirement.name}{requirement.specifier}"'
            yield Finding(requirement.name, BROKEN, f"{state}; needed: {requirement.specifier}", mend)


def torch_build() -> Iterable[Finding]:
    try:
        import torch
    except Exception as error:
        yield Finding("torch", BROKEN, f"does not import: {_line(error)}", "pip install --force-reinstall torch")
        return
    build = f"built for CUDA {torch.version.cuda}" if torch.version.cuda else "built without CUDA"
    yield Finding("torch", OK, f"{torch.__version__}, {build}")


def torchvision() -> Iterable[Finding]:
    """Imported and used once: a build for another torch fails only then."""
    try:
        import torch
        import torchvision as vision
        from torchvision.ops import nms

        nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
    except Exception as error:
        mend = "pip install --force-reinstall torch torchvision   # from the same index, in one command"
        yield Finding("torchvision", BROKEN, f"does not work with this torch: {_line(error)}", mend)
        return
    yield Finding("torchvision", OK, f"{vision.__version__}, fits this torch")


def gpu() -> Iterable[Finding]:
    """Devices that torch sees; none is a note, since the embedded model needs none."""
    import torch

    if torch.cuda.is_available():
        for i in range(torch.cuda.device_count()):
            facts = torch.cuda.get_device_properties(i)
            kind = "bfloat16" if facts.major >= 8 else "no fast bfloat16: use --dtype float16"
            yield Finding("gpu", OK, f"cuda:{i} {facts.name}, {facts.total_memory / 1e9:.0f} GB, {kind}")
    elif torch.backends.mps.is_available():
        yield Finding("gpu", OK, "mps (Apple); not tried with real models")
    elif shutil.which("nvidia-smi") and not torch.version.cuda:
        mend = "pip install --force-reinstall torch torchvision --index-url https://download.pytorch.org/whl/cu128"
        yield Finding("gpu", NOTE, "the machine has an NVIDIA driver, this torch is built without CUDA", mend)
    elif torch.version.cuda and shutil.which("nvidia-smi"):
        yield Finding(
            "gpu", NOTE, "torch is built for CUDA and sees no GPU: driver or CUDA_VISIBLE_DEVICES", "nvidia-smi"
        )
    else:
        yield Finding("gpu", NOTE, "none: the embedded model runs on the CPU, real models need a GPU")


def attention() -> Iterable[Finding]:
    """Kernels that `--attn` can name."""
    import torch

    usable = ["sdpa", "eager"]
    if torch.cuda.is_available() and importlib.util.find_spec("flash_attn"):
        usable.append("flash_attention_2")
    inner = [name for name in ("flash", "mem_efficient", "math") if _sdp_enabled(torch, name)]
    where = f" (inside sdpa: {', '.join(inner)})" if torch.cuda.is_available() else ""
    yield Finding("attention", OK, f"--attn {', '.join(usable)}{where}")


def disk() -> Iterable[Finding]:
    """Free space where results, caches and hub downloads go; and whether the cache can be written."""
    from asru_bench.home import home
    from asru_bench.store import Store
    from asru_bench.types import AsruBenchError

    hub_cache = Path(os.environ.get("HF_HOME", "~/.cache/huggingface")).expanduser()
    for what, place in (("results", Path.cwd()), ("caches", home()), ("hub downloads", hub_cache)):
        free = shutil.disk_usage(_existing_part(place)).free / 1e9
        words = f"{what}: {free:.0f} GB free"
        if free < LEAST_DISK:
            yield Finding("disk", BROKEN, words, "asru-bench cache clean   # or set ASRU_BENCH_HOME, HF_HOME, --out")
        elif free < DISK_FOR_REAL:
            yield Finding("disk", NOTE, f"{words}; a 4B model takes about {DISK_FOR_REAL:.0f} GB in all (estimated)")
        else:
            yield Finding("disk", OK, words)
    try:
        Store().close()
    except AsruBenchError as error:
        yield Finding("cache", BROKEN, str(error), "export ASRU_BENCH_HOME=FOLDER_ON_A_LOCAL_DISK")


def memory() -> Iterable[Finding]:
    """Memory that is free now, within the limit of a container."""
    free = _free_memory()
    if free is None:
        yield Finding("memory", NOTE, "this system does not say how much is free")
    elif free < LEAST_MEMORY:
        yield Finding("memory", BROKEN, f"{free:.1f} GB free, {LEAST_MEMORY:.0f} GB needed", "end other programs")
    else:
        yield Finding("memory", OK, f"{free:.0f} GB free")


def cores() -> Iterable[Finding]:
    """Cores that this process may use, and threads that torch would start."""
    import torch

    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = torch.get_num_threads()
    words = f"{count} usable, torch starts {threads} thread{'s' if threads > 1 else ''} a process"
    if threads > count:
        yield Finding("cores", NOTE, f"{words}: more than there are cores", f"export OMP_NUM_THREADS={count}")
    else:
        yield Finding("cores", OK, words)


def hub() -> Iterable[Finding]:
    """Whether the model hub answers within `HUB_SECONDS`; being offline is a note."""
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        yield Finding("hub", NOTE, "HF_HUB_OFFLINE is set: only what is in the cache is used")
        return
    address = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
    reason = _ask(address)
    if reason:
        words = f"{address} cannot be reached ({reason}); folders and cached models work"
        yield Finding("hub", NOTE, words, "hf download MODEL   # where there is a network, then --model FOLDER")
    else:
        yield Finding("hub", OK, f"{address} answers")


# Inside.


def _safely(name: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(look())
    except Exception as error:  # say, no torch to ask, which has its own finding
        return [Finding(name, NOTE, f"could not be looked at: {_line(error)}")]


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _sdp_enabled(torch: Any, name: str) -> bool:
    return bool(getattr(torch.backends.cuda, f"{name}_sdp_enabled")())


def _existing_part(path: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(p for p in (path, *path.absolute().parents) if p.exists())


def _free_memory() -> float | None:
    """GB: what the system says is available, no more than what the container still has."""
    found = []
    info = Path("/proc/meminfo")
    if info.is_file():
        lines = dict(line.split(":", 1) for line in info.read_text().splitlines())
        found.append(int(lines["MemAvailable"].split()[0]) * 1024 / 1e9)
    limit, used = (Path("/sys/fs/cgroup") / name for name in ("memory.max", "memory.current"))
    if limit.is_file() and (text := limit.read_text().strip()).isdecimal():
        found.append((int(text) - int(used.read_text())) / 1e9)
    return min(found) if found else None


def _ask(address: str) -> str:
    """ "" where the address answers, whatever it says; else why not. Name look-up included in the time."""
    import threading
    import urllib.error
    import urllib.request

    said = [f"no answer in {HUB_SECONDS:.0f} s"]

    def ask() -> None:
        try:
            request = urllib.request.Request(address, method="HEAD")
            with urllib.request.urlopen(request, timeout=HUB_SECONDS):
                said[0] = ""
        except urllib.error.HTTPError as error:
            said[0] = f"status {error.code}" if error.code >= 500 else ""
        except Exception as error:
            said[0] = _line(getattr(error, "reason", error))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(HUB_SECONDS)
    return said[0]


def _line(error: object) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
