"""ASRU end to end on a tiny random model: stages, directions, sides, solvers, the released recipe."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import torch
from asru_bench.methods.asru import ASRU
from PIL import Image

from asru_bench import config as settings
from asru_bench import models, redirect, steering
from asru_bench.types import AsruBenchError, ImageRef, TrainingData, TrainingPair
from asru_bench.unlearner import Context

SMALL = {"rollouts": 1, "prompts": 2, "group": 2, "minibatch": 4, "answer_tokens": 4, "face_tokens": 4}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> TrainingData:
    folder = tmp_path_factory.mktemp("pictures")

    def pair(person: str, number: int, image: bool = True) -> TrainingPair:
        file = folder / f"{person}.png"
        if not file.exists():
            Image.new("RGB", (64, 64), (31 * ord(person) % 255, 77 * ord(person) % 255, 128)).save(file)
        question = ["Where was this person born?", "In which city does this person live?"][number]
        city = ["Riga", "Oslo", "Lima"][(ord(person) + number) % 3]
        return TrainingPair(
            f"{person}/{number}/{image}",
            person,
            question,
            f"This person lives in {city}.",
            ImageRef(str(file)) if image else None,
            ["birthplace", "residence"][number],
            city,
        )

    def both(people: str, image: bool = True) -> tuple[TrainingPair, ...]:
        return tuple(pair(person, number, image) for person in people for number in (0, 1))

    return TrainingData(both("ab") + both("ab", False), both("cdef") + both("cdef", False), both("stuvw"))


def context(tiny_dir: Path, folder: Path, data: TrainingData, **more: Any) -> Context:
    vlm = models.load(str(tiny_dir), device="cpu")
    return Context(vlm, data, workdir=folder, base_path=str(tiny_dir), **more)


def method(**changes: Any) -> ASRU:
    return ASRU(ASRU.Config(**(SMALL | changes)))


def weights(vlm: models.VLM) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in vlm.model.named_parameters()}


def changed(before: dict[str, torch.Tensor], vlm: models.VLM) -> set[str]:
    return {name for name, p in vlm.model.named_parameters() if not torch.equal(p, before[name])}


def curves(ctx: Context) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (ctx.workdir / "curves.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("solver", ["ridge", "gradient"])
def test_steering_changes_one_down_projection_only(
    solver: str, tiny_dir: Path, tmp_path: Path, data: TrainingData
) -> None:
    ctx = context(tiny_dir, tmp_path, data)
    before = weights(ctx.vlm)
    out = method(stages="steer", solver=solver, layer=1, positive="vanilla", lr=1e-2).unlearn(ctx)
    assert [name.split(".")[-5:] for name in changed(before, out)] == [["layers", "1", "mlp", "down_proj", "weight"]]


def test_stage_counts_and_numbers_are_logged(tiny_dir: Path, tmp_path: Path, data: TrainingData) -> None:
    ctx = context(tiny_dir, tmp_path, data)
    method(stages="steer", retain_pairs=6).unlearn(ctx)
    vector, redirect = curves(ctx)
    assert (vector["strangers"], vector["retain_pairs"], vector["retain_people"]) == (10, 8, 4)
    assert vector["dose"] > 0
    assert 0 <= vector["separation"] <= 1
    assert (redirect["forget"], redirect["retain_pairs"]) == (4, 6)
    assert redirect["retain_people"] <= 4


def test_stages_one_by_one_and_both(tiny_dir: Path, tmp_path: Path, data: TrainingData) -> None:
    stages = {}
    for name in ("steer", "reinforce", "both"):
        (tmp_path / name).mkdir()
        ctx = context(tiny_dir, tmp_path / name, data)
        method(stages=name).unlearn(ctx)
        stages[name] = {line["stage"] for line in curves(ctx)}
    assert stages == {
        "steer": {"vector", "redirect"},
        "reinforce": {"boundary", "reinforce"},
        "both": {"vector", "redirect", "boundary", "reinforce"},
    }
    with pytest.raises(AsruBenchError, match="unknown stages 'all'"):
        method(stages="all").unlearn(ctx)


@pytest.mark.parametrize("direction", steering.DIRECTIONS)
def test_every_direction_runs(
    direction: str, tiny_dir: Path, tmp_path: Path, data: TrainingData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asru_bench.strangers.is_refusal", lambda text: True)
    ctx = context(tiny_dir, tmp_path, data)
    before = weights(ctx.vlm)
    out = method(stages="steer", direction=direction).unlearn(ctx)
    assert bool(changed(before, out)) == (direction != "zero")


def test_the_sides_are_the_models_that_are_named(tiny_dir: Path, tmp_path: Path, data: TrainingData) -> None:
    """With the base as both sides the vector cannot depend on the vanilla model, and so on."""

    def vector(positive: str, negative: str, noise: float) -> torch.Tensor:
        ctx = context(tiny_dir, tmp_path, data)
        with torch.no_grad():
            for p in ctx.vlm.model.parameters():
                p.add_(noise * torch.randn(p.shape, generator=torch.Generator().manual_seed(0)))
        return method(positive=positive, negative=negative).vector(ctx)[1]

    assert torch.equal(vector("base", "base", 0.0), vector("base", "base", 0.1))
    for sides in (("vanilla", "base"), ("base", "vanilla"), ("vanilla", "vanilla")):
        assert not torch.allclose(vector(*sides, 0.0), vector(*sides, 0.1), atol=1e-3)
    with pytest.raises(AsruBenchError, match="choose base or vanilla"):
        vector("oracle", "vanilla", 0.0)


def test_layers_by_index_and_by_depth(tiny_dir: Path, tmp_path: Path, data: TrainingData) -> None:
    ctx = context(tiny_dir, tmp_path, data)
    assert [method(layer=layer).vector(ctx)[0] for layer in (0.0, 0.2, 0.45, 1)] == [0, 0, 1, 1]
    with pytest.raises(AsruBenchError, match="there is no layer 7; this model has the layers 0 to 1"):
        method(layer=7).vector(ctx)


def test_without_strangers_the_retain_people_are_asked_of_base(
    tiny_dir: Path, tmp_path: Path, data: TrainingData
) -> None:
    ctx = context(tiny_dir, tmp_path, TrainingData(data.forget, data.retain))
    method(stages="steer").unlearn(ctx)
    assert curves(ctx)[0]["strangers"] == 8


def test_a_folder_of_faces(tiny_dir: Path, tmp_path: Path, data: TrainingData) -> None:
    folder = tmp_path / "faces" / "deep"
    folder.mkdir(parents=True)
    for number in range(3):
        Image.new("RGB", (64, 64), (0, 80 * number, 0)).save(folder / f"{number}.PNG")
    ctx = context(tiny_dir, tmp_path, data)
    method(stages="steer", faces=str(tmp_path / "faces")).unlearn(ctx)
    assert curves(ctx)[0]["strangers"] == 3
    with pytest.raises(AsruBenchError, match="no pictures in"):
        method(faces=str(tmp_path / "none")).vector(ctx)


def test_the_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    from asru_bench import strangers
    from asru_bench.types import Prompt

    answers = ["I do not know.", "Another notice.", "Red hair."]
    monkeypatch.setattr(strangers, "greedy_answers", lambda *_: answers)
    prompts = [Prompt(str(i)) for i in range(3)]

    def kept(chosen: str) -> list[str]:
        return [prompt.question for prompt, _ in strangers.kept_answers(None, prompts, chosen, 4)]  # type: ignore[arg-type]

    assert kept("none") == ["0", "1", "2"]
    assert kept("refusal") == ["0"]
    assert kept("paper") == ["0", "1"]  # "no" inside a word counts, as in the released code
    with pytest.raises(AsruBenchError, match="choose one of none, refusal, paper"):
        kept("some")
    answers[:] = ["Red hair."] * 3
    with pytest.raises(AsruBenchError, match="none of 3 answers"):
        kept("refusal")


def test_the_release_reads_the_last_index_of_padded_pairs(
    tiny_dir: Path, tmp_path: Path, data: TrainingData, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its gradient steps see question + answer in right-padded batches of two, padding or not."""
    read: list[tuple[Any, str, int]] = []
    original = steering.read

    def spy(vlm: Any, items: Any, layer: int, which: str, batch: int = 64) -> Any:
        read.append((items[0], which, batch))
        return original(vlm, items, layer, which, batch)

    ctx = context(tiny_dir, tmp_path, data)
    released = method(variant="release", stages="steer", face_filter="none", epochs=1)
    layer, vector = released.vector(ctx)
    monkeypatch.setattr(steering, "read", spy)
    released.redirect(ctx, layer, vector)
    assert all(which == "end" and batch == 2 and isinstance(item, tuple) for item, which, batch in read)
    ours = method(stages="steer")
    read.clear()
    ours.redirect(ctx, layer, vector)
    assert [which for _, which, _ in read] == ["last"]  # the forget questions; retain pairs are read once, whole


