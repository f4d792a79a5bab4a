"""A whole benchmark for tests: the tiny model, the plug-ins of `plugins/`, and pictures in a folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from PIL import Image

from asru_bench import plan
from asru_bench.folder import RunFolder
from asru_bench.plan import Place
from asru_bench.types import RunSpec

PLUGINS = Path(__file__).parent / "plugins"
TASK = str(PLUGINS / "tiny_task.py")
JUDGES = ("value", "cloze", "choice")
PEOPLE = "Ada Ben Cyd Dan Eva Fay Gus Hal Ida".split()


def write_data(folder: Path) -> Path:
    """A picture of each person."""
    folder.mkdir(exist_ok=True)
    for i, person in enumerate(PEOPLE):
        Image.new("RGB", (64, 64), (25 * i, 255 - 20 * i, 80)).save(folder / f"{person}.png")
    return folder


def spec(folder: Path, **changes: Any) -> RunSpec:
    """A spec of the tiny task; it knows nothing, so gates are forced."""
    values: dict[str, Any] = {"method": "ga", "task": TASK, "judges": JUDGES, "force": True, "model": str(folder)}
    if changes.get("method", "ga") == "ga":
        values["method_config"] = {"steps": 2, "lr": 1e-4}
    return RunSpec(**(values | changes))


def place(folder: Path, **changes: Any) -> Place:
    return Place(**({"out": str(folder / "runs"), "data": str(write_data(folder / "data"))} | changes))


def copied(runs: Path, folder: Path) -> Path:
    """Finished runs and their cache in a folder of one's own; the run folder of the method `probe` in it."""
    shutil.copytree(runs / "runs", folder / "runs")
    shutil.copytree(runs / "home", folder / "home")
    (found,) = (path.parent for path in (folder / "runs").rglob("spec.json") if path.parent.parent.name == "probe")
    return found


def keyed(home: Path) -> Path:
    """A home with the key of pseudonyms that all homes of tests share whose records are compared."""
    home.mkdir(parents=True, exist_ok=True)
    file = home / "pseudonyms.key"
    file.write_text("1f" * 32, encoding="utf-8")
    file.chmod(0o600)
    return home


def folder_of(tiny: Path, tmp_path: Path, **changes: Any) -> RunFolder:
    """The folder of one row of the tiny task, not yet worked on."""
    (cell,) = plan.make([spec(tiny, **changes)], place(tmp_path)).rows
    return RunFolder.create(cell)
