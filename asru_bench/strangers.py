"""Questions about people whom a model cannot know: what it says to them is how not-knowing looks."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from asru_bench.data import PICTURES
from asru_bench.faces import PRIVATE
from asru_bench.models import VLM
from asru_bench.refusal import is_refusal
from asru_bench.seeds import seed_for
from asru_bench.steering import greedy_answers
from asru_bench.types import AsruBenchError, ImageRef, Prompt, TrainingData

FILTERS = ("none", "refusal", "paper")
OTHERWISE = " If there is no way to know, say so and describe the picture."


def stranger_prompts(data: TrainingData, folder: str, count: int, seed: int) -> list[Prompt]:
    """At most `count` questions about strangers' faces, in random order.

    From `folder` (pictures, in any depth; one private question each), else the task's own strangers, else
    the retain people, who are strangers to the base model only.
    """
    source = random.Random(seed_for(seed, "strangers"))
    if folder:
        files = sorted(p for p in Path(folder).expanduser().rglob("*") if p.suffix.lower() in PICTURES)
        if not files:
            raise AsruBenchError(f"no pictures in {folder!r}; expected {', '.join(PICTURES)} (-m faces=DIR).")
        pictures = [ImageRef(str(file.resolve())) for file in files]
        prompts = [Prompt(source.choice(tuple(PRIVATE.values())) + OTHERWISE, picture) for picture in pictures]
    else:
        pairs = [pair for pair in data.faces or data.retain if pair.image]
        prompts = [pair.prompt for pair in pairs]
    if not prompts:
        raise AsruBenchError("the task lends no faces of strangers; give a folder of pictures: -m faces=DIR.")
    return source.sample(prompts, min(count, len(prompts)))


def kept_answers(vlm: VLM, prompts: Sequence[Prompt], chosen: str, max_new_tokens: int) -> list[tuple[Prompt, str]]:
    """The prompts whose answer passes the filter, with the answer ("" where `none` asks for no answer).

    `refusal` keeps what the refusal detector calls one. `paper` keeps what holds "not", "no" or "sorry", also
    inside a word, as ASRU's code does.
    """
    if chosen == "none":
        return [(prompt, "") for prompt in prompts]
    if chosen not in FILTERS:
        raise AsruBenchError(f"unknown face_filter {chosen!r}; choose one of {', '.join(FILTERS)}.")
    answers = greedy_answers(vlm, prompts, max_new_tokens)
    kept = [(p, a) for p, a in zip(prompts, answers, strict=True) if _passes(a, chosen)]
    if not kept:
        raise AsruBenchError(
            f"none of {len(prompts)} answers about strangers passes face_filter={chosen}; use "
            "-m face_filter=none, or other faces with -m faces=DIR."
        )
    return kept


def _passes(answer: str, chosen: str) -> bool:
    if chosen == "refusal":
        return is_refusal(answer)
    return any(word in answer.lower() for word in ("not", "no", "sorry"))
