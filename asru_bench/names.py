"""Does a word of an answer stand for a person, or is it the ordinary word that a surname may be too?

"Brown hair" names nobody, "Ms Brown", "Eva Jane Brown", "Brown, Eva" and "Brown was born" do. What stands around the
word decides: a first name or its initial, a title, a capital inside a sentence, a verb that takes a person; a
preposition of place ("lives in Kent"), an article or a thing after it speaks against a name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from asru_bench.stance import Words
from asru_bench.wordlists import (
    ADJECTIVES,
    ARTICLES,
    AUXILIARIES,
    FUNCTION_WORDS,
    GIVEN_NAMES,
    KINDS_OF_THINGS,
    MONTHS,
    NAMED,
    NOTHING,
    OF_PLACES,
    ORDINARY,
    PARTICLES,
    PERSON_VERBS,
    THINGS,
    TIME_WORDS,
    TITLES,
)

#: How a surface of the lexicon is held against the text: not at all, as a name alone, a whole name, a place.
PLAIN, PART, PERSON, PLACE = range(4)
_INSIDE = frozenset("in near around outside inside within throughout across".split())
_AWAY = frozenset("from to at into towards through".split())
_GOING = frozenset(
    "come comes came coming go goes went gone move moves moved moving travel travels travelled traveled live lives "
    "lived grew born based is was home native hails hailed arrived returned back flew settled stationed".split()
)
_NAMING = frozenset("called named name is was ms mr".split())
_POINTING = frozenset("this that it she he her his".split())
_GOES_ON = frozenset("i she he who whose a an born the aged yes maybe perhaps probably possibly my though".split())
_SUBJECTS = frozenset("i we you they he she".split())
_ENDS = '.!?;:\n)"'
_OPENS = '.!?:;\n"“(«「'


@dataclass(frozen=True)
class Use:
    """Words [start, end) that name a person. `whole`: with the first name. `lone`: nothing else shows a name."""

    start: int
    end: int
    whole: bool = False
    lone: bool = False


def ordinary(word: str) -> bool:
    """Whether a name's word (lower case) is also a word of English sentences."""
    return word in ORDINARY or word in FUNCTION_WORDS


def flat(words: Words) -> bool:
    """Whether letter case tells nothing: all lower case, or all capitals."""
    return not any(words.capital) or words.text.isupper()


def shown(words: Words, k: int) -> bool:
    """Whether word k has a capital, or a script without capitals."""
    return words.capital[k] or (not words.low[k].isascii() and words.low[k].upper() == words.low[k])


def surname(words: Words, k: int, first: tuple[str, ...], *, alone: bool) -> Use | None:
    """The name that ends (or begins) with the surname at k, of a person with these first words.

    `alone`: whether the surname by itself can only be this person.
    """
    if beside := _with_first(words, k, first):
        return beside
    if not alone:
        return None
    if flat(words):
        return _alone_flat(words, k)
    if not shown(words, k) or _continued(words, k):
        return None
    title = k > 0 and words.low[k - 1] in TITLES and words.gaps[k] in (" ", ". ", ".")
    if title:
        return Use(k, k + 1)
    if _abbreviated(words, k):
        return None
    return _alone(words, k) if _free_before(words, k, first) else None


def whole(words: Words, k: int, n: int) -> bool:
    """Whether words [k, k + n), a whole name's, are one here: in one sentence, ordinary ones with a capital."""
    low = words.low
    for i in range(k + 1, k + n):
        if any(c in words.gaps[i] for c in ".!?;:\n") and not (len(low[i - 1]) == 1 or low[i - 1] in TITLES):
            return False
    if n == 1:
        return not ordinary(low[k]) or (_alone_flat(words, k) if flat(words) else _alone_cased(words, k)) is not None
    common = [i for i in range(k, k + n) if ordinary(low[i])]
    if not flat(words):
        return all(shown(words, i) for i in common)
    before = low[k - 1] if k else ""
    return len(common) < n or before in TITLES or before in _NAMING or (k == 0 and n == len(low))


def place(words: Words, k: int) -> bool:
    """Whether the place at k, one ordinary word (Nice, Reading), is meant: "Nice to meet you" tells none."""
    before = words.low[k - 1] if k else ""
    if before in _INSIDE or before in _AWAY or len(words.low) == 1:
        return flat(words) or shown(words, k)
    if flat(words) or not shown(words, k):
        return False
    return not opens(words, k) or _ends(words, k) or "," in words.gaps[k + 1] or words.low[k + 1] in ("is", "was")


def part(words: Words, k: int) -> bool:
    """Whether the word by which a college or prize is known (Elm of Elm College) stands for it at k."""
    if ordinary(words.low[k]) and not place(words, k):
        return flat(words) and k > 0 and words.low[k - 1] in ("the", "of")
    return flat(words) or (shown(words, k) and not _continued(words, k) and _free_before(words, k, ()))


