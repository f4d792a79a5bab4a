"""The SQLite file of the cache: opened, and replaced where it is damaged or somebody else's. It is only a cache."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path

from asru_bench import damage

COLUMNS = ("key", "value", "time")
#: What SQLite says of a file that is damaged, and of tables of another shape.
DAMAGED = ("malformed", "not a database", "file is encrypted", "no such table", "no such column", "has no column")
BESIDE = ("", "-wal", "-shm")
#: Seconds that a read or a write waits for the write of another process.
PATIENCE = 120.0
#: File systems that several machines may mount. SQLite's write-ahead log needs memory that all processes share.
NETWORK = ("nfs", "cifs", "smb", "afp", "lustre", "gpfs", "beegfs", "ceph", "glusterfs", "fuse.sshfs", "fuse.glusterfs")


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
    owners_only(path)  # questions and answers name people; what SQLite puts beside it gets its mode
    database = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    try:
        _patiently(partial(_set_up, database, path, tables))
    except BaseException:
        database.close()
        raise
    return database


def owners_only(path: Path) -> None:
    """Makes a file that only its owner can read, whatever the umask; takes others' rights from one that is there."""
    with suppress(FileExistsError):  # one that is there is not opened: closing it would end SQLite's locks on it
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0o600))
    if path.stat().st_mode & 0o777 != 0o600:
        with suppress(PermissionError):  # somebody else's, who gave rights on purpose
            path.chmod(0o600)


def _set_up(database: sqlite3.Connection, path: Path, tables: Sequence[str]) -> None:
    """The journal and the tables. With a write-ahead log readers go on beside a writer, and fewer syncs do."""
    wanted = "DELETE" if (network := network_type(path.parent)) else "WAL"
    mode = database.execute(f"PRAGMA journal_mode={wanted}").fetchone()[0]
    if mode != "wal":
        why = f"is on a network file system ({network})" if network else f"cannot have one (journal: {mode})"
        damage.tell(f"the cache {path} {why}: it works without a write-ahead log, slower with several runs.")
    database.execute(f"PRAGMA synchronous={'NORMAL' if mode == 'wal' else 'FULL'}")
    for table in tables:
        database.execute(
            f"CREATE TABLE IF NOT EXISTS {table} "
            "(key TEXT PRIMARY KEY, value TEXT NOT NULL, time REAL NOT NULL) WITHOUT ROWID"
        )
        there = tuple(name for _, name, *_ in database.execute(f"PRAGMA table_info({table})"))
        if there != COLUMNS:
            raise sqlite3.DatabaseError(f"{table} has no columns {', '.join(COLUMNS)}")


@lru_cache
def network_type(folder: Path) -> str:
    """The type of the file system that a folder is on, where several machines may mount it; else ""."""
    import psutil

    here = folder.resolve()
    mounts = [(Path(disk.mountpoint), disk.fstype.lower()) for disk in psutil.disk_partitions(all=True)]
    above = [(len(place.parts), kind) for place, kind in mounts if here == place or place in here.parents]
    kind = max(above)[1] if above else ""
    return kind if kind.startswith(NETWORK) else ""


def _patiently(work: Callable[[], None]) -> None:
    """Repeats what SQLite refuses at once, without waiting, while another process opens a new database."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return work()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.05)
