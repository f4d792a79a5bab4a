"""Which option an answer chooses: its letter, bare or wrapped, or its text, and neither where it is denied.

Option texts and letters that are marked as such are replaced by one word each; `stance` then says of each whether it is
asserted, guessed or denied.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache

from asru_bench import stance
from asru_bench.refusal import is_refusal
from asru_bench.stance import ASSERTED, HEDGED, NEGATED
from asru_bench.text import fold, spell_out, straight

Options = tuple[tuple[str, str], ...]


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
        self.words = {k: own for k, option in enumerate(self.texts) if (own := _words(_spelled(option)))}
        #: Texts that are a letter of the options ("A" beside option A: O) count only beside their own letter.
        self.whose = {own[0]: k for k, own in self.words.items() if len(own) == 1 and own[0] in self.letters}
        self.keys = {_lower(own): k for k, own in reversed(self.words.items()) if k not in self.whose.values()}

    @cached_property
    def _text(self) -> re.Pattern[str]:
        """An option's text, the longest first."""
        found = sorted((k for k in self.words if k not in self.whose.values()), key=lambda k: -len(self._bodies[k]))
        return self._either({k: self._bodies[k] for k in found})

    @cached_property
    def _pair(self) -> re.Pattern[str]:
        """A letter and its own text behind it."""
        return self._either(
            {k: rf"{re.escape(self.letters[k])}[\s.:)\]/–-]{{1,4}}{b}" for k, b in self._bodies.items()}
        )

    @cached_property
    def _bodies(self) -> dict[int, str]:
        bodies = {k: r"[\W_]{1,3}".join(map(re.escape, own)) for k, own in self.words.items()}
        return {k: body if len(body) == 1 else f"(?i:{body})" for k, body in bodies.items()}

    def _either(self, patterns: Mapping[int, str]) -> re.Pattern[str]:
        """Any of the patterns as a group of its number, on word boundaries, which Han, kana and Hangul do not have."""
        signed = any(word[-1] in "+#-" for own in self.words.values() for word in own)
        end = r"(?![^\W_]|[+#]|-(?![^\W_]))" if signed else r"(?![^\W_])"
        begin = r"(?<![^\W_])"
        parts = []
        for k, pattern in patterns.items():
            first, last = self.words[k][0], self.words[k][-1]
            ends = ("" if _GLUED.match(first) else begin, "" if _GLUED.match(last) else end)
            parts.append(f"(?P<t{k}>{ends[0]}{pattern}{ends[1]})")
        return re.compile("|".join(parts) or "(?!)")

    def parse(self, text: str) -> tuple[str, str]:
        plain = _spelled(_final(text))
        core = plain.strip().lstrip(_EDGES + "-#").rstrip(_EDGES)
        if (k := self.keys.get(_lower(_words(core)))) is not None:
            return self.letters[k], self.texts[k]
        if core.upper() in self.letters:
            return core.upper(), core.upper()
        words = stance.read(self._replaced(plain))
        places = [(k, match) for k, word in enumerate(words.low) if (match := _TOKEN.fullmatch(word))]
        said = stance.stances(words, [(k, k + 1) for k, _ in places])
        standing: dict[int, dict[bool, str]] = {}
        for (place, match), how in zip(places, said, strict=True):
            option, is_text = int(match[2]), match[1] == "text"
            if how == NEGATED:
                standing.pop(option, None)
            elif how == ASSERTED or not stance.hypothetical(words, place, place + 1):
                held = standing.setdefault(option, {})
                held[is_text] = ASSERTED if ASSERTED in (how, held.get(is_text)) else HEDGED
        return self._chosen(standing, plain)

    def _chosen(self, standing: dict[int, dict[bool, str]], plain: str) -> tuple[str, str]:
        """The one option that is asserted by letter, else by text, else guessed by an answer that does not refuse."""
        for how in (ASSERTED, HEDGED):
            if how == HEDGED and is_refusal(plain):
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
        plain = self._pair.sub(_paired, plain)
        lines = plain.split("\n")
        restated = [line for line in lines if re.fullmatch(r"\W*zpair\d+\W*", line)]
        if len({line.strip() for line in restated}) > 1:
            plain = "\n".join(line for line in lines if line not in restated)
        plain = self._text.sub(lambda m: f" ztext{_number(m)} ", plain)
        if len(self.letters) > 2:
            plain = re.sub(r"\W+(?:(?:and|or)\W+)?".join(map(re.escape, self.letters)), "them", plain)
        for pattern in _INITIALS:
            plain = pattern.sub(r"\g<lead>", plain)
        for pattern in _marks("".join(map(re.escape, self.letters))):
            plain = pattern.sub(self._letter, plain)
        return _BRACKETS.sub(r"\1", plain)

    def _letter(self, match: re.Match[str]) -> str:
        k = self.letters.index(match["letter"].upper())
        other = self.whose.get(match["letter"], k) if "open" in match.re.groupindex else k
        return f"{match['lead']}zletter{k}" + (f" or zletter{other}" if other != k else "")


