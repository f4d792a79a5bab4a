"""Every command of README and docs works when it is typed, and works again when there are runs already."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import own_folders
import pytest
import typer
from doc_commands import PAGES, Trained, lines, words
from inline import Inline
from test_docs import code_blocks
from tiny_world import place, spec
from typer.testing import CliRunner

from asru_bench import cli, trainer
from asru_bench.cli_options import MemoriseOptions, PlanOptions, RunOptions
from asru_bench.registry import ALL
from asru_bench.run import run

#: Commands that need a GPU, the hub, a server or minutes: what is typed is read, then they stop.
ONLY_READ = ("memorise", "judge-check", "doctor", "data pairs", "data fetch", "general")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, tiny_dir: Path) -> Iterator[Path]:
    """A finished run of the tiny world: rows vanilla, base and ga."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASRU_BENCH_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setattr(trainer, "start", Inline)
        where = place(tmp_path_factory.mktemp("template"))
        run(spec(tiny_dir), where)
        (model,) = Path(where.out).glob("*/*")
        yield model


@pytest.fixture
def world(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with one's own data in DIR and nothing else."""
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    own_folders.write_own(tmp_path / "DIR")
    shutil.copy(tmp_path / "forget.txt", tmp_path / "second.txt")
    for registry in ALL.values():  # each page is typed in a process of its own
        monkeypatch.setattr(registry, "_by_path", {})
    trained = Trained(template)

    def parsed(options: RunOptions) -> None:
        trained.parse(options)
        raise typer.Exit

    monkeypatch.setattr(RunOptions, "parse", parsed)
    monkeypatch.setattr(PlanOptions, "parse", parsed)
    return tmp_path


def type_in(page: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Types one line; it has to end well, without a traceback."""
    if not (typed := words(line)):
        return
    said = CliRunner().invoke(cli.app, typed)
    assert said.exit_code == 0, f"{page}: {line}\n{said.output}\n{said.exception!r}"
    assert "Traceback" not in said.output


@pytest.fixture
def only_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that are too heavy stop once their options are read."""

    def stop(*_: object, **__: object) -> None:
        raise typer.Exit

    monkeypatch.setattr(MemoriseOptions, "parse", stop)
    monkeypatch.setattr("asru_bench.doctor.examine", stop)
    monkeypatch.setattr("asru_bench.checkset.read", stop)
    monkeypatch.setattr("asru_bench.cli_data._task_for_pairs", stop, raising=False)
    monkeypatch.setattr("asru_bench.ppu_pairs.make", stop)
    monkeypatch.setattr("asru_bench.cli_data.PairsOptions.parse", stop)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_a_page_twice(
    page: str, world: Path, only_read: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for block in code_blocks("docs/adding-a-method.md", "python")[:1]:
        Path("my_ga.py").write_text(block, encoding="utf-8")
    typed = list(lines(page))
    if any(" ls runs" in line or " show " in line or "deletion-report" in line for line in typed):
        for row in ("--method asru", "--method asru --task folder --model base") * 2:
            type_in(page, f"asru-bench run {row}", monkeypatch)  # what an earlier page made
    for line in (*typed, *typed):
        type_in(page, line, monkeypatch)
    rows = {row: len(list(row.iterdir())) for row in Path("runs").glob("*/*/*") if row.name not in ("vanilla", "base")}
    assert not rows or max(rows.values()) > 1


def test_what_a_shell_would_misread_is_found() -> None:
    with pytest.raises(AssertionError, match="redirection"):
        words("asru-bench score runs/mllmu_bench/mini/ga/<hash>-s0")
    assert words("OMP_NUM_THREADS=1 asru-bench ls runs # what there is") == ["ls", "runs"]
    assert words("pip install -e .") == []
    assert words('asru-bench judge-check --judge ""') == ["judge-check", "--judge", ""]
    with pytest.raises(AssertionError, match="no command"):
        words("asru-bensh run")
