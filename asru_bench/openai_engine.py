"""Answers from a server that speaks OpenAI's chat completions (`vllm serve` and others); see docs/engines.md.

A server says the name of what it serves and nothing of its weights. So a checkpoint is asked for under a name
that is made of its content, `asru-bench-<hash12>`, every answer has to carry that name, and the record says so.
"""

from __future__ import annotations

import base64
import io
import json
import math
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from asru_bench import fingerprint
from asru_bench.encoding import pictures_of
from asru_bench.engines import DECIMALS
from asru_bench.inputs import WELL_KNOWN, around, refusal
from asru_bench.merging import fan_out, merged, refused, refused_stub
from asru_bench.retries import Failed, Unusable, patiently
from asru_bench.seeds import draw_seed
from asru_bench.types import AsruBenchError, Checkpoint, Generation, ImageRef, Prompt, Request, ScoreRequest

if TYPE_CHECKING:
    from asru_bench.plan import Place

INSTALL = 'pip install "asru-bench[llm]"'
#: Requests in flight; `--batch-size` sets another number.
CONCURRENCY = 16
#: Seconds that a server may take to connect, or between two parts of an answer.
TIMEOUT = 300.0
#: After so many answers in a row that a server did not give, it counts as gone and the run stops.
GIVE_UP = 16
#: The most alternatives that OpenAI's protocol gives for a token.
TOP = 20
#: Settings beyond the oldest protocol. A server that refuses one by name is asked without it, and the record says so.
OPTIONAL = frozenset({"logprobs", "repetition_penalty", "seed", "top_k", "min_p"})


def check(place: Place) -> tuple[list[str], str]:
    """(addresses, key) of what was typed; raises `AsruBenchError` where something is missing. Asks no server."""
    from importlib.util import find_spec

    urls = [url.strip().rstrip("/") for url in place.engine_url.split(",") if url.strip()]
    if not urls:
        raise AsruBenchError(
            "--engine openai needs the address of a server; add --engine-url, for example http://localhost:8000/v1."
        )
    for url in urls:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise AsruBenchError(
                f"--engine-url {url!r} is no address; expected something like http://localhost:8000/v1."
            )
        if parts.username or parts.password or parts.query:
            raise AsruBenchError(
                "--engine-url holds a user, a password or a query, which would be written into the run's folder; "
                "put the key into an environment variable and name that: --engine-key-env NAME."
            )
    key = os.environ.get(place.engine_key_env, "") if place.engine_key_env else ""
    if place.engine_key_env and not key:
        raise AsruBenchError(f"--engine-key-env {place.engine_key_env}: no such variable is set; export it first.")
    if find_spec("openai") is None:
        raise AsruBenchError(f"--engine openai needs the package openai; install it with: {INSTALL}")
    return urls, key


def served_name(checkpoint: Checkpoint) -> str:
    """The name under which a server has to offer a checkpoint: its content, so that no other is taken for it."""
    return f"asru-bench-{checkpoint.fingerprint[:12]}"


def connect(checkpoint: Checkpoint, place: Place) -> OpenAIEngine:
    """The engine on the first address that offers the checkpoint; an error says how to serve it.

    A name that the user gave is taken as it is: some servers list what they could load, not what they serve.
    """
    urls, key = check(place)
    name = place.engine_model or served_name(checkpoint)
    count = place.batch_size or CONCURRENCY
    engines = [OpenAIEngine(url, name, checkpoint.fingerprint, key=key, concurrency=count) for url in urls]
    if place.engine_model:
        return replace(engines[0], named_by="user")
    offered = {}
    for engine in engines:
        offered[engine.url] = engine.offered()
        if name in offered[engine.url]:
            return replace(engine, owner=offered[engine.url][name])
    found = "; ".join(f"{url} offers {', '.join(map(repr, names)) or 'nothing'}" for url, names in offered.items())
    raise AsruBenchError(
        f"no server offers the model {name!r} ({found}); serve it and type the same command again: "
        f"{_serve_command(checkpoint, name)}"
    )


