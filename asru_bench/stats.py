"""Intervals, tests and resolution for answers that cluster by person and repeat over seeds.

`Cells` is the common input: seed -> person -> (events, answers). Seeds and people are crossed where the same
people come back under every seed, nested where each seed draws its own. Everything is simulated in the tests.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Seed = TypeVar("Seed", bound=Hashable)
#: seed -> person -> (number of events, number of answers)
Cells = Mapping[Seed, Mapping[str, tuple[float, float]]]

#: Correlation of two answers about one person that is assumed where too few events show any.
ICC = 0.2
#: The assumption weighs as much as this many events.
PRIOR_EVENTS = 4.0
#: Fewest people with whom a one-sided sign-flip test can reach 5 % (2**-5 = 3 %).
FEWEST_PEOPLE = 5
#: Up to this many people all sign patterns are counted, beyond it they are drawn.
EXACT_PEOPLE = 12


@dataclass(frozen=True)
class Interval:
    """An estimate with two-sided limits, its standard error `se` and that error's degrees of freedom `df`,
    0 where there is nothing to compare."""

    value: float
    low: float
    high: float
    se: float = 0.0
    df: float = 0.0


def korn_graubard(events: Sequence[float], answers: Sequence[float], level: float = 0.95) -> Interval:
    """Interval of a share from one (events, answers) pair per person: `share_interval` with one seed."""
    pairs = zip(events, answers, strict=True)
    return share_interval({0: {str(i): pair for i, pair in enumerate(pairs)}}, level)


def share_interval(cells: Cells, level: float = 0.95) -> Interval:
    """Interval of a share of rare events: beta quantiles at the effective number of answers.

    Korn and Graubard (1998). The design effect comes from people and seeds; since a handful of events
    cannot show one, it is drawn towards that of an intraclass correlation of `ICC`. Without clusters to
    compare the interval is [0, 1].
    """
    from scipy import special

    total = sum(n for people in cells.values() for _, n in people.values())
    if not total:
        return Interval(math.nan, 0.0, 1.0)
    events = sum(k for people in cells.values() for k, _ in people.values())
    share = events / total
    residuals = {s: {p: k - share * n for p, (k, n) in people.items()} for s, people in cells.items()}
    variance, df = _variance(residuals, total)
    if df <= 0:
        return Interval(share, 0.0, 1.0)
    tail = (1 - level) / 2
    effect = _design_effect(share, total, variance, _people(cells))
    ratio = special.stdtrit(max(total - 1, 1), tail) / special.stdtrit(df, tail)
    n = min(total, total / effect * min(ratio, 1.0) ** 2)
    k = share * n
    low = float(special.betaincinv(k, n - k + 1, tail)) if events > 0 else 0.0
    high = float(special.betaincinv(k + 1, n - k, 1 - tail)) if events < total else 1.0
    return Interval(share, low, high, math.sqrt(share * (1 - share) * effect / total), df)


def mean_interval(values: Mapping[Seed, Mapping[str, float]], level: float = 0.95, least_se: float = 0.0) -> Interval:
    """Interval of the mean over seeds x people of one number per person, by Student's t.

    The variance adds the components of seeds and of people; its degrees of freedom are Satterthwaite's.
    `least_se` is a floor of the standard error (see `null_se`). With one cluster the limits are infinite.
    """
    from scipy import special

    flat = [v for people in values.values() for v in people.values()]
    if not flat:
        return Interval(math.nan, -math.inf, math.inf)
    mean = math.fsum(flat) / len(flat)
    residuals = {s: {p: v - mean for p, v in people.items()} for s, people in values.items()}
    variance, df = _variance(residuals, len(flat))
    if df <= 0:
        return Interval(mean, -math.inf, math.inf)
    se = max(math.sqrt(variance), least_se)
    half = float(special.stdtrit(df, (1 + level) / 2)) * se
    return Interval(mean, mean - half, mean + half, se, df)


def lower_limit(differences: Sequence[float], level: float = 0.95, least_se: float = 0.0) -> float:
    """One-sided lower limit of the mean of one paired difference per person."""
    by_person = {str(i): d for i, d in enumerate(differences)}
    return mean_interval({0: by_person}, 2 * level - 1, least_se).low


def null_se(margin: float, people: int, answers: float, icc: float = ICC) -> float:
    """Standard error of a mean loss of exactly `margin` over `people` with `answers` each.

    A floor for non-inferiority: damage falls on few people, so the observed spread is too small just when
    the damage was missed, and the plain t limit then errs in 10 to 18 % of the cases instead of 5.
    """
    per_person = margin * (1 - margin) * (1 + (answers - 1) * icc) / answers
    return math.sqrt(per_person / people)


def sign_flip(
    differences: Sequence[float], alternative: str = "two-sided", draws: int = 20_000, seed: int = 0
) -> float:
    """p-value of "the paired differences per person are symmetric about zero".

    All sign patterns for at most `EXACT_PEOPLE`, else `draws` random ones (fixed `seed`).
    `alternative`: "two-sided", "greater" or "less".
    """
    d = np.asarray(differences, dtype=float)
    if alternative not in ("two-sided", "greater", "less"):
        raise ValueError(f"alternative {alternative!r} should be two-sided, greater or less")
    if not d.size:
        return 1.0
    patterns, exact = _sign_patterns(d.size, draws, seed)
    shape = {"two-sided": np.abs, "greater": np.positive, "less": np.negative}[alternative]
    observed, flipped = shape(d.sum()), shape(patterns @ d)
    extreme = int((flipped >= observed - 1e-12 * max(1.0, np.abs(d).sum())).sum())
    return extreme / len(flipped) if exact else (extreme + 1) / (len(flipped) + 1)


def stratified_exact(tables: Sequence[Sequence[int]]) -> float:
    """One-sided p-value of "the first share is not larger", from (events, answers, events, answers) of each stratum.

    The exact conditional test of Mantel and Haenszel: given all margins, the events of the first are a sum of
    independent hypergeometric numbers. With one stratum it is Fisher's test.
    """
    from scipy.stats import hypergeom

    total = np.ones(1)
    for k, n, other, m in tables:
        events = np.arange(n + 1)
        total = np.convolve(total, hypergeom.pmf(events, n + m, k + other, n))
    observed = sum(table[0] for table in tables)
    return float(min(1.0, total[observed:].sum()))


def binomial_exact(events: int, answers: int, share: float) -> float:
    """One-sided p-value of so many events or more, each with this probability."""
    from scipy.stats import binom

    return float(binom.sf(events - 1, answers, share))


def max_t(differences: Sequence[Sequence[float]], draws: int = 20_000, seed: int = 0) -> list[float]:
    """Two-sided p-values of several comparisons on the same people, adjusted for their number.

    `differences` is comparisons x people; signs flip for a person in all comparisons at once (Westfall and
    Young's step of the largest statistic), so the family-wise error holds for any dependence.
    """
    d = np.asarray(differences, dtype=float)
    scale = np.sqrt((d**2).sum(axis=-1))
    moved = scale > 0
    if not moved.any():
        return [1.0] * len(d)
    patterns, exact = _sign_patterns(d.shape[1], draws, seed)
    flipped = (np.abs(patterns @ d[moved].T) / scale[moved]).max(axis=1)
    observed = np.abs(d.sum(axis=1)) / np.where(moved, scale, 1.0)
    extreme = [(flipped >= t - 1e-12).sum() for t in observed]
    return [float(e / len(flipped) if exact else (e + 1) / (len(flipped) + 1)) for e in extreme]


def smallest_difference(se: float, df: float, power: float = 0.8, level: float = 0.95) -> float:
    """The true difference that a two-sided t test at 1 - `level` finds with probability `power`."""
    from scipy import special

    if df <= 0:
        return math.inf
    return float(special.stdtrit(df, (1 + level) / 2) + special.stdtrit(df, power)) * se


def spread_floor(share: float, answers: float, people: int, icc: float = ICC) -> float:
    """Standard error of the difference of two shares per person when chance alone speaks.

    `share` is smoothed by one success and one failure, so that two rows without events still have one.
    """
    total = answers * people
    smooth = (share * total + 1) / (total + 2)
    per_person = 2 * smooth * (1 - smooth) * (1 + (answers - 1) * icc) / answers
    return math.sqrt(per_person / people)


def _sign_patterns(people: int, draws: int, seed: int) -> tuple[np.ndarray, bool]:
    """Rows of signs and whether they are all there are."""
    if people <= EXACT_PEOPLE:
        return 1 - 2 * (np.arange(2**people)[:, None] >> np.arange(people) & 1), True
    return np.random.default_rng(seed).choice(np.array([-1.0, 1.0]), (draws, people)), False


def _people(cells: Cells) -> int:
    return len({p for people in cells.values() for p in people})


def _design_effect(share: float, total: float, variance: float, people: int) -> float:
    rare = min(share, 1 - share) * total
    assumed = 1 + max(total / people - 1, 0) * ICC
    seen = variance * total / (share * (1 - share)) if rare > 0 else assumed
    weight = rare / (rare + PRIOR_EVENTS)
    return max(1.0, weight * seen + (1 - weight) * assumed)


def _variance(residuals: Mapping[Seed, Mapping[str, float]], total: float) -> tuple[float, float]:
    """(variance of the mean, Satterthwaite df) from the sums of residuals per person and per seed.

    With the same people under every seed this is (MS_seed + MS_person) / (seeds x people): nothing is
    subtracted, so it cannot turn negative and errs on the wide side. People met under one seed only add
    nothing beside that seed's own sum, which holds them already. (0, 0) where nothing can be compared.
    """
    sums: dict[str, list[float]] = {}
    for people in residuals.values():
        for person, r in people.items():
            sums.setdefault(person, []).append(r)
    seeds = [math.fsum(people.values()) for people in residuals.values() if people]
    many = len(seeds) > 1
    persons = [math.fsum(rs) for rs in sums.values() if len(rs) > 1 or not many]
    parts = [(_between(group) / total**2, len(group) - 1) for group in (seeds, persons) if len(group) > 1]
    if not parts:
        return 0.0, 0.0
    variance = sum(v for v, _ in parts)
    if variance <= 0:
        return 0.0, float(max(df for _, df in parts))
    return variance, variance**2 / sum(v * v / df for v, df in parts)


def _between(sums: Sequence[float]) -> float:
    return len(sums) / (len(sums) - 1) * math.fsum(s * s for s in sums)
