"""What runs at the same time share beside answers: a training that one of them does, and the others wait for."""

from __future__ import annotations

import math
import os
import shutil
from pathlib import Path

from asru_bench import damage, locks, shown, store
from asru_bench.folder import CHECKPOINT, RunFolder

CURVES = "curves.jsonl"


def made(key: str, last: locks.Holder, since: float) -> Path | None:
    """The checkpoint that the last holder of a training's lock left, if it did after `since` and it is still there."""
    from asru_bench.models import MANIFEST

    manifest = Path(last.facts.get("made", "")) / MANIFEST
    if last.facts.get("ended", -math.inf) < since:
        return None
    made_by = (damage.read_json(manifest) or {}).get("made_by", {})
    return manifest.parent if made_by.get("key") == key else None


def take_over(folder: RunFolder, key: str, last: locks.Holder, since: float) -> None:
    """Links (else copies) a checkpoint that another run just made into this folder, which so depends on no other."""
    path, own = made(key, last, since), folder.path / CHECKPOINT
    if path is None or path.parent.parent.resolve() == folder.path.parent.resolve():
        return  # beside this folder it is found anyway
    draft = own.with_name(f"{CHECKPOINT}.tmp")
    with store.explained(own):
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(path, draft, copy_function=_link)
        shutil.rmtree(own, ignore_errors=True)
        draft.rename(own)
    bring_curves(folder, path)
    shown.say(f"{folder.path}: the checkpoint is that of {last.words}")


def bring_curves(folder: RunFolder, checkpoint: Path) -> None:
    """Copies the curves of a training, beside whose checkpoint they lie."""
    theirs, own = checkpoint.parent / CURVES, folder.path / CURVES
    if theirs.is_file() and not own.is_file():
        store.write_text(own, theirs.read_text(encoding="utf-8"))


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one without links
        shutil.copyfile(source, target)
