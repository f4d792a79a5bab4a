"""From what was typed to graders: models, addresses, keys, budget. Everything is checked before any work."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from importlib.util import find_spec
from urllib.parse import urlsplit

from asru_bench.grader import Budget, Grader
from asru_bench.judge import Desk
from asru_bench.types import AsruBenchError

INSTALL = 'pip install "asru-bench[llm]"'
OPENAI = "https://api.openai.com/v1"
OPENAI_KEY = "OPENAI_API_KEY"
#: Names of services that move to other weights from time to time, unless a date or a version number pins them.
_FLOATING = re.compile(
    r"latest|^(?:gpt|chatgpt|o\d|claude|gemini|mistral-(?:small|medium|large)|grok|deepseek-(?:chat|reasoner))"
)
_PINNED = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}|-\d{4}$|-\d{2}-\d{2}$|-00\d$")
_BUDGET = re.compile(r"(?:(?P<usd>\$\s*[\d.]+|[\d.]+\s*(?:usd|\$))|(?P<calls>\d+)(?:\s*calls?)?)", re.IGNORECASE)


def connect(models: Sequence[str], floating: bool, desk: Desk) -> list[Grader]:
    """A grader for each model, sharing one budget; raises `AsruBenchError` for whatever is missing or unclear.

    One address and one variable serve all models, or there is one for each model, in the same order.
    """
    if not models:
        raise AsruBenchError("judge llm needs a model; add --judge-model, for example gpt-4o-mini-2024-07-18.")
    for model in models:
        if not floating and is_floating(model):
            raise AsruBenchError(
                f"--judge-model {model} is a floating name: what answers may change from day to day. Give a dated one, "
                "for example gpt-4o-mini-2024-07-18, or take what comes with -j llm.floating=true."
            )
    if len(set(models)) != len(models):
        raise AsruBenchError(f"--judge-model names a model twice: {', '.join(models)}.")
    urls = _for_each("--judge-url", desk.url or OPENAI, models)
    names = _for_each("--judge-key-env", desk.key_env, models)
    if find_spec("openai") is None:
        raise AsruBenchError(f"judge llm needs the package openai; install it with: {INSTALL}")
    budget = read_budget(desk.budget, desk.price)
    keys = [_key(_address(url), name) for url, name in zip(urls, names, strict=True)]
    return [
        Grader(_address(url), model, key, floating, budget=budget)
        for url, model, key in zip(urls, models, keys, strict=True)
    ]


def is_floating(model: str) -> bool:
    """Whether a name may stand for other weights tomorrow: "latest", and services' names without a date."""
    name = model.lower().rpartition("/")[2]
    return bool(_FLOATING.search(name)) and ("latest" in name or not _PINNED.search(name)) and "oss" not in name


def read_budget(text: str, price: str) -> Budget:
    """`500`, `500 calls`, `$2.50`, `2.5 usd`, or both with a comma; prices are US dollars a million tokens, in/out."""
    calls, money = None, None
    for part in filter(None, (part.strip() for part in text.split(","))):
        found = _BUDGET.fullmatch(part)
        try:
            if found is None:
                raise ValueError
            if found["calls"]:
                calls = int(found["calls"])
            else:
                money = float(found["usd"].lower().replace("usd", "").strip(" $"))
        except ValueError:
            raise AsruBenchError(
                f"--judge-budget {text!r} is neither calls nor money; expected 500, '2.5 usd' or '500, 2.5 usd'."
            ) from None
    try:
        prices = [float(part) for part in price.split("/")] if price else []
        if len(prices) not in (0, 2) or min(prices, default=0) < 0:
            raise ValueError
    except ValueError:
        raise AsruBenchError(
            f"--judge-price {price!r} is not two prices; expected US dollars a million tokens, in/out: 0.15/0.60."
        ) from None
    if money is not None and not any(prices):
        raise AsruBenchError(
            "--judge-budget in money needs prices: add --judge-price IN/OUT, US dollars a million tokens."
        )
    return Budget(calls, money, (prices[0], prices[1]) if prices else (0.0, 0.0))


def _for_each(flag: str, text: str, models: Sequence[str]) -> list[str]:
    values = [part.strip() for part in text.split(",")]
    if len(values) not in (1, len(models)):
        raise AsruBenchError(f"{flag} holds {len(values)} values for {len(models)} models; give one, or one for each.")
    return values * (len(models) // len(values))


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AsruBenchError(f"--judge-url {url!r} is no address; expected something like http://localhost:8000/v1.")
    if parts.username or parts.password or parts.query:
        raise AsruBenchError(
            "--judge-url holds a user, a password or a query, which would be written into the run's folder; put the "
            "key into an environment variable and name that: --judge-key-env NAME."
        )
    return url.rstrip("/")


def _key(url: str, name: str) -> str:
    """The key of one server. OpenAI's own variable goes to OpenAI alone, unless it is named."""
    ours = urlsplit(url).hostname == urlsplit(OPENAI).hostname
    wanted = name or (OPENAI_KEY if ours else "")
    key = os.environ.get(wanted, "").strip() if wanted else ""
    if wanted and not key:
        raise AsruBenchError(
            f"judge llm has no key: the variable {wanted} is not set. Export it, name another with --judge-key-env, or "
            "give the address of a server without a key with --judge-url."
        )
    return key
