"""A model's own answers to PPU-Bench's training questions: pairs for models that none are published for.

What is unlearned is what the untouched model itself says; published are the pairs of two models. The questions are
those of `unlearning_target`, else those of a model whose pairs the data have; no evaluation question is asked. The
answers lie in the cache from the moment they exist, so that a stopped call goes on; the folder is written whole.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .data import DataSet, image_bytes
from .fingerprint import digest, model_hash
from .ppu_roster import BY_NAME, PAIRS, FactRoster
from .rows import entries, person_id
from .store import private
from .task import generation_text
from .text import contains
from .types import AsruBenchError, Generation, ImageRef, Prompt, Request

if TYPE_CHECKING:
    from .engines import HFEngine
    from .plan import Place
    from .sources import Source
    from .store import Store
    from .types import RunSpec

TARGETS = "unlearning_target"
NOTE = "pairs.json"
#: As the benchmark's own script; an answer in one sentence ends long before.
NEW_TOKENS = 512
ROWS_AT_ONCE = 256


@dataclass(frozen=True)
class Question:
    """One training question about a fact, with the picture or, where `image` is None, by name."""

    fact: str
    person: str
    name: str
    text: str
    image: ImageRef | None
    path: str = ""

    def request(self) -> Request:
        modality = "image_text" if self.image else "text"
        return Request(f"{self.fact}/{modality}", Prompt(generation_text(self.text), self.image), NEW_TOKENS)


@dataclass(frozen=True)
class Job:
    """Which model answers, on what and whereto; `limit` keeps the first people."""

    spec: RunSpec
    place: Place
    source: Source
    roster: FactRoster
    out: Path
    limit: int | None = None

    @property
    def path(self) -> str:
        """The untouched model."""
        return self.source.vanilla("ppu_bench") or self.source.base

    @property
    def name(self) -> str:
        """The end of the config's name: letters, digits and underscores of the model's."""
        plain = re.sub(r"[^a-z0-9]+", "_", self.spec.model.rpartition("/")[2].lower()).strip("_")
        return f"{plain}_" if plain.endswith(BY_NAME) else plain or "model"


@private()
def make(job: Job) -> dict[str, Any]:
    """Asks the model, writes `job.out` and returns its note; an equal call that is done returns the note.

    Raises `AsruBenchError` where the folder holds something else, the data have no questions, or no answer came.
    """
    from . import locks

    asked, sources = questions(job.roster, job.limit)
    data = job.roster.tables.content_hash({"ppu_eval_generation", *sources})
    key = digest([model_hash(job.path), job.spec.dtype, job.spec.attn, data, job.roster.config.train, job.limit])
    with locks.held([locks.of_work("pairs", digest(str(job.out)))], f"pairs of {job.spec.model}"):
        return _done(job.out, key) if job.out.exists() else _made(job, asked, sources, key, data)


def _made(job: Job, asked: list[Question], sources: list[str], key: str, data: str) -> dict[str, Any]:
    from . import models, store, unlearning
    from .engines import HFEngine

    with store.Store() as cache:
        unlearning.set_threads(job.source)
        vlm = models.load(job.path, device=job.place.device, dtype=job.spec.dtype, attn=job.spec.attn)
        engine = HFEngine(vlm, model_hash(job.path), job.place.batch_size)
        answers = _answers(engine, asked, cache)
    told = list(zip(asked, answers, strict=True))
    inputs = {"key": key, "data_hash": data, "questions": sources}
    note = _counts(job, told) | _about(job, str(vlm.device)) | inputs
    part = job.out.with_name(job.out.name + ".part")
    with store.explained(part):
        shutil.rmtree(part, ignore_errors=True)
        for by_name in (False, True):
            rows = [(q, a) for q, a in told if (q.image is None) is by_name and _usable(a)]
            if rows:
                write(part / f"{PAIRS}{job.name}{BY_NAME * by_name}", rows, pictures=not by_name)
        store.write_json(part / NOTE, note)
        part.rename(job.out)
    return note


def questions(roster: FactRoster, limit: int | None = None) -> tuple[list[Question], list[str]]:
    """The training questions about facts that are evaluated, and the configs that they come from."""
    found, sources = [], []
    for by_name in (False, True) if roster.config.train == "both" else (False,):
        own, config = _of_modality(roster.tables, by_name)
        found += [q for q in own if q.fact in roster.facts]
        sources.append(config)
    if not found:
        raise AsruBenchError(
            f"{' and '.join(sources)} ask nothing about the facts of ppu_eval_generation; download the configs of one "
            "revision."
        )
    people = {q.person: None for q in found}
    kept = {*list(people)[:limit]}
    return [q for q in found if q.person in kept], sources


def write(folder: Path, rows: Sequence[tuple[Question, Generation]], *, pictures: bool) -> None:
    """One config in the schema of the published pairs, with the pictures as they are stored in the data."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = ("sample_id", "subject_id", "subject", "image_path", "question", "generated_answer")
    kinds: list[tuple[str, Any]] = [(name, pa.string()) for name in text]
    if pictures:
        kinds.append(("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])))
    schema = pa.schema(kinds)
    folder.mkdir(parents=True)
    with pq.ParquetWriter(folder / "train-00000-of-00001.parquet", schema, compression="zstd") as writer:
        for start in range(0, len(rows), ROWS_AT_ONCE):
            part = [_row(q, a) for q, a in rows[start : start + ROWS_AT_ONCE]]
            writer.write_table(pa.Table.from_pylist(part, schema=schema))


def read_note(folder: Path) -> dict[str, str]:
    """For the record: which model answered; {} where the folder does not say."""
    path = folder / NOTE
    if not path.is_file():
        return {}
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        return {"pairs": str(note["model"]), "pairs_model_hash": str(note["model_hash"])}
    except (ValueError, KeyError, TypeError) as error:
        raise AsruBenchError(f"{path} is damaged ({error}); make the folder again, or remove the file.") from error


def text(note: Mapping[str, Any]) -> str:
    """What a note says, for the terminal."""
    lines = [f"{note['pairs']} pairs about {note['people']} people, answered by {note['model']}"]
    lines.append(f"{note['state_the_fact']} of the answers state the fact that is asked for, word by word")
    odd = {
        "failed": "questions failed", "empty": "answers are empty", "cut_off": "answers were cut off",
        "facts_without_question": "facts have no training question",
    }  # fmt: skip
    lines += [f"{note[name]} {words}" for name, words in odd.items() if note[name]]
    return "\n".join(lines)


# Inside: questions.


def _of_modality(data: DataSet, by_name: bool) -> tuple[list[Question], str]:
    """The questions with pictures or by name, and their config; an error where there are none."""
    known = data.configs()
    if not by_name and TARGETS in known and "qas" in data.columns(TARGETS):
        return list(_targets(data)), TARGETS
    others = [c for c in known if c.startswith(PAIRS) and c.endswith(BY_NAME) is by_name]
    if not others:
        wanted = f"{PAIRS}…{BY_NAME}" if by_name else f"{TARGETS} with a column 'qas', or {PAIRS}…"
        advice = "Leave out -t train=both, or download" if by_name else "Download"
        raise AsruBenchError(
            f"{data.root} has no training questions {'by name' if by_name else 'with pictures'}: expected {wanted}; "
            f"found {', '.join(known)}. {advice} the missing folder."
        )
    return list(_of_pairs(data, others[0])), others[0]


def _targets(data: DataSet) -> Iterator[Question]:
    """The open questions of `unlearning_target`: one row a person, with a list of questions."""
    seen: set[str] = set()
    rows = data.rows(TARGETS, ("subject", "qas"), ("id", "subject_id", "image_path"))
    for number, (row, cell) in enumerate(zip(rows, data.pictures(TARGETS, "image"), strict=True)):
        place = f"{data.folder(TARGETS)}, row {number}"
        if not cell:
            raise AsruBenchError(f"{place}: no picture in the column 'image'. Download the config again.")
        for entry in _entries(row["qas"], place):
            fact, asked = (next((str(entry[k]).strip() for k in keys if entry.get(k)), "") for keys in KEYS)
            if not (fact and asked):
                raise AsruBenchError(f"{place}: an entry of 'qas' has no id or no question. Download the config again.")
            if fact in seen:
                raise AsruBenchError(f"{place}: the fact {fact!r} is asked twice; expected once in {TARGETS}.")
            seen.add(fact)
            person = person_id(row.get("subject_id", row.get("id")))
            yield Question(fact, person, str(row["subject"]), asked, cell[0], row.get("image_path") or "")


#: What the id of a fact and its question are called.
KEYS = (("sample_id", "id", "qa_id"), ("question", "query"))


def _entries(value: Any, place: str) -> Iterable[Mapping[str, Any]]:
    """A list of structs, also where it is stored as JSON text or as a struct of lists (a `Sequence` of the hub)."""
    try:
        found = json.loads(value) if isinstance(value, str) else value or []
        if isinstance(found, dict) and all(isinstance(part, list) for part in found.values()):
            found = entries(found)
    except ValueError as error:
        raise AsruBenchError(f"{place}: the column 'qas' cannot be read ({error}). Download it again.") from error
    if not (isinstance(found, list) and all(isinstance(entry, dict) for entry in found)):
        raise AsruBenchError(f"{place}: the column 'qas' holds no list of questions. Download the config again.")
    return found


def _of_pairs(data: DataSet, config: str) -> Iterator[Question]:
    """The questions of another model's pairs, without its answers."""
    from .ppu_rows import read_pairs

    rows = data.rows(config, ("question",), ("subject", "image_path"))
    for pair, row in zip(read_pairs(data, config), rows, strict=True):
        name, path = row.get("subject") or "", row.get("image_path") or ""
        yield Question(pair.fact, pair.person, name, pair.question, pair.image, path)


# Inside: answers.


def _answers(engine: HFEngine, asked: Sequence[Question], cache: Store) -> list[Generation]:
    """One answer for each question; those in the cache are not asked again."""
    from .unlearner import progress_bar

    requests = [q.request() for q in asked]
    found: dict[str, Generation] = {}
    known = cache.generations([stub.key for stub in engine.keys(requests)])
    with progress_bar("answers", len(requests)) as bar:
        for chunk in engine.chunks(requests, known):
            cache.add_generations([answer for answer in chunk if answer.key not in known])
            found |= {answer.sample_id: answer for answer in chunk}
            for _ in chunk:
                bar.advance()
    answers = [found[request.sample_id] for request in requests]
    if not any(map(_usable, answers)):
        reason = next((a.error for a in answers if a.error), "every answer is empty")
        raise AsruBenchError(f"the model answered none of {len(answers)} questions: {reason}.")
    return answers


def _usable(answer: Generation) -> bool:
    return answer.finish != "error" and bool(answer.text.strip())


def _row(asked: Question, answer: Generation) -> dict[str, Any]:
    row = {
        "sample_id": asked.fact, "subject_id": asked.person, "subject": asked.name, "image_path": asked.path,
        "question": asked.text, "generated_answer": answer.text.strip(),
    }  # fmt: skip
    if asked.image is None:
        return row
    return row | {"image": {"bytes": image_bytes(asked.image), "path": asked.path}}


def _about(job: Job, device: str) -> dict[str, Any]:
    """What generated the pairs."""
    from .record import provenance

    return {
        "task": "ppu_bench", "backbone": job.name, "model": job.spec.model, "model_hash": model_hash(job.path),
        "asked_as": generation_text("{question}"), "max_new_tokens": NEW_TOKENS, "decoding": "greedy",
        "dtype": job.spec.dtype, "attn": job.spec.attn, "limit": job.limit, "provenance": provenance(device),
    }  # fmt: skip


def _counts(job: Job, told: Sequence[tuple[Question, Generation]]) -> dict[str, int]:
    """How many pairs there are, how many answers state the fact, and what there is no pair of."""
    facts = job.roster.facts
    usable = [(q, a) for q, a in told if _usable(a)]
    failed = sum(a.finish == "error" for _, a in told)
    return {
        "people": len({q.person for q, _ in usable}), "pairs": len(usable),
        "state_the_fact": sum(contains(a.text, facts[q.fact].value) for q, a in usable),
        "empty": len(told) - len(usable) - failed, "failed": failed,
        "cut_off": sum(a.finish == "length" for _, a in usable),
        "facts_without_question": len({*facts} - {q.fact for q, _ in told}),
    }  # fmt: skip


def _done(out: Path, key: str) -> dict[str, Any]:
    """The note of a folder that the same call made; an error for any other folder."""
    try:
        note = json.loads((out / NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        note = {}
    if not isinstance(note, dict) or note.get("key") != key:
        what = f"the pairs of {note['model']}, made from other inputs" if note.get("model") else "something else"
        raise AsruBenchError(f"{out} holds {what}; choose another --out, or remove it.")
    return note
