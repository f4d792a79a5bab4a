"""Prompts computed once give the log-probabilities, gradients and greedy answers of prompts computed G times."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from test_model_families import FAMILIES
from torch import Tensor

from asru_bench import models, prefix
from asru_bench.mini import model as mini_model
from asru_bench.types import ImageRef, Prompt

GROUP, LENGTH = 3, 5


@pytest.fixture(params=["qwen3", *FAMILIES], scope="module")
def vlm(request: pytest.FixtureRequest, tiny_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> models.VLM:
    if request.param == "qwen3":
        return models.load(str(tiny_dir), device="cpu")
    folder = tmp_path_factory.mktemp(request.param) / "model"
    torch.manual_seed(0)
    mini_model.save_pretrained(folder, *FAMILIES[request.param][0]())
    return models.load(str(folder), device="cpu")


@pytest.fixture
def batch(vlm: models.VLM, tmp_path: Path) -> dict[str, Tensor]:
    """Three different prompts, one picture twice, one question twice; answers to each stand apart."""
    for number in range(2):
        Image.new("RGB", (64, 64), (100 * number, 30, 200)).save(tmp_path / f"{number}.png")
    pictures = [ImageRef(str(tmp_path / f"{number}.png")) for number in range(2)]
    asked = [("Where was this person born?", 0), ("Where?", 0), ("Where?", 1)]
    prompts = [Prompt(question, pictures[i]) for question, i in asked] * GROUP
    return dict(models.encode_prompts(vlm, prompts))


def answers(count: int) -> tuple[Tensor, Tensor]:
    ids = torch.randint(20, 60, (count, LENGTH), generator=torch.Generator().manual_seed(1))
    mask = torch.ones_like(ids)
    for row in range(count):
        mask[row, 1 + row % LENGTH :] = 0
    return ids, mask


def rest(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value for name, value in batch.items() if name not in ("input_ids", "attention_mask")}


def start(vlm: models.VLM, batch: dict[str, Tensor]) -> prefix.Prefix:
    parts = prefix.divide(len(batch["input_ids"]), rest(batch))
    assert parts is not None
    return prefix.prefill(vlm.model, batch["input_ids"], batch["attention_mask"], parts)


def in_full(vlm: models.VLM, batch: dict[str, Tensor], ids: Tensor, mask: Tensor, temperature: float) -> Tensor:
    """What trl computes: every sequence as a whole."""
    fields = rest(batch)
    for name in fields:
        if name.endswith("token_type_ids"):
            fields[name] = torch.cat([fields[name], torch.zeros_like(ids)], dim=1)
    logits = vlm.model(
        input_ids=torch.cat([batch["input_ids"], ids], dim=1),
        attention_mask=torch.cat([batch["attention_mask"], mask], dim=1),
        use_cache=False,
        **fields,
    ).logits[:, -LENGTH - 1 : -1]
    return torch.log_softmax(logits / temperature, -1).gather(-1, ids[..., None])[..., 0]


def gradients(vlm: models.VLM, logps: Tensor, mask: Tensor) -> dict[str, Tensor]:
    vlm.model.zero_grad()
    (logps * mask).sum().backward()
    return {n: p.grad.clone() for n, p in vlm.model.named_parameters() if p.grad is not None}


def test_log_probabilities_and_gradients_are_equal(vlm: models.VLM, batch: dict[str, Tensor]) -> None:
    ids, mask = answers(len(batch["input_ids"]))
    whole = in_full(vlm, batch, ids, mask, 0.7)
    shared, entropy = prefix.answer_logps(start(vlm, batch), ids, mask, 0.7, entropy=True)
    assert torch.allclose(shared * mask, whole * mask, atol=2e-5)
    assert entropy is not None
    assert float((entropy * mask).max()) <= torch.tensor(float(vlm.model.get_output_embeddings().out_features)).log()
    mine, theirs = gradients(vlm, shared, mask), gradients(vlm, whole, mask)
    assert mine.keys() == theirs.keys()
    assert any("vision" in name or "visual" in name for name in mine)
    for name, value in theirs.items():
        torch.testing.assert_close(mine[name], value, rtol=1e-3, atol=2e-4, msg=lambda m, n=name: f"{n}: {m}")


def test_short_and_long_answers_are_run_apart(
    vlm: models.VLM, batch: dict[str, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids, mask = answers(len(batch["input_ids"]))
    for row, length in enumerate([1, 5, 2, 2, 4, 1, 1, 3, 1]):  # of three prompts in turn
        mask[row] = torch.arange(LENGTH) < length
    whole = in_full(vlm, batch, ids, mask, 0.7)
    parts = prefix.divide(len(ids), rest(batch))
    everything = (torch.cat([batch["input_ids"], ids], 1), torch.cat([batch["attention_mask"], mask], 1))
    sizes: list[tuple[int, ...]] = []
    plain = prefix.answer_logps
    monkeypatch.setattr(
        prefix, "answer_logps", lambda at, ids, *more: (sizes.append(ids.shape), plain(at, ids, *more))[1]
    )
    width = batch["input_ids"].shape[1]
    found, entropy = prefix.logps_by_length(vlm.model, *everything, parts, width, 0.7, True)
    assert sorted(sizes) == [(3, 2), (6, 5)]
    assert found.shape == ids.shape
    assert torch.allclose(found * mask, whole * mask, atol=2e-5)
    assert entropy is not None
    assert entropy.shape == ids.shape
    mine, theirs = gradients(vlm, found, mask), gradients(vlm, whole, mask)
    for name, value in theirs.items():
        torch.testing.assert_close(mine[name], value, rtol=1e-3, atol=2e-4, msg=lambda m, n=name: f"{n}: {m}")


@pytest.mark.parametrize(
    ("longest", "groups"),
    [([4, 9, 3, 8], [[0, 2], [1, 3]]), ([5, 9, 3, 8], [[0, 1, 2, 3]]), ([4], [[0]]), ([0, 0], [[0], [1]])],
)
def test_halves_by_length(longest: list[int], groups: list[list[int]]) -> None:
    assert prefix._by_length(longest) == groups


def test_equal_prompts_run_once(vlm: models.VLM, batch: dict[str, Tensor], monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    forward = type(vlm.model).forward

    def spy(self: Any, input_ids: Tensor, **more: Any) -> Any:
        sizes.append(tuple(input_ids.shape))
        return forward(self, input_ids=input_ids, **more)

    spy.__signature__ = __import__("inspect").signature(forward)  # type: ignore[attr-defined]
    monkeypatch.setattr(type(vlm.model), "forward", spy)
    ids, mask = answers(3 * GROUP)
    with torch.no_grad():
        prefix.answer_logps(start(vlm, batch), ids, mask, 1.0, entropy=False)
    assert sizes == [(3, batch["input_ids"].shape[1]), (3 * GROUP, LENGTH)]


def test_greedy_answers_are_those_of_generate(vlm: models.VLM, batch: dict[str, Tensor]) -> None:
    width = batch["input_ids"].shape[1]
    theirs = vlm.model.generate(**batch, max_new_tokens=6, do_sample=False)[:, width:].tolist()
    with torch.no_grad():
        free = prefix.sample(start(vlm, batch), lambda logits: logits.argmax(-1), [-5], 6)
    end = theirs[0][2]  # pretend that the third token ends an answer
    with torch.no_grad():
        ended = prefix.sample(start(vlm, batch), lambda logits: logits.argmax(-1), [end], 6)
    assert free == theirs
    for row, cut in zip(theirs, ended, strict=True):
        assert cut == (row[: row.index(end) + 1] if end in row else row)


def test_sequences_that_end_early_leave_and_change_nothing_for_the_others(
    vlm: models.VLM, batch: dict[str, Tensor]
) -> None:
    def answered(ends: list[int]) -> tuple[list[list[int]], list[int]]:
        """Answers that begin with token 20, 21, … and go on greedily; how many sequences each step had."""
        counts: list[int] = []

        def choose(logits: Tensor) -> Tensor:
            counts.append(len(logits))
            return torch.arange(20, 20 + len(logits)) if len(counts) == 1 else logits.argmax(-1)

        with torch.no_grad():
            return prefix.sample(start(vlm, batch), choose, ends, 6), counts

    whole, always = answered([-5])
    half = (len(whole) + 1) // 2
    cut, counts = answered(list(range(20, 20 + half)))
    assert cut[:half] == [row[:1] for row in whole[:half]]
    assert cut[half:] == [
        row[: next((i + 1 for i, t in enumerate(row) if 20 <= t < 20 + half), 6)] for row in whole[half:]
    ]
    assert always == [len(whole)] * 6
    assert counts[:2] == [len(whole), len(whole) - half]


def test_the_nucleus_by_hand() -> None:
    logits = torch.tensor([[0.5, 0.3, 0.15, 0.05]]).log()
    torch.manual_seed(0)

    def drawn(temperature: float, top_p: float, never: list[int]) -> set[int]:
        choose = prefix.nucleus(temperature, top_p, never)
        return {int(choose(logits.clone())) for _ in range(300)}

    assert drawn(1.0, 1.0, []) == {0, 1, 2, 3}
    assert drawn(1.0, 0.7, []) == {0, 1}  # 0.5 + 0.3 is the smallest sum from 0.7 on
    assert drawn(1.0, 0.4, []) == {0}
    assert drawn(1.0, 0.7, [0]) == {1, 2}  # 0.6 + 0.3 without the first
    assert drawn(0.1, 0.95, []) == {0}
    hot = prefix.nucleus(2.0, 1.0, [])
    share = sum(int(hot(logits.clone())) == 0 for _ in range(2000)) / 2000
    weights = torch.tensor([0.5, 0.3, 0.15, 0.05]).sqrt()
    assert share == pytest.approx(float(weights[0] / weights.sum()), abs=0.04)


def test_pictures_that_do_not_fit_the_prompts_are_left_to_trl() -> None:
    grid = torch.tensor([[1, 2, 2], [1, 1, 2]])
    fields = {"pixel_values": torch.arange(12.0).reshape(6, 2), "image_grid_thw": grid}
    parts = prefix.divide(2, fields)
    assert parts is not None
    assert [len(part["pixel_values"]) for part in parts] == [4, 2]
    assert prefix.divide(3, fields) is None
    assert prefix.divide(2, {"pixel_values": torch.zeros(3, 3, 4, 4)}) is None
