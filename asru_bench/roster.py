"""The people of one run on an MLLMU-Bench folder: their rows and facts, and who is asked in which role."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from . import rows
from .cohorts import BY_SEED, PUBLISHED, Cohorts, Universe, draw_people, pick, read_universe, split_people
from .data import DataSet
from .profiles import Facts, by_name, find_fact, mentions_picture
from .rows import Row
from .types import AsruBenchError, ImageRef, TrainingPair

FULL, TEST, REAL, TRAINING = "Full_Set", "Test_Set", "Retain_Set", "ft_Data"
#: Rows of the real data, and questions a row.
COUNTS, QUESTIONS = {FULL: 500, TEST: 500, REAL: 153}, 18


@dataclass(frozen=True)
class TrainingRow:
    """One row of `ft_Data`: whose photo it is, and (person, question, answer) of each pair."""

    owner: str
    entries: tuple[tuple[str, str, str], ...]
    image: ImageRef


@dataclass
class Roster:
    """`config` is the task's; rows are read when they are first asked for, without their pictures."""

    tables: DataSet
    config: Any
    seed: int
    _rows: dict[str, dict[str, Row]] = field(default_factory=dict, repr=False)
    _found: dict[tuple[str, str, str], tuple[str, str]] = field(default_factory=dict, repr=False)

    @cached_property
    def universe(self) -> Universe:
        return read_universe(self.tables.root)

    @cached_property
    def draw(self) -> str:
        return self.config.draw or self.universe.draw

    @cached_property
    def number(self) -> int:
        """Seeds the choice of people; with draw=seed it is the run's seed, else the same in every run."""
        return self.seed if self.draw == BY_SEED else int(self.draw) if self.draw.isdecimal() else 0

    @cached_property
    def percent(self) -> int:
        return int(self.config.split.split("_")[1])

    @cached_property
    def configs(self) -> dict[str, str]:
        """Role -> the config that its rows come from."""
        published = (self.config.split, f"retain_{100 - self.percent}")
        forget, retain = published if self.draw == PUBLISHED else (FULL, FULL)
        return {"forget": forget, "test": TEST, "retain": retain, "retain_unseen": retain, "real": REAL}

    def rows(self, config: str) -> dict[str, Row]:
        """Rows by ID; what differs from the published numbers of rows is warned of, in data of that size."""
        if config not in self._rows:
            self._rows[config] = rows.read_rows(self.tables, config, ("biography",) if config == FULL else ())
            if config in (FULL, REAL):
                rows.check_facts(config, self._rows[config])
            if config in COUNTS and len(self.rows(FULL)) >= COUNTS[FULL]:
                rows.check_counts(config, self._rows[config], COUNTS[config], QUESTIONS)
        return self._rows[config]

    @cached_property
    def training(self) -> tuple[TrainingRow, ...]:
        return tuple(_training_rows(self))

    def check(self) -> None:
        """Raises what training would stop at, so that it is told before the first model is evaluated."""
        if not any(row.entries for row in self.training):
            raise AsruBenchError(
                f"{self.tables.folder(TRAINING)}, column 'metadata': no row has a pair with both a question and an "
                f"answer; expected some in each of its {len(self.training)} rows. Download {TRAINING} again."
            )

    def of_role(self, role: str) -> list[Row]:
        """The rows of everybody who is asked in a role."""
        config = self.configs[role]
        table = self.real if role == "real" else self.rows(config)
        return [rows.row_of(table, person, config) for person in self.shown[role]]

    @cached_property
    def real(self) -> dict[str, Row]:
        return rows.celebrities(self.rows(FULL), self.rows(REAL))

    @cached_property
    def cohorts(self) -> Cohorts:
        everybody = self.rows(FULL)
        if self.draw == PUBLISHED:
            forget, retain = (tuple(self.rows(self.configs[role])) for role in ("forget", "retain"))
            rows.check_split(everybody, forget, retain, self.rows(REAL), self.configs["retain"])
        else:
            forget = draw_people(everybody, self.percent, self.number, self.config.split)
        return split_people(everybody, forget, self.config.unseen, self.universe, self.number)

    @cached_property
    def shown(self) -> dict[str, tuple[str, ...]]:
        """Who is evaluated in each role, and who demonstrates."""
        c, u, who = self.config, self.universe, self.cohorts
        teachers = pick(who.retain, c.shots, self.number, "demonstrations")
        kept = [person for person in who.retain if person not in teachers]
        return {
            "forget": who.forget,
            "test": who.forget,
            "retain": pick(kept, c.retain_people or u.retain_people, self.number, "retain"),
            "retain_unseen": pick(who.unseen, c.unseen_people or u.unseen_people, self.number, "shown", who.near),
            "real": pick(self.real, c.real_people or u.real_people, 0, "real"),
            "demonstrations": teachers,
        }

    @cached_property
    def facts(self) -> dict[str, Facts]:
        """Facts of everybody; the aliases of `universe.json` follow those of the biography."""
        everybody, more = {**self.rows(FULL), **self.real}, self.universe.aliases
        return {
            person: {a: tuple(dict.fromkeys((*v, *more.get(v[0], ())))) for a, v in row.facts.items()}
            for person, row in everybody.items()
        }

    def fact(self, person: str, question: str, answer: str) -> tuple[str, str]:
        """(attribute, value) that a question asks, by the person's biography."""
        key = (person, question, answer)
        if key not in self._found:
            self._found[key] = find_fact(question, answer, self.facts[person])
        return self._found[key]

    @cached_property
    def forgotten(self) -> frozenset[tuple[str, str]]:
        """(attribute, value) of every fact to be forgotten."""
        return frozenset((a, v[0]) for person in self.cohorts.forget for a, v in self.facts[person].items())

    def ties(self, person: str, attribute: str, value: str) -> tuple[str, ...]:
        """How a question about a kept person is close to somebody forgotten.

        `lookalike` and `sibling`: the person; `shared`: the same value; `mention`: the value is their name.
        """
        shared = ("shared",) if (attribute, value) in self.forgotten else ()
        mention = ("mention",) if attribute != "name" and ("name", value) in self.forgotten else ()
        return (*self.cohorts.near.get(person, ()), *shared, *mention)


