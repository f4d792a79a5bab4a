"""A batch run in parts, so that it fits: any loss of the whole batch stays exactly what it is.

Only the model's pass is divided. Each part keeps its inputs and is computed again in the backward pass
(arXiv 1604.06174), so memory holds the activations of one part and the logits of all; one more forward pass
is the price. Losses that do not add up over sequences, such as `npo_of_mean`, are right as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from asru_bench.encoding import is_picture, layout_of
from asru_bench.passes import passing
from asru_bench.types import AsruBenchError

#: What models call their cache of keys and values; nothing continues a batch that was divided.
CACHES = ("past_key_values", "cache")


@dataclass
class Parts:
    """How many sequences a pass may hold: `size`, 0 = all; `most` is the largest batch that was seen."""

    size: int = 0
    most: int = 0

    def halve(self) -> bool:
        """Half as many from now on; False where it is one already."""
        now = self.size or self.most
        if now <= 1:
            return False
        self.size = (now + 1) // 2
        return True


@contextmanager
def in_parts(model: Any, parts: Parts) -> Iterator[None]:
    """While it lasts, the model's pass over a batch larger than `parts.size` is divided."""
    plain = model.forward

    def forward(*args: Any, **inputs: Any) -> Any:
        ids = inputs.get("input_ids")
        if args or ids is None or ids.dim() != 2:
            return plain(*args, **inputs)
        parts.most = max(parts.most, len(ids))
        if not parts.size or len(ids) <= parts.size:
            return plain(**inputs)
        outputs = [_run(plain, part) for part in divide(inputs, parts.size)]
        return _joined(outputs)

    with passing(model, forward):
        yield


def divide(inputs: Mapping[str, Any], size: int) -> list[dict[str, Any]]:
    """The inputs of a pass for each `size` sequences; settings that are no tensors go to every part."""
    count = len(inputs["input_ids"])
    layout = layout_of(inputs["input_ids"])
    found: list[dict[str, Any]] = [{} for _ in range(0, count, size)]
    for name, value in inputs.items():
        if not isinstance(value, Tensor) or value.dim() == 0:
            pieces: Sequence[Any] = [value] * len(found)
        else:
            rows = layout.get(name) if is_picture(name) else None
            if rows is None and len(value) == count:
                rows = [1] * count
            if rows is None or sum(rows) != len(value):
                raise AsruBenchError(
                    f"out of memory, and a smaller batch cannot be made of this one: {name} has {len(value)} entries "
                    f"for {count} sequences. Use a smaller -m batch_size, or --grad-checkpoint."
                )
            pieces = value.split([sum(rows[i : i + size]) for i in range(0, count, size)])
        for part, piece in zip(found, pieces, strict=True):
            if not (isinstance(piece, Tensor) and is_picture(name) and not len(piece)):
                part[name] = piece
    for start, part in zip(range(0, count, size), found, strict=True):  # a part may be divided again
        part["input_ids"].asru_layout = {name: rows[start : start + size] for name, rows in layout.items()}
    return found


def _run(plain: Any, part: dict[str, Any]) -> Any:
    if not torch.is_grad_enabled():
        return plain(**part)
    return checkpoint(plain, use_reentrant=False, **part)


def _joined(outputs: Sequence[Any]) -> Any:
    """One output with a row for each sequence of the batch: the tensors, also those in tuples, one after the other.

    Left out are caches, single numbers, and what the parts do not have alike: families give what they made of
    pictures from passes with pictures only, each in a layout of its own. A tensor of it is joined where it fits.
    """
    joined = {}
    for name in dict.fromkeys(name for output in outputs for name in output):
        values = [value for output in outputs if (value := output.get(name)) is not None]
        fits = _same_kind(values) if is_picture(name) else len(values) == len(outputs)
        if fits and name not in CACHES:
            joined[name] = _cat(values)
    return type(outputs[0])(**{name: value for name, value in joined.items() if value is not None})


def _same_kind(values: Sequence[Any]) -> bool:
    """Whether these are tensors that differ in their first size only."""
    return all(isinstance(value, Tensor) for value in values) and len({value.shape[1:] for value in values}) == 1


def _cat(values: Sequence[Any]) -> Any:
    if all(isinstance(value, Tensor) for value in values):
        return torch.cat(list(values)) if values[0].dim() else None
    if all(isinstance(value, (tuple, list)) for value in values):
        return tuple(_cat(parts) for parts in zip(*values, strict=True))
    return None
