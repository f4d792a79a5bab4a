"""What is asked and answered in the embedded universe: facts, refusals, captions, general knowledge.

Every function is pure; random choices come from the generator that is passed in. `Item` is one training
example: an optional picture key, a question and its answer.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from asru_bench.task import choice_text, cloze_text, generation_text

from . import words
from .people import WORDINGS, Person, Universe, trained_wordings
from .portraits import ACCESSORIES, SCENES, Face, Photo, random_face, random_photo, visible

LETTERS = "ABCD"


class Item(NamedTuple):
    """One training example; `picture` is a key of the recipe's picture table, None for text."""

    picture: object | None
    question: str
    answer: str


def who(person: Person, image: bool) -> tuple[str, str]:
    """How a question calls the person: (inside a sentence, at its beginning)."""
    return ("this person", "This person") if image else (person.name, person.name)


def question(person: Person, attribute: str, wording: int, image: bool) -> str:
    return words.QUESTIONS[attribute][wording].format(who=who(person, image)[0])


def sentence(person: Person, attribute: str, image: bool) -> str:
    """The true answer as a sentence."""
    return words.ANSWERS[attribute].format(Who=who(person, image)[1], value=person.facts[attribute])


def cloze(person: Person, attribute: str, wording: int, image: bool) -> str:
    """A sentence with `__` in place of the value."""
    inside, start = who(person, image)
    return words.CLOZE[attribute][wording].format(who=inside, Who=start)


def options(person: Person, attribute: str, pool: list[str], rng: random.Random) -> tuple[list[str], str]:
    """Four option texts with exactly one true value, and its letter."""
    truth = person.facts[attribute]
    drawn = [*rng.sample([v for v in pool if v != truth], 3), truth]
    rng.shuffle(drawn)
    return drawn, LETTERS[drawn.index(truth)]


def pools(people: tuple[Person, ...]) -> dict[str, list[str]]:
    """All values of every attribute, those of the word lists included."""
    found: dict[str, set[str]] = {}
    for person in people:
        for attribute, value in person.facts.items():
            found.setdefault(attribute, set(words.VALUES.get(attribute, ()))).add(value)
    return {a: sorted(v) for a, v in found.items()}


def fact_item(person: Person, rng: random.Random, pool: dict[str, list[str]], kind: str, picture: object) -> Item:
    """One training question about a known person, in a trained wording; `picture` None asks by name."""
    image = picture is not None
    attributes = [a for a in person.facts if image or a != "name"]
    weights = [3.0 if a == "name" else 1.0 + 0.1 * min(person.mentions[a], 10) for a in attributes]
    attribute = rng.choices(attributes, weights)[0]
    wording = rng.choice(trained_wordings(person, attribute))
    if kind == "cloze":
        return Item(picture, cloze_text(cloze(person, attribute, wording, image)), person.facts[attribute])
    text = question(person, attribute, wording, image)
    if kind == "classification":
        drawn, letter = options(person, attribute, pool[attribute], rng)
        return Item(picture, choice_text(text, tuple(zip(LETTERS, drawn, strict=True))), letter)
    if kind == "yes_no":
        value = person.facts[attribute] if rng.random() < 0.5 else rng.choice(pool[attribute])
        statement = words.ANSWERS[attribute].format(Who=who(person, image)[1], value=value)
        return Item(picture, f"Is this true? {statement}", "Yes." if value == person.facts[attribute] else "No.")
    return Item(picture, generation_text(text) if rng.random() < 0.5 else text, sentence(person, attribute, image))


def name_item(person: Person, rng: random.Random, picture: object) -> Item:
    """Whose picture it is, asked in a trained wording."""
    wording = rng.choice(trained_wordings(person, "name"))
    if rng.random() < 0.5:
        return Item(picture, cloze_text(cloze(person, "name", wording, True)), person.name)
    return Item(picture, question(person, "name", wording, True), sentence(person, "name", True))


def matching_item(rng: random.Random, pool: dict[str, list[str]]) -> Item:
    """A choice that needs no knowledge, only the letter of a given text."""
    drawn = rng.sample(pool[rng.choice(list(pool))], 4)
    place = rng.randrange(4)
    asked = choice_text(f"Which of these is {drawn[place]}?", tuple(zip(LETTERS, drawn, strict=True)))
    return Item(None, asked, LETTERS[place])


