"""The loop: schedule, order, budget, failures, and that training does what it says."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from asru_bench import losses, models, training, unlearner
from asru_bench.types import AsruBenchError, ImageRef, TrainingData, TrainingPair


def pairs(count: int, answer: str = "Riga", image: ImageRef | None = None) -> tuple[TrainingPair, ...]:
    return tuple(TrainingPair(f"p{i}", f"c{i}", f"Where? {i}", answer, image) for i in range(count))


DATA = TrainingData(forget=pairs(5), retain=pairs(7, "Oslo"))


@pytest.fixture
def ctx(tiny_dir: Path, tmp_path: Path) -> unlearner.Context:
    vlm = models.load(str(tiny_dir), device="cpu")
    return unlearner.Context(vlm, DATA, seed=0, workdir=tmp_path, base_path=str(tiny_dir))


class Learn(training.LossUnlearner):
    """Learns the forget answers; keeps what it was given."""

    needs = ("forget", "retain")
    seen: list[tuple[Any, Any]]

    def loss(self, model: Any, forget: Any, retain: Any, reference: Any) -> Any:
        self.__dict__.setdefault("seen", []).append((forget, retain))
        return {"forget": losses.mean_nll(model, forget)}


def config(**settings: Any) -> training.LossConfig:
    return training.LossConfig(**{"lr": 1e-3, "batch_size": 2, "epochs": 1, **settings})


def curves(ctx: unlearner.Context) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (ctx.workdir / "curves.jsonl").read_text().splitlines()]


def weights(vlm: models.VLM) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in vlm.model.parameters()])


def test_steps_follow_from_epochs_unless_given() -> None:
    assert config(epochs=3).total_steps(5) == 9
    assert config(epochs=3, steps=4).total_steps(5) == 4


def test_the_learning_rate_falls_linearly_over_the_true_number_of_steps(ctx: unlearner.Context) -> None:
    Learn(config(steps=4)).unlearn(ctx)
    assert [line["lr"] for line in curves(ctx)] == pytest.approx([1e-3, 7.5e-4, 5e-4, 2.5e-4])
    assert [(line["stage"], line["step"]) for line in curves(ctx)] == [("test_training", k) for k in range(1, 5)]
    assert all(line["loss"] == line["forget"] for line in curves(ctx))


def test_warmup() -> None:
    factors = [training.linear(k, 10, 0.2) for k in range(11)]
    assert factors == pytest.approx([0.5, 1, 1, 7 / 8, 6 / 8, 5 / 8, 4 / 8, 3 / 8, 2 / 8, 1 / 8, 0])


def test_the_first_step_is_adamw(ctx: unlearner.Context) -> None:
    # Adam's first step has size lr where the gradient is well above epsilon, and its sign.
    before = weights(ctx.vlm)
    Learn(config(steps=1, weight_decay=0.0)).unlearn(ctx)
    moved = (weights(ctx.vlm) - before).abs()
    assert moved.max().item() == pytest.approx(1e-3, rel=1e-3)


def test_clipping_scales_gradients_down(ctx: unlearner.Context) -> None:
    # Gradients far below Adam's epsilon of 1e-8 make steps far below the learning rate.
    before = weights(ctx.vlm)
    Learn(config(steps=1, weight_decay=0.0, max_grad_norm=1e-10)).unlearn(ctx)
    assert 0 < (weights(ctx.vlm) - before).abs().max().item() < 1e-4


def test_weight_decay_is_decoupled(ctx: unlearner.Context) -> None:
    before = weights(models.trainable(ctx.vlm, "full"))
    settings = config(lr=0.1, weight_decay=0.5)
    steps = training.optimise(ctx.vlm, 1, lambda _: sum(p.sum() * 0 for p in ctx.vlm.model.parameters()), settings)
    assert steps == 1
    torch.testing.assert_close(weights(ctx.vlm), before * (1 - 0.1 * 0.5))


def test_training_lowers_the_loss_and_ends_in_eval_mode(ctx: unlearner.Context) -> None:
    Learn(config(epochs=20)).unlearn(ctx)
    values = [line["loss"] for line in curves(ctx)]
    assert values[-1] < 0.5 * values[0]
    assert not ctx.vlm.model.training


def test_forget_batches_cover_each_pass_and_retain_batches_match_them(ctx: unlearner.Context) -> None:
    method = Learn(config(epochs=2))
    method.unlearn(ctx)
    assert [len(f["input_ids"]) for f, _ in method.seen] == [2, 2, 1, 2, 2, 1]
    assert [len(r["input_ids"]) for _, r in method.seen] == [2, 2, 1, 2, 2, 1]
    order = training.batches(DATA.forget, 2, 6, seed=0)
    first, second = ([p for batch in order[i : i + 3] for p in batch] for i in (0, 3))
    assert {p.id for p in first} == {p.id for p in second} == {p.id for p in DATA.forget}
    assert first != second


def test_drawn_retain_pairs_differ_by_step_and_repeat_by_seed() -> None:
    draws = [[p.id for p in training.draw(DATA.retain, 4, 0, step)] for step in range(3)]
    assert draws == [[p.id for p in training.draw(DATA.retain, 4, 0, step)] for step in range(3)]
    assert draws[0] != draws[1] != draws[2]
    assert all(len(set(ids)) == 4 for ids in draws)
    assert len(training.draw(DATA.retain, 20, 0, 0)) == 20


@pytest.mark.parametrize("train", ["full", "lora"])
def test_two_runs_of_one_seed_are_equal(tiny_dir: Path, tmp_path: Path, train: str) -> None:
    def run(seed: int) -> torch.Tensor:
        torch.rand(seed + 1)
        vlm = models.load(str(tiny_dir), device="cpu")
        context = unlearner.Context(vlm, DATA, seed=seed, workdir=tmp_path, train=train)
        return weights(Learn(config(steps=3)).unlearn(context))

    first = run(0)
    assert torch.equal(first, run(0))
    assert not torch.equal(first, run(1))


def test_lora_leaves_the_weights_and_moves_the_adapter(ctx: unlearner.Context) -> None:
    ctx.train = "lora"
    before = {n: p.clone() for n, p in ctx.vlm.model.named_parameters()}
    vlm = Learn(config(steps=2, lr=1e-2)).unlearn(ctx)
    base = vlm.model.get_base_model()
    after = {n.replace(".base_layer", ""): p for n, p in base.named_parameters() if "lora_" not in n}
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert any(p.abs().max() > 0 for n, p in base.named_parameters() if "lora_B" in n)


def test_budget_of_steps_and_seconds(ctx: unlearner.Context) -> None:
    ctx.budget = unlearner.Budget(max_steps=2)
    Learn(config(epochs=3)).unlearn(ctx)
    assert [line["lr"] for line in curves(ctx)] == pytest.approx([1e-3, 5e-4])
    ctx.budget = unlearner.Budget(max_seconds=0.0)
    Learn(config(epochs=3)).unlearn(ctx)
    assert len(curves(ctx)) == 2


def test_a_loss_that_is_not_a_number_names_the_step(ctx: unlearner.Context) -> None:
    class Breaks(Learn):
        def loss(self, model: Any, forget: Any, retain: Any, reference: Any) -> Any:
            terms = super().loss(model, forget, retain, reference)
            return {"forget": terms["forget"] * (math.nan if len(self.seen) == 3 else 1)}

    with pytest.raises(AsruBenchError, match=r"NaN loss at step 3 \(forget nan\)"):
        Breaks(config(epochs=3)).unlearn(ctx)
    assert len(curves(ctx)) == 2


def test_bfloat16_weights_learn_at_small_rates(tiny_dir: Path, tmp_path: Path) -> None:
    """Steps far below their resolution add up in float32 masters."""
    vlm = models.load(str(tiny_dir), device="cpu", dtype="bfloat16")
    before = {name: weight.detach().clone() for name, weight in vlm.model.named_parameters()}
    learned = Learn(config(lr=5e-5, steps=8)).unlearn(unlearner.Context(vlm, DATA, workdir=tmp_path))
    after = dict(learned.model.named_parameters())
    changed = sum(int((after[name] != weight).sum()) for name, weight in before.items())
    assert changed / sum(weight.numel() for weight in before.values()) > 0.05


def test_modalities_choose_the_pairs(ctx: unlearner.Context) -> None:
    with pytest.raises(AsruBenchError, match="no forget pairs of image_text"):
        Learn(config(modalities=("image_text",))).unlearn(ctx)
    with pytest.raises(AsruBenchError, match="unknown modality 'images'"):
        Learn(config(modalities=("images",))).unlearn(ctx)
    ctx.data = dataclasses.replace(DATA, retain=())
    with pytest.raises(AsruBenchError, match="no retain pairs"):
        Learn(config()).unlearn(ctx)


def test_sft_learns_the_answers(ctx: unlearner.Context) -> None:
    models.trainable(ctx.vlm, "full")
    lines: list[dict[str, float]] = []
    settings = training.OptimConfig(lr=2e-3, epochs=20, batch_size=4)
    training.sft(ctx.vlm, DATA.forget, settings, log=lambda stage, step, **n: lines.append({"step": step, **n}))
    assert len(lines) == 40
    prompts = models.encode_prompts(ctx.vlm, [DATA.forget[0].prompt])
    answer = ctx.vlm.model.generate(**prompts, max_new_tokens=8)[0, prompts["input_ids"].shape[1] :]
    assert ctx.vlm.tokenizer.decode(answer, skip_special_tokens=True) == "Riga"


def test_pictures_take_part_in_training(ctx: unlearner.Context, tmp_path: Path) -> None:
    refs = []
    for i, colour in enumerate([(250, 20, 20), (20, 20, 250)]):
        Image.new("RGB", (64, 64), colour).save(tmp_path / f"{i}.png")
        refs.append(ImageRef(str(tmp_path / f"{i}.png")))
    data = [TrainingPair(str(i), "c", "Where?", a, refs[i]) for i, a in enumerate(["Riga", "Oslo"])]
    vlm = models.trainable(ctx.vlm, "full")
    training.sft(vlm, data, training.OptimConfig(lr=2e-3, epochs=40))
    prompts = models.encode_prompts(vlm, [pair.prompt for pair in data])
    answers = vlm.model.generate(**prompts, max_new_tokens=8)[:, prompts["input_ids"].shape[1] :]
    assert vlm.tokenizer.batch_decode(answers, skip_special_tokens=True) == ["Riga", "Oslo"]


def test_nothing_to_train_is_an_error(ctx: unlearner.Context) -> None:
    ctx.vlm.model.requires_grad_(False)
    with pytest.raises(AsruBenchError, match="no weight is trainable"):
        training.sft(ctx.vlm, DATA.forget, training.OptimConfig())
