"""The rows of PPU-Bench: questions about facts of public figures, training pairs, other photos, attacked questions.

A fact (`sample_id`, such as Stephen_King_25) is asked in three kinds and two modalities. Names of configs and columns
are those of the hub's data set.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .data import DataSet
from .ppu_splits import FACTS, SUBJECTS
from .rows import person_id
from .text import normalise
from .types import AsruBenchError, ImageRef

EVAL = {kind: f"ppu_eval_{kind}" for kind in ("generation", "cloze", "classification")}
MODALITIES = {"text": "text", "qa": "text", "text_image": "image_text", "image_text": "image_text", "vqa": "image_text"}
ATTACKS = ("random_prefix", "jailbreak_style_prompt", "paraphrase")
PHOTOS = ("image_002", "image_003", "image_004")
LETTERS = "ABCD"
#: Of the rows, at least this many; then a letter that is right in more than this share is warned of.
MANY, UNEVEN = 200, 0.4
SENSITIVE = "sensitive_info"


@dataclass(frozen=True, slots=True)
class Item:
    """One question of one row; `answer` of a choice is its letter."""

    fact: str
    person: str
    name: str
    kind: str
    modality: str
    question: str
    answer: str
    options: tuple[tuple[str, str], ...] = ()
    image: ImageRef | None = None
    source: str = ""

    @property
    def truth(self) -> str:
        """The answer in words."""
        return dict(self.options).get(self.answer, self.answer)


@dataclass(frozen=True, slots=True)
class Pair:
    """One training question with the untouched model's own answer."""

    fact: str
    person: str
    question: str
    answer: str
    image: ImageRef | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of a fact from its questions; `value` are the missing words of the cloze, else the right option."""

    person: str
    name: str
    value: str
    source: str = ""


def read_items(data: DataSet, kind: str) -> list[Item]:
    """The questions of one kind, in the order of the file; each fact once in a modality."""
    items = list(_items(data, EVAL[kind], kind))
    found = Counter((item.fact, item.modality) for item in items)
    if twice := [key for key, count in found.items() if count > 1]:
        fact, modality = twice[0]
        rows = [str(i) for i, item in enumerate(items) if (item.fact, item.modality) == twice[0]]
        raise AsruBenchError(
            f"{data.folder(EVAL[kind])}: sample_id {fact!r} stands in the rows {', '.join(rows)} with the modality of "
            f"{modality}, and {len(twice)} such are repeated; expected each once. Is a file there twice?"
        )
    for words in odd_items(kind, found, [item.answer for item in items if item.options]):
        warnings.warn(words, stacklevel=2)
    return items


def odd_items(kind: str, asked: Collection[tuple[str, str]], letters: Sequence[str] = ()) -> Iterator[str]:
    """What is unusual in the questions of a kind; `asked` are (fact, modality), `letters` the right options."""
    modalities = Counter(fact for fact, _ in set(asked))
    if alone := sum(count == 1 for count in modalities.values()):
        yield f"{EVAL[kind]}: {alone} facts are asked in one modality only"
    letter, count = Counter(letters).most_common(1)[0] if letters else ("", 0)
    if len(letters) >= MANY and count > UNEVEN * len(letters):
        yield f"option {letter} is right in {count} of {len(letters)} choices"


def read_attack(data: DataSet, config: str) -> list[Item]:
    """The attacked questions of a config such as `paraphrase_persona`."""
    return list(_items(data, config, "generation"))


def read_photos(data: DataSet, config: str) -> dict[str, tuple[ImageRef, ...]]:
    """Fact -> the other photos of its person, from a `cross_image` config; warns where cells have none."""
    rows = data.rows(config, ("sample_id",))
    columns = [data.pictures(config, column) for column in PHOTOS]
    found: dict[str, tuple[ImageRef, ...]] = {}
    lacking: list[str] = []
    for number, (row, *pictures) in enumerate(zip(rows, *columns, strict=True)):
        place = f"{data.folder(config)}, row {number}"
        lacking += [f"{place}, column {c!r}" for c, cell in zip(PHOTOS, pictures, strict=True) if not cell]
        if refs := tuple(cell[0] for cell in pictures if cell):
            found.setdefault(_word(row, "sample_id", place), refs)
    if lacking:
        warnings.warn(f"{lacking[0]}: no picture; {len(lacking)} questions on other photos are not asked", stacklevel=2)
    return found


def read_pairs(data: DataSet, config: str) -> list[Pair]:
    """The training pairs of a backbone; `…_qa` configs have no picture."""
    key = "sample_id" if "sample_id" in data.columns(config) else "id"
    needed = (key, "question", "generated_answer")
    rows, text = data.rows(config, (*needed, "subject_id")), config.endswith("_qa")
    pictures: Sequence[Sequence[ImageRef]] = [()] * len(rows) if text else data.pictures(config, "image")
    pairs = []
    for number, (row, cell) in enumerate(zip(rows, pictures, strict=True)):
        place = f"{data.folder(config)}, row {number}"
        fact, question, answer = (_word(row, column, place) for column in needed)
        if not (text or cell):
            raise AsruBenchError(f"{place}: no picture in the column 'image'. Download the config again.")
        pairs.append(Pair(fact, person_id(row["subject_id"]), question, answer, cell[0] if cell else None))
    return pairs


def read_facts(items: Mapping[str, Sequence[Item]]) -> dict[str, Fact]:
    """Fact -> whom it is about and its value; an error where two rows give a fact to two people."""
    found: dict[str, Fact] = {}
    for kind in ("cloze", "classification", "generation"):
        for number, item in enumerate(items.get(kind, ())):
            known = found.get(item.fact)
            if known is None:
                value = "" if kind == "generation" else item.truth
                found[item.fact] = Fact(item.person, item.name, value, item.source)
            elif known.person != item.person:
                raise AsruBenchError(
                    f"{EVAL[kind]}, row {number}: sample_id {item.fact!r} is about subject {item.person!r} and, in "
                    f"another config, about {known.person!r}. Download the ppu_eval configs of one revision."
                )
            elif normalise(known.name) != normalise(item.name):
                words = f"{EVAL[kind]}, row {number}, column 'subject': {item.fact!r} is about {item.name!r}, elsewhere"
                warnings.warn(f"{words} about {known.name!r}; the first name is taken", stacklevel=2)
    return found


def check_facts(facts: Mapping[str, Fact], selective: frozenset[str]) -> None:
    """Warns of `odd_facts`."""
    for words in odd_facts(facts, selective):
        warnings.warn(words, stacklevel=2)


def odd_facts(facts: Mapping[str, Fact], selective: Collection[str]) -> Iterator[str]:
    """Where published data have other counts, or call other facts sensitive than the split file does."""
    people = len({fact.person for fact in facts.values()})
    if 2 * len(facts) > FACTS and (len(facts), people) != (FACTS, SUBJECTS):
        yield f"{len(facts)} facts of {people} people; the published data have {FACTS} of {SUBJECTS}"
    if any(fact.source for fact in facts.values()):
        marked = {name for name, fact in facts.items() if fact.source == SENSITIVE}
        if odd := marked ^ {*selective}:
            yield f"{len(odd)} facts are sensitive by source_from or by selective_split.json, not by both"


def _items(data: DataSet, config: str, kind: str) -> Iterator[Item]:
    options = tuple(f"option_{letter.lower()}" for letter in LETTERS) if kind == "classification" else ()
    common = ("sample_id", "subject_id", "subject", "modality", "question", "answer_text")
    needed = (*common, "answer_label", *options) if options else common
    rows = data.rows(config, needed, ("source_from",))
    for number, (row, cell) in enumerate(zip(rows, data.pictures(config, "image"), strict=True)):
        place = f"{data.folder(config)}, row {number}"
        modality = MODALITIES.get(str(row["modality"]))
        if modality is None:
            raise AsruBenchError(f"{place}: the column 'modality' is {row['modality']!r}; expected text or text_image.")
        if bool(cell) != (modality == "image_text"):
            has = "a picture" if cell else "no picture"
            raise AsruBenchError(
                f"{place}: the column 'image' has {has}, the modality is {row['modality']!r}; expected a picture in "
                "text_image rows and none in text rows. Download the config again."
            )
        fact, name, question, answer = (_word(row, c, place) for c in ("sample_id", "subject", *needed[4:6]))
        person = person_id(row["subject_id"])
        told = tuple((letter, _word(row, column, place)) for letter, column in zip(LETTERS, options, strict=False))
        label = _letter(row, dict(told), answer, place) if options else answer
        yield Item(
            fact, person, name, kind, modality, question, label, told, cell[0] if cell else None,
            row.get("source_from") or "",
        )  # fmt: skip


def _letter(row: Mapping[str, Any], options: Mapping[str, str], answer: str, place: str) -> str:
    """The right letter, checked against the options and the answer's text."""
    letter = str(row["answer_label"] or "").strip().upper()
    if letter not in options:
        raise AsruBenchError(f"{place}: the column 'answer_label' is {row['answer_label']!r}; expected A, B, C or D.")
    if normalise(options[letter]) != normalise(answer):
        raise AsruBenchError(
            f"{place}: the column 'answer_text' is {answer!r}, but option {letter} is {options[letter]!r}; expected "
            "the same words. Download the config again, or correct the row."
        )
    return letter


def _word(row: Mapping[str, Any], column: str, place: str) -> str:
    value = str(row[column]).strip() if row[column] is not None else ""
    if not value:
        raise AsruBenchError(f"{place}: the column {column!r} is empty; expected a text. Download the config again.")
    return value
