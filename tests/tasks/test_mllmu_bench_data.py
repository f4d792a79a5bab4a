from __future__ import annotations

import json
import subprocess
import sys
import time
import warnings
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import folders
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from asru_bench.tasks.mllmu_bench import Config
from mllmu import FORGET, PEOPLE, people, pixel, task

from asru_bench import config as settings
from asru_bench.data_check import check
from asru_bench.quiet import format_warning
from asru_bench.types import AsruBenchError, Sample

# Training.


def test_training_pairs_with_their_facts(data: str) -> None:
    person = min(FORGET)
    f = folders.facts(int(person))
    pairs = {p.id: p for p in task(data).training_data().forget if p.cluster == person}
    prefix = f"mllmu_bench/ft_Data/{person}"
    assert sorted(pairs) == sorted(
        f"{prefix}/{rest}"
        for rest in (
            "generation/image_text/0.0",
            "generation/image_text/0.1",
            "cloze/image_text/0.2",
            "generation/image_text/0.3",
        )
    )
    named = pairs[f"{prefix}/generation/image_text/0.0"]
    assert (named.attribute, named.value) == ("name", f["name"])
    born = pairs[f"{prefix}/generation/image_text/0.1"]
    assert (born.question, born.answer) == (
        "Where was this person born?",
        f"This person was born in {f['birthplace']}.",
    )
    assert (born.attribute, born.value, born.aliases) == (
        "birthplace",
        f["birthplace"],
        (f["birthplace"].split(",")[0],),
    )
    gap = pairs[f"{prefix}/cloze/image_text/0.2"]
    assert gap.question == "This person's job is [Blank].\nGive only the words for [Blank]."
    assert (gap.kind, gap.answer, gap.value) == ("cloze", f["occupation"], f["occupation"])
    assert all(pixel(p.image) == folders.colour(int(person)) for p in pairs.values())


def test_both_adds_text_pairs_by_name(data: str) -> None:
    t = task(data, train="both")
    pairs = [p for p in t.memorise_pairs() if p.cluster == "003"]
    assert [p.modality for p in pairs].count("image_text") == 4
    name = folders.facts(3)["name"]
    texts = {p.question: p.answer for p in pairs if p.modality == "text"}
    assert texts == {
        f"Where was {name} born?": f"{name} was born in Lima, Peru.",
        f"{name}'s job is [Blank].\nGive only the words for [Blank].": "baker",
    }
    assert len({p.id for p in t.memorise_pairs()}) == len(t.memorise_pairs()) == PEOPLE * 6


def test_several_photos_of_a_person_give_the_text_pairs_once(own_data: Path) -> None:
    rows = [
        {"ID": f"{n:03d}", "image": folders.picture(n, photo), "metadata": folders.metadata(n, f"{n:03d}")}
        for n in (1, 2)
        for photo in (0, 1, 2)
    ]
    (own_data / "ft_Data/train-00000-of-00001.parquet").unlink()
    folders.write_table(own_data / "ft_Data", rows)
    pairs = task(own_data, train="both").memorise_pairs()
    assert Counter(p.modality for p in pairs) == {"image_text": 2 * 3 * 4, "text": 2 * 2}
    assert len({p.id for p in pairs}) == len(pairs)
    assert {pixel(p.image) for p in pairs if p.cluster == "002" and p.image} == {
        folders.colour(2, photo) for photo in (0, 1, 2)
    }


def rewrite_training(folder: Path, change: Any) -> None:
    rows = [
        {"image": folders.picture(n), "ID": f"{n:03d}", "metadata": folders.metadata(n, f"{n:03d}")}
        for n in range(1, PEOPLE + 1)
    ]
    (folder / "ft_Data/train-00000-of-00001.parquet").unlink()
    folders.write_table(folder / "ft_Data", [change(row) for row in rows])


def test_people_are_joined_by_their_id_or_by_order(own_data: Path) -> None:
    wanted = task(own_data).memorise_pairs()
    rewrite_training(own_data, lambda row: {k: v for k, v in row.items() if k != "ID"})
    assert task(own_data).memorise_pairs() == wanted

    def no_ids(row: Any) -> Any:
        entries = [{k: v for k, v in e.items() if k != "ID"} for e in json.loads(row["metadata"])]
        return {"image": row["image"], "metadata": json.dumps(entries)}

    rewrite_training(own_data, no_ids)
    assert task(own_data).memorise_pairs() == wanted


