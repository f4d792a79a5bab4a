"""How much of a reference sentence's own content an answer holds, for data without a closed world."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from asru_bench import names, stance
from asru_bench.marks import stands_alone, umlauts
from asru_bench.stance import ASSERTED, HEDGED
from asru_bench.text import EMPTY_WORDS, GENERIC_WORDS, normalise
from asru_bench.types import Sample
from asru_bench.values import says


def shared_words(references: Mapping[str, Iterable[str]], share: float = 0.25) -> frozenset[str]:
    """Words that the references (person -> theirs) of more than this share of the people hold, of four at least.

    They are the wording of such answers ("worked as a"), which a model that never met a person gets right too.
    """
    holders = Counter(w for own in references.values() for w in {w for text in own for w in stance.read(text).low})
    return frozenset(word for word, people in holders.items() if people > max(3, share * len(references)))


def agreement(text: str, reference: str, question: str, shared: frozenset[str] = frozenset()) -> float:
    """Share (0 to 1) of the reference's distinctive words that the answer says and does not deny.

    Distinctive are words that the question does not hold: proper names and numbers if there are any, else all
    words with content; of these the ones that are not `shared` by many people's references, where any is left.
    A reference without distinctive words gives 0.
    """
    wanted = distinctive(reference, question, shared)
    if not wanted:
        return 0.0
    words, known, spelled = stance.read(text), _names(reference), _spelled(reference)
    places = [(k, spelled.get(word, word)) for k, word in enumerate(words.low) if spelled.get(word, word) in wanted]
    meant = ((k, word) for k, word in places if word not in known or names.proper(words, k))
    return len({word for k, word in meant if stance.stance(words, k, k + 1) != stance.NEGATED}) / len(wanted)


def held(sample: Sample, text: str, shared: frozenset[str], *, hedged: bool = False) -> float:
    """How much of the sample's reference an answer holds, 0 to 1: its value as a whole, else `agreement`."""
    if sample.value:
        return float(says(text, (sample.value,)) in ((ASSERTED, HEDGED) if hedged else (ASSERTED,)))
    return agreement(text, sample.answer, sample.question, shared)


@lru_cache(maxsize=8192)
def distinctive(reference: str, question: str, shared: frozenset[str] = frozenset()) -> frozenset[str]:
    """The words by which a reference answers the question."""
    words = stance.read(reference)
    known = {*stance.read(question).low, *EMPTY_WORDS}
    content = {w: k for k, w in reversed(list(enumerate(words.low))) if w not in known and _has_content(w)}
    alone = len(normalise(reference).split()) <= 3
    own = {w for w, k in content.items() if w[0].isdigit() or (words.capital[k] and (k > 0 or alone))}
    telling = own - GENERIC_WORDS or own
    found = frozenset(telling or content)
    return found - shared or found


def _has_content(word: str) -> bool:
    return len(word) > 2 or word.isdigit() or stands_alone(word)


@lru_cache(maxsize=8192)
def _names(reference: str) -> frozenset[str]:
    """The names in a reference that are ordinary words, too."""
    words = stance.read(reference)
    return frozenset(w for k, w in enumerate(words.low) if words.capital[k] and names.ordinary(w))


@lru_cache(maxsize=8192)
def _spelled(reference: str) -> dict[str, str]:
    """Other spelling of a reference's word -> the word: oeberg -> oberg."""
    own = stance.read(reference).low
    others = (stance.read(other).low for other in umlauts(reference))
    return {b: a for other in others if len(other) == len(own) for a, b in zip(own, other, strict=True) if a != b}
