"""Leaderboards: grouping, order, reasons, and the same text every time."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
from answers import people_of, record

from asru_bench import leaderboard as lb
from asru_bench import sealed
from asru_bench.record import Gate, write_json
from asru_bench.scores import Measure
from asru_bench.types import AsruBenchError, Cost


@pytest.fixture(autouse=True)
def verified(monkeypatch):
    """These records have no run folders; which ones are believed is tested in test_sealed.py."""
    monkeypatch.setattr(sealed, "examine", lambda path: sealed.Finding("verified"))


def tally(leak=0, unseen=10, real=10, people=12):
    return people_of(
        {
            "test": [leak] * people,
            "retain": [10] * people,
            "retain_unseen": [unseen] * people,
            "real": [real] * people,
            "strangers": [3] * people,
        }
    )


def some():
    return [
        record("vanilla", people=tally(leak=10)),
        record("retain_oracle", people=tally(leak=1)),
        record("npo", people=tally(leak=2), costs={"unlearn": Cost(12.4)}),
        record("asru", people=tally(leak=1), costs={"unlearn": Cost(40.0)}),
        record("ga", people=tally(unseen=0, real=2)),
        record("idk", people=tally(leak=0), limit=3),
    ]


def save(folder, records):
    for i, r in enumerate(records):
        write_json(folder / "mllmu_bench" / "mini" / r.row / f"{i}-s{r.seed}" / "record.json", r.to_json())
    return folder


def body(text):
    """The cells of the first table, row by row."""
    table = re.split(r"\n\n", text[text.index("| rank") :])[0]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in table.splitlines()[2:]]


def test_order_references_ranked_failing_not_ranked(tmp_path):
    text = lb.leaderboard(save(tmp_path, some()))
    assert [line[:2] for line in body(text)] == [
        ["–", "vanilla"],
        ["–", "retain_oracle"],
        ["1", "asru"],
        ["2", "npo"],
        ["fails", "ga"],
    ]
    other = text[text.index("partial (--limit 3)") :]
    assert [line[:2] for line in body(other)] == [["not ranked", "idk"]]
    assert "- ga fails: retain_unseen -100.0, lower limit -10" in text
    assert "- no setting that was run passes (no operating point): ga." in text
    assert "- idk is not ranked: --limit 3." in text
    asru = body(text)[2]
    assert asru[2].startswith("10.0 [")
    assert asru[-2:] == ["40", "1"]


def test_it_says_what_the_embedded_universe_cannot_show(tmp_path):
    assert "No ranking of methods may be concluded" in lb.leaderboard(save(tmp_path / "a", some()))
    real = [replace(r, universe=None, spec={**r.spec, "model": "org/vlm"}) for r in some()]
    assert "No ranking" not in lb.leaderboard(save(tmp_path / "b", real))


def test_rules_and_resolution_are_printed(tmp_path):
    text = lb.leaderboard(save(tmp_path, some()))
    assert "δ = 8.0 points" in text
    assert "Equivalent to the oracle: within 5.0 points" in text
    assert re.search(r"Smallest detectable difference in points .*leak \d+\.\d", text)
    assert f"Made by `asru-bench leaderboard {tmp_path.name}` from 6 records." in text
    assert str(tmp_path) not in text


def test_the_text_does_not_depend_on_the_order_of_files(tmp_path):
    records = [*some(), replace(record("npo", 0, tally(leak=4), lr=3), spec_hash="other")]
    texts = set()
    for i in range(4):
        for j, r in enumerate(records):
            write_json(tmp_path / str(i) / "runs" / str(j) / "record.json", r.to_json())
        texts.add(lb.leaderboard(tmp_path / str(i) / "runs"))
        random.Random(i).shuffle(records)
    assert len(texts) == 1


def test_seeds_are_pooled_and_settings_are_not(tmp_path):
    runs = ((0, 1, 1e-4), (1, 3, 1e-4), (0, 5, 1e-5))
    records = [record("npo", seed, tally(leak=leak), method_config={"lr": lr}) for seed, leak, lr in runs]
    records = [replace(r, spec_hash=f"hash-{i}") for i, r in enumerate(records)]
    lines = body(lb.leaderboard(save(tmp_path, [*records, record("vanilla", people=tally(leak=10))])))
    assert [(line[1], line[2].split()[0], line[-1]) for line in lines[1:]] == [
        ("npo (lr=0.0001)", "20.0", "2"),
        ("npo (lr=1e-05)", "50.0", "1"),
    ]


def test_universes_and_vanillas_never_mix(tmp_path):
    other = [replace(r, universe="mini-2", spec={**r.spec, "vanilla_hash": "abc"}) for r in some()]
    third = [replace(r, spec_hash=r.spec_hash + "v", spec={**r.spec, "vanilla_hash": "f" * 40}) for r in some()]
    text = lb.leaderboard(save(tmp_path, [*some(), *other, *third]))
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    start, part = "mllmu_bench · mini", " · partial (--limit 3)"
    assert titles == [
        f"{start} (mini-1) · forget_10{part}{rest}" if universe == 1 else f"{start} (mini-2) · forget_10{part}"
        for part in ("", part)
        for universe, rest in ((1, " (vanilla_hash=ffffffffffff)"), (1, " (vanilla_hash=unset)"), (2, ""))
    ]
    assert text.count("| 1 | asru |") == 3


def test_tables_of_one_task_are_told_apart_by_its_settings(tmp_path):
    made = []
    for setting, digest, method in (("selective", "a" * 64, "npo"), ("complete_5", "b" * 64, "ga")):
        one = record(method, people=tally(), method_config={"lr": setting})
        more = {"task_config": {**one.spec["task_config"], "setting": setting}, "data_hash": digest}
        made.append(replace(one, spec_hash=setting, spec={**one.spec, **more}))
    titles = re.findall(r"^## (.*)$", lb.leaderboard(save(tmp_path, made)), re.MULTILINE)
    start = "mllmu_bench · mini (mini-1) · forget_10"
    assert titles == [f"{start} (setting=complete_5)", f"{start} (setting=selective)"]


def test_failed_and_gated_runs_are_listed_with_the_reason(tmp_path):
    broken = record("kl_min", status="failed", error="NaN loss at step 3 | batch 2")
    gated = record("manu", status="gated", gates=(Gate("knowledge", False, "base knows them"),))
    text = lb.leaderboard(save(tmp_path, [*some(), broken, gated]))
    assert "- kl_min is not ranked: failed: NaN loss at step 3 \\| batch 2" in text
    assert "gate knowledge: base knows them" in text
    assert all(len(line) == 11 for line in body(text))


def test_accepted_records_may_have_any_name_and_other_json_is_left_alone(tmp_path):
    for r in some():
        write_json(tmp_path / "records" / r.row / f"{r.spec_hash}.json", r.to_json())
    write_json(tmp_path / "spec.json", {"not": "a record"})
    records, unreadable = lb.load(tmp_path)
    assert (len(records), unreadable) == (6, [])
    assert len(lb.load(tmp_path / "records")[0]) == 6


def test_unreadable_records_are_listed(tmp_path):
    save(tmp_path, some())
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "record.json").write_text("{}")
    text = lb.leaderboard(tmp_path)
    assert "## Not readable" in text
    assert "./x/record.json" in text
    assert str(tmp_path) not in text


def test_nothing_found_says_what_to_type(tmp_path):
    with pytest.raises(AsruBenchError, match="asru-bench run"):
        lb.leaderboard(tmp_path)


def test_write(tmp_path):
    runs = save(tmp_path / "runs", some())
    assert lb.write(runs, tmp_path / "board.md").endswith("board.md written.")
    assert (tmp_path / "board.md").read_text(encoding="utf-8") == lb.write(runs)


def test_table_takes_any_columns():
    text = lb.table(some()[:2], [Measure("leaks", "leak", "test"), Measure("none", "leak/text", "test")])
    lines = text.splitlines()
    assert lines[0] == "| row | leaks | none | seeds |"
    assert lines[2].startswith("| vanilla | 100.0 [")
    assert lines[2].endswith("| – | 1 |")


def test_points():
    assert [lb.points(x) for x in (0.083, 1.5, float("inf"), None)] == ["8.3", "–", "–", "–"]


def test_uncommitted_code_is_mentioned(tmp_path):
    records = [replace(r, provenance={"dirty": True}) if r.row == "npo" else r for r in some()]
    assert "- made with uncommitted code: npo." in lb.leaderboard(save(tmp_path, records))
