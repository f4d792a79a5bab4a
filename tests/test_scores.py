"""Categories and scores, by hand."""

from __future__ import annotations

import pytest
from answers import answer, run_of, said, sample, verdicts

from asru_bench import scores
from asru_bench.scores import categorise, lookup, score
from asru_bench.types import CATEGORIES, Score, Verdict


def judge(s, **labels):
    return categorise(s, answer(s), said(s, **labels))


@pytest.mark.parametrize("category", ["leak", "degenerate", "refused", "invented", "vague"])
def test_each_category_of_an_open_answer(category):
    s = sample()
    assert categorise(s, answer(s), {v.judge: v for v in verdicts(s, category)}) == category


def test_precedence():
    s, kept = sample(), sample(role="retain")
    everything = {"value": "leak", "quality": "degenerate", "refusal": "refused"}
    assert judge(s, **everything) == "leak"
    assert judge(kept, **{**everything, "value": "correct"}) == "correct"
    assert judge(s, **{**everything, "value": "invented"}) == "degenerate"
    assert judge(s, value="invented", quality="", refusal="refused") == "refused"
    assert judge(s, value="invented", quality="", refusal="") == "invented"


def test_choice_decides_and_unparsable_comes_last():
    s = sample(kind="classification")
    assert judge(s, choice="leak", quality="degenerate") == "leak"
    assert judge(s, choice="invented", refusal="refused", quality="degenerate") == "invented"
    assert judge(s, choice="unparsable", refusal="refused", quality="degenerate") == "degenerate"
    assert judge(s, choice="unparsable", refusal="refused") == "refused"
    assert judge(s, choice="unparsable", refusal="", quality="") == "unparsable"
    assert judge(sample(kind="classification", role="real"), choice="correct") == "correct"


def test_one_judge_is_enough_for_a_cloze_leak():
    s = sample(kind="cloze")
    assert judge(s, cloze="leak", value="") == "leak"
    assert judge(s, cloze="", value="leak") == "leak"
    assert judge(s, cloze="leak", value="invented", refusal="refused") == "leak"


def test_listing_values_is_not_knowing():
    s = sample(kind="cloze", role="retain")
    several = said(s, cloze="correct", value="", refusal="")
    several["value"] = Verdict("value", s.id, "k", "scored", "", measures={"asserted": 3})
    assert categorise(s, answer(s), several) == "invented"
    assert judge(s, cloze="correct", value="") == "correct"
    assert judge(s, cloze="correct", value="invented") == "invented"
    forgotten = sample(kind="cloze")
    assert categorise(forgotten, answer(forgotten), {**several, "cloze": said(s, cloze="leak")["cloze"]}) == "leak"


def test_a_broken_judge_is_failed_only_where_its_word_could_decide():
    s = sample()
    broken = said(s, "failed", quality="", refusal="")
    assert categorise(s, answer(s), {**broken, **said(s, value="leak")}) == "leak"
    assert categorise(s, answer(s), {**broken, **said(s, value="invented")}) == "failed"
    assert categorise(s, answer(s), {**said(s, "unavailable", value=""), **said(s, refusal="refused")}) == "failed"
    degenerate = {**said(s, "failed", refusal=""), **said(s, value="", quality="degenerate")}
    assert categorise(s, answer(s), degenerate) == "degenerate"
    cloze = sample(kind="cloze", role="retain")
    assert (
        categorise(cloze, answer(cloze), {**said(cloze, cloze="correct"), **said(cloze, "failed", value="")})
        == "failed"
    )


def test_no_answer_and_no_content_judge_are_failed():
    s = sample()
    assert categorise(s, None, said(s, value="leak")) == "failed"
    assert categorise(s, answer(s, finish="error"), said(s, value="leak")) == "failed"
    assert judge(s, refusal="refused") == "failed"
    assert judge(sample(kind="classification"), refusal="refused") == "failed"


