"""The command line: texts in, `RunSpec` and `Place` out, everything else elsewhere. Imports stay light."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from asru_bench import cli_data, cli_judges, cli_tools, launch, unforeseen
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
from asru_bench.quiet import quiet_libraries
from asru_bench.types import AsruBenchError

app = new_app("Evaluation-first harness for multimodal machine unlearning. The first thing to type: asru-bench run")
app.add_typer(cli_tools.cache_app, name="cache")
app.add_typer(cli_tools.mini_app, name="mini")
app.add_typer(cli_data.data_app, name="data")
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
    from asru_bench import estimate, plan, report, schedule, store
    from asru_bench.plan import Place
    from asru_bench.run import MissingCells, execute

    specs, place, texts = options.parse()
    planned = plan.make(specs, place, texts)
    with store.Store() as cache:
        typer.echo(schedule.announcement(planned, schedule.steps(planned, cache)), err=True)
    for warning in estimate.require(planned):
        typer.echo(f"note: {warning}", err=True)
    try:
        records, failure = execute(planned), None
    except MissingCells as error:
        records, failure = error.records, error
    report.show_run(planned, records)
    where = "" if place.out == Place.out else f" {place.out}"
    typer.echo(f"All runs in tables: asru-bench leaderboard{where}")
    if failure:
        raise failure


@command(app, PlanOptions)
def plan(options: PlanOptions) -> None:
    """Print what `run` with the same words would do, what is done, and its hours, memory and disk. Loads no weight."""
    from asru_bench import outlook, store
    from asru_bench.folder import RunFolder

    planned, notes = outlook.make(*options.parse(), gpu=options.gpu)
    with store.Store() as cache:
        typer.echo(outlook.text(planned, notes, cache, gpu=options.gpu, probed=options.probe))
    if options.prepare and notes:
        raise AsruBenchError(f"--prepare needs the models themselves: {notes[0]}.")
    for cell in planned.cells if options.prepare else ():
        RunFolder.create(cell)


@command(app, MemoriseOptions)
def memorise(options: MemoriseOptions) -> None:
    """Make vanilla for a task: teach a base model everybody's facts, measure what it then knows."""
    from asru_bench import memorise as memorising

    job = options.parse()
    if launch.follows():
        memorising.help_to_memorise(job)
        return
    made = memorising.memorise(job)
    typer.echo(made.knowledge.table())
    typer.echo(f"{made.knowledge.people} people memorised; vanilla is {made.out}. Next:")
    data = (f" --split {options.split}" if options.split else "") + (f" --data {options.data}" if options.data else "")
    typed = [*(options.t or ()), *(["forget_people=FILE"] if options.task == "folder" and not options.t else ())]
    data += "".join(f" -t {setting}" for setting in typed)
    words = f"--task {options.task} --model {options.model} --vanilla {made.out}{data} --dtype {options.dtype}"
    typer.echo(f"  asru-bench run --method asru {words} --train lora")


@command(app, DoctorOptions)
def doctor(options: DoctorOptions) -> None:
    """Look at this machine: libraries, GPU, disk, memory, hub, data and models; say what mends what is wrong."""
    from asru_bench import doctor as looking

    findings = looking.examine(options.task, options.data, options.model)
    typer.echo(looking.text(findings))
    if looking.broken(findings):
        raise SystemExit(1)


@command(app, StageOptions)
def unlearn(options: StageOptions) -> None:
    """Stage 1 of a run folder: the checkpoint."""
    from asru_bench import stages, store, trainer, unlearning

    if trainer.is_child():
        trainer.end_with_parent()
    folder = options.folder_with_place()
    if launch.follows():
        unlearning.help_to_train(folder)
        return
    try:
        with store.turn():
            made = stages.unlearn(folder)
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
