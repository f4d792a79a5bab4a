"""A run with `--probes`: the same record beside the probes' scores; training holds none of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_world import place, spec

from asru_bench import plan
from asru_bench.cli_options import RunOptions
from asru_bench.folder import RunFolder
from asru_bench.run import run


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))


def test_the_flag_asks_for_them() -> None:
    (wanted,), _, _ = RunOptions(method="ga", probes=True).parse()
    assert wanted.probes
    assert not RunOptions(method="ga").parse()[0][0].probes


def test_records_with_and_without(tiny_dir: Path, tmp_path: Path) -> None:
    where = place(tmp_path, vanilla=str(tiny_dir))
    (plain,) = run(spec(tiny_dir, method="vanilla"), where)
    wanted = spec(tiny_dir, method="vanilla", probes=True)
    (more,) = run(wanted, where)
    assert more.spec["judges"] == [*plain.spec["judges"], "probe"]
    assert more.spec_hash != plain.spec_hash
    assert (more.people, more.categories) == (plain.people, plain.categories)
    probed = {s.name for s in more.scores if s.name.startswith("probe.")}
    assert {"probe.right", "probe.yes/true", "probe.along/premise", "probe.agree"} <= probed
    assert [s for s in more.scores if s.name not in probed] == list(plain.scores)
    (cell,) = plan.make([wanted], where).rows
    folder = RunFolder.open(cell.folder)
    asked = folder.samples()
    assert asked == [*folder.questions(), *folder.probes()]
    data = folder.task.training_data()
    pairs = (*data.forget, *data.retain, *data.faces, *data.unseen, *folder.task.memorise_pairs())
    assert not {s.question for s in folder.probes() if s.tags[0] != "wording"} & {pair.question for pair in pairs}
    assert not {s.id for s in folder.probes()} & {pair.id for pair in pairs}
