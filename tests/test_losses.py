"""Each formula against a calculation by hand on explicit logits, and padding on the tiny model."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from by_hand import BATCH, LN2, LN4, MODEL, START, Table, probabilities, sigmoid

from asru_bench import encoding, losses, models
from asru_bench.types import Prompt


def test_token_and_sequence_log_probabilities() -> None:
    logps, mask = losses.token_logps(probabilities(*MODEL), BATCH)
    torch.testing.assert_close(logps, torch.tensor([[-LN2, -LN4], [-LN4, 0.0]]))
    assert mask.tolist() == [[True, True], [True, False]]
    torch.testing.assert_close(losses.sequence_logps(probabilities(*MODEL), BATCH), torch.tensor([-LN2 - LN4, -LN4]))


def test_log_probabilities_keep_their_place_behind_a_long_prompt() -> None:
    batch = {"input_ids": torch.zeros(1, 3, dtype=torch.long), "labels": torch.tensor([[-100, -100, 2]])}
    logps, mask = losses.token_logps(probabilities(MODEL[0]), batch)
    torch.testing.assert_close(logps, torch.tensor([[0.0, -LN4]]))
    assert mask.tolist() == [[False, True]]


def test_a_label_on_the_first_token_is_an_error() -> None:
    batch = {"input_ids": torch.zeros(1, 3, dtype=torch.long), "labels": torch.tensor([[1, 1, 2]])}
    with pytest.raises(ValueError, match="first token"):
        losses.mean_nll(probabilities(MODEL[0]), batch)


def test_mean_nll_weighs_tokens_not_sequences() -> None:
    assert losses.mean_nll(probabilities(*MODEL), BATCH).item() == pytest.approx((LN2 + LN4 + LN4) / 3)


def test_mean_kl_is_from_the_reference_and_on_answer_tokens_only() -> None:
    # position 1: 0; position 2: sum p_ref log(p_ref / p); row 1: likewise
    second = 0.25 * math.log(0.25 / 0.5) + 0.25 * math.log(0.25 / 0.25) + 0.5 * math.log(0.5 / 0.25)
    third = 0.25 * math.log(0.25 / 0.5) + 0.5 * math.log(0.5 / 0.25) + 0.0
    model, start = probabilities(*MODEL), probabilities(*START)
    assert losses.mean_kl(model, start, BATCH).item() == pytest.approx((0 + second + third) / 3)
    assert losses.mean_kl(model, model, BATCH).item() == pytest.approx(0, abs=1e-7)
    nll, kl = losses.mean_nll_and_kl(model, start, BATCH)
    assert nll.item() == pytest.approx((LN2 + LN4 + LN4) / 3)
    assert kl.item() == pytest.approx((second + third) / 3)


def test_kl_is_not_symmetric_here() -> None:
    model = probabilities([[0.8, 0.1, 0.1]] * 3)
    start = probabilities([[1 / 3] * 3] * 3)
    batch = {name: value[:1] for name, value in BATCH.items()}
    forward, backward = losses.mean_kl(model, start, batch), losses.mean_kl(start, model, batch)
    assert forward.item() == pytest.approx(sum(math.log(1 / 3 / p) / 3 for p in (0.8, 0.1, 0.1)), rel=1e-5)
    assert abs(forward.item() - backward.item()) > 0.01


def test_npo_sums_over_each_sequence() -> None:
    # S = (ln 8, ln 4), S_ref = (ln 4, ln 2): both exceed by ln 2
    expected = -(2 / 0.5) * math.log(sigmoid(0.5 * LN2))
    loss = losses.npo(probabilities(*MODEL), probabilities(*START), BATCH, beta=0.5)
    assert loss.item() == pytest.approx(expected)
    assert losses.npo(probabilities(*MODEL), probabilities(*MODEL), BATCH, 0.1).item() == pytest.approx(20 * LN2)


def test_npo_as_released_takes_one_mean_for_the_batch() -> None:
    excess = (LN2 + LN4 + LN4) / 3 - LN2
    loss = losses.npo_of_mean(probabilities(*MODEL), probabilities(*START), BATCH, beta=0.4)
    assert loss.item() == pytest.approx(-(2 / 0.4) * math.log(sigmoid(0.4 * excess)))


def gradient(loss: torch.Tensor, model: Table) -> torch.Tensor:
    return torch.autograd.grad(loss, model.logits)[0]


def test_npo_becomes_gradient_ascent_for_small_beta() -> None:
    model, start = probabilities(*MODEL), probabilities(*START)
    ascent = gradient(-losses.mean_nll(model, BATCH), model)
    mean_length = 3 / 2
    torch.testing.assert_close(
        gradient(losses.npo(model, start, BATCH, 1e-4), model), ascent * mean_length, rtol=1e-3, atol=1e-6
    )
    torch.testing.assert_close(
        gradient(losses.npo_of_mean(model, start, BATCH, 1e-4), model), ascent, rtol=1e-3, atol=1e-6
    )
    assert not torch.allclose(gradient(losses.npo(model, start, BATCH, 5.0), model), ascent * 1.5, rtol=0.1)


@pytest.fixture(scope="module")
def two(tiny_dir: Path) -> tuple[models.VLM, models.VLM]:
    vlm = models.load(str(tiny_dir), device="cpu")
    start = models.clone(vlm)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in vlm.model.parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=generator))
    return vlm, start


PAIRS = [
    (Prompt("Where was this person born?"), "In Riga."),
    (Prompt("Where?"), "This person was born in Riga."),
    (Prompt("In which city does this person live? Answer in one sentence."), "Oslo"),
    (Prompt("Works as?"), "I do not know."),
]


def test_a_batch_of_one_equals_a_batch_of_four(two: tuple[models.VLM, models.VLM]) -> None:
    vlm, start = two
    alone = [models.encode_pairs(vlm, [pair]) for pair in PAIRS]
    together = models.encode_pairs(vlm, PAIRS)
    tokens = [int((batch["labels"] != encoding.IGNORE).sum()) for batch in alone]
    for value in (
        lambda b: losses.mean_nll(vlm.model, b),
        lambda b: losses.mean_kl(vlm.model, start.model, b),
    ):
        with torch.no_grad():
            expected = sum(value(b).item() * n for b, n in zip(alone, tokens, strict=True)) / sum(tokens)
            assert value(together).item() == pytest.approx(expected, rel=1e-5)
    with torch.no_grad():
        sums = torch.cat([losses.sequence_logps(vlm.model, b) for b in alone])
        torch.testing.assert_close(losses.sequence_logps(vlm.model, together), sums, rtol=1e-5, atol=1e-5)
        npo = [losses.npo(vlm.model, start.model, b, 0.1).item() for b in alone]
        whole = losses.npo(vlm.model, start.model, together, 0.1).item()
    assert whole == pytest.approx(sum(npo) / 4, rel=1e-5)


def test_only_the_needed_logits_are_computed(two: tuple[models.VLM, models.VLM]) -> None:
    vlm, _ = two
    batch = models.encode_pairs(vlm, PAIRS)
    inputs = {name: value for name, value in batch.items() if name != "labels"}
    with torch.no_grad():
        logps, mask = losses.token_logps(vlm.model, batch)
        logits, labels = losses.answer_logits(vlm.model, batch)
        full = vlm.model(**inputs).logits.log_softmax(-1)
    assert logits.shape[1] == labels.shape[1] < batch["labels"].shape[1]
    assert logps.shape == (4, batch["labels"].shape[1] - 1)
    for i, t in mask.nonzero().tolist():
        token = batch["input_ids"][i, t + 1]
        assert logps[i, t].item() == pytest.approx(full[i, t, token].item(), rel=1e-5)


def test_our_mean_equals_that_of_transformers(two: tuple[models.VLM, models.VLM]) -> None:
    vlm, _ = two
    batch = models.encode_pairs(vlm, PAIRS)
    with torch.no_grad():
        assert losses.mean_nll(vlm.model, batch).item() == pytest.approx(vlm.model(**batch).loss.item(), rel=1e-6)
