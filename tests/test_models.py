"""Loading, saving and preparing models; the encoding tests are in `test_encoding.py`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from asru_bench import models
from asru_bench.fingerprint import model_hash
from asru_bench.types import AsruBenchError, Prompt

PROMPT = Prompt("Where was this person born?")


@pytest.fixture
def vlm(tiny_dir: Path) -> models.VLM:
    return models.load(str(tiny_dir), device="cpu")


def logits(vlm: models.VLM) -> torch.Tensor:
    with torch.no_grad():
        return vlm.model(**models.encode_prompts(vlm, [PROMPT])).logits


def shift_weights(vlm: models.VLM) -> None:
    with torch.no_grad():
        for parameter in vlm.model.parameters():
            if parameter.requires_grad:
                parameter.add_(0.05)


def test_load_gives_a_float32_model_in_eval_mode(vlm: models.VLM) -> None:
    assert vlm.model.dtype == torch.float32
    assert not vlm.model.training
    assert vlm.device.type == "cpu"


def test_bfloat16_is_only_used_when_asked(tiny_dir: Path) -> None:
    assert models.load(str(tiny_dir), device="cpu", dtype="bfloat16").model.dtype == torch.bfloat16


def test_a_full_checkpoint_reloads_to_equal_logits(vlm: models.VLM, tmp_path: Path) -> None:
    before = logits(vlm)
    shift_weights(models.trainable(vlm, "full"))
    checkpoint = models.save(vlm, tmp_path / "checkpoint", {"method": "ga", "seed": 3})
    again = models.load(checkpoint.path, device="cpu")
    assert torch.equal(logits(again), logits(vlm))
    assert not torch.allclose(logits(again), before)
    manifest = json.loads((tmp_path / "checkpoint" / "manifest.json").read_text())
    assert manifest["made_by"] == {"method": "ga", "seed": 3}
    assert manifest["fingerprint"] == checkpoint.fingerprint == model_hash(checkpoint.path)
    assert not (tmp_path / "checkpoint.tmp").exists()


def test_saving_twice_replaces_the_checkpoint(vlm: models.VLM, tmp_path: Path) -> None:
    first = models.save(vlm, tmp_path / "c", {})
    shift_weights(models.trainable(vlm, "full"))
    second = models.save(vlm, tmp_path / "c", {})
    assert first.fingerprint != second.fingerprint
    assert torch.equal(logits(models.load(second.path, device="cpu")), logits(vlm))


def test_an_adapter_is_stored_beside_its_base_and_merged_at_load(vlm: models.VLM, tmp_path: Path) -> None:
    models.trainable(vlm, "lora", seed=1)
    shift_weights(vlm)
    vlm.model.eval()
    checkpoint = models.save(vlm, tmp_path / "lora", {})
    assert checkpoint.fingerprint == model_hash(checkpoint.path) != model_hash(checkpoint.base)
    assert not list(Path(checkpoint.path).glob("*.safetensors"))
    again = models.load(checkpoint.path, device="cpu")
    assert not hasattr(again.model, "peft_config")
    torch.testing.assert_close(logits(again), logits(vlm), atol=1e-4, rtol=1e-4)
    assert not torch.allclose(logits(again), logits(models.load(checkpoint.base, device="cpu")), atol=1e-2)


def test_an_adapter_refuses_another_base(vlm: models.VLM, tiny_dir: Path, tmp_path: Path) -> None:
    other = models.load(str(tiny_dir), device="cpu")
    shift_weights(models.trainable(other, "full"))
    other_path = models.save(other, tmp_path / "other", {}).path
    moved = tmp_path / "moved"
    shutil.copytree(tiny_dir, moved)
    checkpoint = models.save(models.trainable(vlm, "lora"), tmp_path / "lora", {})
    assert torch.equal(
        logits(models.load(checkpoint.path, device="cpu", base=str(moved))),
        logits(models.load(checkpoint.path, device="cpu")),
    )
    with pytest.raises(AsruBenchError, match="other weights"):
        models.load(checkpoint.path, device="cpu", base=other_path)


def test_a_full_checkpoint_refuses_another_base(vlm: models.VLM, tmp_path: Path) -> None:
    shift_weights(models.trainable(vlm, "full"))
    path = models.save(vlm, tmp_path / "c", {}).path
    assert models.load(path, device="cpu", base=vlm.path).path == path
    with pytest.raises(AsruBenchError, match="other weights"):
        models.load(path, device="cpu", base=path)


def test_broken_weights_are_not_saved(vlm: models.VLM, tmp_path: Path) -> None:
    with torch.no_grad():
        models.down_projection(models.decoder_layers(vlm.model)[0]).weight[0, 0] = float("nan")
    with pytest.raises(AsruBenchError, match="NaN"):
        models.save(vlm, tmp_path / "c", {})
    assert not (tmp_path / "c").exists()


def test_lora_trains_float32_adapters_on_the_language_part_only(tiny_dir: Path) -> None:
    vlm = models.load(str(tiny_dir), device="cpu", dtype="bfloat16")
    models.trainable(vlm, "lora")
    trained = {name: p for name, p in vlm.model.named_parameters() if p.requires_grad}
    assert {p.dtype for p in trained.values()} == {torch.float32}
    assert all("language_model" in name and "lora_" in name for name in trained)
    # 2 layers x (q, k, v, o, gate, up, down) x (A, B)
    assert len(trained) == 2 * 7 * 2


def test_lora_start_depends_on_the_seed_only(tiny_dir: Path) -> None:
    def start(seed: int) -> torch.Tensor:
        vlm = models.trainable(models.load(str(tiny_dir), device="cpu"), "lora", seed=seed)
        return torch.cat([p.flatten() for n, p in vlm.model.named_parameters() if "lora_A" in n])

    first = start(0)
    torch.rand(3)
    assert torch.equal(first, start(0))
    assert not torch.equal(first, start(1))


def test_clone_is_frozen_and_apart(vlm: models.VLM) -> None:
    copy = models.clone(vlm)
    before = logits(copy)
    shift_weights(models.trainable(vlm, "full"))
    assert torch.equal(logits(copy), before)
    assert not any(p.requires_grad for p in copy.model.parameters())


def test_decoder_layers_are_those_of_the_language_part(vlm: models.VLM) -> None:
    layers = models.decoder_layers(vlm.model)
    assert len(layers) == 2  # the vision tower has three
    assert models.down_projection(layers[1]).out_features == 64
    assert layers is vlm.model.model.language_model.layers


def test_decoder_layers_inside_an_adapter(vlm: models.VLM) -> None:
    plain = models.down_projection(models.decoder_layers(vlm.model)[0])
    models.trainable(vlm, "lora")
    assert models.down_projection(models.decoder_layers(vlm.model)[0]) is plain


def test_missing_folder_names_the_nearest(tiny_dir: Path) -> None:
    with pytest.raises(AsruBenchError, match=r"did you mean '.*/model'"):
        models.load(str(tiny_dir.parent / "modle"))


def test_truncated_weights(tiny_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_dir, tmp_path / "m")
    weights = tmp_path / "m" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(AsruBenchError, match="cannot load model"):
        models.load(str(tmp_path / "m"), device="cpu")


def test_missing_weights(tiny_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_dir, tmp_path / "m")
    (tmp_path / "m" / "model.safetensors").unlink()
    with pytest.raises(AsruBenchError, match="cannot load model"):
        models.load(str(tmp_path / "m"), device="cpu")


def test_missing_tensors(tiny_dir: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    shutil.copytree(tiny_dir, tmp_path / "m")
    tensors = load_file(tmp_path / "m" / "model.safetensors")
    tensors.pop("model.language_model.norm.weight")
    save_file(tensors, tmp_path / "m" / "model.safetensors", {"format": "pt"})
    with pytest.raises(AsruBenchError, match=r"1 tensors are missing.*language_model.norm.weight"):
        models.load(str(tmp_path / "m"), device="cpu")


def test_text_only_model(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama", "architectures": ["LlamaForCausalLM"]}))
    with pytest.raises(AsruBenchError, match="does not read images"):
        models.load(str(tmp_path), device="cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has cuda")
def test_auto_device_and_missing_cuda(tiny_dir: Path) -> None:
    assert models.pick_device("auto").type == "cpu"
    with pytest.raises(AsruBenchError, match="'cuda' is not available"):
        models.load(str(tiny_dir), device="cuda")


@pytest.mark.parametrize("setting", [{"device": "gpu"}, {"dtype": "float8"}])
def test_unknown_settings(tiny_dir: Path, setting: dict[str, str]) -> None:
    with pytest.raises(AsruBenchError, match=r"gpu|float8"):
        models.load(str(tiny_dir), **setting)


def test_unknown_way_of_training(vlm: models.VLM) -> None:
    with pytest.raises(AsruBenchError, match="full or lora"):
        models.trainable(vlm, "half")
