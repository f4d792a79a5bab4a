"""What likelihoods of given answers say: probability, truth ratio, forget quality (TOFU, arXiv:2401.06121; CLEAR,
arXiv:2410.18057), in the corrected form and as CLEAR released them.

Every input is a mean log-probability per token in nats (the negative of CLEAR's losses). The direction is TOFU's:
R = p(wrong answers) / p(right answer in other words), small for a model that knows; CLEAR's ratio is 1 / R.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

#: Draws of the cluster bootstrap, its seed, and the smallest distance that counts as one (nats).
DRAWS, SEED, SMALLEST = 2000, 0, 1e-9

#: Item -> log R.
Ratios = Mapping[str, float]


def relative_probability(right: float, wrong: Sequence[float]) -> float:
    """p(right) / (p(right) + sum of p(wrong)), each length-normalised."""
    return 1.0 / (1.0 + math.fsum(_exp(w - right) for w in wrong))


def log_ratio(right: float, wrong: Sequence[float]) -> float:
    """log R of one item: the mean over its wrong answers, so their geometric mean, minus the right one's."""
    return math.fsum(wrong) / len(wrong) - right


def closeness(ratio: float) -> float:
    """min(R, 1/R) of a log ratio: 1 where right and wrong are equally likely, the aim on what is forgotten."""
    return math.exp(-abs(ratio))


def knowledge(ratio: float) -> float:
    """max(0, 1 - R) of a log ratio: 1 where only the right answer is likely, the aim on what is kept."""
    return max(0.0, -math.expm1(min(ratio, 0.0)))


def harmonic_mean(parts: Sequence[float]) -> float:
    """0 as soon as one part is 0, which is why the parts are always shown beside it."""
    return 0.0 if min(parts) <= 0 else len(parts) / math.fsum(1 / part for part in parts)


def released_log_ratios(right: Sequence[float], wrong: Sequence[Sequence[float]]) -> list[float]:
    """log R of each item as CLEAR's code has it: against one mean over the wrong answers of *all* items.

    Its r = exp(P - l), with P the mean of all wrong losses and l the item's own, is the inverse of this R.
    """
    everything = [value for item in wrong for value in item]
    mean = math.fsum(everything) / len(everything)
    return [mean - value for value in right]


def released_quality(method: Sequence[float], oracle: Sequence[float]) -> float:
    """1 - Jensen-Shannon distance of the ratios r = 1 / R of two models, in item order (natural log).

    CLEAR's released forget quality, from log R. Each vector is scaled to a sum of 1, so the measure is blind to
    how large the ratios are, and it depends on the order of the items.
    """
    from scipy.spatial.distance import jensenshannon

    vectors = [np.array([_exp(-value) for value in ratios]) for ratios in (method, oracle)]
    return 1.0 - float(jensenshannon(*vectors))


def distance(one: Ratios, other: Ratios, items: Sequence[str]) -> float:
    """Mean absolute difference of log ratios (nats), paired by item."""
    return math.fsum(abs(one[item] - other[item]) for item in items) / len(items)


def quality(method: float, vanilla: float, second: float) -> float | None:
    """(d(vanilla) - d(method)) / (d(vanilla) - d(second oracle)) from three distances to the oracle.

    1: as near to the oracle as another oracle is; 0: as far as vanilla. None where vanilla is no further off than
    the second oracle: then there is nothing to measure.
    """
    room = vanilla - second
    return (vanilla - method) / room if room > SMALLEST else None


def quality_interval(
    people: Mapping[str, Sequence[str]], oracle: Ratios, method: Ratios, vanilla: Ratios, second: Ratios
) -> tuple[float, float] | None:
    """95 % limits of `quality`: people drawn with replacement, all models on the same draw; percentiles.

    `people`: person -> items. None with fewer than two people, or where over 5 % of the draws leave no room.
    """
    names = sorted(people)
    if len(names) < 2:
        return None
    others = (method, vanilla, second)
    sums = np.array([[math.fsum(abs(x[i] - oracle[i]) for i in people[p]) for x in others] for p in names])
    sizes = np.array([len(people[p]) for p in names])
    draws = np.random.default_rng(SEED).integers(len(names), size=(DRAWS, len(names)))
    means = sums[draws].sum(axis=1) / sizes[draws].sum(axis=1)[:, None]
    found = [value for m, v, s in means.tolist() if (value := quality(m, v, s)) is not None]
    if len(found) < 0.95 * DRAWS:
        return None
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def kolmogorov_smirnov(method: Sequence[float], oracle: Sequence[float]) -> tuple[float, float]:
    """(largest gap of the two distributions, p-value); few items alone make the p-value large."""
    from scipy.stats import ks_2samp

    found = ks_2samp(method, oracle)
    return float(found.statistic), float(found.pvalue)


def _exp(value: float) -> float:
    """exp, kept finite."""
    return math.exp(min(value, 700.0))
