"""The model of `gpu.py`, random at the shapes of Qwen3-VL-4B or tiny, its questions, and the clock."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Qwen3-VL-4B-Instruct, as its config.json says.
TEXT = {
    "hidden_size": 2560,
    "intermediate_size": 9728,
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "vocab_size": 151936,
    "max_position_embeddings": 262144,
    "rope_parameters": {
        "rope_type": "default",
        "rope_theta": 5e6,
        "mrope_section": [24, 20, 20],
        "mrope_interleaved": True,
    },
    "tie_word_embeddings": True,
}
VISION = {
    "depth": 24,
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_heads": 16,
    "patch_size": 16,
    "spatial_merge_size": 2,
    "temporal_patch_size": 2,
    "out_hidden_size": 2560,
    "num_position_embeddings": 2304,
    "deepstack_visual_indexes": [5, 11, 17],
}


@dataclass(frozen=True)
class Amount:
    """How much is done: people (one picture each), questions about each, and the sizes of the steps."""

    people: int
    questions: int
    new_tokens: int
    batch: int
    steps: int
    prompts: int
    group: int
    pixels: int


FULL = Amount(people=16, questions=18, new_tokens=50, batch=32, steps=10, prompts=8, group=8, pixels=512)
TINY = Amount(people=4, questions=9, new_tokens=5, batch=8, steps=2, prompts=2, group=2, pixels=64)


@dataclass(frozen=True)
class Result:
    """One side of one part: seconds, tokens and pictures that went through, and peak bytes (0: not measured)."""

    part: str
    side: str
    seconds: float
    tokens: int
    pictures: int
    peak: int

    def line(self) -> str:
        peak = f"{self.peak / 1e9:7.1f} GB" if self.peak else "not measured"
        speeds = f"{self.tokens / self.seconds:10.0f} {self.pictures / self.seconds:10.1f}"
        return f"{self.part:<11} {self.side:<5} {self.seconds:8.2f}s {speeds} {peak:>12}"


class Bench:
    """The model, the questions, and the clock."""

    def __init__(self, tiny: bool, device: str, folder: Path) -> None:
        self.amount, self.device, self.folder = (TINY if tiny else FULL), device, folder
        self.vlm = build(tiny, device)
        self.pairs = pairs(self.amount, folder)

    def time(self, part: str, side: str, do: Callable[[Bench], tuple[int, int]]) -> Result:
        """Runs one side on an empty cache; `do` returns (tokens, pictures)."""
        import torch

        from asru_bench.encoding import EncodingCache

        self.vlm.cache = EncodingCache()
        on_gpu = self.vlm.device.type == "cuda"
        if on_gpu:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
            torch.cuda.synchronize()
        started = time.perf_counter()
        tokens, pictures = do(self)
        if on_gpu:
            torch.cuda.synchronize()
        peak = torch.cuda.max_memory_allocated() if on_gpu else 0
        return Result(part, side, time.perf_counter() - started, tokens, pictures, peak)


def build(tiny: bool, device: str) -> Any:
    """A random Qwen3-VL of the wanted shape with its processor, on the device."""
    import torch
    from transformers import (
        Qwen2VLImageProcessor,
        Qwen3VLConfig,
        Qwen3VLForConditionalGeneration,
        Qwen3VLProcessor,
        Qwen3VLVideoProcessor,
    )

    from asru_bench.mini import model as mini
    from asru_bench.models import VLM

    torch.manual_seed(0)
    tokenizer = mini.build_tokenizer(QUESTIONS * 20, 600)
    if tiny:
        net = mini.build_model(tokenizer, layers=2, hidden=64)
        return VLM(net.to(device).eval(), mini.build_processor(tokenizer), "")
    ids = tokenizer.convert_tokens_to_ids
    config = Qwen3VLConfig(
        text_config=TEXT | {"eos_token_id": ids("<|im_end|>"), "pad_token_id": ids("<|endoftext|>")},
        vision_config=VISION,
        image_token_id=ids("<|image_pad|>"),
        video_token_id=ids("<|video_pad|>"),
        vision_start_token_id=ids("<|vision_start|>"),
        vision_end_token_id=ids("<|vision_end|>"),
        tie_word_embeddings=True,
    )
    with torch.device(device):
        torch.set_default_dtype(torch.bfloat16)
        net = Qwen3VLForConditionalGeneration(config).eval()
        torch.set_default_dtype(torch.float32)
    net.generation_config.eos_token_id = ids("<|im_end|>")
    net.generation_config.pad_token_id = ids("<|endoftext|>")
    shape = {"patch_size": 16, "merge_size": 2, "temporal_patch_size": 2}
    processor = Qwen3VLProcessor(
        image_processor=Qwen2VLImageProcessor(**shape),
        tokenizer=tokenizer,
        video_processor=Qwen3VLVideoProcessor(**shape),
        chat_template=mini.CHAT_TEMPLATE,
    )
    return VLM(net, processor, "")


QUESTIONS = [
    f"{start} {rest}?"
    for start in ("What is", "Please say what is", "Tell me in one sentence what is")
    for rest in (
        "the birthplace of this person",
        "the city in which this person lives",
        "the occupation of this person",
        "the education of this person",
        "the hobby of this person",
        "the name of the person in this picture",
    )
]


def pairs(amount: Amount, folder: Path) -> list[Any]:
    """`questions` about each of `people` pictures of noise, with answers of one sentence."""
    import numpy as np
    from PIL import Image

    from asru_bench.types import ImageRef, TrainingPair

    found = []
    for person in range(amount.people):
        noise = np.random.default_rng(person).integers(0, 255, (amount.pixels, amount.pixels, 3), dtype=np.uint8)
        Image.fromarray(noise).save(folder / f"{person}.png")
        picture = ImageRef(str(folder / f"{person}.png"))
        for number, question in enumerate(itertools.islice(itertools.cycle(QUESTIONS), amount.questions)):
            answer = f"The answer about person {person} is value {number} of this list of values."
            found.append(
                TrainingPair(f"{person}/{number}", f"p{person}", question, answer, picture, f"a{number}", f"v{number}")
            )
    return found


def inputs(vlm: Any, chosen: Sequence[Any], answers: bool = False) -> Any:
    """A batch as a bare loop makes it: pictures opened, resized and encoded every time."""
    from asru_bench.data import open_image
    from asru_bench.models import render

    texts = [render(vlm, pair.prompt, pair.answer if answers else None) for pair in chosen]
    images = [[open_image(pair.image)] for pair in chosen]
    side = "right" if answers else "left"
    return vlm.processor(text=texts, images=images, return_tensors="pt", padding=True, padding_side=side).to(
        vlm.device, vlm.model.dtype
    )


def parts_of(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[i : i + size] for i in range(0, len(items), size)]
