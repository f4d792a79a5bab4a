"""What decides tokens, pixels, weights and decoding names a model; what decides nothing does not."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from inline import Inline
from tiny_world import place, spec
from typer.testing import CliRunner

from asru_bench import cli, models, plan, stages, store, trainer
from asru_bench import fingerprint as fp
from asru_bench.folder import RunFolder
from asru_bench.record import read_record
from asru_bench.run import run
from asru_bench.types import AsruBenchError, Prompt

SHAPING = [
    "config.json",
    "generation_config.json",
    "chat_template.jinja",
    "chat_template.json",
    "additional_chat_templates/rag.jinja",
    "tokenizer.json",
    "tokenizer_config.json",
    "tokenizer.model",
    "spiece.model",
    "source.spm",
    "qwen.tiktoken",
    "tekken.json",
    "vocab.json",
    "vocab.txt",
    "vocab.bpe",
    "merges.txt",
    "added_tokens.json",
    "special_tokens_map.json",
    "preprocessor_config.json",
    "processor_config.json",
    "video_preprocessor_config.json",
    "qformer_tokenizer/tokenizer.json",
    "1_Pooling/config.json",
    "modules.json",
    "model.safetensors",
    "model-00001-of-00002.safetensors",
    "model.safetensors.index.json",
    "adapter/adapter_model.safetensors",
    "adapter/adapter_config.json",
    "delta/model.safetensors",
]
IDLE = [
    "README.md",
    "notes.md",
    ".gitattributes",
    "LICENSE",
    "LICENSE.txt",
    "NOTICE",
    "requirements.txt",
    "figure.png",
    "photo.jpeg",
    "tf_model.h5",
    "flax_model.msgpack",
    "model.onnx",
    "onnx/config.json",
    "pytorch_model.bin",  # beside safetensors it is not read
    "optimizer.pt",
    "optimizer.bin",
    "optimizer.safetensors",
    "scheduler.pt",
    "rng_state_0.pth",
    "training_args.bin",
    "trainer_state.json",
    "trainer_config.json",
    "all_results.json",
    "manifest.json",
    "adapter/README.md",
    ".cache/huggingface/download/config.json",
    "checkpoint-500/model.safetensors",
    "original/tokenizer.model",
]


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(trainer, "start", Inline)


@pytest.fixture
def model(tiny_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_dir, tmp_path / "model"))


def written(folder: Path, name: str, text: str) -> str:
    """The model's key once a file holds this."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return fp.model_hash(str(folder))


