"""Other families' real processors and models, tiny and random. One entry of `FAMILIES` each."""

from __future__ import annotations

from typing import Any

import torch
from templates import GEMMA, LLAVA
from vocabulary import WORDS

from asru_bench.mini import model as mini_model

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
        text_config={**TEXT, "vocab_size": len(words), "sliding_window": 64},
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
    model = Gemma3ForConditionalGeneration(config)
    torch.nn.init.normal_(model.model.multi_modal_projector.mm_input_projection_weight, std=0.1)  # zero by default
    return model, processor


def qwen3() -> tuple[Any, Any]:
    words = mini_model.build_tokenizer(WORDS.splitlines() * 3, 400)
    return mini_model.build_model(words, seed=0, layers=3, hidden=64), mini_model.build_processor(words)


#: name -> (what makes model and processor, how its template closes an answer).
FAMILIES = {
    "llava": (llava, " {}<|im_end|>"),
    "qwen": (qwen, "{}<|im_end|>"),
    "qwen3": (qwen3, "{}<|im_end|>"),
    "gemma": (gemma, "{}<end_of_turn>"),
}
