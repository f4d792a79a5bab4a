"""`seed_for` gives stable, separate streams."""

from __future__ import annotations

import hashlib

from asru_bench.seeds import seed_for


def test_value_is_the_head_of_a_sha256() -> None:
    digest = hashlib.sha256(b"int:7\x1fstr:order\x1fint:3").hexdigest()
    assert seed_for(7, "order", 3) == int(digest[:8], 16)


def test_every_part_counts() -> None:
    seeds = [
        seed_for(0),
        seed_for(1),
        seed_for(0, "a"),
        seed_for(0, "a", "b"),
        seed_for(0, "ab"),
        seed_for(0, 1),
    ]
    assert len({*seeds, seed_for(0, "1")}) == 7


def test_range() -> None:
    assert all(0 <= seed_for(0, k) < 2**32 for k in range(100))
