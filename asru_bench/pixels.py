"""Pictures of any mode as 8-bit RGB: deep grey and float values scaled to their range, what is transparent white."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

#: Modes whose values are no bytes: Pillow's own conversion cuts them off at 255.
DEEP = ("I", "F")
#: Upper ends of the ranges that values of these modes may have: a share (floats only), a byte, 16 bits.
RANGES = (1.0, 255.0, 65535.0)


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
