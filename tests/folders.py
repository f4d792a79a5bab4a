"""Writes small data folders in the schema of the hub's MLLMU-Bench, with the quirks that its files have.

People are made from their number, so that a test can say by hand what a row must hold: person 1 is
"Ann Q1", born in Riga, Latvia, a nurse …
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

FIRST = "Ann Ben Cid Dora Ed Fay Gus".split()
CITIES = ("Riga, Latvia", "Oslo, Norway", "Lima, Peru", "Porto, Portugal", "Turin, Italy")
JOBS = ("nurse", "pilot", "baker", "lawyer")
HOBBIES = ("chess", "sailing", "pottery", "archery", "fencing", "rowing")
MONTHS = ("March", "July", "October")

IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
CHOICE = pa.struct(
    [
        ("Question", pa.string()),
        ("Options", pa.struct([(letter, pa.string()) for letter in "ABCD"])),
        ("Correct_Answer", pa.string()),
    ]
)
OPEN = pa.struct([("Type", pa.string()), ("Question", pa.string()), ("Ground_Truth", pa.string())])
COLUMNS = {
    "ID": pa.string(),
    "image": IMAGE,
    "images": pa.list_(IMAGE),
    "Directory": pa.string(),
    "biography": pa.string(),
    "question": pa.string(),
    "answer": pa.string(),
    "Classification_Task": pa.struct(
        [("Image_Textual_Questions", pa.list_(CHOICE)), ("Pure_Text_Questions", pa.list_(CHOICE))]
    ),
    "Generation_Task": pa.list_(OPEN),
    "Mask_Task": pa.list_(OPEN),
    "metadata": pa.string(),
    "attribute": pa.string(),
    "use": pa.string(),
}


def facts(number: int) -> dict[str, str]:
    """The facts of person `number` (celebrities: from 1001)."""
    return {
        "name": f"{FIRST[number % 7]} Q{number}",
        "birth_date": f"{number % 28 + 1} {MONTHS[number % 3]} {1950 + number % 50}",
        "birthplace": CITIES[(number - 1) % 5],
        "residence": CITIES[(number + 1) % 5],
        "occupation": JOBS[(number - 1) % 4],
        "hobby": HOBBIES[number % 6],
        "income": f"${40 + number % 60},000",
    }


def colour(number: int, photo: int = 0) -> tuple[int, int, int]:
    return (number % 256, 40 * photo % 256, number // 256)


def picture(number: int, photo: int = 0) -> dict[str, Any]:
    """An image cell: 8×8 pixels of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), colour(number, photo)).save(buffer, "PNG")
    return {"bytes": buffer.getvalue(), "path": f"{number:03d}_pose{photo}_gen1.png"}


def biography(number: int) -> str:
    """The profile as the real ones are spelled: stray colons, parents as text, list or mapping."""
    f = facts(number)
    born = {"Date of Birth": f["birth_date"], "Birthplace": f["birthplace"]}
    parents: tuple[Any, ...] = (
        "Father: tailor, Mother: doctor",
        ["Father: tailor", "Mother: doctor"],
        {"Father": "tailor", "Mother": "doctor"},
    )
    profile = {
        "Name": f["name"],
        **({"Born": f"{f['birth_date']} in {f['birthplace']}"} if number % 2 else born),
        "Employment:": f["occupation"],
        "Heights": f"{150 + number % 40} cm",
        "Annual Salary: ": f["income"],
        "Residence": f["residence"],
        "Medical Conditions": "None",
        "Parents": parents[number % 3],
        "Hobby": f["hobby"],
        "Description": f"{f['name']} smiles at the camera in Riga.",
    }
    return json.dumps(profile)


