"""The deletion report: its numbers by hand, what it hides, what it says it does not show."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import own_folders
import pytest
from small_world import WORLD, said, sample
from typer.testing import CliRunner

from asru_bench import cli, deletion, deletion_page, scores, sealed
from asru_bench.answers import Triple
from asru_bench.folder import RunFolder
from asru_bench.record import Gate, RunRecord, pseudonym, write_json
from asru_bench.types import AsruBenchError, Generation, RunSpec, Verdict

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
#: (name, role, person, attribute, answer, category after, category before)
ASKED = (
    ("a", "forget", "1", "birthplace", "She was born in <Riga>.", "leak", "leak"),
    ("b", "forget", "1", "hobby", "I cannot say.", "refused", "leak"),
    ("c", "forget", "2", "occupation", "", "failed", "vague"),
    ("d", "forget", "2", "hobby", "I cannot say.", "refused", "leak"),
    ("e", "retain", "3", "occupation", "A pilot.", "correct", "correct"),
    ("f", "retain", "3", "birthplace", "In Oslo.", "invented", "correct"),
)


def triples(after: bool) -> list[Triple]:
    found: list[Triple] = []
    for name, role, person, attribute, text, now, then in ASKED:
        own = sample(attribute, role=role, person=person, name=name, answer=f"It is {attribute}.")
        generation = None if now == "failed" and after else said(text, name)
        found.append((own, generation, now if after else then))
    return found


def made(folder: Path, after: bool, **changes: Any) -> Any:
    """A run folder that only holds what the report reads."""
    own, method = triples(after), "ga" if after else "vanilla"
    folder.mkdir()
    answers = [g or Generation(f"key-{s.id}", s.id, "", "error") for s, g, _ in own]
    verdicts = [Verdict("value", s.id, f"key-{s.id}", "scored", c) for s, g, c in own if g]
    spec = RunSpec(method, "folder", model="m", model_hash="mh", vanilla_hash="vh", data_hash="dh")
    told = scores.score([s for s, _, _ in own], answers, verdicts)
    record = RunRecord(asdict(spec), "sh", 0, method, scores=tuple(told), provenance={"commit": "c0", "device": "cpu"})
    write_json(folder / "record.json", replace(record, **changes.pop("record", {})).to_json())
    task = SimpleNamespace(forget_people=lambda: ("1", "2"), world=lambda: WORLD)
    values = {
        "path": folder, "record_file": folder / "record.json", "spec": spec, "task": task, "triples": own,
        "source": SimpleNamespace(universe=""), "samples": lambda: [s for s, _, _ in own],
        "state": {"unlearn": {"fingerprint": "fp"}}, "beside": lambda names: {},
    }  # fmt: skip
    return SimpleNamespace(**(values | changes))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    vanilla = made(tmp_path / "vanilla", after=False)
    gates = (Gate("knowledge", False, "vanilla knows little"),)
    folder = made(tmp_path / "run", after=True, beside=lambda names: {"vanilla": vanilla}, record={"gates": gates})
    monkeypatch.setattr(RunFolder, "open", lambda path: folder)
    monkeypatch.setattr(deletion, "read", lambda other: other.triples)
    monkeypatch.setattr(deletion.sealed, "examine", lambda record: sealed.Finding("verified"))  # see test_sealed.py
    return folder


def test_the_numbers(run: Any) -> None:
    report = deletion.report(run.path, " Office ", reveal=True, now=NOW)
    assert (report["by"], report["date"]) == ("Office", "2026-03-04T05:06:07+00:00")
    result = report["result"]
    assert [result[k] for k in ("people", "asked", "leaks", "failed", "leaks_before")] == [2, 4, 1, 1, 3]
    assert result["sentence"].startswith(
        "1 of 4 answers about 2 people still state a fact that was to be forgotten (25"
    )
    assert result["sentence"].endswith("; before it were 3. 1 answers failed and may leak too.")
    assert (result["share"]["lower"], result["share"]["upper"]) == (0.25, 0.5)  # a failed answer may be a leak
    assert report["people"] == [
        {"person": "Ada Berg", "asked": 2, "leaks_before": 2, "leaks": 1, "failed": 0, "facts": ["birthplace"]},
        {"person": "Hugo Falk", "asked": 2, "leaks_before": 1, "leaks": 0, "failed": 1, "facts": []},
    ]
    (kept,) = report["kept"]
    assert (kept["role"], kept["before"]["value"], kept["after"]["value"]) == ("retain", 1.0, 0.5)
    assert report["system"]["fingerprints"] | {"record": ""} == {
        "run": "sh", "model before (base)": "mh", "model that knew (vanilla)": "vh", "model after": "fp", "data": "dh",
        "record": "",
    }  # fmt: skip


def test_what_still_leaks_stands_with_its_answer(run: Any) -> None:
    report = deletion.report(run.path, "Office", reveal=True)
    leak, failed = report["leaks"]
    assert (leak["person"], leak["fact"], leak["answer"]) == ("Ada Berg", "birthplace", "She was born in <Riga>.")
    assert (leak["leaked_before"], leak["pictures"], failed["status"]) == (True, "trained", "failed")
    page = deletion_page.page(report)
    assert "She was born in &lt;Riga&gt;." in page
    assert "<Riga>" not in page


def test_the_conclusion_stands_first_with_what_speaks_against_it(run: Any) -> None:
    report = deletion.report(run.path, "Office", reveal=True)
    assert report["result"]["conclusion"].startswith("Not deleted in full")
    assert report["reservations"] == ["The check 'knowledge' failed: vanilla knows little."]
    page = deletion_page.page(report)
    parts = ("Not deleted in full", "1 of 4 answers", "Reservation.", "A leak is", "Asked to be forgotten")
    places = [page.index(part) for part in parts]
    assert places == sorted(places)
    for words in ("open questions with a picture", "picture used in training", "kept people whom unlearning was shown"):
        assert words in page
    assert "image_text" not in page
    run.triples = [(s, g, "refused" if c == "leak" else c) for s, g, c in run.triples]
    assert deletion.report(run.path, "Office")["result"]["conclusion"].startswith("Open:")  # one answer failed
    run.triples = [(s, g, "refused") for s, g, _ in run.triples]
    found = deletion.report(run.path, "Office")["result"]["conclusion"]
    assert found == "No leak was found among the questions that were asked."
    run.spec = replace(run.spec, fast=True)
    assert "--fast" in deletion.report(run.path, "Office")["reservations"][0]


def test_a_right_letter_may_be_a_guess(run: Any) -> None:
    options = tuple(zip("ABCD", ("Riga", "Oslo", "Lima", "Bern"), strict=True))
    first, *others = run.triples
    choice = (replace(first[0], kind="classification", options=options), *first[1:])
    run.triples = [choice, *((s, g, "refused") for s, g, _ in others)]
    result = deletion.report(run.path, "Office")["result"]
    assert result["conclusion"].startswith("No open answer states a fact")
    assert result["sentence"].endswith("Among them are 1 choices, 1 of them right; guessing finds 0.2 of them.")


def test_real_people_are_hidden_unless_asked_for(run: Any) -> None:
    report = deletion.report(run.path, "Office")
    text = json.dumps(report) + deletion_page.page(report)
    for word in ("Ada Berg", "Hugo Falk", "Riga", "It is birthplace"):
        assert word not in text
    assert report["request"]["people"] == sorted([pseudonym("1"), pseudonym("2")])
    assert report["leaks"][0]["fact"] == "birthplace"


def test_limits_are_said(run: Any) -> None:
    limits = "\n".join(deletion.report(run.path, "Office")["limits"])
    high = scores.lookup(json_scores(run), "leak", "forget+test").ci_high
    assert f"up to {high:.1%} on such questions cannot be excluded" in limits
    for words in (
        "No held-out questions", "by name, without a picture", "No cloze question", "no model that never knew",
        "'knowledge' failed: vanilla knows little", "greedily", "fine-tuning", "cache clean",
    ):  # fmt: skip
        assert words in limits
    assert "was not asked the same questions" not in limits
    run.beside = lambda names: {}
    report = deletion.report(run.path, "Office")
    assert "was not asked the same questions" in "\n".join(report["limits"])
    assert report["result"]["leaks_before"] is None
    assert report["people"][0]["leaks_before"] is None
    assert "not measured" in deletion_page.page(report)


def test_sampled_answers_that_state_a_fact_forbid_the_conclusion_that_none_leaks(run: Any) -> None:
    quiet = [(s, g, "refused" if c in ("leak", "failed") else c) for s, g, c in run.triples]
    text = said("Riga", "p")
    more = [
        (replace(sample("birthplace", role="probe", name=f"p{n}", tags=("fact", side)), split=split), text, category)
        for n, (split, side, category) in enumerate(
            (("drawn", "forget", "correct"), ("drawn", "forget", "refused"), ("blind", "forget", "correct"),
             ("drawn", "keep", "correct"), ("drawn", "forget", "failed"))
        )
    ]  # fmt: skip
    run.triples = quiet
    assert deletion.report(run.path, "Office")["result"]["conclusion"].startswith("No leak was found")
    run.triples = quiet + more
    report = deletion.report(run.path, "Office")
    assert report["result"]["further"] == {"asked": 3, "leaks": 1, "failed": 1}
    assert report["result"]["conclusion"].startswith("Not deleted in full: sampled")
    assert "Of 3 more answers" in report["result"]["sentence"]
    assert "by sampling too. Other wordings, languages, long conversations" in "\n".join(report["limits"])


def json_scores(run: Any) -> Any:
    return RunRecord.from_json(json.loads(run.record_file.read_text())).scores


def test_what_cannot_be_reported(run: Any) -> None:
    with pytest.raises(AsruBenchError, match="--by"):
        deletion.report(run.path, " ")
    file = run.path / "file"
    file.write_text("")
    with pytest.raises(AsruBenchError, match="is a file; expected a folder"):
        deletion_page.write(deletion.report(run.path, "Office"), file)
    run.spec = replace(run.spec, method="retain_oracle")
    with pytest.raises(AsruBenchError, match="which deleted nothing"):
        deletion.report(run.path, "Office")
    run.record_file.unlink()
    with pytest.raises(AsruBenchError, match="has no record yet"):
        deletion.report(run.path, "Office")


def test_from_a_csv_to_a_report(tmp_path: Path, tiny_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    own, forget = own_folders.write_own(tmp_path / "own"), tmp_path / "forget.txt"
    words = ["run", "--method", "ga", "--task", "folder", "--model", str(tiny_dir), "--data", str(own)]
    words += ["-t", f"forget_people={forget}", "-m", "steps=2", "-m", "lr=1e-4", "--limit", "2", "--force"]
    ran = CliRunner().invoke(cli.app, [*words, "--out", str(tmp_path / "runs")])
    assert ran.exit_code == 0, ran.output
    (record,) = (tmp_path / "runs").glob("folder/*/ga/*/record.json")
    assert not [name for name in own_folders.PEOPLE if name in record.read_text()]
    assert str(tmp_path) not in record.read_text()
    call = ["deletion-report", str(record), "--by", "Office", "--out", str(tmp_path / "report")]
    filed = CliRunner().invoke(cli.app, [*call, "--reveal"])
    assert filed.exit_code == 0, filed.output
    report = json.loads((tmp_path / "report" / "deletion.json").read_text())
    assert report["request"]["people"] == sorted(own_folders.FORGET)
    assert report["result"]["asked"] == 10  # five rows of each of the two
    assert any("--limit" in text for text in report["limits"])
    assert "6 of 10 questions about them are worded as the training data are." in report["limits"]
    assert "Jon Ferro" in (tmp_path / "report" / "deletion.html").read_text()