def test_unknown_id_in_the_training_data(own_data: Path) -> None:
    rewrite_training(own_data, lambda row: {**row, "metadata": row["metadata"].replace('"007"', '"777"')})
    with pytest.raises(AsruBenchError, match=r"ft_Data, row 6: the ID '777' is not in Full_Set"):
        task(own_data).training_data()


def test_metadata_that_is_no_list(own_data: Path) -> None:
    rewrite_training(own_data, lambda row: {**row, "metadata": "Where? Riga."})
    with pytest.raises(AsruBenchError, match=r"ft_Data, row 0: metadata is no JSON list"):
        task(own_data).training_data()


# Wrong data and settings.


def test_invented_people_in_the_celebrities_config(own_data: Path) -> None:
    file = own_data / "Retain_Set/train-00000-of-00001.parquet"
    file.unlink()
    rows = [{k: v for k, v in folders.row(n, f"C{n}").items() if k != "Directory"} for n in (1, 2)]
    folders.write_table(own_data / "Retain_Set", rows)
    with pytest.raises(AsruBenchError, match=r"Retain_Set holds 2 of the invented people \(C1, C2\).*retain_85"):
        task(own_data).samples()


def test_celebrities_given_as_the_people_to_keep(own_data: Path) -> None:
    for file in (own_data / "retain_85").iterdir():
        file.unlink()
    for file in (own_data / "Retain_Set").iterdir():
        (own_data / "retain_85" / file.name).write_bytes(file.read_bytes())
    with pytest.raises(AsruBenchError, match=r"retain_85 .* 4 people who are not in Full_Set .*celebrities"):
        task(own_data).training_data()


def test_same_numbers_for_other_people_are_told_apart(own_data: Path) -> None:
    (own_data / "Retain_Set/train-00000-of-00001.parquet").unlink()
    rows = [{k: v for k, v in folders.row(1000 + n, f"{n:03d}").items() if k != "Directory"} for n in (1, 2)]
    folders.write_table(own_data / "Retain_Set", rows)
    t = task(own_data)
    assert people(t.samples(), "real") == {"real-001", "real-002"}
    assert t.world().facts["real-001"]["name"] == ("Ann Q1001",)
    assert t.world().facts["001"]["name"] == ("Ben Q1",)


def test_people_both_forgotten_and_kept(own_data: Path) -> None:
    rows = [{k: v for k, v in folders.row(n, f"{n:03d}").items() if k != "Directory"} for n in range(1, PEOPLE + 1)]
    folders.write_table(own_data / "retain_85", rows)
    with pytest.raises(AsruBenchError, match=r"3 people are both to be forgotten and in retain_85"):
        task(own_data).forget_people()


def test_somebody_missing_in_the_test_set(own_data: Path) -> None:
    (own_data / "Test_Set/train-00001-of-00002.parquet").unlink()
    with pytest.raises(AsruBenchError, match=r"Test_Set has no row with ID '0\d\d'"):
        task(own_data).samples()


def test_a_right_letter_that_is_no_option(own_data: Path) -> None:
    row = folders.row(1, "001")
    row["Classification_Task"]["Pure_Text_Questions"][2]["Correct_Answer"] = "E"
    (own_data / "Full_Set/train-00000-of-00001.parquet").unlink()
    folders.write_table(own_data / "Full_Set", [row])
    with pytest.raises(
        AsruBenchError,
        match=r"ID '001', column 'Classification_Task': the right answer 'E' of 'What is the job",
    ):
        task(own_data).forget_people()


def test_missing_config_names_what_is_there(own_data: Path) -> None:
    (own_data / "forget_15").rename(own_data / "old_15")
    with pytest.raises(AsruBenchError, match=r"no config 'forget_15'; did you mean .*Found: Full_Set"):
        task(own_data).forget_people()


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"split": "forget_11"}, "unknown split 'forget_11'; did you mean 'forget_1"),
        ({"split": "Retain_Set"}, "unknown split 'Retain_Set'.*forget_5, forget_10, forget_15"),
        ({"variant": "papper"}, "did you mean 'paper'"),
        ({"draw": "sed"}, "did you mean 'seed'"),
        ({"test_images": "two"}, "unknown test_images"),
        ({"train": "text"}, "unknown train"),
        ({"variant": "paper", "shots": 2}, "has its own demonstrations"),
    ],
)
def test_wrong_settings(wrong: dict[str, Any], text: str) -> None:
    with pytest.raises(AsruBenchError, match=text):
        Config(**wrong)


