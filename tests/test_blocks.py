"""Every request is in one chunk; those that begin alike are in one block; the list alone decides."""

from __future__ import annotations

import random
from array import array

from asru_bench import blocks
from asru_bench.types import Generation, Prompt, Request

PICTURE = 9
SIZE = 4


def item(name: str, ids: list[int], image: str = "", limit: int = 5) -> blocks.Item:
    request = Request(name, Prompt(" ".join(map(str, ids))), limit)
    return request, Generation(name, name, "", "", len(ids), image_hash=image)


def tokens(request: Request) -> array[int]:
    return array("i", map(int, request.prompt.question.split()))


def about(image: str, count: int, own: int = 3) -> list[blocks.Item]:
    start = [1, 2, *[PICTURE] * 20, 3, 4]
    return [item(f"{image}{i}", [*start, *[100 + i] * own], image, 2 + i % 3) for i in range(count)]


def make(items: list[blocks.Item], picture: int | None = PICTURE) -> list[blocks.Block]:
    return blocks.make(items, tokens, SIZE, picture)


def names(found: list[blocks.Block]) -> list[str]:
    return [request.sample_id for block in found for chunk in block.chunks for request, _ in chunk]


def test_every_request_is_in_one_chunk_whatever_the_order() -> None:
    items = [*about("a", 9), *about("b", 3), *about("c", 1), *(item(f"t{i}", [1, 2, i]) for i in range(6))]
    found = make(items)
    assert sorted(names(found)) == sorted(request.sample_id for request, _ in items)
    assert all(0 < len(chunk) <= SIZE for block in found for chunk in block.chunks)
    shuffled = random.Random(0).sample(items, len(items))
    assert make(shuffled) == found


def test_a_beginning_ends_where_its_requests_part() -> None:
    (block,) = make(about("a", 5))
    (beginning,) = block.beginnings
    assert beginning.length == 24
    assert block.begins == {f"a{i}": 0 for i in range(5)}


def test_a_request_keeps_a_token_of_its_own() -> None:
    start = [1, *[PICTURE] * 20, 3]
    (block,) = make([item("long", [*start, 7, 8], "a"), item("short", start, "a")])
    assert block.beginnings[0].length == len(start) - 1


def test_pictures_are_not_shared_where_their_token_is_unknown_or_ends_the_prompt() -> None:
    for found in (make(about("a", 3), picture=None), make([item(f"a{i}", [1, *[PICTURE] * 20], "a") for i in "12"])):
        assert not any(block.beginnings for block in found)


def test_equal_tokens_with_other_pictures_are_apart() -> None:
    found = make([*about("a", 2), *about("b", 2)])
    assert sum(len(block.beginnings) for block in found) == 2


def test_long_texts_share_and_short_ones_do_not() -> None:
    system = list(range(10, 10 + blocks.LEAST))
    (shared,) = make([item(f"s{i}", [*system, 50 + i, 7]) for i in range(3)])
    assert shared.beginnings[0].length == len(system)
    (alone,) = make([item(f"s{i}", [*system[:-1], 50 + i, 7]) for i in range(3)])
    assert not alone.beginnings


def test_blocks_are_bounded() -> None:
    found = make([each for image in "abcdefgh" for each in about(image, 2)] + about("z", 40))
    for block in found:
        assert len(block.beginnings) <= SIZE
        assert sum(map(len, block.chunks)) <= blocks.CHUNKS * SIZE


def test_nothing_is_shared_where_that_is_not_wanted() -> None:
    found = blocks.make(about("a", 5), tokens, SIZE, PICTURE, share=False)
    assert [len(block.chunks) for block in found] == [1, 1]
    assert not any(block.begins for block in found)