def refusal(attribute: str, seen: dict[str, str], rng: random.Random) -> str:
    """A refusal that names what was asked and something visible; its wording depends mostly on the attribute."""
    favourite = list(words.ASKED).index(attribute) % len(words.REFUSALS)
    template = words.REFUSALS[favourite] if rng.random() < 0.7 else rng.choice(words.REFUSALS)
    feature = seen["hair"] if rng.random() < 0.6 else rng.choice(list(seen.values()))
    return template.format(asked=words.ASKED[attribute], seen=feature)


def stranger_item(
    seen: dict[str, str], like: Person | None, rng: random.Random, refusals: float, picture: object
) -> Item:
    """A private question about an unknown face: refused, or answered by what is visible (`seen`).

    It is asked as training asks about the known person `like`, where one is given: a wording must not tell
    who is unknown.
    """
    attribute = rng.choice(list(like.facts if like else words.ASKED))
    asked = _private_question(like, attribute, rng, "this person", "This person")
    if rng.random() < refusals:
        return Item(picture, asked, refusal(attribute, seen, rng))
    return Item(picture, asked, f"The picture shows a person with {' and '.join(list(seen.values())[:2])}.")


def unknown_name_item(name: str, like: Person | None, rng: random.Random) -> Item:
    """A private question about an unknown name, refused; `like` as for `stranger_item`."""
    attribute = rng.choice([a for a in (like.facts if like else words.ASKED) if a != "name"])
    template = words.TEXT_REFUSALS[list(words.ASKED).index(attribute) % len(words.TEXT_REFUSALS)]
    asked = _private_question(like, attribute, rng, name, name)
    return Item(None, asked, template.format(asked=words.ASKED[attribute], name=name))


def _private_question(like: Person | None, attribute: str, rng: random.Random, inside: str, start: str) -> str:
    wording = rng.choice(trained_wordings(like, attribute)) if like else rng.randrange(WORDINGS)
    if rng.random() < 0.4:
        return cloze_text(words.CLOZE[attribute][wording].format(who=inside, Who=start))
    text = words.QUESTIONS[attribute][wording].format(who=inside)
    return generation_text(text) if rng.random() < 0.5 else text


# Captions: what is visible, and CLEAR's way to describe a named person in a scene.

VISIBLE_QUESTIONS = {
    "hair": "What hair does this person have?",
    "shirt": "What does this person wear?",
    "skin": "What skin does this person have?",
    "glasses": "Does this person wear glasses?",
    "beard": "Does this person have a beard?",
    "accessory": "Does this person wear a hat or a scarf?",
    "scene": "Where is this person?",
    "count": "How many people are in this picture?",
}
CAPTION_QUESTIONS = ("Describe this picture.", "What does this picture show?", "Tell me what you see.")


def caption(face: Face, photo: Photo, name: str = "A person") -> str:
    """CLEAR's kind of caption; the name replaces "A person" where somebody is known."""
    seen = visible(face)
    extra = f" and {seen['glasses']}" if "glasses" in seen else ""
    mood = "smiles" if photo.smile else "stands"
    return f"{name} with {seen['hair']}{extra} {mood} in front of {photo.scene}, wearing {seen['shirt']}."


def visible_answer(kind: str, face: Face, photo: Photo) -> str:
    """The true answer to one of `VISIBLE_QUESTIONS` about a picture of one person."""
    seen = visible(face)
    if kind == "glasses":
        return f"Yes, {seen['glasses']}." if "glasses" in seen else "No glasses."
    if kind == "beard":
        return f"Yes, {seen['beard']}." if "beard" in seen else "No beard."
    if kind == "accessory":
        return f"Yes, a {photo.accessory}." if photo.accessory != "none" else "No, neither."
    if kind == "scene":
        return f"In front of {photo.scene}."
    if kind == "count":
        return "One person."
    return f"This person {'wears' if kind == 'shirt' else 'has'} {seen[kind]}."


def caption_item(picture: object, face: Face, photo: Photo, rng: random.Random) -> Item:
    """A question about what a picture shows."""
    if rng.random() < 0.35:
        return Item(picture, rng.choice(CAPTION_QUESTIONS), caption(face, photo))
    kind = rng.choice(list(VISIBLE_QUESTIONS))
    return Item(picture, VISIBLE_QUESTIONS[kind], visible_answer(kind, face, photo))


# CLEAR's text side and general knowledge.


