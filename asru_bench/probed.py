"""The scores of probes: pure functions of the verdicts of judge `probe`.

    probe.yes/WHICH, probe.no/WHICH, probe.refused/WHICH, probe.other/WHICH
                      shares of the answers to yes/no questions with a true, random, popular or adversarial value
    probe.right       shares of all yes/no questions: yes to the true value, no to a false one; refusing is not right
    probe.yes_ratio   yes, of yes and no: far from a quarter (one value in four is true) is a bias
    probe.precision, probe.recall, probe.f1
                      of "yes", as POPE has them, where a refusal is neither yes nor no
    probe.knows       yes to the true value minus yes to the false ones, by person: 0 without knowledge
    probe.along, probe.corrected, probe.refused, probe.other (slice premise)
    probe.true, probe.false, probe.refused, probe.silent (slice wording)
    probe.agree       wordings of one question that all come out the same
    probe.learned     of the questions with two or more inventions, those where two are the same: a learned falsehood

Outcomes that failed are the worst case of a share: they lie between its `lower` and `upper`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from asru_bench import stats
from asru_bench.hallucination import regrouped
from asru_bench.probes import ADVERSARIAL, POPULAR, PREMISE, RANDOM, TRUE, WORDING, YES_NO, probe_of
from asru_bench.scores import FAILED, People, pooled_share, roles_in
from asru_bench.types import FORGET_ROLES, PROBE, Generation, Sample, Score, Verdict

FALSE = (RANDOM, POPULAR, ADVERSARIAL)
OUTCOMES = {
    YES_NO: ("yes", "no", "refused", "other"),
    PREMISE: ("along", "corrected", "refused", "other"),
    WORDING: ("true", "false", "refused", "silent"),
}
#: role -> person -> "probe/modality" -> "slice:outcome" -> answers
Probed = People


def tally(samples: Iterable[Sample], generations: Iterable[Generation], verdicts: Iterable[Verdict]) -> Probed:
    """The outcomes of all probes; a slice is true, random, popular, adversarial, premise, wording, agree, learned."""
    keys = {g.sample_id: g.key for g in generations if g.finish != "error"}
    told = {v.sample_id: v for v in verdicts if v.judge == PROBE and keys.get(v.sample_id) == v.key}
    found: dict[str, dict[str, dict[str, dict[str, int]]]] = {}
    for sample in samples:
        probe = probe_of(sample)
        cell = found.setdefault(sample.role, {}).setdefault(sample.cluster, {})
        numbers = cell.setdefault(f"{sample.kind}/{sample.modality}", {})
        part = probe.which if probe.family == YES_NO else probe.family
        verdict = told.get(sample.id)
        scored = verdict is not None and verdict.status == "scored"
        measures: Mapping[str, float] = verdict.measures if verdict is not None and scored else {}
        keys_here = [f"{part}:{verdict.evidence if verdict is not None and scored else FAILED}"]
        keys_here += [f"{m}:{'yes' if measures[m] else 'no'}" for m in ("agree", "learned") if m in measures]
        for key in keys_here:
            numbers[key] = numbers.get(key, 0) + 1
    return found


def score(found: Probed) -> list[Score]:
    """All scores of probes."""
    made: list[Score | None] = []
    for role in roles_in(found):
        for which in (TRUE, *FALSE):
            made += [_share(found, role, f"probe.{o}/{which}", {which: (o,)}, (which,)) for o in OUTCOMES[YES_NO]]
        for family in (PREMISE, WORDING):
            made += [_share(found, role, f"probe.{o}/{family}", {family: (o,)}, (family,)) for o in OUTCOMES[family]]
        right = {TRUE: ("yes",), **dict.fromkeys(FALSE, ("no",))}
        said = dict.fromkeys((TRUE, *FALSE), ("yes",))
        made += [_share(found, role, "probe.right", right, (TRUE, *FALSE))]
        made += [_share(found, role, "probe.yes_ratio", said, (TRUE, *FALSE), ("yes", "no"))]
        made += [_share(found, role, f"probe.{m}", {m: ("yes",)}, (m,)) for m in ("agree", "learned")]
        made += [*_pope(found, role), _knows(found, role)]
    return [s for s in made if s is not None]


def _share(
    found: Probed,
    role: str,
    name: str,
    counted: Mapping[str, Sequence[str]],
    slices: Sequence[str],
    among: Sequence[str] = (),
) -> Score | None:
    """The share of `counted` outcomes (by slice) of all outcomes, or of those `among`, in some slices."""

    def rename(key: str) -> str:
        part, _, outcome = key.partition(":")
        if part not in slices:
            return ""
        if outcome == FAILED:
            return FAILED
        return "counted" if outcome in counted.get(part, ()) else "rest" if not among or outcome in among else ""

    made = pooled_share({0: regrouped(found, rename)}, "counted", role)
    if made is None:
        return None
    return replace(made, name=name, counts={FAILED if k == FAILED else name: n for k, n in made.counts.items()})


def _numbers(found: Probed, role: str) -> dict[str, dict[str, int]]:
    """person -> "slice:outcome" -> answers"""
    people: dict[str, dict[str, int]] = {}
    for one in FORGET_ROLES if role not in found else (role,):
        for person, cells in found.get(one, {}).items():
            into = people.setdefault(person, {})
            for numbers in cells.values():
                for key, n in numbers.items():
                    into[key] = into.get(key, 0) + n
    return people


def _pope(found: Probed, role: str) -> list[Score]:
    """Precision, recall and F1 of "yes" among the questions answered yes or no; no intervals."""
    people = _numbers(found, role)

    def total(slices: Sequence[str], outcome: str) -> int:
        return sum(numbers.get(f"{part}:{outcome}", 0) for numbers in people.values() for part in slices)

    hit, miss, alarm = total((TRUE,), "yes"), total((TRUE,), "no"), total(FALSE, "yes")
    n = hit + miss + alarm + total(FALSE, "no")
    parts = {"precision": (hit, hit + alarm), "recall": (hit, hit + miss), "f1": (2 * hit, 2 * hit + miss + alarm)}
    asked = bool(total((TRUE,), "yes") + total((TRUE,), "no"))
    return [Score(f"probe.{m}", role, k / of, n, len(people)) for m, (k, of) in parts.items() if of and asked]


def _knows(found: Probed, role: str) -> Score | None:
    """Yes to the true value minus yes to the false ones, by person."""
    differences, n = {}, 0
    for person, numbers in _numbers(found, role).items():
        yes = [_part(numbers, (TRUE,)), _part(numbers, FALSE)]
        if all(of for _, of in yes):
            differences[person] = yes[0][0] / yes[0][1] - yes[1][0] / yes[1][1]
            n += yes[0][1] + yes[1][1]
    if len(differences) < 2:
        return None
    ci = stats.mean_interval({0: differences})
    return Score("probe.knows", role, ci.value, n, len(differences), ci_low=ci.low, ci_high=ci.high)


def _part(numbers: Mapping[str, int], slices: Sequence[str]) -> tuple[int, int]:
    """(yes, all outcomes that did not fail) of some slices."""
    told = {key: n for key, n in numbers.items() if key.partition(":")[0] in slices and not key.endswith(FAILED)}
    return sum(n for key, n in told.items() if key.endswith(":yes")), sum(told.values())
