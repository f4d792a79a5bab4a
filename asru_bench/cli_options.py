"""Options of the commands as dataclasses, and how typer sees them."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer
from typer.core import TyperGroup

from asru_bench.types import AsruBenchError, RunSpec

if TYPE_CHECKING:
    from asru_bench.folder import RunFolder
    from asru_bench.memorise import Job
    from asru_bench.plan import Place, Texts

DEBUG = "ASRU_BENCH_DEBUG"
STOPPED = "stopped; the same command goes on from here"


class Group(TyperGroup):
    """Prints errors for the user as one line; `ASRU_BENCH_DEBUG=1` shows where they came from."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except AsruBenchError as error:
            if os.environ.get(DEBUG):
                raise
            print(f"error: {error}", file=sys.stderr)
            raise SystemExit(1) from None
        except KeyboardInterrupt:
            print(STOPPED, file=sys.stderr)
            raise SystemExit(130) from None


def new_app(help: str) -> typer.Typer:
    """An application or group of commands that starts fast."""
    return typer.Typer(
        help=help,
        cls=Group,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def command(app: typer.Typer, options: type) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Registers `function(options)` as a command whose flags are the fields of a dataclass."""

    def register(function: Callable[[Any], None]) -> Callable[[Any], None]:
        def call(**values: Any) -> None:
            function(options(**values))

        hints = get_type_hints(options, include_extras=True)
        parameters = [
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if field.default is MISSING else field.default,
                annotation=hints[field.name],
            )
            for field in fields(options)
        ]
        call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        call.__annotations__ = hints
        app.command(name=function.__name__, help=function.__doc__)(call)
        return function

    return register


def _option(help: str, *names: str) -> Any:
    return typer.Option(*names, help=help)


@dataclass(frozen=True)
class RunOptions:
    """What `run` takes."""

    method: Annotated[str, _option("name, a list a,b,c, name@variant or FILE.py[:Class]")] = "asru"
    task: Annotated[str, _option("name or FILE.py[:Class]")] = "mllmu_bench"
    judge: Annotated[str, _option("names or FILE.py[:Class], comma-separated; default: all offline judges")] = ""
    m: Annotated[list[str] | None, _option("setting key=value of the method", "-m")] = None
    t: Annotated[list[str] | None, _option("setting key=value of the task", "-t")] = None
    j: Annotated[list[str] | None, _option("setting key=value or judge.key=value of judges", "-j")] = None
    split: Annotated[str, _option("short for -t split=…: forget_5, forget_10, forget_15")] = ""
    seeds: Annotated[str, _option("comma-separated; each seed is a record of its own")] = "0"
    model: Annotated[str, _option("mini, a hub id or a folder")] = "mini"
    vanilla: Annotated[str, _option("the model that knows the people: folder or hub id")] = ""
    data: Annotated[str, _option("data folder or hub id, instead of the task's own")] = ""
    out: Annotated[str, _option("folder for results")] = "runs"
    device: Annotated[str, _option("auto, cpu, cuda, cuda:1, mps")] = "auto"
    dtype: Annotated[str, _option("float32, bfloat16, float16")] = "float32"
    attn: Annotated[str, _option("attention kernel: sdpa, eager, flash_attention_2")] = "sdpa"
    train: Annotated[str, _option("full or lora")] = "full"
    engine: Annotated[str, _option("what generates answers: hf (here) or openai (a server)")] = "hf"
    engine_url: Annotated[str, _option("address of the server, such as http://localhost:8000/v1; or several, a,b")] = ""
    engine_key_env: Annotated[str, _option("environment variable that holds the server's key")] = ""
    general: Annotated[bool, typer.Option("--general", help="general ability too, by lm-eval")] = False
    general_tasks: Annotated[str, _option("lm-eval's tasks instead, comma-separated: NAME or NAME:DOCUMENTS")] = ""
    limit: Annotated[int | None, typer.Option(help="first N people of each role (never ranked)", min=1)] = None
    fast: Annotated[bool, typer.Option("--fast", help="debug run in seconds (never ranked)")] = False
    force: Annotated[bool, typer.Option("--force", help="go on where a gate fails (never ranked)")] = False
    batch_size: Annotated[int | None, typer.Option(help="questions asked at once", min=1)] = None
    workers: Annotated[int | None, typer.Option(help="processes that generate on a CPU", min=1)] = None
    keep_checkpoints: Annotated[bool, _option("keep the unlearned model after its record is written")] = True

    def parse(self) -> tuple[list[RunSpec], Place, Texts]:
        """One spec for each method and seed, the place, and the settings as typed."""
        from asru_bench.plan import Place, Texts

        base = RunSpec(
            method="",
            task=self.task,
            model=self.model,
            train=self.train,
            engine=self.engine,
            dtype=self.dtype,
            attn=self.attn,
            limit=self.limit,
            fast=self.fast,
            force=self.force,
            general=tuple(_listed(self.general_tasks)) or (("default",) if self.general else ()),
        )
        if self.judge:
            base = replace(base, judges=tuple(_listed(self.judge)))
        specs = [replace(base, method=m, seed=s) for s in _seeds(self.seeds) for m in _listed(self.method)]
        place = Place(
            out=self.out,
            model=self.model,
            vanilla=self.vanilla,
            data=self.data,
            device=self.device,
            batch_size=self.batch_size,
            engine_url=self.engine_url,
            engine_key_env=self.engine_key_env,
            workers=self.workers,
            keep_checkpoints=self.keep_checkpoints,
        )
        split = (f"split={self.split}",) if self.split else ()
        return specs, place, Texts(tuple(self.m or ()), (*split, *(self.t or ())), tuple(self.j or ()))


@dataclass(frozen=True)
class PlanOptions(RunOptions):
    """What `plan` takes."""

    prepare: Annotated[bool, typer.Option("--prepare", help="make the run folders, for the stage commands")] = False


@dataclass(frozen=True)
class StageOptions:
    """What `unlearn`, `generate`, `judge` and `score` take: a run folder, and where inputs lie now."""

    folder: Annotated[Path, typer.Argument(help="a run folder, as `asru-bench plan` prints them")]
    vanilla: Annotated[str, _option("the model that knows the people, if it moved")] = ""
    data: Annotated[str, _option("the data folder, if it moved")] = ""
    device: Annotated[str, _option("auto, cpu, cuda, cuda:1, mps")] = ""
    engine_url: Annotated[str, _option("address of the server that offers the checkpoint (engine openai)")] = ""
    engine_key_env: Annotated[str, _option("environment variable that holds the server's key")] = ""
    engine_model: Annotated[str, _option("its name on that server, where it is not named by content")] = ""
    batch_size: Annotated[int | None, typer.Option(help="questions asked at once", min=1)] = None
    workers: Annotated[int | None, typer.Option(help="processes that generate on a CPU", min=1)] = None

    def folder_with_place(self) -> RunFolder:
        """The folder, with what was typed in place of what it noted."""
        from asru_bench.folder import RunFolder

        folder = RunFolder.open(self.folder)
        names = [field.name for field in fields(self) if field.name != "folder"]
        typed = {name: getattr(self, name) for name in names if getattr(self, name)}
        return replace(folder, place=replace(folder.place, **typed).absolute())


@dataclass(frozen=True)
class MemoriseOptions:
    """What `memorise` takes."""

    model: Annotated[str, _option("the base model: a hub id or a folder")]
    task: Annotated[str, _option("name or FILE.py[:Class]")] = "mllmu_bench"
    m: Annotated[list[str] | None, _option("setting key=value of the recipe: lr, epochs, batch_size …", "-m")] = None
    t: Annotated[list[str] | None, _option("setting key=value of the task, as in run", "-t")] = None
    split: Annotated[str, _option("short for -t split=…; everybody is memorised, whatever the split")] = ""
    data: Annotated[str, _option("data folder or hub id, instead of the task's own")] = ""
    out: Annotated[str, _option("folder for vanilla; default: vanilla/<task>/<model>")] = ""
    train: Annotated[str, _option("lora (rank 16, merged before saving) or full")] = "lora"
    seed: Annotated[int, _option("seed of the order of pairs and of the adapter's start")] = 0
    device: Annotated[str, _option("auto, cpu, cuda, cuda:1, mps")] = "auto"
    dtype: Annotated[str, _option("float32, bfloat16, float16: of the weights, in training and on disk")] = "float32"
    attn: Annotated[str, _option("attention kernel: sdpa, eager, flash_attention_2")] = "sdpa"
    limit: Annotated[int | None, typer.Option(help="memorise the first N people only", min=1)] = None
    people_without: Annotated[Path | None, _option("file with the IDs of people to leave out, one a line")] = None
    batch_size: Annotated[int | None, typer.Option(help="questions asked at once when measuring", min=1)] = None

    def parse(self) -> Job:
        """What is to be made and where."""
        from asru_bench.memorise import Job, read_people
        from asru_bench.plan import Place, Texts, model_name

        spec = RunSpec(
            method="base",
            task=self.task,
            model=self.model,
            train=self.train,
            seed=self.seed,
            dtype=self.dtype,
            attn=self.attn,
        )
        place = Place(model=self.model, data=self.data, device=self.device, batch_size=self.batch_size)
        split = (f"split={self.split}",) if self.split else ()
        texts = Texts(tuple(self.m or ()), (*split, *(self.t or ())))
        task = Path(self.task.partition(":")[0]).stem
        out = Path(self.out or Path("vanilla") / task / model_name(self.model).replace("/", "--"))
        without = read_people(self.people_without) if self.people_without else ()
        return Job(spec, place, out.expanduser(), texts, self.limit, without)


@dataclass(frozen=True)
class DoctorOptions:
    """What `doctor` takes."""

    task: Annotated[str, _option("also look at this task's data")] = ""
    data: Annotated[str, _option("data folder or hub id of the task")] = ""
    model: Annotated[str, _option("also look at this model: a hub id or a folder")] = ""


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _seeds(text: str) -> list[int]:
    try:
        return [int(part) for part in _listed(text)]
    except ValueError:
        raise AsruBenchError(f"--seeds {text!r} is not a list of whole numbers, for example 0,1,2.") from None
