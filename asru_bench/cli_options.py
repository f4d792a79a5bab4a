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

from asru_bench import shown, unforeseen
from asru_bench.cli_pixels import MaxMegapixels
from asru_bench.fit import SAVE_EVERY
from asru_bench.lines import say
from asru_bench.types import AsruBenchError, RunSpec

if TYPE_CHECKING:
    from asru_bench.folder import RunFolder
    from asru_bench.memorise import Job
    from asru_bench.plan import Place, Texts

DEBUG = "ASRU_BENCH_DEBUG"
OPTIM = "adamw, adamw8bit (bitsandbytes) or offload (states in host memory)"
RECOMPUTE = "training computes activations twice instead of keeping them"
SNAPSHOTS = "minutes between snapshots of training; 0: each step, -1: none"
LONGEST = "unlearning a row ends as failed after so long; default: 10 x its estimate, at least 600, or 86400; 0: never"
NAMES_HIDDEN = (
    "names are hidden behind p…; asru-bench data check TASK --data DIR --reveal, with the -t of the run, shows them"
)
#: The largest seed that all libraries take.
MOST_SEED = 2**32 - 1
STOPPED = "stopped; the same command goes on from here"


class Group(TyperGroup):
    """Prints errors as one line; tracebacks of unexpected ones go to a file. `--debug` shows where they came from."""

    def invoke(self, ctx: Any) -> Any:
        if ctx.parent is None:
            shown.forget_names()
        with shown.guarded():
            return self._invoke(ctx)

    def _invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except AsruBenchError as error:
            if os.environ.get(DEBUG):
                raise
            say(f"error: {error}", err=True)
            if shown.hides(error):
                say(NAMES_HIDDEN, err=True)
            raise SystemExit(1) from None
        except BrokenPipeError:  # whoever read has seen enough, as `… | head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(141) from None
        except KeyboardInterrupt:
            say(STOPPED, err=True)
            raise SystemExit(130) from None
        except Exception as error:
            if os.environ.get(DEBUG) or type(error).__module__.partition(".")[0] in ("click", "typer"):
                raise
            say(f"error: {unforeseen.sentence(error)}", err=True)
            raise SystemExit(1) from None


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
        app.command(name=function.__name__.replace("_", "-"), help=function.__doc__)(call)
        return function

    return register


def option(help: str, *names: str) -> Any:
    """A flag; without `names` it is called like its field."""
    return typer.Option(*names, help=help)


# Flags that mean the same in every command.
JudgeSettings = Annotated[list[str] | None, option("setting key=value or judge.key=value of judges", "-j")]
JudgeModel = Annotated[str, option("adds the judge llm: a pinned model name, or several, a,b")]
JudgeUrl = Annotated[str, option("address of its server; default: OpenAI's. One, or one for each model")]
JudgeKeyEnv = Annotated[str, option("environment variable with its key; default for OpenAI: OPENAI_API_KEY")]
JudgePrice = Annotated[str, option("US dollars a million tokens, in/out, for example 0.15/0.60")]
AllowDataErrors = Annotated[bool, typer.Option("--allow-data-errors", help="go on where `data check` finds errors")]
JudgeConcurrency = Annotated[int, typer.Option(help="calls of the judge at once", min=1, max=256)]


