"""Which languages the judges read, and a note on data in others."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable

from asru_bench.marks import find_words

#: Languages by code; of a writing that is in none of them the script is known and no more.
NAMES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "ru": "Russian", "zh": "Chinese", "ja": "Japanese",
}  # fmt: skip
ALL = tuple(NAMES)
#: Judge -> the languages that it reads as a whole. `rouge` and `quality` read every script.
READ = {"refusal": ALL, **dict.fromkeys(("choice", "cloze", "value", "hallucination", "rubric"), ("en",))}
_WORDS = {
    "en": "a an the of and is was are were what which who where when how this that in on at as for by to her his she "
    "he it does did do has have person with works born lives name not i my",
    "de": "der die das und ist war was welche wer wo wann wie diese dieser in zu ihr sein sie er mit wurde eine ein",
    "fr": "le la les et est était quel quelle qui où quand comment cette ce dans sa son elle il avec une un des",
    "es": "el la los es era qué cuál quién dónde cuándo cómo esta este en su ella él con una un nació del las",
    "it": "il la gli è era che quale chi dove quando come questa questo in suo sua lei lui con una un della nato",
    "pt": "os é era que qual quem onde quando como esta este em seu sua ela ele com uma um da do nasceu não",
}
_FEWEST_WORDS = 4
#: From this share of the texts on a language is told.
SHARE = 0.1


def language(text: str) -> str:
    """The code of a text's language, the script of another one ("Thai"), or "" where it does not show."""
    scripts = Counter(_script(c) for c in text if c.isalpha())
    if not scripts:
        return ""
    script = scripts.most_common(1)[0][0]
    if scripts["Hiragana"] or scripts["Katakana"]:
        return "ja"
    if script in ("Cjk", "Cyrillic"):
        return "zh" if script == "Cjk" else "Cyrillic" if set(text.lower()) & set("іїєґўђћљњџјѓќәғқңөұүһ") else "ru"
    if script != "Latin":
        return script
    words = find_words(text.lower())
    if len(words) < _FEWEST_WORDS:
        return ""
    found = {code: sum(word in known for word in words) for code, known in _KNOWN.items()}
    best = max(found, key=lambda code: found[code])  # English, the first, where others have as many
    if found[best] > 0.1 * len(words):
        return best if best == "en" or found[best] > 1 else ""
    return "" if text.isascii() else "Latin"


def notes(texts: Iterable[str]) -> list[str]:
    """For each language that a tenth of the texts is in: the judges that do not read it."""
    found = Counter(filter(None, map(language, dict.fromkeys(texts))))
    told = []
    for code, count in found.most_common():
        unable = [judge for judge, codes in READ.items() if code not in codes]
        if unable and count >= SHARE * found.total():
            name = NAMES.get(code) or ("a language in Latin letters" if code == "Latin" else f"{code} letters")
            sees_none = "refusal sees no refusals in it; " if "refusal" in unable else ""
            others = ", ".join(judge for judge in unable if judge != "refusal")
            told.append(
                f"{count} of {found.total()} questions and answers are in {name}: {sees_none}{others} find values in "
                "it but read denials, guesses and other words in English alone (docs/judges.md, Languages)"
            )
    return told


def _script(character: str) -> str:
    return "Latin" if character.isascii() else unicodedata.name(character, "?").partition(" ")[0].capitalize()


_KNOWN = {code: frozenset(words.split()) for code, words in _WORDS.items()}
