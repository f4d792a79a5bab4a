"""`data check ppu_bench` on generated folders: a clean one has no fault, every planted one is found at its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ppu_folders as made
import pyarrow.parquet as pq
import pytest
from asru_bench.tasks.ppu_bench import Config, PPUBench
from test_data_check import change, drawn, found, only

from asru_bench import data_check, ppu_check, ppu_rows, ppu_splits
from asru_bench.ppu_rows import Fact
from asru_bench.types import AsruBenchError

COMPLETE = {"forget5": 1, "forget10": 2, "forget15": 3, "forget30": 4}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return made.write_ppu(tmp_path / "data")


def task(data: Path, **config: Any) -> PPUBench:
    return PPUBench(Config(**({"setting": "selective"} | config)), data=str(data))


def table(folder: Path, config: str) -> Path:
    return next((folder / config).iterdir())


@pytest.mark.parametrize("setting", ["selective", "personalized", "complete_10"])
def test_a_clean_folder_has_no_fault(own: Path, setting: str) -> None:
    assert data_check.check(task(own, setting=setting)) == []


def test_counts_say_what_is_asked(own: Path) -> None:
    forget = next(line.split() for line in data_check.counts(task(own)) if line.startswith("forget"))
    assert forget == ["forget", "6", "114", "57"]  # 19 sensitive facts, 3 kinds, 2 modalities


# (kind, row, what is changed, name of the check, column); rows alternate between text and picture.
ROWS: list[tuple[str, int, dict[str, Any], str, str]] = [
    ("generation", 0, {"image": made.picture(1)}, "picture", "image"),
    ("cloze", 1, {"image": None}, "picture", "image"),
    ("generation", 1, {"image": {"bytes": b"no picture", "path": None}}, "picture", "image"),
    ("cloze", 1, {"modality": "audio"}, "modality", "modality"),
    ("generation", 2, {"question": " "}, "empty", "question"),
    ("generation", 2, {"answer_text": None}, "empty", "answer_text"),
    ("cloze", 2, {"question": "no gap"}, "gap", "question"),
    ("classification", 3, {"answer_label": "E"}, "letters", "answer_label"),
    ("classification", 3, {"answer_text": "x"}, "letters", "answer_text"),
    ("classification", 3, {"option_b": None}, "options", "answer_label"),
    ("generation", 2, {"sample_id": "Ann_Qa_01"}, "repeated", "sample_id"),
    ("cloze", 2, {"subject_id": "002"}, "person", "subject_id"),
    ("generation", 2, {"subject": "Zoe Zz"}, "person", "subject"),
    ("generation", 2, {"task_type": "cloze"}, "type", "task_type"),
]


@pytest.mark.parametrize(("kind", "row", "planted", "check", "column"), ROWS)
def test_rows(own: Path, kind: str, row: int, planted: dict[str, Any], check: str, column: str) -> None:
    file = table(own, f"ppu_eval_{kind}")
    change(file, lambda rows: rows[row].update(planted))
    only(task(own), check, file, row, column)


def test_an_answer_hidden_in_another_option(own: Path) -> None:
    file = table(own, "ppu_eval_classification")
    right = pq.read_table(file)["answer_label"][3].as_py()
    other = "a" if right != "A" else "b"
    change(file, lambda rows: rows[3].update({f"option_{other}": "near v1x2"}))
    assert only(task(own), "hidden answer", file, 3, "answer_label").level == "warning"
    change(file, lambda rows: rows[3].update({f"option_{other}": "V1x2"}))
    assert only(task(own), "hidden answer", file, 3, "answer_label").level == "error"


def test_tables_that_cannot_be_read(own: Path) -> None:
    cut, missing, gone = (table(own, f"ppu_eval_{kind}") for kind in made.KINDS)
    cut.write_bytes(cut.read_bytes()[:500])
    pq.write_table(pq.read_table(missing).drop_columns(["image", "modality"]), missing)
    gone.unlink()
    only(task(own), "readable", cut, "", "")
    places = {(f.file, f.column) for f in found(task(own), "column")}
    assert places == {(str(missing), "image"), (str(missing), "modality")}
    only(task(own), "config", gone.parent, "", "")


def test_a_set_that_is_not_there_is_not_asked(own: Path) -> None:
    table(own, "cross_image_selective").unlink()
    table(own, "paraphrase_selective").unlink()
    table(own, "paraphrase_persona").unlink()  # not of this setting
    places = [(f.file, f.level) for f in found(task(own), "config")]
    folders = (own / "cross_image_selective", own / "paraphrase_selective")
    assert places == [(str(folder), "warning") for folder in folders]


def test_attacks_and_pairs(own: Path) -> None:
    attack, pairs = table(own, "random_prefix_persona"), table(own, "train_pair_qwen3")
    change(attack, lambda rows: rows[0].update(question=""))
    change(pairs, lambda rows: rows[1].update(generated_answer=None, image=None))
    change(pairs, lambda rows: rows[2].update(sample_id="Zed_01"))
    change(pairs, lambda rows: rows.append(rows[3]))
    faults = data_check.check(task(own))
    places = {(f.check, f.file, f.row, f.column) for f in faults if f.check != "load"}
    last = pq.read_table(pairs).num_rows - 1
    assert places == {
        ("empty", str(attack), 0, "question"),
        ("empty", str(pairs), 1, "generated_answer"),
        ("picture", str(pairs), 1, "image"),
        ("unknown", str(pairs), 2, "sample_id"),
        ("repeated", str(pairs), last, "sample_id"),
    }


def test_another_photo_that_is_trained_on(own: Path) -> None:
    photos, pairs = table(own, "cross_image_selective"), table(own, "train_pair_qwen3")
    cell = pq.read_table(pairs).to_pylist()[0]["image"]
    change(photos, lambda rows: rows[4].update(image_003=cell))
    change(photos, lambda rows: rows[5].update(image_004={"bytes": b"broken", "path": None}))
    words = only(task(own), "shared picture", photos, 4, "image_003").words
    assert f"{pairs.parent.parent}" in words
    only(task(own), "picture", photos, 5, "image_004")


def test_two_people_with_one_picture(own: Path) -> None:
    file = table(own, "ppu_eval_generation")
    first = {row["subject_id"]: i for i, row in reversed(list(enumerate(pq.read_table(file).to_pylist())))}

    def show(person: str, cell: dict[str, Any]) -> Callable[[list[dict[str, Any]]], None]:
        def edit(rows: list[dict[str, Any]]) -> None:
            for row in rows:
                row["image"] = cell if row["subject_id"] == person and row["image"] else row["image"]

        return edit

    change(file, show("006", made.picture(1)))
    for setting in ("selective", "complete_5"):
        words = only(task(own, setting=setting), "near-duplicate", file, first["006"] + 1, "image").words
        assert words.startswith("subject '006' has the picture of '001'")
    change(file, show("001", drawn(1)))
    change(file, show("006", drawn(1, 2)))
    assert not found(task(own), "near-duplicate")
    assert only(task(own, setting="complete_5"), "near-duplicate", file, first["001"] + 1, "image").level == "warning"


# The split files.


def test_a_changed_split_file(own: Path) -> None:
    path = own / "split" / "persona_split.json"
    path.write_text(path.read_text() + " ")
    assert "has the SHA-256" in only(task(own), "digest", path, "", "").words  # of another setting, and found


@pytest.mark.parametrize(
    ("file", "edit", "words"),
    [
        ("complete_split.json", lambda c: c["forget5"].append("099"), "names 1 people that the questions do not have"),
        ("complete_split.json", lambda c: c.pop("forget30"), "no list 'forget30'"),
        ("selective_split.json", lambda c: c.append({"id": "Zed_01"}), "names 1 facts that the questions do not have"),
        (
            "persona_split.json",
            lambda c: c["keep_ids"].append(c["delete_ids"][0]),
            "both in delete_ids and in keep_ids",
        ),
        ("persona_split.json", lambda c: c["keep_ids"].pop(), "1 facts are in neither list"),
    ],
)
def test_contents_of_split_files(own: Path, file: str, edit: Callable[[Any], Any], words: str) -> None:
    content = made.splits(made.SMALL, COMPLETE)
    edit(content[file])
    made.write_splits(own, content)
    assert words in only(task(own), "split", own / "split" / file, "", "").words


def test_split_files_with_two_faults_or_none_at_all(own: Path, tmp_path: Path) -> None:
    content = made.splits(made.SMALL, COMPLETE)
    persona = content["persona_split.json"]
    persona["delete_ids"].append(persona["keep_ids"][0])
    persona["keep_ids"].append({"id": "Zed_01"})
    content["complete_split.json"]["forget5"] = ["006"]
    made.write_splits(own, content)
    words = " ".join(f.words for f in found(task(own), "split"))
    for part in ("both in delete_ids", "names 1 facts", "complete_5 forgets 10 facts that complete_10 keeps"):
        assert part in words
    (own / "split").rename(tmp_path / "elsewhere")
    assert "git clone" in only(task(own), "split", own, "", "").words


# Counts.


def test_facts_in_one_modality_or_kind_only(own: Path) -> None:
    cloze, choice = table(own, "ppu_eval_cloze"), table(own, "ppu_eval_classification")
    change(cloze, lambda rows: rows.pop(0))
    change(choice, lambda rows: [rows.pop(0) for _ in range(2)])
    told = {(f.file, f.words.split(" (")[0], f.level) for f in found(task(own), "counts")}
    assert told == {
        (str(cloze.parent), "ppu_eval_cloze: 1 facts are asked in one modality only", "warning"),
        (str(choice.parent), "1 facts of the other kinds are not asked here", "warning"),
    }
    assert not found(task(own), "load")  # said once


def test_sensitive_facts_and_letters_out_of_balance(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in made.KINDS:
        change(table(own, f"ppu_eval_{kind}"), lambda rows: [row.update(source_from="general") for row in rows[:3]])
    assert not found(task(own), "counts")
    for kind in made.KINDS:
        change(
            table(own, f"ppu_eval_{kind}"),
            lambda rows: [row.update(source_from="sensitive_info") for row in rows if row["sample_id"] == "Ann_Qa_01"],
        )
    words = only(task(own), "counts", own, "", "").words
    assert words == "1 facts are sensitive by source_from or by selective_split.json, not by both"
    monkeypatch.setattr(ppu_rows, "MANY", 2)
    monkeypatch.setattr(ppu_rows, "UNEVEN", 0.2)
    assert any("is right in" in f.words for f in found(task(own), "counts"))


def test_the_published_counts_are_expected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = made.published_counts()
    everything = [(p, k) for p, c in enumerate(counts, 1) for k in made.numbers(c)]
    facts = {made.fact(p, k): Fact(made.subject(p), "", "") for p, k in everything}
    content = made.splits(counts, {"forget5": 25, "forget10": 50, "forget15": 75, "forget30": 150})
    content["complete_split.json"]["forget10"].remove("026")
    made.write_splits(tmp_path, content)
    digests = json.loads((tmp_path / "universe.json").read_text())["digests"]
    forgotten: dict[str, frozenset[str]] = {}
    told = list(ppu_check.split_faults(tmp_path, "", facts, digests, forgotten))
    own = sum(counts[25])
    # the generated choice of each person differs from the published one in number
    assert [f.words for f in told] == [
        f"complete_10: {1_196 - own} facts to forget; published are 1196",
        f"personalized: {len(forgotten['personalized'])} facts to forget; published are 3126",
    ]
    assert {setting: len(gone) for setting, gone in forgotten.items()} | {"complete_10": 0, "personalized": 0} == {
        **ppu_splits.FORGOTTEN, "complete_10": 0, "personalized": 0,
    }  # fmt: skip
    del facts["Ann_Qa_01"]
    (words,) = ppu_rows.odd_facts(facts, forgotten["selective"])
    assert words == "12166 facts of 500 people; the published data have 12167 of 500"


PHOTO_ROWS: list[tuple[dict[str, Any], str, str]] = [
    ({"image_003": None}, "picture", "image_003"),
    ({"question": ""}, "empty", "question"),
    ({"subject": "Zoe Zz"}, "person", "subject"),
    ({"subject_id": "005"}, "person", "subject_id"),
]


@pytest.mark.parametrize(("planted", "check", "column"), PHOTO_ROWS)
def test_rows_of_other_photos(own: Path, planted: dict[str, Any], check: str, column: str) -> None:
    file = table(own, "cross_image_selective")
    change(file, lambda rows: rows[4].update(planted))
    assert only(task(own), check, file, 4, column).level == "error"


def test_other_photos_without_their_question_column(own: Path) -> None:
    file = table(own, "cross_image_selective")
    pq.write_table(pq.read_table(file).drop_columns(["question"]), file)
    only(task(own), "column", file, "", "question")


LOADED: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    ("cross_image_selective", lambda row: row.update(image_003=None), "row 4, column 'image_003': no picture; 1 quest"),
    ("ppu_eval_generation", lambda row: row.update(subject="Zoe Zz"), "row 4, column 'subject'.*'Zoe Zz'"),
]


@pytest.mark.parametrize(("config", "harm", "words"), LOADED)
def test_what_published_data_may_lack_is_told_when_they_are_loaded(
    own: Path, config: str, harm: Callable[[dict[str, Any]], Any], words: str
) -> None:
    change(table(own, config), lambda rows: harm(rows[4]))
    with pytest.warns(UserWarning, match=f"{config}, {words}"):
        task(own).samples()


@pytest.mark.parametrize("setting", ["selective", "personalized"])
def test_a_split_entry_of_another_person(own: Path, setting: str) -> None:
    name = {"selective": "selective_split.json", "personalized": "persona_split.json"}[setting]
    content = json.loads((own / "split" / name).read_text())
    entries = content if setting == "selective" else content["keep_ids"]
    entries[1]["subject_id"] = "777"
    everything = {path.name: json.loads(path.read_text()) for path in (own / "split").iterdir()}
    made.write_splits(own, everything | {name: content})
    assert "entry 1 of" in only(task(own, setting=setting), "split", own / "split" / name, "", "").words
    with pytest.raises(AsruBenchError, match=f"{name}: entry 1 of .*subject_id '777'; expected '00"):
        task(own, setting=setting).samples()


def test_a_repeated_row_of_other_photos(own: Path) -> None:
    file = table(own, "cross_image_selective")
    last = pq.read_metadata(file).num_rows
    change(file, lambda rows: rows.append(rows[2]))
    fault = only(task(own), "repeated", file, last, "sample_id")
    assert (fault.level, "row 2" in fault.words) == ("warning", True)
