"""What the tables and split files of a PPU-Bench folder must hold, for `data check`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from asru_bench import near, ppu_rows, ppu_splits
from asru_bench.cohorts import Universe
from asru_bench.data import DataSet
from asru_bench.data_check import HELD_OUT, TRAIN, Table, check_tables
from asru_bench.findings import ERROR, WARNING, Finding, Row, option_faults
from asru_bench.fingerprint import file_hash
from asru_bench.ppu_rows import ATTACKS, EVAL, LETTERS, MODALITIES, PHOTOS, Fact
from asru_bench.ppu_splits import COMPLETE, FILES, SETTINGS
from asru_bench.rows import person_id
from asru_bench.task import GAP
from asru_bench.text import normalise
from asru_bench.types import AsruBenchError

TEXTS = ("sample_id", "subject_id", "subject", "question", "answer_text")
PHOTO_TEXTS = ("sample_id", "subject_id", "subject", "question")
#: What tells rows about one fact apart: its kind.
PHOTO_KINDS = ("task_type", "answer_text", "answer_label")
OPTIONS = tuple(f"option_{letter.lower()}" for letter in LETTERS)
PAIRS = "train_pair_"
#: The published sets of other photos and of attacks.
PHOTO_CONFIGS = tuple(f"cross_image_{end}" for end in ("complete_r5", "complete_r15", "complete_r30"))
PHOTO_CONFIGS += ("cross_image_selective", "cross_image_persona")
ATTACK_CONFIGS = tuple(f"{attack}_{end}" for attack in ATTACKS for end in ("complete30", "selective", "persona"))


def faults(
    data: DataSet, asked: Iterable[str], setting: str, universe: Universe, splits: str = ""
) -> Iterator[Finding]:
    """All faults; `asked` are the configs that a run reads where they are, `splits` as the task's setting."""
    expected = tables(data, {*asked})
    rows: dict[str, list[Row]] = {}
    yield from check_tables(data, expected, rows)
    for config in sorted({*asked} & {*PHOTO_CONFIGS, *ATTACK_CONFIGS} - {*data.configs()}):
        yield Finding(WARNING, "config", str(data.folder(config)), "", "", "there is no such config: it is not asked")
    evaluated = {kind: rows.get(config, []) for kind, config in EVAL.items()}
    yield from _repeated(rows)
    facts: dict[str, Fact] = {}
    yield from _owners(evaluated, facts)
    yield from _names({**evaluated, **{config: rows.get(config, []) for config in PHOTO_CONFIGS}}, facts)
    for found in evaluated.values():
        yield from _types(found)
    yield from _counts(data, evaluated)
    yield from _unasked(rows, facts)
    forgotten: dict[str, frozenset[str]] = {}
    yield from split_faults(data.root, splits, facts, universe.digests, forgotten)
    for words in ppu_rows.odd_facts(facts, forgotten.get("selective", frozenset())) if forgotten else ():
        yield Finding(WARNING, "counts", str(data.root), "", "", words)
    gone = {facts[f].person for f in forgotten.get(setting, ())} if setting in COMPLETE else set()
    yield from _portraits(evaluated["generation"], gone)


def tables(data: DataSet, needed: set[str]) -> tuple[Table, ...]:
    """The tables of all settings and of every backbone; the questions and the pairs that a run reads must be there."""
    found = []
    for kind, config in EVAL.items():
        choice = ("answer_label", *OPTIONS) if kind == "classification" else ()
        found.append(_questions(config, kind, (*TEXTS, "modality", *choice), needed=True))
    found += [_questions(config, "generation", (*TEXTS, "modality"), needed=False) for config in ATTACK_CONFIGS]
    held: dict[str, Any] = {"part": HELD_OUT, "needed": False}
    for config in PHOTO_CONFIGS:
        for column in PHOTOS:  # one table a column, so that each is looked at
            first = column == PHOTOS[0]
            own: dict[str, Any] = {"columns": PHOTO_TEXTS, "look": partial(text_faults, PHOTO_TEXTS)} if first else {}
            own |= {"optional": PHOTO_KINDS} if first else {}
            found.append(Table(config, **({"columns": ("sample_id",)} | own), picture=column, **held))
    there = [config for config in data.configs() if config.startswith(PAIRS)]
    for config in dict.fromkeys([*there, *sorted(c for c in needed if c.startswith(PAIRS))]):
        key = "sample_id" if config not in there or "sample_id" in _columns(data, config) else "id"
        columns = (key, "subject_id", "question", "generated_answer")
        shown: dict[str, Any] = {} if config.endswith("_qa") else {"picture": "image"}
        look = partial(text_faults, columns)
        found.append(Table(config, columns, part=TRAIN, unique=key, needed=config in needed, look=look, **shown))
    return tuple(found)


