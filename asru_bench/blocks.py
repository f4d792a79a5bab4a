"""Which questions are answered together, and what they share: chunks of one batch, in blocks with common beginnings.

Questions about one picture begin alike: a system text, the picture, often more. A block holds the questions of a
few such groups, so that the state after each beginning is computed once and lives as long as the block. Blocks
depend on the complete list of questions only, so that a resumed run computes the same chunks.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from asru_bench.types import Generation, Request

Item = tuple[Request, Generation]
Tokens = Callable[[Request], "array[int]"]
#: Shared tokens from which a state of their own is worth it.
LEAST = 16
#: A block holds so many full chunks, unless it has as many beginnings as a chunk has questions.
CHUNKS = 4


@dataclass(frozen=True)
class Beginning:
    """What several requests begin with: the first `length` tokens of `request`, its pictures among them."""

    request: Request
    length: int


@dataclass(frozen=True)
class Block:
    """Chunks that are computed one after the other; `begins` says with which of the beginnings a key begins."""

    chunks: list[list[Item]]
    beginnings: list[Beginning] = field(default_factory=list)
    begins: dict[str, int] = field(default_factory=dict)


def make(items: Sequence[Item], tokens: Tokens, size: int, picture: int | None, share: bool = True) -> list[Block]:
    """Every item in exactly one chunk of at most `size`, the longest first.

    `picture` is the token that stands for pictures; None where it is not known, and then only questions without
    pictures share anything. Without `share` nothing is shared.
    """
    shared, alone = _groups(items, tokens, picture) if share else ([], list(items))
    blocks = [_block(part) for part in _filled(shared, size)]
    found = [Block(chunks, starts, begins) for part, starts, begins in blocks if (chunks := _chunks(part, size))]
    found += [Block([chunk]) for chunk in _chunks(alone, size)]
    return sorted(found, key=lambda block: -max(stub.prompt_tokens for chunk in block.chunks for _, stub in chunk))


def _groups(
    items: Sequence[Item], tokens: Tokens, picture: int | None
) -> tuple[list[tuple[Beginning, list[Item]]], list[Item]]:
    """(beginnings with their items, items that share none)."""
    groups: dict[Hashable, list[Item]] = {}
    alone: list[Item] = []
    for item in sorted(items, key=lambda item: item[1].key):
        name = _name(item, tokens, picture)
        (alone if name is None else groups.setdefault(name, [])).append(item)
    shared = []
    for group in groups.values():
        length = _common([tokens(request) for request, _ in group])
        if len(group) > 1 and length >= LEAST:
            shared.append((Beginning(group[0][0], length), group))
        else:
            alone += group
    return sorted(shared, key=lambda pair: (-pair[0].length, pair[1][0][1].key)), alone


def _name(item: Item, tokens: Tokens, picture: int | None) -> Hashable:
    """Items of one name begin alike, pictures included; None for what shares with nobody."""
    request, stub = item
    ids = tokens(request)
    if not stub.image_hash:
        return bytes(ids[:LEAST]) if len(ids) > LEAST else None
    last = max((i for i, token in enumerate(ids) if token == picture), default=-1)
    return (stub.image_hash, bytes(ids[: last + 1])) if 0 <= last < len(ids) - 1 else None


def _common(ids: Sequence[array[int]]) -> int:
    """How many first tokens are equal in all, at least one less than each has."""
    first, last = min(ids), max(ids)  # in the order of their tokens: all others lie between
    most = min(map(len, ids)) - 1
    return next((i for i in range(most) if first[i] != last[i]), most)


def _filled(groups: Sequence[tuple[Beginning, list[Item]]], size: int) -> list[list[tuple[Beginning, list[Item]]]]:
    """Parts of the groups, each enough for `CHUNKS` chunks or with `size` beginnings."""
    parts: list[list[tuple[Beginning, list[Item]]]] = [[]]
    room = CHUNKS * size
    for beginning, group in groups:
        rest = group
        while rest:
            if not room or len(parts[-1]) == size:
                parts.append([])
                room = CHUNKS * size
            parts[-1].append((beginning, rest[:room]))
            rest, room = rest[room:], max(0, room - len(rest))
    return [part for part in parts if part]


def _block(part: list[tuple[Beginning, list[Item]]]) -> tuple[list[Item], list[Beginning], dict[str, int]]:
    begins = {stub.key: number for number, (_, group) in enumerate(part) for _, stub in group}
    return [item for _, group in part for item in group], [beginning for beginning, _ in part], begins


def _chunks(items: Sequence[Item], size: int) -> list[list[Item]]:
    """Similar limits and lengths together, the longest first."""
    order = sorted(items, key=lambda i: (-i[0].max_new_tokens, -i[1].prompt_tokens, i[1].key))
    return [order[i : i + size] for i in range(0, len(order), size)]
