"""`--report-to tensorboard,wandb`: curves while a method trains and the scores at the end, through these libraries.

A report that cannot be written is a note on standard error; it ends no training and changes no record. What leaves
the machine (wandb, unless WANDB_MODE=offline) are settings, losses and scores: no question, answer or name.
"""

from __future__ import annotations

import difflib
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench import shown
from asru_bench.types import AsruBenchError

if TYPE_CHECKING:
    from asru_bench.folder import RunFolder
    from asru_bench.lent import Training
    from asru_bench.record import RunRecord

SERVICES = ("tensorboard", "wandb")
PROJECT = "asru-bench"


def check(text: str) -> None:
    """Raises `AsruBenchError` where a service is not known, or its library is not installed. Imports nothing."""
    for name in _named(text):
        if name not in SERVICES:
            near = difflib.get_close_matches(name, SERVICES, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}? " if near else ""
            raise AsruBenchError(f"unknown --report-to {name!r}; {hint}Expected {' or '.join(SERVICES)}, or both: a,b.")
        if not _installed(name):
            raise AsruBenchError(
                f"--report-to {name} needs the package {name}, which is not installed; type "
                f"`pip install 'asru-bench[{name}]'`, or leave it out: `asru-bench show RUN --curves` draws the same."
            )


@dataclass
class Reporter:
    """Where numbers go while a run works. A service that fails is told of once and left out from then on."""

    folder: Path
    text: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)
    again: bool = False

    def __post_init__(self) -> None:
        self._open: dict[str, Any] = {}
        makers: dict[str, Callable[[Reporter], Any]] = {"tensorboard": _TensorBoard, "wandb": _Wandb}

        def begin(name: str) -> None:
            self._open[name] = makers[name](self)

        for name in _named(self.text):
            self._try(name, partial(begin, name))

    def log(self, stage: str, step: int, numbers: Mapping[str, float | None]) -> None:
        """The numbers of one step; those that were not finite are left out."""
        known = {name: float(value) for name, value in numbers.items() if value is not None}
        self._all(lambda service: service.log(stage, step, known))

    def scores(self, values: Mapping[str, float]) -> None:
        """The scores of the finished run."""
        self._all(lambda service: service.scores(values))

    def close(self) -> None:
        """Writes what is left."""
        self._all(lambda service: service.close())
        self._open.clear()

    def _all(self, call: Callable[[Any], None]) -> None:
        for name, service in list(self._open.items()):
            self._try(name, partial(call, service))

    def _try(self, name: str, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as error:  # a library's own, of any kind
            self._open.pop(name, None)
            reason = str(error).strip().partition("\n")[0][:200]
            more = "; WANDB_MODE=offline needs no network and no login" if name == "wandb" else ""
            shown.say(f"note: nothing more goes to {name}: {type(error).__name__}: {reason}{more}")


def of_training(training: Training) -> Reporter:
    """For the curves of a run that begins to train: steps of an attempt before are told again."""
    return Reporter(Path(training.work).parent, training.report_to, training.report_about)


def send_scores(folder: RunFolder, record: RunRecord) -> None:
    """The scores of a finished run, where somebody wants them."""
    if not folder.place.report_to:
        return
    reporter = Reporter(folder.path, folder.place.report_to, about(folder), again=True)
    reporter.scores({f"{s.name}@{s.role}": s.value for s in record.scores if s.value is not None})
    reporter.close()


class _TensorBoard:
    """Event files in the run's folder, for `tensorboard --logdir runs`."""

    def __init__(self, reporter: Reporter) -> None:
        from torch.utils.tensorboard import SummaryWriter

        place = reporter.folder / "tensorboard"
        if not reporter.again:
            shutil.rmtree(place, ignore_errors=True)
        self._writer = SummaryWriter(str(place))

    def log(self, stage: str, step: int, numbers: Mapping[str, float]) -> None:
        for name, value in numbers.items():
            self._writer.add_scalar(f"{stage}/{name}", value, step)

    def scores(self, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._writer.add_scalar(f"scores/{name}", value, 0)

    def close(self) -> None:
        self._writer.close()


class _Wandb:
    """One run of the service for each run folder; its name there is the folder's."""

    def __init__(self, reporter: Reporter) -> None:
        import wandb

        self._run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", PROJECT),
            id=reporter.folder.name,
            name=" ".join((reporter.folder.parent.name, reporter.folder.name)),
            dir=str(reporter.folder),
            config=dict(reporter.about),
            resume="allow",
            settings=wandb.Settings(
                silent=True, console="off", disable_git=True, disable_code=True, x_disable_meta=True
            ),
        )
        self._stages: set[str] = set()

    def log(self, stage: str, step: int, numbers: Mapping[str, float]) -> None:
        if stage not in self._stages:
            self._stages.add(stage)
            self._run.define_metric(f"{stage}/*", step_metric=f"{stage}/step")
        self._run.log({f"{stage}/step": step, **{f"{stage}/{name}": value for name, value in numbers.items()}})

    def scores(self, values: Mapping[str, float]) -> None:
        self._run.summary.update({f"scores/{name}": value for name, value in values.items()})

    def close(self) -> None:
        self._run.finish()


def about(folder: RunFolder) -> dict[str, Any]:
    """What was run, without paths and without what names people."""
    spec = folder.spec
    return {"method": spec.method, "task": spec.task, "model": spec.model, "seed": spec.seed, **spec.method_config}


def _installed(name: str) -> bool:
    """Whether the library is installed; a folder of that name in the working folder is no library."""
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _named(text: str) -> Iterable[str]:
    return dict.fromkeys(part.strip() for part in text.split(",") if part.strip())
