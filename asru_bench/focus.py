"""Which questions reinforcement practises: more of those about people who are not yet answered as wanted.

Most people are learned early, a few resist: those who look like somebody on the other side. Uniform batches spend most
answers on people who earn full rewards already, and groups of equal rewards teach nothing.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from asru_bench.seeds import seed_for

#: How much one group of answers counts against what is known of a person.
FRESH = 0.3
#: Weight of people who earn as much as anybody, in units of reward.
FLOOR = 0.02


class Focus:
    """Turns the plan of a stage, row by row, into the rows that are asked.

    `people[row]` is (side, person); a row is replaced only by one of the same side. With probability `share` a row
    gives way to a random one about a person drawn by how far the mean reward lies below the best of the side. What
    was decided for a place in the plan stays, and `state` goes on after a stop.
    """

    def __init__(self, plan: Sequence[int], people: Sequence[tuple[Any, str]], share: float, seed: int) -> None:
        self.plan, self.people, self.share, self.seed = plan, people, share, seed
        self.rows: dict[Any, dict[str, list[int]]] = {}
        for row, (side, person) in enumerate(people):
            self.rows.setdefault(side, {}).setdefault(person, []).append(row)
        self.decided: dict[int, int] = {}
        self.mean: dict[tuple[Any, str], float] = {}

    def row(self, place: int) -> int:
        """The row that is asked at a place of the plan."""
        if place not in self.decided:
            self.decided[place] = self._decide(place)
        return self.decided[place]

    def learn(self, rows: Sequence[int], rewards: Sequence[float | None]) -> None:
        """Takes note of what the answers to `rows` earned; None where nothing is known."""
        groups: dict[tuple[Any, str], list[float]] = {}
        for row, reward in zip(rows, rewards, strict=True):
            if reward is not None:
                groups.setdefault(self.people[row], []).append(reward)
        for key, found in groups.items():
            now = sum(found) / len(found)
            self.mean[key] = now if key not in self.mean else (1 - FRESH) * self.mean[key] + FRESH * now

    def weights(self, side: Any) -> Mapping[str, float]:
        """How likely each person of a side is drawn, up to a factor; those never asked count as the worst."""
        known = {person: self.mean.get((side, person)) for person in self.rows[side]}
        told = [mean for mean in known.values() if mean is not None]
        best, worst = (max(told), min(told)) if told else (0.0, 0.0)
        return {p: best - (worst if mean is None else mean) + FLOOR for p, mean in known.items()}

    @property
    def state(self) -> dict[str, Any]:
        return {"decided": self.decided, "mean": self.mean}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.decided, self.mean = dict(state["decided"]), dict(state["mean"])

    def _decide(self, place: int) -> int:
        planned = self.plan[place]
        draw = random.Random(seed_for(self.seed, "focus", place))
        if draw.random() >= self.share or not self.mean:
            return planned
        side = self.people[planned][0]
        weights = self.weights(side)
        (person,) = draw.choices(list(weights), list(weights.values()))
        return draw.choice(self.rows[side][person])
