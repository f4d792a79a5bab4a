"""Metrics against independent implementations, on at least 50 answers of each kind.

Written a second time from their definitions, or with another library: word overlap without rouge-score, likelihoods
by transformers' own loss one answer at a time, statistics by numpy and scipy.
"""

from __future__ import annotations

import math
import random
import re
import string
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from asru_bench.judges.choice import Choice
from asru_bench.judges.cloze import Cloze
from asru_bench.judges.probability import Probability
from asru_bench.judges.rouge import Rouge
from asru_bench.judges.truth_ratio import TruthRatio
from asru_bench.tasks.clear import Clear, Config
from scipy import stats
from small_world import judge_one, said, sample

from asru_bench import models, ppu_scores, truth
from asru_bench.data import open_image
from asru_bench.engines import HFEngine
from asru_bench.mini import source, texts
from asru_bench.mini.people import universe
from asru_bench.types import Sample, World

COUNT = 60


def spoiled(reference: str, rng: random.Random) -> str:
    """An answer that shares some words with the reference."""
    words = reference.split()
    for _ in range(rng.randrange(4)):
        place = rng.randrange(len(words))
        words[place : place + rng.randrange(2)] = rng.choice([[], ["Riga,"], ["the", "the"], [words[0].upper()]])
        words = words or ["?"]
    return " ".join(words)


def told(kind: str) -> list[tuple[str, str]]:
    """(reference, answer) pairs about people of the embedded universe; the first answers are right or empty."""
    rng, people = random.Random(kind), universe().people
    found = []
    for i in range(COUNT):
        person = people[i]
        attribute = rng.choice([a for a in person.facts if a != "name"])
        value = person.facts[attribute]
        reference = value if kind == "cloze" else texts.sentence(person, attribute, image=bool(i % 2))
        found.append((reference, (reference, "", f" {reference.lower()}!")[i] if i < 3 else spoiled(reference, rng)))
    return found


def overlap(reference: list[str], answer: list[str], n: int) -> tuple[float, float]:
    """(recall, F1) of shared n-grams; n = 0: of the longest common subsequence."""
    if n:
        grams = [Counter(zip(*(words[k:] for k in range(n)), strict=False)) for words in (reference, answer)]
        sizes, common = [sum(g.values()) for g in grams], sum((grams[0] & grams[1]).values())
    else:
        table = np.zeros((len(reference) + 1, len(answer) + 1), int)
        for i, a in enumerate(reference):
            for j, b in enumerate(answer):
                table[i + 1, j + 1] = table[i, j] + 1 if a == b else max(table[i, j + 1], table[i + 1, j])
        sizes, common = [len(reference), len(answer)], int(table[-1, -1])
    return common / max(1, sizes[0]), 2 * common / max(1, sum(sizes))


@pytest.mark.parametrize("kind", ["generation", "cloze"])
@pytest.mark.parametrize("words", ["rouge", "plain"])
def test_word_overlap(kind: str, words: str) -> None:
    judge = Rouge(Rouge.Config(stemmer=False, words=words, cloze=True))
    for reference, answer in told(kind):
        found = judge_one(judge, sample(answer=reference, kind=kind), answer).measures
        split = (
            [re.findall(r"[a-z0-9]+", text.lower()) for text in (reference, answer)]
            if words == "rouge"
            else ["".join(c for c in t.lower() if c not in string.punctuation).split() for t in (reference, answer)]
        )
        for name, n in (("rouge1", 1), ("rouge2", 2), ("rougeL", 0)):
            recall, f = overlap(*split, n)
            assert found[f"{name}_recall"] == pytest.approx(recall), (reference, answer)
            assert found[f"{name}_f"] == pytest.approx(f), (reference, answer)


def test_cloze_matches() -> None:
    labels = Counter()
    for reference, answer in told("cloze"):
        found = judge_one(Cloze(), sample(answer=reference, kind="cloze", role="retain"), answer).measures
        plain = [" ".join(re.findall(r"[\w]+", text.lower())) for text in (reference, answer)]
        assert found["exact"] == (answer.strip() == reference)
        assert found["normalised"] == (plain[0] == plain[1])
        assert found["contained"] == (f" {plain[0]} " in f" {plain[1]} ")
        labels[found["exact"], found["contained"]] += 1
    assert len(labels) == 3, "right, contained and wrong answers are among them"


def test_the_released_parser_of_letters() -> None:
    rng, frames = random.Random(1), ("{}", "{}.", "It is a {}.", "{} or {}", "The answer is {}", "none", "i think {}")
    options = tuple(zip("ABCD", ("Riga", "Oslo", "Lima", "Bern"), strict=True))
    for i in range(COUNT):
        right, text = rng.choice("ABCD"), frames[i % len(frames)].format(rng.choice("ABCD"), rng.choice("ABCD"))
        letters = set(re.findall(r"\b[A-D]\b", text.upper()))
        expected = "unparsable" if len(letters) != 1 else "correct" if letters == {right} else "invented"
        asked = sample(kind="classification", role="retain", answer=right, options=options)
        assert judge_one(Choice(Choice.Config(parser="ppu")), asked, text).label == expected, text


