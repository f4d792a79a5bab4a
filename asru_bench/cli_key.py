"""Commands about the key that hides names of real people in results: key show, export, import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from asru_bench.cli_options import new_app

key_app = new_app("The key that hides names of real people in results.")


@key_app.command("show")
def show() -> None:
    """Where the key lies, and its id, which every record that it hid names in holds."""
    from asru_bench import pseudonyms
    from asru_bench.home import home

    typer.echo(f"{home() / pseudonyms.FILE}  key {pseudonyms.key_id()}")


@key_app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="a new file; who has it can find listed names in records")],
) -> None:
    """Copy the key to a file that only you can read, for a backup or another machine."""
    from asru_bench import pseudonyms

    typer.echo(f"{file} holds key {pseudonyms.export(file)}. On the other machine: asru-bench key import FILE")


@key_app.command("import")
def load(
    file: Annotated[Path, typer.Argument(help="a file that `key export` wrote")],
    replace: Annotated[bool, typer.Option("--replace", help="in place of another key that is here")] = False,
) -> None:
    """Use an exported key here, so that a person has the same pseudonym as on the other machine."""
    from asru_bench import pseudonyms

    typer.echo(f"key {pseudonyms.load(file, replace)} is used from now on.")
