"""MLLMU-Bench: private profiles of 500 invented people to forget or keep, and 153 celebrities to keep.

`variant=corrected` is the default and the only one that is ranked: no answer about an evaluated person stands in
a prompt, all test images count, a fifth of the kept people is withheld from unlearning. `variant=paper` follows
the released scripts: demonstrations are the questions of random people of the *evaluated* list (one for choices,
two for cloze), whose own questions are then not asked, and one random test image. It differs by a seed, by the
model's own chat template and by the wording of the instructions. Answers are read by the judges in both; the
scripts take the first character as the letter, and a substring as a right cloze.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from asru_bench import faces, mllmu_check, rows
from asru_bench.cohorts import BY_SEED, PUBLISHED, UNIVERSE_FILE, pick
from asru_bench.data import open_dataset
from asru_bench.findings import Finding
from asru_bench.fingerprint import digest
from asru_bench.roster import FULL, TRAINING, Roster, training_pairs
from asru_bench.rows import Item, Row
from asru_bench.task import Task, check_choice, first_people, generation_text
from asru_bench.types import (
    KEEP_ROLES,
    AsruBenchError,
    ImageRef,
    Prompt,
    Sample,
    TrainingData,
    TrainingPair,
    Turn,
    World,
)
from asru_bench.variants import setting

#: People whose questions are demonstrations in the released scripts (for LLaVA).
PAPER_SHOTS = {"classification": 1, "cloze": 2}


@dataclass(frozen=True)
class Config:
    split: str = setting("forget_10", "forget_5, forget_10 or forget_15: percent of the people to forget")
    variant: str = setting("corrected", "corrected, or paper: the released protocol, never ranked")
    shots: int = setting(0, "demonstrations before a question, from kept people who are not evaluated", 0, 8)
    unseen: float | None = setting(None, "share of the kept people withheld from unlearning (0.2; paper: 0)", 0.0, 0.9)
    draw: str = setting("", "who is forgotten: published, seed (drawn by the run's seed) or a number")
    retain_people: int | None = setting(None, "how many kept people that unlearning reads are evaluated", 1)
    unseen_people: int | None = setting(None, "how many withheld people are evaluated", 1)
    real_people: int | None = setting(None, "how many celebrities are evaluated", 1)
    test_images: str = setting("", "all, or one (random) image of each person in Test_Set (all; paper: one)")
    train: str = setting("image", "pairs for training: image, or both (also by name and without image)")
    strangers: str = setting("", "folder with pictures of people that no model knows")
    revision: str = setting("main", "branch, tag or commit on the hub; the record holds the commit")

    def __post_init__(self) -> None:
        paper = self.variant == "paper"
        object.__setattr__(self, "unseen", (0.0 if paper else 0.2) if self.unseen is None else self.unseen)
        object.__setattr__(self, "test_images", self.test_images or ("one" if paper else "all"))
        check_choice("split", self.split, ("forget_5", "forget_10", "forget_15"))
        check_choice("variant", self.variant, ("corrected", "paper"))
        check_choice("test_images", self.test_images, ("all", "one"))
        check_choice("train", self.train, ("image", "both"))
        if not self.draw.isdecimal():
            check_choice("draw", self.draw, (PUBLISHED, BY_SEED, ""))
        if paper and self.shots:
            raise AsruBenchError("variant=paper has its own demonstrations; leave out -t shots, or use corrected.")


class MLLMUBench(Task):
    paper = "arXiv:2410.22108"
    year = 2024
    hub = "MLLMMU/MLLMU-Bench"
    licence = "none declared"
    reference = "retain_oracle"
    asks = ("shots", "retain_people", "unseen_people", "real_people", "test_images")
    Config = Config

    @cached_property
    def roster(self) -> Roster:
        return Roster(open_dataset(self.data, self.config.revision), self.config, self.seed)

    def forget_people(self) -> tuple[str, ...]:
        return self.roster.cohorts.forget

    def world(self) -> World:
        return World(self.roster.facts, self.roster.universe.visible)

    def samples(self) -> list[Sample]:
        return list(self._samples)

    @cached_property
    def _samples(self) -> list[Sample]:
        self.roster.check()
        asked = [sample for role in self.roster.configs for sample in self._of_role(role)]
        strangers = [self._stranger(face) for face in self._faces if not face.train]
        return first_people([*asked, *strangers], self.limit)

    def _of_role(self, role: str) -> Iterator[Sample]:
        for row in self.roster.of_role(role):
            for item in row.items:
                teachers = self._teachers(role, item)
                if row.person not in teachers:
                    turns = self._turns(teachers, item)
                    for ending, image in self._images(role, row, item):
                        prompt = Prompt(rows.shown(item, self.config.variant == "paper"), image, turns=turns)
                        yield self._sample(role, row.person, item, prompt, ending)

    def _sample(self, role: str, person: str, item: Item, prompt: Prompt, ending: str) -> Sample:
        config = self.roster.configs[role]
        attribute, value = self.roster.fact(person, item.question, item.truth)
        ties = self.roster.ties(person, attribute, value) if role in KEEP_ROLES else ()
        return Sample(
            id=f"mllmu_bench/{config}/{person}/{item.kind}/{item.modality}/{item.index}{ending}",
            role=role, split=config, cluster=person, modality=item.modality, kind=item.kind,
            question=item.question, answer=item.answer, options=item.options, attribute=attribute, value=value,
            prompt=prompt, tags=(*ties, *(("paper",) if self.config.variant == "paper" else ())),
        )  # fmt: skip

    def _images(self, role: str, row: Row, item: Item) -> list[tuple[str, ImageRef | None]]:
        """(ending of the sample's id, image) of each time that a question is asked."""
        if item.modality == "text":
            return [("", None)]
        if role != "test":
            return [("", row.pictures[0])]
        endings = [f".{i}" for i in range(len(row.pictures))]
        count = 1 if self.config.test_images == "one" else None
        drawn = pick(endings, count, self.roster.number, f"image {row.person}")
        return [(e, picture) for e, picture in zip(endings, row.pictures, strict=True) if e in drawn]

    def judge_settings(self) -> dict[str, dict[str, Any]]:
        return {"rouge": {"words": "rouge"}} if self.config.variant == "paper" else {}

    def _teachers(self, role: str, item: Item) -> tuple[str, ...]:
        """Whose questions are demonstrated; in the released protocol some of those who are evaluated."""
        shown = self.roster.shown
        if self.config.variant != "paper":
            return shown["demonstrations"]
        if item.kind == "generation" or (item.kind == "classification" and role == "real"):
            return ()
        return pick(shown[role], PAPER_SHOTS[item.kind], self.roster.number, f"{role} {item.kind}")

    def _turns(self, teachers: tuple[str, ...], item: Item) -> tuple[Turn, ...]:
        """Corrected: the first question of each teacher; as released: all questions of those in Full_Set."""
        paper, full = self.config.variant == "paper", self.roster.rows(FULL)
        taught = [(full[t], full[t].asked(item.kind, item.modality)) for t in teachers if t in full]
        return tuple(
            rows.demonstration(example, row.pictures[0], paper)
            for row, examples in taught
            for example in (examples if paper else examples[:1])
        )

    @cached_property
    def _faces(self) -> list[faces.Face]:
        if self.config.strangers:
            return faces.from_folder(self.config.strangers)
        table = self.roster.universe.strangers
        return faces.from_table(self.roster.tables, table) if table else []

    def _stranger(self, face: faces.Face) -> Sample:
        prompt = Prompt(generation_text(face.question), face.image)
        return Sample(
            id=f"mllmu_bench/strangers/{face.person}/generation/image_text/{face.index}",
            role="strangers", split="strangers", cluster=face.person, modality="image_text", kind="generation",
            question=face.question, answer="", prompt=prompt, attribute=face.attribute,
        )  # fmt: skip

    @cached_property
    def _pairs(self) -> tuple[TrainingPair, ...]:
        return tuple(training_pairs(self.roster, by_name_too=self.config.train == "both"))

    def memorise_pairs(self) -> tuple[TrainingPair, ...]:
        """The pairs of all people: with images, and by name too where `train` says so."""
        return self._pairs

    def training_data(self) -> TrainingData:
        def of(people: tuple[str, ...]) -> tuple[TrainingPair, ...]:
            return tuple(pair for pair in self._pairs if pair.cluster in people)

        def lent(face: faces.Face) -> TrainingPair:
            name = f"mllmu_bench/strangers/{face.person}/generation/image_text/{face.index}"
            return TrainingPair(name, face.person, face.question, "", face.image, face.attribute)

        who = self.roster.cohorts
        unknown = tuple(lent(face) for face in self._faces if face.train)
        return TrainingData(of(who.forget), of(who.retain), unknown, of(who.unseen))

    def data_hash(self) -> str:
        roster, folder = self.roster, self.config.strangers
        configs = {FULL, TRAINING, *roster.configs.values(), roster.universe.strangers} - {""}
        tables = roster.tables.content_hash(configs, (UNIVERSE_FILE,))
        return digest([tables, faces.folder_hash(folder) if folder else ""])

    def check_data(self) -> Iterator[Finding]:
        return mllmu_check.findings(self.roster.tables, self.roster.percent, self.roster.universe.strangers)

    def provenance(self) -> dict[str, str]:
        return self.roster.tables.provenance(self.data)