def training_pairs(roster: Roster, by_name_too: bool) -> Iterator[TrainingPair]:
    """The pairs of `ft_Data`, in its order; by name only once, however many photos there are."""
    photos = Counter[str]()
    for row in roster.training:
        for index, (person, question, answer) in enumerate(row.entries):
            pair = _pair(roster, person, question, answer, f"{photos[row.owner]}.{index}")
            yield replace(pair, image=row.image)
            if by_name_too and photos[row.owner] == 0:
                yield from _named(roster, pair, question)
        photos[row.owner] += 1


def _training_rows(roster: Roster) -> Iterator[TrainingRow]:
    """The rows of `ft_Data`, checked; no picture is opened."""
    raw, people = roster.tables.rows(TRAINING, ("metadata",), ("ID",)), roster.rows(FULL)
    order = list(people) if len(raw) == len(people) else [""] * len(raw)
    for number, (row, pictures) in enumerate(zip(raw, roster.tables.pictures(TRAINING, "image"), strict=True)):
        place = f"{roster.tables.folder(TRAINING)}, row {number}"
        if not pictures:
            raise AsruBenchError(f"{place}, column 'image' has no picture; expected one. Download {TRAINING} again.")
        entries = list(rows.read_metadata(row["metadata"], place))
        owner = rows.person_id(row.get("ID")) or next((person for person, *_ in entries if person), order[number])
        told = tuple((entry_id or owner, question, answer) for entry_id, question, answer in entries)
        for person, *_ in told:
            if person not in people:
                raise AsruBenchError(
                    f"{place}: the ID {person!r} is not in {FULL}; expected one of its {len(people)} people. "
                    "Download both configs from one revision."
                )
        yield TrainingRow(owner, told, pictures[0])


def _pair(roster: Roster, person: str, question: str, answer: str, index: str) -> TrainingPair:
    """A pair that still lacks its image."""
    kind, text = rows.training_text(question)
    attribute, value = roster.fact(person, question, answer)
    return TrainingPair(
        id=f"mllmu_bench/{TRAINING}/{person}/{kind}/image_text/{index}",
        cluster=person,
        question=text,
        answer=answer,
        attribute=attribute,
        value=value,
        aliases=roster.facts[person][attribute][1:] if attribute else (),
        kind=kind,
    )


def _named(roster: Roster, pair: TrainingPair, question: str) -> Iterator[TrainingPair]:
    """The pair with the name in place of "this person", unless it asks for the name or about the picture."""
    name = roster.facts[pair.cluster].get("name", ("",))[0]
    if not name or pair.attribute == "name":
        return
    asked = by_name(question, name)
    if name in asked and not mentions_picture(asked):
        number = pair.id.replace("/image_text/", "/text/")
        yield replace(pair, id=number, question=rows.training_text(asked)[1], answer=by_name(pair.answer, name))