@dataclass
class OpenAIEngine:
    """One model of one server. `checkpoint` is the content hash of what it is said to be."""

    url: str
    model: str
    checkpoint: str = ""
    key: str = field(default="", repr=False)
    owner: str = ""
    named_by: str = "content"
    concurrency: int = CONCURRENCY
    timeout: float = TIMEOUT
    name: str = "openai"
    _optional: frozenset[str] = field(default=OPTIONAL, repr=False)
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)

    def facts(self) -> dict[str, Any]:
        """What the record says of this engine: no address, no key."""
        found = {"name": self.name, "model": self.model, "named_by": self.named_by, "server": self.owner}
        refused = sorted(OPTIONAL - self._optional)
        return found | ({"refused_settings": refused} if refused else {})

    def offered(self) -> dict[str, str]:
        """Model name -> who offers it, as the server lists them."""
        try:
            return patiently(self._listed, self._stop.wait, self.key)
        except Failed as failure:
            raise AsruBenchError(
                f"no server answers at {self.url} ({failure.reason}); start it, or correct --engine-url."
            ) from failure

    def keys(self, requests: Sequence[Request]) -> list[Generation]:
        return [self._stub(request) for request in requests]

    def chunks(
        self, requests: Sequence[Request], known: Mapping[str, Generation] | None = None
    ) -> Iterator[list[Generation]]:
        known, stubs = known or {}, self.keys(requests)
        if bad := refused(stubs):
            yield bad
        asked, distinct = merged(requests, stubs)
        if stored := [known[key] for key in distinct if key in known]:
            yield fan_out(stored, asked)
        for answer in self._all([item for key, item in distinct.items() if key not in known]):
            yield fan_out([answer], asked)

    def score(self, requests: Sequence[ScoreRequest]) -> list[float]:
        """Servers do not give the likelihood of a text that they did not write."""
        return [math.nan for _ in requests]

    def score_key(self, request: ScoreRequest) -> str:
        return ""

    def _all(self, items: Sequence[tuple[Request, Generation]]) -> Iterator[Generation]:
        """Answers in the order in which they arrive, with a bounded number of requests in flight."""
        waiting, failures = iter(items), 0
        with ThreadPoolExecutor(self.concurrency) as pool:
            try:
                running = {pool.submit(self._ask, *item) for item in islice(waiting, self.concurrency)}
                while running:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in sorted(done, key=_broke):
                        answer, down = future.result()
                        failures = failures + 1 if down else 0
                        yield answer
                    if failures >= GIVE_UP:
                        raise AsruBenchError(
                            f"{self.url} gave no answer to {failures} questions in a row ({answer.error}); the "
                            "answers so far are kept: see to the server and type the same command again."
                        )
                    running |= {pool.submit(self._ask, *item) for item in islice(waiting, len(done))}
            except BaseException:
                self._stop.set()
                self._client.close()
                raise

    def _ask(self, request: Request, stub: Generation) -> tuple[Generation, bool]:
        """The answer, and whether the server is to blame for its failure."""
        spread = int(stub.key[:4], 16) / 0x10000
        try:
            return patiently(lambda: self._answer(request, stub), self._stop.wait, self.key, spread), False
        except Failed as failure:
            return replace(stub, finish="error", error=failure.reason), failure.down

    def _answer(self, request: Request, stub: Generation) -> Generation:
        import openai

        optional = self._optional
        sent = self._settings(request, optional)
        try:
            said = self._client.chat.completions.create(**sent)
        except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
            refused = {name for name in optional & _names(sent) if name in f"{error} {error.body}"}
            if not refused:
                raise
            self._optional -= refused
            return self._answer(request, stub)
        choices = getattr(said, "choices", None)
        if not choices:
            raise Unusable("the answer is no chat completion, or only a part of one")
        if (name := getattr(said, "model", None)) != self.model:
            raise AsruBenchError(
                f"{self.url} answered as model {name!r}, asked was {self.model!r}; serve the checkpoint under "
                "exactly that name (see docs/engines.md) and type the same command again."
            )
        return _generation(request, stub, choices[0], getattr(said, "usage", None))

    def _settings(self, request: Request, optional: frozenset[str]) -> dict[str, Any]:
        """Plain greedy decoding, or the model's own distribution, whatever the server took from the model's folder."""
        settings: dict[str, Any] = {
            "model": self.model,
            "messages": [_sent(message) for message in _messages(request.prompt)],
            "max_tokens": request.max_new_tokens,
            "temperature": 1.0 if request.draw else 0.0,
            "top_p": 1.0,
            "n": 1,
            "frequency_penalty": 0.0,
            "presence_penalty": 0.0,
        }
        if request.options and "logprobs" in optional:
            settings |= {"logprobs": True, "top_logprobs": TOP}
        more: dict[str, float] = {"repetition_penalty": 1.0}
        if request.draw:  # servers cut the distribution by what the model's folder says
            more |= {"seed": _seed(request), "top_k": -1, "min_p": 0.0}
        settings["extra_body"] = {name: value for name, value in more.items() if name in optional}
        return settings

    def _stub(self, request: Request) -> Generation:
        """The key holds the words that are sent: the server's tokens are not known here."""
        text, images = _hashes(request.prompt)
        numerics = "/".join((self.name, self.model, self.owner))
        if fault := refusal(request.prompt, None, WELL_KNOWN):
            return refused_stub(request, f"{fault} of well-known models", self.checkpoint, numerics)
        key = fingerprint.request_key(request, text, images, self.checkpoint, numerics)
        return Generation(key, request.sample_id, "", "", image_hash=images)

    def _listed(self) -> dict[str, str]:
        said = self._client.models.with_raw_response.list().http_response.json()
        listed = said.get("data") if isinstance(said, dict) else None
        if not isinstance(listed, list):
            raise Unusable("it gives no list of models")
        return {str(item.get("id")): str(item.get("owned_by") or "") for item in listed if isinstance(item, dict)}

    @cached_property
    def _client(self) -> Any:
        """No key of another service goes to this server: the variables that the package reads are not used."""
        import openai

        client = openai.OpenAI(base_url=self.url, api_key=self.key or "none", timeout=self.timeout, max_retries=0)
        client.organization = client.project = None
        return client


