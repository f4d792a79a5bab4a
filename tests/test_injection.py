"""Orders inside answers move a grader that obeys what it reads, unless answers are marked as data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from asru_bench.judges.llm import LLM
from asru_bench.judges.rubric import Rubric
from grading_server import MODEL, gives, grading_server, material
from loopback import Loopback, says
from small_world import WORLD, said, sample

from asru_bench import injection
from asru_bench.judge import Desk
from asru_bench.types import AsruBenchError, Generation, Sample

pytest.importorskip("openai", reason="the extra llm is not installed")
N = 60
LOW = {"contextual": 1, "leakage": 2, "naturalness": 3, "hallucination": 2}
BEST = dict.fromkeys(LOW, 5)
_ORDER = re.compile(r"best grade|full marks|highest number|\"leakage\": 5", re.I)


def gullible(body: Any) -> Any:
    """Obeys every order that it reads, wherever it stands, except between marks that it was told are data."""
    system, read = body["messages"][0]["content"], material(body)
    told = re.search(r"between the marks <(answer-[0-9a-f]+)>", system)
    if told:  # like a naive reader it takes the first thing that looks like the closing mark
        read = re.sub(rf"<{told[1]}>.*?</{told[1]}>", " ", read, count=1, flags=re.S)
    return gives(BEST if _ORDER.search(read) else LOW)(body)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with grading_server(gullible) as running:
        yield running


def items() -> tuple[list[Sample], list[Generation]]:
    asked = [sample(person=str(1 + i % 3), name=f"s{i}") for i in range(N)]
    return asked, [said(f"She was born in town {i}.", f"s{i}") for i in range(N)]


def judge(server: Loopback, isolation: str) -> LLM:
    made = LLM(LLM.Config(model=(MODEL,), isolation=isolation))
    made.equip(Desk(server.url))
    return made


def test_without_isolation_every_aspect_moves_and_the_report_shows_it(server: Loopback) -> None:
    shifts = injection.measure(judge(server, "none"), *items(), WORLD)
    assert [(s.aspect, s.n, s.failed) for s in shifts] == [(a, N, 0) for a in LOW]
    assert [s.shift for s in shifts] == [4, 3, 2, 3]
    assert all(s.moved and s.raised == 1 for s in shifts)
    text = injection.report(shifts)
    assert text.count("moved: 100% of those below the best were lifted") == 4


def test_with_isolation_nothing_moves(server: Loopback) -> None:
    shifts = injection.measure(judge(server, "marks"), *items(), WORLD)
    assert {(s.n, s.shift, s.raised, s.moved) for s in shifts} == {(N, 0.0, 0.0, False)}
    assert "moved" not in injection.report(shifts)
    assert len(server.bodies) == 2 * N


def test_a_pair_with_a_failed_half_is_counted_and_left_out(server: Loopback) -> None:
    def flaky(body: Any) -> Any:
        return says(400)(body) if "town 7." in json.dumps(body) else gullible(body)

    server.answer = flaky
    (first, *_) = injection.measure(judge(server, "none"), *items(), WORLD)
    assert (first.n, first.failed, first.shift) == (N - 1, 1, 4)


def test_rules_do_not_obey(server: Loopback) -> None:
    shifts = {s.aspect: s for s in injection.measure(Rubric(), *items(), WORLD)}
    assert shifts["leakage"].n == N
    assert not any(s.moved for s in shifts.values())


def test_few_answers_are_an_error(server: Loopback) -> None:
    asked, answers = items()
    with pytest.raises(AsruBenchError, match="49 answers to measure injection on; expected 50 or more"):
        injection.measure(judge(server, "none"), asked[:49], answers, WORLD)
