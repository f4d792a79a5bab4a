"""Text as its reader sees it: without marks of Markdown, HTML and LaTeX and without invisible characters; its words."""

from __future__ import annotations

import html
import re
import unicodedata

import regex

# Marks. Each rule takes away the marks and leaves what they enclose.

_MARK = re.compile(r"[*_`<&\\~=|#]")
_HEADING = re.compile(r"(?<!\S)#{1,6}(?=\s)")
#: Dollars around LaTeX are no currency: $\text{35,000 euros}$.
_FORMULA = re.compile(r"\$(\\[A-Za-z]+\s*\{\d[^$\n]*\})\$")
_FENCE = re.compile(r"^[ \t]*(?:```+|~~~+)[\w+-]*[ \t]*$", re.MULTILINE)
_ATTRIBUTES = r"(?:\s+[\w:-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s<>\"']+))*\s*/?"
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|big|cite|code|del|em|font|i|ins|kbd|mark|q|s|samp|small|span|strike|strong|sub|sup|tt|u|var|"
    rf"wbr){_ATTRIBUTES}>",
    re.IGNORECASE,
)
_BLOCK = re.compile(
    r"</?(?:blockquote|body|br|center|dd|div|dl|dt|h[1-6]|head|hr|html|li|ol|p|pre|table|tbody|td|th|thead|tr|ul)"
    rf"{_ATTRIBUTES}>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LATEX = re.compile(
    r"\\(?:text\w*|math(?:rm|bf|it|sf|tt|bb|cal|frak|scr)|operatorname|mbox|hbox|boxed|emph|underline|bm|boldsymbol)"
    r"\s*\{([^{}]*)\}"
)
_LATEX_COMMA = re.compile(r"\{,\}")
_LINE_BREAK = re.compile(r"\\n(?![a-z])")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_CODE = re.compile(r"(?<![\w`])(`+)(?!`)(.+?)(?<!`)\1(?![\w`])")
#: Bold and struck words, also in the middle of a word: **Ri**ga.
_STRONG = re.compile(r"(\*{2,3}|~~|==|\|\|)(?=[^\s*~=|])(.+?)(?<=[^\s*~=|])\1")
#: 3*4*5 is a product.
_EMPHASIS = re.compile(r"(?<![\d*])\*(?=[^\s*])([^*]+?)(?<=[^\s*])\*(?![\d*])")
_UNDERSCORES = re.compile(r"(?<=[^\W_])_+(?=[^\W_])")


def unmark(text: str) -> str:
    """Without Markdown, HTML tags and entities, LaTeX text and backslash escapes; `Mara_Holt` is two words.

    Marks inside a word join its parts (**Ri**ga), underscores inside one part them, tags of blocks end a line.
    """
    if not _MARK.search(text):
        return text
    if "<" in text:
        text = _BLOCK.sub("\n", _INLINE.sub("", text))
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    if "`" in text or "~~~" in text:
        text = _CODE.sub(r"\2", _FENCE.sub("", text))
    if "\\" in text:
        text = _unlatex(text)
    for pattern in (_STRONG, _STRONG) if any(mark in text for mark in ("**", "~~", "==", "||")) else ():
        text = pattern.sub(r"\2", text)
    if "*" in text:
        text = _EMPHASIS.sub(r"\1", text)
    if "#" in text:
        text = _HEADING.sub("", text)
    if "_" in text:
        text = _UNDERSCORES.sub(" ", text).replace("_", "")
    return text


def _unlatex(text: str) -> str:
    before, text = "", _FORMULA.sub(r"\1", text)
    while before != text:  # from the inside outwards
        before, text = text, _LATEX.sub(r"\1", text)
    return _ESCAPED.sub(r"\1", _LINE_BREAK.sub("\n", _LATEX_COMMA.sub(",", text)))


# Characters.

#: Zero-width and other characters that nobody sees, and strokes through letters.
_UNSEEN = regex.compile(r"[\p{Default_Ignorable_Code_Point}\u0334-\u0338\ufff9-\ufffb]+")
#: A zero-width space that stands for a space between two words.
_ZERO_SPACE = re.compile("(?<=[a-z])\u200b(?=[A-Z])")
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
#: Signs that writing may leave out: vowels of Arabic and Hebrew, the line that stretches Arabic words, Russian stress.
_POINTS = re.compile(
    "[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc"
    "\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed]+|(?<=[\u0400-\u04ff])[\u0300\u0301]"
)
#: Signs on letters that a reader may leave out; vowels of Indian scripts, tones of Thai and kana's voicing are none.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)


def seen(text: str) -> str:
    """Without invisible characters, digits of every script as 0 to 9."""
    text = _UNSEEN.sub("", _ZERO_SPACE.sub(" ", text))
    return _OTHER_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), text)


def unpointed(text: str) -> str:
    """Without the vowel signs of Arabic and Hebrew and the stress of Cyrillic."""
    return _POINTS.sub("", text)