def proper(words: Words, k: int) -> bool:
    """Whether the ordinary word at k is used as a name, whosever it is; any other word is."""
    if not ordinary(words.low[k]):
        return True
    if flat(words):
        return _somewhere(words, k) or _alone_flat(words, k) is not None
    beside = (i for i, gap in ((k - 1, k), (k + 1, k + 1)) if 0 <= i < len(words.low) and words.gaps[gap] == " ")
    if not shown(words, k) or not opens(words, k):
        return shown(words, k)
    return any(words.capital[i] for i in beside) or _opening(words, k) is not None


def opens(words: Words, k: int) -> bool:
    """Whether word k begins a sentence, or what stands in quotation marks or brackets."""
    return k == 0 or any(c in words.gaps[k] for c in _OPENS)


def _abbreviated(words: Words, k: int) -> bool:
    """Whether word k is two or three capitals among other letters: NA, AI, TV."""
    word = words.text[words.starts[k] : words.starts[k] + len(words.low[k])]
    return 1 < len(word) < 4 and word.isascii() and word.isupper()


# With a first name.


def _with_first(words: Words, k: int, first: tuple[str, ...]) -> Use | None:
    """The surname with the first name or its initial before it, perhaps a middle name between, or after a comma."""
    if not first:
        return None
    j, free = k, 1 if flat(words) else 3
    while j > 0 and _joined(words, j):
        j -= 1
        if words.low[j] == first[0]:
            return Use(j, k + 1, True) if _cased(words, k) else None
        if words.low[j] == first[0][0] and _initial(words, j):
            return Use(j, k + 1) if _cased(words, k) else None
        if len(words.low[j]) == 1 or words.low[j] in PARTICLES:
            continue
        free -= 1
        if free < 0 or words.low[j] in FUNCTION_WORDS or not (shown(words, j) or _may_be_middle(words, j)):
            break
    after = k + 1
    if after < len(words.low) and words.low[after] == first[0] and words.gaps[after] in (",", ", ", " "):
        if not flat(words) and not (shown(words, k) and shown(words, after)):
            return None
        return Use(k, after + 1, True)
    if words.gaps[after] == ", " and words.low[after : after + 1] == (first[0][0],) and "." in words.gaps[after + 1]:
        return Use(k, after + 1)
    return None


def _joined(words: Words, j: int) -> bool:
    """Whether word j goes on with the name that word j - 1 belongs to."""
    gap = words.gaps[j]
    return gap in (" ", "-") or (gap in (". ", ".") and len(words.low[j - 1]) == 1) or gap == ' "' or gap == '" '


def _initial(words: Words, j: int) -> bool:
    """Whether the letter at j stands for a name: "A. Rose", not "A rose"."""
    return "." in words.gaps[j + 1] or not (flat(words) or words.low[j] in ("a", "i", "o"))


def _cased(words: Words, k: int) -> bool:
    return flat(words) or shown(words, k) or not ordinary(words.low[k])


def _may_be_middle(words: Words, j: int) -> bool:
    return flat(words) and words.low[j] not in FUNCTION_WORDS and words.low[j] not in PERSON_VERBS


# Alone.


def _continued(words: Words, k: int) -> bool:
    """Whether another name follows at once: Berg Novak is not Berg."""
    after = k + 1
    return after < len(words.low) and words.capital[after] and words.gaps[after] == " " and words.low[after] != "i"


def _free_before(words: Words, k: int, first: tuple[str, ...]) -> bool:
    """Whether no other name stands before: Carl Berg is not Berg, "Perhaps Berg", van der Berg and Holt-Berg are."""
    j = k - 1
    while j >= 0 and (words.low[j] in PARTICLES or words.low[j] in first[1:]) and words.gaps[j + 1] in (" ", "-"):
        j -= 1
    if j < 0 or not words.capital[j] or words.gaps[j + 1] not in (" ", "-"):
        return True
    return words.low[j] in TITLES or (words.low[j] in FUNCTION_WORDS and words.low[j] not in GIVEN_NAMES)


def _ends(words: Words, k: int) -> bool:
    """Whether the sentence ends after word k."""
    return k + 1 == len(words.low) or any(c in words.gaps[k + 1] for c in _ENDS)


def _somewhere(words: Words, k: int) -> bool:
    """Whether the word at k is said as a place: lives in Kent, comes from Kent."""
    before = words.low[k - 1] if k and words.gaps[k] == " " else ""
    if before == "of":
        return k > 1 and words.low[k - 2] in OF_PLACES
    return before in _INSIDE or (before in _AWAY and k > 1 and words.low[k - 2] in _GOING)


