"""The cache keeps what it is given, waits for its turn and explains disks; files are written whole."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from asru_bench import store
from asru_bench.store import Store
from asru_bench.types import AsruBenchError, Generation, Verdict

ANSWER = Generation("key1", "a/b/1", "Riga — born", "stop", 10, 3, "t", "i", (-0.1, -2.5))
VERDICT = Verdict("value", "a/b/1", "key1", "scored", "leak", None, "Riga", {"asserted": 1.0})


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv(store.HAS_TURN, raising=False)
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
    with pytest.raises(AsruBenchError, match="cannot write"), store.turn():
        pass
    assert store.remembered("key", lambda: "computed") == "computed"


def test_a_damaged_cache_is_named_and_put_aside(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own_home.mkdir()
    (own_home / "cache.sqlite3").write_bytes(b"this is not a database" * 100)
    with Store() as cache:
        assert cache.counts()["generations"] == 0
    assert "was damaged" in capsys.readouterr().err
    assert (own_home / "cache.sqlite3.damaged").read_bytes() == b"this is not a database" * 100


HOLDER = """
import sys, time
from asru_bench.store import turn
with turn():
    print("mine", flush=True)
    time.sleep(float(sys.argv[1]))
"""


def test_the_second_run_waits_and_says_so() -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, "1.0"], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"mine\n"
    said: list[str] = []
    with store.turn(said.append):
        assert holder.poll() is not None or holder.wait(5) == 0
    assert "waiting for its turn" in said[0]


def test_the_turn_of_a_killed_run_is_free() -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, "60"], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    holder.stdout.readline()
    holder.kill()
    holder.wait()
    start = time.monotonic()
    with store.turn(lambda text: None):
        assert time.monotonic() - start < 5


def test_children_have_their_parents_turn() -> None:
    with store.turn():
        child = subprocess.run([sys.executable, "-c", HOLDER, "0"], timeout=20, capture_output=True, check=True)
        assert child.stdout == b"mine\n"
        with store.turn():
            assert os.environ[store.HAS_TURN] == str(os.getpid())
    assert store.HAS_TURN not in os.environ
