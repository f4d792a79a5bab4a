"""Shared by the tests of MLLMU-Bench: its task on small folders."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import folders
from asru_bench.tasks.mllmu_bench import Config, MLLMUBench

from asru_bench.data import open_image
from asru_bench.types import ImageRef, Sample

PEOPLE = 20
EVERYBODY = {f"{n:03d}" for n in range(1, PEOPLE + 1)}
FORGET = set(folders.split_ids(PEOPLE, 15))
KINDS = Counter({"classification": 10, "generation": 4, "cloze": 4})


def task(data: str | Path, seed: int = 0, limit: int | None = None, **config: Any) -> MLLMUBench:
    return MLLMUBench(Config(**({"split": "forget_15"} | config)), data=str(data), seed=seed, limit=limit)


def people(samples: list[Sample], role: str) -> set[str]:
    return {s.cluster for s in samples if s.role == role}


def by_id(samples: list[Sample]) -> dict[str, Sample]:
    found = {s.id: s for s in samples}
    assert len(found) == len(samples)
    return found


def pixel(ref: ImageRef | None) -> Any:
    assert ref is not None
    return open_image(ref).getpixel((3, 3))
