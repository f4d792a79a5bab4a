"""Data sets as folders of tables, read column by column, and pictures that are opened only when asked for.

A data set is a folder with one folder a config (Parquet shards as on the hub, or `datasets`' `save_to_disk`),
or a hub id. Rows of a config's shards are joined in the order of the file names.
"""

from __future__ import annotations

import difflib
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from . import cells, pixels
from .fingerprint import digest, file_hash
from .types import AsruBenchError, ImageRef

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from PIL import Image

TABLES = (".parquet", ".arrow")
TEXT_TYPES = ("string", "large_string")
PICTURE_TYPES = (*TEXT_TYPES, "struct", "binary", "large_binary", "null", "extension")
PICTURES = (".bmp", ".jpeg", ".jpg", ".png", ".webp")
#: Row groups of picture columns that stay in memory.
CACHE_BYTES = 512 << 20


class DataSet:
    """The configs of a data set in a local folder; `commit` is its hub revision, "" where there is none."""

    def __init__(self, root: Path, commit: str = "") -> None:
        self.root, self.commit = root, commit

    def provenance(self, name: str) -> dict[str, str]:
        """For the record: `name`, as the user gave it, and the hub commit; empty for a plain folder."""
        return {"data": name, "commit": self.commit} if self.commit else {}

    def configs(self) -> tuple[str, ...]:
        """Names of the folders that hold tables, sorted."""
        folders = (p for p in self.root.iterdir() if p.is_dir() and not p.name.startswith("."))
        return tuple(sorted(p.name for p in folders if _tables(p)))

    def folder(self, config: str) -> Path:
        return self.root / config

    def files(self, config: str) -> list[Path]:
        """The tables of one config in order; an error that lists the configs where there are none."""
        found = _tables(self.folder(config)) if self.folder(config).is_dir() else []
        if not found:
            raise AsruBenchError(self._missing(config))
        return found

    def columns(self, config: str) -> tuple[str, ...]:
        """Column names of a config's first table."""
        return column_names(self.files(config)[0])

    def rows(self, config: str, required: Sequence[str], optional: Sequence[str] = ()) -> list[dict[str, Any]]:
        """All rows of a config as dictionaries, reading nothing but these columns.

        Optional columns that a file lacks are left out; a missing required one is an error.
        """
        rows: list[dict[str, Any]] = []
        for file in self.files(config):
            names = column_names(file)
            for column in required:
                if column not in names:
                    raise AsruBenchError(
                        f"{file} has no column {column!r}; expected {', '.join(required)}, found {', '.join(names)}. "
                        f"Download the config again, or give another folder with --data."
                    )
            rows += _read(file, [*required, *(c for c in optional if c in names)]).to_pylist()
        return rows

    def pictures(self, config: str, column: str) -> list[tuple[ImageRef, ...]]:
        """References to the pictures of every row, none for an empty cell; no picture is read."""
        found: list[tuple[ImageRef, ...]] = []
        for file in self.files(config):
            found += pictures_of(file, column)
        return found

    def content_hash(self, configs: Iterable[str], others: Iterable[str] = ()) -> str:
        """SHA-256 over the files of these configs and over `others` (file names in the root, where they exist)."""
        files = {f"{config}/{file.name}": file for config in sorted(configs) for file in self.files(config)}
        files |= {name: self.root / name for name in others if (self.root / name).is_file()}
        return combined_hash(files)

    def _missing(self, config: str) -> str:
        known = self.configs()
        if not known:
            return (
                f"the data folder {self.root} holds no Parquet or Arrow tables; expected one folder a config, such "
                f"as {config}/train-00000-of-00001.parquet. Give the folder of a download with --data."
            )
        near = difflib.get_close_matches(config, known, n=2, cutoff=0.6)
        hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else "."
        return f"{self.root} has no config {config!r}{hint} Found: {', '.join(known)}. Download the missing folder."


