"""Sizes against published and counted ones, arithmetic by hand, and limits that are said before the work."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_world import place, spec

from asru_bench import estimate, machines, models, outlook, plan, schedule, sizes, work
from asru_bench.estimate import Estimator, Shape
from asru_bench.folder import RunFolder
from asru_bench.machines import Machine
from asru_bench.store import Store
from asru_bench.types import AsruBenchError
from asru_bench.work import Work

MACHINE = Machine("a card", 80e9, 500e12, 2e12, False, True)
#: Qwen3-VL-8B-Instruct as its config.json says.
TEXT = {
    "hidden_size": 4096,
    "intermediate_size": 12288,
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "vocab_size": 151936,
    "max_position_embeddings": 262144,
    "rope_parameters": {
        "rope_type": "default",
        "rope_theta": 5e6,
        "mrope_section": [24, 20, 20],
        "mrope_interleaved": True,
    },
}
VISION = {
    "depth": 27,
    "hidden_size": 1152,
    "intermediate_size": 4304,
    "num_heads": 16,
    "patch_size": 16,
    "spatial_merge_size": 2,
    "temporal_patch_size": 2,
    "out_hidden_size": 4096,
    "num_position_embeddings": 2304,
    "deepstack_visual_indexes": [8, 16, 24],
}


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def eight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds config.json and nothing else."""
    from transformers import Qwen3VLConfig

    folder = tmp_path_factory.mktemp("hub") / "Qwen3-VL-8B"
    Qwen3VLConfig(text_config=TEXT, vision_config=VISION, tie_word_embeddings=False).save_pretrained(folder)
    assert [file.name for file in folder.iterdir()] == ["config.json"]
    return folder


@pytest.fixture
def eight_sizes(eight: Path) -> sizes.Sizes:
    return sizes.of(str(eight))


def test_the_parts_of_a_model_of_eight_billion(eight_sizes: sizes.Sizes) -> None:
    found = eight_sizes
    assert found.language == found.active == 8_190_735_360  # Qwen3-8B's published 8.19 billion
    assert found.parameters == pytest.approx(8.77e9, rel=0.003)  # as the hub shows
    layer = 2 * (4096 + 4096) + 2 * (4096 + 1024) + 3 * (4096 + 12288)
    assert found.adapter == 16 * 36 * layer == 43_646_976
    assert found.cache == 2 * 36 * 8 * 128
    assert found.pictures.tokens(512, 512) == 256
    assert found.pictures.merged == 4


def test_counts_are_those_of_the_model_when_it_is_loaded(tiny_dir: Path) -> None:
    found, vlm = sizes.of(str(tiny_dir)), models.load(str(tiny_dir), device="cpu")
    assert found.parameters == sum(p.numel() for p in vlm.model.parameters())
    assert found.vision == sum(p.numel() for p in vlm.model.model.visual.parameters())
    models.trainable(vlm, "lora")
    assert found.adapter == sum(p.numel() for p in vlm.model.parameters() if p.requires_grad)
    row = models.encode_prompts(vlm, [models_prompt(tiny_dir)])
    pictures = int((row["input_ids"] == vlm.model.config.image_token_id).sum())
    assert found.pictures.tokens(64, 64) == pictures


def models_prompt(folder: Path) -> Any:
    from PIL import Image

    from asru_bench.types import ImageRef, Prompt

    Image.new("RGB", (64, 64)).save(folder.parent / "one.png")
    return Prompt("Who?", ImageRef(str(folder.parent / "one.png")))


def test_experts_that_are_not_chosen_do_not_count_as_active() -> None:
    from transformers import Qwen3VLMoeConfig

    text = {**TEXT, "num_hidden_layers": 2, "hidden_size": 64, "moe_intermediate_size": 32, "vocab_size": 100}
    text |= {"num_experts": 8, "num_experts_per_tok": 2, "intermediate_size": 64}
    config = Qwen3VLMoeConfig(text_config=text, vision_config={**VISION, "depth": 1, "out_hidden_size": 64})
    found = sizes.measure(sizes._empty("moe", config), config)
    assert found.language - found.active == 2 * 6 * 3 * 64 * 32


