"""CLEAR: 200 invented authors with photos, captions and questions; some of them are to be forgotten.

Six published sets: 0 `real_faces`, 1 `real_world`, 2 and 3 captions and 4 and 5 names of forgotten and kept authors;
beside them `forget_text` and `retain_text`, TOFU's questions without a picture. Each has ROUGE-L recall, probability
and truth ratio (judges `rouge`, `probability`, `truth_ratio`), from 0 to 1; `utility` is the harmonic mean of all of
them over sets 0, 1, 3 and 5, `mean_real`, `mean_retain` and `mean_forget` that of two measures over two sets.
`forget_quality` compares log truth ratios of set 2 with the retain oracle's (asru_bench/truth.py).

`variant=corrected` is the default and the only one that is ranked: the picture is given throughout, each row keeps
one question, the truth ratio compares a row with its own wrong captions, every row counts. `variant=paper` follows
the released code: answers are generated without the picture, at most 300 rows a set, one mean over the wrong answers
of a whole set, Jensen-Shannon distance of raw ratios. It differs by a seed and by the model's own chat template, and
in both a true answer among the wrong ones is left out.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from asru_bench import authors, clear_check, truth
from asru_bench.authors import CAPTION_QUESTIONS, FACE_PROMPT, FACES, RETAIN_ASKED, WORLD, Photo, Scene, Text
from asru_bench.cohorts import Cohorts, pick
from asru_bench.data import DataSet, open_dataset
from asru_bench.findings import Finding
from asru_bench.reference import shared_words
from asru_bench.scores import FAILED, mean_score, within_one
from asru_bench.seeds import seed_for
from asru_bench.task import Task, check_choice, first_people
from asru_bench.types import (
    Decoding,
    ImageRef,
    Prompt,
    Request,
    Sample,
    Score,
    TrainingData,
    TrainingPair,
    Verdict,
    World,
)
from asru_bench.variants import setting

#: Set -> role of its samples.
SETS = {
    "real_faces": "real", "real_world": "general", "forget_captions": "forget", "retain_captions": "retain",
    "forget_names": "forget", "retain_names": "retain", "forget_text": "forget", "retain_text": "retain",
}  # fmt: skip
#: Judge -> the measure of it that CLEAR reports, "" for its value.
MEASURES = {"rouge": "rougeL_recall", "probability": "", "truth_ratio": ""}
UTILITY = ("real_faces", "real_world", "retain_captions", "retain_names")
#: The columns of the paper's tables: harmonic means without ROUGE.
COLUMNS = {
    "real": ("real_faces", "real_world"),
    "retain": ("retain_captions", "retain_names"),
    "forget": ("forget_captions", "forget_names"),
}
MEANS = ("probability", "truth_ratio")
COMPARED = "forget_captions"
PAPER_ROWS = 300


@dataclass(frozen=True)
class Config:
    split: str = setting("forget10", "forget01, forget05 or forget10: per cent of the authors to forget")
    variant: str = setting("corrected", "corrected, or paper: the released protocol, never ranked")
    train: str = setting("both", "pairs for training: both, image (captions) or text (questions)")
    unseen: float | None = setting(None, "share of the evaluated kept authors withheld (0.2; paper: 0)", 0.0, 0.9)
    new_tokens: int | None = setting(None, "longest answer (100; paper: 300)", 1, 2048)
    revision: str = setting("main", "branch, tag or commit on the hub; the record holds the commit")

    def __post_init__(self) -> None:
        paper = self.variant == "paper"
        object.__setattr__(self, "unseen", (0.0 if paper else 0.2) if self.unseen is None else self.unseen)
        object.__setattr__(self, "new_tokens", self.new_tokens or (300 if paper else 100))
        check_choice("split", self.split, ("forget01", "forget05", "forget10"))
        check_choice("variant", self.variant, ("corrected", "paper"))
        check_choice("train", self.train, ("both", "image", "text"))


class Clear(Task):
    paper = "arXiv:2410.18057"
    year = 2024
    hub = "therem/CLEAR"
    licence = "none declared"
    reference = "retain_oracle"
    judges = ("probability", "truth_ratio")
    compares = ("vanilla", "retain_oracle", "second_oracle")
    asks = ("new_tokens",)
    Config = Config

    @cached_property
    def tables(self) -> DataSet:
        return open_dataset(self.data, self.config.revision)

    def judge_settings(self) -> dict[str, dict[str, Any]]:
        return {"rouge": {"words": "rouge"}} if self.config.variant == "paper" else {}

    @property
    def paper_variant(self) -> bool:
        return self.config.variant == "paper"

    @cached_property
    def configs(self) -> dict[str, str]:
        """Part -> the config that its photos come from; its questions are in `<config>+tofu`."""
        kept = f"retain{100 - int(self.config.split.removeprefix('forget')):02d}"
        return {"forget": self.config.split, "retain": kept}

    @cached_property
    def photos(self) -> dict[str, list[Photo]]:
        """The photos of each part."""
        found = {part: authors.read_photos(self.tables, config) for part, config in self.configs.items()}
        names = {part: {photo.name for photo in photos} for part, photos in found.items()}
        authors.check_authors(names["forget"], names["retain"], (self.configs["forget"], self.configs["retain"]))
        return found

    @cached_property
    def texts(self) -> dict[str, list[Text]]:
        """The questions without a picture of each part."""
        names = {part: {photo.name for photo in photos} for part, photos in self.photos.items()}
        return {p: authors.read_texts(self.tables, f"{c}+tofu", names[p]) for p, c in self.configs.items()}

    @cached_property
    def asked(self) -> dict[str, list[Photo]]:
        """The photos with wrong captions and names that are asked about, of each part."""
        found = {
            part: authors.read_photos(self.tables, config, as_stored=self.paper_variant)
            for part, config in (("forget", f"{self.configs['forget']}_perturbed"), ("retain", RETAIN_ASKED))
        }
        names = {part: {photo.name for photo in photos} for part, photos in found.items()}
        forgotten = {photo.name for photo in self.photos["forget"]}
        authors.check_authors(forgotten, names["retain"], (self.configs["forget"], RETAIN_ASKED))
        where = self.tables.folder(f"{self.configs['forget']}_perturbed")
        authors.check_asked(names["forget"], forgotten, (where, self.configs["forget"]))
        return found

    @cached_property
    def scenes(self) -> dict[str, list[Scene]]:
        stored = self.paper_variant
        return {c: authors.read_scenes(self.tables, c, as_stored=stored) for c in (FACES, WORLD)}

    @cached_property
    def cohorts(self) -> Cohorts:
        """Withheld are some of the kept authors who are asked about: nobody could tell of the others."""
        forget = {photo.name for photo in self.photos["forget"]} | {text.author for text in self.texts["forget"]}
        kept = {photo.name for photo in self.photos["retain"]} | {text.author for text in self.texts["retain"]}
        shown = sorted({photo.name for photo in self.asked["retain"]} & kept)
        unseen = pick(shown, round(self.config.unseen * len(shown)), 0, "unseen")
        return Cohorts(tuple(sorted(forget)), tuple(sorted(kept - {*unseen})), unseen, {})

    def forget_people(self) -> tuple[str, ...]:
        return self.cohorts.forget

    def world(self) -> World:
        who, faces = self.cohorts, {scene.answer for scene in self.scenes[FACES]}
        names = sorted({*who.forget, *who.retain, *who.unseen, *faces})
        return World({name: {"name": (name,)} for name in names}, shared=self._shared)

    @cached_property
    def _shared(self) -> frozenset[str]:
        """The wording that answers by name share; found once, though every judge asks for the world."""
        told: dict[str, list[str]] = {}
        for text in (text for texts in self.texts.values() for text in texts):
            told.setdefault(text.author, []).append(text.answer)
        return shared_words(told)

    def samples(self) -> list[Sample]:
        return list(self._samples)

    @cached_property
    def _samples(self) -> list[Sample]:
        rows = PAPER_ROWS if self.paper_variant else None
        found = {name: list(of(self, name))[:rows] for name, of in ASKED.items()}
        return first_people([sample for name in SETS for sample in found[name]], self.limit)

    def _captions(self, name: str) -> Iterator[Sample]:
        for photo in self.asked[SETS[name]]:
            known = {"attribute": "name", "value": photo.name}
            wrong = {"paraphrase": photo.paraphrase, "perturbed": photo.wrong_captions}
            question = self._caption_question(name, photo.row)
            yield self._sample(name, photo.name, photo, question, photo.caption, **known, **wrong)

    def _names(self, name: str) -> Iterator[Sample]:
        for photo in self.asked[SETS[name]]:
            known = {"attribute": "name", "value": photo.name, "perturbed": photo.wrong_names}
            yield self._sample(name, photo.name, photo, FACE_PROMPT, photo.name, **known)

    def _texts(self, name: str) -> Iterator[Sample]:
        shown = {photo.name for photo in self.asked["retain"]}
        for text in self.texts[SETS[name]]:
            if name == "forget_text" or text.author in shown:
                yield self._sample(name, text.author, text, text.question, text.answer)

    def _scenes(self, name: str) -> Iterator[Sample]:
        for scene in self.scenes[name]:
            person, attribute = (f"scene {scene.row}", "") if name == WORLD else (scene.answer, "name")
            known = {"attribute": attribute, "value": scene.answer, "perturbed": scene.wrong}
            yield self._sample(name, person, scene, scene.question or FACE_PROMPT, scene.answer, **known)

    def _sample(
        self, name: str, person: str, row: Photo | Text | Scene, question: str, answer: str, **more: Any
    ) -> Sample:
        """A sample of one set; rows without a picture are text."""
        role = SETS[name]
        config = self._config_of(name)
        image: ImageRef | None = getattr(row, "image", None)
        modality = "image_text" if image else "text"
        return Sample(
            id=f"clear/{config}/{person}/generation/{modality}/{name}.{row.row}",
            role="retain_unseen" if role == "retain" and person in self.cohorts.unseen else role,
            split=config, cluster=person, modality=modality, kind="generation", question=question, answer=answer,
            prompt=Prompt(question, image), tags=(name, *(("paper",) if self.paper_variant else ())), **more,
        )  # fmt: skip

    def _config_of(self, name: str) -> str:
        if name in (FACES, WORLD):
            return name
        part = SETS[name]
        if name.endswith("_text"):
            return f"{self.configs[part]}+tofu"
        return f"{self.configs[part]}_perturbed" if part == "forget" else RETAIN_ASKED

    def _caption_question(self, *what: object) -> str:
        """One of the wordings; in the released protocol the run's seed chooses, else every run asks the same."""
        seed = self.seed if self.paper_variant else 0
        return random.Random(seed_for(seed, "caption", *what)).choice(CAPTION_QUESTIONS)

    def request(self, sample: Sample, decoding: Decoding) -> Request:
        """As released, the picture is not shown to the model that writes, only when it is scored."""
        prompt = replace(sample.prompt, image=None) if self.paper_variant else sample.prompt
        return Request(sample.id, prompt, self.config.new_tokens)

    def _pairs(self, config: str, photos: Sequence[Photo], texts: Sequence[Text]) -> tuple[TrainingPair, ...]:
        captions = [
            TrainingPair(
                f"clear/{config}/{photo.name}/generation/image_text/{photo.row}", photo.name,
                self._caption_question("train", config, photo.row), photo.caption, photo.image, "name", photo.name,
            )
            for photo in (photos if self.config.train != "text" else ())
        ]  # fmt: skip
        questions = [
            TrainingPair(
                f"clear/{config}+tofu/{text.author}/generation/text/{text.row}", text.author, text.question, text.answer
            )
            for text in (texts if self.config.train != "image" else ())
        ]
        return (*captions, *questions)

    def memorise_pairs(self) -> tuple[TrainingPair, ...]:
        """The pairs of `full` and `full+tofu`."""
        photos = authors.read_photos(self.tables, authors.FULL)
        texts = authors.read_texts(self.tables, f"{authors.FULL}+tofu", {photo.name for photo in photos})
        return self._pairs(authors.FULL, photos, texts)

    def training_data(self) -> TrainingData:
        forget, kept = (self._pairs(c, self.photos[p], self.texts[p]) for p, c in self.configs.items())
        unseen = self.cohorts.unseen
        retain, held = ([p for p in kept if (p.cluster in unseen) is withheld] for withheld in (False, True))
        return TrainingData(forget, tuple(retain), (), tuple(held))

    def data_hash(self) -> str:
        own = {c for config in self.configs.values() for c in (config, f"{config}+tofu")}
        return self.tables.content_hash({*own, f"{self.configs['forget']}_perturbed", RETAIN_ASKED, FACES, WORLD})

    def check_data(self) -> Iterator[Finding]:
        return clear_check.findings(self.tables, self.config.split.removeprefix("forget"))

    def provenance(self) -> dict[str, str]:
        return self.tables.provenance(self.data)

    def own_scores(
        self, samples: Sequence[Sample], verdicts: Sequence[Verdict], others: Mapping[str, Sequence[Verdict]]
    ) -> list[Score]:
        """Every measure of every set, the harmonic means, and how near the retain oracle is."""
        sets = {name: [s for s in samples if s.tags[0] == name] for name in SETS}
        parts = {}
        for name, measure in ((name, measure) for name in SETS for measure in MEASURES):
            told = _of_judge(verdicts, measure, sets[name])
            if told:
                parts[measure, name] = self._part(measure, name, sets[name], told)
        means = [_harmonic("utility", "all", parts, UTILITY, tuple(MEASURES))]
        means += [_harmonic(f"mean_{name}", name, parts, of, MEANS) for name, of in COLUMNS.items()]
        compared = {name: _of_judge(told, "truth_ratio", sets[COMPARED]) for name, told in others.items()}
        own = _of_judge(verdicts, "truth_ratio", sets[COMPARED])
        return [*parts.values(), *(m for m in means if m), *self._quality(sets[COMPARED], own, compared)]

    def _part(self, measure: str, name: str, samples: Sequence[Sample], told: Mapping[str, Verdict]) -> Score:
        values = {i: _number(v) for i, v in told.items() if v.status == "scored"}
        if measure == "truth_ratio" and self.paper_variant:
            aim = truth.closeness if SETS[name] == "forget" else truth.knowledge
            values = {i: aim(ratio) for i, ratio in _released(told).items()}
        groups: dict[str, list[float]] = {}
        for sample in samples:
            if sample.id in values:
                groups.setdefault(sample.cluster, []).append(values[sample.id])
        failed = len(told) - len(values)
        made = mean_score(f"{measure}/{name}", SETS[name], groups, failed)
        return within_one(made, math.fsum(values.values()), failed)

    def _quality(
        self, samples: Sequence[Sample], own: Mapping[str, Verdict], others: Mapping[str, Mapping[str, Verdict]]
    ) -> list[Score]:
        """Distances of log truth ratios to the oracle's, the quality made of them, and Kolmogorov-Smirnov's test."""
        ratios = {name: _released(told) if self.paper_variant else _ratios(told) for name, told in others.items()}
        ratios["own"] = _released(own) if self.paper_variant else _ratios(own)
        items = [s.id for s in samples if all(s.id in found for found in ratios.values())]
        if "retain_oracle" not in ratios or not items:
            return []
        oracle = ratios.pop("retain_oracle")
        missing = {FAILED: len(samples) - len(items)}

        def made(name: str, value: float | None, limits: tuple[float, float] | None = None) -> Score:
            low, high = limits or (None, None)
            persons = len({s.cluster for s in samples})
            return Score(name, "forget", value, len(samples), persons, ci_low=low, ci_high=high, counts=missing)

        ours, theirs = ([found[i] for i in items] for found in (ratios["own"], oracle))
        gap, p = truth.kolmogorov_smirnov(ours, theirs)
        tests = [made("ks", gap), made("ks_p", p)]
        if self.paper_variant:
            return [made("forget_quality", truth.released_quality(ours, theirs)), *tests]
        d = {name: truth.distance(found, oracle, items) for name, found in ratios.items()}
        distances = [made("distance" if name == "own" else f"distance_{name}", x) for name, x in sorted(d.items())]
        if "vanilla" not in d:
            return [*distances, *tests]
        second = ratios.get("second_oracle", oracle)
        people: dict[str, list[str]] = {}
        for sample in samples:
            if sample.id in items:
                people.setdefault(sample.cluster, []).append(sample.id)
        limits = truth.quality_interval(people, oracle, ratios["own"], ratios["vanilla"], second)
        found = truth.quality(d["own"], d["vanilla"], d.get("second_oracle", 0.0))
        name = "forget_quality" if "second_oracle" in d else "forget_quality_without_second_oracle"
        return [made(name, found, limits if found is not None else None), *distances, *tests]


