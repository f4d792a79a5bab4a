"""The baseline methods: each loss by hand on explicit numbers, then one run each on the tiny model."""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from by_hand import BATCH, LN2, LN4, MODEL, START, probabilities, sigmoid

from asru_bench import models, unlearner
from asru_bench.types import AsruBenchError, TrainingData, TrainingPair

NLL, START_NLL = (LN2 + LN4 + LN4) / 3, LN2
NAMES = ("ga", "grad_diff", "kl_min", "npo", "idk")


def method_class(name: str) -> type[unlearner.Unlearner]:
    module = importlib.import_module(f"asru_bench.methods.{name}")
    classes = [c for c in vars(module).values() if isinstance(c, type) and c.__module__ == module.__name__]
    return next(c for c in classes if issubclass(c, unlearner.Unlearner))


def loss(name: str, retain: bool = True, **settings: Any) -> float:
    method: Any = method_class(name)
    value = method(method.Config(**settings)).loss(
        probabilities(*MODEL), BATCH, BATCH if retain else None, probabilities(*START)
    )
    return float(sum(term.item() for term in (value.values() if isinstance(value, dict) else [value])))


def kl() -> float:
    second = 0.25 * math.log(0.5) + 0.5 * math.log(2)
    return (0 + second + second) / 3


def test_ga() -> None:
    assert loss("ga", retain=False) == pytest.approx(-NLL)


def test_grad_diff() -> None:
    assert loss("grad_diff") == pytest.approx(0, abs=1e-6)
    assert loss("grad_diff", retain_weight=3.0) == pytest.approx(2 * NLL)


def test_kl_min() -> None:
    assert loss("kl_min") == pytest.approx(kl())
    assert loss("kl_min", retain_weight=0.0, kl_weight=2.0) == pytest.approx(-NLL + 2 * kl())


def test_npo() -> None:
    ours = -(2 / 0.1) * math.log(sigmoid(0.1 * LN2))
    assert loss("npo") == pytest.approx(ours + NLL)
    assert loss("npo", retain_weight=0.0) == pytest.approx(ours)


def test_npo_as_released() -> None:
    released = -(2 / 0.4) * math.log(sigmoid(0.4 * (NLL - START_NLL)))
    assert loss("npo", variant="release") == pytest.approx(released)
    assert loss("npo", variant="release", retain_weight=1.0) == pytest.approx(released + NLL)


def test_npo_resolves_its_defaults() -> None:
    config: Any = method_class("npo").Config
    assert (config().beta, config().retain_weight) == (0.1, 1.0)
    assert (config(variant="release").beta, config(variant="release").retain_weight) == (0.4, 0.0)
    assert config(variant="release", beta=0.9).beta == 0.9
    with pytest.raises(AsruBenchError, match="unknown variant 'pper'"):
        config(variant="pper")


def test_idk_loss() -> None:
    assert loss("idk", retain_weight=2.0) == pytest.approx(3 * NLL)


def test_idk_refusals_name_what_was_asked_and_vary() -> None:
    method: Any = method_class("idk")()
    known = [TrainingPair(f"p{i}", "c", "Where?", "Riga", attribute="birth_date") for i in range(60)]
    answers = {method.target(pair, 0) for pair in known}
    assert len(answers) >= 8
    assert all("this person's birth date" in answer for answer in answers)
    assert method.target(known[0], 0) == method.target(known[0], 0)
    assert not any("Riga" in answer or "{" in answer for answer in answers)
    assert "the answer to this" in method.target(TrainingPair("p", "c", "Where?", "Riga"), 0)


def test_defaults_are_those_of_the_study() -> None:
    rates = {name: method_class(name).Config().lr for name in NAMES}
    assert rates == {"ga": 2e-5, "grad_diff": 2e-5, "kl_min": 2e-5, "npo": 1e-5, "idk": 2e-5}
    assert all((c.batch_size, c.epochs, c.steps) == (4, 4, None) for c in (method_class(n).Config() for n in NAMES))


def facts(count: int, answer: str) -> tuple[TrainingPair, ...]:
    return tuple(TrainingPair(f"{answer}{i}", f"c{i}", f"Where? {answer[0]} {i}", answer) for i in range(count))


@pytest.fixture(scope="module")
def knowing(tiny_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, TrainingData]:
    """A tiny model that learned four forget and four retain answers."""
    from asru_bench import training

    data = TrainingData(facts(4, "Riga"), facts(4, "Oslo"))
    vlm = models.trainable(models.load(str(tiny_dir), device="cpu"), "full")
    training.sft(vlm, data.forget + data.retain, training.OptimConfig(lr=2e-3, epochs=15))
    return models.save(vlm, tmp_path_factory.mktemp("knowing") / "model", {}).path, data


def nll(vlm: models.VLM, pairs: tuple[TrainingPair, ...]) -> float:
    from asru_bench import losses

    with torch.no_grad():
        return losses.mean_nll(vlm.model, models.encode_pairs(vlm, [(p.prompt, p.answer) for p in pairs])).item()


@pytest.mark.parametrize("train", ["full", "lora"])
@pytest.mark.parametrize("name", NAMES)
def test_each_method_forgets_and_its_checkpoint_reloads(
    knowing: tuple[str, TrainingData], tmp_path: Path, name: str, train: str
) -> None:
    path, data = knowing
    context = unlearner.Context(models.load(path, device="cpu"), data, workdir=tmp_path, train=train)
    before = nll(context.vlm, data.forget)
    config = method_class(name).Config(steps=6, lr=5e-4 if train == "full" else 5e-3)
    vlm = method_class(name)(config).unlearn(context)
    after = nll(vlm, data.forget)
    assert after > before + 0.05
    again = models.load(models.save(vlm, tmp_path / "checkpoint", {}).path, device="cpu")
    assert nll(again, data.forget) == pytest.approx(after, rel=1e-4)
    if "retain" in method_class(name).needs:
        assert nll(again, data.retain) < after


def test_vanilla_changes_nothing(knowing: tuple[str, TrainingData]) -> None:
    path, data = knowing
    context = unlearner.Context(models.load(path, device="cpu"), data)
    before = nll(context.vlm, data.forget)
    assert method_class("vanilla")().unlearn(context) is context.vlm
    assert nll(context.vlm, data.forget) == before


@pytest.mark.parametrize("name", [*NAMES, "vanilla"])
def test_metadata_are_literals_in_a_short_file(name: str) -> None:
    import ast

    source = Path(importlib.import_module(f"asru_bench.methods.{name}").__file__ or "").read_text()
    assert len(source.splitlines()) <= 60
    found = next(n for n in ast.parse(source).body if isinstance(n, ast.ClassDef))
    values = {
        n.targets[0].id: ast.literal_eval(n.value)
        for n in found.body
        if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name)
    }
    assert set(values) >= {"paper", "year", "kind", "needs"}
    assert set(values["needs"]) <= set(unlearner.NEEDS)