def test_memory_and_time_by_hand(eight_sizes: sizes.Sizes, eight: Path) -> None:
    shape = Shape(text=100, picture=200, patches=800, pictures=1, distinct=0.5, new=10)
    made = Estimator(str(eight), MACHINE, "bfloat16")
    need = made.generate([None] * 1000, shape, batch=32)  # type: ignore[list-item]
    forward = 2 * (eight_sizes.active * 200 + eight_sizes.vision * 400) / (500e12 * 0.6)
    step = max(2 * eight_sizes.active * 32 / (500e12 * 0.6), eight_sizes.active * 2 / 2e12, 36 * 0.5e-3)
    assert need.seconds == pytest.approx(1000 * (forward + 10 * step / 32))
    cache = 32 * 310 * 73_728 * 2
    assert need.memory == pytest.approx(
        2 * eight_sizes.parameters + cache + 3 * 32 * 151936 * 4 + 34 * 32 * 310 * 4096 + 1e9
    )
    two = made.generate([None] * 1000, shape, batch=32, count=2)  # type: ignore[list-item]
    assert two.seconds == pytest.approx(need.seconds / 2)


def test_full_training_takes_sixteen_bytes_a_weight_and_an_adapter_little(
    eight_sizes: sizes.Sizes, eight: Path
) -> None:
    shape, done = Shape(100, 200, 800, 1, 0.5, 10), Work(trained=400, at_once=8)
    full = Estimator(str(eight), MACHINE, "float32").train(done, shape, "full")
    lora = Estimator(str(eight), MACHINE, "bfloat16").train(done, shape, "lora")
    assert full.least == pytest.approx(16 * eight_sizes.parameters)
    assert full.disk == 4 * eight_sizes.parameters
    assert lora.least == pytest.approx(2 * eight_sizes.parameters + 16 * eight_sizes.adapter)
    assert lora.disk == 4 * eight_sizes.adapter
    tokens = 8 * (100 + 200 + done.answer)
    kept = 34 * tokens * 4096 * 36 + 3 * tokens * 151936 * 4
    assert lora.memory == pytest.approx(lora.least + kept + 1e9)
    assert full.seconds == pytest.approx(1.5 * lora.seconds)  # 3 passes against 2
    assert Estimator(str(eight), MACHINE).train(None, shape, "full").seconds is None


def test_work_is_counted_from_settings_and_data(tiny_dir: Path, tmp_path: Path) -> None:
    def of(method: str, **settings: Any) -> Work | None:
        wanted = replace(spec(tiny_dir, method=method), method_config=settings)
        cell = plan.make([wanted], place(tmp_path)).rows[0]
        return work.of(cell.spec, RunFolder(cell.folder, cell.spec, cell.place).task)

    assert of("ga", steps=5, batch_size=2) == Work(trained=10, at_once=2)
    diff = of("grad_diff", epochs=3, batch_size=2, retain_ratio=2.0)  # 3 forget pairs: 2 batches a pass
    assert diff is not None
    assert (diff.trained, diff.read, diff.frozen) == (3 * 2 * 2 * 3, 0, 0)
    npo = of("npo", steps=4, batch_size=2)
    assert npo is not None
    assert (npo.frozen, npo.read) == (1, npo.trained)
    both = of("asru", rollouts=10, prompts=2, group=4, minibatch=8, face_count=3, answer_tokens=16)
    assert both is not None
    assert both.trained == both.sampled == 80
    assert both.read == 3 + 3 + 3 + 2 * 3 + 2 * 80
    assert of("asru", stages="steer", face_count=3) == Work(read=3 + 3 + 3 + 2 * 3, frozen=1)


def test_a_plan_from_config_alone(eight: Path, tmp_path: Path) -> None:
    wanted = spec(eight, method="npo", train="lora", dtype="bfloat16", method_config={"steps": 100})
    planned, notes = outlook.make([wanted], place(tmp_path, model=str(eight)), plan.Texts(), gpu="h100")
    assert notes == []
    with Store() as cache:
        schedule.remember(cache, "generate", planned.rows[0].spec, 2.0)
        words = outlook.text(planned, notes, cache, gpu="h100")
    print(words)
    (unlearn,) = [line for line in words.splitlines() if line.startswith("npo") and " unlearn " in line]
    assert unlearn.count("estimated") == 2
    assert unlearn.split()[-2:] == ["0.2", "GB"]
    (generate,) = [line for line in words.splitlines() if line.startswith("npo") and " generate " in line]
    assert "54s measured" in generate  # 27 questions
    assert "8.77 billion parameters (0.58 of them see), bfloat16 17.5 GB, adapter 44 million" in words
    assert "for H100, 80 GB, 593 x 10^12 operations a second (0.6 of its data sheet, estimated)" in words


