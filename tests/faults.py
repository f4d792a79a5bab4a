"""Bad input and what is said of it, one line each, in a small world; `python tests/faults.py` writes docs/faults.md.

A fault is typed in a folder that holds `model` (a vision-language model), `data` (pictures of the tiny task),
`task.py` (that task) and the files of `FILES`. To add one, add a line to `faults.tsv`: the area, what is typed after
`asru-bench`, what is wrong with it, the exit code, and the message to the letter. `WORLD` is that folder, `LOG` a file
in the temporary folder, `N` a number of plug-ins; `{run}` is `RUN`, `{long}` a name of 300 characters.
"""

from __future__ import annotations

import csv
import re
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
TABLE = HERE / "faults.tsv"
PAGE = HERE.parent / "docs" / "faults.md"
METHOD = '"""A method."""\nfrom asru_bench.unlearner import Unlearner\n'
TASK = '"""A task."""\nfrom asru_bench.task import Task\n'
#: Files of the world beside the model and the data.
FILES: dict[str, str | bytes] = {
    "raises.py": '"""Raises."""\nraise ValueError("no such table\\nsecond line")\n',
    "syntax.py": '"""A typing error."""\ndef unlearn(:\n',
    "imports.py": '"""Needs a package."""\nimport no_such_package\n',
    "leaves.py": '"""Leaves."""\nimport sys\nsys.exit(0)\n',
    "empty.py": "",
    "latin.py": '"""S\xe9."""\n'.encode("latin-1"),
    "zero.py": b'"""a\x00b"""\n',
    "two.py": f"{METHOD}class A(Unlearner):\n    pass\nclass B(Unlearner):\n    pass\n",
    "settings.py": f"{METHOD}class A(Unlearner):\n    Config = 3\n",
    "early.py": f"{TASK}class A(Task):\n    def __init__(self, *a, **k):\n        raise ValueError('no table')\n",
    "bare.py": f"{TASK}class A(Task):\n    pass\n",
    "divides.py": f"{TASK}class A(Task):\n    def data_hash(self):\n        return str(1 / 0)\n",
    "own/people.csv": "question,answer,person\nWho?,Ada,Ada\n",
    "latin/people.csv": "question,answer,person\nWho?,Zo\xeb,Zo\xeb\n".encode("latin-1"),
    "columns/people.csv": "frage,antwort\nWer?,Ada\n",
    "letters/people.csv": "question,answer,person,kind,options\nWhich?,Z,Ada,classification,Riga | Oslo\n",
    "roles/people.csv": "question,answer,person,role\nWho?,Ada,Ada,everyone\n",
    "none/people.csv": "question,answer,person\n",
    "forget.txt": "Nobody Known\n",
    "nothing/readme.txt": "no model",
    "text/config.json": '{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}',
    "text/model.safetensors": b"\x02\x00\x00\x00\x00\x00\x00\x00{}",
    "broken/record.json": "{half",
}
RUN = "run --task task.py --model model --data data --judge value --method"
LONG = "n" * 300


@dataclass(frozen=True)
class Fault:
    """What is typed after `asru-bench`, what is wrong, what is said, and the exit code."""

    area: str
    typed: str
    wrong: str
    code: int
    message: str


def make_world(folder: Path, model: Path) -> None:
    """Fills a folder with everything that the faults name."""
    from tiny_world import TASK, keyed, write_data

    keyed(folder / "home")
    shutil.copytree(model, folder / "model")
    write_data(folder / "data")
    shutil.copy(TASK, folder / "task.py")
    for name, content in FILES.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)


def said(fault: Fault, world: Path) -> tuple[int, str]:
    """Exit code and message of a fault, typed in the world, whose place is called WORLD; raises what is no message."""
    from typer.testing import CliRunner

    from asru_bench import cli, registry

    for known in registry.ALL.values():  # as in a new process
        known._by_path.clear()
    done = CliRunner().invoke(cli.app, shlex.split(fault.typed))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    lines = errors or done.stderr.splitlines()[-1:] or done.stdout.splitlines()[:1]
    shown = lines[-1].removeprefix("error: ").replace(str(world), "WORLD") if lines else ""
    for pattern, name in ((r"\S*asru-bench-\w+\.log", "LOG"), (r"lists all \d+", "lists all N")):
        shown = re.sub(pattern, name, shown)
    return done.exit_code, shown


def read() -> tuple[Fault, ...]:
    """The table."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        filled = [[cell.replace("{run}", RUN).replace("{long}", LONG) for cell in row] for row in rows]
    return tuple(Fault(area, typed, wrong, int(code), message) for area, typed, wrong, code, message in filled)


FAULTS = read()


def page() -> str:
    """docs/faults.md."""
    lines = [
        "# What is said of bad input",
        "",
        "Every error is one line, says what was expected or what to type next, and ends with the exit code given here",
        "(2: the command line itself cannot be read; 130: stopped by Ctrl-C). What was finished before is kept.",
        "`--debug` prints where an error came from; what nobody foresaw is written to a log that the message names.",
        "",
        f"Made from `tests/faults.tsv` by `python tests/faults.py`; {len(FAULTS)} kinds. `WORLD` is the folder in",
        "which it was typed, `LOG` a file in the temporary folder, `N` a number; `…` stands for",
        f"`{RUN.removeprefix('run ').removesuffix(' --method')}`.",
    ]
    for area in dict.fromkeys(fault.area for fault in FAULTS):
        lines += [
            "",
            f"## {area}",
            "",
            "| typed after `asru-bench` | what is wrong | message | code |",
            "|---|---|---|---|",
        ]
        for fault in (fault for fault in FAULTS if fault.area == area):
            cells = (f"`{_short(fault.typed)}`", fault.wrong, _short(fault.message), str(fault.code))
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _short(text: str) -> str:
    """A text whose very long names are cut, without what most lines begin with."""
    return re.sub(r"n{40,}", "nnn…", text.replace(RUN, "run … --method"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE} written: {len(FAULTS)} kinds", file=sys.stderr)
