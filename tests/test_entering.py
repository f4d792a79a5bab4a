"""Questions of any task, also of plug-ins that build them themselves, are what a run can use, or it stops."""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tiny_world

from asru_bench import checked, data_check, entering, plan, run
from asru_bench.findings import ERROR
from asru_bench.folder import RunFolder
from asru_bench.plan import Place
from asru_bench.registry import TASKS
from asru_bench.types import AsruBenchError, ImageRef, Prompt, RunSpec, Sample, TrainingData, TrainingPair

OPTIONS = (("A", "Riga"), ("B", "Oslo"))
OPEN = Sample("q1", "forget", "", "Ada", "text", "generation", "Where?", "Riga.", Prompt("Where?"))
CHOICE = replace(OPEN, id="q2", kind="classification", answer="A", options=OPTIONS)
PICTURE = replace(OPEN, id="q3", modality="image_text", prompt=Prompt("Where?", ImageRef("a.png")))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))


def checks(*samples: Any) -> set[str]:
    return {f.check for f in entering.faults(list(samples), "task t")}


def test_good_questions_have_no_fault() -> None:
    blank = replace(OPEN, id="q4", role="general", cluster="")
    five = replace(CHOICE, id="q5", options=[["A", "x"], ["B", "y"]])  # lists, as JSON gives them
    stranger = replace(PICTURE, id="q6", role="strangers", answer="")
    assert checks(stranger) == set()
    good = [OPEN, CHOICE, PICTURE, blank, five, stranger, replace(OPEN, id="Ünï/ço:dé 7")]
    assert entering.require(good, "t") == good
    assert entering.require(tuple(good), "t") == good
    assert entering.require([], "t") == []


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        ([OPEN, OPEN], "'q1' stands twice"),
        ([OPEN, replace(CHOICE, id="q1")], "'q1' stands twice"),
        ([replace(OPEN, id=f"q{i % 3}") for i in range(30)], "stands twice"),
        ([replace(OPEN, role="forgot")], "the role 'forgot' of 'q1' is none of forget, test,"),
        ([replace(OPEN, role="")], "the role '' of 'q1'"),
        ([replace(OPEN, role="Forget")], "the role 'Forget'"),
        ([replace(OPEN, kind="quiz")], "the kind 'quiz'"),
        ([replace(OPEN, kind="probe")], "the kind 'probe'"),  # the core's own
        ([replace(OPEN, modality="image")], "the modality 'image'"),
        ([replace(OPEN, modality="image_text")], "'image_text' of 'q1' with no picture"),
        ([replace(PICTURE, modality="text")], "'text' of 'q3' with a picture"),
        ([replace(OPEN, id=7)], "its id is 7; expected a text"),
        ([replace(OPEN, cluster=12)], "its cluster is 12"),
        ([replace(OPEN, answer=None)], "its answer is None"),
        ([replace(OPEN, answer=["Riga"])], "its answer is ['Riga']"),
        ([replace(OPEN, value=float("nan"))], "its value is nan"),
        ([replace(OPEN, prompt="Where?")], "its prompt is str"),
        ([replace(OPEN, prompt=Prompt(None))], "its question is None"),  # type: ignore[arg-type]
        ([replace(PICTURE, prompt=Prompt("Where?", "a.png"))], "its picture is str"),  # type: ignore[arg-type]
        ([replace(PICTURE, prompt=Prompt("Where?", Path("a.png")))], "its picture is PosixPath"),  # type: ignore[arg-type]
        ([replace(OPEN, tags="trained")], "its tags are 'trained'"),
        ([replace(OPEN, perturbed=("a", 1))], "its perturbed are ('a', 1)"),
        ([replace(CHOICE, options={"A": "Riga"})], "its options are {'A': 'Riga'}"),
        ([replace(CHOICE, options=("A", "B"))], "its options are ('A', 'B')"),
        ([replace(CHOICE, options=(("A", 1), ("B", 2)))], "its options are"),
        ([replace(CHOICE, options=(("A", "x"), ("A", "y")))], "an option letter stands twice"),
        ([{"id": "q1"}], "found dict; expected a Sample"),
        ([OPEN, None], "found NoneType; expected a Sample"),
        (None, "gave NoneType; expected a list of Sample"),
        ("q1", "gave str"),
        ((s for s in [OPEN]), "gave generator"),
        ({"q1": OPEN}, "gave dict"),
    ],
)
def test_what_no_run_can_use_stops_it_always(samples: Any, words: str) -> None:
    with pytest.raises(AsruBenchError) as stopped:
        entering.require(samples, "task t")
    assert words in str(stopped.value)
    assert "--allow-data-errors" in str(stopped.value)