class HubDataSet(DataSet):
    """A data set on the hub at one commit; each config is downloaded when it is first used."""

    def __init__(self, name: str, revision: str) -> None:
        self.name, self.listing = name, self._resolve(name, revision)
        super().__init__(self._download("*.json"), self._commit)

    def _resolve(self, name: str, revision: str) -> tuple[str, ...]:
        """The names of the data set's files; keeps the commit that `revision` stands for."""
        from huggingface_hub import HfApi

        try:
            info = HfApi().dataset_info(name, revision=revision)
            self._commit = str(info.sha)
            return tuple(s.rfilename for s in info.siblings or ())
        except Exception as error:
            cached = self._cached(name, revision)
            if cached is None:
                raise AsruBenchError(
                    f"cannot reach the data set {name!r} (revision {revision!r}) on the hub, and no copy is in the "
                    f"cache: {_first_line(error)}. Expected a hub id or a folder: download it where there is a "
                    f"network (hf download {name} --repo-type dataset --local-dir DIR), then --data DIR."
                ) from error
            self._commit = cached.name
            return tuple(str(p.relative_to(cached)) for p in sorted(cached.rglob("*")) if p.is_file())

    def _cached(self, name: str, revision: str) -> Path | None:
        from huggingface_hub import snapshot_download

        try:
            return Path(snapshot_download(name, repo_type="dataset", revision=revision, local_files_only=True))
        except Exception:
            return None

    def _download(self, *patterns: str) -> Path:
        from huggingface_hub import snapshot_download

        arguments: dict[str, Any] = {"repo_type": "dataset", "revision": self._commit}
        try:
            return Path(snapshot_download(self.name, allow_patterns=list(patterns), **arguments))
        except Exception as error:
            raise AsruBenchError(
                f"the download of {self.name} ({', '.join(patterns)}) failed: {_first_line(error)}. Run the same "
                "command again: what has arrived is kept."
            ) from error

    def configs(self) -> tuple[str, ...]:
        return tuple(sorted({f.split("/")[0] for f in self.listing if "/" in f and f.endswith(TABLES)}))

    def files(self, config: str) -> list[Path]:
        if config not in self.configs():
            raise AsruBenchError(self._missing(config))
        self._download(f"{config}/*")
        return super().files(config)


def open_dataset(where: str, revision: str = "main") -> DataSet:
    """The data set in a folder or, for `owner/name`, on the hub at `revision` (branch, tag or commit)."""
    folder = Path(where).expanduser()
    if folder.is_dir():
        return DataSet(folder.resolve())
    if re.fullmatch(r"[\w-][\w.-]*/[\w.-]+", where):
        return HubDataSet(where, revision)
    raise AsruBenchError(f"no folder {where!r}; expected the folder of a download or a hub id such as owner/name.")


def open_image(ref: ImageRef) -> Image.Image:
    """The picture in RGB, upright; an error names the file, row and column of a broken one."""
    from PIL import Image, ImageOps

    content = _content(ref)
    try:
        picture = pixels.opened(content, place_of(ref))
        picture.load()
        if picture.getexif().get(0x0112):  # orientation
            picture = ImageOps.exif_transpose(picture)
        return pixels.as_rgb(picture)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise AsruBenchError(
            f"broken picture in {place_of(ref)}: {_first_line(error)}; expected PNG or JPEG bytes, got "
            f"{len(content)} bytes. Download the file again."
        ) from error


def image_bytes(ref: ImageRef) -> bytes:
    """The picture as it is stored: encoded, not opened."""
    return _content(ref)


def combined_hash(files: Mapping[str, Path]) -> str:
    """One SHA-256 over names and contents, whatever their order and folder."""
    return digest({name: file_hash(path) for name, path in files.items()})


def read_column(file: Path, column: str) -> list[Any]:
    """The values of one column of a Parquet or Arrow file; an error where it cannot be read."""
    return list(_read(file, [column]).column(0).to_pylist())


def pictures_of(file: Path, column: str) -> list[tuple[ImageRef, ...]]:
    """References to the pictures of every row of one file, none for an empty cell; no picture is read."""
    if column not in column_names(file):
        raise AsruBenchError(f"{file} has no column {column!r} of pictures; found {', '.join(column_names(file))}.")
    kind = _schema(file).field(column).type
    inner = str(getattr(kind, "value_type", kind))
    texts = inner.startswith(TEXT_TYPES) and not cells.any_picture(_read(file, [column]).column(0), file.parent)
    if texts or not inner.startswith(PICTURE_TYPES):
        raise AsruBenchError(f"{file}: column {column!r} is {kind}; expected pictures (bytes and path).")
    rows = enumerate(_positions(file, column))
    return [tuple(ImageRef(str(file), row, column, place) for place in places) for row, places in rows]


def column_names(file: Path) -> tuple[str, ...]:
    """The columns of a Parquet or Arrow file; reads its header only."""
    return tuple(_schema(file).names)


# Inside: tables.


def _tables(folder: Path) -> list[Path]:
    """Shards in order; the split `train` where a config has several, nothing that `datasets` cached."""
    found = sorted(p for p in folder.rglob("*") if p.suffix in TABLES and not p.name.startswith("cache-"))
    train = [p for p in found if p.name.startswith("train") or p.parent.name == "train"]
    return train or found


def _schema(file: Path) -> pa.Schema:
    return _parquet(file).schema_arrow if file.suffix == ".parquet" else _arrow(file).schema


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise AsruBenchError(f"cannot read {path}: {error.strerror}; was the data folder moved or deleted?") from error
    return status.st_size, status.st_mtime_ns


def _parquet(file: Path) -> pq.ParquetFile:
    return _open_parquet(file, *_stamp(file))


@lru_cache(maxsize=64)
def _open_parquet(file: Path, size: int, mtime: int) -> pq.ParquetFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(file)
    except (OSError, pa.ArrowInvalid) as error:
        raise AsruBenchError(
            f"{file} is no Parquet file: {_first_line(error)}; expected a complete download (a Git LFS pointer is "
            "a few lines of text). Download it again."
        ) from error


