"""Reinforcement on a tiny random model: the boundary set, trl's arguments, the reference, the curves."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from asru_bench import grpo, models, reinforce, rewards
from asru_bench.reinforce import ReinforceConfig
from asru_bench.types import AsruBenchError, ImageRef, TrainingData, TrainingPair
from asru_bench.unlearner import Budget, Context, progress_bar

QUESTIONS = {"birthplace": "Where was this person born?", "residence": "In which city does this person live?"}
TINY = {"rollouts": 2, "prompts": 2, "group": 2, "minibatch": 4, "answer_tokens": 6, "rl_lr": 1e-3}


def config(**changes: Any) -> ReinforceConfig:
    return ReinforceConfig(**(TINY | changes))


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ImageRef]:
    folder, found = tmp_path_factory.mktemp("faces"), {}
    for number, name in enumerate("abcdef"):
        file = folder / f"{name}.png"
        Image.new("RGB", (64, 64), (40 * number, 250 - 40 * number, 99)).save(file)
        found[name] = ImageRef(str(file))
    return found


def pairs_of(faces: dict[str, ImageRef], people: str, image: bool = True) -> list[TrainingPair]:
    values = ["Riga", "Oslo", "Lima", "Quito", "Riga", "Oslo"]
    return [
        TrainingPair(
            f"{person}/{attribute}",
            person,
            question,
            f"This person was born in {values['abcdef'.index(person)]}.",
            faces[person] if image else None,
            attribute,
            values["abcdef".index(person)],
        )
        for person in people
        for attribute, question in QUESTIONS.items()
    ]


def context(tiny_dir: Path, folder: Path, **more: Any) -> Context:
    vlm = models.load(str(tiny_dir), device="cpu")
    return Context(vlm, TrainingData((), ()), workdir=folder, base_path=str(tiny_dir), **more)


def curves(ctx: Context, stage: str = "reinforce") -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (ctx.workdir / "curves.jsonl").read_text().splitlines()]
    return [line for line in lines if line["stage"] == stage]


def test_the_retain_side_comes_from_the_complement_of_the_forget_people(faces: dict[str, ImageRef]) -> None:
    """As in the release, where 22 of 25 forget people were among those to be kept."""
    rows = reinforce.boundary_set(pairs_of(faces, "ab"), pairs_of(faces, "abcd"), config(), seed=0)
    flags = {flag: {pair.cluster for pair, case in rows if case.flag == flag} for flag in rewards.FLAGS}
    assert flags == {"forget": {"a", "b"}, "retain": {"c", "d"}}


def test_where_everybody_forgets_something_the_other_facts_are_kept(faces: dict[str, ImageRef]) -> None:
    pairs = pairs_of(faces, "ab")
    forget = [replace(pair, attribute="health", value=f"ill {pair.id}") for pair in pairs]
    kept = [replace(pair, attribute="hobby", value="chess") for pair in pairs]
    rows = reinforce.boundary_set(forget, [*kept, *forget], config(), seed=0)
    retain = [(pair.cluster, case.value) for pair, case in rows if case.flag == "retain"]
    assert {cluster for cluster, _ in retain} == {"a", "b"}
    assert {value for _, value in retain} == {"chess"}
    assert {fact for _, case in rows if case.flag == "forget" for fact in case.facts} <= {p.value for p in forget}


def test_the_boundary_set_has_pictures_only_and_is_sampled_by_seed(faces: dict[str, ImageRef]) -> None:
    forget = pairs_of(faces, "abc") + pairs_of(faces, "abc", image=False)
    few = config(boundary_forget=3, boundary_retain=2)

    def ids(seed: int) -> list[str]:
        rows = reinforce.boundary_set(forget, pairs_of(faces, "def"), few, seed)
        assert all(pair.image for pair, _ in rows)
        assert [case.flag for _, case in rows] == ["forget"] * 3 + ["retain"] * 2
        return [pair.id for pair, _ in rows]

    assert ids(0) == ids(0)
    assert len({tuple(ids(seed)) for seed in range(5)}) > 1


def test_similar_people_share_facts_with_a_forget_person(faces: dict[str, ImageRef]) -> None:
    near = reinforce.nearest_people(pairs_of(faces, "a"), pairs_of(faces, "bcdef"), 0.2)
    assert near == {"e"}  # Riga as well
    chosen = config(boundary="similar", boundary_share=0.2)
    rows = reinforce.boundary_set(pairs_of(faces, "a"), pairs_of(faces, "bcdef"), chosen, 0)
    assert {pair.cluster for pair, case in rows if case.flag == "retain"} == {"e"}


def test_a_side_without_pictures_is_an_error(faces: dict[str, ImageRef]) -> None:
    with pytest.raises(AsruBenchError, match="no retain question with a picture"):
        reinforce.boundary_set(pairs_of(faces, "a"), pairs_of(faces, "b", image=False), config(), 0)


def test_half_of_each_rollout_is_about_forget_people(faces: dict[str, ImageRef], tiny_dir: Path) -> None:
    ctx = context(tiny_dir, Path())
    rows = reinforce.boundary_set(pairs_of(faces, "ab"), pairs_of(faces, "cdef"), config(), 0)
    plan = reinforce.schedule(rows, config(rollouts=5, prompts=4), ctx)
    assert len(plan) == 20
    for start in range(0, 20, 4):
        assert [rows[i][1].flag for i in plan[start : start + 4]].count("forget") == 2
    assert len(set(plan)) == len(rows)  # everything is used before anything comes twice
    whole = reinforce.schedule(rows, config(rollouts=0, rl_epochs=3, prompts=4), ctx)
    assert len(whole) == 3 * len(rows)
    cut = reinforce.schedule(rows, config(rollouts=0, rl_epochs=3, prompts=10), ctx)
    assert len(cut) == 3 * (len(rows) // 10) * 10  # as the release: what does not fill a rollout is left out
    assert ReinforceConfig(variant="release").rollouts_of(400) == 36


def test_a_share_of_the_rollouts_is_asked_without_pictures(faces: dict[str, ImageRef], tiny_dir: Path) -> None:
    ctx, quarter = context(tiny_dir, Path()), config(text_share=0.25, rollouts=8, prompts=4)
    both = [pairs_of(faces, p) + pairs_of(faces, p, image=False) for p in ("ab", "cdef")]
    rows = reinforce.boundary_set(*both, quarter, 0)
    plan = reinforce.schedule(rows, quarter, ctx)
    batches = [[rows[i] for i in plan[start : start + 4]] for start in range(0, 32, 4)]
    pictured = [{bool(pair.image) for pair, _ in batch} for batch in batches]
    assert pictured == [{True}, {True}, {True}, {False}] * 2
    assert all([case.flag for _, case in batch].count("forget") == 2 for batch in batches)
    with pytest.raises(AsruBenchError, match="text_share=0"):
        reinforce.boundary_set(pairs_of(faces, "ab"), both[1], quarter, 0)
    with pytest.raises(AsruBenchError, match="expected a share"):
        reinforce.schedule(rows, config(text_share=1.0), ctx)


@pytest.mark.parametrize(
    ("train_only", "vision", "named"),
    [("", False, "language_model"), (r"layers\.0\.", False, "layers.0."), ("visual", True, "visual")],
)
def test_what_stage_two_trains(train_only: str, vision: bool, named: str, tiny_dir: Path, tmp_path: Path) -> None:
    ctx = context(tiny_dir, tmp_path)
    vlm = reinforce._prepare(ctx.vlm, config(train_only=train_only, train_vision=vision), ctx)
    trained = [name for name, weight in vlm.model.named_parameters() if weight.requires_grad]
    assert trained
    assert all(named in name or name.startswith("lm_head") for name in trained)


@pytest.mark.parametrize(("train_only", "message"), [("nothing", "finds none of the"), ("(", "regular expression")])
def test_a_pattern_that_trains_nothing_is_an_error(
    train_only: str, message: str, tiny_dir: Path, tmp_path: Path
) -> None:
    ctx = context(tiny_dir, tmp_path)
    with pytest.raises(AsruBenchError, match=message):
        reinforce._prepare(ctx.vlm, config(train_only=train_only), ctx)


def test_the_released_arguments_are_explicit(tiny_dir: Path, tmp_path: Path) -> None:
    ctx = context(tiny_dir, tmp_path)
    with grpo.quiet():
        got = grpo.grpo_config(ctx.vlm, ReinforceConfig(variant="release"), ctx, 36)
    expected = {
        "loss_type": "bnpo",
        "scale_rewards": "group",
        "epsilon": 0.2,
        "epsilon_high": 0.3,
        "delta": 3.0,
        "beta": 0.1,
        "use_bias_correction_kl": False,
        "num_generations": 8,
        "generation_batch_size": 512,
        "steps_per_generation": 32,
        "num_iterations": 1,
        "temperature": 1.5,
        "top_p": 0.95,
        "max_grad_norm": 1.0,
        "weight_decay": 0.01,
        "learning_rate": 1e-6,
        "max_steps": 36 * 32,
        "max_completion_length": 2048,
        "bf16": False,
        "use_cpu": True,
    }
    assert {name: getattr(got, name) for name in expected} == expected
    assert ReinforceConfig(variant="release").reward == "release"
    assert ReinforceConfig().reward == "ours"


@pytest.mark.parametrize("bad", [{"prompts": 3, "minibatch": 6}, {"minibatch": 3}, {"microbatch": 3}])
def test_batches_that_do_not_divide_are_errors(tiny_dir: Path, tmp_path: Path, bad: dict[str, int]) -> None:
    ctx = context(tiny_dir, tmp_path)
    with pytest.raises(AsruBenchError, match="stage 2 needs an even number of prompts"):
        grpo.grpo_config(ctx.vlm, config(**bad), ctx, 1)


@pytest.fixture
def any_reward(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reward that differs within groups; a random model's answers all earn the same."""
    monkeypatch.setattr(
        grpo, "make_reward", lambda *_: lambda answers, cases, done: [float(sum(map(ord, a)) % 7) for a in answers]
    )


