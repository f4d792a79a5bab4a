"""Loading a folder of PPU-Bench's size: 500 people, 12,167 facts x 2 modalities x 3 kinds, small pictures.

Writes the folder first (not measured), then makes all samples and training pairs; no picture is opened.

    python benchmarks/load_ppu.py
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))


def write(folder: Path, people: int) -> None:
    import ppu_folders

    complete = {f"forget{share}": max(1, people * share // 100) for share in (5, 10, 15, 30)}
    ppu_folders.write_ppu(folder, ppu_folders.published_counts()[:people], complete)


def load(folder: Path, setting: str) -> None:
    start, cpu = time.perf_counter(), time.process_time()
    from asru_bench.tasks.ppu_bench import Config, PPUBench

    task = PPUBench(Config(setting=setting), data=str(folder))
    samples, pairs = task.samples(), task.training_data()
    seconds, used = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print("command: python benchmarks/load_ppu.py --setting", setting)
    print(f"machine: {platform.machine()}, {os.cpu_count()} cores")
    print(f"{len(samples)} questions, {len(pairs.forget)} + {len(pairs.retain)} pairs")
    print(f"{seconds:.1f} s ({used:.1f} s of one core), {peak:.2f} GiB at most")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--setting", default="personalized")
    parser.add_argument("--people", type=int, default=500, help="how many of the 500 people")
    parser.add_argument("--folder", help="a folder that was written before; else one is written and removed")
    arguments = parser.parse_args()
    if arguments.folder:
        if not Path(arguments.folder).is_dir():
            write(Path(arguments.folder), arguments.people)
        load(Path(arguments.folder), arguments.setting)
        return
    with tempfile.TemporaryDirectory() as folder:
        # in a process of its own, so that what writing needs is not measured
        own = ["--people", str(arguments.people), "--folder", str(Path(folder) / "data")]
        subprocess.run([sys.executable, __file__, *own], check=True, stdout=subprocess.DEVNULL)
        load(Path(folder) / "data", arguments.setting)


if __name__ == "__main__":
    main()
