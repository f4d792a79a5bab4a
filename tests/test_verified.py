"""A checkpoint that was changed is neither evaluated nor trained from, whatever its file's size and times say."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from inline import Inline
from safetensors.torch import load_file, save_file
from tiny_world import PLUGINS, place, spec
from typer.testing import CliRunner

from asru_bench import cli, memorise, models, plan, stages, store, trainer, verified
from asru_bench import fingerprint as fp
from asru_bench.folder import RunFolder
from asru_bench.plan import Place
from asru_bench.session import Session
from asru_bench.types import AsruBenchError, Checkpoint

PROBE = str(PLUGINS / "probe.py")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(trainer, "start", Inline)
    monkeypatch.setattr(fp, "SMALL_BYTES", 0)  # as if every file were a large one


def turned(file: Path) -> None:
    """Turns one bit of the last tensor: equal size, another content."""
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)


def with_its_times(file: Path, change: Callable[[Path], None]) -> None:
    """A change after which size and mtime are what they were."""
    before = file.stat()
    change(file)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def renamed_over(file: Path) -> None:
    other = file.with_name("other")
    shutil.copy2(file, other)
    turned(other)
    other.replace(file)


def linked(file: Path) -> None:
    other = file.parents[1] / "elsewhere.safetensors"
    shutil.copy2(file, other)
    turned(other)
    file.unlink()
    file.symlink_to(other)


def same_words(file: Path) -> None:
    file.write_text(file.read_text().replace("assistant", "assistent", 1))


def swapped_case(file: Path) -> None:
    """Another vocabulary of the same length."""
    file.write_text(file.read_text().swapcase())


# Remembering hashes.


@pytest.fixture
def settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file beside another one, both of which changed long enough ago."""
    monkeypatch.setattr(fp, "SETTLED", 0)
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "beside").write_bytes(b"-")
    file = tmp_path / "f" / "file.bin"
    file.write_bytes(b"one")
    os.utime(file, ns=(10**18, 10**18))
    fp.file_hash(file)
    return file


def reads(monkeypatch: pytest.MonkeyPatch, file: Path) -> bool:
    """Whether the hash of a file is computed now."""
    found: list[Path] = []
    plain = fp.sha256
    with monkeypatch.context() as patch:
        patch.setattr(fp, "sha256", lambda path: (found.append(path), plain(path))[1])
        assert fp.file_hash(file) == plain(file)
    return bool(found)


