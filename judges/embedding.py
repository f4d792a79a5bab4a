"""Likeness of meaning: cosine of the sentence embeddings (all-MiniLM-L6-v2) of answer and reference sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from asru_bench import embeddings, fingerprint
from asru_bench.judge import Desk, Judge, Scores
from asru_bench.types import Generation, Sample, Verdict, World


class Embedding(Judge):
    """`value` is the cosine, -1 to 1; 0 for a blank answer. Nearness is no truth: "born in Riga" and "born in Oslo"
    are close. Where the model cannot be had, verdicts are unavailable, with what to type; never zero.
    """

    version = "1"
    kinds = ("generation",)
    resumes = True

    @dataclass(frozen=True)
    class Config:
        model: str = field(default=embeddings.DEFAULT, metadata={"help": "hub id or folder of sentence-transformers"})

    _desk, _weights = Desk(), ""

    def equip(self, desk: Desk) -> None:
        self._desk = desk

    def facts(self) -> dict[str, Any]:
        return {"model": self.config.model, "weights": self._weights} if self._weights else {}

    def applies(self, sample: Sample) -> bool:
        return super().applies(sample) and bool(sample.answer.strip())

    def grade(
        self, samples: Sequence[Sample], generations: Sequence[Generation], world: World, scores: Scores
    ) -> list[Verdict]:
        try:
            self._model = embeddings.find_model(self.config.model)
        except embeddings.Unavailable as missing:
            asked, keys = [s for s in samples if self.applies(s)], {g.sample_id: g.key for g in generations}
            failed = [self._failed(s, None) for s in asked]
            return [
                replace(v, status="unavailable", key=keys.get(v.sample_id, ""), evidence=str(missing)) for v in failed
            ]
        return super().grade(samples, generations, world, scores)

    def prepare(self, pairs: Sequence[tuple[Sample, Generation]], world: World) -> None:
        texts = [(generation.text, sample.answer) for sample, generation in pairs]
        self._weights = fingerprint.model_hash(str(self._model))
        found = embeddings.cosines(texts, self._model, self._desk.cache)
        self._cosine = {sample.id: cosine for (sample, _), cosine in zip(pairs, found, strict=True)}

    def verdict(self, sample: Sample, generation: Generation, world: World, scores: Scores) -> Verdict:
        return self.said(generation, "", "", self._cosine[sample.id])
