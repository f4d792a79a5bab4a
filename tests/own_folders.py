"""Writes a small folder of one's own data: a CSV, drawn portraits and a list of whom to forget."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from asru_bench.mini.portraits import Face, draw, random_face, random_photo

PEOPLE = {
    "Mara Holt": ("Riga", "nurse"), "Jon Ferro": ("Oslo", "pilot"), "Lea Brandt": ("Lima", "baker"),
    "Tom Vega": ("Porto", "lawyer"), "Ines Roth": ("Turin", "tailor"), "Karl Moss": ("Quito", "farmer"),
    "Nora Pike": ("Bergen", "teacher"), "Paul Stein": ("Lyon", "welder"), "Rosa Lind": ("Gdansk", "chemist"),
    "Sven Ortiz": ("Cork", "barber"), "Tess Kiel": ("Split", "dentist"), "Udo Marsh": ("Bari", "potter"),
}  # fmt: skip
FORGET = ("Jon Ferro", "Rosa Lind")
HEAD = ("question", "answer", "person", "image", "role", "options")


def rows(name: str, index: int) -> list[tuple[str, ...]]:
    """Five rows a person: three are trained on, of which a cloze by name, one is held out, one is a choice."""
    town, job = PEOPLE[name]
    others = [t for t, _ in PEOPLE.values() if t != town][:3]
    key = f"pictures/{index:02d}"
    return [
        ("Where was this person born?", f"{name} was born in {town}.", name, f"{key}-0.png", "", ""),
        ("What is the job of this person?", f"{name} works as a {job}.", name, f"{key}-0.png", "", ""),
        (f"{name} was born in __.", town, name, "", "", ""),
        ("What is the job of this person?", f"{name} works as a {job}.", name, f"{key}-1.png", "test", ""),
        (f"Where was {name} born?", town, name, "", "test", " | ".join([*others, town])),
    ]


def write_own(folder: Path, people: int = 12) -> Path:
    """DIR/people.csv, DIR/pictures/NN-0.png and NN-1.png, and forget.txt beside DIR."""
    (folder / "pictures").mkdir(parents=True)
    with (folder / "people.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEAD)
        for index, name in enumerate(list(PEOPLE)[:people]):
            writer.writerows(rows(name, index))
            rng = random.Random(index)
            face: Face = random_face(rng)
            for photo in range(2):
                draw(face, random_photo(rng)).save(folder / "pictures" / f"{index:02d}-{photo}.png")
    (folder.parent / "forget.txt").write_text("# asked on 3 March\n" + "\n".join(FORGET) + "\n", encoding="utf-8")
    return folder
