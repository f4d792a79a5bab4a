"""Measures of given answers, by hand; extraction strength also against real greedy decoding."""

from __future__ import annotations

import math

import pytest
import torch
from asru_bench.judges.extraction import Extraction
from small_world import WORLD, said, sample

from asru_bench import models
from asru_bench.engines import HFEngine
from asru_bench.likelihoods import MEASURES, extraction_strength, mean_log_probability
from asru_bench.models import VLM
from asru_bench.types import Prompt, ScoreRequest

IGNORED = -100


def one(right: list[bool], before: int = 0) -> float:
    """The strength of an answer whose tokens are the most likely ones or not; the end of turn is never right."""
    labels = torch.tensor([[IGNORED] * before + [1] * len(right) + [2]])
    logits = torch.zeros(1, labels.shape[1], 3)
    for i, hit in enumerate(right):
        logits[0, before + i, 1 if hit else 0] = 5.0
    return float(extraction_strength(logits, labels)[0])


@pytest.mark.parametrize(
    ("right", "strength"),
    [
        ([True] * 4, 1.0),
        ([False, True, True, True], 1 - 1 / 4),
        ([True, False, True, True], 1 - 2 / 4),
        ([True, True, True, False], 0.0),
        ([False] * 4, 0.0),
        ([True], 1.0),
        ([False], 0.0),
    ],
)
def test_extraction_strength_by_hand(right: list[bool], strength: float) -> None:
    assert one(right) == pytest.approx(strength)
    assert one(right, before=3) == pytest.approx(strength)


def test_an_empty_answer_is_its_end_of_turn() -> None:
    labels, logits = torch.tensor([[IGNORED, 2]]), torch.zeros(1, 2, 3)
    logits[0, 1, 2] = 5.0
    assert float(extraction_strength(logits, labels)[0]) == 1.0
    expected = 5 - math.log(math.exp(5) + 2)
    assert float(mean_log_probability(logits, labels)[0]) == pytest.approx(expected)


@pytest.fixture(scope="module")
def vlm(tiny_dir) -> VLM:  # type: ignore[no-untyped-def]
    return models.load(tiny_dir)


def shortest_prefix(vlm: VLM, prompt: Prompt, text: str) -> float:
    """1 - k / T by decoding greedily after every prefix of the answer's tokens."""
    batch = models.encode_pairs(vlm, [(prompt, text)])
    ids, labels = batch["input_ids"][0], batch["labels"][0]
    places = (labels != IGNORED).nonzero()[:, 0].tolist()[:-1]  # without the end of turn
    for k in range(len(places) + 1):
        own = ids[: places[0] + k].tolist()
        for place in places[k:]:
            with torch.inference_mode():
                logits = vlm.model(input_ids=torch.tensor([own])).logits
            own.append(int(logits[0, -1].argmax()))
            if own[-1] != int(ids[place]):
                break
        else:
            return 1 - k / len(places)
    raise AssertionError("the whole answer is always a prefix")


def test_it_is_what_greedy_decoding_does(vlm: VLM) -> None:
    asked = [Prompt("Who?"), Prompt("Where was this person born?")]
    texts = ["Ada Berg", "This person was born in Riga."]
    pairs = [(p, t) for p in asked for t in texts]
    # what the model itself says after a first word is extracted but for that word
    for prompt in asked:
        batch = models.encode_prompts(vlm, [prompt])
        with torch.inference_mode():
            new = vlm.model.generate(**batch, max_new_tokens=6, do_sample=False)[0, batch["input_ids"].shape[1] :]
        pairs.append((prompt, vlm.tokenizer.decode(new, skip_special_tokens=True).strip() or "Ada"))
    found = HFEngine(vlm).score([ScoreRequest("s", p, t, "extraction") for p, t in pairs])
    assert found == pytest.approx([shortest_prefix(vlm, p, t) for p, t in pairs], abs=1e-4)


def test_measures_do_not_share_keys_and_may_be_asked_together(vlm: VLM) -> None:
    engine = HFEngine(vlm, "weights")
    asks = [ScoreRequest("a", Prompt("Who?"), "Ada Berg", what) for what in MEASURES]
    assert len({engine.score_key(ask) for ask in asks}) == len(MEASURES)
    alone = [engine.score([ask])[0] for ask in asks]
    assert engine.score(asks) == alone
    assert alone[0] < 0 <= alone[1] <= 1


def test_judge() -> None:
    asked = sample(answer="She was born in Riga.")
    judge = Extraction()
    assert judge.likelihood_of == "checkpoint"
    assert judge.requests([asked, sample(answer=" ")], []) == [
        ScoreRequest("s1", asked.prompt, asked.answer, "extraction")
    ]
    for strength, whole in ((1.0, 1.0), (0.8, 0.0)):
        (verdict,) = judge.grade([asked], [said("whatever")], WORLD, {("s1", asked.answer): strength})
        assert (verdict.value, verdict.measures, verdict.label) == (strength, {"whole": whole}, "")
    (failed,) = judge.grade([asked], [said("whatever")], WORLD, {("s1", asked.answer): math.nan})
    assert failed.status == "failed"
