"""The flag --max-megapixels."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from asru_bench import pixels


def allow_pixels(millions: float | None) -> float | None:
    """Sets the largest picture for this process and its children."""
    if millions is not None:
        os.environ[pixels.VARIABLE] = str(millions)
        pixels.most()
    return millions


MaxMegapixels = Annotated[
    float | None,
    typer.Option("--max-megapixels", help="largest picture, in millions of pixels (50)", callback=allow_pixels),
]
