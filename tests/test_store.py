"""The cache keeps what it is given, is shared by processes and explains disks; files are written whole."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from asru_bench import database, store
from asru_bench.store import Store
from asru_bench.types import AsruBenchError, Generation, Verdict

ANSWER = Generation("key1", "a/b/1", "Riga — born", "stop", 10, 3, "t", "i", (-0.1, -2.5))
VERDICT = Verdict("value", "a/b/1", "key1", "scored", "leak", None, "Riga", {"asserted": 1.0})


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_generations_come_back_as_they_were() -> None:
    with Store() as first:
        first.add_generations([ANSWER])
    with Store() as second:
        assert second.generations(["key1", "key2"]) == {"key1": ANSWER}


def test_failed_answers_are_tried_again() -> None:
    with Store() as db:
        db.add_generations([Generation("k", "s", "", "error", error="boom")])
        assert db.generations(["k"]) == {}


def test_many_keys() -> None:
    with Store() as db:
        db.put("scores", {str(i): i for i in range(2000)})
        assert len(db.get("scores", [str(i) for i in range(1990, 2010)])) == 10
        assert len(db.get("scores", [str(i) for i in range(2000)])) == 2000
        db.clear()
        assert db.counts()["scores"] == 0


def test_a_batch_is_written_whole_or_not_at_all() -> None:
    class Bomb(dict):
        def items(self):  # type: ignore[no-untyped-def]
            return [("a", 1), ("b", object())]

    with Store() as db:
        with pytest.raises(TypeError):
            db.put("scores", Bomb())
        assert db.counts()["scores"] == 0


def test_parquet_round_trip(tmp_path: Path) -> None:
    plain = Generation("key2", "a/b/2", "", "error", error="crash")
    store.write_generations(tmp_path / "g.parquet", [ANSWER, plain])
    assert store.read_generations(tmp_path / "g.parquet") == [ANSWER, plain]
    other = Verdict("rouge", "a/b/1", "key1", "scored", value=0.5)
    store.write_verdicts(tmp_path / "v.parquet", [VERDICT, other])
    assert store.read_verdicts(tmp_path / "v.parquet") == [VERDICT, other]
    assert [p.name for p in sorted(tmp_path.glob("*.parquet"))] == ["g.parquet", "v.parquet"]


def test_empty_tables_keep_their_columns(tmp_path: Path) -> None:
    store.write_verdicts(tmp_path / "v.parquet", [])
    assert store.read_verdicts(tmp_path / "v.parquet") == []


def test_a_missing_stage_is_named(tmp_path: Path) -> None:
    with pytest.raises(AsruBenchError, match=r"g.parquet is missing; run the stage before"):
        store.read_generations(tmp_path / "g.parquet")
    (tmp_path / "g.parquet").write_text("no table")
    with pytest.raises(AsruBenchError, match="no Parquet file"):
        store.read_generations(tmp_path / "g.parquet")


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "record.json"
    store.write_json(path, {"a": 1})

    def full(self: Path, text: str, encoding: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(AsruBenchError, match=r"disk is full while writing .*record.json; free some space"):
        store.write_json(path, {"a": 2})
    monkeypatch.undo()
    assert path.read_text() == '{\n  "a": 1\n}\n'
    assert [p.name for p in tmp_path.iterdir()] == ["record.json"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("database or disk is full", "disk is full"),
        ("attempt to write a readonly database", "ASRU_BENCH_HOME"),
        ("unable to open database file", "no permission"),
        ("database disk image is malformed", "is damaged"),
        ("locking protocol", "local disk"),
    ],
)
def test_database_errors_say_what_to_do(text: str, message: str) -> None:
    import sqlite3

    with pytest.raises(AsruBenchError, match=message), store.explained(Path("cache")):
        raise sqlite3.OperationalError(text)


def test_a_home_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(AsruBenchError, match="cannot write"):
        Store()
    assert store.remembered("key", lambda: "computed") == "computed"


def test_a_damaged_cache_is_named_and_put_aside(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own_home.mkdir()
    (own_home / "cache.sqlite3").write_bytes(b"this is not a database" * 100)
    with Store() as cache:
        assert cache.counts()["generations"] == 0
    assert "was damaged" in capsys.readouterr().err
    assert (own_home / "cache.sqlite3.damaged").read_bytes() == b"this is not a database" * 100


WRITER = """
import sys
from asru_bench.store import Store
name = sys.argv[1]
with Store() as db:
    for i in range(40):
        db.put("scores", {f"{name}-{i}": i, "shared": name})
        assert db.get("scores", [f"{name}-{i}"])
"""


def test_many_processes_open_a_new_home_and_write_at_once() -> None:
    """SQLite refuses some steps at once while another process makes the database; nobody may see that."""
    words = [sys.executable, "-c", WRITER]
    writers = [subprocess.Popen([*words, str(n)], stderr=subprocess.PIPE, text=True) for n in range(6)]
    said = [writer.communicate(timeout=120)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * 6, said
    with Store() as db:
        assert db.counts()["scores"] == 6 * 40 + 1
        assert db._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_reader_sees_the_old_rows_while_another_writes(own_home: Path) -> None:
    with Store() as writer, Store() as reader:
        writer.put("scores", {"a": 1})
        writer._db.execute("BEGIN IMMEDIATE")
        writer._db.execute("INSERT OR REPLACE INTO scores VALUES ('a', '2', 0)")
        assert reader.get("scores", ["a"]) == {"a": 1}
        writer._db.execute("COMMIT")
        assert reader.get("scores", ["a"]) == {"a": 2}


def test_a_writer_that_never_ends_is_one_error(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store() as first:
        monkeypatch.setattr(database, "PATIENCE", 0.2)
        with Store() as second:
            first._db.execute("BEGIN IMMEDIATE")
            with pytest.raises(AsruBenchError, match="another process has been writing"):
                second.put("scores", {"a": 1})


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "ext4", "overlay", "fuse.sshfs"])
def test_network_file_systems_get_no_write_ahead_log(
    kind: str, own_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from types import SimpleNamespace

    import psutil

    mounts = [SimpleNamespace(mountpoint="/", fstype="xfs"), SimpleNamespace(mountpoint=str(own_home), fstype=kind)]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)
    database.network_type.cache_clear()
    local = kind in ("ext4", "overlay")
    for _ in range(2):
        with Store() as db:
            assert db._db.execute("PRAGMA journal_mode").fetchone() == ("wal" if local else "delete",)
            db.put("scores", {"a": 1})
            assert db.get("scores", ["a"]) == {"a": 1}
    database.network_type.cache_clear()
    assert capsys.readouterr().err.count("works without a write-ahead log") == (0 if local else 1)
