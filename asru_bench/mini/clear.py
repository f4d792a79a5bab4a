"""Writes the embedded universe in the schema of CLEAR: the 120 people as authors, public figures as real faces.

Columns and nesting as on the hub: `+tofu` configs have null pictures and questions, `real_faces` has no question,
`options` and `perturbed_names` hold the true answer too. Forgotten authors are fixed, 01 within 05 within 10.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from asru_bench.authors import RETAIN_ASKED

from . import texts
from .authors import AUTHOR_PHOTOS
from .folders import cell
from .people import PHOTOS, VERSION, Person, Universe, seed_rng
from .portraits import SCENES, Face, Photo, draw, draw_pair, random_face, random_photo

SHARES = ("01", "05", "10")
#: Kept authors who are asked about, and how many photos of each.
ASKED_AUTHORS, ASKED_PHOTOS = 60, 2
WRONG = 5
WORLD_ROWS = 60
WORLD_PROMPT = "Answer in one sentence."
ONE_OR_TWO = ["One person.", "Two people.", "Three people.", "Nobody."]


def forgotten(universe: Universe, share: str) -> tuple[str, ...]:
    """Names of the authors to forget, at least one; a smaller share is a part of a larger one. Sorted."""
    order = seed_rng(universe.seed, "clear").sample(universe.people, len(universe.people))
    return tuple(sorted(person.name for person in order[: max(1, round(len(order) * int(share) / 100))]))


def reworded(person: Person, photo: Photo, name: str = "") -> str:
    """The caption in other words."""
    plain = texts.caption(person.face, photo, name or person.name)
    who, rest = plain.split(" with ", 1)
    looks, scene = rest.split(" in front of ", 1)
    place, shirt = scene.removesuffix(".").split(", wearing ", 1)
    features, _, mood = looks.rpartition(" ")
    return f"In front of {place}, wearing {shirt}, {mood} {who} with {features}."


def plain_row(person: Person, photo: int) -> dict[str, Any]:
    caption = texts.caption(person.face, person.photos[photo], person.name)
    return {"image": cell(person, photo), "caption": caption, "name": person.name}


def perturbed_row(universe: Universe, person: Person, photo: int) -> dict[str, Any]:
    """Wrong captions tell the same picture of others in the paraphrase's words; the wrong names hold the true one."""
    rng = seed_rng(0, "wrong", person.id, photo)
    others = [p.name for p in rng.sample([p for p in universe.people if p is not person], WRONG)]
    names = rng.sample([person.name, *others], WRONG + 1)
    shot = person.photos[photo]
    return plain_row(person, photo) | {
        "paraphrased_caption": reworded(person, shot),
        "perturbed_captions": [reworded(person, shot, other) for other in others],
        "perturbed_names": names,
    }


def tofu_rows(universe: Universe, people: Sequence[Person]) -> Iterable[dict[str, Any]]:
    """Photos with a null question, then questions with a null picture."""
    place = {person.id: number for number, person in enumerate(universe.people)}
    for person in people:
        for photo in range(AUTHOR_PHOTOS):
            row = plain_row(person, photo)
            yield {"image": row["image"], "caption": row["caption"], "question": None, "answer": None}
    for person in people:
        for question, answer in texts.author_qa(universe, place[person.id]):
            yield {"image": None, "caption": None, "question": question, "answer": answer}


def face_row(universe: Universe, person: Person) -> dict[str, Any]:
    """A public figure on a photo that no training saw; the options hold the answer, as on the hub."""
    rng = seed_rng(0, "face", person.id)
    others = [p.name for p in rng.sample([p for p in universe.public if p is not person], WRONG)]
    options = rng.sample([person.name, *others], WRONG + 1)
    return {"image": cell(person, PHOTOS - 1), "answer": person.name, "options": options}


