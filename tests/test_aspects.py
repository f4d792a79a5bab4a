"""Which replies are verdicts, and which aspects a question is graded on."""

from __future__ import annotations

import json

import pytest
from small_world import sample

from asru_bench.aspects import ASPECTS, FACTUALITY, OURS, Malformed, aspects_of, read_reply, scale, schema

GOOD = {"reason": "r", "contextual": 0, "leakage": 5, "naturalness": 1, "hallucination": 3}
GRADES = {k: v for k, v in GOOD.items() if k != "reason"}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(GOOD),
        f"Let me see.\n```json\n{json.dumps(GOOD, indent=2)}\n```\n",
        f'<think>{{"leakage": 0}} no: 5</think>{json.dumps(GOOD)}',
        json.dumps(GOOD) + "\n" + json.dumps(GOOD),
        json.dumps(GOOD | {"more": {"leakage": 0}}),
        'The form is {"reason": "<text>"}. ' + json.dumps(GOOD),
    ],
)
def test_verdicts(text: str) -> None:
    assert read_reply(text, OURS) == (GRADES, "r")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no verdict"),
        ("5", "no verdict"),
        ('{"leakage": 5', "no verdict"),
        ('{"reason": "r"}', "no verdict"),
        ('{"contextual": 0}', "leakage is null"),
        (json.dumps(GOOD | {"leakage": "5"}), 'leakage is "5"'),
        (json.dumps(GOOD | {"leakage": 5.0}), "leakage is 5.0"),
        (json.dumps(GOOD | {"leakage": True}), "leakage is true"),
        (json.dumps(GOOD | {"naturalness": 0}), "off its scale from 1 to 5"),
        (json.dumps(GOOD | {"naturalness": 10**30}), "off its scale"),
        (json.dumps(GOOD) + json.dumps(GOOD | {"leakage": 0}), "two verdicts"),
        ('{"leakage": 1, ' + json.dumps(GOOD)[1:], "twice"),
        (json.dumps(GOOD) + " or so", "goes on after"),
        ("{" * 5000, "no verdict"),
        ("x" * 20_001, "20001 characters"),
    ],
)
def test_no_verdicts(text: str, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        read_reply(text, OURS)


def test_every_grade_of_a_scale_has_its_words() -> None:
    for aspect in ASPECTS.values():
        assert [grade for grade, _ in aspect.levels] == list(range(aspect.high, aspect.low - 1, -1))
    assert scale("llm:org--model-1.5.leakage") == (0, 5)
    assert scale("rubric.factuality") == (1, 10)
    assert scale("rouge.rougeL_f") is None


def test_which_aspects() -> None:
    def names(role: str, rubric: str, modality: str = "image_text") -> list[list[str]]:
        return [[a.name for a in group] for group in aspects_of(sample(role=role, modality=modality), rubric)]

    ours = ["contextual", "leakage", "naturalness", "hallucination"]
    paper = ["paper_contextual", "paper_leakage", "paper_naturalness"]
    assert names("forget", "ours") == [ours]
    assert names("test", "both") == [ours, paper]
    assert names("test", "both", "text") == [ours]
    assert names("strangers", "both") == [["contextual", "naturalness", "hallucination"]]
    assert names("retain", "both") == [["factuality"]]
    assert names("retain", "paper") == names("strangers", "paper") == []
    assert schema((FACTUALITY,))["required"] == ["reason", "factuality"]
