"""General ability: tasks of lm-evaluation-harness asked of a run's checkpoint in this process.

One task at a time, each kept in the store by what decides it; a task that fails is a status and is tried again by
the next run. The embedded universe brings tasks of its own (`mini/ability.py`); they need no network.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import math
import random
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench import damage, fingerprint, locks, store
from asru_bench.types import Ability, AsruBenchError, Checkpoint

if TYPE_CHECKING:
    from asru_bench.folder import RunFolder
    from asru_bench.models import VLM
    from asru_bench.session import Session
    from asru_bench.sources import Source

#: Stands in a spec for the tasks that the model's source names.
DEFAULT = "default"
INSTALL = "pip install 'asru-bench[general]'"
FILE = "general.json"
#: A debug run asks this many documents of each task.
FAST_DOCUMENTS = 8
SEED = 1234
#: What lm-eval cannot do with a picture in the question (its class for such models raises NotImplementedError).
WITHOUT_PICTURES = ("loglikelihood", "loglikelihood_rolling", "multiple_choice")


def resolve(asked: Sequence[str], source: Source, fast: bool = False) -> tuple[str, ...]:
    """Task names `name` or `name:documents` with `default` filled in, all known to lm-eval.

    Raises `AsruBenchError` where lm-eval is not installed, a name is unknown or the model has no tasks of its own.
    """
    if not asked:
        return ()
    _need_package()
    names = [name for one in asked for name in (source.general if one == DEFAULT else (one,))]
    if not names:
        raise AsruBenchError(
            f"model {source.name!r} brings no tasks of general ability; name some of lm-eval's, for example "
            "--general-tasks hellaswag:200,mmmu_val. `lm-eval ls tasks` lists them."
        )
    for name, _ in map(split, names):
        _check_name(name)
    short = [name if ":" in name or not fast else f"{name}:{FAST_DOCUMENTS}" for name in names]
    return tuple(dict.fromkeys(short))


def split(asked: str) -> tuple[str, int | None]:
    """("mmlu", 200) of "mmlu:200": a task and how many of its documents, None for all."""
    name, colon, count = asked.partition(":")
    if colon and not (count.isdigit() and int(count)):
        raise AsruBenchError(f"--general-tasks {asked!r}: expected NAME or NAME:DOCUMENTS, for example mmlu:200.")
    return name, int(count) if colon else None


def measure(folder: RunFolder, session: Session) -> list[Ability]:
    """The stage: the results of the spec's tasks, each written the moment it exists."""
    asked, checkpoint = folder.spec.general, folder.checkpoint
    if not asked or checkpoint is None:
        return []
    keys = {name: _key(folder, checkpoint, name) for name in asked}
    work = locks.of_work("general", fingerprint.digest(sorted(keys.values())))
    with locks.held([work, locks.of_folder(folder.path)], f"general {folder.spec.method} seed {folder.spec.seed}"):
        _measure(folder, session, checkpoint, keys)
        return read(folder)


def _measure(folder: RunFolder, session: Session, checkpoint: Checkpoint, keys: Mapping[str, str]) -> None:
    from asru_bench import schedule

    known = session.store.get("general", list(keys.values()))
    started, fresh = time.monotonic(), 0
    for name, key in keys.items():
        results = known.get(key)
        if results is None:
            with session.progress(f"{folder.spec.method}: {name}", 1):
                found = _ask(folder, session, checkpoint, name)
            results = [asdict(one) for one in found]
            fresh += 1
            if all(one.status != "failed" for one in found):
                session.store.put("general", {key: results})
        _write(folder, checkpoint, name, results)
    if fresh:
        seconds = time.monotonic() - started
        schedule.remember(session.store, "general", folder.spec, seconds)
        folder.note("general", asked=list(keys), seconds=round(seconds, 2))


def read(folder: RunFolder) -> list[Ability]:
    """All results of the folder's present checkpoint, those of earlier commands too."""
    checkpoint = folder.checkpoint
    kept = _kept(folder, checkpoint) if checkpoint else {}
    return [Ability(**one) for results in kept.values() for one in results]


