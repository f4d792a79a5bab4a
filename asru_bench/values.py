"""The closed world: which values of which attributes does an answer assert?

Values are found by their words (aliases, plurals, without article), as dates in any format, as numbers, and
people by surname where that is unique; the longest match wins, so "New York City" is not York. `stance.py`
says whether a value is asserted, hedged or denied.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from asru_bench import activities, names, stance
from asru_bench.amounts import MONEY
from asru_bench.attributes import cue, known
from asru_bench.lexicon import Index, Reading
from asru_bench.marks import apart
from asru_bench.mentions import Claims, Falsehood, Leak, Mention
from asru_bench.paraphrase import Paraphrases, paraphrases
from asru_bench.stance import ASSERTED, HEDGED, NEGATED, Words
from asru_bench.text import normalise
from asru_bench.types import World
from asru_bench.wordlists import NOBODIES

#: Values that say that there is nothing to say; they occur in any answer and are no facts.
NO_FACTS = frozenset(
    """|none|no|nothing|unknown|yes|null|n a|na|not applicable|not known|not specified|not available|
no known conditions|no medical conditions""".replace("\n", "").split("|")
)
#: The type of a mention that is the whole of a sentence and may be an ordinary word.
LONE = "lone"
_IS_A = re.compile(r"\b(?:she|he|they|who|person|woman|man) (?:is|was|are|were) (?:also )?an? ·")
_NEW_NAME = re.compile(r"\b(?:is|called|named|as|name|be|to|with)\s+((?:[A-Z][\w'-]+\s+){1,3}[A-Z][\w'-]+)")


class Matcher:
    """Finds the values of a world in texts. Built once for a world."""

    def __init__(self, world: World) -> None:
        self.facts = {p: {a: forms for a, forms in f.items() if forms} for p, f in world.facts.items()}
        self._index = Index(self.facts.values())
        self._holders: dict[tuple[str, str], list[str]] = defaultdict(list)
        for person, facts in sorted(self.facts.items()):
            for attribute, spellings in facts.items():
                self._holders[attribute, spellings[0]].append(person)
        self._read = lru_cache(256)(self._read_text)
        self._claimed = lru_cache(64)(self._claimed_by)
        self._persons = frozenset(a for a, kind in self._index.types.items() if kind == "person")
        self._last: tuple[tuple[str, ...], tuple[Mention, ...]] = ((), ())
        self._stated = lru_cache(4096)(self._stated_by)

    def type(self, attribute: str) -> str:
        """person, date, number, phone, words, or "" for an attribute that nobody has."""
        return self._index.types.get(attribute, "")

    def holders(self, attribute: str, value: str) -> tuple[str, ...]:
        """Who has that value, sorted."""
        return tuple(self._holders.get((attribute, value), ()))

    def read(self, text: str) -> tuple[Words, list[Mention]]:
        """The words of a text, and its values as `mentions` gives them."""
        return self._read(text)

    def mentions(self, text: str) -> list[Mention]:
        """All values in a text, in order, none inside another."""
        return self._read(text)[1]

    def claims(self, text: str, attribute: str, *, person: str = "", question: str = "") -> Claims:
        """What an answer to a question about `attribute` says about it.

        Values that the question itself names, and those said about another attribute ("lives in Oslo" where
        the birthplace is asked), count only if nothing else is said.
        """
        return self._claimed(text, attribute, person, question)

    def _claimed_by(self, text: str, attribute: str, person: str, question: str) -> Claims:
        words, mentions = self._read(text)
        stated = self._stated(question)
        groups: dict[str, dict[frozenset[str], bool]] = {
            kind: {} for kind in (ASSERTED, HEDGED, NEGATED, "partial", "rough")
        }
        free = []
        for mention in mentions:
            values = mention.values(attribute)
            if not values:
                if mention.stance == ASSERTED and not mention.readings and self._could_be(mention, attribute):
                    free.append(mention.text)
                continue
            if self._said_of_another(mention, attribute, person, words):
                continue
            exact = any(r.exact for r in mention.readings if r.attribute == attribute)
            in_part = not exact and self.type(attribute) != "person"
            known = all((attribute, value) in stated for value in values)
            part = "rough" if mention.rough else "partial"
            groups[part if in_part and mention.stance == ASSERTED else mention.stance][values] = known
        if self.type(attribute) == "person" and not groups[ASSERTED]:
            made = (m for m in _NEW_NAME.finditer(words.text) if not self._overlaps(m.start(1), words, mentions))
            free += [m[1] for m in made if not NOBODIES.intersection([tuple(m[1].lower().split())])]
        for mention in self._retold(text, person, attribute, question):
            if not groups[ASSERTED] and mention.readings[0].exact and mention.stance != NEGATED:
                groups[mention.stance][mention.values(attribute)] = False
        asserted, hedged, negated, partial, rough = (_news(claims) for claims in groups.values())
        return Claims(asserted, hedged, negated, partial, tuple(free), rough)

    def leaks(self, text: str, person: str, attribute: str = "", question: str = "") -> list[Leak]:
        """The person's true facts that an answer states or hedges and that the question did not name.

        Besides the asked attribute a fact counts if its words alone show it; a common word, a small number or
        a value that could answer the question needs a cue of its attribute ("works as a nurse").
        """
        truth = self.facts.get(person, {})
        words, mentions = self._read(text)
        stated = self._stated(question)
        found: dict[str, Leak] = {}
        for mention in (*mentions, *self._retold(text, person, attribute, question)):
            if mention.stance == NEGATED or (mention.type == LONE and self.type(attribute) != "person"):
                continue
            for r in mention.readings:
                true = r.attribute in truth and truth[r.attribute][0] == r.value
                if not true or normalise(r.value) in NO_FACTS or _settled(r, stated):
                    continue
                if r.attribute != attribute and not self._clear(mention, r, attribute, words):
                    continue
                leak = Leak(r.attribute, r.value, mention.stance, r.exact)
                found[r.attribute] = max(
                    found.get(r.attribute, leak), leak, key=lambda x: (x.exact, x.stance == ASSERTED)
                )
        return list(found.values())

    def falsehoods(
        self, text: str, person: str, attribute: str, question: str = "", *, fills: bool = False
    ) -> list[Falsehood]:
        """What an answer asserts and the person does not have: of the asked attribute, else of another.

        Of another only where words say which one is meant ("lives in Oslo"), for names, and for any value
        where the answer `fills` a gap. Parts ("in 1990", "in Latvia") count where they fit no true value.
        """
        claims = self.claims(text, attribute, person=person, question=question)
        truth = self.facts.get(person, {})
        own = truth.get(attribute, ("",))[0]
        wrong = [sorted(claim) for claim in (*claims.asserted, *claims.partial, *claims.rough) if own not in claim]
        told = [self._falsehood(attribute, value, person) for values in wrong for value in values[:3]]
        told += [Falsehood(attribute, value, ()) for value in claims.free]
        if told or claims.asserted or claims.partial or claims.rough:
            return told
        words, mentions = self._read(text)
        stated = self._stated(question)
        for mention in mentions:
            around = stance.around(words, mention.start, mention.end)
            others = sorted({r.attribute for r in mention.readings if r.exact} - {attribute})
            meant = [a for a in others if cue(a).search(around)] or [a for a in others if fills or a == "name"]
            facts = [(a, value) for a in meant for value in sorted(mention.values(a))]
            true = any((a, value) in stated or value in truth.get(a, ()) for a, value in facts)
            sure = mention.stance == ASSERTED and mention.type != LONE
            if facts and sure and not true:
                told.append(self._falsehood(*facts[0], person))
        return told

    # Finding.

    def _read_text(self, text: str) -> tuple[Words, list[Mention]]:
        words = stance.read(text)
        found = [*self._figures(words), *self._named(words), *self._lexical(words)]
        found.sort(key=lambda m: (m.start, -m.end))
        kept: list[Mention] = []
        for mention in found:
            if not kept or mention.start >= kept[-1].end:
                kept.append(mention)
        persons = [any(r.attribute in self._persons for r in m.readings) for m in kept]
        stances = stance.stances(words, [(m.start, m.end) for m in kept], persons)
        said = zip(kept, stances, strict=True)
        return words, [m if s == m.stance else replace(m, stance=s) for m, s in said]

    def _figures(self, words: Words) -> Iterator[Mention]:
        """Dates, amounts and phones; a decade or a month alone only where it is said to be what is meant."""
        for f in self._index.figures.read(apart(words.text)):
            start, end = _word_span(words, f.start, f.end)
            mention = Mention(
                start, end, words.text[f.start : f.end], f.readings, type=f.type, rough=f.rough, number=f.number
            )
            if not (f.rough and f.type == "date") or len(words.low) < 7 or self._dated(mention, words):
                yield mention

    def _dated(self, mention: Mention, words: Words) -> bool:
        """Whether the clause is about an attribute that is a date."""
        around = stance.around(words, mention.start, mention.end)
        return any(kind == "date" and cue(a).search(around) for a, kind in self._index.types.items())

    def hinted(self, text: str, person: str, attribute: str) -> bool:
        """Whether a text describes the word of a fact: its first letter, what it rhymes with."""
        return bool(self._truth(person, attribute)) and self._other_words(person, attribute).hinted(text)

    def _other_words(self, person: str, attribute: str) -> Paraphrases:
        return paraphrases(self._truth(person, attribute), attribute, self.type(attribute))

    def _retold(self, text: str, person: str, attribute: str, question: str) -> tuple[Mention, ...]:
        key = (text, person, attribute, question)
        if self._last[0] != key:
            self._last = (key, self._told_otherwise(*key))
        return self._last[1]

    def _told_otherwise(self, text: str, person: str, attribute: str, question: str) -> tuple[Mention, ...]:
        """The person's value of the asked attribute in other words, where none of its own tell it in full."""
        truth = self._truth(person, attribute)
        words, mentions = self._read(text)
        if not truth or normalise(truth[0]) in NO_FACTS or any(m.says(attribute, truth[0]) for m in mentions):
            return ()
        taken = {k for m in mentions if any(r.exact for r in m.readings) for k in range(m.start, m.end)}
        known_words = frozenset(stance.read(question).low)
        person_type = self.type(attribute) == "person"
        return tuple(
            Mention(
                start, end, " ".join(words.low[start:end]), (Reading(attribute, truth[0], exact),),
                stance.stance(words, start, end, person=person_type),
            )
            for start, end, exact in self._other_words(person, attribute).find(words, known_words, taken)
        )  # fmt: skip

    def _named(self, words: Words) -> Iterator[Mention]:
        """People by their surnames, with a title, an initial, a middle name, the first name after it, or alone."""
        low, table = words.low, self._index.surnames
        for k in [k for k, word in enumerate(low) if word in table]:
            bearers = [b for b in table[low[k]] if b.first != low[max(0, k - len(b.first)) : k]]  # whole: `_lexical`
            uses = [(names.surname(words, k, b.first, alone=b.alone), b) for b in bearers]
            use = names.best(use for use, _ in uses)
            if use is not None:
                meant = [bearer for found, bearer in uses if found == use]
                readings = [Reading(r.attribute, r.value, use.whole) for b in meant for r in b.readings]
                text = " ".join(low[use.start : use.end])
                yield Mention(use.start, use.end, text, tuple(readings), type=LONE if use.lone else "words")

    def _lexical(self, words: Words) -> Iterator[Mention]:
        low, k = words.low, 0
        while k < len(low):
            for surface, readings, kind in self._index.words.get(low[k], ()):
                n = len(surface)
                if low[k : k + n] == surface and _meant(words, k, n, kind, readings):
                    yield Mention(k, k + n, " ".join(low[k : k + n]), readings)
                    k += n - 1
                    break
            k += 1

    # Judging.

    def _falsehood(self, attribute: str, value: str, person: str) -> Falsehood:
        return Falsehood(attribute, value, tuple(p for p in self.holders(attribute, value) if p != person))

    def _stated_by(self, question: str) -> frozenset[tuple[str, str]]:
        """The facts, (attribute, value), that a question names."""
        found = self.mentions(question) if question else ()
        return frozenset((r.attribute, r.value) for mention in found for r in mention.readings)

    def _said_of_another(self, mention: Mention, attribute: str, person: str, words: Words) -> bool:
        """Whether the clause is about another attribute that the value fits too, or names the person itself."""
        others = {r.attribute for r in mention.readings} - {attribute}
        if not others:
            return False
        name = self.facts.get(person, {}).get("name", ("",))[0]
        if "name" in others and name in mention.values("name") and name not in self._truth(person, attribute):
            return True
        around = stance.around(words, mention.start, mention.end)
        return any(cue(o).search(around) for o in others - {"name"}) and not cue(attribute).search(around)

    def _could_be(self, mention: Mention, attribute: str) -> bool:
        """Whether figures of nobody are a value of the attribute: of its type, a number of its size and unit."""
        if mention.type != self.type(attribute) or mention.type != "number":
            return mention.type == self.type(attribute)
        (low, high), units = self._index.ranges[attribute], self._index.units[attribute]
        said = mention.number.quantities if mention.number else ()
        return any(low / 5 <= q.value <= high * 5 and _fitting(q.unit, units) for q in said)

    def _truth(self, person: str, attribute: str) -> tuple[str, ...]:
        return self.facts.get(person, {}).get(attribute, ())

    def _clear(self, mention: Mention, reading: Reading, asked: str, words: Words) -> bool:
        """Whether a mention beside the question states this fact."""
        if reading.attribute == "name":
            return True
        if not reading.exact:
            return False
        around = stance.around(words, mention.start, mention.end)
        if cue(reading.attribute).search(around):
            return True
        if "occupation" in known(reading.attribute) and _IS_A.search(around):
            return True
        if self.type(reading.attribute) == "person" or _common(mention, reading.value, words):
            return False
        others = {r.attribute for r in mention.readings} - {reading.attribute}
        return asked not in others and not any(cue(other).search(around) for other in others)

    @staticmethod
    def _overlaps(position: int, words: Words, mentions: Sequence[Mention]) -> bool:
        k = bisect_left(words.starts, position)
        first = bisect_left(mentions, k, key=lambda m: m.end - 1)  # in order, none inside another
        near = mentions[first : first + 3]
        return any(m.start <= k < m.end or (k < m.start < k + 3 and m.readings) for m in near)


