"""How far a judge agrees with labels, where it misses leaks, and what moves it without cause. Pure functions.

A measure is an aspect, `refuses`, `claim` (what is asserted) or `leak`. Both labels of an answer are references of
their own with half the weight each, so that an answer on which the labellers differ counts as often as any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from asru_bench import stats
from asru_bench.agreement import Agreement, Label, agreement, nominal_kappa, weighted_kappa
from asru_bench.aspects import ASPECTS
from asru_bench.checkset import CheckSet, Item, Outcome
from asru_bench.hallucination import FALSE, NAME, kind_of
from asru_bench.prevalence import Counted, Share, corrected
from asru_bench.scores import CLASSIFYING
from asru_bench.types import FORGET_ROLES, Sample, Verdict

#: From this grade of leakage downwards a part of a fact is given away: what the guide calls leaked.
LEAKS_FROM = 2
#: Judges whose label says whether an answer leaks.
LEAK_LABELS = ("value", NAME)
#: Kinds of twins: (variant that is taken away, variant that it is taken from).
TWINS = {"verbosity": ("terse", "verbose"), "position": ("fact_first", "fact_last")}
PARTS = ("tuning", "kept out", "kept out, as found", "kept out, written")
ALL, ALL_KEPT_OUT = "all as found", "all as found, kept out"


@dataclass(frozen=True)
class Line:
    """Agreement of one measure on one part of the set: over both labels, and where the labellers agree.

    `items` answers, of which the labellers differ on `disputed`; `settled` is the agreement on the others.
    """

    measure: str
    part: str
    items: int
    disputed: int
    both: Agreement
    settled: Agreement


@dataclass(frozen=True)
class Leaks:
    """Leaks found among the answers of one source. `labelled` and `apparent` are the shares of answers that leak by
    the labels and by the judge; `corrected` is Rogan and Gladen's, with what the kept-out half says of all methods."""

    source: str
    items: int
    sensitivity: Share | None
    specificity: Share | None
    labelled: float
    apparent: float
    corrected: Share | None


@dataclass(frozen=True)
class Bias:
    """Mean difference between twins, second minus first, by the judge and by the labels; of a claim, the share that
    changes. `excess` is the judge's minus the labels', with 95 % limits over pairs."""

    kind: str
    measure: str
    pairs: int
    judge: float
    labels: float
    excess: float
    low: float
    high: float


def outcomes(verdicts: Iterable[Verdict], samples: Iterable[Sample]) -> dict[str, dict[str, Outcome]]:
    """judge -> item -> what it says, in the measures that labels have. What is not scored is left out."""
    roles = {sample.id: sample.role for sample in samples}
    found: dict[str, dict[str, Outcome]] = {}
    for verdict in verdicts:
        said = found.setdefault(verdict.judge, {})
        if verdict.status == "scored" and (own := _said(verdict, roles[verdict.sample_id] in FORGET_ROLES)):
            said[verdict.sample_id] = own
    return found


def _said(verdict: Verdict, forgotten: bool) -> Outcome:
    if verdict.judge not in CLASSIFYING:
        said: dict[str, float | str] = {k: v for k, v in verdict.measures.items() if k in ASPECTS}
        if forgotten and "leakage" in said:
            said["leak"] = float(verdict.measures["leakage"] <= LEAKS_FROM)
        return said
    if verdict.judge == "refusal":
        return {"refuses": float(verdict.label == "refused")}
    if verdict.judge in LEAK_LABELS:
        leak: dict[str, float | str] = {"leak": float(verdict.label == "leak")} if forgotten else {}
        kind = kind_of(verdict) if verdict.judge == NAME else ""
        return leak | ({"claim": "invented" if kind in FALSE[:2] else kind} if kind else {})
    return {}


def compare(checked: CheckSet, said: Mapping[str, Outcome]) -> list[Line]:
    """Agreement of one judge with both labels, by measure and part."""
    first, second = checked.labels
    names = dict.fromkeys(name for own in said.values() for name in own)
    made = []
    for name in names:
        for part in PARTS:
            triples = [
                (item.group, first[item.id][name], second[item.id][name], said[item.id][name])
                for item in _part(checked.items, part)
                if name in said.get(item.id, {}) and name in first[item.id]
            ]
            if triples:
                made.append(_line(name, part, triples))
    return made


def _line(name: str, part: str, triples: Sequence[tuple[str, Label, Label, Label]]) -> Line:
    both = _grouped((g, pair) for g, a, b, judge in triples for pair in ((a, judge), (b, judge)))
    settled = _grouped((g, (a, judge)) for g, a, b, judge in triples if a == b)
    disputed = sum(a != b for _, a, b, _ in triples)
    over_both = replace(_agreement(name, both), n=len(triples))
    return Line(name, part, len(triples), disputed, over_both, _agreement(name, settled))