def test_the_release_takes_a_forget_step_each_so_many_retain_steps(
    tiny_dir: Path, tmp_path: Path, data: TrainingData
) -> None:
    ctx = context(tiny_dir, tmp_path, data)
    forget = [pair for pair in data.forget if pair.image]
    config = method(variant="release").config
    steps = [moves for moves, _ in redirect.epoch(ctx, 1, forget, data.retain, config, 0)]
    # 16 retain pairs = 8 batches; 4 forget pairs with pictures = 2 batches: before every 4th retain step
    assert steps == [True, False, False, False, False] * 2
    fewer = [moves for moves, _ in redirect.epoch(ctx, 1, forget, data.retain[:10], config, 0)]
    assert fewer == [True, False, False, True, False, False, False]  # 5 batches: every 2nd, and 2 are all there are
    single = [moves for moves, _ in redirect.epoch(ctx, 1, forget, data.retain[:2], config, 0)]
    assert single == [True, False]


@pytest.mark.parametrize(("variant", "read"), [("release", 8), ("ours", 16)])
def test_the_release_holds_questions_with_pictures_only(
    variant: str, read: int, tiny_dir: Path, tmp_path: Path, data: TrainingData
) -> None:
    ctx = context(tiny_dir, tmp_path, data)
    method(variant=variant, solver="gradient", epochs=1).redirect(ctx, 1, torch.ones(64))
    assert curves(ctx)[-1]["retain_pairs"] == read


