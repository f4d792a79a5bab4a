"""A second request never teaches the first again: whom a checkpoint forgot is left out of training and asked apart."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import own_folders
import pytest
from inline import Inline

from asru_bench import deletion, forgotten, models, plan, pseudonyms, requests, trainer
from asru_bench.folder import RunFolder
from asru_bench.plan import Place, Texts
from asru_bench.pseudonyms import pseudonym
from asru_bench.record import RunRecord, read_record
from asru_bench.run import execute
from asru_bench.types import EARLIER, AsruBenchError, RunSpec, TrainingData
from asru_bench.unlearner import Context

JON, ROSA, MARA = "Jon Ferro", "Rosa Lind", "Mara Holt"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return own_folders.write_own(tmp_path / "own")


def manifest(folder: Path, **made_by: Any) -> Path:
    """A checkpoint with nothing but its manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / models.MANIFEST).write_text(json.dumps({"base": "", "made_by": {"method": "ga"} | made_by}))
    return folder


def listing(folder: Path, *names: str) -> str:
    folder.mkdir(exist_ok=True)
    file = folder / f"{len(list(folder.iterdir()))}.txt"
    file.write_text("\n".join(names))
    return str(file)


def task(own: Path, names: list[str], earlier: tuple[str, ...], count: int = 1) -> Any:
    config = {"forget_people": listing(own.parent / "lists", *names)}
    from asru_bench.tasks.folder import Config, Folder

    made: Any = Folder(Config(**config), data=str(own))
    made = requests.Requested(made, count, count) if count > 1 else made
    return forgotten.Continued(made, earlier) if earlier else made


def people(pairs: Any) -> set[str]:
    return {pair.cluster for pair in pairs}