def _said_of_thing(words: Words, k: int) -> bool:
    """Whether the word at k tells what a thing is: "Her hair is Brown", "Occupation: Fisher"."""
    first = k
    while first and words.low[first - 1] in ADJECTIVES and words.gaps[first].strip() in ("", ","):
        first -= 1
    before = words.low[max(0, first - 6) : first]
    if ":" in words.gaps[first]:
        return not NAMED & set(before) and bool(before)
    linked = before[-1:] and before[-1] in ("is", "was", "are", "be", "as", "or", "and")
    return bool(linked) and bool(THINGS & set(before)) and not NAMED & set(before)


def _describes(words: Words, k: int) -> bool:
    """Whether the word at k is one of several that describe a thing behind them: "Brown, wavy and long hair"."""
    for i in range(k + 1, min(len(words.low), k + 6)):
        word, gap = words.low[i], words.gaps[i].strip()
        if gap not in ("", ",", "-") or word in PERSON_VERBS or (word in FUNCTION_WORDS and word not in _LINKS):
            return False
        if word in THINGS:
            return True
    return False


_LINKS = frozenset(("and", "or", "but"))


def _alone(words: Words, k: int) -> Use | None:
    """Of a surname with a capital and no other name beside it."""
    if _somewhere(words, k):
        return None
    return Use(k, k + 1) if not ordinary(words.low[k]) else _alone_cased(words, k)


def _alone_cased(words: Words, k: int) -> Use | None:
    """Of an ordinary word, where letter case tells something."""
    if not shown(words, k) or _somewhere(words, k) or _said_of_thing(words, k):
        return None
    word, before, after = words.low[k], "".join(words.low[max(0, k - 1) : k]), "".join(words.low[k + 1 : k + 2])
    if words.gaps[k + 1] == "-" or (words.gaps[k] == "-" and k):
        return None
    if opens(words, k):
        return _opening(words, k)
    determined = before in ARTICLES or words.low[max(0, k - 2)] in ("a", "an")
    if words.gaps[k] == " " and (before in _SUBJECTS or determined) and after not in ("family", "household"):
        return None
    if _describes(words, k):
        return None
    if word in MONTHS and (before in TIME_WORDS or before.isdigit() or after.isdigit()):
        return None
    goes_on = _ends(words, k) or words.gaps[k + 1] != " " or _takes_person(words, k) or after in FUNCTION_WORDS
    if word in ADJECTIVES and not (goes_on or after.endswith("ly")):
        return None
    return Use(k, k + 1)


def _opening(words: Words, k: int) -> Use | None:
    """Of an ordinary word that begins a sentence, where every word has a capital."""
    word, after, gap = words.low[k], "".join(words.low[k + 1 : k + 2]), words.gaps[k + 1]
    if word in FUNCTION_WORDS:
        return Use(k, k + 1) if word in AUXILIARIES and after in ("was", "is", "has", "had", "lives", "works") else None
    if _ends(words, k):
        return Use(k, k + 1, lone=":" not in words.gaps[k])
    if gap == "'" and after == "s":
        return None if words.low[k + 2 : k + 3] in (("not",), ("the",), ("a",)) else Use(k, k + 1)
    if after == "and" and words.low[k + 2 : k + 3] in (("her",), ("his",), ("their",)):
        return Use(k, k + 1)
    if "," in gap:
        return Use(k, k + 1, lone=True) if after in _GOES_ON else None
    if "(" in gap:
        return Use(k, k + 1) if after == "born" or after.isdigit() else None
    return Use(k, k + 1) if gap == " " and _takes_person(words, k) else None


def _takes_person(words: Words, k: int) -> bool:
    """Whether a verb follows that is said of people: "Brown lives", but not "Brown is the colour of her hair"."""
    if k + 1 >= len(words.low) or words.low[k + 1] not in PERSON_VERBS:
        return False
    return words.low[k + 1] not in ("is", "was") or not KINDS_OF_THINGS & set(words.low[k + 2 : k + 6])


def _alone_flat(words: Words, k: int) -> Use | None:
    """Of a surname by itself where letter case tells nothing."""
    if _somewhere(words, k):
        return None
    word, before = words.low[k], words.low[max(0, k - 2) : k]
    if before and before[-1] in TITLES:
        return Use(k, k + 1)
    if not ordinary(word):
        return Use(k, k + 1)
    if _ends(words, k) and (before[-1:] in (("called",), ("named",)) or before == ("name", "is")):
        return Use(k, k + 1)
    if word in FUNCTION_WORDS:
        return None
    if word in NOTHING:
        return None
    if _ends(words, k) and (not k or (len(before) == 2 and before[0] in _POINTING and before[1] == "is")):
        return Use(k, k + 1, lone=True)
    born = words.low[k + 1 : k + 3] == ("was", "born") or words.low[k + 1 : k + 2] in (("lives",), ("works",))
    return Use(k, k + 1) if born and opens(words, k) else None


def best(found: Iterable[Use | None]) -> Use | None:
    """The use that says most: with a first name, then by itself."""
    uses = [use for use in found if use]
    return max(uses, key=lambda use: (use.whole, use.end - use.start), default=None)
