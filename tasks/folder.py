"""Your own people: a CSV or JSON Lines file with a question a row, pictures beside it, and a list of whom to forget.

`--data DIR` holds the file (columns question, answer, person; optional image, kind, options, attribute, value,
modality, role), `-t forget_people=FILE` one name a line. Rows without a role are trained on and asked as they are;
role `test` is only asked: of forgotten people on pictures or in words that nobody trained on. Of the people who are
kept a fifth, drawn by the seed, is withheld from unlearning (`-t unseen=0.2`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from asru_bench import contradictions, own_rows, shown, twins
from asru_bench.cohorts import Cohorts, pick
from asru_bench.data import combined_hash
from asru_bench.findings import ERROR, WARNING, Finding
from asru_bench.own_rows import Entry
from asru_bench.pseudonyms import key_id, pseudonym
from asru_bench.reference import shared_words
from asru_bench.task import Task, check_choice, choice_text, cloze_text, first_people, generation_text
from asru_bench.types import ROLES, AsruBenchError, Prompt, Sample, TrainingData, TrainingPair, World
from asru_bench.variants import setting

PSEUDONYMS = re.compile(r"p[0-9a-f]{12}(,p[0-9a-f]{12})*")
#: Pseudonym -> name, of the files that this process has read: for messages.
NAMES: dict[str, str] = {}


def read_names(file: str) -> list[str]:
    """The names of a file, sorted; pseudonyms, as a spec holds them, stay as they are."""
    if not file or PSEUDONYMS.fullmatch(file):
        return file.split(",") if file else []
    try:
        lines = Path(file).expanduser().read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AsruBenchError(
            f"cannot read {file} ({error}); -t forget_people expects a text file with one name a line."
        ) from error
    if odd := own_rows.control_character("\n".join(lines)):
        raise AsruBenchError(f"{file} holds the control character {odd}; save it as plain UTF-8 text, one name a line.")
    names = sorted({name for line in lines if (name := line.partition("#")[0].strip())})
    if not names:
        raise AsruBenchError(f"{file} names nobody; -t forget_people expects one name a line.")
    return names


@dataclass(frozen=True)
class Config:
    """No field holds a name or a path once it is made: names become pseudonyms, in their order."""

    forget_people: str = setting("", "file with the names of the people to forget, one a line")
    forget_keys: str = setting("", "filled in from forget_people: the same names whatever their spelling")
    forget_key: str = setting("", "filled in: names the key of this home that hides the names")
    same_name: str = setting("", "one name, spellings on both sides of the list: one (forget all) or apart")
    same_rows: str = setting("", "allow: pictures and sentences on both sides of the list do not stop a run")
    file: str = setting("", "the CSV or JSON Lines file in --data, where there are several")
    unseen: float = setting(0.2, "share of the kept people withheld from unlearning", 0.0, 0.9)

    def __post_init__(self) -> None:
        check_choice("same_name", self.same_name, ("", "one", "apart"))
        check_choice("same_rows", self.same_rows, ("", "allow"))
        names = read_names(self.forget_people)
        if not PSEUDONYMS.fullmatch(self.forget_people):
            shown.hide(names)
            NAMES.update({pseudonym(name): name for name in names})
            object.__setattr__(self, "forget_key", key_id() if names else "")
            object.__setattr__(self, "forget_people", ",".join(map(pseudonym, names)))
            object.__setattr__(self, "forget_keys", ",".join(pseudonym(twins.name_key(name)) for name in names))

    @property
    def listed(self) -> dict[str, str]:
        """Pseudonym of each name on the list -> that of the name whatever its spelling, "" where it is not known."""
        names = list(filter(None, self.forget_people.split(",")))
        keys = list(filter(None, self.forget_keys.split(",")))
        return dict(zip(names, keys if len(keys) == len(names) else [""] * len(names), strict=True))


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
    def read(self) -> tuple[list[Entry], list[Finding]]:
        """The rows as they are written, and every fault of every row."""
        entries, faults = own_rows.read(self.table)
        shown.hide(entry.person for entry in entries if entry.role != "general")
        return entries, faults

    @cached_property
    def names(self) -> twins.Names:
        """Who is who in the rows, by the list and the spelling of names."""
        own = [e.person for e in self.read[0] if e.role != "general"]
        return twins.names(own, self.config.listed, self.config.same_name)

    @cached_property
    def entries(self) -> list[Entry]:
        """The rows, each person under one spelling; raises the first error of a row."""
        self._stop([fault for fault in self.read[1] if fault.level == ERROR])
        return [replace(e, person=self.names.one.get(e.person, e.person)) for e in self.read[0]]

    def _stop(self, errors: list[Finding]) -> None:
        if errors:
            more = f" ({len(errors)} errors in all)" if len(errors) > 1 else ""
            raise AsruBenchError(
                f"{errors[0].sentence}{more}. asru-bench data check folder --data {self.data} lists all."
            )

    @cached_property
    def cohorts(self) -> Cohorts:
        """Withheld people are drawn by the run's seed; nobody is forgotten where no file is given."""
        own = {e.person for e in self.entries if e.role not in ("real", "general")}
        gone = {*self.names.gone}
        self._same_key()
        if missing := sorted(NAMES.get(p, p) for p in self.names.missing):
            like = twins.alike(missing[0], sorted(own))
            raise AsruBenchError(
                f"{len(missing)} of the {len(self.config.listed)} people to forget have no row in {self.table}, among "
                f"them {missing[0]!r}; {f'did you mean {like[0]!r}? It' if like else 'it'} is about "
                f"{', '.join(sorted(own)[:3])}, … Write the names as in the column person."
            )
        self._stop([*twins.split_faults(str(self.table), self.read[0], self.names)])
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

    def _same_key(self) -> None:
        """Raises `AsruBenchError` where the names to forget were hidden with another key than this home's."""
        if self.config.forget_people and self.config.forget_key != key_id():
            made = f"the key {self.config.forget_key}" if self.config.forget_key else "an earlier version"
            raise AsruBenchError(
                f"the names to forget were hidden by {made}, and the key of this home is {key_id()}: nobody can be "
                "found. Start the run again with -t forget_people=FILE, or bring the key: asru-bench key import FILE."
            )

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

    def place_of(self, name: str) -> tuple[str, int | str]:
        return str(self.table), int(name.rpartition("/")[2])

    def check_data(self) -> list[Finding]:
        """Faults of rows; one name in several spellings; what stands on both sides of the list."""
        try:
            rows, faults = self.read
        except AsruBenchError as error:
            return [Finding(ERROR, "readable", str(self.data or "--data"), "", "", str(error))]
        file, names = str(self.table), self.names
        for listed, person in names.respelt.items():
            words = f"{NAMES.get(listed, listed)!r} of the list is taken for {person!r}, in another spelling"
            faults = [*faults, Finding(WARNING, "spelling", file, "", "person", words)]
        sides: tuple[list[Entry], list[Entry]] = ([], [])
        for e in rows:
            sides[names.one.get(e.person) not in names.gone].append(e)
        level = WARNING if self.config.same_rows == "allow" else ERROR
        both = twins.row_faults(file, *sides, level) if sides[0] else ()
        spelt = (*twins.split_faults(file, rows, names), *twins.spelling_notes(file, rows, names))
        one = [replace(e, person=names.one.get(e.person, e.person)) for e in rows]
        spelt = (*spelt, *contradictions.faults(file, one), *self._list_faults(file))
        return [*faults, *spelt, *both]

    def _list_faults(self, file: str) -> list[Finding]:
        """People who are to be forgotten and stand among the public figures to keep."""
        known = {e.person: e for e in reversed(self.read[0]) if e.role == "real"}
        both = [
            known[spelling]
            for spelling, person in self.names.one.items()
            if person in self.names.gone and spelling in known
        ]
        words = "this person is to be forgotten and has a row of role real, which is kept"
        return [Finding(ERROR, "overlap", file, e.number, "role", words) for e in both]

    def data_hash(self) -> str:
        """The questions and every picture that they name."""
        files = {e.image.path: Path(e.image.path) for e in self.entries if e.image}
        named = {str(Path(path).relative_to(self.table.parent)): file for path, file in files.items()}
        return combined_hash({"table": self.table, **named})
