"""Shared fixtures. The expensive ones are made once per session."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.pop("COLUMNS", None)  # that of the runner's terminal; what is printed in tests goes to none

from pathlib import Path

import pytest
from vocabulary import WORDS


@pytest.fixture(scope="session")
def tiny_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny random Qwen3-VL (2 layers) and its processor; knows nothing."""
    from asru_bench.mini import model as mini_model

    tokenizer = mini_model.build_tokenizer(WORDS.splitlines() * 3, vocab_size=400)
    folder = tmp_path_factory.mktemp("tiny") / "model"
    net = mini_model.build_model(tokenizer, seed=0, layers=2, hidden=64)
    mini_model.save_pretrained(folder, net, mini_model.build_processor(tokenizer))
    return folder


def _here(place: Path) -> list[str]:
    from asru_bench import lent, reporting, unlearning

    unlearning.carry_out(place, reporting.of_training(lent.settings(place)))
    return []


@pytest.fixture(autouse=True)
def trained_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Methods train in the process of the test, which is faster; commands that tests start as processes do not."""
    from asru_bench import unlearning

    monkeypatch.setattr(unlearning, "in_own_process", _here)


@pytest.fixture(scope="session")
def tiny_runs(tiny_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `home`, `data` and the `runs` of the method `probe` on the tiny task; copied by `tiny_world`."""
    from inline import Inline
    from tiny_world import PLUGINS, place, spec

    from asru_bench import trainer, unlearning
    from asru_bench.run import run

    folder = tmp_path_factory.mktemp("tiny-runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASRU_BENCH_HOME", str(folder / "home"))
        patch.setattr(trainer, "start", Inline)
        patch.setattr(unlearning, "in_own_process", _here)
        run(spec(tiny_dir, method=str(PLUGINS / "probe.py")), place(folder))
    return folder