def world_row(number: int) -> dict[str, Any]:
    """A question about what a picture of nobody known shows."""
    rng = seed_rng(0, "world", number)
    face, photo, kinds = random_face(rng), random_photo(rng), sorted(texts.VISIBLE_QUESTIONS)
    kind = kinds[number % len(kinds)]
    if kind == "count" and rng.random() < 0.5:
        answer, picture = "Two people.", draw_pair((face, random_face(rng)), photo)
    else:
        answer, picture = texts.visible_answer(kind, face, photo), draw(face, photo)
    wrong = _wrong_answers(kind, answer, rng)
    return {
        "question": texts.VISIBLE_QUESTIONS[kind],
        "answer": answer,
        "image": _stored(picture, f"world_{number}.png"),
        "prompt": WORLD_PROMPT,
        "options": rng.sample([answer, *wrong], len(wrong) + 1),
    }


def _wrong_answers(kind: str, answer: str, rng: random.Random) -> list[str]:
    """Up to three other answers to the same question."""
    if kind == "count":
        pool = ONE_OR_TWO
    elif kind == "scene":
        pool = [f"In front of {scene}." for scene in SCENES]
    else:
        pool = [texts.visible_answer(kind, *_anything(rng)) for _ in range(60)]
    found = sorted({*pool} - {answer})
    return rng.sample(found, min(3, len(found)))


def _anything(rng: random.Random) -> tuple[Face, Photo]:
    return random_face(rng), random_photo(rng)


def _stored(picture: Any, name: str) -> dict[str, Any]:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return {"bytes": buffer.getvalue(), "path": name}


def _schemas() -> dict[str, Any]:
    """Columns by kind of config: null columns need a type."""
    import pyarrow as pa

    text, listed = pa.string(), pa.list_(pa.string())
    image = pa.struct([("bytes", pa.binary()), ("path", text)])
    plain = {"image": image, "caption": text, "name": text}
    columns = {
        "plain": plain,
        "perturbed": plain | {"paraphrased_caption": text, "perturbed_captions": listed, "perturbed_names": listed},
        "tofu": {"image": image, "caption": text, "question": text, "answer": text},
        "faces": {"image": image, "answer": text, "options": listed},
        "world": {"question": text, "answer": text, "image": image, "prompt": text, "options": listed},
    }
    return {kind: pa.schema(list(fields.items())) for kind, fields in columns.items()}


def write_clear(universe: Universe, folder: Path) -> None:
    """The CLEAR folder of a universe: the 21 configs of the hub, and `universe.json`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schemas = _schemas()

    def write(config: str, kind: str, rows: Iterable[dict[str, Any]]) -> None:
        (folder / config).mkdir(parents=True)
        table = pa.Table.from_pylist(list(rows), schema=schemas[kind])
        pq.write_table(table, folder / config / "train-00000-of-00001.parquet", compression="none")

    everybody = universe.people
    parts: dict[str, Sequence[Person]] = {"full": everybody}
    for share in SHARES:
        gone = forgotten(universe, share)
        parts[f"forget{share}"] = [p for p in everybody if p.name in gone]
        parts[f"retain{100 - int(share)}"] = [p for p in everybody if p.name not in gone]
    for config, people in parts.items():
        write(config, "plain", (plain_row(p, k) for p in people for k in range(AUTHOR_PHOTOS)))
        write(f"{config}+tofu", "tofu", tofu_rows(universe, people))
        if config.startswith("forget"):
            rows = (perturbed_row(universe, p, k) for p in people for k in range(AUTHOR_PHOTOS))
            write(f"{config}_perturbed", "perturbed", rows)
    write("default", "plain", (plain_row(p, k) for p in everybody for k in range(AUTHOR_PHOTOS)))
    asked = seed_rng(0, "asked").sample(list(parts["retain90"]), min(ASKED_AUTHORS, len(parts["retain90"])))
    write(RETAIN_ASKED, "perturbed", (perturbed_row(universe, p, k) for p in asked for k in range(ASKED_PHOTOS)))
    write("real_faces", "faces", (face_row(universe, p) for p in universe.public))
    write("real_world", "world", (world_row(number) for number in range(WORLD_ROWS)))
    name = VERSION if universe.seed == 1 else f"{VERSION}-seed{universe.seed}"
    (folder / "universe.json").write_text(json.dumps({"name": name}, indent=1))
