"""The context of a method: frozen models, the log, the base class."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from asru_bench import models, unlearner
from asru_bench.types import AsruBenchError, TrainingData


@pytest.fixture
def ctx(tiny_dir: Path, tmp_path: Path) -> unlearner.Context:
    vlm = models.load(str(tiny_dir), device="cpu")
    return unlearner.Context(vlm, TrainingData((), ()), workdir=tmp_path, base_path=str(tiny_dir))


def first_weight(vlm: models.VLM) -> torch.Tensor:
    return next(vlm.model.parameters()).detach().clone()


def change(vlm: models.VLM) -> None:
    with torch.no_grad():
        next(vlm.model.parameters()).add_(1)


@pytest.mark.parametrize("late", [False, True])
def test_the_reference_is_the_model_as_it_came_in(ctx: unlearner.Context, late: bool) -> None:
    before = first_weight(ctx.vlm)
    reference = None if late else ctx.reference
    change(ctx.vlm)
    assert torch.equal(first_weight(ctx.reference), before)
    assert reference in (None, ctx.reference)
    assert not any(p.requires_grad for p in ctx.reference.model.parameters())
    assert not ctx.reference.model.training


def test_a_late_reference_has_no_trained_adapter(ctx: unlearner.Context) -> None:
    models.trainable(ctx.vlm, "lora")
    assert not hasattr(ctx.reference.model, "peft_config")


def test_the_base_is_loaded_once_and_frozen(ctx: unlearner.Context) -> None:
    assert ctx.base is ctx.base
    assert not any(p.requires_grad for p in ctx.base.model.parameters())
    ctx.base_path = ""
    del ctx.base
    with pytest.raises(AsruBenchError, match="no base model"):
        _ = ctx.base


def test_the_log_is_one_json_line_each(ctx: unlearner.Context) -> None:
    ctx.log("a", 1, loss=0.5)
    ctx.log("b", 2, loss=float("inf"))
    lines = [json.loads(line) for line in (ctx.workdir / "curves.jsonl").read_text().splitlines()]
    assert [(line["stage"], line["step"], line["loss"]) for line in lines] == [("a", 1, 0.5), ("b", 2, None)]
    assert all(line["seconds"] >= 0 for line in lines)


def test_progress_is_quiet_without_a_terminal(ctx: unlearner.Context, capsys: pytest.CaptureFixture[str]) -> None:
    with ctx.progress("work", 2) as bar:
        bar.advance()
    assert capsys.readouterr() == ("", "")


def test_a_method_without_unlearn_says_so(ctx: unlearner.Context) -> None:
    class Empty(unlearner.Unlearner):
        pass

    with pytest.raises(NotImplementedError, match="Empty"):
        Empty().unlearn(ctx)
