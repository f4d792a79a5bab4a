"""PPU-Bench on generated folders in the hub's schema: what is forgotten and asked, and every bad folder."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ppu_folders as made
import pyarrow.parquet as pq
import pytest
from asru_bench.tasks.ppu_bench import WHO, Config, PPUBench
from folders import colour, write_strangers
from mllmu import by_id, people, pixel

from asru_bench import ppu_rows
from asru_bench.data import open_dataset
from asru_bench.ppu_roster import Wrapper
from asru_bench.types import AsruBenchError, Decoding, Sample

ASKED = ("ppu_eval_generation", "ppu_eval_cloze", "ppu_eval_classification")
SENSITIVE = sum(c[1] for c in made.SMALL)
FACTS = sum(map(sum, made.SMALL))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.write_ppu(tmp_path_factory.mktemp("ppu"))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder that the test may spoil."""
    return made.write_ppu(tmp_path / "data")


def task(data: Path, limit: int | None = None, **config: Any) -> PPUBench:
    return PPUBench(Config(**({"setting": "selective"} | config)), data=str(data), limit=limit)


def of(samples: Sequence[Sample], split: str, role: str = "") -> list[Sample]:
    return [s for s in samples if s.split == split and role in ("", s.role)]


def facts(samples: Sequence[Sample]) -> set[str]:
    return {s.tags[0] for s in samples}


def test_the_folder_has_the_22_configs(hub: Path) -> None:
    configs = open_dataset(str(hub)).configs()
    assert len(configs) == 22
    assert "split" not in configs


def test_each_fact_is_asked_in_three_kinds_and_two_modalities(hub: Path) -> None:
    samples = task(hub).samples()
    by_id(samples)
    for split in ASKED:
        counts = Counter(s.modality for s in of(samples, split))
        assert counts == {"text": FACTS, "image_text": FACTS}
        assert len(of(samples, split, "forget")) == 2 * SENSITIVE
    assert all((s.modality == "image_text") == (s.prompt.image is not None) for s in samples)
    forgotten = of(samples, ASKED[0], "forget")
    assert len({s.cluster for s in forgotten}) == len(made.SMALL)
    one = next(s for s in forgotten if s.id == "ppu_bench/ppu_eval_generation/001/generation/image_text/Ann_Qa_25")
    assert (one.question, one.answer, one.value) == (
        "What is fact 25 of this person?",
        "It is v1x25 for sure.",
        "v1x25",
    )
    assert one.prompt.question == "What is fact 25 of this person?\nAnswer in one sentence."
    assert one.tags == ("Ann_Qa_25", "forget", "sensitive")
    assert pixel(one.prompt.image) == colour(1)
    cloze = next(s for s in samples if s.kind == "cloze" and s.tags[0] == "Ann_Qa_25" and s.modality == "text")
    assert cloze.prompt.question.startswith("Fact 25 of Ann Qa is [Blank].\n")
    choice = next(s for s in samples if s.kind == "classification" and s.tags[0] == "Ann_Qa_25")
    assert (choice.answer, dict(choice.options)[choice.answer]) == ("C", "v1x25")


@pytest.mark.parametrize(("setting", "count"), [("complete_5", 1), ("complete_10", 2), ("complete_30", 4)])
def test_complete_forgets_whole_people(hub: Path, setting: str, count: int) -> None:
    built = task(hub, setting=setting)
    samples = built.samples()
    gone = tuple(made.subject(p) for p in range(1, count + 1))
    assert built.forget_people() == gone
    assert people(samples, "forget") == people(samples, "test") == {*gone}
    assert not people(samples, "retain") & {*gone}
    assert {s.split for s in samples if s.role == "probe"} >= {"random_prefix", "paraphrase", "who", "named", "blind"}
    assert built.world().forget == {}  # everything about them, the name too


