"""The retain oracle: base trained on everybody but the forget people, by the recipe that made vanilla.

It is what exact unlearning would return, so it says how much is guessed anyway. A model that brings its own
recipe (`Source.retrain`) is trained by that; others by the published fine-tuning (arXiv 2410.22108: LoRA or
full, 5 epochs, batch 4, learning rate 2e-5, loss on answers only).
"""

from __future__ import annotations

from dataclasses import dataclass

from asru_bench.models import VLM, trainable
from asru_bench.training import OptimConfig, sft
from asru_bench.unlearner import Context, Unlearner
from asru_bench.variants import setting


class RetainOracle(Unlearner):
    paper = "arXiv:2410.22108"
    year = 2024
    kind = "reference"
    needs = ("retain", "unseen", "base")

    @dataclass(frozen=True)
    class Config(OptimConfig):
        lr: float = setting(2e-5, "peak learning rate", 1e-6, 3e-3)
        epochs: int = setting(5, "passes over the retain pairs", 1, 20)

    def unlearn(self, ctx: Context) -> VLM:
        if ctx.source is not None and ctx.source.retrain is not None:
            return ctx.source.retrain(ctx)
        vlm = trainable(ctx.base, ctx.train, seed=ctx.seed)
        pairs = (*ctx.data.retain, *ctx.data.unseen)
        return sft(vlm, pairs, self.config, seed=ctx.seed, log=ctx.log, stage="retain_oracle")