def _hashes(prompt: Prompt) -> tuple[str, str]:
    """(hash of the words that are sent, hash of the pictures)."""
    words = [
        [role, text, image is not None] if image is None or around(text)[1] == text else [role, *around(text), True]
        for role, text, image in _messages(prompt)
    ]
    return fingerprint.digest(words), fingerprint.images_hash(pictures_of(prompt))


def _seed(request: Request) -> int:
    """Servers take 31 bits."""
    return (draw_seed(request.draw, *_hashes(request.prompt)) or 0) & 0x7FFFFFFF


def _names(settings: Mapping[str, Any]) -> frozenset[str]:
    return frozenset({*settings, *settings.get("extra_body", {})})


def _generation(request: Request, stub: Generation, choice: Any, usage: Any) -> Generation:
    """What the server said, as a `Generation`; what is neither finished nor cut is a failure, never a text."""
    finish, text = getattr(choice, "finish_reason", None), getattr(getattr(choice, "message", None), "content", None)
    if finish is None:
        raise Unusable("the answer names no finish reason")
    if finish not in ("stop", "length"):
        raise Failed(f"the server ended the answer with {finish!r}; expected stop or length", down=False)
    if not isinstance(text, str):
        raise Failed("the server sent no text (does it take a part of the answer away as reasoning?)", down=False)
    return replace(
        stub,
        text=text,
        finish=finish,
        prompt_tokens=getattr(usage, "prompt_tokens", None) or 0,
        new_tokens=getattr(usage, "completion_tokens", None) or 0,
        option_logprobs=_letters(request.options, choice),
    )


def _letters(options: Sequence[str], choice: Any) -> tuple[float, ...]:
    """Log-probability of each letter as first token, or () where the server does not give every one."""
    content = getattr(getattr(choice, "logprobs", None), "content", None)
    first = (getattr(content[0], "top_logprobs", None) or []) if content else []
    found = {entry.token: entry.logprob for entry in reversed(first)}
    if not all(isinstance(found.get(letter), (int, float)) for letter in options):
        return ()
    return tuple(round(float(found[letter]), DECIMALS) for letter in options)


def _messages(prompt: Prompt) -> list[tuple[str, str, ImageRef | None]]:
    """(role, text, picture) in the order of the chat."""
    chat: list[tuple[str, str, ImageRef | None]] = [("system", prompt.system, None)] if prompt.system else []
    for turn in prompt.turns:
        chat += [("user", turn.question, turn.image), ("assistant", turn.answer, None)]
    return [*chat, ("user", prompt.question, prompt.image)]


def _sent(message: tuple[str, str, ImageRef | None]) -> dict[str, Any]:
    role, text, image = message
    if image is None:
        return {"role": role, "content": text}
    picture = {"type": "image_url", "image_url": {"url": data_url(image)}}
    before, after = around(text)
    first = [{"type": "text", "text": before}] if before else []
    return {"role": role, "content": [*first, picture, {"type": "text", "text": after}]}


@lru_cache(maxsize=64)
def data_url(ref: ImageRef) -> str:
    """The picture as PNG in a data URL: the same pixels, whatever the file was."""
    from asru_bench.data import open_image

    buffer = io.BytesIO()
    open_image(ref).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _serve_command(checkpoint: Checkpoint, name: str) -> str:
    """What to type so that vLLM serves a checkpoint under its name."""
    from asru_bench.delta import DELTA
    from asru_bench.models import ADAPTER, MANIFEST

    folder = Path(checkpoint.path)
    command = f"vllm serve {checkpoint.path} --served-model-name {name}"
    if (folder / DELTA).is_dir():
        command = f"asru-bench cache whole {folder} WHOLE && vllm serve WHOLE --served-model-name {name}"
    elif (folder / ADAPTER).is_dir():
        base = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["base"]
        command = f"vllm serve {base} --enable-lora --lora-modules {name}={folder / ADAPTER}"
    return command


def _broke(future: Future[Any]) -> bool:
    return future.exception() is not None
