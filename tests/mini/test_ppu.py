"""The embedded universe as a PPU-Bench folder: read by the task's own loader, entangled and held out as promised."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest
from asru_bench.tasks.ppu_bench import Config, PPUBench

from asru_bench.data import open_dataset, open_image
from asru_bench.mini import ppu, words
from asru_bench.mini.people import held_out_wordings, trained_wordings, universe

FOLK = universe(seed=5, people=6, public=8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("ppu")
    ppu.write_ppu_bench(FOLK, target)
    return target


def task(folder: Path, setting: str) -> PPUBench:
    return PPUBench(Config(setting=setting), data=str(folder))


def test_the_configs_are_those_of_the_hub(folder: Path) -> None:
    configs = {*open_dataset(str(folder)).configs()}
    assert len(configs) == 20 + 1  # one backbone in place of two, and the strangers
    assert {"train_pair_mini", "train_pair_mini_qa", "unlearning_target", "cross_image_complete_r30"} < configs


@pytest.mark.parametrize("setting", ["complete_5", "complete_10", "complete_30", "selective", "personalized"])
def test_every_setting_loads_without_a_warning(folder: Path, setting: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        built = task(folder, setting)
        samples, data = built.samples(), built.training_data()
    forget = {s.tags[0] for s in samples if s.role == "forget"}
    assert {p.id.rpartition("/")[2] for p in data.forget} == forget
    assert data.faces
    assert {s.role for s in samples} == {"forget", "test", "retain", "retain_unseen", "probe", "strangers"}
    assert len({s.id for s in samples}) == len(samples)
    if setting == "selective":
        assert len(forget) == 8 * len(words.SENSITIVE)
    if setting.startswith("complete"):
        assert len(forget) == 10 * len(built.forget_people())


def test_complete_sets_are_nested_and_everybody_keeps_something(folder: Path) -> None:
    splits = {path.name: json.loads(path.read_text()) for path in (folder / "split").iterdir()}
    complete = splits["complete_split.json"]
    assert {*complete["forget5"]} <= {*complete["forget10"]} <= {*complete["forget15"]} <= {*complete["forget30"]}
    persona = splits["persona_split.json"]
    for i in range(1, 9):
        own = [[e["id"] for e in persona[key] if e["subject_id"] == f"{i:03d}"] for key in ("delete_ids", "keep_ids")]
        assert len(own[0]) >= 1
        assert len(own[1]) >= ppu.FEWEST_KEPT
        assert len(own[0]) + len(own[1]) == 10


def test_the_frozen_universe_has_exceptions() -> None:
    people = {f"{i + 1:03d}": person for i, person in enumerate(universe().public)}
    splits = ppu.make_splits(people, 1)
    deleted, sensitive = ({e["id"] for e in x} for x in (splits["persona_split.json"]["delete_ids"],
                                                         splits["selective_split.json"]))  # fmt: skip
    assert (len(sensitive), len(splits["complete_split.json"]["forget30"])) == (120, 12)
    assert len(deleted - sensitive) >= 8
    assert len(sensitive - deleted) >= 20


def test_nothing_that_is_asked_was_trained_on(folder: Path) -> None:
    built = task(folder, "personalized")
    facts = built.roster.universe.attributes
    trained = {p.question for p in built.training_data().forget + built.training_data().retain}
    by_name = {p.name.replace(" ", "_"): p for p in FOLK.public}
    pixels = {
        s.cluster: open_image(s.prompt.image).tobytes()
        for s in built.samples()
        if s.role == "forget" and s.prompt.image
    }
    for s in built.samples():
        if s.split.startswith("ppu_eval"):
            person = by_name[s.tags[0].rpartition("_")[0]]
            attribute = facts[s.tags[0]]
            assert not {*held_out_wordings(person, attribute)} & {*trained_wordings(person, attribute)}
            assert s.value == person.facts[attribute]
        if s.role == "test":
            assert open_image(s.prompt.image).tobytes() != pixels[s.cluster]
    assert trained


def test_questions_and_gaps(folder: Path) -> None:
    samples = task(folder, "selective").samples()
    cloze = next(s for s in samples if s.kind == "cloze")
    assert "___" in cloze.question
    assert "[Blank]" in cloze.prompt.question
    assert "_" not in cloze.prompt.question
    paraphrases = {(s.tags[0], s.modality): s.question for s in samples if s.split == "paraphrase"}
    plain = {(s.tags[0], s.modality): s.question for s in samples if s.split == "ppu_eval_generation"}
    assert paraphrases
    assert all(plain[key].lower() not in asked.lower() for key, asked in paraphrases.items())
    assert {s.split for s in samples if "keep" in s.tags and s.role == "probe"} >= {"random_prefix", "paraphrase"}
    world = task(folder, "selective").world()
    assert {attribute for own in world.forget.values() for attribute in own} == {*words.SENSITIVE}
    assert set(world.visible) >= set(world.facts)
