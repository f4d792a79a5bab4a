"""A grader on loopback: which answer it is asked about, and replies that are verdicts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from loopback import Loopback, Reply, completion

MODEL = "grader-2026-01-01"
GOOD = {"reason": "says nothing", "contextual": 4, "leakage": 5, "naturalness": 3, "hallucination": 2}
_MARKED = re.compile(r"<(answer-[0-9a-f]{16})>\n(.*?)\n</\1>", re.S)


def material(body: Mapping[str, Any]) -> str:
    """The first user message's text."""
    content = next(m["content"] for m in body["messages"] if m["role"] == "user")
    return content if isinstance(content, str) else content[-1]["text"]


def asked(body: Mapping[str, Any]) -> str:
    """The answer that is to be graded."""
    found = _MARKED.search(material(body))
    return json.loads(found[2]) if found else material(body).rpartition("Answer: ")[2]


def verdict(**changes: Any) -> dict[str, Any]:
    return GOOD | changes


def gives(reply: Any, **choice: Any) -> Callable[[Mapping[str, Any]], Reply]:
    """A whole completion whose text is `reply`, as JSON unless it is a text."""
    text = reply if isinstance(reply, str) or reply is None else json.dumps(reply)
    return lambda body: (200, {}, completion(text, body, **choice))


def fitting(body: Mapping[str, Any]) -> Reply:
    """A verdict on whatever aspects were asked for."""
    names = re.findall(r"^(\w+) \((\d+) to (\d+)\)", body["messages"][0]["content"], re.M)
    return gives({"reason": "so", **{name: GOOD.get(name, int(high)) for name, _, high in names}})(body)


def grading_server(answer: Callable[[Any], Reply] = fitting) -> Loopback:
    return Loopback((MODEL,), answer, asked)
