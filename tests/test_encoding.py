"""Prompts and pairs as tensors: templates, label masks, padding, cached pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from templates import GEMMA, LLAVA

from asru_bench import encoding, models
from asru_bench.types import AsruBenchError, ImageRef, Prompt, Turn

QUESTION = "Where was this person born?"


@pytest.fixture
def vlm(tiny_dir: Path) -> models.VLM:
    return models.load(str(tiny_dir), device="cpu")


@pytest.fixture
def picture(tmp_path: Path) -> ImageRef:
    pixels = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "face.png")
    return ImageRef(str(tmp_path / "face.png"))


@pytest.fixture
def other_picture(tmp_path: Path) -> ImageRef:
    Image.new("RGB", (64, 64), (200, 10, 60)).save(tmp_path / "other.png")
    return ImageRef(str(tmp_path / "other.png"))


def supervised(vlm: models.VLM, batch: Any, i: int = 0) -> str:
    labels = batch["labels"][i]
    return vlm.tokenizer.decode(labels[labels != encoding.IGNORE])


def test_messages_hold_parts_and_turns_in_order(picture: ImageRef) -> None:
    prompt = Prompt("q", picture, system="s", turns=(Turn("q0", "a0", picture),))
    chat = models.messages(prompt, "a")
    assert [m["role"] for m in chat] == ["system", "user", "assistant", "user", "assistant"]
    assert chat[1]["content"] == [{"type": "image"}, {"type": "text", "text": "q0"}]
    assert chat[4]["content"] == [{"type": "text", "text": "a"}]
    assert [m["role"] for m in models.messages(Prompt("q"))] == ["user"]


def test_render_drops_what_follows_the_end_of_turn(vlm: models.VLM) -> None:
    assert models.render(vlm, Prompt("Hi")) == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    assert models.render(vlm, Prompt("Hi"), "Yes.").endswith("assistant\nYes.<|im_end|>")


@pytest.mark.parametrize("with_picture", [False, True])
def test_the_answer_and_its_end_of_turn_are_supervised(vlm: models.VLM, picture: ImageRef, with_picture: bool) -> None:
    batch = models.encode_pairs(vlm, [(Prompt(QUESTION, picture if with_picture else None), "Riga.")])
    assert supervised(vlm, batch) == "Riga.<|im_end|>"
    image_id = vlm.model.config.image_token_id
    assert int((batch["input_ids"] == image_id).sum()) == (16 if with_picture else 0)
    assert not (batch["labels"] == image_id).any()


def test_llava_style_template_gets_its_missing_end_of_sequence(vlm: models.VLM, picture: ImageRef) -> None:
    vlm.processor.chat_template = LLAVA
    batch = models.encode_pairs(vlm, [(Prompt(QUESTION, picture), "Riga.")])
    assert supervised(vlm, batch) == " Riga.<|im_end|>"
    assert models.render(vlm, Prompt(QUESTION, picture)).endswith("born? ASSISTANT:")


@pytest.mark.parametrize("template", [GEMMA, LLAVA])
def test_one_start_token_whether_the_template_writes_it_or_not(
    vlm: models.VLM, picture: ImageRef, template: str
) -> None:
    from tokenizers.processors import TemplateProcessing

    vlm.tokenizer.bos_token = "<|im_start|>"
    start = vlm.tokenizer.bos_token_id
    vlm.tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<|im_start|> $A", special_tokens=[("<|im_start|>", start)]
    )
    vlm.processor.chat_template = template
    batch = models.encode_pairs(vlm, [(Prompt(QUESTION, picture, system="Be brief."), "Riga.")])
    assert (batch["input_ids"][0] == start).nonzero().tolist() == [[0]]
    closing = "<end_of_turn>" if template == GEMMA else "<|im_end|>"
    assert supervised(vlm, batch).strip() == f"Riga.{closing}"


def test_a_template_that_thinks_only_when_asked_is_an_error(vlm: models.VLM) -> None:
    vlm.processor.chat_template += "{%- if add_generation_prompt %}{{- '<think>\n' }}{%- endif %}"
    with pytest.raises(AsruBenchError, match="not before given ones"):
        models.encode_pairs(vlm, [(Prompt(QUESTION), "Riga.")])


def test_a_token_across_the_boundary_is_an_error(vlm: models.VLM) -> None:
    vlm.processor.chat_template = (
        "{% for m in messages %}{% for part in m['content'] %}{{ part['text'] }}{% endfor %}{% endfor %}"
    )
    assert len(vlm.tokenizer.tokenize("bor")) == 1
    with pytest.raises(AsruBenchError, match="joins the prompt's end"):
        models.encode_pairs(vlm, [(Prompt("bo"), "r")])


def test_no_chat_template_is_an_error(vlm: models.VLM) -> None:
    vlm.processor.chat_template = None
    vlm.tokenizer.chat_template = None
    with pytest.raises(AsruBenchError, match="no chat template"):
        models.encode_prompts(vlm, [Prompt(QUESTION)])


def test_batches_equal_those_of_the_processor(vlm: models.VLM, picture: ImageRef, other_picture: ImageRef) -> None:
    prompts = [Prompt(QUESTION, other_picture), Prompt("Where?"), Prompt("In which city?", picture)]
    ours = models.encode_prompts(vlm, prompts)
    images = [[Image.open(p.image.path).convert("RGB")] if p.image else [] for p in prompts]
    texts = [models.render(vlm, p) for p in prompts]
    theirs = vlm.processor(text=texts, images=images, padding=True, padding_side="left", return_tensors="pt")
    assert set(ours) == set(theirs) >= {"mm_token_type_ids", "pixel_values", "image_grid_thw"}
    for name, value in theirs.items():
        assert torch.equal(ours[name], value), name
    assert int(ours["attention_mask"][1, 0]) == 0
    assert int(ours["attention_mask"][1, -1]) == 1


def test_pairs_are_padded_on_the_right(vlm: models.VLM, picture: ImageRef) -> None:
    batch = models.encode_pairs(vlm, [(Prompt("Where?"), "Riga."), (Prompt(QUESTION, picture), "In Oslo.")])
    pad = batch["attention_mask"][0] == 0
    assert pad.any()
    assert not pad[0]
    assert (batch["labels"][0][pad] == encoding.IGNORE).all()
    assert (batch["mm_token_type_ids"][0][pad] == 0).all()


@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_does_not_change_the_logits(vlm: models.VLM, picture: ImageRef, side: str) -> None:
    short, long = Prompt("Where?", picture), Prompt(QUESTION + " Answer in one sentence.", picture)
    rows = [encoding.encoded(vlm, p) for p in (short, long)]
    with torch.no_grad():
        alone = vlm.model(**encoding._batch(vlm, rows[:1], side)).logits[0]
        padded = vlm.model(**encoding._batch(vlm, rows, side)).logits[0]
    padded = padded[-len(alone) :] if side == "left" else padded[: len(alone)]
    torch.testing.assert_close(padded, alone, atol=1e-5, rtol=1e-5)


def test_pictures_are_opened_once(vlm: models.VLM, picture: ImageRef, monkeypatch: pytest.MonkeyPatch) -> None:
    import asru_bench.data

    opened: list[ImageRef] = []
    original = asru_bench.data.open_image
    monkeypatch.setattr(asru_bench.data, "open_image", lambda ref: opened.append(ref) or original(ref))
    first = models.encode_pairs(vlm, [(Prompt(QUESTION, picture), "Riga.")])
    count = len(opened)
    again = models.encode_pairs(vlm, [(Prompt(QUESTION, picture), "Riga.")])
    assert len(opened) == count > 0
    assert torch.equal(first["pixel_values"], again["pixel_values"])


def test_the_cache_is_bounded_and_evicted_pictures_come_back(
    vlm: models.VLM, picture: ImageRef, other_picture: ImageRef
) -> None:
    prompts = [Prompt("Where?", picture), Prompt("Where?", other_picture)]
    whole = models.encode_prompts(vlm, prompts)
    vlm.cache = encoding.EncodingCache(max_bytes=1, max_rows=1)
    small = models.encode_prompts(vlm, prompts)
    assert len(vlm.cache.pictures) == 1
    assert len(vlm.cache.rows) == 1
    assert all(torch.equal(whole[name], small[name]) for name in whole)


def test_processors_that_need_the_whole_batch_get_it(
    vlm: models.VLM, picture: ImageRef, other_picture: ImageRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = [
        (Prompt(QUESTION, other_picture), "Riga."),
        (Prompt("Where?"), "Oslo"),
        (Prompt("Q?", picture), "Yes"),
    ]
    stacked = models.encode_pairs(vlm, pairs)
    monkeypatch.setattr(encoding, "_stack", lambda *_: None)
    whole = models.encode_pairs(vlm, pairs)
    assert set(whole) == set(stacked)
    assert all(torch.equal(whole[name], stacked[name]) for name in stacked)


def test_tensors_with_tiles_are_not_stacked(vlm: models.VLM, picture: ImageRef) -> None:
    row = encoding.encoded(vlm, Prompt("Where?", picture))
    assert encoding._stack(vlm, [row], "left") is not None
    vlm.cache.pictures[row.pictures] = {"pixel_values": torch.zeros(1, 5, 3, 8, 8)}
    assert encoding._stack(vlm, [row], "left") is None


def test_an_empty_batch_is_an_error(vlm: models.VLM) -> None:
    with pytest.raises(AsruBenchError, match="empty"):
        models.encode_prompts(vlm, [])
