"""Pictures that are larger than they look, of all formats, broken or none: one clear error before decoding."""

from __future__ import annotations

import io
import struct
import tracemalloc
import warnings
import zlib
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from asru_bench import cells, cli, data, pixels
from asru_bench.near import look
from asru_bench.types import AsruBenchError, ImageRef


def bomb(width: int, height: int) -> bytes:
    """A grey PNG of any size in a few kilobytes, made without drawing it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + width)) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def encoded(kind: str, **more: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (20, 10), (200, 30, 30)).save(buffer, kind, **more)
    return buffer.getvalue()


@pytest.mark.parametrize("size", [(12000, 12000), (9000, 6000), (60_000, 60_000)])
def test_too_many_pixels_are_never_decoded(size: tuple[int, int], tmp_path: Path) -> None:
    file = tmp_path / "bomb.png"
    width, height = size
    content = bomb(width, min(height, 200))  # the head says more rows than follow
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    content = content[:16] + head + struct.pack(">I", zlib.crc32(b"IHDR" + head)) + content[33:]
    file.write_bytes(content)
    tracemalloc.start()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(AsruBenchError, match=r"bomb.png has .*50 million.*--max-megapixels") as error:
            data.open_image(ref := ImageRef(str(file)))
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()
    assert isinstance(error.value, pixels.TooLarge)
    with pytest.raises(AsruBenchError, match="million"):
        look(ref)
    assert cells._opens(content)  # a picture all the same: its column is one of pictures


def test_the_limit_can_be_raised_and_lowered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(bomb(1000, 1000))
    ref = ImageRef(str(tmp_path / "a.png"))
    assert data.open_image(ref).size == (1000, 1000)
    for text, good in (("0.5", False), ("1", True), ("0.999999", False), ("200", True), ("", True)):
        monkeypatch.setenv(pixels.VARIABLE, text)
        if good:
            assert data.open_image(ref).size == (1000, 1000)
        else:
            with pytest.raises(pixels.TooLarge, match="1000 x 1000 pixels, 1 million"):
                data.open_image(ref)
    assert Image.MAX_IMAGE_PIXELS == 50_000_000
    for text in ("much", "0", "-3", "nan", "inf"):
        monkeypatch.setenv(pixels.VARIABLE, text)
        with pytest.raises(AsruBenchError, match="expected millions of pixels"):
            data.open_image(ref)


def test_the_flag_sets_it_for_the_process_and_its_children(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(pixels.VARIABLE, "1")
    failed = CliRunner().invoke(
        cli.app, ["data", "check", "folder", "--data", str(tmp_path), "--max-megapixels", "7.5"]
    )
    assert failed.exit_code == 1
    assert pixels.most() == 7_500_000
    bad = CliRunner().invoke(cli.app, ["data", "check", "folder", "--data", str(tmp_path), "--max-megapixels", "-1"])
    assert bad.exit_code == 1


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"])
def test_formats_are_told_by_content_and_the_first_frame_counts(kind: str, tmp_path: Path) -> None:
    other = [Image.new("RGB", (20, 10), (0, 0, 255))] * 3
    frames = {"save_all": True, "append_images": other} if kind in ("GIF", "TIFF", "WEBP") else {}
    (tmp_path / "a.png").write_bytes(content := encoded(kind, **frames))
    picture = data.open_image(ImageRef(str(tmp_path / "a.png")))
    assert picture.size == (20, 10)
    red, green, blue = picture.getpixel((5, 5))  # type: ignore[misc]
    assert red > 150
    assert max(green, blue) < 80
    cut = content[: len(content) // 2] if kind not in ("GIF", "TIFF") else content[:20]
    (tmp_path / "cut.png").write_bytes(cut)
    with pytest.raises(AsruBenchError, match=r"broken picture in .*cut.png"):
        data.open_image(ImageRef(str(tmp_path / "cut.png")))


def test_what_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("just words")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "page.png").write_bytes(
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n"
    )  # runs a program
    (tmp_path / "folder.png").mkdir()
    for name in ("text", "empty", "page"):
        with pytest.raises(AsruBenchError, match=f"broken picture in .*{name}.png: cannot identify image file"):
            data.open_image(ImageRef(str(tmp_path / f"{name}.png")))
    with pytest.raises(AsruBenchError, match=r"cannot read the picture .*folder.png: Is a directory"):
        data.open_image(ImageRef(str(tmp_path / "folder.png")))
    with pytest.raises(AsruBenchError, match=r"cannot read the picture .*none.png"):
        data.open_image(ImageRef(str(tmp_path / "none.png")))
