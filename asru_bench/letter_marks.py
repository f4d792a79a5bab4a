"""What marks a letter in an answer as the choice: wrappers, brackets, "answer:", ticks; initials of names are none."""

from __future__ import annotations

import re
from functools import lru_cache

HAN = r"[ᄀ-ᇿ⺀-〿぀-ヿ㄰-㆏㐀-鿿가-힯豈-﫿]"

GLUED = re.compile(HAN)
EDGES = " \t\n\"'()[]{}<>«»“”„‚「」『』【】|.,:;!?•·/\\=。、"

# Wrappers.

#: A text that goes round in circles, and how much of a long answer is read from both ends.
_CIRCLE = re.compile(r"(?s)(.{1,24}?)\1{7,}")
_SHORT, _ENDS = 600, 6000

_DROPPED = re.compile(r"(?is)^.*</think(?:ing)?>|<think(?:ing)?>.*$|<\|[^|<>]*\|>|</?s>|[\u200b-\u200d\u2060\ufeff]")
_WRAPPED = (
    re.compile(r"(?is)<answer>(.*?)(?:</answer>|$)"),
    re.compile(r"(?i)[\"'](?:final_?)?(?:answer|choice|option|letter)[\"']\s*:\s*[\"']([^\"']*)[\"']"),
    re.compile(r"\\boxed\s*\{((?:[^{}]|\{[^{}]*\})*)\}"),
)
_MARKUP = (
    (re.compile(r"(?s)<([A-Z])>(.{0,200}?)</\1>"), r"\2"),
    (re.compile(r"<+([A-Z])>+"), r" \1 "),
    (re.compile(r"(?s)~~.{1,80}?~~"), " "),
    (re.compile(r"\\[a-zA-Z]+\s*\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\\[()\[\]]|\$+(?!\d)|(?<=\d)\$|<(?![A-Z]>)/?[a-zA-Z][^<>]{0,40}>"), " "),
    (re.compile(r"```\w*\n|[`*~]+|(?<![^\W_])_+|_+(?![^\W_])"), ""),
    (re.compile(r"(?m)^[ \t]*(?:#{1,6}|[-•>·])[ \t]+"), ""),
)


def shortened(text: str) -> str:
    """A long answer with four of whatever repeats itself, and of a very long one both ends: reading takes its time."""
    if len(text) <= _SHORT:
        return text
    text = _CIRCLE.sub(r"\1\1\1\1", text)
    return text if len(text) <= 2 * _ENDS else f"{text[:_ENDS]}\n{text[-_ENDS:]}"


def final(text: str) -> str:
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
    r"|Nobody)\b)(?:[A-Z]\. ?){0,4}[A-Z][a-z]+(?:[-'][A-Z][a-z]+)*"
)
_VERB = (
    r"(?:was|is|has|had|are|were|lives?|lived|works?|worked|comes?|came|grew|stud(?:ies|ied)|likes?|loves?|enjoys?|died"
    r"|moved|and (?:[A-Z]\. ?)?[A-Z][a-z]+)\b"
)
#: Initials of names, "A. Berg was", "John B. Goode", "by A. Berg", "the woman, A. Berg,"; `lead` stays.
INITIALS = (
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
_ANSWER = r"(?:answer|antwort|reponse|respuesta|risposta|resposta|ответ|odpowiedz|antwoord|option|choice|letter|ans)"
#: Words that lead to a letter with a colon or "is" behind them: "Final: b", "My pick is b".
_PICK = r"(?:pick|guess|vote|verdict|solution|decision|selection|selected|result|final|correct|right|wrong)"
_RIGHT = (
    r"(?:right|correct|true|answer|best|one|likely|likeliest|plausible|it|what|my (?:\w+ )?"
    r"(?:answer|choice|pick|guess|vote|selection|option)"
    r"|an? (?:\w+ )?(?:distractor|decoy|trap|red herring|bluff|possibility|guess))\b"
)
_SEEMS = r"(?:is|was|seems|looks|sounds|appears|would be|must be|has to be|should be)(?: to be)?"
_HOW = r"(?: (?:\w+ly|the|most|very|also|best))*"


@lru_cache(maxsize=16)
def letters_marked(letters: str) -> tuple[re.Pattern[str], ...]:
    """Letters that are marked as such: "(b)", "B.", "answer: b", "B is right", and not "A person".

    Each pattern has `lead`, which stays, and `letter`; `open` where it may be an option's text ("her group is A.").
    """
    if not letters:
        return ()
    one, either, end = f"[{letters}]", f"[{letters}{letters.lower()}]", r"(?![^\W_]|[+#'-])"
    said = rf"(?i:\b{_ANSWER}(?: is| would be| ist| est| es| e)?\s{{0,2}}[:=-]?\s{{0,2}}[\"'(\[]{{0,4}})"
    pick = rf"(?i:\b{_PICK}\s?(?:[:=]| is| would be)\s{{0,2}}[\"'(\[]{{0,4}})"
    after = (
        rf"[\])}}\"|]|'(?!\w)|[.:](?:\s|$)|[,;!?—]|\s*[/(\[]|\s[–-]\s|\s*$|\s*\n|\s+(?:over|to|{_AND})\s+{one}{end}"
        rf"|\s+{_SEEMS}{_HOW}\s+{_RIGHT}"
        r"|\s*[✓✗]|\s+(?:gets my vote|for me)\b|\s+(?:is|was|does)(?=[.!,;]|$)"
        r"|\s+(?:fits|matches|applies|it is|remains|is left)\b"
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
            rf"(?m)(?P<lead>^|[.!?] )(?P<letter>{either})"
            r"(?= (?:is|would be) (?:my|the) (?:\w+ )?(?:answer|choice|pick|guess)\b)",
            rf"(?P<lead>{pick})(?P<letter>{either})(?=[\"')\]]{{0,4}}\s{{0,2}}(?:$|[.,;)\n]))",
            rf"(?P<lead>\b(?i:option|choice|letter) )(?P<letter>{one}){end}",
            rf"(?P<lead>){before}(?P<letter>{one})(?=[\])]|\s*\n)",
            rf"(?P<lead>){before}(?P<letter>(?P<open>{one}))(?={after})",
            rf"(?P<lead>)(?<![^\s\"'(])(?P<letter>{either})(?=\))",
            rf"(?P<lead>(?<={HAN}) )(?P<letter>{one})(?= ?(?:{HAN}|\W|$))",
            rf"(?P<lead>){before}(?P<letter>{one})(?= {HAN})",
            *[
                rf"(?P<lead>z(?:letter|pair)\d+,?\s+(?:over|to|but|{_AND})\s+(?:not "
                rf"|also )?[\"'(\[]*)(?P<letter>{one}){end}"
            ]
            * 2,
        )
    )


