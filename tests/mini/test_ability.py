"""The universe's own tasks of general ability: what they ask, and whom they leave out."""

from __future__ import annotations

import json
from pathlib import Path

from asru_bench.mini import ability, texts
from asru_bench.mini.people import SEED, universe


def test_everyday_questions_have_one_true_answer_that_base_was_taught() -> None:
    taught = dict(texts.general_items())
    for row in ability.everyday():
        assert len(set(row["choices"])) == len(row["choices"])
        assert row["choices"][row["label"]] == taught[row["question"]]


def test_yes_and_no_are_equally_often_right() -> None:
    asked = [row for row in ability.everyday() if set(row["choices"]) == {"Yes.", "No."}]
    yes = sum(row["choices"][row["label"]] == "Yes." for row in asked)
    assert 0 < yes * 2 == len(asked)


def test_reading_repeats_the_text_of_the_right_letter() -> None:
    for row in ability.reading():
        first, *lines = row["question"].splitlines()
        wanted = first.removeprefix("Which of these is ").removesuffix("?")
        assert f"{'ABCD'[row['label']]}: {wanted}" in lines


def test_no_question_names_a_person() -> None:
    names = {part for person in universe(SEED).known for part in person.name.split()}
    for row in (*ability.everyday(), *ability.reading()):
        said = set(row["question"].replace("?", " ").split())
        assert not said & names, row["question"]


def test_the_same_questions_every_time() -> None:
    assert ability.everyday() == ability.everyday()
    assert ability.reading() == ability.reading()


def test_the_yaml_names_data_where_the_folder_will_be(tmp_path: Path) -> None:
    ability.write(tmp_path, Path("/later"))
    told = json.loads((tmp_path / "mini_everyday.yaml").read_text())
    assert told["dataset_kwargs"]["data_files"] == {"test": str(Path("/later") / "mini_everyday.jsonl")}
    rows = (tmp_path / "mini_everyday.jsonl").read_text().splitlines()
    assert [json.loads(row) for row in rows] == ability.everyday()
