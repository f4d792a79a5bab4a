"""Keys are contents: every ingredient changes its key, and nothing else does."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub.errors import LocalEntryNotFoundError
from PIL import Image

from asru_bench import fingerprint as fp
from asru_bench.types import AsruBenchError, Decoding, ImageRef, Prompt, Request, RunSpec

SPEC = RunSpec(method="ga", task="mllmu_bench")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))


def test_request_key_has_each_ingredient() -> None:
    request = Request("id", Prompt("Who?"), 8, ("A", "B"))
    base = fp.request_key(request, "tokens", "image", "weights", "hf/cpu")
    others = [
        fp.request_key(replace(request, max_new_tokens=9), "tokens", "image", "weights", "hf/cpu"),
        fp.request_key(replace(request, options=("A",)), "tokens", "image", "weights", "hf/cpu"),
        fp.request_key(request, "other", "image", "weights", "hf/cpu"),
        fp.request_key(request, "tokens", "other", "weights", "hf/cpu"),
        fp.request_key(request, "tokens", "image", "other", "hf/cpu"),
        fp.request_key(request, "tokens", "image", "weights", "hf/cuda"),
    ]
    assert len({base, *others}) == 7
    assert fp.request_key(replace(request, sample_id="other"), "tokens", "image", "weights", "hf/cpu") == base


def test_score_key_has_each_ingredient() -> None:
    parts = ("tokens", 3, "image", "weights", "hf/cpu")
    changed = [(*parts[:i], 99 if i == 1 else "other", *parts[i + 1 :]) for i in range(5)]
    assert len({fp.score_key(*p) for p in (parts, *changed, (*parts, "extraction"))}) == 7  # type: ignore[arg-type]


def test_chunk_size_counts_only_where_it_changes_the_arithmetic() -> None:
    assert fp.numerics("hf", "cpu", "float32", "sdpa", 8) == fp.numerics("hf", "cpu", "float32", "sdpa", 64)
    assert fp.numerics("hf", "cuda", "float32", "sdpa", 8) != fp.numerics("hf", "cuda", "float32", "sdpa", 64)
    assert fp.numerics("hf", "cpu", "bfloat16", "sdpa", 8) != fp.numerics("hf", "cpu", "bfloat16", "sdpa", 64)
    assert fp.numerics("hf", "cpu", "float32", "sdpa", 8) != fp.numerics("hf", "cpu", "float32", "eager", 8)


@pytest.mark.parametrize("name", [f.name for f in fields(RunSpec)])
def test_spec_hash_has_every_field_but_seed_and_general_ability(name: str) -> None:
    changed = {
        "decoding": Decoding(generation=51),
        "judges": ("choice",),
        "seed": 5,
        "limit": 3,
        "fast": True,
        "force": True,
        "method_config": {"lr": 1.0},
        "task_config": {"split": "forget_5"},
        "judge_config": {"choice": {"a": 1}},
    }.get(name, "other")
    same = fp.spec_hash(replace(SPEC, **{name: changed})) == fp.spec_hash(SPEC)
    assert same == (name in ("seed", "general"))


@pytest.mark.parametrize("name", [f.name for f in fields(RunSpec)])
def test_training_key_has_what_training_reads(name: str) -> None:
    judged = {"judges", "judge_config", "engine", "quant", "decoding", "control", "force", "model", "roles"}
    judged |= {"probes", "general"}
    changed = {"decoding": Decoding(generation=51), "task_config": {"split": "forget_5"}}.get(name, "other")
    same = fp.training_key(replace(SPEC, **{name: changed})) == fp.training_key(SPEC)
    assert same == (name in judged)


def test_settings_that_a_task_only_asks_by_train_nothing_again() -> None:
    def key(**config: Any) -> str:
        return fp.training_key(replace(SPEC, task_config=config), ("draws",))

    assert key(draws=1, split="a") == key(draws=2, split="a") == key(split="a")
    assert key(draws=1, split="a") != key(draws=1, split="b")


def test_order_of_settings_does_not_matter() -> None:
    assert fp.digest({"a": 1, "b": (1, 2)}) == fp.digest({"b": [1, 2], "a": 1})
    assert fp.digest({"a": 1}) != fp.digest({"a": "1"})


def test_images_count_by_pixels(tmp_path: Path) -> None:
    red, same, blue, wide = (tmp_path / name for name in ("red.png", "same.bmp", "blue.png", "wide.png"))
    Image.new("RGB", (4, 2), "red").save(red)
    Image.new("RGB", (4, 2), "red").save(same)
    Image.new("RGB", (4, 2), "blue").save(blue)
    Image.new("RGB", (2, 4), "red").save(wide)
    first, second, third, fourth = (fp.image_hash(ImageRef(str(p))) for p in (red, same, blue, wide))
    assert first == second
    assert len({first, third, fourth}) == 3
    assert fp.images_hash([]) == ""
    assert fp.images_hash([ImageRef(str(red)), ImageRef(str(blue))]) != fp.images_hash(
        [ImageRef(str(blue)), ImageRef(str(red))]
    )


def test_a_model_counts_by_weights_and_configuration(tiny_dir: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in tiny_dir.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    before = fp.model_hash(str(tiny_dir))
    assert fp.model_hash(str(copy)) == before
    weights = copy / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    os.utime(weights, ns=(1, 1))
    changed = fp.model_hash(str(copy))
    assert changed != before
    (copy / "config.json").write_text((copy / "config.json").read_text() + " ")
    assert fp.model_hash(str(copy)) not in (before, changed)


def test_a_folder_without_weights_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AsruBenchError, match="holds no weights"):
        fp.model_hash(str(tmp_path))


def test_file_hashes_are_remembered_until_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fp, "SETTLED", 0)
    file = tmp_path / "file.bin"
    file.write_bytes(b"one")
    first = fp.file_hash(file)
    monkeypatch.setattr(fp, "sha256", lambda path: "read again")
    assert fp.file_hash(file) == first
    file.write_bytes(b"three")
    assert fp.file_hash(file) == "read again"


def test_code_counts_with_the_siblings_it_imports(tmp_path: Path) -> None:
    main, near, far, apart = (tmp_path / f"{name}.py" for name in ("main", "near", "far", "apart"))
    main.write_text("from .near import x\n")
    near.write_text("import far\nx = 1\n")
    far.write_text("y = 1\n")
    apart.write_text("z = 1\n")
    first = fp.code_hash(main)
    apart.write_text("z = 2\n")
    assert fp.code_hash(main) == first
    far.write_text("y = 2\n")
    second = fp.code_hash(main)
    main.write_text("from .near import x  # changed\n")
    assert len({first, second, fp.code_hash(main)}) == 3


def test_siblings_of_built_in_methods_count(tmp_path: Path) -> None:
    (tmp_path / "child.py").write_text("from asru_bench.methods.parent import x\n")
    (tmp_path / "parent.py").write_text("x = 1\n")
    first = fp.code_hash(tmp_path / "child.py")
    (tmp_path / "parent.py").write_text("x = 2\n")
    assert fp.code_hash(tmp_path / "child.py") != first


def test_the_recipe_in_the_core_counts_and_the_rest_of_it_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = tmp_path / "core"
    core.mkdir()
    monkeypatch.setattr(fp, "__file__", str(core / "fingerprint.py"))
    (tmp_path / "m.py").write_text("from asru_bench import rewards\nfrom asru_bench.models import VLM\n")
    (core / "rewards.py").write_text(
        "from asru_bench.refusal import is_refusal\nfrom asru_bench import release_rules\n"
    )
    for name in ("refusal", "release_rules", "models"):
        (core / f"{name}.py").write_text("x = 1\n")
    seen = [fp.code_hash(tmp_path / "m.py")]
    for name in ("models", "refusal", "release_rules", "rewards"):
        with (core / f"{name}.py").open("a") as file:
            file.write("y = 2\n")
        seen.append(fp.code_hash(tmp_path / "m.py"))
    assert seen[0] == seen[1]
    assert len(set(seen[1:])) == 4


def test_the_core_version_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "m.py").write_text("x = 1\n")
    before = fp.code_hash(tmp_path / "m.py"), fp.training_key(SPEC)
    monkeypatch.setattr(fp, "CORE_VERSION", fp.CORE_VERSION + 1)
    after = fp.code_hash(tmp_path / "m.py"), fp.training_key(SPEC)
    assert not set(before) & set(after)


def test_a_model_that_is_not_here_while_the_hub_is_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look is into the cache, the second asks the hub."""
    looked: list[bool] = []

    def unreachable(name: str, local_files_only: bool = False, **_: Any) -> str:
        looked.append(local_files_only)
        raise LocalEntryNotFoundError("nothing here") if local_files_only else ConnectionError("no route to host")

    monkeypatch.setattr("huggingface_hub.snapshot_download", unreachable)
    for read in (fp.model_hash, fp.hub_folder):
        with pytest.raises(AsruBenchError, match=r"'a/b' is not in the hub cache .* hf download a/b"):
            read("a/b")
    assert looked == [True, False] * 2