def test_personalized_departs_from_selective(hub: Path) -> None:
    samples = task(hub, setting="personalized").samples()
    marks = {s.tags[0]: s.tags[1:] for s in samples if s.split in ASKED}
    assert {f for f, m in marks.items() if "forget" in m and "sensitive" not in m} == {
        made.fact(p, 1) for p in range(1, 7)
    }
    assert {f for f, m in marks.items() if "keep" in m and "sensitive" in m} == {made.fact(p, 25) for p in range(1, 7)}
    assert task(hub, setting="personalized").world().forget["001"] == ()  # no attribute is known; the name is kept


def test_forgotten_facts_are_asked_on_three_other_photos(hub: Path) -> None:
    tests = [s for s in task(hub).samples() if s.role == "test"]
    assert len(tests) == 3 * 3 * SENSITIVE
    assert [s.id[-4:] for s in tests[:3]] == [".002", ".003", ".004"]
    assert {pixel(s.prompt.image) for s in tests if s.cluster == "002"} == {colour(2, i) for i in (1, 2, 3)}
    assert len([s for s in task(hub, test_images="one").samples() if s.role == "test"]) == 3 * SENSITIVE


def test_a_share_of_what_is_kept_is_withheld(hub: Path) -> None:
    built = task(hub, unseen=0.4)
    data, who = built.training_data(), built.roster
    unseen = facts([s for s in built.samples() if s.role == "retain_unseen"])
    untaught = {made.fact(p, c[0]) for p, c in enumerate(made.SMALL, 1)}  # the last fact has no training pair
    assert unseen == who.withheld | untaught
    assert len(who.withheld) == sum(round(0.4 * c[0]) for c in made.SMALL)
    read = {pair.id.rpartition("/")[2] for pair in data.retain}
    assert read == facts([s for s in built.samples() if s.role == "retain"])
    assert not read & unseen
    assert {pair.id.rpartition("/")[2] for pair in data.unseen} == who.withheld - untaught
    assert len(data.forget) == SENSITIVE
    assert all(pair.image for pair in data.forget)
    assert data.forget[0].answer == "I think it is v1x25."
    assert data.forget[0].value == "v1x25"
    assert len(task(hub, train="both").training_data().forget) == 2 * SENSITIVE
    paper = task(hub, variant="paper")
    assert not people(paper.samples(), "retain_unseen")
    whole = task(hub, setting="complete_10", unseen=0.5)
    held = people(whole.samples(), "retain_unseen")
    assert len({p.cluster for p in whole.training_data().unseen}) == 2
    assert {p.cluster for p in whole.training_data().retain} | held == {"003", "004", "005", "006"}


def test_backbones(hub: Path, own: Path) -> None:
    assert "train_pair_gemma3" in task(hub, backbone="gemma3").training_data().forget[0].id
    with pytest.raises(AsruBenchError, match=r"no config 'train_pair_llava'.*Found: .*train_pair_qwen3"):
        task(hub, backbone="llava").training_data()
    made.write(own / "train_pair_qwen3", [made.pair(9, 25)], made.PAIR | {"image": made.IMAGE}, "train")
    with pytest.raises(AsruBenchError, match="train_pair_qwen3 names 1 facts that no question asks"):
        task(own).training_data()
    made.write(
        own / "train_pair_qwen3", [made.pair(1, 25) | {"image": None}], made.PAIR | {"image": made.IMAGE}, "train"
    )
    with pytest.raises(AsruBenchError, match="row 0: no picture in the column 'image'"):
        task(own).training_data()


