"""Commands about data and what is filed about them: data check, fetch, preview and pairs, deletion-report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asru_bench import shown
from asru_bench.cli_options import command, new_app, option
from asru_bench.cli_pixels import MaxMegapixels
from asru_bench.lines import say
from asru_bench.types import AsruBenchError, RunSpec

if TYPE_CHECKING:
    from asru_bench.models import VLM
    from asru_bench.ppu_pairs import Job
    from asru_bench.task import Task

data_app = new_app("A task's data: check, fetch, preview, pairs.")

Name = Annotated[str, typer.Argument(help="task: name or FILE.py[:Class]")]
Data = Annotated[str, typer.Option(help="data folder or hub id; default: the embedded data, else the task's own")]
Settings = Annotated[list[str] | None, typer.Option("-t", help="setting key=value of the task, as in run")]
Seed = Annotated[int, typer.Option(help="seed of the run, where it decides who is asked")]


@dataclass(frozen=True)
class PairsOptions:
    """What `data pairs` takes."""

    task: Annotated[str, typer.Argument(help="task: name or FILE.py[:Class]")]
    model: Annotated[str, option("the untouched model that answers: mini, a hub id or a folder")]
    data: Annotated[str, option("data folder or hub id; default: the embedded data")] = ""
    out: Annotated[str, option("folder for the pairs; default: pairs/<task>/<model>")] = ""
    t: Annotated[list[str] | None, option("setting key=value of the task: train=both asks by name too", "-t")] = None
    device: Annotated[str, option("auto, cpu, cuda, cuda:1, mps")] = "auto"
    dtype: Annotated[str, option("float32, bfloat16, float16")] = "float32"
    attn: Annotated[str, option("attention kernel: sdpa, eager, flash_attention_2")] = "sdpa"
    batch_size: Annotated[int | None, typer.Option(help="questions asked at once", min=1)] = None
    limit: Annotated[int | None, typer.Option(help="questions about the first N people only", min=1)] = None

    @property
    def folder(self) -> Path:
        """Where the pairs go."""
        from asru_bench.plan import model_name

        task = Path(self.task.partition(":")[0]).stem
        return Path(self.out or Path("pairs") / task / model_name(self.model).replace("/", "--"))

    def parse(self, task: Task) -> Job:
        """Which model answers, on what and whereto; an error for tasks that bring their own pairs."""
        from asru_bench import plan, sources
        from asru_bench.ppu_pairs import Job
        from asru_bench.ppu_roster import FactRoster

        roster = getattr(task, "roster", None)
        if not isinstance(roster, FactRoster):
            raise AsruBenchError(
                f"task {task.name!r} brings its own training pairs; only tasks whose people are known from "
                "pre-training (ppu_bench) need a model's answers."
            )
        spec = RunSpec("base", task.name, model=plan.model_name(self.model), dtype=self.dtype, attn=self.attn)
        place = plan.Place(model=self.model, device=self.device, batch_size=self.batch_size)
        out = self.folder.expanduser().resolve()
        return Job(spec, place, sources.resolve(self.model), roster, out, self.limit)


@data_app.command("check")
def check(
    task: Name,
    data: Data = "",
    t: Settings = None,
    seed: Seed = 0,
    json: Annotated[Path | None, typer.Option(help="also write the findings to this file")] = None,
    model: Annotated[str, typer.Option(help="also what the processor of this model does not take")] = "",
    reveal: Annotated[bool, typer.Option("--reveal", help="name real people")] = False,
    max_megapixels: MaxMegapixels = None,
) -> None:
    """Look for faults in a task's data; each names file, row and column. Exit code 1 where there are errors."""
    from dataclasses import asdict

    from asru_bench import data_check, findings, store

    made, embedded = _task(task, data, t, seed)
    found = data_check.check(made, _reader(model) if model else None)
    errors = sum(f.level == findings.ERROR for f in found)
    lines = "\n".join(f.line for f in found) or "no fault found"
    with shown.revealed(reveal or embedded):
        say(lines)
        if shown.hides(lines):
            say("names of people are hidden behind p…; --reveal shows them")
    if json:
        store.write_json(json, [asdict(f) for f in found])
    try:
        say("\n".join(data_check.counts(made)))
    except AsruBenchError:
        say("the data cannot be loaded, so nothing is counted")
    say(f"{made.data}: {errors} errors, {len(found) - errors} warnings")
    if errors:
        raise typer.Exit(1)


