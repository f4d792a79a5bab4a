"""The command that checks judges against labels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from asru_bench.cli_options import (
    JudgeConcurrency,
    JudgeKeyEnv,
    JudgeModel,
    JudgePrice,
    JudgeSettings,
    JudgeUrl,
    listed,
    option,
)
from asru_bench.lines import say
from asru_bench.types import AsruBenchError


@dataclass(frozen=True)
class CheckOptions:
    """What `judge-check` takes; what it says of judges means the same as in `run`."""

    judge: Annotated[str, option("names or FILE.py[:Class], comma-separated")] = "rubric,refusal,hallucination"
    j: JudgeSettings = None
    judge_model: JudgeModel = ""
    judge_url: JudgeUrl = ""
    judge_key_env: JudgeKeyEnv = ""
    judge_budget: Annotated[str, option("most calls and money: 500, '2.5 usd' or '500, 2.5 usd'")] = ""
    judge_price: JudgePrice = ""
    judge_concurrency: JudgeConcurrency = 16
    items: Annotated[Path | None, option("answers to grade, instead of the set that comes with the package")] = None
    labels: Annotated[list[Path] | None, option("file or folder with one labeller's labels; give it twice")] = None
    runs: Annotated[Path | None, option("folder with records, whose leak rates are corrected")] = None
    out: Annotated[Path, option("folder for judge-check.json, which `leaderboard` reads")] = Path("runs")


def judge_check(options: CheckOptions) -> None:
    """Grade the calibration set, compare with two labellers: kappa, leaks missed, corrected rates, biases."""
    from asru_bench import checkset, judge_check, judge_report, leaderboard, locks, store
    from asru_bench.plan import Place
    from asru_bench.terminal import markdown_text

    place = Place(
        judge_url=options.judge_url,
        judge_key_env=options.judge_key_env,
        judge_budget=options.judge_budget,
        judge_price=options.judge_price,
        judge_concurrency=options.judge_concurrency,
    )
    judges = [*listed(options.judge), *(["llm"] if options.judge_model else [])]
    texts = [*([f"llm.model={options.judge_model}"] if options.judge_model else []), *(options.j or [])]
    checked = checkset.read(options.items or checkset.ITEMS, options.labels or checkset.LABELS)
    records = leaderboard.load(options.runs)[0] if options.runs else []
    records = [record for record in records if not leaderboard.partial(record.spec)]
    with locks.present("judge-check"), store.Store() as cache:
        result = judge_check.check(checked, judges, texts, place, cache, records)
    typer.echo(markdown_text(judge_report.text(result)))
    say(f"\n{judge_check.store(result, options.out)} written; `asru-bench leaderboard` shows it.")
    broken = [name for name, own in result["judges"].items() if own["asked"] and own["failed"] == own["asked"]]
    if broken:
        raise AsruBenchError(
            f"judge {', '.join(broken)} failed on every answer, so that nothing is known of it; the reasons stand "
            "above. What was graded is kept: type the same again when its server answers."
        )
