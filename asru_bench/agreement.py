"""How far two graders agree: quadratically weighted kappa (Cohen 1968) of grades, Cohen's (1960) of names, with
intervals by person."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from asru_bench.aspects import ASPECTS
from asru_bench.scores import CLASSIFYING
from asru_bench.types import Sample, Score, Verdict

#: (grade of one, grade of the other)
Pair = tuple[float, float]
#: What one grader says: a grade or a name.
Label = float | str


@dataclass(frozen=True)
class Agreement:
    """Kappa over `n` answers of `people`, with its 95 % limits, and the share of equal grades.

    `kappa` is None where both gave one and the same grade throughout: nothing can be said beyond chance.
    """

    kappa: float | None
    low: float | None
    high: float | None
    n: int
    people: int
    equal: float


def weighted_kappa(pairs: Sequence[Pair]) -> float | None:
    """1 - mean squared difference / the one that chance would give; None where chance would give none."""
    n = len(pairs)
    seen = math.fsum((a - b) ** 2 for a, b in pairs) / n if n else 0.0
    first, second = ([p[k] for p in pairs] for k in (0, 1))
    means = [math.fsum(x) / n if n else 0.0 for x in (first, second)]
    squares = [math.fsum(v * v for v in x) / n if n else 0.0 for x in (first, second)]
    chance = squares[0] + squares[1] - 2 * means[0] * means[1]
    return 1 - seen / chance if chance > 1e-12 else None


def nominal_kappa(pairs: Sequence[tuple[Label, Label]]) -> float | None:
    """1 - share of unequal names / the share that chance would give; None where chance would give none."""
    n = len(pairs)
    first, second = (Counter(pair[k] for pair in pairs) for k in (0, 1))
    chance = 1 - sum(count * second[name] for name, count in first.items()) / n**2 if n else 0.0
    return 1 - sum(a != b for a, b in pairs) / n / chance if chance > 1e-12 else None


def agreement(
    groups: Mapping[str, Sequence[tuple[Any, Any]]],
    level: float = 0.95,
    measure: Callable[[Sequence[tuple[Any, Any]]], float | None] = weighted_kappa,
) -> Agreement:
    """Agreement over all people; the interval is a delete-one-person jackknife with Student's t."""
    from scipy import special

    people = [list(pairs) for pairs in groups.values() if pairs]
    every = [pair for pairs in people for pair in pairs]
    n, m = len(every), len(people)
    equal = sum(a == b for a, b in every) / n if n else 0.0
    kappa = measure(every)
    if kappa is None or m < 2:
        return Agreement(kappa, None, None, n, m, equal)
    left_out = [measure([p for j, pairs in enumerate(people) if j != i for p in pairs]) for i in range(m)]
    known = [k for k in left_out if k is not None]
    if len(known) < m:
        return Agreement(kappa, None, None, n, m, equal)
    mean = math.fsum(known) / m
    spread = math.sqrt((m - 1) / m * math.fsum((k - mean) ** 2 for k in known))
    reach = float(special.stdtrit(m - 1, (1 + level) / 2)) * spread
    return Agreement(kappa, max(-1.0, kappa - reach), min(1.0, kappa + reach), n, m, equal)


def grades_of(verdicts: Iterable[Verdict]) -> dict[str, dict[str, dict[str, float]]]:
    """aspect -> judge -> sample id -> grade, of what was scored."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for verdict in verdicts:
        graded = verdict.status == "scored" and verdict.judge not in CLASSIFYING  # `refusal` has a contextual too
        for name, grade in verdict.measures.items() if graded else ():
            if name in ASPECTS:
                found.setdefault(name, {}).setdefault(verdict.judge, {})[verdict.sample_id] = grade
    return found


def scores(samples: Sequence[Sample], verdicts: Sequence[Verdict]) -> list[Score]:
    """One score `agreement.ASPECT/ONE~OTHER` for each two judges that graded the same answers, over all roles."""
    cluster = {sample.id: sample.cluster for sample in samples}
    made = []
    for aspect, judges in sorted(grades_of(verdicts).items()):
        for one, other in combinations(sorted(judges), 2):
            groups: dict[str, list[Pair]] = {}
            for sample_id in sorted(judges[one].keys() & judges[other].keys() & cluster.keys()):
                pair = (judges[one][sample_id], judges[other][sample_id])
                groups.setdefault(cluster[sample_id], []).append(pair)
            found = agreement(groups)
            if found.n:
                name = f"agreement.{aspect}/{one}~{other}"
                ends = (found.low, found.high)
                made.append(Score(name, "all", found.kappa, found.n, found.people, ci_low=ends[0], ci_high=ends[1]))
    return made