_BRACKETS = re.compile(r"(?:[(\"'\[{|]+\s*)?(z(?:letter|pair|text)\d+)(?:\s*[)\"'\]}|]+)?")
_TOKEN = re.compile(r"z(letter|pair|text)(\d+)")
_EDGES = " \t\n\"'()[]{}<>«»“”„‚「」『』【】|.,:;!?•·/\\=。、"
_HAN = r"[ᄀ-ᇿ⺀-〿぀-ヿ㄰-㆏㐀-鿿가-힯豈-﫿]"
_GLUED = re.compile(_HAN)


def _paired(match: re.Match[str]) -> str:
    """A letter and its text as one word; but "Not A. Riga is wrong" is two sentences."""
    k = _number(match)
    two = "." in match[0][:3] and re.match(
        r" (?:is|was|would|can|could|does|seems|fits)\b", match.string[match.end() :]
    )
    return f" zletter{k}. ztext{k}" if two else f" zpair{k} "


def _number(match: re.Match[str]) -> int:
    return int((match.lastgroup or "t0")[1:])


def _words(plain: str) -> list[str]:
    """Signs behind a word belong to it: "A-" and "C++" are not "A" and "C"."""
    return _SIGNED.findall(plain)


def _lower(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word.lower() for word in words)


_SIGNED = re.compile(r"[^\W_]+(?:[+#]+|-(?![^\W_]))?")


def _spelled(text: str) -> str:
    """Contractions in full, no accents, one spelling of minus and sharp, no letter glued to Han, kana or Hangul."""
    plain = straight(text).replace("−", "-").replace("‑", "-").replace("♯", "#")
    plain = re.sub(rf"(?<={_HAN})(?=[A-Za-z])|(?<=[A-Za-z])(?={_HAN})", " ", plain)
    return fold(spell_out(plain))


# Wrappers.

_DROPPED = re.compile(r"(?is)^.*</think(?:ing)?>|<think(?:ing)?>.*$|<\|[^|<>]*\|>|</?s>|[\u200b-\u200d\u2060\ufeff]")
_WRAPPED = (
    re.compile(r"(?is)<answer>(.*?)(?:</answer>|$)"),
    re.compile(r"(?i)[\"'](?:final_?)?(?:answer|choice|option|letter)[\"']\s*:\s*[\"']([^\"']*)[\"']"),
    re.compile(r"\\boxed\s*\{((?:[^{}]|\{[^{}]*\})*)\}"),
)
_MARKUP = (
    (re.compile(r"(?s)<([A-Z])>(.*?)</\1>"), r"\2"),
    (re.compile(r"<+([A-Z])>+"), r" \1 "),
    (re.compile(r"(?s)~~.{1,80}?~~"), " "),
    (re.compile(r"\\[a-zA-Z]+\s*\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\\[()\[\]]|\$+|<(?![A-Z]>)/?[a-zA-Z][^<>]{0,40}>"), " "),
    (re.compile(r"```\w*\n|[`*~]+|(?<![^\W_])_+|_+(?![^\W_])"), ""),
    (re.compile(r"(?m)^\s*(?:#{1,6}|[-•>·])\s+"), ""),
)


def _final(text: str) -> str:
    """The answer without thinking, markup and end tokens; only what a wrapper for the final answer holds, if any."""
    text = _DROPPED.sub("", text)
    for wrapper in _WRAPPED:
        if found := wrapper.findall(text):
            text = "\n".join(found)
            break
    for pattern, instead in _MARKUP:
        text = pattern.sub(instead, text)
    return text


# Letters.

