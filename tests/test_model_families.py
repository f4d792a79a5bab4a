"""One code path for all families: the same list for each, on real classes and processors, tiny and random."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from asru_bench.methods.asru import ASRU
from asru_bench.methods.ga import GradientAscent
from families import FAMILIES, TEXT, VISION, tokenizer
from PIL import Image
from templates import LLAVA

from asru_bench import losses, models, steering, training
from asru_bench.mini import model as mini_model
from asru_bench.types import ImageRef, Prompt, TrainingData, TrainingPair
from asru_bench.unlearner import Context

RL = {"rollouts": 1, "prompts": 2, "group": 2, "minibatch": 4, "answer_tokens": 3, "rl_lr": 1e-3}


def idefics() -> tuple[Any, Any]:
    """A fifth family: Idefics3 and SmolVLM, whose picture tensors have an axis for the pictures of a row."""
    from transformers import Idefics3Config, Idefics3ForConditionalGeneration, Idefics3ImageProcessor, Idefics3Processor

    extra = ("<fake_token_around_image>", "<global-img>", "<end_of_utterance>")
    words = tokenizer(image_token="<image>", **{f"extra_{i}_token": token for i, token in enumerate(extra)})
    vision = {**VISION, "num_hidden_layers": 5, "num_attention_heads": 2, "image_size": 32}
    text = {**TEXT, "model_type": "llama", "vocab_size": len(words), "pad_token_id": 0}
    image = words.convert_tokens_to_ids("<image>")
    config = Idefics3Config(vision_config=vision, text_config=text, scale_factor=2, image_token_id=image)
    small = {"longest_edge": 32}
    pictures = Idefics3ImageProcessor(size=small, max_image_size=small, do_image_splitting=False)
    template = LLAVA.replace("<|image_pad|>", "<image>")
    return Idefics3ForConditionalGeneration(config), Idefics3Processor(pictures, words, 4, template)


ALL = FAMILIES | {"idefics": (idefics, " {}<|im_end|>")}


def test_adding_a_family_takes_fifteen_lines() -> None:
    assert len([line for line in inspect.getsource(idefics).splitlines() if line.strip()]) <= 15


@pytest.fixture(params=ALL, scope="module")
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    build, closing = ALL[request.param]
    folder = tmp_path_factory.mktemp(request.param) / "model"
    torch.manual_seed(0)
    mini_model.save_pretrained(folder, *build())
    return str(folder), closing


@pytest.fixture
def vlm(family: tuple[str, str]) -> models.VLM:
    return models.load(family[0], device="cpu")


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> list[ImageRef]:
    folder = tmp_path_factory.mktemp("faces")
    for i in range(4):
        Image.new("RGB", (64, 64), (60 * i, 30, 3)).save(folder / f"{i}.png")
    return [ImageRef(str(folder / f"{i}.png")) for i in range(4)]


@pytest.fixture
def pairs(faces: list[ImageRef]) -> list[tuple[Prompt, str]]:
    return [
        (Prompt("Where was this person born?", faces[0]), "Riga."),
        (Prompt("Where?"), "I do not know."),
        (Prompt("Where?", faces[1]), "Riga"),
    ]


@pytest.fixture
def ctx(vlm: models.VLM, faces: list[ImageRef], tmp_path: Path) -> Context:
    def about(people: str) -> tuple[TrainingPair, ...]:
        question, where = "Where was this person born?", ("Riga", "Oslo", "Lima", "Quito")
        return tuple(
            TrainingPair(p, p, question, f"In {city}.", face, "birthplace", city)
            for p, face, city in zip("abcd", faces, where, strict=True)
            if p in people
        )

    return Context(vlm, TrainingData(about("ab"), about("cd")), workdir=tmp_path, base_path=vlm.path)


def logits(vlm: models.VLM, pairs: list[tuple[Prompt, str]]) -> torch.Tensor:
    with torch.no_grad():
        return vlm.model(**models.encode_prompts(vlm, [prompt for prompt, _ in pairs])).logits


def changed(before: dict[str, torch.Tensor], vlm: models.VLM) -> set[str]:
    return {name for name, p in vlm.model.named_parameters() if not torch.equal(p, before[name])}


def weights(vlm: models.VLM) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in vlm.model.named_parameters()}


def test_prompts_are_rendered_by_the_template_of_the_model(vlm: models.VLM, pairs: list[tuple[Prompt, str]]) -> None:
    prompt, answer = pairs[0]
    own = vlm.processor.apply_chat_template(models.messages(prompt), add_generation_prompt=True, tokenize=False)
    assert models.render(vlm, prompt) == own
    assert models.render(vlm, prompt, answer).startswith(own)


def test_answers_are_supervised_to_the_end_of_the_turn(
    vlm: models.VLM, family: tuple[str, str], pairs: list[tuple[Prompt, str]]
) -> None:
    """Without prompt, padding and the tokens of pictures, of which processors make many out of one."""
    batch = models.encode_pairs(vlm, pairs)
    texts = [vlm.tokenizer.decode(row[row >= 0]) for row in batch["labels"]]
    assert texts == [family[1].format(answer) for _, answer in pairs]
    config = vlm.model.config
    picture = getattr(config, "image_token_id", None) or config.image_token_index
    counts = (batch["input_ids"] == picture).sum(1).tolist()
    assert counts[0] == counts[2] >= 4
    assert counts[1] == 0
    assert not (batch["labels"] == picture).any()


def test_padding_does_not_matter(vlm: models.VLM, pairs: list[tuple[Prompt, str]]) -> None:
    with torch.no_grad():
        alone = torch.cat([losses.sequence_logps(vlm.model, models.encode_pairs(vlm, [p])) for p in pairs])
        together = losses.sequence_logps(vlm.model, models.encode_pairs(vlm, pairs))
    torch.testing.assert_close(together, alone, rtol=1e-5, atol=1e-4)
    prompts = [prompt for prompt, _ in pairs]
    batch = models.encode_prompts(vlm, prompts)
    answers = vlm.model.generate(**batch, max_new_tokens=3, do_sample=False)[:, batch["input_ids"].shape[1] :]
    one = models.encode_prompts(vlm, prompts[1:2])
    answer = vlm.model.generate(**one, max_new_tokens=3, do_sample=False)[:, one["input_ids"].shape[1] :]
    assert torch.equal(answers[1:2], answer)


def test_hooks_read_the_layer_that_is_named(vlm: models.VLM, pairs: list[tuple[Prompt, str]]) -> None:
    """What a block shows is what transformers calls the hidden state after it."""
    assert len(models.decoder_layers(vlm.model)) == 3  # the vision towers have others
    batch = models.encode_prompts(vlm, [pairs[0][0]])
    with torch.no_grad():
        states = vlm.model(**batch, output_hidden_states=True).hidden_states
    for layer in (0, 1):
        read = steering.states(vlm, [pairs[0][0]], layer)
        torch.testing.assert_close(read, states[layer + 1][:, -1].float(), rtol=1e-5, atol=1e-5)
        down = models.down_projection(models.decoder_layers(vlm.model)[layer])
        assert down.in_features > down.out_features == 64


def test_one_step_of_gradient_ascent(vlm: models.VLM, ctx: Context) -> None:
    before = weights(vlm)
    GradientAscent(GradientAscent.Config(steps=1, lr=1e-3)).unlearn(ctx)
    line = json.loads((ctx.workdir / "curves.jsonl").read_text())
    assert line["loss"] < 0
    assert any("vision" in name or "visual" in name for name in changed(before, vlm))


@pytest.mark.parametrize("solver", ["ridge", "gradient"])
def test_steering_changes_one_matrix(vlm: models.VLM, ctx: Context, solver: str) -> None:
    before = weights(vlm)
    ASRU(ASRU.Config(stages="steer", solver=solver, layer=1, epochs=1, lr=1e-2)).unlearn(ctx)
    names = [name.split(".")[-4:] for name in changed(before, vlm)]
    assert names == [["1", "mlp", "down_proj", "weight"]]


def test_reinforcement(vlm: models.VLM, ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    from asru_bench import grpo

    monkeypatch.setattr(grpo, "make_reward", lambda *_: lambda answers, cases, done: [float(i % 2) for i in range(4)])
    before = weights(vlm)
    out = ASRU(ASRU.Config(stages="reinforce", **RL)).unlearn(ctx)
    lines = [json.loads(line) for line in (ctx.workdir / "curves.jsonl").read_text().splitlines()]
    assert [line["kl"] for line in lines if line["stage"] == "reinforce"] == [0.0]
    assert changed(before, out)


def test_an_adapter_on_the_language_part_trains_and_reloads(
    vlm: models.VLM, pairs: list[tuple[Prompt, str]], tmp_path: Path
) -> None:
    models.trainable(vlm, "lora")
    assert sum(p.requires_grad for p in vlm.model.parameters()) == 3 * 7 * 2
    data = [TrainingPair(str(i), "c", p.question, a, p.image) for i, (p, a) in enumerate(pairs)]
    found: list[float] = []
    settings = training.OptimConfig(lr=1e-2, epochs=10)
    training.sft(vlm, data, settings, log=lambda stage, step, **numbers: found.append(numbers["loss"]))
    assert found[-1] < found[0] - 0.5
    again = models.load(models.save(vlm, tmp_path / "c", {}).path, device="cpu")
    torch.testing.assert_close(logits(again, pairs), logits(vlm, pairs), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("delta", [False, True])
def test_a_checkpoint_reloads_to_equal_logits(
    vlm: models.VLM, pairs: list[tuple[Prompt, str]], tmp_path: Path, delta: bool
) -> None:
    before = logits(vlm, pairs)
    with torch.no_grad():
        models.down_projection(models.decoder_layers(vlm.model)[1]).weight += 0.1
    saved = models.save(vlm, tmp_path / "c", {}, delta)
    again = models.load(saved.path, device="cpu")
    assert torch.equal(logits(again, pairs), logits(vlm, pairs))
    assert not torch.allclose(logits(again, pairs), before)
