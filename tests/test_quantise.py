"""Weights of 4 bits: for answers only, close to the whole ones, and an error wherever they do not belong."""

from __future__ import annotations

import builtins
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from asru_bench import fingerprint, losses, models, quantise
from asru_bench.engines import HFEngine
from asru_bench.types import AsruBenchError, Prompt, Request, RunSpec

PAIRS = [(Prompt("Where was this person born?"), "Riga.")]


def test_without_the_package_the_error_says_what_to_type(monkeypatch: pytest.MonkeyPatch, tiny_dir: Path) -> None:
    plain = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "bitsandbytes":
            raise ImportError("No module named 'bitsandbytes'")
        return plain(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(AsruBenchError, match=r"--quant 4bit needs bitsandbytes.*pip install 'asru-bench\[quant\]'"):
        models.load(str(tiny_dir), device="cpu", quant="4bit")
    with pytest.raises(AsruBenchError, match="unknown quant '8bit'; expected 4bit"):
        quantise.check("8bit")


def test_quantised_weights_are_not_trained_or_saved(tiny_dir: Path, tmp_path: Path) -> None:
    vlm = models.load(str(tiny_dir), device="cpu")
    vlm.quant = "4bit"
    with pytest.raises(AsruBenchError, match="4-bit weights are for answers only, not for training"):
        models.trainable(vlm, "lora")
    with pytest.raises(AsruBenchError, match="4-bit weights are for answers only and are not saved"):
        models.save(vlm, tmp_path / "c", {})


def test_answers_of_other_weights_have_other_keys(tiny_dir: Path) -> None:
    vlm = models.load(str(tiny_dir), device="cpu")
    request = Request("a", Prompt("Where?"), 4)
    (whole,) = HFEngine(vlm, "c").keys([request])
    vlm.quant = "4bit"
    (small,) = HFEngine(vlm, "c").keys([request])
    assert whole.key != small.key
    spec = RunSpec("ga", "mllmu_bench")
    four = replace(spec, quant="4bit")
    assert fingerprint.training_key(spec) == fingerprint.training_key(four)  # training reads whole weights
    assert fingerprint.spec_hash(spec) != fingerprint.spec_hash(four)


def test_linear_layers_of_the_language_part_have_four_bits(tiny_dir: Path) -> None:
    pytest.importorskip("bitsandbytes")
    whole = models.load(str(tiny_dir), device="cpu")
    vlm = models.load(str(tiny_dir), device="cpu", quant="4bit")
    kinds = {name: type(module).__name__ for name, module in vlm.model.named_modules()}
    assert kinds["model.language_model.layers.0.mlp.down_proj"] == "Linear4bit"
    assert kinds["lm_head"] == "Linear"
    assert not any(kind == "Linear4bit" for name, kind in kinds.items() if "visual" in name)
    with torch.no_grad():
        batch = models.encode_pairs(vlm, PAIRS)
        small, exact = losses.mean_nll(vlm.model, batch), losses.mean_nll(whole.model, batch)
    assert small.item() == pytest.approx(exact.item(), rel=0.1)
    assert small.item() != exact.item()
    (answer,) = HFEngine(vlm, "c").generate([Request("a", Prompt("Where?"), 4)])
    assert answer.finish in ("stop", "length")
