"""What is truncated, of another shape, empty or missing is made again, or one command is named that does it.

Every kind of file by every kind of damage: the run is repeated; where that is refused, the command that the message
names is typed, and the run repeated once more. In the end the record is the one from before.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from inline import Inline
from tiny_world import PLUGINS, copied, spec
from typer.testing import CliRunner

from asru_bench import cli, damage, folder, record, report, sealed, stages, store, trainer
from asru_bench.folder import RunFolder
from asru_bench.mini import source
from asru_bench.plan import Place
from asru_bench.record import read_record
from asru_bench.run import run
from asru_bench.store import Store
from asru_bench.types import AsruBenchError, Generation, RunSpec

Damage = Callable[[Path], Any]


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def foreign(file: Path) -> None:
    """Sound, but something else."""
    if file.suffix == ".json":
        file.write_text('{"a": [1, 2, {"b": null}]}')
    elif file.suffix == ".parquet":
        pq.write_table(pa.table({"a": [1, 2]}), file)
    elif file.suffix == ".sqlite3":
        for old in file.parent.glob(f"{file.name}*"):
            old.unlink()
        with sqlite3.connect(file) as database:
            database.execute("CREATE TABLE generations (a, b)")
    else:
        file.write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00{}      ")


def a_list(file: Path) -> None:
    file.write_text("[1, 2]")


def no_text(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00\x80" * 20)


KINDS: dict[str, Damage] = {
    "truncated": truncated,
    "empty": empty,
    "foreign": foreign,
    "missing": Path.unlink,
    "no text": no_text,
}
#: File -> what `run` does about it.
FILES = {
    "record.json": "made again",
    "state.json": "made again",
    "spec.json": "made again",
    "local.json": "made again",
    "copy.json": "made again",
    "generations.parquet": "made again",
    "verdicts.parquet": "made again",
    "checkpoint/model.safetensors": "refused",
    "checkpoint/config.json": "refused",
    "checkpoint/manifest.json": "refused",
    "home/cache.sqlite3": "made again",
}
#: A whole model without its manifest is still the one that the run noted.
NO_MATTER = {("checkpoint/manifest.json", "missing"), ("checkpoint/manifest.json", "foreign")}


@pytest.fixture(autouse=True)
def inline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(trainer, "start", Inline)
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(damage, "_told", set())


@pytest.fixture
def made(tiny_runs: Path, tmp_path: Path) -> Path:
    return copied(tiny_runs, tmp_path)


@pytest.fixture
def again(tiny_runs: Path, tiny_dir: Path, tmp_path: Path) -> Callable[[], dict[str, Any]]:
    """Repeats the run in the copied folder; what must be equal of its record."""
    where = Place(out=str(tmp_path / "runs"), data=str(tiny_runs / "data"))

    def repeat() -> dict[str, Any]:
        (one,) = run(spec(tiny_dir, method=str(PLUGINS / "probe.py")), where)
        return result(one)

    return repeat


def result(one: record.RunRecord) -> dict[str, Any]:
    return {name: value for name, value in one.to_json().items() if name not in ("costs", "provenance")}


def place_of(name: str, made: Path, tmp_path: Path) -> Path:
    return tmp_path / name if name.startswith("home/") else made / name


def typed(message: str) -> None:
    """Runs the one command that a message names."""
    (words,) = re.findall(r"asru-bench ((?:unlearn --again|generate|judge|score|cache clean) ?\S*)", message)
    done = CliRunner().invoke(cli.app, shlex.split(words.rstrip(".;,")))
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("kind", ["truncated", "empty", "foreign", "missing"])
@pytest.mark.parametrize("name", FILES)
def test_a_run_mends_what_was_damaged(
    made: Path, again: Callable[[], dict[str, Any]], tmp_path: Path, name: str, kind: str
) -> None:
    before = result(read_record(made / "record.json"))
    KINDS[kind](place_of(name, made, tmp_path))
    if FILES[name] == "refused" and (name, kind) not in NO_MATTER:
        with pytest.raises(AsruBenchError, match="asru-bench unlearn --again") as caught:
            again()
        typed(str(caught.value))
    assert again() == before
    assert sealed.examine(made / "record.json").status == "verified"
    assert RunFolder.open(made).checkpoint


#: A stage's command -> the files that it reads or writes, whose damage it mends or names a command for.
STAGES = {
    "generate": ["state.json", "spec.json", "local.json", "generations.parquet", "home/cache.sqlite3"],
    "judge": ["state.json", "spec.json", "generations.parquet", "verdicts.parquet"],
    "score": ["record.json", "spec.json", "local.json", "generations.parquet", "verdicts.parquet"],
}


@pytest.mark.parametrize("kind", ["truncated", "foreign", "missing"])
@pytest.mark.parametrize(("stage", "name"), [(stage, name) for stage, names in STAGES.items() for name in names])
def test_a_stage_mends_it_or_names_the_command_that_does(
    made: Path, tmp_path: Path, stage: str, name: str, kind: str
) -> None:
    before = result(read_record(made / "record.json"))
    KINDS[kind](place_of(name, made, tmp_path))
    if name == "state.json":  # of which `unlearn` finds out all again
        told = CliRunner().invoke(cli.app, [stage, str(made)])
        if told.exit_code:
            assert f"asru-bench unlearn {made}" in told.output
            assert CliRunner().invoke(cli.app, ["unlearn", str(made)]).exit_code == 0
    for _ in range(3):  # a lost file may need the stage before, and that the one before it
        told = CliRunner().invoke(cli.app, [stage, str(made)])
        assert not told.exception or isinstance(told.exception, SystemExit), told.output
        if told.exit_code == 0:
            break
        typed(told.output)
    assert told.exit_code == 0, told.output
    assert CliRunner().invoke(cli.app, ["score", str(made)]).exit_code == 0
    assert result(read_record(made / "record.json")) == before


@pytest.mark.parametrize("kind", ["truncated", "empty", "foreign", "no text"])
@pytest.mark.parametrize("command", ["show", "deletion-report", "leaderboard"])
def test_who_reads_a_damaged_record_says_what_to_type(made: Path, tmp_path: Path, command: str, kind: str) -> None:
    KINDS[kind](made / "record.json")
    words = {"show": ["show", str(made)], "leaderboard": ["leaderboard", str(tmp_path / "runs")]}
    report_words = ["deletion-report", str(made), "--by", "x", "--out", str(tmp_path / "report")]
    told = CliRunner().invoke(cli.app, words.get(command, report_words))
    assert told.exit_code == (0 if command == "leaderboard" else 1)
    assert "Traceback" not in told.output
    typed(told.output.replace("score ./", f"score {tmp_path}/runs/"))
    assert sealed.examine(made / "record.json").status == "verified"


@pytest.mark.parametrize("name", ["spec.json", "local.json", "state.json", "record.json", "verdicts.parquet"])
def test_a_damaged_neighbour_is_passed_over(made: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The run folder of an old vanilla, which nothing here is compared with."""
    vanilla = next(path for path in made.parents[1].glob("vanilla/*"))
    other = Path(shutil.copytree(vanilla, vanilla.with_name("0-old")))
    (other / "copy.json").unlink()
    truncated(other / name)
    here = RunFolder.open(made)
    assert [found.path for found in here.beside(("vanilla",)).values()] in ([vanilla], [other])
    assert report._vanilla_of(here) is not None


