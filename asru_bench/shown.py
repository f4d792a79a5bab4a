"""The printing edge: texts of people, methods, libraries and models as a terminal or a page may show them.

Control, escape and bidirectional characters go, ordinary scripts stay: joiners inside Persian words or emoji, and
combining marks. Names of real people that this process has read give way to pseudonyms in messages, unless they are
to be revealed. Standard library only.
"""

from __future__ import annotations

import html
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

#: In place of a character that would have controlled the terminal.
REPLACED = " "
#: In place of half a character, which no terminal or file takes.
BROKEN = "\ufffd"
#: Control characters that end or part lines; the others of Unicode's class Cc are replaced.
BREAKS = {"\n": "\n", "\t": "\t", "\r": " ", "\v": " ", "\f": " ", "\x85": " ", "\u2028": " ", "\u2029": " "}
#: Zero-width non-joiner and joiner.
JOINERS = "\u200c\u200d"
#: Format characters that are signs of their own: of Arabic, Syriac and Kaithi numbers, the end of an ayah.
SIGNS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
#: The combining class of viramas, after which a joiner shapes the letter before it.
VIRAMA = 9
FLAG, TAGS, LAST_TAG = "\U0001f3f4", range(0xE0020, 0xE0080), "\U000e007f"
#: More combining marks on one letter would run into other lines.
MARKS = 8
#: Shorter names, and those without a letter, are too often parts of other words.
SHORTEST_NAME = 3

_plain = re.compile(r"[\n\t\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u0400-\u0481\u3040-\u30ff\u4e00-\u9fff]*")
_names: dict[str, str] = {}
_pattern: list[re.Pattern[str]] = []
_revealing: list[bool] = [False]


def clean(text: str) -> str:
    """A text of any number of lines without characters that act on a terminal or turn the reading direction."""
    if _plain.fullmatch(text):
        return text
    kept: list[str] = []
    marks = 0
    for place, character in enumerate(text):
        kind = unicodedata.category(character)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if character in BREAKS:
            kept.append(BREAKS[character])
        elif kind in ("Cc", "Cs"):
            kept.append(REPLACED if kind == "Cc" else BROKEN)
        elif kind == "Cf" and not _joins(text, place):
            continue
        elif marks <= MARKS:
            kept.append(character)
    return "".join(kept)


def line(text: object) -> str:
    """`clean` on one line."""
    return " ".join(clean(str(text)).split())


def message(text: object) -> str:
    """A text for the terminal or a log: clean, and without names of real people."""
    return clean(_hidden(str(text)))


def hides(text: object) -> bool:
    """Whether `message` would keep somebody's name out of this text."""
    return _hidden(str(text)) != str(text)


def escaped(text: object) -> str:
    """A text for a page: clean, and without meaning in HTML."""
    return html.escape(clean(str(text)))


def say(text: object) -> None:
    """One message on standard error."""
    print(message(text), file=sys.stderr, flush=True)


def hide(names: Iterable[str]) -> None:
    """Keeps these people's names out of every later `message`."""
    for name in names:
        if not isinstance(name, str) or len(name) < SHORTEST_NAME or not any(map(str.isalpha, name)):
            continue
        for spelt in {name, repr(name)[1:-1], clean(name)}:  # as messages quote it, and as others printed it
            if spelt.casefold() not in _names:
                _names[spelt.casefold()] = name
                _pattern.clear()


def forget_names() -> None:
    """Forgets which names are to be kept out: a new command begins."""
    _names.clear()
    _pattern.clear()


@contextmanager
def revealed(wanted: bool = True) -> Iterator[None]:
    """Messages inside name people, because somebody said --reveal."""
    before, _revealing[0] = _revealing[0], wanted or _revealing[0]
    try:
        yield
    finally:
        _revealing[0] = before


def raw(stream: TextIO) -> TextIO:
    """The stream under a `Guarded` one, for text that was cleaned before it was coloured."""
    return getattr(stream, "rich_proxied_file", stream)


@contextmanager
def guarded() -> Iterator[None]:
    """Standard output and error pass everything through `message` inside; rich, which colours, writes under it."""
    before = sys.stdout, sys.stderr
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and not isinstance(stream, Guarded):
            setattr(sys, name, Guarded(stream))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


class Guarded:
    """A text stream whose texts are cleaned as `message` does; `rich_proxied_file` is where rich writes."""

    def __init__(self, stream: TextIO) -> None:
        self.rich_proxied_file = stream

    def write(self, text: str) -> int:
        if not isinstance(text, str):  # click tries with bytes what a stream takes
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.rich_proxied_file.write(message(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for text in lines:
            self.write(text)

    def __getattr__(self, name: str) -> Any:
        if name in ("buffer", "rich_proxied_file"):  # bytes would pass by
            raise AttributeError(name)
        return getattr(self.rich_proxied_file, name)


def _hidden(text: str) -> str:
    if not _names or _revealing[0]:
        return text
    if not _pattern:
        listed = "|".join(map(re.escape, sorted(_names, key=len, reverse=True)))
        _pattern.append(re.compile(rf"(?<!\w)(?:{listed})(?!\w)", re.IGNORECASE))
    return _pattern[0].sub(_stand_in, text)


def _stand_in(found: re.Match[str]) -> str:
    from asru_bench.pseudonyms import pseudonym
    from asru_bench.types import AsruBenchError

    try:
        return pseudonym(_names[found[0].casefold()])
    except (AsruBenchError, KeyError):  # no key can be made here, or another case of some letters
        return "[name]"


def _joins(text: str, place: int) -> bool:
    """Whether a format character belongs to its script: a joiner between letters or emoji, a tag of a flag."""
    character = text[place]
    if character in SIGNS:
        return True
    if character in JOINERS and place and unicodedata.combining(text[place - 1]) == VIRAMA:
        return True
    if character in JOINERS:
        before = next((c for c in reversed(text[:place]) if unicodedata.category(c) not in ("Mn", "Sk")), " ")
        return _joined(before) and _joined(text[place + 1 : place + 2] or " ")
    if ord(character) in TAGS:
        start = text.rfind(FLAG, 0, place)
        return start >= 0 and all(ord(c) in TAGS and c != LAST_TAG for c in text[start + 1 : place])
    return False


def _joined(character: str) -> bool:
    """Letters of scripts without case, whose shapes joiners change, and emoji."""
    return unicodedata.category(character) in ("Lo", "So", "Mc")
