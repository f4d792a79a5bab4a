"""Answers where what prompts share is computed once: a state after each beginning, given to all that begin so.

The first chunk of each kind is held against a plain forward pass over prompt and answer; a model for which the two
disagree, or whose cache is not understood, is asked through `generate` from then on (`Unfit`).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import lru_cache
from inspect import signature
from typing import Any

import torch
from torch import Tensor

from asru_bench import draws, encoding
from asru_bench.blocks import Block, Item, Tokens
from asru_bench.features import ImageFeatures
from asru_bench.models import VLM, encode_prompts
from asru_bench.passes import cache_of, with_cache
from asru_bench.types import Prompt

#: Beginnings that run at once.
TOGETHER = 16
#: Rows whose answer has ended leave the batch when they are this share of it.
ENDED = 0.2
#: How far below the highest logit of the plain pass a chosen token may be, over the largest logit's size.
TOLERANCE = {torch.float32: 1e-3, torch.float16: 2e-2, torch.bfloat16: 5e-2}


class Unfit(Exception):
    """This model's state cannot be shared or continued here; its text says why."""


@dataclass
class State:
    """What a batch has read so far: cache, logits [B, V] of the next token, mask [B, T], rotary deltas [B, 1]."""

    model: Any
    cache: Any
    logits: Tensor
    mask: Tensor
    deltas: Tensor | None

    def read(self, tokens: Tensor, mask: Tensor, every: bool = False) -> Tensor:
        """Goes on with padded `tokens` [B, C]; gives the logits after the last of them, or after `every` one."""
        self.mask = torch.cat([self.mask, mask], dim=1)
        places = (self.mask.cumsum(1) - 1)[:, -tokens.shape[1] :].clamp_min(0)
        if self.deltas is not None:  # rotary positions of pictures are fewer than their tokens
            places = (places + self.deltas).expand(3, -1, -1)
        fields = {"input_ids": tokens, "attention_mask": self.mask, "position_ids": places}
        keep = {} if every else _keep_last(self.model)
        out = self.model(**fields, **with_cache(self.model, self.cache), use_cache=True, **keep)
        self.cache, self.logits = cache_of(out), out.logits[:, -1]
        return out.logits

    def keep(self, rows: Tensor) -> None:
        """Drops all rows but these."""
        self.cache.batch_select_indices(rows)
        self.logits, self.mask = self.logits[rows], self.mask[rows]
        self.deltas = None if self.deltas is None else self.deltas[rows]


@dataclass
class Reader:
    """Answers the chunks of one block; the states after its beginnings are computed when first needed."""

    vlm: VLM
    features: ImageFeatures
    block: Block
    tokens: Tokens
    _begun: Beginnings | None = None

    def answers(self, chunk: Sequence[Item], ends: set[int], checked: set[str]) -> tuple[list[list[int]], Tensor]:
        """(tokens of each answer, logits [B, V] of the first); raises `Unfit` where `generate` has to be asked.

        `checked` names the kinds of chunks that were held against a plain pass already.
        """
        state = self._state(chunk)
        limits = [request.max_new_tokens for request, _ in chunk]
        seeds = [draws.seed_of(*item) for item in chunk]
        found, first = decode(state, limits, ends, seeds)
        kind = f"{'shared' if self.block.begins else 'whole'}, {'pictures' if chunk[-1][1].image_hash else 'text'}"
        if kind not in checked:
            check(self.vlm, self.features, chunk[-1][0].prompt, found[-1], first[-1], seeds[-1])
            checked.add(kind)
        return found, first

    def _state(self, chunk: Sequence[Item]) -> State:
        longest = max(stub.prompt_tokens for _, stub in chunk) + max(request.max_new_tokens for request, _ in chunk)
        if not self.block.begins:
            require_window(self.vlm, longest)
            return from_start(self.vlm, self.features, [request.prompt for request, _ in chunk])
        beginnings = self.block.beginnings
        which = [self.block.begins[stub.key] for _, stub in chunk]
        rest = [self.tokens(request)[beginnings[n].length :] for n, (request, _) in zip(which, chunk, strict=True)]
        require_window(self.vlm, max(begun.length for begun in beginnings) + longest)
        if self._begun is None:
            prompts, lengths = [b.request.prompt for b in beginnings], [b.length for b in beginnings]
            self._begun = begin(self.vlm, self.features, prompts, lengths)
        return from_beginnings(self.vlm, self._begun, which, rest)