@dataclass(frozen=True)
class RunOptions:
    """What `run` takes."""

    method: Annotated[str, option("name, a list a,b,c, name@variant or FILE.py[:Class]")] = "asru"
    task: Annotated[str, option("name or FILE.py[:Class]")] = "mllmu_bench"
    judge: Annotated[str, option("names or FILE.py[:Class], comma-separated, +name adds one to the usual ones")] = ""
    m: Annotated[list[str] | None, option("setting key=value of the method", "-m")] = None
    t: Annotated[list[str] | None, option("setting key=value of the task", "-t")] = None
    j: JudgeSettings = None
    split: Annotated[str, option("short for -t split=…: forget_5, forget_10, forget_15")] = ""
    seeds: Annotated[str, option("comma-separated; each seed is a record of its own")] = "0"
    model: Annotated[str, option("mini, a hub id or a folder")] = "mini"
    vanilla: Annotated[str, option("the model that knows the people: folder or hub id")] = ""
    data: Annotated[str, option("data folder or hub id, instead of the task's own")] = ""
    out: Annotated[str, option("folder for results")] = "runs"
    device: Annotated[str, option("auto, cpu, cuda, cuda:1, mps")] = "auto"
    dtype: Annotated[str, option("float32, bfloat16, float16")] = "float32"
    attn: Annotated[str, option("attention kernel: sdpa, eager, flash_attention_2")] = "sdpa"
    quant: Annotated[str, option("4bit: answer with weights of 4 bits; training keeps --dtype")] = ""
    train: Annotated[str, option("full or lora; default: full for mini, lora for others")] = ""
    optim: Annotated[str, option(OPTIM)] = "adamw"
    grad_checkpoint: Annotated[bool, typer.Option("--grad-checkpoint", help=RECOMPUTE)] = False
    save_every: Annotated[float, option(SNAPSHOTS)] = SAVE_EVERY
    max_seconds: Annotated[float | None, typer.Option(help=LONGEST, min=0)] = None
    engine: Annotated[str, option("what generates answers: hf (here), openai (a server) or vllm")] = "hf"
    engine_url: Annotated[str, option("address of the server, such as http://localhost:8000/v1; or several, a,b")] = ""
    engine_key_env: Annotated[str, option("environment variable that holds the server's key")] = ""
    judge_model: JudgeModel = ""
    judge_url: JudgeUrl = ""
    judge_key_env: JudgeKeyEnv = ""
    judge_budget: Annotated[str, option("most calls and money of a run: 500, '2.5 usd' or '500, 2.5 usd'")] = ""
    judge_price: JudgePrice = ""
    judge_concurrency: JudgeConcurrency = 16
    e: Annotated[list[str] | None, option("setting key=value of the engine vllm: python=PATH …", "-e")] = None
    general: Annotated[bool, typer.Option("--general", help="general ability too, by lm-eval")] = False
    general_tasks: Annotated[str, option("lm-eval's tasks instead, comma-separated: NAME or NAME:DOCUMENTS")] = ""
    limit: Annotated[int | None, typer.Option(help="first N people of each role (never ranked)", min=1)] = None
    control: Annotated[str, option("none, or blind, swap, name, conflict: how the questions are asked")] = "none"
    fast: Annotated[bool, typer.Option("--fast", help="debug run in seconds (never ranked)")] = False
    probes: Annotated[bool, typer.Option("--probes", help="also ask yes/no, false premises and rewordings")] = False
    force: Annotated[bool, typer.Option("--force", help="go on where a gate fails (never ranked)")] = False
    allow_data_errors: AllowDataErrors = False
    max_megapixels: MaxMegapixels = None
    batch_size: Annotated[int | None, typer.Option(help="questions asked at once", min=1)] = None
    workers: Annotated[int | None, typer.Option(help="processes that generate on a CPU", min=1)] = None
    devices: Annotated[int, typer.Option(help="GPUs that generate, a process each", min=1)] = 1
    report_to: Annotated[str, option("also send curves and scores to tensorboard, wandb or both, a,b")] = ""
    keep_checkpoints: Annotated[bool, option("keep the unlearned model after its record is written")] = True
    checkpoints: Annotated[str, option("store models whole, as delta to vanilla, or auto")] = "auto"

    def parse(self) -> tuple[list[RunSpec], Place, Texts]:
        """One spec for each method and seed, the place, and the settings as typed."""
        from asru_bench import plan, reporting
        from asru_bench.plan import Place, Texts

        base = RunSpec(
            method="",
            task=self.task,
            model=self.model,
            train=self.train,
            optim=self.optim,
            engine=self.engine,
            dtype=self.dtype,
            attn=self.attn,
            quant=self.quant,
            limit=self.limit,
            fast=self.fast,
            probes=self.probes,
            force=self.force,
            control=self.control,
            general=tuple(listed(self.general_tasks)) or (("default",) if self.general else ()),
        )
        named = _some("--judge", self.judge, "+llm; `asru-bench ls judges` lists all") if self.judge else []
        judges = (*named, *(("+llm",) if self.judge_model else ()))
        if judges:
            base = replace(base, judges=judges)
        if self.fast and self.limit and self.limit > plan.FAST_PEOPLE:
            shown.say(f"note: --fast asks {plan.FAST_PEOPLE} people of each role; --limit {self.limit} does not count")
        methods = _some("--method", self.method, "asru; `asru-bench ls methods` lists all")
        specs = [replace(base, method=m, seed=s) for s in _seeds(self.seeds) for m in methods]
        place = Place(
            out=self.out,
            model=self.model,
            vanilla=self.vanilla,
            data=self.data,
            device=self.device,
            batch_size=self.batch_size,
            engine_url=self.engine_url,
            engine_key_env=self.engine_key_env,
            judge_url=self.judge_url,
            judge_key_env=self.judge_key_env,
            judge_budget=self.judge_budget,
            judge_price=self.judge_price,
            judge_concurrency=self.judge_concurrency,
            engine_options=tuple(self.e or ()),
            workers=self.workers,
            devices=self.devices,
            keep_checkpoints=self.keep_checkpoints,
            checkpoints=self.checkpoints,
            grad_checkpoint=self.grad_checkpoint,
            save_every=self.save_every,
            max_seconds=self.max_seconds,
            allow_data_errors=self.allow_data_errors,
            report_to=self.report_to,
        )
        reporting.check(self.report_to)
        split = (f"split={self.split}",) if self.split else ()
        model = (f"llm.model={self.judge_model}",) if self.judge_model else ()
        return specs, place, Texts(tuple(self.m or ()), (*split, *(self.t or ())), (*model, *(self.j or ())))


