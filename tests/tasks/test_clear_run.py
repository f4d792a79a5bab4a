"""CLEAR from unlearning to its record and its table, on the tiny model; oracles of two seeds beside each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import clear_folders
import pytest
from answers import record
from inline import Inline

from asru_bench import plan, trainer
from asru_bench.benchmark import own_lines
from asru_bench.engines import HFEngine
from asru_bench.folder import RunFolder
from asru_bench.leaderboard import Row, leaderboard
from asru_bench.models import load
from asru_bench.plan import Place
from asru_bench.record import RunRecord, read_record
from asru_bench.run import run
from asru_bench.store import read_verdicts
from asru_bench.types import RunSpec, Score, ScoreRequest

JUDGES = ("value", "rouge", "probability", "truth_ratio")


def values(made: RunRecord) -> dict[str, float | None]:
    return {s.name.removeprefix("clear."): s.value for s in made.scores if s.name.startswith("clear.")}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setattr(trainer, "start", Inline)
    return Place(out=str(tmp_path / "runs"), data=str(clear_folders.write_clear(tmp_path / "data")))


def spec(tiny_dir: Path, method: str = "ga", **changes: Any) -> RunSpec:
    config = {"steps": 2, "lr": 3e-3} if method == "ga" else {}
    known: dict[str, Any] = {"task_config": {"new_tokens": 4}, "judges": JUDGES, "fast": True}
    return RunSpec(method, "clear", model=str(tiny_dir), method_config=config, **(known | changes))


def test_the_task_brings_its_judges(tiny_dir: Path, place: Place) -> None:
    usual = RunSpec("", "").judges
    (cell,) = plan.make([spec(tiny_dir, judges=usual)], place).rows
    assert cell.spec.judges == (*usual, "probability", "truth_ratio")
    (cell,) = plan.make([spec(tiny_dir, judges=("value",))], place).rows
    assert cell.spec.judges == ("value",)


def test_a_run_with_two_oracles(tiny_dir: Path, place: Place) -> None:
    wanted = [spec(tiny_dir, "retain_oracle"), spec(tiny_dir), spec(tiny_dir, "retain_oracle", seed=1)]
    _, made, _ = run(wanted, place)  # the second oracle comes last, and counts
    found = values(made)
    assert {"utility", "mean_real", "mean_retain", "mean_forget", "ks", "ks_p"} < {*found}
    assert {f"{m}/{s}" for m in JUDGES[1:] for s in ("real_faces", "retain_names", "forget_captions")} < {*found}
    d = [found[name] for name in ("distance", "distance_vanilla", "distance_second_oracle")]
    assert all(value is not None and value >= 0 for value in d)
    assert found["forget_quality"] in (None, pytest.approx((d[1] - d[0]) / (d[1] - d[2])))  # type: ignore[operator]
    assert {n for numbers in made.categories.values() for n in numbers} <= {"leak", "correct", "invented", "vague"}
    every = [read_record(path) for path in Path(place.out).rglob("record.json")]
    records = {r.row: values(r) for r in every if r.seed == 0}
    assert records["vanilla"]["distance"] == d[1]
    assert "distance" not in records["retain_oracle"]
    assert "utility" not in records["base"]
    assert run(spec(tiny_dir), place) == [made]

    folder = RunFolder.create(plan.make([spec(tiny_dir)], place).rows[0])
    assert folder.checkpoint is not None
    assert_likelihoods_are_the_checkpoints(folder, folder.checkpoint.path)
    assert "| forget captions |" in leaderboard(Path(place.out))


def assert_likelihoods_are_the_checkpoints(folder: RunFolder, path: str) -> None:
    verdicts = {v.sample_id: v for v in read_verdicts(folder.verdicts_file) if v.judge == "truth_ratio"}
    asked = [s for s in folder.samples() if s.tags[0] == "forget_captions"]
    requests = [ScoreRequest(s.id, s.prompt, s.paraphrase) for s in asked]
    for model, same in ((path, True), (folder.source.base, False)):
        scores = HFEngine(load(model, device="cpu", dtype="float32"), "x").score(requests)
        told = [verdicts[s.id].measures["right"] for s in asked]
        assert (scores == pytest.approx(told, abs=1e-4)) is same


def test_the_released_protocol_runs(tiny_dir: Path, place: Place) -> None:
    paper = spec(tiny_dir, task_config={"new_tokens": 4, "variant": "paper"})
    (made,) = run(paper, place)
    assert "ks" not in values(made)
    assert values(made)["probability/forget_names"] is not None
    (oracle,) = run(replace(paper, method="retain_oracle", method_config={}), place)
    assert "forget_quality" not in values(oracle)
    (made,) = run(paper, place)  # nothing is trained or asked again; the oracle is there now
    quality = values(made)["forget_quality"]
    assert quality is not None
    assert 0 < quality <= 1


def test_lines_of_a_table() -> None:
    def row(label: str, *scores: Score) -> Row:
        made = record(label)
        return Row(label, label, (replace(made, spec={"task": "clear"}, scores=scores),))

    some = [
        Score("clear.rouge/faces", "real", 0.25, 4),
        Score("clear.utility", "all", -0.5, 4),
        Score("x", "all", 1, 1),
    ]
    more = [Score("clear.ratio/faces", "real", None, 4, counts={"failed": 4}), *some]
    assert own_lines([row("base"), row("a", *some), row("b", *more)]) == [
        ["ratio, rouge", "base", "a", "b"],
        ["faces", "–", "– .250", "– (4 failed) .250"],
        ["utility", "–", "-.500", "-.500"],
    ]
    assert own_lines([row("base")]) == []
