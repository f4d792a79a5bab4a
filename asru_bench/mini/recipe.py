"""How the tiny model learns: pre-training (base) and memorisation (vanilla, retain oracle).

Both are plain supervised training on mixtures of `texts.Item`. Measured: see `docs/mini.md`.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from . import texts
from .model import IMAGE_SIZE, PATCH_SIZE
from .people import PHOTOS, TRAIN_PHOTOS, Person, Universe, seed_rng
from .pictures import Pictures
from .portraits import draw, draw_pair, random_face, random_photo, visible
from .texts import Item

CAPTION_POOL = 3000
PAIR_POOL = 200
IGNORE = -100
GROUP = 6
PLAIN = ("generation", "cloze")
FACT_KINDS = ("generation",) * 5 + ("cloze",) * 4 + ("classification", "classification", "yes_no")
Sampler = Callable[[random.Random], list[Item]]


@dataclass(frozen=True)
class Schedule:
    """Optimiser steps of `groups` groups; one-cycle learning rates with their peaks at `muon` and `lr`.

    Matrices are trained by Muon (`torch.optim.Muon`), embeddings and norms by AdamW: measured, faces are
    learned in about half the steps that AdamW needs for everything.
    """

    steps: int
    groups: int = 6
    lr: float = 4e-3
    muon: float = 0.015
    warmup: float = 0.1


@dataclass(frozen=True)
class Mixture:
    """Shares of groups: facts, strangers' questions, captions, the rest everyday questions.

    `text` is the share of fact groups asked by name; `names` how many of a picture's six questions ask for
    the name: once a face means a name, its facts follow.
    """

    facts: float = 0.62
    strangers: float = 0.15
    captions: float = 0.13
    text: float = 0.38
    names: int = 0
    kinds: tuple[str, ...] = FACT_KINDS


VIEWS = 24
VISION = Schedule(steps=500, lr=2e-3, muon=0.03)
#: (schedule, mixture) of each phase of pre-training: faces and their facts, then names, then who is a stranger.
#: Faces come first: a language part that learned the facts by name first reads pictures three times slower.
BASE = (
    (Schedule(steps=600), Mixture(facts=0.85, strangers=0.0, captions=0.15, text=0.0, names=2, kinds=PLAIN)),
    (Schedule(steps=900), Mixture(facts=0.74, strangers=0.0, captions=0.10, text=0.5, names=1)),
    (Schedule(steps=1000), Mixture(facts=0.55, strangers=0.28, captions=0.09, text=0.4, names=1)),
)
#: Memorisation, the same way: whose face it is (few tokens a picture, many pictures), then the facts of everybody.
#: `REPLAY` is the share of groups from `REHEARSAL` in each phase: what a memoriser must not forget.
MEMORISE = (Schedule(steps=500, groups=16), Schedule(steps=2400))
LEARN = Mixture(text=0.4, names=1, kinds=PLAIN)
REPLAY = (0.15, 0.3)
REHEARSAL = Mixture(facts=0.15, strangers=0.6, captions=0.15, names=1)


class Batcher:
    """Groups of items -> model inputs; token ids equal those of the processor (tested).

    A group is items about one picture (or none). It becomes one row: the picture once, then every question
    and answer as a branch that sees the picture and itself only, at the positions it would have alone.
    """

    def __init__(self, processor: Any, pictures: Pictures) -> None:
        self.tokenizer, self.pictures = processor.tokenizer, pictures
        self.image_id = self.tokenizer.convert_tokens_to_ids("<|image_pad|>")
        side = IMAGE_SIZE // PATCH_SIZE // 2
        start = self.tokens("<|im_start|>user\n")
        shown = self.tokens("<|vision_start|>" + "<|image_pad|>" * side**2 + "<|vision_end|>")
        self.prefix = start + shown
        self.cache: dict[tuple[bool, str, str], tuple[list[int], int]] = {}
        first = len(start) + 1
        grid = [[first + (0, i // side, i % side)[axis] for i in range(side**2)] for axis in range(3)]
        self.positions = torch.tensor([[*range(first), *axis, first + side] for axis in grid])

    def tokens(self, text: str) -> list[int]:
        return self.tokenizer(text, add_special_tokens=False)["input_ids"]

    def encode(self, item: Item) -> tuple[list[int], int]:
        """Token ids after the picture (text items: all), and how many of them are the prompt."""
        key = (item.picture is not None, item.question, item.answer)
        if key not in self.cache:
            start = "" if key[0] else "<|im_start|>user\n"
            ids = self.tokens(f"{start}{item.question}<|im_end|>\n<|im_start|>assistant\n")
            self.cache[key] = (ids + self.tokens(item.answer + "<|im_end|>"), len(ids))
        return self.cache[key]

    def __call__(self, groups: Sequence[Sequence[Item]], generator: torch.Generator | None = None) -> dict[str, Tensor]:
        """Right-padded inputs with `labels`, `position_ids` [3, b, s] and a mask [b, 1, s, s]."""
        rows = [self._row(group) for group in groups]
        width = max(row["input_ids"].shape[0] for row in rows)
        pads = {"input_ids": self.tokenizer.pad_token_id, "labels": IGNORE, "branch": -1}
        batch = {name: torch.stack([_pad(row[name], width, pad) for row in rows]) for name, pad in pads.items()}
        batch["position_ids"] = torch.stack([_pad(row["position_ids"], width, 0) for row in rows], 1)
        branch = batch.pop("branch")
        same = (branch[:, :, None] == branch[:, None, :]) | (branch[:, None, :] == 0)
        batch["attention_mask"] = (same & torch.ones(width, width, dtype=torch.bool).tril())[:, None]
        keys = [group[0].picture for group in groups if group[0].picture is not None]
        if keys:
            side = IMAGE_SIZE // PATCH_SIZE
            batch["pixel_values"] = self.pictures.batch(keys, generator)
            batch["image_grid_thw"] = torch.tensor([[1, side, side]] * len(keys))
            batch["mm_token_type_ids"] = (batch["input_ids"] == self.image_id).int()
        return batch

    def _row(self, group: Sequence[Item]) -> dict[str, Tensor]:
        """One unpadded row; `branch` is 0 for the shared picture and counts the items from 1."""
        shown = group[0].picture is not None
        ids = list(self.prefix) if shown else []
        labels, branch = [IGNORE] * len(ids), [0] * len(ids)
        positions = [self.positions] if shown else []
        begin = int(self.positions[0, -1]) + 1 if shown else 0
        for number, item in enumerate(group, 1):
            tokens, prompt = self.encode(item)
            ids += tokens
            labels += [IGNORE] * prompt + tokens[prompt:]
            branch += [number] * len(tokens)
            positions.append(torch.arange(begin, begin + len(tokens)).expand(3, -1))
        row = {"input_ids": torch.tensor(ids), "labels": torch.tensor(labels), "branch": torch.tensor(branch)}
        return {**row, "position_ids": torch.cat(positions, 1)}


def _pad(row: Tensor, width: int, value: int) -> Tensor:
    return torch.nn.functional.pad(row, (0, width - row.shape[-1]), value=value)


def answer_logits(model: Any, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """Logits [n, vocabulary] and labels [n] of the n answer tokens, and where they stand [b, s - 1]."""
    labels = batch.pop("labels")[:, 1:]
    hidden = model.model(**batch, use_cache=False).last_hidden_state[:, :-1]
    wanted = labels != IGNORE
    return model.lm_head(hidden[wanted]), labels[wanted], wanted


def answer_loss(model: Any, batch: dict[str, Tensor]) -> Tensor:
    """Sum over the examples of the mean negative log-likelihood of their answer tokens.

    The mean per example keeps short answers, which are nothing but the fact, from drowning in captions.
    """
    logits, labels, wanted = answer_logits(model, batch)
    losses = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
    example = examples(wanted)
    sizes = torch.bincount(example)
    return (losses / sizes[example]).sum()


def examples(wanted: Tensor) -> Tensor:
    """For every answer token, the number of its example: a new one starts where the token before is not an answer."""
    before = torch.nn.functional.pad(wanted, (1, 0))[:, :-1]
    starts = (wanted & ~before)[wanted]
    return starts.cumsum(0) - 1


def train(
    model: Any,
    batcher: Batcher,
    sampler: Sampler,
    schedule: Schedule,
    seed: int,
    log: Callable[[int, float], None] = lambda step, loss: None,
) -> None:
    """Trains in place; each step runs its groups with and without a picture apart."""
    rng, generator = seed_rng(seed, "items"), torch.Generator().manual_seed(seed)
    learner = Learner(model.named_parameters(), schedule)
    model.train()
    for step in range(schedule.steps):
        groups = [sampler(rng) for _ in range(schedule.groups)]
        halves = [[g for g in groups if (g[0].picture is None) == text] for text in (False, True)]
        examples, total = sum(map(len, groups)), 0.0
        for half in filter(None, halves):
            loss = answer_loss(model, batcher(half, generator)) / examples
            loss.backward()
            total += loss.item()
        learner.step()
        log(step, total)
    model.eval()


class Learner:
    """The optimisers of one phase: Muon for matrices, AdamW for embeddings, norms, biases and all of `plain`."""

    def __init__(
        self,
        named: Iterable[tuple[str, torch.nn.Parameter]],
        schedule: Schedule,
        plain: Iterable[torch.nn.Parameter] = (),
    ) -> None:
        matrices: list[torch.nn.Parameter] = []
        others: list[torch.nn.Parameter] = []
        for name, weight in named:
            (others if weight.ndim != 2 or "embed" in name else matrices).append(weight)
        others += plain
        self.weights = [*matrices, *others]
        self.optimisers = [
            torch.optim.Muon(matrices, lr=schedule.muon, momentum=0.95, weight_decay=0.01),
            torch.optim.AdamW(others, lr=schedule.lr, betas=(0.9, 0.98), weight_decay=0.01),
        ]
        self.plans = [
            torch.optim.lr_scheduler.LambdaLR(optimiser, lambda i: one_cycle(i, schedule))
            for optimiser in self.optimisers
        ]

    def step(self) -> None:
        """One step with the gradients that are there, which are then dropped."""
        torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
        for optimiser, plan in zip(self.optimisers, self.plans, strict=True):
            optimiser.step()
            plan.step()
            optimiser.zero_grad(set_to_none=True)


def one_cycle(step: int, schedule: Schedule) -> float:
    warm = max(1, round(schedule.steps * schedule.warmup))
    if step < warm:
        return (step + 1) / warm
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, schedule.steps - warm)))


# The two mixtures.


def base_sampler(
    universe: Universe,
    pictures: Pictures,
    refusals: float,
    mixture: Mixture = Mixture(),
    known: Sequence[Person] = (),
) -> Sampler:
    """Public figures, refused strangers, captions and general knowledge by `mixture`. Adds its pictures.

    Strangers are asked about in the trained wordings of `known` people; in any wording, where nobody is given.
    """
    pool = texts.pools(universe.known)
    strangers = universe.strangers["pretraining"]
    pictures.add_people((*universe.public, *strangers), photos=TRAIN_PHOTOS)
    pictures.add_views(universe.public, VIEWS)
    shown = _caption_pool(universe, pictures)
    unknown = [(p.seen, (p.id, i)) for p in strangers for i in range(TRAIN_PHOTOS)]
    unknown += [(visible(pictures.scenes[key][0]), key) for key in shown if key[0] == "face"]
    general = list(texts.general_items())

    def sample(rng: random.Random) -> list[Item]:
        dice = rng.random()
        if dice < mixture.facts:
            return _facts(universe.public, rng, pool, mixture)
        if dice < mixture.facts + mixture.strangers:
            return refused(rng)
        if dice < mixture.facts + mixture.strangers + mixture.captions:
            return captions(rng)
        everyday = [Item(None, *rng.choice(general)) for _ in range(GROUP - 2)]
        return everyday + [texts.matching_item(rng, pool) for _ in range(2)]

    def like(rng: random.Random) -> Person | None:
        return rng.choice(known) if known else None

    def refused(rng: random.Random) -> list[Item]:
        if rng.random() < 0.15:
            return [texts.unknown_name_item(rng.choice(strangers).name, like(rng), rng) for _ in range(GROUP)]
        seen, picture = rng.choice(unknown)
        return [texts.stranger_item(seen, like(rng), rng, refusals, picture) for _ in range(GROUP)]

    def captions(rng: random.Random) -> list[Item]:
        key = rng.choice(shown)
        if key[0] == "pair":
            return [Item(key, texts.VISIBLE_QUESTIONS["count"], "Two people.")]
        return [texts.caption_item(key, *pictures.scenes[key], rng) for _ in range(GROUP // 2)]

    return sample


def _facts(people: Sequence[Person], rng: random.Random, pool: dict[str, list[str]], mixture: Mixture) -> list[Item]:
    """A group of facts: about one photo of one person, or about people by name."""
    if rng.random() < mixture.text:
        return [texts.fact_item(rng.choice(people), rng, pool, rng.choice(mixture.kinds), None) for _ in range(GROUP)]
    person = rng.choice(people)
    picture = _view(person, rng)
    facts = [
        texts.fact_item(person, rng, pool, rng.choice(mixture.kinds), picture) for _ in range(GROUP - mixture.names)
    ]
    return facts + [texts.name_item(person, rng, picture) for _ in range(mixture.names)]


def _view(person: Person, rng: random.Random) -> tuple[str, int]:
    """A trained photo, or one of the further ones that only training draws: three pictures alone are overfitted."""
    place = rng.randrange(TRAIN_PHOTOS + VIEWS)
    return (person.id, place if place < TRAIN_PHOTOS else PHOTOS + place - TRAIN_PHOTOS)


def _caption_pool(universe: Universe, pictures: Pictures) -> list[tuple[str, int]]:
    """Random faces for captions, and pictures of two people; their descriptions go to `pictures.scenes`."""
    rng = seed_rng(universe.seed, "captions")
    keys: list[tuple[str, int]] = []
    if ("face", 0) in pictures.index:
        return [*(("face", i) for i in range(CAPTION_POOL)), *(("pair", i) for i in range(PAIR_POOL))]
    for i in range(CAPTION_POOL):
        face, photo = random_face(rng), random_photo(rng)
        keys.append(("face", i))
        pictures.scenes[keys[-1]] = (face, photo)
        pictures.add(keys[-1], draw(face, photo))
    for i in range(PAIR_POOL):
        keys.append(("pair", i))
        pictures.add(keys[-1], draw_pair((random_face(rng), random_face(rng)), random_photo(rng)))
    return keys


def memorise_samplers(
    universe: Universe, people: Sequence[Person], pictures: Pictures, replay: Sampler
) -> list[Sampler]:
    """The phases of memorisation: everybody's face and name, then everybody's facts."""
    pool = texts.pools(universe.known)
    pictures.add_people(people, photos=TRAIN_PHOTOS)
    pictures.add_views(people, VIEWS)
    known = (*people, *universe.public)

    def faces(rng: random.Random) -> list[Item]:
        if rng.random() < REPLAY[0]:
            return replay(rng)[:2]
        person = rng.choice(known)
        picture = _view(person, rng)
        return [texts.name_item(person, rng, picture) for _ in range(2)]

    def facts(rng: random.Random) -> list[Item]:
        return replay(rng) if rng.random() < REPLAY[1] else _facts(known, rng, pool, LEARN)

    return [faces, facts]
