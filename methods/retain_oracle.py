"""The retain oracle: base trained on everybody but the forget people, by the recipe that made vanilla.

It is what exact unlearning would return, so it says how much is guessed anyway. A model that brings its own
recipe (`Source.retrain`) is trained by that; others as `asru-bench memorise` makes vanilla, whose folder brings the
settings that it was made with.
"""

from __future__ import annotations

from dataclasses import replace

from asru_bench import memorise
from asru_bench.models import VLM
from asru_bench.unlearner import Context, Unlearner


class RetainOracle(Unlearner):
    paper = "arXiv:2410.22108"
    year = 2024
    kind = "reference"
    needs = ("retain", "unseen", "base")
    Config = memorise.Config

    def unlearn(self, ctx: Context) -> VLM:
        if ctx.source is not None and ctx.source.retrain is not None:
            return ctx.source.retrain(ctx)
        pairs = (*ctx.data.retain, *ctx.data.unseen)
        config = replace(self.config, train=self.config.train or ctx.train)
        return memorise.learn(ctx.base, pairs, config, seed=ctx.seed, log=ctx.log, stage="retain_oracle", fit=ctx.fit)