def test_a_folder_whose_inputs_are_both_lost_names_the_command(made: Path, again: Callable[[], dict[str, Any]]) -> None:
    for name in ("spec.json", "copy.json"):
        truncated(made / name)
    with pytest.raises(AsruBenchError, match="the same `asru-bench run` command as before makes them again"):
        RunFolder.open(made)
    again()
    assert RunFolder.open(made).spec.method == "probe"


STATES = [
    {"unlearn": 3},
    {"unlearn": {}},
    {"unlearn": {"key": 1, "path": 2, "fingerprint": 3}},
    {"unlearn": {"key": "k", "path": "checkpoint", "fingerprint": "f", "cost": {"colour": 1}}},
    {"unlearn": {"key": "k", "path": "checkpoint", "fingerprint": "f", "cost": [1]}},
    {"generate": None, "judge": "yes", "score": [1]},
]


@pytest.mark.parametrize("state", STATES)
def test_states_of_another_shape_count_as_not_done(tmp_path: Path, state: dict[str, Any]) -> None:
    (tmp_path / "state.json").write_text(json.dumps({**state, "engine": {"name": "hf"}}))
    assert folder.read_state(tmp_path / "state.json") == {"engine": {"name": "hf"}}


def test_a_sound_state_is_read_as_it_is(made: Path) -> None:
    assert folder.read_state(made / "state.json") == json.loads((made / "state.json").read_text())


# The cache.


def mid_page(file: Path) -> None:
    """Opens, and fails only when rows are read."""
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xaa" * (len(data) - 4096)
    file.write_bytes(data)


CACHES: dict[str, Damage] = {**KINDS, "rows damaged": mid_page, "a list": a_list}
ANSWER = Generation("k", "s", "Riga", "stop")


@pytest.mark.parametrize("kind", CACHES)
def test_a_damaged_cache_is_put_aside_and_begun_anew(tmp_path: Path, kind: str) -> None:
    with Store() as cache:
        cache.add_generations([ANSWER])
        cache.put("notes", {str(n): "x" * 500 for n in range(200)})
    file = tmp_path / "home" / "cache.sqlite3"
    CACHES[kind](file)
    with Store() as cache:
        assert cache.generations(["k"]) == {}
        cache.add_generations([ANSWER])
        assert cache.generations(["k"]) == {"k": ANSWER}
        assert set(cache.counts()) == set(store.TABLES)
    assert file.with_name("cache.sqlite3.damaged").exists() == (kind not in ("empty", "missing"))