def question_faults(kind: str, row: Row) -> Iterator[Finding]:
    """One question: its texts, its picture where the modality has one, its options and its right letter."""
    values = row.values
    yield from text_faults(TEXTS, row)
    if "modality" in values:
        modality = MODALITIES.get(str(values["modality"]))
        if modality is None:
            words = f"the modality is {values['modality']!r}; expected text or text_image"
            yield row.fault("modality", "modality", words)
        elif bool(row.pictures) != (modality == "image_text"):
            has = "a text row has a picture" if row.pictures else "a text_image row has no picture"
            yield row.fault("picture", "image", has)
    question = _text(values.get("question"))
    if kind == "cloze" and question and not GAP.search(question):
        words = f"the cloze {question[:60]!r} has no gap (two or more underscores)"
        yield row.fault("gap", "question", words, WARNING)
    if kind == "classification" and "answer_label" in values:
        options = {letter: _text(values.get(column)) for letter, column in zip(LETTERS, OPTIONS, strict=True)}
        right = _text(values["answer_label"]).upper()
        yield from option_faults(row, "answer_label", options, right, question)
        answer, said = _text(values.get("answer_text")), options.get(right, "")
        if answer and said and normalise(answer) != normalise(said):
            words = f"the answer is {answer[:60]!r}, but option {right} is {said[:60]!r}"
            yield row.fault("letters", "answer_text", words)


def text_faults(columns: Sequence[str], row: Row) -> Iterator[Finding]:
    """Empty texts."""
    for column in columns:
        if column in row.values and not _text(row.values[column]):
            yield row.fault("empty", column, "the text is empty")


def split_faults(
    root: Path, folder: str, facts: Mapping[str, Fact], own: Mapping[str, str], forgotten: dict[str, frozenset[str]]
) -> Iterator[Finding]:
    """Faults of the split files, of every setting; fills `forgotten` with those that can be read."""
    try:
        files = ppu_splits.find_files(root, folder)
    except AsruBenchError as error:
        yield Finding(ERROR, "split", str(root), "", "", str(error))
        return
    for path in files.values():
        if words := ppu_splits.digest_fault(path, own):
            yield Finding(ERROR, "digest", str(path), "", "", words)
    owners = {name: fact.person for name, fact in facts.items()}
    digests = {name: file_hash(path) for name, path in files.items()}
    for setting in SETTINGS if facts else ():
        path = files[FILES[setting]]
        if found := ppu_splits.content_faults(setting, path, owners):
            yield from (Finding(ERROR, "split", str(path), "", "", words) for words in found)
            continue
        forgotten[setting] = ppu_splits.read_forgotten(setting, files, owners, digests)
        if words := ppu_splits.odd_count(setting, len(forgotten[setting]), len(facts)):
            yield Finding(WARNING, "counts", str(path), "", "", words)
    nested = [setting for setting in COMPLETE if setting in forgotten]
    for small, large in pairwise(nested):
        if alone := sorted(forgotten[small] - forgotten[large]):
            words = f"{small} forgets {len(alone)} facts that {large} keeps ({', '.join(alone[:3])}); expected a part"
            yield Finding(WARNING, "split", str(files[FILES[small]]), "", "", words)


# Inside.


def _questions(config: str, kind: str, columns: tuple[str, ...], *, needed: bool) -> Table:
    look = partial(question_faults, kind)
    return Table(config, columns, ("source_from", "task_type"), picture="image", blank=True, needed=needed, look=look)


def _columns(data: DataSet, config: str) -> tuple[str, ...]:
    """The published name of the key where the table cannot be read: `check_tables` says so."""
    try:
        return data.columns(config)
    except AsruBenchError:
        return ("sample_id",)


def _fact(row: Row) -> str:
    return _text(row.values.get("sample_id", row.values.get("id")))


def _repeated(rows: Mapping[str, Sequence[Row]]) -> Iterator[Finding]:
    """The same fact in the same modality twice in a config of questions, the same row twice among other photos."""
    for config in (*EVAL.values(), *ATTACK_CONFIGS):
        first: dict[tuple[str, str], Row] = {}
        for row in rows.get(config, ()):
            key = (_fact(row), MODALITIES.get(str(row.values.get("modality")), ""))
            if all(key) and (other := first.setdefault(key, row)) is not row:
                words = f"{key[0]!r} stands also in {other.file}, row {other.number}, with the same modality"
                yield row.fault("repeated", "sample_id", words)
    for config in PHOTO_CONFIGS:  # a fact stands there once a kind
        shown: dict[str, Row] = {}
        for row in rows.get(config, ()):
            if (other := shown.setdefault(repr(row.values), row)) is not row:
                words = f"the question about {_fact(row)!r} stands also in {other.file}, row {other.number}"
                yield row.fault("repeated", "sample_id", words, WARNING)


