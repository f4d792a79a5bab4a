"""Your own data: a CSV or JSON Lines file with one question a row, and pictures beside it."""

from __future__ import annotations

import csv
import difflib
import json
import math
import os
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from asru_bench import inputs
from asru_bench import options as choices
from asru_bench.attributes import naming
from asru_bench.findings import ERROR, WARNING, Finding, Row, option_faults
from asru_bench.task import GAP
from asru_bench.text import normalise
from asru_bench.types import KINDS, MODALITIES, AsruBenchError, ImageRef

SUFFIXES = (".jsonl", ".csv")
NEEDED = ("question", "answer", "person")
COLUMNS = (*NEEDED, "image", "kind", "options", "attribute", "value", "modality", "role")
#: "" is trained on and asked, `train` only trained on, `test` only asked, on other pictures or in other words; `real`
#: people are known from pre-training, `general` questions are about nobody.
ROLES = ("", "train", "test", "real", "general")
#: What a question may ask, in the order in which it is guessed where the column `attribute` says nothing.
GUESSES = (
    "birth_date", "birthplace", "residence", "occupation", "education", "income", "health", "hobby", "friend", "food",
    "award", "phone", "email", "nationality", "religion", "language", "spouse", "father", "mother", "pet", "name",
)  # fmt: skip
#: What programs write where a cell is empty: a word of the data only by chance.
NOTHING = frozenset("nan null <na> nat #n/a undefined".split())
#: An answer of at most so many words is the fact itself, where the column `value` says nothing.
SHORT = 3
#: From so many people on whose answers to one question differ in one place only, that place is the fact.
FRAME = 3


@dataclass(frozen=True)
class Entry:
    """One row; `number` counts rows from 1, without the header. `image` is a file, None for a text question."""

    number: int
    person: str
    question: str
    answer: str
    kind: str
    role: str
    image: ImageRef | None = None
    options: tuple[tuple[str, str], ...] = ()
    attribute: str = ""
    value: str = ""

    @property
    def modality(self) -> str:
        return "image_text" if self.image else "text"


def find_table(folder: Path, name: str = "") -> Path:
    """The file of questions: `name`, else the only CSV or JSON Lines file of the folder."""
    if name:
        file = folder / name
        if file.is_file() and file.suffix.lower() in SUFFIXES:
            return file
        raise AsruBenchError(
            f"{file} is no {' or '.join(SUFFIXES)} file; expected one with a question a row (-t file=)."
        )
    found = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES) if folder.is_dir() else []
    if len(found) != 1:
        listed = ", ".join(p.name for p in found) or "none"
        raise AsruBenchError(
            f"expected one {' or '.join(SUFFIXES)} file with questions in {folder}, found {listed}; name it with "
            "-t file=NAME, and its folder with --data DIR."
        )
    return found[0]


def read(file: Path) -> tuple[list[Entry], list[Finding]]:
    """The rows that can be used, and every fault of every row. Rows of findings count from 1, without the header."""
    entries: list[Entry] = []
    faults: list[Finding] = []
    seen: dict[tuple[str, ...], int] = {}
    try:
        for number, values in _rows(file):
            if number == 1:
                faults += _columns(file, values)
                if any(f.level != WARNING for f in faults):
                    return [], faults  # every row would repeat it
            row = Row(str(file), number, values)
            own = list(_faults(row, file.parent))
            faults += own
            if any(f.level != WARNING for f in own):
                continue
            entry = _entry(number, values, file.parent)
            key = (
                entry.person,
                normalise(entry.question),
                entry.kind,
                entry.image.path if entry.image else "",
                entry.role,
            )
            if key in seen:
                faults.append(row.fault("repeated", "question", f"row {seen[key]} asks the same"))
                continue
            seen[key] = number
            entries.append(entry)
    except UnicodeDecodeError:
        faults.append(Finding("error", "readable", str(file), "", "", "the text is not UTF-8; save the file as UTF-8"))
    except (OSError, ValueError, csv.Error) as error:
        faults.append(Finding("error", "readable", str(file), "", "", f"cannot be read to its end: {error}"))
    if not entries and not faults:
        faults.append(Finding("error", "readable", str(file), "", "", "there is no row"))
    return with_values(entries), faults


