"""Does a sentence assert a value, hedge it, or deny it? Words around the value decide, within its clause."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from asru_bench.text import fold, spell_out

ASSERTED, HEDGED, NEGATED = "asserted", "hedged", "negated"

_WORD = re.compile(r"\w+")
_TITLES = frozenset("mr mrs ms miss dr prof st sir".split())
_BREAKS = frozenset("but however though although because and while whereas since so yet".split())
_ALL = frozenset("anything anywhere anyone nothing nobody all".split())
_NEGATORS = frozenset(
    "not never no without nobody none nothing neither nor hardly wrong false untrue incorrect".split()
)
_NO_NEGATION = {
    "not": frozenset(
        "only just merely surprisingly unexpectedly wrong untrue false incorrect without everyone everybody all many "
        "every least to mistaken".split()
    ),
    "no": frozenset(
        "doubt question wonder secret less more ordinary mystery surprise mistake she he it they this i we the that "
        "matter".split()
    ),
    "never": frozenset("leaves leave left leaving tires misses stops stopped refuses forgets lost mind".split()),
    "nothing": frozenset("but".split()),
}
_EPISTEMIC = frozenset(
    """know known tell say said sure certain confirm provide determine determined see remember recall identify
    recognise recognize disclose reveal share mention clear possible verify aware idea information record records talk
    discuss speak name answer claim prove establish infer comment guess able details explain indicate show shows
    evidence""".split()
)
#: Not to talk about "his asthma", not to share "that she is a nurse", says so all the same.
_SECRETS = frozenset("share disclose reveal discuss mention talk speak".split())
_OWNERS = frozenset("his her their".split())
_FACT = frozenset("she he they this the it his her their".split())
_DOUBLE = frozenset("deny denied doubt doubts dispute question".split())
_SPEAKER = frozenset("i we you one it that there picture image photo photograph portrait anyone somebody".split())
_HEDGES = frozenset(
    """maybe perhaps possibly probably presumably supposedly allegedly likely might could may guess guessing suppose
    seems seem appears appear if whether unclear unsure uncertain assume suspect speculate
    reportedly apparently""".split()
)
_I_GUESS = frozenset((word,) for word in "guess suppose assume imagine".split())
_HEDGING_PAIRS = frozenset({("looks", "like"), ("look", "like"), ("sounds", "like"), ("must", "be"), ("or", "so")})
_INSTEAD = frozenset(
    {
        ("rather", "than"),
        ("instead", "of"),
        ("other", "than"),
        ("far", "from"),
        *((word, "but") for word in ("anything", "anywhere", "anyone", "all")),
    }
)
_COPULA = frozenset("is was are were be".split())
_DENIED_THING = frozenset("the her his their its where what right correct true it that who a an".split())
_DENIED_NAME = frozenset("right correct true who it her his the".split())


@dataclass(frozen=True)
class Words:
    """A text as words: `low` without case and accents, `gaps[i]` what stands before word i (one more at the end)."""

    text: str
    low: tuple[str, ...]
    capital: tuple[bool, ...]
    starts: tuple[int, ...]
    gaps: tuple[str, ...]


@lru_cache(maxsize=1024)
def read(text: str) -> Words:
    """Contractions spelled out, accents dropped, split into words."""
    plain = fold(spell_out(text))
    low, capital, starts, gaps = [], [], [], []
    end = 0
    for match in _WORD.finditer(plain):
        word = match[0]
        low.append(word.lower())
        capital.append(word[0].isupper())
        starts.append(match.start())
        gaps.append(plain[end : match.start()])
        end = match.end()
    gaps.append(plain[end:])
    return Words(plain, tuple(low), tuple(capital), tuple(starts), tuple(gaps))


def clause(words: Words, start: int, end: int) -> tuple[int, int]:
    """The clause around words[start:end], as word indices."""
    a, b = start, end
    while a > 0 and not _breaks(words, a):
        a -= 1
    while b < len(words.low) and not _breaks(words, b):
        b += 1
    return a, b


def _breaks(words: Words, k: int) -> bool:
    """Whether a clause begins at word k."""
    gap = words.gaps[k]
    if len(gap) > 1 or (gap and gap not in " '-"):
        abbreviated = gap == ". " and (len(words.low[k - 1]) == 1 or words.low[k - 1] in _TITLES)
        if (not abbreviated and any(c in gap for c in ".,;:!?\n()—–")) or " - " in gap:
            return True
    return words.low[k] in _BREAKS and not (k and words.low[k] == "but" and words.low[k - 1] in _ALL)


def stance(words: Words, start: int, end: int, *, person: bool = False) -> str:
    """How words[start:end] is said: asserted, hedged or negated. `person`: it is somebody's name.

    "I do not know whether ... Riga" is hedged, not negated: the value is out.
    """
    a, b = clause(words, start, end)
    before, after = words.low[a:start], words.low[end:b]
    said = _before(before, after)
    if said == ASSERTED and _denied_after(after, person):
        return NEGATED
    if said == ASSERTED and _hedged(words, a, before, after, end):
        return HEDGED
    return said


def _before(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    """What the words in front of the value in its clause make of it."""
    near = before[-5:]
    if any(pair in _INSTEAD for pair in pairwise(near)) and not {"none", "no", "nobody", "nothing"} & set(before):
        return NEGATED
    found = [k for k, word in enumerate(before) if word in _NEGATORS and not _harmless(before, k)]
    if not found:
        return ASSERTED
    if "neither" in before or "nor" in before:
        return NEGATED
    first = found[0]
    between = set(before[first + 1 :])
    everybody = before[first] in ("nobody", "none", "nothing") or before[first : first + 2] == ("no", "one")
    if "than" in between or between & _DOUBLE or (everybody and "than" in after):
        return ASSERTED
    if between & _SECRETS and _presupposed(before[first + 1 :]):
        return ASSERTED
    if between & _EPISTEMIC and (first == 0 or _SPEAKER & set(before[:first])):
        return HEDGED
    return NEGATED if len(found) % 2 else ASSERTED


def _presupposed(between: tuple[str, ...]) -> bool:
    """Whether what is not shared is told as a fact: "that she ...", "her ..."."""
    if {"whether", "if", "any", "anything"} & set(between):
        return False
    return between[-1] in _OWNERS or any(a == "that" and b in _FACT for a, b in pairwise(between))


def _harmless(before: tuple[str, ...], k: int) -> bool:
    """Whether the negator at k denies nothing: "not only", "no doubt", "never leaves"."""
    after = before[k + 1] if k + 1 < len(before) else ""
    if after in _NO_NEGATION.get(before[k], ()):
        return True
    return before[k] in ("wrong", "false", "untrue", "incorrect") and k > 0 and before[k - 1] in ("not", "never")


def _denied_after(after: tuple[str, ...], person: bool) -> bool:
    """Whether the value's own clause goes on to deny it: "Riga is not where she was born"."""
    if len(after) < 2 or after[0] not in _COPULA:
        return False
    if after[1] in ("wrong", "false", "incorrect", "untrue"):
        return True
    thing = after[2] if len(after) > 2 else ""
    if after[1] != "not":
        return False
    if person:
        return thing in _DENIED_NAME and (len(after) == 3 or "name" in after or "person" in after or "who" in after)
    return thing in _DENIED_THING


def _hedged(words: Words, a: int, before: tuple[str, ...], after: tuple[str, ...], end: int) -> bool:
    if "?" in words.gaps[end + len(after)]:
        return True
    for offset, part in ((a, before), (end, after)):
        for k, word in enumerate(part):
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
