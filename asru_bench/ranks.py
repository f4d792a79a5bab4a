"""Several processes train one model: each passes over its share of a batch, all take the same step.

Only the model's pass is divided, as in `microbatch.py`: its outputs are put together in every process, so any loss
of the whole batch stays what it is. Gradients are averaged over processes; what came through a share counts as often
as there are processes, and what every process computed alike counts once. A lone process does nothing of this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from asru_bench.fit import out_of_memory
from asru_bench.launch import FAILED, FINE, FULL, STOPPED, Elsewhere, Member, member
from asru_bench.passes import passing
from asru_bench.types import AsruBenchError

#: How long a process waits for the others, who may be writing a large snapshot. One that dies is noticed elsewhere.
PATIENCE = timedelta(hours=6)
#: Gradients travel together in pieces of so many numbers.
PIECE = 1 << 24


class _Stopped(SystemExit):
    """Ends a process whose fellow has failed and says why itself."""

    def __init__(self) -> None:
        super().__init__(STOPPED)


def world() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """The number of this process among them."""
    return dist.get_rank() if world() > 1 else 0


def first() -> bool:
    """Whether this process is the one that writes."""
    return rank() == 0


@contextmanager
def joined(device: torch.device, part: Member | None = None) -> Iterator[None]:
    """While it lasts, this process trains with the others of its job; alone where it has none."""
    part = part or member()
    if part is None or part.world < 2:
        yield
        return
    store = dist.TCPStore(part.host, part.port, is_master=False, wait_for_workers=False, timeout=PATIENCE)
    own: Any = dist.PrefixStore(f"asru-bench/group/{part.job}", store)
    _same_kind(own, part, device)
    backend = "nccl" if device.type == "cuda" else "gloo"
    dist.init_process_group(backend, store=own, rank=part.rank, world_size=part.world, timeout=PATIENCE)
    try:
        yield
    except Elsewhere as error:
        raise _Stopped from error
    finally:
        dist.destroy_process_group()


def agree(error: BaseException | None = None) -> int:
    """Tells the others how this process fares, and hears how the worst one does.

    Every process calls it at the same places. Without an error of its own it raises `Elsewhere` where another has
    one.
    """
    status = FINE if error is None else FULL if out_of_memory(error) else FAILED
    if world() == 1:
        return status
    if isinstance(error, Elsewhere):
        return error.status
    flag = torch.tensor([status], device=_device())
    with _talking():
        dist.all_reduce(flag, dist.ReduceOp.MAX)
    worst = int(flag)
    if worst and error is None:
        raise Elsewhere(worst)
    return worst


def most(number: int) -> int:
    """The largest of the numbers of all processes."""
    if world() == 1:
        return number
    value = torch.tensor([number], device=_device())
    with _talking():
        dist.all_reduce(value, dist.ReduceOp.MAX)
    return int(value)


def same(what: str, number: int) -> None:
    """Raises an `AsruBenchError` where processes differ."""
    if most(number) != -most(-number):
        raise AsruBenchError(
            f"processes differ in {what}: here {number}. All need the same folders: give paths on a shared disk."
        )


def from_first(compute: Callable[[], Any]) -> Any:
    """What the first process computes, for all; random streams stand afterwards where its do."""
    from asru_bench.snapshots import set_streams, streams

    if world() == 1:
        return compute()
    found = (compute(), streams(_device())) if first() else None
    agree()
    box = [found]
    with _talking():
        dist.broadcast_object_list(box, src=0, device=_device())
    value, states = box[0]  # type: ignore[misc]
    set_streams(_device(), [state.cpu() for state in states])
    return value


@torch.no_grad()
def copy(tensors: Iterable[Tensor]) -> None:
    """Tensors as the first process has them."""
    if world() > 1:
        with _talking():
            for tensor in tensors:
                dist.broadcast(tensor.data, src=0)


@torch.no_grad()
def average(weights: Iterable[Tensor]) -> None:
    """Replaces gradients by their mean over processes; a weight without any keeps none."""
    if world() == 1:
        return
    trained = list(weights)
    there = torch.tensor([weight.grad is not None for weight in trained], dtype=torch.uint8, device=_device())
    with _talking():
        dist.all_reduce(there, dist.ReduceOp.MAX)
        chosen = [weight for weight, one in zip(trained, there.tolist(), strict=True) if one]
        for weight in chosen:
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)
        for piece in _pieces([weight.grad for weight in chosen if weight.grad is not None]):
            flat = torch.cat([grad.flatten() for grad in piece])
            dist.all_reduce(flat)
            flat /= world()
            for grad, part in zip(piece, flat.split([grad.numel() for grad in piece]), strict=True):
                grad.copy_(part.view_as(grad))


@contextmanager
def shared(model: Any) -> Iterator[None]:
    """While it lasts, each process passes its share of a batch through the model; outputs are of the whole batch.

    They hold `logits` and, where asked for, `hidden_states`. Dropout draws other masks than in one process. What is
    no module is left as it is.
    """
    if world() == 1 or not isinstance(model, torch.nn.Module):
        yield
        return
    plain = model.forward

    def forward(*args: Any, **inputs: Any) -> Any:
        ids = inputs.get("input_ids")
        parts = None if args or ids is None or ids.dim() != 2 or len(ids) < 2 else _parts(inputs)
        if ids is None or parts is None:
            return plain(*args, **inputs)
        with _own_stream(model):
            output = plain(**parts[rank() if rank() < len(parts) else 0])
        agree()
        states = output.get("hidden_states")
        whole = {"logits": join(output["logits"], len(ids))}
        if states is not None:
            whole["hidden_states"] = tuple(join(state, len(ids)) for state in states)  # type: ignore[assignment]
        return type(output)(**whole)

    with passing(model, forward):
        yield


def mine(count: int) -> slice:
    """The rows of `count` that this process computes; one without rows of its own computes the first ones too."""
    size = _size(count)
    start = rank() * size
    return slice(start, min(count, start + size)) if start < count else slice(0, min(count, size))


def join(own: Tensor, count: int) -> Tensor:
    """`count` rows from the rows of each process's `mine(count)`, in their order; gradients reach the own ones."""
    return own if world() == 1 else _Join.apply(own, count)