def test_probes_ask_blindly_with_the_name_and_whose_face(hub: Path) -> None:
    samples = task(hub, probe_kept=1).samples()
    probes = [s for s in samples if s.role == "probe"]
    kept = len(made.SMALL)
    assert Counter(s.split for s in probes) == {
        "blind": SENSITIVE + kept, "named": SENSITIVE + kept, "who": 6, "random_prefix": 2 * (SENSITIVE + kept),
        "jailbreak_style_prompt": 2 * (SENSITIVE + kept), "paraphrase": 2 * SENSITIVE,
    }  # fmt: skip
    blind, named = of(probes, "blind")[0], of(probes, "named")[0]
    assert (blind.prompt.image, "this person" in blind.question) == (None, True)
    assert (named.prompt.image is not None, "Ann Qa" in named.question) == (True, True)
    who = of(probes, "who")[1]
    assert (who.question, who.answer, pixel(who.prompt.image)) == (WHO, "Ben Qb", colour(2))
    fewer = [s for s in task(hub, probes="none").samples() if s.role == "probe"]
    assert {s.split for s in fewer} == {"blind"}, "the knowledge gate compares with them"


def test_kept_facts_get_the_stored_prefix_but_no_paraphrase(hub: Path, own: Path) -> None:
    probes = [s for s in task(hub, probe_kept=1).samples() if s.role == "probe" and "keep" in s.tags]
    prefixed = of(probes, "random_prefix")[0]
    assert prefixed.question.startswith("Zork blee. What is fact")
    assert of(probes, "jailbreak_style_prompt")[0].question.endswith("? Obey.")
    assert not of(probes, "paraphrase")
    rows = [made.attacked(1, k, "text", "Say it of fact") for k in (1, 2, 3, 4, 5, 25)]
    made.write(own / "paraphrase_selective", rows, made.EVAL)  # one that brings kept facts too
    assert facts(of(task(own, probe_kept=9).samples(), "paraphrase")) >= {"Ann_Qa_01", "Ann_Qa_25"}


@pytest.mark.parametrize(
    ("attacked", "of_another"),
    [
        ("Zork. Who is it?", "Zork. Where is it?"),
        ("Say, who is it? Obey.", "Say, where is it? Obey."),
        ("Who is it?", None),
        ("Whose is it?", None),
    ],
)
def test_what_an_attack_puts_around_a_question(attacked: str, of_another: str | None) -> None:
    found = Wrapper.of(attacked, "Who is it?")
    assert (found and found.around("Where is it?")) == of_another


def test_folders_without_attacks_and_photos(own: Path) -> None:
    for config in own.iterdir():
        if config.name.startswith(("cross_image", *ppu_rows.ATTACKS)):
            next(config.iterdir()).unlink()
    samples = task(own).samples()
    assert {s.role for s in samples} == {"forget", "retain", "retain_unseen", "probe"}
    assert {s.split for s in samples if s.role == "probe"} == {"blind", "named", "who"}
    assert len(task(own).data_hash()) == 64


def test_the_released_protocol(hub: Path) -> None:
    built, decoding = task(hub, variant="paper"), Decoding()
    samples = built.samples()
    asked = {
        (s.kind, s.modality): s.prompt.question.splitlines() for s in of(samples, ASKED[0]) + of(samples, ASKED[1])
    }
    assert asked["generation", "image_text"][1].startswith("Answer from the picture")
    assert asked["generation", "text"][1] == "Answer in one sentence, in ENGLISH."
    assert "[Blank]" in asked["cloze", "text"][0]
    assert {built.request(s, decoding).max_new_tokens for s in samples} == {50}
    assert built.request(of(samples, ASKED[2])[0], decoding).options == ("A", "B", "C", "D")
    assert built.judge_settings()["choice"] == {"parser": "ppu"}
    assert "choice" not in task(hub).judge_settings()
    assert task(hub).judge_settings()["rouge"]["words"] == "plain"


def test_fewer_kept_facts_and_fewer_people(hub: Path) -> None:
    kept = [s for s in task(hub, kept_facts=2).samples() if s.role in ("retain", "retain_unseen")]
    assert Counter(s.cluster for s in kept) == {made.subject(p): 2 * 6 for p in range(1, 7)}
    assert people(task(hub, limit=2).samples(), "forget") == {"001", "002"}


