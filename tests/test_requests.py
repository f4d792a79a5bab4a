"""Requests in a row: who is forgotten when, where each starts, and what the record says."""

from __future__ import annotations

from pathlib import Path

import pytest
from answers import people_of, record
from inline import Inline
from tiny_world import PLUGINS, place, spec

from asru_bench import contrast, models, plan, requests, trainer
from asru_bench.folder import RunFolder
from asru_bench.plan import Texts
from asru_bench.record import read_record
from asru_bench.run import run
from asru_bench.scores import lookup
from asru_bench.types import AsruBenchError

PROBE = str(PLUGINS / "probe.py")
THREE = Texts(task=("requests=3",))


@pytest.fixture(autouse=True)
def inline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(trainer, "start", Inline)
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))


def test_settings_are_kept_from_the_task() -> None:
    assert requests.split_settings({"split": "a"}, ("x=1", "requests=3")) == (
        {"split": "a"}, ("x=1",), {"requests": 3, "request": 3},
    )  # fmt: skip
    assert requests.split_settings({"requests": 3, "request": 2}, ()) == ({}, (), {"requests": 3, "request": 2})
    assert requests.split_settings({}, ("requests=1",)) == ({}, (), {})
    for wrong in ("two", "0", "-1", "1.5"):
        with pytest.raises(AsruBenchError, match=r"requests is .*-t requests=3"):
            requests.split_settings({}, (f"requests={wrong}",))


def test_one_request_is_the_usual_run(tiny_dir: Path, tmp_path: Path) -> None:
    plain = plan.make([spec(tiny_dir)], place(tmp_path)).rows[0]
    assert plan.make([spec(tiny_dir)], place(tmp_path), Texts(task=("requests=1",))).rows[0] == plain


def test_more_requests_than_people(tiny_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(AsruBenchError, match="3 people are to be forgotten, too few for 4 requests"):
        plan.make([spec(tiny_dir)], place(tmp_path), Texts(task=("requests=4",)))


def test_people_are_dealt_into_requests(tiny_dir: Path, tmp_path: Path) -> None:
    cells = [c for c in plan.make([spec(tiny_dir)], place(tmp_path), THREE).cells if c.step or not c.reference]
    assert [(c.step, requests.number_of(c.spec)) for c in cells] == [(True, (1, 3)), (True, (2, 3)), (False, (3, 3))]
    forgotten: list[str] = []
    for number, cell in enumerate(cells, 1):
        task = RunFolder.create(cell).task
        data = task.training_data()
        (now,) = {pair.cluster for pair in data.forget}
        assert now not in forgotten
        forgotten.append(now)
        assert set(task.forget_people()) == set(forgotten)
        kept = {pair.cluster for pair in data.retain}
        assert kept == {"Dan", "Eva", "Fay", "Ada", "Ben", "Cyd"} - set(forgotten)
        roles = {s.cluster: s.role for s in task.samples()}
        assert {p for p, role in roles.items() if role == "forget"} == set(forgotten)
        assert sum(role == "retain" for role in roles.values()) == 6 - number
    assert sorted(forgotten) == ["Ada", "Ben", "Cyd"]


def test_each_request_starts_from_the_one_before(tiny_dir: Path, tmp_path: Path) -> None:
    where = place(tmp_path)
    (made,) = run(spec(tiny_dir, method=PROBE), where, THREE)
    assert made.spec["task_config"]["request"] == 3
    folders = {
        f.spec.task_config["request"]: f
        for f in map(RunFolder.open, sorted((Path(where.out) / "tiny_task" / "model" / "probe").iterdir()))
    }
    weights = []
    for number in (1, 2, 3):
        checkpoint = folders[number].checkpoint
        assert checkpoint is not None
        vlm = models.load(checkpoint.path, device="cpu")
        weights.append(vlm.model.get_input_embeddings().weight.detach())
    assert weights[1][::2].allclose(weights[0][::2] * -0.5)  # the probe halves and turns every second row
    assert weights[2][::2].allclose(weights[0][::2] * 0.25)
    for number in (1, 2, 3):
        assert lookup(made.scores, f"leak.newly/{number}", "forget") is not None
    assert lookup(made.scores, "leak.still/1", "forget") is None
    assert lookup(made.scores, "known.pending/3", "retain") is None
    assert lookup(read_record(folders[1].record_file).scores, "leak.newly/1", "forget") is None
    (again,) = run(spec(tiny_dir, method=PROBE), where, THREE)
    assert again == made
    ((title, lines),) = contrast.tables([made])
    assert "one request after the other" in title
    assert lines[0] == ["", "after request 1", "after request 2", "after request 3"]


def test_a_request_whose_start_is_missing(tiny_dir: Path, tmp_path: Path) -> None:
    last = RunFolder.create(plan.make([spec(tiny_dir)], place(tmp_path), THREE).rows[0])
    with pytest.raises(AsruBenchError, match="request 3 of 3 starts from request 2, whose checkpoint is not there"):
        requests.start_of(last)


def test_checkpoints_of_a_chain_go_at_the_end(tiny_dir: Path, tmp_path: Path) -> None:
    where = place(tmp_path, keep_checkpoints=False)
    run(spec(tiny_dir, method=PROBE), where, THREE)
    assert not list(Path(where.out).rglob("probe/*/checkpoint"))


def test_an_oracle_never_knew_anybody_of_any_request(tiny_dir: Path, tmp_path: Path) -> None:
    wanted = spec(tiny_dir, method="retain_oracle")
    (cell,) = plan.make([wanted], place(tmp_path), THREE).rows
    assert {pair.cluster for pair in requests.data_of(RunFolder.create(cell)).forget} == {"Ada", "Ben", "Cyd"}


def test_progress_by_hand() -> None:
    first = people_of({"forget": [2], "retain": [10, 9, 8]})
    second = people_of({"forget": [3, 0], "retain": [10, 9]})
    second["forget"] = {"forget-0": second["forget"]["forget-0"], "retain-2": second["forget"]["forget-1"]}
    groups = (("forget-0",), ("retain-2",))
    found = requests.progress([record(people=first), record(people=second)], groups)
    values = {s.name: s.value for s in found}
    assert values == {
        "leak.newly/1": 0.2, "known.pending/1": 0.8, "known.retain/1": 0.95,
        "leak.newly/2": 0.0, "leak.still/2": 0.3, "known.retain/2": 0.95,
    }  # fmt: skip


def test_of_divided_people_the_same_ones_are_compared() -> None:
    """Everybody keeps something: who has not asked yet would stand among the kept people later, and not before."""
    parts = [people_of({"forget": [2, 7][:k], "retain": [kept, 5]}) for k, kept in ((1, 10), (2, 8))]
    for part in parts:  # person 0 asks first, person 1 next
        part["forget"] = {name.replace("forget", "retain"): cells for name, cells in part["forget"].items()}
    groups = (("retain-0",), ("retain-1",))
    found = {s.name: s.value for s in requests.progress([record(people=p) for p in parts], groups)}
    assert (found["known.retain/1"], found["known.retain/2"]) == (1.0, 0.8)
    assert found["known.pending/1"] == 0.5