def done(folder: RunFolder) -> bool:
    """Whether every task of the spec has a result that did not fail."""
    checkpoint = folder.checkpoint
    kept = _kept(folder, checkpoint) if checkpoint else {}
    return all(name in kept and all(r["status"] != "failed" for r in kept[name]) for name in folder.spec.general)


def evaluate(vlm: VLM, name: str, documents: int | None = None, batch_size: int = 16) -> list[Ability]:
    """Asks one task, group or tag of a loaded model; a tag, and a group without a common number, give several.

    Questions go through the model's own chat template. Raises what lm-eval and its data sets raise.
    """
    from lm_eval.evaluator import evaluate as lm_evaluate

    from asru_bench.general_model import OurModel

    loaded = _manager(_is_ours(name)).load([name])
    harness = metadata.version("lm-eval")
    blind = [task for task in loaded["tasks"].values() if _unsupported(task)]
    if blind:
        kinds = ", ".join(sorted({task.OUTPUT_TYPE for task in blind}))
        reason = f"lm-eval cannot score {kinds} with a picture or sound; only generation from pictures"
        return [Ability(name, "unsupported", harness=harness, reason=reason)]
    for task in loaded["tasks"].values():
        if task.get_config("num_fewshot") is None:
            task.set_config(key="num_fewshot", value=0)
        task.set_fewshot_seed(seed=SEED)
    told = lm_evaluate(
        lm=OurModel(vlm, batch_size=batch_size),
        task_dict=loaded,
        limit=documents,
        log_samples=False,
        apply_chat_template=True,
        fewshot_as_multiturn=True,
    )
    return _results(told, name, harness)


def _need_package() -> None:
    if importlib.util.find_spec("lm_eval") is None:
        raise AsruBenchError(f"general ability needs the package lm-eval, which is not installed; type: {INSTALL}")


def _check_name(name: str) -> None:
    """An unknown name is an error before any work; lm-eval's own names are read only where they are asked for."""
    if _is_ours(name):
        return
    known = _manager(False).all_tasks
    if name not in known:
        import difflib

        near = difflib.get_close_matches(name, known, n=2, cutoff=0.6)
        hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else "."
        raise AsruBenchError(f"lm-eval has no task {name!r}{hint} `lm-eval ls tasks` lists all {len(known)}.")


def _is_ours(name: str) -> bool:
    from asru_bench.mini import ability

    return name in ability.NAMES


def _manager(ours: bool) -> Any:
    """What finds tasks: those of the embedded universe, or all that come with lm-eval (a slow index)."""
    from lm_eval.tasks import TaskManager

    from asru_bench.mini import ability

    if ours:
        return TaskManager(include_path=str(ability.folder()), include_defaults=False)
    return TaskManager()


def _unsupported(task: Any) -> bool:
    return bool(getattr(task, "MULTIMODAL", False)) and task.OUTPUT_TYPE in WITHOUT_PICTURES


def _ask(folder: RunFolder, session: Session, checkpoint: Checkpoint, asked: str) -> list[Ability]:
    """The results of one task; what breaks becomes one failed result, its traceback goes to general.log."""
    if Path(checkpoint.path).is_absolute() and not Path(checkpoint.path).exists():
        raise AsruBenchError(
            f"the checkpoint {checkpoint.path} was not kept, so nothing more can be asked of it; "
            f"delete {folder.path / 'state.json'} and run again."
        )
    engine = session.local(checkpoint, folder)
    name, documents = split(asked)
    said = io.StringIO()
    try:
        with _quiet(said), _own_randomness(engine.vlm):
            return evaluate(engine.vlm, name, documents, engine.batch_size or 1)
    except Exception as error:
        log = folder.path / "general.log"
        with store.explained(log), log.open("a", encoding="utf-8") as stream:
            stream.write(said.getvalue())
            traceback.print_exc(file=stream)
        first = (str(error).strip() or "no words").splitlines()[0]
        reason = f"{type(error).__name__}: {first}"
        return [Ability(name, "failed", harness=metadata.version("lm-eval"), reason=reason[:300])]