def shift_weights(vlm: models.VLM) -> None:
    """Stands for stage 1: a change in memory that the model's folder does not have."""
    with torch.no_grad():
        linear = models.down_projection(models.decoder_layers(vlm.model)[1])
        linear.weight += torch.randn(linear.weight.shape, generator=torch.Generator().manual_seed(0))


def logits(model: Any, batch: Any) -> torch.Tensor:
    with torch.no_grad():
        return model(**batch).logits


def test_the_reference_is_the_model_after_stage_one(
    tiny_dir: Path,
    tmp_path: Path,
    faces: dict[str, ImageRef],
    monkeypatch: pytest.MonkeyPatch,
    any_reward: None,
) -> None:
    ctx = context(tiny_dir, tmp_path)
    forget, retain = pairs_of(faces, "ab"), pairs_of(faces, "cd")
    batch = models.encode_prompts(ctx.vlm, [pair.prompt for pair in (*forget, *retain)])
    vanilla = logits(ctx.vlm.model, batch)
    shift_weights(ctx.vlm)
    stage_one = logits(ctx.vlm.model, batch)
    trainers = []
    make = reinforce.make_trainer
    monkeypatch.setattr(reinforce, "make_trainer", lambda *a: trainers.append(make(*a)) or trainers[0])

    out = reinforce.reinforce(ctx.vlm, forget, retain, config(), ctx)

    reference = logits(trainers[0].ref_model, batch)
    assert torch.allclose(reference, stage_one, atol=1e-6)
    assert not torch.allclose(reference, vanilla, atol=1e-2)
    assert not torch.equal(logits(out.model, batch), stage_one)
    first, second = curves(ctx)
    assert first["kl"] == 0.0
    assert second["kl"] > 0.0


