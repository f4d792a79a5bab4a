"""Equal requests are computed once and refused ones not at all: what all engines do before and after they ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from asru_bench import fingerprint
from asru_bench.inputs import REFUSED
from asru_bench.types import Generation, Request


def merged(
    requests: Sequence[Request], stubs: Sequence[Generation]
) -> tuple[dict[str, list[str]], dict[str, tuple[Request, Generation]]]:
    """Equal requests are computed once: key -> the samples that ask, key -> one request with its stub.

    What is `refused` is left out.
    """
    sound = [(request, stub) for request, stub in zip(requests, stubs, strict=True) if stub.finish != "error"]
    asked: dict[str, list[str]] = {}
    for _, stub in sound:
        asked.setdefault(stub.key, []).append(stub.sample_id)
    return asked, {stub.key: (request, stub) for request, stub in sound}


def refused(stubs: Sequence[Generation]) -> list[Generation]:
    """Failed answers to questions that the model's processor does not take."""
    return [stub for stub in stubs if stub.finish == "error"]


def refused_stub(request: Request, reason: str, checkpoint: str, numerics: str) -> Generation:
    """The failed answer to one of them."""
    key = fingerprint.request_key(request, fingerprint.digest([REFUSED, request.prompt]), "", checkpoint, numerics)
    return Generation(key, request.sample_id, "", "error", error=f"{REFUSED}{reason}")


def fan_out(answers: list[Generation], asked: Mapping[str, list[str]]) -> list[Generation]:
    """One generation for each sample that asked."""
    return [replace(answer, sample_id=name) for answer in answers for name in asked[answer.key]]