_NAME = (
    r"(?!(?:She|He|It|They|The|This|That|These|Those|There|Because|Since|As|Her|His|Their|Its|We|You|In|On|At|And"
    r"|But|So"
    r"|Not|No|Yes|Born|Based|Answer|Option|If|When|While|An|My|Explanation|Reason|From|According|Given|Correct|Wrong"
    r"|Both"
    r"|None|Neither|Here|However|Although|All|Other|Who|Which|What"
    r"|Nobody)\b)(?:[A-Z]\. ?)*[A-Z][a-z]+(?:[-'][A-Z][a-z]+)*"
)
_VERB = (
    r"(?:was|is|has|had|are|were|lives?|lived|works?|worked|comes?|came|grew|stud(?:ies|ied)|likes?|loves?|enjoys?|died"
    r"|moved|and (?:[A-Z]\. ?)?[A-Z][a-z]+)\b"
)
#: Initials of names, "A. Berg was", "John B. Goode", "by A. Berg", "the woman, A. Berg,"; `lead` stays.
_INITIALS = (
    re.compile(
        rf"(?<![A-Za-z])(?<!answer is )(?<!answer: )(?<!ption )(?P<lead>)[A-Z]\. ?(?={_NAME}(?: {_NAME})?(?: {_VERB}"
        rf"|'s\b))"
    ),
    re.compile(
        r"(?P<lead>\b(?!Option|Answer|Choice|Letter|Choose|Maybe|Probably|Perhaps|Definitely|It|So|Thus"
        r"|Therefore)[A-Z][a-z]+ )"
        rf"[A-Z]\. ?(?={_NAME})"
    ),
    re.compile(
        rf"(?P<lead>\b(?:[Aa]ccording to|by|(?:portrait|picture|photo|image|face) of|named|called|Drs?\.?|Mrs?\.?"
        rf"|Ms\.?|Prof\.?) )[A-Z]\. ?(?={_NAME})"
    ),
    re.compile(rf"(?P<lead>, )[A-Z]\. ?(?={_NAME},)"),
)
_AND = r"and|or|nor|&|und|oder|noch|et|ou|ni|y|и|или|和|或"
_ANSWER = r"(?:answer|antwort|reponse|respuesta|risposta|resposta|ответ|odpowiedz|antwoord|option|choice|letter)"
_RIGHT = r"(?:right|correct|true|answer|best|one|likely|likeliest|plausible|it)\b"
_SEEMS = r"(?:is|was|seems|looks|sounds|appears|would be|must be|has to be|should be)(?: to be)?"
_HOW = r"(?: (?:\w+ly|the|most|very|also|best))*"


@lru_cache(maxsize=16)
def _marks(letters: str) -> tuple[re.Pattern[str], ...]:
    """Letters that are marked as such: "(b)", "B.", "answer: b", "B is right", and not "A person".

    Each pattern has `lead`, which stays, and `letter`; `open` where it may be an option's text ("her group is A.").
    """
    if not letters:
        return ()
    one, either, end = f"[{letters}]", f"[{letters}{letters.lower()}]", r"(?![^\W_]|[+#'-])"
    said = rf"(?i:\b{_ANSWER}(?: is| would be| ist| est| es| e)?\s*[:=-]?\s*[\"'(\[]*)"
    after = (
        rf"[\])}}\"|]|'(?!\w)|[.:](?:\s|$)|[,;!?—]|\s*[/(\[]|\s[–-]\s|\s*$|\s*\n|\s+(?:over|to|{_AND})\s+{one}{end}"
        rf"|\s+{_SEEMS}{_HOW}\s+{_RIGHT}|\s+(?:fits|matches|applies|it is|remains|is left)\b"
        r"|\s+(?:because|since|as|due|given|here|too|only|rather than|instead of|but|without (?:a|any) doubt"
        r"|for sure)\b"
        r"|\s+(?:definitely|certainly|obviously|clearly|probably)\b"
    )
    before = r"(?<![^\s\"'(\[{:>/|])(?<!itamin )(?<!epatitis )(?<!lan )(?<!ype )(?<!roup )(?<!rade )(?<!lass )"
    return tuple(
        re.compile(pattern)
        for pattern in (
            rf"(?P<lead>{said})(?P<letter>{either})(?=[\s\"')\]*.,:;!?]*(?:$|[.,:;)\n]|\b(?:is|because|since|as|and"
            rf"|or|not)\b))",
            rf"(?P<lead>\b(?i:option|choice|letter) )(?P<letter>{one}){end}",
            rf"(?P<lead>){before}(?P<letter>{one})(?=[\])]|\s*\n)",
            rf"(?P<lead>){before}(?P<letter>(?P<open>{one}))(?={after})",
            rf"(?P<lead>)(?<![^\s\"'(])(?P<letter>{either})(?=\))",
            rf"(?P<lead>(?<={_HAN}) )(?P<letter>{one})(?= ?(?:{_HAN}|\W|$))",
            rf"(?P<lead>){before}(?P<letter>{one})(?= {_HAN})",
            *[
                rf"(?P<lead>z(?:letter|pair)\d+,?\s+(?:over|to|but|{_AND})\s+(?:not "
                rf"|also )?[\"'(\[]*)(?P<letter>{one}){end}"
            ]
            * 2,
        )
    )
