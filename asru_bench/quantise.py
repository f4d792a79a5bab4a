"""Weights of 4 bits (NF4, arXiv 2305.14314), for answers of models that do not fit otherwise. Never for training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from asru_bench.fit import need_bitsandbytes
from asru_bench.types import AsruBenchError

if TYPE_CHECKING:
    import torch

QUANTS = ("", "4bit")


def check(quant: str) -> None:
    """Raises an `AsruBenchError` for an unknown way, or where its package is missing."""
    if quant not in QUANTS:
        raise AsruBenchError(f"unknown quant {quant!r}; expected 4bit, or leave --quant out.")
    if quant:
        need_bitsandbytes("--quant 4bit", "leave --quant out")


def linears(model: Any, names: Sequence[str], device: torch.device) -> str:
    """Replaces the named linear layers by ones of 4 bits, layer by layer on `device`; returns "4bit".

    Biases, embeddings, head, norms and the vision tower keep their precision; products are computed in the
    model's dtype.
    """
    from torch import nn

    library = need_bitsandbytes("--quant 4bit", "leave --quant out")
    if not names:
        raise AsruBenchError(f"{type(model).__name__} has no linear layers that could be of 4 bits; leave --quant out.")
    for name in names:
        parent, _, last = name.rpartition(".")
        owner = model.get_submodule(parent)
        old: nn.Linear = getattr(owner, last)
        shape, bias = (old.in_features, old.out_features), old.bias
        new = library.nn.Linear4bit(*shape, bias is not None, compute_dtype=old.weight.dtype, quant_type="nf4")
        new.weight = library.nn.Params4bit(old.weight.data, requires_grad=False, quant_type="nf4", module=new)
        if bias is not None:
            new.bias = nn.Parameter(bias.data, requires_grad=False)
        setattr(owner, last, new.to(device))
    return "4bit"
