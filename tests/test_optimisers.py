"""Optimisers: float32 masters of small weights, states in host memory, 8-bit states where their package is."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import Parameter

from asru_bench import fit, models, optimisers, training
from asru_bench.types import AsruBenchError, TrainingPair

LR = 1e-4


def run(weight: Parameter, optimiser: torch.optim.Optimizer, steps: int) -> torch.Tensor:
    """Steps with gradients that depend on the step alone."""
    source = torch.Generator().manual_seed(1)
    for _ in range(steps):
        weight.grad = torch.randn(weight.shape, generator=source).to(weight.dtype)
        optimiser.step()
        weight.grad = None
    return weight.detach()


def weight(dtype: torch.dtype = torch.float32) -> Parameter:
    return Parameter(torch.ones(64, 32, dtype=dtype))


def groups(*weights: Parameter) -> list[dict[str, Any]]:
    return [{"params": list(weights), "weight_decay": 0.01}]


@pytest.mark.parametrize("kind", ["adamw", "offload"])
def test_small_weights_move_as_their_float32_masters_do(kind: str) -> None:
    exact, small, pure = weight(), weight(torch.bfloat16), weight(torch.bfloat16)
    source = torch.Generator().manual_seed(1)
    by_hand = torch.optim.AdamW(groups(exact), lr=LR, fused=True)
    for _ in range(400):  # the gradients that `run` gives, as bfloat16 holds them
        exact.grad = torch.randn(exact.shape, generator=source).bfloat16().float() + 0.5
        by_hand.step()
    ours, naive = optimisers.make(groups(small), kind, lr=LR), torch.optim.AdamW(groups(pure), lr=LR)
    for optimiser, moved in ((ours, small), (naive, pure)):
        source.manual_seed(1)
        for _ in range(400):
            noise = torch.randn(moved.shape, generator=source).bfloat16().float() + 0.5
            moved.grad = noise if moved.dtype == torch.float32 else noise.bfloat16()
            optimiser.step()
    # the gradients of `exact` are not rounded after adding 0.5, which leaves AdamW's steps alike
    torch.testing.assert_close(small.float(), exact.detach().bfloat16().float(), rtol=0, atol=2**-8)
    assert (1 - small.float()).mean() > 1e-2
    assert torch.equal(pure, torch.ones_like(pure))  # without masters each update rounds to nothing


def test_offload_is_adamw_on_a_cpu() -> None:
    plain, offloaded = weight(), weight()
    expected = run(plain, optimisers.make(groups(plain), "adamw", lr=1e-2), 5)
    optimiser = optimisers.make(groups(offloaded), "offload", lr=1e-2)
    assert isinstance(optimiser, optimisers.MasterOptimiser)
    assert torch.equal(run(offloaded, optimiser, 5), expected)


def test_the_schedule_reaches_the_masters_and_weights_without_gradient_stay() -> None:
    moved, still = weight(), weight()
    optimiser = optimisers.make(groups(moved, still), "offload", lr=0.5)
    optimiser.param_groups[0]["lr"] = 1e-3
    moved.grad = torch.ones_like(moved)
    optimiser.step()
    torch.testing.assert_close(moved.detach(), torch.full((64, 32), 1 - 1e-3 - 1e-5))
    assert torch.equal(still, torch.ones_like(still))


def test_a_restored_optimiser_goes_on_as_if_nothing_had_been() -> None:
    through = weight(torch.bfloat16)
    optimiser = optimisers.make(groups(through), "adamw", lr=LR)
    assert optimiser.state_dict()["masters"] == []  # before the first step they equal the weights
    run(through, optimiser, 3)
    state = optimiser.state_dict()
    stopped = Parameter(torch.zeros(64, 32, dtype=torch.bfloat16))
    again = optimisers.make(groups(stopped), "adamw", lr=LR)
    again.load_state_dict(torch.load(_saved(state), weights_only=True))
    assert torch.equal(stopped, through)
    run(through, optimiser, 50)
    run(stopped, again, 50)
    assert torch.equal(stopped, through)


def _saved(state: dict[str, Any]) -> Any:
    import io

    buffer = io.BytesIO()
    torch.save(state, buffer)
    buffer.seek(0)
    return buffer


def test_float32_adamw_is_torchs_own() -> None:
    assert type(optimisers.make(groups(weight()), "adamw", lr=LR)) is torch.optim.AdamW


def test_eight_bit_states_follow_adamw() -> None:
    pytest.importorskip("bitsandbytes")
    exact, small = Parameter(torch.ones(128, 64)), Parameter(torch.ones(128, 64, dtype=torch.bfloat16))
    expected = run(exact, optimisers.make(groups(exact), "adamw", lr=1e-2), 5)
    found = run(small, optimisers.make(groups(small), "adamw8bit", lr=1e-2), 5)
    torch.testing.assert_close(found.float(), expected, rtol=0, atol=2e-2)
    assert not torch.equal(found.float(), torch.ones(128, 64))


def test_unknown_optimisers_and_missing_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AsruBenchError, match="unknown optimiser 'sgd'; expected adamw, adamw8bit, offload"):
        fit.check_optimiser("sgd")
    plain = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "bitsandbytes":
            raise ImportError("No module named 'bitsandbytes'")
        return plain(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(AsruBenchError, match=r"pip install 'asru-bench\[quant\]'; or use --optim offload"):
        fit.check_optimiser("adamw8bit")


@pytest.mark.parametrize("optim", ["adamw", "offload"])
def test_full_training_in_bfloat16_moves_at_small_learning_rates(tiny_dir: Path, tmp_path: Path, optim: str) -> None:
    """Weights of 2**-6 to 2**-5 stay where they are under steps below 2**-14, unless masters add these up."""
    vlm = models.load(str(tiny_dir), device="cpu", dtype="bfloat16")
    before = {name: p.detach().clone() for name, p in vlm.model.named_parameters()}
    models.trainable(vlm, "full")
    pairs = [TrainingPair("p", "p", "Where?", "Riga")]
    training.sft(vlm, pairs, training.OptimConfig(lr=2e-5, steps=12), fit=fit.Fit(optim))
    moved = 0
    for name, weight in vlm.model.named_parameters():
        assert weight.dtype == torch.bfloat16
        coarse = (before[name].abs() > 2**-6) & (before[name].abs() < 2**-5)
        moved += int((weight[coarse] != before[name][coarse]).sum())
    assert moved > 100
