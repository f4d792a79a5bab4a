"""Tokens that no rollout may hold, by what processors, tokenizers and configurations of many families call them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from families import FAMILIES
from PIL import Image

from asru_bench import control_tokens, grpo, models
from asru_bench.rewards import Case
from asru_bench.types import ImageRef, Prompt, TrainingData, TrainingPair
from asru_bench.unlearner import Context, progress_bar

VISION = {"<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"}
#: What each family's rollouts must not hold; what ends an answer is never among them.
EXPECTED = {
    "qwen": VISION | {"<|im_start|>", "<|endoftext|>"},
    "qwen3": VISION | {"<|im_start|>", "<|endoftext|>"},
    "llava": VISION | {"<|im_start|>", "<|endoftext|>", "<image>"},
    "gemma": VISION | {"<bos>", "<|endoftext|>", "<start_of_image>", "<end_of_image>", "<image_soft_token>"},
}


@pytest.fixture
def vlm(tiny_dir: Path) -> models.VLM:
    return models.load(str(tiny_dir), device="cpu")


def texts(vlm: models.VLM) -> set[str]:
    return set(vlm.tokenizer.convert_ids_to_tokens(control_tokens.never_sampled(vlm)))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family(family: str) -> None:
    model, processor = FAMILIES[family][0]()
    vlm = models.VLM(model, processor, family)
    assert texts(vlm) == EXPECTED[family]
    assert not {"<|im_end|>", "<end_of_turn>"} & texts(vlm)  # the end of a turn ends an answer


def number_of(vlm: models.VLM, text: str) -> int:
    (found,) = vlm.tokenizer.encode(text, add_special_tokens=False)
    return found


@pytest.mark.parametrize(
    ("owner", "name", "value"),
    [
        ("processor", "image_token_id", 300),  # most
        ("processor", "start_image_token_id", 300),  # InternVL
        ("processor", "fake_image_token_id", 300),  # Idefics
        ("processor", "row_col_ids", [300, 301]),  # Idefics 3
        ("processor", "audio_token_id", 300),  # Gemma 3n, Qwen omni
        ("tokenizer", "context_image_token_id", 300),
        ("config", "image_token_index", 300),  # LLaVA
        ("config", "boi_token_index", 300),  # Gemma 3
        ("config", "eoi_token_id", 300),
        ("config", "media_placeholder_token_id", 300),
        ("config", "vision_end_token_id", 300),
    ],
)
def test_names_of_many_families(vlm: models.VLM, owner: str, name: str, value: Any) -> None:
    before = set(control_tokens.never_sampled(vlm))
    place = {"processor": vlm.processor, "tokenizer": vlm.tokenizer, "config": vlm.model.config}[owner]
    setattr(place, name, value)
    more = set(control_tokens.never_sampled(vlm)) - before
    assert more == set(value if isinstance(value, list) else [value])


def test_tokens_that_a_processor_holds_as_text(vlm: models.VLM) -> None:
    before = set(control_tokens.never_sampled(vlm))
    word = vlm.tokenizer.convert_ids_to_tokens(300)
    vlm.processor.fake_image_token, vlm.processor.global_image_tag = word, "<no-such-token>"
    assert set(control_tokens.never_sampled(vlm)) - before == {300}


@pytest.mark.parametrize(
    ("owner", "name", "value"),
    [
        ("config", "image_token_index", -200),  # LLaVA before transformers
        ("config", "image_token_id", 10**6),  # beyond the embedding
        ("config", "audio_token_id", None),
        ("text", "bos_token_id", 300),  # another model's default
        ("text", "eos_token_id", 300),
        ("processor", "num_image_token", 300),  # a count
        ("processor", "return_mm_token_type_ids", True),
    ],
)
def test_what_names_no_token(vlm: models.VLM, owner: str, name: str, value: Any) -> None:
    config = vlm.model.config
    setattr({"config": config, "text": config.get_text_config(), "processor": vlm.processor}[owner], name, value)
    banned = control_tokens.never_sampled(vlm)
    assert 300 not in banned
    assert all(0 <= number < vlm.model.get_input_embeddings().num_embeddings for number in banned)
    assert {"<|vision_start|>", "<|vision_end|>", "<|video_pad|>", "<|im_start|>"} <= texts(vlm)


def test_what_is_suppressed_stays_suppressed_and_what_ends_stays_allowed(vlm: models.VLM) -> None:
    vlm.model.generation_config.suppress_tokens = [300]
    vlm.model.generation_config.eos_token_id = [2, 0]  # the padding token too, as in Qwen's own settings
    assert 300 in control_tokens.never_sampled(vlm)
    assert control_tokens.ends(vlm) == {0, 2}
    assert not {0, 2} & set(control_tokens.never_sampled(vlm))


@pytest.fixture
def pair(tmp_path: Path) -> TrainingPair:
    Image.new("RGB", (64, 64), (10, 200, 60)).save(tmp_path / "face.png")
    return TrainingPair("1", "a", "Where?", "Riga.", ImageRef(str(tmp_path / "face.png")))


@pytest.fixture
def pushed(vlm: models.VLM) -> Iterator[set[int]]:
    """The tokens that must not come, which the model now wants to say more than anything else."""
    unwanted = set(control_tokens.never_sampled(vlm))
    assert {number_of(vlm, token) for token in VISION} <= unwanted

    def push(module: Any, inputs: Any, output: torch.Tensor) -> torch.Tensor:
        output[..., sorted(unwanted)] += 12
        return output

    hook = vlm.model.get_output_embeddings().register_forward_hook(push)
    yield unwanted
    hook.remove()


@pytest.mark.parametrize("own", [True, False], ids=["each prompt once", "trl's generate"])
def test_rollouts_hold_none_of_them(
    vlm: models.VLM, pair: TrainingPair, pushed: set[int], own: bool, tmp_path: Path
) -> None:
    count = 500
    config = grpo.ReinforceConfig(
        temperature=1.5, top_p=1.0, share_prompts=own, prompts=2, group=2, minibatch=4, answer_tokens=6, beta=0.0
    )
    batch = dict(models.encode_prompts(vlm, [pair.prompt]))
    ids, patches = batch["input_ids"][0].tolist(), batch["pixel_values"]
    fields: dict[str, Any] = {
        "pixel_values": patches.repeat(count, 1),
        "image_grid_thw": batch["image_grid_thw"].repeat(count, 1),
        "mm_token_type_ids": [batch["mm_token_type_ids"][0].tolist()] * count,
    }
    ctx = Context(vlm, TrainingData((), ()), workdir=tmp_path, base_path=vlm.path)
    rows = [(pair, Case("forget", "Where?")), (pair, Case("retain", "Where?"))]
    with grpo.quiet(), grpo.borrowed(vlm), progress_bar("x", 1) as bar:
        trainer = grpo.make_trainer(vlm, rows, [0, 1], config, ctx, bar)
        answers, _ = trainer._generate_single_turn([ids] * count, None, fields, 1)
    assert len(answers) == count
    drawn = {token for answer in answers for token in answer}
    assert not drawn & pushed
    assert len(drawn) > 100


def test_ordinary_answers_are_the_models_own(vlm: models.VLM, pushed: set[int]) -> None:
    """What a model writes when it is asked is what it did, a picture token as well."""
    from asru_bench.engines import HFEngine
    from asru_bench.types import Request

    (answer,) = HFEngine(vlm, "x").generate([Request("1", Prompt("Where?"), 4)])
    assert (answer.text, answer.new_tokens) == ("", 4)  # special tokens are no text
