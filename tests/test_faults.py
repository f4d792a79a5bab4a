"""Every fault of the table is answered with its one message, and docs/faults.md is made from it."""

from __future__ import annotations

from pathlib import Path

import pytest
from faults import FAULTS, FILES, PAGE, Fault, make_world, page, said


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, tiny_dir: Path) -> Path:
    folder = tmp_path_factory.mktemp("faults").resolve()
    make_world(folder, tiny_dir)
    return folder


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{n} {fault.wrong}" for n, fault in enumerate(FAULTS)])
def test_a_fault_is_answered_with_its_message(fault: Fault, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(world / "home"))
    monkeypatch.chdir(world)
    assert said(fault, world) == (fault.code, fault.message)


def test_the_table_is_large_and_each_line_of_it_is_another() -> None:
    assert len(FAULTS) >= 70
    assert len({fault.typed for fault in FAULTS}) == len(FAULTS)
    assert all(fault.code and fault.message and "Traceback" not in fault.message for fault in FAULTS)
    unused = {name.split("/")[0] for name in FILES} - {"text", "nothing", "broken"}
    assert [name for name in unused if not any(name in fault.typed for fault in FAULTS)] == []


def test_the_page_is_made_from_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "type: python tests/faults.py"


def test_what_is_no_fault_stays(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The neighbours of the table's lines that are right."""
    monkeypatch.setenv("ASRU_BENCH_HOME", str(world / "home"))
    monkeypatch.chdir(world)
    plan = "plan --task task.py --model model --data data --judge value --method"
    for typed in (
        f"{plan} ga",
        f"{plan} ga,npo --seeds 0,1,4294967295 --limit 1",
        f"{plan} npo@release -m steps=1 -m lr=1e-6",
        f"{plan} ga -m steps=none -t polite=yes -t requests=3 -j leak_share=0.1",
        "ls methods",
    ):
        code, message = said(Fault("", typed, "", 0, ""), world)
        assert code == 0, message
