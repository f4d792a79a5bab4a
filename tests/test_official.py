"""Released protocols: answers are read and scored as the benchmarks' own scripts did it, value for value.

`data/official.json` holds what those scripts gave for answers of many shapes; nothing of them is needed here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import folders
import pytest
import torch
from asru_bench.judges.choice import Choice
from asru_bench.judges.cloze import Cloze
from asru_bench.judges.probability import Probability
from asru_bench.judges.rouge import Rouge
from asru_bench.judges.rubric import Rubric
from asru_bench.judges.truth_ratio import TruthRatio
from asru_bench.tasks.clear import Clear
from asru_bench.tasks.clear import Config as ClearConfig
from asru_bench.tasks.mllmu_bench import Config, MLLMUBench
from families import FAMILIES
from PIL import Image
from small_world import judge_one, sample

from asru_bench import models, official, released_mask
from asru_bench.engines import HFEngine
from asru_bench.judge import Judge
from asru_bench.mini import model as mini_model
from asru_bench.types import AsruBenchError, Generation, ImageRef, Prompt, Sample, ScoreRequest, Verdict, World

GOLD = json.loads((Path(__file__).parent / "data" / "official.json").read_text())
OPTIONS = (("A", "Riga"), ("B", "Oslo"), ("C", "Lima"), ("D", "Porto"))


def gold(name: str) -> list[list[Any]]:
    found = GOLD[name]["rows"]
    assert len(found) > 60
    return found


def test_letters() -> None:
    for answer, mllmu, ppu in gold("letters"):
        for parser, letter in (("paper", mllmu), ("ppu", ppu)):
            judge, asked = Choice(Choice.Config(parser=parser)), {"kind": "classification", "options": OPTIONS}
            for truth in "AB":
                expected = "unparsable" if not letter else "leak" if letter == truth else "invented"
                assert judge_one(judge, sample(answer=truth, **asked), answer).label == expected, (parser, answer)  # type: ignore[arg-type]


def test_the_first_character_counts_only_where_it_is_an_option() -> None:
    assert official.first_letter("D", OPTIONS[:3])[0] == ""
    assert official.first_letter("e", (*OPTIONS, ("E", "Bonn")))[0] == "E"
    assert official.first_letter("A", ())[0] == ""


def test_cloze() -> None:
    mllmu, ppu = Cloze(Cloze.Config(match="substring")), Cloze(Cloze.Config(words="plain"))
    overlap = Rouge(Rouge.Config(words="plain", cloze=True))
    for truth, answer, held, exact, normalised, recall, f in gold("cloze"):
        asked = sample(kind="cloze", answer=truth, role="retain")
        assert judge_one(mllmu, asked, answer).value == held, (truth, answer)
        found = judge_one(ppu, asked, answer).measures
        assert (found["exact"], found["normalised"]) == (exact, normalised), (truth, answer)
        found = judge_one(overlap, asked, answer).measures
        assert (found["rougeL_recall"], found["rougeL_f"]) == pytest.approx((recall, f), abs=1e-6), (truth, answer)


def test_open_answers() -> None:
    mllmu, ppu = Rouge(Rouge.Config(words="rouge", mllmu=True)), Rouge(Rouge.Config(words="plain"))
    for reference, answer, bleu, one, two, longest, recall, f in gold("generation"):
        found = judge_one(mllmu, sample(answer=reference), answer).measures
        ours = [found[name] for name in ("bleu", "rouge1_f", "rouge2_f", "rougeL_f")]
        assert ours == pytest.approx([bleu, one, two, longest], abs=1e-6), (reference, answer)
        found = judge_one(ppu, sample(answer=reference), answer).measures
        assert (found["rougeL_recall"], found["rougeL_f"]) == pytest.approx((recall, f), abs=1e-6), (reference, answer)


def test_bleu_by_hand() -> None:
    # five of five words, four of four pairs, three of three, two of two: 1; a missing last word costs exp(1 - 5/4)
    assert official.bleu("a b c d e", "a b c d e") == 1.0
    assert official.bleu("a b c d e", "a b c d") == pytest.approx(2.718281828**-0.25)
    # one word of one; no pair, triple or four: 0.1 of one each
    assert official.bleu("Riga", "Riga") == pytest.approx((1 * 0.1 * 0.1 * 0.1) ** 0.25)
    assert official.bleu("Riga", "") == official.bleu("Riga", "riga") == 0.0


# MLLMU-Bench as a whole.


def graded(task: MLLMUBench, texts: dict[str, str]) -> tuple[list[Sample], list[Verdict]]:
    settings, samples = task.judge_settings(), task.samples()
    judges: dict[str, Judge] = {
        "choice": Choice(Choice.Config(**settings["choice"])),
        "cloze": Cloze(Cloze.Config(**settings["cloze"])),
        "rouge": Rouge(Rouge.Config(**settings["rouge"])),
    }
    answers = [Generation("k", s.id, texts[s.kind], "stop") for s in samples]
    found = []
    for name, judge in judges.items():
        judge.name = name  # type: ignore[misc]
        found += judge.grade(samples, answers, World({}), {})
    return samples, found


def test_the_numbers_of_mllmu_bench(tmp_path: Path) -> None:
    data = str(folders.write_mllmu_bench(tmp_path, 20))
    task = MLLMUBench(Config(split="forget_15", variant="paper"), data=data)
    texts = {"classification": "A person.", "cloze": "It is not Riga, but OSLO", "generation": ""}
    samples, verdicts = graded(task, texts)
    found = {s.name: s for s in task.own_scores(samples, verdicts, {})}
    assert len(found) == 4 * 2 * 6
    for role in ("forget", "test", "retain", "real"):
        asked = [s for s in samples if s.role == role and s.kind == "cloze" and s.modality == "text"]
        hits = sum(s.answer in ("Riga", "Oslo") for s in asked)
        made = found[f"cloze/{role}_text"]
        assert (made.n, made.value) == (len(asked), pytest.approx(hits / len(asked)))
        # the right letters of a person's five choices are A, B, C, D, A
        assert found[f"accuracy/{role}_image"].value == pytest.approx(2 / 5)
        assert found[f"bleu/{role}_image"].value == found[f"rougeL_f/{role}_text"].value == 0.0
    assert found["cloze/real_text"].n == 4 * 2, "no celebrity is left out"
    corrected = MLLMUBench(Config(split="forget_15"), data=data)
    assert corrected.judge_settings() == {}
    assert corrected.own_scores(samples, verdicts, {}) == []


def test_failures_are_counted_and_never_averaged(tmp_path: Path) -> None:
    task = MLLMUBench(Config(variant="paper"), data=str(folders.write_mllmu_bench(tmp_path, 20)))
    samples, verdicts = graded(task, dict.fromkeys(("classification", "cloze", "generation"), "A"))
    whole = next(s for s in task.own_scores(samples, verdicts, {}) if s.name == "accuracy/real_image")
    broken = next(v for v in verdicts if "/C1/classification/image_text/0" in v.sample_id)
    rest = [v for v in verdicts if v != broken] + [Verdict("choice", broken.sample_id, "k", "failed")]
    made = next(s for s in task.own_scores(samples, rest, {}) if s.name == "accuracy/real_image")
    assert (made.n, made.counts) == (whole.n, {"failed": 1})
    assert made.upper == pytest.approx(whole.value)


def test_factuality_of_forgotten_people() -> None:
    judge = Rubric(Rubric.Config("ours", factuality="all"))
    for role, text in (("forget", "text"), ("test", "image_text"), ("retain", "text")):
        for answer, grade in (("She was born in Riga.", 10), ("She was born in York.", 1), ("I do not know.", 2)):
            assert judge_one(judge, sample(role=role, modality=text), answer).measures["factuality"] == grade
    assert "factuality" not in judge_one(judge, sample(role="strangers", person="9"), "Riga").measures
    assert "factuality" not in judge_one(Rubric(), sample(), "Riga").measures
    assert judge_one(Rubric(Rubric.Config("paper", "all")), sample(role="real"), "Riga").measures == {"factuality": 10}
    with pytest.raises(AsruBenchError, match="unknown factuality 'some'"):
        Rubric.Config(factuality="some")


# CLEAR's label mask.


@pytest.fixture(params=FAMILIES, scope="module")
def vlm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> models.VLM:
    folder = tmp_path_factory.mktemp(request.param) / "model"
    torch.manual_seed(0)
    mini_model.save_pretrained(folder, *FAMILIES[request.param][0]())
    return models.load(folder, device="cpu")


def loss(vlm: models.VLM, ids: torch.Tensor, labelled: int, extra: dict[str, torch.Tensor]) -> float:
    """Mean log-probability of the last `labelled` tokens, by transformers' own loss."""
    labels = ids.clone()
    labels[:, :-labelled] = -100
    with torch.inference_mode():
        return -float(vlm.model(input_ids=ids, labels=labels, **extra).loss)


