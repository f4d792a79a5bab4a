"""Steering: read and shift the residual stream, and write a shift into one down-projection.

`capture` and `add_vector` hook the decoder blocks of any vision-language model; `direction` and the
numbers about it are pure functions of activation matrices (rows = prompts); `RidgeSolver` and
`descend` find the change of a down-projection that moves some of its inputs by a vector and leaves
others alone. Sources: ASRU (arXiv 2605.15687, stage 1), CAA (2312.06681), mean-centring (2312.03813),
null-space steering (2506.07022).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from asru_bench.encoding import encode_pairs, encode_prompts, pictures_of
from asru_bench.features import ImageFeatures
from asru_bench.fingerprint import digest
from asru_bench.fit import Fit
from asru_bench.models import decoder_layers, down_projection
from asru_bench.snapshots import Stage
from asru_bench.types import AsruBenchError, Prompt

if TYPE_CHECKING:
    from transformers import BatchEncoding

    from asru_bench.models import VLM

DIRECTIONS = ("mean_diff", "caa", "mean_centred", "caption", "null_space", "random", "zero")
#: `last`: the last real token; `end`: index -1, padding or not, as ASRU's code reads it; `all`: every real
#: token; `answer`: the tokens of the answer with its end of turn; `asked`: the one before these.
POSITIONS = ("last", "end", "all", "answer", "asked")


@dataclass
class Activations:
    """What one block showed: `outputs` [N, d] of the block, `inputs` [N, m] of its down-projection."""

    outputs: list[Tensor] = field(default_factory=list)
    inputs: list[Tensor] = field(default_factory=list)

    @property
    def states(self) -> Tensor:
        return torch.cat(self.outputs)

    @property
    def features(self) -> Tensor:
        return torch.cat(self.inputs)


class _Enough(Exception):
    """Ends a forward pass whose rest is not needed."""


@contextmanager
def capture(
    model: Any, layers: Sequence[int], positions: Tensor, *, stop: bool = True
) -> Iterator[dict[int, Activations]]:
    """Records blocks while the model runs inside the context; `positions` is a boolean mask [B, T].

    With `stop` the pass ends after the last of `layers`, so the `with` block ends at the model's call.
    """
    blocks = decoder_layers(model)
    seen = {layer: Activations() for layer in layers}

    def read_output(layer: int) -> Callable[..., None]:
        def hook(_module: Any, _args: Any, output: Any) -> None:
            hidden = output[0] if isinstance(output, tuple) else output
            seen[layer].outputs.append(hidden[positions].detach().float())
            if stop and layer == max(layers):
                raise _Enough

        return hook

    def read_input(layer: int) -> Callable[..., None]:
        def hook(_module: Any, args: Any) -> None:
            seen[layer].inputs.append(args[0][positions].detach().float())

        return hook

    hooks = [blocks[i].register_forward_hook(read_output(i)) for i in layers]
    hooks += [down_projection(blocks[i]).register_forward_pre_hook(read_input(i)) for i in layers]
    try:
        yield seen
    except _Enough:
        pass
    finally:
        for hook in hooks:
            hook.remove()


@contextmanager
def add_vector(model: Any, layer: int, vector: Tensor, *, last_only: bool = False) -> Iterator[None]:
    """Adds `vector` [d] to the output of a block, at every position or only at the last of each call."""

    def hook(_module: Any, _args: Any, output: Any) -> Any:
        hidden = output[0] if isinstance(output, tuple) else output
        shift = vector.to(hidden)
        end = hidden.shape[1] - 1 if last_only else 0
        hidden = torch.cat([hidden[:, :end], hidden[:, end:] + shift], dim=1)
        return (hidden, *output[1:]) if isinstance(output, tuple) else hidden

    handle = decoder_layers(model)[layer].register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def positions_of(batch: Any, which: str) -> Tensor:
    """The boolean mask [B, T] of the named `POSITIONS` in an encoded batch."""
    mask = batch["attention_mask"].bool()
    if which == "all":
        return mask
    if which == "answer":
        return batch["labels"] != -100
    if which not in POSITIONS:
        raise AsruBenchError(f"unknown positions {which!r}; choose one of {', '.join(POSITIONS)}.")
    chosen = torch.zeros_like(mask)
    width = mask.shape[1]
    if which == "asked":
        index = (batch["labels"] != -100).long().argmax(1) - 1
    elif which == "end":
        index = torch.full_like(mask[:, 0].long(), width - 1)
    else:
        index = (torch.arange(width, device=mask.device) * mask).argmax(1)
    return chosen.scatter(1, index[:, None], True)


def read(vlm: VLM, items: Sequence[Any], layer: int, which: str, batch: int = 64) -> Iterator[Activations]:
    """Activations of prompts, or of (prompt, answer) pairs, batch by batch; each picture is encoded once."""
    for seen, _ in _passes(vlm, items, layer, which, batch):
        yield seen


def read_pairs(
    vlm: VLM, pairs: Sequence[tuple[Prompt, str]], layer: int, batch: int = 64
) -> Iterator[tuple[Activations, Tensor]]:
    """Activations of every token of (prompt, answer) pairs, and which of these [N] are the last of a prompt."""
    for seen, encoded in _passes(vlm, pairs, layer, "all", batch):
        yield seen, positions_of(encoded, "asked")[positions_of(encoded, "all")]


@torch.no_grad()
def _passes(
    vlm: VLM, items: Sequence[Any], layer: int, which: str, batch: int
) -> Iterator[tuple[Activations, BatchEncoding]]:
    parts = [items[start : start + batch] for start in range(0, len(items), batch)]
    shown = [[ref for item in part for ref in pictures_of(_prompt(item))] for part in parts]
    features = ImageFeatures(vlm, shown) if len(parts) > 1 else None
    for part, refs in zip(parts, shown, strict=True):
        encoded = encode_prompts(vlm, part) if isinstance(part[0], Prompt) else encode_pairs(vlm, part)
        inputs = {name: value for name, value in encoded.items() if name != "labels"}
        with (
            features.serving(refs) if features else nullcontext(),
            capture(vlm.model, [layer], positions_of(encoded, which)) as seen,
        ):
            vlm.model(**inputs)
        yield seen[layer], encoded


def _prompt(item: Prompt | tuple[Prompt, str]) -> Prompt:
    return item if isinstance(item, Prompt) else item[0]


def states(vlm: VLM, items: Sequence[Any], layer: int, which: str = "last", batch: int = 64) -> Tensor:
    """Block outputs [N, d] at the named positions, one after the other."""
    return torch.cat([seen.states for seen in read(vlm, items, layer, which, batch)])


@torch.no_grad()
def greedy_answers(vlm: VLM, prompts: Sequence[Prompt], max_new_tokens: int, batch: int = 64) -> list[str]:
    """The model's own answers, without special tokens."""
    texts: list[str] = []
    for start in range(0, len(prompts), batch):
        encoded = encode_prompts(vlm, prompts[start : start + batch])
        tokens = vlm.model.generate(**encoded, max_new_tokens=max_new_tokens, do_sample=False)
        new = tokens[:, encoded["input_ids"].shape[1] :]
        texts += [t.strip() for t in vlm.tokenizer.batch_decode(new, skip_special_tokens=True)]
    return texts


