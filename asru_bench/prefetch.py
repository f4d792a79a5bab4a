"""Encodes many rows in few calls of the processor: all questions about one picture together, and the picture once.

The first call is compared with rows encoded one by one; a processor that answers otherwise, or cannot, is
called row by row from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from asru_bench import encoding, inputs
from asru_bench.types import ImageRef, Prompt

if TYPE_CHECKING:
    import torch

    from asru_bench.models import VLM

Key = tuple[Prompt, str | None]
#: Rows of one call.
MOST = 64


def prefetch(vlm: VLM, keys: Iterable[Key]) -> None:
    """Encodes what is not encoded yet of these prompts and answers, so that `encoded` finds it."""
    cache = vlm.cache
    missing = [key for key in dict.fromkeys(keys) if cache.get(key) is None and not inputs.prompt_fault(vlm, *key)]
    groups: dict[tuple[ImageRef, ...], list[Key]] = {}
    for key in missing:
        groups.setdefault(encoding.pictures_of(key[0]), []).append(key)
    for refs, group in groups.items():
        for start in range(0, len(group), MOST):
            part = group[start : start + MOST]
            if len(part) > 1 and cache.together.get(bool(refs), True):
                _encode(vlm, part, refs)


def _encode(vlm: VLM, keys: Sequence[Key], refs: tuple[ImageRef, ...]) -> None:
    cache = vlm.cache
    starts = {prompt: encoding.render(vlm, prompt) for prompt in dict.fromkeys(p for p, _ in keys)}
    texts = [starts[p] if answer is None else encoding.render(vlm, p, answer, starts[p]) for p, answer in keys]
    found = _together(vlm, texts, refs)
    if found is None:
        with suppress(inputs.Refused):  # what is refused alone says nothing of others
            encoding.encode_alone(vlm, texts[0], refs)
            cache.together[bool(refs)] = False
        return
    sequences, tensors = found
    if bool(refs) not in cache.together:
        alone = encoding.encode_alone(vlm, texts[0], refs)
        cache.together[bool(refs)] = _equal(alone[0], sequences[0]) and _equal(alone[1], tensors)
    if not cache.together[bool(refs)]:
        return
    for key, text, own in zip(keys, texts, sequences, strict=True):
        if key[1] is None:
            cache.put(key, encoding.Row(text, own, refs, len(own["input_ids"])), tensors)
    for key, text, own in zip(keys, texts, sequences, strict=True):
        if key[1] is not None:
            cache.put(key, encoding.row_with_answer(vlm, key[0], key[1], text, own), tensors)


def _together(
    vlm: VLM, texts: list[str], refs: tuple[ImageRef, ...]
) -> tuple[list[dict[str, torch.Tensor]], dict[str, torch.Tensor]] | None:
    """([names -> [T] a row], picture tensors of one row); None where the processor cannot."""
    import torch

    processor, count = vlm.processor, len(texts)
    with _pictures_once(processor, count) as seen:
        try:
            data = dict(encoding.call_processor(vlm, texts, [refs] * count, padding=False))
        except inputs.Refused:
            return None
    lengths = [len(ids) for ids in data["input_ids"]]
    tensors = {}
    rows: list[dict[str, torch.Tensor]] = [{} for _ in texts]
    for name, value in data.items():
        if encoding.is_picture(name):
            if name not in seen:
                return None
            tensors[name] = torch.as_tensor(seen[name])
        elif [len(own) for own in value] == lengths:
            for row, own in zip(rows, value, strict=True):
                row[name] = torch.as_tensor(own)
        else:
            return None
    return rows, tensors


@contextmanager
def _pictures_once(processor: Any, count: int) -> Iterator[dict[str, Any]]:
    """While it lasts, pictures that a call shows `count` times are processed once; yields that one result."""
    own = processor.image_processor
    seen: dict[str, Any] = {}
    processor.image_processor = _Once(own, count, seen)
    try:
        yield seen
    finally:
        processor.image_processor = own


class _Once:
    """An image processor that is given the pictures of `count` equal rows and looks at those of the first."""

    def __init__(self, own: Callable[..., Any], count: int, seen: dict[str, Any]) -> None:
        self._own, self._count, self._seen = own, count, seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)

    def __call__(self, images: Any, *args: Any, **kwargs: Any) -> Any:
        import torch

        images = list(images)
        if len(images) % self._count:
            raise ValueError("pictures are not those of equal rows")
        settings = kwargs | {"return_tensors": "pt"}
        output = self._own(images[: len(images) // self._count], *args, **settings)
        for name, value in dict(output).items():
            self._seen[name] = value
            repeated = torch.cat([value] * self._count) if hasattr(value, "shape") else list(value) * self._count
            output[name] = repeated
        return output


def _equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(one[name].equal(other[name]) for name in one)