def test_the_result_is_a_plain_model_again(tiny_dir: Path, tmp_path: Path, faces: dict[str, ImageRef]) -> None:
    ctx = context(tiny_dir, tmp_path)
    forward = ctx.vlm.model.forward.__func__
    before = ctx.vlm.model.config.to_dict()
    out = reinforce.reinforce(ctx.vlm, pairs_of(faces, "a"), pairs_of(faces, "c"), config(), ctx)
    assert out.model.forward.__func__ is forward
    assert out.model.config.to_dict() == before
    assert not out.model.training
    models.save(out, tmp_path / "out", {})
    batch = models.encode_prompts(out, [pair.prompt for pair in pairs_of(faces, "ac")])
    assert torch.equal(logits(models.load(str(tmp_path / "out"), device="cpu").model, batch), logits(out.model, batch))


def test_curves_tell_forget_from_retain(tiny_dir: Path, tmp_path: Path, faces: dict[str, ImageRef]) -> None:
    ctx = context(tiny_dir, tmp_path)
    reinforce.reinforce(ctx.vlm, pairs_of(faces, "a"), pairs_of(faces, "c"), config(), ctx)
    (counted,) = curves(ctx, "boundary")
    assert (counted["forget"], counted["retain_pairs"], counted["retain_people"]) == (2, 2, 1)
    line = curves(ctx)[-1]
    wanted = {"reward_forget", "reward_retain", "zero_variance_forget", "zero_variance_retain", "unscored", "kl"}
    assert wanted <= set(line)


