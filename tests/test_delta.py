"""Delta checkpoints and weights in several files: equal when read back, clear where something is missing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from asru_bench import delta, models
from asru_bench.fingerprint import model_hash
from asru_bench.types import AsruBenchError, Prompt

PROMPT = Prompt("Where was this person born?")


@pytest.fixture
def vlm(tiny_dir: Path) -> models.VLM:
    return models.load(str(tiny_dir), device="cpu")


def logits(vlm: models.VLM) -> torch.Tensor:
    with torch.no_grad():
        return vlm.model(**models.encode_prompts(vlm, [PROMPT])).logits


def edited(vlm: models.VLM, layer: int = 1) -> models.VLM:
    """One matrix changed, as steering does."""
    with torch.no_grad():
        models.down_projection(models.decoder_layers(vlm.model)[layer]).weight += 0.1
    return vlm


def size(path: str) -> int:
    return sum(f.stat().st_size for f in Path(path).rglob("*.safetensors"))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_delta_holds_what_changed_and_reads_back_equal(tiny_dir: Path, tmp_path: Path, dtype: str) -> None:
    vlm = edited(models.load(str(tiny_dir), device="cpu", dtype=dtype))
    saved = models.save(vlm, tmp_path / "c", {"method": "x"}, delta=True)
    from safetensors import safe_open

    with safe_open(tmp_path / "c" / "delta" / "model.safetensors", "pt") as file:
        assert [name.split(".")[-4:] for name in file.keys()] == [["1", "mlp", "down_proj", "weight"]]  # noqa: SIM118
    assert size(saved.path) < 0.2 * size(str(tiny_dir))
    again = models.load(saved.path, device="cpu", dtype=dtype)
    assert torch.equal(logits(again), logits(vlm))
    assert not torch.allclose(logits(again), logits(models.load(str(tiny_dir), device="cpu", dtype=dtype)))
    assert saved.fingerprint == model_hash(saved.path) != model_hash(str(tiny_dir))
    assert again.path == saved.path


def test_a_delta_of_a_delta_and_of_an_adapter(vlm: models.VLM, tmp_path: Path) -> None:
    models.save(edited(vlm), tmp_path / "one", {}, delta=True)
    second = edited(models.load(str(tmp_path / "one"), device="cpu"), layer=0)
    models.save(second, tmp_path / "two", {}, delta=True)
    assert torch.equal(logits(models.load(str(tmp_path / "two"), device="cpu")), logits(second))
    adapted = models.trainable(models.load(str(tmp_path / "two"), device="cpu"), "lora")
    with torch.no_grad():
        for name, weight in adapted.model.named_parameters():
            weight.add_(0.01 if "lora_B" in name else 0.0)
    models.save(adapted, tmp_path / "three", {})
    last = edited(models.load(str(tmp_path / "three"), device="cpu"))
    models.save(last, tmp_path / "four", {}, delta=True)
    assert torch.equal(logits(models.load(str(tmp_path / "four"), device="cpu")), logits(last))


def test_nothing_changed_is_an_empty_delta(vlm: models.VLM, tmp_path: Path) -> None:
    saved = models.save(vlm, tmp_path / "c", {}, delta=True)
    assert size(saved.path) == 0
    assert torch.equal(logits(models.load(saved.path, device="cpu")), logits(vlm))
    assert saved.fingerprint == model_hash(saved.path)


def test_whole_where_a_delta_saves_little(vlm: models.VLM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def kind(name: str) -> bool:
        return (Path(models.save(vlm, tmp_path / name, {}, delta=None).path) / "delta").exists()

    edited(vlm)
    assert not kind("small")  # a model of a few MB depends on nothing
    monkeypatch.setattr(delta, "WORTH_BYTES", 1)
    assert kind("edit")
    with torch.no_grad():
        for weight in vlm.model.parameters():
            weight += 0.01
    assert not kind("all")
    assert torch.equal(logits(models.load(str(tmp_path / "all"), device="cpu")), logits(vlm))


def test_another_base_and_a_base_that_is_gone(vlm: models.VLM, tiny_dir: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(tiny_dir, base)
    own = edited(models.load(str(base), device="cpu"))
    path = models.save(own, tmp_path / "c", {}, delta=True).path
    other = models.save(edited(vlm), tmp_path / "other", {}).path
    with pytest.raises(AsruBenchError, match="has other weights"):
        models.load(path, device="cpu", base=other)
    assert torch.equal(logits(models.load(path, device="cpu", base=str(tiny_dir))), logits(own))  # moved, the same
    shutil.rmtree(base)
    with pytest.raises(AsruBenchError, match=r"holds only what differs from its base '.*/base', which is not there"):
        models.load(path, device="cpu")
    shutil.copytree(other, base)
    with pytest.raises(AsruBenchError, match="has other weights"):
        models.load(path, device="cpu")


def test_tensors_that_the_base_does_not_have(vlm: models.VLM, tmp_path: Path) -> None:
    delta.write({"no.such.weight": torch.ones(2)}, tmp_path / "delta")
    with pytest.raises(AsruBenchError, match=r"changes 'no.such.weight' \(2,\), which its base does not have"):
        delta.apply(vlm.model, tmp_path / "delta")


@pytest.mark.parametrize("part", [False, True])
def test_weights_in_several_files(vlm: models.VLM, tmp_path: Path, part: bool) -> None:
    with torch.no_grad():
        for weight in vlm.model.parameters():
            weight += 0.01
    saved = models.save(vlm, tmp_path / "c", {}, delta=part, shard="100KB")
    folder = Path(saved.path) / "delta" if part else Path(saved.path)
    files = sorted(folder.glob("model-*.safetensors"))
    assert len(files) > 2
    assert set(json.loads((folder / delta.INDEX).read_text())["weight_map"].values()) == {f.name for f in files}
    assert torch.equal(logits(models.load(saved.path, device="cpu")), logits(vlm))
    whole = files[1].read_bytes()
    files[1].write_bytes(whole[: len(whole) // 2])
    with pytest.raises(AsruBenchError, match=r"model-00002-of-.*|cannot load model"):
        models.load(saved.path, device="cpu")
    files[1].unlink()
    with pytest.raises(AsruBenchError, match=rf"model-00002-of-{len(files):05d}.safetensors is missing"):
        models.load(saved.path, device="cpu")


def test_checksums_are_equal_exactly_where_no_weight_changed(tiny_dir: Path) -> None:
    plain = delta.checksums(models.load(str(tiny_dir), device="cpu").model)
    assert delta.checksums(models.load(str(tiny_dir), device="cpu").model) == plain
    assert delta.checksums(edited(models.load(str(tiny_dir), device="cpu")).model) != plain
    one = models.load(str(tiny_dir), device="cpu")
    with torch.no_grad():
        one.model.get_input_embeddings().weight[7, 3] *= 1.0001
    assert delta.checksums(one.model) != plain


def test_an_adapter_counts_by_what_it_adds(vlm: models.VLM, tiny_dir: Path) -> None:
    plain = delta.checksums(vlm.model)
    adapted = models.trainable(vlm, "lora")
    assert delta.checksums(adapted.model) == plain
    with torch.no_grad():
        next(p for name, p in adapted.model.named_parameters() if "lora_B" in name)[0, 0] = 0.5
    assert delta.checksums(adapted.model) != plain
