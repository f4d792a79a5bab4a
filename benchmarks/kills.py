"""Kills runs at random moments, and starts several at once: do their records equal those of a run left alone?

    python benchmarks/kills.py --work /tmp/kills --kills 30 -- --fast
    python benchmarks/kills.py --work /tmp/kills --kills 0 --together 2,4 -- --fast

Each method first runs once to its end, in a home of its own. Then runs of the same words in fresh homes are ended with
SIGKILL (the whole process group, or only one child of the run) after a random part of that time and started again,
until one comes to its end; its records, answers and verdicts are compared, costs and provenance aside. `--together`
starts so many runs at once in one home, methods in turn, one of four into another folder of results. The words after
`--` go to `asru-bench run`. Not part of the test suite: a round takes an hour. `tests/test_parallel.py` is a fast one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from asru_bench import locks

#: Of a record, what may differ between equal runs.
OTHERWISE = ("costs", "provenance")
#: Of three kills one is of a child alone.
CHILD_EACH = 3


class Bench:
    """One place to work in, the words of every run, and what was seen."""

    def __init__(self, work: Path, words: Sequence[str], seed: int = 0) -> None:
        self.work, self.words, self.chance = work, list(words), random.Random(seed)
        self.where: Counter[str] = Counter()

    def start(self, method: str, place: Path, out: str = "runs") -> subprocess.Popen[bytes]:
        """A run in the home of `place`, in a process group of its own."""
        place.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {"ASRU_BENCH_HOME": str(place / "home"), "OMP_NUM_THREADS": "1"}
        name, *settings = method.split(";")
        words = [sys.executable, "-m", "asru_bench", "run", "--method", name, "--out", str(place / out), *self.words]
        words += [word for setting in settings for word in ("-m", setting)]
        with (place / f"{out}-{short(method)}.log").open("ab") as log:
            return subprocess.Popen(
                words, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def alone(self, method: str) -> tuple[dict[str, Any], float]:
        """The results of a run left alone, and its seconds; made once for a `work`."""
        place = self.work / "alone" / short(method)
        note = place / "seconds.json"
        if not note.is_file():
            started = time.monotonic()
            if code := self.start(method, place).wait():
                raise SystemExit(f"the run left alone ended with {code}; see {place}")
            note.write_text(json.dumps(time.monotonic() - started))
        return results(place / "runs"), json.loads(note.read_text())

    def killed(self, method: str, number: int, kills: int) -> tuple[int, bool]:
        """(kills survived, whether the results are equal) of one run that is killed at most so often."""
        expected, seconds = self.alone(method)
        place = self.work / "killed" / f"{short(method)}-{number}"
        done = 0
        while True:
            process = self.start(method, place)
            try:
                process.wait(self.chance.uniform(0.05, 0.7) * seconds if done < kills else None)
            except subprocess.TimeoutExpired:
                done += 1
                self._kill(process, alone=done % CHILD_EACH == 0)
                continue
            if process.returncode == 0:
                return done, same(expected, results(place / "runs"))
            raise SystemExit(f"a run that nobody killed ended with {process.returncode}; see {place}")

    def together(self, methods: Sequence[str], count: int) -> bool:
        """Whether so many runs at once in one home give the results that each gives alone."""
        place = self.work / f"together-{count}"
        started = [(methods[i % len(methods)], "other" if i % 4 == 2 else "runs") for i in range(count)]
        runs = [self.start(method, place, out) for method, out in started]
        codes = [run.wait() for run in runs]
        sound = [same(self.alone(method)[0], results(place / out)) for method, out in started]
        print(f"{count} at once: exit codes {codes}, equal {sound}", flush=True)
        return not any(codes) and all(sound)

    def _kill(self, process: subprocess.Popen[bytes], alone: bool) -> None:
        """Ends the group, or one child, after whose end the run itself may end with an error."""
        family = psutil.Process(process.pid)
        children = family.children(recursive=True)
        stage = stage_of({process.pid, *(child.pid for child in children)}, self.work)
        if alone and children:
            victim = self.chance.choice(children)
            self.where[f"{stage}, a child"] += 1
            victim.kill()
            process.wait()
            return
        self.where[f"{stage}, all"] += 1
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def short(method: str) -> str:
    """The name of a method without its file and settings."""
    return method.partition(";")[0].rpartition("/")[2].replace(":", "-")


def stage_of(pids: set[int], work: Path) -> str:
    """What the processes of a run are doing, by the locks that they hold."""
    found = set()
    for file in work.rglob(f"{locks.FILE}.json"):
        own = locks.holder(file.with_suffix(""))
        if own.pid in pids and locks.busy([file.with_suffix("")]):
            found.add(own.what.split()[0])
    return "+".join(sorted(found)) or "between"


def results(out: Path) -> dict[str, Any]:
    """By row: the record without costs and provenance, and the bytes of answers and verdicts."""
    found = {}
    for file in sorted(out.rglob("record.json")):
        record = json.loads(file.read_text(encoding="utf-8"))
        tables = [(file.parent / name).read_bytes() for name in ("generations.parquet", "verdicts.parquet")]
        found[str(file.parent.relative_to(out))] = ({k: v for k, v in record.items() if k not in OTHERWISE}, tables)
    return found


def same(expected: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether every result that is expected is there and equal; says which are not."""
    wrong = [name for name in expected if expected[name] != found.get(name)]
    for name in wrong:
        print(f"  differs: {name}", flush=True)
    return bool(expected) and not wrong


def main() -> None:
    """Reads the words, kills, compares, and ends with code 1 where anything differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="an empty folder")
    parser.add_argument(
        "--methods", default="asru,npo", help="NAME or FILE.py:CLASS, with settings: npo;steps=5;lr=1e-3"
    )
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--each", type=int, default=6, help="most kills of one run")
    parser.add_argument("--together", default="", help="numbers of runs at once: 2,4")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("words", nargs="*", help="after --: what run is given")
    typed = parser.parse_args()
    bench, methods = Bench(typed.work.resolve(), typed.words, typed.seed), typed.methods.split(",")
    sound, survived, number = True, 0, 0
    while survived < typed.kills:
        method = methods[number % len(methods)]
        done, equal = bench.killed(method, number, min(typed.each, typed.kills - survived))
        survived, number, sound = survived + done, number + 1, sound and equal
        print(f"{short(method)}: {done} kills, {'equal' if equal else 'DIFFERENT'}; {survived} in all", flush=True)
    for count in filter(None, typed.together.split(",")):
        sound = bench.together(methods, int(count)) and sound
    print(f"{'all equal' if sound else 'NOT equal'}; kills by stage: {dict(sorted(bench.where.items()))}")
    raise SystemExit(not sound)


if __name__ == "__main__":
    main()
