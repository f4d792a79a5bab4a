"""A whole run on one's own people: no name in anything that is printed, and files that only their owner reads."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import own_folders
import pytest
from inline import Inline
from typer.testing import CliRunner, Result

from asru_bench import cli, plan, shown, store, trainer
from asru_bench.pseudonyms import pseudonym

NAMES = [part for name in own_folders.PEOPLE for part in (name, name.split()[1])]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_dir: Path) -> Iterator[tuple[Path, Result]]:
    """A run of `ga` under a umask that keeps nothing from anybody."""
    folder = tmp_path_factory.mktemp("own")
    own = own_folders.write_own(folder / "own")
    before = os.umask(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASRU_BENCH_HOME", str(folder / "home"))
        patch.setattr(trainer, "start", Inline)
        words = f"run --method ga --task folder --model {tiny_dir} --data {own} --out {folder / 'runs'} --force"
        words += f" -t forget_people={own.parent / 'forget.txt'} -m steps=1 --judge value,cloze,choice"
        try:
            yield folder, CliRunner().invoke(cli.app, words.split())
        finally:
            os.umask(before)


def invoke(made: tuple[Path, Result], *words: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASRU_BENCH_HOME", str(made[0] / "home"))
        return CliRunner().invoke(cli.app, [str(made[0]) + w[1:] if w.startswith("@") else w for w in words])


def run_folder(made: tuple[Path, Result]) -> str:
    (found,) = (made[0] / "runs").glob("folder/*/ga/*")
    return str(found)


def nameless(text: str) -> None:
    assert [name for name in NAMES if name.lower() in text.lower()] == []


def test_a_run_prints_no_name(made: tuple[Path, Result]) -> None:
    assert made[1].exit_code == 0, made[1].stderr
    nameless(made[1].stdout + made[1].stderr)


def test_files_are_their_owners_only(made: tuple[Path, Result]) -> None:
    run, home = Path(run_folder(made)), made[0] / "home"
    for root in (run, home):
        assert stat.S_IMODE(root.stat().st_mode) == 0o700
        for path in root.rglob("*"):
            expected = 0o700 if path.is_dir() else 0o600
            assert stat.S_IMODE(path.stat().st_mode) == expected, path
    assert {"cache.sqlite3", "pseudonyms.key"} <= {p.name for p in home.iterdir()}


def test_no_name_in_what_is_shared(made: tuple[Path, Result]) -> None:
    run = Path(run_folder(made))
    for name in ("record.json", "spec.json", "state.json", "checkpoint/manifest.json", "curves.jsonl"):
        nameless((run / name).read_text(encoding="utf-8"))
    record = json.loads((run / "record.json").read_text(encoding="utf-8"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASRU_BENCH_HOME", str(made[0] / "home"))
        assert set(record["people"]["forget"]) == {pseudonym(name) for name in own_folders.FORGET}
    assert record["provenance"]["pseudonyms"].startswith("key ")


@pytest.mark.parametrize("words", ["nobody", "Jon Ferro2", "p000000000000,x", "1"])
def test_show_of_somebody_else_names_nobody(made: tuple[Path, Result], words: str) -> None:
    found = invoke(made, "show", run_folder(made), "--people", words)
    assert found.exit_code == 1
    nameless((found.stdout + found.stderr).replace("Jon Ferro2", ""))
    assert "people of this run are p" in found.stderr


def test_what_looks_at_a_run_names_nobody_unless_it_is_revealed(made: tuple[Path, Result]) -> None:
    out = made[0] / "pages"
    for words in (
        ("show", run_folder(made)),
        ("show", run_folder(made), "--people", "Jon Ferro"),
        ("show", run_folder(made), "--html", "@/pages/show.html"),
        ("leaderboard", "@/runs"),
        ("accounting", "@/runs"),
        ("deletion-report", run_folder(made), "--by", "the office", "--out", "@/pages"),
        ("data", "preview", "folder", "--data", "@/own", "--out", "@/pages/preview.html"),
    ):
        found = invoke(made, *words)
        assert found.exit_code == 0, found.stderr
        nameless(found.stdout + found.stderr)
    for page in out.iterdir():
        nameless(page.read_text(encoding="utf-8"))
        assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert "Jon Ferro" in invoke(made, "show", run_folder(made), "--people", "Jon Ferro", "--reveal").stdout


def test_errors_of_data_name_nobody_unless_they_are_revealed(made: tuple[Path, Result]) -> None:
    table, kept = made[0] / "own" / "people.csv", (made[0] / "own" / "people.csv").read_text(encoding="utf-8")
    listing = made[0] / "list.txt"
    try:
        table.write_text(kept + "Where was Jon Ferro born?,Quito,Jon Ferro,,,\n", encoding="utf-8")
        listing.write_text("jon ferro\nRosa Lindt\n", encoding="utf-8")
        check = ("data", "check", "folder", "--data", "@/own", "-t", "forget_people=" + str(listing))
        found = invoke(made, *check)
        nameless((found.stdout + found.stderr).replace("Where was", ""))
        assert "--reveal" in found.stdout
        assert "Jon Ferro" in invoke(made, *check, "--reveal").stdout
        stopped = invoke(made, "run", "--task", "folder", "--data", "@/own", "-t", f"forget_people={listing}")
        assert stopped.exit_code == 1
        nameless(stopped.stderr)
        assert "names are hidden behind p" in stopped.stderr
    finally:
        table.write_text(kept, encoding="utf-8")


def test_another_key_says_why_nobody_is_found(made: tuple[Path, Result], tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASRU_BENCH_HOME", str(tmp_path / "elsewhere"))
        plan._task.cache_clear()  # as another process
        found = CliRunner().invoke(cli.app, ["show", run_folder(made)])
    assert found.exit_code == 1
    assert "asru-bench key import FILE" in found.stderr


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_what_is_written_whole(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        (tmp_path / "old.json").write_text("{}")
        store.write_json(tmp_path / "old.json", {"a": 1})
        store.write_table(tmp_path / "t.parquet", [{"a": 1}])
        store.write_text(tmp_path / "board.md", "x", public=True)
        with store.Store(tmp_path / "home") as cache:
            cache.put("notes", {"a": "b"})
            modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "home").iterdir()}
        with store.private():
            (tmp_path / "log").write_text("x")
        assert stat.S_IMODE((tmp_path / "board.md").stat().st_mode) == 0o666 & ~umask
    finally:
        assert os.umask(before) == umask
    assert set(modes.values()) == {0o600}
    for name in ("old.json", "t.parquet", "log"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_a_cache_from_before_is_closed_too(tmp_path: Path) -> None:
    store.Store(tmp_path).close()
    (tmp_path / "cache.sqlite3").chmod(0o664)
    store.Store(tmp_path).close()
    assert stat.S_IMODE((tmp_path / "cache.sqlite3").stat().st_mode) == 0o600


def test_a_new_command_forgets_names_of_the_one_before(tmp_path: Path) -> None:
    shown.hide(["Ada Berg"])
    CliRunner().invoke(cli.app, ["ls", "tasks"])
    assert not shown.hides("Ada Berg")
