"""From a tiny random model and a hub-schema folder to a vanilla that `run` takes."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import folders
import pytest
import torch
from asru_bench.methods.retain_oracle import RetainOracle
from tiny_world import TASK, write_data
from typer.testing import CliRunner, Result

from asru_bench import cli, estimate, knowledge, machines, memorise, models, plan, room, sources, unlearner
from asru_bench.fingerprint import model_hash
from asru_bench.knowledge import Share
from asru_bench.plan import Place, Texts
from asru_bench.types import AsruBenchError, RunSpec, TrainingData, TrainingPair

FAST = ("-m", "steps=2", "-m", "lr=1e-3")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ASRU_BENCH_DEBUG", raising=False)


@pytest.fixture
def words(tiny_dir: Path, tmp_path: Path) -> list[str]:
    """A job of the small task of `plugins/`."""
    data = str(write_data(tmp_path / "data"))
    return ["memorise", "--task", TASK, "--model", str(tiny_dir), "--data", data, "--out", str(tmp_path / "v")]


def call(*words: str) -> Result:
    return CliRunner().invoke(cli.app, list(words))


def job(tiny_dir: Path, tmp_path: Path, *texts: str, **changes: Any) -> memorise.Job:
    spec = RunSpec("base", TASK, str(tiny_dir), train=changes.pop("train", "lora"))
    place = Place(model=str(tiny_dir), data=str(write_data(tmp_path / "data")))
    return memorise.Job(spec, place, tmp_path / "v", Texts(texts), **changes)


def manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / models.MANIFEST).read_text())["made_by"]


def weights(path: str | Path) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in models.load(str(path), device="cpu").model.parameters()])


def test_a_hub_folder_becomes_a_vanilla_that_a_run_takes(tiny_dir: Path, tmp_path: Path) -> None:
    data = str(folders.write_mllmu_bench(tmp_path / "hub", 20))
    out = tmp_path / "vanilla"
    common = ["--task", "mllmu_bench", "--model", str(tiny_dir), "--data", data]
    made = call("memorise", *common, "--out", str(out), "--limit", "3", *FAST)
    assert made.exit_code == 0, made.output
    assert "known, of open questions" in made.output
    assert f"--vanilla {out}" in made.output
    assert not out.with_name("vanilla.part").exists()
    assert not (out / models.ADAPTER).exists()
    noted = manifest(out)
    # people 001 to 003; each has four pairs with an answer
    assert (noted["people"], noted["pairs"], noted["config"]["train"], noted["cost"]["steps"]) == (3, 12, "lora", 2)
    known = json.loads((out / "knowledge.json").read_text())
    groups = known["shares"]["vanilla"]
    assert set(groups) == set(known["shares"]["base"]) >= {"trained pictures"}
    assert all(0 <= share["known"] <= share["n"] for share in groups.values())
    assert len((out / "curves.jsonl").read_text().splitlines()) == 2
    assert not torch.equal(weights(out), weights(tiny_dir))
    ran = call(
        *("run", "--method", "vanilla", *common, "--vanilla", str(out), "--out", str(tmp_path / "runs")),
        *("--limit", "2", "--force", "--judge", "value,cloze,choice"),
    )
    assert ran.exit_code == 0, ran.output
    records = [json.loads(p.read_text()) for p in (tmp_path / "runs").glob("mllmu_bench/*/vanilla/*/record.json")]
    assert {r["spec"]["vanilla_hash"] for r in records} == {model_hash(str(out))} != {model_hash(str(tiny_dir))}


def test_lora_is_merged_as_a_reloaded_adapter_is(tiny_dir: Path, tmp_path: Path) -> None:
    made = memorise.memorise(job(tiny_dir, tmp_path, "steps=3", "lr=3e-3"))
    vlm = models.load(str(tiny_dir), device="cpu")
    config = memorise.Config(steps=3, lr=3e-3, train="lora")
    spec = plan.resolve(job(tiny_dir, tmp_path).spec, made_place(tmp_path), sources.resolve(str(tiny_dir)))
    pairs = plan.make_task(spec, made_place(tmp_path), sources.resolve(str(tiny_dir))).memorise_pairs()
    learned = memorise.learn(vlm, pairs, config, seed=0, log=None, stage="test")
    adapter = models.save(learned, tmp_path / "adapter", {})
    assert torch.equal(weights(made.out), weights(adapter.path))


def made_place(tmp_path: Path) -> Place:
    return Place(data=str(tmp_path / "data"))


def test_what_was_learned_is_measured(tiny_dir: Path, tmp_path: Path) -> None:
    """Enough full training and the model knows its one person; the base does not; who was left out stays apart."""
    settings = ("steps=60", "lr=3e-3", "batch_size=1")
    made = memorise.memorise(job(tiny_dir, tmp_path, *settings, train="full", limit=1, without=("Fay",)))
    vanilla, base = made.knowledge.shares["vanilla"], made.knowledge.shares["base"]
    assert vanilla["trained pictures"] == Share(1, 1)
    assert base["trained pictures"] == Share(0, 1)
    assert vanilla["left out: trained pictures"].n == 1
    assert made.knowledge.people == 1
    assert "100 %" in made.knowledge.table()


def test_failed_answers_widen_the_share() -> None:
    share = knowledge.count(["leak", "correct", "refused", "failed"])
    assert share == Share(2, 4, 1)
    assert share.text == "50 to 75 %"
    assert knowledge.count(["leak", "invented"]).text == "50 %"


def test_a_stopped_call_goes_on_without_training_again(
    tiny_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = job(tiny_dir, tmp_path, "steps=2", "lr=1e-3")

    def stop(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(memorise, "measure", stop)
        with pytest.raises(KeyboardInterrupt):
            memorise.memorise(wanted)
    assert not wanted.out.exists()
    assert (wanted.part / "model" / models.MANIFEST).is_file()
    with monkeypatch.context() as patch:
        patch.setattr(memorise, "learn", stop)
        made = memorise.memorise(wanted)
        assert made.made_by["cost"]["steps"] == 2
        assert not wanted.part.exists()
    changed = dataclasses.replace(wanted, out=tmp_path / "w", texts=Texts(("steps=1", "lr=1e-3")))
    wanted.out.rename(tmp_path / "w.part")
    with pytest.raises(AsruBenchError, match="holds something else"):
        memorise.memorise(changed)
    (tmp_path / "w.part" / "key.txt").write_text("of other inputs")  # whose work is not taken for this one's
    assert memorise.memorise(changed).made_by["cost"]["steps"] == 1


def test_the_oracle_is_trained_by_the_recipe_of_its_vanilla(tiny_dir: Path, tmp_path: Path) -> None:
    made = memorise.memorise(job(tiny_dir, tmp_path, "steps=2", "lr=1e-3"))
    place = Place(model=str(tiny_dir), vanilla=str(made.out), data=str(tmp_path / "data"))
    spec = RunSpec("retain_oracle", TASK, str(tiny_dir), train="full")
    resolved = plan.resolve(spec, place, plan.find_source(spec, place))
    assert dict(resolved.method_config) == made.made_by["config"]
    pairs = tuple(TrainingPair(f"{i}", f"{i}", f"Where? {i}", "Riga") for i in range(4))
    data = TrainingData((), pairs[:2], unseen=pairs[2:])
    context = unlearner.Context(
        models.load(str(made.out), device="cpu"), data, workdir=tmp_path, train="full", base_path=str(tiny_dir)
    )
    config = memorise.Config(**resolved.method_config)
    oracle = RetainOracle(config).unlearn(context)
    again = memorise.learn(models.load(str(tiny_dir), device="cpu"), pairs, config, seed=0, log=None, stage="x")
    trained = [n for n, p in oracle.model.named_parameters() if p.requires_grad]
    assert trained
    assert all("lora_" in name for name in trained)
    there = dict(again.model.named_parameters())
    assert all(torch.equal(p, there[n]) for n, p in oracle.model.named_parameters())


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--device", "cuda:99"), "device 'cuda:99' is not available here"),
        (("--train", "half"), "unknown train 'half'"),
        (("-m", "lerning=1"), "memorise has no setting 'lerning'"),
        (("-m", "epochs=0"), "out of range"),
        (("--model", "mini"), "'mini' brings its own vanilla"),
        (("--model", "nowhere"), "unknown model 'nowhere'"),
        (("--people-without", "nobody.txt"), "cannot read nobody.txt"),
    ],
)
def test_bad_input_is_one_line(words: list[str], more: tuple[str, ...], message: str, tmp_path: Path) -> None:
    result = call(*words, *more)
    assert result.exit_code == 1, result.output
    assert message in result.output
    assert result.output.count("error:") == 1
    assert not (tmp_path / "v").exists()


def test_an_output_that_exists_is_kept(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "v").mkdir()
    result = call(*words)
    assert result.exit_code == 1
    assert "exists already; use it (asru-bench run --vanilla" in result.output
    assert not list((tmp_path / "v").iterdir())


def test_people_to_leave_out(tmp_path: Path) -> None:
    pairs = [TrainingPair(f"{p}{i}", p, "Where?", "Riga") for p in "abc" for i in range(2)]
    assert [p.id for p in memorise.choose(pairs, (), None)] == [p.id for p in pairs]
    assert {p.cluster for p in memorise.choose(pairs, ("a",), 1)} == {"b"}
    with pytest.raises(AsruBenchError, match="among them 'd'; expected IDs such as a, b, c"):
        memorise.choose(pairs, ("d",), None)
    with pytest.raises(AsruBenchError, match="nothing to memorise: the task offers 6 pairs about 3 people and 3"):
        memorise.choose(pairs, ("a", "b", "c"), None)
    with pytest.raises(AsruBenchError, match="offers 0 pairs"):
        memorise.choose([], (), None)
    (tmp_path / "ids.txt").write_text("a b # two of them\n\nc\na\n")
    assert memorise.read_people(tmp_path / "ids.txt") == ("a", "b", "c")
    (tmp_path / "ids.txt").write_text("# nobody\n")
    with pytest.raises(AsruBenchError, match="names nobody"):
        memorise.read_people(tmp_path / "ids.txt")


def test_no_room_is_said_before_anything_is_loaded(
    tiny_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    vlm = models.load(str(tiny_dir), device="cpu")
    size = sum(p.numel() * p.element_size() for p in vlm.model.parameters())
    monkeypatch.setattr(models, "load", lambda *_, **__: pytest.fail("loaded"))
    with monkeypatch.context() as patch:
        patch.setattr(memorise.shutil, "disk_usage", lambda _: type("Usage", (), {"free": size}))
        with pytest.raises(AsruBenchError, match=r"has \d+\.\d [MG]B free, vanilla needs about"):
            memorise.memorise(job(tiny_dir, tmp_path, "steps=1"))
    monkeypatch.setattr(room, "_free_host", lambda: size - 1)
    with pytest.raises(AsruBenchError, match=r"too little memory: training .*\(full, float32, adamw\)"):
        memorise.memorise(job(tiny_dir, tmp_path, "steps=1", train="full"))
    half = dataclasses.replace(job(tiny_dir, tmp_path, "steps=1").spec, dtype="bfloat16")
    with pytest.raises(AsruBenchError, match=r"too little memory: merging the adapter .*\(float32\) after training"):
        memorise.memorise(dataclasses.replace(job(tiny_dir, tmp_path, "steps=1"), spec=half))
    assert not (tmp_path / "v").exists()


def test_what_may_not_fit_and_how_long_it_takes_is_said_first(
    tiny_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    card = machines.Machine("a card", 1e6, 500e12, 2e12, False, True)
    monkeypatch.setattr(estimate, "machine_of", lambda place, dtype, gpu="": card)

    def stop(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(models, "load", stop)
    with pytest.raises(KeyboardInterrupt):
        memorise.memorise(job(tiny_dir, tmp_path, "steps=1"))
    said = capsys.readouterr().err
    assert "about 0s on a card (estimated)" in said
    assert "may be needed (estimated), 0 GB are free; if it fails: --grad-checkpoint" in said


def test_too_little_memory_says_what_to_type(tiny_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(memorise, "learn", full)
    with pytest.raises(
        AsruBenchError, match=r"out of memory in memorising \(CUDA out of memory\); use --grad-checkpoint"
    ):
        memorise.memorise(job(tiny_dir, tmp_path, "steps=1"))


def test_no_place_for_an_adapter(tiny_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "_language_linears", lambda _: [])
    with pytest.raises(AsruBenchError, match="no place for LoRA: the language part of Qwen3VL"):
        models.trainable(models.load(str(tiny_dir), device="cpu"), "lora")
