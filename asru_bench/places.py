"""What else tells a city: its names in other languages, its country, and the adjective of that country.

The cities are those of GeoNames (CC BY 4.0) with 40,000 inhabitants or more, and capitals; countries in other languages
are babel's. Both are read when they are first asked for.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Any

from asru_bench.text import fold

_CITIES = Path(__file__).parent / "lists" / "cities.txt.gz"
_LANGUAGES = "en de fr es it pt nl pl sv ru".split()
#: Country -> how its people and things are called, where it is no language's name as well.
_ADJECTIVES = dict(
    line.split(" ", 1)
    for line in """AF Afghan|AL Albanian|DZ Algerian|AR Argentine Argentinian|AM Armenian|AU Australian|AT Austrian|
AZ Azerbaijani|BD Bangladeshi|BY Belarusian|BE Belgian|BO Bolivian|BA Bosnian|BR Brazilian|BG Bulgarian|KH Cambodian|
CM Cameroonian|CA Canadian|CL Chilean|CN Chinese|CO Colombian|CR Costa-Rican|HR Croatian|CU Cuban|CY Cypriot|CZ Czech|
DK Danish|EC Ecuadorian|EG Egyptian|EE Estonian|ET Ethiopian|FI Finnish|FR French|GE Georgian|DE German|GH Ghanaian|
GR Greek|GT Guatemalan|HT Haitian|HU Hungarian|IS Icelandic|IN Indian|ID Indonesian|IR Iranian Persian|IQ Iraqi|
IE Irish|IL Israeli|IT Italian|JM Jamaican|JP Japanese|JO Jordanian|KZ Kazakh|KE Kenyan|KR Korean|KW Kuwaiti|
LV Latvian|LB Lebanese|LY Libyan|LT Lithuanian|LU Luxembourgish|MY Malaysian|MT Maltese|MX Mexican|MD Moldovan|
MN Mongolian|MA Moroccan|NP Nepalese|NL Dutch|NZ New-Zealand|NG Nigerian|NO Norwegian|PK Pakistani|PA Panamanian|
PE Peruvian|PH Filipino|PL Polish|PT Portuguese|RO Romanian|RU Russian|SA Saudi|SN Senegalese|RS Serbian|SG Singaporean|
SK Slovak Slovakian|SI Slovenian|ZA South-African|ES Spanish|LK Sri-Lankan|SE Swedish|CH Swiss|SY Syrian|TW Taiwanese|
TZ Tanzanian|TH Thai|TN Tunisian|TR Turkish|UG Ugandan|UA Ukrainian|GB British English Scottish Welsh|US American|
UY Uruguayan|UZ Uzbek|VE Venezuelan|VN Vietnamese|ZM Zambian|ZW Zimbabwean""".replace("\n", "").split("|")
)
_SHORT = {"US": ("usa", "united states of america"), "GB": ("uk", "great britain", "england", "scotland", "wales")}


def other_names(city: str) -> frozenset[str]:
    """The names of a city in other languages, lower case and without accents."""
    names = _city(city)[1:]
    return frozenset(names) - {_plain(city)}


def country_words(city: str) -> frozenset[str]:
    """The country of a city in ten languages, and its adjective; nothing for a city that is not known."""
    code = _city(city)[0]
    return _country(code) if code else frozenset()


@lru_cache(maxsize=4096)
def _city(city: str) -> tuple[str, ...]:
    """(country, name, other names...); the largest of those with that name, by name before other names."""
    by_name, by_other, lines = _table()
    name = _plain(city)
    place = by_name.get(name, by_other.get(name))
    return ("",) if place is None else tuple(lines[place].split("|"))


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, int], dict[str, int], list[str]]:
    lines = gzip.decompress(_CITIES.read_bytes()).decode("utf-8").split("\n")
    by_name: dict[str, int] = {}
    by_other: dict[str, int] = {}
    for k, line in enumerate(lines):
        _, name, *others = line.split("|")
        by_name.setdefault(name, k)
        for other in others:
            by_other.setdefault(other, k)
    return by_name, by_other, lines


@lru_cache(maxsize=256)
def _country(code: str) -> frozenset[str]:
    adjectives = [word.replace("-", " ") for word in _ADJECTIVES.get(code, "").split()]
    names = [str(locale.territories.get(code, "")) for locale in _locales()]
    return frozenset(_plain(word) for word in (*names, *adjectives, *_SHORT.get(code, ())) if word)


@lru_cache(maxsize=1)
def _locales() -> tuple[Any, ...]:
    from babel import Locale

    return tuple(Locale.parse(language) for language in _LANGUAGES)


def _plain(name: str) -> str:
    return fold(name).lower().strip()
