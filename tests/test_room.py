"""Memory is reckoned from the shapes on disk, and too little of it is said before the work."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from asru_bench import models, room
from asru_bench.types import AsruBenchError


@pytest.fixture
def count(tiny_dir: Path) -> int:
    return sum(p.numel() for p in models.load(str(tiny_dir), device="cpu").model.parameters())


def test_parameters_are_counted_without_loading(tiny_dir: Path, tmp_path: Path, count: int) -> None:
    assert room.parameters(str(tiny_dir)) == count
    vlm = models.load(str(tiny_dir), device="cpu")
    assert room.parameters(models.save(vlm, tmp_path / "d", {}, delta=True).path) == count  # of the model under it
    vlm.model.get_input_embeddings().weight.data += 1
    assert room.parameters(models.save(vlm, tmp_path / "s", {}, shard="100KB").path) == count
    assert room.parameters("nobody/nothing") == 0


def test_bytes_of_each_way_to_train(tiny_dir: Path, count: int) -> None:
    def each(dtype: str, train: str, optim: str) -> tuple[float, float]:
        device, host = room.needed(str(tiny_dir), dtype, train, optim)
        return device / count, host / count

    # weight + gradient + two states (+ master), in bytes a parameter
    assert each("float32", "full", "adamw") == (4 + 4 + 8, 0)
    assert each("bfloat16", "full", "adamw") == (2 + 2 + 4 + 8, 0)
    assert each("bfloat16", "full", "adamw8bit") == (2 + 2 + 4 + 2, 0)
    assert each("bfloat16", "full", "offload") == (2 + 2, 4 + 8 + 4)  # and the gradients of the masters
    assert each("bfloat16", "lora", "adamw") == (2, 0)
    assert room.needed(str(tiny_dir), "bfloat16", "lora", "adamw", copies=2)[0] == 4 * count


@pytest.mark.parametrize(
    ("bytes_", "text"),
    [
        (0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (43_000_000, "43 MB"), (4_300_000, "4.3 MB"),
        (999_000_000, "999 MB"), (1e9, "1.0 GB"), (35.12e9, "35.1 GB"),
    ],
)  # fmt: skip
def test_amounts_have_the_unit_that_fits(bytes_: float, text: str) -> None:
    assert room.amount(bytes_) == text


def test_a_disk_without_room(tiny_dir: Path, tmp_path: Path, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    room.check_disk(str(tiny_dir), "float32", tmp_path)
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 4 * count}))
    with pytest.raises(AsruBenchError, match=r"[1-9]\S* [Mk]B free, the unlearned model needs about [1-9]\S* [Mk]B"):
        room.check_disk(str(tiny_dir), "float32", tmp_path)
    room.check_disk(str(tiny_dir), "bfloat16", tmp_path)


def test_too_little_memory_says_what_to_type(tiny_dir: Path, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    free = {"gpu": 20 * count, "host": 20 * count}
    monkeypatch.setattr(room, "_free_gpu", lambda _: free["gpu"])
    monkeypatch.setattr(room, "_free_host", lambda: free["host"])
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    for device in (cpu, gpu):
        room.check(str(tiny_dir), device, "float32", "full", "adamw")
    free["host"] = 15 * count
    with pytest.raises(AsruBenchError, match=r"too little memory: training .* \(full, float32, adamw\) takes"):
        room.check(str(tiny_dir), cpu, "float32", "full", "adamw")
    room.check(str(tiny_dir), gpu, "float32", "full", "adamw")
    with pytest.raises(AsruBenchError, match=r"on this machine before any activation"):
        room.check(str(tiny_dir), gpu, "bfloat16", "full", "offload")
    free["gpu"] = 15 * count
    with pytest.raises(AsruBenchError, match=r"on GPU .*Use --train lora or --dtype bfloat16 or --optim offload or a"):
        room.check(str(tiny_dir), gpu, "float32", "full", "adamw")
    room.check(str(tiny_dir), gpu, "float32", "lora", "adamw")
