"""The training folder: all that a method's process is given, as files. Written by the run, read by the process.

It holds the training pairs, their pictures and the settings. The spec, the task and where the data lie stay with the
run, which needs them to evaluate.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench import data as pictures
from asru_bench import entering, forgotten, plan, reporting, requests, store
from asru_bench.fit import SAVE_EVERY
from asru_bench.home import home
from asru_bench.registry import METHODS, TASKS
from asru_bench.types import AsruBenchError, ImageRef, TrainingData, TrainingPair
from asru_bench.watch import DATA
from asru_bench.work import FAST_STEPS

if TYPE_CHECKING:
    from asru_bench.folder import RunFolder

FILE, PAIRS, PICTURES = "training.json", "pairs.json", "pictures"
SETS = ("forget", "retain", "faces", "unseen")


@dataclass(frozen=True)
class Training:
    """What is trained, from what and how. `work` is where the process writes; `start` the model that it changes.

    `task` is a name, for messages; `closed` and `free` are what `watch.Watch` takes. `model` and `vanilla` name the
    source whose own recipe a retain oracle follows; a method that forgets is not told.
    """

    key: str
    work: str
    log: str
    task: str
    method: str
    config: dict[str, Any]
    seed: int
    train: str
    optim: str
    dtype: str
    attn: str
    device: str
    start: str
    base: str
    steps: int | None = None
    threads: int | None = None
    grad_checkpoint: bool = False
    save_every: float = SAVE_EVERY
    delta: bool | None = None
    model: str = ""
    vanilla: str = ""
    closed: tuple[tuple[str, str], ...] = ()
    free: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    report_to: str = ""
    report_about: dict[str, Any] = field(default_factory=dict)


def write(folder: RunFolder, key: str, place: Path) -> None:
    """Writes the training folder of a run to `place`, its settings last."""
    spec, source, at = folder.spec, folder.source, folder.place
    method = METHODS.find(spec.method)
    needs = METHODS.get(spec.method).needs
    start = requests.start_of(folder) or plan.given_checkpoint(replace(spec, method="vanilla"), source, ())
    lent = entering.require_pairs(requests.data_of(folder), f"task {spec.task!r}")
    lent = lent if "unseen" in needs else replace(lent, unseen=())
    with store.explained(place):
        place.mkdir(parents=True, exist_ok=True)
        pairs = {name: [_pair(pair, place, folder) for pair in getattr(lent, name)] for name in SETS}
    store.write_json(place / PAIRS, pairs)
    oracle = spec.method == "retain_oracle"
    work = folder.path / "work"
    training = Training(
        key=key,
        work=str(work.resolve()),
        log=str((folder.path / "unlearn.log").resolve()),
        task=spec.task,
        method=method.file or spec.method,
        config=dict(spec.method_config),
        seed=spec.seed,
        train=spec.train,
        optim=spec.optim,
        dtype=spec.dtype,
        attn=spec.attn,
        device=at.device,
        start=start,
        base=source.base,
        steps=FAST_STEPS if spec.fast else None,
        threads=source.threads,
        grad_checkpoint=at.grad_checkpoint,
        save_every=at.save_every,
        delta=at.delta(spec.engine),
        model=(at.model or spec.model) if oracle else "",
        vanilla=at.vanilla if oracle else "",
        closed=tuple(_closed(folder).items()),
        free=_free(folder, place, (start, source.base), method.path),
        left_out=forgotten.left_out(folder.task) if oracle else (),
        report_to=at.report_to,
        report_about=reporting.about(folder) if at.report_to else {},
    )
    store.write_json(place / FILE, asdict(training))


def settings(place: Path) -> Training:
    """What a training folder says of how to train."""
    values = json.loads((place / FILE).read_text(encoding="utf-8"))
    lists = {name: tuple(values[name]) for name in ("free", "left_out")}
    return Training(**values | lists | {"closed": tuple(map(tuple, values["closed"]))})


def data(place: Path) -> tuple[TrainingData, dict[str, tuple[str, int | str]]]:
    """What is trained on, and the file and row that each pair came from, for messages."""
    stored = json.loads((place / PAIRS).read_text(encoding="utf-8"))
    rows = {row["pair"]["id"]: (row["file"], row["row"]) for name in SETS for row in stored[name]}
    return TrainingData(**{n: tuple(_from_json(row["pair"], place) for row in stored[n]) for n in SETS}), rows


def _pair(pair: TrainingPair, place: Path, folder: RunFolder) -> dict[str, Any]:
    """A pair as JSON, its picture copied; of where it came from the file's name only."""
    file, row = folder.task.place_of(pair.id)
    image = _copy(pair.image, place / PICTURES) if pair.image else None
    return {"pair": asdict(replace(pair, image=None)) | {"image": image}, "file": Path(file).name, "row": row}


def _copy(image: ImageRef, place: Path) -> str:
    """The name of a picture's copy, which its content names."""
    content = pictures.image_bytes(image)
    suffix = Path(image.path).suffix.lower()
    name = hashlib.sha256(content).hexdigest() + (suffix if suffix in pictures.PICTURES else "")
    if not (place / name).is_file():
        place.mkdir(exist_ok=True)
        draft = place / f"{name}.{os.getpid()}.tmp"
        draft.write_bytes(content)
        draft.replace(place / name)
    return name


def _from_json(values: Mapping[str, Any], place: Path) -> TrainingPair:
    image = ImageRef(str(place / PICTURES / values["image"])) if values["image"] else None
    return TrainingPair(**{**values, "image": image, "aliases": tuple(values["aliases"])})


def _closed(folder: RunFolder) -> dict[str, str]:
    """What a method should not open: results of this task, its data, its file, and what the home keeps of it."""
    spec, source, kept = folder.spec, folder.source, home()
    found = {str(folder.path.parents[2]): "results of the task", str(folder.path): "the run folder"}
    given = folder.place.data or source.data(spec.task)
    if given and Path(given).expanduser().exists():
        found[str(Path(given).expanduser())] = DATA
    for name in filter(None, (given, TASKS.get(spec.task).hub)):
        found[str(_hub_cache() / f"datasets--{name.replace('/', '--')}")] = DATA
    found[str(TASKS.find(spec.task).path)] = "the task's file"
    found |= {str(kept / "universes"): DATA, **{str(kept / f"cache.sqlite3{s}"): "answers" for s in ("", "-wal")}}
    return found


def _free(folder: RunFolder, place: Path, models: Iterable[str], method: Path) -> tuple[str, ...]:
    """What a method may open although it lies in a closed place: its own files, its models, its work."""
    found = [str(place), *(str(folder.path / name) for name in ("work", "unlearn.log", *reporting.SERVICES))]
    beside = [*method.parent.glob("*.py"), method.parent / "__pycache__"]
    task = TASKS.find(folder.spec.task).path
    found += [str(file) for file in beside if file.resolve() != task.resolve()]
    for model in models:
        while model and Path(model).is_dir() and model not in found:
            found.append(model)
            model = _base_of(Path(model))
    return tuple(found)


def _base_of(model: Path) -> str:
    """The model that an adapter or delta was made from; "" for whole ones."""
    try:
        return str(json.loads((model / "manifest.json").read_text(encoding="utf-8")).get("base", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def _hub_cache() -> Path:
    from huggingface_hub.constants import HF_HUB_CACHE

    return Path(HF_HUB_CACHE)


def require(place: Path) -> None:
    """Raises an `AsruBenchError` where no training folder lies at `place`."""
    if not (place / FILE).is_file():
        raise AsruBenchError(f"{place} is no training folder; `asru-bench unlearn RUN_FOLDER` makes one and trains.")
