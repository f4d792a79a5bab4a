"""What is wrong with a task's data: every finding names file, row and column. No model is loaded.

A task says what its tables must hold (`Task.check_data`, usually through `check_tables`); `check` adds what can be
seen in the questions and training pairs of every task.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench import data, entering, inputs, languages, near, shown
from asru_bench.findings import ERROR, WARNING, Finding, Row, option_faults, wrong_answer_faults
from asru_bench.near import Look, look
from asru_bench.types import FORGET_ROLES, KEEP_ROLES, AsruBenchError, ImageRef, Sample, TrainingPair

if TYPE_CHECKING:
    from asru_bench.data import DataSet
    from asru_bench.models import VLM
    from asru_bench.task import Task

#: Parts that a table can play in a data set.
TRAIN, HELD_OUT, FORGET, RETAIN = "train", "held_out", "forget", "retain"


@dataclass(frozen=True)
class Table:
    """What one config must hold.

    `columns` must be there, `optional` are read where they are; `picture` is the column of pictures, which every row
    needs unless `blank`. Values of `unique` stand once; `distinct` rows, which have no id, differ. Within a group (a
    split) the `person`s of FORGET and RETAIN are separate, and rows with `text` columns are compared. `look` finds
    what is wrong inside one row.
    """

    config: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    picture: str = ""
    blank: bool = False
    unique: str = ""
    distinct: bool = False
    person: str = ""
    text: tuple[str, ...] = ()
    part: str = ""
    groups: tuple[str, ...] = ()
    needed: bool = True
    look: Callable[[Row], Iterable[Finding]] | None = field(default=None, compare=False)


def check(task: Task, vlm: VLM | None = None) -> list[Finding]:
    """All faults of a task's data, errors first; an empty list where there are none.

    With a model's processor (weights are not needed) also what it does not take, else what well-known ones do not.
    """
    found = list(task.check_data())
    samples: list[Sample] = []
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            samples = task.samples()
        except AsruBenchError as error:
            words = str(error)
            if not any(f.level == ERROR and f.words in words for f in found):  # the same, said by the loader
                found.append(Finding(ERROR, "load", str(task.data), "", "", words))
    known = {f.words for f in found}
    warned = dict.fromkeys(str(w.message) for w in told)
    found += [Finding(WARNING, "load", str(task.data), "", "", words) for words in warned if words not in known]
    done = {f.check for f in found}
    if samples:
        shown.hide(task.world().people_names())
    trained, parts = (_trained(task), task.world().forget) if samples else ((), {})
    generic = list(entering.faults(samples, str(task.data)))
    if not any(f.check == "type" for f in generic):  # else nothing more can be read from them
        generic += of_samples(samples, trained, str(task.data), parts)
    found += [f for f in generic if f.check not in done]
    if vlm is not None:
        found = [f for f in found if f.check != inputs.CHECK] + inputs.of_model(task, samples, _pairs(task), vlm)
    return sorted(dict.fromkeys(found), key=lambda f: (f.level != ERROR, f.check))


def check_tables(
    tables: DataSet, expected: Sequence[Table], found: dict[str, list[Row]] | None = None
) -> Iterator[Finding]:
    """Faults inside each table and between tables.

    `found` is filled with what could be read: the rows by config, of several tables of a config those of the first.
    """
    read: list[tuple[Table, list[Row]]] = []
    known = tables.configs()
    for table in expected:
        if table.config not in known:
            if table.needed:
                words = f"there is no such config; found {', '.join(known) or 'none'}. Download the missing folder."
                yield Finding(ERROR, "config", str(tables.folder(table.config)), "", "", words)
            continue
        rows: list[Row] = []
        unread = [fault for file in tables.files(table.config) for fault in read_rows(file, table, rows)]
        yield from unread
        read.append((table, rows))
        if found is not None:
            found.setdefault(table.config, rows)
        yield from _unique(table, rows)
        yield from _pictures(table, rows) if table.picture not in {f.column for f in unread} else ()
        for row in rows:
            yield from _inside(table, row) if table.look else ()
            yield from inputs.row_faults(row, row.values, bool(row.pictures))
    yield from _shared(read)
    for group in dict.fromkeys(g for table, _ in read for g in table.groups):
        sides = ([(t, rows) for t, rows in read if group in t.groups and t.part == part] for part in (FORGET, RETAIN))
        yield from _between(*sides)


def of_samples(
    samples: Sequence[Sample], trained: Iterable[tuple[str, ImageRef]], where: str, parts: Collection[str] = ()
) -> Iterator[Finding]:
    """What can be seen in the questions of any task; `trained` are (person, picture) of training pairs.

    Of the people in `parts` some facts are to be forgotten and others kept; all others stand on one side.
    """
    seen: dict[str, Sample] = {}
    pictures: dict[ImageRef, Sample] = {}
    for sample in samples:
        row = entering.row_of(sample, where)
        if sample.id in seen:
            yield row.fault("repeated", "id", f"the sample id {sample.id!r} stands twice")
        seen[sample.id] = sample
        if sample.prompt.image:
            pictures.setdefault(sample.prompt.image, sample)
        if sample.kind == "classification":
            yield from option_faults(row, "options", dict(sample.options), sample.answer, sample.question)
        if words := inputs.refusal(sample.prompt, None, inputs.WELL_KNOWN):
            yield row.fault(inputs.CHECK, "question", f"{words}: {inputs.UNASKED}", WARNING)
        if sample.perturbed:
            yield from wrong_answer_faults(row, "perturbed", (sample.answer,), listed=sample.perturbed)
    yield from _unbalanced(samples, where)
    for words in languages.notes(text for s in samples for text in (s.question, s.answer)):
        yield Finding(WARNING, "language", where, "", "", words)
    gone, kept = ({s.cluster for s in samples if s.role in side} for side in (FORGET_ROLES, KEEP_ROLES))
    for person in sorted((gone & kept) - {*parts}):
        sample = next(s for s in samples if s.cluster == person)
        yield entering.row_of(sample, where).fault("overlap", "person", f"{person!r} is both to be forgotten and kept")
    looks: dict[ImageRef, Look] = {}
    for ref, sample in pictures.items():
        yield from _look_at(entering.row_of(sample, where), ref, looks)
    yield from _held_out(pictures, looks, trained)


def read_rows(file: Path, table: Table, rows: list[Row]) -> Iterator[Finding]:
    """Appends the rows of one file; what cannot be read is a finding for the file or the column."""
    try:
        names = data.column_names(file)
    except AsruBenchError as error:
        yield Finding(ERROR, "readable", str(file), "", "", str(error))
        return
    for column in (*table.columns, *((table.picture,) if table.picture else ())):
        if column not in names:
            yield Finding(ERROR, "column", str(file), "", column, f"the column is missing; found {', '.join(names)}")
    values: dict[str, list[Any]] = {}
    for column in (*table.columns, *table.optional):
        if column in names:
            try:
                values[column] = data.read_column(file, column)
            except AsruBenchError as error:
                yield Finding(ERROR, "readable", str(file), "", column, str(error))
    pictures: list[tuple[ImageRef, ...]] = []
    if table.picture in names:
        try:
            pictures = data.pictures_of(file, table.picture)
        except AsruBenchError as error:
            yield Finding(ERROR, "readable", str(file), "", table.picture, str(error))
    for i in range(max((len(v) for v in (*values.values(), pictures)), default=0)):
        own = {name: column[i] for name, column in values.items()}
        rows.append(Row(str(file), i, own, pictures[i] if pictures else ()))


def counts(task: Task) -> list[str]:
    """What the data hold: people, questions and pictures a role, training pairs, and the digest of all."""
    people: dict[str, tuple[set[str], set[ImageRef], int]] = {}
    for s in task.samples():
        who, pictures, n = people.get(s.role, (set(), set(), 0))
        people[s.role] = who | {s.cluster}, pictures | ({s.prompt.image} if s.prompt.image else set()), n + 1
    lines = [f"{'role':<14} {'people':>8} {'questions':>10} {'pictures':>9}"]
    lines += [f"{role:<14} {len(w):>8} {n:>10} {len(p):>9}" for role, (w, p, n) in people.items()]
    return [*lines, f"data digest {task.data_hash()}"]


# Inside: one table.


def _unique(table: Table, rows: Sequence[Row]) -> Iterator[Finding]:
    """Values that stand twice; where a row is its own id, its pixels count too."""
    first: dict[str, Row] = {}
    for row in rows if table.unique or table.distinct else ():
        own = [dict(row.values), [seen.pixels for _, _, seen in _looks([row])]]
        value = row.values.get(table.unique) if table.unique else repr(own)
        if value is None or not str(value).strip():
            yield row.fault("id", table.unique, "there is no id")
        elif (other := first.setdefault(str(value), row)) is not row:
            what, level = (f"the id {value!r}", ERROR) if table.unique else ("the same row", WARNING)
            words = f"{what} stands also in {other.file}, row {other.number}"
            yield row.fault("repeated", table.unique, words, level)


def _pictures(table: Table, rows: Sequence[Row]) -> Iterator[Finding]:
    """Missing and broken pictures."""
    for row in rows if table.picture else ():
        if not row.pictures and not table.blank and table.columns:
            yield row.fault("picture", table.picture, "there is no picture")
        for ref in row.pictures:
            yield from _look_at(row, ref, {})


def _look_at(row: Row, ref: ImageRef, looks: dict[ImageRef, Look]) -> Iterator[Finding]:
    try:
        looks[ref] = look(ref)
    except AsruBenchError as error:
        yield row.fault("picture", ref.column or "image", str(error))


def _inside(table: Table, row: Row) -> Iterator[Finding]:
    assert table.look is not None, "called for tables that look at rows"
    try:
        yield from table.look(row)
    except (AsruBenchError, KeyError, TypeError, ValueError, AttributeError) as error:
        name = "" if isinstance(error, AsruBenchError) else f"{type(error).__name__}: "
        yield row.fault("row", "", f"the row cannot be read: {name}{error}")


# Inside: between tables.


def _looks(rows: Iterable[Row]) -> Iterator[tuple[Row, ImageRef, Look]]:
    """The pictures that can be read."""
    for row in rows:
        for ref in row.pictures:
            try:
                yield row, ref, look(ref)
            except AsruBenchError:
                continue


def _shared(read: Sequence[tuple[Table, list[Row]]]) -> Iterator[Finding]:
    """Pictures, by their pixels, that are trained on and held out."""
    trained: dict[str, Row] = {}
    for table, rows in read:
        for row, _, seen in _looks(rows) if table.part == TRAIN else ():
            trained.setdefault(seen.pixels, row)
    for table, rows in read:
        for row, _, seen in _looks(rows) if table.part == HELD_OUT else ():
            if other := trained.get(seen.pixels):
                words = f"the held-out picture has the pixels of {other.file}, row {other.number}, which is trained on"
                yield row.fault("shared picture", table.picture, words)


def _between(forget: Sequence[tuple[Table, list[Row]]], retain: Sequence[tuple[Table, list[Row]]]) -> Iterator[Finding]:
    """People of both sides, and rows of one side that are nearly those of the other."""
    kept: dict[str, Row] = {}
    for table, rows in retain:
        for row in rows if table.person else ():
            kept.setdefault(str(row.values.get(table.person)), row)
    gone: set[tuple[str, str]] = set()
    for table, rows in forget:
        for row in rows if table.person else ():
            person = str(row.values.get(table.person))
            if person in kept and (row.file, person) not in gone:
                other = kept[person]
                gone.add((row.file, person))
                words = f"{person!r} is to be forgotten and stands also in {other.file}, row {other.number}"
                yield row.fault("overlap", table.person, words)
    people = {person for _, person in gone}
    sides = []
    for side in (forget, retain):
        told = [(table, row) for table, found in side if table.text for row in found]
        sides.append([(t, r) for t, r in told if str(r.values.get(t.person)) not in people or not t.person])
    yield from _near(*sides)


def _near(forget: Sequence[tuple[Table, Row]], retain: Sequence[tuple[Table, Row]]) -> Iterator[Finding]:
    """Pictures and texts that are the same or nearly the same on both sides, of people who are not."""
    mine, theirs = ([(t, r, s) for t, r in side for _, _, s in _looks([r])] for side in (forget, retain))
    for i, j, same in near.pictures([s for *_, s in mine], [s for *_, s in theirs]):
        (table, row, _), (_, other, _) = mine[i], theirs[j]
        word, level = ("the same picture as", ERROR) if same else ("nearly the picture of", WARNING)
        words = f"{word} {other.file}, row {other.number}, which is kept"
        yield row.fault("near-duplicate", table.picture, words, level)
    said = [[" ".join(str(r.values.get(c) or "") for c in t.text) for t, r in side] for side in (forget, retain)]
    for i, j in near.texts(*said):
        (table, row), (_, other) = forget[i], retain[j]
        words = f"nearly the text of {other.file}, row {other.number}, which is kept"
        yield row.fault("near-duplicate", table.text[0], words, WARNING)


# Inside: samples.


def _trained(task: Task) -> list[tuple[str, ImageRef]]:
    """(person, picture) of what a model is trained on; nothing where the task cannot say."""
    return [(pair.cluster, pair.image) for pair in _pairs(task) if pair.image]


def _pairs(task: Task) -> tuple[TrainingPair, ...]:
    for of in (task.memorise_pairs, lambda: (*task.training_data().forget, *task.training_data().retain)):
        try:
            return tuple(of())
        except (NotImplementedError, AsruBenchError):
            continue
    return ()


def _held_out(
    pictures: Mapping[ImageRef, Sample], looks: Mapping[ImageRef, Look], trained: Iterable[tuple[str, ImageRef]]
) -> Iterator[Finding]:
    known: dict[str, ImageRef] = {}
    for _, ref in trained:
        try:
            known.setdefault(look(ref).pixels, ref)
        except AsruBenchError as error:
            yield Finding(ERROR, "picture", ref.path, ref.row if ref.row >= 0 else "", ref.column, str(error))
    for ref, sample in pictures.items():
        if sample.role == "test" and ref in looks and (other := known.get(looks[ref].pixels)):
            row = f", row {other.row}" if other.row >= 0 else ""
            words = f"the held-out picture has the pixels of {other.path}{row}, which is trained on"
            yield entering.row_of(sample, "").fault("shared picture", ref.column, words)


def _unbalanced(samples: Sequence[Sample], where: str) -> Iterator[Finding]:
    """Questions without wrong answers among others of the same set that have some."""
    kinds = [(s.split, s.tags[:1]) for s in samples]
    having = {kind for kind, s in zip(kinds, samples, strict=True) if s.perturbed}
    for kind, s in zip(kinds, samples, strict=True):
        if kind in having and not s.perturbed:
            yield entering.row_of(s, where).fault(
                "perturbed", "perturbed", "there are no wrong answers, as others have"
            )
