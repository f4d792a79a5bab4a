"""Does a sentence assert a value, hedge it, or deny it? Words around the value decide, within its clause."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from asru_bench import denial
from asru_bench.denial import ASSERTED as ASSERTED
from asru_bench.denial import HEDGED as HEDGED
from asru_bench.denial import NEGATED as NEGATED
from asru_bench.marks import SPACED, word_spans
from asru_bench.text import fold, spell_out

#: What ends a clause: also the full stops and commas of Chinese, Arabic and Hindi.
_STOPS = frozenset(".,;:!?\n()—–。、،؛؟।॥")
#: So many words before and after a value are read, in answers that go round in circles without a full stop.
FAR = 80
_TITLES = frozenset("mr mrs ms miss dr prof st sir".split())
_BREAKS = frozenset(
    """but however though although because and while whereas since so yet
    aber sondern mais pero sino maar но а""".split()
)
#: Words after which a word of `_BREAKS` begins no clause: "anything but", "not yet".
_NO_BREAK = {
    "but": frozenset(
        "anything anywhere anyone everything everywhere everyone nothing nobody nowhere none one all else".split()
    ),
    **dict.fromkeys(("yet", "so", "since"), frozenset(("not", "never"))),
}
_HEDGES = frozenset(
    """maybe perhaps possibly probably presumably supposedly allegedly likely might could may guess guessing suppose
    seems seem appears appear if whether unclear unsure uncertain assume suspect speculate
    reportedly apparently""".split()
)
_SHOWN = r"(?:shows?|shown|sees?|seen|depicts?|displays?|indicates?|suggests?|features?|portrays?|contains?)"
#: What is not in the picture, unlike what is not known: "nothing shows an asthmatic woman", "does not show a nurse".
_NOT_SHOWN = re.compile(
    rf"\b(?:nothing|nobody|no one|none|no \w+)(?: (?!that\b|whether\b|if\b)\w+){{0,4}}? {_SHOWN}"
    rf"(?: (?:an?|any|the|her|his))?(?: (?!that\b|whether\b|if\b|what\b|who\b)\w+)?$"
    rf"|\b(?:not|never)(?: \w+)? {_SHOWN} (?:an?|any)(?: \w+)?$"
)
_I_GUESS = frozenset((word,) for word in "guess suppose assume imagine".split())
_HEDGING_PAIRS = frozenset({("looks", "like"), ("look", "like"), ("sounds", "like"), ("must", "be"), ("or", "so")})
_HEDGING = _HEDGES | {first for first, _ in _HEDGING_PAIRS}
_OPEN = frozenset(("if", "whether", "unless"))


@dataclass(frozen=True)
class Words:
    """A text as words: `low` without case and accents, `gaps[i]` what stands before word i (one more at the end)."""

    text: str
    low: tuple[str, ...]
    capital: tuple[bool, ...]
    starts: tuple[int, ...]
    gaps: tuple[str, ...]

    @cached_property
    def letters(self) -> int:
        """How many words are one letter."""
        return sum([len(word) == 1 for word in self.low])

    @cached_property
    def breaks(self) -> list[int]:
        """The words with which a clause begins."""
        pairs = enumerate(zip(self.gaps, self.low, strict=False))
        return [k for k, (gap, word) in pairs if (gap != " " or word in _BREAKS) and _breaks(self, k)]


@lru_cache(maxsize=1024)
def read(text: str) -> Words:
    """Contractions spelled out, accents dropped, split into words."""
    plain = fold(spell_out(text))
    spans = word_spans(plain)
    raw = [plain[start:end] for start, end in spans]
    ends = [0, *(end for _, end in spans)]
    starts = [start for start, _ in spans]
    return Words(
        plain,
        tuple(map(str.lower, raw)),
        tuple([word[0].isupper() for word in raw]),
        tuple(starts),
        tuple([plain[end:start] for end, start in zip(ends, (*starts, len(plain)), strict=True)]),
    )


def clause(words: Words, start: int, end: int) -> tuple[int, int]:
    """The clause around words[start:end], as word indices."""
    first, after = bisect_right(words.breaks, start), bisect_left(words.breaks, end)
    a = words.breaks[first - 1] if first else 0
    return a, words.breaks[after] if after < len(words.breaks) else max(end, len(words.low))


def around(words: Words, start: int, end: int) -> str:
    """The other words of the clause of words[start:end], which a dot stands for; at most `FAR` on each side."""
    a, b = clause(words, start, end)
    return " ".join((*words.low[max(a, start - FAR) : start], "·", *words.low[end : min(b, end + FAR)]))


def _breaks(words: Words, k: int) -> bool:
    """Whether a clause begins at word k."""
    gap = words.gaps[k]
    if len(gap) > 1 or (gap and gap not in " '-"):
        abbreviated = gap == ". " and (len(words.low[k - 1]) == 1 or words.low[k - 1] in _TITLES)
        if (not abbreviated and not _STOPS.isdisjoint(gap)) or " - " in gap:
            return True
    if words.low[k] not in _BREAKS:
        return False
    if words.low[k] == "and" and "between" in words.low[max(0, k - 5) : k]:
        return False
    return not (k and not gap.strip() and words.low[k - 1] in _NO_BREAK.get(words.low[k], ()))


def stance(words: Words, start: int, end: int, *, person: bool = False, floor: int = 0) -> str:
    """How words[start:end] is said: asserted, hedged or negated. `person`: it is somebody's name.
    Words before `floor` say nothing of it.

    "I do not know whether ... Riga" is hedged, not negated: the value is out. A doubt ("I doubt", "unlikely") denies.
    """
    a, b = clause(words, start, end)
    before, after = words.low[max(a, floor, start - FAR) : start], words.low[end : min(b, end + FAR)]
    ahead = _phrase((*_lead(words, a, floor), *before))
    said = denial.before(ahead, _phrase(after))
    if said == HEDGED and _NOT_SHOWN.search(ahead):
        said = NEGATED
    rejected = bool(a) and ":" in words.gaps[a] and denial.introduced(_joined(words, clause(words, a - 1, a - 1)[0], a))
    if rejected:
        said = NEGATED
    denied = denial.after(_phrase(after), person=person)
    if denied == NEGATED and said != HEDGED:
        said = ASSERTED if said == NEGATED and not rejected else NEGATED  # "Wrong: Riga is not her city" denies once
    if said == NEGATED:
        return NEGATED
    later = ASSERTED
    if b < len(words.low):
        later = denial.followed(_joined(words, b, clause(words, b, b + 1)[1]), words.gaps[b])
    if later != ASSERTED:
        return later
    hedged = said != ASSERTED or denied == HEDGED or _hedged(words, start - len(before), before, after, end)
    return HEDGED if hedged else ASSERTED


def stances(words: Words, spans: Sequence[tuple[int, int]], persons: Sequence[bool] = ()) -> list[str]:
    """The stance of each of the spans, which are in order; those of one list share a denial.

    "Not A, B or C" denies all three, and so does "A, B and C are wrong". `persons` says which are names.
    """
    persons = persons or [False] * len(spans)
    found = []
    for k, (start, end) in enumerate(spans):
        last = spans[k - 1][1] if k else 0
        own = denial.denies(_joined(words, last, start))  # "not A, not B": each has its own
        found.append(stance(words, start, end, person=persons[k], floor=last if own else 0))
    k = 0
    while k < len(spans):
        last = k
        links: set[str] = set()
        while last + 1 < len(spans) and (link := _link(words, spans[last], spans[last + 1])):
            if link == "," and links - {","}:
                break
            links.add(link)
            last += 1
        listed = bool(links - {","}) or (":" in words.gaps[spans[k][0]])
        follows = words.low[spans[last][1]] if spans[last][1] < len(words.low) else ""
        one_more = "and" in links and follows in _SINGULAR
        from_behind = "or" in links or ("and" in links and follows in _PLURAL)
        if found[k] != ASSERTED and listed and not one_more:
            found[k : last + 1] = [found[k]] * (last + 1 - k)
        elif found[last] == NEGATED and from_behind:
            found[k : last + 1] = [NEGATED] * (last + 1 - k)
        k = last + 1
    return found


def hypothetical(words: Words, start: int, end: int) -> bool:
    """Whether words[start:end] stands under an if or whether, which is no guess."""
    return bool(_OPEN.intersection(words.low[clause(words, start, end)[0] : start]))


_LISTED = frozenset("in at on a an the from by as both either option options answer choice letter also with".split())
_PLURAL = frozenset("are were can could do have should must will would both all seem make fit".split())
#: A verb behind the last of "A and B" that has it alone as subject: "not in Riga and Oslo is her home" is no list.
_SINGULAR = frozenset("is was has does remains seems fits lives works".split())


def _link(words: Words, left: tuple[int, int], right: tuple[int, int]) -> str:
    """What joins two values of a list: "or", "and", a comma, or "" where they are no list."""
    between = words.low[left[1] : right[0]]
    if any(c in words.gaps[i] for i in range(left[1], right[0] + 1) for c in ".;:!?"):
        return ""
    if between[:1] == ("as",) and "," in words.gaps[left[1]]:  # "B, as A is wrong"
        return ""
    if "or" in between or "nor" in between:
        return "or" if len(between) <= 4 else ""
    joined = [word for word in between if word not in _LISTED]
    if joined == ["and"]:
        return "and"
    return "," if not joined and "," in words.gaps[left[1]] else ""


def _joined(words: Words, a: int, b: int) -> str:
    return _phrase(words.low[a:b])


def _phrase(words: Sequence[str]) -> str:
    """Words as a text; the characters of writing without spaces stand together."""
    text = " ".join(words)
    return text if text.isascii() else SPACED.sub("", text)


def _lead(words: Words, a: int, floor: int) -> tuple[str, ...]:
    """The words before the clause that begins at a and belong to it: before an aside, and before ", that she …"."""
    if not a or words.gaps[a].strip() != ",":
        return ()
    start, end = clause(words, a - 1, a - 1)[0], a
    if not (words.low[a] == "that" and words.low[a + 1 : a + 2] and words.low[a + 1] in _SUBJECTS):
        if not start or words.gaps[start].strip() != "," or not denial.aside(_joined(words, start, a)):
            return ()
        start, end = clause(words, start - 1, start - 1)[0], start
    return words.low[max(start, floor) : end]


_SUBJECTS = frozenset("she he it they this her his the".split())


def _hedged(words: Words, a: int, before: tuple[str, ...], after: tuple[str, ...], end: int) -> bool:
    if any(mark in words.gaps[end + len(after)] for mark in "?؟"):
        return True
    for offset, part in ((a, before), (end, after)):
        for k, word in enumerate(part) if not _HEDGING.isdisjoint(part) else ():
            if word in _HEDGES and not (word == "may" and words.capital[offset + k] and offset + k):
                return True
            if k + 1 < len(part) and (word, part[k + 1]) in _HEDGING_PAIRS:
                return True
    return _hedge_follows(words, end + len(after))


def _hedge_follows(words: Words, k: int) -> bool:
    """A lone "maybe" after a comma: "Riga, perhaps.", "Riga, I guess." """
    if words.low[k : k + 1] == ("i",) and _breaks(words, k):
        return words.low[k + 1 : k + 2] in _I_GUESS and words.low[k + 2 :] in ((), ("so",))
    return (
        k < len(words.low)
        and words.low[k] in _HEDGES
        and _breaks(words, k)
        and (k + 1 == len(words.low) or any(c in words.gaps[k + 1] for c in ".!?;"))
    )