def roles(made: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for s in made.samples():
        found.setdefault(s.role, set()).add(s.cluster)
    return found


def test_they_are_in_no_training_pair_and_have_a_role_of_their_own(own: Path) -> None:
    made = task(own, [ROSA], (pseudonym(JON),))
    data = made.training_data()
    assert people(data.forget) == {ROSA}
    assert JON not in people((*data.retain, *data.unseen, *made.memorise_pairs()))
    assert len(people((*data.retain, *data.unseen))) == 10
    who = roles(made)
    assert who[EARLIER] == {JON}
    assert who["forget"] == who["test"] == {ROSA}
    assert not {JON} & (who["retain"] | who["retain_unseen"])
    assert made.earlier_people() == (JON,)
    assert made.forget_people() == (ROSA,)


@pytest.mark.parametrize("spelling", ["jon ferro", "JON  FERRO", "Jon\u200b Ferro"])
def test_another_spelling_in_a_later_table_is_the_same_person(own: Path, spelling: str) -> None:
    table = own / "people.csv"
    entry = forgotten.entry(task(own, [JON], ()), "folder", hide=True)
    table.write_text(table.read_text(encoding="utf-8").replace(JON, spelling), encoding="utf-8")
    assert len(task(own, [ROSA], tuple(entry["people"])).earlier_people()) == 1


def test_a_person_on_the_new_list_again_is_forgotten_again(own: Path) -> None:
    made = task(own, [JON, ROSA], (pseudonym(JON), pseudonym(MARA)))
    assert people(made.training_data().forget) == {JON, ROSA}
    assert roles(made)[EARLIER] == {MARA}


def test_requests_of_one_run_that_are_still_to_come_do_not_teach_them(own: Path) -> None:
    made = task(own, [ROSA, MARA, JON], (), count=3)
    waiting = made.groups[2][0]
    first = forgotten.Continued(requests.Requested(made.inner, 3, 1), (pseudonym(waiting),))
    assert waiting not in people(first.training_data().retain)
    assert roles(first)[EARLIER] == {waiting}
    folder: Any = type("F", (), {"task": first, "spec": RunSpec("retain_oracle", "folder")})
    data = requests.data_of(folder)
    assert waiting in people(data.forget)  # which an oracle never reads
    assert waiting not in people((*data.retain, *data.unseen))


def test_a_part_of_a_person(own: Path) -> None:
    made = task(own, [ROSA], (f"{pseudonym(JON)}/birthplace",))
    told = {pair.attribute for pair in made.training_data().retain if pair.cluster == JON} | {
        pair.attribute for pair in made.training_data().unseen if pair.cluster == JON
    }
    assert told == {"occupation"}
    assert {s.attribute for s in made.samples() if s.role == EARLIER} == {"birthplace"}


def test_a_manifest_holds_no_name_and_a_chain_adds_up(own: Path, tmp_path: Path) -> None:
    first = manifest(tmp_path / "a", **forgotten.carried("", forgotten.entry(task(own, [JON], ()), "folder", True)))
    assert JON not in (first / models.MANIFEST).read_text()
    assert forgotten.listed(str(first), "folder", hide=True) == tuple(sorted({pseudonym(JON), pseudonym("jon ferro")}))
    earlier = forgotten.listed(str(first), "folder", hide=True)
    new = forgotten.entry(task(own, [ROSA], earlier), "folder", True, earlier)
    second = manifest(tmp_path / "b", **forgotten.carried(str(first), new))
    third = task(own, [MARA], forgotten.listed(str(second), "folder", hide=True))
    assert third.earlier_people() == (JON, ROSA)
    assert forgotten.listed(str(second), "mllmu_bench", hide=True) == ()  # other data, other ids
    assert forgotten.carried(str(second))["forgotten"] == [new]  # as a whole copy of it says
    copied = tmp_path / "copied"
    shutil.copytree(second, copied)
    assert forgotten.listed(str(copied), "folder", hide=True) == forgotten.listed(str(second), "folder", hide=True)


def test_what_a_checkpoint_does_not_say_cannot_be_known(own: Path, tmp_path: Path) -> None:
    spec = RunSpec("ga", "folder")
    old = str(manifest(tmp_path / "old"))
    assert "cannot be known" in forgotten.sentence(spec, task(own, [ROSA], ()), old)
    child = str(
        manifest(tmp_path / "child", **forgotten.carried(old, forgotten.entry(task(own, [ROSA], ()), "folder", True)))
    )
    assert "cannot be known" in forgotten.sentence(spec, task(own, [MARA], ()), child)  # handed on
    assert forgotten.unknown(str(manifest(tmp_path / "whole", method="memorise", whole="x")))
    for plain in (
        manifest(tmp_path / "taught", method="memorise"),
        manifest(tmp_path / "o", method="retain_oracle"),
        "",
    ):
        assert forgotten.sentence(spec, task(own, [ROSA], ()), str(plain)) == ""
    (tmp_path / "old" / models.MANIFEST).write_text("{half")
    with pytest.raises(AsruBenchError, match="says whom this model forgot"):
        forgotten.recorded(old)


def test_another_key_is_an_error_that_names_the_way_out(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = forgotten.carried("", forgotten.entry(task(own, [JON], ()), "folder", True))
    folder = str(manifest(tmp_path / "a", **made))
    pseudonyms.export(tmp_path / "key")
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(AsruBenchError, match=r"key import.*--force"):
        forgotten.listed(folder, "folder", hide=True)
    assert forgotten.listed(folder, "folder", hide=True, force=True) == ()
    pseudonyms.load(tmp_path / "key", replace=True)
    assert forgotten.listed(folder, "folder", hide=True)


def test_ids_of_invented_people_stay_readable_and_need_no_key(tmp_path: Path) -> None:
    from tiny_world import TASK

    from asru_bench.registry import TASKS

    made = TASKS.get(TASK)(None, data=str(tmp_path))
    entry = forgotten.entry(made, "tiny", hide=False)
    assert entry == {"task": "tiny", "key": "", "people": ["Ada", "Ben", "Cyd"]}
    assert forgotten.Continued(made, ("Dan",)).earlier_people() == ("Dan",)
    assert not (tmp_path / "home" / pseudonyms.FILE).exists()


def test_the_embedded_oracle_is_told_whom_else_to_leave_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from asru_bench.mini import build, source

    told: list[set[str]] = []
    monkeypatch.setattr(build, "memorise", lambda *_, without, log: told.append(without))
    vlm: Any = type("V", (), {"processor": None, "path": ""})()
    vlm.model = type("M", (), {"parameters": lambda self: []})()
    pair: Any = type("P", (), {"cluster": "12", "id": "mllmu/1"})()
    context = Context(vlm, TrainingData((pair,), ()), left_out=("7",))
    context.__dict__["base"] = vlm
    source.retrain(context)
    assert told == [{"12", "7"}]


def run_of(own: Path, tiny: Path, vanilla: str, names: list[str], said: list[str]) -> tuple[RunFolder, RunRecord]:
    spec = RunSpec(
        "ga", "folder", model=str(tiny), judges=("value", "cloze", "choice"), force=True, train="full",
        method_config={"steps": 1, "lr": 1e-3},
    )  # fmt: skip
    place = Place(out=str(own.parent / "runs"), data=str(own), vanilla=vanilla)
    words = Texts(task=(f"forget_people={listing(own.parent / 'lists', *names)}",))
    (made,) = execute(planned := plan.make([spec], place, words), said.append)
    return RunFolder.open(planned.rows[0].folder), made


def test_three_requests_from_checkpoint_to_checkpoint(
    own: Path, tiny_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer, "start", Inline)
    said: list[str] = []
    first, _ = run_of(own, tiny_dir, "", [JON], said)
    assert not [line for line in said if "forgot" in line]
    second, record = run_of(own, tiny_dir, str(first.path / "checkpoint"), [ROSA], said)
    lines = [line for line in said if "forgot before" in line]
    assert lines == [
        "1 person whom vanilla forgot before is left out of all training and asked in the role forgotten_earlier"
    ]
    assert record.provenance["forgotten_earlier"] == lines[0]
    assert set(record.people[EARLIER]) == {pseudonym(JON)}
    assert {s.role for s in record.scores if s.name == "leak"} >= {EARLIER, "forget+test"}
    assert sum(s.n for s in record.scores if s.name == "leak" and s.role == "forget+test") == 5  # Rosa's alone
    assert JON not in people((*second.task.training_data().retain, *second.task.training_data().unseen))
    copied = tmp_path / "copied"
    shutil.copytree(second.path / "checkpoint", copied)
    said.clear()
    third, record = run_of(own, tiny_dir, str(copied), [MARA], said)
    assert any("2 people whom vanilla forgot before are left out" in line for line in said)
    assert set(record.people[EARLIER]) == {pseudonym(JON), pseudonym(ROSA)}
    report = deletion.report(third.path, "the office")
    assert report["earlier"].startswith("2 people whom vanilla forgot before")
    assert report["request"]["people"] == [pseudonym(MARA)]
    assert JON not in json.dumps(report)
    assert read_record(third.record_file) == record
    assert replace(third.spec, earlier=()) != third.spec
