"""Tables and answers in a terminal of any width: no number, interval or word is broken over lines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from textwrap import fill
from typing import TYPE_CHECKING

from asru_bench import shown
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
#: Heads of columns are wrapped to this many characters where a table is too wide.
HEAD = 10
#: A line of a table: its label and its cells; a line without cells is the heading of a section.
Line = tuple[str, Sequence[str]]


def print_table(console: Console, title: str, heads: Sequence[str], lines: Sequence[Line]) -> None:
    """Prints a table of shares. Where it is too wide, intervals go under their values; then the columns are
    divided over several tables, one under the other."""
    for table in _fitting(console, title, heads, lines):
        console.print(table)


def _fitting(console: Console, title: str, heads: Sequence[str], lines: Sequence[Line]) -> list[Table]:
    heads = [head.replace("_", " ") for head in heads]
    whole = _table(title, heads, lines)
    if _width(console, whole) <= console.width:
        return [whole]
    heads = [fill(head, HEAD, break_long_words=False, break_on_hyphens=False) for head in heads]
    stacked = [(label, [cell.replace(" [", "\n[") for cell in cells]) for label, cells in lines]
    for parts in range(1, len(heads) + 1):
        edges = [round(i * len(heads) / parts) for i in range(parts + 1)]
        tables = [
            _table(title if a == 0 else f"{title}, continued", heads[a:b], [(label, c[a:b]) for label, c in stacked])
            for a, b in pairwise(edges)
        ]
        if all(_width(console, table) <= console.width for table in tables):
            break
    return tables


def _width(console: Console, table: Table) -> int:
    return console.measure(table, options=console.options.update(max_width=10_000)).maximum


def _table(title: str, heads: Sequence[str], lines: Sequence[Line]) -> Table:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    title, heads = shown.clean(title), [shown.clean(head) for head in heads]
    table = Table(title=escape(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    for head in heads:
        table.add_column(escape(head), justify="right", no_wrap=True)
    for place, (label, cells) in enumerate(lines):
        if place and not cells:
            table.add_section()
        style = "" if cells else "bold"
        label = escape(shown.clean(label))
        table.add_row(f"[{style}]{label}[/{style}]" if style else label, *(escape(shown.clean(c)) for c in cells))
    return table


def answer_list(asked: Sequence[Asked]) -> Group:
    """Each question with its true answer and the models' answers under each other, categories coloured."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    parts: list[Text | Table] = [Text("Answers", style="italic")]
    for question in asked:
        side = "forgotten" if question.forgotten else "kept"
        parts += [Text(), Text(f"{side} · {shown.line(question.person)}", style="bold")]
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        table.add_row("  question", Text(_cut(question.question)))
        table.add_row("  truth", Text(_cut(question.truth)))
        for label, (text, category) in question.answers.items():
            said = Text.assemble(_cut(text), "  ", (category, COLOURS.get(category, "")))
            table.add_row(Text(f"  {shown.line(label)}"), said)
        parts.append(table)
    return Group(*parts)


def _cut(text: str, length: int = 160) -> str:
    text = shown.line(text)
    return text if len(text) <= length else text[: length - 1] + "…"