@lru_cache(maxsize=16)
def pairs(letters: str) -> re.Pattern[str]:
    """A letter, what parts it from its text, and `ztext0` for the text; `two`: a verb behind it begins a sentence."""
    gap = r"[\s.:()\]/–-]"
    return re.compile(
        rf"(?<![^\W_])(?:(?P<letter>[{letters}](?={gap})|[{letters.lower()}](?=[.:)\]/–-]))(?P<gap>{gap}{{1,4}})) "
        r"ztext(?P<text>\d+) (?:(?<=\d )\))?(?P<two>(?=\s?(?:is|was|would|can|could|does|seems|fits)\b))?"
    )


# Lists and ticks, of answers in which `zletter0`, `zpair0` and `ztext0` stand for options.

_OPTION = re.compile(r"z(letter|pair|text)(\d+)")
_APART = re.compile(r"[^\w✓✗→>=]{0,6}(?:(?:(and|or)|\d{1,2}[.)])[^\w✓✗]{1,3})?")
_OUT_OF = re.compile(r"\b(?:among|of|options?|choices?|from)\b[\s:]*(?:the )?$", re.IGNORECASE)
_CUT = re.compile(r"\s*(?:\.{3}|etc\b)")


def unlisted(plain: str, n: int) -> str:
    """An answer to `n` options with "them" where it only repeats them all: "of A, B, C and D", "A. Riga B. Oslo ...".

    A list of two is a repetition where letters stand with their texts, or behind "of" and the like.
    """
    found = list(_OPTION.finditer(plain))
    made, last, k = "", 0, 0
    while k < len(found):
        run = [found[k]]
        closed = None
        while not closed and len(run) < min(n, len(found) - k):
            gap = _APART.fullmatch(plain, run[-1].end(), found[k + len(run)].start())
            if gap is None:
                break
            closed = gap[1]  # "A, C and D, B": what follows "and" ends the list
            run.append(found[k + len(run)])
        if not _repeats(run, plain, n):
            k += 1
            continue
        made += plain[last : run[0].start()] + "them"
        last, k = run[-1].end(), k + len(run)
    return made + plain[last:]


def _repeats(run: list[re.Match[str]], plain: str, n: int) -> bool:
    options = {match[2] for match in run}
    if len(run) < 2 or len(options) < len(run):
        return False
    pairs = all(match[1] == "pair" for match in run)
    if len(run) < n:
        return pairs and bool(_CUT.match(plain, run[-1].end()))
    return n > 2 or pairs or bool(_OUT_OF.search(plain[max(0, run[0].start() - 16) : run[0].start()]))


_TICKS = str.maketrans(dict.fromkeys("✔✅☑👍⭕🟢", "✓") | dict.fromkeys("✘❌✖✕❎🚫👎⛔☐⬜", "✗"))
_BOX = re.compile(r"\[([xX✓✗])\]|[(\[] ?[)\]]")
_TICK = re.compile(r"[✓✗]|z(?:letter|pair|text)\d+")


def with_ticks(text: str) -> str:
    """The signs of right and wrong as ✓ and ✗ of their own: ✅, ❌, [x] (taken) and [ ]."""
    if text.isascii() and "[" not in text and "(" not in text:
        return text
    if "☒" in text:
        text = text.replace("☒", "✓" if "☐" in text else "✗")
    ticks = text.translate(_TICKS)
    cross = "✗" if "✓" in ticks else "✓"
    ticks = _BOX.sub(lambda m: m[1] if m[1] in ("✓", "✗") else cross if m[1] else "✗", ticks)
    return re.sub(r"([✓✗])", r" \1 ", ticks) if "✓" in ticks or "✗" in ticks else ticks


def ticked(plain: str) -> str:
    """An answer with "is right." and "is wrong." behind its options for ticks and crosses before or behind them."""
    if "✓" not in plain and "✗" not in plain:
        return plain
    found = list(_TICK.finditer(plain))
    leading = found[0][0] in "✓✗"
    said: dict[int, str] = {}
    for k, match in enumerate(found):
        at = k + 1 if leading else k - 1
        if match[0] in "✓✗" and 0 <= at < len(found) and found[at][0] not in "✓✗":
            gap = plain[match.end() : found[at].start()] if leading else plain[found[at].end() : match.start()]
            if "\n" not in gap and not re.search(r"(?i)\b(?:not|no|never|n.t)\b" if match[0] == "✗" else r"\w", gap):
                said[at] = " is right. " if match[0] == "✓" else " is wrong. "
    made, last = "", 0
    for k, match in enumerate(found):
        made += plain[last : match.start()] + (". " * leading if match[0] in "✓✗" else match[0] + said.get(k, ""))
        last = match.end()
    return made + plain[last:]
