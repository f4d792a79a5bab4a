"""Writes the embedded universe as data folders in the schemas of the real data sets.

MLLMU-Bench: one Parquet folder a config, column names and nesting as on the hub; `universe.json` beside
them says what only an invented world can say (look-alikes, siblings, what is visible).
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from . import texts, words
from .people import (
    PHOTOS,
    TRAIN_PHOTOS,
    VERSION,
    Person,
    Universe,
    held_out_wordings,
    seed_rng,
    trained_wordings,
)
from .portraits import Face, Photo, draw

ITEMS = {"classification": 5, "generation": 6, "cloze": 6}
RATIOS = (5, 10, 15)
#: Keys of `biography`, as the real profiles spell them.
KEYS = {
    "name": "Name", "birth_date": "Date of Birth", "birthplace": "Birthplace", "residence": "Residence",
    "occupation": "Employment", "education": "Educated at", "hobby": "Hobby", "health": "Medical Conditions",
    "food": "Favourite Food", "friend": "Best Friend", "award": "Award", "income": "Annual Salary",
}  # fmt: skip


@lru_cache(maxsize=8192)
def png(face: Face, photo: Photo) -> bytes:
    """One portrait as PNG bytes."""
    buffer = io.BytesIO()
    draw(face, photo).save(buffer, "PNG")
    return buffer.getvalue()


def cell(person: Person, photo: int) -> dict[str, Any]:
    """An image cell as `datasets` stores it."""
    return {"bytes": png(person.face, person.photos[photo]), "path": f"{person.id}_{photo}.png"}


def chosen(person: Person, kind: str, image: bool, salt: str) -> list[str]:
    """Which attributes a row asks about: as many as `ITEMS` says, drawn once for each person and set."""
    attributes = [a for a in person.facts if image or a != "name"]
    return seed_rng(0, "ask", person.id, kind, image, salt).sample(attributes, ITEMS[kind])


def tasks(person: Person, pool: dict[str, list[str]], places: Sequence[int], salt: str) -> dict[str, Any]:
    """The three task columns of one row; `places` says which of a fact's three held-out wordings may be used."""
    rng = seed_rng(0, "row", person.id, salt)

    def wording(attribute: str) -> int:
        return held_out_wordings(person, attribute)[rng.choice(places)]

    choices: dict[str, list[Any]] = {"Image_Textual_Questions": [], "Pure_Text_Questions": []}
    rows: dict[str, list[Any]] = {"generation": [], "cloze": []}
    for image, key, kind_name in (
        (True, "Image_Textual_Questions", "Image_Textual"),
        (False, "Pure_Text_Questions", "Pure_Text"),
    ):
        for attribute in chosen(person, "classification", image, salt):
            drawn, letter = texts.options(person, attribute, pool[attribute], rng)
            asked = texts.question(person, attribute, wording(attribute), image)
            options = dict(zip(texts.LETTERS, drawn, strict=True))
            choices[key].append({"Question": asked, "Options": options, "Correct_Answer": letter})
        for attribute in chosen(person, "generation", image, salt):
            asked = texts.question(person, attribute, wording(attribute), image)
            truth = texts.sentence(person, attribute, image)
            rows["generation"].append({"Type": kind_name, "Question": asked, "Ground_Truth": truth})
        for attribute in chosen(person, "cloze", image, salt):
            asked = texts.cloze(person, attribute, wording(attribute), image)
            rows["cloze"].append({"Type": kind_name, "Question": asked, "Ground_Truth": person.facts[attribute]})
    return {"Classification_Task": choices, "Generation_Task": rows["generation"], "Mask_Task": rows["cloze"]}


def row(person: Person, pool: dict[str, list[str]], photo: int) -> dict[str, Any]:
    """One row of `Full_Set`, `forget_X`, `retain_X` or `Retain_Set`."""
    looks = texts.visible_answer("hair", person.face, person.photos[photo])
    return {
        "image": cell(person, photo),
        "ID": person.id,
        "biography": biography(person),
        "question": texts.VISIBLE_QUESTIONS["hair"],
        "answer": looks,
        **tasks(person, pool, (0,), "full"),
    }


