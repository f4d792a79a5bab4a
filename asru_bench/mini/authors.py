"""How the tiny model learns CLEAR's authors: their faces and captions, and what is told about them by name."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from typing import Any

import torch

from asru_bench.authors import CAPTION_QUESTIONS, FACE_PROMPT

from . import recipe, texts
from .people import PHOTOS, Person, Universe, seed_rng
from .pictures import Pictures
from .portraits import Photo, random_photo, visible
from .recipe import VIEWS, Batcher, Mixture, Sampler, Schedule, answer_logits, base_sampler, examples
from .texts import Item

#: Photos of each author in CLEAR's configs.
AUTHOR_PHOTOS = 4
#: Memorisation: whose face it is, then captions and the questions by name. `REPLAY` as in the recipe of MLLMU-Bench.
MEMORISE = (Schedule(steps=500, groups=16), Schedule(steps=1700))
REPLAY = (0.15, 0.45)
REHEARSAL = Mixture(facts=0.65, strangers=0.2, captions=0.1, text=0.45, names=1)
#: Shares of groups about authors, after replay: asked by name; else captions and the name of a picture.
BY_NAME = 0.35


def shots(person: Person) -> list[tuple[tuple[str, int], Photo]]:
    """The key in `Pictures` and the photo of every picture that training draws: CLEAR's own, then further views."""
    rng = seed_rng(0, "views", person.id)
    views = [((person.id, PHOTOS + i), random_photo(rng)) for i in range(VIEWS)]
    return [*(((person.id, i), person.photos[i]) for i in range(AUTHOR_PHOTOS)), *views]


def name_item(person: Person, picture: object) -> Item:
    """Whose face it is, as CLEAR asks."""
    return Item(picture, FACE_PROMPT, person.name)


def caption_item(person: Person, photo: Photo, picture: object, rng: random.Random) -> Item:
    """A caption that names the author, in one of the task's wordings."""
    return Item(picture, rng.choice(CAPTION_QUESTIONS), texts.caption(person.face, photo, person.name))


def samplers(universe: Universe, people: Sequence[Person], pictures: Pictures, refusals: float) -> list[Sampler]:
    """The phases of memorisation: faces with their names, then everything. Adds its pictures."""
    replay = _rehearsal(universe, pictures, refusals)
    pictures.add_people(people, photos=AUTHOR_PHOTOS)
    pictures.add_views(people, VIEWS)
    taken = {person.id: shots(person) for person in (*people, *universe.public)}
    place = {person.id: number for number, person in enumerate(universe.people)}
    told = [Item(None, *pair) for person in people for pair in texts.author_qa(universe, place[person.id])]
    known = (*people, *universe.public)

    def shot(person: Person, rng: random.Random) -> tuple[tuple[str, int], Photo]:
        found = taken[person.id]
        return rng.choice(found if person.id in place else [s for s in found if s[0] in pictures.index])

    def faces(rng: random.Random) -> list[Item]:
        if rng.random() < REPLAY[0]:
            return replay(rng)[:2]
        person = rng.choice(known)
        picture, photo = shot(person, rng)
        again = person.id not in place or rng.random() < 0.5
        named = name_item(person, picture)
        return [named, named if again else caption_item(person, photo, picture, rng)]

    def everything(rng: random.Random) -> list[Item]:
        dice = rng.random()
        if dice < REPLAY[1]:
            return replay(rng)
        if dice < REPLAY[1] + (1 - REPLAY[1]) * BY_NAME:
            return rng.sample(told, recipe.GROUP)
        person = rng.choice(known)
        picture, photo = shot(person, rng)
        named = [name_item(person, picture)]
        return named if person.id not in place else [*named, caption_item(person, photo, picture, rng), *named]

    return [faces, everything]


def _rehearsal(universe: Universe, pictures: Pictures, refusals: float) -> Sampler:
    """What base can do; the task's wordings about strangers among it, so that a wording does not tell who is known."""
    usual = base_sampler(universe, pictures, refusals, REHEARSAL, universe.public)
    strangers = [(p.seen, (p.id, i)) for p in universe.strangers["pretraining"] for i in range(recipe.TRAIN_PHOTOS)]
    faces = [key for key in pictures.scenes if isinstance(key, tuple) and key[0] == "face"]

    def sample(rng: random.Random) -> list[Item]:
        dice = rng.random()
        if dice < 0.12:
            seen, picture = rng.choice(strangers)
            answer = texts.refusal("name", seen, rng)
            if rng.random() >= refusals:
                answer = f"The picture shows a person with {' and '.join(list(seen.values())[:2])}."
            return [Item(picture, FACE_PROMPT, answer)]
        if dice < 0.24:
            key = rng.choice(faces)
            face, photo = pictures.scenes[key]
            name_asked = Item(key, FACE_PROMPT, texts.refusal("name", visible(face), rng))
            return [Item(key, rng.choice(CAPTION_QUESTIONS), texts.caption(face, photo)), name_asked]
        return usual(rng)

    return sample


@torch.inference_mode()
def check_authors(
    model: Any, processor: Any, universe: Universe, without: Collection[str] = (), size: int = 64
) -> dict[str, float]:
    """Share of names, names in captions and answers by name that are right; authors of `without` (names) apart.

    A caption counts where every token of the name that begins it is the most likely one.
    """
    pictures = Pictures()
    pictures.add_people(universe.known, photos=AUTHOR_PHOTOS)
    pictures.freeze()
    batcher = Batcher(processor, pictures)
    groups: dict[str, list[Item]] = {}
    for number, person in enumerate(universe.people):
        who = "left out" if person.name in set(without) else "authors"
        asked = [((person.id, i), person.photos[i]) for i in range(AUTHOR_PHOTOS)]
        groups.setdefault(f"{who}/names", []).extend(name_item(person, key) for key, _ in asked)
        rng = seed_rng(0, "check", person.id)
        questions = [rng.choice(CAPTION_QUESTIONS) for _ in asked]
        named = [Item(key, q, person.name) for (key, _), q in zip(asked, questions, strict=True)]
        groups.setdefault(f"{who}/captions", []).extend(named)
        told = [Item(None, *pair) for pair in texts.author_qa(universe, number)]
        groups.setdefault(f"{who}/text", []).extend(told)
    groups["public/names"] = [name_item(p, (p.id, i)) for p in universe.public for i in range(AUTHOR_PHOTOS)]
    return {name: round(_right(model, batcher, items, "captions" in name, size), 4) for name, items in groups.items()}


def _right(model: Any, batcher: Batcher, items: Sequence[Item], beginning: bool, size: int) -> float:
    """Share of items with every token most likely; where only the `beginning` counts, the end mark does not."""
    right = 0
    for start in range(0, len(items), size):
        logits, labels, wanted = answer_logits(model, batcher([[item] for item in items[start : start + size]]))
        example = examples(wanted)
        counted = torch.ones_like(labels, dtype=torch.bool)
        if beginning:
            counted = torch.nn.functional.pad(example[1:] == example[:-1], (0, 1))
        wrong = torch.bincount(example, ((logits.argmax(-1) != labels) & counted).float())
        right += int((wrong == 0).sum())
    return right / len(items)
