"""One seed for a run, and a separate stream of numbers for each purpose. Standard library only."""

from __future__ import annotations

import hashlib


def draw_seed(draw: int, text: str, images: str) -> int | None:
    """The seed of sampled answer number `draw` to a question with these hashes; None: greedy."""
    return seed_for(draw, "draw", text, images) if draw else None


def seed_for(seed: int, *purpose: object) -> int:
    """A seed in [0, 2**32) that depends on the run's `seed` and on what it is for.

    Streams of different purposes are independent: adding a draw to one never shifts another.
    Parts are told apart (`"a", "b"` is not `"ab"`), and so are numbers from text (`1` is not `"1"`).
    """
    text = "\x1f".join(f"{type(part).__name__}:{part}" for part in (int(seed), *purpose))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
