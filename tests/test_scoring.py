"""Likelihoods of several answers to one prompt equal those of an own loop over whole sequences, one at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from asru_bench import models, scoring
from asru_bench.engines import HFEngine
from asru_bench.models import VLM
from asru_bench.types import ImageRef, Prompt, ScoreRequest

TEXTS = ("Riga", "a", "This person was born in Riga, where this person lives.", "Zürich über Ærø", "里加 🙂", "Riga")


@pytest.fixture(scope="module")
def vlm(tiny_dir: Path) -> VLM:
    return models.load(str(tiny_dir), device="cpu")


@pytest.fixture(scope="module")
def asks(tmp_path_factory: pytest.TempPathFactory) -> list[ScoreRequest]:
    folder = tmp_path_factory.mktemp("pictures")
    for name, colour in (("a", "red"), ("b", "blue")):
        Image.new("RGB", (64, 64), colour).save(folder / f"{name}.png")
    shown = [None, ImageRef(str(folder / "a.png")), ImageRef(str(folder / "b.png"))]
    questions = ("Who?", "In which city does this person live, and since when?")
    prompts = [Prompt(question, image) for question in questions for image in shown]
    return [ScoreRequest(str(i), prompt, text) for i, prompt in enumerate(prompts) for text in TEXTS]


def alone(vlm: VLM, ask: ScoreRequest) -> float:
    """Mean log-probability of the answer's tokens but for the end of turn, from transformers and nothing else."""
    chat = [{"type": "image"}] if ask.prompt.image else []
    user = {"role": "user", "content": [*chat, {"type": "text", "text": ask.prompt.question}]}
    reply = {"role": "assistant", "content": [{"type": "text", "text": ask.text}]}
    start = vlm.processor.apply_chat_template([user], add_generation_prompt=True, tokenize=False)
    whole = vlm.processor.apply_chat_template([user, reply], tokenize=False).rstrip()
    pictures = [Image.open(ask.prompt.image.path).convert("RGB")] if ask.prompt.image else None
    inputs, begun = (vlm.processor(text=[t], images=pictures, return_tensors="pt") for t in (whole, start))
    ids, first = inputs["input_ids"][0], begun["input_ids"].shape[1]
    with torch.inference_mode():
        logps = vlm.model(**inputs).logits[0].log_softmax(-1)
    own = [float(logps[i - 1, ids[i]]) for i in range(first, len(ids) - 1)]
    return sum(own) / len(own)


@pytest.mark.parametrize("batch", [1, 8, 64])
def test_shared_prompts_change_no_likelihood(vlm: VLM, asks: list[ScoreRequest], batch: int) -> None:
    engine = HFEngine(vlm, batch_size=batch)
    assert engine.score(asks) == pytest.approx([alone(vlm, ask) for ask in asks], abs=3e-5)
    assert scoring.FITS in engine._checked
    same = HFEngine(vlm, batch_size=batch, share=False)
    assert same.score(asks) == pytest.approx(engine.score(asks), abs=3e-5)
    assert not same._checked


def test_each_prompt_is_read_once(vlm: VLM, asks: list[ScoreRequest], monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Prompt] = []
    from asru_bench import decoding

    begin = decoding.from_start

    def spy(vlm: VLM, features: object, prompts: list[Prompt]) -> object:
        read.extend(prompts)
        return begin(vlm, features, prompts)  # type: ignore[arg-type]

    monkeypatch.setattr(decoding, "from_start", spy)
    HFEngine(vlm, batch_size=8).score(asks)
    assert sorted(map(repr, read)) == sorted({repr(ask.prompt) for ask in asks})


def test_a_model_that_cannot_share_is_read_plainly(
    vlm: VLM, asks: list[ScoreRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = HFEngine(vlm).score(asks)
    shared = scoring._shared

    def wrong(*given: object) -> tuple[torch.Tensor, torch.Tensor]:
        logits, labels = shared(*given)  # type: ignore[arg-type]
        return logits + torch.arange(logits.shape[-1]), labels

    monkeypatch.setattr(scoring, "_shared", wrong)
    engine = HFEngine(vlm)
    assert engine.score(asks) == pytest.approx(expected, abs=3e-5)
    assert engine._checked == {scoring.UNFIT}


def test_batches_keep_the_answers_to_one_prompt_together() -> None:
    lengths = {(Prompt(q), text): 10 + len(text) for q in "abcde" for text in ("x", "yy", "zzz")}
    found = scoring.parts(lengths, 4)
    assert sorted(repr(pair) for part in found for pair in part) == sorted(map(repr, lengths))
    assert [len(part) for part in found] == [6, 6, 3]
    assert all(len({id(part) for part in found if any(p.question == q for p, _ in part)}) == 1 for q in "abcde")
