"""Face against name: which questions are made, and whom an answer follows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from small_world import WORLD

from asru_bench import conflict
from asru_bench.data import open_image
from asru_bench.types import Generation, ImageRef, Prompt, Sample, Verdict


@pytest.fixture
def portraits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, ImageRef]:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    found = {}
    for person, colour in (("1", (255, 0, 0)), ("2", (0, 0, 255))):
        Image.new("RGB", (64, 64), colour).save(tmp_path / f"{person}.png")
        found[person] = ImageRef(str(tmp_path / f"{person}.png"))
    return found


def sample(person: str, role: str, attribute: str, question: str, image: ImageRef) -> Sample:
    return Sample(
        f"t/{person}/{attribute}", role, "", person, "image_text", "generation", question, "",
        Prompt(question, image), attribute=attribute,
    )  # fmt: skip


@pytest.fixture
def pairs(portraits: dict[str, ImageRef]) -> list[Sample]:
    born, job = "Where was this person born?", "What is the job of this person?"
    asked = [
        sample("1", "forget", "birthplace", born, portraits["1"]),
        sample("1", "forget", "name", "Who is this?", portraits["1"]),
        sample("1", "forget", "income", "How rich is this person?", portraits["1"]),
        sample("2", "retain", "birthplace", born, portraits["2"]),
        sample("1", "test", "occupation", job, portraits["1"]),
    ]
    return conflict.pair_up(asked, WORLD)


def test_three_arrangements_of_what_differs(pairs: list[Sample], portraits: dict[str, ImageRef]) -> None:
    assert [(s.attribute, s.tags[1]) for s in pairs] == [
        ("birthplace", "face_forgotten"), ("birthplace", "face_kept"), ("birthplace", "two_people"),
        ("name", "two_people"),
        ("income", "face_forgotten"), ("income", "face_kept"), ("income", "two_people"),
    ]  # fmt: skip
    first, second, both = pairs[:3]
    assert (first.prompt.image, first.prompt.question) == (portraits["1"], "Where was Hugo Falk born?")
    assert (second.prompt.image, second.prompt.question) == (portraits["2"], "Where was Ada Berg born?")
    assert both.prompt.question == "Where was this person born?"
    assert both.prompt.image is not None
    picture = open_image(both.prompt.image).convert("RGB")
    assert picture.size == (64, 64)
    halves = [picture.getpixel((x, 32)) for x in (16, 48)]
    assert sorted(halves) == [(0, 0, 255), (255, 0, 0)]
    assert len({s.id for s in pairs}) == len(pairs)


@pytest.mark.parametrize(
    ("arrangement", "text", "refused", "expected"),
    [
        ("face_forgotten", "She was born in Riga.", False, "picture"),
        ("face_forgotten", "He was born in New York City.", False, "name"),
        ("face_kept", "She was born in Riga.", False, "name"),
        ("face_kept", "NYC.", False, "picture"),
        ("two_people", "Riga, Latvia.", False, "forgotten"),
        ("two_people", "One in Riga, the other in New York City.", False, "both"),
        ("two_people", "I cannot say.", True, "refused"),
        ("two_people", "In Oslo.", False, "neither"),
    ],
)
def test_whom_an_answer_follows(pairs: list[Sample], arrangement: str, text: str, refused: bool, expected: str) -> None:
    asked = next(s for s in pairs if s.tags[1] == arrangement and s.attribute == "birthplace")
    answer = Generation("k", asked.id, text, "stop")
    verdicts = [Verdict("refusal", asked.id, "k", "scored", "refused")] if refused else []
    found = {s.name: s for s in conflict.scores([asked], [answer], verdicts, WORLD)}
    assert found.pop(f"conflict/{arrangement}.{expected}").value == 1
    assert {s.value for s in found.values()} == {0}
    assert len(found) == 4


def test_answers_that_failed_bound_the_shares(pairs: list[Sample]) -> None:
    broken = Generation("k", pairs[0].id, "", "error")
    assert conflict.scores(pairs, [broken], [], WORLD) == []
    two = [
        next(s for s in pairs if (s.tags[1], s.attribute) == ("face_forgotten", a)) for a in ("birthplace", "income")
    ]
    answers = [Generation("k", two[0].id, "In Riga.", "stop"), replace(broken, sample_id=two[1].id)]
    found = {s.name: s for s in conflict.scores(two, answers, [], WORLD)}
    picture, name = (found[f"conflict/face_forgotten.{what}"] for what in ("picture", "name"))
    assert (picture.value, picture.n, picture.lower, picture.upper) == (1, 2, 0.5, 1)
    assert (name.value, name.lower, name.upper, name.counts) == (0, 0, 0.5, {"failed": 1})


def test_a_fact_to_be_forgotten_of_both_has_nobody_to_keep(pairs: list[Sample], portraits: dict[str, ImageRef]) -> None:
    partly = replace(WORLD, forget={"2": ("birthplace",)})
    born = "Where was this person born?"
    asked = [sample("1", "forget", "birthplace", born, portraits["1"])]
    kept = sample("2", "retain", "income", "How rich is this person?", portraits["2"])
    assert len(conflict.pair_up([*asked, kept], WORLD)) == 3
    assert conflict.pair_up([*asked, kept], partly) == []
