"""Curves: what is read of a run, its numbers as CSV, its picture, and the two services that they are sent to."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar
from xml.etree import ElementTree

import pytest
from answers import record
from inline import Inline
from tiny_world import place, spec
from typer.testing import CliRunner

from asru_bench import cli, curves, reporting, trainer
from asru_bench.run import run
from asru_bench.types import AsruBenchError, Score


def logged(folder: Path, *entries: dict[str, Any], tail: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / curves.FILE).write_text("\n".join([*map(json.dumps, entries), tail]))
    return folder


def step(number: int, stage: str = "ga", **numbers: Any) -> dict[str, Any]:
    return {"stage": stage, "step": number, "seconds": number / 2, **numbers}


def test_a_step_that_was_taken_again_counts_once_and_a_cut_line_not_at_all(tmp_path: Path) -> None:
    again = [step(1, loss=3.0), step(2, loss=2.0), step(1, loss=3.0), step(2, loss=2.5), step(3, loss=None)]
    folder = logged(tmp_path, *again, step(0, stage="vector", layer=2), tail='{"stage": "ga", "step": 4, "lo')
    found = curves.entries(folder)
    assert [(e["stage"], e["step"]) for e in found] == [("ga", 1), ("ga", 2), ("ga", 3), ("vector", 0)]
    (only,) = curves.curves(found)  # one point is no curve, what was not finite is left out
    assert only == curves.Curve("ga", "loss", ((1, 3.0), (2, 2.5)))
    assert only.words == "ga, loss: 3 at step 1, 2.5 at step 2"


def test_numbers_as_csv(tmp_path: Path) -> None:
    folder = logged(
        tmp_path, step(1, loss=1.0, lr=0.1), step(1, stage="rl", reward=0.5), step(2, stage="rl", reward=None)
    )
    _, files = curves.write(folder)
    rows = list(csv.DictReader(io.StringIO(files[0].read_text())))
    assert list(rows[0]) == ["stage", "step", "seconds", "loss", "lr", "reward"]
    assert [row["reward"] for row in rows] == ["", "0.5", ""]
    assert files == [folder / "curves.csv"]  # nothing with two points, so no picture


@pytest.mark.parametrize("values", [(1.0, 2.0), (5.0, 5.0, 5.0), (-1e9, 0.0, 1e-9), tuple(range(400))])
def test_the_picture_holds_every_point_inside_its_panel(values: tuple[float, ...]) -> None:
    drawn = [curves.Curve("<a&b>", "loss", tuple(enumerate(values, 1))), curves.Curve("s", "lr", ((3, 1.0), (9, 2.0)))]
    root = ElementTree.fromstring(curves.svg(drawn, "<title>"))
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    lines = [e.get("points", "").split() for e in root.iter() if e.tag.endswith("polyline")]
    assert [len(line) for line in lines] == [len(values), 2]
    points = [tuple(map(float, p.split(","))) for line in lines for p in line]
    assert all(0 < x < width and 0 < y < height for x, y in points)
    heights = [float(p.split(",")[1]) for p in lines[0]]
    assert (heights[0] > heights[-1]) == (values[0] < values[-1])  # more is higher


def test_where_curves_lie_and_where_there_are_none(tmp_path: Path) -> None:
    row = tmp_path / "ga"
    logged(row / "a-s0", step(1, loss=1.0))
    logged(row / "b-s0" / "work", step(2, loss=1.0))
    for name in ("c-s0", "d-s0"):
        (row / name).mkdir()
        (row / name / "spec.json").write_text("{}")
    (row / "c-s0" / "state.json").write_text('{"unlearn": {"path": "../a-s0/checkpoint"}}')
    assert [curves.entries(row / name)[0]["step"] for name in ("a-s0", "b-s0", "c-s0")] == [1, 2, 1]
    said = CliRunner().invoke(cli.app, ["show", str(row / "d-s0"), "--curves"])
    assert said.exit_code == 1
    assert "has no curves: nothing was trained there, or its method logs nothing" in said.stderr


class Board:
    """Stands in for tensorboard's writer: keeps what it is told."""

    told: ClassVar[list[tuple[str, float, int]]] = []
    broken = False

    def __init__(self, place: str) -> None:
        Path(place).mkdir(exist_ok=True)
        (Path(place) / "events").write_text("")

    def add_scalar(self, name: str, value: float, at: int) -> None:
        if self.broken:
            raise OSError("disk full\nmore")
        self.told.append((name, value, at))

    def close(self) -> None:
        self.told.append(("closed", 0, 0))


