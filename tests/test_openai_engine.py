"""Answers from a server equal what it said to each question, however it misbehaves in between."""

from __future__ import annotations

import base64
import io
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from loopback import MODEL, Loopback, completion, echo, question, says
from PIL import Image, ImageChops

from asru_bench import openai_engine, retries
from asru_bench.openai_engine import OpenAIEngine, check, connect, served_name
from asru_bench.plan import Place
from asru_bench.types import AsruBenchError, Checkpoint, Generation, ImageRef, Prompt, Request, ScoreRequest, Turn

pytest.importorskip("openai", reason="the extra llm is not installed")
KEY = "sk-very-secret"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.01)
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "of-another-service")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        yield running


def engine(server: Loopback, **more: Any) -> OpenAIEngine:
    return OpenAIEngine(server.url, MODEL, "weights", **({"timeout": 5.0} | more))


def ask(*names: str, **more: Any) -> list[Request]:
    return [Request(f"id-{name}", Prompt(name), 9, **more) for name in names]


def answers(engine: OpenAIEngine, requests: list[Request], known: dict[str, Generation] | None = None) -> Any:
    return {g.sample_id: g for chunk in engine.chunks(requests, known) for g in chunk}


def one(server: Loopback, request: Request | None = None, **more: Any) -> Generation:
    (found,) = answers(engine(server, **more), [request or ask("q")[0]]).values()
    return found


def test_answers_belong_to_their_questions_whatever_comes_first(server: Loopback) -> None:
    names = [f"q{i}" for i in range(6)]
    turns = {name: threading.Event() for name in names}

    def in_turn(body: Any) -> Any:
        assert turns[question(body)].wait(30)
        return echo(body)

    server.answer = in_turn
    turns["q5"].set()
    found: list[Generation] = []
    for chunk in engine(server, timeout=30.0).chunks(ask(*names)):
        found += chunk
        turns[names[5 - len(found)]].set()  # the one before it may come only now
    assert [g.sample_id for g in found] == [f"id-{name}" for name in reversed(names)]
    assert [g.text for g in found] == [f"to {name}" for name in reversed(names)]
    assert all((g.finish, g.prompt_tokens, g.new_tokens) == ("stop", 7, 3) for g in found)


def test_no_more_requests_at_once_than_allowed(server: Loopback) -> None:
    together = threading.Barrier(3)
    server.answer = lambda body: (together.wait(30), echo(body))[1]
    assert len(answers(engine(server, concurrency=3, timeout=30.0), ask(*"abcdefghijkl"))) == 12
    assert server.most == 3


@pytest.mark.parametrize(
    "step",
    [says(429), says(429, Retry_After="0.3"), says(500), says(408), "close", "cut", "slow"],
    ids=["429", "429 with a pause", "500", "408", "close", "cut", "slow"],
)
def test_what_may_pass_is_asked_again(server: Loopback, step: Any) -> None:
    server.script["q"] = [step]
    assert one(server, timeout=1.2).text == "to q"
    assert server.questions == ["q", "q"]


def test_the_pause_is_what_the_server_asks_for(server: Loopback) -> None:
    server.script["q"] = [says(429, Retry_After="0.6")]
    started = time.monotonic()
    assert one(server).finish == "stop"
    assert time.monotonic() - started > 0.6


@pytest.mark.parametrize(
    ("step", "reason"),
    [(says(500, "broken"), "status 500: broken"), ("close", "APIConnectionError"), ("cut", "only a part")],
)
def test_what_does_not_pass_is_a_failure_and_no_answer(server: Loopback, step: Any, reason: str) -> None:
    server.script["q"] = [step] * retries.ATTEMPTS
    found = answers(engine(server), ask("q", "other"))
    assert (found["id-q"].finish, found["id-q"].text) == ("error", "")
    assert reason in found["id-q"].error
    assert found["id-other"].text == "to other"
    assert server.questions.count("q") == retries.ATTEMPTS


def test_a_question_that_is_refused_is_not_asked_again(server: Loopback) -> None:
    server.script["q"] = [says(400, "prompt too long")]
    assert one(server).error == "status 400: prompt too long"
    assert server.questions == ["q"]


