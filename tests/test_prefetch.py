"""Rows encoded together are those encoded alone, for every family; the picture is processed once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from test_model_families import FAMILIES

from asru_bench import encoding, models, prefetch
from asru_bench.mini import model as mini_model
from asru_bench.models import VLM
from asru_bench.types import ImageRef, Prompt, Turn


@pytest.fixture(scope="module", params=["qwen3", *FAMILIES])
def vlm(request: pytest.FixtureRequest, tiny_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> VLM:
    folder = tiny_dir
    if request.param in FAMILIES:
        folder = tmp_path_factory.mktemp(request.param) / "model"
        mini_model.save_pretrained(folder, *FAMILIES[request.param][0]())
    return models.load(str(folder), device="cpu")


@pytest.fixture
def keys(tmp_path: Path) -> list[tuple[Prompt, str | None]]:
    refs = []
    for i in range(2):
        Image.new("RGB", (64, 64), (100 * i, 30, 3)).save(tmp_path / f"{i}.png")
        refs.append(ImageRef(str(tmp_path / f"{i}.png")))
    shown = (None, refs[0], refs[1])
    questions = ("Where was this person born?", "Who?", "In which city?")
    prompts = [Prompt(q, image) for q in questions for image in shown]
    prompts += [Prompt(q, refs[1], turns=(Turn("Who?", "Ada", refs[0]),)) for q in questions[:2]]
    return [(p, part) for p in prompts for part in (None, "Riga.")]


def empty(vlm: VLM) -> VLM:
    vlm.cache = encoding.EncodingCache()
    return vlm


def test_rows_are_those_encoded_alone(vlm: VLM, keys: list[tuple[Prompt, str | None]]) -> None:
    empty(vlm)
    alone = [encoding.encoded(vlm, *key) for key in keys]
    pictures = dict(vlm.cache.pictures)
    own = vlm.processor.image_processor
    prefetch.prefetch(empty(vlm), keys)
    assert vlm.cache.together == {False: True, True: True}
    assert vlm.processor.image_processor is own
    assert len(vlm.cache.rows) == len(keys)
    for key, row in zip(keys, alone, strict=True):
        found = encoding.encoded(vlm, *key)
        assert found.prompt_length == row.prompt_length
        assert found.text == row.text
        assert found.sequences.keys() == row.sequences.keys()
        assert all(torch.equal(found.sequences[n], row.sequences[n]) for n in row.sequences)
    assert vlm.cache.pictures.keys() == pictures.keys()
    for refs, tensors in pictures.items():
        assert all(torch.equal(vlm.cache.pictures[refs][n], tensors[n]) for n in tensors)


def test_a_picture_is_processed_once(
    vlm: VLM, keys: list[tuple[Prompt, str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    cls = type(vlm.processor.image_processor)
    process = cls.__call__

    def count(self: Any, images: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(sum(len(row) if isinstance(row, (list, tuple)) else 1 for row in images))
        return process(self, images, *args, **kwargs)

    monkeypatch.setattr(cls, "__call__", count)
    empty(vlm).cache.together = {False: True, True: True}
    prefetch.prefetch(vlm, keys)
    assert seen == [1, 1, 2]  # two pictures, and the pair of a demonstration and a question


def test_a_processor_that_cannot_is_called_row_by_row(
    vlm: VLM, keys: list[tuple[Prompt, str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefetch, "_together", lambda *a: None)
    prefetch.prefetch(empty(vlm), keys)
    assert vlm.cache.together == {False: False, True: False}
    assert not vlm.cache.rows
    assert encoding.encoded(vlm, *keys[0]).text


def test_a_processor_that_answers_otherwise_is_called_row_by_row(
    vlm: VLM, keys: list[tuple[Prompt, str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    together = prefetch._together

    def shifted(*args: Any) -> Any:
        found = together(*args)
        assert found is not None
        return [{n: t + 1 for n, t in row.items()} for row in found[0]], found[1]

    monkeypatch.setattr(prefetch, "_together", shifted)
    prefetch.prefetch(empty(vlm), keys)
    assert vlm.cache.together == {False: False, True: False}
    assert not vlm.cache.rows
