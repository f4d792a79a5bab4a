"""Unlearning in child processes, one at a time: they can be ended, and their library state ends with them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from asru_bench import launch, plan
from asru_bench.folder import RunFolder
from asru_bench.store import explained
from asru_bench.types import AsruBenchError

Child = subprocess.Popen[bytes] | launch.Together
#: Set for a child, whose error text its parent shows.
CHILD = "ASRU_BENCH_CHILD"
FAILED = "failed.txt"


@dataclass
class Trainer:
    """Works off the folders that need training, in order; `ahead` starts them before they are waited for."""

    folders: Sequence[RunFolder]
    ahead: bool = False
    _next: int = 0
    _running: tuple[RunFolder, Child] | None = None
    _ended: dict[str, int] = field(default_factory=dict)

    def __enter__(self) -> Trainer:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def busy(self) -> bool:
        """Whether a child works now."""
        return self._running is not None

    def poll(self) -> None:
        """Notices that a child has ended and, where they run ahead, starts the next."""
        if self._running and (code := self._running[1].poll()) is not None:
            self._ended[str(self._running[0].path)] = code
            self._running = None
        if self.ahead and not self._running:
            self._start()

    def wait(self, folder: RunFolder) -> None:
        """Returns when this folder's training has ended; raises what its child reported."""
        name = str(folder.path)
        while name not in self._ended:
            if not self._running:
                self._start()
            assert self._running is not None, f"{name} is not among the folders to train"
            self._running[1].wait()
            self.poll()
        if code := self._ended[name]:
            raise AsruBenchError(_reason(folder, code))

    def stop(self) -> None:
        """Ends a child that still runs."""
        if self._running is None:
            return
        child = self._running[1]
        child.terminate()
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        self._running = None

    def _start(self) -> None:
        if self._next < len(self.folders):
            folder = self.folders[self._next]
            self._next += 1
            self._running = (folder, start(folder))


def start(folder: RunFolder) -> Child:
    """A child that unlearns, and one in each process launched beside this one, if there are any.

    What it prints goes to `unlearn.log`, its progress to the terminal.
    """
    (folder.path / FAILED).unlink(missing_ok=True)
    environment = {CHILD: str(os.getpid())}
    if folder.source.threads:
        environment["OMP_NUM_THREADS"] = str(folder.source.threads)
    words = ["unlearn", str(folder.path)]
    with explained(folder.path), (folder.path / "unlearn.log").open("wb") as log:
        error = None if sys.stderr.isatty() else log
        streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": error}
        if crew := launch.crew():
            return launch.Together(crew, words, lambda message: report(folder, message), env=environment, **streams)
        command = [sys.executable, "-m", "asru_bench", *words]
        return subprocess.Popen(command, env=os.environ | environment, **streams)


def is_child() -> bool:
    """Whether this process was started by a run."""
    return CHILD in os.environ


def report(folder: RunFolder, message: str) -> None:
    """A child leaves its error for its parent."""
    with explained(folder.path):
        (folder.path / FAILED).write_text(message, encoding="utf-8")


def end_with_parent() -> None:
    """Ends this process when the run that started it is gone, however it went."""
    launch.end_with_parent(int(os.environ[CHILD]))


def _reason(folder: RunFolder, code: int) -> str:
    file = folder.path / FAILED
    if file.is_file():
        return file.read_text(encoding="utf-8")
    how = f"was killed by {launch.signal_name(-code)}" if code < 0 else f"ended with exit code {code}"
    return f"unlearning {plan.row_name(folder.spec)} {how}; its output is in {folder.path / 'unlearn.log'}."
