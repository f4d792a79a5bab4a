"""Steering: hooks on a real model, directions and solvers against hand calculations and gradient descent."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from asru_bench import models, steering
from asru_bench.types import AsruBenchError, ImageRef, Prompt

LAYER = 1


@pytest.fixture(scope="module")
def vlm(tiny_dir: Path) -> models.VLM:
    return models.load(str(tiny_dir), device="cpu")


PROMPTS = [Prompt("Where was this person born?"), Prompt("Answer with one letter. Is this Oslo or Lima?")]


def test_capture_reads_what_the_block_gives_and_what_its_down_projection_takes(vlm: models.VLM) -> None:
    batch = models.encode_prompts(vlm, PROMPTS)
    with torch.no_grad():
        whole = vlm.model(**batch, output_hidden_states=True).hidden_states[LAYER]  # output of block 0
        with steering.capture(vlm.model, [0], steering.positions_of(batch, "last")) as seen:
            vlm.model(**batch)
    assert torch.equal(seen[0].states, whole[:, -1])
    linear = models.down_projection(models.decoder_layers(vlm.model)[0])
    assert seen[0].features.shape == (2, linear.in_features)


def test_capture_stops_the_pass_and_leaves_no_hook(vlm: models.VLM) -> None:
    batch = models.encode_prompts(vlm, PROMPTS)
    mask = steering.positions_of(batch, "all")
    after = []
    hooks = [len(block._forward_hooks) for block in models.decoder_layers(vlm.model)]
    with torch.no_grad(), steering.capture(vlm.model, [0], mask) as seen:
        vlm.model(**batch)
        after.append("not reached")
    assert after == []
    assert len(seen[0].states) == int(mask.sum())
    assert hooks == [len(block._forward_hooks) for block in models.decoder_layers(vlm.model)]
    with torch.no_grad(), steering.capture(vlm.model, [0, 1], mask, stop=False) as both:
        assert vlm.model(**batch).logits is not None
    assert torch.equal(both[0].states, seen[0].states)
    assert len(both[1].states) == len(both[0].states)


@pytest.mark.parametrize("which", ["last", "end", "all", "answer"])
def test_positions_by_hand(which: str) -> None:
    batch = {
        "attention_mask": torch.tensor([[1, 1, 1, 0], [1, 1, 1, 1]]),
        "labels": torch.tensor([[-100, -100, 5, -100], [-100, 6, 7, 8]]),
    }
    expected = {
        "last": [[0, 0, 1, 0], [0, 0, 0, 1]],
        "end": [[0, 0, 0, 1], [0, 0, 0, 1]],
        "all": [[1, 1, 1, 0], [1, 1, 1, 1]],
        "answer": [[0, 0, 1, 0], [0, 1, 1, 1]],
    }
    assert steering.positions_of(batch, which).int().tolist() == expected[which]


def test_the_last_prompt_token_is_the_same_read_alone_or_padded(vlm: models.VLM) -> None:
    together = steering.states(vlm, PROMPTS, LAYER)
    alone = torch.cat([steering.states(vlm, [prompt], LAYER) for prompt in PROMPTS])
    assert torch.allclose(together, alone, atol=1e-5)


def test_pairs_show_the_end_of_their_prompt_among_all_tokens(vlm: models.VLM) -> None:
    pairs = list(zip(PROMPTS, ("Riga.", "It is Oslo, of course."), strict=True))
    ((seen, ends),) = steering.read_pairs(vlm, pairs, LAYER)
    lengths = [models.encode_pairs(vlm, [pair])["input_ids"].shape[1] for pair in pairs]
    assert (len(ends), int(ends.sum())) == (sum(lengths), 2)
    assert torch.allclose(seen.states[ends], steering.states(vlm, PROMPTS, LAYER), atol=1e-5)


def test_pictures_are_encoded_once_and_nothing_else_changes(
    vlm: models.VLM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        Image.new("RGB", (64, 64), (100 * number, 30, 200)).save(tmp_path / f"{number}.png")
    refs = [ImageRef(str(tmp_path / f"{number}.png")) for number in range(2)]
    prompts = [Prompt(f"Who is this? {i}", refs[i % 2]) for i in range(6)]
    plain = torch.cat([steering.states(vlm, [prompt], LAYER) for prompt in prompts])
    shown: list[int] = []
    tower = type(vlm.model.model.visual)
    monkeypatch.setattr(
        tower, "forward", lambda *a, _of=tower.forward, **k: (shown.append(len(k["grid_thw"])), _of(*a, **k))[1]
    )
    shared = steering.states(vlm, prompts, LAYER, batch=3)
    assert sum(shown) <= 3  # both, and the first once more to compare
    assert torch.allclose(shared, plain, atol=1e-5)


def test_add_vector_shifts_the_block_and_only_inside_the_context(vlm: models.VLM) -> None:
    vector = torch.randn(vlm.model.config.text_config.hidden_size)
    items = [(prompt, "This person was born in Riga.") for prompt in PROMPTS]

    def blocks() -> Tensor:
        return steering.states(vlm, items, 0, "all")

    def ends() -> Tensor:
        return steering.states(vlm, items, 0, "end")

    before, end = blocks(), ends()
    with steering.add_vector(vlm.model, 0, vector):
        assert torch.allclose(blocks(), before + vector, atol=1e-6)
    with steering.add_vector(vlm.model, 0, vector, last_only=True):
        assert torch.allclose(ends(), end + vector, atol=1e-6)
        assert torch.equal(blocks()[:3], before[:3])
    assert torch.equal(blocks(), before)


H_PLUS = torch.tensor([[2.0, 0.0], [4.0, 2.0]])
H_MINUS = torch.tensor([[1.0, 1.0], [1.0, 3.0]])
H_ZERO = torch.tensor([[1.0, 0.0], [0.0, 0.0]])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mean_diff", [2.0, -1.0]),  # (3, 1) - (1, 2)
        ("caption", [2.0, -1.0]),
        ("caa", [2.0, -1.0]),  # mean of (1, -1) and (3, -1)
        ("mean_centred", [2.5, 1.0]),  # (3, 1) - (0.5, 0)
        ("null_space", [0.0, -1.0]),  # background lies on the first axis
        ("zero", [0.0, 0.0]),
    ],
)
def test_directions_by_hand(name: str, expected: list[float]) -> None:
    v = steering.direction(name, H_PLUS, H_MINUS, H_ZERO, null_ratio=0.5)
    assert v.tolist() == pytest.approx(expected, abs=1e-6)


def test_random_direction_has_the_norm_of_mean_diff_and_follows_its_seed() -> None:
    draw = [steering.direction("random", H_PLUS, H_MINUS, H_ZERO, seed=seed) for seed in (0, 0, 1)]
    assert [float(v.norm()) for v in draw] == pytest.approx([5**0.5] * 3)
    assert torch.equal(draw[0], draw[1])
    assert not torch.allclose(draw[0], draw[2])


def test_unknown_direction_and_unpaired_caa_are_errors() -> None:
    with pytest.raises(AsruBenchError, match="unknown direction 'up'"):
        steering.direction("up", H_PLUS, H_MINUS, H_ZERO)
    with pytest.raises(AsruBenchError, match="caa"):
        steering.direction("caa", H_PLUS[:1], H_MINUS, H_ZERO)


def test_dose_and_separation_by_hand() -> None:
    v = torch.tensor([3.0, 4.0])
    assert steering.relative_dose(v, 2.0, torch.tensor([[4.0, 0.0], [0.0, 5.0], [9.0, 0.0]])) == 2.0  # 10 / 5
    axis = torch.tensor([1.0, 0.0])
    forget, retain = torch.tensor([[0.0, 0.0], [2.0, 0.0]]), torch.tensor([[1.0, 0.0], [2.0, 0.0]])
    assert steering.separation(axis, forget, retain) == (2 + 0 + 0.5) / 4
    assert steering.separation(-axis, forget, retain) == (0 + 1 + 0.5) / 4


def oracle(z_f: Tensor, z_r: Tensor, v: Tensor, alpha: float, penalty: float) -> tuple[Tensor, float]:
    """The textbook solution of the normal equations, and the absolute ridge weight."""
    gram = z_f.T @ z_f + alpha * z_r.T @ z_r
    ridge = penalty * float(gram.diagonal().mean())
    b = torch.linalg.inv(gram + ridge * torch.eye(len(gram), dtype=gram.dtype)) @ z_f.sum(0)
    return torch.outer(v, b), ridge


@pytest.mark.parametrize(("n_forget", "n_keep"), [(3, 4), (40, 60)], ids=["dual", "primal"])
def test_ridge_update_is_the_closed_form_and_rank_one(n_forget: int, n_keep: int) -> None:
    torch.manual_seed(0)
    z_f, z_r, v = (torch.randn(n, 16, dtype=torch.float64) for n in (n_forget, n_keep, 1))
    delta = steering.ridge_update(z_f, z_r, v[0], alpha=0.7, penalty=1e-2)
    expected, _ = oracle(z_f, z_r, v[0], 0.7, 1e-2)
    assert torch.allclose(delta, expected, atol=1e-10)
    assert int(torch.linalg.matrix_rank(delta)) == 1


def test_rows_added_in_parts_give_the_same_solution() -> None:
    torch.manual_seed(1)
    rows = torch.randn(50, 12)
    parts, whole = steering.RidgeSolver(12), steering.RidgeSolver(12)
    for start in range(0, 50, 7):
        parts.add(rows[start : start + 7], 1.0, 0.5)
    whole.add(rows, 1.0, 0.5)
    assert torch.allclose(parts.solve(1e-3), whole.solve(1e-3), atol=1e-9)


def test_gradient_steps_reach_the_ridge_optimum_and_never_pass_it() -> None:
    """Full-batch descent on the penalised one-position objective, fewer rows than inputs."""
    torch.manual_seed(2)
    z_f, z_r, v = (torch.randn(n, 24, dtype=torch.float64) for n in (6, 9, 1))
    alpha, penalty = 0.5, 0.05
    best, ridge = oracle(z_f, z_r, v[0], alpha, penalty)
    at = {"alpha": alpha, "ridge": ridge}
    floor = float(steering.redirection_loss(best, z_f, z_r, v[0], **at))
    start = float(steering.redirection_loss(torch.zeros_like(best), z_f, z_r, v[0], **at))
    assert 0 < floor < 0.5 * start  # without a penalty the optimum would be 0 and the test empty

    delta = torch.zeros_like(best, requires_grad=True)
    curvature = torch.linalg.eigvalsh(z_f.T @ z_f + alpha * z_r.T @ z_r).max() + ridge
    losses = []
    for _ in range(2000):
        loss = steering.redirection_loss(delta, z_f, z_r, v[0], **at)
        (gradient,) = torch.autograd.grad(loss, delta)
        delta = (delta - gradient / (2 * curvature)).detach().requires_grad_()
        losses.append(float(loss.detach()))
    assert all(later <= earlier + 1e-9 for earlier, later in pairwise(losses))
    assert min(losses) >= floor - 1e-9
    assert losses[-1] == pytest.approx(floor, rel=1e-6)
    assert torch.allclose(delta, best, atol=1e-4)


def test_the_released_steps_go_down_the_same_hill() -> None:
    torch.manual_seed(3)
    linear = torch.nn.Linear(24, 8, bias=False)
    z_f, z_r, shift = torch.randn(6, 24), torch.randn(9, 24), torch.randn(8)
    before = linear.weight.detach().clone()
    losses: list[float] = []
    steps = [[(True, lambda: z_f), (False, lambda: z_r)]] * 150
    done = steering.gradient_update(
        linear, steps, shift, [1e-2] * 150, weight_decay=0.0, report=lambda _, loss: losses.append(loss)
    )
    delta = linear.weight.detach() - before
    assert done == len(losses) == 300
    assert losses[0] == pytest.approx(float(shift.square().mean()))  # mean squared error of no change
    assert losses[1] > 0  # the forget step moved the retain rows
    assert losses[-2] < 0.01 * losses[0]
    assert float((z_f @ delta.T - shift).abs().max()) < 0.2
    assert float((z_r @ delta.T).abs().max()) < 0.2


@pytest.mark.parametrize("planned", [6, 40, 3000])
def test_the_rate_is_a_linear_schedule_of_all_steps_stepped_once_an_epoch(planned: int) -> None:
    """AdamW's first step moves a weight by the rate; transformers and accelerate say what the rate is."""
    from accelerate import Accelerator
    from transformers import get_scheduler

    optimiser = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=1e-2)
    schedule = Accelerator(cpu=True).prepare(
        get_scheduler("linear", optimiser, num_warmup_steps=0, num_training_steps=planned)
    )
    moves, rates = [], []
    for empty in range(3):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
        linear = torch.nn.Linear(3, 2, bias=False)
        before = linear.weight.detach().clone()
        epochs = [[]] * empty + [[(True, lambda: torch.ones(1, 3))]] + [[]] * (2 - empty)
        steering.gradient_update(
            linear, epochs, torch.ones(2), steering.epoch_rates(1e-2, planned, 3), weight_decay=0.0
        )
        moves.append(float((linear.weight.detach() - before).abs().max()))
    assert moves == pytest.approx(rates, rel=1e-3)
    assert rates[2] == pytest.approx(1e-2 * (1 - 2 / planned))


def test_a_redirected_layer_moves_forget_prompts_and_keeps_others(vlm: models.VLM) -> None:
    """The whole of stage 1b on a model: the block's output moves by the shift where asked, else hardly."""
    other = models.clone(vlm)
    forget, keep = PROMPTS[:1], PROMPTS[1:]
    (f,), (r,) = (list(steering.read(other, prompts, LAYER, "last")) for prompts in (forget, keep))
    shift = torch.randn(f.states.shape[1])
    delta = steering.ridge_update(f.features, r.features, shift, penalty=1e-6)
    linear = models.down_projection(models.decoder_layers(other.model)[LAYER])
    with torch.no_grad():
        linear.weight += delta.float()
    assert torch.allclose(steering.states(other, forget, LAYER), f.states + shift, atol=1e-2)
    assert torch.allclose(steering.states(other, keep, LAYER), r.states, atol=1e-2)
    untouched = models.down_projection(models.decoder_layers(vlm.model)[LAYER]).weight
    assert not torch.equal(untouched, linear.weight)
