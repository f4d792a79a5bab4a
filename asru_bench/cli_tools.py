"""Commands that look at things: show, ls, leaderboard, cache, and building the embedded model."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from asru_bench import shown
from asru_bench.cli_options import listed, new_app
from asru_bench.lines import say
from asru_bench.registry import ALL, Entry, Registry
from asru_bench.types import AsruBenchError

cache_app = new_app("Look at the caches, or empty them.")
mini_app = new_app("The embedded model.")


class Kind(StrEnum):
    """What `ls` lists."""

    methods = "methods"
    tasks = "tasks"
    judges = "judges"
    models = "models"
    runs = "runs"


def ls(
    what: Annotated[Kind, typer.Argument(help="what to list")],
    name: Annotated[
        str, typer.Argument(help="one of them, with its settings: name or FILE.py[:Class]; of runs: their folder")
    ] = "",
) -> None:
    """List methods, tasks, judges, models or runs; with a name, the settings of one."""
    if what is Kind.runs:
        from asru_bench import runs

        say(runs.text(Path(name or "runs")), "    ")
    elif what is Kind.models:
        if name:
            raise AsruBenchError(f"`ls models` takes no name; `asru-bench doctor --model {name}` looks at a model.")
        say("\n".join(_models()), "  ")
    elif name:
        from asru_bench import manual

        registry = ALL[what.value.removesuffix("s")]
        say(manual.text(registry, name, _facts(registry.find(name.partition("@")[0]))), "  ")
    else:
        _print_plugins(ALL[what.value.removesuffix("s")])


class Made(StrEnum):
    """What `new` makes."""

    method = "method"
    judge = "judge"
    task = "task"


def new(
    what: Annotated[Made, typer.Argument(help="what to make")],
    name: Annotated[str, typer.Argument(help="its name, and its file's")],
) -> None:
    """Write a method, a judge or a task as one short file that runs as it is, here."""
    from asru_bench import scaffold

    path, command = scaffold.new(what.value, name)
    say(f"{path} written. Change it, and try it with:\n  {command}")


def _print_plugins(registry: Registry) -> None:
    """Two lines a plug-in: name and facts, and what it is."""
    known = registry.entries()
    rows = [(name, entry) for name, entries in known.items() for entry in entries]
    longest = max((len(name) for name, _ in rows), default=0)
    for name, entry in rows:
        clash = "; name taken twice: rename one" if len(known[name]) > 1 else ""
        for start, words in ((name, f"{_facts(entry)}{clash}"), ("", entry.metadata["summary"])):
            say(f"{start:<{longest}}  {words}".rstrip(), " " * (longest + 2))
    say(f"\nSettings of one: asru-bench ls {registry.kind}s NAME (or ./FILE.py)")


def _facts(entry: Entry) -> str:
    data = entry.metadata
    facts = [str(data[key]) for key in ("kind", "year", "paper", "reference") if data.get(key)]
    facts += [f"{key} {', '.join(data[key])}" for key in ("needs", "kinds") if data.get(key)]
    return "; ".join([*facts, *([entry.origin] if entry.origin != "built in" else [])])


def _models() -> Iterable[str]:
    from asru_bench.sources import EMBEDDED

    for name in EMBEDDED:
        yield f"{name}  embedded: a tiny vision-language model with its own people, no download"
    found = sorted(_hub_models())
    yield from (f"{name}  in the hub cache" for name in found)
    yield "any other image-text-to-text model: --model with a hub id or a folder"


def _hub_models() -> Iterable[str]:
    """Vision-language models in the hub cache, without asking the hub."""
    root = os.environ.get("HF_HUB_CACHE") or Path(os.environ.get("HF_HOME", "~/.cache/huggingface")) / "hub"
    for config in Path(root).expanduser().glob("models--*/snapshots/*/config.json"):
        try:
            values = json.loads(config.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if "vision_config" in values:
            yield config.parents[2].name.removeprefix("models--").replace("--", "/")


@cache_app.command("ls")
def cache_ls() -> None:
    """What the caches hold and how large they are."""
    from asru_bench.home import home
    from asru_bench.store import Store

    with Store() as cache:
        counts = cache.counts()
    typer.echo(f"{home()}  {_size(home())}")
    for table, count in counts.items():
        typer.echo(f"  {table:<12} {count}")
    for folder in sorted(p for p in home().iterdir() if p.is_dir()):
        typer.echo(f"  {folder.name + '/':<12} {_size(folder)}")
    for folder in sorted(Path("runs").glob("*/*/*/*/checkpoint")):
        typer.echo(f"{folder}  {_size(folder)}")


@cache_app.command("clean")
def cache_clean(
    checkpoints: Annotated[
        bool, typer.Option("--checkpoints", help="also the checkpoints of runs that have a record")
    ] = False,
    out: Annotated[Path, typer.Option(help="folder of results")] = Path("runs"),
) -> None:
    """Empty the caches; results stay. Not while a run is at work."""
    from asru_bench import locks
    from asru_bench.home import home
    from asru_bench.store import Store, explained

    before = _bytes(home())
    with locks.alone(), explained(home()), Store() as cache:
        cache.clear()
        for folder in [p for p in home().iterdir() if p.is_dir() and p.name != locks.FOLDER]:
            shutil.rmtree(folder)
    freed = before - _bytes(home())
    for record in out.glob("*/*/*/*/record.json") if checkpoints else ():
        folder = record.parent / "checkpoint"
        freed += _bytes(folder)
        shutil.rmtree(folder, ignore_errors=True)
    typer.echo(f"{freed / 1e6:.1f} MB freed")


@cache_app.command("whole")
def cache_whole(
    checkpoint: Annotated[Path, typer.Argument(help="a checkpoint that holds an adapter or a delta")],
    out: Annotated[Path, typer.Argument(help="folder for the whole model, which other programs can read")],
    dtype: Annotated[str, typer.Option(help="float32, bfloat16, float16")] = "bfloat16",
) -> None:
    """Write a checkpoint that stores only what changed as a whole model, say for a server."""
    from asru_bench import forgotten, models

    if out.exists():
        raise AsruBenchError(f"{out} exists already; choose another folder.")
    vlm = models.load(str(checkpoint), device="cpu", dtype=dtype)
    made_by = {"whole": str(checkpoint), **forgotten.carried(str(checkpoint))}
    typer.echo(models.save(vlm, out, made_by).path)


@mini_app.command("build")
def mini_build(
    out: Annotated[Path, typer.Argument(help="folder for the weights")],
    people: Annotated[int, typer.Option(help="how many people", min=10)] = 120,
    seed: Annotated[int, typer.Option(help="seed of the universe")] = 1,
    refusals: Annotated[float, typer.Option(help="share of strangers that base refuses", min=0, max=1)] = 0.9,
) -> None:
    """Make the embedded base, vanilla and oracle from a seed (about an hour)."""
    from asru_bench.mini.build import main

    main(out, people, seed, refusals)


def show(
    run: Annotated[
        list[Path], typer.Argument(help="run folder, its record.json, or a folder or pattern of runs: the newest")
    ],
    people: Annotated[str, typer.Option(help="whom, comma-separated; default: three forgotten, three kept")] = "",
    who: Annotated[bool, typer.Option("--who", help="list everybody whom --people can name")] = False,
    html: Annotated[Path | None, typer.Option(help="write a page with scores and portraits to this file")] = None,
    curves: Annotated[bool, typer.Option("--curves", help="draw the curves of training, write them as CSV")] = False,
    reveal: Annotated[bool, typer.Option("--reveal", help="show names and portraits of real people")] = False,
) -> None:
    """The answers of a run, side by side with the model before."""
    from asru_bench import report, runs

    folder, note = runs.newest(run)
    if note:
        say(note, err=True)
    if curves:
        from asru_bench import curves as drawing

        words, files = drawing.write(folder)
        say("\n".join([*words, *(f"{file} written." for file in files)]), "  ")
        return
    text = report.show(folder, listed(people), html, reveal, who)
    typer.echo(text, file=shown.raw(sys.stdout))  # cleaned before it was coloured


def leaderboard(
    runs: Annotated[Path, typer.Argument(help="folder with records")] = Path("runs"),
    out: Annotated[Path | None, typer.Option(help="write the markdown to this file")] = None,
) -> None:
    """Markdown tables from the records, sorted by the headline."""
    from asru_bench import leaderboard as board
    from asru_bench.terminal import markdown_text

    text = board.write(runs, out)
    say(text) if out else typer.echo(markdown_text(text))


def accounting(
    runs: Annotated[Path, typer.Argument(help="folder with records")] = Path("runs"),
    out: Annotated[Path | None, typer.Option(help="folder for the pictures (SVG), one for each role")] = None,
) -> None:
    """What every answer is, exactly one thing: stacked shares per role, and base on strangers beside them."""
    from asru_bench import accounting as accounts
    from asru_bench.terminal import markdown_text

    typer.echo(markdown_text(accounts.write(runs, out)))


def _bytes(folder: Path) -> int:
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) if folder.is_dir() else 0


def _size(folder: Path) -> str:
    return f"{_bytes(folder) / 1e6:.1f} MB"