@dataclass(frozen=True)
class PlanOptions(RunOptions):
    """What `plan` takes."""

    prepare: Annotated[bool, typer.Option("--prepare", help="make the run folders, for the stage commands")] = False
    probe: Annotated[bool, typer.Option("--probe", help="load the model and time 20 questions")] = False
    gpu: Annotated[str, option("plan for a GPU that is not here: a100, h100, h200, l40s, rtx4090 …")] = ""


@dataclass(frozen=True)
class StageOptions:
    """What `unlearn`, `generate`, `judge` and `score` take: a run folder, and where inputs lie now."""

    folder: Annotated[list[Path], typer.Argument(help="a run folder, or a pattern of them: the newest")]
    vanilla: Annotated[str, option("the model that knows the people, if it moved")] = ""
    data: Annotated[str, option("the data folder, if it moved")] = ""
    device: Annotated[str, option("auto, cpu, cuda, cuda:1, mps")] = ""
    engine_url: Annotated[str, option("address of the server that offers the checkpoint (engine openai)")] = ""
    engine_key_env: Annotated[str, option("environment variable that holds the server's key")] = ""
    engine_model: Annotated[str, option("its name on that server, where it is not named by content")] = ""
    judge_url: Annotated[str, option("address of the server of the judge llm")] = ""
    judge_key_env: Annotated[str, option("environment variable with its key")] = ""
    judge_budget: Annotated[str, option("most calls and money, as in run")] = ""
    judge_price: Annotated[str, option("US dollars a million tokens, in/out")] = ""
    judge_concurrency: Annotated[int | None, typer.Option(help="calls of the judge at once", min=1, max=256)] = None
    engine_options: Annotated[list[str] | None, option("setting key=value of the engine vllm", "-e")] = None
    batch_size: Annotated[int | None, typer.Option(help="questions asked at once", min=1)] = None
    workers: Annotated[int | None, typer.Option(help="processes that generate on a CPU", min=1)] = None
    devices: Annotated[int | None, typer.Option(help="GPUs that generate, a process each", min=1)] = None
    grad_checkpoint: Annotated[bool, typer.Option("--grad-checkpoint", help=RECOMPUTE)] = False
    max_seconds: Annotated[float | None, typer.Option(help=LONGEST, min=0)] = None

    def folder_with_place(self) -> RunFolder:
        """The folder, with what was typed in place of what it noted; a note on standard error where several fit."""
        from asru_bench.folder import RunFolder
        from asru_bench.runs import newest

        path, note = newest(self.folder)
        if note:
            say(note, err=True)
        folder = RunFolder.open(path)
        names = [field.name for field in fields(self) if field.name not in ("folder", "again")]
        values = {name: getattr(self, name) for name in names}
        typed = {name: value for name, value in values.items() if value or (name == "max_seconds" and value == 0)}
        return replace(folder, place=replace(folder.place, **typed).absolute())


