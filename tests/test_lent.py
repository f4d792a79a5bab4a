"""The training folder: pairs, pictures and settings as files, and nothing that leads to the questions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_world import PLUGINS, TASK, folder_of

from asru_bench import data, lent, requests, unlearning
from asru_bench.folder import RunFolder
from asru_bench.types import AsruBenchError

PROBE = str(PLUGINS / "probe.py")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))


def written(folder: RunFolder, tmp_path: Path) -> Path:
    lent.write(folder, "key", tmp_path / "lent")
    return tmp_path / "lent"


@pytest.mark.parametrize("method", ["ga", "retain_oracle", PROBE])
def test_pairs_come_back_as_they_were(method: str, tiny_dir: Path, tmp_path: Path) -> None:
    folder = folder_of(tiny_dir, tmp_path, method=method)
    given, (found, rows) = requests.data_of(folder), lent.data(written(folder, tmp_path))
    for name in lent.SETS:
        before, after = getattr(given, name), getattr(found, name)
        if name == "unseen" and method != "retain_oracle":
            before = ()
        assert [replace(pair, image=None) for pair in after] == [replace(pair, image=None) for pair in before]
        for old, new in zip(before, after, strict=True):
            assert bool(old.image) == bool(new.image)
            if old.image and new.image:
                assert data.image_bytes(new.image) == data.image_bytes(old.image)
                assert (tmp_path / "lent") in Path(new.image.path).parents
    assert found.forget
    assert set(rows) >= {pair.id for pair in found.forget}


def test_no_file_of_it_names_the_data_the_spec_or_a_question(tiny_dir: Path, tmp_path: Path) -> None:
    folder = folder_of(tiny_dir, tmp_path)
    where = written(folder, tmp_path)
    texts = {file.name: file.read_text(encoding="utf-8") for file in where.glob("*.json")}
    settings = json.loads(texts["training.json"])
    told = json.dumps({name: value for name, value in settings.items() if name not in ("closed", "free")})
    assert folder.place.data not in told + texts["pairs.json"]
    trained = {pair.question for pair in folder.task.training_data().forget}
    asked = {sample.question for sample in folder.samples()} - trained
    assert asked
    assert not [question for question in asked if question in "".join(texts.values())]
    assert not {"task_config", "data_hash", "limit", "judges"} & set(settings)


def test_what_is_closed_and_what_is_free(tiny_dir: Path, tmp_path: Path) -> None:
    folder = folder_of(tiny_dir, tmp_path, method=PROBE)
    settings = lent.settings(written(folder, tmp_path))
    closed = dict(settings.closed)
    assert closed[str(tmp_path / "data")] == "the data"
    assert closed[str(folder.path)] == "the run folder"
    assert closed[str(Path(TASK))] == "the task's file"
    assert closed[str(tmp_path / "runs" / "tiny_task")] == "results of the task"
    assert {str(folder.path / "work"), str(tiny_dir), PROBE} <= set(settings.free)
    assert str(Path(TASK)) not in settings.free, "the task lies beside the method, and stays closed"


def test_bases_of_adapters_are_free_too(tiny_dir: Path, tmp_path: Path) -> None:
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "manifest.json").write_text(json.dumps({"base": str(tiny_dir)}))
    folder = folder_of(tiny_dir, tmp_path)
    assert lent._free(folder, tmp_path, [str(adapter)], Path(PROBE))[-2:] == (str(adapter), str(tiny_dir))
    (adapter / "manifest.json").write_text("{half")
    assert lent._free(folder, tmp_path, [str(adapter)], Path(PROBE))[-1] == str(adapter)


def test_only_an_oracle_is_told_its_source(tiny_dir: Path, tmp_path: Path) -> None:
    for method, name in (("ga", ""), ("retain_oracle", str(tiny_dir))):
        folder = folder_of(tiny_dir, tmp_path, method=method)
        assert lent.settings(written(folder, tmp_path)).model == name


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AsruBenchError, match=r"is no training folder; `asru-bench unlearn RUN_FOLDER` makes one"):
        lent.require(tmp_path)


def test_what_was_opened_is_kept_with_the_checkpoint(
    tiny_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opening(where: Path) -> list[str]:
        unlearning.carry_out(where)
        return ["the data (*.parquet)"]

    monkeypatch.setattr(unlearning, "in_own_process", opening)
    folder = folder_of(tiny_dir, tmp_path)
    path, _, notes = unlearning.train(folder, "key")
    assert notes["opened"] == ["the data (*.parquet)"]
    manifest = json.loads((Path(path) / "manifest.json").read_text())
    assert manifest["made_by"]["notes"]["opened"] == ["the data (*.parquet)"]
