"""Pictures and texts that are the same, or nearly: by pixels, by thumbnail, by shared words."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from asru_bench import data
from asru_bench.text import normalise
from asru_bench.types import ImageRef

SIDE = 16
#: Mean absolute difference of two thumbnails (0 to 255), in brightness and in colour, up to which they are nearly the
#: same picture. JPEG files store colour coarsely, so that it says less.
SAME_PICTURE, SAME_COLOUR = 3.0, 10.0
BRIGHTNESS = (0.299, 0.587, 0.114)
#: A picture whose thumbnail varies less (standard deviation of each colour) shows nothing that could be compared.
FLAT = 4.0
#: Share of common words from which two texts of at least `FEWEST_WORDS` different words are nearly the same.
SAME_TEXT, FEWEST_WORDS = 0.9, 8
#: From so many texts on, words that more than half of them hold are a form that was filled in, and do not count.
FORM = 4


@dataclass(frozen=True)
class Look:
    """`pixels`: SHA-256 of size and RGB pixels; `thumbnail`: 16 x 16 x 3 numbers, None for a flat picture."""

    pixels: str
    thumbnail: Any = field(compare=False, default=None)


def look(ref: ImageRef) -> Look:
    """A picture seen once; raises `AsruBenchError` where it is missing or broken."""
    path = Path(ref.path)
    status = path.stat() if path.is_file() else None
    return _look(ref, status.st_size if status else 0, status.st_mtime_ns if status else 0)


@lru_cache(maxsize=100_000)
def _look(ref: ImageRef, size: int, mtime: int) -> Look:
    """Tables repeat a portrait in every row about a person: equal bytes are decoded once."""
    content = hashlib.sha256(data.image_bytes(ref)).digest()
    if (known := _seen.get(content)) is None:
        known = _seen[content] = _see(ref)
    return known


def _see(ref: ImageRef) -> Look:
    import numpy as np

    image = data.open_image(ref)
    pixels = hashlib.sha256(f"{image.width}x{image.height}:".encode() + image.tobytes()).hexdigest()
    small = np.asarray(image.resize((SIDE, SIDE)), dtype=np.int16).reshape(-1, 3)
    return Look(pixels, small.reshape(-1) if small.std(axis=0).max() >= FLAT else None)


#: SHA-256 of encoded bytes -> what they show.
_seen: dict[bytes, Look] = {}


def pictures(left: Sequence[Look], right: Sequence[Look]) -> Iterator[tuple[int, int, bool]]:
    """(i, j, whether the pixels are equal) for each of `left` and the first of `right` that is nearly the same."""
    import numpy as np

    exact: dict[str, int] = {}
    for j, other in enumerate(right):
        exact.setdefault(other.pixels, j)
    drawn = [j for j, other in enumerate(right) if other.thumbnail is not None]
    table = np.stack([right[j].thumbnail for j in drawn]) if drawn else None
    for i, one in enumerate(left):
        if one.pixels in exact:
            yield i, exact[one.pixels], True
        elif table is not None and one.thumbnail is not None:
            colour = (table - one.thumbnail).reshape(len(drawn), -1, 3)
            distance = np.abs(colour @ np.array(BRIGHTNESS, dtype=np.float32)).mean(axis=1)
            distance[np.abs(colour).mean(axis=(1, 2)) > SAME_COLOUR] = np.inf
            if distance.min() <= SAME_PICTURE:
                yield i, drawn[int(distance.argmin())], False


def texts(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[int, int]]:
    """(i, j) for each of `left` and the first of `right` with nearly the same words; empty texts are like none."""
    mine, theirs = ([normalise(text) for text in side] for side in (left, right))
    exact = {text: j for j, text in reversed(list(enumerate(theirs))) if text}
    own, other = ([frozenset(text.split()) for text in side] for side in (mine, theirs))
    counts = Counter(word for words in (*own, *other) for word in words)
    total = len(own) + len(other)
    form = frozenset(w for w, n in counts.items() if total >= FORM and 2 * n > total)
    own, other = ([words - form for words in side] for side in (own, other))
    for i, (text, words) in enumerate(zip(mine, own, strict=True)):
        if text in exact:
            yield i, exact[text]
        elif len(words) >= FEWEST_WORDS:
            found = (j for j, w in enumerate(other) if len(words & w) >= SAME_TEXT * len(words | w))
            if (j := next(found, None)) is not None:
                yield i, j
