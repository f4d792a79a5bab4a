"""A method for tests: checks what it is lent, changes one weight, or fails as its setting says."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import torch

from asru_bench.models import VLM
from asru_bench.types import AsruBenchError
from asru_bench.unlearner import Context, Unlearner


class Probe(Unlearner):
    needs = ("forget", "retain")
    kind = "test"

    @dataclass(frozen=True)
    class Config:
        fail: str = ""
        size: float = 0.5
        wait_for: str = ""

    def unlearn(self, ctx: Context) -> VLM:
        if self.config.fail == "bug":
            raise ValueError("something is wrong here")
        if self.config.fail == "user":
            raise AsruBenchError("NaN loss at step 3")
        if self.config.fail == "exit":
            sys.exit(0)
        if self.config.fail == "hard exit":
            os._exit(0)
        if self.config.fail == "none":
            return None
        if self.config.fail == "module":
            return ctx.vlm.model
        if self.config.fail == "unchanged":
            return ctx.vlm
        if self.config.fail == "nan":
            with torch.no_grad():
                next(ctx.vlm.model.parameters()).fill_(float("nan"))
            return ctx.vlm
        assert ctx.data.forget
        assert ctx.data.retain
        assert not ctx.data.unseen
        while self.config.wait_for and not Path(self.config.wait_for).exists():
            pass
        with torch.no_grad():
            ctx.vlm.model.get_input_embeddings().weight[::2] *= -self.config.size
        ctx.log("probe", 3, loss=1.0)
        return ctx.vlm
