"""The pictures of a training run of the tiny model: drawn once, cut into the processor's patches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .model import IMAGE_SIZE, PATCH_SIZE
from .people import PHOTOS, Person, seed_rng
from .portraits import Face, Photo, draw, random_photo


class Pictures:
    """All pictures of a training run as one uint8 tensor [n, 64, 64, 3], found by key."""

    def __init__(self) -> None:
        self.index: dict[object, int] = {}
        self.pixels: list[np.ndarray] = []
        self.scenes: dict[object, tuple[Face, Photo]] = {}

    def add(self, key: object, picture: Any) -> None:
        self.index[key] = len(self.pixels)
        self.pixels.append(np.asarray(picture, dtype=np.uint8))

    def add_people(self, people: Iterable[Person], photos: int = PHOTOS) -> None:
        for person in people:
            for i in range(photos):
                if (person.id, i) in self.index:
                    continue
                self.add((person.id, i), draw(person.face, person.photos[i]))

    def add_views(self, people: Iterable[Person], views: int) -> None:
        """Further photos of everybody, under the numbers after the stored ones."""
        for person in people:
            rng = seed_rng(0, "views", person.id)
            for i in range(views):
                self.add((person.id, PHOTOS + i), draw(person.face, random_photo(rng)))

    def freeze(self) -> None:
        empty = np.zeros((0, IMAGE_SIZE, IMAGE_SIZE, 3), dtype=np.uint8)
        self.table = torch.from_numpy(np.stack(self.pixels) if self.pixels else empty)

    def batch(self, keys: Sequence[object], generator: torch.Generator | None = None) -> Tensor:
        """Processor-equal patches [64 * len(keys), 384]; with a generator, shifted and relit at random."""
        pixels = self.table[[self.index[k] for k in keys]].permute(0, 3, 1, 2).float()
        return patchify(_augment(pixels, generator) if generator else pixels)


def patchify(pixels: Tensor) -> Tensor:
    """[b, 3, 64, 64] in 0..255 -> [b * 64, 3 * 2 * 8 * 8], in the order of `Qwen2VLImageProcessor`."""
    side = IMAGE_SIZE // PATCH_SIZE
    scaled = (pixels / 255.0 - 0.5) / 0.5
    blocks = scaled.reshape(-1, 3, side // 2, 2, PATCH_SIZE, side // 2, 2, PATCH_SIZE)
    order = blocks.permute(0, 2, 5, 3, 6, 1, 4, 7)  # block row, block column, inner row, inner column, channel
    patches = order.reshape(-1, 3, 1, PATCH_SIZE, PATCH_SIZE).expand(-1, 3, 2, PATCH_SIZE, PATCH_SIZE)
    return patches.reshape(patches.shape[0], -1)


def _augment(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """A shift by up to 1 pixel and another light for each picture."""
    padded = torch.nn.functional.pad(pixels, (1, 1, 1, 1), mode="replicate")
    shifts = torch.randint(0, 3, (len(pixels), 2), generator=generator).tolist()
    moved = torch.stack(
        [p[:, y : y + IMAGE_SIZE, x : x + IMAGE_SIZE] for p, (y, x) in zip(padded, shifts, strict=True)]
    )
    light = 0.9 + 0.2 * torch.rand(len(pixels), 1, 1, 1, generator=generator)
    return (moved * light).clamp(0, 255)
