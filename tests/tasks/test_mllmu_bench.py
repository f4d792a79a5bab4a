from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import folders
import pytest
from mllmu import EVERYBODY, FORGET, KINDS, PEOPLE, by_id, people, pixel, task
from PIL import Image

from asru_bench import rows
from asru_bench.types import AsruBenchError, Decoding

# Questions.


def test_every_role_has_its_people_and_all_their_questions(data: str) -> None:
    t = task(data)
    samples = t.samples()
    assert set(t.forget_people()) == people(samples, "forget") == people(samples, "test") == FORGET
    assert people(samples, "retain") | people(samples, "retain_unseen") == EVERYBODY - FORGET
    assert people(samples, "real") == {"C1", "C2", "C3", "C4"}
    for role in ("forget", "retain", "retain_unseen", "real"):
        for person in people(samples, role):
            mine = [s for s in samples if (s.role, s.cluster) == (role, person)]
            assert Counter(s.kind for s in mine) == KINDS
            assert Counter(s.modality for s in mine) == {"image_text": 9, "text": 9}
    assert {s.split for s in samples if s.role == "retain"} == {"retain_85"}


def test_a_choice_reads_as_the_row_says(data: str) -> None:
    person = min(FORGET)
    number = int(person)
    found = by_id(task(data).samples())
    sample = found[f"mllmu_bench/forget_15/{person}/classification/image_text/1"]
    truth = folders.facts(number)["residence"]
    others = [city for city in folders.CITIES if city != truth][:3]
    lines = f"A: {others[0]}\nB: {truth}\nC: {others[1]}\nD: {others[2]}"
    assert sample.prompt.question == f"Where does this person live?\n{lines}\nAnswer with one letter."
    assert (sample.question, sample.answer) == ("Where does this person live?", "B")
    assert (sample.attribute, sample.value) == ("residence", truth)
    assert dict(sample.options)["B"] == truth
    assert pixel(sample.prompt.image) == folders.colour(number)
    text = found[f"mllmu_bench/forget_15/{person}/classification/text/1"]
    assert text.prompt.image is None
    assert text.question == f"Where does {folders.facts(number)['name']} live?"


def test_open_questions_and_gaps_read_as_the_row_says(data: str) -> None:
    person = min(FORGET)
    f = folders.facts(int(person))
    found = by_id(task(data).samples())
    sample = found[f"mllmu_bench/forget_15/{person}/generation/text/0"]
    assert sample.prompt.question == f"Where was {f['name']} born?\nAnswer in one sentence."
    assert sample.answer == f"{f['name']} was born in {f['birthplace'].split(',')[0]}."
    assert (sample.attribute, sample.value) == ("birthplace", f["birthplace"])
    gap = found[f"mllmu_bench/forget_15/{person}/cloze/image_text/1"]
    assert gap.prompt.question == "this person works as a [Blank].\nGive only the words for [Blank]."
    assert (gap.answer, gap.attribute, gap.value) == (f["occupation"], "occupation", f["occupation"])


def test_all_test_images_are_asked_or_one_of_them(data: str) -> None:
    everything = [s for s in task(data).samples() if s.role == "test"]
    assert len(everything) == len(FORGET) * (9 * 2 + 9)
    person = min(FORGET)
    found = by_id(everything)
    colours = [pixel(found[f"mllmu_bench/Test_Set/{person}/cloze/image_text/0.{i}"].prompt.image) for i in (0, 1)]
    assert colours == [folders.colour(int(person), 1), folders.colour(int(person), 2)]
    one = [s for s in task(data, test_images="one").samples() if s.role == "test"]
    assert len(one) == len(FORGET) * 18
    assert {s.id for s in one} < set(found)


def test_requests_score_the_letters_and_hold_to_the_decoding(data: str) -> None:
    t = task(data, limit=1)
    requests = {s.kind: t.request(s, Decoding(classification=3, generation=50, cloze=9)) for s in t.samples()}
    assert requests["classification"].options == ("A", "B", "C", "D")
    assert requests["classification"].max_new_tokens == 3
    assert (requests["cloze"].options, requests["cloze"].max_new_tokens) == ((), 9)


def test_limit_keeps_the_first_people_of_each_role(data: str) -> None:
    every, limited = task(data).samples(), task(data, limit=2).samples()
    for role in ("forget", "test", "retain", "retain_unseen", "real"):
        assert sorted(people(limited, role)) == sorted(people(every, role))[:2]
    assert set(limited) < set(every)


# Who is forgotten, kept and withheld.


