"""Pictures of any mode as 8-bit RGB: deep grey and float values scaled to their range, what is transparent white."""

from __future__ import annotations

import io
import math
import os
from typing import TYPE_CHECKING, Any

from asru_bench.types import AsruBenchError

if TYPE_CHECKING:
    from PIL import Image

#: The most pixels of a picture, in millions, unless this variable says otherwise: decoding takes some 20 bytes of
#: memory for each, and a file of a few kilobytes may hold any number of them.
MILLIONS, VARIABLE = 50.0, "ASRU_BENCH_MAX_MEGAPIXELS"
#: What is opened: formats that Pillow decodes itself. Others run programs (EPS) or are no pictures of people.
FORMATS = "PNG JPEG MPO JPEG2000 WEBP AVIF GIF TIFF BMP PPM TGA ICO".split()

#: Modes whose values are no bytes: Pillow's own conversion cuts them off at 255.
DEEP = ("I", "F")
#: Upper ends of the ranges that values of these modes may have: a share (floats only), a byte, 16 bits.
RANGES = (1.0, 255.0, 65535.0)


class TooLarge(AsruBenchError):
    """A picture with more pixels than are decoded."""


def most() -> int:
    """The most pixels of a picture that is decoded."""
    text = os.environ.get(VARIABLE, "")
    try:
        millions = float(text) if text else MILLIONS
    except ValueError:
        millions = math.nan
    if not 0 < millions < math.inf:
        raise AsruBenchError(
            f"{VARIABLE} is {text!r}; expected millions of pixels, such as 150 (--max-megapixels 150)."
        )
    return round(millions * 1e6)


def opened(content: bytes, where: str = "a picture") -> Image.Image:
    """A picture of which only the head was read; raises `TooLarge` before anything of it is decoded."""
    import warnings

    from PIL import Image

    limit = most()
    Image.MAX_IMAGE_PIXELS = limit  # Pillow's own guard, also for what libraries open
    warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # we raise instead
    Image.init()
    try:
        picture: Image.Image = Image.open(io.BytesIO(content), formats=[f for f in FORMATS if f in Image.OPEN])
    except Image.DecompressionBombError as error:
        raise TooLarge(_too_large(where, "more than twice as many pixels as are decoded", limit)) from error
    if (count := picture.width * picture.height) > limit:
        size = f"{picture.width} x {picture.height} pixels, {count / 1e6:.0f} million"
        raise TooLarge(_too_large(where, size, limit))
    return picture


def _too_large(where: str, size: str, limit: int) -> str:
    return (
        f"{where} has {size}; at most {limit / 1e6:g} million are decoded, as each takes some 20 bytes of memory. Make "
        f"it smaller, or allow more: --max-megapixels N, or {VARIABLE}=N for every command."
    )


def as_rgb(picture: Image.Image) -> Image.Image:
    """The first frame in 8-bit RGB; `ValueError` for values whose range cannot be told, and unknown modes."""

    if picture.mode.partition(";")[0] in DEEP:
        picture = _scaled(picture)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        clear = picture.getchannel("A").point(lambda alpha: 255 if alpha == 0 else 0)
        picture.paste("white", mask=clear)  # its stored colour, often black, is not to be seen
    return picture.convert("RGB")


def _scaled(picture: Image.Image) -> Image.Image:
    """Grey values as bytes, of the smallest range that holds them all."""
    import numpy as np
    from PIL import Image

    values: Any = np.asarray(picture).astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError(f"mode {picture.mode} with values that are no numbers; save it as 8-bit PNG or JPEG")
    low, high = float(values.min()), float(values.max())
    top = next((end for end in RANGES[picture.mode != "F" :] if high <= end), None)
    if low < 0 or top is None:
        words = f"mode {picture.mode} with values from {low:g} to {high:g}, of which white and black are not known"
        raise ValueError(f"{words}; save it as 8-bit PNG or JPEG")
    return Image.fromarray(np.round(values * (255.0 / top)).astype(np.uint8))