def test_a_server_that_wants_too_long_a_pause_is_not_waited_for(server: Loopback) -> None:
    server.script["q"] = [says(503, "closed", Retry_After="86400")]
    assert one(server).error == "status 503: closed"


def test_a_server_that_is_gone_stops_the_run_and_keeps_the_answers(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai_engine, "GIVE_UP", 4)
    monkeypatch.setattr(retries, "ATTEMPTS", 2)
    names = [f"q{i}" for i in range(12)]
    server.answer = lambda body: echo(body) if question(body) in ("q0", "q1") else says(502)(body)
    kept: list[Generation] = []
    with pytest.raises(AsruBenchError, match=r"no answer to 4 questions in a row.*type the same command again"):
        kept += (g for chunk in engine(server, concurrency=1).chunks(ask(*names)) for g in _keep(chunk, kept))
    assert [g.text for g in kept if g.finish == "stop"] == ["to q0", "to q1"]
    server.answer, asked = echo, len(server.bodies)
    again = answers(engine(server), ask(*names), {g.key: g for g in kept if g.finish == "stop"})
    assert len(again) == 12
    assert sorted(server.questions[asked:]) == sorted(names[2:])


def _keep(chunk: list[Generation], kept: list[Generation]) -> list[Generation]:
    kept += chunk
    return []


def test_equal_questions_are_asked_once(server: Loopback) -> None:
    (request,) = ask("q")
    assert len(answers(engine(server), [request, replace(request, sample_id="twin")])) == 2
    assert server.questions == ["q"]


def test_another_model_is_an_error(server: Loopback) -> None:
    server.answer = lambda body: (200, {}, completion("x", body) | {"model": "gpt"})
    with pytest.raises(AsruBenchError, match="answered as model 'gpt', asked was 'served'"):
        one(server)


@pytest.mark.parametrize(
    ("choice", "finish", "text", "error"),
    [
        ({}, "stop", "words", ""),
        ({"finish_reason": "length"}, "length", "words", ""),
        ({"finish_reason": "content_filter"}, "error", "", "content_filter"),
        ({"finish_reason": None}, "error", "", "no finish reason"),
        ({"message": {"role": "assistant", "content": None}}, "error", "", "sent no text"),
        ({"message": {"role": "assistant", "content": ""}}, "stop", "", ""),
    ],
)
def test_finish_reasons(server: Loopback, choice: Any, finish: str, text: str, error: str) -> None:
    server.answer = lambda body: (200, {}, completion("words", body, **choice))
    found = one(server)
    assert (found.finish, found.text) == (finish, text)
    assert error in found.error
    assert bool(error) == bool(found.error)


def test_keys_are_sent_and_never_told(server: Loopback) -> None:
    server.script["q"] = [says(400, f"what is {KEY}?")]
    assert one(server, key=KEY).error == "status 400: what is ***?"
    server.answer = says(401, f"wrong key {KEY}")
    with pytest.raises(AsruBenchError, match=r"status 401.*--engine-key-env") as caught:
        one(server, key=KEY)
    assert KEY not in f"{caught.value}{engine(server, key=KEY)!r}{engine(server, key=KEY).facts()}"
    server.answer = echo
    one(server)
    assert [h["authorization"] for h in server.headers] == [f"Bearer {KEY}"] * 2 + ["Bearer none"]
    assert not any("another" in value for headers in server.headers for value in headers.values())


def test_what_is_sent_is_the_whole_prompt_and_greedy(server: Loopback, tmp_path: Path) -> None:
    picture = Image.effect_noise((20, 10), 90).convert("RGB")
    picture.save(tmp_path / "a.png")
    ref = ImageRef(str(tmp_path / "a.png"))
    prompt = Prompt("Who?", ref, system="Be brief.", turns=(Turn("And?", "Ada", None),))
    one(server, Request("id", prompt, 9))
    (body,) = server.bodies
    assert [m["role"] for m in body["messages"]] == ["system", "user", "assistant", "user"]
    assert [m["content"] for m in body["messages"][:3]] == ["Be brief.", "And?", "Ada"]
    sent, text = body["messages"][3]["content"]
    assert text == {"type": "text", "text": "Who?"}
    head, data = sent["image_url"]["url"].split(",")
    assert head == "data:image/png;base64"
    assert not ImageChops.difference(Image.open(io.BytesIO(base64.b64decode(data))), picture).getbbox()
    expected = {"temperature": 0.0, "top_p": 1.0, "n": 1, "max_tokens": 9, "repetition_penalty": 1.0}
    assert expected.items() <= body.items()
    assert "logprobs" not in body


