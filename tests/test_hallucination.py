"""Scores of hallucination: rates, bounds, shifts; and the accounting that they complete, all by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from answers import answer, sample, verdicts

from asru_bench import hallucination
from asru_bench.hallucination import claims, kind_of, pooled, regrouped, score, shift, shifts
from asru_bench.record import results
from asru_bench.scores import categories, categorise, lookup
from asru_bench.types import Verdict

KINDS = {"leaked": "leak", "grounded": "correct", "none": ""}


def judged(s, kind):
    measures = {k: float(k == kind) for k in ("swapped", "free", "unsupported")} if kind not in KINDS else {}
    if kind in ("swapped", "free"):
        measures["swap_chance"] = 0.25
    status = "failed" if kind == "failed" else "scored"
    return Verdict("hallucination", s.id, f"key-{s.id}", status, KINDS.get(kind, "invented"), measures=measures)


def run_of(rows, role="forget"):
    """From (person, kind of claim, category) to samples, answers and verdicts."""
    samples = [sample(f"q{i}", role, "generation", "image_text", person) for i, (person, _, _) in enumerate(rows)]
    answers = [answer(s, "text") for s in samples]
    found = [v for s, (_, _, category) in zip(samples, rows, strict=True) for v in verdicts(s, category)]
    found += [judged(s, kind) for s, (_, kind, _) in zip(samples, rows, strict=True)]
    return samples, answers, found


ROWS = [
    ("ada", "leaked", "leak"),
    ("ada", "swapped", "invented"),
    ("ada", "none", "refused"),
    ("ben", "free", "invented"),
    ("ben", "unsupported", "vague"),
    ("ben", "unsupported", "refused"),
    ("cid", "none", "vague"),
    ("cid", "failed", "refused"),
]


def tally(rows=ROWS, role="forget"):
    samples, answers, found = run_of(rows, role)
    return claims(samples, answers, found, categories(samples, answers, found))


def test_kinds_of_verdicts():
    s = sample()
    assert [kind_of(judged(s, k)) for k in ("leaked", "free", "none", "failed")] == ["leaked", "free", "none", "failed"]


def test_what_is_unsupported_is_invented_unless_it_is_refused():
    s = sample()
    base = {v.judge: v for v in verdicts(s, "vague")}
    assert categorise(s, answer(s), base) == "vague"
    assert categorise(s, answer(s), base | {"hallucination": judged(s, "unsupported")}) == "invented"
    assert categorise(s, answer(s), base | {"hallucination": judged(s, "none")}) == "vague"
    assert categorise(s, answer(s), base | {"hallucination": judged(s, "failed")}) == "failed"
    refused = {v.judge: v for v in verdicts(s, "refused")}
    for kind in ("unsupported", "failed"):
        assert categorise(s, answer(s), refused | {"hallucination": judged(s, kind)}) == "refused"


def test_claims_join_category_and_kind():
    people = tally()["forget"]
    assert people["ada"] == {"generation/image_text": {"leak:leaked": 1, "invented:swapped": 1, "refused:none": 1}}
    assert people["ben"]["generation/image_text"] == {
        "invented:free": 1, "invented:unsupported": 1, "refused:unsupported": 1,
    }  # fmt: skip
    assert people["cid"]["generation/image_text"] == {"vague:none": 1, "refused:failed": 1}


def test_an_answer_that_was_not_asked_about_is_in_no_denominator():
    samples, answers, found = run_of(ROWS)
    assert claims(samples, answers, [v for v in found if v.judge != "hallucination"], {}) == {}
    other = [replace(a, key="other") for a in answers]
    assert regrouped(claims(samples, other, found, categories(samples, other, found)), lambda k: k[-6:]) == {
        "forget": {p: {"generation/image_text": {"failed": n}} for p, n in (("ada", 3), ("ben", 3), ("cid", 2))}
    }


@pytest.mark.parametrize(
    ("name", "k", "n", "failed"),
    [
        ("hallucination", 4, 8, 1),
        ("hallucination.of_asserting", 4, 6, 1),
        ("hallucination.invented", 2, 8, 1),
        ("hallucination.unsupported", 2, 8, 1),
        ("hallucination.none", 2, 8, 1),
        ("hallucination.leaked", 1, 8, 1),
        ("hallucination.swap", 1, 3, 1),
    ],
)
def test_rates(name, k, n, failed):
    found = pooled({0: tally()}, f"{name}/open/image_text", "forget")
    assert found.name == f"{name}/open/image_text"
    assert (found.n, found.lower, found.upper) == (n, pytest.approx(k / n), pytest.approx((k + failed) / n))
    assert 0 <= found.ci_low <= found.lower <= found.upper <= found.ci_high <= 1
    assert found.counts == {name: k, "failed": failed}


def test_kinds_add_up_to_all_answers():
    samples, answers, found = run_of([row for row in ROWS if row[1] != "failed"])
    made = score(samples, answers, found, claims(samples, answers, found, categories(samples, answers, found)))
    shares = [lookup(made, f"hallucination.{kind}/open", "forget").value for kind in hallucination.KINDS]
    assert sum(shares) == pytest.approx(1)
    assert lookup(made, "hallucination.swap_chance/open", "forget").value == pytest.approx(0.25)
    assert lookup(made, "hallucination.swap_chance/open", "forget+test").n == 2


def test_shift_is_paired_by_person():
    ours = tally([("ada", "swapped", "invented")] * 2 + [("ben", "none", "refused")] * 2)
    theirs = tally([("ada", "none", "refused")] * 2 + [("ben", "free", "invented"), ("ben", "none", "vague")])
    made = {s.name: s for s in shifts(ours, theirs, "base")}
    found = made["hallucination.shift_base/open/image_text"]
    assert found.value == pytest.approx(((1 - 0) + (0 - 0.5)) / 2)
    assert (found.n, found.people) == (4, 2)
    assert found.ci_low < found.value < found.ci_high
    assert found.role == "forget"


def test_no_shift_on_roles_that_the_other_was_not_asked_in():
    ours = tally() | tally(role="test")
    assert {s.role for s in shifts(ours, tally(), "base")} == {"forget"}
    assert {s.role for s in shifts(ours, ours, "vanilla")} == {"forget", "test", "forget+test"}
    assert shift({}, "base", "open", "forget") is None
    assert shift({0: (tally(ROWS[:3]), tally(ROWS[:3]))}, "base", "open", "forget") is None


def test_record_has_claims_rates_and_shifts():
    samples, answers, found = run_of(ROWS)
    made = results(samples, answers, found, claimed={"vanilla": tally(), "base": {}})
    assert made["claims"] == tally()
    names = {s.name for s in made["scores"]}
    assert {"hallucination/open", "hallucination.swap/open", "hallucination.shift_vanilla/open"} <= names
    assert not any("shift_base" in name for name in names)
    hidden = results(samples, answers, found, claimed={}, hide=True)["claims"]["forget"]
    assert set(hidden) == set(results(samples, answers, found, hide=True)["people"]["forget"]) != {"ada", "ben", "cid"}
