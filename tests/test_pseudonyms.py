"""Pseudonyms are keyed; the key is made once, is its owner's only, and can be carried to another machine."""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from asru_bench import cli, pseudonyms
from asru_bench.types import AsruBenchError

KEY = "00112233445566778899aabbccddeeff" * 2


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_the_key_is_its_owners_only_whatever_the_umask(home: Path, umask: int) -> None:
    before = os.umask(umask) if umask != 0o777 else os.umask(0o277)
    try:
        pseudonyms.pseudonym("Ada")
    finally:
        os.umask(before)
    assert mode(home / pseudonyms.FILE) == 0o600
    assert [p.name for p in home.iterdir()] == [pseudonyms.FILE]  # no draft is left


def test_a_pseudonym_is_an_hmac_under_the_key(home: Path) -> None:
    home.mkdir()
    (home / pseudonyms.FILE).write_text(KEY + "\n")
    expected = hmac.new(bytes.fromhex(KEY), b"Ada Berg", hashlib.sha256).hexdigest()[:12]
    assert pseudonyms.pseudonym("Ada Berg") == f"p{expected}"
    assert pseudonyms.pseudonym("Ada Berg") != "p" + hashlib.sha256(b"Ada Berg").hexdigest()[:12]
    assert KEY not in pseudonyms.key_id()


def test_another_home_has_another_key(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = pseudonyms.pseudonym("Ada"), pseudonyms.key_id()
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "other"))
    assert ours[0] != pseudonyms.pseudonym("Ada")
    assert ours[1] != pseudonyms.key_id()


def test_of_several_that_make_it_at_once_one_wins(home: Path) -> None:
    home.mkdir()
    file = home / pseudonyms.FILE
    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(lambda i: pseudonyms._create(file, f"{i:064x}"), range(16)))
    assert sum(won) == 1
    assert int(file.read_text(), 16) == won.index(True)
    assert list(home.iterdir()) == [file]


def test_a_file_system_without_links(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(os, "link", no_links)
    assert pseudonyms.pseudonym("Ada") == pseudonyms.pseudonym("Ada")
    assert mode(home / pseudonyms.FILE) == 0o600


def test_the_key_moves_by_export_and_import(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, copy = pseudonyms.pseudonym("Ada"), tmp_path / "sub" / "copy.key"
    run = CliRunner().invoke
    assert run(cli.app, ["key", "export", str(copy)]).exit_code == 0
    assert mode(copy) == 0o600
    assert "exists already" in run(cli.app, ["key", "export", str(copy)]).stderr
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "other"))
    assert run(cli.app, ["key", "import", str(copy)]).exit_code == 0
    assert pseudonyms.pseudonym("Ada") == ours
    assert run(cli.app, ["key", "import", str(copy)]).exit_code == 0  # the same again
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "third"))
    other = pseudonyms.pseudonym("Ada")
    failed = run(cli.app, ["key", "import", str(copy)])
    assert failed.exit_code == 1
    assert "--replace" in failed.stderr
    assert pseudonyms.pseudonym("Ada") == other
    assert run(cli.app, ["key", "import", str(copy), "--replace"]).exit_code == 0
    assert pseudonyms.pseudonym("Ada") == ours
    shown = run(cli.app, ["key", "show"]).stdout
    assert pseudonyms.key_id() in shown
    assert copy.read_text() not in shown


@pytest.mark.parametrize("text", ["", "abc", "g" * 64, "0" * 63, "0" * 65, "0" * 64 + "\nmore"])
def test_what_is_no_key(home: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "bad").write_text(text)
    with pytest.raises(AsruBenchError, match="holds no key"):
        pseudonyms.load(tmp_path / "bad")
    assert not (home / pseudonyms.FILE).exists()
    with pytest.raises(AsruBenchError, match="cannot read"):
        pseudonyms.load(tmp_path / "none")


def test_a_damaged_key_is_never_replaced_in_silence(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pseudonyms, "PATIENCE", 0.0)
    home.mkdir()
    (home / pseudonyms.FILE).write_text("half")
    with pytest.raises(AsruBenchError, match=r"is damaged.*key import"):
        pseudonyms.pseudonym("Ada")
    (tmp_path / "copy").write_text(KEY)
    pseudonyms.load(tmp_path / "copy", replace=True)
    assert pseudonyms.key() == bytes.fromhex(KEY)


def test_a_home_that_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "file"))
    with pytest.raises(AsruBenchError, match=r"hidden with a key, and .* cannot be written"):
        pseudonyms.pseudonym("Ada")