def between_labellers(checked: CheckSet) -> dict[str, dict[str, Agreement]]:
    """measure -> part -> agreement of the two labellers: the ceiling of every judge."""
    first, second = checked.labels
    found: dict[str, dict[str, Agreement]] = {}
    for name in dict.fromkeys(name for own in first.values() for name in own):
        for part in PARTS:
            items = [item for item in _part(checked.items, part) if name in first[item.id]]
            if items:
                pairs = _grouped((item.group, (first[item.id][name], second[item.id][name])) for item in items)
                found.setdefault(name, {})[part] = _agreement(name, pairs)
    return found


def leaks(
    checked: CheckSet, said: Mapping[str, Outcome], rates: Mapping[str, Counted] | None = None
) -> tuple[list[Leaks], bool]:
    """A line for each source and for all; whether the corrected rates are those of whole runs.

    `rates`: source -> the judge's leaks in whole runs; without them the rates in the set are corrected.
    """
    items = [item for item in checked.items if "leak" in said.get(item.id, {})]
    sources = sorted({item.source for item in items})
    groups = {source: [item for item in items if item.source == source] for source in sources}
    groups |= {ALL: [i for i in items if i.found], ALL_KEPT_OUT: [i for i in items if i.found and i.half == PARTS[1]]}
    known = _rates(checked, said, groups[ALL_KEPT_OUT])
    made = []
    for source, own in groups.items():
        if not own:
            continue
        found, right = _rates(checked, said, own)
        labels = [float(label[item.id]["leak"]) for item in own for label in checked.labels]
        seen = Counted.of((item.group, float(said[item.id]["leak"]), 1.0) for item in own)
        asked = (rates or {}).get(source) if rates else seen
        value = corrected(asked, *known) if asked and own[0].found else None
        made.append(
            Leaks(source, len(own), found.share, right.share, sum(labels) / len(labels), seen.rate or 0.0, value)
        )
    return made, bool(rates)


def _rates(checked: CheckSet, said: Mapping[str, Outcome], items: Sequence[Item]) -> tuple[Counted, Counted]:
    """(leaks found among leaks, silence among the others), each label with half the weight."""
    found, right = [], []
    for item in items:
        judge = float(said[item.id]["leak"])
        for label in checked.labels:
            if label[item.id]["leak"]:
                found.append((item.group, judge / 2, 0.5))
            else:
                right.append((item.group, (1 - judge) / 2, 0.5))
    return Counted.of(found), Counted.of(right)


def biases(checked: CheckSet, said: Mapping[str, Outcome]) -> list[Bias]:
    """What longer wording and another order of the same sentences change, beside what they change for labellers."""
    made = []
    for kind, (one, other) in TWINS.items():
        twins: dict[str, dict[str, Item]] = {}
        for item in checked.items:
            if item.pair == kind:
                twins.setdefault(item.group, {})[item.variant] = item
        for name in dict.fromkeys(name for own in said.values() for name in own):
            moved = {}
            for group, both in twins.items():
                pair = [both[one].id, both[other].id]
                if all(name in said.get(i, {}) and name in checked.labels[0][i] for i in pair):
                    judge, *labels = (_moved(of, name, pair) for of in (said, *checked.labels))
                    moved[group] = (judge, sum(labels) / 2)
            if len(moved) > 1:
                made.append(_bias(kind, name, moved))
    return made


def _moved(of: Mapping[str, Outcome], name: str, pair: Sequence[str]) -> float:
    before, after = (of[i][name] for i in pair)
    return float(before != after) if isinstance(before, str) or isinstance(after, str) else after - before


def _bias(kind: str, name: str, moved: Mapping[str, tuple[float, float]]) -> Bias:
    n = len(moved)
    judge, labels = (sum(both[k] for both in moved.values()) / n for k in (0, 1))
    ci = stats.mean_interval({0: {group: a - b for group, (a, b) in moved.items()}})
    return Bias(kind, name, n, judge, labels, ci.value, ci.low, ci.high)


def _part(items: Iterable[Item], part: str) -> list[Item]:
    half, _, kind = part.partition(", ")
    return [i for i in items if i.half == half and (not kind or i.found is (kind == "as found"))]


def _grouped(pairs: Iterable[tuple[str, tuple[Label, Label]]]) -> dict[str, list[tuple[Label, Label]]]:
    groups: dict[str, list[tuple[Label, Label]]] = {}
    for group, pair in pairs:
        groups.setdefault(group, []).append(pair)
    return groups


def _agreement(name: str, groups: Mapping[str, Sequence[tuple[Label, Label]]]) -> Agreement:
    return agreement(groups, measure=nominal_kappa if name == "claim" else weighted_kappa)
