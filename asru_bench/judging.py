"""Which verdicts are final, and what the judge stage notes: a judge that needs a server may succeed the next time."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from asru_bench import fingerprint
from asru_bench.registry import JUDGES
from asru_bench.types import Generation, Verdict


def settled(name: str, verdicts: Sequence[Verdict], answers: Sequence[Generation]) -> bool:
    """Whether asking this judge again cannot change anything; says on standard error what is open and why."""
    if not JUDGES.get(name).resumes:
        return True
    sound = {answer.sample_id for answer in answers if answer.finish != "error"}
    opened = Counter((v.status, v.evidence) for v in verdicts if v.status != "scored" and v.sample_id in sound)
    if not opened:
        return True
    (status, reason), _ = opened.most_common(1)[0]
    print(
        f"judge {name}: {opened.total()} of {len(verdicts)} verdicts {status} ({reason}); no score is made up for "
        "them, and the same command tries those alone again",
        file=sys.stderr,
    )
    return False


def note(key: str, facts: Mapping[str, Mapping[str, Any]], unsettled: Sequence[Verdict]) -> dict[str, Any]:
    """What `state.json` keeps of the stage. With open verdicts its key is another, so that the stage is not done."""
    told = {name: {k: v for k, v in own.items() if k != "tokens"} for name, own in facts.items() if own}
    found: dict[str, Any] = {"key": key, "facts": told} if told else {"key": key}
    if tokens := sum(own.get("tokens", 0) for own in facts.values()):
        found["tokens"] = tokens
    if unsettled:
        found["unsettled"] = sum(verdict.status != "scored" for verdict in unsettled)
        found["key"] = fingerprint.digest([key, [(v.sample_id, v.judge, v.status) for v in unsettled]])
    return found
