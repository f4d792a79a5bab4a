"""Jobs, pastimes, illnesses and dishes in other languages and in other words, as `lists/` has them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from asru_bench.text import fold, normalise

_LISTS = Path(__file__).parent / "lists"


def translations(value: str) -> frozenset[str]:
    """An English value in six languages, lower case and without accents; nothing for an unknown one."""
    return frozenset(word for cell in _table("words.txt").get(normalise(value), ()) for word in cell.split("/"))


def descriptions(value: str) -> frozenset[str]:
    """The words by which a value is described; nothing for an unknown one."""
    return frozenset(word for cell in _table("related.txt").get(normalise(value), ()) for word in cell.split())


def described(words: tuple[str, ...]) -> bool:
    """Whether words are themselves a job, a pastime, an illness or a dish that is described."""
    return " ".join(words) in _table("related.txt")


@lru_cache(maxsize=2)
def _table(name: str) -> dict[str, tuple[str, ...]]:
    lines = (line.split("|") for line in (_LISTS / name).read_text(encoding="utf-8").splitlines() if line[0] != "#")
    return {
        key: tuple("/".join(normalise(w) for w in fold(cell).split("/")) for cell in cells) for key, *cells in lines
    }
