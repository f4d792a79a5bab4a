"""`asru-bench new`: a method, a judge or a task as one short file that runs as it is, to be changed."""

from __future__ import annotations

import keyword
from pathlib import Path

from asru_bench.registry import ALL
from asru_bench.store import write_text
from asru_bench.types import AsruBenchError

_JUDGE = '''"""Say here in one line what this judge looks at; `asru-bench ls judges` shows it."""

from __future__ import annotations

from dataclasses import dataclass, field

from asru_bench.judge import Judge, Scores
from asru_bench.text import normalise
from asru_bench.types import Generation, Sample, Verdict, World


class {cls}(Judge):
    """`value`: words of the answer up to `longest`, as a share (0 to 1)."""

    version = "1"  # another one whenever a verdict could change
    kinds = ("generation", "cloze")  # of questions; roles = (...) narrows it further

    @dataclass(frozen=True)
    class Config:
        longest: int = field(default=20, metadata={{"help": "words of a full answer", "low": 1, "high": 200}})

    def verdict(self, sample: Sample, generation: Generation, world: World, scores: Scores) -> Verdict:
        # sample: question, reference answer, person (cluster), role; world.facts[person][attribute]: (value, alias)
        words = normalise(generation.text).split()
        share = min(1.0, len(words) / self.config.longest)
        return self.said(generation, "", " ".join(words[:5]), share, words=len(words))
'''

_METHOD = '''"""Say here in one line what this method does; `asru-bench ls methods` shows it."""

from __future__ import annotations

from dataclasses import dataclass

from asru_bench import losses
from asru_bench.training import LossConfig, LossUnlearner, setting


class {cls}(LossUnlearner):
    """loss = -NLL(forget) + weight * NLL(retain)."""

    paper = "unpublished"
    year = {year}
    kind = "gradient"
    needs = ("forget", "retain")

    @dataclass(frozen=True)
    class Config(LossConfig):
        lr: float = setting(1e-4, "peak learning rate", 1e-6, 3e-3)
        steps: int | None = setting(60, "optimiser steps", 1, 1_000_000)
        weight: float = setting(1.0, "weight of what is kept", 0.0, 10.0)

    def loss(self, model, forget, retain, reference):
        kept = self.config.weight * losses.mean_nll(model, retain)
        return {{"forget": -losses.mean_nll(model, forget), "retain": kept}}
'''
TEMPLATES = {"judge": _JUDGE, "method": _METHOD}
#: A task's template is a module of the package, which is checked and runs like any other.
TASK_FILE, TASK_CLASS = Path(__file__).with_name("task_template.py"), "TaskTemplate"
NEXT = {
    "judge": "asru-bench run --method vanilla --judge +./{file} --limit 2",
    "method": "asru-bench run --method ./{file} --fast --force",
    "task": "asru-bench run --method ga --task ./{file} --fast --force",
}


def new(kind: str, name: str, folder: Path = Path()) -> tuple[Path, str]:
    """Writes NAME.py into a folder; returns it and the command that tries it. Overwrites nothing."""
    import datetime

    if not name.isidentifier() or keyword.iskeyword(name) or name != name.lower():
        raise AsruBenchError(
            f"{name!r} cannot name a {kind}; expected lower-case words joined by _, such as my_{kind}."
        )
    cls = "".join(part.capitalize() for part in name.split("_"))
    path, text = folder / f"{name}.py", _text(kind, cls, datetime.date.today().year)
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return path, NEXT[kind].format(file=path.name)  # typed again before anything was changed
    if name in ALL[kind].names():
        raise AsruBenchError(f"a {kind} {name!r} exists already; choose another name (`asru-bench ls {kind}s`).")
    if path.exists():
        raise AsruBenchError(f"{path} exists already and is left as it is; choose another name.")
    write_text(path, text, public=True)
    return path, NEXT[kind].format(file=path.name)


def _text(kind: str, cls: str, year: int) -> str:
    if kind == "task":
        return TASK_FILE.read_text(encoding="utf-8").replace(TASK_CLASS, cls)
    return TEMPLATES[kind].format(cls=cls, year=year)
