"""The command line: texts in, `RunSpec` and `Place` out, everything else elsewhere. Imports stay light."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from asru_bench import cli_data, cli_judges, cli_key, cli_tools, launch, shown, unforeseen
from asru_bench.cli_options import (
    DEBUG,
    STOPPED,
    DoctorOptions,
    MemoriseOptions,
    PlanOptions,
    RunOptions,
    StageOptions,
    command,
    new_app,
)
from asru_bench.lines import fitted, say
from asru_bench.quiet import quiet_libraries
from asru_bench.types import AsruBenchError

app = new_app("Evaluation-first harness for multimodal machine unlearning. The first thing to type: asru-bench run")
app.add_typer(cli_tools.cache_app, name="cache")
app.add_typer(cli_tools.mini_app, name="mini")
app.add_typer(cli_data.data_app, name="data")
app.add_typer(cli_key.key_app, name="key")
app.command("deletion-report")(cli_data.deletion_report)
for function in (cli_tools.show, cli_tools.ls, cli_tools.new, cli_tools.leaderboard, cli_tools.accounting):
    app.command()(function)
command(app, cli_judges.CheckOptions)(cli_judges.judge_check)


def main() -> None:
    """Entry point of `asru-bench`. `--debug`, anywhere, shows tracebacks of errors."""
    if "--debug" in sys.argv:
        sys.argv.remove("--debug")
        os.environ[DEBUG] = "1"
    unforeseen.open_streams()
    quiet_libraries()
    try:
        with shown.guarded():  # what click says of a command's words, too
            launch.main(app)
    except KeyboardInterrupt:  # before or after the command itself
        print(STOPPED, file=sys.stderr)
        raise SystemExit(130) from None


def _print_version(wanted: bool) -> None:
    if wanted:
        from asru_bench.record import provenance

        made = provenance()
        commit = f" (commit {made['commit'][:12]}{', changed' if made['dirty'] else ''})" if made["commit"] else ""
        typer.echo(f"asru-bench {made['versions']['asru-bench']}{commit}")
        raise typer.Exit


@app.callback()
def options_of_all(
    version: Annotated[
        bool, typer.Option("--version", help="print the version and the commit", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Options before any command."""


@command(app, RunOptions)
def run(options: RunOptions) -> None:
    """Unlearn, generate, judge and score; prints the result and where it is. Goes on where it was stopped."""
    from dataclasses import replace

    from asru_bench import estimate, plan, report, schedule, store
    from asru_bench.folder import RunFolder
    from asru_bench.plan import Place
    from asru_bench.run import MissingCells, execute
    from asru_bench.typed import words

    def needs(cell: plan.Cell, folder: RunFolder) -> dict[str, estimate.Need]:
        return estimate.needs_of(folder)

    specs, place, texts = options.parse()
    planned = replace(plan.make(specs, place, texts), command=words("run", options))
    with store.Store() as cache:
        say(schedule.announcement(planned, schedule.steps(planned, cache, needs)), err=True)
    for warning in estimate.require(planned):
        say(f"note: {warning}", err=True)
    try:
        records, failure = execute(planned), None
    except MissingCells as error:
        records, failure = error.records, error
    report.show_run(planned, records)
    where = "" if place.out == Place.out else f" {place.out}"
    say(f"All runs in tables:\n  asru-bench leaderboard{where}")
    if failure:
        raise failure


@command(app, PlanOptions)
def plan(options: PlanOptions) -> None:
    """Print what `run` with the same words would do, what is done, and its hours, memory and disk. Loads no weight."""
    from asru_bench import outlook, store
    from asru_bench.folder import RunFolder

    planned, notes = outlook.make(*options.parse(), gpu=options.gpu)
    with store.Store() as cache:
        say(fitted(outlook.text(planned, notes, cache, gpu=options.gpu, probed=options.probe)))
    if options.prepare and notes:
        raise AsruBenchError(f"--prepare needs the models themselves: {notes[0]}.")
    for cell in planned.cells if options.prepare else ():
        RunFolder.create(cell)  # without the command: whoever prepares goes on with the stages


