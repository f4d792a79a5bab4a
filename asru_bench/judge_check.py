"""`asru-bench judge-check`: judges on the calibration set, held against two labellers; the result is one JSON file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from asru_bench import checkup, config, fingerprint, injection, plan
from asru_bench.checkset import CheckSet, Item, Outcome
from asru_bench.judge import Cache, Judge
from asru_bench.plan import Place
from asru_bench.prevalence import Counted
from asru_bench.record import RunRecord
from asru_bench.registry import JUDGES
from asru_bench.scores import FORGOTTEN, counts
from asru_bench.types import FORGET_ROLES, MODALITIES, AsruBenchError, RunSpec, Sample, Verdict, World

FILE = "judge-check.json"
SCHEMA = 1
DEFAULT = ("rubric", "refusal", "hallucination")
#: Answers that orders are put behind.
ORDERED = 64


def check(
    checked: CheckSet,
    judges: Sequence[str],
    texts: Sequence[str] = (),
    place: Place | None = None,
    cache: Cache | None = None,
    records: Iterable[RunRecord] = (),
) -> dict[str, Any]:
    """The whole result, as JSON holds it. `texts`: settings of judges as typed; `records`: runs whose leak rates are
    corrected, without any those of the set itself.

    Raises `AsruBenchError` for unknown judges and settings, and for judges that need a model's likelihoods.
    """
    if not judges:
        raise AsruBenchError("no judge to check; name one with --judge, for example rubric, or with --judge-model.")
    place = place or Place()
    names = tuple(dict.fromkeys(JUDGES.find(name).name for name in judges))
    settings = plan.judge_config(RunSpec("", "", judges=names), texts, place, {})
    runs = list(records)
    result: dict[str, Any] = {
        "schema": SCHEMA,
        "set": _about(checked),
        "labellers": {k: {p: asdict(a) for p, a in v.items()} for k, v in checkup.between_labellers(checked).items()},
        "judges": {},
    }
    for name in names:
        cls: Any = JUDGES.get(name)
        judge = cls(config.build(cls.Config, settings[name], owner=f"judge {name!r}"))
        judge.equip(replace(place.desk, cache=cache))
        result["judges"] |= _judge(name, judge, checked, runs, settings[name])
    return result


def store(result: Mapping[str, Any], folder: Path) -> Path:
    """Writes the result; judges that were checked before on the same set and labels stay."""
    from asru_bench.store import write_json

    path = folder / FILE
    before = read(path)
    kept = before["judges"] if before and before["set"] == result["set"] else {}
    write_json(path, {**result, "judges": {**kept, **result["judges"]}})
    return path


def read(path: Path) -> dict[str, Any] | None:
    """A result that was stored; None where there is none or it is of another schema."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("schema") == SCHEMA else None


def _about(checked: CheckSet) -> dict[str, Any]:
    found = sum(item.found for item in checked.items)
    return {
        "answers": len(checked.items),
        "found": found,
        "written": len(checked.items) - found,
        "kept_out": sum(item.half == checkup.PARTS[1] for item in checked.items),
        "methods": sorted({item.source for item in checked.items if item.found}),
        "hash": fingerprint.digest([[asdict(item) for item in checked.items], list(checked.labels)]),
    }


def _judge(
    name: str, judge: Judge, checked: CheckSet, runs: Sequence[RunRecord], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """judge -> all that is said of it; several where it is several, as `llm` with several models."""
    items = [item for item in checked.items if judge.applies(item.sample)]
    if judge.requests([i.sample for i in items], [i.answer for i in items]):
        raise AsruBenchError(f"judge {name} asks a model for likelihoods; judge-check has no model. Leave it out.")
    verdicts = _grade(judge, items, checked.worlds)
    said = checkup.outcomes(verdicts, [item.sample for item in items])
    moved = _orders(judge, items, checked.worlds)
    found = {}
    for own, outcome in said.items():
        leaks, of_runs = checkup.leaks(checked, outcome, _run_rates(own, runs))
        found[own] = {
            "version": judge.version,
            "settings": dict(settings),
            "facts": judge.facts(),
            "asked": len(items),
            "failed": sum(v.judge == own and v.status != "scored" for v in verdicts),
            "agreement": [asdict(line) for line in checkup.compare(checked, outcome)],
            "leaks": [asdict(line) for line in leaks],
            "rates_of_runs": of_runs,
            "bias": [asdict(line) for line in checkup.biases(checked, outcome)],
            "injection": [asdict(shift) for shift in moved if shift.judge == own],
        }
    return found


def _grade(judge: Judge, items: Sequence[Item], worlds: Mapping[str, World]) -> list[Verdict]:
    verdicts: list[Verdict] = []
    for name, world in worlds.items():
        own = [item for item in items if item.world == name]
        verdicts += judge.grade([i.sample for i in own], [i.answer for i in own], world, {}) if own else []
    return verdicts


def _orders(judge: Judge, items: Sequence[Item], worlds: Mapping[str, World]) -> list[injection.Shift]:
    """The shift that orders to the judge make, on answers as found about forgotten people and strangers.

    [] where there are fewer than `injection.LEAST` of one world.
    """
    usable = [i for i in items if i.found and i.sample.role in (*FORGET_ROLES, "strangers")]
    by_world = {name: [i for i in usable if i.world == name] for name in worlds}
    name, own = max(by_world.items(), key=lambda pair: len(pair[1]))
    if len(own) < injection.LEAST:
        return []
    pairs = [(item.sample, item.answer) for item in own[:ORDERED]]
    every = [*pairs, *injection.twins(pairs)]
    said = checkup.outcomes(
        judge.grade([s for s, _ in every], [g for _, g in every], worlds[name], {}), [s for s, _ in every]
    )
    return [shift for own, outcome in said.items() for shift in _shifts(own, [s for s, _ in pairs], outcome)]


def _shifts(judge: str, samples: Sequence[Sample], said: Mapping[str, Outcome]) -> list[injection.Shift]:
    """One shift a measure that is a number; a pair of which one half failed is counted as failed."""
    found = []
    for name in dict.fromkeys(k for own in said.values() for k, v in own.items() if not isinstance(v, str)):
        couples = [(s, said.get(s.id, {}), said.get(injection.twin(s.id), {})) for s in samples]
        whole = [(s, float(a[name]), float(b[name])) for s, a, b in couples if name in a and name in b]
        failed = sum((name in a) != (name in b) for _, a, b in couples)
        if whole:
            found.append(injection.shift(judge, name, whole, failed))
    return found


def _run_rates(judge: str, records: Sequence[RunRecord]) -> dict[str, Counted]:
    """row -> how many open answers about forgotten people leak by the judge, in whole runs that had it."""
    found: dict[str, list[tuple[str, float, float]]] = {}
    for record in records:
        if judge == checkup.NAME:
            for role, person, cell, key, n in _claims(record):
                if role in FORGET_ROLES and cell.startswith("generation"):
                    leaked = n if key.endswith(":leaked") else 0.0
                    found.setdefault(record.row, []).append((person, leaked, n))
        elif judge == "value" and "value" in record.spec.get("judges", ()):
            for modality in MODALITIES:
                cells = counts(record.people, f"leak/generation/{modality}", FORGOTTEN)
                found.setdefault(record.row, []).extend((person, k, n) for person, (k, n) in cells.items())
    return {row: Counted.of(cells) for row, cells in found.items()}


def _claims(record: RunRecord) -> Iterable[tuple[str, str, str, str, float]]:
    for role, people in record.claims.items():
        for person, cells in people.items():
            for cell, numbers in cells.items():
                for key, n in numbers.items():
                    yield role, person, cell, key, float(n)