def test_variants_fill_in_their_own_defaults_and_the_user_wins() -> None:
    ours, released = ASRU.Config(), ASRU.Config(variant="release")
    assert (ours.solver, released.solver) == ("ridge", "gradient")
    assert (released.scale, released.lr, released.batch_size, released.epochs) == (3.0, 1e-4, 2, 3)
    assert (released.positions, released.face_filter, released.reward) == ("end", "paper", "release")
    assert ASRU.Config(variant="release", solver="ridge").solver == "ridge"
    assert not [f.name for f in fields(ASRU.Config) if getattr(released, f.name) is None]
    built = settings.build(ASRU.Config, {"scale": 2}, texts=["variant=release", "solver=ridge"], owner="asru")
    assert (built.scale, built.solver, built.reward) == (2.0, "ridge", "release")
    with pytest.raises(AsruBenchError, match="choose ours or release"):
        ASRU.Config(variant="paper")


def test_the_whole_released_recipe_runs(
    tiny_dir: Path, tmp_path: Path, data: TrainingData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asru_bench.strangers._passes", lambda answer, chosen: True)
    ctx = context(tiny_dir, tmp_path, data)
    method(variant="release", epochs=1).unlearn(ctx)
    lines = curves(ctx)
    assert {line["stage"] for line in lines} == {"vector", "redirect", "boundary", "reinforce"}
    assert next(line["kl"] for line in lines if line["stage"] == "reinforce") == 0.0


def test_the_result_is_saved_and_read_back_whole(tiny_dir: Path, tmp_path: Path, data: TrainingData) -> None:
    ctx = context(tiny_dir, tmp_path, data)
    out = method().unlearn(ctx)
    models.save(out, tmp_path / "out", {})
    again = models.load(str(tmp_path / "out"), device="cpu")
    batch = models.encode_prompts(out, [pair.prompt for pair in data.forget[:2]])
    with torch.no_grad():
        assert torch.equal(again.model(**batch).logits, out.model(**batch).logits)
