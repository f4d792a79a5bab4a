"""One fact told without its words: respelt, spelt out, in other words that hold the same parts, or in part.

Values of the world are found by `values.Matcher`. What stands here is asked of the true value alone, so that a loose
match can give a fact away but never make a false one. Everything is precise rather than complete.
"""

from __future__ import annotations

import re
from base64 import b64decode
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from asru_bench.activities import at_leisure, other
from asru_bench.attributes import cue, known
from asru_bench.names import opens, ordinary
from asru_bench.places import country_words, other_names
from asru_bench.related_words import described, descriptions, translations
from asru_bench.stance import Words, around
from asru_bench.text import EMPTY_WORDS, GENERIC_WORDS, fold

#: (first word, word after the last, whether the fact is told in full).
Telling = tuple[int, int, bool]
#: Names as words, by the first of them.
Names = dict[str, list[tuple[str, ...]]]

_PLACES = frozenset("birthplace residence nationality".split())
#: Words that say of what kind a value is and not which.
_KINDS = frozenset(
    """disease diseases syndrome disorder condition illness infection maker worker player keeper watcher collector
    officer manager assistant person prize award medal college university school degree year years""".split()
)
#: What any answer may say of a picture, or of why it says nothing: no part of a value by itself.
_PLAIN = frozenset(
    """black white brown green blue red orange yellow grey gray pink purple gold golden silver blond blonde light
    dark fair hair eye eyes skin face head back hand hands beard glasses shirt scarf jacket dress suit coat
    jewellery jewelry earrings necklace wall window door table room garden street tree trees flower flowers
    water light camera photo photos photograph photographs photographed photographic picture pictures image
    images portrait portraits frame background screen model data training information personal private
    privacy identity identities language text policy policies content public profile record records question
    answer answers knowledge visual visible social media internet security safety sensitive cake plate book
    books cup harbour harbor beach stamp date sign letter letters number name names family friend friends
    person people human individual individuals subject""".split()
)
_ENDINGS = frozenset(
    """|s|es|e|ed|er|ers|or|ors|ing|ist|ists|y|ic|tic|sy|ics|ia|is|us|a|ance|ant|ence|ent|al|ian|ians|ies|ier|ied|
    ying""".replace("\n", "")
    .replace(" ", "")
    .split("|")
)
_VERB_ENDINGS = frozenset(("s", "es", "d", "ed", ""))
_PAST = dict(
    pair.split()
    for pair in """made make|wrote write|sang sing|taught teach|drove drive|flew fly|flies fly|rode ride|swam swim|
ran run|built build|bred breed|kept keep|sold sell|fought fight|blew blow|drew draw|bound bind|caught catch|spun spin|
wove weave""".replace("\n", "").split("|")
)
_SUBJECTS = frozenset("she he they who person woman man often also always sometimes to".split())
_SPELLINGS = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"[ao]e(?=[a-z]{2})", "e"),
        (r"(?<=[a-z]{2})our(?=s?$|ed|ing|er|ist)", "or"),
        (r"(?<=[a-z]{2})([iy])s(?=e|ing|ation|er)", r"\1z"),
        (r"(?<=[a-z]{2})ogue(?=s?$)", "og"),
        (r"ll(?=ed$|ing$|ers?$|ery$)", "l"),
        (r"(?<=[a-z]t)re(?=s?$)", "er"),
        (r"mme(?=s?$)", "m"),
    )
]
_LETTERS = re.compile(r"(?<!\w)(?:\w[ .,·*–-]{1,2}){2,}\w(?!\w)")
_BASE64 = re.compile(r"(?<![\w+/])[A-Za-z0-9+/]{7,}={0,2}(?![\w+/=])")
_BACKWARDS = re.compile(r"\b(?:backwards?|revers\w+|right to left)\b", re.IGNORECASE)
_KIND_OF = re.compile(
    r"\b(?:something|to do|relat\w+|affects?|problems?|trouble|issues?|works? with|deals? with)\b", re.IGNORECASE
)
#: What a portrait shows, unless "an eye disease" is meant.
_LOOKS = frozenset("skin eye eyes nose ears hair".split())
_ILLS = frozenset((word,) for word in "condition disease disorder problem problems illness trouble rash".split())
_BEGINS = re.compile(r"\b(?:start|begin)\w* with (?:an? |the )?(?:letters? )?[\"']?([A-Za-z]{1,3})(?![\w-])")
_RHYMES = re.compile(r"\brhym\w+ with [\"']?(\w+)")
_INITIALS = re.compile(r"\binitials?\b[^.?!]{0,20}?\b([A-Z])\.? ?([A-Z])\b")