def test_trl_asks_in_the_words_of_the_evaluation(
    tiny_dir: Path, tmp_path: Path, faces: dict[str, ImageRef], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Token for token, pictures included: no second prompt format."""
    ctx = context(tiny_dir, tmp_path)
    forget, retain = pairs_of(faces, "a"), pairs_of(faces, "c")
    asked: list[Any] = []
    generate = type(ctx.vlm.model).generate

    def spy(self: Any, **inputs: Any) -> Any:
        asked.append(inputs)
        return generate(self, **inputs)

    monkeypatch.setattr(type(ctx.vlm.model), "generate", spy)
    reinforce.reinforce(ctx.vlm, forget, retain, config(rollouts=1, share_prompts=False), ctx)
    ours = models.encode_prompts(ctx.vlm, [pair.prompt for pair in (*forget, *retain)])
    known = {
        tuple(ids[mask.bool()].tolist()) for ids, mask in zip(ours["input_ids"], ours["attention_mask"], strict=True)
    }
    (inputs,) = asked
    for ids, mask in zip(inputs["input_ids"], inputs["attention_mask"], strict=True):
        assert tuple(ids[mask.bool()].tolist()) in known
    patches = ours["pixel_values"].reshape(4, -1)
    for picture in inputs["pixel_values"].reshape(4, -1):
        assert any(torch.allclose(picture, mine, atol=1e-5) for mine in patches)


@pytest.mark.parametrize("share", [True, False])
def test_pictures_are_marked_where_they_stand(
    tiny_dir: Path, tmp_path: Path, faces: dict[str, ImageRef], monkeypatch: pytest.MonkeyPatch, share: bool
) -> None:
    """Prompts of several lengths: trl's second run of the processor must pad on the side of the first."""
    ctx = context(tiny_dir, tmp_path)
    picture = ctx.vlm.model.config.image_token_id
    inner, seen = grpo.BoundaryTrainer._get_per_token_logps_and_entropies, []

    def spy(self: Any, model: Any, input_ids: Any, attention_mask: Any, keep: int, *rest: Any, **more: Any) -> Any:
        seen.append(bool(((input_ids == picture) == (more["mm_token_type_ids"] == 1)).all()))
        seen.append(bool((attention_mask[:, 0] == 0).any()))
        return inner(self, model, input_ids, attention_mask, keep, *rest, **more)

    monkeypatch.setattr(grpo.BoundaryTrainer, "_get_per_token_logps_and_entropies", spy)
    chosen = config(rollouts=1, prompts=4, minibatch=8, share_prompts=share)
    reinforce.reinforce(ctx.vlm, pairs_of(faces, "a"), pairs_of(faces, "c"), chosen, ctx)
    assert seen
    assert all(seen)
    assert ctx.vlm.tokenizer.padding_side == "right"


def test_training_follows_the_reward(
    tiny_dir: Path, tmp_path: Path, faces: dict[str, ImageRef], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reward for short answers makes a random model end its answers sooner."""
    monkeypatch.setattr(grpo, "make_reward", lambda *_: lambda answers, cases, done: [float(d) for d in done])
    ctx = context(tiny_dir, tmp_path)
    short = config(rollouts=12, group=8, minibatch=16, rl_lr=3e-2, beta=0.0, answer_tokens=4)
    reinforce.reinforce(ctx.vlm, pairs_of(faces, "ab"), pairs_of(faces, "cd"), short, ctx)
    means = [line["reward"] for line in curves(ctx)]
    assert sum(means[-3:]) / 3 > sum(means[:3]) / 3 + 0.3


def test_equal_seeds_give_equal_weights(
    tiny_dir: Path, tmp_path: Path, faces: dict[str, ImageRef], any_reward: None
) -> None:
    def run(seed: int, name: str) -> torch.Tensor:
        (tmp_path / name).mkdir()
        torch.manual_seed(random.randrange(1000))  # whatever went before
        ctx = context(tiny_dir, tmp_path / name, seed=seed)
        out = reinforce.reinforce(ctx.vlm, pairs_of(faces, "a"), pairs_of(faces, "c"), config(beta=0.5), ctx)
        return torch.cat([p.flatten() for p in out.model.parameters()])

    first = run(0, "a")
    assert torch.equal(first, run(0, "b"))
    assert not torch.equal(first, run(1, "c"))


def test_budget_and_frozen_vision(tiny_dir: Path, tmp_path: Path, faces: dict[str, ImageRef], any_reward: None) -> None:
    ctx = context(tiny_dir, tmp_path, budget=Budget(max_steps=1))
    before = {name: p.detach().clone() for name, p in ctx.vlm.model.named_parameters()}
    chosen = config(rollouts=4, train_vision=False)
    out = reinforce.reinforce(ctx.vlm, pairs_of(faces, "a"), pairs_of(faces, "c"), chosen, ctx)
    assert len(curves(ctx)) == 1
    changed = {name for name, p in out.model.named_parameters() if not torch.equal(p, before[name])}
    assert changed
    assert not any("visual" in name for name in changed)

    (tmp_path / "late").mkdir()
    late = context(tiny_dir, tmp_path / "late", budget=Budget(max_seconds=0.0))
    reinforce.reinforce(late.vlm, pairs_of(faces, "a"), pairs_of(faces, "c"), config(rollouts=4), late)
    assert len(curves(late)) == 1


def test_lora_keeps_its_start_as_reference_and_is_merged(
    tiny_dir: Path, tmp_path: Path, faces: dict[str, ImageRef], any_reward: None
) -> None:
    ctx = context(tiny_dir, tmp_path, train="lora")
    shift_weights(ctx.vlm)
    before = {name: p.detach().clone() for name, p in ctx.vlm.model.named_parameters()}
    out = reinforce.reinforce(ctx.vlm, pairs_of(faces, "a"), pairs_of(faces, "c"), config(), ctx)
    after = dict(out.model.named_parameters())
    assert set(after) == set(before)
    assert any(not torch.equal(after[name], before[name]) for name in before)
    first, second = curves(ctx)
    assert first["kl"] == 0.0
    assert second["kl"] > 0.0


def test_a_loss_that_is_no_number_stops_the_run(
    tiny_dir: Path, tmp_path: Path, faces: dict[str, ImageRef], monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = context(tiny_dir, tmp_path)
    monkeypatch.setattr(
        grpo.BoundaryTrainer, "_compute_loss", lambda self, model, inputs: model.lm_head.weight.sum() * float("nan")
    )
    with pytest.raises(AsruBenchError, match=r"NaN (loss|grad_norm) at step 1 of reinforcement"):
        reinforce.reinforce(ctx.vlm, pairs_of(faces, "a"), pairs_of(faces, "c"), config(), ctx)


def test_progress_and_libraries_are_quiet(
    tiny_dir: Path, tmp_path: Path, faces: dict[str, ImageRef], capfd: pytest.CaptureFixture[str]
) -> None:
    ctx = context(tiny_dir, tmp_path)
    capfd.readouterr()
    with progress_bar("x"):
        reinforce.reinforce(ctx.vlm, pairs_of(faces, "a"), pairs_of(faces, "c"), config(), ctx)
    out, err = capfd.readouterr()
    assert out == ""
    assert "{" not in err
    assert "Warning" not in err