def _letters(*pairs: tuple[str, float]) -> Callable[[Any], Any]:
    top = [{"token": token, "logprob": value, "bytes": None} for token, value in pairs]
    logprobs = {"content": [{"token": "A", "logprob": -0.1, "bytes": None, "top_logprobs": top}], "refusal": None}
    return lambda body: (200, {}, completion("A", body, logprobs=logprobs))


def test_log_probabilities_of_options(server: Loopback) -> None:
    (request,) = ask("q", options=("A", "B"))
    server.answer = _letters((" A", -9.0), ("A", -0.25), ("B", -1.5))
    assert one(server, request).option_logprobs == (-0.25, -1.5)
    assert (server.bodies[0]["logprobs"], server.bodies[0]["top_logprobs"]) == (True, 20)
    server.answer = _letters(("A", -0.25), ("C", -1.5))
    assert one(server, request).option_logprobs == ()
    server.answer = echo
    assert one(server, request).option_logprobs == ()


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("logprobs", 400, {"error": {"message": "unknown field 'logprobs'"}}),
        ("repetition_penalty", 422, {"detail": "Unexpected fields in the request: {'repetition_penalty'}"}),
    ],
)
def test_a_server_that_does_not_know_a_setting_is_asked_without_it(
    server: Loopback, name: str, status: int, said: Any
) -> None:
    server.answer = lambda body: (status, {}, said) if name in body else echo(body)
    asking = engine(server)
    found = answers(asking, ask("a", "b", "c", options=("A", "B")))
    assert {g.text for g in found.values()} == {"to a", "to b", "to c"}
    assert all(g.option_logprobs == () for g in found.values())
    assert asking.facts() == {
        "name": "openai",
        "model": MODEL,
        "named_by": "content",
        "server": "",
        "refused_settings": [name],
    }


def test_draws_are_sampled_from_the_whole_distribution_with_a_seed_of_their_question(server: Loopback) -> None:
    asking = engine(server)
    drawn = [replace(r, sample_id=f"{r.prompt.question} {n}", draw=n) for r in ask("a", "b") for n in (1, 2)]
    assert len({g.key for g in answers(asking, [*ask("a", "b"), *drawn]).values()}) == 6
    sampled = [body for body in server.bodies if body["temperature"] == 1.0]
    assert len({body["seed"] for body in sampled}) == 4, "one for each draw of each question"
    assert all(0 <= body["seed"] < 2**31 for body in sampled)
    assert {(body["top_p"], body["top_k"], body["min_p"]) for body in sampled} == {(1.0, -1, 0.0)}
    greedy = [body for body in server.bodies if body["temperature"] == 0.0]
    assert len(greedy) == 2
    assert not any({"seed", "top_k", "min_p"} & {*body} for body in greedy)


def test_only_settings_that_were_sent_are_given_up(server: Loopback) -> None:
    server.answer = lambda body: (400, {}, {"error": "seed-oss takes no min_p"}) if "min_p" in body else echo(body)
    asking = engine(server)
    drawn = replace(ask("a")[0], draw=1)
    assert answers(asking, [drawn])[drawn.sample_id].text == "to a"
    assert asking.facts()["refused_settings"] == ["min_p", "seed"]
    server.answer = lambda body: (400, {}, {"error": "seed-oss is tired"})
    asking = engine(server)
    assert answers(asking, ask("a"))[ask("a")[0].sample_id].finish == "error"
    assert "refused_settings" not in asking.facts()


