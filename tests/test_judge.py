"""What every judge does: errors are failed, each sample gets one verdict, no judge imports torch."""

from __future__ import annotations

import subprocess
import sys

import pytest

from asru_bench.judge import Judge
from asru_bench.registry import JUDGES
from asru_bench.types import Generation, Prompt, Sample, Verdict, World

RULES = ("choice", "cloze", "rouge", "value", "refusal", "quality")
ANSWERS = {"classification": "A", "generation": "Born in Riga.", "cloze": "Riga"}


def samples() -> list[Sample]:
    made = []
    for role in ("forget", "retain", "strangers"):
        for kind, answer in ANSWERS.items():
            options = (("A", "Riga"), ("B", "Oslo")) if kind == "classification" else ()
            made.append(
                Sample(f"{role}-{kind}", role, "", "1", "image_text", kind, "Where?", answer, Prompt("Where?"), options)
            )
    return made


class Shouts(Judge):
    kinds = ("cloze", "generation")

    def verdict(self, sample: Sample, generation: Generation, world: World, scores: object) -> Verdict:
        return self.said(generation, "vague", generation.text.upper(), 0.5, loud=True)


def test_one_verdict_for_each_sample_in_order_whatever_the_order_of_answers() -> None:
    asked = samples()
    answers = [Generation(f"k-{s.id}", s.id, s.answer, "stop") for s in reversed(asked)]
    verdicts = Shouts().grade(asked, answers, World({}), {})
    assert [v.sample_id for v in verdicts] == [s.id for s in asked if s.kind != "classification"]
    first = verdicts[0]
    assert (first.key, first.status, first.label, first.evidence) == (
        "k-forget-generation", "scored", "vague", "BORN IN RIGA.",
    )  # fmt: skip
    assert (first.judge, first.value, first.measures) == ("test_judge", 0.5, {"loud": 1.0})


@pytest.mark.parametrize("name", RULES)
def test_errors_and_missing_answers_fail_and_nothing_else(name: str) -> None:
    asked = samples()
    answers = [Generation(f"k-{s.id}", s.id, s.answer, "stop") for s in asked]
    answers[:3] = [Generation(g.key, g.sample_id, "", "error", error="out of memory") for g in answers[:3]]
    judge = JUDGES.get(name)()
    verdicts = judge.grade(asked, answers[:-1], World({}), {})
    judged = [s for s in asked if judge.applies(s)]
    assert [v.sample_id for v in verdicts] == [s.id for s in judged]
    assert {v.judge for v in verdicts} == {name}
    for verdict in verdicts:
        broken = verdict.sample_id.startswith("forget-") or verdict.sample_id == asked[-1].id
        assert verdict.status == ("failed" if broken else "scored")
        if broken:
            assert (verdict.label, verdict.value) == ("", None)
            assert verdict.evidence in ("out of memory", "no answer")


@pytest.mark.parametrize("name", RULES)
def test_metadata_are_literals_and_settings_have_help(name: str) -> None:
    from asru_bench.config import describe

    entry = JUDGES.find(name)
    assert entry.metadata["version"]
    assert entry.metadata["summary"]
    assert all(row[3] for row in describe(JUDGES.get(name).Config))


def test_judges_never_import_torch() -> None:
    code = (
        "import sys; from asru_bench.registry import JUDGES\n"
        f"for name in {RULES}: JUDGES.get(name)()\n"
        "import asru_bench.refusal, asru_bench.values\n"
        "assert not {'torch', 'transformers', 'pandas'} & set(sys.modules), 'heavy'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