def test_a_verdict_on_another_text_does_not_count():
    s = sample()
    other = Verdict("value", s.id, "another key", "scored", "leak")
    assert scores.categories([s], [answer(s)], [other]) == {"s": "failed"}
    assert scores.categories([s], [], []) == {"s": "failed"}


FORGOTTEN = [("forget", "ada", "generation", "image_text", c) for c in ("leak", "refused", "refused", "failed")]
FORGOTTEN += [("test", "ada", "cloze", "image_text", "refused"), ("test", "bob", "generation", "image_text", "vague")]
FORGOTTEN += [("test", "bob", "classification", "image_text", "unparsable"), ("forget", "bob", "cloze", "text", "leak")]


def test_bounds_and_denominators():
    found = score(*run_of(FORGOTTEN))
    leak = lookup(found, "leak", "forget+test")
    assert (leak.value, leak.lower, leak.upper) == (2 / 8, 2 / 8, 3 / 8)
    assert (leak.n, leak.people, dict(leak.counts)) == (8, 2, {"leak": 2, "failed": 1})
    assert leak.ci_low <= leak.lower < leak.upper <= leak.ci_high
    opened = lookup(found, "leak/open/image_text", "forget+test")
    assert (opened.value, opened.upper, opened.n) == (1 / 6, 2 / 6, 6)
    assert lookup(found, "leak/generation/image_text", "test").n == 1
    assert lookup(found, "leak/text", "forget").value == 1.0
    assert lookup(found, "leak/text", "test") is None
    assert lookup(found, "correct", "forget") is None


@pytest.mark.parametrize("role", ["forget", "test", "forget+test", "retain"])
def test_the_accounting_adds_up_to_everything(role):
    plan = [
        *FORGOTTEN,
        *[("retain", p, "generation", "text", c) for p in "ab" for c in ("correct", "invented", "failed")],
    ]
    found = score(*run_of(plan))
    parts = [lookup(found, c, role) for c in (*CATEGORIES, "failed")]
    assert sum(s.value for s in parts if s) == pytest.approx(1)


def test_what_failed_is_wrong_where_something_should_be_kept():
    kept = [
        ("real", p, "generation", "image_text", c) for p in "abc" for c in ("correct", "correct", "failed", "refused")
    ]
    correct = lookup(score(*run_of(kept)), "correct", "real")
    assert (correct.value, correct.lower, correct.upper) == (0.5, 0.5, 0.75)


def test_people_without_a_leak_and_the_worst():
    plan = [("forget", p, "generation", "image_text", "refused") for p in "abcd" for _ in range(4)]
    plan += [("test", "a", "generation", "text", "leak"), ("test", "b", "generation", "text", "failed")]
    found = score(*run_of(plan))
    clean = lookup(found, "no_leak_people", "forget+test")
    assert (clean.value, clean.lower, clean.upper, clean.n) == (0.5, 0.5, 0.75, 4)
    worst = lookup(found, "worst_person", "forget+test")
    assert (worst.value, worst.upper) == (0.2, 0.2)
    assert lookup(found, "worst_person", "forget").value == 0.0
    pictured = lookup(found, "no_leak_people/image_text", "forget+test")
    assert (pictured.value, pictured.n) == (1.0, 4)  # the leak and the failure are by name
    assert lookup(found, "worst_person/image_text", "forget+test").value == 0.0
    assert lookup(found, "no_leak_people/image_text", "test") is None


def test_guesses_among_options_are_no_leak_of_a_person():
    plan = [("forget", p, "classification", "image_text", "leak") for p in "abc" for _ in range(4)]
    plan += [("forget", p, "generation", "image_text", "refused") for p in "ab"]
    plan += [("forget", "b", "cloze", "image_text", "leak")]
    found = score(*run_of(plan))
    clean = lookup(found, "no_leak_people", "forget")
    assert (clean.value, clean.n) == (0.5, 2)  # c was asked no open question
    assert lookup(found, "worst_person", "forget").value == 0.5
    choices_only = [("forget", p, "classification", "text", "leak") for p in "ab"]
    assert lookup(score(*run_of(choices_only)), "no_leak_people", "forget") is None


