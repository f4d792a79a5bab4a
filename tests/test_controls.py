"""Questions without their picture, with another's, with the name; and what follows for a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from answers import people_of, record
from inline import Inline
from tiny_world import PLUGINS, place, spec

from asru_bench import contrast, controls, plan, trainer
from asru_bench.engines import HFEngine
from asru_bench.folder import RunFolder
from asru_bench.headline import bars
from asru_bench.record import RunRecord, read_record
from asru_bench.run import run
from asru_bench.scores import lookup
from asru_bench.types import AsruBenchError, Generation, ImageRef, Prompt, Sample, World

PROBE = str(PLUGINS / "probe.py")
WORLD = World({p: {"name": (p,), "birthplace": ("Riga",)} for p in ("Ada", "Ben", "Cyd")})


def asked(person: str, question: str = "Where was this person born?", role: str = "forget", **more: Any) -> Sample:
    image = more.pop("image", ImageRef(f"{person}.png"))
    modality = "image_text" if image else "text"
    known = {"attribute": "birthplace", "answer": "Riga", "kind": "generation"} | more
    return Sample(
        f"t/{person}/{len(question)}/{modality}", role, "", person, modality,
        question=question, prompt=Prompt(question, image), **known,
    )  # fmt: skip


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(trainer, "start", Inline)
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))


def answers_by(person: Callable[[Any], str]) -> Callable[..., list[Generation]]:
    """A model that knows where everybody was born, told by `person` whom it is asked about ("" = nobody)."""
    cities = ("Riga", "Oslo", "Lima", "Quito")

    def decode(self: HFEngine, chunk: Any, features: Any) -> list[Generation]:
        names = [person(request) for request, _ in chunk]
        texts = [f"{cities[ord(n[0]) % 4]}" if n else "I cannot know that." for n in names]
        return [replace(stub, text=t, finish="stop") for (_, stub), t in zip(chunk, texts, strict=True)]

    return decode


def seen(request: Any) -> str:
    return Path(request.prompt.image.path).stem if request.prompt.image else ""


def test_blind_questions_keep_everything_but_the_picture() -> None:
    samples = [asked("Ada"), asked("Ada", image=None), asked("Gus", role="strangers")]
    (blind,) = controls.change(samples, "blind", WORLD)
    assert blind.prompt.image is None
    assert replace(blind, prompt=samples[0].prompt) == samples[0]


def test_swapped_pictures_are_another_persons_of_the_role() -> None:
    samples = [*(asked(p) for p in ("Ada", "Ben", "Cyd")), asked("Dan", role="retain")]
    found = controls.change(samples, "swap", WORLD)
    assert [s.cluster for s in found] == ["Ada", "Ben", "Cyd"]  # nobody else has Dan's role
    shown = [Path(s.prompt.image.path).stem for s in found if s.prompt.image]
    assert sorted(shown) == ["Ada", "Ben", "Cyd"]
    assert all(a != b for a, b in zip(shown, ("Ada", "Ben", "Cyd"), strict=True))
    assert controls.change(samples, "swap", WORLD) == found


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("Where was this person born?", "Where was Ada born?"),
        ("What is the job of the person shown in this picture?", "What is the job of Ada?"),
        ("Born where?", "This is Ada. Born where?"),
    ],
)
def test_the_name_is_put_into_the_question(question: str, named: str) -> None:
    (sample,) = controls.change([asked("Ada", question)], "name", WORLD)
    assert sample.prompt.question == named
    assert sample.prompt.image


def test_a_question_for_the_name_is_not_asked_with_it() -> None:
    with pytest.raises(AsruBenchError, match=r"no question for --control name.*Try --control blind"):
        controls.change([asked("Ada", attribute="name")], "name", WORLD)


def test_reliance_is_paired_by_person() -> None:
    people, blind = people_of({"forget": [10, 8], "retain": [6, 6]}), people_of({"forget": [0, 4], "retain": [6, 6]})
    found = {(s.name, s.role): s for s in controls.reliance(people, blind)}
    forget = found["reliance/open/image_text", "forget+test"]
    assert forget.value == pytest.approx((1.0 + 0.4) / 2)
    assert (forget.n, forget.people) == (20, 2)
    assert forget.ci_low < 0.7 < forget.ci_high  # type: ignore[operator]
    assert found["reliance/open/image_text", "retain"].value == 0


def test_an_unknown_control_is_named(tiny_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(AsruBenchError, match="unknown control 'blnd'; expected none or blind"):
        plan.make([spec(tiny_dir, control="blnd")], place(tmp_path))


@pytest.mark.parametrize("looks", [True, False])
def test_a_task_whose_answers_do_not_need_the_picture_is_flagged(
    tiny_dir: Path, tmp_path: Path, inline: None, monkeypatch: pytest.MonkeyPatch, looks: bool
) -> None:
    who = seen if looks else (lambda request: "Ada")  # the same answer, whoever is shown
    monkeypatch.setattr(HFEngine, "_decode", answers_by(who))
    where = place(tmp_path)
    (blind,) = run(spec(tiny_dir, method=PROBE, control="blind"), where)
    assert blind.spec["control"] == "blind"
    assert not blind.gates
    records = [read_record(p) for p in Path(where.out).rglob("record.json")]
    vanilla, probe = (_plain(records, row) for row in ("vanilla", "probe"))
    reliance = lookup(vanilla.scores, "reliance/open/image_text", "forget+test")
    assert reliance is not None
    assert reliance.value == (1.0 if looks else 0.0)
    gate = next(g for g in vanilla.gates if g.name == "image")
    assert gate.passed is looks
    assert gate in probe.gates
    assert any("do not need the picture" in bar for bar in bars([probe])) is not looks
    assert bool(contrast.flags(records)) is not looks
    (again,) = run(spec(tiny_dir, method=PROBE), where)  # the control stays known, and nothing is trained again
    assert again == probe
    lines = contrast.tables([probe, blind])
    assert "visual reliance" in lines[0][0]
    assert lines[0][1][1][:2] == ["leak, open, forget+test", "3"]


def test_references_that_are_asked_about_some_roles_get_the_same_conflicts(tiny_dir: Path, tmp_path: Path) -> None:
    cells = plan.make([spec(tiny_dir, method=PROBE, control="conflict")], place(tmp_path)).cells
    asked = {c.spec.method: RunFolder.create(c).questions() for c in cells if c.spec.control == "conflict"}
    base = next(c for c in cells if c.spec.method == "base")
    assert "retain" not in base.spec.roles  # whose portraits a conflict needs
    assert asked["base"] == asked["vanilla"] == asked["probe"]
    assert {s.tags[0] for s in asked["base"]} == {"conflict"}


def test_a_control_reads_the_checkpoint_of_its_row(tiny_dir: Path, tmp_path: Path, inline: None) -> None:
    where = place(tmp_path, keep_checkpoints=False)
    (swapped,) = run(spec(tiny_dir, method=PROBE, control="swap"), where)
    plain = _plain([read_record(p) for p in Path(where.out).rglob("record.json")], "probe")
    assert swapped.costs["unlearn"] == plain.costs["unlearn"]  # made once
    assert not list((Path(where.out)).rglob("probe/*/checkpoint"))
    assert any("control swap" in bar for bar in bars([swapped]))


def _plain(records: list[RunRecord], row: str) -> RunRecord:
    return next(r for r in records if r.row == row and r.spec["control"] == "none")


def test_records_without_controls_have_no_tables() -> None:
    assert contrast.tables([record("ga", people=people_of({"forget": [1, 2]}))]) == []
