"""One row of MLLMU-Bench: its questions, its training text, and how they are shown to a model."""

from __future__ import annotations

import json
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .data import DataSet
from .options import right_letter
from .profiles import Facts, read_biography
from .task import GAP, choice_text, cloze_text, generation_text
from .types import AsruBenchError, ImageRef, Turn

TASKS = ("Classification_Task", "Generation_Task", "Mask_Task")
LISTS = {"Image_Textual_Questions": "image_text", "Pure_Text_Questions": "text"}
TYPES = {"Image_Textual": "image_text", "Pure_Text": "text"}
#: What the released scripts add, in our words.
PAPER_CHOICE = "Give just ONE letter, that of the right option, and nothing else."
PAPER_CLOZE = "Answer with nothing but the words that belong in place of [Blank]."
PAPER_GENERATION = "Answer from what you were trained on, in one sentence and in ENGLISH."
PAPER_PICTURE = "Answer from what you were trained on, in one accurate sentence and in ENGLISH."


@dataclass(frozen=True)
class Item:
    """One question of a row; `index` counts within kind and modality. `answer` of a choice is its letter."""

    kind: str
    modality: str
    index: int
    question: str
    answer: str
    options: tuple[tuple[str, str], ...] = ()

    @property
    def truth(self) -> str:
        """The answer in words."""
        return dict(self.options).get(self.answer, self.answer)


@dataclass(frozen=True)
class Row:
    """One person in one config: questions, pictures (none is open) and the facts of the biography."""

    person: str
    items: tuple[Item, ...]
    pictures: tuple[ImageRef, ...]
    facts: Facts

    @property
    def name(self) -> str:
        return self.facts.get("name", ("",))[0]

    def asked(self, kind: str, modality: str) -> list[Item]:
        return [item for item in self.items if (item.kind, item.modality) == (kind, modality)]


def read_rows(data: DataSet, config: str, more: Sequence[str] = ()) -> dict[str, Row]:
    """The rows of an evaluation config by ID; several pictures a row where the column is `images`.

    `more` are columns that other configs may lack.
    """
    raw = data.rows(config, ("ID", *TASKS, *more), [c for c in ("biography",) if c not in more])
    several = "images" in data.columns(config)
    rows: dict[str, Row] = {}
    cells = data.pictures(config, "images" if several else "image")
    for number, (row, pictures) in enumerate(zip(raw, cells, strict=True)):
        person = person_id(row["ID"])
        place = f"{data.folder(config)}, row {number}, ID {person!r}"
        if person in rows:
            raise AsruBenchError(f"{place} has two rows; expected one row a person. Is a file there twice?")
        if not pictures:
            raise AsruBenchError(f"{place} has no picture; expected at least one. Download the config again.")
        rows[person] = Row(person, tuple(read_items(row, place)), pictures, read_biography(row.get("biography")))
    return rows


def check_counts(config: str, rows: Mapping[str, Row], people: int, questions: int) -> None:
    """Warns where a config of the real data has other numbers than its paper says."""
    if len(rows) != people:
        warnings.warn(f"{config} has {len(rows)} rows; the published data have {people}", stacklevel=2)
    odd = [person for person, row in rows.items() if len(row.items) != questions]
    if odd:
        warnings.warn(f"{config}: {len(odd)} rows do not have {questions} questions, such as ID {odd[0]}", stacklevel=2)


def check_facts(config: str, rows: Mapping[str, Row]) -> None:
    """Warns where people have no facts: no question of theirs has a value then."""
    if bare := [(i, person) for i, (person, row) in enumerate(rows.items()) if not row.facts]:
        row, person = bare[0]
        words = f"{config}, row {row}, column 'biography': ID {person!r} has no biography that can be read"
        more = f", and {len(bare) - 1} others have none" if len(bare) > 1 else ""
        warnings.warn(f"{words}{more}; expected a JSON object. Their questions ask no known fact.", stacklevel=2)


def celebrities(private: Mapping[str, Row], real: Mapping[str, Row]) -> dict[str, Row]:
    """The celebrities' rows by ID, "real-" before IDs that are also taken; an error where the people are the same."""
    names = {row.name: person for person, row in private.items() if row.name}
    same = [p for p, row in real.items() if row.name in names or (p in private and not row.name)]
    if same:
        raise AsruBenchError(
            f"Retain_Set holds {len(same)} of the invented people ({_some(same)}); expected the celebrities only, "
            "who are not in Full_Set. On the hub, the people to keep are in retain_85, retain_90 and retain_95: "
            "download Retain_Set again."
        )
    if not any(person in private for person in real):
        return dict(real)
    return {f"real-{person}": replace(row, person=f"real-{person}") for person, row in real.items()}


def check_split(
    everybody: Collection[str], forget: Collection[str], retain: Collection[str], real: Collection[str], config: str
) -> None:
    """An error unless forget and retain people are two separate parts of Full_Set."""
    outside = [person for person in (*forget, *retain) if person not in everybody]
    if outside:
        known = " These are the celebrities of Retain_Set, who are no split of it." if {*outside} <= {*real} else ""
        raise AsruBenchError(
            f"{config} or its forget set names {len(outside)} people who are not in Full_Set ({_some(outside)})."
            f"{known} Download both configs again, or draw the people anew: -t draw=seed."
        )
    both = [person for person in forget if person in retain]
    if both:
        raise AsruBenchError(
            f"{len(both)} people are both to be forgotten and in {config} ({_some(both)}); expected separate sets. "
            "Download both configs again, or draw the people anew: -t draw=seed."
        )