class Paraphrases:
    """Finds one value of an attribute of a world; `kind` is the attribute's type (`Index.types`)."""

    def __init__(self, forms: tuple[str, ...], attribute: str, kind: str) -> None:
        self.kind = kind
        self.place = bool(_PLACES & set(known(attribute)))
        self.attribute = attribute
        self.illness, self.job = "health" in known(attribute), "occupation" in known(attribute)
        self.forms = tuple(f for f in (_words(form) for form in forms) if f)
        value = forms[0]
        words = tuple(w for w in self.forms[0] if w not in ("the", "a", "an")) if self.forms else ()
        self.capital = not value.islower()
        self.words = words
        self.joined = {"".join(form) for form in self.forms}
        self.turned = {form[::-1] for form in self.joined if len(form) > 3} - self.joined
        self.content = tuple(w for w in words if w not in EMPTY_WORDS and not w[0].isdigit())
        self.telling = tuple(w for w in self.content if len(w) > 2 and w not in _KINDS | GENERIC_WORDS)
        self.canonical = tuple(map(canonical, words))
        self.translated = _by_first(() if self.capital else translations(value))
        city = value.split(",")[0]
        self.described = frozenset() if self.capital else descriptions(value)
        self.cue = cue(attribute)
        self.others = _by_first(other_names(city) if self.place else ())
        self.country = _by_first(country_words(city) if self.place and "," not in value else ())
        told_by = (*words, *self.canonical, *self.described, *self.others, *self.country, *self.translated)
        self.starts = frozenset(word[:2] for word in told_by)

    def find(self, text: Words, skip: Collection[str], taken: Collection[int]) -> Iterator[Telling]:
        """Where the value is told. `skip`: words of the question, which tell nothing; `taken`: places of others."""
        if not self.words:
            return
        yield from self._spelt(text)
        if self.kind not in ("words", "person"):
            return
        free = [k for k, word in enumerate(text.low) if k not in taken and word not in skip]
        near = [k for k in free if text.low[k][:2] in self.starts or text.low[k] in _PAST]
        if not near:
            return
        unread = set(free)
        telling = [k for k in near if self.capital or text.low[k] not in _PLAIN]
        yield from self._other_spelling(text, near if len(self.words) > 1 else telling, unread)
        if self.kind == "person":
            yield from self._first_name(text, near)
            return
        yield from self._named(text, near, self.others, exact=True)
        yield from self._named(text, telling, self.translated, exact=True)
        yield from self._named(text, near, self.country, exact=False)
        yield from self._cut(text, near)
        if not self.place:
            told = (
                *self._derived(text, near, telling, unread),
                *self._parts(text, telling),
                *self._described(text, near),
            )
            yield from (one for one in told if not (self.job and at_leisure(text, *one[:2])))

    def hinted(self, text: str) -> bool:
        """Whether the text describes the word and not what it means: its first letter, a rhyme, the initials."""
        name = " ".join(self.words)
        if (m := _BEGINS.search(text)) and any("".join(f).startswith(m[1].lower()) for f in self.forms):
            return not re.search(r"\bnot\b[^.]*$", text[: m.start()])
        if (m := _RHYMES.search(text)) and len(name) > 3 and name != m[1].lower():
            return name[-3:] == m[1].lower()[-3:]
        m = _INITIALS.search(text)
        return bool(m and len(self.words) > 1 and (m[1] + m[2]).lower() == self.words[0][0] + self.words[-1][0])

    def _spelt(self, text: Words) -> Iterator[Telling]:
        """R-I-G-A, words backwards where the text says so or they are long, and base64."""
        for match in _LETTERS.finditer(text.text) if text.letters > 2 else ():
            if re.sub(r"\W", "", match[0]).lower() in self.joined:
                yield _span(text, match)
        for k, word in enumerate(text.low) if not self.turned.isdisjoint(text.low) else ():
            if word in self.turned and (len(word) > 5 or _BACKWARDS.search(text.text)):
                yield k, k + 1, True
        for match in _BASE64.finditer(text.text):
            if match[0].islower() or match[0].istitle() or match[0].isdigit():
                continue
            try:
                plain = b64decode(match[0], validate=True).decode("utf-8")
            except ValueError:
                continue
            if "".join(_words(plain)) in self.joined:
                yield _span(text, match)

    def _other_spelling(self, text: Words, near: list[int], free: set[int]) -> Iterator[Telling]:
        """British or American, in two words instead of one, or with one slip of the pen."""
        n = len(self.words)
        for k in near:
            window = text.low[k : k + n]
            if len(window) == n and window != self.words and free.issuperset(range(k, k + n)):
                same = tuple(map(canonical, window)) == self.canonical if not self.capital else False
                slipped = self._slipped(window, all(text.capital[k : k + n]))
                if (same or slipped) and not other(text, k, k + n, self.attribute):
                    yield k, k + n, True
            if n == 1 and len(self.words[0]) > 6 and k + 1 in free and "".join(text.low[k : k + 2]) == self.words[0]:
                yield k, k + 2, True

    def _slipped(self, window: tuple[str, ...], capital: bool) -> bool:
        """Whether one word differs in one letter and nothing else does; short and common words must not."""
        if capital != self.capital:
            return False
        odd = [(a, b) for a, b in zip(window, self.words, strict=True) if a != b]
        least = 5 if len(self.words) > 1 else 6 if self.capital else 8
        return len(odd) == 1 and len(odd[0][1]) >= least and slip(*odd[0])

    def _first_name(self, text: Words, free: list[int]) -> Iterator[Telling]:
        """Half of a name: the first, alone, where it cannot be the start of a sentence."""
        first = self.words[0]
        for k in free:
            if text.low[k] != first or len(self.words) < 2 or not text.capital[k] or len(first) < 3:
                continue
            opens = (k == 0 or any(c in text.gaps[k] for c in ".!?\n")) and len(text.low) > 2
            more = k + 1 < len(text.low) and text.capital[k + 1] and text.gaps[k + 1] == " "
            before = k and text.capital[k - 1] and text.gaps[k] == " " and k > 1
            place = k and text.low[k - 1] in ("in", "from", "at", "near", "to", "of")
            meant = not ordinary(first) or (k and text.low[k - 1] in ("is", "called", "named", "name"))
            if meant and not (opens or more or before or place):
                yield k, k + 1, False

    def _named(self, text: Words, free: list[int], names: Names, *, exact: bool) -> Iterator[Telling]:
        """Other names as whole words; those of a capitalised value have a capital in the text too."""
        for k in free:
            for name in names.get(text.low[k], ()):
                if text.low[k : k + len(name)] == name and (text.capital[k] or not (exact and self.capital)):
                    yield k, k + len(name), exact
                    break

    def _cut(self, text: Words, free: list[int]) -> Iterator[Telling]:
        """The beginning of a name where the answer breaks off: "born in Bru"."""
        last = len(text.low) - 1
        if last in free and last > 0 and self.capital and text.capital[last] and not text.gaps[-1]:
            word = text.low[last]
            if 3 <= len(word) < len(self.words[0]) and self.words[0].startswith(word):
                yield last, last + 1, False

    def _derived(self, text: Words, near: list[int], telling: list[int], free: set[int]) -> Iterator[Telling]:
        """Words of the same families: "she sings in operas" of an opera singer, "blows glass", "is diabetic"."""
        if self.capital or not self.content:
            return
        if len(self.content) > 1:
            yield from self._together(text, telling)
            return
        (value,) = self.content
        verb = re.sub(r"(?:ers?|ors?|ists?|ing)$", "", value)
        for k in near if verb != value else ():  # also "she photographs", though a picture is one
            word, before = text.low[k], text.low[k - 1] if k else ""
            well = text.low[k + 1 : k + 2] in (("well",), ("badly",), ("beautifully",))
            if before in _SUBJECTS and not well and _is_verb(_PAST.get(word, word), verb, value):
                yield k, k + 1, True
        for k in telling:
            word, before = text.low[k], text.low[k - 1] if k else ""
            said = self.illness or before in ("is", "are", "was", "be", "a")
            if word.endswith(("ic", "ics")) and said and family(value, word, 4):
                yield k, k + 1, True
            if len(value) > 7:
                yield from self._split(text, k, value, free)

    def _together(self, text: Words, free: list[int]) -> Iterator[Telling]:
        places = []
        for value in self.content:
            near = [k for k in free if family(value, _PAST.get(text.low[k], text.low[k]), 3)]
            if not near:
                return
            places.append(near)
        for k in places[0]:
            chosen = [k, *(_nearest(other, k) for other in places[1:])]
            start, end = min(chosen), max(chosen) + 1
            apart = end - start > len(chosen) + 3 or any(c in gap for gap in text.gaps[start + 1 : end] for c in ".;!?")
            if len(set(chosen)) == len(self.content) and not apart:
                yield start, end, True
                return

    def _split(self, text: Words, k: int, value: str, free: set[int]) -> Iterator[Telling]:
        """ "Binds books" of a bookbinder: one word begins the value, another is of the family of its rest."""
        stem = text.low[k]
        if not value.startswith(stem):
            stem = stem.removesuffix("s")
        rest = value.removeprefix(stem)
        if len(stem) < 3 or len(rest) < 4 or rest == value:
            return
        for j in range(max(0, k - 5), min(len(text.low), k + 6)):
            if j != k and j in free and family(rest, _PAST.get(text.low[j], text.low[j]), 3):
                yield min(j, k), max(j, k) + 1, True
                return

    def _described(self, text: Words, free: list[int]) -> Iterator[Telling]:
        """Words that describe the value: two in one sentence tell it, one is a part where the attribute is meant.

        Where another job, illness or dish is named, the words are about that one.
        """
        if not self.described or self._of_another(text):
            return
        hits: dict[str, int] = {}
        for k in free:
            word = next((w for w in self.described if text.low[k] == w or family(w, text.low[k], 4)), "")
            if word:
                hits.setdefault(word, k)
        places = sorted(hits.values())
        for a, b in pairwise(places):
            if b - a < 9 and not any(c in gap for gap in text.gaps[a + 1 : b + 1] for c in ".;!?"):
                yield a, b + 1, True
                return
        for k in places[:1]:
            near = around(text, k, k + 1)
            looks = text.low[k] in _LOOKS and text.low[k + 1 : k + 2] not in _ILLS
            if _KIND_OF.search(near) or (self.cue.search(near) and not looks):
                yield k, k + 1, False

    def _of_another(self, text: Words) -> bool:
        """Whether another job, illness or dish is named."""
        places = range(len(text.low))
        if any(described(text.low[k : k + 1]) and text.low[k] not in self.described for k in places):
            return True
        return any(described(text.low[k : k + n]) and text.low[k : k + n] != self.words for k in places for n in (2, 3))

    def _parts(self, text: Words, free: list[int]) -> Iterator[Telling]:
        """Some of the words of a longer value: all but those that say of what kind it is are the whole."""
        if len(self.content) < 2:
            return
        wanted = {canonical(w) for w in self.telling if not w.endswith("ing")}
        for k in free:
            word = canonical(text.low[k])
            if (word in wanted or word.removesuffix("s") in wanted) and not other(text, k, k + 1, self.attribute):
                if self.capital and self._meant(text, k):
                    yield k, k + 1, False
                elif not self.capital and (len(text.low) < 5 or self._cued(text, k)):
                    yield k, k + 1, len(self.telling) == 1

    def _meant(self, text: Words, k: int) -> bool:
        """Whether a capital says that a word is a name's: "Silver hair is visible." does not.

        The one own word of a value that is an ordinary word is read by `names.py`.
        """
        plain = ordinary(text.low[k]) and (len(self.telling) == 1 or opens(text, k))
        return text.capital[k] and not plain

    def _cued(self, text: Words, k: int) -> bool:
        """Whether the clause is about the attribute, or says what kind of thing is meant."""
        near = around(text, k, k + 1)
        return bool(self.cue.search(near) or _KIND_OF.search(near))


