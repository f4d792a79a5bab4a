"""The benchmarks run: on a tiny model, with equal answers where they promise them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(*words: str) -> str:
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_gpu_benchmark_runs_on_a_tiny_model() -> None:
    said = run("benchmarks/gpu.py", "--tiny")
    for part in ("generation", "lora", "stage1", "stage2"):
        lines = re.findall(rf"^{part} +(ours|bare) +([\d.]+)s +([\d.]+) +([\d.]+) +not measured$", said, re.M)
        assert [side for side, *_ in lines] == ["ours", "bare"]
        tokens = [float(seconds) * float(speed) for _, seconds, speed, _ in lines]
        assert all(number > 0 for number in tokens)
        assert re.search(rf"^{part} +ratio +[\d.]+$", said, re.M)


def test_the_generation_benchmark_finds_equal_answers() -> None:
    said = run("benchmarks/generate.py", "--people", "2", "--together", "2")
    rows = re.findall(r"^(official|batched|ours\b.*?) +[\d.]+s +[\d.]+s +[\d.]+ +[\d.]+ +[\d.]+ +(\d+)$", said, re.M)
    assert [name.split(",")[0] for name, _ in rows] == ["official", "batched", "ours", "ours"]
    assert all(differ == "0" for _, differ in rows)


def test_loading_ppu_bench_is_measured() -> None:
    said = run("benchmarks/load_ppu.py", "--people", "6")
    assert re.search(r"^\d+ questions, \d+ \+ \d+ pairs$", said, re.M)
    assert re.search(r"^[\d.]+ s \([\d.]+ s of one core\), [\d.]+ GiB at most$", said, re.M)
