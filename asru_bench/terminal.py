"""Tables and answers in a terminal of any width: no number, interval or word is broken over lines."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from itertools import groupby
from textwrap import fill
from typing import TYPE_CHECKING

from asru_bench import shown
from asru_bench.answers import Asked
from asru_bench.lines import width, wrapped

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


def markdown_text(text: str, columns: int | None = None) -> str:
    """Markdown as it is, or for a terminal: its tables fitted to the width, everything else broken between words."""
    columns = columns or width()
    if columns is None:
        return text
    from rich.console import Console

    console = Console(file=io.StringIO(), width=columns)
    for is_table, lines in groupby(text.split("\n"), key=lambda line: line.startswith("|")):
        if is_table:
            head, *body = [_cells(line) for line in lines if not RULE.match(line)]
            if head[0] == "rank":  # the row's name says more than its place
                head, *body = [[" ".join(line[:2]).removeprefix("rank "), *line[2:]] for line in (head, *body)]
            print_table(console, "", head[1:], [(label, cells) for label, *cells in body], head[0])
        else:
            for line in lines:
                words = wrapped(line, "  " if line.startswith("- ") else "", columns)
                console.print(words, markup=False, highlight=False, soft_wrap=True)
    lines = console.file.getvalue().split("\n")  # type: ignore[attr-defined]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).rstrip("\n")


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in PIPES.split(line)[1:-1]]


def _narrow(words: str, most: int) -> str:
    """Words one under the other in at most so many characters; only a longer word is broken, after punctuation."""
    parts = []
    for word in words.split():
        part = ""
        for piece in re.findall(r"[^/_=,.@-]*[/_=,.@-]?", word) if len(word) > 2 * most else [word]:
            if part and len(part) + len(piece) > most:
                parts.append(part)
                part = ""
            part += piece
        parts.append(part)
    return fill(" ".join(filter(None, parts)), most, break_long_words=False, break_on_hyphens=False)


def _width(console: Console, table: Table) -> int:
    return console.measure(table, options=console.options.update(max_width=10_000)).maximum


def _table(title: str, heads: Sequence[str], lines: Sequence[Line], corner: str) -> Table:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    title, heads = shown.clean(title), [shown.clean(head) for head in heads]
    table = Table(title=escape(title) or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(escape(corner), no_wrap=True)
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

    parts: list[Text | Table] = [Text(), Text("Answers", style="italic")]
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
