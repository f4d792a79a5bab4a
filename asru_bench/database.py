"""The SQLite file of the cache: opened, and replaced where it is damaged or somebody else's. It is only a cache."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from asru_bench import damage

COLUMNS = ("key", "value", "time")
#: What SQLite says of a file that is damaged, and of tables of another shape.
DAMAGED = ("malformed", "not a database", "file is encrypted", "no such table", "no such column", "has no column")
BESIDE = ("", "-wal", "-shm")


def connect(path: Path, tables: Sequence[str]) -> sqlite3.Connection:
    """An open database with these tables (key, value, time); a new one where the file is no such database."""
    try:
        return _open(path, tables)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return renew(path, tables, str(error))


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error says that the file itself is wrong, and not a disk, a lock or a call."""
    return any(words in str(error) for words in DAMAGED)


def renew(path: Path, tables: Sequence[str], reason: str) -> sqlite3.Connection:
    """Puts a damaged file aside, as `NAME.damaged`, and opens a new one. Answers that it held are asked again."""
    for ending in BESIDE:
        with suppress(FileNotFoundError):
            Path(f"{path}{ending}").replace(f"{path}.damaged{ending}")
    damage.tell(f"the cache {path} was damaged ({reason}); put aside as {path.name}.damaged, and begun anew")
    return _open(path, tables)


def _open(path: Path, tables: Sequence[str]) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=60, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        for table in tables:
            database.execute(
                f"CREATE TABLE IF NOT EXISTS {table} "
                "(key TEXT PRIMARY KEY, value TEXT NOT NULL, time REAL NOT NULL) WITHOUT ROWID"
            )
            there = tuple(name for _, name, *_ in database.execute(f"PRAGMA table_info({table})"))
            if there != COLUMNS:
                raise sqlite3.DatabaseError(f"{table} has no columns {', '.join(COLUMNS)}")
    except BaseException:
        database.close()
        raise
    return database
