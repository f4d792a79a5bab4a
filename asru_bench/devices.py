"""One process a GPU: parts of the work go to helpers that each load the model on a device of their own.

This process works on its own device too. Which device computes a part does not matter: parts are the same whatever
their number, so answers are those of one device.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from asru_bench.types import AsruBenchError, ImageRef

#: How an engine's work is named to a helper: a method of `HFEngine` that takes a part and image features.
WORK = ("_block", "_scores")


@dataclass(frozen=True)
class Job:
    """What a helper needs to work as the engine does: the checkpoint, its numerics, and all pictures in parts."""

    path: str
    device: str
    dtype: str
    attn: str
    settings: dict[str, Any]
    work: str
    shown: Sequence[Sequence[ImageRef]]


def names(device: str, count: int) -> list[str]:
    """The devices of `count` processes; raises `AsruBenchError` where there are not so many GPUs."""
    import torch

    if not device.startswith("cuda"):
        return [device] * count
    first, have = int(device.partition(":")[2] or 0), torch.cuda.device_count()
    if first + count > have:
        raise AsruBenchError(
            f"--devices {count} from cuda:{first} on needs {first + count} GPUs and torch sees {have}; use --devices "
            f"{max(1, have - first)}, or look at CUDA_VISIBLE_DEVICES."
        )
    return [f"cuda:{first + i}" for i in range(count)]


def spread(parts: Sequence[Any], compute: Callable[[Any], Iterator[Any]], jobs: Sequence[Job]) -> Iterator[Any]:
    """The results of all parts, from this process and a helper for each job, in the order in which they come.

    Each takes the next part that none has taken; an error of any ends all.
    """
    results: queue.Queue[tuple[str, Any]] = queue.Queue()
    waiting = iter(parts)
    lock = threading.Lock()

    def take() -> Any:
        with lock:
            return next(waiting, None)

    helpers = [_Helper(job, take, results) for job in jobs]
    try:
        for helper in helpers:
            helper.start()
        while (part := take()) is not None:
            yield from compute(part)
            yield from _arrived(results, helpers)
        while any(helper.is_alive() for helper in helpers) or not results.empty():
            yield from _arrived(results, helpers, wait=0.1)
    finally:
        for helper in helpers:
            helper.stop()


def _arrived(results: queue.Queue[tuple[str, Any]], helpers: Sequence[_Helper], wait: float = 0.0) -> Iterator[Any]:
    """What helpers have answered by now; raises their errors."""
    while True:
        try:
            kind, value = results.get(timeout=wait) if wait else results.get_nowait()
        except queue.Empty:
            return
        if kind == "error":
            raise value if isinstance(value, AsruBenchError) else AsruBenchError(str(value))
        yield value


class _Helper(threading.Thread):
    """One process on its device, and the thread that gives it parts and takes its results."""

    def __init__(self, job: Job, take: Callable[[], Any], results: queue.Queue[tuple[str, Any]]) -> None:
        super().__init__(daemon=True)
        self.job, self.take, self.results = job, take, results
        command = [sys.executable, "-m", "asru_bench.devices"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(self) -> None:
        there, back = self.process.stdin, self.process.stdout
        assert there is not None, "opened as a pipe"
        assert back is not None, "opened as a pipe"
        try:
            _send(there, self.job)
            while (part := self.take()) is not None:
                _send(there, part)
                while (said := pickle.load(back))[0] == "result":
                    self.results.put(said)
                if said[0] == "error":
                    self.results.put(said)
                    return
            there.close()
        except (EOFError, OSError, pickle.UnpicklingError):
            code = self.process.wait()
            reason = f"the process on {self.job.device} ended unexpectedly (exit code {code}); is memory short? "
            self.results.put(("error", reason + "Run again to go on from here, or with --devices 1."))

    def stop(self) -> None:
        """Ends the process, whatever it does."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue


def _send(stream: Any, value: Any) -> None:
    pickle.dump(value, stream)
    stream.flush()


def main() -> None:
    """A helper: reads a job and parts, writes results; ends when its parent closes the pipe."""
    there = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print goes to the terminal, not into the results
    from asru_bench import models
    from asru_bench.engines import HFEngine
    from asru_bench.features import ImageFeatures
    from asru_bench.quiet import quiet_libraries

    quiet_libraries()
    job: Job = pickle.load(sys.stdin.buffer)
    work: Any = None
    while True:
        try:
            part = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            if work is None:
                vlm = models.load(job.path, device=job.device, dtype=job.dtype, attn=job.attn)
                assert job.work in WORK, f"{job.work} is no work of an engine"
                work, features = getattr(HFEngine(vlm, **job.settings), job.work), ImageFeatures(vlm, job.shown)
            for result in work(part, features):
                _send(there, ("result", result))
            _send(there, ("end", None))
        except Exception as error:
            known = isinstance(error, AsruBenchError)
            _send(there, ("error", error if known else f"{job.device}: {type(error).__name__}: {error}"))
            return


if __name__ == "__main__":
    main()
