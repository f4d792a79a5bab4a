"""Sampled answers: the model's own distribution, the same whatever else is asked beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from scipy.stats import chisquare

from asru_bench import draws, models
from asru_bench.engines import HFEngine
from asru_bench.models import VLM
from asru_bench.types import Generation, ImageRef, Prompt, Request


@pytest.fixture(scope="module")
def vlm(tiny_dir: Path) -> VLM:
    return models.load(str(tiny_dir), device="cpu")


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> list[Request]:
    """Three questions, greedy and sampled four times each, of several lengths."""
    file = tmp_path_factory.mktemp("images") / "red.png"
    Image.new("RGB", (64, 64), "red").save(file)
    prompts = [Prompt("Where was this person born?", ImageRef(str(file))), Prompt("Who?", ImageRef(str(file)))]
    prompts.append(Prompt("Where was Ada Berg born?"))
    return [
        Request(f"s{i}.{draw}", prompt, 5 + 2 * i, draw=draw) for i, prompt in enumerate(prompts) for draw in range(5)
    ]


def texts(vlm: VLM, asked: list[Request], **settings: Any) -> dict[str, tuple[str, str]]:
    found: dict[str, Generation] = {g.sample_id: g for g in HFEngine(vlm, "w", **settings).generate(asked)}
    assert all(g.finish in ("stop", "length") for g in found.values())
    return {name: (g.key, g.text) for name, g in found.items()}


def test_a_draw_depends_on_its_request_alone(vlm: VLM, asked: list[Request]) -> None:
    found = texts(vlm, asked, batch_size=4)
    assert found == texts(vlm, asked, batch_size=64)
    assert found == texts(vlm, asked[::-1], batch_size=1)
    assert found == texts(vlm, asked, batch_size=4, workers=2)
    assert found == texts(vlm, asked, batch_size=4, share=False)
    assert texts(vlm, asked[3:4]) == {"s0.3": found["s0.3"]}


def test_draws_differ_and_greedy_answers_are_what_they_were(vlm: VLM, asked: list[Request]) -> None:
    found = texts(vlm, asked)
    assert len({key for key, _ in found.values()}) == len(asked)
    for i in range(3):
        assert len({found[f"s{i}.{draw}"][1] for draw in range(1, 5)}) > 2
    greedy = [request for request in asked if not request.draw]
    assert texts(vlm, greedy) == {r.sample_id: found[r.sample_id] for r in greedy}


def test_a_sampled_answer_stays_within_the_checked_path(vlm: VLM, asked: list[Request]) -> None:
    """The pass that a model's shared state is held against adds the same noise."""
    engine = HFEngine(vlm, "w", batch_size=4)
    list(engine.generate([request for request in asked if request.draw]))
    assert engine.share
    assert engine._checked


def test_tokens_follow_the_models_distribution() -> None:
    """20,000 draws against softmax, by a chi-square test of scipy."""
    logits = torch.tensor([0.0, 1.0, -1.0, 2.0, -3.0])
    rows = logits.expand(1000, 5)
    counts = torch.zeros(5, dtype=torch.long)
    for step in range(20):
        counts += draws.noisy(rows, range(1000), [step] * 1000).argmax(-1).bincount(minlength=5)
    assert chisquare(counts.numpy(), (logits.double().softmax(-1) * 20_000).numpy()).pvalue > 0.01


def test_rows_without_a_seed_keep_their_logits() -> None:
    logits = torch.randn(2, 7)
    assert draws.noisy(logits, [None, None], [0, 0]) is logits
    assert torch.equal(draws.noisy(logits, [None, 3], [0, 0])[0], logits[0])
    assert not torch.equal(draws.noise(3, 0, 7), draws.noise(3, 1, 7))
    assert torch.isfinite(draws.noise(3, 0, 100_000)).all()
