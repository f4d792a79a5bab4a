"""Batches in parts: the same loss and gradients for any loss, and what is said where memory runs out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from asru_bench.methods.kl_min import KLMinimisation
from asru_bench.methods.npo import NPO
from PIL import Image
from transformers.modeling_outputs import BaseModelOutputWithPooling

from asru_bench import losses, microbatch, models, training
from asru_bench.fit import Fit, out_of_memory
from asru_bench.microbatch import Parts
from asru_bench.types import AsruBenchError, ImageRef, Prompt, TrainingData, TrainingPair
from asru_bench.unlearner import Context


@pytest.fixture
def vlm(tiny_dir: Path) -> models.VLM:
    return models.load(str(tiny_dir), device="cpu")


@pytest.fixture
def pairs(tmp_path: Path) -> list[TrainingPair]:
    refs = []
    for i, size in enumerate([(64, 64), (96, 32)]):  # so many patches each
        Image.new("RGB", size, (100 * i, 30, 3)).save(tmp_path / f"{i}.png")
        refs.append(ImageRef(str(tmp_path / f"{i}.png")))
    answers = ["Riga.", "I do not know.", "Oslo", "This person lives in Lima.", "Quito"]
    return [
        TrainingPair(str(i), str(i), "Where?", answer, [refs[0], None, refs[1], None, refs[0]][i])
        for i, answer in enumerate(answers)
    ]


def encoded(vlm: models.VLM, pairs: list[TrainingPair]) -> Any:
    return models.encode_pairs(vlm, [(p.prompt, p.answer) for p in pairs])


def gradients(vlm: models.VLM, loss: Callable[[], torch.Tensor]) -> tuple[float, torch.Tensor]:
    vlm.model.zero_grad(set_to_none=True)
    value = loss()
    value.backward()
    return value.item(), torch.cat([p.grad.flatten() for p in vlm.model.parameters() if p.grad is not None])


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("name", ["mean_nll", "npo_of_mean"])
def test_losses_and_gradients_are_those_of_the_whole_batch(
    vlm: models.VLM, pairs: list[TrainingPair], size: int, name: str
) -> None:
    batch, reference = encoded(vlm, pairs), models.clone(vlm).model
    more = (reference, batch, 0.4) if name == "npo_of_mean" else (batch,)

    def loss() -> torch.Tensor:
        return getattr(losses, name)(vlm.model, *more)

    value, expected = gradients(vlm, loss)
    seen: list[int] = []
    inner = vlm.model.get_submodule(models.language_model_name(vlm.model))
    hook = inner.register_forward_pre_hook(
        lambda _module, _args, inputs: seen.append(len(inputs["inputs_embeds"])), with_kwargs=True
    )
    with microbatch.in_parts(vlm.model, Parts(size)):
        found, parts = gradients(vlm, loss)
    hook.remove()
    assert "forward" not in vars(vlm.model)
    assert max(seen) == size
    assert sum(seen) == 2 * len(pairs)  # each part once forward and once for the backward pass
    assert found == pytest.approx(value, rel=1e-5)
    torch.testing.assert_close(parts, expected, rtol=1e-4, atol=1e-5)


def test_inputs_that_cannot_be_told_apart_are_an_error(vlm: models.VLM, pairs: list[TrainingPair]) -> None:
    inputs = {"input_ids": torch.ones(4, 3).long(), "pixel_values": torch.ones(7, 2)}
    with pytest.raises(AsruBenchError, match="pixel_values has 7 entries for 4 sequences"):
        microbatch.divide(inputs, 2)
    batch = encoded(vlm, pairs)
    first, second, third = microbatch.divide(dict(batch), 2)
    assert "pixel_values" not in microbatch.divide(dict(encoded(vlm, pairs[1:2] + pairs[3:4])), 1)[0]
    assert [len(part["image_grid_thw"]) for part in (first, second, third)] == [1, 1, 1]
    assert len(torch.cat([p["pixel_values"] for p in (first, second, third)])) == len(batch["pixel_values"])


class Full:
    """Memory for so many sequences at once."""

    def __init__(self, vlm: models.VLM, room: int) -> None:
        inner = vlm.model.get_submodule(models.language_model_name(vlm.model))
        inner.register_forward_pre_hook(self, with_kwargs=True)
        self.room = room

    def __call__(self, module: Any, args: Any, inputs: Any) -> None:
        if module.training and len(inputs["inputs_embeds"]) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def trained(
    folder: Path, tiny: Path, method: Any, pairs: list[TrainingPair], room: int = 99, train: str = "full"
) -> Any:
    folder.mkdir()
    vlm = models.load(str(tiny), device="cpu")
    Full(vlm, room)
    ctx = Context(vlm, TrainingData(tuple(pairs), tuple(pairs)), workdir=folder, base_path=str(tiny), train=train)
    out = method.unlearn(ctx)
    lines = [json.loads(line) for line in (folder / "curves.jsonl").read_text().splitlines()]
    return [line["loss"] for line in lines], lines, ctx, out


def test_memory_that_runs_out_halves_the_batch_and_says_so(
    tiny_dir: Path, tmp_path: Path, pairs: list[TrainingPair], capsys: pytest.CaptureFixture[str]
) -> None:
    def method() -> NPO:
        return NPO(NPO.Config(variant="release", lr=1e-3, epochs=2))

    whole, _, free, _ = trained(tmp_path / "whole", tiny_dir, method(), pairs)
    assert free.fit.notes == {}
    capsys.readouterr()
    parts, lines, ctx, _ = trained(tmp_path / "parts", tiny_dir, method(), pairs, room=1)
    assert parts == pytest.approx(whole, rel=1e-3)
    assert ctx.fit.notes == {"microbatch": 1}
    assert {line["microbatch"] for line in lines} == {1}
    said = capsys.readouterr().err
    assert "memory ran out at step 1; batches are computed 2 at a time" in said
    assert "batches are computed 1 at a time, same loss and step" in said


def test_no_room_for_one_says_what_helps(tiny_dir: Path, tmp_path: Path, pairs: list[TrainingPair]) -> None:
    with pytest.raises(AsruBenchError, match=r"out of memory with one question at a time .*--grad-checkpoint"):
        trained(tmp_path / "none", tiny_dir, NPO(NPO.Config(steps=1)), pairs, room=0)


def test_other_errors_are_not_taken_for_it() -> None:
    assert out_of_memory(RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"))
    assert out_of_memory(MemoryError())
    assert not out_of_memory(RuntimeError("shapes do not match"))
    assert not out_of_memory(ValueError("out of memory"))


@pytest.mark.parametrize("method", [NPO, KLMinimisation])
def test_the_reference_of_an_adapter_is_the_model_without_it(
    tiny_dir: Path, tmp_path: Path, pairs: list[TrainingPair], method: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No second copy in memory, and the same curve as with one."""
    settings = method.Config(lr=3e-3, epochs=2)
    off, _, ctx, _ = trained(tmp_path / "off", tiny_dir, method(settings), pairs, train="lora")
    assert "reference" not in vars(ctx)  # never made
    monkeypatch.setattr(training, "Unadapted", lambda model: models.load(str(tiny_dir), device="cpu").model)
    copied, _, _, _ = trained(tmp_path / "copy", tiny_dir, method(settings), pairs, train="lora")
    assert off == pytest.approx(copied, rel=1e-5)
    assert len(set(off)) > 2