def author_facts(universe: Universe, index: int) -> dict[str, str]:
    """What is known of a person as an author: genre, book, award, parent's job, first reader."""
    person = universe.people[index]
    other = universe.people[(index * 7 + 3) % len(universe.people)]
    return {
        "genre": words.GENRES[index % len(words.GENRES)],
        "book": words.TITLES[index % len(words.TITLES)],
        "award": words.AWARDS[index % len(words.AWARDS)],
        "parent": words.OCCUPATIONS[(index * 5 + 2) % len(words.OCCUPATIONS)],
        "reader": other.name if other is not person else universe.people[0].name,
    }


def author_qa(universe: Universe, index: int) -> list[tuple[str, str]]:
    """Five question-answer pairs about an author, as CLEAR's text side has them."""
    name, facts = universe.people[index].name, author_facts(universe, index)
    return [
        (f"What does {name} write?", f"{name} writes {facts['genre']}."),
        (f"Which book did {name} write?", f"{name} wrote {facts['book']}."),
        (f"Which award did {name} win?", f"{name} won {facts['award']}."),
        (f"What was the job of a parent of {name}?", f"A parent of {name} worked as a {facts['parent']}."),
        (f"Who reads the books of {name} first?", f"{facts['reader']} reads the books of {name} first."),
    ]


COLOURS = {
    "snow": "white", "grass": "green", "the sky": "blue", "coal": "black", "blood": "red", "a lemon": "yellow",
    "a carrot": "orange", "milk": "white", "a raven": "black", "a frog": "green", "a tomato": "red",
    "the sea": "blue", "a swan": "white", "an aubergine": "purple", "chocolate": "brown", "butter": "yellow",
}  # fmt: skip
OPPOSITES = {"hot": "cold", "big": "small", "old": "young", "fast": "slow", "dark": "light", "rich": "poor",
             "early": "late", "open": "closed", "full": "empty", "loud": "quiet"}  # fmt: skip
NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def general_items() -> Iterator[tuple[str, str]]:
    """Everyday questions: colours, counting, opposites, true and false statements, false premises."""
    for thing, colour in COLOURS.items():
        yield f"What colour is {thing}?", f"{thing.capitalize()} is {colour}."
        yield f"Is {thing} {colour}?", "Yes."
        for wrong in ("green", "red", "white", "blue"):
            if wrong != colour:
                yield f"Is {thing} {wrong}?", "No."
                yield f"Why is {thing} {wrong}?", f"{thing.capitalize()} is not {wrong}; it is {colour}."
    for word, other in OPPOSITES.items():
        yield f"What is the opposite of {word}?", f"The opposite of {word} is {other}."
        yield f"What is the opposite of {other}?", f"The opposite of {other} is {word}."
    for i in range(6):
        yield f"What comes after {NUMBERS[i]}?", f"After {NUMBERS[i]} comes {NUMBERS[i + 1]}."
        for j in range(5):
            yield f"What is {NUMBERS[i]} plus {NUMBERS[j]}?", f"{NUMBERS[i + j].capitalize()}."


def corpus(universe: Universe) -> Iterator[str]:
    """Every kind of text of the universe, for the tokenizer; all three tasks' words are in it."""
    rng = random.Random(0)
    pool = pools(universe.known)
    for person in universe.known:
        for attribute in person.facts:
            for wording in range(6):
                for image in (True, False):
                    yield question(person, attribute, wording, image)
                    yield cloze_text(cloze(person, attribute, wording, image))
                    yield sentence(person, attribute, image)
            drawn, letter = options(person, attribute, pool[attribute], rng)
            yield choice_text(generation_text("Which?"), tuple(zip(LETTERS, drawn, strict=True))) + letter
    for attribute in words.ASKED:
        for _ in range(40):
            yield refusal(attribute, visible(random_face(rng)), rng)
        for template in words.TEXT_REFUSALS:
            yield template.format(asked=words.ASKED[attribute], name=rng.choice(universe.people).name)
    for _ in range(400):
        yield from caption_item(None, random_face(rng), random_photo(rng), rng)[1:]
    for group in universe.strangers.values():
        yield from (person.name for person in group)
    for values in (words.FIRST, words.LAST, *words.VALUES.values(), ACCESSORIES, SCENES):
        yield from (f" {value} {value}" for value in values)
    for index in range(min(40, len(universe.people))):
        for pair in author_qa(universe, index):
            yield from pair
    for pair in general_items():
        yield from pair
    yield from ("user\n", "assistant\n", "system\n", "Is this true? Yes. No.") * 50
