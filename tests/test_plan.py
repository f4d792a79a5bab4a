"""Specs are resolved completely, references are added once, folders are named by content."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from tiny_world import TASK, place, spec, write_data

from asru_bench import fingerprint, plan, schedule
from asru_bench.cli_options import RunOptions
from asru_bench.folder import RunFolder
from asru_bench.plan import Place, Texts
from asru_bench.sources import Source
from asru_bench.store import Store
from asru_bench.types import AsruBenchError, RunSpec


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))


def resolved(wanted: RunSpec, where: Place, **texts: tuple[str, ...]) -> RunSpec:
    return plan.resolve(wanted, where, plan.find_source(wanted, where), Texts(**texts))


def test_resolved_specs_hold_every_default(tiny_dir: Path, tmp_path: Path) -> None:
    found = resolved(spec(tiny_dir), place(tmp_path), method=("lr=5e-5",), task=("split=forget_5",))
    assert found.method_config["lr"] == 5e-5
    assert found.method_config["steps"] == 2
    assert found.method_config["batch_size"] == 4
    assert found.task == "tiny_task"
    assert found.task_config == {"split": "forget_5", "polite": False}
    assert found.model == "model"
    assert set(found.judge_config) == set(found.judges)
    assert all((found.model_hash, found.vanilla_hash, found.data_hash, found.method_hash))


def test_resolving_twice_changes_nothing(tiny_dir: Path, tmp_path: Path) -> None:
    where = place(tmp_path, model=str(tiny_dir))
    once = resolved(spec(tiny_dir), where)
    assert resolved(once, where) == once


def test_presets_lie_between_defaults_and_what_is_typed(tiny_dir: Path, tmp_path: Path) -> None:
    source = plan.find_source(spec(tiny_dir), place(tmp_path))
    preset = {"ga": {"lr": 2e-4, "batch_size": 2}, "asru": {"scale": 1.5}, "asru@release": {"scale": 2.5}}
    object.__setattr__(source, "presets", lambda task="": preset)
    wanted = replace(spec(tiny_dir), method_config={})
    found = plan.resolve(wanted, place(tmp_path), source, Texts(method=("lr=3e-4",)))
    assert (found.method_config["lr"], found.method_config["batch_size"]) == (3e-4, 2)
    rows = {
        name: plan.resolve(replace(wanted, method=name), place(tmp_path), source) for name in ("asru", "asru@release")
    }
    assert rows["asru"].method_config["scale"] == 1.5
    assert rows["asru@release"].method_config["scale"] == 2.5
    assert [plan.row_name(row) for row in rows.values()] == ["asru", "asru@release"]


def test_presets_of_a_task_go_before_the_others(tmp_path: Path) -> None:
    file = tmp_path / "presets.json"
    file.write_text('{"ga": {"lr": 1}, "npo": {"lr": 2}, "ppu_bench": {"ga": {"steps": 3}}}')
    source = Source("x", str(tmp_path), lambda task: None)
    assert source.presets("clear")["ga"] == {"lr": 1}
    assert source.presets("ppu_bench")["ga"] == {"lr": 1, "steps": 3}
    assert source.presets("ppu_bench")["npo"] == {"lr": 2}


def test_a_variant_may_be_typed_either_way(tiny_dir: Path, tmp_path: Path) -> None:
    at = resolved(replace(spec(tiny_dir), method="asru@release", method_config={}), place(tmp_path))
    typed = resolved(
        replace(spec(tiny_dir), method="asru", method_config={}), place(tmp_path), method=("variant=release",)
    )
    assert at == typed


def test_settings_of_judges(tiny_dir: Path, tmp_path: Path) -> None:
    judge = tmp_path / "my_judge.py"
    judge.write_text(
        "from dataclasses import dataclass\nfrom asru_bench.judge import Judge\n"
        "class Mine(Judge):\n    @dataclass(frozen=True)\n    class Config:\n        strict: bool = False\n"
    )
    wanted = replace(spec(tiny_dir), judges=("value", str(judge)))
    for text in ("strict=true", "my_judge.strict=true"):
        assert resolved(wanted, place(tmp_path), judge=(text,)).judge_config["my_judge"] == {"strict": True}
    with pytest.raises(AsruBenchError, match="no judge of this run has the setting 'rubric'"):
        resolved(wanted, place(tmp_path), judge=("rubric=paper",))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "gaa"}, "unknown method 'gaa'"),
        ({"task": "mllmu"}, "unknown task 'mllmu'"),
        ({"judges": ("valeu",)}, "unknown judge 'valeu'; did you mean 'value'"),
        ({"engine": "vlm"}, "unknown engine 'vlm'; expected hf or openai or vllm"),
        ({"model": "./nowhere"}, "unknown model './nowhere'"),
        ({"method_config": {"stesp": 3}}, "method 'ga' has no setting 'stesp'"),
    ],
)
def test_bad_input_is_named(tiny_dir: Path, tmp_path: Path, changes: dict, message: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(AsruBenchError, match=message):
        resolved(spec(tiny_dir, **changes), place(tmp_path))


def test_references_come_once_and_first(tiny_dir: Path, tmp_path: Path) -> None:
    specs = [spec(tiny_dir, method=m, seed=s) for s in (0, 1) for m in ("ga", "npo")]
    planned = plan.make(specs, place(tmp_path))
    assert [(plan.row_name(c.spec), c.spec.seed, c.reference) for c in planned.cells] == [
        (name, seed, name in plan.REFERENCES) for seed in (0, 1) for name in ("vanilla", "base", "ga", "npo")
    ]
    base = next(c for c in planned.cells if c.spec.method == "base")
    assert base.spec.roles == plan.BASE_ROLES
    assert base.given == str(tiny_dir)
    assert len(planned.rows) == 4


def test_a_reference_that_is_asked_for_is_a_row(tiny_dir: Path, tmp_path: Path) -> None:
    planned = plan.make([spec(tiny_dir), spec(tiny_dir, method="vanilla")], place(tmp_path))
    assert [plan.row_name(c.spec) for c in planned.rows] == ["vanilla", "ga"]


def test_an_oracle_is_made_before_the_rows_that_it_is_compared_with(tiny_dir: Path, tmp_path: Path) -> None:
    planned = plan.make([spec(tiny_dir), spec(tiny_dir, method="retain_oracle")], place(tmp_path))
    assert [plan.row_name(c.spec) for c in planned.rows] == ["retain_oracle", "ga"]


def test_folders_are_named_by_content(tiny_dir: Path, tmp_path: Path) -> None:
    where = place(tmp_path)
    one, other = (resolved(spec(tiny_dir, seed=seed), where) for seed in (0, 1))
    folder = plan.folder_of(one, where)
    assert folder.relative_to(where.out).parts[:3] == ("tiny_task", "model", "ga")
    assert folder.name == f"{fingerprint.spec_hash(one)[:12]}-s0"
    assert plan.folder_of(other, where).name.removesuffix("-s1") == folder.name.removesuffix("-s0")
    assert plan.folder_of(replace(one, model="org/name"), where).parts[-3] == "org--name"


def test_moved_data_are_the_same_run_and_changed_data_another(tiny_dir: Path, tmp_path: Path) -> None:
    where = place(tmp_path)
    moved = replace(where, data=str(write_data(tmp_path / "elsewhere")))
    assert resolved(spec(tiny_dir), moved) == resolved(spec(tiny_dir), where)
    (tmp_path / "elsewhere" / "Ada.png").write_bytes((tmp_path / "elsewhere" / "Ben.png").read_bytes())
    assert resolved(spec(tiny_dir, seed=1), moved).data_hash != resolved(spec(tiny_dir, seed=1), where).data_hash


def test_specs_go_to_json_and_back(tiny_dir: Path, tmp_path: Path) -> None:
    found = resolved(spec(tiny_dir), place(tmp_path))
    assert plan.spec_from(json.loads(json.dumps(asdict(found)))) == found
    with pytest.raises(AsruBenchError, match="not of this version"):
        plan.spec_from({"method": "ga"})


def test_fast_limits_people(tiny_dir: Path, tmp_path: Path) -> None:
    assert resolved(spec(tiny_dir, fast=True), place(tmp_path)).limit == plan.FAST_PEOPLE
    assert resolved(spec(tiny_dir, fast=True, limit=1), place(tmp_path)).limit == 1


def test_run_folders_find_their_plug_ins_and_inputs(
    tiny_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = plan.make([spec(tiny_dir)], place(tmp_path))
    made = RunFolder.create(planned.rows[0])
    again = RunFolder.open(made.path)
    assert again == made
    assert json.loads((made.path / "local.json").read_text())["files"] == [["task", TASK]]
    with pytest.raises(AsruBenchError, match="is no run folder"):
        RunFolder.open(tmp_path)


def test_steps_and_estimates(tiny_dir: Path, tmp_path: Path) -> None:
    planned = plan.make([spec(tiny_dir)], place(tmp_path))
    with Store() as cache:
        steps = schedule.steps(planned, cache)
        assert [(s.stage, s.state) for s in steps[:4]] == [
            ("unlearn", "given"),
            ("generate", "to do"),
            ("judge", "to do"),
            ("score", "to do"),
        ]
        row = {s.stage: s for s in steps if s.cell is planned.rows[0]}
        assert (row["unlearn"].state, row["unlearn"].seconds, row["unlearn"].measured) == ("to do", None, False)
        questions = 3 * 9
        assert row["generate"].seconds is None
        assert "was measured here yet" in schedule.announcement(planned, steps)
        schedule.remember(cache, "unlearn", planned.rows[0].spec, 7.0)
        schedule.remember(cache, "generate", planned.rows[0].spec, 0.5)
        row = {s.stage: s for s in schedule.steps(planned, cache) if s.cell is planned.rows[0]}
        assert (row["unlearn"].seconds, row["unlearn"].measured) == (7.0, True)
        assert row["generate"].seconds == pytest.approx(questions * 0.5)
        words = schedule.text(planned, list(row.values()))
    assert "ga seed 0" in words
    assert "7s measured" in words
    assert [schedule.duration(s) for s in (7, 119.6, 720, 11160)] == ["7s", "120s", "12 min", "3.1 h"]
    assert str(planned.rows[0].folder) in words


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"fast": True, "limit": 5}, "note: --fast asks 2 people of each role; --limit 5 does not count\n"),
        ({"fast": True, "limit": 2}, ""),
        ({"fast": True, "limit": 1}, ""),
        ({"fast": True}, ""),
        ({"limit": 5}, ""),
    ],
)
def test_fast_says_what_it_leaves_of_a_limit(
    words: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    RunOptions(**words).parse()
    assert capsys.readouterr().err == said
