from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import folders
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from asru_bench import data
from asru_bench.data import open_dataset, open_image
from asru_bench.types import AsruBenchError, ImageRef


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return folders.write_mllmu_bench(tmp_path / "data", people=10)


def pixel(ref: ImageRef) -> Any:
    return open_image(ref).getpixel((3, 3))


def overwrite_column(file: Path, leaf: str) -> None:
    """Destroys what a Parquet file holds of one column, and nothing else."""
    metadata, content = pq.read_metadata(file), bytearray(file.read_bytes())
    for g in range(metadata.num_row_groups):
        group = metadata.row_group(g)
        for i in range(group.num_columns):
            chunk = group.column(i)
            if chunk.path_in_schema == leaf:
                start = chunk.dictionary_page_offset or chunk.data_page_offset
                content[start : start + chunk.total_compressed_size] = b"\xff" * chunk.total_compressed_size
    file.write_bytes(content)


def test_shards_are_joined_in_order_and_only_asked_columns_come(folder: Path) -> None:
    rows = open_dataset(str(folder)).rows("Test_Set", ("ID",), ("biography", "no such column"))
    assert [row["ID"] for row in rows] == [f"{n:03d}" for n in range(1, 11)]
    assert set(rows[0]) == {"ID", "biography"}


def test_rows_and_references_are_read_without_the_pictures(folder: Path) -> None:
    overwrite_column(folder / "Full_Set/train-00000-of-00001.parquet", "image.bytes")
    tables = open_dataset(str(folder))
    assert len(tables.rows("Full_Set", ("ID", "Classification_Task", "Mask_Task"))) == 10
    refs = tables.pictures("Full_Set", "image")
    assert [len(cell) for cell in refs] == [1] * 10
    with pytest.raises(AsruBenchError, match=r"Full_Set.*damaged.*'image'"):
        open_image(refs[0][0])


def test_the_right_picture_is_opened(folder: Path) -> None:
    tables = open_dataset(str(folder))
    assert [pixel(refs[0]) for refs in tables.pictures("Full_Set", "image")] == [
        folders.colour(n) for n in range(1, 11)
    ]
    poses = tables.pictures("Test_Set", "images")
    assert [[pixel(ref) for ref in refs] for refs in poses] == [
        [folders.colour(n, 1), folders.colour(n, 2)] for n in range(1, 11)
    ]


def test_pictures_in_several_row_groups(tmp_path: Path) -> None:
    rows = [{"ID": str(n), "image": folders.picture(n)} for n in range(7)]
    folders.write_table(tmp_path / "c", rows, row_group_size=3)
    refs = open_dataset(str(tmp_path)).pictures("c", "image")
    assert [pixel(ref) for (ref,) in reversed(refs)] == [folders.colour(n) for n in reversed(range(7))]


def test_the_cache_of_row_groups_keeps_to_its_limit_and_holds_one_at_least(tmp_path: Path) -> None:
    rows = [{"ID": str(n), "image": folders.picture(n)} for n in range(6)]
    folders.write_table(tmp_path / "c", rows, row_group_size=2)
    (file,) = (tmp_path / "c").iterdir()
    cache = data._GroupCache(limit=1)
    first = cache.get(file, 0, "image")
    assert len(cache.groups) == 1
    cache.get(file, 1, "image")
    assert len(cache.groups) == 1
    assert cache.used == next(iter(cache.groups.values())).nbytes
    cache.limit = 10 * first.nbytes
    for group in (0, 1, 2, 0):
        cache.get(file, group, "image")
    assert [key[3] for key in cache.groups] == [1, 2, 0]


def test_a_row_without_picture_has_no_reference(tmp_path: Path) -> None:
    rows = [{"ID": "1", "image": None}, {"ID": "2", "image": {"bytes": folders.picture(9)["bytes"], "path": None}}]
    folders.write_table(tmp_path / "c", rows)
    none, some = open_dataset(str(tmp_path)).pictures("c", "image")
    assert none == ()
    assert pixel(some[0]) == folders.colour(9)


def test_folders_of_save_to_disk_give_the_same(folder: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    saved = tmp_path / "saved"
    for config, column in (("Full_Set", "image"), ("Test_Set", "images")):
        files = [str(p) for p in sorted((folder / config).iterdir())]
        table = datasets.Dataset(pa.concat_tables([pq.read_table(f) for f in files]))
        target = datasets.DatasetDict({"train": table}) if config == "Full_Set" else table
        target.save_to_disk(str(saved / config))
        ours, theirs = open_dataset(str(saved)), open_dataset(str(folder))
        wanted = ("ID", "biography", "Classification_Task", "Generation_Task")
        assert ours.rows(config, wanted) == theirs.rows(config, wanted)
        pictures = [[pixel(r) for r in refs] for refs in ours.pictures(config, column)]
        assert pictures == [[pixel(r) for r in refs] for refs in theirs.pictures(config, column)]
    assert ours.configs() == ("Full_Set", "Test_Set")


def test_pictures_are_rgb_and_upright(tmp_path: Path) -> None:
    tall = Image.new("RGBA", (2, 6), (10, 20, 30, 128))
    exif = tall.getexif()
    exif[0x0112] = 6
    tall.save(tmp_path / "a.png", exif=exif)
    opened = open_image(ImageRef(str(tmp_path / "a.png")))
    assert (opened.mode, opened.size) == ("RGB", (6, 2))
    assert opened.getpixel((0, 0)) == (10, 20, 30)


def test_a_cell_may_name_a_file_beside_the_table(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4), (1, 2, 3)).save(tmp_path / "x.png")
    folders.write_table(tmp_path, [{"ID": "1", "image": {"bytes": None, "path": "x.png"}}])
    ref = ImageRef(str(next(tmp_path.glob("*.parquet"))), 0, "image")
    assert pixel(ref) == (1, 2, 3)