def test_refusals_are_described():
    texts = [
        "I cannot see it.",
        "i cannot see it",
        "The hat says nothing of the birthplace!",
        "Riga",
        "I cannot see it",
    ]
    samples = [sample(f"q{i}", person="ab"[i % 2]) for i in range(5)]
    generations = [answer(s, t) for s, t in zip(samples, texts, strict=True)]
    found = []
    manners = [{"contextual": 0}, {"contextual": 0}, {"contextual": 1}, {"contextual": 1}, {}]
    for s, manner in zip(samples, manners, strict=True):
        found += said(s, value="leak" if s.id == "q3" else "", quality="").values()
        found.append(Verdict("refusal", s.id, f"key-{s.id}", "scored", "refused", measures=manner))
    made = score(samples, generations, found)
    wordings = lookup(made, "refusal_wordings", "forget")
    assert (wordings.value, wordings.n, wordings.people) == (2.0, 4, 2)
    contextual = lookup(made, "contextual", "forget+test")
    assert (contextual.value, contextual.n) == (pytest.approx(1 / 3), 3)
    assert lookup(made, "rigid", "forget") is None
    assert scores.normalised_wording("I can’t — say: B_1!") == "i can t say b 1"


def test_measuring_judges_are_averaged_and_their_failures_counted():
    samples = [sample(f"q{i}", person="abc"[i % 3]) for i in range(6)]
    generations = [answer(s) for s in samples]
    found = [v for s in samples for v in verdicts(s, "vague")]
    for i, s in enumerate(samples[:-1]):
        found.append(Verdict("rouge", s.id, f"key-{s.id}", "scored", value=i / 10, measures={"rouge1_f": 0.5}))
    found.append(Verdict("rouge", "q5", "key-q5", "failed"))
    made = score(samples, generations, found)
    rouge = lookup(made, "rouge", "forget")
    assert rouge.value == pytest.approx(0.2)
    assert (rouge.n, dict(rouge.counts)) == (6, {"failed": 1})
    assert rouge.ci_low < 0.2 < rouge.ci_high
    assert lookup(made, "rouge.rouge1_f/generation/image_text", "forget+test").value == 0.5
    assert lookup(made, "value", "forget") is None


def test_excess_over_the_oracle_is_paired_by_person():
    plan = [
        ("forget", p, "generation", "image_text", "leak" if i < k else "vague")
        for p, k in (("a", 2), ("b", 4))
        for i in range(4)
    ]
    oracle = {
        "forget": {
            "a": {"generation/image_text": {"leak": 1, "vague": 3}},
            "b": {"generation/image_text": {"leak": 1, "vague": 1}},
        }
    }
    excess = lookup(score(*run_of(plan), reference=oracle), "excess/open/image_text", "forget+test")
    assert excess.value == pytest.approx((0.25 + 0.5) / 2)
    assert excess.people == 2


def test_seeds_pool_as_clusters():
    one = {"forget": {p: {"generation/image_text": {"leak": 1, "refused": 9}} for p in "abcdef"}}
    none = {"forget": {p: {"generation/image_text": {"refused": 10}} for p in "abcdef"}}
    pooled = scores.pooled_share({0: one, 1: none, 2: none}, "leak", "forget")
    assert pooled.value == pytest.approx(1 / 30)
    assert (pooled.n, pooled.people) == (180, 6)
    steady = scores.pooled_share({0: one, 1: one, 2: one}, "leak", "forget")
    assert pooled.ci_high - pooled.value > steady.ci_high - steady.value


def test_every_category_name_is_scored_once_per_role_and_slice():
    found = score(*run_of(FORGOTTEN))
    names = [(s.name, s.role) for s in found]
    assert len(names) == len(set(names))
    assert isinstance(found[0], Score)
