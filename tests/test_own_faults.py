"""Own data: control characters inside texts, and rows that contradict each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import own_folders
import pytest
from asru_bench.tasks.folder import Config, Folder, read_names

from asru_bench import own_rows
from asru_bench.data_check import check
from asru_bench.types import AsruBenchError

GOOD = {"question": "Where was Ann born?", "answer": "Riga", "person": "Ann"}
BEN = {"question": "What is the job of Ben?", "answer": "nurse", "person": "Ben"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))


def faults(tmp_path: Path, *rows: dict[str, Any], forget: str = "") -> list[tuple[str, str, int | str]]:
    (tmp_path / "rows.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    settings = {"forget_people": str(tmp_path / "list.txt")} if forget else {}
    (tmp_path / "list.txt").write_text(forget)
    found = check(Folder(Config(**settings), data=str(tmp_path)))
    return [(f.level, f.check, f.row) for f in found if f.check != "load"]


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x07", "\x9b", "\x7f", "\ud800"])
@pytest.mark.parametrize("column", ["question", "answer", "person", "attribute"])
def test_a_control_character_in_a_cell_is_an_error_of_its_row(tmp_path: Path, character: str, column: str) -> None:
    row = {**GOOD, "attribute": "birthplace"}
    assert faults(tmp_path, BEN, {**row, column: f"a{character}b"}) == [("error", "text", 2)]


@pytest.mark.parametrize("text", ["two\nlines", "a\ttab", "محمد", "👨‍👩‍👧", "می‌خواهم", "Zoe\u0308", "a\r\nb"])
def test_ordinary_texts_are_none(tmp_path: Path, text: str) -> None:
    assert own_rows.control_character(text) == ""
    assert not [f for f in faults(tmp_path, {**GOOD, "answer": text}, BEN) if f[0] == "error"]


def test_nul_bytes_in_tables_and_lists(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_bytes(b"question,answer,person\nWho?,An\0n,Ann\n")
    (fault,) = own_rows.read(table)[1]
    assert (fault.check, fault.row, fault.column) == ("text", 1, "answer")
    assert "U+0000" in fault.words
    table.write_bytes("question,answer,person\nWho?,Ann,Ann\n".encode("utf-16-le"))
    (fault,) = own_rows.read(table)[1]
    assert "NUL bytes: is it UTF-16" in fault.words
    (tmp_path / "list.txt").write_bytes(b"Ann\0\n")
    with pytest.raises(AsruBenchError, match=r"control character U\+0000"):
        read_names(str(tmp_path / "list.txt"))


@pytest.mark.parametrize(
    ("rows", "levels"),
    [
        ([GOOD, {**GOOD, "question": "In which city was Ann born?", "answer": "Oslo"}], ["error"]),
        ([GOOD, {**GOOD, "answer": "Oslo", "role": "test"}], ["error"]),  # one question, two answers
        ([GOOD, {**GOOD, "question": "Ann was born in __.", "answer": "Oslo"}], ["error"]),
        ([GOOD, {**GOOD, "answer": "Oslo", "options": "Oslo|Riga|Lima"}], ["error"]),
        ([GOOD, {**GOOD, "question": "Ann was born in __.", "answer": "riga."}], []),
        ([GOOD, {**GOOD, "question": "Ann was born in __.", "answer": "Riga, Latvia"}], []),  # more of the same
        ([GOOD, {**GOOD, "person": "Ben", "answer": "Oslo"}], []),  # two people
        (
            [
                {"question": "When was Ann born?", "answer": "3 May 1990", "person": "Ann"},
                {"question": "Ann was born on __.", "answer": "1990-05-03", "person": "Ann"},
            ],
            [],
        ),
        (
            [
                {"question": "What is a hobby of Ann?", "answer": "chess", "person": "Ann"},
                {"question": "Name another hobby of Ann.", "answer": "rowing", "person": "Ann"},
            ],
            ["warning"],
        ),
        ([GOOD, {**GOOD, "question": "Say a word.", "answer": "Oslo", "attribute": ""}], []),
    ],
)
def test_one_person_one_attribute_two_values(tmp_path: Path, rows: list[dict[str, Any]], levels: list[str]) -> None:
    found = faults(tmp_path, *rows, BEN)
    assert [(level, row) for level, what, row in found if what == "contradiction"] == [(level, 2) for level in levels]


def test_on_both_sides_of_the_list(tmp_path: Path) -> None:
    both = [GOOD, {**GOOD, "role": "real", "question": "Who?"}, BEN]
    assert ("error", "overlap", 2) in faults(tmp_path, *both, forget="Ann\n")
    assert not [f for f in faults(tmp_path, *both, forget="Ben\n") if f[1] == "overlap"]


def test_a_plain_folder_contradicts_itself_nowhere(tmp_path: Path) -> None:
    own = own_folders.write_own(tmp_path / "own")
    made = Folder(Config(forget_people=str(tmp_path / "forget.txt")), data=str(own))
    assert [f for f in check(made) if f.check == "contradiction"] == []