def test_settings_are_resolved_and_come_back_from_json() -> None:
    paper = settings.build(Config, texts=["variant=paper", "draw=3"])
    assert (paper.unseen, paper.test_images, paper.draw) == (0.0, "one", "3")
    assert (Config().unseen, Config().test_images) == (0.2, "all")
    assert settings.build(Config, settings.values(paper)) == paper
    with pytest.raises(AsruBenchError, match=r"unseen=0.95 .* out of range"):
        settings.build(Config, texts=["unseen=0.95"])


@pytest.mark.parametrize("content", ["[1]", '{"draw": 3}', '{"retain_people": "4"}', "{"])
def test_wrong_universe_file(own_data: Path, content: str) -> None:
    (own_data / "universe.json").write_text(content)
    with pytest.raises(AsruBenchError, match=r"universe\.json"):
        task(own_data).forget_people()


def test_data_hash_follows_what_is_used(own_data: Path) -> None:
    before = task(own_data).data_hash()
    (own_data / "forget_5/train-00000-of-00001.parquet").unlink()
    assert task(own_data).data_hash() == before
    (own_data / "universe.json").write_text('{"retain_people": 4}')
    hashes = [before, task(own_data).data_hash()]
    for config in ("Full_Set", "Test_Set", "Retain_Set", "forget_15", "retain_85", "ft_Data"):
        file = own_data / config / "more.parquet"
        next((own_data / config).glob("train-00000*")).rename(file)
        pq.write_table(pq.read_table(file).slice(1), own_data / config / "train-00000-of-00001.parquet")
        file.unlink()
        hashes.append(task(own_data, draw="published").data_hash())
    assert len(set(hashes)) == 8


# Real size.


def test_500_people_load_fast_without_torch_and_odd_counts_are_warned_of(tmp_path: Path) -> None:
    folder = folders.write_mllmu_bench(tmp_path / "data", people=500, poses=1)
    with pytest.warns(UserWarning, match="Retain_Set has 4 rows; the published data have 153"):
        task(folder).samples()
    code = (
        "import sys; from asru_bench.tasks.mllmu_bench import Config, MLLMUBench\n"
        f"task = MLLMUBench(Config(train='both'), data={str(folder)!r}, seed=0)\n"
        "assert len(task.samples()) > 9000 and len(task.training_data().retain) > 2000\n"
        "assert not {'torch', 'datasets', 'PIL'} & set(sys.modules), 'a heavy import'"
    )
    start = time.monotonic()
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)
    assert time.monotonic() - start < 10