def test_given_texts_cannot_be_scored(server: Loopback) -> None:
    request = ScoreRequest("id", Prompt("q"), "text")
    assert engine(server).score_key(request) == ""
    assert str(engine(server).score([request])[0]) == "nan"


def test_keys_change_with_what_is_asked_and_of_whom(server: Loopback, tmp_path: Path) -> None:
    Image.new("RGB", (4, 4), "red").save(tmp_path / "a.png")
    request = ask("q")[0]
    asked = [
        request,
        replace(request, prompt=Prompt("r")),
        replace(request, prompt=Prompt("q", ImageRef(str(tmp_path / "a.png")))),
        replace(request, prompt=Prompt("q", system="s")),
        replace(request, max_new_tokens=3),
    ]
    others = [{}, {"checkpoint": "other"}, {"model": "other"}, {"owner": "other"}]
    keys = {replace(engine(server), **other).keys([r])[0].key for r in asked for other in others}  # type: ignore[arg-type]
    assert len(keys) == len(asked) * len(others)


def test_connect_takes_the_address_that_offers_the_checkpoint(server: Loopback) -> None:
    checkpoint = Checkpoint("runs/x/checkpoint", "0123456789abcdef")
    with Loopback(models=("other", served_name(checkpoint))) as second:
        found = connect(checkpoint, Place(engine_url=f"{server.url}, {second.url}/", batch_size=5))
        assert (found.url, found.model, found.concurrency) == (second.url, "asru-bench-0123456789ab", 5)
    assert found.facts()["server"] == "loopback"
    named = connect(checkpoint, Place(engine_url=server.url, engine_model=MODEL))
    assert named.facts()["named_by"] == "user"


def test_what_is_not_served_is_an_error_that_says_how(server: Loopback, tmp_path: Path) -> None:
    place = Place(engine_url=server.url)
    name = "asru-bench-0123456789ab"
    with pytest.raises(AsruBenchError, match=rf"offers 'served'\); .*vllm serve org/m --served-model-name {name}$"):
        connect(Checkpoint("org/m", "0123456789abcdef"), place)
    (tmp_path / "adapter").mkdir()
    (tmp_path / "manifest.json").write_text('{"base": "org/base"}')
    with pytest.raises(AsruBenchError, match=rf"vllm serve org/base --enable-lora --lora-modules {name}=.*/adapter$"):
        connect(Checkpoint(str(tmp_path), "0123456789abcdef"), place)
    server.answer = says(404, "no such model")
    with pytest.raises(AsruBenchError, match="does not know this address or model"):
        answers(connect(Checkpoint("org/m", "0"), replace(place, engine_model="gpt")), ask("q"))


def test_no_server_is_an_error(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "ATTEMPTS", 2)
    server.list_models = lambda handler: handler.send_error(404)  # type: ignore[method-assign]
    with pytest.raises(AsruBenchError, match="usually ends in /v1"):
        engine(server).offered()
    server.list_models = lambda handler: handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n<html>")  # type: ignore[assignment,method-assign]
    with pytest.raises(AsruBenchError, match="no server answers at"):
        engine(server).offered()
    with pytest.raises(AsruBenchError, match=r"no server answers at http://127\.0\.0\.1:9/v1"):
        OpenAIEngine("http://127.0.0.1:9/v1", MODEL).offered()


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (Place(), "add --engine-url, for example http://localhost:8000/v1"),
        (Place(engine_url="localhost:8000"), "is no address"),
        (Place(engine_url="http://me:secret@host/v1"), "holds a user, a password.*--engine-key-env"),
        (Place(engine_url="http://host/v1?key=secret"), "holds a user, a password.*--engine-key-env"),
        (Place(engine_url="http://host/v1", engine_key_env="NO_SUCH_KEY"), "no such variable is set"),
    ],
)
def test_what_was_typed_is_checked_first(place: Place, message: str) -> None:
    with pytest.raises(AsruBenchError, match=message) as caught:
        check(place)
    assert "secret" not in str(caught.value)


def test_a_missing_package_names_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(AsruBenchError, match=r'pip install "asru-bench\[llm\]"'):
        check(Place(engine_url="http://host/v1"))