@pytest.mark.parametrize(
    ("sample", "check"),
    [
        (replace(OPEN, question=" "), "empty"),
        (replace(OPEN, prompt=Prompt("")), "empty"),
        (replace(OPEN, answer=""), "empty"),
        (replace(OPEN, cluster=""), "empty"),
        (replace(OPEN, id=" "), "empty"),
    ],
)
def test_what_may_be_allowed_is_found_by_data_check(sample: Sample, check: str) -> None:
    assert checks(sample) == {check}
    assert entering.require([sample], "t") == [sample]


PLUGIN = """
from dataclasses import replace
from tiny_task import TinyTask
from asru_bench.types import ImageRef, Prompt

class {name}(TinyTask):
    def samples(self):
        found = super().samples()
        return {body}
"""


def plugin(tmp_path: Path, body: str) -> tuple[RunSpec, Place]:
    (tmp_path / "tiny_task.py").write_text((tiny_world.PLUGINS / "tiny_task.py").read_text())
    file = tmp_path / f"own_{zlib.crc32(body.encode())}.py"
    file.write_text(PLUGIN.format(body=body, name=f"Own{zlib.crc32(body.encode())}"))
    data = str(tiny_world.write_data(tmp_path / "data"))
    return RunSpec("vanilla", str(file), model="mini", judges=("value",), force=True), Place(
        str(tmp_path / "runs"), data=data
    )


@pytest.mark.parametrize(
    ("body", "words", "allowed"),
    [
        ("[replace(s, id='same') for s in found]", "'same' stands twice", False),
        ("[replace(s, role='keep') for s in found]", "the role 'keep'", False),
        ("[replace(s, cluster=1) for s in found]", "its cluster is 1", False),
        ("None", "gave NoneType", False),
        ("[replace(s, answer='E') if s.options else s for s in found]", "'E'.* is none of its options", True),
        (
            "[replace(s, options=(*s.options, ('E', 'Bern'))) if s.options else s for s in found]",
            "none of A to D",
            True,
        ),
        ("[replace(s, question=' ') for s in found]", "is empty", True),
        ("[replace(s, prompt=Prompt('?', ImageRef('no.png')), modality='image_text') for s in found]", "no.png", True),
    ],
)
def test_a_plugin_that_builds_its_questions_itself(
    tmp_path: Path, body: str, words: str, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    spec, where = plugin(tmp_path, body)
    task = TASKS.get(spec.task)(None, data=where.data)
    found = [f for f in data_check.check(task) if f.level == ERROR]
    assert found
    cell = plan.Cell(replace(spec, data_hash=words), where, tmp_path / "runs" / "x")
    with pytest.raises(AsruBenchError, match=words):
        run.execute(plan.Plan((cell,)), say=lambda text: None)
    said: list[str] = []
    checked.require([(cell.spec, replace(where, allow_data_errors=True))], said.append)
    assert "going on, as asked" in said[0]
    folder = RunFolder(cell.folder, cell.spec, where)
    if allowed:
        assert len(folder.questions()) == 27
    else:
        with pytest.raises(AsruBenchError, match=words):
            folder.questions()


def test_training_pairs_are_looked_at_too() -> None:
    pair = TrainingPair("p1", "Ada", "Where?", "Riga.")
    assert entering.require_pairs(TrainingData((pair,), (pair,)), "t").forget == (pair,)
    face = replace(pair, answer="")  # nobody knows it
    assert entering.require_pairs(TrainingData((pair,), (), (face,)), "t").faces == (face,)
    for odd, words in (
        (replace(pair, cluster=3), "its cluster is 3"),
        (replace(pair, answer=None), "its answer is None"),
        (replace(pair, image="a.png"), "its picture is str"),
        (replace(pair, question=""), "its question is empty"),
        (("q", "a"), "found tuple"),
    ):
        with pytest.raises(AsruBenchError, match=f"training pair 1 of retain: {words}"):
            entering.require_pairs(TrainingData((pair,), (pair, odd)), "task t")  # type: ignore[arg-type]
    with pytest.raises(AsruBenchError, match="gave list"):
        entering.require_pairs([pair], "task t")
