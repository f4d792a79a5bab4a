"""The generated people: reproducible, entangled as promised, and held out where it counts."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import pytest
from folders import rows

from asru_bench.mini import folders, texts, words
from asru_bench.mini.people import PHOTOS, TRAIN_PHOTOS, universe
from asru_bench.mini.portraits import draw, look_alike, random_face


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("universe") / "mllmu_bench"
    target.mkdir()
    folders.write_mllmu_bench(universe(seed=5, people=24, public=4), target)
    return target


def test_same_seed_same_people_and_pixels():
    universe.cache_clear()
    first = universe(seed=5, people=24, public=4)
    universe.cache_clear()
    second = universe(seed=5, people=24, public=4)
    assert first == second
    person = first.people[0]
    digests = {hashlib.sha256(draw(person.face, photo).tobytes()).hexdigest() for photo in person.photos}
    again = {hashlib.sha256(draw(person.face, photo).tobytes()).hexdigest() for photo in person.photos}
    assert digests == again
    assert len(digests) == PHOTOS
    assert universe(seed=6, people=24, public=4).people[0].facts != person.facts


def test_the_frozen_universe():
    folk = universe()
    assert (len(folk.people), len(folk.public)) == (120, 40)
    names = [p.name for group in (folk.known, *folk.strangers.values()) for p in group]
    assert len(set(names)) == len(names)
    faces = [p.face for group in (folk.known, *folk.strangers.values()) for p in group]
    assert len(set(faces)) == len(faces)
    assert {len(set(p.facts)) for p in folk.public} == {11}
    ids = [{p.id for p in group} for group in folk.strangers.values()]
    assert not set.intersection(*ids)


@pytest.mark.parametrize(("attribute", "sharers"), [("friend", 1), ("hobby", 3), ("occupation", 10), ("health", 10)])
def test_values_are_shared_as_planned(attribute, sharers):
    values = [p.facts[attribute] for p in universe().people]
    assert max(values.count(v) for v in set(values)) == sharers


def test_siblings_share_a_name_and_an_origin():
    folk = universe()
    by_id = {p.id: p for p in folk.people}
    for left, rights in folk.siblings.items():
        for right in rights:
            assert by_id[left].name.split()[1] == by_id[right].name.split()[1]
            assert by_id[left].facts["birthplace"] == by_id[right].facts["birthplace"]


def test_look_alikes_differ_in_at_most_two_features():
    folk = universe()
    by_id = {p.id: p for p in folk.people}
    close = 0
    for left, rights in folk.look_alikes.items():
        for right in rights:
            a, b = by_id[left].face, by_id[right].face
            close += sum(getattr(a, f) != getattr(b, f) for f in a.__dataclass_fields__) <= 2
    assert close >= 0.9 * len(folk.look_alikes)
    face = random_face(random.Random(1))
    assert look_alike(face, random.Random(2)) != face


def test_evaluation_uses_no_trained_wording_and_no_trained_photo(folder):
    trained = {pair["Question"] for row in rows(folder, "ft_Data") for pair in json.loads(row["metadata"])}
    photos = {row["image"]["bytes"] for row in rows(folder, "ft_Data")}
    for row in rows(folder, "Test_Set"):
        asked = [*row["Generation_Task"], *row["Mask_Task"], *row["Classification_Task"]["Image_Textual_Questions"]]
        assert not {q["Question"] for q in asked} & trained
        assert len(row["images"]) == PHOTOS - TRAIN_PHOTOS
        assert not {image["bytes"] for image in row["images"]} & photos


def test_splits_partition_the_people(folder):
    everybody = {row["ID"] for row in rows(folder, "Full_Set")}
    for ratio in folders.RATIOS:
        forget = {row["ID"] for row in rows(folder, f"forget_{ratio}")}
        retain = {row["ID"] for row in rows(folder, f"retain_{100 - ratio}")}
        assert forget | retain == everybody
        assert not forget & retain
        assert len(forget) == round(len(everybody) * ratio / 100)


def test_every_choice_has_one_true_option(folder):
    for row in rows(folder, "Full_Set"):
        facts = json.loads(row["biography"]).values()
        for key in ("Image_Textual_Questions", "Pure_Text_Questions"):
            for question in row["Classification_Task"][key]:
                options = question["Options"]
                assert options[question["Correct_Answer"]] in facts
                assert len(set(options.values())) == 4


def test_strangers_of_training_and_reference_are_different_people(folder):
    found = rows(folder, "strangers")
    groups = {use: {row["ID"] for row in found if row["use"] == use} for use in ("train", "test")}
    assert groups["train"]
    assert groups["test"]
    assert not groups["train"] & groups["test"]


def test_refusals_name_what_was_asked_and_something_visible():
    rng = random.Random(0)
    person = universe().people[0]
    for attribute in words.ASKED:
        answer = texts.refusal(attribute, person.seen, rng)
        assert words.ASKED[attribute] in answer
        assert any(feature in answer for feature in person.seen.values())


def test_one_of_four_options_is_true():
    folk = universe()
    pool = texts.pools(folk.known)
    drawn, letter = texts.options(folk.people[0], "hobby", pool["hobby"], random.Random(0))
    assert drawn["ABCD".index(letter)] == folk.people[0].facts["hobby"]
    assert len(set(drawn)) == 4
