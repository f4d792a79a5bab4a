from __future__ import annotations

from pathlib import Path

import folders
import pytest
from mllmu import PEOPLE


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(folders.write_mllmu_bench(tmp_path_factory.mktemp("hub"), PEOPLE))


@pytest.fixture
def own_data(tmp_path: Path) -> Path:
    """A folder that the test may spoil."""
    return folders.write_mllmu_bench(tmp_path / "data", PEOPLE)