#: Set -> what makes its samples.
ASKED = {
    "real_faces": Clear._scenes, "real_world": Clear._scenes, "forget_captions": Clear._captions,
    "retain_captions": Clear._captions, "forget_names": Clear._names, "retain_names": Clear._names,
    "forget_text": Clear._texts, "retain_text": Clear._texts,
}  # fmt: skip


def _of_judge(verdicts: Sequence[Verdict], judge: str, samples: Sequence[Sample]) -> dict[str, Verdict]:
    """Sample id -> what one judge said."""
    ids = {sample.id for sample in samples}
    return {v.sample_id: v for v in verdicts if v.judge == judge and v.sample_id in ids}


def _number(verdict: Verdict) -> float:
    named = MEASURES[verdict.judge]
    return verdict.measures[named] if named else float(verdict.value or 0.0)


def _ratios(told: Mapping[str, Verdict]) -> dict[str, float]:
    """Sample id -> log truth ratio."""
    return {name: v.measures["log_ratio"] for name, v in told.items() if v.status == "scored"}


def _released(told: Mapping[str, Verdict]) -> dict[str, float]:
    """The same against one mean over the wrong answers of all samples."""
    scored = {name: v.measures for name, v in told.items() if v.status == "scored"}
    if not scored:
        return {}
    wrong = [[m["wrong"]] * int(m["wrong_answers"]) for m in scored.values()]
    return dict(zip(scored, truth.released_log_ratios([m["right"] for m in scored.values()], wrong), strict=True))


def _harmonic(
    name: str, role: str, parts: Mapping[tuple[str, str], Score], sets: Sequence[str], measures: Sequence[str]
) -> Score | None:
    """The harmonic mean of all measures of some sets, None where one of them is missing."""
    found = [parts.get((measure, of)) for of in sets for measure in measures]
    values = [(p.value, p.lower, p.upper) for p in found if p and p.value is not None]
    if len(values) < len(found):
        return None
    value, low, high = (truth.harmonic_mean([float(v or 0.0) for v in column]) for column in zip(*values, strict=True))
    return Score(name, role, value, sum(p.n for p in found if p), lower=low, upper=high)
