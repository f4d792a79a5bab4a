"""The model as it came: knows everything, forgets nothing. The upper end of every comparison."""

from __future__ import annotations

from asru_bench.models import VLM
from asru_bench.unlearner import Context, Unlearner


class Vanilla(Unlearner):
    paper = ""
    year = 2026
    kind = "reference"
    needs = ()

    def unlearn(self, ctx: Context) -> VLM:
        return ctx.vlm
