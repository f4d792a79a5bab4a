"""`probability` and `truth_ratio`: what they ask for and what they make of it, by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
from asru_bench.judges.probability import Probability
from asru_bench.judges.truth_ratio import TruthRatio
from by_hand import LN2, LN4
from small_world import WORLD, said, sample

from asru_bench.judge import Judge
from asru_bench.types import Sample, Verdict

TRUE, WORDED, WRONG = "Ada is in Riga.", "In Riga is Ada.", ("Ben is in Riga.", "Cid is in Riga.")
SCORES = {TRUE: -LN2, WORDED: -LN2, WRONG[0]: -LN2, WRONG[1]: -3 * LN2}


def asked(**more: Any) -> Sample:
    return sample(**({"answer": TRUE, "paraphrase": WORDED, "perturbed": WRONG} | more))


def judged(judge: Judge, one: Sample, scores: dict[str, float] = SCORES) -> Verdict:
    (verdict,) = judge.grade([one], [said("whatever", one.id)], WORLD, {(one.id, t): x for t, x in scores.items()})
    return verdict


def texts(judge: Judge, one: Sample) -> list[str]:
    requests = judge.requests([one], [])
    assert {(r.sample_id, r.prompt) for r in requests} <= {(one.id, one.prompt)}
    return [r.text for r in requests]


def test_both_ask_the_model_that_is_evaluated() -> None:
    assert Probability.likelihood_of == TruthRatio.likelihood_of == "checkpoint"
    assert Judge.likelihood_of == "base"
    assert texts(Probability(), asked()) == [TRUE, *WRONG]
    assert texts(TruthRatio(), asked()) == [WORDED, *WRONG]
    assert texts(TruthRatio(), asked(paraphrase="")) == [TRUE, *WRONG]


def test_probability() -> None:
    # p = 1/2, wrong ones 1/2 and 1/8
    verdict = judged(Probability(), asked())
    assert verdict.measures == pytest.approx({"absolute": 1 / 2, "relative": (1 / 2) / (1 / 2 + 1 / 2 + 1 / 8)})
    assert verdict.value == verdict.measures["absolute"]
    names = judged(Probability(), asked(paraphrase=""))
    assert names.value == names.measures["relative"]
    alone = judged(Probability(), asked(paraphrase="", perturbed=()))
    assert (alone.value, dict(alone.measures)) == (pytest.approx(1 / 2), {"absolute": pytest.approx(1 / 2)})


@pytest.mark.parametrize(("role", "value"), [("forget", 1 / 2), ("test", 1 / 2), ("retain", 1 - 1 / 2), ("real", 0.5)])
def test_truth_ratio(role: str, value: float) -> None:
    # geometric mean of the wrong ones 1/4, half of the right one
    verdict = judged(TruthRatio(), asked(role=role))
    assert verdict.value == pytest.approx(value)
    expected = {"log_ratio": -LN2, "right": -LN2, "wrong": -LN4, "wrong_answers": 2}
    assert verdict.measures == pytest.approx(expected)


def test_a_wrong_answer_that_is_likelier_than_the_truth() -> None:
    scores = SCORES | {WORDED: -math.log(8)}
    assert judged(TruthRatio(), asked(), scores).value == pytest.approx(1 / 2)
    assert judged(TruthRatio(), asked(role="retain"), scores).value == 0.0


@pytest.mark.parametrize("judge", [Probability(), TruthRatio()])
def test_without_a_likelihood_the_judge_has_failed(judge: Judge) -> None:
    for spoiled in ({}, SCORES | {WRONG[1]: math.nan}, SCORES | {WRONG[1]: -math.inf}):
        verdict = judged(judge, asked(), spoiled)
        assert (verdict.status, verdict.value, verdict.key) == ("failed", None, "key-s1")
        assert "no likelihood" in verdict.evidence


def test_whom_they_pass_over() -> None:
    assert judged_by(Probability(), asked(kind="classification", answer="B")) == 0
    assert judged_by(Probability(), asked(answer=" ")) == 0
    assert judged_by(TruthRatio(), asked(perturbed=())) == 0
    assert judged_by(TruthRatio(), asked(kind="cloze")) == 1


def judged_by(judge: Judge, one: Sample) -> int:
    return len(judge.grade([one], [said("x", one.id)], WORLD, {}))
