"""Answers and likelihoods from several processes are those of one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from PIL import Image

from asru_bench import devices, models
from asru_bench.engines import HFEngine
from asru_bench.types import AsruBenchError, ImageRef, Prompt, Request, ScoreRequest


@pytest.fixture(scope="module")
def vlm(tiny_dir: Path) -> models.VLM:
    return models.load(str(tiny_dir), device="cpu")


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> list[Request]:
    folder = tmp_path_factory.mktemp("pictures")
    found = []
    for p in range(4):
        Image.new("RGB", (64, 64), (60 * p, 9, 99)).save(folder / f"{p}.png")
        for i, question in enumerate(("Who?", "Where was this person born?", "Where?")):
            prompt = Prompt(question, ImageRef(str(folder / f"{p}.png")))
            found.append(Request(f"{p}/{i}", prompt, 3 + i, ("A", "B")))
    return found


def test_two_processes_answer_as_one(vlm: models.VLM, requests: list[Request]) -> None:
    one = {g.sample_id: g for g in HFEngine(vlm, "w", batch_size=2).generate(requests)}
    engine = HFEngine(vlm, "w", batch_size=2, devices=2)
    here = engine._block
    computed: list[int] = []

    def counted(block, features):  # type: ignore[no-untyped-def]
        computed.append(os.getpid())
        yield from here(block, features)

    engine._block = counted  # type: ignore[method-assign]
    two = {g.sample_id: g for g in engine.generate(requests)}
    assert two == one
    assert len(computed) < len(engine._plan([(r, engine._key(r)) for r in requests]))  # the helper took the others
    asks = [ScoreRequest(r.sample_id, r.prompt, f"Riga {i}") for i, r in enumerate(requests)]
    assert HFEngine(vlm, "w", batch_size=2, devices=2).score(asks) == HFEngine(vlm, "w", batch_size=2).score(asks)


def job(vlm: models.VLM, **changes: object) -> devices.Job:
    values = {"path": vlm.path, "device": "cpu", "dtype": "float32", "attn": "sdpa", "settings": {}, "shown": ()}
    return devices.Job(**(values | {"work": "_block"} | changes))  # type: ignore[arg-type]


def slow(part: int):  # type: ignore[no-untyped-def]
    import time

    time.sleep(0.05)
    yield part


def test_an_error_of_a_helper_ends_all(vlm: models.VLM) -> None:
    with pytest.raises(AsruBenchError, match="does not exist"):
        list(devices.spread(range(2000), slow, [job(vlm, path="/nowhere/model")]))


def test_a_helper_that_dies_is_said(vlm: models.VLM, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices.sys, "executable", "/bin/false")
    with pytest.raises(AsruBenchError, match=r"ended unexpectedly \(exit code 1\).*--devices 1"):
        list(devices.spread(range(2000), slow, [job(vlm)]))


def test_more_devices_than_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    assert devices.names("cpu", 3) == ["cpu"] * 3
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert devices.names("cuda", 2) == ["cuda:0", "cuda:1"]
    with pytest.raises(AsruBenchError, match="torch sees 2; use --devices 1"):
        devices.names("cuda:1", 2)
