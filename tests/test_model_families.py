"""The same code path with other families' real processors and models, tiny and random."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from templates import GEMMA, LLAVA
from vocabulary import WORDS

from asru_bench import losses, models, training
from asru_bench.mini import model as mini_model
from asru_bench.types import ImageRef, Prompt, TrainingPair

TEXT = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
}
VISION = {"hidden_size": 32, "intermediate_size": 64, "patch_size": 8}
SIZE = {"height": 32, "width": 32}


def tokenizer(**extra: str) -> Any:
    from transformers import PreTrainedTokenizerFast

    core = mini_model.build_tokenizer(WORDS.splitlines() * 3, 400).backend_tokenizer
    special = {k: extra.pop(k) for k in list(extra) if k != "bos_token"}
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=["<end_of_turn>"],
        extra_special_tokens=special,
        **extra,
    )


def llava() -> tuple[Any, Any]:
    from transformers import (
        CLIPImageProcessor,
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    words = tokenizer(image_token="<image>")
    vision = CLIPVisionConfig(**VISION, num_hidden_layers=5, num_attention_heads=2, image_size=32)
    text = LlamaConfig(**TEXT, vocab_size=len(words))
    config = LlavaConfig(
        vision_config=vision, text_config=text, image_token_index=words.convert_tokens_to_ids("<image>")
    )
    processor = LlavaProcessor(
        CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=SIZE),
        words,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=LLAVA.replace("<|image_pad|>", "<image>"),
    )
    return LlavaForConditionalGeneration(config), processor


def qwen() -> tuple[Any, Any]:
    from transformers import (
        Qwen2_5_VLConfig,
        Qwen2_5_VLForConditionalGeneration,
        Qwen2_5_VLProcessor,
        Qwen2VLVideoProcessor,
    )

    words = tokenizer()
    ids = words.convert_tokens_to_ids
    rope = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 3, 3]}
    config = Qwen2_5_VLConfig(
        text_config={**TEXT, "vocab_size": len(words), "rope_parameters": rope},
        vision_config={
            **VISION,
            "depth": 5,
            "num_heads": 2,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "out_hidden_size": 64,
            "fullatt_block_indexes": [1],
            "window_size": 32,
        },
        image_token_id=ids("<|image_pad|>"),
        video_token_id=ids("<|video_pad|>"),
        vision_start_token_id=ids("<|vision_start|>"),
        vision_end_token_id=ids("<|vision_end|>"),
    )
    images = mini_model.build_processor(words).image_processor
    video = Qwen2VLVideoProcessor(patch_size=8)
    processor = Qwen2_5_VLProcessor(images, words, video, chat_template=mini_model.CHAT_TEMPLATE)
    return Qwen2_5_VLForConditionalGeneration(config), processor


def gemma() -> tuple[Any, Any]:
    from transformers import (
        Gemma3Config,
        Gemma3ForConditionalGeneration,
        Gemma3ImageProcessor,
        Gemma3Processor,
    )

    special = {
        "boi_token": "<start_of_image>",
        "eoi_token": "<end_of_image>",
        "image_token": "<image_soft_token>",
    }
    words = tokenizer(bos_token="<bos>", **special)
    boi, eoi, image = (words.convert_tokens_to_ids(token) for token in special.values())
    config = Gemma3Config(
        text_config={**TEXT, "vocab_size": len(words), "sliding_window": 16},
        vision_config={
            **VISION,
            "num_hidden_layers": 5,
            "num_attention_heads": 2,
            "image_size": 32,
            "vision_use_head": False,
        },
        mm_tokens_per_image=4,
        image_token_index=image,
        boi_token_index=boi,
        eoi_token_index=eoi,
    )
    template = GEMMA.replace("<|image_pad|>", "<start_of_image>")
    processor = Gemma3Processor(Gemma3ImageProcessor(size=SIZE), words, image_seq_length=4, chat_template=template)
    return Gemma3ForConditionalGeneration(config), processor


FAMILIES = {
    "llava": (llava, " {}<|im_end|>"),
    "qwen": (qwen, "{}<|im_end|>"),
    "gemma": (gemma, "{}<end_of_turn>"),
}


@pytest.fixture(params=FAMILIES, scope="module")
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[models.VLM, str]:
    build, closing = FAMILIES[request.param]
    folder = tmp_path_factory.mktemp(request.param) / "model"
    torch.manual_seed(0)
    mini_model.save_pretrained(folder, *build())
    return models.load(str(folder), device="cpu"), closing


@pytest.fixture
def pairs(tmp_path: Path) -> list[tuple[Prompt, str]]:
    refs = []
    for i in range(2):
        Image.new("RGB", (64, 64), (100 * i, 30, 3)).save(tmp_path / f"{i}.png")
        refs.append(ImageRef(str(tmp_path / f"{i}.png")))
    return [
        (Prompt("Where was this person born?", refs[0]), "Riga."),
        (Prompt("Where?"), "I do not know."),
        (Prompt("Where?", refs[1], system="Be brief."), "Riga"),
    ]


def test_answers_are_supervised_to_the_end_of_the_turn(
    family: tuple[models.VLM, str], pairs: list[tuple[Prompt, str]]
) -> None:
    vlm, closing = family
    batch = models.encode_pairs(vlm, pairs)
    texts = [vlm.tokenizer.decode(row[row >= 0]) for row in batch["labels"]]
    assert texts == [closing.format(answer) for _, answer in pairs]


def test_padding_does_not_matter(family: tuple[models.VLM, str], pairs: list[tuple[Prompt, str]]) -> None:
    vlm, _ = family
    with torch.no_grad():
        alone = torch.cat([losses.sequence_logps(vlm.model, models.encode_pairs(vlm, [p])) for p in pairs])
        together = losses.sequence_logps(vlm.model, models.encode_pairs(vlm, pairs))
    torch.testing.assert_close(together, alone, rtol=1e-5, atol=1e-4)
    prompts = [prompt for prompt, _ in pairs]
    batch = models.encode_prompts(vlm, prompts)
    answers = vlm.model.generate(**batch, max_new_tokens=3, do_sample=False)[:, batch["input_ids"].shape[1] :]
    one = models.encode_prompts(vlm, prompts[1:2])
    answer = vlm.model.generate(**one, max_new_tokens=3, do_sample=False)[:, one["input_ids"].shape[1] :]
    assert torch.equal(answers[1:2], answer)


def test_an_adapter_on_the_language_part_trains_and_reloads(
    family: tuple[models.VLM, str], pairs: list[tuple[Prompt, str]], tmp_path: Path
) -> None:
    vlm = models.load(family[0].path, device="cpu")
    assert len(models.decoder_layers(vlm.model)) == 3  # the vision towers have five
    assert models.down_projection(models.decoder_layers(vlm.model)[0]).out_features == 64
    models.trainable(vlm, "lora")
    assert sum(p.requires_grad for p in vlm.model.parameters()) == 3 * 7 * 2
    data = [TrainingPair(str(i), "c", p.question, a, p.image) for i, (p, a) in enumerate(pairs)]
    found: list[float] = []
    training.sft(
        vlm,
        data,
        training.OptimConfig(lr=1e-2, epochs=10),
        log=lambda stage, step, **numbers: found.append(numbers["loss"]),
    )
    assert found[-1] < found[0] - 0.5
    again = models.load(models.save(vlm, tmp_path / "c", {}).path, device="cpu")
    batch = models.encode_pairs(vlm, pairs)
    with torch.no_grad():
        assert losses.mean_nll(again.model, batch).item() == pytest.approx(
            losses.mean_nll(vlm.model, batch).item(), rel=1e-5
        )
