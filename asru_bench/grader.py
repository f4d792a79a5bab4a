"""Asks a server for verdicts: bounded concurrency, patience, a budget, and no grade that was not given.

One `Grader` is one model at one address. What goes wrong with a call is a `Reply` with an `error`: counted, never
stored, asked again by the next run.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any

from asru_bench.aspects import Aspect, Malformed, read_reply, schema
from asru_bench.retries import Failed, Unusable, patiently
from asru_bench.types import AsruBenchError, ImageRef

#: Seconds that a server may take to connect, or between two parts of a reply.
TIMEOUT = 120.0
#: After so many calls in a row without a reply the server counts as gone; the rest is not asked.
GIVE_UP = 16
#: The most bytes of one HTTP reply that are read.
MOST_BYTES = 1_000_000
#: A whole reply may take so many times the timeout.
PATIENCE = 3
#: Characters of a prompt that make a token at least, and tokens of a picture: for what a call may cost at most.
CHARACTERS_A_TOKEN, PICTURE_TOKENS = 2, 2000
#: Settings that some servers refuse by name; they are then asked without, and the record says so.
OPTIONAL = frozenset({"response_format", "temperature", "max_tokens"})
FLAGS = ("--judge-key-env", "--judge-url")
#: The call that looks whether a server can be used: what it says, the longest reply, seconds, and how often.
PROBE, PROBE_TOKENS, PROBE_TIMEOUT, PROBE_ATTEMPTS = [{"role": "user", "content": "Reply with OK."}], 16, 60.0, 3
#: Said once after a reply that is no verdict; that reply is not repeated, it may hold what the answer wants to say.
AGAIN = {"role": "user", "content": "Your reply could not be read. Reply with the one JSON object and nothing else."}


@dataclass(frozen=True)
class Call:
    """One question to a grader. `key` names the reply in the cache."""

    key: str
    messages: tuple[Mapping[str, Any], ...]
    aspects: tuple[Aspect, ...]
    image: ImageRef | None = None


@dataclass(frozen=True)
class Reply:
    """What came of a call: grades, or an `error` and no grade at all. Tokens are of all attempts."""

    key: str
    grades: Mapping[str, int] = field(default_factory=dict)
    reason: str = ""
    answered_as: str = ""
    tokens: int = 0
    error: str = ""

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name not in ("key", "error")}


class _Stopped(Exception):
    """The call is not made: the budget is used up, or the run ends."""


class Budget:
    """Limits of a run, shared by all graders and threads: calls (attempts count), and money in US dollars.

    Each attempt first sets aside what it may cost at most, so that neither limit is ever passed.
    """

    def __init__(
        self, calls: int | None = None, money: float | None = None, prices: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        self.calls, self.money, self.prices = calls, money, prices
        self.made, self.spent, self._aside = 0, 0.0, 0.0
        self._lock = threading.Lock()

    def take(self, tokens_in: int, tokens_out: int) -> float:
        """Sets aside one attempt; returns its highest price. Raises `_Stopped` where it does not fit."""
        price = self.price(tokens_in, tokens_out)
        with self._lock:
            if self.calls is not None and self.made >= self.calls:
                raise _Stopped(f"the budget of {self.calls} calls is used up (--judge-budget)")
            if self.money is not None and self.spent + self._aside + price > self.money:
                raise _Stopped(f"the budget of {self.money:g} US dollars is used up (--judge-budget)")
            self.made += 1
            self._aside += price
        return price

    def settle(self, aside: float, price: float) -> None:
        """Replaces what was set aside by what an attempt did cost."""
        with self._lock:
            self._aside -= aside
            self.spent += price

    def price(self, tokens_in: int, tokens_out: int) -> float:
        return (tokens_in * self.prices[0] + tokens_out * self.prices[1]) / 1e6


@dataclass
class Grader:
    """A model at an address. `floating`: an answer under another name than the one that was asked is taken."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    floating: bool = False
    structured: bool = True
    max_tokens: int = 300
    timeout: float = TIMEOUT
    budget: Budget = field(default_factory=Budget)
    _refused: frozenset[str] = field(default=frozenset(), repr=False)
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)
    _gone: str = field(default="", repr=False)

    @property
    def refused(self) -> list[str]:
        """Settings that the server does not take."""
        return sorted(self._refused)

    def probe(self) -> None:
        """Raises `AsruBenchError` where no call could succeed: one short call, counted in no budget.

        A server that is busy, or that does not like this one call, is there.
        """
        asked = {"model": self.model, "messages": PROBE, "max_tokens": PROBE_TOKENS}
        alone = replace(self, timeout=min(self.timeout, PROBE_TIMEOUT))
        try:
            said = patiently(lambda: alone._send(asked), time.sleep, self.key, 0.0, FLAGS, PROBE_ATTEMPTS)
        except Failed as failure:
            if not failure.down or ("status 429" in failure.reason and "quota" not in failure.reason):
                return
            raise AsruBenchError(
                f"the judge {self.model} at {self.url} cannot be used ({failure.reason}); nothing was done yet. Start "
                f"that server, or correct {FLAGS[1]} and {FLAGS[0]}, and type the same again."
            ) from None
        except Malformed:
            return
        if other := self._other_name(said):
            raise AsruBenchError(f"the judge at {self.url} {other}.")

    def _other_name(self, said: Mapping[str, Any]) -> str:
        """What to say where another model answers than was asked; empty where it may, or is the one."""
        name = said.get("model")
        if name == self.model or (self.floating and isinstance(name, str)):
            return ""
        return (
            f"answered as model {name!r}, asked was {self.model!r}; pin the name that answers, or take any with "
            "-j llm.floating=true"
        )

    def ask_all(self, calls: Sequence[Call], concurrency: int) -> Iterator[Reply]:
        """One reply a call, in the order in which they come. Raises `AsruBenchError` where no call can succeed."""
        waiting, failures = iter(calls), 0
        with ThreadPoolExecutor(concurrency) as pool:
            try:
                running = {pool.submit(self._ask, call) for call in islice(waiting, concurrency)}
                while running:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in sorted(done, key=_broke):
                        reply, down = future.result()
                        failures = failures + 1 if down else 0 if not reply.error else failures
                        yield reply
                    if failures >= GIVE_UP and not self._gone:
                        self._gone = f"not asked: the server gave no reply to {failures} calls in a row"
                        self._stop.set()
                    running |= {pool.submit(self._ask, call) for call in islice(waiting, len(done))}
            except BaseException:
                self._gone = self._gone or "not asked: the run was stopped"
                self._stop.set()
                self._client.close()
                raise

    def _ask(self, call: Call) -> tuple[Reply, bool]:
        """The reply, and whether the server is to blame for its failure. A malformed one is asked for once more."""
        spread, tokens, why = int(call.key[:4], 16) / 0x10000, [0], ""
        for _ in range(2):
            if self._gone:
                return Reply(call.key, error=self._gone), False
            request = call.messages if not why else (*call.messages, AGAIN)
            try:
                reply = patiently(
                    lambda request=request: self._attempt(call, request, tokens),  # type: ignore[misc]
                    self._stop.wait, self.key, spread, FLAGS,
                )  # fmt: skip
            except Malformed as error:
                why = str(error)
            except _Stopped as stopped:
                return Reply(call.key, tokens=tokens[0], error=f"not asked: {stopped}"), False
            except Failed as failure:
                return Reply(call.key, tokens=tokens[0], error=self._gone or failure.reason), failure.down
            else:
                return replace(reply, tokens=tokens[0]), False
        return Reply(call.key, tokens=tokens[0], error=self._clean(why)), False

    def _attempt(self, call: Call, request: Sequence[Mapping[str, Any]], tokens: list[int]) -> Reply:
        """One HTTP request. Raises `Malformed`, `Failed`, `Unusable`, `_Stopped` or what openai raises."""
        import openai

        most, before = (_most_tokens(request, call.image), self.max_tokens), self._refused
        aside = self.budget.take(*most)
        price = aside
        try:
            said = self._send(self._settings(call, request, before))
            usage = said.get("usage")
            counts = [usage.get(f"{side}_tokens") for side in ("prompt", "completion")] if type(usage) is dict else []
            used = [count for count in counts if isinstance(count, int)]
            if len(used) == 2:
                tokens[0] += sum(used)
                price = self.budget.price(*used)
        except openai.APIStatusError as error:
            price = 0.0
            refused = _refusals(error) - before
            if not refused:
                raise
            self._refused |= refused
            return self._attempt(call, request, tokens)
        finally:
            self.budget.settle(aside, price)
        return self._read(call, said)

    def _send(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The body of one reply, read part by part so that neither its length nor its pace has no end."""
        parts, size, started = [], 0, time.monotonic()
        # as extra_body openai sends the same without comparing every word with its types first
        asked = {"model": self.model, "messages": [], "extra_body": settings}
        with self._client.chat.completions.with_streaming_response.create(**asked) as response:
            try:
                for part in response.iter_bytes():
                    parts.append(part)
                    size += len(part)
                    if size > MOST_BYTES or time.monotonic() - started > PATIENCE * self.timeout:
                        break
            except Exception as error:  # of whichever HTTP package openai brings
                raise Unusable(f"the reply broke off ({type(error).__name__})") from error
        if size > MOST_BYTES:
            raise Malformed(f"the reply is longer than {MOST_BYTES} bytes")
        said = json.loads(b"".join(parts))
        if not isinstance(said, dict):
            raise Unusable("the reply is no chat completion")
        return said

    def _read(self, call: Call, said: Mapping[str, Any]) -> Reply:
        """The verdict in a completion, if it is a whole one of the right model."""
        choices = said.get("choices")
        if not isinstance(choices, list) or len(choices) != 1 or not isinstance(choices[0], dict):
            raise Unusable("the reply is no chat completion with one choice")
        if other := self._other_name(said):
            raise Failed(other, down=False)
        finish, message = choices[0].get("finish_reason"), choices[0].get("message")
        message = message if isinstance(message, dict) else {}
        if message.get("refusal") or finish == "content_filter":
            raise Failed(f"the grader would not grade: {message.get('refusal') or finish}"[:300], down=False)
        text = message.get("content")
        if not isinstance(text, str):
            raise Malformed("the reply holds no text")
        if finish != "stop":
            raise Malformed(f"the reply ended with {finish!r} after {len(text)} characters; expected stop")
        grades, reason = read_reply(text, call.aspects)
        return Reply(call.key, grades, self._clean(reason)[:300], str(said["model"]))

    def _settings(self, call: Call, request: Sequence[Mapping[str, Any]], refused: frozenset[str]) -> dict[str, Any]:
        settings: dict[str, Any] = {"model": self.model, "messages": _with_image(request, call.image), "n": 1}
        if "temperature" not in refused:
            settings["temperature"] = 0.0
        settings["max_completion_tokens" if "max_tokens" in refused else "max_tokens"] = self.max_tokens
        if self.structured and "response_format" not in refused:
            form = {"name": "verdict", "strict": True, "schema": schema(call.aspects)}
            settings["response_format"] = {"type": "json_schema", "json_schema": form}
        return settings

    def _clean(self, text: str) -> str:
        """One line without the key, should a server or a model repeat it."""
        line = " ".join(text.split())
        return line.replace(self.key, "***") if self.key else line

    @cached_property
    def _client(self) -> Any:
        """No key of another service goes to this server: the variables that the package reads are not used."""
        import openai

        client = openai.OpenAI(base_url=self.url, api_key=self.key or "none", timeout=self.timeout, max_retries=0)
        client.organization = client.project = None
        return client


def _refusals(error: Any) -> frozenset[str]:
    """The optional settings that a server names in its refusal."""
    if error.status_code not in (400, 422):
        return frozenset()
    words = f"{error} {error.body}"
    names = {"json_schema": "response_format"} | {name: name for name in OPTIONAL}
    return frozenset(name for word, name in names.items() if word in words)


def _with_image(request: Sequence[Mapping[str, Any]], image: ImageRef | None) -> list[Mapping[str, Any]]:
    """The chat with the picture before the first user message's text."""
    if image is None:
        return list(request)
    from asru_bench.openai_engine import data_url

    picture = {"type": "image_url", "image_url": {"url": data_url(image)}}
    first = next(k for k, message in enumerate(request) if message["role"] == "user")
    shown = {"role": "user", "content": [picture, {"type": "text", "text": request[first]["content"]}]}
    return [*request[:first], shown, *request[first + 1 :]]


def _most_tokens(request: Sequence[Mapping[str, Any]], image: ImageRef | None) -> int:
    return sum(len(m["content"]) for m in request) // CHARACTERS_A_TOKEN + (PICTURE_TOKENS if image else 0)


def _broke(future: Future[Any]) -> bool:
    return future.exception() is not None
