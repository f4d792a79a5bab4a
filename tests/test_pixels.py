"""Pictures of every mode as 8-bit RGB: the values of a ramp by hand, and what cannot be read is named."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from asru_bench.data import open_image
from asru_bench.pixels import as_rgb
from asru_bench.types import AsruBenchError, ImageRef


def opened(picture: Image.Image, kind: str, **settings: Any) -> Image.Image:
    """The picture as read from a file of that kind."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **settings)
    return as_rgb(Image.open(io.BytesIO(buffer.getvalue())))


def greys(picture: Image.Image) -> list[int]:
    values = np.asarray(picture)
    assert picture.mode == "RGB"
    assert (values[..., 0] == values[..., 1]).all()
    assert (values[..., 0] == values[..., 2]).all()
    return values[..., 0].ravel().tolist()


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_sixteen_bits_are_scaled(kind: str) -> None:
    ramp = np.array([[0, 257, 25700, 32896, 65535]], dtype=np.uint16)
    assert greys(opened(Image.fromarray(ramp), kind)) == [0, 1, 100, 128, 255]


def test_sixteen_bits_that_hold_bytes_stay_as_they_are() -> None:
    assert greys(opened(Image.fromarray(np.array([[0, 7, 255]], dtype=np.uint16)), "PNG")) == [0, 7, 255]


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I"])
def test_every_order_of_bytes(mode: str) -> None:
    picture = Image.new(mode, (1, 1), 32896)
    assert greys(as_rgb(picture)) == [128]


@pytest.mark.parametrize(("values", "expected"), [([0.0, 0.2, 1.0], [0, 51, 255]), ([0.0, 51.4, 255.0], [0, 51, 255])])
def test_floats_are_shares_or_bytes(values: list[float], expected: list[int]) -> None:
    assert greys(opened(Image.fromarray(np.array([values], dtype=np.float32)), "TIFF")) == expected


@pytest.mark.parametrize(
    "values",
    [
        np.array([[-1.0, 0.5]], dtype=np.float32),
        np.array([[0.0, 1e6]], dtype=np.float32),
        np.array([[0.0, np.nan]], dtype=np.float32),
        np.array([[-5, 100]], dtype=np.int32),
        np.array([[0, 1 << 20]], dtype=np.int32),
    ],
)
def test_values_of_no_known_range_are_refused_by_name(tmp_path: Path, values: Any) -> None:
    Image.fromarray(values).save(tmp_path / "scan.tiff")
    with pytest.raises(AsruBenchError, match=r"scan\.tiff: mode [IF] with values .*save it as 8-bit"):
        open_image(ImageRef(str(tmp_path / "scan.tiff")))


def test_what_is_transparent_is_white_and_all_else_keeps_its_colour() -> None:
    pixels = np.array([[[0, 0, 0, 0], [10, 20, 30, 128], [40, 50, 60, 255]]], dtype=np.uint8)
    seen = np.asarray(opened(Image.fromarray(pixels, "RGBA"), "PNG"))[0].tolist()
    assert seen == [[255, 255, 255], [10, 20, 30], [40, 50, 60]]
    grey = Image.fromarray(np.array([[[0, 0], [90, 255]]], dtype=np.uint8), "LA")
    assert greys(opened(grey, "PNG")) == [255, 90]
    palette = Image.new("P", (2, 1))
    palette.putpalette([0, 0, 0, 200, 0, 0])
    palette.putpixel((1, 0), 1)
    assert np.asarray(opened(palette, "PNG", transparency=0))[0].tolist() == [[255, 255, 255], [200, 0, 0]]
    assert np.asarray(opened(palette, "PNG"))[0].tolist() == [[0, 0, 0], [200, 0, 0]]


def test_other_modes() -> None:
    assert greys(opened(Image.fromarray(np.array([[True, False]])), "PNG")) == [255, 0]
    assert greys(opened(Image.fromarray(np.array([[0, 200]], dtype=np.uint8)), "PNG")) == [0, 200]
    cmyk = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    red = np.asarray(opened(cmyk, "JPEG", quality=95))[4, 4]
    assert red[0] > 230
    assert red[1:].max() < 40


def test_the_first_frame_of_an_animation() -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in ((250, 0, 0), (0, 250, 0))]
    seen = opened(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert seen.getpixel((0, 0)) == (250, 0, 0)
