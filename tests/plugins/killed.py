"""Methods whose process ends in the middle of a stage: `ASRU_TEST_KILL=stage:step` says where."""

from __future__ import annotations

import os
import signal
from typing import Any

from asru_bench.methods.asru import ASRU

from asru_bench import grpo, losses
from asru_bench.training import LossUnlearner


def watched(ctx: Any) -> Any:
    """The context, whose log ends the process once the step is written."""
    stage, _, step = os.environ.get("ASRU_TEST_KILL", "").partition(":")
    plain = ctx.log

    def log(name: str, number: int, **values: float) -> None:
        plain(name, number, **values)
        if stage and stage in name and str(number) == step:  # a file's module has a longer name than its stem
            os.kill(os.getpid(), signal.SIGKILL)

    ctx.log = log
    return ctx


class Killed(LossUnlearner):
    year = 2026
    kind = "test"
    needs = ("forget", "retain")

    def unlearn(self, ctx: Any) -> Any:
        return super().unlearn(watched(ctx))

    def loss(self, model: Any, forget: Any, retain: Any, reference: Any) -> Any:
        return {"forget": -losses.mean_nll(model, forget), "retain": losses.mean_nll(model, retain)}


class KilledASRU(ASRU):
    def unlearn(self, ctx: Any) -> Any:
        def length(answers: Any, cases: Any, done: Any) -> list[float]:
            return [float(len(answer)) for answer in answers]

        grpo.make_reward = lambda *_: length
        return super().unlearn(watched(ctx))
