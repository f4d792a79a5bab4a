"""Several processes that train one model take the steps of one process, whatever the loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from asru_bench.methods.asru import ASRU
from asru_bench.methods.ga import GradientAscent
from asru_bench.methods.grad_diff import GradientDifference
from asru_bench.methods.npo import NPO
from crews import together
from tiny_world import PEOPLE, write_data
from transformers.modeling_outputs import CausalLMOutput

from asru_bench import fit, grpo, models, ranks
from asru_bench.types import AsruBenchError, ImageRef, TrainingData, TrainingPair
from asru_bench.unlearner import Context

STEPS = {"steps": 3, "lr": 1e-3, "batch_size": 3}


@pytest.fixture
def data(tmp_path: Path) -> TrainingData:
    """Questions with and without pictures, answers of several lengths."""
    folder = write_data(tmp_path / "pictures")
    pairs = [
        TrainingPair(f"p{i}", person, f"Where {'is ' * i}he?", "Riga " * (i % 3 + 1), image=picture)
        for i, person in enumerate(PEOPLE)
        for picture in [ImageRef(str(folder / f"{person}.png")) if i % 3 else None]
    ]
    return TrainingData(tuple(pairs[:4]), tuple(pairs[4:]))


def trained(
    tiny: Path, data: TrainingData, workdir: Path, method: Any, train: str = "full", vlm: Any = None, **more: Any
) -> torch.Tensor:
    """The trained weights; float64, so that only what is computed matters and not in which order."""
    vlm = vlm or models.load(str(tiny), device="cpu")
    vlm.model.double()
    ctx = Context(vlm, data, workdir=workdir, train=train, **more)
    made = method.unlearn(ctx)
    return torch.cat([p.detach().flatten() for p in made.model.parameters() if p.requires_grad])


@pytest.mark.parametrize(
    ("count", "method", "train"),
    [
        (2, GradientAscent(GradientAscent.Config(**STEPS)), "full"),
        (2, NPO(NPO.Config(**STEPS, variant="release", retain_weight=1.0)), "lora"),
        (4, GradientDifference(GradientDifference.Config(**STEPS, max_grad_norm=1.0)), "full"),
    ],
)
def test_steps_are_those_of_one_process(
    count: int, method: Any, train: str, tiny_dir: Path, data: TrainingData, tmp_path: Path, monkeypatch: Any
) -> None:
    """3 questions for 2 processes are 2 + 1, for 4 one has none; the loss of NPO's release is no sum over questions."""
    monkeypatch.setitem(models.LORA, "lora_dropout", 0.0)
    idle = trained(tiny_dir, data, tmp_path, type(method)(type(method).Config(steps=0)), train)
    alone = trained(tiny_dir, data, tmp_path, method, train)
    (tmp_path / "curves.jsonl").unlink()
    found = together(count, lambda rank: trained(tiny_dir, data, tmp_path, method, train))
    for weights in found:
        assert torch.equal(weights, found[0])
        assert float((weights - alone).abs().max()) < 1e-9
    assert float((alone - idle).abs().max()) > 1e-3
    assert len((tmp_path / "curves.jsonl").read_text().splitlines()) == 3  # one process writes


def test_a_process_sees_its_share_only(tiny_dir: Path, data: TrainingData, tmp_path: Path) -> None:
    def rows(rank: int) -> list[int]:
        vlm = models.load(str(tiny_dir), device="cpu")
        seen: list[int] = []
        plain = vlm.model.forward
        vlm.model.forward = lambda **inputs: (seen.append(len(inputs["input_ids"])), plain(**inputs))[1]
        trained(tiny_dir, data, tmp_path, GradientAscent(GradientAscent.Config(steps=1, batch_size=3)), vlm=vlm)
        return seen

    assert together(2, rows) == [[2], [1]]


def test_gradients_of_some_processes_only() -> None:
    def work(rank: int) -> list[Any]:
        weights = [torch.nn.Parameter(torch.zeros(2)) for _ in range(3)]
        weights[0].grad = torch.tensor([1.0, 2.0]) * (rank + 1)
        if rank:
            weights[1].grad = torch.ones(2)
        ranks.average(weights)
        return [None if w.grad is None else w.grad.tolist() for w in weights]

    assert together(2, work) == [[[1.5, 3.0], [0.5, 0.5], None]] * 2


