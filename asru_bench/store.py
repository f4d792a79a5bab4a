"""The cache: generations, likelihoods and verdicts in SQLite, written the moment they exist.

Any number of processes use it at once: readers never wait, a writer waits for the write of another (SQLite's locks).
The result of a run is not here but in its folder, as Parquet and JSON, which are written whole or not at all.
"""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path
from typing import Any

from asru_bench import database
from asru_bench.home import home
from asru_bench.types import AsruBenchError, Generation, Verdict

TABLES = ("generations", "scores", "verdicts", "replies", "notes", "general")
CHUNK = 500


class Store:
    """Key -> value tables; values are JSON. `with Store() as store:` or `close()`."""

    def __init__(self, folder: Path | None = None) -> None:
        self.path = (folder or home()) / "cache.sqlite3"
        with explained(self.path):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._db = database.connect(self.path, TABLES)

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
                query = f"SELECT key, value FROM {table} WHERE key IN ({marks})"
                for key, value in self._whole(partial(self._rows, query, part)):
                    with suppress(ValueError):  # what is no JSON is not known
                        found[key] = json.loads(value)
        return found

    def put(self, table: str, values: Mapping[str, Any]) -> None:
        """Writes all values or none."""
        now = time.time()
        rows = [(key, json.dumps(value, ensure_ascii=False), now) for key, value in values.items()]

        def write() -> None:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.executemany(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)", rows)
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

        with explained(self.path):
            self._whole(write)

    def _rows(self, query: str, values: Sequence[str] = ()) -> list[tuple[Any, ...]]:
        return self._db.execute(query, values).fetchall()

    def _whole(self, work: Callable[[], Any]) -> Any:
        """What some work gives; where the file turns out to be damaged, what it gives with a new one."""
        try:
            return work()
        except sqlite3.DatabaseError as error:
            if not database.is_damage(error):
                raise
            with suppress(sqlite3.Error):
                self._db.close()
            self._db = database.renew(self.path, TABLES, str(error))
            return work()

    def generations(self, keys: Sequence[str]) -> dict[str, Generation]:
        found = {}
        for key, value in self.get("generations", keys).items():
            with suppress(TypeError, AttributeError):  # a row of another shape is not known
                found[key] = Generation(**_tuples(value))
        return found

    def add_generations(self, items: Iterable[Generation]) -> None:
        """Keeps answers; failed ones are not kept, so that they are tried again."""
        self.put("generations", {g.key: asdict(g) for g in items if g.finish != "error"})

    def counts(self) -> dict[str, int]:
        """Rows in each table."""
        with explained(self.path):
            return self._whole(lambda: {t: self._db.execute(f"SELECT COUNT(*) FROM {t}").fetchone()[0] for t in TABLES})

    def clear(self) -> None:
        """Empties all tables and gives the disk space back."""

        def empty() -> None:
            for table in TABLES:
                self._db.execute(f"DELETE FROM {table}")
            self._db.execute("VACUUM")

        with explained(self.path):
            self._whole(empty)


def remembered(key: str, compute: Callable[[], str], folder: Path | None = None) -> str:
    """A small text from the store's notes, computed once; works without a writable store."""
    try:
        with Store(folder) as store:
            found = store.get("notes", [key])
            if not isinstance(found.get(key), str):
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
def explained(path: Path) -> Iterator[None]:
    """Turns what goes wrong with a disk or the database into one error that says what to do."""
    try:
        yield
    except OSError as error:
        raise AsruBenchError(_disk_message(error, path)) from error
    except sqlite3.Error as error:
        raise AsruBenchError(_database_message(str(error), path)) from error


@contextmanager
def private() -> Iterator[None]:
    """Whatever is written inside, by this process or its children, only its owner can read: it may name people."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def write_text(path: Path, text: str, public: bool = False) -> None:
    """Writes a file whole or not at all; only its owner can read it unless it is `public`."""
    with explained(path), _replacing(path, public) as draft:
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
    with _whole(path, "generate"):
        return [Generation(**_tuples(_from_json(row, ("option_logprobs",)))) for row in _read(path, "generate")]


def write_verdicts(path: Path, items: Sequence[Verdict]) -> None:
    write_table(path, [asdict(v) for v in items], _columns(Verdict))


def read_verdicts(path: Path) -> list[Verdict]:
    """What `write_verdicts` wrote."""
    with _whole(path, "judge"):
        return [Verdict(**_from_json(row, ("measures",))) for row in _read(path, "judge")]


def readable(read: Callable[[Path], list[Any]], path: Path) -> list[Any] | None:
    """What a table holds; None where it is missing or damaged."""
    try:
        return read(path)
    except AsruBenchError:
        return None


def _columns(cls: type) -> dict[str, str]:
    """Parquet types by the annotations; what is no number is text."""
    kinds = {"int": "int64", "float": "float64", "float | None": "float64"}
    return {f.name: kinds.get(str(f.type), "string") for f in fields(cls)}


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _read(path: Path, stage: str) -> list[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        raise AsruBenchError(
            f"{path} is missing; run the stage before this one first: asru-bench {stage} {path.parent}"
        )
    try:
        return pq.read_table(path).to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise ValueError("no Parquet file, or only a part of one") from error


@contextmanager
def _whole(path: Path, stage: str) -> Iterator[None]:
    """Turns what reading a damaged or foreign table raises into one error that names the stage that makes it again."""
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise AsruBenchError(
            f"{path} is damaged ({error}); to make it again, type: asru-bench {stage} {path.parent}"
        ) from error


def _from_json(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: json.loads(value) if name in names else value for name, value in row.items()}


def _tuples(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in value.items()}


@contextmanager
def _replacing(path: Path, public: bool = False) -> Iterator[Path]:
    """A draft beside `path` that takes its place when the block ends well, and is removed otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        if not public:
            database.owners_only(draft)
        yield draft
        with draft.open("rb") as stream:
            os.fsync(stream.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _disk_message(error: OSError, path: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full while writing {path}; free some space (`asru-bench cache ls`) and run again."
    if error.errno in (errno.ENOLCK, errno.ENOSYS):
        return (
            f"{path} cannot be locked ({error.strerror}); set ASRU_BENCH_HOME, and --out, to folders on a local disk."
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"no permission to write {path}; choose another folder with --out (results) or ASRU_BENCH_HOME (caches)."
    return f"cannot write {path}: {error.strerror or error}."


def _database_message(text: str, path: Path) -> str:
    if "full" in text:
        return f"the disk is full while writing {path}; free some space (`asru-bench cache ls`) and run again."
    if "readonly" in text or "unable to open" in text:
        return f"no permission to write {path}; set ASRU_BENCH_HOME to a folder of yours."
    if "malformed" in text or "not a database" in text:
        return f"the cache {path} is damaged ({text}); type: asru-bench cache clean (results are not touched)."
    if "locked" in text:
        return (
            f"the cache {path} is locked: another process has been writing for {database.PATIENCE:.0f} s. Look for one "
            "that hangs (it may belong to a run that was stopped), end it and type the same again."
        )
    return f"the cache {path} fails ({text}); it must be on a local disk: set ASRU_BENCH_HOME."