def test_what_an_invented_world_says_of_itself(own: Path) -> None:
    attributes = {made.fact(1, k): f"thing_{k}" for k in (1, 25)}
    made.write_splits(
        own, made.splits(made.SMALL, {"forget5": 1, "forget10": 2, "forget15": 3, "forget30": 4}),
        attributes=attributes, backbone="gemma3", strangers="strangers", aliases={"v1x25": ["other"]},
    )  # fmt: skip
    write_strangers(own)
    built = task(own)
    assert built.world().facts["001"] == {"name": ("Ann Qa",), "thing_1": ("v1x1",), "thing_25": ("v1x25", "other")}
    assert built.world().forget["001"] == ("thing_25",)
    assert people(built.samples(), "strangers") == {"S3", "S4"}
    assert len(built.training_data().faces) == 6
    assert "train_pair_gemma3" in built.training_data().forget[0].id
    assert "train_pair_qwen3" in task(own, backbone="qwen3").training_data().forget[0].id


def test_nothing_is_injected(hub: Path) -> None:
    with pytest.raises(AsruBenchError, match="PPU-Bench injects nothing"):
        task(hub).memorise_pairs()


# The split files.


def test_published_digests_are_expected_unless_the_folder_says_otherwise(own: Path) -> None:
    (own / "universe.json").unlink()
    with pytest.raises(AsruBenchError, match=r"selective_split.json has the SHA-256 .*expected 3f25796e.*git clone"):
        task(own).samples()


def test_a_changed_split_file(own: Path) -> None:
    path = own / "split" / "persona_split.json"
    path.write_text(path.read_text().replace("Ann_Qa_26", "Ann_Qa_25"))
    with pytest.raises(AsruBenchError, match=r"persona_split\.json has the SHA-256"):
        task(own, setting="personalized").samples()


def test_missing_split_files_say_where_they_come_from(own: Path, tmp_path: Path) -> None:
    (own / "split").rename(tmp_path / "elsewhere")
    with pytest.raises(AsruBenchError, match=r"no complete_split.json and .*git clone .*guangjh/ppu-bench.*8fa1225"):
        task(own).samples()
    assert task(own, splits=str(tmp_path / "elsewhere")).samples()
    (own / "data").mkdir()
    (tmp_path / "elsewhere").rename(own / "data" / "split")
    assert task(own).samples()


Change = Callable[[dict[str, Any]], None]


@pytest.mark.parametrize(
    ("setting", "change", "message"),
    [
        (
            "complete_5",
            lambda c: c["complete_split.json"]["forget5"].append("099"),
            "names 1 people that the questions",
        ),
        ("complete_5", lambda c: c["complete_split.json"].pop("forget5"), "no list 'forget5'"),
        ("selective", lambda c: c["selective_split.json"].append({"id": "Zed_01"}), "names 1 facts that the questions"),
        (
            "selective",
            lambda c: c["selective_split.json"].append({"subject_id": "001"}),
            "objects with subject_id and id",
        ),
        (
            "personalized",
            lambda c: c["persona_split.json"]["keep_ids"].append(c["persona_split.json"]["delete_ids"][0]),
            "1 facts are both in delete_ids and in keep_ids",
        ),
        ("personalized", lambda c: c["persona_split.json"]["keep_ids"].pop(), "1 facts are in neither list"),
        ("personalized", lambda c: c["persona_split.json"].pop("keep_ids"), "no list 'keep_ids'"),
    ],
)
def test_bad_split_files(own: Path, setting: str, change: Change, message: str) -> None:
    content = made.splits(made.SMALL, {"forget5": 1, "forget10": 2, "forget15": 3, "forget30": 4})
    change(content)
    made.write_splits(own, content)
    with pytest.raises(AsruBenchError, match=message):
        task(own, setting=setting).samples()


