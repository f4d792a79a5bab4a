"""How the released scripts of MLLMU-Bench read an answer, and the means that released scripts report.

Written from what the scripts do; golden values of theirs stand in `tests/test_official.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from .scores import mean_score, within_one
from .types import MODALITIES, Sample, Score, Verdict

#: Measure -> (kind of question, judge, its number); None where the judge was not asked for that number.
Table = Mapping[str, tuple[str, str, Callable[[Verdict], float | None]]]
#: (person, number), None where the answer or its judge failed.
Numbers = Iterable[tuple[str, float | None]]
SHORT = {"image_text": "image", "text": "text"}
#: What opens an answer in MLLMU-Bench's prompts; its script cuts an answer that writes it again.
OPENING = "ASSISTANT:"


def right(verdict: Verdict) -> float:
    """1 where the judge's label is a hit, on forgotten and kept people alike."""
    return float(verdict.label in ("leak", "correct"))


#: MLLMU-Bench's measures: of choices, cloze and open questions.
MLLMU: Table = {
    "accuracy": ("classification", "choice", right),
    "cloze": ("cloze", "cloze", lambda v: v.value),
    **{
        name: ("generation", "rouge", lambda v, name=name: v.measures.get(name))  # type: ignore[misc]
        for name in ("rouge1_f", "rouge2_f", "rougeL_f", "bleu")
    },
}


def reply(text: str) -> str:
    """The part of an answer that MLLMU-Bench's script reads: up to the next "ASSISTANT:", without space around it."""
    return text.partition(OPENING)[0].strip()


def first_letter(text: str, options: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """(letter, "first character"), ("", why not): the first character in upper case, if it names an option.

    "A person …" is A, "(B)" and "The answer is B" are nothing.
    """
    head = reply(text)[:1].upper()
    return (head, "first character") if head in dict(options) else ("", "no option letter comes first")


def holds(text: str, truth: str) -> bool:
    """Whether the truth is a part of the answer in lower case, inside a word too; an empty one always is."""
    return truth.lower() in reply(text).lower()


def bleu(reference: str, text: str) -> float:
    """Sentence BLEU of words between white space: up to four in a row, with method 1 of nltk's smoothing."""
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

    words = reply(text).split()
    return float(sentence_bleu([reference.split()], words, smoothing_function=SmoothingFunction().method1))


def mean(name: str, role: str, numbers: Numbers, *, share: bool = True) -> list[Score]:
    """The mean as a score, [] where nothing was asked; a share lies between bounds by what failed."""
    groups: dict[str, list[float]] = {}
    failed = 0
    for person, number in numbers:
        if number is None:
            failed += 1
        else:
            groups.setdefault(person, []).append(number)
    if not (groups or failed):
        return []
    made = mean_score(name, role, groups, failed)
    if not (share and groups):
        return [made]
    total = math.fsum(x for group in groups.values() for x in group)
    return [within_one(made, total, failed)]


def means(
    name: str, role: str, samples: Iterable[Sample], told: Mapping[str, Mapping[str, Verdict]], table: Table
) -> Iterator[Score]:
    """Every measure of one set of questions, by modality; `told`: sample id -> judge -> verdict."""
    for modality in MODALITIES:
        asked = [s for s in samples if s.modality == modality]
        for measure, (kind, judge, number) in table.items():
            found = [(s.cluster, told.get(s.id, {}).get(judge)) for s in asked if s.kind == kind]
            said = [(p, number(v) if v.status == "scored" else None, v.status) for p, v in found if v]
            values = [(p, x) for p, x, status in said if x is not None or status != "scored"]
            yield from mean(f"{measure}/{name}_{SHORT[modality]}", role, values)


def mllmu_scores(samples: Sequence[Sample], verdicts: Iterable[Verdict]) -> list[Score]:
    """The numbers that MLLMU-Bench's script prints: forget, test, retain and celebrities, with picture and by name."""
    told: dict[str, dict[str, Verdict]] = {}
    for verdict in verdicts:
        told.setdefault(verdict.sample_id, {})[verdict.judge] = verdict
    sets = {"forget": ("forget",), "test": ("test",), "retain": ("retain", "retain_unseen"), "real": ("real",)}
    return [
        score
        for name, roles in sets.items()
        for score in means(name, name, [s for s in samples if s.role in roles], told, MLLMU)
    ]
