"""One line for errors that nobody foresaw: of a plug-in, of a disk, of the terminal. Their tracebacks go to a file."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from asru_bench.types import AsruBenchError

KEPT = "What was finished is kept."
#: Characters of a reason, and of a name that is too long, which are shown.
LONGEST, SHOWN = 300, 40


def sentence(error: BaseException) -> str:
    """What to say of any error, with the next thing to do."""
    if isinstance(error, AsruBenchError):
        return str(error)
    if isinstance(error, OSError) and (words := unusable(error)):
        return words
    if isinstance(error, RuntimeError) and "home directory" in str(error):
        return (
            "this user has no home folder; set ASRU_BENCH_HOME to a folder that can be written, and give whole paths."
        )
    if isinstance(error, NotImplementedError) and str(error):
        return (
            f"{reason_of(error)}: the file lacks it. `asru-bench new method|task|judge NAME` writes one that has all."
        )
    if isinstance(error, MemoryError):
        return f"this machine's memory ran out. {KEPT} Use a smaller --batch-size or --limit N, or a larger machine."
    return _of_plug_in(error) or f"unexpected {_named(error)}. {KEPT} {_written(error)}; please report it."


def unusable(error: OSError) -> str:
    """What to say of a file, folder or stream that cannot be used; "" where the error names none."""
    if error.errno == errno.ENAMETOOLONG:
        longest = max(Path(str(error.filename)).parts, key=len, default="")
        return f"the name {longest[:SHOWN]}… is too long for this disk; expected at most 255 characters."
    if not error.filename:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return f"the disk is full. {KEPT} Free some space (`asru-bench cache ls`) and type the same command."
        return ""
    return (
        f"cannot use {error.filename}: {error.strerror or type(error).__name__}. Expected a place that exists and can "
        f"be written: results go to --out, caches to the folder that ASRU_BENCH_HOME names. {KEPT}"
    )


def reason_of(error: BaseException) -> str:
    """The first line of an error's text."""
    return str(error).strip().partition("\n")[0][:LONGEST]


def _of_plug_in(error: BaseException) -> str:
    """Names the plug-in in whose file an error was raised; "" where it was in none."""
    import traceback

    from asru_bench.registry import ALL

    files = {str(entry.path.resolve()): entry for registry in ALL.values() for entry in registry.outside()}
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if entry := files.get(str(Path(frame.filename).resolve())):
            where = f"{entry.kind} {entry.name!r} failed in {entry.path}, line {frame.lineno}"
            return f"{where}: {_named(error)}. {KEPT} {_written(error)}."
    return ""


def _named(error: BaseException) -> str:
    reason = reason_of(error)
    return f"{type(error).__name__}{': ' if reason else ''}{reason}"


def _written(error: BaseException) -> str:
    """Writes the traceback to a file and says where; without a disk it is printed with --debug only."""
    import tempfile
    import traceback

    lines = "".join(traceback.format_exception(error))
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="asru-bench-", suffix=".log", delete=False, encoding="utf-8", errors="replace"
        ) as log:
            log.write(lines)
    except OSError:
        return "--debug prints the traceback"
    return f"The traceback is in {log.name}; --debug prints it here"


def open_streams() -> None:
    """Standard streams that were closed lead nowhere, and characters that a terminal lacks are shown as "?"."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115
        elif mode == "w" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
