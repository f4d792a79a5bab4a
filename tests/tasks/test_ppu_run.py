"""PPU-Bench from unlearning to its record and its table, on the tiny model: its gate, its references, its judges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ppu_folders
import pytest
from folders import write_strangers
from inline import Inline

from asru_bench import plan, store, trainer
from asru_bench.leaderboard import leaderboard
from asru_bench.plan import Place
from asru_bench.record import RunRecord, read_record
from asru_bench.run import run
from asru_bench.types import AsruBenchError, RunSpec


def values(made: RunRecord) -> dict[str, float | None]:
    return {s.name.removeprefix("ppu_bench."): s.value for s in made.scores if s.name.startswith("ppu_bench.")}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setattr(trainer, "start", Inline)
    complete = {"forget5": 1, "forget10": 1, "forget15": 1, "forget30": 1}
    data = ppu_folders.write_ppu(tmp_path / "data", ((3, 2), (3, 2)), complete, strangers="strangers")
    write_strangers(data)
    return Place(out=str(tmp_path / "runs"), data=str(data))


def spec(tiny_dir: Path, method: str = "ga", **changes: Any) -> RunSpec:
    config = {"steps": 2, "lr": 3e-3} if method == "ga" else {}
    known: dict[str, Any] = {"task_config": {"variant": "corrected", "probe_kept": 1, "test_images": "one", "draws": 2}}
    return RunSpec(method, "ppu_bench", model=str(tiny_dir), method_config=config, **(known | changes))


def test_the_task_brings_its_judges_and_their_settings(tiny_dir: Path, place: Place) -> None:
    (cell,) = plan.make([spec(tiny_dir)], place).rows
    assert cell.spec.judges == (*RunSpec("", "").judges, "probability")
    assert cell.spec.judge_config["rouge"] == {"stemmer": False, "words": "plain", "cloze": True, "mllmu": False}
    assert cell.spec.judge_config["choice"] == {"parser": "ours"}
    (cell,) = plan.make(
        [spec(tiny_dir, task_config={"variant": "paper"})], place, plan.Texts(judge=("stemmer=true",))
    ).rows
    assert cell.spec.judge_config["rouge"]["stemmer"] is True
    assert cell.spec.judge_config["choice"] == {"parser": "ppu"}


def test_there_is_no_oracle(tiny_dir: Path, place: Place) -> None:
    with pytest.raises(AsruBenchError, match="'ppu_bench' has no retain oracle"):
        plan.make([spec(tiny_dir, "retain_oracle")], place)
    cells = plan.make([spec(tiny_dir)], place).cells
    assert [cell.spec.method for cell in cells] == ["vanilla", "base", "ga"]
    assert cells[0].given == cells[1].given == str(tiny_dir)


def test_a_run(tiny_dir: Path, place: Place) -> None:
    with pytest.raises(AsruBenchError, match="knowledge gate: vanilla knows 0% of all facts, 0% without the picture"):
        run(spec(tiny_dir), place)
    (made,) = run(spec(tiny_dir, force=True), place)
    assert [(gate.name, gate.passed) for gate in made.gates] == [("knowledge", False)]
    found = values(made)
    sides = [f"{side}_{m}" for side in ("forget", "retain") for m in ("image", "text")]
    assert {
        f"{measure}/{side}" for measure in ("accuracy", "exact", "rougeL_f", "cloze_rougeL_f") for side in sides
    } <= {*found}
    assert {f"known_before_{side}" for side in sides} <= {*found}
    attacks = [f"{a}_{m}" for a in ("random_prefix", "jailbreak_style_prompt", "paraphrase") for m in ("image", "text")]
    assert {f"{measure}/{of}" for measure in ("rougeL_recall", "rougeL_f") for of in attacks} <= {*found}
    assert {"face_named", "facts_without_picture", "visual_reliance", "random_prefix_recovery"} <= {*found}
    records = {r.row: r for r in map(read_record, Path(place.out).rglob("record.json"))}
    assert {*records} == {"vanilla", "base", "ga"}
    assert values(records["vanilla"])["random_prefix_recovery"] == 0
    assert set(records["base"].categories) == {"forget", "strangers"}
    assert "probe" in made.categories
    (file,) = Path(place.out).glob("*/*/ga/*/generations.parquet")
    drawn = {g.sample_id: g.text for g in store.read_generations(file) if "/drawn/" in g.sample_id}
    firsts = [name for name in drawn if name.endswith(".001")]
    assert len(drawn) == 2 * len(firsts)
    assert any(drawn[name] != drawn[name.replace(".001", ".002")] for name in firsts)
    assert "| known before forget image |" in leaderboard(Path(place.out))
    assert run(spec(tiny_dir, force=True), place) == [made]
