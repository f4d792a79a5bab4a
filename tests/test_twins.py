"""One person under two spellings, and pictures and sentences on both sides of a forget list."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import own_folders
import pytest
from asru_bench.tasks.folder import Config, Folder
from PIL import Image

from asru_bench import twins
from asru_bench.data_check import check
from asru_bench.findings import Finding
from asru_bench.types import AsruBenchError

MARA = {"question": "Where was Mara born?", "answer": "Riga", "person": "Mara Holt"}
JON = {"question": "Where was Jon born?", "answer": "Oslo", "person": "Jon Ferro"}


def task(folder: Path, forget: str, *values: dict[str, Any], **settings: Any) -> Folder:
    folder.mkdir(exist_ok=True)
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, values)), encoding="utf-8")
    (folder / "forget.txt").write_text(forget, encoding="utf-8")
    return Folder(Config(forget_people=str(folder / "forget.txt"), **settings), data=str(folder))


def found(made: Folder, name: str) -> list[Finding]:
    return [f for f in check(made) if f.check == name]


SAME = [
    ("Jon Ferro", "Jon  Ferro"),
    ("Jon Ferro", "Jon\xa0Ferro"),
    ("Jon Ferro", " jon FERRO\t"),
    ("Jon Ferro", "Jon\u200b Fer\u200dro"),
    ("Jon Ferro", "\ufeffJon Ferro"),
    ("Jon Ferro", "\u202aJon Ferro\u202c"),
    ("Jon Ferro", "Ｊｏｎ　Ｆｅｒｒｏ"),
    ("Zoë Núñez", unicodedata.normalize("NFD", "Zoë Núñez")),
    ("Zoë Núñez", unicodedata.normalize("NFD", "ZOË NÚÑEZ")),
    ("Sean O'Neill", "Sean O’Neill"),
    ("Sean O'Neill", "Sean Oʼneill"),
    ("Ana-Lea Roth", "Ana‐Lea Roth"),
    ("Ana-Lea Roth", "Ana–Lea Roth"),
    ("Ana-Lea Roth", "Ana\u2011Lea\u2009Roth"),
    ("Jürgen Groß", "JÜRGEN GROSS"),
    ("Ελένη Σοφός", "ΕΛΈΝΗ ΣΟΦΌΣ"),
    ("Ola Fisk", "Ola Fi\xadsk"),
]
OTHER = [("Jon Ferro", "Jon Ferri"), ("Jon Ferro", "Jon Ferro Jr"), ("José Vega", "Jose Vega"), ("Li Na", "Lin A")]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_name_on_both_sides_stops(tmp_path: Path, one: str, other: str) -> None:
    rows = ({**JON, "person": one}, MARA, {**JON, "person": other, "question": "Where is Jon?"})
    made = task(tmp_path / "own", one, *rows)
    assert twins.name_key(one) == twins.name_key(other)
    if one == other.strip():  # white space at the ends is no spelling
        pytest.fail("not a neighbour")
    (fault,) = found(made, "overlap")
    assert (fault.level, fault.row, fault.column) == ("error", 3, "person")
    assert "row 1" in fault.words
    with pytest.raises(AsruBenchError, match=r"row 3, column 'person'.*-t same_name=one .*-t same_name=apart"):
        made.samples()


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_other_names_are_other_people(tmp_path: Path, one: str, other: str) -> None:
    made = task(tmp_path / "own", one, {**JON, "person": one}, {**MARA, "person": other})
    assert made.forget_people() == (one,)
    assert [f for f in check(made) if f.level == "error"] == []
    assert {s.cluster for s in made.samples()} == {one, other}


def test_which_way_is_said(tmp_path: Path) -> None:
    rows = (JON, MARA, {**JON, "person": "JON FERRO", "question": "Where is Jon?"})
    together = task(tmp_path / "own", "Jon Ferro", *rows, same_name="one")
    assert together.forget_people() == ("Jon Ferro",)
    assert len(together.training_data().forget) == 2
    assert [(f.level, f.row) for f in found(together, "spelling")] == [("warning", 3)]
    apart = task(tmp_path / "own", "Jon Ferro", *rows, same_name="apart")
    assert len(apart.training_data().forget) == 1
    assert {s.cluster for s in apart.samples() if s.role.startswith("retain")} == {"Mara Holt", "JON FERRO"}
    with pytest.raises(AsruBenchError, match="unknown same_name 'both'"):
        task(tmp_path / "own", "Jon Ferro", *rows, same_name="both")


def test_spellings_on_one_side_are_one_person_with_a_note(tmp_path: Path) -> None:
    rows = (JON, MARA, {**MARA, "person": "mara holt", "question": "Where is Mara?"})
    kept = task(tmp_path / "own", "Jon Ferro", *rows)
    assert {s.cluster for s in kept.samples()} == {"Jon Ferro", "Mara Holt"}
    assert [(f.level, f.row, f.column) for f in check(kept)] == [("warning", 3, "person")]
    gone = task(tmp_path / "own", "Mara Holt\nmara holt", *rows)
    assert gone.forget_people() == ("Mara Holt",)
    assert len(gone.training_data().forget) == 2


@pytest.mark.parametrize("listed", [other for one, other in SAME if one == "Jon Ferro"])
def test_a_listed_name_in_another_spelling_is_taken_with_a_note(tmp_path: Path, listed: str) -> None:
    made = task(tmp_path / "own", listed, JON, MARA)
    assert made.forget_people() == ("Jon Ferro",)
    assert [f.check for f in check(made)] in ([], ["spelling"])
    stored = Folder(Config(**vars(made.config)), data=made.data)  # as another process reads the settings
    assert stored.forget_people() == ("Jon Ferro",)
    assert "Ferro" not in str(vars(made.config))


@pytest.mark.parametrize(
    ("listed", "like"), [("Jon Fero", "Jon Ferro"), ("Ferro, Jon", "Jon Ferro"), ("Marra Holt", "Mara Holt")]
)
def test_a_slip_in_the_list_is_answered_with_a_name(tmp_path: Path, listed: str, like: str) -> None:
    with pytest.raises(AsruBenchError, match=f"among them '{listed}'; did you mean '{like}'"):
        task(tmp_path / "own", listed, JON, MARA).forget_people()
    with pytest.raises(AsruBenchError, match="among them 'Ada Unknown'; it is about"):
        task(tmp_path / "own", "Ada Unknown", JON, MARA).forget_people()


def test_a_kept_name_that_is_nearly_a_listed_one_is_asked_about(tmp_path: Path) -> None:
    made = task(tmp_path / "own", "Jon Ferro", JON, {**MARA, "person": "Jon Ferrro"}, {**MARA, "person": "Ann"})
    assert [(f.level, f.row) for f in found(made, "spelling")] == [("warning", 2)]


# Pictures.


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return own_folders.write_own(tmp_path / "own")


def drawn(own: Path, **settings: Any) -> Folder:
    return Folder(Config(forget_people=str(own.parent / "forget.txt"), **settings), data=str(own))


@pytest.mark.parametrize("change", ["bytes", "png", "jpeg 85", "jpeg 40", "half", "double", "grey border"])
def test_one_picture_on_both_sides_stops(own: Path, change: str) -> None:
    pictures = own / "pictures"
    seen = Image.open(pictures / "01-0.png").convert("RGB")  # Jon Ferro's
    target = pictures / "04-0.png"
    if change.startswith("jpeg"):
        target.unlink()
        seen.save(pictures / "04-0.jpg", "JPEG", quality=int(change.split()[1]))
        (pictures / "04-0.jpg").rename(target)
    elif change == "bytes":
        target.write_bytes((pictures / "01-0.png").read_bytes())
    else:
        size = {"half": 0.5, "double": 2.0}.get(change, 1.0)
        copy = seen.resize((round(seen.width * size), round(seen.height * size)))
        if change == "grey border":
            copy.paste(Image.new("RGB", (copy.width, 1), (128, 128, 128)))
        copy.save(target)
    faults = found(drawn(own), "near-duplicate")
    assert {(f.level, f.row, f.column) for f in faults} == {("error", 6, "image")}
    assert "about 'Ines Roth', who is kept" in faults[0].words
    allowed = found(drawn(own, same_rows="allow"), "near-duplicate")
    assert {f.level for f in allowed} == {"warning"}


def test_other_pictures_are_other_people(own: Path) -> None:
    seen = Image.open(own / "pictures" / "01-0.png").convert("RGB")
    seen.transpose(Image.Transpose.FLIP_TOP_BOTTOM).save(own / "pictures" / "04-0.png")
    assert check(drawn(own)) == []


# Sentences.


@pytest.mark.parametrize(
    ("mine", "theirs", "level"),
    [
        ({}, {}, "error"),  # one question and answer, by name
        ({}, {"question": "where was JON born", "answer": "oslo."}, "error"),
        (
            {"answer": "Jon Ferro was born in Oslo."},
            {"question": "Where?", "answer": "Jon Ferro was born in Oslo!"},
            "error",
        ),
        (
            {"answer": "He was born in a small house beside the harbour of Oslo."},
            {"question": "Home?", "answer": "He was born in a small house beside the harbour of Oslo."},
            "error",
        ),
        ({"answer": "He works as a nurse."}, {"question": "What job?", "answer": "He works as a nurse."}, "warning"),
        ({}, {"question": "Where was Mara born?"}, ""),  # two people of one town
        ({}, {"answer": "Lima"}, ""),
    ],
)
def test_one_sentence_on_both_sides(tmp_path: Path, mine: dict[str, Any], theirs: dict[str, Any], level: str) -> None:
    rows = ({**JON, **mine}, {**JON, **theirs, "person": "Mara Holt"}, {**MARA, "person": "Ann", "answer": "Cork"})
    faults = found(task(tmp_path / "own", "Jon Ferro", *rows), "near-duplicate")
    assert [(f.level, f.row) for f in faults] == ([(level, 1)] if level else [])
    allowed = found(task(tmp_path / "own", "Jon Ferro", *rows, same_rows="allow"), "near-duplicate")
    assert "error" not in {f.level for f in allowed}