class _Join(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, own: Tensor, count: int) -> Tensor:
        size = _size(count)
        ctx.start, ctx.rows = rank() * size, len(own)
        full = own.new_zeros(size, *own.shape[1:])
        full[: len(own)] = own
        parts = [torch.empty_like(full) for _ in range(world())]
        with _talking():
            dist.all_gather(parts, full)
        return torch.cat(parts)[:count]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        share = grads[0][ctx.start : ctx.start + ctx.rows] * world()
        if len(share) == ctx.rows:
            return share, None
        return grads[0].new_zeros(ctx.rows, *grads[0].shape[1:]), None  # computed elsewhere too


def _size(count: int) -> int:
    return -(-count // world())


def _parts(inputs: dict[str, Any]) -> Sequence[dict[str, Any]] | None:
    from asru_bench.microbatch import divide

    try:
        return divide(inputs, _size(len(inputs["input_ids"])))
    except AsruBenchError:
        return None  # cannot be told apart: every process computes it whole


@contextmanager
def _own_stream(model: Any) -> Iterator[None]:
    """Random numbers of this process's own, drawn from the common stream, which stands alike in all."""
    device = next(model.parameters()).device
    seed = int(torch.randint(1 << 62, ()))
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed + rank())
        yield


@contextmanager
def _talking() -> Iterator[None]:
    """What the libraries say where a process is gone becomes `Elsewhere`."""
    try:
        yield
    except RuntimeError as error:
        if out_of_memory(error):
            raise
        raise Elsewhere(FAILED) from error


def _same_kind(store: Any, part: Member, device: torch.device) -> None:
    """Raises an `AsruBenchError` where this process trains on another kind of device than the first one."""
    store.set(f"device/{part.rank}", device.type)
    kind = store.get("device/0").decode()
    if kind != device.type:
        raise AsruBenchError(
            f"the first process trains on {kind}, this one on {device.type}: are there {part.beside} GPUs on this "
            "machine? Choose --num_processes by their number, and --device cuda or cpu."
        )


def _device() -> torch.device:
    return torch.device("cuda" if dist.get_backend() == "nccl" else "cpu")


def _pieces(tensors: Sequence[Tensor]) -> Iterator[list[Tensor]]:
    """Tensors of one type, together about `PIECE` numbers."""
    piece: list[Tensor] = []
    for tensor in tensors:
        if piece and (tensor.dtype != piece[0].dtype or sum(t.numel() for t in piece) + tensor.numel() > PIECE):
            yield piece
            piece = []
        piece.append(tensor)
    if piece:
        yield piece