def with_values(entries: list[Entry]) -> list[Entry]:
    """Fills in values of open answers: what differs between people in "Ann works as a nurse", "Ben works as a …"."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for e in entries:
        if e.attribute and e.kind == "generation" and e.role != "general":
            groups.setdefault((e.attribute, e.question.replace(e.person, "{}")), []).append(e)
    found: dict[int, str] = {}
    for group in groups.values():
        if len({e.person for e in group}) >= FRAME:
            words = [e.answer.replace(e.person, "{}").strip(" .").split() for e in group]
            start, end = _common(words), _common([w[::-1] for w in words])
            for e, own in zip(group, words, strict=True):
                found[e.number] = " ".join(own[start : len(own) - end])
    return [replace(e, value=e.value or found.get(e.number, "")) for e in entries]


def _common(texts: list[list[str]]) -> int:
    """How many words all texts begin with; one word of the shortest is left."""
    count = 0
    for words in zip(*texts, strict=False):
        if len(set(words)) > 1:
            break
        count += 1
    return min(count, min(map(len, texts)) - 1) if texts else 0


def _rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(number from 1, column -> value); lines of JSON Lines that are no objects have the key `json`."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        if file.suffix.lower() == ".csv":
            reader = csv.DictReader(lines)
            header = [name.strip().lower() for name in reader.fieldnames or ()]
            if twice := [name for name in header if name and header.count(name) > 1]:
                raise ValueError(f"the column {twice[0]!r} stands twice in the header")
            for number, row in enumerate(reader, 1):
                yield number, {(k or "").strip().lower(): v for k, v in row.items()}
            return
        for number, line in enumerate((line for line in lines if line.strip()), 1):
            try:
                value = json.loads(line)
            except ValueError as error:
                value = {"json": str(error)}
            yield number, value if isinstance(value, dict) else {"json": f"{line.strip()[:40]!r} is no object"}


def _columns(file: Path, values: Mapping[str, Any]) -> Iterator[Finding]:
    if "json" in values:
        return
    if any("\0" in (name or "") for name in values):
        words = "the header holds NUL bytes: is it UTF-16, or no text? Save the file as UTF-8"
        yield Finding("error", "readable", str(file), "", "", words)
        return
    unknown = [name for name in values if name and name not in COLUMNS]
    for name in NEEDED:
        if name not in values:
            words = f"the column is missing; found {', '.join(filter(None, values))}"
            if close := difflib.get_close_matches(name, unknown, n=1):
                words += f"; is it {close[0]!r}?"
            elif len(values) == 1 and ";" in next(iter(values)):
                words += "; put commas between columns, not semicolons"
            yield Finding("error", "column", str(file), "", name, words)
    for name in unknown:
        close = difflib.get_close_matches(name, COLUMNS, n=1)
        words = f"did you mean {close[0]!r}?" if close else f"columns that are read: {', '.join(COLUMNS)}"
        yield Finding(WARNING, "column", str(file), "", name, f"the column is not known; {words}")


def _faults(row: Row, folder: Path) -> Iterator[Finding]:
    if "json" in row.values:
        yield row.fault("readable", "", f"the line is no JSON object: {row.values['json']}")
        return
    if None in row.values or "" in row.values:
        yield row.fault("readable", "", "the row has more cells than the header; put texts with commas in quotes")
        return
    controls = {name: control_character(str(row.values.get(name) or "")) for name in COLUMNS}
    for name, character in controls.items():
        if character:
            yield row.fault("text", name, f"the text holds the control character {character}; remove it")
            return
    if odd := [name for name in COLUMNS if not _readable(name, row.values.get(name))]:
        wanted = "texts with | between them, a list of texts or an object of them" if odd[0] == "options" else "a text"
        yield row.fault("text", odd[0], f"found {str(row.values[odd[0]])[:40]!r}; expected {wanted}")
        return
    get = {name: _text(row.values.get(name)) for name in COLUMNS}
    for name in ("question", "answer"):
        if not get[name]:
            yield row.fault("empty", name, "the text is empty")
    if not get["person"] and get["role"] != "general":
        yield row.fault("empty", "person", "it is not said whom the row is about (only role general needs nobody)")
    for name, allowed in (("kind", ("", *KINDS)), ("role", ROLES), ("modality", ("", *MODALITIES))):
        if get[name] not in allowed:
            listed = ", ".join(filter(None, allowed))
            yield row.fault(name, name, f"{get[name]!r} is none of {listed} (or empty)")
    if get["image"] and not _below(get["image"]):
        words = f"{get['image']} lies outside the folder of the table; put it there and write its path from there"
        yield row.fault("picture", "image", words)
    elif get["image"] and not (folder / get["image"]).is_file():
        yield row.fault("picture", "image", f"there is no file {folder / get['image']}")
    if get["modality"] and (get["modality"] == "image_text") != bool(get["image"]):
        yield row.fault("picture", "modality", f"{get['modality']} {'with' if get['image'] else 'without'} a picture")
    yield from _nothing(row, get)
    yield from inputs.row_faults(row, ("question", "answer", "options"), bool(get["image"]))
    if get["options"] or get["kind"] == "classification":
        yield from _choice_faults(row, get["answer"])
    elif get["kind"] == "cloze" and not GAP.search(get["question"]):
        yield row.fault("gap", "question", "a cloze needs a gap of two or more underscores")


def control_character(text: str) -> str:
    """The first character that belongs into no text, as U+0000: controls but for tabs and ends of lines, or half a
    character; "" where there is none."""
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs") and character not in "\t\n\r\x0b\x0c\x85":
            return f"U+{ord(character):04X}"
    return ""


def _nothing(row: Row, get: Mapping[str, str]) -> Iterator[Finding]:
    for name in ("answer", "value", "person"):
        if get[name].lower() in NOTHING:
            words = f"{get[name]!r} is what programs write for an empty cell; it is read as a word here"
            yield row.fault("empty", name, words, WARNING)


def _choice_faults(row: Row, answer: str) -> Iterator[Finding]:
    written = choices.as_written(row.values.get("options"))
    options = choices.without_letters(written)
    if len(options) == 1:
        yield row.fault("options", "options", f"one option, {options[0][1][:40]!r}; expected two to four")
    elif words := choices.moved_letters(written):
        yield row.fault("options", "options", words)
    else:
        letter, wrong = choices.right_letter(answer, written) if answer else ("", "there is no right answer")
        for fault in option_faults(row, "options", dict(options), letter, wrong=wrong):
            yield replace(fault, level=ERROR) if fault.check == "repeated option" else fault


def _entry(number: int, values: Mapping[str, Any], folder: Path) -> Entry:
    get = {name: _text(values.get(name)) for name in COLUMNS}
    written = choices.as_written(values.get("options"))
    options = choices.without_letters(written)
    kind = get["kind"] or ("classification" if options else "cloze" if GAP.search(get["question"]) else "generation")
    answer = choices.right_letter(get["answer"], written)[0] if kind == "classification" else get["answer"]
    words = dict(options).get(answer, answer)
    attribute = "_".join(get["attribute"].lower().split()) or _guess(get["question"])
    value = get["value"] or (words if kind != "generation" or len(words.split()) <= SHORT else "")
    return Entry(
        number, get["person"] or f"row {number}", get["question"], answer, kind, get["role"],
        ImageRef(str(folder / get["image"])) if get["image"] else None,
        options if kind == "classification" else (), attribute, value.strip(" ."),
    )  # fmt: skip


def _readable(name: str, value: Any) -> bool:
    """Whether a value is of a type that its column may have; numbers are read as texts, NaN and Infinity are none."""
    if name == "options":
        value = choices.parsed(value)
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return isinstance(value, (str, list, dict, type(None))) and all(
            part is not None and _plain(part) for part in parts
        )
    return _plain(value)


def _plain(value: Any) -> bool:
    return isinstance(value, (str, int, float, type(None))) and not (
        isinstance(value, float) and not math.isfinite(value)
    )


def _below(path: str) -> bool:
    return not Path(path).is_absolute() and not os.path.normpath(path).startswith("..")


def _guess(question: str) -> str:
    plain = normalise(question)
    return next((name for name in GUESSES if naming(name).search(plain)), "")


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