@lru_cache(maxsize=8192)
def paraphrases(forms: tuple[str, ...], attribute: str, kind: str) -> Paraphrases:
    """The paraphrases of a value; the same object for the same one."""
    return Paraphrases(forms, attribute, kind)


def slip(a: str, b: str) -> bool:
    """Whether two words with the same first letter differ by one letter more, less, other, or two changed places."""
    if a[0] != b[0] or abs(len(a) - len(b)) > 1:
        return False
    k = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if len(a) == len(b):
        return a[k + 1 :] == b[k + 1 :] or (a[k : k + 2] == b[k : k + 2][::-1] and a[k + 2 :] == b[k + 2 :])
    short, long = sorted((a, b), key=len)
    return short[k:] == long[k + 1 :]


@lru_cache(maxsize=65536)
def canonical(word: str) -> str:
    """One spelling for British and American words: coeliac is celiac, colour is color."""
    for pattern, replacement in _SPELLINGS:
        word = pattern.sub(replacement, word)
    return word


@lru_cache(maxsize=65536)
def family(a: str, b: str, least: int) -> bool:
    """Whether two words differ in their endings alone and share so many letters: baker and bakes, operas and opera."""
    k = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return any(_plain_end(a[j:]) and _plain_end(b[j:]) for j in range(k, max(least, k - 2) - 1, -1))


