"""How long the main job takes on this machine, and how much memory: from an empty cache, with another seed, help.

Every step is the command that a user types, in a process of its own, with a home and a folder that start empty.
Memory is the proportional set size (PSS) of the run and its children together, looked at every half second.

    python benchmarks/run.py
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

RUN = ["run", "--method", "asru", "--task", "mllmu_bench"]
REPEATS = 5


@dataclass(frozen=True)
class Measured:
    """One command: wall-clock seconds and peak memory in MiB."""

    seconds: float
    memory: float


def measure(words: list[str], environment: dict[str, str], every: float = 0.5) -> Measured:
    """Runs `asru-bench WORDS`; raises where it fails."""
    started, peak = time.monotonic(), 0.0
    command = [sys.executable, "-m", "asru_bench", *words]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            env=environment,
            stdout=said,
            stderr=said,
            cwd=environment["ASRU_BENCH_HOME"],
            start_new_session=True,
        )
        while process.poll() is None:
            peak = max(peak, memory(process.pid))
            try:
                process.wait(every)
            except subprocess.TimeoutExpired:
                continue
        seconds = time.monotonic() - started
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{' '.join(words)} failed:\n{said.read().decode()[-2000:]}")
    return Measured(seconds, peak)


def memory(session: int) -> float:
    """MiB that the processes of a session hold, shared pages counted once."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rpartition(")")[2].split()[3]) == session:
                lines = (folder / "smaps_rollup").read_text().splitlines()
                total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except (OSError, StopIteration, ValueError):
            continue
    return total / 1024


def fastest(words: list[str], environment: dict[str, str]) -> float:
    """The least of several runs: what the command needs when nothing else happens."""
    return min(measure(words, environment, every=0.005).seconds for _ in range(REPEATS))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2, help="how many seeds to run, one after the other")
    arguments = parser.parse_args()
    print(f"python {' '.join(sys.argv)}")
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"ASRU_BENCH_HOME": folder, "OMP_NUM_THREADS": "1"}
        for words in (["--help"], ["ls", "methods"]):
            print(f"{' '.join(words):<48} {fastest(words, environment):6.2f} s")
        for seed in range(arguments.seeds):
            words = [*RUN, "--seeds", str(seed), "--out", str(Path(folder) / "runs")]
            found = measure(words, environment)
            note = "  (empty cache)" if seed == 0 else ""
            print(f"{' '.join(words[:7]):<48} {found.seconds:6.1f} s {found.memory:7.0f} MiB{note}", flush=True)


if __name__ == "__main__":
    main()