def direction(
    name: str,
    positive: Tensor,
    negative: Tensor,
    background: Tensor,
    *,
    seed: int = 0,
    null_ratio: float = 0.3,
) -> Tensor:
    """The steering vector [d] that leads from `negative` [N, d] to `positive` [M, d] states.

    `mean_diff` and `caption` (which differ in what is positive): difference of means. `caa`: mean over
    pairs, so N = M. `mean_centred`: positive mean minus the mean of `background`. `null_space`: mean_diff
    without what the leading 1 - `null_ratio` directions of `background` span. `random`: Gaussian with
    the norm of mean_diff. `zero`: none.
    """
    difference = positive.mean(0) - negative.mean(0)
    if name in ("mean_diff", "caption"):
        return difference
    if name == "caa":
        if positive.shape != negative.shape:
            raise AsruBenchError("direction caa needs one positive state for each negative state.")
        return (positive - negative).mean(0)
    if name == "mean_centred":
        return positive.mean(0) - background.mean(0)
    if name == "null_space":
        return null_projector(background, null_ratio) @ difference
    if name == "random":
        noise = torch.randn(difference.shape, generator=torch.Generator().manual_seed(seed)).to(difference)
        return noise * difference.norm() / noise.norm()
    if name == "zero":
        return torch.zeros_like(difference)
    raise AsruBenchError(f"unknown direction {name!r}; choose one of {', '.join(DIRECTIONS)}.")


