"""What `data check` calls an error stops a run, for every task; looked for once for equal data, settings and code."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from asru_bench import data_check, fingerprint, store
from asru_bench.findings import ERROR, Finding
from asru_bench.types import AsruBenchError, RunSpec

if TYPE_CHECKING:
    from asru_bench.plan import Place

#: From so many seconds on, a first look at data is told.
TELL = 5.0


def require(jobs: Iterable[tuple[RunSpec, Place]], say: Callable[[str], None]) -> None:
    """Raises the first error in the data of any of these specs; only says it where the place allows errors."""
    looked: set[str] = set()
    told: set[str] = set()
    for spec, place in jobs:
        same = fingerprint.digest([spec.model, spec.task, spec.task_config, spec.seed, spec.data_hash, place.data])
        if same in looked:  # other methods on the same data
            continue
        looked.add(same)
        if not (found := errors(spec, place, say)) or found[0].sentence in told:
            continue
        told.add(found[0].sentence)
        more = f" ({len(found)} errors in all)" if len(found) > 1 else ""
        words = f"{found[0].sentence}{more}"
        if not place.allow_data_errors:
            where = f" --data {place.data}" if place.data else ""
            raise AsruBenchError(
                f"{words}. asru-bench data check {spec.task}{where} lists all (with the -t of this run); correct the "
                "data, or go on as they are with --allow-data-errors."
            )
        say(f"data: {words}; going on, as asked")


def errors(spec: RunSpec, place: Place, say: Callable[[str], None] = lambda text: None) -> list[Finding]:
    """The errors in a spec's data, none for those that come with the package. Remembered by content."""
    from asru_bench import plan

    source = plan.find_source(spec, place)
    if source.embedded and not place.data and source.data(spec.task):
        return []
    task = plan.make_task(replace(spec, limit=None), place, source)

    def look() -> str:
        started = time.monotonic()
        found = [asdict(f) for f in data_check.check(task) if f.level == ERROR]
        if (seconds := time.monotonic() - started) > TELL:
            say(f"data checked in {seconds:.0f} s; done once for these data and settings")
        return json.dumps(found)

    return [Finding(**values) for values in json.loads(store.remembered(_key(spec, task.data), look))]


def _key(spec: RunSpec, data: str | None) -> str:
    """Names the data with all files beside them, the task's settings and the code that looks."""
    from asru_bench.registry import TASKS

    code = fingerprint.code_hash(TASKS.find(spec.task).path, core=True)
    parts = [spec.task, spec.task_config, spec.seed, spec.data_hash, code, _code(), _files(data)]
    return f"data check:{fingerprint.digest(parts)}"


def _code() -> str:
    return fingerprint.code_hash(Path(data_check.__file__), core=True)


def _files(data: str | None) -> list[tuple[str, int, int, int, int]]:
    """Name, size, times and inode of every file in a data folder: more may be looked at than a run reads."""
    folder = Path(data).expanduser() if data else Path()
    if not data or not folder.is_dir():
        return []
    found = ((path.relative_to(folder), path.stat()) for path in sorted(folder.rglob("*")) if path.is_file())
    return [(str(name), s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino) for name, s in found]
