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
from collections.abc import Collection
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
_QUOTED = re.compile(
    r'(?<!nswer is )(?<!nswer: )"[^"]*"|«[^»]*»|„[^“"”]*[“"”]|“[^”]*”|『[^』]*』|「[^」]*」|《[^》]*》'
)
_HAN_OR_KANA = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_INSIDE = re.compile(r"\w $")
_REPORTED = re.compile(r"\b(?:say|says|said|saying|called|titled|entitled|named|motto is|reads)(?: that)?[:,]? $")
_SPEAKER = re.compile(r"\b(?:i|we)\b")
#: Contractions are spelled out in lower case, so these say nothing about the case of a sentence.
_SPELLED = frozenset("is not am are have will would".split())
#: Words that begin a refusal and are capitals inside a sentence only where a title begins.
_OPENERS = frozenset(
    """No Not Nothing Nobody Never Cannot My As Je J Aucune Sans Jamais Sé Ni Non Nessuna Mai Não Nenhuma Nunca Sem Sin
    Ich Wir Kein Keine Nie Не Я Нет Никогда Без Мы""".split()
)


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


def _alternatives(pattern: str) -> list[str]:
    """A regular expression split at its outermost bars."""
    parts, depth = [""], 0
    for token in re.findall(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", pattern):
        depth += (token == "(") - (token == ")")
        if token == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += token
    return parts


@cache
def _any_frame(language: str) -> re.Pattern[str]:
    """All frames in one; those that begin at a word are tried at the beginnings of words alone, which is fast."""
    parts = [part for pattern in frames(language).values() for part in _alternatives(pattern)]
    at_word = "|".join(part.removeprefix(r"\b") for part in parts if part.startswith(r"\b"))
    anywhere = "|".join(part for part in parts if not part.startswith(r"\b"))
    return re.compile("|".join(part for part in (at_word and rf"\b(?:{at_word})", anywhere) if part))


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
    bare = _QUOTED.sub(" … ", text)
    return bare if _WORD.search(bare) else text


def _mentioned(cased: str, start: int, end: int) -> bool:
    """Whether words are reported or are a title ("her favourite film is I Know Nothing"), not the answer's own."""
    before = cased[:start]
    words = _WORD.findall(cased[start:end])
    if _INSIDE.search(before) and any(word.islower() for word in _WORD.findall(before) if word not in _SPELLED):
        long = [word for word in words if len(word) > 2 and word not in _SPELLED]
        if words[:1] and (words[0] in _OPENERS or (len(words) > 1 and long and all(w[0].isupper() for w in long))):
            return True
    return bool(_REPORTED.search(before.lower())) and not _SPEAKER.search(before.lower())


def _sentences(text: str) -> list[tuple[int, str, list[str]]]:
    """Where each sentence of a text begins, the sentence in lower case, and the languages in which it may refuse."""
    return [(match.start(), match[0], _suspected(match[0])) for match in _SENTENCE.finditer(text.lower())]


def _evidence(cased: str, chosen: Collection[str]) -> tuple[str, str]:
    """The refusing words in the `chosen` languages and their language, "" where none refuse or a guess follows."""
    for start, sentence, languages in _sentences(cased):
        for language in languages:
            if language not in chosen:
                continue
            fold = getattr(LANGUAGES[language], "FOLD", None)
            for match in _any_frame(language).finditer(sentence.translate(fold) if fold else sentence):
                if not _mentioned(cased, start + match.start(), start + match.end()):
                    taken_back = _guess(language).search(cased.lower(), start + match.start())
                    return ("", "") if taken_back else (match[0].strip(" .,;:!?。"), language)
    return "", ""


@lru_cache(maxsize=65536)
def _refusal(text: str) -> tuple[str, str]:
    """The words that refuse and their language, "" where the answer does not refuse."""
    cased = _SPACES.sub(" ", _unquoted(straight(text))).strip()
    spelled = spell_out(cased)
    if spelled == cased:
        return _evidence(cased, LANGUAGES)
    english = _evidence(spelled, ("en",))
    return english if english[0] else _evidence(cased, LANGUAGES.keys() - {"en"})


def refusal_evidence(text: str) -> str:
    """The words that refuse (lower case, in English with contractions spelled out), "" where the answer does not."""
    return _refusal(text)[0]


def refusal_language(text: str) -> str:
    """The language in which an answer refuses ("en", "de", ...), "" where it does not."""
    return _refusal(text)[1]


def is_refusal(text: str) -> bool:
    """Whether an answer says that it does not know, cannot tell or will not say; "maybe Riga" does not."""
    return bool(_refusal(text)[0])
