"""Locks between processes: each stage of a run folder, and equal work in one home, is done by one process at a time.

The system frees a lock when its process ends, however it ends, so that the next one goes on. Beside each lock file lies
a note of who holds it. A run is also *present* in its home while it works, for commands that would delete what it uses.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from asru_bench import shown
from asru_bench.home import home
from asru_bench.store import explained, write_json
from asru_bench.types import AsruBenchError

Say = Callable[[str], None]

#: Folder of the home that holds its locks; it is never emptied, since a lock whose file is gone locks nothing.
FOLDER = "locks"
FILE = ".lock"
#: Seconds between two looks at a lock; and before the first word, so that its new holder has noted itself.
LOOK, SETTLE = 0.2, 0.5


@dataclass(frozen=True)
class Holder:
    """Who holds a lock or was the last to hold it: a process, and what it does. `facts` are for those who come next."""

    pid: int = 0
    host: str = ""
    what: str = ""
    since: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> str:
        where = "" if self.host in ("", platform.node()) else f" on {self.host}"
        return f"process {self.pid}{where} ({self.what})" if self.pid else "another process"


@dataclass
class Held:
    """Locks that this process holds. `before` is who held the first of them last."""

    paths: tuple[Path, ...]
    before: Holder
    own: Holder

    def leave(self, **facts: Any) -> None:
        """Adds facts to the notes, for those who hold the locks next."""
        self.own = replace(self.own, facts={**self.own.facts, **facts})
        for path in self.paths:
            _note(path, self.own)


def _say(text: str) -> None:
    shown.say(text)


def of_folder(folder: Path) -> Path:
    """The lock of a run folder."""
    return folder / FILE


def of_work(stage: str, key: str) -> Path:
    """The lock of one piece of work in this home, wherever its results go; `key` names all that decides it."""
    return home() / FOLDER / f"{stage}-{key[:32]}"


@contextmanager
def held(paths: Sequence[Path], what: str, say: Say = _say) -> Iterator[Held]:
    """Holds all locks, taken in this order; waits where another process has one, and says so in one line.

    Locks of work come before those of folders, so that no two processes wait for each other.
    """
    with ExitStack() as stack:
        before = [stack.enter_context(_taken(path, what, say)) for path in paths]
        own = Holder(os.getpid(), platform.node(), what, time.time())
        for path in paths:
            _note(path, own)
        yield Held(tuple(paths), before[0] if before else Holder(), own)


def busy(paths: Sequence[Path]) -> Holder | None:
    """Who holds one of these locks now; None where all are free. Takes none of them."""
    for path in paths:
        if not path.parent.is_dir():
            continue
        if (lock := _try(path)) is None:
            return holder(path)
        lock.release()
    return None


def holder(path: Path) -> Holder:
    """What is noted beside a lock: its holder, or the last one where it is free."""
    try:
        return Holder(**json.loads(_beside(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return Holder()


def waiting_for(other: Holder) -> str:
    """The one line of a process that waits."""
    return f"waiting for {other.words}, which is at the same work; going on when it is done or gone …"


@contextmanager
def present(what: str, **facts: Any) -> Iterator[None]:
    """Marks this process as a run at work in the home while it lasts. Waits a moment where the home is cleaned."""
    path = _presences() / str(os.getpid())
    with held([_cleaning()], what):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = _try(path)
        if lock is None:  # the same process inside another run of its own
            yield
            return
        _note(path, Holder(os.getpid(), platform.node(), what, time.time(), facts))
    try:
        yield
    finally:
        _forget(path, lock)


def others() -> list[Holder]:
    """The other runs that are at work in this home."""
    found = []
    for path in sorted(_presences().glob("[0-9]*")):
        if path.suffix or path.name == str(os.getpid()):
            continue
        lock = _try(path)
        if lock is None:
            found.append(holder(path))
        else:  # it was killed
            _forget(path, lock)
    return found


@contextmanager
def alone() -> Iterator[None]:
    """The home without any run, while it lasts; raises `AsruBenchError` where one is at work."""
    with held([_cleaning()], "cache clean"):
        if found := others():
            raise AsruBenchError(
                f"{found[0].words} is at work in {home()} and needs what is there; wait for its end or stop it, then "
                "type the same again."
            )
        yield


def _presences() -> Path:
    return home() / FOLDER / "runs"


def _cleaning() -> Path:
    return home() / FOLDER / "cleaning"


@contextmanager
def _taken(path: Path, what: str, say: Say) -> Iterator[Holder]:
    """Holds one lock; yields who held it before."""
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    started, told = time.monotonic(), False
    while (lock := _try(path)) is None:
        if not told and time.monotonic() - started >= SETTLE:
            told = True
            say(f"{what}: {waiting_for(holder(path))}")
        time.sleep(LOOK)
    try:
        yield holder(path)
    finally:
        lock.release()


def _try(path: Path) -> FileLock | None:
    """The lock, where it is free."""
    lock = FileLock(path)
    with explained(path):
        try:
            lock.acquire(timeout=0)
        except Timeout:  # an OSError to Python
            return None
    return lock


def _note(path: Path, own: Holder) -> None:
    write_json(_beside(path), asdict(own))


def _forget(path: Path, lock: FileLock) -> None:
    """Removes a presence; nobody waits for one, so that its file may go."""
    with suppress(OSError):
        _beside(path).unlink(missing_ok=True)
        path.unlink(missing_ok=True)
    lock.release()


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")
