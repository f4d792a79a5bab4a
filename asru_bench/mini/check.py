"""Check sets: what a model knows of held-out wordings on held-out photos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from . import texts
from .people import PHOTOS, TRAIN_PHOTOS, Person, Universe, held_out_wordings, seed_rng
from .recipe import Batcher, answer_logits, examples
from .texts import Item


def check_items(people: Sequence[Person], universe: Universe, image: bool, kind: str) -> list[Item]:
    """One held-out question for every fact of `people`; images use held-out photos."""
    rng, pool = seed_rng(universe.seed, "check", kind), texts.pools(universe.known)
    items = []
    for person in people:
        for attribute in person.facts:
            if attribute == "name" and not image:
                continue
            wording = rng.choice(held_out_wordings(person, attribute))
            picture = (person.id, rng.randrange(TRAIN_PHOTOS, PHOTOS)) if image else None
            text, answer = (
                texts.question(person, attribute, wording, image),
                texts.sentence(person, attribute, image),
            )
            if kind == "cloze":
                text = texts.cloze_text(texts.cloze(person, attribute, wording, image))
                answer = person.facts[attribute]
            elif kind == "classification":
                drawn, answer = texts.options(person, attribute, pool[attribute], rng)
                text = texts.choice_text(text, tuple(zip(texts.LETTERS, drawn, strict=True)))
            else:
                text = texts.generation_text(text)
            items.append(Item(picture, text, answer))
    return items


@torch.inference_mode()
def share_known(model: Any, batcher: Batcher, items: Sequence[Item], size: int = 128) -> float:
    """Share of items whose whole answer is the model's greedy answer (every token the most likely one)."""
    right = 0
    ordered = sorted(items, key=lambda item: item.picture is None)
    for start in range(0, len(ordered), size):
        logits, labels, wanted = answer_logits(model, batcher([[item] for item in ordered[start : start + size]]))
        example = examples(wanted)
        wrong = torch.bincount(example, (logits.argmax(-1) != labels).float())
        right += int((wrong == 0).sum())
    return right / len(items)