@pytest.mark.parametrize("kind", ["truncated", "rows damaged", "foreign"])
def test_cache_clean_and_ls_work_on_a_damaged_cache(tmp_path: Path, kind: str) -> None:
    for command in ("ls", "clean"):
        with Store() as cache:
            cache.put("notes", {str(n): "x" * 500 for n in range(200)})
        CACHES[kind](tmp_path / "home" / "cache.sqlite3")
        done = CliRunner().invoke(cli.app, ["cache", command])
        assert done.exit_code == 0, done.output


@pytest.mark.parametrize("value", ["", "{", "3", "null", "[1]", '{"colour": 1}'])
def test_rows_of_another_shape_are_not_known(tmp_path: Path, value: str) -> None:
    from asru_bench import judging

    with Store() as cache:
        cache.put("generations", {"k": {}})
        for table in ("generations", "verdicts", "notes"):
            cache._db.execute(f"INSERT OR REPLACE INTO {table} VALUES ('k', ?, 0)", (value,))
        assert cache.generations(["k"]) == {}
        assert judging.kept(cache, "k") is None
    assert store.remembered("k", lambda: "computed") == "computed"


def test_a_damaged_cache_costs_no_results(made: Path, again: Callable[[], dict[str, Any]], tmp_path: Path) -> None:
    before = (made / "record.json").read_bytes()
    truncated(tmp_path / "home" / "cache.sqlite3")
    again()
    assert (made / "record.json").read_bytes() == before


# The embedded universe.


def write_two(universe: Any, target: Path) -> None:
    (target / "Full_Set").mkdir()
    (target / "Full_Set" / "train.parquet").write_bytes(b"people" * 100)
    (target / "universe.json").write_text('{"name": "u"}')


@pytest.fixture
def universe(monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(source, "_writer", lambda task: write_two)
    monkeypatch.setattr(source, "_seen", {})
    return Path(str(source.data_folder("mllmu_bench")))


UNIVERSES: dict[str, Damage] = {
    "truncated": lambda u: truncated(u / "Full_Set" / "train.parquet"),
    "empty": lambda u: empty(u / "universe.json"),
    "foreign": lambda u: foreign(u / "universe.json"),
    "file missing": lambda u: (u / "universe.json").unlink(),
    "folder missing": lambda u: shutil.rmtree(u / "Full_Set"),
    "all missing": lambda u: shutil.rmtree(u),
    "emptied": lambda u: (shutil.rmtree(u), u.mkdir()),
    "a file added": lambda u: (u / "Full_Set" / "more.parquet").write_bytes(b"x"),
    "listing missing": lambda u: (u / source.LISTING).unlink(),
    "listing damaged": lambda u: truncated(u / source.LISTING),
    "a file in its place": lambda u: (shutil.rmtree(u), u.write_text("x")),
}


@pytest.mark.parametrize("fresh", [True, False], ids=["another process", "this process"])
@pytest.mark.parametrize("kind", UNIVERSES)
def test_a_damaged_universe_is_made_again(
    universe: Path, kind: str, fresh: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def content() -> dict[str, bytes]:
        return {str(f.relative_to(universe)): f.read_bytes() for f in universe.rglob("*") if f.is_file()}

    before = content()
    UNIVERSES[kind](universe)
    if fresh or kind.startswith("listing"):
        monkeypatch.setattr(source, "_seen", {})
    assert source.data_folder("mllmu_bench") == str(universe)
    assert content() == before
    assert list(universe.parent.iterdir()) == [universe]


def test_a_sound_universe_is_read_once(universe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source.data_folder("mllmu_bench")
    monkeypatch.setattr(source, "_digests", lambda folder: pytest.fail("read again"))
    assert source.data_folder("mllmu_bench") == str(universe)


def test_other_json_is_told_from_damaged_json(tmp_path: Path) -> None:
    file = tmp_path / "f.json"
    assert damage.read_json(file, missing="gone") == "gone"
    for text, found in (("{}", {}), ("[]", None), ("{", None), ("", None), ("[" * 100_000, None)):
        file.write_text(text)
        assert damage.read_json(file) == found


def test_discarding_takes_nothing_but_the_checkpoint(made: Path) -> None:
    kept = {path.name for path in made.iterdir()} - {"checkpoint"}
    stages.discard(RunFolder.open(made))
    assert {path.name for path in made.iterdir()} == kept
    assert isinstance(RunFolder.open(made).spec, RunSpec)