@contextlib.contextmanager
def _quiet(said: io.StringIO) -> Iterator[None]:
    """Bars and advice of lm-eval go into `said`."""
    import logging

    logger = logging.getLogger("lm_eval")
    before, logger.propagate = logger.propagate, False
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            yield
    finally:
        logger.propagate = before


@contextlib.contextmanager
def _own_randomness(vlm: VLM) -> Iterator[None]:
    """lm-eval draws from the global generators: fixed inside, as before outside."""
    import numpy as np

    from asru_bench.models import one_stream

    before, numpy_before = random.getstate(), np.random.get_state()
    random.seed(SEED)
    np.random.seed(SEED)
    try:
        with one_stream(vlm.device, SEED):
            yield
    finally:
        random.setstate(before)
        np.random.set_state(numpy_before)


def _results(told: Mapping[str, Any], name: str, harness: str) -> list[Ability]:
    """One result for the name that was asked, or for each task below it where lm-eval gives no common number."""
    found = {task: _numbers(own) for task, own in told["results"].items()}
    names = [name] if found.get(name, ({}, {}))[0] else [task for task in told["n-samples"] if task in found]
    made = []
    for task in names:
        values, errors = found[task]
        below = told["group_subtasks"].get(task) or [task]
        n = sum(told["n-samples"][t]["effective"] for t in below if t in told["n-samples"])
        version = str(told["versions"].get(task, ""))
        sound = bool(values) and all(math.isfinite(v) for v in values.values())
        if sound:
            made.append(Ability(task, "ok", values, errors, n, version, harness))
        else:
            made.append(Ability(task, "failed", version=version, harness=harness, reason="no finite number came out"))
    return made or [Ability(name, "failed", harness=harness, reason="lm-eval gave no result for this name")]


def _numbers(own: Mapping[str, Any]) -> tuple[dict[str, float], dict[str, float]]:
    """(metric,filter -> value, metric,filter -> standard error) of lm-eval's flat mapping."""
    values, errors = {}, {}
    for key, value in own.items():
        metric, comma, chosen = key.partition(",")
        if not comma or isinstance(value, str):
            continue
        if metric.endswith("_stderr"):
            errors[f"{metric.removesuffix('_stderr')},{chosen}"] = float(value)
        else:
            values[key] = float(value)
    return values, {key: error for key, error in errors.items() if math.isfinite(error)}


def _key(folder: RunFolder, checkpoint: Checkpoint, asked: str) -> str:
    """Names a result: the checkpoint, the task and its data, how much of it, lm-eval and the arithmetic."""
    from asru_bench.engines import BATCH
    from asru_bench.mini import ability
    from asru_bench.models import pick_device

    spec, device = folder.spec, pick_device(folder.place.device).type
    batch = folder.place.batch_size or BATCH.get(device, 16)
    numerics = fingerprint.numerics("lm-eval", device, spec.dtype, spec.attn, batch)
    data = ability.content_hash() if _is_ours(split(asked)[0]) else ""
    code = fingerprint.code_hash(Path(__file__).with_name("general_model.py"))
    return fingerprint.digest([checkpoint.fingerprint, asked, data, metadata.version("lm-eval"), numerics, code])


def _kept(folder: RunFolder, checkpoint: Checkpoint) -> dict[str, list[dict[str, Any]]]:
    file = folder.path / FILE
    content = damage.read_json(file) or {}
    found = content.get("results", {}) if content.get("checkpoint") == checkpoint.fingerprint else {}
    return found if isinstance(found, dict) and all(map(_is_result, found.values())) else {}


def _is_result(value: Any) -> bool:
    """Whether this is what `_write` wrote of one task; other content is asked for again."""
    try:
        return bool([Ability(**one) for one in value])
    except TypeError:
        return False


def _write(folder: RunFolder, checkpoint: Checkpoint, name: str, results: list[dict[str, Any]]) -> None:
    kept = _kept(folder, checkpoint) | {name: results}
    folder.write(FILE, {"checkpoint": checkpoint.fingerprint, "results": kept})
