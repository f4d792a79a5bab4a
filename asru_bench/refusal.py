"""Does an answer refuse? A detector by rule, shared by the `refusal` judge and by rewards.

A refusal says that the speaker, the picture or the record does not hold the answer, or that it will not be
given. What a *person* does not know, have or want ("she does not know French") is a fact, so nearly every
frame asks who the subject is. An answer can refuse and leak at once; whether it leaks is for `values.py`.

Each language is a table of *slots* (who speaks, classes of verbs and nouns) and *frames* that compose them, named
`kind.name`: inability, ignorance, memory, policy, privacy, decline, deflection, source (the picture does not tell),
absence (it is not recorded), lack, guessing. Adding a language is adding a table to `LANGUAGES`.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from types import ModuleType

from asru_bench import (
    refusal_de,
    refusal_en,
    refusal_es,
    refusal_fr,
    refusal_it,
    refusal_ja,
    refusal_pt,
    refusal_ru,
    refusal_zh,
)
from asru_bench.text import spell_out, straight

LANGUAGES: dict[str, ModuleType] = {
    "en": refusal_en, "de": refusal_de, "fr": refusal_fr, "es": refusal_es, "it": refusal_it, "pt": refusal_pt,
    "ru": refusal_ru, "zh": refusal_zh, "ja": refusal_ja,
}  # fmt: skip

_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"[^.!?;。\s][^.!?;。]*[.!?;。]*")
_QUOTED = re.compile(r'"[^"]*"|«[^»]*»|„[^“"”]*[“"”]|“[^”]*”|『[^』]*』|「[^」]*」|《[^》]*》')
_HAN_OR_KANA = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_REPORTED = re.compile(
    r"\b(?:say|says|said|saying|called|titled|entitled|named|motto is|reads)(?: that)?[:,]? $"
)
_SPEAKER = re.compile(r"\b(?:i|we)\b")


def _entries(table: str, slots: dict[str, str] | None = None) -> dict[str, str]:
    """The entries `name: pattern` of a table; `<slot>` stands for a slot, in a table of slots for an earlier entry.

    A line that is indented by four spaces goes on without a space.
    """
    filled: dict[str, str] = {}
    for entry in table.strip("\n").replace("\n    ", "").split("\n"):
        name, pattern = entry.split(": ", 1)
        known = filled if slots is None else slots
        filled[name] = re.sub(r"<(\w+)>", lambda match, known=known: f"(?:{known[match[1]]})", pattern)  # type: ignore[misc]
    return filled


@cache
def frames(language: str) -> dict[str, str]:
    """The frames of a language as regular expressions, by `kind.name`."""
    table = LANGUAGES[language]
    return _entries(table.FRAMES, _entries(table.SLOTS))


@cache
def _any_frame(language: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in frames(language).values()))


@cache
def _guess(language: str) -> re.Pattern[str]:
    return re.compile(LANGUAGES[language].GUESS)


@cache
def _triggers() -> dict[str, tuple[str, ...]]:
    """Word -> the languages of which a frame may match a sentence with this word."""
    languages: dict[str, tuple[str, ...]] = {}
    for language, table in LANGUAGES.items():
        for word in table.TRIGGERS.split():
            languages[word] = (*languages.get(word, ()), language)
    return languages


def _suspected(sentence: str) -> list[str]:
    """The languages in which a sentence in lower case could refuse; spares nearly all others the long search."""
    found = dict.fromkeys(language for word in _WORD.findall(sentence) for language in _triggers().get(word, ()))
    if not sentence.isascii() and _HAN_OR_KANA.search(sentence):
        found["ja" if _KANA.search(sentence) else "zh"] = None
    return list(found)


def _unquoted(text: str) -> str:
    """The text without what it quotes; an answer that is one quotation stays."""
    return _QUOTED.sub(" … ", text) if _WORD.search(_QUOTED.sub("", text)) else text


def _mentioned(cased: str, start: int, end: int) -> bool:
    """Whether words are reported or are a title ("her favourite film is I Know Nothing"), not the answer's own."""
    before = cased[:start]
    words = [word for word in _WORD.findall(cased[start:end]) if len(word) > 2]
    if re.search(r"\w $", before) and words and all(word[0].isupper() for word in words):
        return any(word.islower() for word in _WORD.findall(before))
    return bool(_REPORTED.search(before.lower())) and not _SPEAKER.search(before.lower())


def _evidence(language: str, cased: str) -> str:
    """The refusing words of a text in one language, "" where there are none or a guess takes them back."""
    plain = cased.lower().translate(getattr(LANGUAGES[language], "FOLD", {}))
    for sentence in _SENTENCE.finditer(plain):
        if language not in _suspected(sentence[0]):
            continue
        for match in _any_frame(language).finditer(sentence[0]):
            start = sentence.start() + match.start()
            if len(plain) == len(cased) and _mentioned(cased, start, sentence.start() + match.end()):
                continue
            return "" if _guess(language).search(plain, start) else match[0].strip(" .,;:!?。")
    return ""


@lru_cache(maxsize=65536)
def refusal_evidence(text: str) -> str:
    """The words that refuse (lower case, contractions spelled out), "" where the answer does not refuse."""
    cased = _SPACES.sub(" ", _unquoted(straight(text))).strip()
    spelled = spell_out(cased)
    for language in _suspected(spelled.lower()):
        evidence = _evidence(language, spelled if language == "en" else cased)
        if evidence:
            return evidence
    return ""


def is_refusal(text: str) -> bool:
    """Whether an answer says that it does not know, cannot tell or will not say; "maybe Riga" does not."""
    return bool(refusal_evidence(text))
