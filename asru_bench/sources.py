"""Where a model comes from: its base, its vanilla (the one that knows), its data and its oracle.

`resolve` turns what the user typed after `--model` into a `Source`; the rest of the core treats all alike.
An embedded model registers itself in `EMBEDDED` by module path, loaded only when asked for.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .types import AsruBenchError

if TYPE_CHECKING:
    from .unlearner import Context

#: name -> module with `source(name) -> Source`.
EMBEDDED = {"mini": "asru_bench.mini.source"}
PRESETS = "presets.json"


@dataclass(frozen=True)
class Source:
    """One model family member as a benchmark subject.

    `vanilla(task)` and `data(task)` give folders or hub ids (None: the user must say); `oracle(task, people, seed)`
    a retain oracle that already exists for exactly these forget people; `retrain(context)` trains one by the
    model's own recipe (None: the general recipe of the method `retain_oracle`). `threads`: how many a process
    should use on a CPU; `settings`: the file of `presets`; `general`: the tasks that `--general` means.
    """

    name: str
    base: str
    vanilla: Callable[[str], str | None]
    data: Callable[[str], str | None] = lambda task: None
    oracle: Callable[[str, tuple[str, ...], int], str | None] = lambda task, people, seed: None
    retrain: Callable[[Context], Any] | None = None
    universe: str = ""
    threads: int | None = None
    settings: str = ""
    general: tuple[str, ...] = ()

    @property
    def embedded(self) -> bool:
        return bool(self.universe)

    def presets(self, task: str = "") -> dict[str, dict[str, Any]]:
        """Method settings that belong to this model (`settings`, else `presets.json` in its folder), by row name.

        Settings under a task's name (`{"clear": {"ga": {…}}}`) replace the common ones, key by key, for that task.
        """
        path = Path(self.settings or Path(self.base) / PRESETS)
        found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        own = found.get(task, {}) if task else {}
        return {row: {**found.get(row, {}), **own.get(row, {})} for row in {**found, **own}} if own else found


def resolve(model: str, vanilla: str | None = None) -> Source:
    """The source behind `--model` (an embedded name, a folder or a hub id) and `--vanilla`.

    A model without a vanilla is its own vanilla; the knowledge gate then says whether it knows anything.
    Raises `AsruBenchError` where a folder is named that does not exist.
    """
    if model in EMBEDDED:
        source = importlib.import_module(EMBEDDED[model]).source(model)
        if vanilla:
            import dataclasses

            path = _existing(vanilla, "--vanilla")
            return dataclasses.replace(source, vanilla=lambda task: path)
        return source
    base = _existing(model, "--model")
    knowing = _existing(vanilla, "--vanilla") if vanilla else base
    own = Path(knowing) / PRESETS  # a memorised vanilla brings the settings of its oracle
    return Source(name=model, base=base, vanilla=lambda task: knowing, settings=str(own) if own.is_file() else "")


def _existing(name: str, flag: str) -> str:
    """A folder as absolute path, a hub id as it is; anything else is an error with the nearest names."""
    path = Path(name).expanduser()
    if not name.strip():
        raise AsruBenchError(f"{flag} is empty; give a folder, a hub id or an embedded model ({', '.join(EMBEDDED)}).")
    if path.is_dir():
        return str(path.resolve())
    if path.is_file():
        raise AsruBenchError(f"{flag} {name} is a file; expected the folder that holds a model: {flag} {path.parent}.")
    looks_like_path = name.startswith((".", "/", "~")) or name.count("/") > 1
    if not looks_like_path and name.count("/") == 1:
        return name
    import difflib

    near = difflib.get_close_matches(name, EMBEDDED, n=2, cutoff=0.4)
    hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else "."
    raise AsruBenchError(
        f"unknown model {name!r} for {flag}{hint} Expected an embedded model ({', '.join(EMBEDDED)}), "
        "a folder that exists or a hub id such as Qwen/Qwen3-VL-4B-Instruct. `asru-bench ls models` lists them."
    )
