"""The doctor's look at models and data: complete or not, without loading a weight or a picture."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from asru_bench.doctor import BROKEN, NOTE, OK, Finding
from asru_bench.types import AsruBenchError

TEMPLATES = ("chat_template.jinja", "chat_template.json")
PROCESSORS = ("processor_config.json", "preprocessor_config.json")
TASK_WITH_VANILLA = "mllmu_bench"


def embedded() -> Iterable[Finding]:
    """The weights that came with the package."""
    from asru_bench.mini.source import WEIGHTS

    lacking = [f"{name}: {fault}" for name in _shipped() for fault in faults(WEIGHTS / name)]
    if lacking:
        mend = "pip install --force-reinstall --no-deps asru-bench   # or: asru-bench mini build FOLDER"
        yield Finding("embedded model", BROKEN, f"incomplete: {lacking[0]}", mend)
    else:
        yield Finding("embedded model", OK, f"mini: {', '.join(_shipped())}")


def model(name: str) -> Iterable[Finding]:
    """A folder or a hub id: is everything there that loading needs?"""
    from asru_bench import sources

    if name in sources.EMBEDDED:
        return
    try:
        source = sources.resolve(name)
    except AsruBenchError as error:
        yield Finding("model", BROKEN, str(error), "asru-bench ls models")
        return
    folder = Path(source.base) if Path(source.base).is_dir() else cached(name)
    if folder is None:
        words = f"{name} is not in the hub cache; the first command that needs it downloads it"
        yield Finding("model", NOTE, words, f"hf download {name}")
        return
    found = faults(folder)
    if found:
        yield Finding("model", BROKEN, f"{name}: {found[0]}", f"hf download {name}   # or copy the folder again")
        return
    size = sum(f.stat().st_size for f in folder.rglob("*.safetensors"))
    yield Finding("model", OK, f"{name}: complete, {size / 1e9:.1f} GB of weights")


def data(task: str, where: str, model_name: str = "") -> Iterable[Finding]:
    """The task's data: found, readable, and how many people and training pairs they hold."""
    from asru_bench import sources
    from asru_bench.registry import TASKS

    try:
        cls = TASKS.get(task)
        own = where or (sources.resolve("mini").data(task) if model_name in sources.EMBEDDED else None)
        place = own or cls.hub
        mend = f"hf download {cls.hub or 'OWNER/DATA'} --repo-type dataset --local-dir DIR   # then --data DIR"
        if not Path(place).expanduser().is_dir() and (cached(place, "dataset") is None):
            yield Finding("data", NOTE, f"{place} is no folder here and not in the hub cache", mend)
            return
        made = cls(cls.Config(), data=place)
        forget, pairs = made.forget_people(), made.memorise_pairs()
    except AsruBenchError as error:
        yield Finding("data", BROKEN, str(error), "asru-bench doctor --task NAME --data FOLDER")
        return
    people = len({pair.cluster for pair in pairs})
    words = f"{task}: {people} people, {len(pairs)} training pairs, {len(forget)} people to forget by default"
    yield Finding("data", OK if pairs else BROKEN, words, "" if pairs else mend)


def faults(folder: Path) -> list[str]:
    """What a model folder lacks; empty where it can be loaded."""
    file = folder / "config.json"
    if not file.is_file():
        return ["there is no config.json"]
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        listed = _shards(folder)
    except ValueError as error:
        return [f"a JSON file is damaged ({error})"]
    found = (
        [] if "vision_config" in values else ["config.json names no vision part; a model that reads images is needed"]
    )
    missing = [name for name in listed if not (folder / name).is_file()]
    if not listed or missing:
        found.append(
            f"{len(missing)} of {len(listed)} files of weights are missing" if listed else "there are no weights"
        )
    if not any((folder / name).is_file() for name in PROCESSORS):
        found.append(f"there is no {' or '.join(PROCESSORS)}")
    if not any((folder / name).is_file() for name in TEMPLATES) and not _says_template(folder):
        found.append("there is no chat template")
    return found


def cached(name: str, kind: str = "model") -> Path | None:
    """The folder of a hub id in the hub cache, None where it is not there; asks nobody."""
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, repo_type=kind, local_files_only=True))
    except Exception:
        return None


def _shards(folder: Path) -> list[str]:
    """Names of the files of weights, as the index lists them or as they lie there."""
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        return sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    return [p.name for pattern in ("*.safetensors", "*.bin") for p in folder.glob(pattern)]


def _says_template(folder: Path) -> bool:
    """Older tokenizers and processors hold the template in their own file."""
    files = [folder / name for name in ("tokenizer_config.json", *PROCESSORS)]
    return any('"chat_template"' in f.read_text(encoding="utf-8") for f in files if f.is_file())


def _shipped() -> tuple[str, ...]:
    return ("base", f"vanilla-{TASK_WITH_VANILLA}", f"oracle-{TASK_WITH_VANILLA}")
