"""How much a method's training reads and writes, counted from its settings and the task's training data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asru_bench import config as settings
from asru_bench.registry import METHODS
from asru_bench.types import RunSpec, TrainingPair

if TYPE_CHECKING:
    from asru_bench.task import Task

#: A debug run stops unlearning after so many optimiser steps; not after a time, which would differ each time.
FAST_STEPS = 4
#: Tokens of an answer that is trained on, where it is a sentence; an assumption.
SENTENCE = 20.0


@dataclass(frozen=True)
class Work:
    """Sequences of a question with its answer: `trained` forwards and backwards, `read` forwards, `sampled` written.

    `at_once` are those in memory for one backward pass, `together` those sampled at once, `answer` the tokens of an
    answer, `frozen` further copies of the model in memory.
    """

    trained: float = 0.0
    read: float = 0.0
    sampled: float = 0.0
    at_once: float = 0.0
    together: int = 1
    answer: float = SENTENCE
    frozen: int = 0


def of(spec: RunSpec, task: Task) -> Work | None:
    """The work of a method on a task; None for methods whose settings do not tell."""
    cls: Any = METHODS.get(spec.method)
    config = settings.build(cls.Config, spec.method_config, owner=f"method {spec.method!r}")
    data = task.training_data()
    most = FAST_STEPS if spec.fast else None
    if hasattr(config, "rollouts"):
        return _two_stages(config, data.forget, data.retain, spec.train, most)
    if not hasattr(config, "total_steps"):
        return None
    if "base" in cls.needs and "forget" not in cls.needs:  # an oracle learns what is kept
        pairs = len(data.retain) + len(data.unseen)
        return Work(trained=_batches(config, pairs, most), at_once=config.batch_size, frozen=1)
    steps = _batches(config, len(data.forget), most)
    ratio = getattr(config, "retain_ratio", 1.0) if "retain" in cls.needs else 0.0
    reference = "reference" in cls.needs
    return Work(
        trained=steps * (1 + ratio),
        read=steps * (1 + ratio) if reference else 0.0,
        at_once=config.batch_size * (1 + ratio),
        frozen=int(reference),
    )


def _batches(config: Any, pairs: int, most: int | None = None) -> float:
    steps = config.total_steps(pairs)
    return float(min(steps, most or steps) * config.batch_size)


def _two_stages(
    config: Any, forget: Sequence[TrainingPair], retain: Sequence[TrainingPair], train: str, most: int | None = None
) -> Work:
    """Steering, which reads, and reinforcement, which samples groups and trains on them; at most so many steps."""
    asked = sum(pair.image is not None for pair in forget)
    moved = min(getattr(config, "forget_pairs", asked), asked)
    held = min(getattr(config, "retain_pairs", len(retain)), len(retain))
    stages = getattr(config, "stages", "both")
    read = 0.0
    if stages != "reinforce":
        passes = config.epochs if getattr(config, "solver", "ridge") == "gradient" else 1
        read = getattr(config, "face_count", 0) + moved + passes * (moved + 2 * held)
    if stages == "steer":
        return Work(read=read, frozen=1)
    questions = min(config.boundary_forget, asked) + min(config.boundary_retain, len(retain))
    rollouts = config.rollouts_of(questions)
    if most is not None:
        rollouts = min(rollouts, math.ceil(most / max(1, config.prompts * config.group // config.minibatch)))
    answers = float(rollouts * config.prompts * config.group)
    return Work(
        trained=answers,
        read=read + answers * (2 if config.beta else 1),
        sampled=answers,
        at_once=float(config.microbatch or config.minibatch),
        together=config.prompts * config.group,
        answer=config.answer_tokens / 2,
        frozen=2 if train == "full" else 1,
    )