@dataclass
class Beginnings:
    """The states after some beginnings, left-padded: keys and values [P, H, T, D] of each layer."""

    layers: list[tuple[Tensor, Tensor]]
    mask: Tensor
    deltas: Tensor | None


def begin(vlm: VLM, features: ImageFeatures, prompts: Sequence[Prompt], lengths: Sequence[int]) -> Beginnings:
    """Reads the first `lengths` tokens of each prompt; raises `Unfit` where the cache is more than keys and values."""
    width = max(lengths)
    parts = []
    for start in range(0, len(prompts), TOGETHER):
        chosen = slice(start, start + TOGETHER)
        rows = [_cut(vlm, prompt, length) for prompt, length in zip(prompts[chosen], lengths[chosen], strict=True)]
        fields = encoding.stacked(vlm, rows, "left", width)
        if fields is None:
            raise Unfit("the tensors of its pictures depend on the whole batch")
        refs = [ref for row in rows for ref in row.pictures]
        with features.serving(refs):
            parts.append(_first(vlm, dict(fields), bool(refs)))
    layers = [
        (torch.cat([key for key, _ in each]), torch.cat([value for _, value in each]))
        for each in zip(*(_layers(state, width) for state in parts), strict=True)
    ]
    return Beginnings(layers, torch.cat([s.mask for s in parts]), _joined([s.deltas for s in parts], parts))


def from_beginnings(vlm: VLM, shared: Beginnings, which: Sequence[int], rest: Sequence[Sequence[int]]) -> State:
    """The state of rows that each go on from one of the beginnings with the tokens `rest`."""
    from transformers import DynamicCache

    device, width = vlm.device, max(map(len, rest))
    rows = torch.tensor(which, device=device)
    cache = DynamicCache(config=vlm.model.config.get_text_config(decoder=True))
    for number, (keys, values) in enumerate(shared.layers):
        cache.update(keys[rows], values[rows], number)
    ids, mask = torch.zeros(2, len(rest), width, dtype=torch.long)
    for row, own in enumerate(rest):
        ids[row, width - len(own) :] = torch.tensor(own)
        mask[row, width - len(own) :] = 1
    deltas = None if shared.deltas is None else shared.deltas[rows]
    state = State(vlm.model, cache, torch.empty(0), shared.mask[rows], deltas)
    state.read(ids.to(device), mask.to(device))
    return state


def from_start(vlm: VLM, features: ImageFeatures, prompts: Sequence[Prompt]) -> State:
    """The state of whole prompts."""
    refs = [ref for prompt in prompts for ref in encoding.pictures_of(prompt)]
    fields = dict(encode_prompts(vlm, prompts))
    with features.serving(refs):
        state = _first(vlm, fields, bool(refs))
    _layers(state, state.mask.shape[1])
    return state


def decode(
    state: State, limits: Sequence[int], ends: set[int], seeds: Sequence[int | None]
) -> tuple[list[list[int]], Tensor]:
    """(tokens of each answer, its end token included; logits [B, V] of the first); greedy where the seed is None."""
    first = state.logits
    found: list[list[int]] = [[] for _ in limits]
    where = list(range(len(limits)))  # batch row -> answer, -1 where it has ended
    while True:
        own = [None if answer < 0 else seeds[answer] for answer in where]
        tokens = draws.noisy(state.logits, own, [len(found[answer]) for answer in where]).argmax(-1)
        for place, token in enumerate(tokens.tolist()):
            answer = where[place]
            if answer < 0:
                continue
            found[answer].append(token)
            if token in ends or len(found[answer]) == limits[answer]:
                where[place] = -1
        going = [place for place, answer in enumerate(where) if answer >= 0]
        if not going:
            return found, first
        if len(going) < (1 - ENDED) * len(where):
            rows = torch.tensor(going, device=tokens.device)
            state.keep(rows)
            tokens, where = tokens[rows], [where[place] for place in going]
        state.read(tokens[:, None], torch.ones_like(tokens[:, None]))


