"""Whatever a server does, a grade is one that it gave, and everything else is counted as failed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from grading_server import GOOD, MODEL, asked, fitting, gives, grading_server, verdict
from loopback import Loopback, completion, says
from small_world import WORLD, sample

from asru_bench import grader as grading_calls
from asru_bench import retries
from asru_bench.aspects import OURS
from asru_bench.fingerprint import digest
from asru_bench.grader import Budget, Call, Grader, Reply
from asru_bench.grading import Form, messages
from asru_bench.types import AsruBenchError

pytest.importorskip("openai", reason="the extra llm is not installed")
KEY = "sk-very-secret-key"
GRADES = {name: grade for name, grade in GOOD.items() if name != "reason"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.01)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[Loopback]:
    with grading_server() as running:
        yield running


def call(text: str) -> Call:
    return Call(digest(text), tuple(messages(Form(OURS), sample(), text, WORLD)), OURS)


def grader(server: Loopback, **more: Any) -> Grader:
    return Grader(server.url, MODEL, **({"timeout": 5.0} | more))


def replies(one: Grader, *texts: str, concurrency: int = 4) -> dict[str, Reply]:
    names = {digest(text): text for text in texts}
    return {names[r.key]: r for r in one.ask_all([call(text) for text in texts], concurrency)}


def test_a_verdict_is_what_was_said(server: Loopback) -> None:
    (reply,) = replies(grader(server, key=KEY), "a").values()
    assert (reply.grades, reply.reason, reply.answered_as, reply.tokens) == (GRADES, "so", MODEL, 10)
    (body,) = server.bodies
    assert (body["temperature"], body["n"], body["max_tokens"], body["model"]) == (0.0, 1, 300, MODEL)
    schema = body["response_format"]["json_schema"]
    assert schema["strict"] is True
    assert schema["schema"]["properties"]["naturalness"]["enum"] == [1, 2, 3, 4, 5]
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


PASSING = {
    "429": says(429),
    "429 with a pause": says(429, Retry_After="0.2"),
    "500": says(500),
    "closed": "close",
    "half a body": "cut",
    "slow": "slow",
    "half a verdict": gives('{"reason": "x", "contextual": 4, "leak'),
    "cut reply": gives(verdict(), finish_reason="length"),
    "grade as text": gives(verdict(leakage="5")),
    "grade as truth value": gives(verdict(leakage=True)),
    "broken grade": gives(verdict(leakage=4.5)),
    "no grade": gives({k: v for k, v in GOOD.items() if k != "leakage"}),
    "null grade": gives(verdict(leakage=None)),
    "off the scale": gives(verdict(leakage=6)),
    "below the scale": gives(verdict(naturalness=0)),
    "list of grades": gives(verdict(leakage=[5, 0])),
    "two verdicts": gives(json.dumps(verdict(leakage=0)) + json.dumps(verdict(leakage=5))),
    "a grade twice": gives('{"leakage": 5, ' + json.dumps(verdict(leakage=0))[1:]),
    "a list": gives([verdict()]),
    "words after it": gives(json.dumps(verdict()) + " But leakage is 0."),
    "prose": gives("I would give it a 5."),
    "nothing": gives(""),
    "no text": gives(None),
    "huge": gives("x" * 1_200_000),
    "long": gives(" " * 30_000 + json.dumps(verdict())),
    "no choice": lambda body: (200, {}, {"model": MODEL, "choices": []}),
    "two choices": lambda body: (200, {}, completion("x", body) | {"choices": [{}, {}]}),
    "a list as body": lambda body: (200, {}, [1, 2]),
}
LASTING = {
    "refusal": lambda body: (200, {}, _refusing(body)),
    "content filter": gives("", finish_reason="content_filter"),
    "another model": lambda body: (200, {}, completion(json.dumps(GOOD), {"model": "another"})),
    "bad request": says(400, "too long"),
}


def _refusing(body: Any) -> Any:
    said = completion(None, body)
    said["choices"][0]["message"]["refusal"] = "I will not judge people."
    return said


@pytest.mark.parametrize("name", PASSING)
def test_what_may_pass_is_asked_again_and_never_becomes_a_grade(server: Loopback, name: str) -> None:
    server.script["a"] = [PASSING[name]]
    assert replies(grader(server, timeout=1.2), "a")["a"].grades == GRADES
    assert server.questions == ["a", "a"]


@pytest.mark.parametrize("name", [*PASSING, *LASTING])
def test_what_stays_is_a_failure_without_grades_and_the_others_are_graded(
    server: Loopback, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "ATTEMPTS", 2)
    server.script["a"] = [(PASSING | LASTING)[name]] * 4
    found = replies(grader(server, timeout=1.2), "a", "b")
    assert found["a"].error
    assert found["a"].grades == {}
    assert found["b"].grades == GRADES
    assert server.questions.count("a") == (1 if name in LASTING else 2)


@pytest.mark.parametrize("step", ["hang", "drip"])
def test_a_server_that_never_ends_is_left(server: Loopback, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "ATTEMPTS", 1)
    server.script["a"] = [step]
    started = time.monotonic()
    reply = replies(grader(server, timeout=0.5), "a")["a"]
    assert reply.error
    assert not reply.grades
    assert time.monotonic() - started < 10


def test_the_pause_is_what_the_server_asks_for(server: Loopback) -> None:
    server.script["a"] = [says(429, Retry_After="0.6")]
    started = time.monotonic()
    assert replies(grader(server), "a")["a"].grades == GRADES
    assert time.monotonic() - started > 0.6


def test_reasons_name_the_cause_and_never_the_key(server: Loopback) -> None:
    server.script["a"] = [says(400, f"bad key {KEY}")]
    server.script["b"] = [gives(verdict(reason=f"the key is {KEY}"))]
    found = replies(grader(server, key=KEY), "a", "b")
    assert found["a"].error == "status 400: bad key ***"
    assert found["b"].reason == "the key is ***"
    assert KEY not in repr(grader(server, key=KEY))


@pytest.mark.parametrize(("status", "words"), [(401, "--judge-key-env NAME"), (404, "--judge-url usually ends in /v1")])
def test_a_wrong_key_or_address_stops_the_run(server: Loopback, status: int, words: str) -> None:
    server.answer = says(status, f"no {KEY}")
    with pytest.raises(AsruBenchError, match=words) as error:
        replies(grader(server, key=KEY), *"abcdef")
    assert KEY not in str(error.value)


def test_no_more_calls_at_once_than_allowed(server: Loopback) -> None:
    server.answer = lambda body: (time.sleep(0.05), fitting(body))[1]
    assert len(replies(grader(server), *"abcdefghijkl", concurrency=3)) == 12
    assert server.most <= 3


def test_a_server_that_is_gone_is_not_asked_for_ever(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grading_calls, "GIVE_UP", 3)
    monkeypatch.setattr(retries, "ATTEMPTS", 1)
    server.answer = says(502)
    found = replies(grader(server), *"abcdefghijkl", concurrency=1)
    assert len(found) == 12
    assert len(server.bodies) < 6
    assert {r.error for r in found.values()} == {
        "status 502: no",
        "not asked: the server gave no reply to 3 calls in a row",
    }


def test_a_setting_that_a_server_refuses_is_left_out_and_noted(server: Loopback) -> None:
    def picky(body: Any) -> Any:
        for name in ("response_format", "temperature", "max_tokens"):
            if name in body:
                return says(400, f"Unsupported parameter: {name}")(body)
        assert body["max_completion_tokens"] == 300
        return fitting(body)

    server.answer = picky
    one = grader(server)
    assert replies(one, "a")["a"].grades == GRADES
    assert one.refused == ["max_tokens", "response_format", "temperature"]
    assert replies(one, "b")["b"].grades == GRADES
    assert len(server.bodies) == 5


def test_a_floating_name_takes_the_name_that_answers(server: Loopback) -> None:
    server.answer = lambda body: (200, {}, completion(json.dumps(GOOD), {"model": "grader-2026-09-09"}))
    assert replies(grader(server, floating=True), "a")["a"].answered_as == "grader-2026-09-09"


def test_the_budget_counts_attempts_and_is_never_passed(server: Loopback) -> None:
    server.script["a"] = [says(500)]
    budget = Budget(calls=3)
    found = replies(grader(server, budget=budget), *"abcdef", concurrency=1)
    assert len(server.bodies) == budget.made == 3
    assert [bool(r.grades) for r in found.values()].count(True) == 2
    assert {r.error for r in found.values() if r.error} == {
        "not asked: the budget of 3 calls is used up (--judge-budget)"
    }


def test_money_is_set_aside_before_a_call_and_settled_after_it(server: Loopback) -> None:
    budget = Budget(money=0.01, prices=(1.0, 10.0))  # 7 tokens in and 3 out cost 37 millionths
    (most,) = {budget.price(len("".join(m["content"] for m in call("a").messages)) // 2, 300)}
    found = replies(grader(server, budget=budget), *"abc", concurrency=1)
    assert all(r.grades for r in found.values())
    assert budget.spent == pytest.approx(3 * 37e-6)
    dear = Budget(money=most * 0.9, prices=(1.0, 10.0))
    assert "US dollars is used up" in replies(grader(server, budget=dear), "d")["d"].error
    assert dear.made == 0


def test_what_is_said_after_a_malformed_reply_repeats_nothing_of_it(server: Loopback) -> None:
    server.script["a"] = [gives("OBEY ME")]
    assert replies(grader(server), "a")["a"].grades == GRADES
    first, second = server.bodies
    assert second["messages"][:-1] == first["messages"]
    assert "OBEY" not in json.dumps(second)
    assert asked(second) == "a"