def test_a_split_file_that_is_no_json(own: Path) -> None:
    made.write_splits(own, {"selective_split.json": "x"})
    path = own / "split" / "selective_split.json"
    path.write_text("[{")
    found = json.loads((own / "universe.json").read_text())
    with pytest.raises(AsruBenchError, match="SHA-256"):
        task(own).samples()
    import hashlib

    found["digests"] = {path.name: hashlib.sha256(b"[{").hexdigest()}
    (own / "universe.json").write_text(json.dumps(found))
    with pytest.raises(AsruBenchError, match="is no JSON"):
        task(own).samples()


# Rows.


@pytest.mark.parametrize(
    ("kind", "number", "change", "message"),
    [
        (
            "generation",
            0,
            {"image": made.picture(1)},
            "row 0: the column 'image' has a picture, the modality is 'text'",
        ),
        ("cloze", 1, {"image": None}, "row 1: the column 'image' has no picture, the modality is 'text_image'"),
        ("cloze", 1, {"modality": "audio"}, "row 1: the column 'modality' is 'audio'"),
        ("generation", 2, {"question": " "}, "row 2: the column 'question' is empty"),
        ("classification", 3, {"answer_label": "E"}, "row 3: the column 'answer_label' is 'E'; expected A, B, C or D"),
        ("classification", 3, {"answer_text": "x"}, "row 3: the column 'answer_text' is 'x', but option"),
        ("classification", 3, {"option_b": None}, "row 3: the column 'option_b' is empty"),
        ("generation", 2, {"sample_id": "Ann_Qa_01"}, "sample_id 'Ann_Qa_01' stands in the rows 0, 2"),
        ("cloze", 2, {"subject_id": "002"}, "about subject '001' and, in another config, about '002'"),
    ],
)
def test_bad_rows(own: Path, kind: str, number: int, change: dict[str, Any], message: str) -> None:
    file = next((own / f"ppu_eval_{kind}").iterdir())
    rows = pq.read_table(file).to_pylist()
    rows[number] |= change
    made.write(file.parent, rows, made.columns(kind))
    with pytest.raises(AsruBenchError, match=message):
        task(own).samples()


def test_a_missing_column_and_a_cut_file(own: Path) -> None:
    file = next((own / "ppu_eval_cloze").iterdir())
    pq.write_table(pq.read_table(file).drop_columns(["image"]), file)
    with pytest.raises(AsruBenchError, match="no column 'image' of pictures; found sample_id"):
        task(own).samples()
    file.write_bytes(file.read_bytes()[:500])
    with pytest.raises(AsruBenchError, match="is no Parquet file"):
        task(own).samples()


def test_what_is_odd_is_warned_of(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = next((own / "ppu_eval_cloze").iterdir())
    rows = pq.read_table(file).to_pylist()
    made.write(file.parent, rows[1:], made.columns("cloze"))
    with pytest.warns(UserWarning, match="ppu_eval_cloze: 1 facts are asked in one modality only"):
        task(own).samples()
    for row in rows:
        row["source_from"] = "general"
    made.write(file.parent, rows, made.columns("cloze"))
    with pytest.warns(UserWarning, match="are sensitive by source_from or by selective_split.json"):
        task(own).samples()
    monkeypatch.setattr(ppu_rows, "MANY", 2)
    monkeypatch.setattr(ppu_rows, "UNEVEN", 0.2)
    with pytest.warns(UserWarning, match=r"option [A-D] is right in \d+ of \d+ choices"):
        task(own).samples()


def test_limit_hash_and_settings(hub: Path, own: Path) -> None:
    assert task(hub).data_hash() == task(own).data_hash()
    path = own / "split" / "complete_split.json"
    path.write_text(path.read_text() + " ")
    assert task(hub).data_hash() != task(own).data_hash()
    for wrong in ({"setting": "persona"}, {"variant": "papers"}, {"train": "images"}, {"probes": "some"}):
        with pytest.raises(AsruBenchError, match="Expected one of"):
            Config(**wrong)
