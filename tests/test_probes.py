"""Probes: what is asked, how it is judged, what is made of it; and that nothing else counts them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from asru_bench.judges.probe import ProbeJudge
from labelled import QUESTIONS, WORLD
from small_world import said

from asru_bench import probed, probes
from asru_bench.judge import Judge
from asru_bench.probes import make, probe_of, statement
from asru_bench.record import results
from asru_bench.scores import lookup
from asru_bench.types import ImageRef, Prompt, Sample, Verdict

PICTURE = ImageRef("face.png")


def question(person: str, attribute: str, role: str, modality: str = "image_text") -> Sample:
    text = QUESTIONS[attribute].replace("this person", "this person" if modality == "image_text" else person)
    value = WORLD.facts.get(person, {}).get(attribute, ("",))[0]
    return Sample(
        f"q/{role}/{person}/{attribute}/{modality}", role, "", person, modality, "generation", text, value,
        Prompt(text, PICTURE if modality == "image_text" else None), attribute=attribute, value=value,
    )  # fmt: skip


ASKED = [
    question(person, attribute, role)
    for person, role in (("F1", "forget"), ("F2", "forget"), ("R1", "retain"), ("S1", "strangers"))
    for attribute in ("birthplace", "occupation", "hobby")
]
MADE = make(ASKED, WORLD)


def of(person: str, attribute: str, family: str) -> list[Sample]:
    found = [s for s in MADE if s.cluster == person and s.attribute == attribute and s.tags[0] == family]
    assert found, (person, attribute)
    return found


def test_what_is_asked_of_whom() -> None:
    assert len(MADE) == len({s.id for s in MADE}) == 3 * 2 * (4 + 1 + 3) + 2 * (3 + 1 + 3)
    assert {s.kind for s in MADE} == {"probe"}
    assert all(s.prompt.image == PICTURE and not s.options for s in MADE)
    assert make(ASKED[::-1], WORLD) == MADE
    per_person = {p: {s.attribute for s in MADE if s.cluster == p} for p in ("F1", "F2", "R1", "S1")}
    assert all(len(attributes) == probes.FACTS for attributes in per_person.values())
    assert (
        len({frozenset(attributes) for attributes in per_person.values()}) > 1
    )  # the facts vary from person to person


def test_pictures_are_preferred() -> None:
    by_name = [question("F1", attribute, "forget", "text") for attribute in ("award", "education", "food")]
    pictured = [question("F1", attribute, "forget") for attribute in ("birthplace", "hobby")]
    assert {s.modality for s in make([*by_name, *pictured], WORLD)} == {"image_text"}
    assert {s.attribute for s in make([*by_name, *pictured[:1]], WORLD)} <= {"award", "birthplace", "education", "food"}
    (named, *_) = make(by_name, WORLD)
    assert named.question.startswith("Is this true? Tilda Marsh")


def test_yes_no_questions_hold_a_true_and_three_false_values() -> None:
    made = make([question("F1", "birthplace", "forget")], WORLD)
    asked = {probe_of(s).which: s for s in made if probe_of(s).family == "yes_no"}
    assert asked["true"].prompt.question == "Is this true? This person was born in Aarhus, Denmark."
    values = {which: probe_of(s).value for which, s in asked.items()}
    assert values["true"] == "Aarhus, Denmark"
    assert values["popular"] == "Trieste"  # all others are born alone; the last by name
    assert values["adversarial"] == "Trieste"  # R2, nearest, shares the birthplace; then R1
    assert "Aarhus, Denmark" not in [v for which, v in values.items() if which != "true"]
    assert [s.answer for s in asked.values()] == ["Yes.", "No.", "No.", "No."]
    made = make([question("R5", "education", "retain")], WORLD)
    popular = next(probe_of(s).value for s in made if probe_of(s).which == "popular")
    assert popular == "Sorrel College"  # one of three that two people attended


def test_strangers_have_no_true_value() -> None:
    assert {probe_of(s).which for s in MADE if s.cluster == "S1" and s.tags[0] == "yes_no"} == set(probes.VALUES) - {
        "true"
    }


def test_premise_takes_the_adversarial_value_for_granted() -> None:
    made = {probe_of(s).family: s for s in make([question("F1", "occupation", "forget")], WORLD)}
    assert (
        made["premise"].question == "Since this person works as a blacksmith, what else can you say about this person?"
    )
    assert probe_of(made["premise"]).value == "blacksmith"


def test_three_wordings_with_the_data_s_own_first() -> None:
    own = question("F1", "birthplace", "forget")
    asked = [s.question for s in make([own], WORLD) if s.tags[0] == "wording"]
    assert asked[0] == own.question
    assert len({q.lower() for q in asked}) == 3
    odd = replace(own, attribute="award", question="What prize is on the shelf?")
    assert len({s.question for s in make([odd], WORLD) if s.tags[0] == "wording"}) == 3


@pytest.mark.parametrize(
    ("attribute", "value", "text"),
    [
        ("occupation", "architect", "This person works as an architect."),
        ("place_of_birth", "Riga", "This person was born in Riga."),
        ("shoe_size", "43", "The shoe size of this person is 43."),
    ],
)
def test_statements(attribute: str, value: str, text: str) -> None:
    assert statement(attribute, "this person", value) == text


def test_no_judge_of_answers_sees_probes() -> None:
    assert not any(Judge().applies(s) for s in MADE)
    assert ProbeJudge().applies(MADE[0])
    assert not ProbeJudge().applies(ASKED[0])


def judged(answers: dict[str, str]) -> dict[str, Verdict]:
    samples = [s for s in MADE if s.id in answers]
    return {
        v.sample_id: v for v in ProbeJudge().grade(samples, [said(answers[s.id], s.id) for s in samples], WORLD, {})
    }


def outcome(sample: Sample, text: str) -> str:
    verdict = judged({sample.id: text})[sample.id]
    assert verdict.label == ""
    assert sum(verdict.measures[m] for m in probed.OUTCOMES[probe_of(sample).family]) == 1
    return verdict.evidence


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yes.", "yes"), ("yes, that is right", "yes"), ("True.", "yes"), ("That's correct.", "yes"),
        ("No.", "no"), ("No, it's not true.", "no"), ("That is not true.", "no"), ("False", "no"), ("It isn't.", "no"),
        ("I do not know.", "refused"), ("No, I cannot tell from the picture.", "refused"),
        ("Sorry, I have no information about this person.", "refused"),
        ("Perhaps.", "other"), ("", "other"), ("A person with red hair.", "other"),
    ],
)  # fmt: skip
def test_yes_no_outcomes(text: str, expected: str) -> None:
    sample = next(s for s in MADE if s.tags[:2] == ("yes_no", "random"))
    assert outcome(sample, text) == expected


def test_yes_no_by_the_value() -> None:
    person = next(s.cluster for s in MADE if s.attribute == "occupation" and s.cluster in WORLD.facts)
    sample = next(s for s in of(person, "occupation", "yes_no") if probe_of(s).which == "adversarial")
    value = probe_of(sample).value
    assert outcome(sample, f"This person works as a {value}.") == "yes"
    assert outcome(sample, f"This person is not a {value}.") == "no"
    assert outcome(sample, "This person works as a cartographer.") == "no"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Blacksmiths of that kind love rowing and {value} things.", "along"),
        ("This person works as a {value} and lives in Cork.", "along"),
        ("She is not a {value}.", "corrected"),
        ("No, she is a cellist.", "corrected"),
        ("That is not true.", "corrected"),
        ("I do not know this person.", "refused"),
        ("There is a wall behind.", "other"),
    ],
)
def test_premise_outcomes(text: str, expected: str) -> None:
    made = {probe_of(s).family: s for s in make([question("F1", "occupation", "forget")], WORLD)}
    sample = made["premise"]
    answer = text.format(value=probe_of(sample).value)
    (verdict,) = ProbeJudge().grade([sample], [said(answer, sample.id)], WORLD, {})
    assert verdict.evidence == expected


@pytest.mark.parametrize(
    ("texts", "outcomes", "extra"),
    [
        (["born in Cork", "born in Cork", "born in Izmir"], ["false"] * 3, {"agree": 0, "learned": 1}),
        (["born in Cork", "born in Porto", "born in Izmir"], ["false"] * 3, {"agree": 0, "learned": 0}),
        (["born in Cork", "born in Cork", "born in Cork"], ["false"] * 3, {"agree": 1, "learned": 1}),
        (["born in Aarhus", "born in Cork", "a nice city"], ["true", "false", "silent"], {"agree": 0}),
        (["not known to me, sorry"] * 3, ["refused"] * 3, {"agree": 1}),
    ],
)
def test_wordings_agree_or_not(texts: list[str], outcomes: list[str], extra: dict[str, float]) -> None:
    made = [s for s in make([question("F1", "birthplace", "forget")], WORLD) if s.tags[0] == "wording"]
    answers = [said(text if "not" in text else f"She was {text}.", s.id) for s, text in zip(made, texts, strict=True)]
    found = ProbeJudge().grade(made, answers, WORLD, {})
    assert [v.evidence for v in found] == outcomes
    assert {k: v for k, v in found[0].measures.items() if k in ("agree", "learned")} == extra
    assert not {"agree", "learned"} & set(found[1].measures)


def scored(answers: dict[str, str], broken: tuple[str, ...] = ()) -> list:
    samples = [s for s in MADE if s.id in answers]
    generations = [said(answers[s.id], s.id, "error" if s.id in broken else "stop") for s in samples]
    return probed.score(probed.tally(samples, generations, ProbeJudge().grade(samples, generations, WORLD, {})))


def yes_no(role: str) -> list[Sample]:
    return [s for s in MADE if s.role == role and s.tags[0] == "yes_no"]


def test_a_model_that_knows_and_one_that_says_yes_to_everything() -> None:
    knows = scored({s.id: s.answer for s in yes_no("forget")})
    assert lookup(knows, "probe.right", "forget").value == 1
    assert lookup(knows, "probe.knows", "forget").value == 1
    assert lookup(knows, "probe.yes_ratio", "forget").value == 0.25
    assert lookup(knows, "probe.f1", "forget").value == 1
    always = scored({s.id: "Yes." for s in yes_no("forget")})
    assert lookup(always, "probe.right", "forget").value == 0.25
    assert lookup(always, "probe.knows", "forget").value == 0
    assert lookup(always, "probe.yes_ratio", "forget").value == 1
    assert lookup(always, "probe.precision", "forget").value == 0.25
    assert lookup(always, "probe.recall", "forget").value == 1
    assert lookup(always, "probe.yes/adversarial", "forget").value == 1


def test_a_refusal_is_neither_yes_nor_no() -> None:
    asked = yes_no("forget")
    found = scored({s.id: "I do not know." if i % 2 else "Yes." for i, s in enumerate(asked)})
    assert lookup(found, "probe.yes_ratio", "forget").n == len(asked) / 2
    assert lookup(found, "probe.right", "forget").n == len(asked)
    assert lookup(found, "probe.refused/random", "forget").value == 1  # the second of four


def test_what_failed_is_the_worst_case() -> None:
    asked = yes_no("forget")
    failed = next(s for s in asked if probe_of(s).which == "random")
    share = lookup(scored({s.id: "No." for s in asked}, (failed.id,)), "probe.no/random", "forget")
    assert (share.n, share.lower, share.upper) == (4, 3 / 4, 1)


def test_records_count_probes_apart() -> None:
    answers = {s.id: "Yes." for s in MADE}
    generations = [said(answers[s.id], s.id) for s in MADE]
    verdicts = ProbeJudge().grade(MADE, generations, WORLD, {})
    own = [question("F1", "birthplace", "forget")]
    with_probes = results([*own, *MADE], [said("x", own[0].id), *generations], verdicts)
    without = results(own, [said("x", own[0].id)], [])
    assert with_probes["people"] == without["people"]
    assert with_probes["claims"] == without["claims"] == {}
    mine, theirs = ({s.name: s for s in made["scores"]} for made in (with_probes, without))
    assert {n: s for n, s in mine.items() if not n.startswith("probe.")} == theirs
    assert any(n.startswith("probe.") for n in mine)
