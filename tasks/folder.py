"""Your own people: a CSV or JSON Lines file with a question a row, pictures beside it, and a list of whom to forget.

`--data DIR` holds the file (columns question, answer, person; optional image, kind, options, attribute, value,
modality, role), `-t forget_people=FILE` one name a line. Rows without a role are trained on and asked as they are;
role `test` is only asked: of forgotten people on pictures or in words that nobody trained on. Of the people who are
kept a fifth, drawn by the seed, is withheld from unlearning (`-t unseen=0.2`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from asru_bench import own_rows
from asru_bench.cohorts import Cohorts, pick
from asru_bench.data import combined_hash
from asru_bench.findings import Finding
from asru_bench.own_rows import Entry
from asru_bench.record import pseudonym
from asru_bench.reference import shared_words
from asru_bench.task import Task, choice_text, cloze_text, first_people, generation_text
from asru_bench.types import ROLES, AsruBenchError, Prompt, Sample, TrainingData, TrainingPair, World
from asru_bench.variants import setting

PSEUDONYMS = re.compile(r"p[0-9a-f]{12}(,p[0-9a-f]{12})*")
#: Pseudonym -> name, of the files that this process has read: for messages.
NAMES: dict[str, str] = {}


def read_names(file: str) -> str:
    """The names of a file as pseudonyms, so that no record holds a name or a path; pseudonyms stay."""
    if not file or PSEUDONYMS.fullmatch(file):
        return file
    try:
        lines = Path(file).expanduser().read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AsruBenchError(
            f"cannot read {file} ({error}); -t forget_people expects a text file with one name a line."
        ) from error
    names = sorted({name for line in lines if (name := line.partition("#")[0].strip())})
    if not names:
        raise AsruBenchError(f"{file} names nobody; -t forget_people expects one name a line.")
    NAMES.update({pseudonym(name): name for name in names})
    return ",".join(pseudonym(name) for name in names)


@dataclass(frozen=True)
class Config:
    forget_people: str = setting("", "file with the names of the people to forget, one a line")
    file: str = setting("", "the CSV or JSON Lines file in --data, where there are several")
    unseen: float = setting(0.2, "share of the kept people withheld from unlearning", 0.0, 0.9)

    def __post_init__(self) -> None:
        object.__setattr__(self, "forget_people", read_names(self.forget_people))


class Folder(Task):
    licence = "yours"
    reference = "retain_oracle"
    Config = Config

    @cached_property
    def table(self) -> Path:
        if not self.data:
            raise AsruBenchError("the task 'folder' reads your own data: give their folder with --data DIR.")
        folder = Path(self.data).expanduser()
        if not folder.is_dir():
            raise AsruBenchError(f"--data {self.data} is no folder; expected one with a CSV or JSON Lines file.")
        return own_rows.find_table(folder, self.config.file)

    @cached_property
    def entries(self) -> list[Entry]:
        found, faults = own_rows.read(self.table)
        errors = [fault for fault in faults if fault.level == "error"]
        if errors:
            more = f" ({len(errors)} errors in all)" if len(errors) > 1 else ""
            raise AsruBenchError(
                f"{errors[0].sentence}{more}. asru-bench data check folder --data {self.data} lists all."
            )
        return found

    @cached_property
    def cohorts(self) -> Cohorts:
        """Withheld people are drawn by the run's seed; nobody is forgotten where no file is given."""
        wanted = set(filter(None, self.config.forget_people.split(",")))
        own = {e.person for e in self.entries if e.role not in ("real", "general")}
        missing = sorted(NAMES.get(p, p) for p in wanted - {pseudonym(p) for p in own})
        if missing:
            raise AsruBenchError(
                f"{len(missing)} of the {len(wanted)} people to forget have no row in {self.table}, among them "
                f"{missing[0]!r}; it is about {', '.join(sorted(own)[:3])}, … Write the names as in the column person."
            )
        gone = {p for p in own if pseudonym(p) in wanted}
        if both := gone & {e.person for e in self.entries if e.role == "real"}:
            raise AsruBenchError(
                f"{sorted(both)[0]!r} is to be forgotten and has rows of role real; change one of them."
            )
        if untaught := gone - {e.person for e in self.entries if self._trains(e)}:
            raise AsruBenchError(
                f"{sorted(untaught)[0]!r} is to be forgotten and has only choices or rows of role test, from which "
                "nothing can be unlearned; add rows with an answer and no role or role train."
            )
        if gone and gone == {e.person for e in self.entries if e.role not in ("general",)}:
            raise AsruBenchError(
                "everybody is to be forgotten, so that nothing shows what is kept; add rows about people to keep."
            )
        unseen = pick(own - gone, round(self.config.unseen * len(own - gone)), self.seed, "unseen")
        return Cohorts(tuple(sorted(gone)), tuple(sorted(own - gone - {*unseen})), unseen, {})

    def forget_people(self) -> tuple[str, ...]:
        if not self.cohorts.forget:
            raise AsruBenchError("nobody is to be forgotten; name the people: -t forget_people=FILE (one name a line).")
        return self.cohorts.forget

    def world(self) -> World:
        """What rows with an attribute and a value say; several values of one attribute are ways to say it."""
        facts: dict[str, dict[str, tuple[str, ...]]] = {}
        sentences: dict[str, list[str]] = {}
        for e in self.entries:
            if e.role == "general":
                continue
            own = facts.setdefault(e.person, {"name": (e.person,)})
            if e.attribute and e.value:
                own[e.attribute] = tuple(dict.fromkeys((*own.get(e.attribute, ()), e.value)))
            else:
                sentences.setdefault(e.person, []).append(e.answer)
        return World(facts, shared=shared_words(sentences))

    def samples(self) -> list[Sample]:
        made = [self._sample(e) for e in self.entries if e.role != "train"]
        return first_people(sorted(made, key=lambda s: ROLES.index(s.role)), self.limit)

    def _sample(self, e: Entry) -> Sample:
        role = self._role(e)
        shown = {"cloze": cloze_text, "generation": generation_text}.get(e.kind)
        text = shown(e.question) if shown else choice_text(e.question, e.options)
        known = self.world_facts.get(e.person, {}).get(e.attribute, ())
        return Sample(
            id=f"folder/{role}/{e.person}/{e.kind}/{e.modality}/{e.number}", role=role, split="folder",
            cluster=e.person, modality=e.modality, kind=e.kind, question=e.question, answer=e.answer,
            prompt=Prompt(text, e.image), options=e.options, attribute=e.attribute,
            value=e.value or (known[0] if known else ""), tags=("trained",) if self._trains(e) else (),
        )  # fmt: skip

    @cached_property
    def world_facts(self) -> dict[str, dict[str, tuple[str, ...]]]:
        return {person: dict(facts) for person, facts in self.world().facts.items()}

    def _role(self, e: Entry) -> str:
        if e.role in ("real", "general"):
            return e.role
        if e.person in self.cohorts.forget:
            return "test" if e.role == "test" else "forget"
        return "retain_unseen" if e.person in self.cohorts.unseen else "retain"

    def _trains(self, e: Entry) -> bool:
        """Choices teach letters, not facts: they are only asked."""
        return e.role in ("", "train") and e.kind != "classification"

    def _pairs(self, people: Iterable[str]) -> tuple[TrainingPair, ...]:
        wanted = set(people)
        return tuple(
            TrainingPair(
                f"folder/train/{e.person}/{e.kind}/{e.modality}/{e.number}", e.person,
                cloze_text(e.question) if e.kind == "cloze" else e.question, e.answer, e.image, e.attribute, e.value,
                self.world_facts[e.person].get(e.attribute, ())[1:], e.kind,
            )
            for e in self.entries
            if e.person in wanted and self._trains(e)
        )  # fmt: skip

    def memorise_pairs(self) -> tuple[TrainingPair, ...]:
        return self._pairs({e.person for e in self.entries if e.role not in ("real", "general")})

    def training_data(self) -> TrainingData:
        who = self.cohorts
        return TrainingData(self._pairs(self.forget_people()), self._pairs(who.retain), (), self._pairs(who.unseen))

    def check_data(self) -> list[Finding]:
        try:
            return own_rows.read(self.table)[1]
        except AsruBenchError as error:
            return [Finding("error", "readable", str(self.data or "--data"), "", "", str(error))]

    def data_hash(self) -> str:
        """The questions and every picture that they name."""
        files = {e.image.path: Path(e.image.path) for e in self.entries if e.image}
        named = {str(Path(path).relative_to(self.table.parent)): file for path, file in files.items()}
        return combined_hash({"table": self.table, **named})
