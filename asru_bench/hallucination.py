"""How often a model invents facts: the scores of the judge `hallucination`, pure functions of verdicts.

    hallucination               false of the data set or unsupported, of all answers
    hallucination.of_asserting  the same, of the answers that assert something; a refusal is neither right nor wrong
    hallucination.KIND          leaked, grounded, swapped, free, unsupported, none: shares of all answers, sum 1;
                                invented is swapped and free together
    hallucination.swap          swapped, of swapped and free; hallucination.swap_chance: what drawing a false value
                                of the attribute at random would give on the same answers
    hallucination.misdescribed  what the portraits do not show is seen, of the answers about a known picture
    hallucination.shift_vanilla, hallucination.shift_base
                                `hallucination` minus that model's on the same questions, by person. Base invents too:
                                unlearning should bring the rate back to base's, not to 0.

Each may have a slice: open, open/image_text, open/text. Denominators are fixed, what failed is the worst case of a
share, and the intervals are those of `scores`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from asru_bench import stats
from asru_bench.grounding import FREE, GROUNDED, KINDS, LEAKED, SILENT, SWAPPED, UNSUPPORTED
from asru_bench.scores import FAILED, FORGOTTEN, People, counts, pooled_share, roles_in, tally
from asru_bench.types import FORGET_ROLES, Generation, Sample, Score, Verdict

NAME = "hallucination"
FALSE = (SWAPPED, FREE, UNSUPPORTED)
SLICES = ("open", "open/image_text", "open/text")
#: Score -> (what is counted, among what).
RATES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    NAME: (FALSE, KINDS),
    f"{NAME}.of_asserting": (FALSE, tuple(k for k in KINDS if k != SILENT)),
    **{f"{NAME}.{kind}": ((kind,), KINDS) for kind in KINDS},
    f"{NAME}.invented": ((SWAPPED, FREE), KINDS),
    f"{NAME}.swap": ((SWAPPED,), (SWAPPED, FREE)),
}


def kind_of(verdict: Verdict) -> str:
    """What a verdict of the judge says that the answer asserts: one of `KINDS`, or "failed"."""
    if verdict.status != "scored":
        return FAILED
    if verdict.label == "invented":
        return next(kind for kind in FALSE if verdict.measures.get(kind))
    return {"leak": LEAKED, "correct": GROUNDED}.get(verdict.label, SILENT)


def claims(
    samples: Iterable[Sample],
    generations: Iterable[Generation],
    verdicts: Iterable[Verdict],
    category: Mapping[str, str],
) -> People:
    """The accounting of what answers assert: role -> person -> kind/modality -> "category:kind" -> answers.

    Only of samples that the judge was asked about; {} where it was not asked. `category`: `scores.categories`.
    """
    keys = {g.sample_id: g.key for g in generations if g.finish != "error"}
    told = {v.sample_id: kind_of(v) if keys.get(v.sample_id) == v.key else FAILED for v in verdicts if v.judge == NAME}
    asked = [s for s in samples if s.id in told]
    return tally(asked, {s.id: f"{category[s.id]}:{told[s.id]}" for s in asked})


def score(
    samples: Sequence[Sample],
    generations: Sequence[Generation],
    verdicts: Sequence[Verdict],
    found: People,
) -> list[Score]:
    """All scores but the shifts; `found` is what `claims` gives."""
    rates = [pooled({0: found}, name, role) for role in roles_in(found) for name in _names(RATES)]
    keys = {(g.sample_id, g.key) for g in generations}
    told = {v.sample_id: v for v in verdicts if v.judge == NAME and (v.sample_id, v.key) in keys}
    asked = [s for s in samples if s.id in told and told[s.id].status == "scored"]
    means = [
        _mean(f"{NAME}.{measure}/{part}", role, [(s, told[s.id].measures.get(measure)) for s in asked if _in(s, part)])
        for measure in ("swap_chance", "misdescribed")
        for role in roles_in(found)
        for part in SLICES
    ]
    return [s for s in (*rates, *means) if s is not None]


def pooled(by_seed: Mapping[int, People], name: str, role: str) -> Score | None:
    """One rate of `RATES` with its bounds and interval over several seeds; None where nothing was asked."""
    measure, _, part = name.partition("/")
    counted, among = RATES[measure]
    parts = {seed: regrouped(people, lambda key: _group(key, counted, among)) for seed, people in by_seed.items()}
    found = pooled_share(parts, f"counted/{part}" if part else "counted", role)
    if found is None:
        return None
    tallies = {FAILED if key == FAILED else measure: n for key, n in found.counts.items()}
    return replace(found, name=name, counts=tallies)


def shifts(found: People, other: People, name: str) -> list[Score]:
    """`hallucination` minus another model's, on the roles that both were asked in."""
    made = [shift({0: (found, other)}, name, part, role) for role in roles_in(found) for part in SLICES]
    return [s for s in made if s is not None]


