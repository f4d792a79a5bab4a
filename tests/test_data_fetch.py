"""Fetching against a stand-in for the hub."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from asru_bench import cli, data_fetch
from asru_bench.types import AsruBenchError

FILES = {"Full_Set/train.parquet": b"x" * 300, "README.md": b"y" * 50}


class StandIn:
    """Serves `FILES`; `stops_after` files a download breaks, as a connection does."""

    def __init__(self, commit: str = "c1", stops_after: int | None = None, online: bool = True) -> None:
        self.commit, self.stops_after, self.online = commit, stops_after, online
        self.asked: list[str | None] = []
        self.sent: list[str] = []

    def dataset_info(self, repo_id: str, *, revision: str | None, files_metadata: bool) -> Any:
        self.asked.append(revision)
        if not self.online:
            raise ConnectionError("no route to host\nmore")
        siblings = [SimpleNamespace(rfilename=name, size=len(content)) for name, content in FILES.items()]
        return SimpleNamespace(sha=self.commit, siblings=siblings, card_data={"license": ["cc-by-4.0", "mit"]})

    def snapshot_download(self, repo_id: str, *, repo_type: str, revision: str, local_dir: str) -> str:
        assert (repo_type, revision) == ("dataset", self.commit)
        for i, (name, content) in enumerate(FILES.items()):
            if i == self.stops_after:
                raise ConnectionError("connection reset")
            file = Path(local_dir) / name
            if not file.is_file():
                self.sent.append(name)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        return local_dir


def test_licence_and_size_come_first(tmp_path: Path) -> None:
    found = data_fetch.offer("o/d", "", tmp_path / "d", StandIn())
    assert (found.commit, found.licence, found.size) == ("c1", "cc-by-4.0, mit", 350)
    assert "licence   cc-by-4.0, mit" in found.text
    assert "0.0 MB in 2 files" in found.text
    assert not (tmp_path / "d").exists()


def test_a_download_that_stopped_goes_on_at_the_same_commit(tmp_path: Path) -> None:
    folder, hub = tmp_path / "d", StandIn(stops_after=1)
    with pytest.raises(AsruBenchError, match=r"stopped: connection reset. Type the same command again"):
        data_fetch.fetch(data_fetch.offer("o/d", "v1", folder, hub), folder, hub)
    again = StandIn()
    data_fetch.fetch(data_fetch.offer("o/d", "", folder, again), folder, again)
    assert (hub.asked, again.asked) == (["v1"], ["c1"])  # the folder's commit is pinned
    assert again.sent == ["README.md"]
    assert json.loads((folder / data_fetch.NOTE).read_text())["commit"] == "c1"


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    folder, hub = tmp_path / "d", StandIn()
    data_fetch.fetch(data_fetch.offer("o/d", "", folder, hub), folder, hub)
    with pytest.raises(AsruBenchError, match="holds o/d, not o/other"):
        data_fetch.offer("o/other", "", folder, hub)
    with pytest.raises(AsruBenchError, match="holds commit c1 of o/d, and main is c2"):
        data_fetch.offer("o/d", "main", folder, StandIn("c2"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.txt").write_text("mine")
    with pytest.raises(AsruBenchError, match="not empty"):
        data_fetch.offer("o/d", "", tmp_path / "mine", hub)
    (folder / data_fetch.NOTE).write_text("{")
    with pytest.raises(AsruBenchError, match="is damaged"):
        data_fetch.offer("o/d", "", folder, hub)


def test_files_that_are_not_whole(tmp_path: Path) -> None:
    folder, hub = tmp_path / "d", StandIn()
    folder.mkdir()
    found = data_fetch.offer("o/d", "", folder, hub)
    (folder / "README.md").write_bytes(b"short")
    with pytest.raises(AsruBenchError, match=r"1 of 2 files are not whole, among them README.md"):
        data_fetch.fetch(found, folder, hub)


def test_a_disk_that_is_too_small(tmp_path: Path) -> None:
    huge = data_fetch.Offer("o/d", "c1", "", {"a": 10**18})
    with pytest.raises(AsruBenchError, match="GB are to come"):
        data_fetch.fetch(huge, tmp_path / "d", StandIn())


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def call(*words: str, said: str = "") -> Any:
        words = ("data", "fetch", "mllmu_bench", "--out", str(tmp_path / "d"), *words)
        return CliRunner().invoke(cli.app, list(words), input=said)

    monkeypatch.setattr(data_fetch, "hub", StandIn)
    refused = call(said="n\n")
    assert refused.exit_code == 1
    assert "MLLMMU/MLLMU-Bench" in refused.output
    assert not (tmp_path / "d").exists()
    done = call("--yes")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "d" / "Full_Set" / "train.parquet").stat().st_size == 300
    monkeypatch.setattr(data_fetch, "hub", lambda: StandIn(online=False))
    offline = call("--yes")
    assert offline.exit_code == 1
    monkeypatch.setenv("ASRU_BENCH_DEBUG", "1")
    with pytest.raises(AsruBenchError, match=r"cannot reach the data set .* no route to host. Where there is"):
        data_fetch.offer("o/d", "", tmp_path / "e", StandIn(online=False))
