"""A record that was edited is not believed, one that cannot be computed again is not ranked; other changes are none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from answers import people_of, record
from tiny_world import copied
from typer.testing import CliRunner

from asru_bench import cli, deletion, leaderboard, run, sealed, store
from asru_bench.folder import RunFolder
from asru_bench.record import read_record, write_json
from asru_bench.types import AsruBenchError


@pytest.fixture
def made(tiny_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The record of a finished run, beside those of its references."""
    folder = copied(tiny_runs, tmp_path)
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    return folder / "record.json"


def edit(file: Path, change: Callable[[dict[str, Any]], Any], seal: bool = False) -> None:
    data = json.loads(file.read_text(encoding="utf-8"))
    change(data)
    if seal:  # as somebody would who knows how
        data["provenance"]["digests"]["content"] = sealed.content_digest(data)
    file.write_text(json.dumps(data), encoding="utf-8")


def leak(data: dict[str, Any]) -> dict[str, Any]:
    return next(s for s in data["scores"] if (s["name"], s["role"]) == ("leak", "forget"))


def counts(data: dict[str, Any]) -> dict[str, int]:
    """How one person's open answers were sorted."""
    return data["people"]["forget"]["p7" if "p7" in data["people"]["forget"] else min(data["people"]["forget"])][
        "generation/image_text"
    ]


EDITS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a score": lambda d: leak(d).update(value=0.25),
    "an interval": lambda d: leak(d).update(ci_high=0.5),
    "a number of answers": lambda d: leak(d).update(n=1000),
    "a score left out": lambda d: d["scores"].remove(leak(d)),
    "a person's answers": lambda d: counts(d).update(refused=counts(d).get("refused", 0) + 5),
    "the accounting of a role": lambda d: d["categories"]["forget"].update(leak=7),
    "a setting": lambda d: d["spec"].update(force=False),
    "the flag of a debug run": lambda d: d["spec"].update(limit=5),
}
BESIDE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a gate": lambda d: d["gates"][0].update(passed=True),
    "the costs": lambda d: d["costs"]["unlearn"].update(seconds=0.1),
    "a field added inside": lambda d: d["provenance"].update(audited="yes"),
    "the commit": lambda d: d["provenance"].update(commit="f" * 40),
    "a digest": lambda d: d["provenance"]["digests"].update(verdicts="0" * 64),
}


def test_a_record_as_it_was_made(made: Path) -> None:
    assert sealed.examine(made) == sealed.Finding("verified")
    assert sealed.kept(made) == read_record(made)


@pytest.mark.parametrize("what", [*EDITS, *BESIDE])
def test_an_edit_is_seen(made: Path, what: str) -> None:
    edit(made, {**EDITS, **BESIDE}[what])
    assert sealed.examine(made).status == "edited"
    assert sealed.kept(made) is None
    with pytest.raises(AsruBenchError, match=rf"is edited: .*asru-bench score {made.parent}"):
        sealed.read(made)


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_with_its_digest_made_to_match_is_seen(made: Path, what: str) -> None:
    edit(made, EDITS[what], seal=True)
    assert sealed.examine_content(made).status == "verified"
    assert sealed.examine(made).status == "edited"


def test_edited_verdicts_are_seen_and_no_record_is_made_from_them(made: Path) -> None:
    folder = RunFolder.open(made.parent)
    verdicts = store.read_verdicts(folder.verdicts_file)
    store.write_verdicts(folder.verdicts_file, verdicts[:-1])
    found = sealed.examine(made)
    assert (found.status, "asru-bench judge" in found.reason) == ("edited", True)
    scored = CliRunner().invoke(cli.app, ["score", str(made.parent)])
    assert scored.exit_code == 1
    assert f"asru-bench judge {made.parent}" in scored.output
    assert CliRunner().invoke(cli.app, ["judge", str(made.parent)]).exit_code == 0
    assert store.read_verdicts(folder.verdicts_file) == verdicts
    assert sealed.examine(made).status == "verified"


def test_edited_answers_are_judged_by_nobody(made: Path) -> None:
    folder = RunFolder.open(made.parent)
    answers = store.read_generations(folder.answers_file)
    store.write_generations(
        folder.answers_file, [*answers[:-1], answers[-1].__class__("k", answers[-1].sample_id, "x", "stop")]
    )
    for stage in ("judge", "score"):
        told = CliRunner().invoke(cli.app, [stage, str(made.parent)])
        assert f"asru-bench generate {made.parent}" in told.output
    assert CliRunner().invoke(cli.app, ["generate", str(made.parent)]).exit_code == 0
    assert store.read_generations(folder.answers_file) == answers


