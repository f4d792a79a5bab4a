"""What every question and training pair must be before a run uses it, whatever task made it.

Fields of a wrong type, ids that stand twice and roles that nobody knows make numbers that mean nothing: 30 questions
with one id share one answer. These stop a run always; the other faults are errors of `data check`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from asru_bench.findings import Finding, Row
from asru_bench.types import (
    KINDS,
    MODALITIES,
    ROLES,
    AsruBenchError,
    ImageRef,
    Prompt,
    Sample,
    TrainingData,
    TrainingPair,
)

TEXTS = "id role split cluster modality kind question answer attribute value paraphrase".split()
PAIR_TEXTS = "id cluster question answer attribute value kind".split()
#: Faults with which no run goes on, also where errors of the data are allowed.
ALWAYS = ("type", "repeated", "role", "kind", "modality")


def row_of(sample: Sample, where: str) -> Row:
    """The place of a question: its picture's, else its id."""
    ref = sample.prompt.image
    if ref is None:
        return Row(where, sample.id, {})
    return Row(ref.path, ref.row if ref.row >= 0 else sample.id, {}, (ref,))


def require(samples: Any, where: str) -> list[Sample]:
    """The questions of a task as they come; raises `AsruBenchError` with the first fault that makes them unusable."""
    fault = next((f for f in faults(samples, where) if f.check in ALWAYS), None)
    if fault is not None:
        raise AsruBenchError(
            f"{fault.sentence}; a run with such questions means nothing, so it stops also with --allow-data-errors. "
            "Correct the task or its data: asru-bench data check lists all."
        )
    return list(samples)


def require_pairs(data: Any, where: str) -> TrainingData:
    """What unlearning reads; raises `AsruBenchError` where a pair is none."""
    if not isinstance(data, TrainingData):
        words = f"training_data() gave {type(data).__name__}; expected TrainingData(forget, retain)"
        raise AsruBenchError(f"{where}: {words}. Correct the task.")
    for side in ("forget", "retain", "faces", "unseen"):
        for place, pair in enumerate(getattr(data, side)):
            if words := _pair_fault(pair):
                raise AsruBenchError(
                    f"{where}: training pair {place} of {side}: {words}. Correct the task or its data."
                )
    return data


def faults(samples: Any, where: str) -> Iterator[Finding]:
    """Every fault of form, each with its place."""
    if isinstance(samples, (str, bytes)) or not isinstance(samples, Sequence):
        words = f"samples() gave {type(samples).__name__}; expected a list of Sample"
        yield Row(where, "", {}).fault("type", "", words)
        return
    seen: set[str] = set()
    for place, sample in enumerate(samples):
        if words := _type_fault(sample):
            yield Row(where, str(getattr(sample, "id", "") or place), {}).fault("type", "", words)
            continue
        row = row_of(sample, where)
        if sample.id in seen:
            yield row.fault("repeated", "id", f"the sample id {sample.id!r} stands twice")
        seen.add(sample.id)
        yield from _values(row, sample)


def _values(row: Row, sample: Sample) -> Iterator[Finding]:
    for name, allowed in (("role", ROLES), ("kind", KINDS), ("modality", MODALITIES)):
        if (value := getattr(sample, name)) not in allowed:
            words = f"the {name} {value!r} of {sample.id!r} is none of {', '.join(allowed)}"
            yield row.fault(name, name, words)
    if sample.modality in MODALITIES and (sample.modality == "image_text") != (sample.prompt.image is not None):
        there = "a picture" if sample.prompt.image else "no picture"
        yield row.fault("modality", "modality", f"the modality {sample.modality!r} of {sample.id!r} with {there}")
    if not sample.id.strip():
        yield row.fault("empty", "id", "a question has no id")
    if not sample.cluster.strip() and sample.role != "general":
        yield row.fault("empty", "person", f"it is not said whom {sample.id!r} is about (cluster)")
    for name, text in (("question", sample.question), ("prompt", sample.prompt.question), ("answer", sample.answer)):
        if not text.strip() and not (name == "answer" and sample.role == "strangers"):  # nobody knows these
            yield row.fault("empty", name, f"the {name} of {sample.id!r} is empty")


def _type_fault(sample: Any) -> str:
    """What in a question is of another type than its class says; "" where nothing is."""
    if not isinstance(sample, Sample):
        return f"found {type(sample).__name__}; expected a Sample"
    if not isinstance(sample.prompt, Prompt):
        return f"its prompt is {type(sample.prompt).__name__}; expected a Prompt"
    if words := _no_texts(sample, TEXTS) or _no_texts(sample.prompt, ("question", "system")):
        return words
    if sample.prompt.image is not None and not isinstance(sample.prompt.image, ImageRef):
        return f"its picture is {type(sample.prompt.image).__name__}; expected an ImageRef or None"
    for name in ("tags", "perturbed"):
        value = getattr(sample, name)
        if isinstance(value, str) or not all(isinstance(text, str) for text in _listed(value)):
            return f"its {name} are {value!r:.40}; expected a tuple of texts"
    pairs = [tuple(_listed(pair)) for pair in _listed(sample.options)]
    if not all(len(pair) == 2 and all(isinstance(text, str) for text in pair) for pair in pairs):
        return f"its options are {sample.options!r:.40}; expected (letter, text) pairs of texts"
    letters = [letter for letter, _ in pairs]
    return f"an option letter stands twice among {', '.join(letters)}" if len({*letters}) < len(letters) else ""


def _pair_fault(pair: Any) -> str:
    if not isinstance(pair, TrainingPair):
        return f"found {type(pair).__name__}; expected a TrainingPair"
    if words := _no_texts(pair, PAIR_TEXTS):
        return words
    if pair.image is not None and not isinstance(pair.image, ImageRef):
        return f"its picture is {type(pair.image).__name__}; expected an ImageRef or None"
    return "" if pair.question.strip() else "its question is empty"


def _no_texts(owner: Any, names: Iterable[str]) -> str:
    odd = next((name for name in names if not isinstance(getattr(owner, name), str)), "")
    return f"its {odd} is {getattr(owner, odd)!r:.40}; expected a text" if odd else ""


def _listed(value: Any) -> Sequence[Any]:
    """The items of a sequence; of anything else one that is no text."""
    return value if isinstance(value, (list, tuple)) else (None,)
