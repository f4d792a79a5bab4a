"""A task's data from the hub: licence and size first, then a download of one commit that goes on where it stopped."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from asru_bench import store
from asru_bench.room import amount
from asru_bench.types import AsruBenchError

#: Says in the folder what it holds, so that the same commit is fetched again.
NOTE = "source.json"
#: Left free on the disk.
MARGIN = 1.05


class Hub(Protocol):
    """The two calls of `huggingface_hub.HfApi` that are used."""

    def dataset_info(self, repo_id: str, *, revision: str | None, files_metadata: bool) -> Any: ...

    def snapshot_download(self, repo_id: str, *, repo_type: str, revision: str, local_dir: str) -> str: ...


@dataclass(frozen=True)
class Offer:
    """What the hub has: one commit of a data set, its licence, and the size of each file in bytes."""

    name: str
    commit: str
    licence: str
    files: Mapping[str, int]

    @property
    def size(self) -> int:
        return sum(self.files.values())

    @property
    def text(self) -> str:
        licence = self.licence or "none declared: ask the authors before you pass anything on"
        return (
            f"data set  {self.name}\ncommit    {self.commit}\nlicence   {licence}\n"
            f"size      {self.size / 1e6:.1f} MB in {len(self.files)} files"
        )


def hub() -> Hub:
    """The real one."""
    from huggingface_hub import HfApi

    return HfApi()


def offer(name: str, revision: str, folder: Path, at: Hub) -> Offer:
    """What would be fetched; the commit that a folder holds already stays, unless `revision` names another.

    `revision` is "" for that commit or, in a new folder, for the newest. Raises `AsruBenchError` where the hub cannot
    be reached, lacks the data set, or the folder holds something else.
    """
    noted = _noted(folder)
    if noted and noted["data"] != name:
        raise AsruBenchError(f"{folder} holds {noted['data']}, not {name}; choose another --out.")
    wanted = revision or (noted or {}).get("commit", "main")
    try:
        info = at.dataset_info(name, revision=wanted, files_metadata=True)
        files = {s.rfilename: int(s.size or 0) for s in info.siblings or ()}
        card = info.card_data or {}
    except Exception as error:
        raise AsruBenchError(
            f"cannot reach the data set {name!r} (revision {wanted!r}) on the hub: {_first_line(error)}. Where there "
            f"is a network: hf download {name} --repo-type dataset --local-dir DIR; then give --data DIR."
        ) from error
    commit = str(info.sha)
    if noted and noted["commit"] != commit:
        raise AsruBenchError(
            f"{folder} holds commit {noted['commit']} of {name}, and {wanted} is {commit}; choose another --out, or "
            f"leave out --revision."
        )
    licence = card.get("license") or ""
    return Offer(name, commit, ", ".join(licence) if isinstance(licence, list) else str(licence), files)


def fetch(found: Offer, folder: Path, at: Hub) -> Path:
    """Downloads what is missing of one commit; raises `AsruBenchError` where the disk is full or the hub stops."""
    with store.explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    have = sum(max(0, min(size, _size(folder / name))) for name, size in found.files.items())
    free = shutil.disk_usage(folder).free
    if free < (found.size - have) * MARGIN:
        raise AsruBenchError(
            f"the disk of {folder} has {amount(free)} free, {amount(found.size - have)} are to come; free "
            "some or choose another --out."
        )
    store.write_json(folder / NOTE, {"data": found.name, "commit": found.commit, "licence": found.licence})
    try:
        at.snapshot_download(found.name, repo_type="dataset", revision=found.commit, local_dir=str(folder))
    except Exception as error:
        raise AsruBenchError(
            f"the download of {found.name} stopped: {_first_line(error)}. Type the same command again: what has "
            "arrived is kept."
        ) from error
    short = [name for name, size in found.files.items() if _size(folder / name) != size]
    if short:
        raise AsruBenchError(
            f"{len(short)} of {len(found.files)} files are not whole, among them {short[0]}; type the same command "
            "again."
        )
    return folder


def _noted(folder: Path) -> dict[str, str] | None:
    file = folder / NOTE
    if not file.is_file():
        if folder.is_dir() and any(folder.iterdir()):
            raise AsruBenchError(f"{folder} is not empty and was not made by `data fetch`; choose another --out.")
        return None
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        return {key: str(values[key]) for key in ("data", "commit")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AsruBenchError(f"{file} is damaged ({error}); remove it, or choose another --out.") from error


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else -1


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
