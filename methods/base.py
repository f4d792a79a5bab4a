"""The model before it learned anything about these people: what one that never knew would say."""

from __future__ import annotations

from asru_bench.models import VLM
from asru_bench.unlearner import Context, Unlearner


class Base(Unlearner):
    paper = ""
    year = 2026
    kind = "reference"
    needs = ("base",)

    def unlearn(self, ctx: Context) -> VLM:
        return ctx.base
