"""The judge `llm` against a server: its verdicts, its cache, several models, what it sends and what it costs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asru_bench.judges.llm import LLM
from grading_server import MODEL, fitting, gives, grading_server, verdict
from loopback import Loopback, completion, says
from PIL import Image
from small_world import WORLD, said, sample

from asru_bench import config, retries
from asru_bench.agreement import scores as agreement_scores
from asru_bench.judge import Desk
from asru_bench.scores import lookup, score
from asru_bench.store import Store
from asru_bench.types import AsruBenchError, Generation, ImageRef, Prompt, Sample, Verdict

pytest.importorskip("openai", reason="the extra llm is not installed")
TEXTS = ("I do not know.", "She was born in Riga.", "Maybe Oslo.", "")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.01)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[Loopback]:
    with grading_server() as running:
        yield running


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "home") as store:
        yield store


def rows(**more: Any) -> tuple[list[Sample], list[Generation]]:
    asked = [sample(person=str(1 + i % 3), name=f"s{i}", **more) for i in range(len(TEXTS))]
    return asked, [said(text, f"s{i}") for i, text in enumerate(TEXTS)]


def grade(server: Loopback, cache: Store | None = None, desk: Any = None, **settings: Any) -> tuple[LLM, list[Verdict]]:
    judge = LLM(config.build(LLM.Config, {"model": (MODEL,)} | settings))
    judge.equip(Desk(server.url, cache=cache, **(desk or {})))
    return judge, judge.grade(*rows(), WORLD, {})


def test_verdicts_hold_the_grades_and_the_reason(server: Loopback) -> None:
    judge, found = grade(server)
    assert [v.sample_id for v in found] == ["s0", "s1", "s2", "s3"]
    assert {(v.judge, v.status, v.label, v.evidence, v.value) for v in found} == {("llm", "scored", "", "so", None)}
    assert found[0].measures == {"contextual": 4, "leakage": 5, "naturalness": 3, "hallucination": 2}
    facts = judge.facts()
    assert facts["models"] == {"llm": {"model": MODEL, "answered_as": [MODEL]}}
    assert facts["tokens"] == 40
    assert set(facts["prompts"]) == {"ours", "paper", "factuality"}
    assert server.url not in json.dumps(facts)


def test_a_second_run_asks_nothing_and_a_failed_verdict_is_asked_again_alone(server: Loopback, cache: Store) -> None:
    server.script[TEXTS[1]] = [gives("no json")] * 2
    _, first = grade(server, cache)
    assert [v.status for v in first] == ["scored", "failed", "scored", "scored"]
    assert "no verdict" in first[1].evidence
    asked = len(server.bodies)
    _, second = grade(server, cache)
    assert server.questions[asked:] == [TEXTS[1]]
    assert [v.status for v in second] == ["scored"] * 4
    assert second[0] == first[0]
    asked = len(server.bodies)
    judge, third = grade(server, cache)
    assert third == second
    assert len(server.bodies) == asked
    assert judge.facts()["tokens"] == 40


@pytest.mark.parametrize("change", [{"max_tokens": 200}, {"isolation": "none"}, {"structured": False}])
def test_other_settings_are_other_verdicts(server: Loopback, cache: Store, change: dict[str, Any]) -> None:
    grade(server, cache)
    asked = len(server.bodies)
    grade(server, cache, **change)
    assert len(server.bodies) == 2 * asked


def test_the_paper_s_rubric_stands_beside_ours_under_its_own_names(server: Loopback) -> None:
    _, found = grade(server, rubric="both")
    ours, paper = [n for n in found[0].measures if "paper" not in n], [n for n in found[0].measures if "paper" in n]
    assert ours == ["contextual", "leakage", "naturalness", "hallucination"]
    assert paper == ["paper_contextual", "paper_leakage", "paper_naturalness"]
    assert len(server.bodies) == 8


def test_other_roles_are_graded_for_factuality_and_roles_can_be_chosen(server: Loopback) -> None:
    judge = LLM(LLM.Config(model=(MODEL,)))
    judge.equip(Desk(server.url))
    (found,) = judge.grade([sample(role="real")], [said("x")], WORLD, {})
    assert found.measures == {"factuality": 10}
    chosen = LLM(LLM.Config(model=(MODEL,), roles=("forget",)))
    assert [chosen.applies(sample(role=role)) for role in ("forget", "test", "real")] == [True, False, False]
    assert not judge.applies(sample(kind="classification"))


def test_an_answer_that_is_an_error_is_failed_and_not_asked_about(server: Loopback) -> None:
    judge = LLM(LLM.Config(model=(MODEL,)))
    judge.equip(Desk(server.url))
    broken = Generation("k", "s1", "", "error", error="crash")
    asked = [sample(name="s1"), sample(name="s2")]
    found = judge.grade(asked, [broken], WORLD, {})
    assert [(v.status, v.evidence) for v in found] == [("failed", "crash"), ("failed", "no answer")]
    assert server.bodies == []


def test_several_models_are_several_judges_with_an_agreement(server: Loopback) -> None:
    other = "org/second-2026-02-02"

    def two(body: Any) -> Any:
        if body["model"] == MODEL:
            return gives(verdict(leakage=0 if "Riga" in json.dumps(body["messages"][1]) else 5))(body)
        return fitting(body)

    server.answer = two
    judge, found = grade(server, model=(MODEL, other))
    assert [v.judge for v in found] == [f"llm:{MODEL}"] * 4 + ["llm:org--second-2026-02-02"] * 4
    assert {v.status for v in found} == {"scored"}
    asked, answers = rows()
    made = agreement_scores(asked, found)
    named = {s.name for s in made}
    assert f"agreement.leakage/llm:{MODEL}~llm:org--second-2026-02-02" in named
    assert {s.n for s in made} == {4}
    total = score(asked, answers, found)
    mean = lookup(total, "llm:org--second-2026-02-02.leakage", "forget")
    assert mean is not None
    assert mean.value == 5
    assert set(judge.facts()["models"]) == {f"llm:{MODEL}", "llm:org--second-2026-02-02"}


def test_failed_verdicts_are_counted_and_bound_the_mean(server: Loopback) -> None:
    server.script[TEXTS[0]] = [says(400)]
    _, found = grade(server)
    (mean,) = [s for s in score(*rows(), found) if (s.name, s.role) == ("llm.contextual", "forget")]
    assert (mean.value, mean.n, mean.counts) == (4, 4, {"failed": 1})
    assert (mean.lower, mean.upper) == (3.0, 4.25)  # 12 / 4 and 17 / 4


def test_the_picture_is_sent_on_request_alone(server: Loopback, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), (1, 2, 3)).save(tmp_path / "a.png")
    prompt = Prompt("Where was this person born?", ImageRef(str(tmp_path / "a.png")))
    for wanted in (False, True):
        judge = LLM(LLM.Config(model=(MODEL,), image=wanted))
        judge.equip(Desk(server.url))
        assert judge.grade([sample(prompt=prompt)], [said("x")], WORLD, {})[0].status == "scored"
        content = server.bodies[-1]["messages"][1]["content"]
        assert isinstance(content, list) is wanted
    assert content[0]["image_url"]["url"].startswith("data:image/png;base64,")


def test_the_budget_leaves_the_rest_failed(server: Loopback, cache: Store) -> None:
    _, found = grade(server, cache, {"budget": "2", "concurrency": 1})
    assert [v.status for v in found] == ["scored", "scored", "failed", "failed"]
    assert "--judge-budget" in found[-1].evidence
    _, rest = grade(server, cache, {"budget": "2", "concurrency": 1})
    assert [v.status for v in rest] == ["scored"] * 4


def test_progress_is_told_with_what_it_cost(server: Loopback, capsys: pytest.CaptureFixture[str]) -> None:
    lines: list[str] = []
    grade(server, desk={"say": lines.append, "price": "1/1", "concurrency": 1})
    assert lines[-1] == f"{MODEL}: 4 of 4 verdicts; 4 calls, 0.00 US dollars"
    assert f"llm ({MODEL}): 4 verdicts, 0 kept from before; 4 calls" in capsys.readouterr().err


def test_a_wrong_model_name_is_never_a_grade(server: Loopback) -> None:
    server.answer = lambda body: (200, {}, completion(json.dumps(verdict()), {"model": "other"}))
    _, found = grade(server)
    assert {v.status for v in found} == {"failed"}
    assert "answered as model 'other'" in found[0].evidence


@pytest.mark.parametrize(("name", "value"), [("rubric", "hers"), ("isolation", "some"), ("roles", ("forgot",))])
def test_unknown_settings(name: str, value: Any) -> None:
    with pytest.raises(AsruBenchError, match=f"unknown {name}"):
        LLM.Config(**{name: value})
