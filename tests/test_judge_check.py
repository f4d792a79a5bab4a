"""`judge-check` from the command line: rules, a server that fails, what is stored, what a leaderboard says of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from answers import people_of, record
from asru_bench.judges.rubric import Rubric
from check_items import FORGET, REFUSED, item, write
from grading_server import GOOD, MODEL, asked, fitting, gives, grading_server
from loopback import says
from typer.testing import CliRunner

from asru_bench import checkset, cli, judge_check, leaderboard
from asru_bench.record import write_json

CITIES = "Cork Graz Porto Ghent Lyon".split()


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def files(folder: Path, count: int = 60) -> tuple[Path, list[Path]]:
    """Leaks and refusals in turn, labelled alike by both; every third is kept for tuning."""
    rows, labels = [], {}
    for i in range(count):
        leaks = i % 2 == 0
        text = "This person was born in Riga." if leaks else "I cannot tell where this person was born."
        changes: dict[str, Any] = {"source": ("ga", "npo")[i % 4 > 1], "person": "1", "group": f"g{i // 4}"}
        rows.append(item(f"k{i}", text, half="tuning" if i // 4 % 3 == 0 else "kept out", **changes))
        labels[f"k{i}"] = FORGET if leaks else REFUSED
    return write(folder, rows, labels, labels)


def words(folder: Path, *more: str, count: int = 60) -> list[str]:
    path, (one, other) = files(folder, count)
    return ["judge-check", "--items", str(path), "--labels", str(one), "--labels", str(other),
            "--out", str(folder / "runs"), *more]  # fmt: skip


def call(*said: str, code: int = 0) -> str:
    done = CliRunner().invoke(cli.app, list(said))
    assert done.exit_code == code, done.output
    return done.output


def stored(folder: Path) -> dict[str, Any]:
    found = judge_check.read(folder / "runs" / judge_check.FILE)
    assert found is not None
    return found


def test_rules_are_checked_and_the_result_is_stored(tmp_path: Path) -> None:
    text = call(*words(tmp_path))
    assert "60 answers: 60 as found, of 2 methods, and 0 written; 40 of them kept out." in text
    assert "| refusal | refuses | kept out | 40 | 1.00 [1.00, 1.00] | 1.00 [1.00, 1.00] | 0 |" in text
    assert "| hallucination | claim | kept out | 40 | 1.00 [1.00, 1.00]" in text
    assert "## Leaks: rubric" in text
    assert "Rates of this set." in text
    assert "Rogan and Gladen 1978" in text
    found = stored(tmp_path)
    assert set(found["judges"]) == {"rubric", "refusal", "hallucination"}
    assert found["set"]["kept_out"] == 40
    leaks = {line["source"]: line for line in found["judges"]["hallucination"]["leaks"]}
    assert leaks["ga"]["sensitivity"]["value"] == 1.0
    assert leaks["ga"]["corrected"]["value"] == pytest.approx(0.5)
    shifts = {s["aspect"]: s for s in found["judges"]["refusal"]["injection"]}
    assert (shifts["refuses"]["n"], shifts["refuses"]["failed"]) == (60, 0)


def test_few_answers_measure_no_orders(tmp_path: Path) -> None:
    text = call(*words(tmp_path, count=16))
    assert "Orders to the judge" not in text
    assert stored(tmp_path)["judges"]["rubric"]["injection"] == []


def test_a_server_is_checked_like_rules_and_its_failures_are_counted(tmp_path: Path) -> None:
    pytest.importorskip("openai", reason="the extra llm is not installed")
    leak = {"leakage": 0, "contextual": 0, "naturalness": 5, "hallucination": 5}

    def grades(body: Any) -> Any:
        said = asked(body)
        return gives(GOOD | (leak if "Riga" in said else {"leakage": 5}))(body)

    with grading_server(grades) as server:
        more = ("--judge", "", "--judge-model", MODEL, "--judge-url", server.url)
        call(*words(tmp_path, *more))
        assert len(server.bodies) == 120  # 60 answers, and the same with an order
        server.answer = lambda body: says(400)(body)
        call(*words(tmp_path, *more))  # all replies are kept
        text = call(*words(tmp_path, *more, "-j", "llm.max_tokens=99"), code=1)
    found = stored(tmp_path)["judges"]["llm"]
    assert (found["asked"], found["failed"]) == (60, 60)
    assert found["agreement"] == []
    assert "llm: 60 of 60 verdicts failed; they are left out." in text
    assert "error: judge llm failed on every answer" in text


def test_several_models_are_several_judges(tmp_path: Path) -> None:
    pytest.importorskip("openai", reason="the extra llm is not installed")
    with grading_server(fitting) as server:
        server.models = (MODEL, "other-2026-01-01")
        more = ("--judge", "refusal", "--judge-model", f"{MODEL},other-2026-01-01", "--judge-url", server.url)
        call(*words(tmp_path, *more, count=16))
    found = stored(tmp_path)["judges"]
    assert set(found) == {"refusal", f"llm:{MODEL}", "llm:other-2026-01-01"}
    assert found[f"llm:{MODEL}"]["failed"] == 0


def test_judges_checked_before_stay_unless_the_labels_change(tmp_path: Path) -> None:
    call(*words(tmp_path, "--judge", "refusal"))
    call(*words(tmp_path, "--judge", "rubric"))
    assert set(stored(tmp_path)["judges"]) == {"refusal", "rubric"}
    call(*words(tmp_path, "--judge", "rubric", count=56))
    assert set(stored(tmp_path)["judges"]) == {"rubric"}


def test_rates_of_whole_runs_are_corrected(tmp_path: Path) -> None:
    run = record("ga", people=people_of({"forget": [3] * 20}), judges=["value"])
    claims = {"forget": {f"p{i}": {"generation/image_text": {"leak:leaked": 3, "refused:none": 7}} for i in range(20)}}
    object.__setattr__(run, "claims", claims)
    (tmp_path / "made").mkdir()
    write_json(tmp_path / "made" / "record.json", run.to_json())
    text = call(*words(tmp_path, "--judge", "hallucination,value", "--runs", str(tmp_path / "made")))
    assert "Rates of whole runs." in text
    for judge in ("hallucination", "value"):
        leaks = {line["source"]: line for line in stored(tmp_path)["judges"][judge]["leaks"]}
        assert leaks["ga"]["corrected"]["value"] == pytest.approx(0.3)  # this judge errs nowhere
        assert leaks["ga"]["corrected"]["n"] == 200
        assert leaks["npo"]["corrected"] is None


def test_the_leaderboard_says_which_judges_were_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asru_bench.judge_report.HERE", tmp_path / "nothing")
    call(*words(tmp_path))
    runs = tmp_path / "runs"
    same = {"rubric": {"rubric": "both", "factuality": "kept"}, "refusal": {}}
    board = record(judges=["rubric", "refusal", "choice"], judge_config=same, people=people_of({"forget": [1] * 8}))
    write_json(runs / "a" / "record.json", board.to_json())
    text = leaderboard.leaderboard(runs)
    assert "Judges checked against two labellers (`judge-check`, 40 answers kept out" in text
    assert "refusal (refuses 1.00)" in text
    assert "rubric (contextual " in text
    assert "hallucination (" not in text  # not a judge of this table
    other = record(judges=["rubric"], judge_config={"rubric": {"rubric": "ours"}}, people=people_of({"forget": [1]}))
    write_json(runs / "a" / "record.json", other.to_json())
    assert "Judges checked" not in leaderboard.leaderboard(runs)
    write_json(runs / "a" / "record.json", board.to_json())
    monkeypatch.setattr(Rubric, "version", "0")
    assert "rubric (" not in leaderboard.leaderboard(runs)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--judge", ""), "no judge to check; name one with --judge"),
        (("--judge", "rubrik"), "unknown judge 'rubrik'"),
        (("-j", "nothing=1"), "no judge of this run has the setting 'nothing'"),
        (("--judge", "probability"), "asks a model for likelihoods"),
        (("--judge", "", "--judge-model", "gpt-latest"), "floating name"),
    ],
)
def test_what_cannot_be_done_is_one_error(tmp_path: Path, more: tuple[str, ...], message: str) -> None:
    done = CliRunner().invoke(cli.app, words(tmp_path, *more))
    assert done.exit_code == 1
    assert message in done.output
    assert not (tmp_path / "runs" / judge_check.FILE).exists()


def test_without_labels_the_error_says_what_to_give(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkset, "LABELS", (tmp_path / "labels-1.jsonl", tmp_path / "labels-2.jsonl"))
    done = CliRunner().invoke(cli.app, ["judge-check"])
    assert done.exit_code == 1
    assert "labels-1.jsonl is missing; expected labels as JSON lines (judge-check --items, --labels)" in done.output
    assert json.loads(checkset.ITEMS.read_text().splitlines()[0])["world"]


def test_the_shipped_result_and_the_docs_say_what_the_judges_do() -> None:
    """Made again from the shipped answers and labels; a judge that changes needs `judge-check` again."""
    known = judge_check.read(checkset.HERE / judge_check.FILE)
    assert known is not None
    made = json.loads(json.dumps(judge_check.check(checkset.read(), list(known["judges"]))))
    assert made["set"] == known["set"]
    table = (Path(__file__).parents[1] / "docs" / "judges.md").read_text().partition("<!-- judge-check: begin -->")[2]
    for name, judge in made["judges"].items():
        old = known["judges"][name]
        assert (judge["version"], judge["settings"]) == (old["version"], old["settings"])
        for line, before in zip(judge["agreement"], old["agreement"], strict=True):
            assert line["both"] == pytest.approx(before["both"])
            if line["part"] == "kept out":
                shown = f"| {name} | {line['measure']} | {line['items']} | {line['both']['kappa']:.2f} ["
                assert shown in table
