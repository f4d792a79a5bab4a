"""Training that is killed in the middle of a stage goes on from its snapshot: equal curves, equal weights."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_world import TASK, write_data
from typer.testing import CliRunner

from asru_bench import cli, fit, models, snapshots, stages, training
from asru_bench.folder import RunFolder
from asru_bench.types import TrainingPair

PLUGIN = Path(__file__).parent / "plugins" / "killed.py"
RL = {"stages": "both", "layer": 1, "rollouts": 4, "prompts": 2, "group": 2, "minibatch": 2, "answer_tokens": 4}
STEER = {"stages": "steer", "layer": 1, "solver": "gradient", "batch_size": 1, "epochs": 2}
LOOP = {"steps": 5, "lr": 1e-3, "batch_size": 2}


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))


def prepared(method: str, settings: dict[str, Any], train: str, tiny: Path, tmp_path: Path, out: str) -> Path:
    """A run folder whose unlearning saves after every step."""
    data = tmp_path / "data"
    if not data.exists():
        write_data(data)
    words = ["--task", TASK, "--model", str(tiny), "--data", str(data), "--out", str(tmp_path / out), "--force"]
    words += ["--train", train, "--save-every", "0"]
    words += [word for key, value in settings.items() for word in ("-m", f"{key}={value}")]
    made = CliRunner().invoke(cli.app, ["plan", "--prepare", "--method", f"{PLUGIN}:{method}", *words])
    assert made.exit_code == 0, made.output
    (folder,) = (p.parent for p in (tmp_path / out).rglob("spec.json") if p.parent.parent.name == "killed")
    return folder


def killed(folder: Path, where: str) -> None:
    """Unlearning in a process that ends itself without notice."""
    environment = os.environ | {"ASRU_TEST_KILL": where, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "asru_bench", "unlearn", str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not (folder / "checkpoint").exists()


def curves(folder: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (folder / "curves.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key != "seconds"} for line in lines]


def weights(path: str) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in models.load(path, device="cpu").model.parameters()])


@pytest.mark.parametrize(
    ("method", "settings", "train", "where", "resumed"),
    [
        ("Killed", LOOP, "full", "killed:4", 3),
        ("Killed", LOOP, "lora", "killed:3", 2),
        ("KilledASRU", RL, "full", "reinforce:5", 4),
        ("KilledASRU", RL, "lora", "reinforce:3", 2),
        ("KilledASRU", STEER, "lora", "redirect:4", 3),
    ],
)
def test_a_killed_stage_goes_on_as_if_nothing_had_been(
    method: str,
    settings: dict[str, Any],
    train: str,
    where: str,
    resumed: int,
    tiny_dir: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    through = prepared(method, settings, train, tiny_dir, tmp_path, "through")
    expected = stages.unlearn(RunFolder.open(through))
    stopped = prepared(method, settings, train, tiny_dir, tmp_path, "stopped")
    killed(stopped, where)
    capsys.readouterr()
    found = stages.unlearn(RunFolder.open(stopped))
    assert f"going on after step {resumed} of training stage 1" in capsys.readouterr().err
    assert curves(stopped) == curves(through)
    assert len({(line["loss"], line.get("grad_norm")) for line in curves(through) if "loss" in line}) > 2
    assert torch.equal(weights(found.path), weights(expected.path))
    assert not (stopped / "work").exists()


PAIRS = [TrainingPair(f"p{i}", f"p{i}", f"Where? {i}", "Riga") for i in range(4)]
SETTINGS = training.OptimConfig(lr=1e-3, steps=4, batch_size=2)


def interrupted(tiny_dir: Path, chosen: fit.Fit, stop: int) -> None:
    vlm = models.trainable(models.load(str(tiny_dir), device="cpu"), "full")

    def log(_: str, step: int, **__: float) -> None:
        if step == stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.sft(vlm, PAIRS, SETTINGS, log=log, fit=chosen)


def steps(tiny_dir: Path, chosen: fit.Fit, config: training.OptimConfig = SETTINGS) -> list[int]:
    """The steps that are computed, not read."""
    vlm = models.trainable(models.load(str(tiny_dir), device="cpu"), "full")
    computed: list[int] = []
    plain = vlm.model.forward
    vlm.model.forward = lambda *args, **inputs: (computed.append(1), plain(*args, **inputs))[1]
    training.sft(vlm, PAIRS, config, fit=chosen)
    return computed


def test_snapshots_of_other_inputs_and_broken_ones_are_not_taken(tiny_dir: Path, tmp_path: Path) -> None:
    def chosen() -> fit.Fit:
        return fit.Fit(folder=tmp_path, save_every=0)

    interrupted(tiny_dir, chosen(), 3)
    file = tmp_path / "stage-1.pt"
    whole = file.read_bytes()
    assert len(steps(tiny_dir, chosen())) == 2
    file.write_bytes(whole)
    other = training.OptimConfig(lr=2e-3, steps=4, batch_size=2)
    assert len(steps(tiny_dir, chosen(), other)) == 4
    file.write_bytes(whole[: len(whole) // 2])
    assert len(steps(tiny_dir, chosen())) == 4


def test_snapshots_wait_for_their_time_or_never_come(tiny_dir: Path, tmp_path: Path) -> None:
    interrupted(tiny_dir, fit.Fit(folder=tmp_path, save_every=60), 3)
    interrupted(tiny_dir, fit.Fit(folder=tmp_path, save_every=-1), 3)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_ends_snapshots_and_not_the_training(
    tiny_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(snapshots.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    chosen = fit.Fit(folder=tmp_path, save_every=0)
    assert len(steps(tiny_dir, chosen)) == 4
    assert not list(tmp_path.iterdir())
    assert capsys.readouterr().err.count("no snapshots from here on") == 1
    assert chosen.notes == {"snapshots": False}
