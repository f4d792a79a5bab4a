"""What to do when a server fails: ask again after a pause, give up on one question, or stop the run."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Callable
from typing import Any, TypeVar

from asru_bench.types import AsruBenchError

T = TypeVar("T")
ATTEMPTS = 6
#: Seconds before the second attempt, doubled each time up to the longest.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
#: A server that asks for a longer pause (Retry-After, seconds) is not waited for.
PATIENCE = 300.0
#: Besides 5xx: timeout of the request, conflict, too early, too many requests.
TEMPORARY = (408, 409, 425, 429)


class Unusable(Exception):
    """An answer came that cannot be used, for example cut in the middle; asking again may help."""


class Failed(Exception):
    """A call that gave nothing. `down`: the cause is the server, not what it was asked."""

    def __init__(self, reason: str, down: bool) -> None:
        super().__init__(reason)
        self.reason, self.down = reason, down


def patiently(
    call: Callable[[], T],
    sleep: Callable[[float], object],
    secret: str = "",
    spread: float = 0.0,
    flags: tuple[str, str] = ("--engine-key-env", "--engine-url"),
    attempts: int | None = None,
) -> T:
    """The result of `call`, tried up to `attempts` times; `sleep` returns true where the run is being stopped.

    `spread` in [0, 1) keeps requests apart that failed together; `secret` is cut out of what the server says;
    `flags` are the options that name the key and the address; `attempts` None means `ATTEMPTS`.
    Raises `Failed`, or `AsruBenchError` where every further question would fail the same way.
    """
    import openai

    attempt = 0
    while True:
        attempt += 1
        try:
            return call()
        except (openai.OpenAIError, Unusable, ValueError) as error:
            reason, status = reason_of(error, secret), getattr(error, "status_code", None)
            pause = pause_after(error, attempt, spread)
        if status in (401, 403):  # the body of these may repeat the key
            raise AsruBenchError(
                f"the server does not let us in (status {status}); put its key into an environment variable and "
                f"name that: {flags[0]} NAME."
            )
        if status == 404:
            raise AsruBenchError(
                f"the server does not know this address or model ({reason}); {flags[1]} usually ends in /v1."
            )
        if pause is None:
            raise Failed(reason, down=False)
        if attempt >= (attempts or ATTEMPTS) or pause > PATIENCE or sleep(pause):
            raise Failed(reason, down=True)


def pause_after(error: Exception, attempt: int, spread: float = 0.0) -> float | None:
    """Seconds to wait: what the server asks for, else doubled each time; None where asking again cannot help."""
    status = getattr(error, "status_code", None)
    if status is not None and 400 <= status < 500 and status not in TEMPORARY:
        return None
    response = getattr(error, "response", None)
    asked = _retry_after(response.headers.get("retry-after") if response is not None else None)
    if asked is not None:
        return asked
    return min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE) * (1 + spread / 2)


def reason_of(error: Exception, secret: str = "") -> str:
    """One line, without the key."""
    status = getattr(error, "status_code", None)
    if status is not None:
        words = f"status {status}: {_said(error)}"
    elif isinstance(error, Unusable):
        words = str(error)
    elif isinstance(error, ValueError):
        words = "the answer is no JSON, or only a part of it"
    else:
        cause = error.__cause__
        words = f"{type(error).__name__}: {error}" + (f" ({type(cause).__name__}: {cause})" if cause else "")
    words = " ".join(words.split())[:300].rstrip(".")
    return words.replace(secret, "***") if secret else words


def _said(error: Any) -> str:
    """The server's own message, in the shapes that servers use."""
    body = error.body if isinstance(error.body, dict) else {}
    found = body.get("message") or body.get("detail") or error.message
    return str(found)


def _retry_after(value: str | None) -> float | None:
    """Seconds from the header, which holds seconds or a date (RFC 9110, 10.2.3)."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
