"""How far the rules of `rubric` agree with labels: weighted kappa by aspect, on both halves of a labelled table.

The table, tests/data/aspects.jsonl, was labelled before any rule was written; the rules were then tuned on its half
"tuning" alone. Prints the table of docs/judges.md, and with --errors the answers of one half that are graded otherwise.

    python benchmarks/rubric_agreement.py
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from asru_bench.judges.rubric import Rubric

from asru_bench.agreement import agreement
from asru_bench.aspects import FACTUALITY, OURS
from asru_bench.types import Generation, Prompt, Sample, World

TABLE = Path(__file__).parents[1] / "tests" / "data" / "aspects.jsonl"
HALVES = ("tuning", "kept out")


def read(table: Path = TABLE) -> tuple[dict[str, World], list[dict[str, Any]]]:
    """The worlds by name and the labelled answers."""
    lines = [json.loads(line) for line in table.read_text(encoding="utf-8").splitlines()]
    people = [line for line in lines if "id" not in line]
    worlds = {
        name: World(
            {p["person"]: {a: tuple(v) for a, v in p["facts"].items()} for p in people if p["world"] == name},
            {p["person"]: p["visible"] for p in people if p["world"] == name},
        )
        for name in {p["world"] for p in people}
    }
    return worlds, [line for line in lines if "id" in line]


def graded(worlds: dict[str, World], rows: Iterable[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, float]]]:
    """Each row with the grades that the rules give."""
    found = []
    rows = list(rows)
    for name, world in worlds.items():
        own = [row for row in rows if row["world"] == name]
        samples = [as_sample(row) for row in own]
        answers = [Generation(row["id"], row["id"], row["text"], row["finish"]) for row in own]
        verdicts = Rubric().grade(samples, answers, world, {})
        found += [(row, dict(verdict.measures)) for row, verdict in zip(own, verdicts, strict=True)]
    return found


def as_sample(row: dict[str, Any]) -> Sample:
    return Sample(
        row["id"], row["role"], "", row["person"], row["modality"], "generation", row["question"], row["reference"],
        Prompt(row["question"]), attribute=row["attribute"], value=row["value"],
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--errors", choices=HALVES, help="list what is graded otherwise in one half")
    arguments = parser.parse_args()
    worlds, rows = read()
    found = graded(worlds, rows)
    print("| aspect | half | answers | people | equal | kappa [95 %] |\n| --- | --- | ---: | ---: | ---: | --- |")
    for aspect in (*OURS, FACTUALITY):
        for half in HALVES:
            groups: dict[str, list[tuple[float, float]]] = {}
            for row, grades in found:
                if row["half"] == half and aspect.name in row["labels"]:
                    pair = (row["labels"][aspect.name], grades[aspect.name])
                    # every written answer is a case of its own; those found hang together by person
                    cluster = row["id"] if row["kind"] == "stress" else row["person"]
                    groups.setdefault(cluster, []).append(pair)
            a = agreement(groups)
            limits = f"{a.kappa:.2f} [{a.low:.2f}, {a.high:.2f}]"
            print(f"| {aspect.name} | {half} | {a.n} | {a.people} | {a.equal:.0%} | {limits} |")
    for row, grades in found if arguments.errors else ():
        wrong = {k: f"{v} not {grades[k]:g}" for k, v in row["labels"].items() if grades[k] != v}
        if row["half"] == arguments.errors and wrong:
            print(row["id"], row["kind"], row["modality"], row["attribute"], wrong, row["value"], "|", row["text"])


if __name__ == "__main__":
    main()
