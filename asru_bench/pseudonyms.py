"""Stand-ins for the names of real people: the same in all runs of one key, and nothing to anybody without it.

A plain hash of a name is found by hashing a list of names. So a pseudonym is an HMAC under a key that lies in the home
folder, readable by its owner only. Who moves records between machines and wants equal pseudonyms moves the key too.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import time
from functools import lru_cache
from pathlib import Path

from asru_bench.home import home
from asru_bench.types import AsruBenchError

FILE = "pseudonyms.key"
BYTES = 32
_KEY = re.compile(rf"[0-9a-f]{{{2 * BYTES}}}")
#: Seconds that another process may take to write a key that it has begun.
PATIENCE = 2.0


def pseudonym(person: str) -> str:
    """A stable stand-in, so that rows still pair by person."""
    return "p" + hmac.new(key(), person.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:12]


def key_id() -> str:
    """Names the key without telling it: runs with another one cannot be compared by person."""
    return hmac.new(key(), b"\0which key", hashlib.sha256).hexdigest()[:8]


def key() -> bytes:
    """The key of this home, made when it is first needed."""
    return _key(home() / FILE)


def export(file: Path) -> str:
    """Writes the key to a new file that only its owner can read; returns its id."""
    if file.exists() or file.is_symlink():
        raise AsruBenchError(f"{file} exists already; a key is never written over another file. Choose another name.")
    text = key().hex()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not _create(file, text):
            raise AsruBenchError(f"{file} exists already; choose another name.")
    except OSError as error:
        raise AsruBenchError(f"cannot write the key to {file}: {error.strerror or error}.") from error
    return key_id()


def load(file: Path, replace: bool = False) -> str:
    """Takes the key in a file for this home; returns its id.

    Raises `AsruBenchError` where the home has another key, unless `replace`: records hidden with that one then
    pair with no new ones.
    """
    try:
        text = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise AsruBenchError(f"cannot read {file} ({error}); expected a file of `asru-bench key export`.") from error
    if not _KEY.fullmatch(text):
        raise AsruBenchError(
            f"{file} holds no key; expected {2 * BYTES} hexadecimal digits as `asru-bench key export FILE` writes them."
        )
    target = home() / FILE
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if replace:
            _draft(target, text).replace(target)
        elif not _create(target, text) and _read(target) != bytes.fromhex(text):
            raise AsruBenchError(
                f"{target} is another key, with which records here may be hidden; keep it with `asru-bench key "
                "export FILE`, then import with --replace."
            )
    except OSError as error:
        raise AsruBenchError(f"cannot write {target}: {error.strerror or error}.") from error
    _key.cache_clear()
    return key_id()


@lru_cache(maxsize=32)
def _key(file: Path) -> bytes:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            _create(file, secrets.token_hex(BYTES))
    except OSError as error:
        raise AsruBenchError(
            f"names of real people are hidden with a key, and {file} cannot be written ({error.strerror or error}); "
            "set ASRU_BENCH_HOME to a folder of yours."
        ) from error
    return _read(file)


def _create(file: Path, text: str) -> bool:
    """Writes a key whole, readable by its owner only; False where the file is there. Of several processes one wins."""
    draft = _draft(file, text)
    try:
        os.link(draft, file)  # unlike a rename, never over another's file
        return True
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        try:
            stream = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return False
        with os.fdopen(stream, "w", encoding="ascii") as writing:
            writing.write(text)
        return True
    finally:
        draft.unlink(missing_ok=True)


def _draft(file: Path, text: str) -> Path:
    draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    stream = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(stream, "w", encoding="ascii") as writing:
        draft.chmod(0o600)  # whatever the umask took away
        writing.write(text)
        writing.flush()
        os.fsync(writing.fileno())
    return draft


def _read(file: Path) -> bytes:
    """The key; waits for one that another process is writing."""
    start = time.monotonic()
    while True:
        try:
            text = file.read_text(encoding="ascii", errors="replace").strip()
        except OSError as error:
            raise AsruBenchError(f"cannot read {file}: {error.strerror or error}; it hides names of people.") from error
        if _KEY.fullmatch(text):
            return bytes.fromhex(text)
        if time.monotonic() - start > PATIENCE:
            raise AsruBenchError(
                f"{file} is damaged: expected {2 * BYTES} hexadecimal digits. Put its copy back (asru-bench key import "
                "FILE --replace), or delete it: a new key is made, and older records then pair with no new ones."
            )
        time.sleep(0.05)
