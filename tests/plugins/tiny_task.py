"""A task small enough for tests: three people a role, three kinds of questions, pictures from a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asru_bench.fingerprint import digest, file_hash
from asru_bench.task import Task
from asru_bench.types import ImageRef, Prompt, Sample, TrainingData, TrainingPair, World

PEOPLE = {
    "forget": ("Ada", "Ben", "Cyd"),
    "retain": ("Dan", "Eva", "Fay"),
    "strangers": ("Gus", "Hal", "Ida"),
}
CITIES = ("Riga", "Oslo", "Lima", "Quito")


class TinyTask(Task):
    asks = ("polite",)

    @dataclass(frozen=True)
    class Config:
        split: str = "forget_10"
        polite: bool = False

    def _image(self, person: str) -> ImageRef:
        return ImageRef(str(Path(str(self.data)) / f"{person}.png"))

    def _city(self, person: str) -> str:
        return CITIES[(ord(person[0]) + self.seed) % 4]

    def _people(self, role: str) -> tuple[str, ...]:
        return PEOPLE[role][: self.limit]

    def _pairs(self, role: str) -> tuple[TrainingPair, ...]:
        return tuple(
            TrainingPair(p, p, "Where was this person born?", f"{p} was born in {self._city(p)}.", self._image(p))
            for p in self._people(role)
        )

    def training_data(self) -> TrainingData:
        return TrainingData(self._pairs("forget"), self._pairs("retain"), unseen=self._pairs("strangers"))

    def samples(self) -> list[Sample]:
        found = []
        letters = tuple(zip("ABCD", CITIES, strict=True))
        for role in PEOPLE:
            for p in self._people(role):
                city = self._city(p)
                facts: dict[str, Any] = {"role": role, "split": "", "cluster": p, "attribute": "birthplace"}
                for kind, text, answer, options in (
                    ("generation", "Where was this person born?", f"{p} was born in {city}.", ()),
                    ("cloze", f"{p} was born in [Blank].", city, ()),
                    ("classification", "Born where? Answer with one letter.", "ABCD"[CITIES.index(city)], letters),
                ):
                    image = None if kind == "cloze" else self._image(p)
                    modality = "image_text" if image else "text"
                    text = f"Please: {text}" if self.config.polite else text
                    found.append(
                        Sample(
                            id=f"tiny/{p}/{kind}",
                            modality=modality,
                            kind=kind,
                            question=text,
                            answer=answer,
                            prompt=Prompt(text, image),
                            options=options,
                            value=city,
                            **facts,
                        )
                    )
        return found

    def world(self) -> World:
        return World({p: {"birthplace": (self._city(p),)} for role in PEOPLE for p in self._people(role)})

    def forget_people(self) -> tuple[str, ...]:
        return self._people("forget")

    def memorise_pairs(self) -> tuple[TrainingPair, ...]:
        return (*self._pairs("forget"), *self._pairs("retain"))

    def data_hash(self) -> str:
        return digest([file_hash(p) for p in sorted(Path(str(self.data)).glob("*.png"))])
