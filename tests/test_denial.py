"""`denial`: what stands around a value, by hand; Riga is the value."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from asru_bench import stance

FILE = Path(__file__).parent / "data" / "denials.tsv"
CASES = [(row["text"], row["stance"]) for row in csv.DictReader(FILE.open(), delimiter="\t", quoting=3)]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_the_written_table(text: str, expected: str) -> None:
    words = stance.read(text)
    k = words.low.index("riga")
    assert stance.stance(words, k, k + 1) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Not Riga, Oslo or Lima.", "nnn"),
        ("Neither Riga nor Oslo nor Lima.", "nnn"),
        ("I would rule out Riga and Oslo, so Lima.", "nna"),
        ("I'd exclude Riga, Oslo and Lima.", "nnn"),
        ("Riga and Oslo are wrong, so Lima.", "nna"),
        ("Riga, Oslo and Lima can be ruled out.", "nnn"),
        ("Riga or Oslo is wrong.", "nn"),
        ("Riga is wrong, Oslo is right.", "na"),
        ("She works in Riga and Oslo is wrong.", "an"),
        ("She was not born in Riga and Oslo is her home.", "na"),
        ("Not Riga, Oslo.", "na"),
        ("Not Riga but Oslo.", "na"),
        ("Oslo, not Riga.", "an"),
        ("Maybe Riga or Oslo.", "hh"),
        ("Riga and Oslo.", "aa"),
        ("I rule out: Riga, Lima.", "nn"),
    ],
)
def test_a_list_shares_its_denial(text: str, expected: str) -> None:
    words = stance.read(text)
    spans = [(k, k + 1) for k, word in enumerate(words.low) if word in ("riga", "oslo", "lima")]
    assert "".join(found[0] for found in stance.stances(words, spans)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Berg is unlikely to smile.", "asserted"),
        ("Berg is out.", "asserted"),
        ("Berg is no nurse.", "asserted"),
        ("Berg is not her name.", "negated"),
        ("This cannot be Berg.", "negated"),
        ("I doubt that this is Berg.", "negated"),
        ("I have no doubt that this is Berg.", "asserted"),
        ("Berg denies that she is a nurse.", "asserted"),
        ("Berg does not fit in the picture.", "asserted"),
    ],
)
def test_a_person_who_is_not_something_is_named(text: str, expected: str) -> None:
    words = stance.read(text)
    k = words.low.index("berg")
    assert stance.stance(words, k, k + 1, person=True) == expected


@pytest.mark.parametrize(
    "text",
    [
        "She couldn't be happier in Riga.",
        "She could not be prouder of Riga.",
        "She couldn't love Riga more.",
        "She couldn't live without Riga.",
        "She can't do without Riga.",
        "She couldn't ask for more than Riga.",
        "She couldn't be more at home in Riga.",
        "She can't get over Riga.",
        "She can't take her eyes off Riga.",
        "You can't help but love Riga.",
    ],
)
def test_what_could_not_be_more_so_is_not_denied(text: str) -> None:
    words = stance.read(text)
    k = words.low.index("riga")
    assert stance.stance(words, k, k + 1) != stance.NEGATED
