"""What else tells a city: its names in other languages, its country, and the adjective of that country.

The cities are those of GeoNames (CC BY 4.0) with 40,000 inhabitants or more, and capitals, the largest first; the names
of countries are those of Unicode CLDR. Both lists are read when they are first asked for.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

from asru_bench.text import fold

_LISTS = Path(__file__).parent / "lists"


def other_names(city: str) -> frozenset[str]:
    """The names of a city in other languages, lower case and without accents."""
    return frozenset(_city(city)[:-2]) - {_plain(city)}


def country_words(city: str) -> frozenset[str]:
    """The country of a city in ten languages, and its adjective; nothing for a city that is not known."""
    return _countries().get(_city(city)[-1], frozenset())


@lru_cache(maxsize=4096)
def _city(city: str) -> tuple[str, ...]:
    """(name, other names..., "", country): the largest of that name, else the largest that is also called so."""
    cities, name = _cities(), _plain(city)
    place = cities.find(f"\n{name}|")
    if place < 0:
        place = cities.rfind("\n", 0, max(0, cities.find(f"|{name}|")))
    if not name or place < 0:
        return ("", "")
    return tuple(cities[place + 1 : cities.index("\n", place + 1)].split("|"))


@lru_cache(maxsize=1)
def _cities() -> str:
    return gzip.decompress((_LISTS / "cities.txt.gz").read_bytes()).decode("utf-8")


@lru_cache(maxsize=1)
def _countries() -> dict[str, frozenset[str]]:
    lines = (_LISTS / "countries.txt").read_text(encoding="utf-8").splitlines()
    return {code: frozenset(words) for code, *words in (line.split("|") for line in lines if line[0] != "#")}


def _plain(name: str) -> str:
    return fold(name).lower().strip()
