"""Which option an answer chooses: its letter, bare or wrapped, or its text, and neither where it is denied.

Option texts and letters that are marked as such are replaced by one word each; `stance` then says of each whether it is
asserted, guessed or denied.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache

from asru_bench import denial, stance
from asru_bench.letter_marks import (
    EDGES,
    GLUED,
    HAN,
    INITIALS,
    final,
    letters_marked,
    pairs,
    shortened,
    ticked,
    unlisted,
    with_ticks,
)
from asru_bench.option_forms import Figures, Words, answered, lower, polar, short_forms, sweeping, words_of
from asru_bench.refusal import is_refusal
from asru_bench.stance import ASSERTED, HEDGED, NEGATED
from asru_bench.text import fold, spell_out, straight

Options = tuple[tuple[str, str], ...]
#: Hedged in a clause that denies something: "I cannot say that it is B" is no guess of an answer that refuses.
_OPEN = "open"
#: So many mentions of options are read, from both ends of an answer.
_MOST = 40


def parse(text: str, options: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """(letter, the words that decided), ("", why not) where no option is chosen or more than one."""
    reader = _reader(tuple((letter, option) for letter, option in options))
    return reader.parse(text) if options else ("", "no letter")


@lru_cache(maxsize=1024)
def _reader(options: Options) -> Reader:
    return Reader(options)


class Reader:
    """Reads answers to one question with options."""

    def __init__(self, options: Options) -> None:
        self.letters = [letter for letter, _ in options]
        self.texts = [option for _, option in options]
        spelled = [_spelled(option) for option in self.texts]
        self.words = {k: tuple(own) for k, option in enumerate(spelled) if (own := words_of(option))}
        self.spelled = spelled
        #: Texts that are a letter of the options ("A" beside option A: O) count only beside their own letter.
        self.whose = {own[0]: k for k, own in self.words.items() if len(own) == 1 and own[0] in self.letters}
        short = short_forms(spelled)
        self.polar = polar(spelled)
        self.forms = [(k, own) for k, own in self.words.items()] + [
            (k, f) for k, made in enumerate(short) for f in made
        ]
        swept = [(word, k) for k, _, word in sweeping(spelled)]
        shown = [(lower(own), k) for k, own in reversed(self.forms) if k not in self.whose.values()]
        self.keys = dict([*swept, *shown])

    @cached_property
    def _text(self) -> re.Pattern[str]:
        """An option's text or a shorter form of it, the longest first."""
        single = {(word,) for word in self.polar}
        found = [(k, own) for k, own in self.forms if k not in self.whose.values() and lower(own) not in single]
        found.sort(key=lambda form: -len(_body(form[1])))
        return self._either([*((k, said, word) for k, said, word in self._sweeping), *map(_with_body, found)])

    @cached_property
    def _sweeping(self) -> list[tuple[int, str, Words]]:
        return list(sweeping(self.spelled))

    @cached_property
    def _pair(self) -> re.Pattern[str]:
        """A letter and its own text behind it, of texts that are none alone: a letter, yes, no."""
        alone = [(k, own) for k, own in self.forms if lower(own)[0] in self.polar or k in self.whose.values()]
        return self._either(
            (k, rf"{re.escape(self.letters[k])}[\s.:)\]/–-]{{1,4}}{_body(own)}", own)
            for k, own in sorted(alone, key=lambda form: -len(_body(form[1])))
        )

    def _together(self, match: re.Match[str]) -> str:
        """A letter and its text as one word; but "Not A. Riga is wrong" is two sentences."""
        k = self.letters.index(match["letter"].upper())
        if str(k) != match["text"]:
            return match[0]
        return f" zletter{k}. ztext{k} " if match["two"] is not None and "." in match["gap"] else f" zpair{k} "

    def _either(self, patterns: Iterable[tuple[int, str, Words]]) -> re.Pattern[str]:
        """Any of the patterns as a group of its option, on word boundaries, which Han, kana and Hangul do not have."""
        signed = any(word[-1] in "+#-" for own in self.words.values() for word in own)
        end = r"(?![^\W_]|[+#]|-(?![^\W_]))" if signed else r"(?![^\W_])"
        parts = []
        for n, (k, pattern, own) in enumerate(patterns):
            first, last = own[0], own[-1]
            begin = "" if GLUED.match(first) else r"(?<![^\W_])" + r"(?<!\d[.,])" * first[0].isdigit()
            close = "" if GLUED.match(last) else end + r"(?![.,]\d)" * last[-1].isdigit()
            parts.append(f"(?P<t{k}_{n}>{begin}{pattern}{close})")
        return re.compile("|".join(parts) or "(?!)")

    @cached_property
    def _figures(self) -> Figures:
        return Figures(self.spelled)

    def parse(self, text: str) -> tuple[str, str]:
        plain = _spelled(with_ticks(final(shortened(text))))
        core = plain.strip().lstrip(EDGES + "-#").rstrip(EDGES)
        if "✗" not in core and (k := self.keys.get(lower(words_of(core)))) is not None:
            return self.letters[k], self.texts[k]
        if core.upper() in self.letters:
            return core.upper(), core.upper()
        words = stance.read(self._replaced(plain))
        places = [(k, match) for k, word in enumerate(words.low) if (match := _TOKEN.fullmatch(word))]
        if len(places) > _MOST:
            places = places[: _MOST // 2] + places[-_MOST // 2 :]
        said = stance.stances(words, [(k, k + 1) for k, _ in places])
        standing: dict[int, dict[bool, str]] = {}
        for (place, match), how in zip(places, said, strict=True):
            option, is_text = int(match[2]), match[1] == "text"
            if how == NEGATED:
                standing.pop(option, None)
            elif how == ASSERTED or not stance.hypothetical(words, place, place + 1):
                if how != ASSERTED and denial.denies(stance.around(words, place, place + 1)):
                    how = _OPEN
                held = standing.setdefault(option, {})
                held[is_text] = min(how, held.get(is_text, how), key=_ORDER.index)
        return self._chosen(standing, plain)

    def _chosen(self, standing: dict[int, dict[bool, str]], plain: str) -> tuple[str, str]:
        """The one option that is asserted by letter, else by text, else guessed, and not by a sentence that refuses."""
        for how in _ORDER:
            if how == _OPEN and is_refusal(plain):
                break
            for is_text in (False, True):
                found = sorted(k for k, held in standing.items() if held.get(is_text) == how)
                if len(found) == 1:
                    return self.letters[found[0]], (self.texts if is_text else self.letters)[found[0]]
                if found:
                    return "", " and ".join(self.letters[k] for k in found)
        return "", "no letter"

    def _replaced(self, plain: str) -> str:
        """The answer with one word for each option text, each letter, and each letter with its own text."""
        plain = _IF_I_MUST.sub("My guess:", _OUR_OWN.sub("", plain))
        if self.whose or self.polar:
            plain = self._pair.sub(lambda m: f" zpair{_number(m)} ", plain)
        plain = self._text.sub(lambda m: f" ztext{_number(m)} ", plain)
        plain = self._figures.replaced(plain)
        if "ztext" in plain:
            plain = pairs("".join(map(re.escape, self.letters))).sub(self._together, plain)
        if "zpair" in plain:
            plain = unlisted(plain, len(self.letters))
        lines = plain.split("\n")
        restated = [line for line in lines if re.fullmatch(r"[^\w✓✗]*zpair\d+[^\w✓✗]*", line)]
        if len({line.strip() for line in restated}) > 1:
            plain = "\n".join(line for line in lines if line not in restated)
        if self.polar:
            plain = answered(plain, self.polar, is_refusal)
        for pattern in INITIALS:
            plain = pattern.sub(r"\g<lead>", plain)
        if len(self.letters) > 2:
            listed = r"\W{1,4}(?:(?:and|or)\W{1,4})?".join(map(re.escape, self.letters))
            plain = re.sub(rf"(?<![^\W_]){listed}(?![^\W_])", "them", plain)
        for pattern in letters_marked("".join(map(re.escape, self.letters))):
            plain = pattern.sub(self._letter, plain)
        plain = unlisted(_BRACKETS.sub(_bare, plain), len(self.letters))
        return ticked(plain)

    def _letter(self, match: re.Match[str]) -> str:
        k = self.letters.index(match["letter"].upper())
        other = self.whose.get(match["letter"], k) if "open" in match.re.groupindex else k
        return f"{match['lead']}zletter{k}" + (f" or zletter{other}" if other != k else "")


#: "If I had to guess, I would say B" is no hypothesis.
_IF_I_MUST = re.compile(
    r"\bif (?:(?:i|we) (?:am |was |were )?)?(?:had|have|must|forced|pressed|made|obliged)(?: to)? "
    r"(?:guess|choose|pick|select|answer|say|decide|make a (?:guess|choice))\b[,:]?",
    re.IGNORECASE,
)
_ORDER = (ASSERTED, HEDGED, _OPEN)
_BRACKETS = re.compile(r"(?:[(\"'\[{|]{1,4}\s{0,2})?(z(?:letter|pair|text)\d+)(?:\s{0,2}[)\"'\]}|]{1,4})?")
#: What an answer itself writes like the words that stand for options.
_OUR_OWN = re.compile(r"z(?=(?:letter|pair|text)\d)", re.IGNORECASE)
_TOKEN = re.compile(r"z(letter|pair|text)(\d+)")


#: Single words that are an option only as it is written: "May" is a month, "may" is not.
_AUXILIARIES = frozenset("may will can might must it us is no".split())


def _body(own: Words) -> str:
    body = r"[\W_]{1,3}(?:and )?".join(map(re.escape, own))
    return body if len(body) == 1 or body.lower() in _AUXILIARIES else f"(?i:{body})"


def _bare(match: re.Match[str]) -> str:
    """An option without the brackets and quotation marks around it, which part it from other words."""
    return " " * (match.start() < match.start(1)) + match[1] + " " * (match.end() > match.end(1))


def _with_body(form: tuple[int, Words]) -> tuple[int, str, Words]:
    return form[0], _body(form[1]), form[1]


def _number(match: re.Match[str]) -> int:
    return int((match.lastgroup or "t0_0")[1:].split("_")[0])


def _spelled(text: str) -> str:
    """Contractions in full, no accents, one spelling of minus and sharp, no letter glued to Han, kana or Hangul."""
    plain = straight(text).replace("−", "-").replace("‑", "-").replace("♯", "#")
    if not plain.isascii():
        plain = re.sub(rf"(?<={HAN})(?=[A-Za-z])|(?<=[A-Za-z])(?={HAN})", " ", plain)
    return fold(spell_out(plain))