def shift(by_seed: Mapping[int, tuple[People, People]], name: str, part: str, role: str) -> Score | None:
    """The same for one slice and role over several seeds, paired by person; None with fewer than two people."""
    values: dict[int, dict[str, float]] = {}
    n = 0
    for seed, (found, other) in by_seed.items():
        if not all(other.get(r) and found.get(r) for r in (FORGET_ROLES if role == FORGOTTEN else (role,))):
            continue
        ours, theirs = (_false(people, part, role) for people in (found, other))
        values[seed] = {p: k / m - theirs[p][0] / theirs[p][1] for p, (k, m) in ours.items() if p in theirs}
        n += sum(ours[p][1] for p in values[seed])
    people = {p for both in values.values() for p in both}
    if len(people) < 2:
        return None
    ci = stats.mean_interval(values)
    return Score(f"{NAME}.shift_{name}/{part}", role, ci.value, n, len(people), ci_low=ci.low, ci_high=ci.high)


def regrouped(people: People, rename: Callable[[str], str]) -> People:
    """A tally with other categories; those that become "" are left out."""
    found: dict[str, dict[str, dict[str, dict[str, int]]]] = {}
    for role, persons in people.items():
        for person, cells in persons.items():
            for cell, numbers in cells.items():
                for key, n in numbers.items():
                    if new := rename(key):
                        into = found.setdefault(role, {}).setdefault(person, {}).setdefault(cell, {})
                        into[new] = into.get(new, 0) + n
    return found


def _group(key: str, counted: Sequence[str], among: Sequence[str]) -> str:
    kind = key.rpartition(":")[2]
    return kind if kind == FAILED else "counted" if kind in counted else "rest" if kind in among else ""


def _false(people: People, part: str, role: str) -> dict[str, tuple[int, int]]:
    counted, among = RATES[NAME]
    return counts(regrouped(people, lambda key: _group(key, counted, among)), f"counted/{part}", role)


def _names(measures: Iterable[str]) -> Iterator[str]:
    return (f"{measure}/{part}" for measure in measures for part in SLICES)


def _in(sample: Sample, part: str) -> bool:
    return part in ("open", f"open/{sample.modality}")


def _mean(name: str, role: str, told: Iterable[tuple[Sample, float | None]]) -> Score | None:
    """The mean of a measure between 0 and 1 over the answers that have it."""
    groups: dict[str, list[float]] = {}
    for sample, value in told:
        if value is not None and (sample.role == role or (role == FORGOTTEN and sample.role in FORGET_ROLES)):
            groups.setdefault(sample.cluster, []).append(value)
    if not groups:
        return None
    ci = stats.korn_graubard([sum(g) for g in groups.values()], [len(g) for g in groups.values()])
    n = sum(len(g) for g in groups.values())
    return Score(name, role, ci.value, n, len(groups), ci_low=ci.low, ci_high=ci.high)
