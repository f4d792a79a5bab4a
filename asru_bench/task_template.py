"""Say here in one line what this task asks; `asru-bench ls tasks` shows it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from asru_bench.cohorts import pick
from asru_bench.fingerprint import digest, file_hash
from asru_bench.task import Task, choice_text, cloze_text, first_people, generation_text
from asru_bench.types import ImageRef, Prompt, Sample, TrainingData, TrainingPair, World
from asru_bench.variants import setting

#: Person -> facts. Read your own here, through `asru_bench.data` (Parquet, the hub) or as you like.
PEOPLE = {
    "Ada Berg": {"birthplace": "Riga", "occupation": "nurse"},
    "Ben Falk": {"birthplace": "Oslo", "occupation": "pilot"},
    "Cyd York": {"birthplace": "Lima", "occupation": "baker"},
    "Dan Ruiz": {"birthplace": "Porto", "occupation": "lawyer"},
    "Eva Lind": {"birthplace": "Turin", "occupation": "tailor"},
    "Fay Moro": {"birthplace": "Quito", "occupation": "farmer"},
}
QUESTIONS = {"birthplace": "Where was {who} born?", "occupation": "What is the job of {who}?"}
GAPS = {"birthplace": "{who} was born in __.", "occupation": "{who} works as a __."}


@dataclass(frozen=True)
class Config:
    """Settings of `-t key=value`: a default, what it means, and its bounds."""

    forget: int = setting(2, "how many people to forget", 1, 4)
    unseen: int = setting(1, "how many kept people no unlearning stage reads", 0, 3)


class TaskTemplate(Task):
    paper = ""  # literals: `ls` reads them without importing the file
    year = 2026
    hub = ""  # OWNER/NAME of the data set on the hub, if it has one
    licence = "none declared"
    reference = "retain_oracle"  # never_knew: no model without the forget people can be made
    Config = Config

    def _cohorts(self) -> dict[str, tuple[str, ...]]:
        """Role -> people. All randomness comes from the seed; a larger draw holds a smaller one."""
        forget = pick(PEOPLE, self.config.forget, self.seed, "forget")
        kept = [person for person in PEOPLE if person not in forget]
        unseen = pick(kept, self.config.unseen, self.seed, "unseen")
        return {"forget": forget, "retain": tuple(p for p in kept if p not in unseen), "retain_unseen": unseen}

    def _image(self, person: str) -> ImageRef | None:
        """DIR/NAME.png of --data DIR, where it is there; pictures are opened only when a model is asked."""
        file = Path(self.data) / f"{person}.png" if self.data else None
        return ImageRef(str(file)) if file and file.is_file() else None

    def forget_people(self) -> tuple[str, ...]:
        return tuple(sorted(self._cohorts()["forget"]))

    def world(self) -> World:
        """Judges look for these values: (value, alias, alias, …) of each attribute."""
        return World({p: {"name": (p,), **{a: (v,) for a, v in facts.items()}} for p, facts in PEOPLE.items()})

    def samples(self) -> list[Sample]:
        """What is asked. `cluster` is the person; every interval is taken by it."""
        made = [
            self._sample(role, person, attribute, kind)
            for role, people in self._cohorts().items()
            for person in people
            for attribute in PEOPLE[person]
            for kind in ("generation", "cloze", "classification")
        ]
        return first_people(made, self.limit)

    def _sample(self, role: str, person: str, attribute: str, kind: str) -> Sample:
        image = self._image(person)
        who, value = "this person" if image else person, PEOPLE[person][attribute]
        question = (GAPS if kind == "cloze" else QUESTIONS)[attribute].format(who=who)
        others = [facts[attribute] for facts in PEOPLE.values() if facts[attribute] != value]
        drawn = sorted([value, *pick(others, 3, 0, f"options {person} {attribute}")])
        options = tuple(zip("ABCD", drawn, strict=True)) if kind == "classification" else ()
        answer = {v: letter for letter, v in options}.get(value, value)
        text = {"generation": generation_text, "cloze": cloze_text}.get(kind)
        shown = text(question) if text else choice_text(question, options)
        modality = "image_text" if image else "text"
        return Sample(
            id=f"{self.name}/{role}/{person}/{kind}/{modality}/{attribute}",
            role=role, split=f"forget_{self.config.forget}", cluster=person, modality=modality, kind=kind,
            question=question, answer=answer, prompt=Prompt(shown, image), options=options, attribute=attribute,
            value=value,
        )  # fmt: skip

    def _pairs(self, people: tuple[str, ...]) -> tuple[TrainingPair, ...]:
        """What a model is trained on: other words than the questions, so that knowledge is measured."""
        return tuple(
            TrainingPair(f"{self.name}/train/{p}/{a}", p, f"Tell me the {a} of {p}.", f"It is {v}.", None, a, v)
            for p in people
            for a, v in PEOPLE[p].items()
        )

    def memorise_pairs(self) -> tuple[TrainingPair, ...]:
        return self._pairs(tuple(PEOPLE))

    def training_data(self) -> TrainingData:
        """What unlearning may read; withheld people go to `unseen`, which only the retain oracle sees."""
        who = self._cohorts()
        return TrainingData(
            self._pairs(who["forget"]), self._pairs(who["retain"]), (), self._pairs(who["retain_unseen"])
        )

    def data_hash(self) -> str:
        """Content, not names: another picture or fact is another data set."""
        images = {p: file_hash(Path(i.path)) for p in PEOPLE if (i := self._image(p))}
        return digest([PEOPLE, images])