@pytest.fixture(scope="module")
def clear() -> dict[str, list[Sample]]:
    """Names, captions and questions by name of the embedded CLEAR, 60 each."""
    found: dict[str, list[Sample]] = {"names": [], "captions": [], "text": []}
    for one in Clear(Config(), data=str(source.data_folder("clear"))).samples():
        found.get(one.tags[0].split("_")[1], []).append(one)
    return {name: random.Random(2).sample(samples, COUNT) for name, samples in found.items()}


def own_loss(vlm: models.VLM, one: Sample, text: str) -> float:
    """Mean log-probability of an answer's own tokens, by transformers' loss of one conversation."""
    image = [{"type": "image", "image": open_image(one.prompt.image)}] if one.prompt.image else []
    asked = [{"role": "user", "content": [*image, {"type": "text", "text": one.prompt.question}]}]
    answered = [*asked, {"role": "assistant", "content": [{"type": "text", "text": text}]}]
    how = {"tokenize": True, "return_dict": True, "return_tensors": "pt"}
    before = vlm.processor.apply_chat_template(asked, add_generation_prompt=True, **how)["input_ids"].shape[1]
    batch = vlm.processor.apply_chat_template(answered, **how)
    labels = batch["input_ids"].clone()
    labels[:, :before] = -100
    ends = (labels[0] == vlm.processor.tokenizer.eos_token_id).nonzero()[0, 0]
    labels[:, ends:] = -100  # the end of turn, as CLEAR does
    with torch.inference_mode():
        return -float(vlm.model(**batch, labels=labels).loss)


@pytest.mark.parametrize("kind", ["names", "captions", "text"])
def test_likelihoods_and_what_is_made_of_them(clear: dict[str, list[Sample]], kind: str, tiny_dir: Path) -> None:
    vlm = models.load(tiny_dir)
    engine, asked = HFEngine(vlm), clear[kind]
    for judge in (Probability(), TruthRatio()):
        requests = judge.requests(asked, [])
        scores = dict(zip([(r.sample_id, r.text) for r in requests], engine.score(requests), strict=True))
        verdicts = {v.sample_id: v for v in judge.grade(asked, [said("x", s.id) for s in asked], World({}), scores)}
        for one in asked if verdicts else []:
            right = one.paraphrase or one.answer if isinstance(judge, TruthRatio) else one.answer
            p, *wrong = (own_loss(vlm, one, text) for text in (right, *one.perturbed))
            ratio = np.exp(np.mean(wrong) - p) if wrong else None
            found = verdicts[one.id]
            if isinstance(judge, Probability):
                rivals = np.exp(p) / np.exp([p, *wrong]).sum()
                expected = rivals if wrong and not one.paraphrase else np.exp(p)
            else:
                expected = min(ratio, 1 / ratio) if one.role == "forget" else max(0.0, 1 - ratio)
            assert found.value == pytest.approx(float(expected), rel=5e-4, abs=2e-5), (one.id, type(judge))


def test_statistics_over_items() -> None:
    rng = np.random.default_rng(0)
    ours, theirs, wrong = rng.normal(0, 2, COUNT), rng.normal(1, 1, COUNT), rng.normal(-3, 1, (COUNT, 5))
    names = [str(i) for i in range(COUNT)]
    pairs = [dict(zip(names, values, strict=True)) for values in (ours.tolist(), theirs.tolist())]
    assert truth.distance(*pairs, names) == pytest.approx(np.abs(ours - theirs).mean())
    both = np.sort(np.concatenate([ours, theirs]))
    gaps = [abs((ours <= x).mean() - (theirs <= x).mean()) for x in both]
    assert truth.kolmogorov_smirnov(ours.tolist(), theirs.tolist())[0] == pytest.approx(max(gaps))
    p, q = (np.exp(-x) / np.exp(-x).sum() for x in (ours, theirs))
    middle = (stats.entropy(p, (p + q) / 2) + stats.entropy(q, (p + q) / 2)) / 2
    assert truth.released_quality(ours.tolist(), theirs.tolist()) == pytest.approx(1 - math.sqrt(middle))
    assert truth.released_log_ratios(ours.tolist(), wrong.tolist()) == pytest.approx((wrong.mean() - ours).tolist())
    parts = rng.uniform(0.01, 1, COUNT)
    assert truth.harmonic_mean(parts.tolist()) == pytest.approx(stats.hmean(parts))


def test_areas_under_the_curve_with_ties() -> None:
    rng = np.random.default_rng(3)
    for _ in range(COUNT):
        low, high = (rng.integers(0, 6, rng.integers(1, 9)).tolist() for _ in range(2))
        ours = ppu_scores.auc(low, high)
        assert ours == pytest.approx(stats.mannwhitneyu(high, low).statistic / (len(low) * len(high)))
