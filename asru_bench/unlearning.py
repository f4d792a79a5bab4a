"""Stage 1 itself: a method trains in a process of its own, alone or with others, and the first saves what it returns.

That process is given a training folder (`lent.py`) and is watched (`watch.py`); the run takes over what it made.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench import config, forgotten, inputs, launch, lent, reporting, room, store, watch
from asru_bench.fit import Fit, memory_explained, workplace
from asru_bench.folder import CHECKPOINT, RunFolder, invented
from asru_bench.launch import Elsewhere
from asru_bench.registry import METHODS
from asru_bench.types import AsruBenchError, Cost, TrainingData

if TYPE_CHECKING:
    from asru_bench.lent import Training
    from asru_bench.models import VLM
    from asru_bench.reporting import Reporter
    from asru_bench.sources import Source
    from asru_bench.unlearner import Context

#: Inside a run's folder of unfinished work: the training folder, and what the process says when it fails.
INPUTS, FAILED = "inputs", "failed.txt"


def train(folder: RunFolder, key: str) -> tuple[str, Cost, dict[str, Any]]:
    """Runs the method and takes over what it saved, with its measured cost and what the record should say."""
    work = folder.path / "work"
    with store.explained(work):
        workplace(work, key)
    lent.write(folder, key, work / INPUTS)
    return _take_over(folder, work, key, in_own_process(work / INPUTS))


def _forgotten(folder: RunFolder) -> dict[str, Any]:
    """Whom the new checkpoint does not know any more; an oracle starts from base, which knew nobody."""
    spec, known = folder.spec, folder.source.vanilla(folder.spec.task) or ""
    if spec.method == "retain_oracle":
        known = folder.source.base
    new = forgotten.entry(folder.task, spec.task, not invented(folder), spec.earlier)
    return forgotten.carried(known, new)


def help_to_train(folder: RunFolder) -> None:
    """What the other processes of a launch do: train as the first one does, and write nothing."""
    with tempfile.TemporaryDirectory(prefix="asru-bench-") as inputs_folder:
        lent.write(folder, folder.training_key, Path(inputs_folder))
        in_own_process(Path(inputs_folder))


def in_own_process(place: Path) -> list[str]:
    """Carries a training folder out in a process that ends with this one, and returns what it should not have opened.

    The process has a home of its own. This process ends as that one does, where that is by a signal.
    """
    store.lend_hashes(place / "home")
    environment = os.environ | launch.for_child() | {"ASRU_BENCH_HOME": str(place / "home")}
    command = [sys.executable, "-m", "asru_bench", "train", str(place)]
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL) as child:
        try:
            code = child.wait()
        except BaseException:
            child.terminate()
            raise
    if code < 0:
        os.kill(os.getpid(), -code)
    if code == launch.STOPPED:
        raise SystemExit(code)
    failed = place / FAILED
    if failed.is_file():
        raise AsruBenchError(failed.read_text(encoding="utf-8"))
    if code:
        raise AsruBenchError(f"the process that trains ended with exit code {code}; see what it printed above.")
    return watch.read(Path(lent.settings(place).work))


def carry_out_watched(place: Path) -> None:
    """What that process does: it notes what the method opens, and leaves its error for the one that waits."""
    lent.require(place)
    training = lent.settings(place)
    member = launch.member()
    method = str(METHODS.find(training.method).path)
    reporter = None if member and member.rank else reporting.of_training(training)  # its own programs start here
    watch.start(Path(training.work), member.rank if member else 0, dict(training.closed), training.free, method)
    try:
        carry_out(place, reporter)
    except AsruBenchError as error:
        store.write_text(place / FAILED, str(error))
        raise


def carry_out(place: Path, reporter: Reporter | None = None) -> None:
    """Trains as a training folder says, and saves the checkpoint beside it."""
    from asru_bench import models, ranks

    training, work = lent.settings(place), Path(lent.settings(place).work)
    data, rows = lent.data(place)
    set_threads(training)
    with ranks.joined(models.pick_device(training.device)):
        context = _context(training, data, rows)
        context.reporter = reporter
        started = time.monotonic()
        made = _run_method(context, training)
        if reporter:
            reporter.close()
        fit = context.fit
        fit.notes |= {"processes": ranks.world()} if ranks.world() > 1 else {}
    if launch.follows():
        return
    cost = _cost(made, time.monotonic() - started + fit.spent, work / "curves.jsonl")
    method = METHODS.find(training.method).name
    made_by = {"key": training.key, "method": method, "config": training.config, "seed": training.seed}
    made_by |= {"cost": asdict(cost), "notes": fit.notes}
    _save(made, work / CHECKPOINT, made_by, training.delta)


def _take_over(folder: RunFolder, work: Path, key: str, opened: list[str]) -> tuple[str, Cost, dict[str, Any]]:
    """Moves a finished checkpoint out of the unfinished work, with what its process opened in its manifest."""
    from asru_bench.models import MANIFEST

    made, final = work / CHECKPOINT, folder.path / CHECKPOINT
    manifest = made / MANIFEST
    values = json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else {}
    made_by = values.get("made_by", {})
    if made_by.get("key") != key:
        raise AsruBenchError(
            "its process ended without a checkpoint, as if the method had called os._exit(); expected `unlearn` to "
            f"return a model. See {folder.path / 'unlearn.log'}."
        )
    made_by["notes"] |= {"opened": opened} if opened else {}
    made_by |= _forgotten(folder)
    store.write_json(manifest, values)
    with store.explained(folder.path):
        if (work / "curves.jsonl").is_file():
            (work / "curves.jsonl").replace(folder.path / "curves.jsonl")
        shutil.rmtree(final, ignore_errors=True)
        made.replace(final)
    shutil.rmtree(work, ignore_errors=True)
    return str(final), with_size(Cost(**made_by["cost"]), final), made_by["notes"]


def set_threads(source: Source | Training) -> None:
    """One thread a process for models that ask for it: two processes with more are many times slower."""
    if source.threads:
        import torch

        torch.set_num_threads(source.threads)


def with_size(cost: Cost, folder: Path) -> Cost:
    """A cost with the bytes of a folder."""
    return replace(cost, artifact_bytes=sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()))


class _Rows:
    """Where training pairs came from, as `inputs.require` asks a task."""

    def __init__(self, name: str, rows: Mapping[str, tuple[str, int | str]]) -> None:
        self.name, self.rows = name, rows

    def place_of(self, name: str) -> tuple[str, int | str]:
        return self.rows[name]


def _context(training: Training, data: TrainingData, rows: Mapping[str, tuple[str, int | str]]) -> Context:
    """All that the method receives; raises an `AsruBenchError` where memory or disk cannot be enough."""
    from asru_bench import models, sources
    from asru_bench.unlearner import Budget, Context

    work = Path(training.work)
    cls: Any = METHODS.get(training.method)
    room.check_before(cls, training, models.pick_device(training.device), training.start, work)
    vlm = models.load(training.start, device=training.device, dtype=training.dtype, attn=training.attn)
    inputs.require(_Rows(training.task, rows), (*data.forget, *data.retain, *data.faces, *data.unseen), vlm)
    return Context(
        vlm=vlm,
        data=data,
        seed=training.seed,
        budget=Budget(training.steps),
        workdir=work,
        train=training.train,
        base_path=training.base,
        source=sources.resolve(training.model, training.vanilla or None) if training.model else None,
        left_out=training.left_out,
        fit=Fit(training.optim, training.grad_checkpoint, work / "snapshots", training.save_every),
    )


def _run_method(context: Context, training: Training) -> VLM:
    """What the method returns; raises `AsruBenchError` where it fails, or returns no model or vanilla's weights."""
    from asru_bench import delta, models

    name = METHODS.find(training.method).name
    cls: Any = METHODS.get(training.method)
    before = delta.checksums(context.vlm.model)
    method = cls(config.build(cls.Config, training.config, owner=f"method {name!r}"))
    try:
        with memory_explained(f"method {name!r}"):
            made = method.unlearn(context)
    except (AsruBenchError, Elsewhere):
        raise
    except SystemExit as error:
        raise AsruBenchError(
            f"method {name!r} called sys.exit({error.code!r}); expected `unlearn` to return a model."
        ) from error
    except Exception as error:
        log = Path(training.log)
        with store.explained(log), log.open("a", encoding="utf-8") as stream:
            traceback.print_exc(file=stream)
        reason = str(error).strip().partition("\n")[0]
        raise AsruBenchError(
            f"method {name!r} failed: {type(error).__name__}: {reason}. The traceback is in {log}."
        ) from error
    if not isinstance(made, models.VLM):
        raise AsruBenchError(
            f"method {name!r} returned {type(made).__name__}; expected the model, ctx.vlm or another VLM."
        )
    if not callable(getattr(made.model, "save_pretrained", None)):
        raise AsruBenchError(
            f"method {name!r} returned a VLM whose model is a {type(made.model).__name__}; expected a vision-language "
            "model of transformers, such as ctx.vlm.model."
        )
    if delta.checksums(made.model) == before:
        raise AsruBenchError(
            f"method {name!r} returned the weights that it was given: nothing was unlearned. Check that it "
            "trains ctx.vlm and that its learning rate is not zero; vanilla itself is the method `vanilla`."
        )
    return made


