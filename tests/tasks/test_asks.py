"""Settings that tasks say they only ask by: they change questions, and nothing that unlearning reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import clear_folders
import folders
import ppu_folders
import pytest
from mllmu import PEOPLE

from asru_bench.registry import TASKS
from asru_bench.task import Task
from asru_bench.types import AsruBenchError, Decoding

WRITERS: dict[str, Callable[[Path], Any]] = {
    "mllmu_bench": lambda folder: folders.write_mllmu_bench(folder, PEOPLE),
    "clear": clear_folders.write_clear,
    "ppu_bench": ppu_folders.write_ppu,
}
OTHERS = {
    "shots": 1, "retain_people": 1, "unseen_people": 1, "real_people": 1, "test_images": "one", "new_tokens": 7,
    "kept_facts": 1, "probes": "none", "probe_kept": 0, "draws": 2,
}  # fmt: skip


@pytest.mark.parametrize("name", TASKS.names())
def test_what_unlearning_reads_does_not_depend_on_them(name: str, tmp_path: Path) -> None:
    cls = TASKS.get(name)
    assert cls.asks == tuple(TASKS.find(name).metadata.get("asks", ())), "read without importing"
    if not cls.asks:
        return
    folder = str(WRITERS[name](tmp_path))
    settings = {"unseen": 0.5} if name == "mllmu_bench" else {}
    plain = cls(cls.Config(**settings), data=folder)
    for setting in cls.asks:
        other = cls(cls.Config(**settings, **{setting: OTHERS[setting]}), data=folder)
        assert other.training_data() == plain.training_data()
        asked = [[task.request(s, Decoding()) for s in task.samples()] for task in (plain, other)]
        assert asked[0] != asked[1], setting


@pytest.mark.parametrize(
    ("asks", "said"), [(("draw",), "names 'draw', which is no setting; its Config has: none"), ("draws", "is no tuple")]
)
def test_names_that_are_no_settings_are_refused(asks: Any, said: str) -> None:
    with pytest.raises(AsruBenchError, match=f"`asks` of Wrong {said}"):
        type("Wrong", (Task,), {"asks": asks})
