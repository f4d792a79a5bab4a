"""Lines in a terminal: broken between words, numbers with their units and intervals whole, commands to be copied."""

from __future__ import annotations

import io
import shlex

import pytest

from asru_bench import lines
from asru_bench.terminal import markdown_text

TEXT = "ga fails: retain_unseen -44.5 [-49.3, -40.1], lower limit (allowed -8.0); the least difference has 80 % power."


@pytest.mark.parametrize("columns", range(30, 130, 7))
def test_words_units_and_intervals_stay_whole(columns: int) -> None:
    found = lines.wrapped(TEXT, "  ", columns).split("\n")
    assert max(map(len, found)) <= columns
    assert " ".join(" ".join(found).split()) == TEXT
    assert sum("[-49.3, -40.1]" in line for line in found) == 1
    assert sum("80 %" in line for line in found) == 1
    assert all(line.startswith("  ") for line in found[1:])


def test_a_command_goes_on_after_a_backslash() -> None:
    command = "  asru-bench run --method ga --task mllmu_bench --model FOLDER/WITH/A/LONG/NAME -m lr=1e-4 -m steps=3"
    found = lines.wrapped(command, "", 60)
    assert all(len(line) <= 60 for line in found.split("\n"))
    assert shlex.split(found.replace("\\\n", " ")) == shlex.split(command)


def test_what_fits_and_what_cannot_be_broken_stays_as_it_is() -> None:
    assert lines.wrapped("short  line\n\n  two", "  ", 60) == "short  line\n\n  two"
    path = "/".join(["folder"] * 20)
    assert lines.wrapped(f"in {path} there", "", 40).split("\n") == ["in", path, "there"]


def test_width_is_of_a_terminal_or_as_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert lines.width(io.StringIO()) is None  # a file or a pipe gets whole lines
    assert lines.wrapped(TEXT * 3) == TEXT * 3
    for typed, wanted in (("60", 60), ("0", None), ("wide", None)):
        monkeypatch.setenv("COLUMNS", typed)
        assert lines.width() == wanted


HEADS = ("rank", "row", "leak", "retain unseen", "strangers refused", "seconds")
ROWS = (
    ("–", "vanilla", "90.7 [84.5, 95.1]", "95.2 [92.9, 97.0]", "40.6 [26.7, 55.7]", "–"),
    ("fails", "simnpo (lr=0.0001, modalities=image_text)", "1.6 [0.6, 3.2]", "88.0 [83.5, 91.6]", "–", "150"),
    ("1", "a\\|b", "100.0 [98.0, 100.0]", "0.0 [0.0, 0.1]", "–", "1"),
)


@pytest.mark.parametrize("columns", [40, 60, 80, 120, 200])
def test_markdown_tables_fit_a_terminal(columns: int) -> None:
    table = ["| " + " | ".join(row) + " |" for row in (HEADS, ("---",) * 6, *ROWS)]
    text = markdown_text("\n".join(["# Title", "", *table, "", f"- {TEXT}"]), columns)
    assert max(map(len, text.split("\n"))) <= columns
    for interval in ("[84.5, 95.1]", "[92.9, 97.0]", "[98.0, 100.0]", "[-49.3, -40.1]"):
        assert text.count(interval) == 1, interval
    for word in ("modalities=image_text)", "strangers", "vanilla", "a|b", "seconds"):
        assert word in text, word
    assert "---" not in text


def test_markdown_stays_markdown_where_no_terminal_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert markdown_text("| a |\n| --- |\n| 1 |") == "| a |\n| --- |\n| 1 |"


PLAN = """run                              stage     state                  time               memory     disk
vanilla seed 0 (reference)       unlearn   done
ga seed 0                        generate  to do         5 min measured     10.0 GB estimated   1.2 GB

about 5 min of work in all
  runs/mllmu_bench/mini/ga/0164ad3b81b1-s0"""


def test_a_table_gets_narrower_columns_where_it_is_too_wide() -> None:
    assert lines.fitted(PLAN, 120) == PLAN
    found = lines.fitted(PLAN, 90).split("\n")
    assert found[2] == "ga seed 0                   generate  to do  5 min measured  10.0 GB estimated  1.2 GB"
    assert found[0].startswith("run                         stage     state  time            memory             disk")
    assert found[3:] == PLAN.split("\n")[3:]
    assert [line.split() for line in found] == [line.split() for line in PLAN.split("\n")]


def test_further_lines_stand_further_in() -> None:
    text = "name  " + "word " * 20 + "\n        -> " + "word " * 20
    found = lines.wrapped(text, " " * 6, 50).split("\n")
    assert {len(line) - len(line.lstrip()) for line in found} == {0, 6, 8, 10}
