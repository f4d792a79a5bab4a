"""Who and what is to be forgotten in PPU-Bench: the three split files of its code repository, with their digests."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from .fingerprint import file_hash
from .rows import person_id
from .types import AsruBenchError

COMPLETE = ("complete_5", "complete_10", "complete_15", "complete_30")
SETTINGS = (*COMPLETE, "selective", "personalized")
FILES = {**dict.fromkeys(COMPLETE, "complete_split.json"), "selective": "selective_split.json"}
FILES["personalized"] = "persona_split.json"
#: SHA-256 of the published files.
DIGESTS = {
    "complete_split.json": "bedabaf0de9030f89de28e9e496a802b335df3d5b3eaf9e74efee92a5107b3ca",
    "selective_split.json": "3f25796e04dc90120897f145a6ee7bd2dbdacac9eba414cf075ff916b23e7a4e",
    "persona_split.json": "a5435f253dd76afd2edaf45ccf5d027edf88b397724ce6c146e19990a95cb6fc",
}
#: Facts in all, and facts to forget of each setting, in the published files.
FACTS, SUBJECTS = 12_167, 500
FORGOTTEN = {
    "complete_5": 558, "complete_10": 1196, "complete_15": 1826, "complete_30": 3635,
    "selective": 3779, "personalized": 3126,
}  # fmt: skip
#: Where the files may lie inside the data folder.
PLACES = ("split", "data/split", ".")
#: They are not on the hub.
FETCH = (
    "They come with the benchmark's code: git clone https://github.com/guangjh/ppu-bench && git -C ppu-bench checkout "
    "8fa1225 && cp -r ppu-bench/data/split DATA_FOLDER/split, then --data DATA_FOLDER (or -t splits=FOLDER)"
)

#: Fact -> the person whom it is about.
Owners = Mapping[str, str]


def find_files(root: Path, folder: str = "") -> dict[str, Path]:
    """The split files by name: in `folder`, else in the data folder `root`; an error says where they come from."""
    asked = Path(folder).expanduser().resolve()
    places = [asked] if folder else [root / place for place in PLACES]
    found = {name: place / name for name in DIGESTS for place in reversed(places) if (place / name).is_file()}
    missing = [name for name in DIGESTS if name not in found]
    if missing:
        where = folder or " or ".join(str(root / place) for place in PLACES[:2])
        raise AsruBenchError(f"no {' and no '.join(missing)} in {where}. {FETCH}.")
    return found


def digest_fault(path: Path, own: Mapping[str, str]) -> str:
    """What is wrong where a file is not the published one, or not what the data folder's universe.json says of it."""
    expected, found = own.get(path.name) or DIGESTS[path.name], file_hash(path)
    if found == expected:
        return ""
    return (
        f"{path} has the SHA-256 {found}; expected {expected}. {FETCH}. For people of your own, write the digest "
        f'to universe.json in the data folder: "digests": {{"{path.name}": "{found}"}}.'
    )


def read_forgotten(setting: str, files: Mapping[str, Path], owners: Owners, own: Mapping[str, str]) -> frozenset[str]:
    """The facts to forget in one setting, out of all facts (`owners`); the others are kept.

    Raises `AsruBenchError` for another digest, another shape, a person or fact that the data do not have, and facts
    that are both to be deleted and to be kept, or neither.
    """
    path = files[FILES[setting]]
    changed = digest_fault(path, own)
    if faults := [changed] if changed else content_faults(setting, path, owners):
        raise AsruBenchError(faults[0])
    content = _read(path)
    if setting in COMPLETE:
        people = {str(person) for person in _list(content, _key(setting), path)}
        return frozenset(fact for fact, person in owners.items() if person in people)
    return frozenset(_ids(content if setting == "selective" else _list(content, "delete_ids", path), path, setting))


def content_faults(setting: str, path: Path, owners: Owners) -> list[str]:
    """What a split file says of a setting that cannot be, whatever its digest; empty where nothing is wrong."""
    try:
        content = _read(path)
        if setting in COMPLETE:
            people = {str(person) for person in _list(content, _key(setting), path)}
            return _unknown(people, set(owners.values()), path, _key(setting), "people")
        if setting == "selective":
            found = _unknown(_ids(content, path, "the list"), owners, path, "the list", "facts")
            return found + _misplaced({"the list": content}, owners, path)
        deleted, kept = (_ids(_list(content, key, path), path, key) for key in ("delete_ids", "keep_ids"))
    except AsruBenchError as error:
        return [str(error)]
    odd = {
        "are both in delete_ids and in keep_ids": sorted(deleted & kept),
        "are in neither list": sorted({*owners} - deleted - kept),
    }
    found = [
        f"{path}: {len(facts)} facts {words} ({', '.join(facts[:3])}); expected each fact of the data in one of them. "
        f"{FETCH}."
        for words, facts in odd.items()
        if facts
    ]
    found += _unknown(deleted | kept, owners, path, "delete_ids and keep_ids", "facts")
    return found + _misplaced({key: content[key] for key in ("delete_ids", "keep_ids")}, owners, path)


def odd_count(setting: str, forgotten: int, facts: int) -> str:
    """What is unusual where data of the published size forget another number of facts; "" elsewhere."""
    published = FORGOTTEN[setting]
    if facts != FACTS or forgotten == published:
        return ""
    return f"{setting}: {forgotten} facts to forget; published are {published}"


def _key(setting: str) -> str:
    """The name of a complete setting in its file."""
    return setting.replace("complete_", "forget")


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise AsruBenchError(f"{path} is no JSON ({error}). {FETCH}.") from error


def _list(content: Any, key: str, path: Path) -> list[Any]:
    found = content.get(key) if isinstance(content, dict) else None
    if not isinstance(found, list):
        raise AsruBenchError(f"{path} has no list {key!r}; expected an object with such lists. {FETCH}.")
    return found


def _ids(entries: Any, path: Path, key: str) -> set[str]:
    """The fact of each entry {subject_id, id}."""
    if not isinstance(entries, list) or not all(isinstance(e, dict) and e.get("id") for e in entries):
        raise AsruBenchError(f"{path}: {key} should be a list of objects with subject_id and id. {FETCH}.")
    return {str(entry["id"]) for entry in entries}


def _unknown(wanted: Collection[str], known: Collection[str], path: Path, key: str, what: str) -> list[str]:
    unknown = sorted(set(wanted) - set(known))
    if not unknown:
        return []
    return [
        f"{path}: {key} names {len(unknown)} {what} that the questions do not have ({', '.join(unknown[:3])}); "
        "download the ppu_eval configs and the split files of one revision."
    ]


def _misplaced(lists: Mapping[str, list[dict[str, Any]]], owners: Owners, path: Path) -> list[str]:
    """Entries that give a fact to another person than its questions do; the published file has none."""
    if file_hash(path) == DIGESTS[path.name]:
        return []
    odd = [
        (f"entry {number} of {key}", str(entry["id"]), entry["subject_id"])
        for key, entries in lists.items()
        for number, entry in enumerate(entries)
        if entry.get("subject_id") is not None and str(entry["id"]) in owners
        if person_id(entry["subject_id"]) != owners[str(entry["id"])]
    ]
    if not odd:
        return []
    place, fact, person = odd[0]
    more = f" ({len(odd)} entries are such)" if len(odd) > 1 else ""
    return [
        f"{path}: {place} gives {fact!r} to subject_id {person!r}{more}; expected {owners[fact]!r}, as its questions "
        f"say. {FETCH}."
    ]
