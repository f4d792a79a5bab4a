"""The doctor: what it says of a good machine, and of each thing that can be wrong."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import folders
import pytest
from typer.testing import CliRunner, Result

from asru_bench import cli, doctor, doctor_inputs
from asru_bench.doctor import BROKEN, NOTE, OK, Finding


@pytest.fixture(autouse=True)
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture
def model(tiny_dir: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(tiny_dir, tmp_path / "model"))


def call(*words: str) -> Result:
    return CliRunner().invoke(cli.app, ["doctor", *words])


def statuses(findings: object) -> list[str]:
    return [found.status for found in findings]  # type: ignore[attr-defined]


def test_a_machine_without_gpu_and_network_is_fine(tmp_path: Path, tiny_dir: Path) -> None:
    data = folders.write_mllmu_bench(tmp_path / "data", 20)
    result = call("--task", "mllmu_bench", "--data", str(data), "--model", str(tiny_dir))
    assert result.exit_code == 0, result.output
    for words in ("torchvision", "fits this torch", "HF_HUB_OFFLINE is set", "complete, 0.0 GB of weights", "usable"):
        assert words in result.output
    assert "mllmu_bench: 20 people, 80 training pairs, 2 people to forget by default" in result.output
    assert "Nothing needed is broken" in result.output


def test_what_is_broken_sets_the_exit_code_and_says_what_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "HUB_SECONDS", 0.1)
    monkeypatch.setattr(doctor_inputs, "embedded", lambda: [Finding("embedded model", OK, "there")])
    result = call("--model", str(tmp_path / "nowhere"))
    assert result.exit_code == 1
    assert "broken  model" in result.output
    assert "-> asru-bench ls models" in result.output
    assert "Broken: model." in result.output


def test_versions_against_ranges() -> None:
    have = {"torch": "2.8.0", "trl": "1.17", "rich": "14.0"}
    wanted = ["torch>=2.9", "trl<2,>=1.16", "rich>=13.9", "peft>=0.18", 'openai>=2.0; extra == "llm"']
    found = list(doctor.outside(wanted, have.get))
    assert [(f.name, f.status, f.mend) for f in found] == [
        ("torch", BROKEN, 'pip install "torch>=2.9"'),
        ("peft", BROKEN, 'pip install "peft>=0.18"'),
    ]
    assert "2.8.0 is installed; needed: >=2.9" in found[0].words


def test_a_torchvision_of_another_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)  # importing it raises
    (found,) = doctor.torchvision()
    assert found.status == BROKEN
    assert found.mend.startswith("pip install --force-reinstall torch torchvision")


def test_a_look_that_breaks_is_a_note_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks() -> list[Finding]:
        raise RuntimeError("no such file\nat all")

    monkeypatch.setattr(doctor, "disk", breaks)
    found = next(f for f in doctor.examine() if f.name == "disk")
    assert (found.status, found.words) == (NOTE, "could not be looked at: no such file")


def test_the_hub_is_asked_with_a_short_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket
    import time

    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setattr(doctor, "HUB_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the call and says nothing
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        started = time.monotonic()
        (found,) = doctor.hub()
        assert time.monotonic() - started < 2
    assert found.status == NOTE
    assert "cannot be reached" in found.words


@pytest.mark.parametrize(("free", "status"), [(0.5, BROKEN), (10, NOTE), (400, OK)])
def test_disk(free: float, status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: SimpleNamespace(free=free * 1e9))
    found = list(doctor.disk())
    assert statuses(found) == [status] * 3
    assert ("cache clean" in found[0].mend) == (status == BROKEN)


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "file" / "home"))
    found = list(doctor.disk())[-1]
    assert (found.name, found.status) == ("cache", BROKEN)
    assert "ASRU_BENCH_HOME" in found.mend


@pytest.mark.parametrize(("free", "status"), [(1.0, BROKEN), (16.0, OK), (None, NOTE)])
def test_memory(free: float | None, status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_free_memory", lambda: free)
    assert statuses(doctor.memory()) == [status]


def test_more_threads_than_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    import torch

    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    monkeypatch.setattr(torch, "get_num_threads", lambda: 999)
    (found,) = doctor.cores()
    assert (found.status, found.mend) == (NOTE, f"export OMP_NUM_THREADS={count}")


def test_a_gpu_that_torch_does_not_see(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", None)
    monkeypatch.setattr(doctor.shutil, "which", lambda name: name)
    (found,) = doctor.gpu()
    assert "built without CUDA" in found.words
    assert found.mend.startswith("pip install")
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    (found,) = doctor.gpu()
    assert (found.status, found.mend) == (NOTE, "")


def test_what_a_model_folder_lacks(model: Path) -> None:
    assert doctor_inputs.faults(model) == []
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model.safetensors"}}
    (model / "model.safetensors.index.json").write_text(json.dumps(index))
    assert doctor_inputs.faults(model) == ["1 of 2 files of weights are missing"]
    (model / "model.safetensors.index.json").unlink()
    (model / "chat_template.jinja").unlink()
    assert doctor_inputs.faults(model) == ["there is no chat template"]
    (model / "config.json").write_text("{}")
    assert "names no vision part" in doctor_inputs.faults(model)[0]
    (model / "config.json").write_text("{")
    assert "damaged" in doctor_inputs.faults(model)[0]
    (model / "config.json").unlink()
    (found,) = doctor_inputs.model(str(model))
    assert (found.status, "no config.json" in found.words) == (BROKEN, True)


def test_models_and_data_that_are_not_here_yet() -> None:
    (found,) = doctor_inputs.model("nobody/nothing-VL")
    assert (found.status, found.mend) == (NOTE, "hf download nobody/nothing-VL")
    (found,) = doctor_inputs.data("mllmu_bench", "nobody/nothing")
    assert found.status == NOTE
    assert "--repo-type dataset" in found.mend


def test_data_that_are_something_else(tmp_path: Path) -> None:
    (found,) = doctor_inputs.data("mllmu_bench", str(tmp_path))
    assert found.status == BROKEN
    assert "holds no Parquet or Arrow tables" in found.words
    (found,) = doctor_inputs.data("mllmu_bensh", str(tmp_path))
    assert "did you mean 'mllmu_bench'" in found.words


def test_weights_that_did_not_come_with_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asru_bench.mini.source.WEIGHTS", tmp_path)
    (found,) = doctor_inputs.embedded()
    assert (found.status, found.words) == (BROKEN, "incomplete: base: there is no config.json")
