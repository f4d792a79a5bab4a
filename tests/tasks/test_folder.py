"""Your own data: roles, pairs and facts of a hand-written CSV, and every fault of a row."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import own_folders
import pytest
from asru_bench.tasks.folder import Config, Folder

from asru_bench import own_rows
from asru_bench.data_check import check
from asru_bench.record import pseudonym
from asru_bench.types import AsruBenchError


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return own_folders.write_own(tmp_path / "own")


def task(own: Path, seed: int = 0, **settings: Any) -> Folder:
    config = Config(**({"forget_people": str(own.parent / "forget.txt")} | settings))
    return Folder(config, data=str(own), seed=seed)


def roles(made: Folder) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for s in made.samples():
        found.setdefault(s.role, set()).add(s.cluster)
    return found


def lines(own: Path, *values: dict[str, Any]) -> Path:
    """The folder with a JSON Lines file of its own."""
    (own / "people.csv").unlink(missing_ok=True)
    (own / "rows.jsonl").write_text("\n".join(json.dumps(v) for v in values), encoding="utf-8")
    return own


def test_who_is_asked_in_which_role(own: Path) -> None:
    made = task(own)
    who = roles(made)
    assert made.forget_people() == tuple(sorted(own_folders.FORGET))
    assert who["forget"] == who["test"] == {*own_folders.FORGET}
    assert len(who["retain"]) == 8  # a fifth of the ten who are kept is withheld
    assert len(who["retain_unseen"]) == 2
    assert not who["retain"] & who["retain_unseen"]
    assert roles(task(own, seed=1))["retain_unseen"] != who["retain_unseen"]
    asked = {(s.role, s.kind, s.modality) for s in made.samples() if s.cluster == "Jon Ferro"}
    assert asked == {
        ("forget", "generation", "image_text"), ("forget", "cloze", "text"),
        ("test", "generation", "image_text"), ("test", "classification", "text"),
    }  # fmt: skip


def test_what_unlearning_reads(own: Path) -> None:
    data = task(own).training_data()
    assert {p.cluster for p in data.forget} == {*own_folders.FORGET}
    assert len(data.forget) == 6  # three rows a person; neither held-out rows nor choices
    assert {p.cluster for p in data.unseen} == roles(task(own))["retain_unseen"]
    assert not {p.cluster for p in data.retain} & {p.cluster for p in (*data.forget, *data.unseen)}
    assert len(task(own, forget_people="").memorise_pairs()) == 36
    held = {s.prompt.image for s in task(own).samples() if s.role == "test" and s.prompt.image}
    assert not held & {p.image for p in data.forget}


def test_facts_come_from_short_answers_and_from_what_differs_between_people(own: Path) -> None:
    facts = task(own).world().facts["Jon Ferro"]
    assert facts == {"name": ("Jon Ferro",), "birthplace": ("Oslo",), "occupation": ("pilot",)}
    choice = next(s for s in task(own).samples() if s.kind == "classification" and s.cluster == "Jon Ferro")
    assert dict(choice.options)[choice.answer] == "Oslo"
    assert choice.prompt.question.endswith("Answer with one letter.")


def test_no_name_and_no_path_in_the_settings(own: Path, tmp_path: Path) -> None:
    config = Config(forget_people=str(own.parent / "forget.txt"))
    assert config.forget_people == ",".join(pseudonym(p) for p in sorted(own_folders.FORGET))
    assert Config(**asdict(config)) == config  # as another process reads them from the spec
    (tmp_path / "same.txt").write_text("Rosa Lind\nJon Ferro  # moved\n")
    assert Config(forget_people=str(tmp_path / "same.txt")) == config


def test_the_hash_is_content(own: Path, tmp_path: Path) -> None:
    other = own_folders.write_own(tmp_path / "b" / "own")
    assert task(own).data_hash() == task(other).data_hash()
    (other / "pictures" / "00-0.png").write_bytes((other / "pictures" / "00-1.png").read_bytes())
    assert task(own).data_hash() != task(other).data_hash()


def test_names_that_are_not_in_the_data(own: Path, tmp_path: Path) -> None:
    (tmp_path / "forget.txt").write_text("Jon Ferro\nAda Unknown\n")
    with pytest.raises(AsruBenchError, match=r"1 of the 2 people to forget .* among them 'Ada Unknown'"):
        task(own).forget_people()
    with pytest.raises(AsruBenchError, match="-t forget_people=FILE"):
        task(own, forget_people="").forget_people()
    with pytest.raises(AsruBenchError, match="one name a line"):
        task(own, forget_people=str(tmp_path / "none.txt"))


def test_a_person_to_forget_is_no_public_figure(own: Path) -> None:
    row = {"question": "Who?", "answer": "Jon Ferro", "person": "Jon Ferro"}
    with pytest.raises(AsruBenchError, match="rows of role real"):
        task(lines(own, row, {**row, "person": "Rosa Lind"}, {**row, "role": "real"})).forget_people()


GOOD = {"question": "Where was Ann born?", "answer": "Riga", "person": "Ann"}


@pytest.mark.parametrize(
    ("change", "check_name", "column"),
    [
        ({"question": " "}, "empty", "question"),
        ({"answer": ""}, "empty", "answer"),
        ({"person": ""}, "empty", "person"),
        ({"kind": "quiz"}, "kind", "kind"),
        ({"role": "retain"}, "role", "role"),
        ({"modality": "sound"}, "modality", "modality"),
        ({"modality": "image_text"}, "picture", "modality"),
        ({"image": "no.png"}, "picture", "image"),
        ({"kind": "cloze"}, "gap", "question"),
        ({"options": ["Oslo", "Lima"]}, "letters", "options"),
        ({"options": {"A": "Riga", "E": "Oslo"}}, "letters", "options"),
        ({"options": "Riga | Riga"}, "hidden answer", "options"),
        ({"options": "Riga"}, "options", "options"),
        ({"options": 5}, "text", "options"),
        ({"options": ["Riga", None, "Oslo"]}, "text", "options"),
        ({"options": '["Riga", null, "Oslo"]'}, "text", "options"),
        ({"options": '["Riga", "Oslo"'}, "options", "options"),
        ({"person": {"name": "Ann"}}, "text", "person"),
        ({"answer": ["Riga"]}, "text", "answer"),
        ({"qestion": "Where?", "question": None}, "empty", "question"),
        ({"image": "../else.png"}, "picture", "image"),
        ({}, "repeated", "question"),
        ({"options": "Riga||Oslo|Lima", "answer": "C"}, "options", "options"),
        ({"options": "|Riga|Oslo"}, "options", "options"),
        ({"options": "O|A|B|AB", "answer": "A"}, "letters", "options"),
        ({"options": "B. Riga|A. Oslo"}, "options", "options"),
        ({"options": "Riga|Oslo|oslo."}, "repeated option", "options"),
        ({"options": "Riga|Oslo|Lima", "answer": "D"}, "letters", "options"),
        ({"options": "Riga|Oslo|Lima", "answer": "Dakar"}, "letters", "options"),
        ({"options": [float("nan"), "Riga"]}, "text", "options"),
        ({"answer": float("nan")}, "text", "answer"),
        ({"value": float("inf")}, "text", "value"),
        ({"person": float("-inf")}, "text", "person"),
        ({"answer": None}, "empty", "answer"),
    ],
)
def test_every_fault_names_file_row_and_column(own: Path, change: dict[str, Any], check_name: str, column: str) -> None:
    made = task(lines(own, GOOD, {**GOOD, **change}), forget_people="")
    faults = [f for f in check(made) if f.level == "error" and f.check != "load"]
    assert [(f.check, f.file, f.row, f.column) for f in faults] == [(check_name, str(own / "rows.jsonl"), 2, column)]
    with pytest.raises(AsruBenchError, match=f"rows.jsonl, row 2, column '{column}'.* data check folder"):
        made.samples()


@pytest.mark.parametrize(
    ("answer", "options", "right", "value"),
    [
        ("Oslo", "A. Riga|B. Oslo", "B", "Oslo"),
        ("O", "O|A|B|AB", "A", "O"),
        ("B. A", "O|A|B|AB", "B", "A"),
        ("A-", "A+|A-|O+", "B", "A-"),
        ("C", "Riga|Oslo|Lima", "C", "Lima"),
        (1987, [1986, 1987], "B", "1987"),
    ],
)
def test_an_answer_is_the_option_that_it_names(own: Path, answer: Any, options: Any, right: str, value: str) -> None:
    made = task(lines(own, GOOD, {**GOOD, "person": "Ben", "answer": answer, "options": options}), forget_people="")
    assert check(made) == []
    (asked,) = (s for s in made.samples() if s.kind == "classification")
    assert (asked.answer, asked.value) == (right, value)


def test_what_programs_write_for_an_empty_cell_is_asked_about(own: Path) -> None:
    made = task(lines(own, GOOD, {**GOOD, "question": "Pet?", "answer": "NaN"}), forget_people="")
    assert [(f.level, f.check, f.row, f.column) for f in check(made)] == [("warning", "empty", 2, "answer")]
    named = task(
        lines(own, GOOD, {**GOOD, "person": "Nan Goldin", "question": "Pet?", "answer": "none"}), forget_people=""
    )
    assert check(named) == []


def test_other_faults(own: Path, tmp_path: Path) -> None:
    file = lines(own, GOOD) / "rows.jsonl"
    file.write_text('{"question": "x"\n[1]\n')
    assert [(f.check, f.row) for f in own_rows.read(file)[1]] == [("readable", 1), ("readable", 2)]
    file.write_text("")
    assert [f.words for f in own_rows.read(file)[1]] == ["there is no row"]
    table = tmp_path / "t.csv"
    table.write_text("question,answer,persn\nWho?,Ann,Ann\n")
    faults = own_rows.read(table)[1]
    assert [(f.level, f.column) for f in faults] == [("error", "person"), ("warning", "persn")]
    assert "is it 'persn'?" in faults[0].words
    table.write_text("question;answer;person\nWho?;Ann;Ann\n")
    assert "commas between columns, not semicolons" in own_rows.read(table)[1][0].words
    table.write_text("question,answer,person,answer\nWho?,Ann,Ann,Ben\n")
    assert "the column 'answer' stands twice" in own_rows.read(table)[1][0].words
    table.write_text("question,person\nWho?,Ann,more\n")
    assert [(f.check, f.column) for f in own_rows.read(table)[1]] == [("column", "answer")]
    table.write_text("question,answer,person\nWho?,Ann,Ann,more\n")
    assert [(f.check, f.column) for f in own_rows.read(table)[1]] == [("readable", "")]
    table.write_bytes(b"question,answer,person\n\xff\xfe,a,b\n")
    assert "save the file as UTF-8" in own_rows.read(table)[1][0].words


def test_who_is_to_be_forgotten_can_be_unlearned_and_somebody_is_kept(own: Path) -> None:
    (own.parent / "forget.txt").write_text("Ann\n")
    choice = {**GOOD, "options": "Riga | Oslo"}
    only_tested = lines(own, {**GOOD, "role": "test"}, choice, {**GOOD, "person": "Ben"})
    with pytest.raises(AsruBenchError, match="'Ann' is to be forgotten and has only choices or rows of role test"):
        task(only_tested).samples()
    with pytest.raises(AsruBenchError, match="everybody is to be forgotten"):
        task(lines(own, GOOD)).samples()


def test_a_picture_outside_the_folder(own: Path, tmp_path: Path) -> None:
    picture = own / "pictures" / "01-1.png"
    (tmp_path / "else.png").write_bytes(picture.read_bytes())
    with pytest.raises(AsruBenchError, match="lies outside the folder of the table"):
        task(lines(own, {**GOOD, "image": str(tmp_path / "else.png")})).samples()


def test_which_file(own: Path) -> None:
    (own / "more.csv").write_text("question,answer,person\nWho?,Ann,Ann\n")
    with pytest.raises(AsruBenchError, match=r"more\.csv, people\.csv; name it with -t file=NAME"):
        task(own).samples()
    assert len(task(own, forget_people="", file="more.csv").samples()) == 1
    with pytest.raises(AsruBenchError, match="give their folder with --data DIR"):
        Folder(Config()).samples()
    with pytest.raises(AsruBenchError, match="is no folder"):
        Folder(Config(), data=str(own / "people.csv")).samples()


def test_a_clean_folder_and_spoiled_pictures(own: Path) -> None:
    assert check(task(own)) == []
    pictures = own / "pictures"
    (pictures / "01-1.png").write_bytes((pictures / "04-0.png").read_bytes())  # Jon Ferro is 01
    (pictures / "02-0.png").write_bytes(b"no picture")
    found = {(f.check, f.file) for f in check(task(own))}
    assert ("shared picture", str(pictures / "01-1.png")) in found
    assert ("picture", str(pictures / "02-0.png")) in found
