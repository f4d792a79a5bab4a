"""Who may be ranked, by hand and by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from answers import people_of, record
from scipy import stats as sp

from asru_bench import headline as hl
from asru_bench import stats
from asru_bench.record import Gate
from asru_bench.scores import HEADLINE

LEAK = HEADLINE[0]


def tally(leak=0, unseen=10, real=10, people=12):
    return people_of({"test": [leak] * people, "retain_unseen": [unseen] * people, "real": [real] * people})


VANILLA = record("vanilla", people=tally(leak=10))


def test_a_row_that_forgets_and_keeps_is_ranked():
    got = hl.headline([record(people=tally(leak=1))], [VANILLA])
    assert got.ranked
    assert got.leak.value == 0.1
    assert [c.role for c in got.kept] == ["retain_unseen", "real"]
    assert all(c.passed and c.value == 0 for c in got.kept)


def test_a_row_that_loses_people_fails_with_the_reason():
    got = hl.headline([record(people=tally(unseen=8))], [VANILLA])
    assert not got.ranked
    assert got.barred == ()
    assert got.fails[0].startswith("retain_unseen -20.0, lower limit -2")
    assert got.fails[0].endswith("(allowed -8.0)")


def test_the_limit_is_the_one_sided_t_with_a_floor():
    kept = [10, 9, 10, 8, 10, 10, 9, 10, 10, 10]
    row = {0: people_of({"real": kept})}
    got = hl.non_inferior(row, {0: people_of({"real": [10] * 10})}, "real")
    d = np.array(kept) / 10 - 1
    floor = stats.null_se(0.08, 10, 10)
    assert floor > d.std(ddof=1) / math.sqrt(10)
    assert got.low == pytest.approx(d.mean() - sp.t.ppf(0.95, 9) * floor)


def test_failed_answers_count_against_the_row_in_every_comparison():
    def one(category):
        return {0: {"real": {f"p{i}": {"generation/text": {"correct": 8, category: 2}} for i in range(12)}}}

    assert hl.non_inferior(one("failed"), one("correct"), "real").value == pytest.approx(-0.2)
    assert hl.non_inferior(one("invented"), one("failed"), "real").value == pytest.approx(-0.2)


def test_few_people_show_nothing():
    got = hl.headline([record(people=tally(people=4))], [record("vanilla", people=tally(leak=10, people=4))])
    assert not got.ranked
    assert "4 people cannot show" in got.fails[0]


def test_nothing_to_compare_with_is_a_reason():
    assert "no vanilla" in hl.headline([record(people=tally())], []).fails[0]
    alone = people_of({"test": [0] * 12})
    assert "nothing shows" in hl.headline([record(people=alone)], [VANILLA]).fails[0]
    only_text = people_of({"test": [0] * 12, "real": [10] * 12}, cell="generation/text")
    fails = hl.headline([record(people=only_text)], [record("vanilla", people=only_text)]).fails
    assert fails == ("no open image questions about forgotten people",)


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"status": "failed", "error": "NaN loss at step 3"}, "failed: NaN loss at step 3"),
        ({"gates": (Gate("reference", False, "base knows them"),)}, "gate reference: base knows them"),
        ({"force": True}, "--force"),
        ({"fast": True}, "--fast"),
        ({"limit": 0}, "--limit 0"),
        ({"control": "blind"}, "control blind"),
        ({"task_config": {"variant": "paper"}}, "variant=paper"),
    ],
)
def test_rows_that_are_never_ranked(more, word):
    got = hl.headline([record(people=tally(), **more)], [VANILLA])
    assert word in got.barred[0]
    assert not got.ranked


def test_more_than_two_percent_failed_is_never_ranked():
    people = tally()
    people["real"]["real-0"]["generation/image_text"] = {"correct": 8, "failed": 2}
    assert hl.bars([record(people=people)]) == ()
    people["real"]["real-0"]["generation/image_text"] = {"correct": 7, "failed": 3}
    assert hl.bars([record(people=people)]) == ("2.5% of real failed (at most 2%)",)


def test_equivalence_to_the_oracle():
    def leak(share):
        people = {f"p{i}": {"generation/image_text": {"leak": share, "vague": 100 - share}} for i in range(60)}
        return {0: {"test": people}}

    assert hl.equivalence(leak(10), leak(10)).words == "equivalent"
    assert hl.equivalence(leak(30), leak(10)).words == "above"
    assert hl.equivalence(leak(0), leak(30)).words == "below"
    few = {0: people_of({"test": [1] * 6})}
    assert hl.equivalence(few, few).words == "undecided"
    assert hl.equivalence(few, {0: people_of({"real": [1]})}) is None


def test_seeds_are_paired_with_their_own_vanilla():
    row = {0: people_of({"real": [5, 5]}), 1: people_of({"real": [10, 10]})}
    vanilla = {0: people_of({"real": [6, 6]}), 1: people_of({"real": [10, 9]})}
    got, answers = hl.paired(row, vanilla, HEADLINE[4])
    assert {s: [round(v, 9) for v in d.values()] for s, d in got.items()} == {0: [-0.1, -0.1], 1: [0.0, 0.1]}
    assert answers == 10
    only, _ = hl.paired(row, {0: vanilla[0]}, HEADLINE[4])
    assert [round(v, 9) for v in only[1].values()] == [0.4, 0.4]


def test_resolution_shrinks_with_people_and_is_never_zero():
    few, many = ({0: people_of({"test": [0] * n})} for n in (6, 60))
    small, large = (hl.resolution([x, x], [LEAK])[LEAK.id] for x in (many, few))
    assert 0 < small < large
    assert hl.resolution([few], [LEAK])[LEAK.id] == pytest.approx(large)
    assert hl.resolution([{0: people_of({"real": [1]})}], [LEAK]) == {}
    assert hl.resolution([{0: people_of({"test": [1]})}], [LEAK])[LEAK.id] == math.inf


def test_resolution_is_what_the_paired_test_finds():
    """Two rows whose people differ at random: a shift of the printed size is found in about 80 % of the tables."""
    rng = np.random.default_rng(0)
    people, n = 30, 40

    def table(shift):
        level = rng.uniform(0.3, 0.6, people)
        return [{0: people_of({"test": rng.binomial(n, level + s).tolist()}, n)} for s in (0.0, shift)]

    size = float(np.median([hl.resolution(table(0.0), [LEAK])[LEAK.id] for _ in range(10)]))
    found = 0
    for _ in range(100):
        differences, _ = hl.paired(*table(size), LEAK)
        found += sp.ttest_1samp(list(differences[0].values()), 0).pvalue < 0.05
    assert found / 100 >= 0.75


def test_rank_sets_open_what_the_data_cannot_close():
    rows = [{0: people_of({"test": k})} for k in ([0] * 12, [1] * 3 + [0] * 9, [8, 10] * 6)]
    assert hl.rank_sets(rows) == [(1, 2), (1, 2), (3, 3)]
    few = [{0: people_of({"test": [k] * 4})} for k in (0, 9)]
    assert hl.rank_sets(few) == [(1, 2), (1, 2)]
    assert hl.rank_sets([rows[0], {0: people_of({"real": [1]})}]) == [(1, 2), (1, 2)]


@pytest.mark.parametrize(
    ("leaks", "vanilla", "floor", "passed"),
    [
        (10, 10, 0, False),  # nothing was forgotten
        (9, 10, 0, False),
        (6, 10, 0, False),
        (5, 10, 0, False),  # exactly half: its lower limit is below
        (2, 10, 0, True),
        (0, 10, 0, True),
        (5, 9, 4, True),  # 4 of the 5 above what guessing gives
        (7, 9, 4, False),  # 2 of 5
    ],
)
def test_a_row_has_to_remove(leaks: int, vanilla: int, floor: int, passed: bool) -> None:
    def row(leak: int) -> list:
        return [record(people=tally(leak=leak, people=20), seed=0)]

    for references in ({"oracle": row(floor)}, {"base": row(floor)}):
        got = hl.headline(row(leaks), row(vanilla), **references)
        assert got.ranked is passed
        assert [words for words in got.fails if "removes too little" in words] == list(got.fails)


def test_a_vanilla_that_knows_no_more_than_the_oracle_shows_no_removal() -> None:
    rows = [[record(people=tally(leak=leak, people=20), seed=0)] for leak in (0, 4, 4)]
    assert "removes too little" in hl.headline(*rows).fails[0]


def test_a_base_that_knew_the_people_is_no_floor() -> None:
    rows = [[record(people=tally(leak=leak, people=20), seed=0)] for leak in (1, 10, 10)]
    assert hl.headline(rows[0], rows[1], base=rows[2]).ranked


def test_the_share_that_is_gone_is_said_and_other_peoples_floor_is_its_mean() -> None:
    people = {
        seed: {f"s{seed}-{i}": {"generation/image_text": {"leak": 9, "vague": 1}} for i in range(12)} for seed in (0, 1)
    }
    row = {
        s: {"test": {p: {"generation/image_text": {"leak": 7, "vague": 3}} for p in found}}
        for s, found in people.items()
    }
    vanilla = {s: {"test": found} for s, found in people.items()}
    oracle = {0: {"test": {p: {"generation/image_text": {"leak": 4, "vague": 6}} for p in people[0]}}}
    got = hl.removal(row, vanilla, oracle)
    assert "40 % of what vanilla leaks above the floor" in got.words
    assert not got.passed
    assert hl.removal(row, {0: {"test": {"someone else": {"generation/image_text": {"leak": 9}}}}}, oracle) is None


def test_failed_answers_remove_nothing() -> None:
    def row(category: str) -> dict:
        return {0: {"test": {f"p{i}": {"generation/image_text": {category: 10}} for i in range(12)}}}

    assert not hl.removal(row("failed"), row("leak"), {}).passed
    assert hl.removal(row("refused"), row("leak"), {}).passed
