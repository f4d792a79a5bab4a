"""Unlearning in child processes, one at a time: they can be ended, and their library state ends with them."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from asru_bench import launch, locks, plan, shown
from asru_bench.folder import RunFolder
from asru_bench.store import explained
from asru_bench.types import AsruBenchError

Child = subprocess.Popen[bytes] | launch.Together
#: Set for a child, whose error text its parent shows.
CHILD = "ASRU_BENCH_CHILD"
FAILED = "failed-{}.txt"
#: The same, once this run has read it: what `ls runs` shows of a row that failed.
LAST_FAILED = "failed.txt"


@dataclass
class Trainer:
    """Works off the folders that need training, in order; `ahead` starts them before they are waited for.

    `limits`: seconds that a folder's training may take. What another run made after `since` is not made again.
    """

    folders: Sequence[RunFolder]
    ahead: bool = False
    limits: Mapping[Path, Limit] = field(default_factory=dict)
    since: float = math.inf
    say: Callable[[str], None] = shown.say
    _running: tuple[RunFolder, Child] | None = None
    _started: dict[Path, float] = field(default_factory=dict)
    _ended: dict[Path, int | Limit] = field(default_factory=dict)
    _told: set[Path] = field(default_factory=set)

    def __enter__(self) -> Trainer:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def busy(self) -> bool:
        """Whether a child works now."""
        return self._running is not None

    def poll(self) -> None:
        """Notices that a child has ended, ends one whose time is over and, where they run ahead, starts the next."""
        if self._running:
            folder, child = self._running
            code: int | Limit | None = child.poll()
            limit = self.limits.get(folder.path)
            if code is None and limit and overdue(folder, child, limit):
                end(child)
                code = limit
            if code is not None:
                self._ended[folder.path] = code
                self._running = None
        if self.ahead and not self._running:
            self._start(self.folders)

    def wait(self, folder: RunFolder) -> None:
        """Returns when this folder's training has ended; raises what its child reported."""
        assert folder in self.folders, f"{folder.path} is not among the folders to train"
        while folder.path not in self._ended:
            if not self._running:
                self._start([folder, *self.folders] if self.ahead else [folder], wanted=folder)
            if self._running:
                with suppress(subprocess.TimeoutExpired):
                    self._running[1].wait(locks.LOOK)
            elif folder.path not in self._ended:
                time.sleep(locks.LOOK)
            self.poll()
        if code := self._ended[folder.path]:
            raise AsruBenchError(_reason(folder, code))

    def beside(self, folder: RunFolder) -> float | None:
        """Seconds that a child took beside its training: to start, load and save. None where it did not train."""
        ended = locks.holder(locks.of_folder(folder.path)).facts.get("ended")
        started = self._started.get(folder.path)
        return ended - started - folder.cost.seconds if ended and started else None

    def stop(self) -> None:
        """Ends a child that still runs."""
        if self._running:
            end(self._running[1])
            self._running = None

    def _start(self, folders: Sequence[RunFolder], wanted: RunFolder | None = None) -> None:
        """Starts the first of `folders` that is not done and that no other run trains; says where `wanted` is such."""
        from asru_bench import stages

        for folder in folders:
            if folder.path in self._ended:
                continue
            if other := locks.busy(stages.training_locks(folder)):
                if folder is wanted and folder.path not in self._told:
                    self._told.add(folder.path)
                    self.say(f"unlearn {plan.row_name(folder.spec)}: {locks.waiting_for(other)}")
            elif not stages.needs_training_since(folder, self.since):
                self._ended[folder.path] = 0
            else:
                self._started[folder.path] = time.time()
                self._running = (folder, start(folder))
                return


@dataclass(frozen=True)
class Limit:
    """Seconds that one training may take, and how that came about."""

    seconds: float
    why: str = "--max-seconds"


def overdue(folder: RunFolder, child: Child, limit: Limit) -> bool:
    """Whether a child has trained for longer; the time in which it waits for another run does not count."""
    process = getattr(child, "child", child)  # of several that train together, the one that writes
    own = locks.holder(locks.of_folder(folder.path))
    return own.pid == getattr(process, "pid", None) and time.time() - own.since > limit.seconds


def end(child: Child) -> None:
    """Asks a child to end, and ends it where it does not."""
    child.terminate()
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


@contextmanager
def ended_after(folder: RunFolder, limit: Limit | None) -> Iterator[None]:
    """Ends this process, which no other one watches, when what it trains inside has taken too long."""
    done = threading.Event()

    def watch(limit: Limit) -> None:
        while not done.wait(1):
            own = locks.holder(locks.of_folder(folder.path))
            if own.pid == os.getpid() and time.time() - own.since > limit.seconds:
                shown.say(f"error: {_too_long(folder, limit)}")
                os._exit(1)

    if limit:
        threading.Thread(target=watch, args=(limit,), daemon=True).start()
    try:
        yield
    finally:
        done.set()


def start(folder: RunFolder) -> Child:
    """A child that unlearns, and one in each process launched beside this one, if there are any.

    What it prints goes to `unlearn.log`, its progress to the terminal.
    """
    for file in (_failed(folder), folder.path / LAST_FAILED):
        file.unlink(missing_ok=True)
    environment = {CHILD: str(os.getpid())}
    if folder.source.threads:
        environment["OMP_NUM_THREADS"] = str(folder.source.threads)
    words = ["unlearn", str(folder.path)]
    file = folder.path / "unlearn.log"
    with explained(folder.path):
        file.write_bytes(b"")
    with explained(folder.path), file.open("ab") as log:  # a run that does the same may write to it too
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
        _failed(folder).write_text(message, encoding="utf-8")


def end_with_parent() -> None:
    """Ends this process when the run that started it is gone, however it went."""
    launch.end_with_parent(int(os.environ[CHILD]))


def _failed(folder: RunFolder) -> Path:
    """Where a child of this run leaves its error: runs that train in the same folder do not read each other's."""
    return folder.path / FAILED.format(os.environ.get(CHILD) or os.getpid())


def _reason(folder: RunFolder, code: int | Limit) -> str:
    if isinstance(code, Limit):
        return _too_long(folder, code)
    file = _failed(folder)
    if file.is_file():
        return file.replace(folder.path / LAST_FAILED).read_text(encoding="utf-8")
    how = f"was killed by {launch.signal_name(-code)}" if code < 0 else f"ended with exit code {code}"
    return f"unlearning {plan.row_name(folder.spec)} {how}; its output is in {folder.path / 'unlearn.log'}."


def _too_long(folder: RunFolder, limit: Limit) -> str:
    return (
        f"unlearning {plan.row_name(folder.spec)} was stopped after {limit.seconds:.0f} s ({limit.why}): does the "
        f"method end? --max-seconds N gives it more, 0 no limit. Its output is in {folder.path / 'unlearn.log'}."
    )