def test_a_settled_file_is_read_once(settled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not reads(monkeypatch, settled)
    os.utime(settled)
    assert reads(monkeypatch, settled)


@pytest.mark.parametrize("change", [turned, renamed_over, linked])
def test_no_change_hides_behind_size_and_time(
    settled: Path, change: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fp.file_hash(settled)
    with_its_times(settled, change)
    assert fp.file_hash(settled) == fp.sha256(settled) != before


def test_a_file_that_changed_a_moment_ago_is_read_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within one tick of the file system's clock a second change leaves the same times."""
    file = tmp_path / "file.bin"
    file.write_bytes(b"one")
    fp.file_hash(file)
    assert reads(monkeypatch, file)
    monkeypatch.setattr(fp.time, "time_ns", lambda: file.stat().st_ctime_ns + fp.SETTLED + 1)
    assert reads(monkeypatch, file)  # the last reading may have been too early
    assert not reads(monkeypatch, file)
    monkeypatch.setattr(fp.time, "time_ns", lambda: file.stat().st_ctime_ns - 10**9)
    assert reads(monkeypatch, file)  # a clock that was set back


def status_of(file: Path, **changes: int) -> SimpleNamespace:
    real = file.stat()
    names = ("st_size", "st_mtime_ns", "st_ctime_ns", "st_ino", "st_dev")
    return SimpleNamespace(**({name: getattr(real, name) for name in names} | changes))


@pytest.mark.parametrize(
    ("mtime", "little"),
    [(0, True), (1_000_000_000, True), (315_532_800 * 10**9, True), (10**18, False), (10**18 + 5, False)],
)
def test_times_that_are_made_up_say_little(settled: Path, mtime: int, little: bool) -> None:
    assert fp._says_little(settled, status_of(settled, st_mtime_ns=mtime)) is little


def test_a_folder_of_one_time_is_read_again_by_every_process(settled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in settled.parent.iterdir():
        os.utime(file, ns=(10**18, 10**18))
    fp.file_hash(settled)
    fp._read_here.clear()  # another process
    assert reads(monkeypatch, settled)
    (settled.parent / "beside").unlink()  # alone in its folder, a file has a time of its own
    fp.file_hash(settled)
    fp._read_here.clear()
    assert not reads(monkeypatch, settled)


@pytest.mark.parametrize("name", ["model.safetensors", "a" * 64, "b" * 40])
def test_a_blob_counts_by_what_it_holds(tmp_path: Path, name: str) -> None:
    (tmp_path / "blobs").mkdir()
    file = tmp_path / "blobs" / name
    file.write_bytes(b"edited")
    assert fp.file_hash(file) == fp.sha256(file)


def test_a_blob_that_git_named_keeps_its_name(tmp_path: Path) -> None:
    """`printf one | git hash-object --stdin`"""
    (tmp_path / "blobs").mkdir()
    file = tmp_path / "blobs" / "43dd47ea691c90a5fa7827892c70241913351963"
    file.write_bytes(b"one")
    assert fp.file_hash(file) == file.name


# Manifests.


@pytest.fixture
def checkpoint(tiny_dir: Path, tmp_path: Path) -> Path:
    return Path(
        models.save(models.load(str(tiny_dir), device="cpu"), tmp_path / "made" / "checkpoint", {"key": "k"}).path
    )


CHANGES: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "weights, same size": ("model.safetensors", turned, "model.safetensors has another content"),
    "weights renamed over": ("model.safetensors", renamed_over, "model.safetensors has another content"),
    "weights behind a link": ("model.safetensors", linked, "model.safetensors has another content"),
    "weights cut": ("model.safetensors", lambda f: f.write_bytes(f.read_bytes()[:-9]), "model.safetensors has another"),
    "weights empty": ("model.safetensors", lambda f: f.write_bytes(b""), "model.safetensors has another"),
    "weights gone": ("model.safetensors", Path.unlink, "model.safetensors is missing"),
    "template": ("chat_template.jinja", same_words, "chat_template.jinja has another content"),
    "tokenizer": ("tokenizer.json", swapped_case, "tokenizer.json has another content"),
    "processor": ("processor_config.json", lambda f: f.write_text(f.read_text() + " "), "processor_config.json has an"),
    "generation": ("generation_config.json", lambda f: f.write_text("{}"), "generation_config.json has another"),
    "file added": ("added_tokens.json", lambda f: f.write_text('{"<x>": 7}'), "added_tokens.json was added"),
    "file removed": ("generation_config.json", Path.unlink, "generation_config.json is missing"),
    "manifest damaged": ("manifest.json", lambda f: f.write_text("{"), "manifest.json is damaged"),
    "manifest of another shape": ("manifest.json", lambda f: f.write_text("[]"), "manifest.json is damaged"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_checkpoint_is_not_loaded(checkpoint: Path, what: str) -> None:
    name, change, message = CHANGES[what]
    verified.require(checkpoint)
    if (checkpoint / name).exists() and name != "manifest.json" and "gone" not in what and "removed" not in what:
        before = (checkpoint / name).stat()
        change(checkpoint / name)
        os.utime(checkpoint / name, ns=(before.st_atime_ns, before.st_mtime_ns))
    else:
        change(checkpoint / name)
    with pytest.raises(AsruBenchError, match=message) as caught:
        models.load(str(checkpoint), device="cpu")
    assert str(checkpoint) in str(caught.value)


@pytest.mark.parametrize("name", ["README.md", "optimizer.pt", "knowledge.json", "presets.json"])
def test_what_shapes_no_answer_may_come_and_go(checkpoint: Path, name: str) -> None:
    (checkpoint / name).write_text("{}")
    assert models.load(str(checkpoint), device="cpu").path == str(checkpoint)
    (checkpoint / name).unlink()
    verified.require(checkpoint)


def test_a_checkpoint_may_be_moved_and_its_files_written_again(checkpoint: Path, tmp_path: Path) -> None:
    moved = Path(shutil.copytree(checkpoint, tmp_path / "moved"))
    verified.require(moved)
    (moved / "config.json").write_bytes((moved / "config.json").read_bytes())
    save_file(load_file(moved / "model.safetensors"), moved / "model.safetensors", {"format": "pt"})
    verified.require(moved)


def test_an_adapter_and_the_folder_that_it_lies_in(tiny_dir: Path, tmp_path: Path) -> None:
    base = Path(shutil.copytree(tiny_dir, tmp_path / "base"))
    vlm = models.trainable(models.load(str(base), device="cpu"), "lora")
    made = models.save(vlm, tmp_path / "part", {})
    (tmp_path / "part" / "adapter").rename(tmp_path / "one")
    (tmp_path / "part" / "adapter").symlink_to(tmp_path / "one")
    verified.require(tmp_path / "part")
    assert fp.model_hash(made.path) == made.fingerprint  # files behind a linked folder count
    other = Path(shutil.copytree(tmp_path / "one", tmp_path / "two"))
    turned(other / "adapter_model.safetensors")
    (tmp_path / "part" / "adapter").unlink()
    (tmp_path / "part" / "adapter").symlink_to(other)
    with pytest.raises(AsruBenchError, match=r"adapter/adapter_model.safetensors has another content"):
        models.load(made.path, device="cpu")


@pytest.mark.parametrize("text", [None, "{}", "{", '{"base": ""}'])
def test_an_adapter_whose_manifest_is_lost(tiny_dir: Path, tmp_path: Path, text: str | None) -> None:
    (tmp_path / "part" / "adapter").mkdir(parents=True)
    if text is not None:
        (tmp_path / "part" / "manifest.json").write_text(text)
    with pytest.raises(AsruBenchError, match=r"manifest.json.* damaged"):
        models.load(str(tmp_path / "part"), device="cpu")


def test_a_linked_folder_that_leads_back_is_read_once(checkpoint: Path) -> None:
    before = fp.model_hash(str(checkpoint))
    (checkpoint / "loop").symlink_to(checkpoint)
    assert fp.model_hash(str(checkpoint)) == before


def test_manifests_from_before_files_were_listed(checkpoint: Path) -> None:
    file = checkpoint / "manifest.json"
    manifest = json.loads(file.read_text())
    del manifest["files"]
    file.write_text(json.dumps(manifest))
    verified.require(checkpoint)
    file.write_text(json.dumps(manifest | {"fingerprint": fp.formerly(str(checkpoint))}))
    verified.require(checkpoint)  # by which templates did not count yet
    turned(checkpoint / "model.safetensors")
    with pytest.raises(AsruBenchError, match="its content is not that of its manifest"):
        verified.require(checkpoint)


# Runs.


@pytest.fixture
def trained(tiny_dir: Path, tmp_path: Path) -> RunFolder:
    """A run folder whose checkpoint is made and asked."""
    (row,) = plan.make([spec(tiny_dir, method=PROBE, judges=("value",), limit=1)], place(tmp_path)).rows
    folder = RunFolder.create(row)
    stages.unlearn(folder)
    return folder


def answered(folder: RunFolder) -> int:
    """Answers in the cache after asking the checkpoint."""
    with store.Store() as cache:
        stages.generate(folder, Session(cache))
        return cache.counts()["generations"]


@pytest.mark.parametrize("edited", ["weights", "weights and manifest", "weights and files of the manifest"])
def test_no_answer_of_changed_weights_is_kept(trained: RunFolder, edited: str) -> None:
    assert answered(trained) == 9
    trained.answers_file.unlink()
    made = trained.path / "checkpoint"
    with_its_times(made / "model.safetensors", turned)
    if edited != "weights":
        manifest = json.loads((made / "manifest.json").read_text()) | {"files": fp.contents(made)}
        if edited == "weights and manifest":
            manifest["fingerprint"] = fp.model_hash(str(made))
        (made / "manifest.json").write_text(json.dumps(manifest))
    assert not stages.needs_training(trained)
    for stage in (stages.unlearn, answered):
        with pytest.raises(AsruBenchError, match=r"checkpoint") as caught:
            stage(trained)
        assert f"asru-bench unlearn --again {trained.path}" in str(caught.value)
    with store.Store() as cache:
        assert cache.counts()["generations"] == 9
    if edited != "weights":
        return
    again = CliRunner().invoke(cli.app, ["unlearn", "--again", str(trained.path)])
    assert again.exit_code == 0, again.output
    assert answered(trained) == 9  # the weights are the old ones


def test_likelihoods_under_a_base_that_changed_are_not_kept(trained: RunFolder, tiny_dir: Path, tmp_path: Path) -> None:
    base = Path(shutil.copytree(tiny_dir, tmp_path / "base"))
    with store.Store() as cache:
        session = Session(cache)
        named = Checkpoint(str(base), fp.model_hash(str(base)))
        session.local(named, trained)
        turned(base / "model.safetensors")
        session.local(named, trained)  # still the one in memory, read before the change
        with pytest.raises(AsruBenchError, match="is not the one that is asked for"):
            Session(cache).local(named, trained)
        now = replace(named, fingerprint=fp.model_hash(str(base)))
        assert session.local(now, trained).vlm is not session.local(named, trained).vlm


@pytest.mark.parametrize("method", [PROBE, "vanilla", "base"])
def test_neither_training_nor_references_take_another_model_than_the_spec_names(
    tiny_dir: Path, tmp_path: Path, method: str
) -> None:
    model = Path(shutil.copytree(tiny_dir, tmp_path / "model"))
    (row,) = plan.make([spec(model, method=method)], place(tmp_path)).rows
    folder = RunFolder.create(row)
    with_its_times(model / "model.safetensors", turned)
    with pytest.raises(AsruBenchError, match=r"is not the one that is asked for: .* expected"):
        stages.unlearn(folder)
    with_its_times(model / "model.safetensors", turned)
    assert stages.unlearn(folder).fingerprint


def test_a_checkpoint_of_a_run_beside_is_taken_only_as_it_was_made(
    trained: RunFolder, tiny_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = spec(tiny_dir, method=PROBE, judges=("value", "cloze"), limit=1)
    (row,) = plan.make([other], place(tmp_path)).rows
    folder = RunFolder.create(row)
    assert not stages.needs_training(folder)
    turned(trained.path / "checkpoint" / "model.safetensors")
    assert stages.needs_training(folder)
    assert "is passed over" in capsys.readouterr().err
    assert Path(stages.unlearn(folder).path).parent == folder.path


def test_unfinished_work_of_memorise_is_taken_only_as_it_was_written(
    checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert memorise._whole(checkpoint)
    turned(checkpoint / "model.safetensors")
    assert not memorise._whole(checkpoint)
    assert "was changed after it was made" in capsys.readouterr().err
    assert not memorise._whole(checkpoint / "nothing")


def test_a_vanilla_that_was_changed_is_named(checkpoint: Path, tmp_path: Path, tiny_dir: Path) -> None:
    manifest = json.loads((checkpoint / "manifest.json").read_text())
    manifest["made_by"] = {"method": "memorise"}
    (checkpoint / "manifest.json").write_text(json.dumps(manifest))
    same_words(checkpoint / "chat_template.jinja")
    where = Place(out=str(tmp_path / "runs"), vanilla=str(checkpoint), data=place(tmp_path).data)
    (row,) = plan.make([spec(tiny_dir, method="vanilla")], where).rows
    with pytest.raises(AsruBenchError, match=r"chat_template.jinja has another content. Remove .* memorise"):
        stages.unlearn(RunFolder.create(row))