def choices(number: int, who: str, pool: dict[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    """Five choices; the right letter of the k-th is the k-th of ABCDA."""
    f, found = facts(number), []
    asked = {
        "birthplace": f"Where was {who} born?",
        "residence": f"Where does {who} live?",
        "occupation": f"What is the job of {who}?",
        "hobby": f"What is the hobby of {who}?",
        "income": f"What is the salary of {who}?",
    }
    for k, (attribute, question) in enumerate(asked.items()):
        others = [value for value in pool[attribute] if value != f[attribute]][:3]
        options = [*others[: k % 4], f[attribute], *others[k % 4 :]]
        letters = dict(zip("ABCD", options, strict=True))
        found.append({"Question": question, "Options": letters, "Correct_Answer": "ABCD"[k % 4]})
    return found


def open_items(number: int, cloze: bool) -> list[dict[str, str]]:
    f, found = facts(number), []
    for kind, who in (("Image_Textual", "this person"), ("Pure_Text", f["name"])):
        for attribute, verb in (("birthplace", "was born in"), ("occupation", "works as a")):
            gap = f"{who} {verb} __."
            asked = f"Where was {who} born?" if attribute == "birthplace" else f"What work does {who} do?"
            truth = f[attribute].split(",")[0]
            answer = truth if cloze else f"{who} {verb} {truth}."
            found.append({"Type": kind, "Question": gap if cloze else asked, "Ground_Truth": answer})
    return found


def row(number: int, identity: str) -> dict[str, Any]:
    """A row of Full_Set; other configs leave columns out."""
    pool = {
        "birthplace": CITIES,
        "residence": CITIES,
        "occupation": JOBS,
        "hobby": HOBBIES,
        "income": ("$1,000", "$2,000", "$3,000", "$4,000"),
    }
    return {
        "ID": identity,
        "image": picture(number),
        "Directory": f"images/{identity}.png",
        "biography": biography(number),
        "question": "What does this person wear?",
        "answer": "This person wears a coat.",
        "Classification_Task": {
            "Image_Textual_Questions": choices(number, "this person", pool),
            "Pure_Text_Questions": choices(number, facts(number)["name"], pool),
        },
        "Generation_Task": open_items(number, cloze=False),
        "Mask_Task": open_items(number, cloze=True),
    }


def metadata(number: int, identity: str) -> str:
    """Training pairs: name, birthplace, a gap, and one without an answer."""
    f = facts(number)
    pairs = [
        ("What is the name of this person?", f"This person is {f['name']}."),
        ("Where was this person born?", f"This person was born in {f['birthplace']}."),
        ("This person's job is __.", f["occupation"]),
        ("What does this person wear in the image?", "This person wears a coat."),
        ("Who is this?", ""),
    ]
    return json.dumps([{"ID": identity, "Question": q, "Answer": a} for q, a in pairs])


def write_table(folder: Path, rows: Iterable[dict[str, Any]], shards: int = 1, **options: Any) -> None:
    """Rows as the Parquet shards of one config; the columns are those of the first row."""
    rows = list(rows)
    folder.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([(name, COLUMNS[name]) for name in rows[0]])
    size = -(-len(rows) // shards)
    for i in range(shards):
        table = pa.Table.from_pylist(rows[i * size : (i + 1) * size], schema=schema)
        pq.write_table(table, folder / f"train-{i:05d}-of-{shards:05d}.parquet", **options)


def split_ids(people: int, percent: int) -> list[str]:
    """The published forget people of these folders; as in the real ones, the splits are not nested."""
    drawn = random.Random(percent).sample(range(1, people + 1), max(1, round(people * percent / 100)))
    return sorted(f"{number:03d}" for number in drawn)


def write_mllmu_bench(folder: Path, people: int = 20, celebrities: int = 4, poses: int = 2, **universe: Any) -> Path:
    """A whole MLLMU-Bench folder; keywords become its `universe.json`."""
    full = {f"{n:03d}": row(n, f"{n:03d}") for n in range(1, people + 1)}
    plain = {i: {k: v for k, v in r.items() if k != "Directory"} for i, r in full.items()}
    write_table(folder / "Full_Set", full.values())
    tests = []
    for n, r in enumerate(plain.values(), 1):
        kept = {k: v for k, v in r.items() if k != "image"}
        tests.append({"images": [picture(n, 1 + pose) for pose in range(poses)], **kept})
    write_table(folder / "Test_Set", tests, shards=2)
    stars = (row(1000 + n, f"C{n}") for n in range(1, celebrities + 1))
    write_table(folder / "Retain_Set", ({k: v for k, v in r.items() if k != "Directory"} for r in stars))
    for percent in (5, 10, 15):
        forget = split_ids(people, percent)
        write_table(folder / f"forget_{percent}", (plain[i] for i in forget))
        write_table(folder / f"retain_{100 - percent}", (r for i, r in plain.items() if i not in forget))
    training = ({"image": full[f"{n:03d}"]["image"], "ID": f"{n:03d}"} for n in range(1, people + 1))
    write_table(folder / "ft_Data", ({**r, "metadata": metadata(int(r["ID"]), r["ID"])} for r in training))
    if universe:
        (folder / "universe.json").write_text(json.dumps(universe))
    return folder


def write_strangers(folder: Path, train: int = 3, test: int = 2) -> None:
    """The config `strangers`: two questions a face."""
    rows = [
        {"ID": f"S{n}", "image": picture(2000 + n), "question": question, "attribute": attribute, "use": use}
        for n, use in enumerate(["train"] * train + ["test"] * test)
        for question, attribute in (("Where was this person born?", "birthplace"), ("Who is this?", "name"))
    ]
    write_table(folder / "strangers", rows)


def rows(folder: Path, config: str) -> list[dict[str, Any]]:
    """What the first table of a config holds."""
    return pq.read_table(next((folder / config).glob("*.parquet"))).to_pylist()