def test_dropout_is_drawn_by_each_and_other_numbers_by_all_alike(tiny_dir: Path) -> None:
    def work(rank: int) -> tuple[float, float]:
        drawn = []

        class Net(torch.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.weight = torch.nn.Parameter(torch.ones(1))

            def forward(self, input_ids: torch.Tensor) -> Any:
                drawn.append(float(torch.rand(())))
                return CausalLMOutput(logits=input_ids[..., None] * self.weight)

        net = Net()
        torch.manual_seed(7)
        with ranks.shared(net):
            out = net(input_ids=torch.tensor([[1], [2]]))
        assert out.logits.flatten().tolist() == [1.0, 2.0]
        return drawn[0], float(torch.rand(()))

    (one, common), (other, again) = together(2, work)
    assert one != other
    assert common == again


def test_memory_that_runs_out_in_one_process_halves_the_parts_of_all(
    tiny_dir: Path, data: TrainingData, tmp_path: Path
) -> None:
    def work(rank: int) -> Any:
        vlm = models.load(str(tiny_dir), device="cpu")
        plain = vlm.model.forward

        def narrow(**inputs: Any) -> Any:
            if rank == 1 and len(inputs["input_ids"]) > 1:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return plain(**inputs)

        vlm.model.forward = narrow
        chosen = fit.Fit()
        method = GradientAscent(GradientAscent.Config(steps=2, batch_size=4, lr=1e-3))
        return trained(tiny_dir, data, tmp_path, method, vlm=vlm, fit=chosen), chosen.notes

    alone = trained(tiny_dir, data, tmp_path, GradientAscent(GradientAscent.Config(steps=2, batch_size=4, lr=1e-3)))
    for weights, notes in together(2, work):
        assert float((weights - alone).abs().max()) < 1e-9
        assert notes == {"microbatch": 1}


def test_an_error_in_one_process_stops_the_other(tiny_dir: Path, data: TrainingData, tmp_path: Path) -> None:
    class Breaks(GradientAscent):
        def loss(self, *args: Any) -> Any:
            if ranks.rank() == 1:
                raise AsruBenchError("the second one breaks")
            return super().loss(*args)

    found = together(2, lambda rank: trained(tiny_dir, data, tmp_path, Breaks(GradientAscent.Config(**STEPS))))
    assert found == ["_Stopped: 3", "AsruBenchError: the second one breaks"]


def test_processes_that_go_on_from_different_steps_are_stopped() -> None:
    found = together(2, lambda rank: ranks.same("the step to go on from", 4 * rank))
    assert [text.partition(";")[0] for text in found] == [
        f"AsruBenchError: processes differ in the step to go on from: here {4 * rank}. All need the same folders: give "
        "paths on a shared disk."
        for rank in (0, 1)
    ]


def test_a_stopped_training_goes_on_in_all_processes(tiny_dir: Path, data: TrainingData, tmp_path: Path) -> None:
    method = GradientDifference(GradientDifference.Config(**STEPS))

    def work(rank: int, stop: bool) -> Any:
        chosen = fit.Fit(folder=tmp_path / "snapshots", save_every=0)
        if stop:
            method.loss = stopping(method.loss)
        return trained(tiny_dir, data, tmp_path, method, fit=chosen)

    def stopping(loss: Any) -> Any:
        calls: list[int] = []

        def counted(*args: Any) -> Any:
            calls.append(1)
            if len(calls) == 3:
                raise AsruBenchError("stopped")
            return loss(*args)

        return counted

    through = trained(tiny_dir, data, tmp_path, method)
    assert together(2, lambda rank: work(rank, stop=True)) == ["AsruBenchError: stopped"] * 2
    assert [file.name for file in (tmp_path / "snapshots").iterdir()] == ["stage-1.pt"]
    for weights in together(2, lambda rank: work(rank, stop=False)):
        assert float((weights - through).abs().max()) < 1e-9


@pytest.mark.parametrize("train", ["full", "lora"])
def test_both_stages_of_asru(
    train: str, tiny_dir: Path, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first process samples for all; random numbers that differ before do not matter."""
    monkeypatch.setattr(grpo, "make_reward", lambda *_: lambda answers, cases, done: [float(len(a)) for a in answers])
    pictured = TrainingData(*(tuple(p for p in side if p.image) for side in (data.forget, data.retain)))
    settings = {"layer": 1, "rollouts": 2, "prompts": 2, "group": 3, "minibatch": 6, "answer_tokens": 5, "rl_lr": 1e-4}
    method = ASRU(ASRU.Config(**settings, microbatch=3, positive="vanilla", face_count=3))

    def run(rank: int) -> torch.Tensor:
        vlm = models.load(str(tiny_dir), device="cpu")
        ctx = Context(vlm, pictured, workdir=tmp_path, train=train, base_path=str(tiny_dir))
        torch.manual_seed(rank)
        made = method.unlearn(ctx)
        return torch.cat([p.detach().flatten() for p in made.model.parameters()])

    before = torch.cat([p.detach().flatten() for p in models.load(str(tiny_dir), device="cpu").model.parameters()])
    alone = run(5)
    one, other = together(2, run)
    assert float((one - other).abs().max()) == 0
    assert float((one - alone).abs().max()) < 1e-5
    assert float((alone - before).abs().max()) > 1e-4
