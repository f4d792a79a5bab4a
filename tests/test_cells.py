"""A column of pictures in every form that Parquet and Arrow hold them: the same picture out of each."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from asru_bench.data import open_image, pictures_of
from asru_bench.types import AsruBenchError


def png(colour: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (2, 2), (colour, colour, colour)).save(buffer, "PNG")
    return buffer.getvalue()


ONE, TWO = png(10), png(20)
TEXT = base64.b64encode(ONE).decode()
STRUCT = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def struct(content: bytes | None, path: str | None = None) -> dict[str, Any]:
    return {"bytes": content, "path": path}


def shown(file: Path) -> list[list[int]]:
    return [[open_image(ref).getpixel((0, 0))[0] for ref in row] for row in pictures_of(file, "image")]


@pytest.fixture(params=["parquet", "arrow"])
def write(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    def written(column: pa.Array) -> Path:
        file, table = tmp_path / f"t.{request.param}", pa.table({"image": column})
        if request.param == "parquet":
            pq.write_table(table, file)
        else:
            with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as stream:
                stream.write_table(table)
        return file

    return written


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([ONE, None], pa.binary()),
        ([ONE, None], pa.large_binary()),
        ([struct(ONE), None], STRUCT),
        ([TEXT, None], pa.string()),
        ([TEXT, ""], pa.large_string()),
        ([f"data:image/png;base64,{TEXT}", " "], pa.string()),
        (["\n".join(TEXT[i : i + 76] for i in range(0, len(TEXT), 76)), None], pa.string()),
    ],
)
def test_one_picture_a_row(write: Any, values: list[Any], kind: pa.DataType) -> None:
    assert shown(write(pa.array(values, kind))) == [[10], []]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ([struct(ONE), struct(TWO)], pa.list_(STRUCT, 2)),
        ([struct(ONE), struct(TWO)], pa.list_(STRUCT)),
        ([struct(ONE), struct(TWO)], pa.large_list(STRUCT)),
        ([ONE, TWO], pa.list_(pa.binary(), 2)),
        ([ONE, None, TWO], pa.list_(pa.binary(), 3)),
        ([struct(ONE), None, struct(TWO)], pa.list_(STRUCT, 3)),
        ([TEXT, base64.b64encode(TWO).decode()], pa.list_(pa.string())),
    ],
)
def test_several_pictures_a_row(write: Any, row: list[Any], kind: pa.DataType) -> None:
    assert shown(write(pa.array([row, None, row], kind))) == [[10, 20], [], [10, 20]]


def test_files_beside_the_table(write: Any, tmp_path: Path) -> None:
    (tmp_path / "face.png").write_bytes(TWO)
    assert shown(write(pa.array([struct(None, "face.png")], STRUCT))) == [[20]]
    assert shown(write(pa.array(["face.png", TEXT]))) == [[20], [10]]


@pytest.mark.parametrize("value", ["a man with glasses", "face.png", "====", "data:image/png;base64,"])
def test_a_text_that_is_no_picture_is_named(write: Any, value: str) -> None:
    (ref,) = pictures_of(write(pa.array([value, TEXT])), "image")[0]
    with pytest.raises(
        AsruBenchError, match=r"no picture in .*row 0, column 'image'; expected bytes \(also as base64\)"
    ):
        open_image(ref)


def test_bytes_and_texts_that_are_something_else(write: Any) -> None:
    for value in (b"GIF89a", base64.b64encode(b"hello there").decode()):
        (ref,) = pictures_of(write(pa.array([value, ONE if isinstance(value, bytes) else TEXT])), "image")[0]
        with pytest.raises(AsruBenchError, match=r"broken picture in .*row 0"):
            open_image(ref)


@pytest.mark.parametrize("values", [[1, 2], ["Riga", "a.png"], ["", None], [["Riga"], ["Oslo"]]])
def test_a_column_without_any_picture(write: Any, values: list[Any]) -> None:
    with pytest.raises(AsruBenchError, match=r"'image' is .*; expected pictures"):
        pictures_of(write(pa.array(values)), "image")
