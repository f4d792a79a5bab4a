"""Models and processors that cannot be used say so before any work."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from families import gemma, tokenizer

from asru_bench import models, plan, pretrained
from asru_bench.mini import model as mini_model
from asru_bench.types import AsruBenchError, Prompt, RunSpec


def test_kernels() -> None:
    pretrained.check_kernel("eager")
    pretrained.check_kernel("kernels-community/flash-attn2")
    with pytest.raises(AsruBenchError, match="unknown attention kernel 'flash'; expected sdpa, eager"):
        pretrained.check_kernel("flash")


def test_a_kernel_whose_package_is_missing(monkeypatch: pytest.MonkeyPatch, tiny_dir: Path) -> None:
    monkeypatch.setattr(pretrained, "find_spec", lambda name: None)
    with pytest.raises(AsruBenchError, match="needs the package flash_attn; type: pip install flash-attn"):
        models.load(str(tiny_dir), device="cpu", attn="flash_attention_2")


def test_the_kernel_is_the_one_that_was_asked_for(tiny_dir: Path) -> None:
    assert models.load(str(tiny_dir), device="cpu", attn="eager").model.config._attn_implementation == "eager"


def test_a_processor_of_another_model(tiny_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_dir, tmp_path / "m")
    config = json.loads((tmp_path / "m" / "config.json").read_text())
    config["image_token_id"] += 1
    (tmp_path / "m" / "config.json").write_text(json.dumps(config))
    with pytest.raises(AsruBenchError, match=r"marks pictures with token \d+, the model expects token \d+"):
        models.load(str(tmp_path / "m"), device="cpu")


def test_a_tokenizer_with_more_words_than_the_model(tiny_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_dir, tmp_path / "m")
    words = mini_model.build_tokenizer([f"w{i} word{i} x{i}" for i in range(3000)], 900)
    mini_model.build_processor(words).save_pretrained(tmp_path / "m")
    with pytest.raises(AsruBenchError, match=r"does not fit its model: it has a token \d+, the model embeds \d+"):
        models.load(str(tmp_path / "m"), device="cpu")


def test_families_whose_picture_token_has_another_name_fit() -> None:
    model, processor = gemma()
    pretrained.check_fit("gemma", model, processor)
    assert processor.image_token_id != model.config.image_token_id == processor.tokenizer.image_token_id
    assert len(tokenizer()) > 0


def test_no_chat_template(tiny_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_dir, tmp_path / "m")
    for file in (tmp_path / "m").glob("*chat_template*"):
        file.unlink()
    vlm = models.load(str(tmp_path / "m"), device="cpu")
    with pytest.raises(AsruBenchError, match="has no chat template"):
        models.encode_prompts(vlm, [Prompt("Where?")])


@pytest.mark.parametrize(
    ("changes", "place", "message"),
    [
        ({"attn": "flash"}, {}, "unknown attention kernel 'flash'"),
        ({"optim": "sgd"}, {}, "unknown optimiser 'sgd'"),
        ({"quant": "8bit"}, {}, "unknown quant '8bit'"),
        ({"train": "half"}, {}, "unknown train 'half'; expected full or lora"),
        ({}, {"checkpoints": "some"}, "unknown checkpoints 'some'; expected auto or whole or delta"),
    ],
)
def test_choices_are_checked_before_anything_is_loaded(
    tiny_dir: Path, changes: dict[str, Any], place: dict[str, Any], message: str
) -> None:
    with pytest.raises(AsruBenchError, match=message):
        plan.make([RunSpec("ga", "mllmu_bench", str(tiny_dir), **changes)], plan.Place(**place))