def check(
    vlm: VLM, features: ImageFeatures, prompt: Prompt, answer: Sequence[int], first: Tensor, seed: int | None = None
) -> None:
    """Raises `Unfit` unless, up to rounding, one plain pass has the logits `first` [V] and chooses each token."""
    fields = dict(encode_prompts(vlm, [prompt]))
    later = torch.tensor([list(answer[:-1])], dtype=torch.long, device=vlm.device)
    for name, value in fields.items():
        if value.shape == fields["input_ids"].shape and name != "input_ids" and not encoding.is_picture(name):
            more = torch.ones_like(later) if name == "attention_mask" else torch.zeros_like(later)
            fields[name] = torch.cat([value, more.to(value)], dim=1)
    fields["input_ids"] = torch.cat([fields["input_ids"], later], dim=1)
    refs = encoding.pictures_of(prompt)
    with features.serving(refs) if refs else nullcontext():
        logits = vlm.model(**fields, use_cache=False).logits[0, -len(answer) :].float()
    drawn = draws.noisy(logits, [seed] * len(answer), range(len(answer)))
    chosen = drawn.gather(-1, torch.tensor(answer, device=vlm.device)[:, None])[:, 0]
    short = max(float((drawn.amax(-1) - chosen).max()), float((logits[0] - first.float()).abs().max()))
    allowed = TOLERANCE.get(vlm.model.dtype, 5e-2) * float(logits.abs().max())
    if not short <= allowed:
        raise Unfit(f"its answers from a shared state differ from a plain pass by {short:.2g} in a logit")


def _first(vlm: VLM, fields: dict[str, Tensor], pictures: bool) -> State:
    """The first pass over left-padded inputs."""
    model, mask = vlm.model, fields["attention_mask"]
    rotary = _rotary(model)
    if not (rotary is not None and pictures):  # else the model finds the positions of pictures itself
        fields["position_ids"] = (mask.cumsum(1) - 1).clamp_min(0)
    out = model(**fields, use_cache=True, **_keep_last(model))
    deltas = rotary.rope_deltas if rotary is not None and pictures else None
    if deltas is not None and len(deltas) != len(mask):
        raise Unfit("it notes rotary positions in a way that is not understood")
    return State(model, cache_of(out), out.logits[:, -1], mask, deltas)


def _layers(state: State, width: int) -> list[tuple[Tensor, Tensor]]:
    from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

    found = []
    for layer in getattr(state.cache, "layers", ()):
        plain = type(layer) in (DynamicLayer, DynamicSlidingWindowLayer) and layer.is_initialized
        if not plain or layer.keys.shape[-2] != width:
            raise Unfit("its cache holds more than the keys and values of every token")
        found.append((layer.keys, layer.values))
    if not found:
        raise Unfit("it has no cache of keys and values")
    return found


def require_window(vlm: VLM, columns: int) -> None:
    """So many columns, padding included, have to lie within every sliding window."""
    config = vlm.model.config.get_text_config(decoder=True)
    sliding = any("full" not in kind for kind in getattr(config, "layer_types", None) or ())
    window = getattr(config, "sliding_window", None)
    if sliding and window is not None and columns > window:
        raise Unfit(f"{columns} tokens do not fit its window of {window}")


def _joined(deltas: Sequence[Tensor | None], parts: Sequence[State]) -> Tensor | None:
    """One tensor where any part has deltas; parts without pictures have none, that is zero."""
    known = next((d for d in deltas if d is not None), None)
    if known is None:
        return None
    zeros = [known.new_zeros(len(part.mask), 1) for part in parts]
    return torch.cat([zero if d is None else d for d, zero in zip(deltas, zeros, strict=True)])


def _cut(vlm: VLM, prompt: Prompt, length: int) -> encoding.Row:
    row = encoding.encoded(vlm, prompt)
    return replace(row, sequences={name: value[:length] for name, value in row.sequences.items()})


def _rotary(model: Any) -> Any:
    """The module that notes rotary positions of pictures, or None."""
    return next((module for module in model.modules() if hasattr(module, "rope_deltas")), None)


def _keep_last(model: Any) -> dict[str, int]:
    inner: Any = model.get_base_model() if hasattr(model, "get_base_model") else model
    return {"logits_to_keep": 1} if _takes_logits_to_keep(inner.__class__) else {}


@lru_cache(maxsize=16)
def _takes_logits_to_keep(family: Hashable) -> bool:
    return "logits_to_keep" in signature(family.forward).parameters  # type: ignore[attr-defined]
