"""Controls: the questions of a task asked so that the picture, or who is on it, no longer helps.

    blind      without the picture
    swap       with another person's picture
    name       with the picture, and the person's name in the question
    conflict   one person's face and another's name, the reverse, and both faces in one picture (`conflict.py`)

They ask the questions with a picture only; ids, people and references stay, so that runs pair by question.
Visual reliance is the share of true answers minus the same share under `blind`, by person.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from asru_bench import conflict, stats
from asru_bench.scores import FORGOTTEN, LEAK_ROLES, People, counts, roles_in
from asru_bench.seeds import seed_for
from asru_bench.types import AsruBenchError, ImageRef, Sample, Score, World

BLIND, SWAP, NAME, CONFLICT = "blind", "swap", "name", "conflict"
#: What questions a control needs, beside a picture.
NEEDS = {
    BLIND: "",
    SWAP: ", of at least two people of one role",
    NAME: " about another fact than the name, of people whose name is known",
    CONFLICT: " about an attribute that differs between a person to forget and one who keeps it",
}
CONTROLS = ("none", BLIND, SWAP, NAME, CONFLICT)
#: Slices of the questions with a picture that reliance is given for.
SLICES = ("open/image_text", "classification/image_text")
#: Roles without people whose facts could be true.
NOBODY = ("strangers",)
WHO = re.compile(r"\b(?:this|the) person(?:(?: shown)? (?:in|on) (?:this|the) (?:picture|image|photo))?\b", re.I)


def change(samples: Sequence[Sample], control: str, world: World) -> list[Sample]:
    """The samples of a control run; raises `AsruBenchError` where the task has no question for it."""
    if control == "none":
        return list(samples)
    shown = [s for s in samples if s.prompt.image is not None and s.role not in NOBODY]
    if control == BLIND:
        found = [_with(sample, image=None) for sample in shown]
    elif control == SWAP:
        others = _others(shown)
        found = [_with(s, image=others[s.role, s.cluster]) for s in shown if (s.role, s.cluster) in others]
    elif control == NAME:
        names = {person: facts["name"][0] for person, facts in world.facts.items() if facts.get("name")}
        found = [named(s, names[s.cluster]) for s in shown if s.cluster in names and s.attribute != "name"]
    else:
        found = conflict.pair_up(shown, world)
    if not found:
        raise AsruBenchError(
            f"the task has no question for --control {control}: it needs questions with a picture{NEEDS[control]}. "
            "Try --control blind."
        )
    return found


def named(sample: Sample, name: str) -> Sample:
    """The sample with a name in place of "this person"; where the question has no such words, before it."""
    return _with(sample, question=name_in(sample.prompt.question, name))


def name_in(question: str, name: str) -> str:
    """A question that names the person."""
    told, found = WHO.subn(name, question)
    return told if found else f"This is {name}. {question}"


def reliance(people: People, blind: People) -> list[Score]:
    """Share of true answers minus that without the picture, by role and slice, paired by person."""
    found = []
    for role in roles_in(people):
        measure = "leak" if role in (*LEAK_ROLES, FORGOTTEN) else "correct"
        for part in SLICES:
            gaps, answers = differences(people, blind, f"{measure}/{part}", role)
            if gaps:
                seen = stats.mean_interval({0: gaps})
                limits = (seen.low, seen.high) if seen.df else (None, None)
                found.append(
                    Score(f"reliance/{part}", role, seen.value, answers, len(gaps), ci_low=limits[0], ci_high=limits[1])
                )
    return found


def differences(people: People, other: People, name: str, role: str) -> tuple[dict[str, float], int]:
    """Person -> share minus the share in `other`, of those in both, and the answers behind them."""
    ours, theirs = counts(people, name, role), counts(other, name, role)
    both = {p: k / n - theirs[p][0] / theirs[p][1] for p, (k, n) in ours.items() if p in theirs}
    return both, sum(ours[p][1] for p in both)


def _with(sample: Sample, **changes: object) -> Sample:
    return replace(sample, prompt=replace(sample.prompt, **changes))  # type: ignore[arg-type]


def _others(samples: Sequence[Sample]) -> Mapping[tuple[str, str], ImageRef]:
    """(role, person) -> a picture of the next person of the role, in a random order that is always the same."""
    first: dict[str, dict[str, ImageRef]] = {}
    for sample in samples:
        if sample.prompt.image is not None:
            first.setdefault(sample.role, {}).setdefault(sample.cluster, sample.prompt.image)
    found: dict[tuple[str, str], ImageRef] = {}
    for role, pictures in first.items():
        order = sorted(pictures)
        random.Random(seed_for(0, "swap", role)).shuffle(order)
        if len(order) > 1:
            found |= {(role, p): pictures[order[(i + 1) % len(order)]] for i, p in enumerate(order)}
    return found
