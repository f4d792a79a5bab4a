"""Tables and answers in a terminal of any width: no number, interval or word is broken over lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from asru_bench.answers import Asked

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.table import Table
    from rich.text import Text

COLOURS = {
    "leak": "red",
    "correct": "green",
    "degenerate": "magenta",
    "refused": "blue",
    "invented": "yellow",
    "vague": "bright_black",
    "unparsable": "bright_black",
    "failed": "reverse red",
}
#: Heads of columns, and labels of lines, are wrapped to this many characters where a table is too wide.
HEAD, LABEL = 10, 20
#: What a column with its interval takes, beside which labels have to fit as they are.
ROOM = 22
#: A table of markdown: what stands between its pipes, and the line under its head.
PIPES, RULE = re.compile(r"(?<!\\)\|"), re.compile(r"\|[\s:|-]+\|$")
#: A line of a table: its label and its cells; a line without cells is the heading of a section.
Line = tuple[str, Sequence[str]]


def print_table(console: Console, title: str, heads: Sequence[str], lines: Sequence[Line], corner: str = "") -> None:
    """Prints a table of shares; `corner` stands over the labels. Where it is too wide, intervals go under their
    values; then the columns are divided over several tables, one under the other."""
    for table in _fitting(console, title, heads, lines, corner):
        console.print(table)


def _fitting(
    console: Console, title: str, heads: Sequence[str], lines: Sequence[Line], corner: str = ""
) -> list[Table]:
    heads = [head.replace("_", " ") for head in heads]
    whole = _table(title, heads, lines, corner)
    if _width(console, whole) <= console.width:
        return [whole]
    heads = [_narrow(head, HEAD) for head in heads]
    stacked = [(label, [cell.replace(" [", "\n[") for cell in cells]) for label, cells in lines]
    if max((len(label) for label, _ in lines), default=0) > console.width - ROOM:
        stacked = [(_narrow(label, max(LABEL, console.width // 3)), cells) for label, cells in stacked]
    tables: list[Table] = []
    start = 0
    while start < len(heads):
        end = start + 1
        table = _part(title, heads, stacked, corner, start, end)
        while end < len(heads):
            wider = _part(title, heads, stacked, corner, start, end + 1)
            if _width(console, wider) > console.width:
                break
            table, end = wider, end + 1
        tables.append(table)
        start = end
    return tables


def _part(title: str, heads: Sequence[str], lines: Sequence[Line], corner: str, start: int, end: int) -> Table:
    """The table of some columns."""
    titled = f"{title}, continued" if title and start else title
    return _table(titled, heads[start:end], [(label, cells[start:end]) for label, cells in lines], corner)


def _width(console: Console, table: Table) -> int:
    return console.measure(table, options=console.options.update(max_width=10_000)).maximum


def _table(title: str, heads: Sequence[str], lines: Sequence[Line], corner: str) -> Table:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(title) or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(escape(corner), no_wrap=True)
    for head in heads:
        table.add_column(escape(head), justify="right", no_wrap=True)
    for place, (label, cells) in enumerate(lines):
        if place and not cells:
            table.add_section()
        style = "" if cells else "bold"
        table.add_row(f"[{style}]{escape(label)}[/{style}]" if style else escape(label), *map(escape, cells))
    return table


def answer_list(asked: Sequence[Asked]) -> Group:
    """Each question with its true answer and the models' answers under each other, categories coloured."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    parts: list[Text | Table] = [Text(), Text("Answers", style="italic")]
    for question in asked:
        side = "forgotten" if question.forgotten else "kept"
        parts += [Text(), Text(f"{side} · {question.person}", style="bold")]
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        table.add_row("  question", Text(_cut(question.question)))
        table.add_row("  truth", Text(_cut(question.truth)))
        for label, (text, category) in question.answers.items():
            said = Text.assemble(_cut(text), "  ", (category, COLOURS.get(category, "")))
            table.add_row(Text(f"  {label}"), said)
        parts.append(table)
    return Group(*parts)


def _cut(text: str, length: int = 160) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
