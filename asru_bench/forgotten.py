"""Whom a checkpoint forgot before: its manifest says, and no later run teaches it these people again.

`run --vanilla CHECKPOINT` with another list of people to forget would else train on the earlier ones, who are no longer
on the list, as people to keep. They are left out of all training, also of the oracle's, and asked in a role of their
own. A manifest holds pseudonyms; ids of invented people as they are. Where a part of a person was forgotten, an entry
is `person/attribute`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench import pseudonyms
from asru_bench.task import Task
from asru_bench.types import EARLIER, FORGET_ROLES, AsruBenchError, Sample, TrainingData, TrainingPair

if TYPE_CHECKING:
    from asru_bench.types import RunSpec

#: The key of a manifest's `made_by`.
NAME = "forgotten"
HIDDEN = re.compile(r"p[0-9a-f]{12}")
#: Roles that say nothing of what is to be kept about a person.
UNTOUCHED = (*FORGET_ROLES, "strangers", "general")
OWN = frozenset(
    ("inner", "listed", "known", "clear", "earlier_people", "training_data", "memorise_pairs", "samples")
)  # fmt: skip


def entry(task: Task, name: str, hide: bool, before: Sequence[str] = ()) -> dict[str, Any]:
    """What a manifest says of a run of the task `name` that starts from a model which forgot `before`."""
    parts = task.world().forget
    ids: set[str] = set(before)
    for person in task.forget_people():
        for own in _ids(person) if hide else (person,):
            ids |= {f"{own}/{attribute}" for attribute in parts.get(person, ())} or {own}
    return {"task": name, "key": pseudonyms.key_id() if hide else "", "people": sorted(ids)}


def recorded(model: str) -> list[dict[str, Any]] | None:
    """The entries of a model's manifest; None for an unlearned checkpoint from before there were any."""
    made_by = _made_by(model)
    if NAME in made_by:
        return [dict(own) for own in made_by[NAME]]
    taught = made_by.get("method", "memorise") in ("memorise", "retain_oracle")
    return [] if taught and "whole" not in made_by else None


def carried(model: str, new: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What a checkpoint made from `model` says in its manifest: what that said, and what was forgotten now."""
    entries = recorded(model)
    kept = [own for own in entries or () if new is None or (own["task"], own["key"]) != (new["task"], new["key"])]
    unknown = {"forgotten_unknown": True} if entries is None or _made_by(model).get("forgotten_unknown") else {}
    return {NAME: [*kept, *([dict(new)] if new else [])]} | unknown


def listed(model: str, task: str, hide: bool, force: bool = False) -> tuple[str, ...]:
    """Whom `model` forgot of a task, as its manifest names them.

    Raises `AsruBenchError` where they are hidden with another key, unless `force`.
    """
    found: set[str] = set()
    for own in recorded(model) or ():
        if own["task"] != task:
            continue
        if hide and own["key"] and own["key"] != pseudonyms.key_id() and own["people"]:
            if force:
                continue
            raise AsruBenchError(
                f"{model} forgot people before, whose names are hidden with the key {own['key']}; the key of this home "
                f"is {pseudonyms.key_id()}, so that nobody knows whom not to teach it again. Bring the key (asru-bench "
                "key export, then key import), or go on with --force (never ranked)."
            )
        found |= set(own["people"])
    return tuple(sorted(found))


def unknown(model: str) -> bool:
    """Whether a model was unlearned and nothing says from whom, by it or by one that it was made from."""
    return recorded(model) is None or bool(_made_by(model).get("forgotten_unknown"))


def sentence(spec: RunSpec, task: Task, model: str) -> str:
    """What a run says of people whom its model forgot before; "" where there is nothing to say."""
    if unknown(model):
        return (
            "vanilla was unlearned before lists of the forgotten were kept: whom it forgot cannot be known, and they "
            "may be among the people to keep, who are trained on"
        )
    if not spec.earlier:
        return ""
    people = left_out(task)
    if not people:
        return "vanilla forgot people before; none of them is in these data or all are to be forgotten again"
    count = f"{len(people)} person" if len(people) == 1 else f"{len(people)} people"
    verb = "is" if len(people) == 1 else "are"
    return f"{count} whom vanilla forgot before {verb} left out of all training and asked in the role {EARLIER}"


def left_out(task: Task) -> tuple[str, ...]:
    """The people of a task whom its model forgot before, and who are not to be forgotten now."""
    return task.earlier_people() if isinstance(task, Continued) else ()


def core(task: Task) -> Task:
    """The task under a `Continued`, where it is one."""
    return task.inner if isinstance(task, Continued) else task


class Continued(Task):
    """A task some of whose people the model forgot in an earlier run."""

    def __init__(self, task: Task, listed: Iterable[str]) -> None:
        self.inner, self.listed = task, frozenset(listed)

    def __getattribute__(self, name: str) -> Any:
        """What is not changed here is the task's own, also where the base class knows the name."""
        if name.startswith("_") or name in OWN:
            return object.__getattribute__(self, name)
        return getattr(object.__getattribute__(self, "inner"), name)

    def known(self, person: str, attribute: str = "") -> bool:
        """Whether this person, or this fact of it, was forgotten before."""
        return any(own in self.listed or f"{own}/{attribute}" in self.listed for own in self._ids_of(person))

    def earlier_people(self) -> tuple[str, ...]:
        """Those whom the data name and who are not to be forgotten now, sorted."""
        return tuple(sorted({s.cluster for s in self.samples() if s.role == EARLIER}))

    def clear(self, data: TrainingData) -> TrainingData:
        """Training data without them; what is to be forgotten now stays."""
        return replace(data, retain=self._others(data.retain), unseen=self._others(data.unseen))

    def training_data(self) -> TrainingData:
        return self.clear(self.inner.training_data())

    def memorise_pairs(self) -> tuple[TrainingPair, ...]:
        return self._others(self.inner.memorise_pairs())

    def samples(self) -> list[Sample]:
        """Probes about them are left out: the task's own numbers would count them as kept."""
        found = []
        for s in self.inner.samples():
            if s.role in UNTOUCHED or not self.known(s.cluster, s.attribute):
                found.append(s)
            elif s.role != "probe":
                found.append(replace(s, role=EARLIER))
        return found

    def _others(self, pairs: Iterable[TrainingPair]) -> tuple[TrainingPair, ...]:
        return tuple(pair for pair in pairs if not self.known(pair.cluster, pair.attribute))

    def _ids_of(self, person: str) -> tuple[str, ...]:
        if person not in self._found:
            self._found[person] = (person, *(_ids(person) if self._hidden else ()))
        return self._found[person]

    @cached_property
    def _found(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def _hidden(self) -> bool:
        """Whether pseudonyms are listed; ids of invented people need no key."""
        return any(HIDDEN.fullmatch(own.partition("/")[0]) for own in self.listed)


def _ids(person: str) -> tuple[str, ...]:
    """The pseudonyms of a name as it is written and whatever its spelling."""
    from asru_bench.twins import name_key

    return tuple(dict.fromkeys((pseudonyms.pseudonym(person), pseudonyms.pseudonym(name_key(person)))))


def _made_by(model: str) -> dict[str, Any]:
    from asru_bench.models import MANIFEST

    file = Path(model).expanduser() / MANIFEST if model else None
    if file is None or not file.is_file():
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8")).get("made_by", {})
    except (OSError, ValueError, AttributeError) as error:
        raise AsruBenchError(
            f"{file} cannot be read ({error}), and it says whom this model forgot; make the checkpoint again with its "
            "own run, or copy its folder again."
        ) from error
    return found if isinstance(found, dict) else {}
