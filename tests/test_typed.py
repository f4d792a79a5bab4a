"""What was typed, from the options that it became."""

from __future__ import annotations

import shlex

import pytest
import typer
from typer.testing import CliRunner

from asru_bench.cli_options import PlanOptions, RunOptions, command, new_app
from asru_bench.typed import words


@pytest.mark.parametrize(
    "typed",
    [
        "asru-bench run",
        "asru-bench run --method ga,npo --seeds 0,1",
        "asru-bench run -m lr=1e-4 -m steps=3 -t split=forget_5 --fast --force --limit 2",
        "asru-bench run --judge-budget '2 usd' --save-every 0.5 -e python=x/y --general",
        "asru-bench run --method './a b.py' --data 'D;R' --allow-data-errors --no-keep-checkpoints",
    ],
)
def test_words_give_the_same_options_again(typed: str) -> None:
    found: list[RunOptions] = []
    app = new_app("")
    command(app, RunOptions)(_keeper(found))
    app.command("other")(lambda: None)
    said = CliRunner().invoke(app, shlex.split(typed)[1:])
    assert said.exit_code == 0, said.output
    again = words("run", found[0])
    assert CliRunner().invoke(app, shlex.split(again)[1:]).exit_code == 0
    assert found[0] == found[1]
    assert len(shlex.split(again)) == len(shlex.split(typed))


def _keeper(found: list[RunOptions]):
    def run(options: RunOptions) -> None:
        """Keeps what it is called with."""
        found.append(options)
        raise typer.Exit

    return run


def test_defaults_are_left_out() -> None:
    assert words("plan", PlanOptions(prepare=True, method="asru")) == "asru-bench plan --prepare"
