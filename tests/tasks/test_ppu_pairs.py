"""A model's own answers as training pairs: schema, what is asked, resuming, and every reason not to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import ppu_folders as made
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from asru_bench.tasks.ppu_bench import Config, PPUBench
from folders import colour
from mllmu import pixel
from typer.testing import CliRunner

from asru_bench import cli, engines, models, ppu_pairs, session
from asru_bench.cli_data import PairsOptions
from asru_bench.data import open_dataset
from asru_bench.fingerprint import digest
from asru_bench.types import AsruBenchError, Generation, Request

FACTS = sum(map(sum, made.SMALL))


class Parrot:
    """An engine that answers with the number in the question; `breaks` after so many chunks of ten."""

    asked: ClassVar[list[str]] = []
    breaks: ClassVar[int | None] = None
    says: ClassVar[dict[str, Generation]] = {}

    def __init__(self, *_: Any) -> None:
        type(self).asked = []

    def keys(self, requests: Sequence[Request]) -> list[Generation]:
        return [Generation(digest([r.sample_id, r.prompt.question]), r.sample_id, "", "") for r in requests]

    def chunks(self, requests: Sequence[Request], known: Mapping[str, Generation]) -> Iterator[list[Generation]]:
        stubs = self.keys(requests)
        yield [known[stub.key] for stub in stubs if stub.key in known]
        todo = [(r, s) for r, s in zip(requests, stubs, strict=True) if s.key not in known]
        for start in range(0, len(todo), 10):
            if self.breaks is not None and start >= 10 * self.breaks:
                raise KeyboardInterrupt
            part = todo[start : start + 10]
            self.asked.extend(request.sample_id for request, _ in part)
            yield [self._answer(request, stub) for request, stub in part]

    def _answer(self, request: Request, stub: Generation) -> Generation:
        fact, _, _ = request.sample_id.partition("/")
        number = int(fact.rpartition("_")[2])
        person = ord(fact[-4]) - 96
        plain = replace(stub, text=f" It is {made.value(person, number)}. ", finish="stop")
        return replace(self.says[fact], key=stub.key, sample_id=stub.sample_id) if fact in self.says else plain


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    return made.write_ppu(tmp_path / "data")


@pytest.fixture
def parrot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[Parrot]:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(engines, "HFEngine", Parrot)
    monkeypatch.setattr(models, "load", lambda *_, **__: SimpleNamespace(device="cpu"))
    monkeypatch.setattr(session, "set_threads", lambda source: None)
    monkeypatch.setattr(ppu_pairs, "model_hash", lambda path: f"hash of {Path(path).name}")
    monkeypatch.setattr(Parrot, "breaks", None)
    monkeypatch.setattr(Parrot, "says", {})
    (tmp_path / "My-VL_qa").mkdir()
    return Parrot


def job(tmp_path: Path, hub: Path, **config: Any) -> ppu_pairs.Job:
    task = PPUBench(Config(setting="selective", **config), data=str(hub))
    task.name = "ppu_bench"  # type: ignore[misc]
    options = PairsOptions("ppu_bench", str(tmp_path / "My-VL_qa"), str(hub), str(tmp_path / "pairs"))
    return options.parse(task)


def taught(tmp_path: Path, hub: Path, **config: Any) -> PPUBench:
    return PPUBench(Config(setting="selective", backbone=str(tmp_path / "pairs"), **config), data=str(hub))


def test_the_answers_become_pairs_that_the_task_reads(tmp_path: Path, hub: Path, parrot: type[Parrot]) -> None:
    note = ppu_pairs.make(job(tmp_path, hub))
    assert len(parrot.asked) == FACTS  # the question about a fact that nobody evaluates is left out
    rows = pq.read_table(next((tmp_path / "pairs" / "train_pair_my_vl_qa_").iterdir())).to_pylist()
    assert {k: v for k, v in rows[0].items() if k != "image"} == {
        "sample_id": "Ann_Qa_01", "subject_id": "001", "subject": "Ann Qa", "image_path": "",
        "question": "Say fact 1 of this person.", "generated_answer": "It is v1x1.",
    }  # fmt: skip
    built = taught(tmp_path, hub)
    pair = built.training_data().forget[0]
    assert (pair.question, pair.answer) == ("Say fact 25 of this person.", "It is v1x25.")
    assert pixel(pair.image) == colour(1)
    assert pair.id == "ppu_bench/train_pair_my_vl_qa_/001/generation/image_text/Ann_Qa_25"
    assert built.provenance() == {"pairs": "My-VL_qa", "pairs_model_hash": "hash of My-VL_qa"}
    assert (note["pairs"], note["people"], note["state_the_fact"], note["questions"]) == (
        FACTS, 6, FACTS, ["unlearning_target"],
    )  # fmt: skip
    assert note["asked_as"] == "{question}\nAnswer in one sentence."
    assert str(tmp_path) not in json.dumps(note)


def test_questions_stored_as_a_struct_of_lists(tmp_path: Path, hub: Path) -> None:
    """How the hub stores a `Sequence` of named values."""
    before = list(ppu_pairs._targets(open_dataset(str(hub))))
    table = pq.read_table(next((hub / "unlearning_target").glob("*.parquet")))
    lists = [{key: [entry[key] for entry in row] for key in row[0]} for row in table["qas"].to_pylist()]
    place = table.column_names.index("qas")
    pq.write_table(table.set_column(place, "qas", pa.array(lists)), next((hub / "unlearning_target").glob("*.parquet")))
    found = list(ppu_pairs._targets(open_dataset(str(hub))))
    assert len(found) == len(before) > 1
    assert [replace(q, image=None) for q in found] == [replace(q, image=None) for q in before]


def test_other_pairs_are_other_data(tmp_path: Path, hub: Path, parrot: type[Parrot]) -> None:
    published = PPUBench(Config(setting="selective"), data=str(hub)).data_hash()
    ppu_pairs.make(job(tmp_path, hub))
    first = taught(tmp_path, hub).data_hash()
    parrot.says = {"Ann_Qa_25": Generation("", "", "I forgot.", "stop")}
    (tmp_path / "pairs").rename(tmp_path / "old")
    (tmp_path / "home" / "cache.sqlite3").unlink()
    ppu_pairs.make(job(tmp_path, hub))
    assert len({published, first, taught(tmp_path, hub).data_hash()}) == 3


def test_a_stopped_call_goes_on(tmp_path: Path, hub: Path, parrot: type[Parrot]) -> None:
    parrot.breaks = 2
    with pytest.raises(KeyboardInterrupt):
        ppu_pairs.make(job(tmp_path, hub))
    assert not (tmp_path / "pairs").exists()
    first = set(parrot.asked)
    parrot.breaks = None
    note = ppu_pairs.make(job(tmp_path, hub))
    assert len(first) == 20
    assert len(parrot.asked) == FACTS - 20
    assert not first & {*parrot.asked}
    assert ppu_pairs.make(job(tmp_path, hub)) == note  # done: no model is loaded
    assert len(parrot.asked) == FACTS - 20


def test_what_is_no_answer_is_left_out_and_counted(tmp_path: Path, hub: Path, parrot: type[Parrot]) -> None:
    parrot.says = {
        "Ann_Qa_25": Generation("", "", " \n", "stop"),
        "Ann_Qa_26": Generation("", "", "", "error", error="out of luck"),
        "Ann_Qa_27": Generation("", "", "It is and is", "length"),
    }
    note = ppu_pairs.make(job(tmp_path, hub))
    assert [note[k] for k in ("pairs", "empty", "failed", "cut_off", "state_the_fact")] == [
        FACTS - 2, 1, 1, 1, FACTS - 3,
    ]  # fmt: skip
    told = ppu_pairs.text(note)
    assert f"{FACTS - 2} pairs about 6 people, answered by My-VL_qa" in told
    assert "1 questions failed" in told
    untaught = [s for s in taught(tmp_path, hub).samples() if "untrained" in s.tags]
    assert {s.tags[0] for s in untaught} == {"Ann_Qa_25", "Ann_Qa_26"}


def test_questions_by_name_are_those_of_other_pairs(tmp_path: Path, hub: Path, parrot: type[Parrot]) -> None:
    note = ppu_pairs.make(job(tmp_path, hub, train="both"))
    assert note["questions"] == ["unlearning_target", "train_pair_gemma3_qa"]
    data = taught(tmp_path, hub, train="both").training_data()
    assert {(p.question, p.image is None) for p in data.forget if p.id.endswith("Ann_Qa_25")} == {
        ("Say fact 25 of this person.", False), ("Tell me fact 25 of Ann Qa.", True),
    }  # fmt: skip
    for config in hub.glob("train_pair_*_qa"):
        next(config.iterdir()).unlink()
    with pytest.raises(AsruBenchError, match=r"no training questions by name.*Leave out -t train=both"):
        ppu_pairs.make(replace(job(tmp_path, hub, train="both"), out=tmp_path / "other"))


def test_without_targets_the_questions_of_another_model_are_asked(
    tmp_path: Path, hub: Path, parrot: type[Parrot]
) -> None:
    next((hub / "unlearning_target").iterdir()).unlink()
    note = ppu_pairs.make(job(tmp_path, hub))
    assert note["questions"] == ["train_pair_gemma3"]
    assert note["facts_without_question"] == 6  # the last kept fact of each person has no pair
    assert taught(tmp_path, hub).training_data().forget[0].question == "Tell me fact 25 of this person."
    for config in hub.glob("train_pair_*"):
        next(config.iterdir()).unlink()
    with pytest.raises(AsruBenchError, match="no training questions with pictures: expected unlearning_target"):
        ppu_pairs.make(replace(job(tmp_path, hub), out=tmp_path / "other"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image": None}, "row 0: no picture in the column 'image'"),
        ({"qas": [{"id": "Ann_Qa_01", "question": ""}]}, "row 0: an entry of 'qas' has no id or no question"),
        ({"qas": [{"id": "Ann_Qa_01", "question": "a"}] * 2}, "row 0: the fact 'Ann_Qa_01' is asked twice"),
    ],
)
def test_bad_targets(tmp_path: Path, hub: Path, parrot: type[Parrot], change: dict[str, Any], message: str) -> None:
    row = made.target(1, made.SMALL[0]) | change
    made.write(hub / "unlearning_target", [row], made.TARGET, "train")
    with pytest.raises(AsruBenchError, match=message):
        ppu_pairs.make(job(tmp_path, hub))


def test_a_folder_that_holds_something_else(tmp_path: Path, hub: Path, parrot: type[Parrot]) -> None:
    (tmp_path / "pairs").mkdir()
    with pytest.raises(AsruBenchError, match="pairs holds something else"):
        ppu_pairs.make(job(tmp_path, hub))
    with pytest.raises(AsruBenchError, match=r"expected a folder with the pairs of one model, found none.*data pairs"):
        taught(tmp_path, hub).training_data()
    (tmp_path / "pairs").rmdir()
    ppu_pairs.make(job(tmp_path, hub))
    with pytest.raises(AsruBenchError, match="the pairs of My-VL_qa, made from other inputs; choose another --out"):
        ppu_pairs.make(replace(job(tmp_path, hub), limit=2))


def test_a_model_that_says_nothing(tmp_path: Path, hub: Path, parrot: type[Parrot]) -> None:
    facts = [made.fact(p, k) for p, c in enumerate(made.SMALL, 1) for k in made.numbers(c)]
    parrot.says = {fact: Generation("", "", "", "error", error="no eyes") for fact in facts}
    with pytest.raises(AsruBenchError, match=f"answered none of {FACTS} questions: no eyes"):
        ppu_pairs.make(job(tmp_path, hub))
    assert not (tmp_path / "pairs").exists()


def test_the_command(tmp_path: Path, hub: Path, parrot: type[Parrot]) -> None:
    out, model = tmp_path / "pairs", str(tmp_path / "My-VL_qa")
    words = ["data", "pairs", "ppu_bench", "--model", model, "--data", str(hub), "--limit", "1", "--out", str(out)]
    ran = CliRunner().invoke(cli.app, words)
    assert ran.exit_code == 0, ran.output
    assert "8 pairs about 1 people, answered by My-VL_qa" in ran.output
    assert f"--task ppu_bench --model {model} --data {hub} -t backbone={out}" in ran.output
    assert {p.cluster for p in taught(tmp_path, hub).training_data().forget} == {"001"}
    other = CliRunner().invoke(cli.app, ["data", "pairs", "clear", "--model", model, "--data", str(hub)])
    assert other.exit_code == 1
    assert "task 'clear' brings its own training pairs" in other.output