def null_projector(states: Tensor, ratio: float) -> Tensor:
    """Projector [d, d] on the `ratio` share of directions in which `states` [N, d] have least energy."""
    wide = states.double()
    _, vectors = torch.linalg.eigh(wide.T @ wide)
    least = vectors[:, : max(1, int(ratio * wide.shape[1]))]
    return (least @ least.T).to(states)


def relative_dose(vector: Tensor, scale: float, states: Tensor) -> float:
    """scale * ||vector|| over the median norm of `states` [N, d]."""
    return float(scale * vector.norm() / states.norm(dim=1).median().clamp_min(1e-12))


def separation(vector: Tensor, forget: Tensor, retain: Tensor) -> float:
    """Area under the ROC curve of forget against retain states along -`vector`; 0.5 = not separated.

    The vector leads away from the states to be forgotten, so these should project lowest on it.
    """
    f, r = forget @ vector, retain @ vector
    less = (f[:, None] < r[None]).double() + 0.5 * (f[:, None] == r[None]).double()
    return float(less.mean())


class RidgeSolver:
    """Collects inputs of a down-projection and solves for the change of its weight.

    Minimises sum_i w_i ||dW z_i - t_i v||^2 + lambda ||dW||^2 with t = 1 on rows to move and 0 on rows
    to keep. The optimum is dW = v b^T with b = (sum w z z^T + lambda I)^-1 sum w t z, and lambda is
    `penalty` times the mean diagonal of sum w z z^T. Float64; fewer rows than inputs are solved in the
    dual, more are folded into the matrix as they come.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.gram: Tensor | None = None
        self.total = torch.zeros(size, dtype=torch.float64)
        self.rows: list[Tensor] = []
        self.targets: list[Tensor] = []

    def add(self, inputs: Tensor, target: float, weight: float = 1.0) -> None:
        """Adds rows [n, m] that share a target (0 or 1) and a weight."""
        scaled = inputs.double().cpu() * weight**0.5
        self.rows.append(scaled)
        self.targets.append(torch.full((len(scaled),), target * weight**0.5, dtype=torch.float64))
        if self.gram is not None or sum(map(len, self.rows)) >= self.size:
            self._fold()

    def solve(self, penalty: float) -> Tensor:
        """b [m]."""
        if self.gram is None:
            rows, targets = torch.cat(self.rows), torch.cat(self.targets)
            weight = penalty * rows.square().sum() / self.size
            kernel = rows @ rows.T + weight * torch.eye(len(rows), dtype=torch.float64)
            return rows.T @ _solve(kernel, targets)
        self._fold()
        ridge = penalty * self.gram.diagonal().mean() * torch.eye(self.size, dtype=torch.float64)
        return _solve(self.gram + ridge, self.total)

    def _fold(self) -> None:
        if self.gram is None:
            self.gram = torch.zeros(self.size, self.size, dtype=torch.float64)
        for rows, targets in zip(self.rows, self.targets, strict=True):
            self.gram.addmm_(rows.T, rows)
            self.total += rows.T @ targets
        self.rows, self.targets = [], []


def ridge_update(forget: Tensor, keep: Tensor, vector: Tensor, *, alpha: float = 1.0, penalty: float = 1e-3) -> Tensor:
    """The change [d, m] of a down-projection that moves `forget` [n, m] by `vector` [d], not `keep` [r, m].

    dW = vector b^T, b = (sum_f z z^T + alpha sum_r z z^T + lambda I)^-1 sum_f z.
    """
    solver = RidgeSolver(forget.shape[1])
    solver.add(forget, 1.0)
    solver.add(keep, 0.0, alpha)
    return torch.outer(vector.double().cpu(), solver.solve(penalty))


def redirection_loss(
    delta: Tensor, forget: Tensor, keep: Tensor, vector: Tensor, *, alpha: float, ridge: float
) -> Tensor:
    """sum_f ||dW z - v||^2 + alpha sum_r ||dW z||^2 + ridge ||dW||^2: what `ridge_update` minimises."""
    moved = (forget @ delta.T - vector).square().sum()
    return moved + alpha * (keep @ delta.T).square().sum() + ridge * delta.square().sum()


def epoch_rates(lr: float, planned: int, epochs: int) -> list[float]:
    """The learning rate of each epoch: the release makes a linear schedule for `planned` steps and steps it once an
    epoch, so that the rate hardly falls."""
    return [lr * (1 - number / planned) for number in range(epochs)]


def gradient_update(
    linear: nn.Linear,
    epochs: Sequence[Iterable[tuple[bool, Callable[[], Tensor]]]],
    shift: Tensor,
    rates: Sequence[float],
    *,
    alpha: float = 1.0,
    weight_decay: float = 0.01,
    report: Callable[[int, float], None] = lambda step, loss: None,
    fit: Fit | None = None,
) -> int:
    """Trains one down-projection as ASRU's code does, in place; returns the number of steps.

    Each step is (to forget?, what reads its inputs [n, m]); its loss is the mean squared error to the frozen
    output, plus `shift` [d] on steps to forget, times `alpha` on others. The output of the block differs from
    the frozen one by that of this map alone, so training the map on its own inputs is exact.
    AdamW; `rates` are the learning rates of the epochs (`epoch_rates`). Goes on from the snapshot in `fit` of an equal
    call that was stopped, and reads nothing for the steps before it.
    """
    frozen = linear.weight.detach().float().clone()
    weight = nn.Parameter(frozen.clone())
    optimiser = torch.optim.AdamW([weight], lr=rates[0], weight_decay=weight_decay)
    key = digest([list(rates), alpha, weight_decay, len(epochs), list(weight.shape)])
    stage = Stage(fit or Fit(), key, {"weight": weight}, optimiser, None, weight.device)
    stage.restore(lambda step, numbers: report(step, numbers["loss"]))
    before, done = stage.done, 0
    for rate, steps in zip(rates, epochs, strict=True):
        optimiser.param_groups[0]["lr"] = rate
        for forget, inputs in steps:
            done += 1
            if done <= before:
                continue
            moved = nn.functional.linear(inputs(), weight - frozen)
            loss = (moved - shift).square().mean() if forget else alpha * moved.square().mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            report(done, float(loss.detach()))
            stage.step(done, {"loss": float(loss.detach())})
    stage.close()
    with torch.no_grad():
        linear.weight.copy_(weight)
    return done


def _solve(matrix: Tensor, right: Tensor) -> Tensor:
    factor, failed = torch.linalg.cholesky_ex(matrix)
    if failed:
        raise AsruBenchError("the ridge system is singular; use a larger penalty (-m penalty=1e-3).")
    return torch.cholesky_solve(right[:, None], factor)[:, 0]
