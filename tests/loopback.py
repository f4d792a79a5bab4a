"""A real HTTP server on loopback that speaks chat completions, and misbehaves when it is told to."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

MODEL = "served"
#: What a reply becomes: (status, headers, body as JSON or text).
Reply = tuple[int, dict[str, str], Any]


def completion(text: str | None, body: Mapping[str, Any], **choice: Any) -> dict[str, Any]:
    """A whole answer of one choice."""
    content = {"role": "assistant", "content": text}
    first = {"index": 0, "message": content, "finish_reason": "stop", "logprobs": None} | choice
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    return {
        "id": "chat",
        "object": "chat.completion",
        "created": 0,
        "model": body["model"],
        "choices": [first],
        "usage": usage,
    }


def question(body: Mapping[str, Any]) -> str:
    """The text of the last message."""
    content = body["messages"][-1]["content"]
    return content if isinstance(content, str) else content[-1]["text"]


def echo(body: Mapping[str, Any]) -> Reply:
    return 200, {}, completion(f"to {question(body)}", body)


class Loopback:
    """`script[question]` holds what is done at its first, second … request: a function of the body that gives a
    reply, or one of the words "close", "cut", "slow", "hang", "drip"; after that, and elsewhere, `answer` decides.
    `name` says which question a body asks.
    """

    def __init__(
        self,
        models: tuple[str, ...] = (MODEL,),
        answer: Callable[[Any], Reply] = echo,
        name: Callable[[Any], str] = question,
    ) -> None:
        self.models, self.answer, self.name = models, answer, name
        self.closing = threading.Event()
        self.script: dict[str, list[Any]] = {}
        self.bodies: list[Any] = []
        self.headers: list[dict[str, str]] = []
        self.open = self.most = 0
        self.lock = threading.Lock()

    def __enter__(self) -> Loopback:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.list_models(self)

            def do_POST(self) -> None:
                outer.chat(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def questions(self) -> list[str]:
        return [self.name(body) for body in self.bodies]

    def list_models(self, handler: BaseHTTPRequestHandler) -> None:
        listed = [{"id": name, "object": "model", "created": 0, "owned_by": "loopback"} for name in self.models]
        send(handler, (200, {}, {"object": "list", "data": listed}))

    def chat(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        with self.lock:
            self.bodies.append(body)
            self.headers.append({name.lower(): value for name, value in handler.headers.items()})
            self.open += 1
            self.most = max(self.most, self.open)
            steps = self.script.get(self.name(body), [])
            step = steps.pop(0) if steps else self.answer
        reply: Reply | None = None
        try:
            if step == "close":
                handler.connection.close()
            elif step == "cut":
                send(handler, (200, {}, json.dumps(echo(body)[2])[:60]))
            elif step == "slow":
                time.sleep(2.5)
                send(handler, echo(body))
            elif step == "hang":
                self.closing.wait(30)
            elif step == "drip":
                self.drip(handler)
            else:
                reply = step(body)
        except OSError:
            pass  # the client has gone, as a client does after its timeout
        finally:
            with self.lock:
                self.open -= 1  # before the reply goes out: a client that has it may ask again at once
        if reply is not None:
            with contextlib.suppress(OSError):
                send(handler, reply)

    def drip(self, handler: BaseHTTPRequestHandler) -> None:
        """A reply that never ends and never pauses for long."""
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.end_headers()
        for _ in range(300):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            if self.closing.wait(0.1):
                return


def send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    status, headers, body = reply
    content = (body if isinstance(body, str) else json.dumps(body)).encode()
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content)


def says(status: int, message: str = "no", **headers: str) -> Callable[[Any], Reply]:
    """A reply that is an error; `Retry_After="1"` is the header Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda body: (status, named, {"error": {"message": message}})
