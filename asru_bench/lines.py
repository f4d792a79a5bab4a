"""Lines of text in a terminal of any width: broken between words, never inside one. No heavy imports."""

from __future__ import annotations

import os
import re
import shutil
import sys
from textwrap import wrap
from typing import TextIO

from asru_bench import shown

#: What stands in front of the further lines of a command that is to be typed.
FURTHER = "    "
#: What stays on one line: an interval, and a number with its unit.
WHOLE = re.compile(r"\[[-+−\d., ]+\]|(?<=\d) %|[-+−]\d[\d.]* to [-+−]\d[\d.]*")


def width(stream: TextIO | None = None) -> int | None:
    """Columns of the terminal that a stream (default: standard output) goes to, as COLUMNS or the terminal says;
    None where it goes to a file or another program, which get whole lines."""
    typed = os.environ.get("COLUMNS", "")
    if stream is None and typed.isdigit() and int(typed):
        return int(typed)
    return shutil.get_terminal_size().columns if (stream or sys.stdout).isatty() else None


def wrapped(text: str, indent: str = "", columns: int | None = None) -> str:
    """Lines broken between words where they are wider than the terminal; further ones begin with `indent`, or two
    spaces further in than an indented line.

    Commands to be typed go on after a backslash, so that they can be copied.
    """
    columns = columns or width()
    if columns is None:
        return text
    return "\n".join(_line(line, columns, indent) for line in text.split("\n"))


def _line(line: str, columns: int, indent: str) -> str:
    if len(line) <= columns:
        return line
    words = line.lstrip()
    start = line[: len(line) - len(words)]
    command = words.startswith("asru-bench ")
    further = start + FURTHER if command else start + "  " if start else indent
    kept = WHOLE.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), words)
    parts = wrap(kept, columns - 2 * command, initial_indent=start, subsequent_indent=further,
                 break_long_words=False, break_on_hyphens=False)  # fmt: skip
    return (" \\\n" if command else "\n").join(parts).replace("\N{NO-BREAK SPACE}", " ")


def fitted(text: str, columns: int | None = None) -> str:
    """Lines of a table whose cells stand two spaces or more apart: where one is too wide, with narrower columns."""
    columns = columns or width()
    lines = [re.split(r" {2,}", line) for line in text.split("\n")]
    table = [cells for cells in lines if len(cells) > 2 and cells[0]]
    most = max(map(len, table[1:]), default=0)
    lines = [cells[:most] if table and cells is table[0] else cells for cells in lines]  # heads of empty columns go
    table = [cells for cells in lines if len(cells) > 2 and cells[0]]
    if columns is None or all(len(line) <= columns for line in text.split("\n")):
        return text
    widths = [max(len(cells[i]) for cells in table if i < len(cells)) for i in range(max(map(len, table), default=0))]
    return "\n".join(
        "  ".join(f"{cell:<{widths[i]}}" for i, cell in enumerate(cells)).rstrip() if cells in table else line
        for cells, line in zip(lines, text.split("\n"), strict=True)
    )


def say(text: str, indent: str = "", *, err: bool = False) -> None:
    """Prints lines on standard output or standard error, broken to the width of the terminal there."""
    stream = sys.stderr if err else None
    print(wrapped(shown.message(text), indent, width(stream) or 1_000_000), file=stream, flush=True)