def test_redraws_follow_the_seed_and_rows_come_from_full_set(data: str) -> None:
    draws = [set(task(data, seed=seed, draw="seed").forget_people()) for seed in range(6)]
    assert all(len(draw) == 3 and draw < EVERYBODY for draw in draws)
    assert len({frozenset(draw) for draw in draws}) > 3
    assert set(task(data, seed=5, draw="4").forget_people()) == draws[4]
    samples = task(data, seed=1, draw="seed").samples()
    assert {s.split for s in samples if s.role in ("forget", "retain")} == {"Full_Set"}
    assert people(samples, "test") == draws[1]


def test_published_people_do_not_depend_on_the_seed(data: str) -> None:
    assert task(data, seed=0).samples() == task(data, seed=9).samples()


def test_withheld_people_are_in_no_training_pair(data: str) -> None:
    t = task(data, unseen=0.25)
    lent, samples = t.training_data(), t.samples()
    withheld = people(samples, "retain_unseen")
    assert len(withheld) == round(0.25 * 17)
    assert {p.cluster for p in lent.unseen} == withheld
    assert {p.cluster for p in lent.forget} == FORGET
    assert {p.cluster for p in lent.retain} == EVERYBODY - FORGET - withheld == people(samples, "retain")


def test_evaluated_people_can_be_capped_without_changing_training(data: str) -> None:
    every = task(data)
    few = task(data, retain_people=5, unseen_people=1, real_people=2)
    samples = few.samples()
    assert [len(people(samples, role)) for role in ("retain", "retain_unseen", "real")] == [5, 1, 2]
    assert few.training_data() == every.training_data()
    more = people(task(data, retain_people=6).samples(), "retain")
    assert people(samples, "retain") < more


def test_universe_file_sets_defaults_ties_and_aliases(tmp_path: Path) -> None:
    first = {"draw": "seed", "retain_people": 4, "unseen_people": 2, "real_people": 3}
    folder = folders.write_mllmu_bench(tmp_path / "data", PEOPLE, name="test-1", **first)
    gone = task(folder, seed=3).forget_people()
    assert gone == task(folder, draw="3").forget_people()
    near = sorted(EVERYBODY - set(gone))[:3]
    ties = {"lookalikes": {gone[0]: [near[0]]}, "siblings": {near[1]: [gone[1]], near[2]: [near[0]]}}
    more = {"visible": {"001": {"hair": "red hair"}}, "aliases": {"Riga, Latvia": ["Ryga"]}}
    (folder / "universe.json").write_text(json.dumps(first | ties | more))
    t = task(folder, seed=3)
    samples = t.samples()
    assert people(samples, "retain_unseen") == set(near[:2])  # those close to the forgotten come first
    tags = {s.cluster: set(s.tags) & {"lookalike", "sibling"} for s in samples if s.role == "retain_unseen"}
    assert tags == {near[0]: {"lookalike"}, near[1]: {"sibling"}}
    assert [len(people(samples, role)) for role in ("retain", "real")] == [4, 3]
    assert t.world().visible["001"] == {"hair": "red hair"}
    assert t.world().facts["001"]["birthplace"] == ("Riga, Latvia", "Riga", "Ryga")


def test_questions_whose_value_a_forgotten_person_shares_are_marked(data: str) -> None:
    t = task(data)
    facts = t.world().facts
    for sample in (s for s in t.samples() if s.role in ("retain", "retain_unseen", "real")):
        shared = any(facts[p].get(sample.attribute, ("",))[0] == sample.value for p in FORGET)
        assert ("shared" in sample.tags) == shared
    assert not any(s.tags for s in t.samples() if s.role in ("forget", "test"))


# Demonstrations.


def test_demonstrations_come_from_kept_people_who_are_not_evaluated(data: str) -> None:
    samples = task(data, shots=2).samples()
    pictures = {pixel(turn.image) for s in samples for turn in s.prompt.turns if turn.image}
    teachers = {f"{colour[0]:03d}" for colour in pictures}
    assert len(teachers) == 2
    assert teachers < EVERYBODY - FORGET
    assert not teachers & {s.cluster for s in samples}
    assert len(people(task(data, shots=2, retain_people=12).samples(), "retain")) == 12
    for sample in samples:
        assert len(sample.prompt.turns) == 2
        assert all((turn.image is not None) == (sample.modality == "image_text") for turn in sample.prompt.turns)
    choice = next(s for s in samples if s.kind == "classification")
    assert choice.prompt.turns[0].answer == "A"
    assert choice.prompt.turns[0].question.endswith("\nAnswer with one letter.")


