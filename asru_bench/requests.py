"""Requests to be forgotten that come one after the other: `-t requests=3` for any task.

The people to forget are dealt into that many requests. Request k is unlearned from the checkpoint of request k - 1
(the first from vanilla) with k's pairs to forget; everybody who is not yet asked to be forgotten is among those to
keep, also in training. Earlier requests are in neither: their data are gone. Each request is a run folder of its own;
the last one is the row, and its record holds what was deleted and kept after each.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from asru_bench import forgotten, stats
from asru_bench.record import RunRecord, pseudonym
from asru_bench.scores import FORGET_ROLES, FORGOTTEN, counts
from asru_bench.seeds import seed_for
from asru_bench.task import Task
from asru_bench.types import AsruBenchError, RunSpec, Sample, Score, TrainingData

if TYPE_CHECKING:
    from asru_bench.folder import RunFolder

#: Keys of a task's settings that the core keeps to itself: how many requests, and which one this run is.
COUNT, NUMBER = "requests", "request"
OWN = frozenset(("inner", "count", "number", "groups", "asked", "pending", "forget_people", "training_data", "samples"))


def split_settings(
    values: Mapping[str, Any], typed: Sequence[str]
) -> tuple[dict[str, Any], tuple[str, ...], dict[str, int]]:
    """(the task's own values, the task's own texts, {"requests": n, "request": k} or nothing).

    Raises `AsruBenchError` where the number is not a whole one from 1 on.
    """
    own = {key: value for key, value in values.items() if key not in (COUNT, NUMBER)}
    asked = {key: values[key] for key in (COUNT, NUMBER) if key in values}
    texts = []
    for text in typed:
        key, _, value = text.partition("=")
        if key.strip() != COUNT:
            texts.append(text)
            continue
        if not value.strip().isdecimal() or int(value) < 1:
            raise AsruBenchError(f"requests is {value!r}; expected a whole number from 1 on (-t requests=3).")
        asked = {COUNT: int(value), NUMBER: int(value)}
    if asked.get(COUNT, 1) <= 1:
        asked = {}
    return own, tuple(texts), asked


def number_of(spec: RunSpec) -> tuple[int, int]:
    """(which request this run answers, of how many); (1, 1) without requests."""
    config = spec.task_config
    return int(config.get(NUMBER, 1)), int(config.get(COUNT, 1))


def earlier(spec: RunSpec) -> list[RunSpec]:
    """The specs of the requests before this one, in order."""
    number, _ = number_of(spec)
    return [replace(spec, task_config={**spec.task_config, NUMBER: k}) for k in range(1, number)]


def start_of(folder: RunFolder) -> str:
    """The checkpoint that this run's unlearning starts from; "" for vanilla."""
    before = earlier(folder.spec)
    if not before:
        return ""
    previous = folder.sibling(before[-1])
    checkpoint = previous.checkpoint
    if checkpoint is None:
        number, count = number_of(folder.spec)
        missing = f"request {number - 1}, whose checkpoint is not there; run that first"
        raise AsruBenchError(f"request {number} of {count} starts from {missing}: asru-bench unlearn {previous.path}")
    return checkpoint.path


def data_of(folder: RunFolder) -> TrainingData:
    """What a run's unlearning reads; an oracle never read anybody of any request."""
    task = folder.task
    chain = forgotten.core(task)
    if folder.spec.method == "retain_oracle" and isinstance(chain, Requested):
        data = chain.inner.training_data()
        return task.clear(data) if isinstance(task, forgotten.Continued) else data
    return task.training_data()


class Requested(Task):
    """A task of which only some people to forget have asked for it so far."""

    def __init__(self, task: Task, count: int, number: int) -> None:
        self.inner, self.count, self.number = task, count, number
        people = sorted(task.forget_people())
        if count > len(people):
            raise AsruBenchError(
                f"{len(people)} people are to be forgotten, too few for {count} requests; use -t requests="
                f"{len(people)} or fewer."
            )
        random.Random(seed_for(task.seed, "requests")).shuffle(people)
        self.groups = tuple(tuple(sorted(people[i::count])) for i in range(count))
        self.asked = frozenset(p for group in self.groups[:number] for p in group)
        self.pending = frozenset(p for group in self.groups[number:] for p in group)

    def __getattribute__(self, name: str) -> Any:
        """What is not changed here is the task's own, also where the base class knows the name."""
        if name.startswith("__") or name in OWN:
            return object.__getattribute__(self, name)
        return getattr(object.__getattribute__(self, "inner"), name)

    def forget_people(self) -> tuple[str, ...]:
        return tuple(sorted(self.asked))

    def training_data(self) -> TrainingData:
        data = self.inner.training_data()
        now = self.groups[self.number - 1]
        later = tuple(pair for pair in data.forget if pair.cluster in self.pending)
        return replace(data, forget=tuple(p for p in data.forget if p.cluster in now), retain=(*data.retain, *later))

    def samples(self) -> list[Sample]:
        """People who are not yet asked to be forgotten are people to keep."""
        return [
            replace(s, role="retain") if s.role in FORGET_ROLES and s.cluster in self.pending else s
            for s in self.inner.samples()
        ]


def progress(records: Sequence[RunRecord], groups: Sequence[Sequence[str]]) -> list[Score]:
    """What is told and known after each request, from the records of all of them in order.

    `leak.newly/K`: of the people of request K; `leak.still/K`: of the requests before; `known.pending/K`: of those to
    come, with what they keep; `known.retain/K` and other roles to keep. Open questions, of both modalities; by person.
    Where a part of each person is forgotten, `known.retain` is about the people of request 1, the same ones each time.
    """
    found = []
    for number, record in enumerate(records, 1):
        named = {person for found in record.people.values() for person in found}
        of = [{p if p in named else pseudonym(p) for p in group} for group in groups]
        before, now, later = (set().union(*part) for part in (of[: number - 1], of[number - 1 : number], of[number:]))
        gone = counts(record.people, "leak/open", FORGOTTEN)
        kept = counts(record.people, "correct/open", "retain")
        ever_pending = set().union(*of[1:])
        found += _share(f"leak.newly/{number}", "forget", {p: c for p, c in gone.items() if p in now})
        found += _share(f"leak.still/{number}", "forget", {p: c for p, c in gone.items() if p in before})
        found += _share(f"known.pending/{number}", "retain", {p: c for p, c in kept.items() if p in later})
        found += _share(f"known.retain/{number}", "retain", {p: c for p, c in kept.items() if p not in ever_pending})
        for role in ("retain_unseen", "real"):
            found += _share(f"known.{role}/{number}", role, counts(record.people, "correct/open", role))
    return found


def _share(name: str, role: str, by_person: Mapping[str, tuple[int, int]]) -> list[Score]:
    n = sum(total for _, total in by_person.values())
    if not n:
        return []
    ci = stats.korn_graubard([k for k, _ in by_person.values()], [t for _, t in by_person.values()])
    k = sum(k for k, _ in by_person.values())
    return [Score(name, role, k / n, n, len(by_person), ci_low=ci.low, ci_high=ci.high)]