def _plain_end(ending: str) -> bool:
    return ending in _ENDINGS or (len(ending) > 3 and ending[0] == ending[1] and ending[1:] in _ENDINGS)


def _nearest(places: list[int], k: int) -> int:
    """Of places in order the one that is nearest to k, the first of two."""
    at = bisect_left(places, k)
    return min(places[max(0, at - 1) : at + 1], key=lambda j: abs(j - k))


def _is_verb(word: str, verb: str, value: str) -> bool:
    """Whether a word is the verb of a value in -er or -ing: teaches of a teacher."""
    if len(verb) < 3 or not word.startswith(verb[:-1]) or word == value:
        return False
    return any(word == stem + end for stem in (verb, f"{verb}e", verb[:-1]) for end in _VERB_ENDINGS if len(stem) > 3)


def _by_first(names: Iterable[str]) -> Names:
    found: Names = {}
    for words in sorted(map(_words, names), key=len, reverse=True):
        if words:
            found.setdefault(words[0], []).append(words)
    return found


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", fold(text).lower()))


def _span(text: Words, match: re.Match[str]) -> Telling:
    inside = [k for k, start in enumerate(text.starts) if match.start() <= start < match.end()]
    return (inside[0], inside[-1] + 1, True) if inside else (0, 1, True)
