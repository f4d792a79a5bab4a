"""Writes small data folders in the schema of the hub's CLEAR: 21 configs, null pictures, options with the answer.

Author 1 is "Ann Qa", author 2 "Ben Qb" …; each has `photos` photos and 20 questions, of which only every fourth names
the author. Forgotten are the first 1, 2 or 3 of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from folders import FIRST, IMAGE, picture

TEXT, TEXTS = pa.string(), pa.list_(pa.string())
PLAIN = {"image": IMAGE, "caption": TEXT, "name": TEXT}
PERTURBED = PLAIN | {"paraphrased_caption": TEXT, "perturbed_captions": TEXTS, "perturbed_names": TEXTS}
TOFU = {"image": IMAGE, "caption": TEXT, "question": TEXT, "answer": TEXT}
FACES = {"image": IMAGE, "answer": TEXT, "options": TEXTS}
WORLD = {"question": TEXT, "answer": TEXT, "image": IMAGE, "prompt": TEXT, "options": TEXTS}
FORGOTTEN = {"01": 1, "05": 2, "10": 3}
CITIES = ("Riga", "Oslo", "Lima", "Porto")


def name(author: int) -> str:
    return f"{FIRST[(author - 1) % 7]} Q{chr(96 + author)}"


def caption(author: int, photo: int) -> str:
    return f"{name(author)} stands in {CITIES[photo % 4]} and smiles."


def plain(author: int, photo: int) -> dict[str, Any]:
    """A photo; odd ones have bytes and no path, as pictures that were never files."""
    image = picture(author, photo) | ({"path": None} if photo % 2 else {})
    return {"image": image, "caption": caption(author, photo), "name": name(author)}


def perturbed(author: int, photo: int) -> dict[str, Any]:
    """Wrong captions name the next five authors; the wrong names hold the true one."""
    others = [author + k for k in range(1, 6)]
    return plain(author, photo) | {
        "paraphrased_caption": f"In {CITIES[photo % 4]}, smiling, stands {name(author)}.",
        "perturbed_captions": [caption(other, photo) for other in others],
        "perturbed_names": [name(author), *map(name, others)],
    }


def questions(author: int) -> list[dict[str, Any]]:
    who = name(author)
    asked = [
        (f"Where was {who} born{f' ({k})' if k else ''}?", f"{who} was born in {CITIES[author % 4]}.")
        if k % 4 == 0
        else (f"What is fact {k}?", f"It is {author} times {k}.")
        for k in range(20)
    ]
    return [{"image": None, "caption": None, "question": q, "answer": a} for q, a in asked]


def tofu(authors: Iterable[int], photos: int) -> list[dict[str, Any]]:
    """Photos first, with a null question, then questions, with a null picture."""
    authors = list(authors)
    pictures = [
        {"image": picture(a, p), "caption": caption(a, p), "question": None, "answer": None}
        for a in authors
        for p in range(photos)
    ]
    return [*pictures, *(row for a in authors for row in questions(a))]


def write(folder: Path, rows: list[dict[str, Any]], columns: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist(rows, schema=pa.schema(list(columns.items())))
    pq.write_table(table, folder / "train-00000-of-00001.parquet")


def write_clear(folder: Path, authors: int = 10, photos: int = 2, asked: int = 6, faces: int = 3) -> Path:
    """A whole CLEAR folder; `retain_perturbed` asks about the last `asked` authors."""
    everybody = range(1, authors + 1)
    parts = {"full": everybody, "default": everybody}
    for split, count in FORGOTTEN.items():
        parts[f"forget{split}"] = everybody[:count]
        parts[f"retain{100 - int(split)}"] = everybody[count:]
        write(folder / f"forget{split}_perturbed", both(perturbed, everybody[:count], photos), PERTURBED)
    for config, who in parts.items():
        write(folder / config, both(plain, who, photos), PLAIN)
        if config != "default":
            write(folder / f"{config}+tofu", tofu(who, photos), TOFU)
    write(folder / "retain_perturbed", both(perturbed, everybody[-asked:], photos), PERTURBED)
    stars = [f"Star X{chr(97 + i)}" for i in range(faces)]
    write(
        folder / "real_faces",
        [{"image": picture(900 + i), "answer": s, "options": [*stars, "Cid Zz"]} for i, s in enumerate(stars)],
        FACES,
    )
    scene = {"answer": "Two", "prompt": "Answer with a word.", "options": ["One", "two", "Three"]}
    scenes = [{"question": f"How many signs are in row {i}?", "image": picture(950 + i), **scene} for i in range(3)]
    write(folder / "real_world", scenes, WORLD)
    return folder


def both(make: Any, authors: Iterable[int], photos: int) -> list[dict[str, Any]]:
    return [make(author, photo) for author in authors for photo in range(photos)]
