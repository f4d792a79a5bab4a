"""How long work takes on this machine: seconds and units of work measured in earlier runs, kept in the home.

A measurement is kept under several names, from the narrowest (this method with these settings) to the widest (any
method on this model), so that the first run of one method tells about others. Older ones count half at each new one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from asru_bench import fingerprint
from asru_bench.judge import Cache

TABLE = "notes"
#: What an earlier sum counts when a new measurement comes.
KEPT = 0.5


def remember(cache: Cache, stage: str, scopes: Iterable[object], seconds: float, units: float = 1.0) -> None:
    """Keeps what a stage took for so many units of work, under each of the scopes."""
    if seconds <= 0 or units <= 0:
        return
    keys = [_key(stage, scope) for scope in scopes]
    before = cache.get(TABLE, keys)
    values = {}
    for key in keys:
        old_seconds, old_units = before.get(key, (0.0, 0.0))
        values[key] = [KEPT * old_seconds + seconds, KEPT * old_units + units]
    cache.put(TABLE, values)


def known(cache: Cache, stage: str, scopes: Sequence[object]) -> tuple[float, int] | None:
    """(seconds a unit, which scope): by the narrowest scope that was measured; None where none was."""
    keys = [_key(stage, scope) for scope in scopes]
    found: dict[str, Any] = cache.get(TABLE, keys)
    for number, key in enumerate(keys):
        if key in found:
            seconds, units = found[key]
            return seconds / units, number
    return None


@dataclass
class Meter:
    """Tells what a stage takes each time from what it takes only once in a process: imports, loading, first calls.

    The first measurement of a stage waits for a second one; what it took beyond that is kept as `first <stage>`.
    """

    cache: Cache
    _waiting: dict[str, tuple[list[object], float, float]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def add(self, stage: str, scopes: Iterable[object], seconds: float, units: float) -> None:
        """Notes that a stage took so long for so many units of work."""
        listed = list(scopes)
        if stage not in self._seen:
            self._seen.add(stage)
            self._waiting[stage] = (listed, seconds, units)
            return
        remember(self.cache, stage, listed, seconds, units)
        self._settle(stage)

    def close(self) -> None:
        """At the end: what was measured once only is all that is known, unless earlier runs tell more."""
        for stage, (scopes, seconds, units) in list(self._waiting.items()):
            if known(self.cache, stage, scopes) is None:
                remember(self.cache, stage, scopes, seconds, units)
            self._settle(stage)

    def _settle(self, stage: str) -> None:
        if (first := self._waiting.pop(stage, None)) and (pace := known(self.cache, stage, first[0])):
            remember(self.cache, f"first {stage}", [()], max(first[1] - pace[0] * first[2], 1e-3))


def _key(stage: str, scope: object) -> str:
    return f"pace:{stage}:{fingerprint.digest([scope, os.cpu_count()])}"
