"""Answers side by side: which questions are shown, what stands beside them, what is hidden. Plain data only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asru_bench import shown
from asru_bench.pseudonyms import pseudonym
from asru_bench.scores import FAILED, OPEN_KINDS, categories
from asru_bench.types import LEAK_ROLES, AsruBenchError, Generation, ImageRef, Sample, Verdict

if TYPE_CHECKING:
    from asru_bench.folder import RunFolder

#: A question, its answer and the answer's category.
Triple = tuple[Sample, Generation | None, str]
HIDDEN = "[hidden]"
#: Where the people of an excerpt come from, in order of preference.
FORGOTTEN_ROLES = ("test", "forget")
KEPT_ROLES = ("retain_unseen", "retain", "real")


@dataclass(frozen=True)
class Asked:
    """One question with the answers of several models: `answers` is column -> (text, category).

    Real people's names, words and pictures are already left out unless they were asked for.
    """

    person: str
    role: str
    question: str
    truth: str
    answers: Mapping[str, tuple[str, str]]
    image: ImageRef | None = None

    @property
    def forgotten(self) -> bool:
        return self.role in LEAK_ROLES


def triples(samples: Sequence[Sample], generations: Sequence[Generation], verdicts: Sequence[Verdict]) -> list[Triple]:
    """Every sample with its answer and category."""
    category = categories(samples, generations, verdicts)
    by_sample = {g.sample_id: g for g in generations}
    return [(s, by_sample.get(s.id), category[s.id]) for s in samples]


def read(folder: RunFolder) -> list[Triple]:
    """The answers of a run on disk."""
    from asru_bench import store

    generations = store.read_generations(folder.answers_file)
    return triples(folder.questions(), generations, store.read_verdicts(folder.verdicts_file))


def side_by_side(
    columns: Mapping[str, Sequence[Triple]],
    *,
    people: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    each: int = 1,
    hide: bool = True,
) -> list[Asked]:
    """The answers of several models (column -> its triples) to the same questions.

    Without `people` (ids, or pseudonyms where they are hidden): three forgotten and three kept people, `each` open
    questions apiece about different facts, pictures first. `names` are what people are called. `hide` leaves out what
    real people's data say.
    """
    by_id = {label: {s.id: (g, c) for s, g, c in found} for label, found in columns.items()}
    samples = [s for s, _, _ in next(iter(columns.values()), ())]
    chosen = _of(samples, people, each, hide) if people else _excerpt(samples, each)
    number = {person: i for i, person in enumerate(dict.fromkeys(s.cluster for s in chosen), 1)}
    found = []
    for s in chosen:
        said = {label: _shown(*answers.get(s.id, (None, FAILED)), hide) for label, answers in by_id.items()}
        if hide:
            about = s.attribute or s.kind
            found.append(Asked(f"person {number[s.cluster]}", s.role, f"[{about}]", HIDDEN, said))
        else:
            name = (names or {}).get(s.cluster, s.cluster)
            found.append(Asked(name, s.role, one_line(s.question), one_line(_truth(s)), said, s.prompt.image))
    return found


def one_line(text: str) -> str:
    """A text without line breaks and control characters, so that no answer can move the cursor."""
    return shown.line(text)


def _shown(generation: Generation | None, category: str, hide: bool) -> tuple[str, str]:
    if generation is None:
        return "(no answer)", category
    return (HIDDEN if hide else one_line(generation.text)), category


def _truth(sample: Sample) -> str:
    options = dict(sample.options)
    return f"{sample.answer}: {options[sample.answer]}" if sample.answer in options else sample.answer


def _excerpt(samples: Sequence[Sample], each: int) -> list[Sample]:
    found: list[Sample] = []
    for roles in (FORGOTTEN_ROLES, KEPT_ROLES):
        people: dict[str, list[Sample]] = {}
        for role in roles:
            for s in samples:
                if s.role == role and (s.cluster in people or len(people) < 3):
                    people.setdefault(s.cluster, []).append(s)
        for i, own in enumerate(people.values()):
            found += _varied([s for s in own if s.role == own[0].role], each, i)
    return found


def _of(samples: Sequence[Sample], people: Sequence[str], each: int, hide: bool) -> list[Sample]:
    """The questions about some people; where people are hidden, an error tells pseudonyms and no name."""
    known = dict.fromkeys(s.cluster for s in samples)
    stand_ins = {pseudonym(person): person for person in known} if hide else {}
    missing = [p for p in people if p not in known and p not in stand_ins]
    if missing:
        ids = sorted(stand_ins) if hide else list(known)
        some = ", ".join(ids[:8]) + (", …" if len(ids) > 8 else "")
        how = "; --reveal names them" if hide else ""
        raise AsruBenchError(f"no questions about {', '.join(missing)}; people of this run are {some}{how}.")
    people = [stand_ins.get(person, person) for person in people]
    return [s for i, p in enumerate(people) for s in _varied([s for s in samples if s.cluster == p], each, i)]


def _varied(samples: Iterable[Sample], each: int, turn: int) -> list[Sample]:
    """Up to `each` questions about different facts: pictures first, then open ones; `turn` shifts the start."""
    first: dict[str, Sample] = {}
    for s in sorted(samples, key=lambda s: (s.modality != "image_text", s.kind not in OPEN_KINDS)):
        first.setdefault(s.attribute or s.question, s)
    facts = list(first.values())
    return [facts[(turn + i) % len(facts)] for i in range(min(each, len(facts)))]
