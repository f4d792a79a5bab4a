"""CLEAR on generated folders in the hub's schema: who is asked what, what unlearning may read, its own numbers."""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import clear_folders as made
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from asru_bench.tasks.clear import CAPTION_QUESTIONS, FACE_PROMPT, SETS, Clear, Config
from folders import colour
from mllmu import by_id, people, pixel

from asru_bench.data import open_dataset
from asru_bench.types import AsruBenchError, Decoding, Sample, Score, Verdict

FORGET = {made.name(n) for n in (1, 2, 3)}
KEPT = {made.name(n) for n in range(4, 11)}
ASKED = {made.name(n) for n in range(5, 11)}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.write_clear(tmp_path_factory.mktemp("clear"))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder that the test may spoil."""
    return made.write_clear(tmp_path / "data")


def task(data: Path, seed: int = 0, limit: int | None = None, **config: Any) -> Clear:
    return Clear(Config(**config), data=str(data), seed=seed, limit=limit)


def of(samples: Sequence[Sample], name: str) -> list[Sample]:
    return [s for s in samples if s.tags[0] == name]


def test_the_folder_has_the_21_configs(hub: Path) -> None:
    configs = open_dataset(str(hub)).configs()
    assert len(configs) == 21
    assert {"default", "full+tofu", "forget01+tofu", "retain99+tofu", "forget05_perturbed", "real_world"} < {*configs}


def test_every_set_is_asked_in_its_role(hub: Path) -> None:
    samples = task(hub).samples()
    assert len(by_id(samples)) == len(samples)
    assert Counter(s.tags[0] for s in samples) == {
        "real_faces": 3, "real_world": 3, "forget_captions": 6, "forget_names": 6, "retain_captions": 12,
        "retain_names": 12, "forget_text": 60, "retain_text": 120,
    }  # fmt: skip
    unseen, retain = people(samples, "retain_unseen"), people(samples, "retain")
    assert (unseen | retain, unseen & retain, len(unseen)) == (ASKED, set(), 1)
    assert people(samples, "forget") == FORGET
    assert all(s.modality == ("image_text" if s.prompt.image else "text") for s in samples)


def test_captions_names_faces_and_scenes(hub: Path) -> None:
    samples = task(hub).samples()
    caption, name = of(samples, "forget_captions")[1], of(samples, "forget_names")[1]
    assert caption.id == "clear/forget10_perturbed/Ann Qa/generation/image_text/forget_captions.1"
    assert (caption.answer, caption.value, caption.attribute) == (made.caption(1, 1), "Ann Qa", "name")
    assert caption.paraphrase.startswith("In Oslo, smiling")
    assert caption.perturbed == tuple(made.caption(n, 1) for n in range(2, 7))
    assert caption.question in CAPTION_QUESTIONS
    assert pixel(caption.prompt.image) == pixel(name.prompt.image) == colour(1, 1)
    assert (name.question, name.answer, name.paraphrase) == (FACE_PROMPT, "Ann Qa", "")
    assert name.perturbed == tuple(made.name(n) for n in range(2, 7))  # the true name stood among them
    face, scene = of(samples, "real_faces")[0], of(samples, "real_world")[0]
    assert (face.question, face.answer, face.role) == (FACE_PROMPT, "Star Xa", "real")
    assert face.perturbed == ("Star Xb", "Star Xc", "Cid Zz")
    assert (scene.question, scene.role, scene.perturbed) == (
        "How many signs are in row 0?",
        "general",
        ("One", "Three"),
    )


def test_questions_without_a_picture_find_their_author(hub: Path) -> None:
    texts = of(task(hub).samples(), "forget_text")
    assert Counter(s.cluster for s in texts) == dict.fromkeys(FORGET, 20)
    assert texts[21].question == "What is fact 1?"
    assert (texts[21].cluster, texts[21].answer) == ("Ben Qb", "It is 2 times 1.")


@pytest.mark.parametrize(("split", "count"), [("forget01", 1), ("forget05", 2), ("forget10", 3)])
def test_splits(hub: Path, split: str, count: int) -> None:
    built = task(hub, split=split)
    assert built.forget_people() == tuple(sorted(made.name(n) for n in range(1, count + 1)))
    assert {s.split for s in of(built.samples(), "forget_captions")} == {f"{split}_perturbed"}
    assert len(built.training_data().forget) == count * 22


def test_unlearning_reads_nobody_withheld_and_no_question_that_is_asked(hub: Path) -> None:
    built = task(hub)
    data, who = built.training_data(), built.cohorts
    assert {p.cluster for p in data.forget} == FORGET
    assert {p.cluster for p in data.retain} == KEPT - {*who.unseen}
    assert {p.cluster for p in data.unseen} == {*who.unseen}
    assert Counter(p.modality for p in data.forget) == {"image_text": 6, "text": 60}
    assert not any(p.question == FACE_PROMPT for p in data.forget)
    assert Counter(p.modality for p in task(hub, train="image").training_data().forget) == {"image_text": 6}
    assert Counter(p.modality for p in task(hub, train="text").training_data().forget) == {"text": 60}
    pairs = built.memorise_pairs()
    assert len({p.id for p in pairs}) == len(pairs) == 20 + 200
    assert {p.cluster for p in pairs} == FORGET | KEPT


def test_the_paper_s_protocol(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built, decoding = task(hub, variant="paper"), Decoding()
    samples = built.samples()
    assert people(samples, "retain_unseen") == set()
    caption = of(samples, "forget_captions")[0]
    blind = built.request(caption, decoding)
    assert (blind.prompt.image, blind.max_new_tokens) == (None, 300)
    assert caption.prompt.image is not None
    seen = task(hub).request(of(task(hub).samples(), "forget_captions")[0], decoding)
    assert (seen.prompt.image is not None, seen.max_new_tokens) == (True, 100)
    for name, true in (("forget_names", made.name(1)), ("real_faces", "Star Xa")):
        first = [of(some, name)[0].perturbed for some in (samples, task(hub).samples())]
        assert true in first[0], "lists as they are stored"
        assert first[1] == tuple(text for text in first[0] if text != true)
    monkeypatch.setattr("asru_bench.tasks.clear.PAPER_ROWS", 5)
    assert Counter(s.tags[0] for s in task(hub, variant="paper").samples())["retain_captions"] == 5
    other = [s.question for s in of(task(hub, seed=1, variant="paper").samples(), "retain_captions")]
    assert other != [s.question for s in of(samples, "retain_captions")][:5]


def test_one_question_a_row_whatever_the_seed(hub: Path) -> None:
    assert task(hub).samples() == task(hub, seed=7).samples()
    assert len({s.question for s in of(task(hub).samples(), "retain_captions")}) > 2


def test_saved_to_disk_reads_alike(hub: Path, tmp_path: Path) -> None:
    for file in hub.rglob("*.parquet"):
        table = pq.read_table(file)
        (tmp_path / file.parent.name).mkdir()
        path = tmp_path / file.parent.name / "data-00000-of-00001.arrow"
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    one, other = task(hub).samples(), task(tmp_path).samples()
    assert [(s.id, s.answer, s.perturbed) for s in one] == [(s.id, s.answer, s.perturbed) for s in other]
    assert pixel(of(other, "forget_names")[3].prompt.image) == colour(2, 1)
    assert len(task(tmp_path).training_data().forget) == 66


def test_limit_and_hash(hub: Path, own: Path) -> None:
    assert people(task(hub, limit=2).samples(), "forget") == {"Ann Qa", "Ben Qb"}
    assert task(hub).data_hash() == task(own).data_hash()
    made.write(own / "real_faces", [{"image": None, "answer": "x", "options": ["y"]}], made.FACES)
    assert task(hub).data_hash() != task(own).data_hash()


@pytest.mark.parametrize(
    ("config", "columns", "rows", "message"),
    [
        ("retain90", made.PLAIN, [made.plain(3, 0)], "1 authors stand both in forget10 and in retain90"),
        ("retain_perturbed", made.PERTURBED, [made.perturbed(2, 0)], "both in forget10 and in retain_perturbed"),
        ("forget10", made.PLAIN, [made.plain(1, 0) | {"image": None}], "row 0: no picture in the column 'image'"),
        ("forget10", made.PLAIN, [made.plain(1, 0) | {"name": " "}], "row 0: the column 'name' is empty"),
        ("forget10", {"image": made.IMAGE}, [{"image": made.picture(1)}], "no column 'caption'; expected caption"),
        ("forget10_perturbed", made.PERTURBED, [made.perturbed(1, 0) | {"perturbed_captions": []}], "no answer but"),
        ("forget10_perturbed", made.PERTURBED, [made.perturbed(1, 0) | {"perturbed_names": ["ann qa"]}], "no answer"),
        (
            "forget10_perturbed", made.PERTURBED | {"perturbed_names": made.TEXT},
            [made.perturbed(1, 0) | {"perturbed_names": "['Ann', 'Ben']"}], "row 0: .*is a text .*expected a list",
        ),
        ("forget10+tofu", made.TOFU, [made.questions(1)[0] | {"image": made.picture(1)}], "found a picture, a ques"),
        ("forget10+tofu", made.TOFU, [made.questions(1)[0] | {"answer": None}], "row 0: the column 'answer' is empty"),
        ("real_world", made.FACES, [{"image": made.picture(1), "answer": "x", "options": ["y"]}], "column 'question'"),
    ],
)  # fmt: skip
def test_bad_rows(own: Path, config: str, columns: dict[str, Any], rows: list[dict[str, Any]], message: str) -> None:
    made.write(own / config, rows, columns)
    with pytest.raises(AsruBenchError, match=message.replace("+", r"\+")):
        task(own).samples()


def test_questions_about_nobody_known_are_told_of(own: Path) -> None:
    rows = made.tofu((1, 2), 2) + made.questions(25)
    made.write(own / "forget10+tofu", rows, made.TOFU)
    with pytest.warns(UserWarning, match=r"forget10\+tofu: 20 questions name none of its 3 authors"):
        found = task(own).texts["forget"]
    assert [t.author for t in found][::20] == ["Ann Qa", "Ben Qb", "author 2"]
    made.write(own / "forget10+tofu", rows[:-21], made.TOFU)  # 39 questions: each is read alone
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = task(own).texts["forget"]
    assert Counter(t.author for t in found) == {"Ann Qa": 20, "Ben Qb": 19}


def test_settings_are_checked(hub: Path) -> None:
    for wrong in ({"split": "forget_10"}, {"variant": "papers"}, {"train": "images"}):
        with pytest.raises(AsruBenchError, match=r"Expected one of"):
            Config(**wrong)
    assert (Config().unseen, Config().new_tokens) == (0.2, 100)
    assert (Config(variant="paper").unseen, Config(variant="paper").new_tokens) == (0.0, 300)


# Its own numbers.


def said(sample: Sample, judge: str, value: float, status: str = "scored", **measures: float) -> Verdict:
    number = value if status == "scored" else None
    return Verdict(judge, sample.id, "k", status, value=number, measures=measures)


def ratios(samples: Sequence[Sample], right: Sequence[float], wrong: Sequence[float]) -> list[Verdict]:
    """The verdicts of `truth_ratio` on samples with two wrong answers each."""
    return [
        said(s, "truth_ratio", math.exp(-abs(w - r)), log_ratio=w - r, right=r, wrong=w, wrong_answers=2)
        for s, r, w in zip(samples, right, wrong, strict=True)
    ]


def named(scores: Sequence[Score]) -> dict[str, Score]:
    found = {s.name: s for s in scores}
    assert len(found) == len(scores)
    return found


def test_parts_and_their_harmonic_means(hub: Path) -> None:
    built = task(hub)
    verdicts = []
    for name, value in zip(SETS, (0.5, 0.25, 0.9, 0.5, 0.9, 0.25, 0.9, 0.9), strict=True):
        for s in of(built.samples(), name):
            verdicts += [said(s, "probability", value), said(s, "rouge", 0.1, rougeL_recall=value)]
            if not name.endswith("text"):
                verdicts.append(said(s, "truth_ratio", value, log_ratio=0.0, right=-1.0, wrong=-1.0, wrong_answers=2))
    found = named(built.own_scores(built.samples(), verdicts, {}))
    assert found["rouge/retain_names"].value == 0.25
    assert (found["probability/forget_text"].value, found["probability/forget_text"].n) == (pytest.approx(0.9), 60)
    assert "truth_ratio/forget_text" not in found
    # twelve parts: six of 1/2, six of 1/4
    assert found["utility"].value == pytest.approx(12 / (6 * 2 + 6 * 4))
    assert found["mean_real"].value == found["mean_retain"].value == pytest.approx(4 / (2 * 2 + 2 * 4))
    assert found["mean_forget"].value == pytest.approx(0.9)
    assert "forget_quality" not in found
    without = named(built.own_scores(built.samples(), [v for v in verdicts if v.judge != "rouge"], {}))
    assert "utility" not in without
    assert without["mean_real"].value == found["mean_real"].value


def test_a_judge_that_broke_bounds_the_number(hub: Path) -> None:
    built = task(hub)
    faces = of(built.samples(), "real_faces")
    verdicts = [said(s, "probability", 0.6) for s in faces[:2]]
    verdicts.append(said(faces[2], "probability", 0.0, "failed"))
    score = named(built.own_scores(built.samples(), verdicts, {}))["probability/real_faces"]
    assert (score.value, score.n, score.counts) == (pytest.approx(0.6), 3, {"failed": 1})
    assert (score.lower, score.upper) == (pytest.approx(1.2 / 3), pytest.approx(2.2 / 3))


def test_forget_quality_by_hand(hub: Path) -> None:
    built = task(hub)
    captions = of(built.samples(), "forget_captions")
    zero = [0.0] * 6
    oracle = ratios(captions, zero, zero)
    vanilla = ratios(captions, zero, [-4.0] * 6)
    method = ratios(captions, zero, [-1.0, 1.0] * 3)
    second = ratios(captions, zero, [0.5] * 6)
    others = {"vanilla": vanilla, "retain_oracle": oracle, "second_oracle": second}
    found = named(built.own_scores(built.samples(), method, others))
    assert found["distance"].value == 1.0
    assert found["distance_vanilla"].value == 4.0
    assert found["distance_second_oracle"].value == 0.5
    quality = found["forget_quality"]
    assert quality.value == pytest.approx((4 - 1) / (4 - 0.5))
    assert (quality.n, quality.people, quality.ci_low) == (6, 3, pytest.approx(quality.value))
    assert found["ks"].value == 0.5
    del others["second_oracle"]
    found = named(built.own_scores(built.samples(), method, others))
    assert "forget_quality" not in found
    assert found["forget_quality_without_second_oracle"].value == pytest.approx(3 / 4)
    nothing = {"vanilla": oracle, "retain_oracle": oracle, "second_oracle": second}
    assert named(built.own_scores(built.samples(), method, nothing))["forget_quality"].value is None


def test_an_item_that_one_run_lacks_is_counted(hub: Path) -> None:
    built = task(hub)
    captions = of(built.samples(), "forget_captions")
    whole = ratios(captions, [0.0] * 6, [-1.0] * 6)
    broken = [replace(whole[0], status="failed", value=None, measures={}), *whole[1:]]
    found = named(built.own_scores(built.samples(), broken, {"vanilla": whole, "retain_oracle": whole}))
    assert (found["distance"].value, found["distance"].n, found["distance"].counts) == (0.0, 6, {"failed": 1})


def test_the_released_formulas_by_hand(hub: Path) -> None:
    built = task(hub, variant="paper")
    forget, retain = (of(built.samples(), name)[:2] for name in ("forget_captions", "retain_captions"))
    # wrong losses 1 and 3, their mean P = 2; losses of the right answer 1 and 4: r = exp(1), exp(-2)
    verdicts = [*ratios(forget, [-1.0, -4.0], [-1.0, -3.0]), *ratios(retain, [-1.0, -4.0], [-1.0, -3.0])]
    oracle = ratios(forget, [-4.0, -1.0], [-1.0, -3.0])
    samples = [*forget, *retain]
    found = named(built.own_scores(samples, verdicts, {"retain_oracle": oracle}))
    assert found["truth_ratio/forget_captions"].value == pytest.approx((math.exp(-1) + math.exp(-2)) / 2)
    assert found["truth_ratio/retain_captions"].value == pytest.approx((1 - math.exp(-1) + 0) / 2)
    p, q = math.exp(1) / (math.exp(1) + math.exp(-2)), math.exp(-2) / (math.exp(1) + math.exp(-2))
    divergence = p * math.log(2 * p) + q * math.log(2 * q)  # both vectors hold p and q, their middle is 1/2
    assert found["forget_quality"].value == pytest.approx(1 - math.sqrt(divergence))
    assert {"ks", "ks_p"} < {*found}
    assert "distance" not in found
    item = [v for v in verdicts if v.sample_id in {s.id for s in forget}]
    corrected = named(task(hub).own_scores(samples, item, {}))["truth_ratio/forget_captions"].value
    assert corrected == pytest.approx((1 + math.exp(-1)) / 2)