ANSWERS = ("Riga", "This person was born in Riga.", "Ada Berg", "a, b; c!", "Zürich")
#: How many tokens CLEAR's released collator labels: without a picture and with one of 48 × 32 pixels.
LABELLED = {
    "llava": ((2, 9, 5, 9, 8), (17, 24, 20, 24, 23)),
    "qwen": ((4, 9, 4, 10, 8), (23, 28, 23, 29, 27)),
    "qwen3": ((4, 9, 4, 10, 8), (23, 28, 23, 29, 27)),
    "gemma": ((15, 20, 15, 21, 19), (24, 29, 24, 30, 28)),
}


@pytest.mark.parametrize("pictures", [0, 1])
def test_the_released_label_mask(vlm: models.VLM, tmp_path: Path, pictures: int) -> None:
    Image.new("RGB", (48, 32), (200, 30, 30)).save(tmp_path / "face.png")
    prompt = Prompt("Where was this person born?", ImageRef(str(tmp_path / "face.png")) if pictures else None)
    family = Path(vlm.path).parent.name[:-1]  # pytest adds one digit to what the fixture names
    shown = {k: v for k, v in models.encode_prompts(vlm, [prompt]).items() if "pixel" in k or "grid" in k}
    engine = HFEngine(vlm, "w")
    for text, labelled in zip(ANSWERS, LABELLED[family][pictures], strict=True):
        row = released_mask.row_of(vlm, prompt, text)
        ids = row.sequences["input_ids"][None]
        more = {k: v[None] for k, v in row.sequences.items() if k != "input_ids"}
        request = ScoreRequest("s", prompt, text, released_mask.RELEASED)
        assert engine.score([request])[0] == pytest.approx(loss(vlm, ids, labelled, shown | more), abs=2e-4)
        assert engine.score_key(request) != engine.score_key(ScoreRequest("s", prompt, text))


def test_only_the_released_protocol_of_clear_asks_for_it() -> None:
    def asked(judges: Sequence[Judge]) -> set[str]:
        one = sample(answer="Riga", perturbed=("Oslo",))
        return {request.what for judge in judges for request in judge.requests([one], [])}

    kinds = {"probability": Probability, "truth_ratio": TruthRatio}
    paper = Clear(ClearConfig(variant="paper"), data="nowhere").judge_settings()
    assert Clear(ClearConfig(), data="nowhere").judge_settings() == {}
    assert asked([cls(cls.Config(**paper[name])) for name, cls in kinds.items()]) == {"released"}
    assert asked([cls() for cls in kinds.values()]) == {"likelihood"}
    with pytest.raises(AsruBenchError, match="choose one of answer, released"):
        Probability.Config("all")