def _save(made: VLM, path: Path, made_by: Mapping[str, Any], delta: bool | None) -> None:
    """Writes the checkpoint; what the libraries say of a full disk becomes our own error, half files go."""
    from asru_bench import models

    try:
        with store.explained(path):
            models.save(made, path, made_by, delta)
    except AsruBenchError:
        raise
    except Exception as error:
        with store.explained(path):
            raise OSError(errno.ENOSPC if "os error 28" in str(error) else None, str(error)) from error
    finally:
        shutil.rmtree(path.with_name(path.name + ".tmp"), ignore_errors=True)


def _cost(made: VLM, seconds: float, curves: Path) -> Cost:
    import torch

    peak = torch.cuda.max_memory_allocated() if made.device.type == "cuda" else room.peak_memory()
    trainable = sum(p.numel() for p in made.model.parameters() if p.requires_grad)
    return Cost(round(seconds, 6), peak, trainable, 0, _steps(curves))


def _steps(curves: Path) -> int:
    """Optimiser steps: the highest step of each stage that logs a loss, added."""
    highest: dict[str, int] = {}
    if curves.is_file():
        for line in curves.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if "loss" in entry:
                highest[entry["stage"]] = max(highest.get(entry["stage"], 0), entry["step"])
    return sum(highest.values())