def whole_numbers(text: str) -> str:
    """As programs write JSON that know one kind of number."""
    return text.replace(".0,", ",").replace(".0}", "}")


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda text: json.dumps(json.loads(text), indent=4),
        lambda text: json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=True),
        lambda text: json.dumps(dict(reversed(json.loads(text).items()))),
        lambda text: whole_numbers(json.dumps(json.loads(text))),
        lambda text: text.replace("0.5,", "5e-1,").replace("\n", "\r\n"),
    ],
    ids=["indented", "compact", "other order", "whole numbers", "other numbers"],
)
def test_equal_json_is_no_edit(made: Path, rewrite: Callable[[str], str]) -> None:
    before = made.read_text(encoding="utf-8")
    made.write_bytes(rewrite(before).encode())
    assert made.read_bytes() != before.encode()
    assert sealed.examine(made).status == "verified"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("verdicts.parquet", "no verdicts.parquet lies beside it"),
        ("generations.parquet", "generations.parquet is missing"),
        ("both inputs", "is no run folder"),
    ],
)
def test_what_cannot_be_computed_again_is_said(made: Path, name: str, reason: str) -> None:
    for file in ("spec.json", "local.json", "copy.json") if name == "both inputs" else (name,):
        made.with_name(file).unlink()
    found = sealed.examine(made)
    assert (found.status, reason in found.reason) == ("cannot be verified", True)


def test_a_record_copied_alone(made: Path, tmp_path: Path) -> None:
    alone = tmp_path / "records" / "mine.json"
    alone.parent.mkdir()
    shutil.copy(made, alone)
    assert sealed.examine(alone).status == "cannot be verified"
    edit(alone, EDITS["a score"])
    assert sealed.examine(alone).status == "edited"


def test_records_from_before_digests(made: Path) -> None:
    """Shown, never ranked; `score` writes them anew."""
    edit(made, lambda d: d["provenance"].pop("digests"))
    assert sealed.examine(made).text.startswith("cannot be verified: it carries no digest")
    edit(made, EDITS["a score"])
    assert sealed.examine(made).status == "edited"
    scored = CliRunner().invoke(cli.app, ["score", str(made.parent)])
    assert scored.exit_code == 0, scored.output
    assert sealed.examine(made).status == "verified"


