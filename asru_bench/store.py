"""The cache: generations, likelihoods and verdicts in SQLite, written the moment they exist.

One run writes at a time (`turn`), readers never wait. The result of a run is not here but in its folder,
as Parquet and JSON, which are written whole or not at all.
"""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TextIO

from asru_bench.home import home
from asru_bench.types import AsruBenchError, Generation, Verdict

TABLES = ("generations", "scores", "verdicts", "replies", "notes", "general")
#: Set for child processes of a run, whose parent has the turn.
HAS_TURN = "ASRU_BENCH_HAS_TURN"
CHUNK = 500


class Store:
    """Key -> value tables; values are JSON. `with Store() as store:` or `close()`."""

    def __init__(self, folder: Path | None = None) -> None:
        self.path = (folder or home()) / "cache.sqlite3"
        with explained(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, timeout=60, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            for table in TABLES:
                self._db.execute(
                    f"CREATE TABLE IF NOT EXISTS {table} "
                    "(key TEXT PRIMARY KEY, value TEXT NOT NULL, time REAL NOT NULL) WITHOUT ROWID"
                )

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    def get(self, table: str, keys: Sequence[str]) -> dict[str, Any]:
        """The values that are there, by key."""
        found: dict[str, Any] = {}
        with explained(self.path):
            for start in range(0, len(keys), CHUNK):
                part = keys[start : start + CHUNK]
                marks = ",".join("?" * len(part))
                rows = self._db.execute(f"SELECT key, value FROM {table} WHERE key IN ({marks})", part)
                found |= {key: json.loads(value) for key, value in rows}
        return found

    def put(self, table: str, values: Mapping[str, Any]) -> None:
        """Writes all values or none."""
        now = time.time()
        rows = [(key, json.dumps(value, ensure_ascii=False), now) for key, value in values.items()]
        with explained(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.executemany(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)", rows)
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    def generations(self, keys: Sequence[str]) -> dict[str, Generation]:
        return {key: Generation(**_tuples(value)) for key, value in self.get("generations", keys).items()}

    def add_generations(self, items: Iterable[Generation]) -> None:
        """Keeps answers; failed ones are not kept, so that they are tried again."""
        self.put("generations", {g.key: asdict(g) for g in items if g.finish != "error"})

    def counts(self) -> dict[str, int]:
        """Rows in each table."""
        with explained(self.path):
            return {t: self._db.execute(f"SELECT COUNT(*) FROM {t}").fetchone()[0] for t in TABLES}

    def clear(self) -> None:
        """Empties all tables and gives the disk space back."""
        with explained(self.path):
            for table in TABLES:
                self._db.execute(f"DELETE FROM {table}")
            self._db.execute("VACUUM")


def remembered(key: str, compute: Callable[[], str], folder: Path | None = None) -> str:
    """A small text from the store's notes, computed once; works without a writable store."""
    try:
        with Store(folder) as store:
            found = store.get("notes", [key])
            if key not in found:
                found[key] = compute()
                store.put("notes", found)
            return found[key]
    except AsruBenchError:
        return compute()


def lend_hashes(folder: Path) -> None:
    """Makes a store in another folder that knows the hashes of files which this home's knows, and nothing else."""
    try:
        with Store() as own, Store(folder) as other:
            rows = own._db.execute("SELECT key, value FROM notes WHERE key LIKE 'file:%'").fetchall()
            other.put("notes", {key: json.loads(value) for key, value in rows})
    except (AsruBenchError, sqlite3.Error):
        return  # they are computed again


@contextmanager
def turn(say: Callable[[str], None] = lambda text: print(text, file=sys.stderr)) -> Iterator[None]:
    """Waits until no other run writes into the store, and says so; children of a run have its turn."""
    if os.environ.get(HAS_TURN) == str(os.getppid()) or os.environ.get(HAS_TURN) == str(os.getpid()):
        yield
        return
    path = home() / "lock"
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.open("a+")
    before = os.environ.get(HAS_TURN)
    try:
        if not _try_lock(stream):
            say(f"another asru-bench run is writing into {path.parent}; waiting for its turn to end …")
            while not _try_lock(stream):
                time.sleep(0.3)
        os.environ[HAS_TURN] = str(os.getpid())
        yield
    finally:
        os.environ.pop(HAS_TURN, None)
        if before is not None:
            os.environ[HAS_TURN] = before
        stream.close()


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns what goes wrong with a disk or the database into one error that says what to do."""
    try:
        yield
    except OSError as error:
        raise AsruBenchError(_disk_message(error, path)) from error
    except sqlite3.Error as error:
        raise AsruBenchError(_database_message(str(error), path)) from error


def write_text(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    with explained(path), _replacing(path) as draft:
        draft.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    write_text(path, json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def write_table(path: Path, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str] | None = None) -> None:
    """Writes rows as Parquet, whole or not at all; values that are neither text nor number become JSON."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    plain = [{name: _cell(value) for name, value in row.items()} for row in rows]
    schema = pa.schema([(name, kind) for name, kind in columns.items()]) if columns else None
    table = pa.Table.from_pylist(plain, schema=schema)
    with explained(path), _replacing(path) as draft:
        pq.write_table(table, draft, compression="zstd")


def write_generations(path: Path, items: Sequence[Generation]) -> None:
    write_table(path, [asdict(g) for g in items], _columns(Generation))


def read_generations(path: Path) -> list[Generation]:
    """What `write_generations` wrote."""
    return [Generation(**_tuples(_from_json(row, ("option_logprobs",)))) for row in _read(path)]


def write_verdicts(path: Path, items: Sequence[Verdict]) -> None:
    write_table(path, [asdict(v) for v in items], _columns(Verdict))


def read_verdicts(path: Path) -> list[Verdict]:
    """What `write_verdicts` wrote."""
    return [Verdict(**_from_json(row, ("measures",))) for row in _read(path)]


def _columns(cls: type) -> dict[str, str]:
    """Parquet types by the annotations; what is no number is text."""
    kinds = {"int": "int64", "float": "float64", "float | None": "float64"}
    return {f.name: kinds.get(str(f.type), "string") for f in fields(cls)}


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _read(path: Path) -> list[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        raise AsruBenchError(
            f"{path} is missing; run the stage before this one first (unlearn, generate, judge, score)."
        )
    try:
        return pq.read_table(path).to_pylist()
    except pa.ArrowInvalid as error:
        raise AsruBenchError(f"{path} is no Parquet file; delete it and run its stage again.") from error


def _from_json(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: json.loads(value) if name in names else value for name, value in row.items()}


def _tuples(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in value.items()}


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A draft beside `path` that takes its place when the block ends well, and is removed otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield draft
        with draft.open("rb") as stream:
            os.fsync(stream.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _try_lock(stream: TextIO) -> bool:
    """Takes the lock of an open file if it is free; the system frees it when the process ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            stream.seek(0)
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        raise AsruBenchError(
            f"{stream.name} cannot be locked ({error.strerror}); is it on a network disk? "
            "Set ASRU_BENCH_HOME to a folder on a local disk."
        ) from error
    return True


def _disk_message(error: OSError, path: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full while writing {path}; free some space (`asru-bench cache ls`) and run again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"no permission to write {path}; choose another folder with --out (results) or ASRU_BENCH_HOME (caches)."
    return f"cannot write {path}: {error.strerror or error}."


def _database_message(text: str, path: Path) -> str:
    if "full" in text:
        return f"the disk is full while writing {path}; free some space (`asru-bench cache ls`) and run again."
    if "readonly" in text or "unable to open" in text:
        return f"no permission to write {path}; set ASRU_BENCH_HOME to a folder of yours."
    if "malformed" in text or "not a database" in text:
        return f"the cache {path} is damaged ({text}); delete it, results in run folders are not touched."
    return f"the cache {path} fails ({text}); it must be on a local disk: set ASRU_BENCH_HOME."
