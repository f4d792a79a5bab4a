"""Sequences that share prompts are run with each prompt, pictures included, computed once.

In a group of G answers to one question the prompt is most of the tokens. Its keys and values are computed
once, repeated for the answers and kept in the graph, so log-probabilities and gradients are the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from asru_bench.passes import cache_of, with_cache

Fields = Mapping[str, Tensor]


@dataclass
class Prefix:
    """The state after the prompts: cache, logits [B, V] of the first answer token, mask [B, T]."""

    model: Any
    cache: Any
    logits: Tensor
    mask: Tensor
    deltas: Tensor | None

    def step(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """Logits [B, C, V] after each of `tokens` [B, C], whose mask is `mask` [B, C]."""
        self.mask = torch.cat([self.mask, mask.to(self.mask)], dim=1)
        places = {}
        if self.deltas is not None:  # rotary positions of pictures are fewer than their tokens
            count = tokens.shape[1]
            place = (self.mask.cumsum(1) - 1)[:, -count:] + self.deltas
            places = {"position_ids": place.clamp_min(0).expand(3, -1, -1)}
        out = self.model(
            input_ids=tokens, attention_mask=self.mask, **with_cache(self.model, self.cache), use_cache=True, **places
        )
        self.cache = cache_of(out)
        return out.logits

    def select(self, rows: Tensor) -> None:
        """Goes on with these sequences only."""
        self.cache.batch_select_indices(rows)
        self.mask, self.logits = self.mask[rows], self.logits[rows]
        self.deltas = None if self.deltas is None else self.deltas[rows]


def divide(count: int, fields: Fields) -> list[dict[str, Tensor]] | None:
    """The inputs beside ids and mask, for each of `count` prompts; None where pictures cannot be told apart.

    Expects [count, T] tensors and one picture for each prompt.
    """
    parts: list[dict[str, Tensor]] = [{} for _ in range(count)]
    grid = fields.get("image_grid_thw")
    for name, value in fields.items():
        rows = grid.prod(-1).tolist() if name == "pixel_values" and grid is not None else 1
        pieces = value.split(rows) if len(value) else ()
        if len(pieces) != count:
            return None
        for part, piece in zip(parts, pieces, strict=True):
            part[name] = piece
    return parts


def prefill(model: Any, ids: Tensor, mask: Tensor, parts: Sequence[Fields]) -> Prefix:
    """Runs left-padded prompts [B, T] with their other inputs, equal ones once."""
    return _prefill(model, ids, mask, parts, *_distinct(ids, mask, parts))


def _prefill(
    model: Any, ids: Tensor, mask: Tensor, parts: Sequence[Fields], chosen: Sequence[int], places: Sequence[int]
) -> Prefix:
    where = torch.tensor(places, device=ids.device)
    inputs = {name: torch.cat([parts[i][name] for i in chosen]) for name in parts[0]}
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    keep = {"logits_to_keep": 1} if "logits_to_keep" in signature(inner.forward).parameters else {}
    rows = torch.tensor(chosen, device=ids.device)
    out = model(input_ids=ids[rows], attention_mask=mask[rows], use_cache=True, **inputs, **keep)
    cache = cache_of(out)
    cache.batch_select_indices(where)
    deltas = _deltas(model, len(chosen), where)
    return Prefix(model, cache, out.logits[:, -1][where], mask, deltas)


def logps_by_length(
    model: Any, ids: Tensor, mask: Tensor, parts: Sequence[Fields], start: int, temperature: float, entropy: bool
) -> tuple[Tensor, Tensor | None]:
    """As `answer_logps`, of whole sequences [B, T] whose answers begin at `start`; 0 where an answer is padded.

    Prompts with short answers and those with long ones are run apart where that spares a quarter of the tokens.
    """
    chosen, places = _distinct(ids[:, :start], mask[:, :start], parts)
    lengths = mask[:, start:].sum(1).tolist()
    longest = [0] * len(chosen)
    for length, place in zip(lengths, places, strict=True):
        longest[place] = max(longest[place], length)
    rows, logps, spreads = list[int](), list[Tensor](), list[Tensor]()
    for group in _by_length(longest):
        mine = [row for row, place in enumerate(places) if place in group]
        at, end = torch.tensor(mine, device=ids.device), start + max(1, *(longest[place] for place in group))
        first = [mine.index(chosen[place]) for place in group]
        known = [group.index(places[row]) for row in mine]
        begun = _prefill(model, ids[at, :start], mask[at, :start], [parts[row] for row in mine], first, known)
        likely, spread = answer_logps(begun, ids[at, start:end], mask[at, start:end], temperature, entropy)
        missing = (0, ids.shape[1] - end)
        logps.append(pad(likely, missing))
        spreads += [] if spread is None else [pad(spread, missing)]
        rows += mine
    back = torch.tensor(rows, device=ids.device).argsort()
    return torch.cat(logps)[back], torch.cat(spreads)[back] if entropy else None


def _by_length(longest: Sequence[int]) -> list[list[int]]:
    """The places of all prompts, in two halves by their longest answer where that is worth a second pass."""
    order = sorted(range(len(longest)), key=lambda place: longest[place])
    half = len(order) // 2
    if half and 2 * longest[order[half - 1]] <= longest[order[-1]]:
        return [sorted(order[:half]), sorted(order[half:])]
    return [sorted(order)]


def answer_logps(
    prefix: Prefix, answers: Tensor, mask: Tensor, temperature: float, entropy: bool
) -> tuple[Tensor, Tensor | None]:
    """Log-probability [B, C] of each answer token at `temperature`, and the entropy there."""
    later = prefix.step(answers, mask)[:, :-1]
    found = [
        _told(logits.float() if temperature == 1 else logits.float() / temperature, tokens, entropy)
        for logits, tokens in ((prefix.logits[:, None], answers[:, :1]), (later, answers[:, 1:]))
    ]
    logps, spread = zip(*found, strict=True)
    return torch.cat(logps, dim=1), torch.cat(spread, dim=1) if entropy else None


def _told(logits: Tensor, tokens: Tensor, entropy: bool) -> tuple[Tensor, Tensor | None]:
    total = logits.logsumexp(-1)
    logps = logits.gather(-1, tokens[..., None])[..., 0] - total
    if not entropy:
        return logps, None
    with torch.no_grad():
        return logps, total - torch.einsum("bcv,bcv->bc", logits.softmax(-1), logits)


@torch.no_grad()
def sample(prefix: Prefix, choose: Callable[[Tensor], Tensor], ends: list[int], most: int) -> list[list[int]]:
    """Answers token by token: `choose` takes logits [B, V]; each ends with one of `ends`, or is cut.

    Sequences that have ended leave the batch as soon as they are half of it.
    """
    logits = prefix.logits
    answers: list[list[int]] = [[] for _ in range(len(logits))]
    rows = torch.arange(len(logits), device=logits.device)
    open_ = torch.ones(len(logits), dtype=torch.bool, device=logits.device)
    stops = torch.tensor(ends, device=logits.device)
    for step in range(most):
        token = choose(logits.float())
        for row, value, writes in zip(rows.tolist(), token.tolist(), open_.tolist(), strict=True):
            if writes:
                answers[row].append(value)
        open_ = open_ & ~torch.isin(token, stops)
        if step + 1 == most or not open_.any():
            break
        if open_.sum() * 2 <= len(open_):
            going = open_.nonzero()[:, 0]
            prefix.select(going)
            rows, token, open_ = rows[going], token[going], open_[going]
        logits = prefix.step(token[:, None], torch.ones_like(token[:, None]))[:, -1]
    return answers


def nucleus(temperature: float, top_p: float, never: list[int]) -> Callable[[Tensor], Tensor]:
    """Draws from the smallest set of tokens that holds `top_p` of the probability."""

    def choose(logits: Tensor) -> Tensor:
        logits = logits / temperature
        logits[:, never] = -torch.inf
        if top_p < 1:
            ranked, order = logits.softmax(-1).sort(descending=True)
            outside = ranked.cumsum(-1) - ranked >= top_p
            logits = logits.masked_fill(torch.zeros_like(outside).scatter(1, order, outside), -torch.inf)
        shares = logits.softmax(-1).cumsum(-1, dtype=torch.float64)  # several times faster than multinomial on a CPU
        drawn = torch.rand(len(shares), 1, dtype=torch.float64, device=shares.device) * shares[:, -1:]
        return torch.searchsorted(shares, drawn, right=True)[:, 0]

    return choose


def _distinct(ids: Tensor, mask: Tensor, parts: Sequence[Fields]) -> tuple[list[int], list[int]]:
    """Rows of the distinct prompts, and for each row which of these it is; rows of a group stand together."""
    first: dict[bytes, int] = {}
    chosen, places = list[int](), list[int]()
    for i, part in enumerate(parts):
        if i and _equal((ids[i], mask[i], part), (ids[i - 1], mask[i - 1], parts[i - 1])):
            places.append(places[-1])
            continue
        places.append(first.setdefault(_key(ids[i], mask[i], part), len(chosen)))
        if places[-1] == len(chosen):
            chosen.append(i)
    return chosen, places


def _equal(one: tuple[Tensor, Tensor, Fields], other: tuple[Tensor, Tensor, Fields]) -> bool:
    same = torch.equal(one[0], other[0]) and torch.equal(one[1], other[1])
    return same and all(torch.equal(value, other[2][name]) for name, value in one[2].items())


def _key(ids: Tensor, mask: Tensor, part: Fields) -> bytes:
    total = hashlib.sha256()
    for value in (ids, mask, *(part[name] for name in sorted(part))):
        total.update(value.detach().cpu().contiguous().view(torch.uint8).numpy().data)
    return total.digest()


def _deltas(model: Any, count: int, where: Tensor) -> Tensor | None:
    """What models with rotary picture positions note at the prompt, for each sequence [B, 1]."""
    for module in model.modules():
        found = getattr(module, "rope_deltas", None)
        if isinstance(found, Tensor) and len(found) == count:
            return found[where]
    return None