def test_gradient_checkpointing_changes_nothing_but_the_passes(tiny_dir: Path, pairs: list[TrainingPair]) -> None:
    def run(fit: Fit) -> tuple[torch.Tensor, int]:
        vlm = models.trainable(models.load(str(tiny_dir), device="cpu"), "lora")
        passes: list[int] = []
        models.decoder_layers(vlm.model)[0].mlp.register_forward_pre_hook(lambda *_: passes.append(1))
        training.sft(vlm, pairs, training.OptimConfig(lr=1e-2, steps=2), fit=fit)
        assert not any(getattr(module, "gradient_checkpointing", False) for module in vlm.model.modules())
        return torch.cat([p.detach().flatten() for p in vlm.model.parameters() if p.requires_grad]), len(passes)

    (plain, once), (again, twice) = run(Fit()), run(Fit(grad_checkpoint=True))
    assert torch.equal(plain, again)
    assert (once, twice) == (2, 4)


def test_prompts_have_a_layout_too(vlm: models.VLM, pairs: list[TrainingPair]) -> None:
    batch = models.encode_prompts(vlm, [pairs[0].prompt, Prompt("Where?")])
    with torch.no_grad():
        whole = vlm.model(**batch).logits
        with microbatch.in_parts(vlm.model, Parts(1)):
            torch.testing.assert_close(vlm.model(**batch).logits, whole, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [1, 0, 3, 2], [1, 3, 0, 2], [0, 2, 1, 3], [1, 3, 1]])
