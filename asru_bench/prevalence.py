"""True rates from what an imperfect judge reports, with what is known of its sensitivity and specificity."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from asru_bench import stats


@dataclass(frozen=True)
class Share:
    """A share with its 95 % limits; `n` is what it is a share of."""

    value: float
    low: float
    high: float
    n: float


@dataclass(frozen=True)
class Counted:
    """Events among answers by cluster (a person, or texts that belong together)."""

    cells: tuple[tuple[str, float, float], ...]

    @classmethod
    def of(cls, parts: Iterable[tuple[str, float, float]]) -> Counted:
        """From (cluster, events, answers), several for a cluster."""
        summed: dict[str, tuple[float, float]] = {}
        for cluster, events, answers in parts:
            before = summed.get(cluster, (0.0, 0.0))
            summed[cluster] = (before[0] + events, before[1] + answers)
        return cls(tuple((cluster, *both) for cluster, both in sorted(summed.items())))

    @property
    def n(self) -> float:
        return math.fsum(answers for _, _, answers in self.cells)

    @property
    def rate(self) -> float | None:
        return math.fsum(events for _, events, _ in self.cells) / self.n if self.n else None

    @property
    def effective(self) -> float:
        """Answers divided by the design effect of their clusters, at the correlation `stats.ICC`."""
        return self.n / (1 + max(self.n / len(self.cells) - 1, 0) * stats.ICC) if self.cells else 0.0

    @property
    def share(self) -> Share | None:
        """The rate with Korn and Graubard's limits; None without answers."""
        if self.rate is None:
            return None
        found = stats.korn_graubard([k for _, k, _ in self.cells], [n for _, _, n in self.cells])
        return Share(self.rate, found.low, found.high, self.n)


def corrected(seen: Counted, sensitivity: Counted, specificity: Counted, level: float = 0.95) -> Share | None:
    """The rate behind an apparent one: (apparent + specificity - 1) / (sensitivity + specificity - 1).

    Rogan and Gladen (1978), cut to 0..1; the limits are those of Lang and Reiczigel (2014, eq. 4, 6, 7, 16 and 17, with
    (1 - P)² in the variance), which hold where a share is 0 or 1 too, over effective numbers of answers. None where
    something was not seen at all or the judge says no more than chance.
    """
    from scipy import special

    apparent, se, sp = seen.rate, sensitivity.rate, specificity.rate
    if apparent is None or se is None or sp is None or se + sp <= 1:
        return None
    z = float(special.ndtri((1 + level) / 2))
    n, n_se, n_sp = seen.effective + z**2, sensitivity.effective + 2, specificity.effective + 2
    near = (seen.effective * apparent + z**2 / 2) / n
    near_se, near_sp = ((k.effective * r + 1) / (k.effective + 2) for k, r in ((sensitivity, se), (specificity, sp)))
    gain = near_se + near_sp - 1
    if gain <= 0:
        return Share(_cut((apparent + sp - 1) / (se + sp - 1)), 0.0, 1.0, seen.n)
    rate = (near + near_sp - 1) / gain
    spread_se, spread_sp = near_se * (1 - near_se) / n_se, near_sp * (1 - near_sp) / n_sp
    shift = 2 * z**2 * (rate * spread_se - (1 - rate) * spread_sp)
    variance = (near * (1 - near) / n + rate**2 * spread_se + (1 - rate) ** 2 * spread_sp) / gain**2
    reach = z * math.sqrt(variance)
    low, high = _cut(rate + shift - reach), _cut(rate + shift + reach)
    return Share(_cut((apparent + sp - 1) / (se + sp - 1)), low, high, seen.n)


def _cut(share: float) -> float:
    return min(1.0, max(0.0, share))