@data_app.command("fetch")
def fetch(
    task: Name,
    out: Annotated[Path | None, typer.Option(help="folder for the data; default: data/TASK")] = None,
    revision: Annotated[str, typer.Option(help="branch, tag or commit; default: the folder's, else the newest")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask after licence and size are shown")] = False,
) -> None:
    """Download a task's data at one commit, after its licence and size were shown; goes on where it stopped."""
    from asru_bench import data_fetch
    from asru_bench.registry import TASKS

    cls = TASKS.get(task)
    if not cls.hub:
        raise AsruBenchError(f"task {task!r} has no data set on the hub; give your own with --data DIR.")
    folder, at = out or Path("data") / cls.name, data_fetch.hub()
    found = data_fetch.offer(cls.hub, revision, folder, at)
    say(found.text)
    if not yes and not typer.confirm(f"download into {folder}?"):
        raise typer.Exit(1)
    data_fetch.fetch(found, folder, at)
    say(f"{folder} holds {cls.hub} at {found.commit}. Next:\n  asru-bench data check {task} --data {folder}")


@data_app.command("preview")
def preview(
    task: Name,
    out: Annotated[Path, typer.Option(help="file of the page")] = Path("preview.html"),
    data: Data = "",
    t: Settings = None,
    seed: Seed = 0,
    reveal: Annotated[bool, typer.Option("--reveal", help="show real people's questions and pictures")] = False,
) -> None:
    """Write a page with some questions of every role and kind."""
    from asru_bench import data_preview

    made, embedded = _task(task, data, t, seed)
    hide = not (reveal or embedded)
    shown = data_preview.write(out, made.samples(), title=f"{made.name} · {made.data}", hide=hide)
    say(f"{out} written: {shown} questions.")
    if hide:
        say(data_preview.HIDDEN)


@command(data_app, PairsOptions)
def pairs(options: PairsOptions) -> None:
    """Let a model answer a task's training questions: pairs for unlearning, where none are published for it."""
    from asru_bench import ppu_pairs

    made, _ = _task(options.task, options.data, options.t, 0)
    job = options.parse(made)
    say(ppu_pairs.text(ppu_pairs.make(job)))
    data = f" --data {options.data}" if options.data else ""
    typed = "".join(f" -t {setting}" for setting in options.t or ())
    words = f"--task {options.task} --model {options.model}{data}{typed} -t backbone={options.folder}"
    say(f"{options.folder} holds them. Next:\n  asru-bench run --method asru {words}")


def deletion_report(
    run: Annotated[list[Path], typer.Argument(help="run folder, its record.json, or a pattern of runs: the newest")],
    by: Annotated[str, typer.Option(help="who is responsible for the run: a name or an office")],
    out: Annotated[Path, typer.Option(help="folder for deletion.html and deletion.json")] = Path("deletion"),
    reveal: Annotated[bool, typer.Option("--reveal", help="name real people and quote what leaks")] = False,
) -> None:
    """Write what was asked to be forgotten, what still leaks and what was kept, to be filed."""
    from asru_bench import deletion, deletion_page, runs

    folder, note = runs.newest(run)
    if note:
        say(note, err=True)
    report = deletion.report(folder, by, reveal)
    files = deletion_page.write(report, out)
    found = report["result"]
    say("\n".join((found["conclusion"], found["sentence"], *(f"{file} written." for file in files))))


def _reader(model: str) -> VLM:
    """Processor and template of a model, without weights."""
    from asru_bench import sources
    from asru_bench.models import VLM
    from asru_bench.pretrained import load_processor

    base = sources.resolve(model).base
    return VLM(None, load_processor(base), base)


def _task(name: str, data: str, settings: list[str] | None, seed: int) -> tuple[Task, bool]:
    """The task on its data, and whether these are the embedded ones."""
    from asru_bench import config, requests, sources
    from asru_bench.registry import TASKS

    cls = TASKS.get(name)
    own = None if data else sources.resolve("mini").data(cls.name)
    _, typed, chain = requests.split_settings({}, tuple(settings or ()))
    built = config.build(cls.Config, texts=typed, owner=f"task {name!r}")
    made = cls(built, data=data or own, seed=seed)
    return requests.Requested(made, chain["requests"], chain["request"]) if chain else made, own is not None
