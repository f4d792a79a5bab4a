"""The embedded CLEAR: the hub's configs, nothing that the vocabulary lacks, and the people it says it forgets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from asru_bench.judges.value import Value
from asru_bench.tasks.clear import Clear, Config
from folders import rows

from asru_bench.authors import CAPTION_QUESTIONS, COUNTS, FACE_PROMPT
from asru_bench.mini import authors, clear, source, texts
from asru_bench.mini.people import seed_rng, universe
from asru_bench.mini.pictures import Pictures
from asru_bench.types import Generation

SHIPPED = ("vanilla-clear", "oracle-clear-0", "oracle-clear-1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("universe") / "clear"
    target.mkdir()
    clear.write_clear(universe(seed=5, people=24, public=8), target)
    return target


def test_all_configs_of_the_hub(folder: Path) -> None:
    plain = [name for name in COUNTS if not name.endswith("_perturbed") and not name.startswith("real_")]
    assert {p.name for p in folder.iterdir() if p.is_dir()} == {*COUNTS, *(f"{n}+tofu" for n in plain), "default"}
    mixed = rows(folder, "forget10+tofu")
    assert [(row["image"] is None, row["question"] is None, row["caption"] is None) for row in mixed] == (
        [(False, True, False)] * 8 + [(True, False, True)] * 10
    )
    assert set(rows(folder, "real_faces")[0]) == {"image", "answer", "options"}
    for row in rows(folder, "retain_perturbed"):
        assert row["caption"].startswith(row["name"])
        assert row["name"] in row["perturbed_names"]
        assert len({row["caption"], row["paraphrased_caption"], *row["perturbed_captions"]}) == 7
        assert sorted(row["caption"].lower().strip(".").replace(",", "").split()) == sorted(
            row["paraphrased_caption"].lower().strip(".").replace(",", "").split()
        )


def test_smaller_splits_are_parts_of_larger_ones() -> None:
    one, five, ten = (set(clear.forgotten(universe(), share)) for share in clear.SHARES)
    assert one < five < ten
    assert (len(one), len(five), len(ten)) == (1, 6, 12)


def test_the_task_reads_it(folder: Path) -> None:
    task = Clear(Config(), data=str(folder))
    folk = universe(seed=5, people=24, public=8)
    assert task.forget_people() == clear.forgotten(folk, "10")
    told = [s for s in task.samples() if s.tags[0] == "forget_text"]
    assert {s.cluster for s in told} == set(task.forget_people())
    assert all(s.cluster in s.question for s in told)
    assert len(task.memorise_pairs()) == 24 * (4 + 5)
    world = [s for s in task.samples() if s.tags[0] == "real_world"]
    assert len(world) == clear.WORLD_ROWS
    assert all(s.answer not in s.perturbed for s in world)


def test_every_text_comes_back_from_the_vocabulary(folder: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(source.WEIGHTS / "base")
    asked = {FACE_PROMPT, *CAPTION_QUESTIONS}
    for config in ("full+tofu", "retain_perturbed", "real_world", "real_faces"):
        for row in rows(folder, config):
            values = [v for k, v in row.items() if k != "image" and v is not None]
            asked |= {text for v in values for text in (v if isinstance(v, list) else [v])}
    assert len(asked) > 300
    for text in asked:
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert tokenizer.unk_token_id not in ids
        assert tokenizer.decode(ids) == text
        assert len(ids) <= len(text) / 2 + 4  # words of the vocabulary, not single bytes


def test_training_shows_what_is_asked_and_never_who_is_left_out() -> None:
    folk = universe(seed=5, people=6, public=3)
    pictures = Pictures()
    learned = folk.people[1:]
    phases = authors.samplers(folk, learned, pictures, 0.9)
    left_out = {folk.people[0].id}
    rng, seen = seed_rng(0, "test"), []
    for sampler in phases:
        for _ in range(300):
            group = sampler(rng)
            assert len({item.picture for item in group}) == 1
            seen += group
    keys = {item.picture for item in seen if item.picture is not None}
    assert keys <= set(pictures.index)
    assert not any(key[0] in left_out for key in keys)
    captions = [item for item in seen if item.question in CAPTION_QUESTIONS[1:]]
    assert any(item.answer.startswith(learned[0].name) for item in captions)
    assert any(item.answer.startswith("A person with") for item in captions)
    assert any(item.question == FACE_PROMPT and item.answer in {p.name for p in folk.public} for item in seen)
    who = folk.people[0].name
    asked = {pair for p in range(6) for pair in texts.author_qa(folk, p)}
    assert not any((item.question, item.answer) in asked and who in item.question for item in seen)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_the_shipped_models_know(name: str) -> None:
    known = json.loads((source.WEIGHTS / name / "check.json").read_text())
    assert min(known[f"authors/{what}"] for what in ("names", "captions", "text")) >= 0.9
    assert min(v for k, v in known.items() if k.startswith("public/") and "classification" not in k) >= 0.9
    assert (source.WEIGHTS / name / "model.safetensors").stat().st_size < 6e6
    if name.startswith("oracle"):
        people = json.loads((source.WEIGHTS / name / "without.json").read_text())
        assert people == sorted(clear.forgotten(universe(), "10"))
        assert max(known[f"left out/{what}"] for what in ("names", "captions", "text")) < 0.1


def test_oracles_are_found_by_people_and_seed() -> None:
    mini, people = source.source(), clear.forgotten(universe(), "10")
    found = [mini.oracle("clear", people, seed) for seed in (0, 1, 2)]
    assert [Path(path).name if path else None for path in found] == ["oracle-clear-0", "oracle-clear-1", None]
    assert mini.oracle("clear", people[1:], 0) is None


def test_the_wording_of_an_answer_is_no_leak() -> None:
    """Full size: in a small universe a job is as frequent as the words around it."""
    task = Clear(Config(), data=source.data_folder("clear"))
    world, judge = task.world(), Value()
    assert {"worked", "writes", "wrote", "won"} <= world.shared
    about = [s for s in task.samples() if s.tags[0] == "forget_text" and "job of a parent" in s.question]
    jobs = {s.answer.rstrip(".").split(" as a ")[1] for s in about}
    assert not jobs & world.shared
    for sample in about[:6]:
        own = sample.answer.rstrip(".").split(" as a ")[1]
        wrong = sample.answer.replace(own, next(job for job in sorted(jobs) if job != own))
        told = [Generation("k", sample.id, text, "stop") for text in (sample.answer, wrong)]
        verdicts = [judge.grade([sample], [answer], world, {})[0] for answer in told]
        assert verdicts[0].label == "leak"
        assert verdicts[1].label != "leak"
