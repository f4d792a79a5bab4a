"""What a method opens while it trains: an audit hook of Python notes the evaluation data, other runs and programs.

It detects and does not forbid. Not seen: files that compiled code opens by itself, and what a program that the method
starts does (that it was started is seen). Code that takes the hook's state apart can hide; this is no sandbox.
"""

from __future__ import annotations

import json
import os
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from asru_bench.fit import OPENED

#: Events whose texts are paths, and how many of their arguments.
PATHS = {
    "open": 1, "os.listdir": 1, "os.scandir": 1, "os.chdir": 1, "os.link": 2, "os.symlink": 2, "os.rename": 2,
    "os.remove": 1, "os.truncate": 1, "os.chmod": 1, "shutil.copyfile": 2, "shutil.copytree": 2, "shutil.move": 2,
    "sqlite3.connect": 1,
}  # fmt: skip
#: Events of programs that are started and of libraries that are loaded, and which argument names them.
PROGRAMS = {"subprocess.Popen": 0, "os.system": 0, "os.exec": 0, "os.posix_spawn": 0, "os.spawn": 1, "ctypes.dlopen": 0}
#: Modules of the package that know evaluation questions or facts.
MODULES = ("asru_bench.tasks.", "asru_bench.mini.")
#: So many findings are kept.
MOST = 20
STARTED = "started"
DATA = "the data"


class Watch:
    """The hook. `closed`: path -> what lies there; `free`: paths inside of these that may be opened.

    The deepest of them that holds a path decides. `method` is the file whose programs count; `write` takes findings.
    """

    def __init__(
        self, closed: Mapping[str, str], free: Iterable[str], method: str, write: Callable[[str], None]
    ) -> None:
        self.roots = {os.path.realpath(path): label for path, label in closed.items()}
        self.roots |= {os.path.realpath(path): "" for path in free}
        self.method, self.write = os.path.realpath(method), write
        self.modules = MODULES
        self._found: set[str] = set()
        self._busy = threading.local()

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in PATHS and event not in PROGRAMS and event != "import":
            return
        if getattr(self._busy, "now", False):
            return
        self._busy.now = True
        try:
            for finding in self._look(event, arguments):
                if finding not in self._found and len(self._found) < MOST:
                    self._found.add(finding)
                    self.write(finding)
        finally:
            self._busy.now = False

    def _look(self, event: str, arguments: tuple[Any, ...]) -> Iterable[str]:
        if event == "import":
            name = str(arguments[0])
            if name.startswith(self.modules):
                yield f"the module {name}"
        elif event in PROGRAMS:
            if self._by_method():
                kind = "the library" if event == "ctypes.dlopen" else "the program"
                yield f"{kind} {Path(_text(arguments[PROGRAMS[event]]) or '?').name[:80]}"
        elif not (event != "open" and _caller().startswith("<frozen importlib")):  # where modules are looked for
            for argument in arguments[: PATHS[event]]:
                if finding := self.closed(argument):
                    yield finding

    def closed(self, path: Any) -> str:
        """Where a path lies, if it should not be opened; "" where it may."""
        if not isinstance(path, (str, bytes, os.PathLike)):
            return ""
        with suppress(OSError, ValueError, UnicodeError):
            real = os.path.realpath(os.fsdecode(path).removeprefix("file:").partition("?")[0])
            for place in (real, *map(str, Path(real).parents)):
                if (label := self.roots.get(place)) is not None:
                    return label and _inside(label, real, place)
        return ""

    def _by_method(self) -> bool:
        """Whether the nearest code outside the standard library is the method's, or stands beside it."""
        return Path(_caller(beyond=STANDARD)).resolve().parent == Path(self.method).parent


def _inside(label: str, path: str, root: str) -> str:
    """A place in words; of data only the kind of file, since their names may be people's."""
    if label == DATA:
        suffix = Path(path).suffix[:10]
        return f"{label} (*{suffix})" if suffix else label
    return f"{label}: {os.path.relpath(path, root)}".removesuffix(": .")


STANDARD = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib"))


def _caller(beyond: tuple[str, ...] = ()) -> str:
    """The file of the nearest code that is not this module's, nor in the folders `beyond`."""
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        inside = file.startswith(("<frozen", *beyond)) and "site-packages" not in file
        if file != __file__ and not (beyond and inside):
            return file
        frame = frame.f_back  # type: ignore[assignment]
    return ""


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        value = value[0] if value else ""
    return os.fsdecode(value) if isinstance(value, (str, bytes, os.PathLike)) else str(value)


def start(folder: Path, rank: int, closed: Mapping[str, str], free: Iterable[str], method: str) -> Watch:
    """Watches this process from now on until it ends; findings go to a file in `folder`."""
    file = folder.resolve() / OPENED.replace("*", str(rank))

    def write(finding: str) -> None:
        with suppress(OSError), file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(finding) + "\n")

    write(STARTED)
    watch = Watch(closed, free, method, write)
    _watch_tables()
    sys.addaudithook(watch)
    return watch


def read(folder: Path) -> list[str]:
    """What the processes of a training found; empty where they opened nothing that they should not."""
    found: dict[str, None] = {}
    for file in sorted(folder.glob(OPENED)):
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            with suppress(ValueError):
                found[str(json.loads(line))] = None
    if STARTED not in found:
        return [*found, "the list of what it opened, which is not there any more"]
    return [finding for finding in found if finding != STARTED]


def _watch_tables() -> None:
    """Tables that pyarrow opens from a path, in compiled code, are announced as Python's own `open` is."""
    import pyarrow.parquet as pq

    for cls in (pq.ParquetFile, pq.ParquetDataset):
        cls.__init__ = _announced(cls.__init__)


def _announced(function: Callable[..., None]) -> Callable[..., None]:
    def opened(self: Any, source: Any, *rest: Any, **named: Any) -> None:
        for path in source if isinstance(source, (list, tuple)) else (source,):
            if isinstance(path, (str, os.PathLike)):
                sys.audit("open", os.fspath(path), "r", 0)
        function(self, source, *rest, **named)

    return opened