@pytest.mark.parametrize(
    "content", [b"", b"no picture", folders.picture(1)["bytes"][:46]], ids=["empty", "text", "cut"]
)
def test_broken_picture_bytes_name_file_row_and_column(tmp_path: Path, content: bytes) -> None:
    rows = [{"ID": "1", "image": folders.picture(1)}, {"ID": "2", "image": {"bytes": content, "path": None}}]
    folders.write_table(tmp_path / "c", rows)
    refs = open_dataset(str(tmp_path)).pictures("c", "image")
    with pytest.raises(AsruBenchError, match=r"picture in .*train-00000.*parquet, row 1, column 'image'"):
        open_image(refs[1][0])
    assert pixel(refs[0][0]) == folders.colour(1)


def test_missing_column_names_file_and_column(folder: Path) -> None:
    tables = open_dataset(str(folder))
    with pytest.raises(AsruBenchError, match=r"Full_Set/train-.*parquet has no column 'metadata'"):
        tables.rows("Full_Set", ("ID", "metadata"))
    with pytest.raises(AsruBenchError, match="no column 'images' of pictures"):
        tables.pictures("Full_Set", "images")


def test_missing_config_lists_the_near_ones(folder: Path) -> None:
    with pytest.raises(AsruBenchError, match=r"no config 'Ful_Set'; did you mean 'Full_Set'\? Found: Full_Set, Retain"):
        open_dataset(str(folder)).rows("Ful_Set", ("ID",))


def test_empty_folder_and_no_folder(tmp_path: Path) -> None:
    with pytest.raises(AsruBenchError, match=r"holds no Parquet or Arrow tables.*--data"):
        open_dataset(str(tmp_path)).rows("Full_Set", ("ID",))
    with pytest.raises(AsruBenchError, match="no folder '/no/such/place'"):
        open_dataset("/no/such/place")


@pytest.mark.parametrize("name", ["train.parquet", "data.arrow"])
def test_a_pointer_instead_of_a_table(tmp_path: Path, name: str) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / name).write_text("version https://git-lfs.github.com/spec/v1\nsize 1234567890\n")
    with pytest.raises(AsruBenchError, match=rf"{name} is no (Parquet|Arrow) file"):
        open_dataset(str(tmp_path)).rows("c", ("ID",))


def test_content_hash_follows_content_not_place(folder: Path, tmp_path: Path) -> None:
    configs = ("Full_Set", "Test_Set")
    first = open_dataset(str(folder)).content_hash(configs, ("universe.json",))
    moved = tmp_path / "elsewhere"
    shutil.copytree(folder, moved)
    assert open_dataset(str(moved)).content_hash(reversed(configs), ("universe.json",)) == first
    (moved / "universe.json").write_text("{}")
    with_universe = open_dataset(str(moved)).content_hash(configs, ("universe.json",))
    assert with_universe != first
    overwrite_column(moved / "Test_Set/train-00001-of-00002.parquet", "ID")
    assert open_dataset(str(moved)).content_hash(configs, ("universe.json",)) != with_universe


class Hub:
    """Stands in for huggingface_hub: "downloads" configs from a folder into a snapshot."""

    def __init__(self, source: Path, snapshot: Path) -> None:
        self.source, self.snapshot, self.asked = source, snapshot, []  # type: ignore[var-annotated]

    def dataset_info(self, api: Any, name: str, revision: str) -> Any:
        files = [str(p.relative_to(self.source)) for p in sorted(self.source.rglob("*")) if p.is_file()]
        return SimpleNamespace(sha=f"sha-of-{revision}", siblings=[SimpleNamespace(rfilename=f) for f in files])

    def download(self, name: str, *, repo_type: str, revision: str, allow_patterns: list[str], **kw: Any) -> str:
        self.asked.append((name, repo_type, revision, tuple(allow_patterns)))
        self.snapshot.mkdir(exist_ok=True)
        for pattern in allow_patterns:
            if pattern.endswith("/*"):
                shutil.copytree(self.source / pattern[:-2], self.snapshot / pattern[:-2], dirs_exist_ok=True)
        return str(self.snapshot)


def test_hub_id_downloads_only_what_is_used_at_the_resolved_commit(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    hub = Hub(folder, tmp_path / "snapshot")
    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", lambda *a, **k: hub.dataset_info(*a, **k))
    monkeypatch.setattr(huggingface_hub, "snapshot_download", hub.download)
    tables = open_dataset("owner/name", "v1")
    assert tables.commit == "sha-of-v1"
    assert "forget_10" in tables.configs()
    assert len(tables.rows("Full_Set", ("ID",))) == 10
    assert {request[:3] for request in hub.asked} == {("owner/name", "dataset", "sha-of-v1")}
    assert sorted(p.name for p in hub.snapshot.iterdir()) == ["Full_Set"]
    with pytest.raises(AsruBenchError, match=r"no config 'forget_1'; did you mean"):
        tables.rows("forget_1", ("ID",))


def test_hub_out_of_reach_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def offline(*args: Any, **kwargs: Any) -> Any:
        raise ConnectionError("no route to host")

    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", offline)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", offline)
    with pytest.raises(AsruBenchError, match=r"'owner/name'.*no route to host.*hf download owner/name.*--data"):
        open_dataset("owner/name")


def test_hub_out_of_reach_uses_the_cached_commit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    cached = folder.rename(folder.with_name("0123abc"))

    def offline(*args: Any, **kwargs: Any) -> Any:
        raise ConnectionError

    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", offline)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *a, **k: str(cached))
    tables = open_dataset("owner/name")
    assert tables.commit == "0123abc"
    assert len(tables.rows("Retain_Set", ("ID",))) == 4
