"""Keys of verdicts, which of them are final, and what the judge stage notes of judges that may do better next time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from asru_bench import config, fingerprint, shown
from asru_bench.judge import Cache, Desk
from asru_bench.registry import JUDGES
from asru_bench.types import CATEGORIES, Generation, RunSpec, Sample, Verdict

TABLE = "verdicts"


def keys(spec: RunSpec, answers: Sequence[Generation], task: str) -> dict[str, str]:
    """Judge -> key: its code and settings, the questions (`task`: the hash of its code) and the answers."""
    content = [task, spec.data_hash, spec.seed, spec.task_config, answers, *([spec.earlier] if spec.earlier else [])]
    shared = fingerprint.digest(content)
    found = {}
    for name in spec.judges:
        code = fingerprint.code_hash(JUDGES.find(name).path, core=True)
        found[name] = fingerprint.digest([name, code, spec.judge_config.get(name, {}), spec.model_hash, shared])
    return found


def probe(jobs: Iterable[tuple[RunSpec, Desk]]) -> None:
    """Raises `AsruBenchError` where a judge of these runs cannot be reached; asks each once."""
    seen: set[str] = set()
    for spec, desk in jobs:
        for name in spec.judges:
            cls: Any = JUDGES.get(name)
            settings = spec.judge_config.get(name, {})
            same = fingerprint.digest([name, settings, desk.url, desk.key_env])
            if same not in seen:
                seen.add(same)
                cls.probe(config.build(cls.Config, settings, owner=f"judge {name!r}"), desk)


def failures(verdicts: Sequence[Verdict], answers: Sequence[Generation]) -> dict[str, dict[str, Any]]:
    """Judge -> how many verdicts failed, of how many, and the most frequent reason; answers that failed aside."""
    sound = {answer.sample_id for answer in answers if answer.finish != "error"}
    found = {}
    for judge in dict.fromkeys(verdict.judge for verdict in verdicts):
        given = [v for v in verdicts if v.judge == judge and v.sample_id in sound]
        failed = Counter(v.evidence for v in given if v.status == "failed")
        if failed:
            status = "failed" if failed.total() == len(given) else "partly failed"
            (reason, _), *_ = failed.most_common(1)
            found[judge] = {"status": status, "failed": failed.total(), "of": len(given), "reason": reason}
    return found


def throughout(failed: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[str]:
    """Sentences on judges that failed on every answer of a run, from label -> what `failures` gives."""
    where: dict[str, list[str]] = {}
    why: dict[str, str] = {}
    for label, judges in failed.items():
        for judge, facts in judges.items():
            if facts["status"] == "failed":
                where.setdefault(judge, []).append(label)
                why.setdefault(judge, facts["reason"])
    return [f"judge {name} failed on every answer of {', '.join(rows)} ({why[name]})" for name, rows in where.items()]


def kept(cache: Cache, key: str) -> tuple[list[Verdict], dict[str, Any]] | None:
    """The verdicts and facts of a judge from before, if all were settled."""
    stored = cache.get(TABLE, [key, f"{key}:facts"])
    try:
        return ([Verdict(**v) for v in stored[key]], dict(stored.get(f"{key}:facts", {}))) if key in stored else None
    except (TypeError, ValueError):  # of another shape: judged again
        return None


def keep(cache: Cache, key: str, verdicts: Sequence[Verdict], facts: Mapping[str, Any]) -> None:
    """Stores what `kept` gives."""
    cache.put(TABLE, {key: [asdict(v) for v in verdicts]} | ({f"{key}:facts": facts} if facts else {}))


def settled(name: str, verdicts: Sequence[Verdict], answers: Sequence[Generation]) -> bool:
    """Whether asking this judge again cannot change anything; says on standard error what is open and why."""
    if not JUDGES.get(name).resumes:
        return True
    sound = {answer.sample_id for answer in answers if answer.finish != "error"}
    opened = Counter((v.status, v.evidence) for v in verdicts if v.status != "scored" and v.sample_id in sound)
    if not opened:
        return True
    (status, reason), _ = opened.most_common(1)[0]
    shown.say(
        f"judge {name}: {opened.total()} of {len(verdicts)} verdicts {status} ({reason}); no score is made up for "
        "them, and the same command tries those alone again"
    )
    return False


def sound(name: str, made: Any, samples: Sequence[Sample]) -> list[Verdict]:
    """A judge's verdicts, those without a finite value as failed; raises `TypeError` where they are no verdicts.

    A likelihood that cannot be computed may be missing among the other measures, which hold NaN then.
    """
    if isinstance(made, (str, bytes, Mapping)) or not isinstance(made, Iterable):
        raise TypeError(f"judge {name!r} returned {type(made).__name__}; expected a list of verdicts")
    asked = {sample.id for sample in samples}
    found = []
    for verdict in made:
        if not isinstance(verdict, Verdict):
            raise TypeError(f"judge {name!r} returned a list with {type(verdict).__name__}; expected verdicts")
        if verdict.sample_id not in asked:
            raise TypeError(f"judge {name!r} returned a verdict on {verdict.sample_id!r}, which is no question here")
        if verdict.label and verdict.label not in CATEGORIES:
            raise TypeError(
                f"judge {name!r} gave the label {verdict.label!r}; expected {', '.join(CATEGORIES)} or none"
            )
        if not _is_number(verdict.value):
            words = f"judge {name!r} gave the value {verdict.value!r}; expected a finite number or None"
            verdict = replace(verdict, status="failed", label="", value=None, evidence=words, measures={})
        found.append(verdict)
    return found


def _is_number(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, (int, float)) and math.isfinite(value)


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