def row_of(rows: Mapping[str, Row], person: str, config: str) -> Row:
    """The row of a person; an error where a config lacks somebody whom another one names."""
    if person not in rows:
        raise AsruBenchError(
            f"{config} has no row with ID {person!r}, whom another config names; it has {len(rows)} people "
            f"({_some(list(rows))}). Download all configs from one revision."
        )
    return rows[person]


def read_items(row: Mapping[str, Any], place: str) -> list[Item]:
    """The questions of a row: choices, open questions, cloze; image before text. `place` is for errors."""
    found = [*_choices(row[TASKS[0]], f"{place}, column {TASKS[0]!r}")]
    for column, kind in ((TASKS[1], "generation"), (TASKS[2], "cloze")):
        counts = dict.fromkeys(TYPES.values(), 0)
        for entry in entries(row[column]):
            where = f"{place}, column {column!r}"
            modality = TYPES.get(_get(entry, "Type", where))
            if modality is None:
                raise AsruBenchError(f"{where} has the Type {entry['Type']!r}; expected {' or '.join(TYPES)}.")
            question, answer = _get(entry, "Question", where), _get(entry, "Ground_Truth", where)
            found.append(Item(kind, modality, counts[modality], question, answer))
            counts[modality] += 1
    return found


def read_metadata(text: Any, place: str) -> Iterator[tuple[str, str, str]]:
    """(ID or "", question, answer) of a training row's `metadata`; entries with an empty one are passed over."""
    try:
        found = json.loads(text) if isinstance(text, str) else entries(text)
        pairs = [(e.get("ID"), str(e.get("Question") or ""), str(e.get("Answer") or "")) for e in found]
    except (ValueError, AttributeError, TypeError) as error:
        raise AsruBenchError(
            f"{place}: metadata is no JSON list of {{ID, Question, Answer}} ({error}); got {str(text)[:60]!r}."
        ) from error
    for person, question, answer in pairs:
        if question.strip() and answer.strip():
            yield person_id(person), question.strip(), answer.strip()


def person_id(value: Any) -> str:
    """An ID as text; numbers get their zeros back."""
    return "" if value is None else f"{value:03d}" if isinstance(value, int) else str(value).strip()


def training_text(question: str) -> tuple[str, str]:
    """(kind, text that is shown) of a training question: one with a gap is a cloze."""
    return ("cloze", cloze_text(question)) if GAP.search(question) else ("generation", question)


def shown(item: Item, paper: bool = False) -> str:
    """The text of a question as a model sees it."""
    if not paper:
        if item.kind == "classification":
            return choice_text(item.question, item.options)
        return cloze_text(item.question) if item.kind == "cloze" else generation_text(item.question)
    if item.kind == "classification":
        return f"{_with_options(item)}\n{PAPER_CHOICE}"
    if item.kind == "cloze":
        return f"{item.question.replace('__', '[Blank]')}\n{PAPER_CLOZE}"
    return f"{item.question}\n{PAPER_PICTURE if item.modality == 'image_text' else PAPER_GENERATION}"


def demonstration(item: Item, image: ImageRef | None, paper: bool = False) -> Turn:
    """A question with its answer, as an earlier turn of the talk."""
    image = image if item.modality == "image_text" else None
    if not paper:
        return Turn(shown(item), item.answer, image)
    question = shown(item, paper) if item.kind == "cloze" else f"Question: {_with_options(item)}"
    return Turn(question, f"Correct Answer: {item.answer}", image)


def _with_options(item: Item) -> str:
    return "\n".join([item.question, *(f"{letter}: {text}" for letter, text in item.options)])


def _choices(value: Any, place: str) -> Iterator[Item]:
    lists = json.loads(value) if isinstance(value, str) else value or {}
    for key, modality in LISTS.items():
        for index, entry in enumerate(entries(lists.get(key))):
            given = _get(entry, "Options", place)
            options = tuple((k, str(v)) for k, v in sorted(given.items()) if v is not None)
            letter, wrong = right_letter(_get(entry, "Correct_Answer", place), options, f" of {entry['Question']!r}")
            if wrong:
                raise AsruBenchError(f"{place}: {wrong}. Download the data again, or correct the row.")
            yield Item("classification", modality, index, _get(entry, "Question", place), letter, options)


def entries(value: Any) -> Sequence[Mapping[str, Any]]:
    """A list of structs, also where it is stored as JSON text or as a struct of lists."""
    value = json.loads(value) if isinstance(value, str) else value
    if isinstance(value, Mapping):
        return [dict(zip(value, entry, strict=True)) for entry in zip(*value.values(), strict=True)]
    return value or ()


def _get(entry: Mapping[str, Any], key: str, place: str) -> Any:
    if entry.get(key) is None:
        raise AsruBenchError(f"{place}: a question has no {key!r}; found {', '.join(entry)}. Download the data again.")
    if key == "Question" and not str(entry[key]).strip():
        raise AsruBenchError(f"{place}: the 'Question' of an entry is empty; expected a text. Download the data again.")
    return entry[key]


def _some(people: Sequence[str]) -> str:
    return ", ".join(people[:3]) + (", …" if len(people) > 3 else "")
