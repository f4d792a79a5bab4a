"""Image features, computed once for each distinct picture however many questions show it.

Works for every family whose `get_image_features` gives one entry per picture; the first picture is compared
with plain encoding, and a family that does otherwise is encoded plainly from then on.
"""

from __future__ import annotations

import functools
import inspect
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from asru_bench.encoding import picture_tensors
from asru_bench.fingerprint import image_hash
from asru_bench.types import ImageRef, Prompt

if TYPE_CHECKING:
    import torch

    from asru_bench.models import VLM

MAX_BYTES = 2 << 30
#: Pictures of a part are encoded in groups that depend on all parts only, so that a resumed run rounds alike.
GROUP = 16


@dataclass
class Part:
    """Features of one picture: what replaces its placeholders, and the levels that enter deeper blocks."""

    pooled: torch.Tensor
    levels: list[torch.Tensor]

    @property
    def bytes(self) -> int:
        return sum(t.numel() * t.element_size() for t in (self.pooled, *self.levels))


@dataclass
class ImageFeatures:
    """The distinct pictures of all `parts`, each part one that is asked together and encoded in groups of its own.

    Those used least recently are dropped over `max_bytes`.
    """

    vlm: VLM
    parts: Sequence[Sequence[ImageRef]]
    max_bytes: int = MAX_BYTES
    encoded: int = 0
    _parts: OrderedDict[str, Part] = field(default_factory=OrderedDict)
    _used: int = 0
    _checked: bool = False

    def __post_init__(self) -> None:
        self._group_of: dict[str, dict[str, ImageRef]] = {}
        for part in self.parts:
            new = {image_hash(ref): ref for ref in part if image_hash(ref) not in self._group_of}
            items = list(new.items())
            groups = [dict(items[i : i + GROUP]) for i in range(0, len(items), GROUP)]
            self._group_of |= {name: group for group in groups for name in group}
        self._owner = self.vlm.model.base_model
        self._plain = getattr(self._owner, "get_image_features", None)

    @contextmanager
    def serving(self, refs: Sequence[ImageRef]) -> Iterator[None]:
        """While it lasts, the model takes the features of a batch that shows `refs` from here."""
        if self._plain is None or not refs:
            yield
            return
        plain = self._plain

        @functools.wraps(plain)
        def serve(*args: Any, **kwargs: Any) -> Any:
            found = self._joined(refs)
            if found is not None and not self._checked:
                self._checked = _same(self._joined(refs[:1]), self._plainly(refs[:1]))
            if found is None or not self._checked:
                self._plain = None
                return plain(*args, **kwargs)
            return found

        own = vars(self._owner).get("get_image_features")
        self._owner.get_image_features = serve
        try:
            yield
        finally:
            if own is None:
                del self._owner.get_image_features
            else:
                self._owner.get_image_features = own

    def _joined(self, refs: Sequence[ImageRef]) -> Any:
        """One output for the pictures in their order, or None where this family's is not understood."""
        import torch

        parts = []
        for name in map(image_hash, refs):
            if name not in self._parts and not self._encode(self._group_of[name]):
                return None
            self._parts.move_to_end(name)
            parts.append(self._parts[name])
        self._shrink()
        pooled: Any = tuple(part.pooled for part in parts)
        if self._stacked:
            pooled = torch.stack(pooled)
        output = self._output(last_hidden_state=None, pooler_output=pooled)
        if parts[0].levels:
            levels = [tuple(part.levels[i] for part in parts) for i in range(len(parts[0].levels))]
            output.deepstack_features = [torch.cat(level) for level in levels] if self._flat_levels else levels
        return output

    def _encode(self, group: dict[str, ImageRef]) -> bool:
        output = self._plainly(list(group.values()))
        pooled, levels = _split(output, len(group))
        if pooled is None:
            return False
        self._stacked, self._output = hasattr(output.pooler_output, "shape"), type(output)
        self._flat_levels = any(hasattr(level, "shape") for level in getattr(output, "deepstack_features", None) or [])
        for i, name in enumerate(group):
            if name not in self._parts:
                self._parts[name] = Part(pooled[i], [level[i] for level in levels])
                self._used += self._parts[name].bytes
        self.encoded += len(group)
        return True

    def _plainly(self, refs: Sequence[ImageRef]) -> Any:
        """What the model itself makes of these pictures."""
        from asru_bench.models import encode_prompts

        assert self._plain is not None, "only families with image features are served"
        batch = picture_tensors(self.vlm, refs) or dict(encode_prompts(self.vlm, [Prompt("", ref) for ref in refs]))
        wanted = inspect.signature(self._plain).parameters
        return self._plain(**{k: v for k, v in batch.items() if k in wanted}, return_dict=True)

    def _shrink(self) -> None:
        while self._used > self.max_bytes and len(self._parts) > 1:
            self._used -= self._parts.popitem(last=False)[1].bytes


def _split(output: Any, count: int) -> tuple[Any, list[Any]]:
    """(one tensor a picture, the same for each deeper level), or (None, []) where that is not so.

    Deeper levels may be one tensor [tokens, d] for all pictures (older transformers).
    """
    pooled = getattr(output, "pooler_output", None)
    levels = getattr(output, "deepstack_features", None) or []
    if pooled is not None and any(hasattr(level, "shape") for level in levels):
        sizes = [len(picture) for picture in pooled]
        if any(len(level) != sum(sizes) for level in levels):
            return None, []
        levels = [level.split(sizes) for level in levels]
    if pooled is None or len(pooled) != count or any(len(level) != count for level in levels):
        return None, []
    if hasattr(pooled, "shape") and pooled.dim() < 3:
        return None, []
    return pooled, list(levels)


def _same(ours: Any, plain: Any) -> bool:
    """Whether two outputs hold the same features up to rounding."""
    mine, theirs = _flat(ours), _flat(plain)
    return len(mine) == len(theirs) and all(
        a.shape == b.shape and a.float().allclose(b.float(), rtol=2e-2, atol=2e-2 * float(b.abs().max()))
        for a, b in zip(mine, theirs, strict=True)
    )


def _flat(output: Any) -> list[torch.Tensor]:
    pooled = getattr(output, "pooler_output", None)
    levels = getattr(output, "deepstack_features", None) or []
    found = []
    for value in (pooled, *levels):
        if value is not None:
            found += [value] if hasattr(value, "shape") else list(value)
    return found
