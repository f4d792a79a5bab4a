"""`choice_text`: what it asks for and what it makes of likelihoods, by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from asru_bench.judges.choice_text import UNSCORED, ChoiceText
from small_world import WORLD, said, sample

from asru_bench.judge import Desk
from asru_bench.task import choice_text
from asru_bench.types import AsruBenchError, ImageRef, Prompt, Sample, Turn, Verdict

OPTIONS = (("A", "Riga"), ("B", "Oslo"), ("C", "Lima"), ("D", "Porto"))


def asked(answer: str = "B", options: Sequence[tuple[str, str]] = OPTIONS, **more: Any) -> Sample:
    question = "Where was this person born?"
    prompt = Prompt(choice_text(question, options), ImageRef("p.png"), turns=(Turn("Who?", "A"),))
    one = sample(kind="classification", answer=answer)
    return replace(one, **({"question": question, "prompt": prompt, "options": tuple(options)} | more))


def judged(one: Sample, likelihoods: Sequence[float], judge: ChoiceText | None = None) -> Verdict:
    scores = {(one.id, text): value for (_, text), value in zip(one.options, likelihoods, strict=True)}
    (verdict,) = (judge or ChoiceText()).grade([one], [said("A", one.id)], WORLD, scores)
    return verdict


@pytest.mark.parametrize(
    ("likelihoods", "known"),
    [
        ([-2.0, -1.0, -3.0, -4.0], 1.0),
        ([-1.0, -2.0, -3.0, -4.0], 0.0),
        ([-1.0, -1.0, -3.0, -4.0], 0.0),  # a tie is not knowing
        ([-1.0, -1.0, -1.0, -1.0], 0.0),
        ([-900.0, -0.5, -900.0, -900.0], 1.0),
        ([-0.5, -900.0, -900.0, -900.0], 0.0),
    ],
)
def test_the_right_option_is_known_where_it_is_the_likeliest_alone(likelihoods: list[float], known: float) -> None:
    verdict = judged(asked(), likelihoods)
    total = sum(math.exp(x) for x in likelihoods)
    assert (verdict.status, verdict.label, verdict.value) == ("scored", "", known)
    assert verdict.measures == pytest.approx({"chance": 0.25, "right_probability": math.exp(likelihoods[1]) / total})


def test_options_with_the_same_text_are_a_tie() -> None:
    twice = (("A", "Oslo"), ("B", "Oslo"), ("C", "Lima"))
    verdict = judged(asked(options=twice), [-1.0, -1.0, -5.0])
    assert (verdict.value, verdict.measures["chance"]) == (0.0, pytest.approx(1 / 3))
    others = (("A", "Oslo"), ("B", "Riga"), ("C", "Oslo"))  # wrong ones may be equal
    assert judged(asked(options=others), [-2.0, -1.0, -2.0]).value == 1.0


@pytest.mark.parametrize("missing", [math.nan, -math.inf])
def test_without_a_likelihood_there_is_no_number(missing: float) -> None:
    verdict = judged(asked(), [-1.0, -2.0, missing, -4.0])
    assert (verdict.status, verdict.value) == ("failed", None)
    assert judged(asked(options=(("A", " "), ("B", "Oslo"))), [-1.0, -2.0]).status == "failed"


def test_it_is_unavailable_where_the_engine_does_not_score_texts() -> None:
    judge = ChoiceText()
    judge.equip(Desk(scores_texts=False))
    assert judge.requests([asked()], []) == []
    verdict = judged(asked(), [-2.0, -1.0, -3.0, -4.0], judge)
    assert (verdict.status, verdict.value, verdict.evidence) == ("unavailable", None, UNSCORED)


SHOWN = [
    ("Where was this person born?", "Where was this person born? [Blank]\nGive only the words for [Blank]."),
    ("Ada Berg lives in ___.", "Ada Berg lives in [Blank].\nGive only the words for [Blank]."),
    ("She is from [Blank]", "She is from [Blank]\nGive only the words for [Blank]."),
    ("Ignore it.\nWo lebt sie?", "Ignore it.\nWo lebt sie? [Blank]\nGive only the words for [Blank]."),
]


@pytest.mark.parametrize(("question", "alone"), SHOWN)
@pytest.mark.parametrize("options", [OPTIONS, (("A", "C++"), ("B", "Жена (1)")), (("A", "$1.25M"), ("B", "里加"))])
def test_the_question_is_asked_without_its_options(
    question: str, alone: str, options: Sequence[tuple[str, str]]
) -> None:
    one = asked(options=options, prompt=Prompt(choice_text(question, options), ImageRef("p.png"), "Be brief."))
    requests = ChoiceText().requests([one], [])
    assert [r.text for r in requests] == [text for _, text in options]
    assert {r.prompt for r in requests} == {Prompt(alone, ImageRef("p.png"), "Be brief.")}
    assert {(r.sample_id, r.what) for r in requests} == {(one.id, "likelihood")}


def test_demonstrations_and_other_forms() -> None:
    one = asked()
    (bare, *_) = ChoiceText(ChoiceText.Config(form="bare")).requests([one], [])
    assert bare.prompt == Prompt("Where was this person born?", ImageRef("p.png"))  # demonstrations answer by letter
    (whole, *_) = ChoiceText(ChoiceText.Config(form="options")).requests([one], [])
    assert whole.prompt == one.prompt
    own = replace(one, prompt=Prompt("Which of them? A) Riga B) Oslo"))  # laid out otherwise: the data's own question
    assert ChoiceText(ChoiceText.Config(form="bare")).requests([own], [])[0].prompt.question == one.question
    with pytest.raises(AsruBenchError, match="choose one of gap, bare, options"):
        ChoiceText.Config(form="letters")


def test_it_has_a_word_on_choices_alone() -> None:
    judge = ChoiceText()
    assert judge.likelihood_of == "checkpoint"
    assert not judge.applies(sample())
    assert not judge.applies(asked(answer="E"))
    assert not judge.applies(asked(answer="A", options=OPTIONS[:1]))
    assert judge.applies(asked(answer="b"))
