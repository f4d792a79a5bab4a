"""`lexicon`: kinds of attributes and the words of values, by hand."""

from __future__ import annotations

import pytest

from asru_bench.lexicon import Index, Reading, surfaces, type_of


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["Ada Berg", "Hugo Falk"], "person"),
        (["12 March 1987", "1990-05-03", "May 5, 1962"], "date"),
        (["1987", "1990"], "date"),
        (["35 thousand euros", "$62,000 per year"], "number"),
        (["175 cm", "5'9\""], "number"),
        (["Riga", "Oslo"], "words"),
        (["12 Elm Street", "4 Oak Street"], "words"),
    ],
)
def test_type_is_what_most_values_are(values: list[str], kind: str) -> None:
    assert type_of(values, ["Ada Berg", "Hugo Falk", "Nora York"]) == kind


@pytest.mark.parametrize(
    ("spelling", "found"),
    [
        ("the Amber Prize", {"amber prize"}),
        ("A", {"a"}),
        ("hay fever", {"hay fever", "hay fevers", "hayfever"}),
        ("tacos", {"tacos", "taco"}),
        ("Séan O'Brien", {"sean o brien"}),
        ("?", set()),
    ],
)
def test_surfaces(spelling: str, found: set[str]) -> None:
    assert {" ".join(words) for words in surfaces(spelling)} == found


def test_index() -> None:
    index = Index(
        [
            {"name": ("Ada Berg",), "city": ("Riga, Latvia",), "income": ("35k",), "born": ("12 March 1987",)},
            {"name": ("Jo Berg",), "city": ("Liepaja, Latvia",), "income": ("$62,000",), "born": ("3 May 1990",)},
        ]
    )
    assert index.dates[1987, 3, 12] == [Reading("born", "12 March 1987")]
    assert index.numbers[35000.0] == [Reading("income", "35k")]
    assert index.ranges == {"income": (35000, 62000)}
    assert index.words["riga"] == [
        (("riga", "latvia"), (Reading("city", "Riga, Latvia"),), False),
        (("riga",), (Reading("city", "Riga, Latvia"),), False),
    ]
    ((_, countries, _),) = index.words["latvia"]
    assert {(r.value, r.exact) for r in countries} == {("Riga, Latvia", False), ("Liepaja, Latvia", False)}
    assert "berg" not in index.words


def test_a_college_is_known_by_its_own_word() -> None:
    index = Index([{"college": ("Elm College",), "prize": ("the Amber Prize",), "job": ("city planner",)}])
    assert index.words["elm"][-1] == (("elm",), (Reading("college", "Elm College", False),), True)
    assert index.words["amber"][-1] == (("amber",), (Reading("prize", "the Amber Prize", False),), True)
    assert "planner" not in index.words
