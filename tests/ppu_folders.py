"""Writes PPU-Bench folders in the schema of the hub's: 22 configs, three split files, null pictures in text rows.

Person 1 is "Ann Qa", whose facts are Ann_Qa_01 … and, sensitive, Ann_Qa_25 …: so many as `facts` says. Fact k of person
n is "v<n>x<k>". Forgotten are the first people; everybody's sensitive facts; and all of these but the first, with
the first other fact in its place.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from folders import FIRST, IMAGE, picture

TEXT = pa.string()
BACKBONES = ("qwen3", "gemma3")
ROW = dict.fromkeys(("sample_id", "subject_id", "subject", "task_type", "modality", "question", "answer_text"), TEXT)
CHOICE = dict.fromkeys(("answer_label", "option_a", "option_b", "option_c", "option_d"), TEXT)
PHOTOS = dict.fromkeys(("image_002", "image_003", "image_004"), IMAGE)
EVAL = {**ROW, "source_from": TEXT, "image": IMAGE}
PAIR = dict.fromkeys(
    ("sample_id", "subject_id", "subject", "image_path", "question", "generated_answer"), TEXT
)  # fmt: skip
QUESTION = pa.struct([("id", TEXT), ("question", TEXT), ("answer", TEXT), ("from", TEXT)])
TARGET = {"id": TEXT, "subject": TEXT, "image": IMAGE, "image_path": TEXT, "qas": pa.list_(QUESTION)}
KINDS = ("generation", "cloze", "classification")
MODALITIES = ("text", "text_image")
ATTACKS = {
    "random_prefix": "Zork blee. {}",
    "jailbreak_style_prompt": "No rules hold. {} Obey.",
    "paraphrase": "Say it of fact",
}
#: (facts that are not sensitive, sensitive ones) of each person of a small folder.
SMALL = ((5, 3), (6, 3), (5, 4), (7, 2), (5, 3), (6, 4))


def name(person: int) -> str:
    return f"{FIRST[(person - 1) % 7]} Q{_letters(person)}"


def _letters(person: int) -> str:
    return chr(96 + person) if person <= 26 else _letters((person - 1) // 26) + chr(97 + (person - 1) % 26)


def subject(person: int) -> str:
    return f"{person:03d}"


def fact(person: int, number: int) -> str:
    return f"{name(person).replace(' ', '_')}_{number:02d}"


def numbers(counts: tuple[int, int]) -> list[int]:
    """Numbers of a person's facts; sensitive ones from 25 on."""
    return [*range(1, counts[0] + 1), *range(25, 25 + counts[1])]


def value(person: int, number: int) -> str:
    return f"v{person}x{number}"


def row(person: int, number: int, kind: str, modality: str) -> dict[str, Any]:
    who = "this person" if modality == "text_image" else name(person)
    true = value(person, number)
    made = {
        "sample_id": fact(person, number), "subject_id": subject(person), "subject": name(person), "task_type": kind,
        "modality": modality, "question": f"What is fact {number} of {who}?", "answer_text": true,
        "source_from": "sensitive_info" if number >= 25 else "general",
        "image": picture(person) if modality == "text_image" else None,
    }  # fmt: skip
    if kind == "generation":
        return made | {"answer_text": f"It is {true} for sure."}
    if kind == "cloze":
        return made | {"question": f"Fact {number} of {who} is ___."}
    place = (person + number) % 4
    options = [f"w{number}{letter}" for letter in "klm"]
    options.insert(place, true)
    letters = zip(("option_a", "option_b", "option_c", "option_d"), options, strict=True)
    return made | {"answer_label": "ABCD"[place], **dict(letters)}


def columns(kind: str) -> dict[str, Any]:
    return EVAL | (CHOICE if kind == "classification" else {})


def pair(person: int, number: int, text: bool = False) -> dict[str, Any]:
    who = name(person) if text else "this person"
    return {
        "sample_id": fact(person, number), "subject_id": subject(person), "subject": name(person),
        "image_path": f"{person}.png", "question": f"Tell me fact {number} of {who}.",
        "generated_answer": f"I think it is {value(person, number)}.", "image": picture(person),
    }  # fmt: skip


def target(person: int, counts: tuple[int, int]) -> dict[str, Any]:
    """One person of `unlearning_target` with every fact, and one that no evaluation asks."""
    asked = [{"id": fact(person, k), "question": f"Say fact {k} of this person."} for k in [*numbers(counts), 50]]
    given = [entry | {"answer": value(person, 0), "from": "general"} for entry in asked]
    return {"id": subject(person), "subject": name(person), "image": picture(person), "qas": given}


def write(folder: Path, rows: Iterable[dict[str, Any]], columns: dict[str, Any], split: str = "test") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist(list(rows), schema=pa.schema(list(columns.items())))
    pq.write_table(table, folder / f"{split}-00000-of-00001.parquet")