def unaccented(text: str) -> str:
    """Without accents: é is e, й is и, أ is ا."""
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)))


# Words.

#: Scripts whose writing does not part words, or (Hangul) hangs endings on them: each character is a word.
_SINGLE = r"\p{Han}\p{Hiragana}\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
_KANA = r"[\p{Katakana}\u30fc]+"
_ASCII = re.compile(r"[^\W_]+")
_WORD = regex.compile(
    rf"(?V1)[{_SINGLE}\p{{Hangul}}]\p{{M}}*|{_KANA}|[\p{{Latin}}\p{{N}}][\p{{Latin}}\p{{N}}\p{{M}}]*"
    rf"|[[\p{{L}}\p{{M}}]--[\p{{Latin}}\p{{Katakana}}\p{{Hangul}}{_SINGLE}]]+"
)
#: As it is written: letters of several scripts in one word stay together, and so does a word of Hangul.
_WRITTEN = regex.compile(
    rf"(?V1)[{_SINGLE}]\p{{M}}*|{_KANA}|\p{{Hangul}}+|[[\p{{L}}\p{{N}}\p{{M}}]--[\p{{Katakana}}\p{{Hangul}}{_SINGLE}]]+"
)
#: Letters and digits, without ² and ½, which rouge-score leaves out as well.
_COUNTED = regex.compile(
    rf"(?V1)[{_SINGLE}\p{{Katakana}}]\p{{M}}*|[[\p{{Latin}}\p{{Nd}}]--[ªº]][\p{{Latin}}\p{{Nd}}\p{{M}}]*"
    rf"|[[\p{{L}}\p{{M}}]--[\p{{Latin}}\p{{Katakana}}{_SINGLE}ªº]]+"
)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


_APART = regex.compile(rf"[{_SINGLE}\p{{Hangul}}\p{{Katakana}}]")
_EASTERN_DATE = re.compile(r"(?<!\d)(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日号號일]")


def word_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of the words by which values are found.

    Latin letters end where another script begins (Riga in 她出生在Riga); Han, Hiragana, Hangul, Thai and other writing
    without spaces count character by character, Katakana by its runs.
    """
    return [match.span() for match in (_ASCII if text.isascii() else _WORD).finditer(text)]


def find_words(text: str) -> list[str]:
    """The words of `word_spans`."""
    return _ASCII.findall(text) if text.isascii() else _WORD.findall(text)


def written_words(text: str) -> list[str]:
    """Words as written; of writing without spaces the characters."""
    return _ASCII.findall(text) if text.isascii() else _WRITTEN.findall(text)


def rouge_words(text: str) -> list[str]:
    """Of a text in lower case: runs of a to z and 0 to 9 as rouge-score has them; of other scripts words as written.

    Han, kana, Thai and other writing without spaces count by the character.
    """
    if text.isascii():
        return _ASCII.findall(text)
    return _COUNTED.findall(unpointed(unicodedata.normalize("NFC", _UNSEEN.sub("", text.translate(_FULL_WIDTH)))))


def apart(text: str) -> str:
    """Of equal length, spaces for letters of writing without spaces: figures stand free, 1987年3月12日 is 1987-3-12."""
    if text.isascii():
        return text
    return _APART.sub(" ", _EASTERN_DATE.sub(lambda m: "-".join(m.groups()).ljust(len(m[0])), text))


def stands_alone(word: str) -> bool:
    """Whether a word is one character of a writing that does not part words."""
    return not word.isascii() and len(word) <= 4 and bool(_ALONE.match(word))


_ALONE = regex.compile(rf"[{_SINGLE}\p{{Hangul}}]\p{{M}}*$")
#: A space between two such characters.
SPACED = regex.compile(rf"(?<=[{_SINGLE}\p{{Hangul}}]\p{{M}}*) (?=[{_SINGLE}\p{{Hangul}}])")

_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa"}
)
#: Vowels that may stand for an umlaut: Mueller, Oeberg; not in Michael, Bauer, Sue.
_SPELLED_UMLAUT = re.compile(r"(?<![aeiouqAEIOUQ])(?:([aA])e|([oO])e|([uU])e|([aA])a)(?=[bcdfghklmnprstz][a-z])")
_DIGRAPH = re.compile(r"[aou]e|aa", re.IGNORECASE)
_CAPITALISED = re.compile(r"\b[A-Z][a-z]{4,}\b")


def umlauts(text: str) -> list[str]:
    """Other usual spellings of a value with German and Nordic letters: Oeberg of Öberg, Muller of Mueller.

    The second way only for capitalised words of five letters and more: a poet is no pot.
    """
    if text.isascii() and not _DIGRAPH.search(text):
        return []
    composed = unicodedata.normalize("NFC", text)
    spelled = composed.translate(_UMLAUTS)
    short = _CAPITALISED.sub(lambda word: _SPELLED_UMLAUT.sub(_vowel, word[0]), composed)
    return [other for other in dict.fromkeys((spelled, short)) if other != composed]


def _vowel(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group)
