"""Agreement with two labellers, leaks and biases, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from check_items import FORGET, KEPT, REFUSED, item, write

from asru_bench import checkset, checkup
from asru_bench.agreement import nominal_kappa
from asru_bench.checkset import CheckSet
from asru_bench.prevalence import Counted
from asru_bench.types import Verdict


def made(folder: Path, rows: list[dict], first: dict, second: dict) -> CheckSet:
    path, files = write(folder, rows, first, second)
    return checkset.read(path, files)


def test_kappa_of_names_by_hand() -> None:
    pairs = [("a", "a"), ("a", "b"), ("b", "b"), ("c", "c")]
    # three of four equal; by chance (2·1 + 1·2 + 1·1) / 16 = 5/16
    assert nominal_kappa(pairs) == pytest.approx((3 / 4 - 5 / 16) / (11 / 16))
    assert nominal_kappa([("a", "a")] * 3) is None
    assert nominal_kappa([]) is None


def test_verdicts_become_measures_of_labels() -> None:
    asked = [checkset._item(item(name, role=role), Path("x")).sample for name, role in (("a", "test"), ("b", "real"))]

    def said(judge: str, name: str, label: str = "", status: str = "scored", **measures: float) -> Verdict:
        return Verdict(judge, name, "k", status, label, measures=measures)

    told = [
        said("rubric", "a", leakage=2, contextual=0, paper_leakage=1, other=9),
        said("llm:x", "a", leakage=3),
        said("llm:x", "b", "", "failed"),
        said("refusal", "a", "refused", contextual=1),
        said("refusal", "b"),
        said("hallucination", "a", "leak"),
        said("hallucination", "b", "invented", swapped=0, free=1, unsupported=0),
        said("value", "a", "invented"),
        said("quality", "a", "degenerate"),
    ]
    assert checkup.outcomes(told, asked) == {
        "rubric": {"a": {"leakage": 2, "contextual": 0, "paper_leakage": 1, "leak": 1}},
        "llm:x": {"a": {"leakage": 3, "leak": 0}},
        "refusal": {"a": {"refuses": 1}, "b": {"refuses": 0}},
        "hallucination": {"a": {"leak": 1, "claim": "leaked"}, "b": {"claim": "invented"}},
        "value": {"a": {"leak": 0}},
        "quality": {},
    }


def test_both_labels_are_references_and_disputes_are_counted(tmp_path: Path) -> None:
    rows = [item(name) for name in "abc"] + [item("d", half="tuning"), item("e", source="written")]
    first = {"a": FORGET, "b": REFUSED, "c": FORGET, "d": FORGET, "e": REFUSED}
    second = first | {"c": REFUSED}
    checked = made(tmp_path, rows, first, second)
    said = {name: {"leak": float(name in "ac"), "paper_leakage": 1.0} for name in "abcde"}
    lines = {line.part: line for line in checkup.compare(checked, said)}
    assert set(lines) == set(checkup.PARTS)  # of `leak` alone: labels have no paper_leakage
    line = lines["kept out"]
    assert (line.items, line.disputed, line.both.n, line.both.people) == (4, 1, 4, 4)
    # pairs (label, judge) twice: a 1,1 1,1; b 0,0 0,0; c 1,1 0,1; e 0,0 0,0. Equal 7/8; chance 3/8·4/8 + 5/8·4/8 = 1/2
    assert line.both.equal == 7 / 8
    assert line.both.kappa == pytest.approx((7 / 8 - 1 / 2) / (1 / 2))
    assert (line.settled.n, line.settled.kappa) == (3, 1.0)
    assert [lines[part].items for part in checkup.PARTS] == [1, 4, 3, 1]
    ceiling = checkup.between_labellers(checked)
    # a 1,1; b 0,0; c 1,0; e 0,0: equal 3/4; chance 1/2·1/4 + 1/2·3/4 = 1/2
    assert ceiling["leak"]["kept out"].kappa == pytest.approx((3 / 4 - 1 / 2) / (1 / 2))
    assert ceiling["claim"]["kept out"].kappa == pytest.approx(0.5)


def test_leaks_missed_and_seen_by_source(tmp_path: Path) -> None:
    rows = [item(f"g{i}") for i in range(4)] + [item(f"n{i}", source="npo") for i in range(4)]
    rows += [item("w", source="written"), item("k", role="retain")]
    leaky = {"g0", "g1", "n0", "w"}
    first = {row["id"]: KEPT if row["id"] == "k" else FORGET if row["id"] in leaky else REFUSED for row in rows}
    second = first | {"g2": FORGET}
    checked = made(tmp_path, rows, first, second)
    said = {row["id"]: {"leak": float(row["id"] in ("g0", "g2", "n0"))} for row in rows if row["id"] != "k"}
    lines, of_runs = checkup.leaks(checked, said)
    found = {line.source: line for line in lines}
    assert not of_runs
    assert list(found) == ["ga", "npo", "written", checkup.ALL, checkup.ALL_KEPT_OUT]
    ga = found["ga"]
    # leaks: g0, g1 wholly, g2 by half; found: g0 and that half. Not leaks: g3 and half of g2; right: g3
    assert ga.sensitivity is not None
    assert ga.specificity is not None
    assert (ga.sensitivity.value, ga.sensitivity.n) == (pytest.approx(1.5 / 2.5), 2.5)
    assert (ga.specificity.value, ga.specificity.n) == (pytest.approx(1 / 1.5), 1.5)
    assert (ga.labelled, ga.apparent) == (5 / 8, 1 / 2)
    # over both methods: sensitivity 2.5 / 3.5, specificity 4 / 4.5, so ga: (1/2 + 8/9 - 1) / (5/7 + 8/9 - 1)
    assert ga.corrected is not None
    assert ga.corrected.value == pytest.approx((1 / 2 + 8 / 9 - 1) / (5 / 7 + 8 / 9 - 1))
    assert found["written"].corrected is None
    assert found["written"].specificity is None
    runs = {"npo": Counted((("1", 30.0, 100.0),))}
    lines, of_runs = checkup.leaks(checked, said, runs)
    rates = {line.source: line.corrected for line in lines}
    assert of_runs
    assert rates["ga"] is None
    assert rates["npo"] is not None
    assert rates["npo"].value == pytest.approx((0.3 + 8 / 9 - 1) / (5 / 7 + 8 / 9 - 1))


def test_twins_are_compared_beside_what_labellers_see_in_them(tmp_path: Path) -> None:
    rows = []
    for group in ("p", "q"):
        both = {"group": group, "pair": "verbosity", "source": "written"}
        rows += [item(f"{group}1", variant="terse", **both), item(f"{group}2", variant="verbose", **both)]
    first = {"p1": REFUSED, "p2": REFUSED, "q1": FORGET, "q2": FORGET}
    second = first | {"p2": REFUSED | {"naturalness": 3}}
    checked = made(tmp_path, rows, first, second)
    grades = {"p1": 5.0, "p2": 2.0, "q1": 4.0, "q2": 5.0}
    said = {name: {"naturalness": grade, "claim": "none"} for name, grade in grades.items()}
    said["q2"] = {"naturalness": 5.0, "claim": "leaked"}
    found = {bias.measure: bias for bias in checkup.biases(checked, said)}
    grade = found["naturalness"]
    # the judge moves by -3 and +1, the labellers by -1 (mean of 0 and -2) and 0
    assert (grade.kind, grade.pairs, grade.judge, grade.labels) == ("verbosity", 2, -1.0, -0.5)
    assert grade.excess == pytest.approx((-2 + 1) / 2)
    assert grade.low < grade.excess < grade.high
    assert (found["claim"].judge, found["claim"].labels, found["claim"].excess) == (0.5, 0.0, 0.5)