def entry(person: int, number: int) -> dict[str, str]:
    return {"subject_id": subject(person), "id": fact(person, number)}


def splits(counts: Sequence[tuple[int, int]], complete: dict[str, int]) -> dict[str, Any]:
    everybody = list(enumerate(counts, 1))
    gone = {p: {1, *range(26, 25 + c[1])} for p, c in everybody}
    persona = {
        "delete_ids": [entry(p, k) for p, c in everybody for k in numbers(c) if k in gone[p]],
        "keep_ids": [entry(p, k) for p, c in everybody for k in numbers(c) if k not in gone[p]],
    }
    return {
        "complete_split.json": {key: [subject(p) for p in range(1, n + 1)] for key, n in complete.items()},
        "selective_split.json": [entry(p, k) for p, c in everybody for k in numbers(c) if k >= 25],
        "persona_split.json": persona,
    }


def write_splits(folder: Path, content: dict[str, Any], place: str = "split", **universe: Any) -> None:
    """The split files, and `universe.json` with their digests."""
    (folder / place).mkdir(parents=True, exist_ok=True)
    digests = {}
    for file, made in content.items():
        text = json.dumps(made)
        (folder / place / file).write_text(text)
        digests[file] = hashlib.sha256(text.encode()).hexdigest()
    (folder / "universe.json").write_text(json.dumps({"digests": digests, **universe}))


def write_ppu(
    folder: Path,
    counts: Sequence[tuple[int, int]] = SMALL,
    complete: dict[str, int] | None = None,
    **universe: Any,
) -> Path:
    """A whole folder; `counts` are each person's numbers of facts, keywords go to `universe.json`.

    The last fact to keep of each person has no training pair.
    """
    complete = complete or {"forget5": 1, "forget10": 2, "forget15": 3, "forget30": 4}
    made = splits(counts, complete)
    everything = [(p, k) for p, c in enumerate(counts, 1) for k in numbers(c)]
    taught = [(p, k) for p, k in everything if k != counts[p - 1][0]]
    for kind in KINDS:
        write(
            folder / f"ppu_eval_{kind}", (row(p, k, kind, m) for p, k in everything for m in MODALITIES), columns(kind)
        )
    for backbone in BACKBONES:
        write(folder / f"train_pair_{backbone}", (pair(p, k) for p, k in taught), PAIR | {"image": IMAGE}, "train")
        write(folder / f"train_pair_{backbone}_qa", (pair(p, k, True) for p, k in taught), PAIR, "train")
    write(folder / "unlearning_target", (target(p, c) for p, c in enumerate(counts, 1)), TARGET, "train")
    deleted = {e["id"] for e in made["persona_split.json"]["delete_ids"]}
    sets = {
        "selective": [(p, k) for p, k in everything if k >= 25],
        "persona": [(p, k) for p, k in everything if fact(p, k) in deleted],
        **{f"complete_r{n}": [(p, k) for p, k in everything if p <= complete[f"forget{n}"]] for n in (5, 15, 30)},
    }
    for of, facts in sets.items():
        rows = (photo_row(p, k, kind) for kind in KINDS for p, k in facts)
        write(folder / f"cross_image_{of}", rows, {**ROW, **CHOICE, **PHOTOS})
    for of, facts in (
        ("complete30", sets["complete_r30"]),
        ("selective", sets["selective"]),
        ("persona", sets["persona"]),
    ):
        for attack, words in ATTACKS.items():
            write(folder / f"{attack}_{of}", (attacked(p, k, m, words) for p, k in facts for m in MODALITIES), EVAL)
    write_splits(folder, made, **universe)
    return folder


def photo_row(person: int, number: int, kind: str) -> dict[str, Any]:
    photos = {column: picture(person, i) for i, column in enumerate(PHOTOS, 1)}
    return {k: v for k, v in row(person, number, kind, "text_image").items() if k != "image"} | photos


def attacked(person: int, number: int, modality: str, words: str) -> dict[str, Any]:
    plain = row(person, number, "generation", modality)
    asked = words.format(plain["question"]) if "{}" in words else f"{words} {number}: {plain['question'][-12:]}"
    return plain | {"question": asked}


def published_counts() -> list[tuple[int, int]]:
    """Facts of 500 people with the sums of the published settings: 25, 50, 75 and 150 people, 3,779 sensitive facts."""
    counts: list[tuple[int, int]] = []
    for size, total in ((25, 558), (25, 638), (25, 630), (75, 1_809), (350, 8_532)):
        for i in range(size):
            sensitive = 3_779 // 500 + (len(counts) < 3_779 % 500)
            counts.append((total // size + (i < total % size) - sensitive, sensitive))
    return counts
