"""Tables and answers in narrow terminals."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from asru_bench.answers import Asked
from asru_bench.terminal import answer_list, print_table

SHARES = ["93.2 [84.5, 95.1]", "1.7 [0.4, 8.6]", "99.9 [98.2, 100.0]", "–"]
HEADS = ["base on strangers", "vanilla", "asru@release", "retain_oracle"]


def printed(width: int, columns: int = 4) -> str:
    console = Console(file=io.StringIO(), width=width)
    lines = [("forgotten people", ()), *((name, (SHARES * 3)[:columns]) for name in ("leak", "retain unseen"))]
    print_table(console, "Result", (HEADS * 3)[:columns], lines)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120])
@pytest.mark.parametrize("columns", [1, 4, 11])
def test_no_number_interval_or_word_is_broken(width: int, columns: int) -> None:
    text = printed(width, columns)
    assert max(map(len, text.splitlines())) <= width
    cells = (SHARES * 3)[:columns]
    for number in {part for cell in cells for part in cell.split(" ", 1)}:
        count = len([cell for cell in cells if number in cell.split(" ", 1)])
        assert len(re.findall(rf"(?<![\d.]){re.escape(number)}(?![\d.])", text)) == 2 * count
    for word in {word for head in (HEADS * 3)[:columns] for word in head.replace("_", " ").split()}:
        assert word in text
    assert text.count("forgotten people") == text.count("Result")


def test_a_table_that_fits_stays_one_with_cells_on_one_line() -> None:
    text = printed(160)
    assert "93.2 [84.5, 95.1]" in text
    assert text.count("Result") == 1
    assert re.search(r"base on strangers +vanilla +asru@release +retain oracle", text)


def test_markup_in_labels_is_text() -> None:
    console = Console(file=io.StringIO(), width=80)
    print_table(console, "[red]Title", ["[bold]x[/bold]"], [("[i]", ["[1,2]"])])
    assert "[bold]x[/bold]" in console.file.getvalue()
    assert "[red]Title" in console.file.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80])
def test_answers_break_between_words_only(width: int) -> None:
    said = "I have no information about the home city of this person with blond hair."
    asked = Asked(
        "Ralf Hauser", "test", "What city does this person live in?", "Varna", {"asru@release": (said, "refused")}
    )
    console = Console(file=io.StringIO(), width=width)
    console.print(answer_list([asked]))
    text = console.file.getvalue()
    assert " ".join(f"{said} refused".split()) in " ".join(text.replace("asru@release", "").split())
    assert "forgotten · Ralf Hauser" in text
    assert max(map(len, text.splitlines())) <= width
