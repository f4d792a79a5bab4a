"""`asru-bench new`: what it writes runs as it is; it overwrites nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_world import judge_one, sample

from asru_bench import config
from asru_bench.registry import JUDGES, METHODS
from asru_bench.scaffold import new
from asru_bench.types import AsruBenchError


def test_a_new_judge_judges(tmp_path: Path) -> None:
    path, command = new("judge", "scaffold_judge", tmp_path)
    assert command == "asru-bench run --method vanilla --judge +./scaffold_judge.py --limit 2"
    cls = JUDGES.get(str(path))
    judge = cls(config.build(cls.Config, {"longest": 4}))
    verdict = judge_one(judge, sample(), "She was born.")
    assert (verdict.judge, verdict.status, verdict.value, verdict.measures) == (
        "scaffold_judge", "scored", 0.75, {"words": 3},
    )  # fmt: skip
    assert JUDGES.find("scaffold_judge").metadata["summary"].startswith("Say here")


def test_a_new_method_loads(tmp_path: Path) -> None:
    path, _ = new("method", "scaffold_method", tmp_path)
    cls = METHODS.get(str(path))
    assert cls.needs == ("forget", "retain")
    assert config.build(cls.Config, {}, texts=["weight=2"]).weight == 2


@pytest.mark.parametrize(
    ("name", "words"), [("My-Judge", "cannot name"), ("class", "cannot name"), ("rouge", "exists")]
)
def test_names(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(AsruBenchError, match=words):
        new("judge", name, tmp_path)


def test_files_stay(tmp_path: Path) -> None:
    (tmp_path / "mine_alone.py").write_text("x")
    with pytest.raises(AsruBenchError, match="left as it is"):
        new("judge", "mine_alone", tmp_path)
    assert (tmp_path / "mine_alone.py").read_text() == "x"
