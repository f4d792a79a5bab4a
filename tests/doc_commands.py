"""The commands that README and docs show, and a small world in which they can be typed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from asru_bench import config, plan, requests
from asru_bench.cli_options import RunOptions
from asru_bench.registry import JUDGES, METHODS, TASKS

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")))
#: What the words in capitals of a page stand for, and its loops.
STANDS_FOR = {"$MODEL": "MODEL", "$setting": "selective", "RUN": "runs"}
#: Commands of other programs; what is behind them is not ours.
OTHERS = set("git pip python python3 bash hf export cat for done vllm-env/bin/pip MODEL curl uv pip3 vllm".split())


def lines(page: str) -> Iterator[str]:
    """Every command of a page's fenced shell blocks, continued lines joined, here-documents left out."""
    for block in re.findall(r"```(?:bash|sh|console)\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.S):
        block = re.sub(r"<<'?(\w+)'?\n.*?\n\1\n", "\n", block, flags=re.S)
        for line in re.sub(r"\\\n\s*", " ", block).splitlines():
            line = line.strip().removeprefix("$ ")
            if line and not line.startswith("#"):
                yield line


def words(line: str) -> list[str]:
    """The words of our command, [] for another program's; patterns are matched as a shell does."""
    line = (line.partition("-m asru_bench ")[2] and "asru-bench " + line.partition("-m asru_bench ")[2]) or line
    assert not re.search(r"(?<!['\"\w])<[\w-]+>", line), f"a shell reads <…> of {line!r} as a redirection"
    for name, value in STANDS_FOR.items():
        line = re.sub(rf"(?<![\w/]){re.escape(name)}(?!\w)", value, line)
    found = shlex.split(line, comments=True)
    while found and re.fullmatch(r"\w+=.*", found[0]) and len(found) > 1:
        found = found[1:]
    if found[0] != "asru-bench":
        assert {found[0], re.split(r"[=\s]", line)[0]} & OTHERS, f"{line!r} is no command that is known here"
        return []
    return [match for word in found[1:] for match in _globbed(word)]


def _globbed(word: str) -> list[str]:
    matches = sorted(str(p) for p in Path().glob(word)) if re.search(r"[*?]", word) and "/" in word else []
    return matches or [word]


class Trained:
    """Stands in for `run`: what is typed is checked as a run checks it, and each record to be is a folder of a run of
    the tiny world, copied to where the run would put it."""

    def __init__(self, template: Path) -> None:
        self.template, self._count = template, count()
        self._parse = RunOptions.parse

    def parse(self, options: RunOptions) -> Any:
        specs, place, texts = self._parse(options)
        seeds = {spec.seed: spec for spec in reversed(specs)}
        for spec in specs:
            name, _, variant = spec.method.partition("@")
            method, task = METHODS.get(name), TASKS.get(spec.task)
            chosen = [f"variant={variant}"] if variant else []
            config.build(method.Config, texts=[*chosen, *texts.method], owner=f"method {name!r}")
            _, typed, _ = requests.split_settings({}, texts.task)
            config.build(task.Config, texts=typed, owner=f"task {spec.task!r}")
            for judge in spec.judges:
                JUDGES.find(judge.removeprefix("+"))
            model = plan.model_name(spec.model).replace("/", "--")
            beside = ("vanilla", "base") if seeds[spec.seed] is spec else ()
            for row in (*beside, spec.method):
                row = METHODS.find(row.partition("@")[0]).name + row.partition("@")[1] + row.partition("@")[2]
                place_of = Path(place.out) / task.name / model / row / f"{next(self._count):012x}-s{spec.seed}"
                known = self.template / (row if row in ("vanilla", "base") else "ga")
                shutil.copytree(next(known.iterdir()), place_of, copy_function=os.link)
        return specs, place, texts
