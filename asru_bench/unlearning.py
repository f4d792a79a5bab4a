"""Stage 1 itself: a method trains in this process, alone or with others, and the first one saves what it returns."""

from __future__ import annotations

import errno
import json
import shutil
import time
import traceback
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench import config, inputs, plan, reporting, requests, room, store
from asru_bench.fit import Fit, memory_explained, workplace
from asru_bench.folder import CHECKPOINT, RunFolder
from asru_bench.launch import Elsewhere
from asru_bench.registry import METHODS
from asru_bench.types import AsruBenchError, Cost

if TYPE_CHECKING:
    from asru_bench.models import VLM
    from asru_bench.sources import Source
    from asru_bench.unlearner import Context

#: A debug run stops unlearning after so many optimiser steps; not after a time, which would differ each time.
FAST_STEPS = 4


def train(folder: RunFolder, key: str) -> tuple[str, Cost, dict[str, Any]]:
    """Runs the method and saves what it returns, with its measured cost and what the record should say."""
    from asru_bench import models, ranks

    spec, place, work = folder.spec, folder.place, folder.path / "work"
    with store.explained(work):
        workplace(work, key)
    with ranks.joined(models.pick_device(place.device)):
        context = _context(folder)
        context.reporter = reporting.of_training(folder)
        started = time.monotonic()
        made = _run_method(context, folder)
        context.reporter.close()
        fit = context.fit
        fit.notes |= {"processes": ranks.world()} if ranks.world() > 1 else {}
    cost = _cost(made, time.monotonic() - started + fit.spent, work / "curves.jsonl")
    made_by = {"key": key, "method": spec.method, "config": dict(spec.method_config), "seed": spec.seed}
    made_by |= {"cost": asdict(cost), "notes": fit.notes}
    _save(made, folder.path / CHECKPOINT, made_by, place.delta(spec.engine))
    with store.explained(folder.path):
        if (work / "curves.jsonl").is_file():
            (work / "curves.jsonl").replace(folder.path / "curves.jsonl")
    shutil.rmtree(work, ignore_errors=True)
    return str(folder.path / CHECKPOINT), with_size(cost, folder.path / CHECKPOINT), fit.notes


def help_to_train(folder: RunFolder) -> None:
    """What the other processes of a launch do: train as the first one does, and write nothing."""
    from asru_bench import models, ranks

    with ranks.joined(models.pick_device(folder.place.device)):
        _run_method(_context(folder), folder)


def set_threads(source: Source) -> None:
    """One thread a process for models that ask for it: two processes with more are many times slower."""
    if source.threads:
        import torch

        torch.set_num_threads(source.threads)


def with_size(cost: Cost, folder: Path) -> Cost:
    """A cost with the bytes of a folder."""
    return replace(cost, artifact_bytes=sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()))


def _context(folder: RunFolder) -> Context:
    """All that the method receives; raises an `AsruBenchError` where memory or disk cannot be enough."""
    from asru_bench import models
    from asru_bench.unlearner import Budget, Context

    spec, source, place = folder.spec, folder.source, folder.place
    work = folder.path / "work"
    set_threads(source)
    cls: Any = METHODS.get(spec.method)
    start = requests.start_of(folder) or plan.given_checkpoint(replace(spec, method="vanilla"), source, ())
    room.check_before(cls, spec, models.pick_device(place.device), start, work)
    data = requests.data_of(folder)
    data = data if "unseen" in cls.needs else replace(data, unseen=())
    vlm = models.load(start, device=place.device, dtype=spec.dtype, attn=spec.attn)
    inputs.require(folder.task, (*data.forget, *data.retain, *data.faces, *data.unseen), vlm)
    return Context(
        vlm=vlm,
        data=data,
        seed=spec.seed,
        budget=Budget(FAST_STEPS) if spec.fast else Budget(),
        workdir=work,
        train=spec.train,
        base_path=source.base,
        source=source,
        fit=Fit(spec.optim, place.grad_checkpoint, work / "snapshots", place.save_every),
    )


def _run_method(context: Context, folder: RunFolder) -> VLM:
    """What the method returns; raises `AsruBenchError` where it fails, or returns no model or vanilla's weights."""
    from asru_bench import delta, models

    spec = folder.spec
    cls: Any = METHODS.get(spec.method)
    before = delta.checksums(context.vlm.model)
    method = cls(config.build(cls.Config, spec.method_config, owner=f"method {spec.method!r}"))
    try:
        with memory_explained(f"method {spec.method!r}"):
            made = method.unlearn(context)
    except (AsruBenchError, Elsewhere):
        raise
    except SystemExit as error:
        raise AsruBenchError(
            f"method {spec.method!r} called sys.exit({error.code!r}); expected `unlearn` to return a model."
        ) from error
    except Exception as error:
        log = folder.path / "unlearn.log"
        with store.explained(log), log.open("a", encoding="utf-8") as stream:
            traceback.print_exc(file=stream)
        reason = str(error).strip().partition("\n")[0]
        raise AsruBenchError(
            f"method {spec.method!r} failed: {type(error).__name__}: {reason}. The traceback is in {log}."
        ) from error
    if not isinstance(made, models.VLM):
        raise AsruBenchError(
            f"method {spec.method!r} returned {type(made).__name__}; expected the model, ctx.vlm or another VLM."
        )
    if delta.checksums(made.model) == before:
        raise AsruBenchError(
            f"method {spec.method!r} returned the weights that it was given: nothing was unlearned. Check that it "
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
