"""AdamW in the forms that fit: plain, with states of 8 bits, with states in host memory.

A weight of 16 bits is never stepped on: most updates would round to nothing. It gets a float32 master, which
is stepped on and rounded into the weight after each step. Bytes for each trained parameter on the GPU,
gradient included: float32 adamw 16; bfloat16 with masters 16 (adamw), 10 (adamw8bit), 4 (offload, and 12 in
host memory).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.optim import AdamW, Optimizer

from asru_bench.fit import check_optimiser, need_bitsandbytes

Groups = Sequence[Mapping[str, Any]]


def make(groups: Groups, kind: str = "adamw", *, lr: float) -> Optimizer:
    """The optimiser of `groups`, each with its `params` and its `weight_decay`.

    Raises `AsruBenchError` for an unknown kind or a missing package.
    """
    check_optimiser(kind)
    weights = [weight for group in groups for weight in group["params"]]
    low = any(weight.dtype != torch.float32 for weight in weights)
    build = _eight_bit if kind == "adamw8bit" else _plain
    if kind == "offload" or low:
        return MasterOptimiser(groups, build, home="cpu" if kind == "offload" else "", lr=lr)
    return build(groups, lr)


class MasterOptimiser(Optimizer):
    """Steps on float32 copies of the weights, kept beside them or on `home`, and rounds the result into them."""

    def __init__(self, groups: Groups, build: Callable[[Groups, float], Optimizer], home: str = "", *, lr: float):
        super().__init__([dict(group) for group in groups], {"lr": lr})
        self.masters = [[_master(weight, home) for weight in group["params"]] for group in self.param_groups]
        pairs = zip(self.param_groups, self.masters, strict=True)
        self.inner = build([{**group, "params": masters} for group, masters in pairs], lr)
        self.stepped = False

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One step of the inner optimiser at this one's learning rates; weights without gradient stay."""
        for outer, inner in zip(self.param_groups, self.inner.param_groups, strict=True):
            inner["lr"] = outer["lr"]
        for weight, master in self._pairs():
            master.grad = None if weight.grad is None else weight.grad.to(master.device, torch.float32)
        self.inner.step()
        for weight, master in self._pairs():
            if master.grad is not None:
                weight.copy_(master)
                master.grad = None
        self.stepped = True

    def state_dict(self) -> dict[str, Any]:
        """As torch's; `masters` are left out before the first step, when they equal the weights."""
        masters = [master.detach() for _, master in self._pairs()] if self.stepped else []
        return {**super().state_dict(), "masters": masters, "inner": self.inner.state_dict()}

    @torch.no_grad()
    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on from `state_dict`; masters and weights then hold what they held."""
        own = dict(state_dict)
        masters, inner = own.pop("masters"), own.pop("inner")
        super().load_state_dict(own)
        self.inner.load_state_dict(inner)
        for (weight, master), saved in zip(self._pairs(), masters, strict=False):
            master.copy_(saved)
            weight.copy_(master)
        self.stepped = self.stepped or bool(masters)

    def _pairs(self) -> Iterator[tuple[Tensor, Parameter]]:
        for group, masters in zip(self.param_groups, self.masters, strict=True):
            yield from zip(group["params"], masters, strict=True)


def _master(weight: Tensor, home: str) -> Parameter:
    copy = weight.detach().to(device=home or weight.device, dtype=torch.float32, copy=True)
    return Parameter(copy)


def _plain(groups: Groups, lr: float) -> Optimizer:
    fused = all(weight.device.type in ("cpu", "cuda") for group in groups for weight in group["params"])
    return AdamW([dict(group) for group in groups], lr=lr, fused=fused)


def _eight_bit(groups: Groups, lr: float) -> Optimizer:
    library = need_bitsandbytes("--optim adamw8bit", "use --optim offload")
    return library.optim.AdamW8bit([dict(group) for group in groups], lr=lr)