def test_a_probe_replaces_the_estimate(tiny_dir: Path, tmp_path: Path) -> None:
    planned, notes = outlook.make([spec(tiny_dir)], place(tmp_path), plan.Texts())
    with Store() as cache:
        words = outlook.text(planned, notes, cache, probed=True)
    assert "probe: 20 questions to vanilla seed 0" in words
    (generate,) = [line for line in words.splitlines() if line.startswith("ga") and " generate " in line]
    assert "measured" in generate


def test_a_probe_without_weights(eight: Path, tmp_path: Path) -> None:
    planned, _ = outlook.make([spec(eight)], place(tmp_path), plan.Texts(), gpu="h100")
    with Store() as cache, pytest.raises(AsruBenchError, match="--probe needs the weights"):
        outlook.probe(planned, cache)


def test_a_hub_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import AutoConfig

    def offline(name: str) -> Any:
        raise OSError("We couldn't connect to 'https://huggingface.co'.\nMore.")

    monkeypatch.setattr(AutoConfig, "from_pretrained", offline)
    with pytest.raises(AsruBenchError, match=r"hf download Qwen/Qwen3-VL-8B config.json --local-dir DIR.*--model DIR"):
        outlook._config_folder("Qwen/Qwen3-VL-8B")


def test_bad_configs(tmp_path: Path) -> None:
    with pytest.raises(AsruBenchError, match=r"holds no config\.json"):
        sizes.of(str(tmp_path))
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(AsruBenchError, match="cannot read"):
        sizes.of(str(tmp_path))
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    with pytest.raises(AsruBenchError, match="does not read images"):
        sizes.of(str(tmp_path))
    with pytest.raises(AsruBenchError, match=r"unknown GPU 'z9'.*a100"):
        machines.named("z9")


def test_too_little_memory_or_disk_is_said_before_the_work(
    eight: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = spec(eight, train="full", force=False, judges=("value",))
    planned = plan.make([wanted], place(tmp_path))
    small = replace(MACHINE, memory=60e9)
    monkeypatch.setattr(estimate, "machine_of", lambda place, dtype, gpu="": small)
    with pytest.raises(
        AsruBenchError, match=r"ga seed 0, unlearn: a card has 60 GB free.*at least 140 GB.*--train lora"
    ):
        estimate.require(planned)
    monkeypatch.setattr(machines, "free_disk", lambda folder: 10e9)
    lora = plan.make([replace(wanted, train="lora", dtype="bfloat16")], place(tmp_path))
    assert estimate.require(lora) == []
    large = replace(MACHINE, memory=900e9)
    monkeypatch.setattr(estimate, "machine_of", lambda place, dtype, gpu="": large)
    with pytest.raises(AsruBenchError, match=r"has 10.0 GB free.*take about 35.1 GB.*--no-keep-checkpoints"):
        estimate.require(planned)
    forced = plan.make([replace(wanted, force=True)], place(tmp_path))
    monkeypatch.setattr(estimate, "machine_of", lambda place, dtype, gpu="": small)
    (warning,) = [w for w in estimate.require(forced) if "unlearn" in w]
    assert "about" in warning


def test_more_memory_than_the_machine_has_is_said() -> None:
    needs = {"unlearn": estimate.Need(1.0, 129e9, 0.0), "generate": estimate.Need(1.0, 81e9, 0.0)}
    one, other = outlook._short("asru seed 0", needs, replace(MACHINE, memory=80e9))
    assert one.startswith("asru seed 0, unlearn: 129 GB (estimated) are more than the 80 GB of a card: ")
    assert "-m microbatch=16" in one
    assert other.endswith("try a smaller --batch-size.")
    assert outlook._short("asru seed 0", needs, replace(MACHINE, memory=None)) == []
    assert outlook._short("asru seed 0", {"judge": estimate.Need(1.0, None, 0.0)}, MACHINE) == []


def test_this_machine_is_measured() -> None:
    found = machines.here("cpu", "float32")
    assert found.measured
    assert 1e8 < found.flops < 1e14
