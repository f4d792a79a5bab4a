"""The tiny model's start: weights scaled to their fan-in, and a vision tower that has seen faces.

Real vision-language models start from a tower trained on pictures with words; this one learns to name the
ten features of random faces before the language part learns to read it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from . import portraits as p
from .people import seed_rng

if TYPE_CHECKING:
    from .recipe import Schedule

FEATURES: dict[str, list[str]] = {
    "skin": list(p.SKINS), "hair": list(p.HAIR_COLOURS), "style": list(p.HAIR_STYLES), "shirt": list(p.SHIRTS),
    "pattern": list(p.PATTERNS), "glasses": list(p.GLASSES), "beard": list(p.BEARDS), "eyes": list(p.EYES),
    "shape": list(p.SHAPES), "mark": list(p.MARKS),
}  # fmt: skip
BATCH = 96


def initialise(model: Any, seed: int) -> None:
    """Normal weights of deviation 1 / sqrt(fan-in): at width 128 the usual 0.02 learns three times slower."""
    torch.manual_seed(seed)
    for name, weight in model.named_parameters():
        if weight.ndim >= 2:
            embeds = "embed_tokens" in name or "pos_embed" in name
            nn.init.normal_(weight, std=0.05 if embeds else 1 / math.sqrt(weight[0].numel()))


def train_vision(
    model: Any,
    pictures: Any,
    schedule: Schedule,
    seed: int,
    log: Callable[[int, float], None] = lambda step, loss: None,
) -> None:
    """Trains the tower in place to tell every feature of the faces in `pictures.scenes`."""
    from .recipe import Learner

    rng, generator = seed_rng(seed, "vision"), torch.Generator().manual_seed(seed)
    keys = list(pictures.scenes)
    truth = {k: [values.index(getattr(pictures.scenes[k][0], f)) for f, values in FEATURES.items()] for k in keys}
    width = model.config.text_config.hidden_size
    heads = nn.ModuleList(nn.Linear(width, len(values)) for values in FEATURES.values())
    learner = Learner(model.model.visual.named_parameters(), schedule, heads.parameters())
    for step in range(schedule.steps):
        chosen = rng.sample(keys, BATCH)
        loss = _feature_loss(model, heads, pictures.batch(chosen, generator), [truth[k] for k in chosen])
        loss.backward()
        learner.step()
        log(step, loss.item())


def _feature_loss(model: Any, heads: nn.ModuleList, patches: Tensor, truth: list[list[int]]) -> Tensor:
    """Mean cross-entropy over features, read from the mean image token."""
    side = p.SIZE // 8
    grid = torch.tensor([[1, side, side]] * len(truth))
    tokens = model.model.visual(patches, grid_thw=grid, return_dict=True).pooler_output
    seen, wanted = tokens.view(len(truth), -1, tokens.shape[-1]).mean(1), torch.tensor(truth)
    losses = [nn.functional.cross_entropy(head(seen), wanted[:, i]) for i, head in enumerate(heads)]
    return torch.stack(losses).mean()
