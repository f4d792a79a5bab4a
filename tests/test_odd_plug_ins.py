"""Judges, methods and models that return or hold what they should not: a status or one sentence, never a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_world import PLUGINS, folder_of
from torch import nn

from asru_bench import encoding, models, stages, store, unlearning
from asru_bench.session import Session
from asru_bench.types import AsruBenchError, Generation, Prompt

ODD = str(PLUGINS / "odd_judge.py")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize(
    ("gives", "words"),
    [
        ("nan", "judge 'odd_judge' gave the value nan; expected a finite number or None"),
        ("none", "TypeError: judge 'odd_judge' returned NoneType; expected a list of verdicts"),
        ("numbers", "TypeError: judge 'odd_judge' returned a list with float; expected verdicts"),
        ("error", "KeyError: 'no such fact'"),
    ],
)
def test_a_judge_that_gives_no_numbers_gives_failed_verdicts(
    gives: str, words: str, tiny_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = {"odd_judge": {"gives": gives}}
    folder = folder_of(tiny_dir, tmp_path, judges=("cloze", ODD), judge_config=config)
    samples = folder.samples()
    store.write_generations(folder.answers_file, [Generation(f"k{s.id}", s.id, "Riga", "stop") for s in samples])
    with store.Store() as cache:
        found = stages.judge(folder, Session(cache, show_progress=False))
    odd = [verdict for verdict in found if verdict.judge == "odd_judge"]
    assert odd
    assert {(verdict.status, verdict.evidence) for verdict in odd} == {("failed", words)}
    assert any(verdict.status == "scored" for verdict in found if verdict.judge == "cloze")
    assert ("judges broke" in capsys.readouterr().err) == (gives != "nan")


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (
            lambda vlm: models.VLM(nn.Linear(2, 2), vlm.processor, vlm.path),
            "whose model is a Linear; expected a vision",
        ),
        (lambda vlm: nn.Linear(2, 2), "returned Linear; expected the model, ctx.vlm or another VLM"),
        (lambda vlm: None, "returned NoneType; expected the model"),
        (lambda vlm: vlm, "returned the weights that it was given"),
    ],
)
def test_a_method_that_returns_no_model(
    made: Any, words: str, tiny_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from asru_bench.methods.ga import GradientAscent

    monkeypatch.setattr(GradientAscent, "unlearn", lambda self, ctx: made(ctx.vlm))
    with pytest.raises(AsruBenchError, match=words):
        unlearning.train(folder_of(tiny_dir, tmp_path), "key")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_weights_that_are_no_numbers_are_not_evaluated(value: float, tiny_dir: Path, tmp_path: Path) -> None:
    vlm = models.load(str(tiny_dir), device="cpu")
    name, weight = list(vlm.model.named_parameters())[3]
    with torch.no_grad():
        weight.view(-1)[0] = value
    vlm.model.save_pretrained(tmp_path / "odd")
    vlm.processor.save_pretrained(tmp_path / "odd")
    with pytest.raises(
        AsruBenchError, match=r"hold NaN or infinite values \(.*\): whatever it answers says nothing"
    ) as e:
        models.load(str(tmp_path / "odd"), device="cpu")
    assert name in str(e.value)


@pytest.mark.parametrize(
    "template",
    ["{{ ''.__class__.__mro__ }}", "{{ messages[99].content.x }}", "{% for m in messages %}", "{{ 1 | nothing }}"],
)
def test_a_template_that_breaks_or_reaches_outside(template: str, tiny_dir: Path) -> None:
    vlm = models.load(str(tiny_dir), device="cpu")
    vlm.processor.chat_template = template
    with pytest.raises(AsruBenchError, match=r"the chat template of .* does not work: \w+: .*Copy chat_template.jinja"):
        encoding.render(vlm, Prompt("Where?"))