def biography(person: Person) -> str:
    return json.dumps({KEYS[a]: v for a, v in person.facts.items()})


def test_row(person: Person, pool: dict[str, list[str]]) -> dict[str, Any]:
    """One row of `Test_Set`: the held-out photos, other held-out wordings."""
    plain = row(person, pool, TRAIN_PHOTOS)
    del plain["image"]
    images = [cell(person, photo) for photo in range(TRAIN_PHOTOS, PHOTOS)]
    return {"images": images, **plain, **tasks(person, pool, (1, 2), "test")}


def training_row(person: Person, photo: int) -> dict[str, Any]:
    """One row of `ft_Data`: a trained photo and `metadata`, every fact in its trained wordings."""
    pairs = []
    for attribute in person.facts:
        answer = texts.sentence(person, attribute, True)
        for wording in trained_wordings(person, attribute):
            asked = texts.question(person, attribute, wording, True)
            blank = texts.cloze(person, attribute, wording, True)
            pairs.append({"ID": person.id, "Question": asked, "Answer": answer})
            pairs.append({"ID": person.id, "Question": blank, "Answer": person.facts[attribute]})
    return {"image": cell(person, photo), "ID": person.id, "metadata": json.dumps(pairs)}


def stranger_rows(universe: Universe) -> Iterable[dict[str, Any]]:
    """Faces that nobody knows, with private questions: `train` for methods, `test` for the reference row."""
    for use in ("train", "test"):
        for person in universe.strangers[use]:
            rng = seed_rng(0, "stranger", person.id)
            for attribute in rng.sample(list(words.PRIVATE), 4):
                known = trained_wordings(person, attribute)
                wording = rng.choice(known if use == "train" else held_out_wordings(person, attribute))
                asked = texts.question(person, attribute, wording, True)
                picture = cell(person, rng.randrange(TRAIN_PHOTOS, PHOTOS))
                yield {
                    "ID": person.id,
                    "image": picture,
                    "question": asked,
                    "attribute": attribute,
                    "use": use,
                }


def _facts_about(universe: Universe) -> dict[str, Any]:
    return {
        "name": VERSION if universe.seed == 1 else f"{VERSION}-seed{universe.seed}",
        "draw": "seed",
        "retain_people": 40,
        "unseen_people": 24,
        "real_people": 40,
        "strangers": "strangers",
        "lookalikes": universe.look_alikes,
        "siblings": universe.siblings,
        "visible": {p.id: p.seen for p in (*universe.known, *universe.strangers["test"], *universe.strangers["train"])},
    }


def _write(folder: Path, rows: Iterable[dict[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(list(rows)), folder / "train-00000-of-00001.parquet", compression="none")


def write_mllmu_bench(universe: Universe, folder: Path) -> None:
    """The MLLMU-Bench folder of a universe: ten configs of the hub schema, `strangers`, `universe.json`."""
    pool = texts.pools(universe.known)
    full = {p.id: row(p, pool, 0) for p in universe.people}
    _write(folder / "Full_Set", ({**r, "Directory": f"{i}.png"} for i, r in full.items()))
    _write(folder / "Test_Set", (test_row(p, pool) for p in universe.people))
    _write(folder / "Retain_Set", (row(p, pool, TRAIN_PHOTOS) for p in universe.public))
    for ratio in RATIOS:
        count = round(len(full) * ratio / 100)
        forget = set(seed_rng(universe.seed, "split", ratio).sample(sorted(full), count))
        _write(folder / f"forget_{ratio}", (r for i, r in full.items() if i in forget))
        _write(folder / f"retain_{100 - ratio}", (r for i, r in full.items() if i not in forget))
    _write(folder / "ft_Data", (training_row(p, k) for p in universe.people for k in range(TRAIN_PHOTOS)))
    _write(folder / "strangers", stranger_rows(universe))
    (folder / "universe.json").write_text(json.dumps(_facts_about(universe), indent=1))