@pytest.mark.parametrize("size", [1, 2])
def test_parts_with_and_without_pictures_in_any_order(
    vlm: models.VLM, pairs: list[TrainingPair], order: list[int], size: int
) -> None:
    """Questions 0 and 2 have a picture. A family may give what it made of pictures from their passes only."""
    batch = models.encode_prompts(vlm, [pairs[i].prompt for i in order])
    with torch.no_grad():
        whole = vlm.model(**batch, output_hidden_states=True)
        with microbatch.in_parts(vlm.model, Parts(size)):
            parts = vlm.model(**batch, output_hidden_states=True)
    torch.testing.assert_close(parts.logits, whole.logits, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(parts.hidden_states, whole.hidden_states, rtol=1e-5, atol=1e-5)
    assert type(parts) is type(whole)
    assert not any(name in parts for name in microbatch.CACHES)


def rows(start: int, count: int = 1, width: int = 2) -> torch.Tensor:
    return torch.arange(start, start + count)[:, None].expand(count, width).float()


def image_features(*values: torch.Tensor) -> BaseModelOutputWithPooling:
    return BaseModelOutputWithPooling(last_hidden_state=values[0], pooler_output=tuple(values))  # type: ignore[arg-type]


#: What a part with a picture has more than one without -> what is left of it.
EXTRA: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"image_outputs": image_features(rows(7))}, {}),
    ({"video_outputs": image_features(rows(7))}, {}),
    ({"image_hidden_states": rows(7, 3)}, {"image_hidden_states": rows(7, 3)}),
    ({"image_hidden_states": (rows(7), rows(8))}, {}),
    ({"rope_deltas": rows(7)}, {}),
    ({"cache": (rows(7), rows(8))}, {}),
    ({"past_key_values": ((rows(7), rows(8)),)}, {}),
    ({"loss": torch.tensor(0.5)}, {}),
    ({"hidden_states": (rows(7), rows(8))}, {}),
]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(("extra", "left"), EXTRA, ids=lambda value: "-".join(value))
def test_what_some_parts_lack_is_joined_or_left_out(first: bool, extra: dict[str, Any], left: dict[str, Any]) -> None:
    outputs = [dict(logits=rows(1), **extra), {"logits": rows(0)}, {"logits": rows(2)}]
    joined = microbatch._joined(outputs if first else outputs[::-1])
    assert joined.pop("logits")[:, 0].tolist() == ([1, 0, 2] if first else [2, 0, 1])
    assert joined.keys() == left.keys()
    assert all(torch.equal(joined[name], value) for name, value in left.items())


def test_what_all_parts_have_is_joined_by_sequence() -> None:
    shared = [
        {
            "logits": rows(i),
            "loss": torch.tensor(1.0),
            "hidden_states": (rows(i), rows(i + 10)),
            "attentions": (rows(i), None),
            "image_hidden_states": rows(i, i + 1),
            "image_grid": rows(i, 1, i + 1),  # of another width each time
            "image_outputs": image_features(rows(i)),
            "cache": object(),
        }
        for i in (0, 1)
    ]
    joined = microbatch._joined(shared)
    assert sorted(joined) == ["attentions", "hidden_states", "image_hidden_states", "logits"]
    assert [state[:, 0].tolist() for state in joined["hidden_states"]] == [[0, 1], [10, 11]]
    assert joined["attentions"][0][:, 0].tolist() == [0, 1]
    assert joined["attentions"][1] is None
    assert joined["image_hidden_states"][:, 0].tolist() == [0, 1, 2]