def test_other_code_that_scores_otherwise_is_no_edit(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(made, EDITS["a score"], seal=True)
    monkeypatch.setattr(sealed, "_code", lambda task: "another version")
    found = sealed.examine(made)
    assert found.status == "cannot be verified"
    assert "another version of the code: leak of forget is 0.25 in it" in found.reason


def test_pseudonyms_of_another_home_are_no_edit() -> None:
    cells = {"generation/text": {"leak": 1}}, {"generation/text": {"refused": 1}}
    one, other = ({"forget": dict(zip(names, cells, strict=True))} for names in ("ab", "yx"))
    assert sealed._without_names(one) == sealed._without_names(other)
    assert sealed._without_names(one) != sealed._without_names({"forget": {"a": cells[0], "b": cells[0]}})


# What is said of it.


def test_the_leaderboard_leaves_edited_records_out_and_says_so(made: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    assert "edited" not in leaderboard.leaderboard(runs).replace("Not readable or edited", "?")
    edit(made, EDITS["a score"], seal=True)
    text = leaderboard.leaderboard(runs)
    assert "| probe |" not in text
    assert "is edited: leak of forget is 0.25 in it, its verdicts give 0. To make it again, type: asru-bench" in text
    assert "./tiny_task" in text
    assert "| vanilla |" in text


def test_an_edited_vanilla_is_compared_with_nothing(made: Path, tmp_path: Path) -> None:
    vanilla = next(p for p in (tmp_path / "runs").rglob("record.json") if p.parent.parent.name == "vanilla")
    edit(vanilla, EDITS["a score"])
    scored = CliRunner().invoke(cli.app, ["score", str(made.parent)])
    assert scored.exit_code == 1
    assert f"asru-bench score {vanilla.parent}" in scored.output
    assert CliRunner().invoke(cli.app, ["score", str(vanilla.parent)]).exit_code == 0
    assert CliRunner().invoke(cli.app, ["score", str(made.parent)]).exit_code == 0


def test_what_cannot_be_verified_is_shown_and_never_ranked(made: Path, tmp_path: Path) -> None:
    made.with_name("verdicts.parquet").unlink()
    text = leaderboard.leaderboard(tmp_path / "runs")
    assert "| not ranked | probe |" in text
    assert "cannot be verified: no verdicts.parquet lies beside it" in text


def test_of_two_equal_records_the_verified_one_counts(made: Path, tmp_path: Path) -> None:
    early = tmp_path / "runs" / "a" / "record.json"
    early.parent.mkdir()
    shutil.copy(made, early)
    (found,) = (r for r in leaderboard.load(tmp_path / "runs")[0] if r.row == "probe")
    assert found.status == "ok"
    edit(early, EDITS["a score"])
    records, left_out = leaderboard.load(tmp_path / "runs")
    assert [r.status for r in records if r.row == "probe"] == ["ok"]
    assert "./a/record.json is edited" in left_out[0]


def test_the_deletion_report_on_a_record(made: Path) -> None:
    assert not any("verified" in text for text in deletion.report(made, "Office")["reservations"])
    edit(made, EDITS["an interval"], seal=True)
    with pytest.raises(AsruBenchError, match="no report on an edited record"):
        deletion.report(made, "Office")
    assert CliRunner().invoke(cli.app, ["score", str(made.parent)]).exit_code == 0
    edit(made, lambda d: d["provenance"].pop("digests"))
    told = deletion.report(made, "Office")
    assert any("The record cannot be verified: it carries no digest" in text for text in told["reservations"])
    assert told["limits"][-1] == told["reservations"][-1]


# Debug and partial runs.


def tally(leaks: int) -> dict[str, Any]:
    roles = {"test": leaks, "retain": 10, "retain_unseen": 10, "real": 10}
    return people_of({role: [k] * 12 for role, k in roles.items()})


@pytest.mark.parametrize(
    ("flags", "words"),
    [({"fast": True, "limit": 2}, "--fast"), ({"limit": 3}, "--limit 3"), ({"limit": 0}, "--limit 0"), ({}, "")],
)
def test_what_a_partial_run_is_called(flags: dict[str, Any], words: str) -> None:
    assert leaderboard.partial(record(**flags).spec) == words


def test_partial_runs_have_a_table_of_their_own() -> None:
    full = [record("vanilla", people=tally(10)), record("npo", people=tally(1)), record("ga", people=tally(2))]
    fast = [record(name, people=tally(0), fast=True, limit=2) for name in ("npo", "vanilla", "retain_oracle", "base")]
    few = [record("npo", people=tally(0), limit=3)]
    boards = leaderboard.boards([*few, *fast, *full])
    title = "mllmu_bench · mini (mini-1) · forget_10"
    assert [b.title for b in boards] == [title, f"{title} · partial (--fast)", f"{title} · partial (--limit 3)"]
    assert [[row.label for row in b.rows] for b in boards] == [
        ["vanilla", "npo", "ga"],
        ["base", "npo", "retain_oracle", "vanilla"],
        ["npo"],
    ]
    assert [len(b.references) for b in boards] == [1, 0, 0]  # full rows are compared with full ones only
    assert [len(b.ranked) for b in boards] == [2, 0, 0]
    text = leaderboard._board_text(boards[1], Path("runs"))
    assert "**Made with --fast: a debug or partial run.**" in text


def test_references_of_a_partial_run_are_no_references_of_a_full_one(tiny_dir: Path) -> None:
    from tiny_world import spec

    from asru_bench.plan import Plan
    from asru_bench.session import Session
    from asru_bench.trainer import Trainer

    work = run._Work(Plan(()), {}, Session(None), Trainer([]), print)  # type: ignore[arg-type]
    for changes in ({"limit": 3}, {"fast": True, "limit": 2}, {"task_config": {"split": "other"}}, {"seed": 1}):
        work.remember(spec(tiny_dir, method="vanilla", **changes), record("vanilla"))
    assert work.known(spec(tiny_dir)) == {}
    assert list(work.known(spec(tiny_dir, limit=3, method_config={"lr": 1.0}, roles=("forget",)))) == ["vanilla"]


def test_write_json_is_what_a_digest_reads(tmp_path: Path) -> None:
    one = record("ga", people=tally(1))
    write_json(tmp_path / "r.json", one.to_json())
    assert sealed.content_digest(json.loads((tmp_path / "r.json").read_text())) == sealed.content_digest(one.to_json())
