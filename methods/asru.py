"""ASRU: activation steering, then reinforcement at the refusal boundary (arXiv:2605.15687, ICML 2026).

Stage 1a, the vector; h = output of decoder layer L at the last prompt token:
    v = mean h+ - mean h-    h+: private questions about strangers' faces, asked of the base model
                             h-: image questions about the forget people, asked of the vanilla model
Stage 1b, redirection; only W, the down-projection of layer L, changes, z is its input:
    min over dW of  sum_forget |dW z - s v|^2 + alpha sum_retain |dW z|^2 + lambda |dW|^2
    `ridge` solves it: dW = s v b^T, b = (sum_f z z^T + alpha sum_r z z^T + lambda I)^-1 sum_f z;
    `gradient` takes the released AdamW steps: a forget step with every |R|/|F|-th retain step.
Stage 2, reinforcement: GRPO on image questions, half about forget people, half about others, with the
    boundary reward of `rewards.py` and a KL term to the model after stage 1 (`reinforce.py`).

Where ours differs from the release it measured better. The release reads index -1 of right-padded question +
answer batches, mostly padding; what stands there depends on the attention kernel. `variant=release` follows it; the
points in which it cannot or should not are a table in docs/asru.md.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

from torch import Tensor

from asru_bench import ranks, redirect, steering
from asru_bench.models import VLM, decoder_layers, down_projection
from asru_bench.reinforce import ReinforceConfig, reinforce
from asru_bench.seeds import seed_for
from asru_bench.strangers import FILTERS, kept_answers, stranger_prompts
from asru_bench.types import AsruBenchError, Prompt, TrainingPair
from asru_bench.unlearner import Context, Unlearner
from asru_bench.variants import knob

DESCRIBE = "Describe this picture."
BACKGROUND = 400
#: The models that one side of the vector may be read from.
SIDES = ("base", "vanilla")


class ASRU(Unlearner):
    paper = "arXiv:2605.15687"
    year = 2026
    kind = "steering + reinforcement"
    needs = ("forget", "retain", "faces", "base")

    @dataclass(frozen=True)
    class Config(ReinforceConfig):
        stages: str = knob(
            "both",
            "both",
            "both, steer (stage 1 only) or reinforce (stage 2 only)",
            choices=("both", "steer", "reinforce"),
        )
        direction: str = knob("mean_diff", "mean_diff", ", ".join(steering.DIRECTIONS), choices=steering.DIRECTIONS)
        positive: str = knob("base", "base", "model that is asked about strangers: base or vanilla", choices=SIDES)
        negative: str = knob(
            "vanilla", "vanilla", "model that is asked about forget people: base or vanilla", choices=SIDES
        )
        faces: str = knob("", "", "folder of strangers' pictures; default: the task's, else retain people")
        face_count: int = knob(400, 400, "questions about strangers", 1)
        face_filter: str = knob(
            "none", "paper", "answers about strangers kept: none (= all), refusal, paper", choices=FILTERS
        )
        face_tokens: int = knob(128, 128, "longest answer about a stranger, where answers are filtered", 1)
        layer: float = knob(17 / 36, 17 / 36, "decoder layer: a depth below 1, or an index from 1 on", 0.0)
        scale: float = knob(3.0, 3.0, "s: how many times the vector is added", 0.0)
        solver: str = knob("ridge", "gradient", "ridge or gradient", choices=("ridge", "gradient"))
        positions: str = knob(
            "all", "end", "where retain is held: all or last; end = both sides as released", choices=steering.POSITIONS
        )
        alpha: float = knob(1.0, 1.0, "weight of the retain side", 0.0)
        elsewhere: float = knob(0.1, 0.0, "ridge, all: weight, times alpha, of positions but the last of prompts", 0.0)
        penalty: float = knob(1e-3, 0.0, "ridge: lambda over the mean diagonal", 0.0)
        forget_pairs: int = knob(1000, 10**9, "forget questions that stage 1 reads, at most", 1)
        retain_pairs: int = knob(1000, 10**9, "retain questions that stage 1b reads, at most", 1)
        retain_text: bool = knob(True, False, "stage 1b reads retain questions without a picture too")
        lr: float = knob(1e-4, 1e-4, "gradient: learning rate of AdamW", 1e-9, 0.1)
        epochs: int = knob(3, 3, "gradient: passes over the retain questions", 1)
        batch_size: int = knob(2, 2, "gradient: questions of one step", 1)

    def unlearn(self, ctx: Context) -> VLM:
        stages = self.config.stages
        if stages not in ("both", "steer", "reinforce"):
            raise AsruBenchError(f"unknown stages {stages!r}; choose both, steer or reinforce.")
        if stages != "reinforce":
            layer, vector = self.vector(ctx)
            self.redirect(ctx, layer, self.config.scale * vector)
            ranks.copy([down_projection(decoder_layers(ctx.vlm.model)[layer]).weight])
        if stages != "steer":
            return reinforce(ctx.vlm, ctx.data.forget, ctx.data.retain, self.config, ctx)
        return ctx.vlm

    def vector(self, ctx: Context) -> tuple[int, Tensor]:
        """Stage 1a: the layer and the steering vector [d]; logs its dose and what it separates."""
        config, layers = self.config, len(decoder_layers(ctx.vlm.model))
        layer = round(config.layer * layers) if config.layer < 1 else int(config.layer)
        if not 0 <= layer < layers:
            raise AsruBenchError(f"there is no layer {layer}; this model has the layers 0 to {layers - 1}.")
        asker, reader = _side(ctx, config.positive), _side(ctx, config.negative)
        forget = _draw(_images(ctx.data.forget), config.forget_pairs, ctx.seed)
        retain = _draw(_images(ctx.data.retain), BACKGROUND, ctx.seed)
        prompts = stranger_prompts(ctx.data, config.faces, config.face_count, ctx.seed)
        paired = config.direction == "caa"
        if config.direction == "caption":
            kept = [(Prompt(DESCRIBE, prompt.image), "") for prompt in prompts]
        else:
            kept = kept_answers(asker, prompts, "refusal" if paired else config.face_filter, config.face_tokens)
        negative = steering.states(reader, [pair.prompt for pair in forget], layer)
        background = steering.states(reader, [pair.prompt for pair in retain], layer)
        if paired:  # the same question with a refusal and with the truth, read where the answer has ended
            refusals = [(p.prompt, a) for p, (_, a) in zip(forget, cycle(kept), strict=False)]
            plus = steering.states(reader, refusals, layer)
            minus = steering.states(reader, [(p.prompt, p.answer) for p in forget], layer)
        else:
            plus, minus = steering.states(asker, [prompt for prompt, _ in kept], layer), negative
        v = steering.direction(config.direction, plus, minus, background, seed=seed_for(ctx.seed, "direction"))
        dose = steering.relative_dose(v, config.scale, negative)
        apart = steering.separation(v, negative, background)
        ctx.log("vector", 0, layer=layer, strangers=len(kept), dose=dose, separation=apart, **_amount(retain))
        return layer, v

    def redirect(self, ctx: Context, layer: int, shift: Tensor) -> None:
        """Stage 1b: changes the down-projection of `layer` so that forget questions are moved by `shift` [d]."""
        config = self.config
        forget = _draw(_images(ctx.data.forget), config.forget_pairs, ctx.seed)
        held = ctx.data.retain if config.retain_text else _images(ctx.data.retain)
        retain = _draw(held, config.retain_pairs, ctx.seed)
        if config.solver not in ("ridge", "gradient"):
            raise AsruBenchError(f"unknown solver {config.solver!r}; choose ridge or gradient.")
        steps = 0
        if config.solver == "ridge":
            redirect.ridge(ctx, layer, shift, forget, retain, config)
        else:
            steps = redirect.gradient(ctx, layer, shift, forget, retain, config)
        ctx.log("redirect", steps, forget=len(forget), **_amount(retain))


def _side(ctx: Context, name: str) -> VLM:
    if name not in ("base", "vanilla"):
        raise AsruBenchError(f"unknown model {name!r} for a side of the vector; choose base or vanilla.")
    return ctx.base if name == "base" else ctx.vlm


def _images(pairs: Sequence[TrainingPair]) -> list[TrainingPair]:
    found = [pair for pair in pairs if pair.image]
    if not found:
        raise AsruBenchError("asru needs questions with pictures of forget and retain people; the task has none.")
    return found


def _draw(pairs: Sequence[TrainingPair], most: int, seed: int) -> list[TrainingPair]:
    return random.Random(seed_for(seed, "stage 1", most)).sample(pairs, min(most, len(pairs)))


def _amount(retain: Sequence[TrainingPair]) -> dict[str, float]:
    return {"retain_pairs": len(retain), "retain_people": len({pair.cluster for pair in retain})}
