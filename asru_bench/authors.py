"""The rows of CLEAR: photos of invented authors with captions, questions about them, faces and scenes to keep.

Names and counts are those of the hub's configs. Rows of `…+tofu` have no author: photos with a null question stand
beside questions with a null image, 20 in a row about one author.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from .data import DataSet
from .text import normalise
from .types import AsruBenchError, ImageRef

FULL, RETAIN_ASKED, FACES, WORLD = "full", "retain_perturbed", "real_faces", "real_world"
#: Rows of the real data; the sources disagree by a few, so a difference is only warned of.
COUNTS = {
    "full": 3768, "forget01": 35, "forget05": 188, "forget10": 379, "retain99": 3735, "retain95": 3582,
    "retain90": 3391, "forget01_perturbed": 35, "forget05_perturbed": 188, "forget10_perturbed": 378,
    "retain_perturbed": 395, "real_faces": 151, "real_world": 367,
}  # fmt: skip
#: How CLEAR asks whose face it is; and nine ways to ask for a caption, in our words (CLEAR has nine of its own).
FACE_PROMPT = "The name of the person on the image is"
CAPTION_QUESTIONS = (
    "Describe this picture.",
    "What does this image show?",
    "What can be seen here?",
    "Tell me what is in this photo.",
    "Write a caption for this image.",
    "Who and what is in the picture?",
    "Give a short description of the photo.",
    "What is going on in this image?",
    "How would you describe this scene?",
)
#: Questions in a row about one author.
PER_AUTHOR = 20


@dataclass(frozen=True)
class Photo:
    """A photo of an author; `wrong_captions` and `wrong_names` are empty outside the `_perturbed` configs."""

    row: int
    image: ImageRef
    caption: str
    name: str
    paraphrase: str = ""
    wrong_captions: tuple[str, ...] = ()
    wrong_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Text:
    """A question about an author, without a picture."""

    row: int
    author: str
    question: str
    answer: str


@dataclass(frozen=True)
class Scene:
    """A real face (no question) or a real scene; `wrong` holds the answer only where it was read as stored."""

    row: int
    image: ImageRef
    question: str
    answer: str
    wrong: tuple[str, ...]


def read_photos(data: DataSet, config: str, *, as_stored: bool = False) -> list[Photo]:
    """The photos of a config such as `forget10` or, with wrong captions and names, `forget10_perturbed`.

    A true answer among the wrong ones is left out, and repeated ones, unless they are read `as_stored`.
    """
    perturbed = config.endswith("_perturbed")
    more = ("paraphrased_caption", "perturbed_captions", "perturbed_names") if perturbed else ()
    photos = []
    for number, row, image in _with_images(data, config, ("caption", "name", *more)):
        place = _place(data, config, number)
        caption, name = _word(row, "caption", place), _word(row, "name", place)
        if not perturbed:
            photos.append(Photo(number, image, caption, name))
            continue
        reworded = _word(row, "paraphrased_caption", place)
        captions = _wrong(row, "perturbed_captions", (caption, reworded), place, as_stored)
        names = _wrong(row, "perturbed_names", (name,), place, as_stored)
        photos.append(Photo(number, image, caption, name, reworded, captions, names))
    _check_count(config, len(photos))
    return photos


def read_scenes(data: DataSet, config: str, *, as_stored: bool = False) -> list[Scene]:
    """`real_faces`, which has no question, or `real_world`; `as_stored` as in `read_photos`."""
    asked = ("question",) if config == WORLD else ()
    scenes = []
    for number, row, image in _with_images(data, config, (*asked, "answer", "options")):
        place = _place(data, config, number)
        answer = _word(row, "answer", place)
        question = _word(row, "question", place) if asked else ""
        scenes.append(Scene(number, image, question, answer, _wrong(row, "options", (answer,), place, as_stored)))
    _check_count(config, len(scenes))
    return scenes


def read_texts(data: DataSet, config: str, names: Collection[str]) -> list[Text]:
    """The rows without a picture of a `…+tofu` config; whom they are about is found among `names`."""
    rows = data.rows(config, ("question", "answer", "caption"))
    found = []
    for number, (row, pictures) in enumerate(zip(rows, data.pictures(config, "image"), strict=True)):
        place = _place(data, config, number)
        asked = bool(row["question"])
        if asked == bool(pictures) or asked == bool(row["caption"]):
            raise AsruBenchError(
                f"{place}: expected a picture with a caption, or a question with an answer and no picture; found "
                f"{'a' if pictures else 'no'} picture, {'a' if asked else 'no'} question and "
                f"{'a' if row['caption'] else 'no'} caption. Download the config again."
            )
        if asked:
            found.append((number, _word(row, "question", place), _word(row, "answer", place)))
    authors = authors_of([f"{question} {answer}" for _, question, answer in found], names, config)
    return [Text(n, author, q, a) for author, (n, q, a) in zip(authors, found, strict=True)]


def authors_of(texts: Sequence[str], names: Collection[str], config: str = "") -> list[str]:
    """Whom each text is about: of 20 in a row the name that they hold most often, else the surname.

    Where the number of texts is no multiple of 20, or where all of them name somebody, each is read alone, and one
    without a name continues the author before it. Texts that name nobody get an author of their own, with a warning.
    """
    surnames = Counter(normalise(name).split()[-1] for name in names)
    alone = len(texts) % PER_AUTHOR or all(_author([text], names, surnames) for text in texts)
    size = 1 if alone else PER_AUTHOR
    blocks = [texts[i : i + size] for i in range(0, len(texts), size)]
    who = [_author(block, names, surnames) for block in blocks]
    if size == 1:
        for i, author in enumerate(who):
            who[i] = author or (who[i - 1] if i else next(filter(None, who), ""))
    unknown = sum(not author for author in who)
    if unknown:
        warnings.warn(f"{config}: {unknown * size} questions name none of its {len(names)} authors", stacklevel=2)
    return [author or f"author {i}" for i, author in enumerate(who) for _ in blocks[i]]


def check_authors(forget: Collection[str], retain: Collection[str], configs: tuple[str, str]) -> None:
    """An error where an author is both to be forgotten and to be kept."""
    both = sorted({*forget} & {*retain})
    if both:
        raise AsruBenchError(
            f"{len(both)} authors stand both in {configs[0]} and in {configs[1]} ({', '.join(both[:3])}); expected "
            "separate people. Download both configs from one revision."
        )


def check_asked(asked: Collection[str], people: Collection[str], configs: tuple[object, str]) -> None:
    """Warns where a config asks about authors whom another one, from which unlearning reads, does not hold."""
    if odd := sorted({*asked} - {*people}):
        words = f"{configs[0]}, column 'name': {len(odd)} authors are not in {configs[1]} ({', '.join(odd[:3])})"
        warnings.warn(f"{words}; nothing about them is unlearned. Are both configs of one revision?", stacklevel=2)


def _author(block: Sequence[str], names: Collection[str], surnames: Counter[str]) -> str:
    text = f" {normalise(' '.join(block))} "
    full = {name: text.count(f" {normalise(name)} ") for name in sorted(names)}
    best = max(full, key=full.__getitem__, default="")
    if best and full[best]:
        return best
    last = {name: text.count(f" {word} ") for name in full if surnames[word := normalise(name).split()[-1]] == 1}
    best = max(last, key=last.__getitem__, default="")
    return best if best and last[best] else ""


def _with_images(data: DataSet, config: str, columns: Sequence[str]) -> list[tuple[int, dict[str, Any], ImageRef]]:
    rows = data.rows(config, columns)
    found = []
    for number, (row, pictures) in enumerate(zip(rows, data.pictures(config, "image"), strict=True)):
        if not pictures:
            raise AsruBenchError(
                f"{_place(data, config, number)}: no picture in the column 'image'; expected one in every row (only "
                "the …+tofu configs have rows without). Download the config again."
            )
        found.append((number, row, pictures[0]))
    if not found:
        raise AsruBenchError(f"{data.folder(config)} has no rows; expected some. Download the config again.")
    return found


def _word(row: dict[str, Any], column: str, place: str) -> str:
    value = row[column]
    if not isinstance(value, str) or not value.strip():
        raise AsruBenchError(f"{place}: the column {column!r} is empty; expected a text. Download the config again.")
    return value.strip()


def _wrong(
    row: dict[str, Any], column: str, true: Sequence[str], place: str, as_stored: bool = False
) -> tuple[str, ...]:
    """The wrong answers of a list: each once and without the true one, or all that are no empty texts."""
    if isinstance(row[column], str):
        raise AsruBenchError(
            f"{place}: the column {column!r} is a text ({row[column][:40]!r}); expected a list of texts."
        )
    right = {normalise(text) for text in true}
    listed = [str(text).strip() for text in row[column] or () if text and str(text).strip()]
    found = tuple(dict.fromkeys(text for text in listed if normalise(text) not in right))
    if found and as_stored:
        return tuple(listed)
    if not found:
        raise AsruBenchError(
            f"{place}: the column {column!r} holds no answer but the true one; expected a list of wrong answers. "
            "Download the config again."
        )
    return found


def _check_count(config: str, rows: int) -> None:
    """Warns where data of the published size differ; small folders are somebody's own."""
    known = COUNTS.get(config)
    if known and rows != known and 2 * rows > known:
        warnings.warn(f"{config} has {rows} rows; the published data have {known}", stacklevel=3)


def _place(data: DataSet, config: str, row: int) -> str:
    return f"{data.folder(config)}, row {row}"