class Wandb:
    """Stands in for wandb."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.summary = SimpleNamespace(update=lambda values: self.told.append(values))
        self.Settings = dict

    def init(self, **options: Any) -> Wandb:
        self.options = options
        return self

    def define_metric(self, name: str, step_metric: str) -> None:
        self.told.append((name, step_metric))

    def log(self, values: dict[str, float]) -> None:
        self.told.append(values)

    def finish(self) -> None:
        self.told.append("finish")


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Wandb:
    """Both libraries as if they were installed."""
    wandb, board = Wandb(), ModuleType("torch.utils.tensorboard")
    board.SummaryWriter = type("Writer", (Board,), {"told": []})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", board)
    monkeypatch.setitem(sys.modules, "wandb", wandb)  # type: ignore[arg-type]
    monkeypatch.setattr(reporting, "_installed", lambda name: True)
    wandb.board = board.SummaryWriter  # type: ignore[attr-defined]
    return wandb


def folder_of(path: Path, report_to: str = "tensorboard,wandb") -> Any:
    own = SimpleNamespace(
        method="ga", task="t", model="mini", seed=0, method_config={"lr": 1}, task_config={"data": "x"}
    )
    return SimpleNamespace(path=path, place=SimpleNamespace(report_to=report_to), spec=own)


def lent_of(path: Path) -> Any:
    folder = folder_of(path)
    about = reporting.about(folder)
    return SimpleNamespace(work=str(path / "work"), report_to=folder.place.report_to, report_about=about)


def test_both_services_get_curves_and_scores(tmp_path: Path, services: Any) -> None:
    (tmp_path / "tensorboard").mkdir()
    (tmp_path / "tensorboard" / "old").write_text("")
    reporter = reporting.of_training(lent_of(tmp_path))
    assert not (tmp_path / "tensorboard" / "old").exists()  # an attempt before: its steps are told again
    reporter.log("ga", 3, {"loss": 0.5, "reward": None})
    reporter.close()
    scores = (Score("leak", "forget", 0.25, 8, 2), Score("rouge", "forget", None, 0))
    reporting.send_scores(folder_of(tmp_path), record("ga", scores=scores))
    assert services.board.told[0] == ("ga/loss", 0.5, 3)
    assert ("scores/leak@forget", 0.25, 0) in services.board.told
    assert services.told[:2] == [("ga/*", "ga/step"), {"ga/step": 3, "ga/loss": 0.5}]
    assert {"scores/leak@forget": 0.25} in services.told
    assert services.options["config"] == {"method": "ga", "task": "t", "model": "mini", "seed": 0, "lr": 1}
    assert (services.options["id"], services.options["resume"]) == (tmp_path.name, "allow")


def test_a_service_that_fails_is_told_of_once_and_ends_nothing(
    tmp_path: Path, services: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    services.board.broken = True
    reporter = reporting.of_training(lent_of(tmp_path))
    for number in range(3):
        reporter.log("ga", number, {"loss": 1.0})
    reporter.close()
    assert capsys.readouterr().err == "note: nothing more goes to tensorboard: OSError: disk full\n"
    assert sum(isinstance(told, dict) for told in services.told) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tensorbord", "unknown --report-to 'tensorbord'; did you mean tensorboard? Expected tensorboard or wandb"),
        ("wandb,mlflow", "needs the package wandb, which is not installed; type `pip install 'asru-bench[wandb]'`"),
        ("tensorboard", "needs the package tensorboard"),
    ],
)
def test_what_is_unknown_or_not_installed_is_said_before_any_work(
    text: str, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(reporting, "_installed", lambda name: False)
    said = CliRunner().invoke(cli.app, ["run", "--report-to", text, "--out", str(tmp_path / "runs")])
    assert said.exit_code == 1
    assert message in said.stderr
    assert not (tmp_path / "runs").exists()


def test_a_folder_of_that_name_is_no_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "no_such_library").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert not reporting._installed("no_such_library")
    assert reporting._installed("torch")
    reporting.check("")
    with pytest.raises(AsruBenchError):
        reporting.check("no_such_library")


def test_a_run_logs_reports_and_draws(
    tmp_path: Path, tiny_dir: Path, monkeypatch: pytest.MonkeyPatch, services: Any
) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(trainer, "start", Inline)
    where = place(tmp_path, report_to="tensorboard")
    run(spec(tiny_dir, limit=1), where)
    steps = [told for told in services.board.told if told[0] == "ga/loss"]
    assert [at for *_, at in steps] == [1, 2]
    assert any(name.startswith("scores/leak") for name, *_ in services.board.told)
    row = next(Path(where.out).glob("*/*/ga"))
    said = CliRunner().invoke(cli.app, ["show", str(row), "--curves"])
    assert said.exit_code == 0, said.output
    assert re.search(r"ga, loss: \S+ at step 1, \S+ at step 2", said.output)
    assert f"{steps[0][1]:.4g} at step 1" in said.output
    assert ElementTree.parse(next(row.glob("*/curves.svg"))).getroot().tag.endswith("svg")
    assert len(next(row.glob("*/curves.csv")).read_text().splitlines()) == 3
