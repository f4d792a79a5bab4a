"""General ability in the embedded universe, as tasks of lm-evaluation-harness.

No question is about a person that anybody knows: nothing of it is asked by a benchmark's tasks, and no method
is trained on it. `write` makes a folder of YAML and data files that lm-eval reads without a network.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asru_bench.home import home
from asru_bench.task import choice_text

from . import texts, words
from .people import SEED, seed_rng, universe
from .portraits import Face, draw, draw_pair, random_face, random_photo

VERSION = 1.0
#: What the base model learned as everyday language; reading alone, on new questions; seeing, on new faces.
NAMES = ("mini_everyday", "mini_reading", "mini_pictures")
READING = 100
#: Pictures for each kind of question.
PICTURES_EACH = 13
#: Attributes whose values name nobody.
IMPERSONAL = tuple(words.VALUES)
TOKENS = 32


def folder() -> Path:
    """The tasks of the universe on disk, written at first use; named by the hash of what makes them."""
    final = home() / "general" / content_hash()[:12]
    if not final.is_dir():
        draft = final.with_name(f"{final.name}.{os.getpid()}.tmp")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        write(draft, final)
        try:
            draft.rename(final)
        except OSError:  # another process was first
            shutil.rmtree(draft, ignore_errors=True)
    return final


def content_hash() -> str:
    """SHA-256 of this file and of what generates the universe."""
    from .source import generator_hash

    return hashlib.sha256(generator_hash().encode() + Path(__file__).read_bytes()).hexdigest()


def write(target: Path, home_of_data: Path | None = None) -> None:
    """Writes YAML and data of all tasks; the YAML names its data below `home_of_data` (default: `target`)."""
    place = home_of_data or target
    for name, rows in (("mini_everyday", everyday()), ("mini_reading", reading())):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (target / f"{name}.jsonl").write_text(lines, encoding="utf-8")
        _write_yaml(target, name, {**_data("json", place / f"{name}.jsonl"), **CHOICE})
    _write_pictures(target / "mini_pictures.parquet")
    _write_yaml(target, "mini_pictures", {**_data("parquet", place / "mini_pictures.parquet"), **SEEING})


def everyday() -> list[dict[str, Any]]:
    """Colours, opposites, counting and adding, each with four answers; yes and no equally often."""
    rng = seed_rng(SEED, "ability", "everyday")
    found = []
    for thing, colour in texts.COLOURS.items():
        wrong = rng.sample(sorted(set(texts.COLOURS.values()) - {colour}), 3)
        said = [f"{thing.capitalize()} is {c}." for c in (colour, *wrong)]
        found.append(_choice(f"What colour is {thing}?", said, rng))
        trained = [c for c in ("green", "red", "white", "blue") if c != colour]
        found.append(_choice(f"Is {thing} {colour}?", ["Yes.", "No."], rng))
        found.append(_choice(f"Is {thing} {rng.choice(trained)}?", ["No.", "Yes."], rng))
    for word, other in [*texts.OPPOSITES.items(), *((b, a) for a, b in texts.OPPOSITES.items())]:
        pool = sorted({*texts.OPPOSITES, *texts.OPPOSITES.values()} - {word, other})
        said = [f"The opposite of {word} is {o}." for o in (other, *rng.sample(pool, 3))]
        found.append(_choice(f"What is the opposite of {word}?", said, rng))
    for i in range(6):
        said = [f"After {texts.NUMBERS[i]} comes {n}." for n in _numbers(i + 1, rng)]
        found.append(_choice(f"What comes after {texts.NUMBERS[i]}?", said, rng))
        for j in range(5):
            said = [f"{n.capitalize()}." for n in _numbers(i + j, rng)]
            found.append(_choice(f"What is {texts.NUMBERS[i]} plus {texts.NUMBERS[j]}?", said, rng))
    return found


def reading() -> list[dict[str, Any]]:
    """Choices that need no knowledge: the letter of a text that the question repeats."""
    rng = seed_rng(SEED, "ability", "reading")
    found = []
    for _ in range(READING):
        drawn = rng.sample(sorted(set(words.VALUES[rng.choice(IMPERSONAL)])), 4)
        label = rng.randrange(4)
        asked = choice_text(f"Which of these is {drawn[label]}?", tuple(zip(texts.LETTERS, drawn, strict=True)))
        found.append({"question": asked, "choices": list(texts.LETTERS), "label": label})
    return found


def pictures() -> list[dict[str, Any]]:
    """What is visible on faces that nobody in the universe has: `picture` is a PIL image, 64 pixels wide."""
    rng = seed_rng(SEED, "ability", "pictures")
    taken = _faces()
    found = []
    for kind, question in texts.VISIBLE_QUESTIONS.items():
        for i in range(PICTURES_EACH):
            face, other, photo = _new_face(rng, taken), _new_face(rng, taken), random_photo(rng)
            pair = kind == "count" and i % 2 == 1
            picture = draw_pair((face, other), photo) if pair else draw(face, photo)
            answer = "Two people." if pair else texts.visible_answer(kind, face, photo)
            found.append({"question": question, "answer": answer, "picture": picture})
    return found


def _choice(question: str, said: list[str], rng: random.Random) -> dict[str, Any]:
    """A question whose first answer is the true one, with its answers shuffled."""
    shuffled = rng.sample(said, len(said))
    return {"question": question, "choices": shuffled, "label": shuffled.index(said[0])}


def _numbers(true: int, rng: random.Random) -> list[str]:
    wrong = rng.sample([n for n in range(len(texts.NUMBERS)) if n != true], 3)
    return [texts.NUMBERS[n] for n in (true, *wrong)]


def _faces() -> set[Face]:
    everybody = universe(SEED)
    strangers = [p for group in everybody.strangers.values() for p in group]
    return {p.face for p in (*everybody.known, *strangers)}


def _new_face(rng: random.Random, taken: set[Face]) -> Face:
    while (face := random_face(rng)) in taken:
        pass
    taken.add(face)
    return face


def _write_pictures(path: Path) -> None:
    from datasets import Dataset, Features, Image, Value

    rows = pictures()
    kinds = Features({"question": Value("string"), "answer": Value("string"), "picture": Image()})
    columns = {name: [row[name] for row in rows] for name in kinds}
    Dataset.from_dict(columns, features=kinds).to_parquet(str(path))


#: What the tasks have in common with lm-eval's own; answers are sentences, so that a likelihood has a text to rate.
CHOICE: Mapping[str, Any] = {
    "output_type": "multiple_choice",
    "doc_to_text": "question",
    "doc_to_choice": "choices",
    "doc_to_target": "label",
    "target_delimiter": "",
    "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
}
SEEING: Mapping[str, Any] = {
    "output_type": "generate_until",
    "doc_to_image": ["picture"],
    "doc_to_text": "<image>{{question}}",
    "doc_to_target": "answer",
    "generation_kwargs": {"until": ["\n"], "max_gen_toks": TOKENS, "do_sample": False},
    "metric_list": [{"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}],
}


def _data(kind: str, file: Path) -> dict[str, Any]:
    place = {"data_files": {"test": str(file)}, "cache_dir": str(file.parent / "read")}
    return {"dataset_path": kind, "dataset_kwargs": place, "test_split": "test"}


def _write_yaml(target: Path, name: str, values: Mapping[str, Any]) -> None:
    """JSON is YAML."""
    full = {"task": name, **values, "metadata": {"version": VERSION}}
    (target / f"{name}.yaml").write_text(json.dumps(full, indent=1) + "\n", encoding="utf-8")