def _owners(evaluated: Mapping[str, Sequence[Row]], facts: dict[str, Fact]) -> Iterator[Finding]:
    """Fills `facts`; finds rows that give a fact to another person than an earlier row."""
    for rows in evaluated.values():
        for row in rows:
            name, person = _fact(row), person_id(row.values.get("subject_id"))
            if not (name and person):
                continue
            source = _text(row.values.get("source_from"))
            known = facts.setdefault(name, Fact(person, _text(row.values.get("subject")), "", source))
            if known.person != person:
                words = f"{name!r} is about subject {person!r} here and about {known.person!r} elsewhere"
                yield row.fault("person", "subject_id", words)


def _names(asked: Mapping[str, Sequence[Row]], facts: Mapping[str, Fact]) -> Iterator[Finding]:
    """Rows that call the person of a fact by another name than most rows do, or are about another person."""
    told: dict[str, Counter[str]] = {}
    for row in (row for rows in asked.values() for row in rows):
        told.setdefault(_fact(row), Counter())[normalise(_text(row.values.get("subject")))] += 1
    for config, rows in asked.items():
        for row in rows:
            known, name, person = facts.get(_fact(row)), _text(row.values.get("subject")), row.values.get("subject_id")
            usual = told[_fact(row)].most_common(1)[0][0]
            if known and name and usual and normalise(name) != usual:
                yield row.fault("person", "subject", f"{_fact(row)!r} is about {name!r} here; most rows say {usual!r}")
            if known and config in PHOTO_CONFIGS and _text(person) and person_id(person) != known.person:
                words = f"{_fact(row)!r} is about subject {person!r} here; its questions say {known.person!r}"
                yield row.fault("person", "subject_id", words)


def _types(rows: Sequence[Row]) -> Iterator[Finding]:
    """Rows whose `task_type` is not that of the others of their config."""
    found = [_text(row.values.get("task_type")) for row in rows]
    usual = Counter(found).most_common(1)[0][0] if rows else ""
    for row, own in zip(rows, found, strict=True):
        if own != usual:
            yield row.fault("type", "task_type", f"the type is {own!r}; the other rows have {usual!r}", WARNING)


def _counts(data: DataSet, evaluated: Mapping[str, Sequence[Row]]) -> Iterator[Finding]:
    """Facts in one modality or one kind only; a letter that is right too often."""
    named = {kind: {_fact(row) for row in rows} - {""} for kind, rows in evaluated.items()}
    everything: set[str] = set().union(*named.values())
    for kind, rows in evaluated.items():
        where = str(data.folder(EVAL[kind]))
        asked = [(_fact(row), MODALITIES.get(str(row.values.get("modality")), "")) for row in rows]
        letters = [_text(row.values["answer_label"]).upper() for row in rows if "answer_label" in row.values]
        for words in ppu_rows.odd_items(kind, asked, letters):
            yield Finding(WARNING, "counts", where, "", "", words)
        if rows and (lacking := sorted(everything - named[kind])):
            words = f"{len(lacking)} facts of the other kinds are not asked here ({', '.join(lacking[:3])})"
            yield Finding(WARNING, "counts", where, "", "", words)


def _unasked(rows: Mapping[str, Sequence[Row]], facts: Mapping[str, Fact]) -> Iterator[Finding]:
    """Rows of pairs, other photos and attacks about facts that no question asks."""
    for config, found in rows.items():
        for row in found if facts and config not in EVAL.values() else ():
            if (name := _fact(row)) and name not in facts:
                column = "sample_id" if "sample_id" in row.values else "id"
                level = ERROR if config.startswith(PAIRS) else WARNING
                yield row.fault("unknown", column, f"no question asks the fact {name!r}", level)


def _portraits(rows: Sequence[Row], gone: set[str]) -> Iterator[Finding]:
    """Two people with one picture; in complete settings also with nearly one, where one is forgotten and one kept."""
    owner: dict[str, tuple[Row, str]] = {}
    shown: dict[str, tuple[Row, near.Look]] = {}
    told: set[tuple[str, str]] = set()
    for row in rows:
        person = person_id(row.values.get("subject_id"))
        for ref in row.pictures:
            try:
                seen = near.look(ref)
            except AsruBenchError:  # found before
                continue
            other, whose = owner.setdefault(seen.pixels, (row, person))
            shown.setdefault(person, (row, seen))
            if whose != person and (whose, person) not in told:
                told.add((whose, person))
                words = f"subject {person!r} has the picture of {whose!r} in {other.file}, row {other.number}"
                yield row.fault("near-duplicate", ref.column, words)
    mine, theirs = ([shown[p] for p in shown if (p in gone) is side] for side in (True, False))
    for i, j, same in near.pictures([s for _, s in mine], [s for _, s in theirs]):
        if not same:
            row, other = mine[i][0], theirs[j][0]
            words = f"nearly the picture of {other.file}, row {other.number}, which is kept"
            yield row.fault("near-duplicate", "image", words, WARNING)


def _text(value: Any) -> str:
    return str(value).strip() if value is not None else ""
