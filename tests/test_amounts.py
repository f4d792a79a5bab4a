"""`amounts`: money, lengths and weights in the spellings of answers."""

from __future__ import annotations

import pytest

from asru_bench.amounts import Quantity, numbers


@pytest.mark.parametrize(
    "text",
    [
        "USD85,000", "$85k", "85 000 dollars", "eighty-five thousand dollars", "US$ 85,000.00", "$85,000", "85K USD",
        "85 thousand bucks", "0.085 million dollars", "$ 85.000", "85'000 dollars", "85,000 American dollars",
    ],
)  # fmt: skip
def test_one_income(text: str) -> None:
    (number,) = numbers(f"She earns {text} a year.")
    assert (number.value, number.unit) == (85_000, "dollar")


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("85 grand", 85_000, ""),
        ("85.000 €", 85_000, "euro"),
        ("£85,000", 85_000, "pound"),
        ("¥85,000", 85_000, "yen"),
        ("$1.25M", 1_250_000, "dollar"),
        ("1.25 million", 1_250_000, ""),
        ("one point two five million", 1_250_000, ""),
        ("1,25,000", 125_000, ""),
        ("₹1,25,000", 125_000, "rupee"),
        ("2.5 lakh rupees", 250_000, "rupee"),
        ("a hundred and twenty thousand", 120_000, ""),
        ("$2bn", 2_000_000_000, "dollar"),
        ("85,000 pounds", 85_000, "pound"),
        ("1.78 m", 178, "cm"),
        ("1,78 m", 178, "cm"),
        ("1m78", 178, "cm"),
        ("178cm", 178, "cm"),
        ("5'10\"", 177.8, "cm"),
        ("5’10”", 177.8, "cm"),
        ("5 ft 10 in", 177.8, "cm"),
        ("5-foot-10", 177.8, "cm"),
        ("five foot ten", 177.8, "cm"),
        ("70 inches", 177.8, "cm"),
        ("6 feet", 182.88, "cm"),
        ("80 kilos", 80, "kg"),
        ("176 lb", 79.83, "kg"),
        ("12 people", 12, "count"),
        ("37 years old", 37, "year"),
        ("a 37-year-old", 37, "year"),
        ("178 x 178 pixels", 178, "count"),
        ("a 178-page book", 178, "count"),
        ("178 km", 178, "count"),
        ("178%", 178, "count"),
        ("178 stamps", 178, "count"),
        ("178 High Street", 178, "count"),
        ("178", 178, ""),
        ("178 tall", 178, ""),
        ("85,000 annually", 85_000, ""),
        ("85,000 yearly", 85_000, ""),
        ("178 in the files", 178, ""),
        ("70 in tall", 177.8, "cm"),
        ("178 is her height", 178, ""),
        ("178-ish", 178, ""),
    ],
)
def test_amounts(text: str, value: float, unit: str) -> None:
    number = numbers(text)[0]
    assert number.value == pytest.approx(value)
    assert number.unit == unit
    assert {n.value for n in numbers(text)} == {number.value}


@pytest.mark.parametrize(
    "text", ["six figures", "room 12", "version 1.2", "house number 12", "one of them", "B12", "ten", "No. 7"]
)
def test_what_is_no_amount(text: str) -> None:
    assert [n.value for n in numbers(text) if n.value != 10] == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("178 cm", "5'10\"", True),
        ("178 cm", "70 inches", True),
        ("178 cm", "5 ft 11 in", False),
        ("178 cm", "1.78 m", True),
        ("178 cm", "179 cm", False),
        ("5'10\"", "5'11\"", False),
        ("80 kg", "176 lb", True),
        ("80 kg", "178 lb", False),
        ("80 kg", "12 stone 8", True),
        ("178 cm", "178 kg", False),
        ("178 cm", "178", True),
        ("52", "115 lb", False),
        ("12 people", "12 kg", False),
        ("37 years", "37", True),
        ("37 years", "37 kg", False),
        ("178 cm", "178 pages", False),
    ],
)
def test_amounts_are_the_same_within_half_a_step_of_the_coarser_unit(one: str, other: str, same: bool) -> None:
    (a,), (b,) = numbers(one), numbers(other)
    assert a.quantities[0].same(b.quantities[0]) is same
    assert b.quantities[0].same(a.quantities[0]) is same


def test_pounds_are_money_or_a_weight() -> None:
    (number,) = numbers("140 pounds")
    assert Quantity(140, "pound") in number.quantities
    assert number.unit == "kg"


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("around seventy thousand", 5000),
        ("about 75,000", 2500),
        ("roughly $70k", 5000),
        ("70,000-ish", 5000),
        ("70,000 or so", 5000),
        ("about 71,000", 500),
        ("70,000", 0),
        ("almost 100", 10),
    ],
)
def test_how_far_a_rounded_number_reaches(text: str, near: float) -> None:
    assert numbers(text)[0].near == near
