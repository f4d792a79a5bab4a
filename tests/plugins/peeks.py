"""A method for tests: looks for the answers to the questions that it will be asked, then changes some weights."""

from __future__ import annotations

from pathlib import Path

import torch

from asru_bench.models import VLM
from asru_bench.unlearner import Context, Unlearner


class Peeks(Unlearner):
    needs = ("forget",)
    kind = "test"

    def unlearn(self, ctx: Context) -> VLM:
        from asru_bench.folder import RunFolder

        assert RunFolder.open(Path(ctx.workdir).parent).samples()
        with torch.no_grad():
            ctx.vlm.model.get_input_embeddings().weight[::2] *= -0.5
        return ctx.vlm
