"""Is a checkpoint what was written? Its files against its manifest, its content against what the run noted.

`models.load` asks the first of every folder that it reads, the stages ask the second before a model is evaluated or
trained, so that no answer is kept under the fingerprint of other weights.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench import fingerprint
from asru_bench.types import AsruBenchError, Checkpoint

if TYPE_CHECKING:
    from asru_bench.folder import RunFolder


def require(folder: Path) -> None:
    """Raises `AsruBenchError` where the files of a checkpoint are not those that its manifest names.

    Models without a manifest, such as those of the hub, are whatever they contain.
    """
    from asru_bench.models import read_manifest

    manifest = read_manifest(folder)
    if manifest.get("fingerprint") and (changed := _changed(folder, manifest)):
        raise AsruBenchError(f"checkpoint {folder} was changed after it was made: {changed}. {remedy(folder)}")


def require_content(path: str, expected: str) -> None:
    """Raises `AsruBenchError` unless a model's content has the fingerprint under which it is to be used."""
    folder = Path(path).expanduser()
    if folder.is_dir():
        require(folder)
    found = fingerprint.model_hash(path)
    if found == expected:
        return
    raise AsruBenchError(
        f"model {path} is not the one that is asked for: its content has fingerprint {found[:12]}, expected "
        f"{expected[:12]}. {_other_content(folder)}"
    )


def require_made(checkpoint: Checkpoint) -> None:
    """As `require_content`, for a checkpoint as a run noted it; models that are not on this disk are left alone."""
    if Path(checkpoint.path).expanduser().is_dir():
        require_content(checkpoint.path, checkpoint.fingerprint)


def require_given(folder: RunFolder, path: str) -> None:
    """Raises `AsruBenchError` where vanilla or base is not the one that the run's spec names by content."""
    spec = folder.spec
    expected = {"vanilla": spec.vanilla_hash, "base": spec.model_hash}.get(spec.method, "")
    if expected:
        require_content(path, expected)


def require_start(folder: RunFolder) -> None:
    """Raises `AsruBenchError` where the model that unlearning starts from is not the one that the spec names."""
    from asru_bench import plan, requests

    if before := requests.earlier(folder.spec):
        if (made := folder.sibling(before[-1]).checkpoint) is not None:
            require_made(made)
        return
    if folder.spec.vanilla_hash and folder.spec.method not in plan.REFERENCES[:2]:
        vanilla = plan.given_checkpoint(replace(folder.spec, method="vanilla"), folder.source, ())
        require_content(vanilla, folder.spec.vanilla_hash)


def remedy(folder: Path) -> str:
    """What to type where a checkpoint cannot be used as it is."""
    run = folder.parent
    if (run / "spec.json").is_file() or (run / "state.json").is_file():
        return f"To train it again, type: asru-bench unlearn --again {run}"
    made_by = _made_by(folder)
    if made_by.get("method") == "memorise":
        return f"Remove {folder} and make it again: asru-bench memorise … --out {folder}"
    return f"Copy {folder} again from where it was made, or give another model."


def _changed(folder: Path, manifest: dict[str, Any]) -> str:
    """What differs from the manifest, in words; "" where nothing does."""
    noted = _noted_fingerprint(folder)
    if noted and noted != manifest["fingerprint"]:
        return f"manifest.json names another content ({manifest['fingerprint'][:12]}) than the run noted ({noted[:12]})"
    listed = manifest.get("files")
    if not isinstance(listed, dict):  # written before files were listed
        same = manifest["fingerprint"] in (fingerprint.model_hash(str(folder)), fingerprint.formerly(str(folder)))
        return "" if same else "its content is not that of its manifest (which names no files, so none can be told)"
    found = fingerprint.contents(folder)
    words = [f"{name} is missing" for name in sorted(listed.keys() - found.keys())]
    words += [f"{name} was added" for name in sorted(found.keys() - listed.keys())]
    words += [f"{name} has another content" for name in sorted(found) if listed.get(name, found[name]) != found[name]]
    return ", ".join(words[:3]) + (f" and {len(words) - 3} more" if len(words) > 3 else "")


def _noted_fingerprint(folder: Path) -> str:
    """What the run that a checkpoint lies in noted of it; "" where it noted nothing."""
    from asru_bench.folder import read_state

    noted = read_state(folder.parent / "state.json").get("unlearn", {})
    return noted.get("fingerprint", "") if noted.get("path") == folder.name else ""


def _other_content(folder: Path) -> str:
    """Why the content of a model may differ, and what to type."""
    from asru_bench.models import needs_base

    if folder.is_dir() and needs_base(folder):
        return f"Files of the base of this checkpoint were changed. {remedy(folder)}"
    if folder.is_dir() and ((folder.parent / "spec.json").is_file()):
        return remedy(folder)
    return "It was changed, or moved: give the same model (--model, --vanilla), or start a run with this one."


def _made_by(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["made_by"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