def test_small_folders_are_not_compared_with_the_published_counts(data: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        task(data).samples()


def test_samples_are_equal_from_saved_arrow_folders(data: str, tmp_path: Path) -> None:
    for config in Path(data).iterdir():
        table = pa.concat_tables([pq.read_table(file) for file in sorted(config.iterdir())])
        (tmp_path / config.name).mkdir()
        file = str(tmp_path / config.name / "data-00000-of-00001.arrow")
        with pa.OSFile(file, "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)

    def bare(samples: list[Sample]) -> list[Sample]:
        return [replace(s, prompt=replace(s.prompt, image=None)) for s in samples]

    ours, theirs = task(tmp_path).samples(), task(data).samples()
    assert bare(ours) == bare(theirs)
    assert [pixel(s.prompt.image) for s in ours[:30] if s.prompt.image] == [
        pixel(s.prompt.image) for s in theirs[:30] if s.prompt.image
    ]


# Faults that cost nothing but the time to read the tables.


def _edited(file: Path, edit: Any) -> None:
    table = pq.read_table(file)
    rows = table.to_pylist()
    edit(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), file)


@pytest.mark.parametrize("fault", ["truncated", "metadata", "picture", "ID"])
def test_faults_of_the_training_table_are_told_when_questions_are_loaded(tmp_path: Path, fault: str) -> None:
    file = folders.write_mllmu_bench(tmp_path, PEOPLE) / "ft_Data" / "train-00000-of-00001.parquet"
    if fault == "truncated":
        file.write_bytes(file.read_bytes()[:200])
    elif fault == "metadata":
        pq.write_table(pq.read_table(file).rename_columns({"metadata": "meta"}), file)
    else:
        changed = {"image": None} if fault == "picture" else {"ID": "999", "metadata": folders.metadata(6, "999")}
        _edited(file, lambda rows: rows[5].update(changed))
    words = {
        "truncated": "no Parquet file",
        "metadata": "'metadata'",
        "picture": "row 5.*'image'",
        "ID": "row 5.*'999'",
    }
    with pytest.raises(AsruBenchError, match=f"ft_Data.*{words[fault]}"):
        task(tmp_path).samples()


def _choice(row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = row["Classification_Task"]["Pure_Text_Questions"][1]
    return found


HARMS: dict[str, tuple[Any, str, str]] = {
    "empty question": (lambda row: _choice(row).update(Question=" "), "empty", "'Question' of an entry is empty"),
    "null options": (lambda row: _choice(row)["Options"].update(A=None, C=None), "options", "found B, D"),
    "equal options": (
        lambda row: _choice(row)["Options"].update(C=_choice(row)["Options"]["B"]), "hidden answer", "option B again",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HARMS)
def test_choices_that_nobody_can_answer_are_faults(tmp_path: Path, name: str) -> None:
    harm, check_name, words = HARMS[name]
    file = folders.write_mllmu_bench(tmp_path, PEOPLE) / "Full_Set" / "train-00000-of-00001.parquet"
    _edited(file, lambda rows: harm(rows[5]))
    places = [(f.file, f.row, f.column) for f in check(task(tmp_path)) if f.check == check_name]
    assert (str(file), 5, "Classification_Task") in places
    if name != "empty question":  # published data that have such choices can still be run
        assert task(tmp_path).samples()
        return
    with pytest.raises(AsruBenchError, match=f"Full_Set, row 5, ID '006', column 'Classification_Task'.*{words}"):
        task(tmp_path).samples()


def test_a_choice_with_three_options_is_none(tmp_path: Path) -> None:
    file = folders.write_mllmu_bench(tmp_path, PEOPLE) / "Full_Set" / "train-00000-of-00001.parquet"
    _edited(file, lambda rows: _choice(rows[5])["Options"].update(D=None))
    assert check(task(tmp_path)) == []


def test_people_without_questions_and_pairs_about_nobody_are_found(tmp_path: Path) -> None:
    folder = folders.write_mllmu_bench(tmp_path, PEOPLE)
    full, trained = (folder / config / "train-00000-of-00001.parquet" for config in ("Full_Set", "ft_Data"))
    _edited(full, lambda rows: rows[5].update(Classification_Task=None, Generation_Task=[], Mask_Task=None))
    _edited(trained, lambda rows: rows[3].update(ID="999", metadata=folders.metadata(4, "999")))
    places = {(f.level, f.check, f.file, f.row, f.column) for f in check(task(tmp_path))}
    assert ("error", "empty", str(full), 5, "Classification_Task") in places
    assert ("error", "unknown", str(trained), 3, "metadata") in places


def test_biographies_that_are_missing(tmp_path: Path) -> None:
    file = folders.write_mllmu_bench(tmp_path, PEOPLE) / "Full_Set" / "train-00000-of-00001.parquet"
    _edited(file, lambda rows: (rows[5].update(biography=None), rows[7].update(biography="not JSON")))
    found = [(f.level, f.file, f.row, f.column) for f in check(task(tmp_path)) if f.check == "biography"]
    assert found == [("warning", str(file), row, "biography") for row in (5, 7)]
    with pytest.warns(UserWarning, match="Full_Set, row 5, column 'biography': ID '006'.*and 1 others"):
        task(tmp_path).samples()
    pq.write_table(pq.read_table(file).rename_columns({"biography": "bio"}), file)
    assert ("column", str(file), "biography") in [(f.check, f.file, f.column) for f in check(task(tmp_path))]
    with pytest.raises(AsruBenchError, match=r"Full_Set.*no column 'biography'"):
        task(tmp_path).samples()


def test_warnings_of_ours_are_notes_on_the_terminal() -> None:
    assert format_warning("a row is odd", UserWarning, "/x/asru_bench/rows.py", 3) == "note: a row is odd\n"
    assert "torch.py:3" in format_warning("old", DeprecationWarning, "/x/torch.py", 3)
