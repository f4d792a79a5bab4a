"""The runs below a folder: `ls runs`, and which one is meant where several fit. Reads JSON only, imports nothing heavy.

A run folder is `<out>/<task>/<model>/<row>/<hash>-s<seed>` with a spec.json.
"""

from __future__ import annotations

import glob
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from asru_bench import damage
from asru_bench.types import AsruBenchError

SPEC, RECORD, STATE, LOCAL = "spec.json", "record.json", "state.json", "local.json"
REFERENCES = ("vanilla", "base", "retain_oracle")
STAGES = ("unlearn", "generate", "judge", "score")


@dataclass(frozen=True)
class Found:
    """One run folder: what was run, when it last changed, how far it is, its bytes, and what to type to go on."""

    path: Path
    what: str
    group: str
    when: float
    state: str
    size: int
    go_on: str = ""


def text(out: Path) -> str:
    """All runs below a folder, the newest first within each task and model."""
    found = [look(folder) for folder in _folders(out)]
    if not found:
        raise AsruBenchError(f"no run below {out}; `asru-bench run` makes one, or name another folder.")
    lines: list[str] = []
    for group in sorted({run.group for run in found}):
        lines += ["", group] if lines else [group]
        for run in sorted((r for r in found if r.group == group), key=lambda r: (-r.when, str(r.path))):
            when = datetime.fromtimestamp(run.when).strftime("%Y-%m-%d %H:%M")
            lines += [f"  {run.what}: {run.state}; {when}, {run.size / 1e6:.1f} MB", f"    {run.path}"]
            lines += [f"    {run.go_on}"] if run.go_on else []
    size = sum(run.size for run in found)
    return "\n".join([*lines, "", f"{len(found)} runs, {size / 1e6:.1f} MB in all"])


def look(folder: Path) -> Found:
    """What stands in one run folder; damaged files are a state, no error."""
    spec, state, local = (damage.read_json(folder / name) for name in (SPEC, STATE, LOCAL))
    record = damage.read_json(folder / RECORD)
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    words, done = _state(folder, spec, state or {}, record)
    go_on = "" if done else _go_on(folder, spec, state or {}, local)
    group = " · ".join(folder.resolve().parts[-4:-2])
    return Found(folder, _what(folder, spec), group, _changed(folder), words, size, go_on)


def newest(places: Sequence[Path]) -> tuple[Path, str]:
    """The run folder that is meant, and a sentence that names it where several fit: the newest, no reference if any.

    A place is a run folder, its record.json, a folder of runs, a pattern that the shell left as it is, or the name of
    a row below `runs`.
    """
    found: dict[Path, Path] = {}
    for place in places:
        for folder in _meant(place):
            found.setdefault(folder.resolve(), folder)
    if not found:
        named = ", ".join(map(str, places))
        raise AsruBenchError(
            f"{named} is no run folder and holds none; `asru-bench ls runs` lists the runs below runs."
        )
    rows = [folder for folder in found.values() if folder.resolve().parent.name not in REFERENCES] or [*found.values()]
    chosen = max(rows, key=lambda folder: (_changed(folder), str(folder)))
    others = len(rows) - 1
    if not others:
        return chosen, ""
    more = "another run fits" if others == 1 else f"{others} other runs fit"
    return chosen, f"{chosen} is the newest; {more} (`asru-bench ls runs` lists all)."


def _meant(place: Path) -> Iterator[Path]:
    text = str(place.expanduser())
    if not place.expanduser().exists() and glob.has_magic(text):
        for match in sorted(glob.glob(text)):  # noqa: PTH207 (absolute and relative patterns)
            yield from _meant(Path(match))
        return
    folder = Path(text).parent if place.name == RECORD else Path(text)
    if (folder / SPEC).is_file() or (folder / RECORD).is_file():
        yield folder
    elif folder.is_dir():
        yield from (file.parent for file in sorted(folder.rglob(SPEC)))
    elif len(place.parts) == 1:
        yield from (file.parent for file in sorted(Path("runs").glob(f"*/*/{glob.escape(text)}/*/{SPEC}")))


def _folders(out: Path) -> list[Path]:
    """Folders of runs, those with damaged files too."""
    return sorted({file.parent for name in (SPEC, RECORD, LOCAL) for file in out.rglob(name)})


def _what(folder: Path, spec: Mapping[str, Any] | None) -> str:
    row, seed = folder.resolve().parent.name, folder.name.rpartition("-s")[2]
    told = [f"{row} seed {seed}"]
    if spec:
        told += [f"control {spec['control']}"] if spec.get("control", "none") != "none" else []
        told += [f"--{flag}" for flag in ("fast", "force", "probes") if spec.get(flag)]
        told += [f"--limit {spec['limit']}"] if spec.get("limit") and not spec.get("fast") else []
    return " ".join(told)


def _state(
    folder: Path, spec: Mapping[str, Any] | None, state: Mapping[str, Any], record: Mapping[str, Any] | None
) -> tuple[str, bool]:
    """How far a run is in words, and whether nothing is left to do."""
    if record:
        failed = [g.get("name", "") for g in record.get("gates", ()) if not g.get("passed", True)]
        if record.get("status", "ok") != "ok":
            return f"{record['status']}: {record.get('error') or 'see its record'}", False
        return "done" + (f" (gate {', '.join(failed)} failed)" if failed else ""), True
    files = [folder / name for name in (SPEC, STATE, RECORD)]
    damaged = [file.name for file in files if file.is_file() and damage.read_json(file) is None]
    if damaged or spec is None:
        return f"damaged: {damaged[0] if damaged else SPEC} cannot be read", False
    done = [stage for stage in STAGES if stage in state]
    if done:
        return f"stopped after {done[-1]}", False
    if (reason := folder / "failed.txt").is_file():
        first = " ".join(reason.read_text(encoding="utf-8", errors="replace").split())
        return f"failed in unlearn: {first[:200]}", False
    steps = _last_step(folder / "work" / "curves.jsonl")
    if steps or (folder / "work").is_dir():
        return f"in unlearn{f', step {steps}' if steps else ''}", False
    return "prepared", False


def _go_on(
    folder: Path, spec: Mapping[str, Any] | None, state: Mapping[str, Any], local: Mapping[str, Any] | None
) -> str:
    """The command that was typed, else the stages that are left; "" where the folder does not say what to do."""
    if local and local.get("command"):
        return str(local["command"])
    if spec is None or local is None:
        return ""
    left = [stage for stage in STAGES if stage not in state]
    return " && ".join(f"asru-bench {stage} {folder}" for stage in left or STAGES[-1:])


def _last_step(file: Path) -> int:
    """The step in the last whole line of a file of curves."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    for line in reversed(lines):
        try:
            return int(json.loads(line)["step"])
        except (ValueError, KeyError, TypeError):
            continue
    return 0


def _changed(folder: Path) -> float:
    return max(_times(folder / name for name in (RECORD, STATE, SPEC, LOCAL)), default=0.0)


def _times(files: Iterable[Path]) -> Iterator[float]:
    for file in files:
        if file.is_file():
            yield file.stat().st_mtime