@command(app, MemoriseOptions)
def memorise(options: MemoriseOptions) -> None:
    """Make vanilla for a task: teach a base model everybody's facts, measure what it then knows."""
    from asru_bench import memorise as memorising

    job = options.parse()
    if launch.follows():
        memorising.help_to_memorise(job)
        return
    made = memorising.memorise(job)
    say(fitted(made.knowledge.table()))
    say(f"{made.knowledge.people} people memorised; vanilla is {made.out}. Next:")
    data = (f" --split {options.split}" if options.split else "") + (f" --data {options.data}" if options.data else "")
    typed = [*(options.t or ()), *(["forget_people=FILE"] if options.task == "folder" and not options.t else ())]
    data += "".join(f" -t {setting}" for setting in typed)
    words = f"--task {options.task} --model {options.model} --vanilla {made.out}{data} --dtype {options.dtype}"
    say(f"  asru-bench run --method asru {words} --train lora")


@command(app, DoctorOptions)
def doctor(options: DoctorOptions) -> None:
    """Look at this machine: libraries, GPU, disk, memory, hub, data and models; say what mends what is wrong."""
    from asru_bench import doctor as looking

    findings = looking.examine(options.task, options.data, options.model)
    found, _, sum_of_it = looking.text(findings).rpartition("\n\n")
    say(f"{found}\n", " " * 24)
    say(sum_of_it)
    if looking.broken(findings):
        raise SystemExit(1)


@dataclass(frozen=True)
class UnlearnOptions(StageOptions):
    """What `unlearn` takes."""

    again: Annotated[bool, typer.Option("--again", help="train again, whatever checkpoint is there")] = False


@command(app, UnlearnOptions)
def unlearn(options: UnlearnOptions) -> None:
    """Stage 1 of a run folder: the checkpoint."""
    from asru_bench import run as running
    from asru_bench import stages, store, trainer, unlearning

    if trainer.is_child():
        trainer.end_with_parent()
    folder = options.folder_with_place()
    if launch.follows():
        unlearning.help_to_train(folder)
        return
    limit = None if trainer.is_child() else running.limit_of(folder)
    try:
        with store.private(), trainer.ended_after(folder, limit):
            if options.again:
                stages.discard(folder)
            made = stages.unlearn(folder, time.time())
    except AsruBenchError as error:
        if not trainer.is_child():
            raise
        trainer.report(folder, str(error))
        raise SystemExit(1) from error
    typer.echo(made.path)


@app.command(hidden=True)
def train(folder: Annotated[Path, typer.Argument(help="a training folder")]) -> None:
    """The part of `unlearn` that runs the method, in a process of its own."""
    from asru_bench import unlearning

    if launch.member() is None and (waiting := os.environ.get(launch.PARENT)):
        launch.end_with_parent(int(waiting))
    try:
        unlearning.carry_out_watched(folder)
    except (AsruBenchError, KeyboardInterrupt) as error:
        if launch.PARENT not in os.environ:
            raise
        raise SystemExit(130 if isinstance(error, KeyboardInterrupt) else 1) from None  # who waits says why


@command(app, StageOptions)
def generate(options: StageOptions) -> None:
    """Stage 2 of a run folder: the answers."""
    _stage("generate", options)


@command(app, StageOptions)
def judge(options: StageOptions) -> None:
    """Stage 3 of a run folder: the verdicts."""
    _stage("judge", options)


@command(app, StageOptions)
def general(options: StageOptions) -> None:
    """General ability of a run folder, where its spec asks for it; `score` then puts it into the record."""
    _stage("general", options)


@command(app, StageOptions)
def score(options: StageOptions) -> None:
    """Stage 4 of a run folder: scores and record.json."""
    _stage("score", options)


def _stage(name: str, options: StageOptions) -> None:
    from asru_bench import run as running

    typer.echo(running.stage(name, options.folder_with_place()))
