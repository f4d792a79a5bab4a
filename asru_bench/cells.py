"""Cells of a table that hold pictures: bytes, base64 text, the name of a file, a struct of these, or a list of any."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

#: Of a data URL, what stands before the base64 text.
DATA_URL = re.compile(r"data:[\w/+.-]*;base64,", re.IGNORECASE)
#: The longest text that is looked up as the name of a file.
LONGEST_NAME = 255


def positions(column: pa.ChunkedArray) -> list[list[int]]:
    """For each row the places of its pictures in a list, [-1] for a cell that holds one and [] for an empty cell."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return [_filled(cell.values) if cell.is_valid else [] for chunk in column.chunks for cell in chunk]
    return [[-1] if there else [] for chunk in column.chunks for there in _there(chunk)]


def content(cell: Any, folder: Path) -> bytes | Path | None:
    """The encoded picture of a cell, or the file beside the table that it names; None where there is neither."""
    if isinstance(cell, bytes):
        return cell or None
    if isinstance(cell, str):
        return _of_text(cell.strip(), folder)
    inside, named = (cell or {}).get("bytes"), (cell or {}).get("path")
    if inside:
        return inside if isinstance(inside, bytes) else _of_text(inside, folder)
    return _file(named, folder) if named else None


def any_picture(column: pa.ChunkedArray, folder: Path) -> bool:
    """Whether a column of texts, or of lists of them, holds pictures as base64 or names of files: one is enough."""
    values = (cell.as_py() for chunk in column.chunks for cell in chunk if cell.is_valid)
    texts = (text for value in values for text in (value if isinstance(value, list) else [value]) if text)
    return any(_opens(content(text, folder)) for text in texts)


def _opens(found: bytes | Path | None) -> bool:
    from asru_bench import pixels

    if found is None:
        return False
    try:
        with pixels.opened(found if isinstance(found, bytes) else found.read_bytes()):
            return True
    except pixels.TooLarge:
        return True  # a picture, if one that is not decoded
    except (OSError, ValueError, SyntaxError):
        return False


def _filled(values: pa.Array) -> list[int]:
    return [place for place, there in enumerate(_there(values)) if there]


def _there(values: pa.Array) -> list[bool]:
    """Which cells hold something: an empty text is nothing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(values), ""), False).to_pylist()
    return values.is_valid().to_pylist()


def _of_text(text: str, folder: Path) -> bytes | Path | None:
    if file := _file(text, folder):
        return file
    try:
        return base64.b64decode(re.sub(r"\s+", "", DATA_URL.sub("", text, count=1)), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _file(name: str, folder: Path) -> Path | None:
    """The file of that name, below the folder of the table."""
    file = folder / name if len(name) <= LONGEST_NAME else folder
    return file if file.is_file() else None