@dataclass(frozen=True)
class MemoriseOptions:
    """What `memorise` takes."""

    model: Annotated[str, option("the base model: a hub id or a folder")]
    task: Annotated[str, option("name or FILE.py[:Class]")] = "mllmu_bench"
    m: Annotated[list[str] | None, option("setting key=value of the recipe: lr, epochs, batch_size …", "-m")] = None
    t: Annotated[list[str] | None, option("setting key=value of the task, as in run", "-t")] = None
    split: Annotated[str, option("short for -t split=…; everybody is memorised, whatever the split")] = ""
    data: Annotated[str, option("data folder or hub id, instead of the task's own")] = ""
    out: Annotated[str, option("folder for vanilla; default: vanilla/<task>/<model>")] = ""
    train: Annotated[str, option("lora (rank 16, merged before saving) or full")] = "lora"
    optim: Annotated[str, option(OPTIM)] = "adamw"
    grad_checkpoint: Annotated[bool, typer.Option("--grad-checkpoint", help=RECOMPUTE)] = False
    save_every: Annotated[float, option(SNAPSHOTS)] = SAVE_EVERY
    seed: Annotated[int, option("seed of the order of pairs and of the adapter's start")] = 0
    device: Annotated[str, option("auto, cpu, cuda, cuda:1, mps")] = "auto"
    dtype: Annotated[str, option("float32, bfloat16, float16: of the weights, in training and on disk")] = "float32"
    attn: Annotated[str, option("attention kernel: sdpa, eager, flash_attention_2")] = "sdpa"
    limit: Annotated[int | None, typer.Option(help="memorise the first N people only", min=1)] = None
    people_without: Annotated[Path | None, option("file with the IDs of people to leave out, one a line")] = None
    batch_size: Annotated[int | None, typer.Option(help="questions asked at once when measuring", min=1)] = None
    allow_data_errors: AllowDataErrors = False
    max_megapixels: MaxMegapixels = None

    def parse(self) -> Job:
        """What is to be made and where."""
        from asru_bench.memorise import Job, read_people
        from asru_bench.plan import Place, Texts, model_name

        spec = RunSpec(
            method="base",
            task=self.task,
            model=self.model,
            train=self.train,
            optim=self.optim,
            seed=self.seed,
            dtype=self.dtype,
            attn=self.attn,
        )
        place = Place(
            model=self.model,
            data=self.data,
            device=self.device,
            batch_size=self.batch_size,
            grad_checkpoint=self.grad_checkpoint,
            save_every=self.save_every,
            allow_data_errors=self.allow_data_errors,
        )
        split = (f"split={self.split}",) if self.split else ()
        texts = Texts(tuple(self.m or ()), (*split, *(self.t or ())))
        task = Path(self.task.partition(":")[0]).stem
        out = Path(self.out or Path("vanilla") / task / model_name(self.model).replace("/", "--"))
        without = read_people(self.people_without) if self.people_without else ()
        return Job(spec, place, out.expanduser(), texts, self.limit, without)


@dataclass(frozen=True)
class DoctorOptions:
    """What `doctor` takes."""

    task: Annotated[str, option("also look at this task's data")] = ""
    data: Annotated[str, option("data folder or hub id of the task")] = ""
    model: Annotated[str, option("also look at this model: a hub id or a folder")] = ""


def listed(text: str) -> list[str]:
    """The parts of a text with commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _some(flag: str, text: str, example: str) -> list[str]:
    """The parts of a text with commas; an `AsruBenchError` where there are none."""
    if not (parts := listed(text)):
        raise AsruBenchError(
            f"{flag} {text!r} is empty; give one or several, separated by commas, for example {example}."
        )
    if twice := next((part for n, part in enumerate(parts) if part in parts[:n]), ""):
        raise AsruBenchError(f"{flag} names {twice!r} twice; leave one out.")
    return parts


def _seeds(text: str) -> list[int]:
    try:
        found = [int(part) for part in _some("--seeds", text, "0,1,2")]
    except ValueError:
        raise AsruBenchError(f"--seeds {text!r} is not a list of whole numbers, for example 0,1,2.") from None
    if odd := next((seed for seed in found if not 0 <= seed <= MOST_SEED), None):
        raise AsruBenchError(f"--seeds has {odd}; expected whole numbers from 0 to {MOST_SEED}, for example 0,1,2.")
    return found