def _arrow(file: Path) -> pa.Table:
    return _open_arrow(file, *_stamp(file))


@lru_cache(maxsize=64)
def _open_arrow(file: Path, size: int, mtime: int) -> pa.Table:
    import pyarrow as pa

    source = pa.memory_map(str(file))
    try:
        return pa.ipc.open_stream(source).read_all()
    except pa.ArrowInvalid:
        try:
            return pa.ipc.open_file(source).read_all()
        except pa.ArrowInvalid as error:
            raise AsruBenchError(f"{file} is no Arrow file: {_first_line(error)}; save or copy it again.") from error


def _read(file: Path, columns: Sequence[str]) -> pa.Table:
    if file.suffix == ".arrow":
        return _arrow(file).select(list(columns))
    try:
        return _parquet(file).read(columns=list(columns), use_threads=False)
    except OSError as error:
        raise AsruBenchError(
            f"{file} is damaged: {', '.join(columns)} cannot be read ({_first_line(error)}). Download it again."
        ) from error


def _positions(file: Path, column: str) -> list[list[int]]:
    """Where the pictures of each row stand in its cell (`cells.positions`); reads paths where there are some."""
    leaves = [column]
    if file.suffix == ".parquet":
        schema = _parquet(file).schema
        paths = [schema.column(i).path for i in range(len(schema))]
        leaves = [p for p in paths if p.startswith(f"{column}.") and p.endswith(".path")] or [column]
    return cells.positions(_read(file, leaves).column(0))


class _GroupCache:
    """The row groups of picture columns that were used last, at most `limit` bytes of them (and at least one)."""

    def __init__(self, limit: int) -> None:
        self.limit, self.used, self.lock = limit, 0, Lock()
        self.groups: OrderedDict[tuple[Any, ...], pa.ChunkedArray] = OrderedDict()

    def get(self, file: Path, group: int, column: str) -> pa.ChunkedArray:
        key = (file, *_stamp(file), group, column)
        with self.lock:
            if key in self.groups:
                self.groups.move_to_end(key)
                return self.groups[key]
            cells = _read_group(file, group, column)
            self.groups[key] = cells
            self.used += cells.nbytes
            while self.used > self.limit and len(self.groups) > 1:
                self.used -= self.groups.popitem(last=False)[1].nbytes
            return cells


def _read_group(file: Path, group: int, column: str) -> pa.ChunkedArray:
    try:
        return _parquet(file).read_row_group(group, columns=[column], use_threads=False).column(0)
    except OSError as error:
        raise AsruBenchError(
            f"{file} is damaged: column {column!r} cannot be read ({_first_line(error)}). Download it again."
        ) from error


_groups = _GroupCache(CACHE_BYTES)


def _cell(ref: ImageRef) -> Any:
    """One cell of a table as Python values."""
    file, row = Path(ref.path), ref.row
    if ref.column not in column_names(file):
        raise AsruBenchError(f"{file} has no column {ref.column!r} of pictures.")
    if file.suffix == ".arrow":
        cells = _arrow(file).column(ref.column)
    else:
        metadata, group = _parquet(file).metadata, 0
        while group < metadata.num_row_groups and row >= metadata.row_group(group).num_rows:
            row -= metadata.row_group(group).num_rows
            group += 1
        if group == metadata.num_row_groups:
            raise AsruBenchError(f"{file} has no row {ref.row}; it has {metadata.num_rows} rows.")
        cells = _groups.get(file, group, ref.column)
    if not 0 <= row < len(cells):
        raise AsruBenchError(f"{file} has no row {ref.row}.")
    cell = cells[row]
    return (cell[ref.index] if ref.index >= 0 and cell.is_valid else cell).as_py()


# Inside: pictures.


def _content(ref: ImageRef) -> bytes:
    """The encoded bytes of a picture: a file, a cell of bytes, or a cell that names a file beside the table."""
    path = Path(ref.path)
    if path.suffix not in TABLES:
        return _file_bytes(path)
    found = cells.content(_cell(ref), path.parent)
    if found is None:
        raise AsruBenchError(
            f"no picture in {place_of(ref)}; expected bytes (also as base64), or the name of a file. Download the "
            "file again."
        )
    return found if isinstance(found, bytes) else _file_bytes(found)


def _file_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise AsruBenchError(f"cannot read the picture {path}: {error.strerror}; was it moved or deleted?") from error


def place_of(ref: ImageRef) -> str:
    """A picture's file, row and column in words."""
    cell = f", row {ref.row}, column {ref.column!r}" if ref.row >= 0 else ""
    return f"{ref.path}{cell}" + (f", picture {ref.index}" if ref.index >= 0 else "")


def _first_line(error: Exception) -> str:
    line = (str(error).splitlines() or [type(error).__name__])[0][:200]
    return line.split(" <_io.")[0]  # an address in memory tells nobody anything