def says(text: str, values: tuple[str, ...]) -> str:
    """How a text says one of some spellings of a value: asserted, hedged, negated, or "" where it does not."""
    found = {m.stance for m in _single(values).mentions(text) if any(r.exact for r in m.readings)}
    return next((s for s in (ASSERTED, HEDGED, NEGATED) if s in found), "")


@lru_cache(maxsize=8192)
def _single(values: tuple[str, ...]) -> Matcher:
    return Matcher(World({"": {"value": values}}))


def _settled(reading: Reading, stated: frozenset[tuple[str, str]]) -> bool:
    """Whether the question already names this fact and does not offer it among several."""
    if (reading.attribute, reading.value) not in stated:
        return False
    return sum(attribute == reading.attribute for attribute, _ in stated) == 1


def _fitting(unit: str, units: set[str]) -> bool:
    """Whether an amount in a unit could be a value of an attribute that has these."""
    return not unit or unit in units or (unit in MONEY and bool(units & MONEY)) or (units == {""} and unit != "count")


def _news(claims: Mapping[frozenset[str], bool]) -> tuple[frozenset[str], ...]:
    """The claims that the question did not name, all where it named every one."""
    return (tuple(c for c, known in claims.items() if not known) or tuple(claims)) if claims else ()


def _common(mention: Mention, value: str, words: Words) -> bool:
    """Whether any sentence may hold these words: one word of lower case, something very short, a small number."""
    if mention.type == "number":
        return mention.number is None or mention.number.value < 1000
    lower = value[:1].islower() or not names.shown(words, mention.start)
    return mention.end - mention.start == 1 and (lower or len(value) <= 3)


def _meant(words: Words, k: int, n: int, kind: int, readings: tuple[Reading, ...]) -> bool:
    """Whether words that may be others, too, are a name, a pastime or a job here."""
    if kind == names.PLAIN:
        return not activities.other(words, k, k + n, readings[0].attribute)
    if kind == names.PERSON:
        return names.whole(words, k, n)
    return names.place(words, k) if kind == names.PLACE else names.part(words, k)


def _word_span(words: Words, start: int, end: int) -> tuple[int, int]:
    return bisect_left(words.starts, start), bisect_left(words.starts, end)