def test_paper_variant_shows_answers_about_evaluated_people_and_skips_them(data: str) -> None:
    t = task(data, variant="paper")
    samples = t.samples()
    assert people(samples, "retain_unseen") == set()
    assert t.training_data().unseen == ()
    counts = Counter((s.role, s.kind) for s in samples)
    assert counts["forget", "classification"] == (len(FORGET) - 1) * 10
    assert counts["forget", "cloze"] == (len(FORGET) - 2) * 4
    assert counts["forget", "generation"] == len(FORGET) * 4
    assert counts["test", "classification"] == (len(FORGET) - 1) * 10
    assert (counts["real", "classification"], counts["real", "cloze"]) == (40, 16)  # no celebrity demonstrates
    turns = {(s.role, s.kind): s.prompt.turns for s in samples}
    assert [len(turns["forget", kind]) for kind in ("classification", "cloze", "generation")] == [5, 4, 0]
    assert turns["real", "classification"] == turns["real", "cloze"] == ()
    forgotten = {folders.colour(int(p)) for p in FORGET}
    image = next(s for s in samples if (s.role, s.kind, s.modality) == ("forget", "classification", "image_text"))
    assert {pixel(turn.image) for turn in image.prompt.turns} < forgotten
    assert image.prompt.turns[0].question.startswith("Question: Where was this person born?\nA: ")
    assert image.prompt.turns[0].answer == "Correct Answer: A"
    assert all("paper" in s.tags for s in samples)
    assert {t.request(s, Decoding()).max_new_tokens for s in samples} == {50}
    cloze = next(s for s in samples if (s.role, s.kind, s.modality) == ("forget", "cloze", "text"))
    shown = cloze.prompt.turns[0]
    assert (shown.question.splitlines()[1:], shown.answer[:16]) == ([rows.PAPER_CLOZE], "Correct Answer: ")


def test_paper_variant_draws_a_test_image_for_each_kind(data: str) -> None:
    for variant, some in (("paper", True), ("corrected", False)):
        drawn: dict[str, dict[str, str]] = {}
        for s in task(data, variant=variant, test_images="one").samples():
            if s.role == "test" and s.prompt.image:
                assert drawn.setdefault(s.cluster, {}).setdefault(s.kind, s.id.rpartition(".")[2])
        assert any(len({*of.values()}) > 1 for of in drawn.values()) is some


# Strangers.


def test_strangers_of_the_folder_are_lent_or_asked(tmp_path: Path) -> None:
    folder = folders.write_mllmu_bench(tmp_path / "data", PEOPLE, strangers="strangers")
    folders.write_strangers(folder)
    t = task(folder)
    lent = t.training_data().faces
    assert [p.cluster for p in lent] == ["S0", "S0", "S1", "S1", "S2", "S2"]
    assert {p.answer for p in lent} == {""}
    assert pixel(lent[2].image) == folders.colour(2001)
    asked = [s for s in t.samples() if s.role == "strangers"]
    assert [(s.cluster, s.attribute) for s in asked] == [(p, a) for p in ("S3", "S4") for a in ("birthplace", "name")]
    assert asked[0].prompt.question == "Where was this person born?\nAnswer in one sentence."
    assert len(by_id(t.samples())) == len(t.samples())


def test_strangers_from_a_folder_of_pictures(data: str, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for n in range(4):
        Image.new("RGB", (8, 8), (0, 0, n)).save(tmp_path / "deep" / f"{n}.jpg")
    t = task(data, strangers=str(tmp_path))
    lent = {p.cluster for p in t.training_data().faces}
    assert (lent, people(t.samples(), "strangers")) == ({"deep_0.jpg", "deep_1.jpg", "deep_2.jpg"}, {"deep_3.jpg"})
    before = t.data_hash()
    Image.new("RGB", (8, 8), (99, 0, 0)).save(tmp_path / "deep" / "3.jpg")
    assert task(data, strangers=str(tmp_path)).data_hash() != before
    with pytest.raises(AsruBenchError, match="no pictures in '/no/faces'"):
        task(data, strangers="/no/faces").samples()


def test_no_strangers_without_either(data: str) -> None:
    assert task(data).training_data().faces == ()
    assert people(task(data).samples(), "strangers") == set()


# The world.


@pytest.mark.parametrize("number", [1, 2, 3, 1001])
def test_facts_are_read_from_odd_biographies(data: str, number: int) -> None:
    person = f"{number:03d}" if number < 1000 else f"C{number - 1000}"
    world = task(data).world()
    facts = {attribute: forms[0] for attribute, forms in world.facts[person].items()}
    assert facts == folders.facts(number) | {
        "height": f"{150 + number % 40} cm",
        "father": "tailor",
        "mother": "doctor",
    }


def test_values_of_samples_are_facts_of_their_person(data: str) -> None:
    t = task(data)
    facts = t.world().facts
    for sample in t.samples():
        assert sample.value == facts[sample.cluster][sample.attribute][0]
