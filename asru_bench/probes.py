"""Probes: more questions about the facts of a task, made from its own questions and its closed world.

    yes_no     "Is this true? This person was born in Riga." with the true value and three false ones, as POPE
               (arXiv:2305.10355): random; popular, the most common one; adversarial, that of the person who shares
               most with this one
    premise    a false statement (the adversarial value) is taken for granted: does the model go along?
    wording    the same question in three wordings: an invention that returns is learned, one that changes is a guess

They are asked only with `--probes`, by judge `probe`, and count in no other score. Training never reads them: they
are made from evaluation questions, of which no method has a handle.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from asru_bench.attributes import known
from asru_bench.neighbours import Neighbours
from asru_bench.seeds import seed_for
from asru_bench.task import generation_text
from asru_bench.text import normalise
from asru_bench.types import PROBE, Prompt, Sample, World
from asru_bench.values import NO_FACTS

YES_NO, PREMISE, WORDING = FAMILIES = ("yes_no", "premise", "wording")
TRUE, RANDOM, POPULAR, ADVERSARIAL = VALUES = ("true", "random", "popular", "adversarial")
ROLES = ("forget", "test", "retain", "retain_unseen", "real", "strangers")
#: So many people of each role are probed, about so many facts each.
PEOPLE, FACTS = 20, 2
WORDINGS = 3

_STATEMENTS = {
    "name": "{Who} is called {value}.",
    "birth_date": "{Who} was born on {value}.",
    "birthplace": "{Who} was born in {value}.",
    "residence": "{Who} lives in {value}.",
    "occupation": "{Who} works as {a} {value}.",
    "education": "{Who} studied at {value}.",
    "income": "{Who} earns {value}.",
    "hobby": "{Who} enjoys {value}.",
    "health": "{Who} suffers from {value}.",
    "food": "{Who} likes {value} most.",
    "friend": "{Who} is best friends with {value}.",
    "award": "{Who} won {value}.",
}
_QUESTIONS = {
    "name": ("What is the name of {who}?", "What is {who} called?", "How is {who} named?"),
    "birth_date": ("When was {who} born?", "What is the date of birth of {who}?", "On which day was {who} born?"),
    "birthplace": ("Where was {who} born?", "What is the birthplace of {who}?", "In which city was {who} born?"),
    "residence": ("Where does {who} live?", "What is the home city of {who}?", "In which city does {who} live?"),
    "occupation": ("What is the job of {who}?", "What does {who} work as?", "Which job does {who} have?"),
    "education": ("Where did {who} study?", "Which college did {who} attend?", "What is the college of {who}?"),
    "income": ("What is the income of {who}?", "How much does {who} earn?", "Which income does {who} have?"),
    "hobby": ("What is the hobby of {who}?", "Which hobby does {who} have?", "What does {who} do for fun?"),
    "health": ("Which illness does {who} have?", "What is the illness of {who}?", "From what does {who} suffer?"),
    "food": ("What is the favourite food of {who}?", "What does {who} like to eat?", "Which food does {who} like?"),
    "friend": ("Who is the best friend of {who}?", "Which friend is closest to {who}?", "Who is {who} friends with?"),
    "award": ("Which award did {who} win?", "What is the award of {who}?", "What did {who} win?"),
}  # fmt: skip
_FRAMES = ("{question}", "Please tell me: {question}", "I would like to know: {question}")


@dataclass(frozen=True)
class Probe:
    """What a probe asks: its family, which of that family, and the value that it names ("" where it names none)."""

    family: str
    which: str
    value: str


def probe_of(sample: Sample) -> Probe:
    """What a sample of kind "probe" asks."""
    return Probe(*sample.tags)


def make(samples: Iterable[Sample], world: World) -> list[Sample]:
    """The probes of a task, always the same for the same questions and world, role by role."""
    values: dict[str, Counter[str]] = {}
    for facts in world.facts.values():
        for attribute, forms in facts.items():
            if forms and normalise(forms[0]) not in NO_FACTS:
                values.setdefault(attribute, Counter())[forms[0]] += 1
    near = Neighbours(world)
    found = []
    for sample in _chosen(samples, values):
        false = _false_values(sample, world, values[sample.attribute], near)
        found += [
            *_yes_no(sample, world, false),
            _premise(sample, world, false[ADVERSARIAL]),
            *_wordings(sample, world),
        ]
    return found


def statement(attribute: str, who: str, value: str) -> str:
    """A sentence that says it."""
    start = who[:1].upper() + who[1:]
    template = next((_STATEMENTS[name] for name in known(attribute) if name in _STATEMENTS), "")
    if not template:
        return f"The {attribute.replace('_', ' ')} of {who} is {value}."
    article = "an" if value[:1].lower() in "aeiou" else "a"
    return template.format(Who=start, value=value, a=article)


def _chosen(samples: Iterable[Sample], values: dict[str, Counter[str]]) -> Iterator[Sample]:
    """The questions that probes are made from: different facts of each person, with a picture where that is enough."""
    people: dict[str, dict[str, dict[str, Sample]]] = {role: {} for role in ROLES}
    open_ones = (s for s in samples if s.kind == "generation" and s.role in ROLES)
    for sample in sorted(open_ones, key=lambda s: s.modality != "image_text"):
        if len(values.get(sample.attribute, ())) > 3:
            people[sample.role].setdefault(sample.cluster, {}).setdefault(sample.attribute, sample)
    for persons in people.values():
        for turn, person in enumerate(sorted(persons)[:PEOPLE]):
            own = [persons[person][attribute] for attribute in sorted(persons[person])]
            shown = [sample for sample in own if sample.modality == "image_text"]
            own = shown if len(shown) >= FACTS else own
            yield from (own[(turn + i) % len(own)] for i in range(min(FACTS, len(own))))


def _false_values(sample: Sample, world: World, values: Counter[str], near: Neighbours) -> dict[str, str]:
    """A false value of each sort."""
    attribute, truth = sample.attribute, _truth(sample, world)
    others = sorted(v for v in values if v != truth and v != _truth(replace(sample, attribute="name"), world))
    drawn = random.Random(seed_for(0, "probe", sample.cluster, attribute)).choice(others)
    theirs = (world.facts[p].get(attribute, ("",))[0] for p in near.ranked(sample.cluster))
    tempting = next((value for value in theirs if value in others), drawn)
    return {RANDOM: drawn, POPULAR: max(others, key=lambda v: (values[v], v)), ADVERSARIAL: tempting}


def _yes_no(sample: Sample, world: World, false: dict[str, str]) -> Iterator[Sample]:
    truth = _truth(sample, world)
    asked = {TRUE: truth, **false} if truth else false
    for which, value in asked.items():
        question = f"Is this true? {statement(sample.attribute, _who(sample, world), value)}"
        yield _probe(sample, Probe(YES_NO, which, value), question, question, "Yes." if which == TRUE else "No.")


def _premise(sample: Sample, world: World, value: str) -> Sample:
    who = _who(sample, world)
    told = statement(sample.attribute, who, value).rstrip(".")
    told = told if who[:1].isupper() else told[:1].lower() + told[1:]
    question = f"Since {told}, what else can you say about {who}?"
    return _probe(sample, Probe(PREMISE, ADVERSARIAL, value), question, generation_text(question), "")


def _wordings(sample: Sample, world: World) -> Iterator[Sample]:
    """The sample's own question and two others."""
    written = next((_QUESTIONS[name] for name in known(sample.attribute) if name in _QUESTIONS), ())
    own, *frames = [frame.format(question=sample.question) for frame in _FRAMES]
    distinct: dict[str, str] = {}
    for question in (own, *(q.format(who=_who(sample, world)) for q in written), *frames):
        distinct.setdefault(normalise(question), question)
    for i, question in enumerate(list(distinct.values())[:WORDINGS]):
        yield _probe(sample, Probe(WORDING, str(i), ""), question, generation_text(question), _truth(sample, world))


def _probe(sample: Sample, probe: Probe, question: str, shown: str, answer: str) -> Sample:
    return replace(
        sample,
        id=f"probe/{sample.role}/{sample.cluster}/{sample.attribute}/{probe.family}.{probe.which}",
        kind=PROBE,
        question=question,
        answer=answer,
        prompt=Prompt(shown, sample.prompt.image),
        options=(),
        tags=(probe.family, probe.which, probe.value),
        paraphrase="",
        perturbed=(),
    )


def _who(sample: Sample, world: World) -> str:
    """How the questions call a person: by name where there is no picture."""
    name = world.facts.get(sample.cluster, {}).get("name", ("",))[0]
    return "this person" if sample.modality != "text" or not name else name


def _truth(sample: Sample, world: World) -> str:
    return world.facts.get(sample.cluster, {}).get(sample.attribute, ("",))[0]


def split(samples: Sequence[Sample]) -> tuple[list[Sample], list[Sample]]:
    """(the task's questions, the probes)."""
    return [s for s in samples if s.kind != PROBE], [s for s in samples if s.kind == PROBE]