@pytest.mark.parametrize("name", SHAPING)
def test_what_shapes_the_answers_is_content(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "m"
    keys = [written(folder, "model.safetensors", "w"), written(folder, name, "one"), written(folder, name, "two")]
    assert len(set(keys)) == 3
    os.utime(folder / name, ns=(1, 1))
    assert fp.model_hash(str(folder)) == keys[2]
    assert written(folder, name, "one") == keys[1]


@pytest.mark.parametrize("name", IDLE)
def test_what_shapes_nothing_is_not(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "m"
    key = written(folder, "model.safetensors", "w")
    assert [written(folder, name, "one"), written(folder, name, "two")] == [key] * 2
    (folder / name).rename((folder / name).with_name(f"old-{Path(name).name}.bak"))
    assert fp.model_hash(str(folder)) == key


def test_weights_of_the_older_kind_count_where_they_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    keys = [written(folder, "config.json", "{}")]
    keys += [written(folder, "pytorch_model-00001-of-00002.bin", text) for text in ("one", "two")]
    assert len(set(keys)) == 3


def test_a_hub_model_by_its_blobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of the hub cache are links into `blobs`, named by their content."""
    cache = tmp_path / "cache" / "models--a--b"
    (cache / "blobs").mkdir(parents=True)

    def snapshot(revision: str, **files: str) -> str:
        folder = cache / "snapshots" / revision
        folder.mkdir(parents=True)
        for name, blob in files.items():
            (cache / "blobs" / blob).write_text(blob)
            (folder / name.replace("__", ".")).symlink_to(f"../../blobs/{blob}")
        monkeypatch.setattr(fp, "hub_folder", lambda name: folder)
        return fp.model_hash("a/b")

    one = snapshot("1", model__safetensors="w", chat_template__jinja="t1", README__md="r1")
    readme = snapshot("2", model__safetensors="w", chat_template__jinja="t1", README__md="r2")
    template = snapshot("3", model__safetensors="w", chat_template__jinja="t2", README__md="r1")
    assert one == readme != template


def test_the_weights_of_a_base_are_told_from_its_template(model: Path) -> None:
    former = fp._folder_hash(str(model), lambda folder: [f for p in fp.FORMERLY for f in folder.rglob(p)])
    recorded = fp.weights_hash(str(model))
    key = written(model, "chat_template.jinja", "another")
    assert fp.is_base(str(model), recorded)
    assert fp.is_base(str(model), former)  # what checkpoints recorded before templates counted
    assert key != recorded
    written(model, "model.safetensors", "other weights")
    assert not fp.is_base(str(model), recorded)
    assert not fp.is_base(str(model), former)


@pytest.mark.parametrize("kind", ["lora", "delta"])
def test_adapters_and_deltas_count_with_what_their_base_reads(model: Path, tmp_path: Path, kind: str) -> None:
    vlm = models.load(str(model), device="cpu")
    if kind == "lora":
        models.trainable(vlm, "lora")
    else:
        with torch.no_grad():
            next(vlm.model.parameters()).add_(0.1)
    saved = models.save(vlm, tmp_path / "part", {}, delta=kind == "delta")
    written(model, "README.md", "words")
    assert fp.model_hash(saved.path) == saved.fingerprint
    written(model, "chat_template.jinja", "{{ messages[0].content[0].text }}?")
    assert fp.model_hash(saved.path) != saved.fingerprint
    again = models.load(saved.path, device="cpu")  # the weights are those that it was made from
    assert models.render(again, Prompt("Hi")) == "Hi?"


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("chat_template.jinja", lambda text: text.replace("assistant\n", "assistant: ")),
        ("generation_config.json", lambda text: json.dumps(json.loads(text) | {"suppress_tokens": [7]})),
    ],
)
def test_the_same_command_asks_again_after_an_edit(model: Path, tmp_path: Path, name: str, edit: Any) -> None:
    where = place(tmp_path)
    typed = ["run", "--method", "vanilla", "--task", spec(model).task, "--model", str(model), "--data", where.data]
    typed += ["--out", where.out, "--judge", "value", "--force", "--limit", "1"]

    def records() -> set[Path]:
        made = CliRunner().invoke(cli.app, typed)
        assert made.exit_code == 0, made.output
        files = Path(where.out).glob("*/*/vanilla/*/record.json")
        return {file for file in files if read_record(file).spec["force"]}  # not the reference

    first = records()
    written(model, "README.md", "nothing of importance")
    assert records() == first
    before = (model / name).read_text()
    assert edit(before) != before
    written(model, name, edit(before))
    (new,) = records() - first
    (old,) = first
    for field in ("model_hash", "vanilla_hash"):
        assert read_record(old).spec[field] != read_record(new).spec[field]
    old_keys, new_keys = (
        {a.key for a in store.read_generations(f.with_name("generations.parquet"))} for f in (old, new)
    )
    assert not old_keys & new_keys
    written(model, name, before)
    assert records() >= {new}
    assert len(records()) == 2  # the old record is that of the old files


def test_training_reads_the_same_files(model: Path, tmp_path: Path) -> None:
    def key() -> str:
        (row,) = plan.make([spec(model)], place(tmp_path)).rows
        return fp.training_key(row.spec)

    first = key()
    written(model, "README.md", "words")
    assert key() == first
    written(model, "merges.txt", "a b")
    assert key() != first


def test_a_template_edited_in_a_runs_own_checkpoint(model: Path, tmp_path: Path) -> None:
    """It is no longer what the method made: neither made again nor asked, until it is put back or trained again."""
    wanted, where = spec(model, train="full", limit=1), place(tmp_path)
    run(wanted, where)
    (folder,) = (RunFolder.create(cell) for cell in plan.make([wanted], where).rows)
    before = folder.answers_file.read_bytes()
    template = folder.path / "checkpoint" / "chat_template.jinja"
    was = template.read_text()
    template.write_text(was.replace("assistant\n", "assistant: "))
    assert not stages.needs_training(folder)
    with pytest.raises(AsruBenchError, match=r"chat_template.jinja has another content.*unlearn --again"):
        run(wanted, where)
    assert folder.answers_file.read_bytes() == before
    template.write_text(was)
    run(wanted, where)


def test_specs_are_named_by_it(model: Path, tmp_path: Path) -> None:
    def names() -> set[str]:
        return {fp.spec_hash(cell.spec) for cell in plan.make([spec(model)], place(tmp_path)).cells}

    first = names()
    written(model, "special_tokens_map.json", "{}")
    assert not names() & first
