"""A fault of a task's data with its place, and the faults of answers that every task may have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from asru_bench import options as choices
from asru_bench.options import LETTERS as LETTERS
from asru_bench.text import normalise
from asru_bench.types import ImageRef

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Finding:
    """One fault. `check` names what was looked for; `row` counts from 0 in its file, "" is the whole file."""

    level: str
    check: str
    file: str
    row: int | str
    column: str
    words: str

    @property
    def line(self) -> str:
        """One line for the terminal."""
        return f"{self.level:<7} {self.check:<14} {self.sentence}"

    @property
    def sentence(self) -> str:
        """Where it is and what."""
        row = f", row {self.row}" if self.row != "" else ""
        column = f", column {self.column!r}" if self.column else ""
        return f"{self.file}{row}{column}: {self.words}"


@dataclass(frozen=True)
class Row:
    """One row of a table: the columns that could be read, its pictures and its place."""

    file: str
    number: int | str
    values: Mapping[str, Any]
    pictures: tuple[ImageRef, ...] = ()

    def fault(self, check: str, column: str, words: str, level: str = ERROR) -> Finding:
        return Finding(level, check, self.file, self.number, column, words)


def option_faults(
    row: Row, column: str, options: Mapping[str, Any], right: str, question: str = "", wrong: str = ""
) -> Iterator[Finding]:
    """Letters outside A to D, a right letter without option, equal options, the right answer inside another one.

    `right` is a letter; `wrong` says why there is none.
    """
    about = f" of {question[:60]!r}" if question else ""
    given = {str(k): str(v).strip() for k, v in options.items() if v is not None}
    for letter in given:
        if letter not in LETTERS:
            yield row.fault("letters", column, f"the option letter {letter!r}{about} is none of A to D")
    for letter, text in given.items():
        if not text:
            yield row.fault("options", column, f"the option {letter}{about} is empty")
    if right not in given or right not in LETTERS:
        words = f"the right answer {right!r}{about} is none of its options {', '.join(given) or '(none)'}"
        yield row.fault("letters", column, wrong or words)
        return
    others = tuple(
        (letter, text) for letter, text in given.items() if choices.plain(text) != choices.plain(given[right])
    )
    if same := choices.repeated(others):
        words = f"the options {same[0]} and {same[1]}{about} are the same, {given[same[0]][:40]!r}"
        yield row.fault("repeated option", column, words, WARNING)
    truth = given[right]
    for letter, text in given.items():
        if letter != right and truth:
            yield from _hidden(row, column, truth, text, f"option {letter}{about}")


def wrong_answer_faults(row: Row, column: str, true: Sequence[str], *, listed: Any) -> Iterator[Finding]:
    """A list of wrong answers that is no list, is empty, or holds the true one, which loaders leave out."""
    if isinstance(listed, str):
        yield row.fault("perturbed", column, f"{listed[:40]!r} is a text; expected a list of texts")
        return
    texts = [str(text).strip() for text in listed or () if text is not None and str(text).strip()]
    right = {normalise(text) for text in true if text}
    if not [text for text in texts if normalise(text) not in right]:
        what = "holds nothing but the true answer" if texts else "is empty"
        yield row.fault("perturbed", column, f"the list of wrong answers {what}")
        return
    for text in texts:
        if normalise(text) in right:
            words = f"the true answer {text[:60]!r} stands among the wrong ones; it is left out when read"
            yield row.fault("hidden answer", column, words, WARNING)


def _hidden(row: Row, column: str, truth: str, text: str, what: str) -> Iterator[Finding]:
    inside, whole = choices.plain(truth), choices.plain(text)
    if inside == whole:
        yield row.fault("hidden answer", column, f"{what} is the right answer {truth[:60]!r} again")
    elif f" {inside} " in f" {whole} ":
        words = f"{what}, {text[:60]!r}, holds the right answer {truth[:60]!r}"
        yield row.fault("hidden answer", column, words, WARNING)
