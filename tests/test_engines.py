"""Answers equal plain `generate`, one question at a time, however they are batched, cached or spread."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from test_model_families import FAMILIES

from asru_bench import models
from asru_bench.engines import FakeEngine, HFEngine
from asru_bench.losses import mean_nll
from asru_bench.models import VLM
from asru_bench.types import AsruBenchError, Generation, ImageRef, Prompt, Request, ScoreRequest, Turn

QUESTIONS = ["Where was this person born?", "In which city does this person live? Answer with one letter.", "Who?"]


@pytest.fixture(scope="module")
def vlm(tiny_dir: Path) -> VLM:
    return models.load(str(tiny_dir), device="cpu")


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[ImageRef]:
    folder = tmp_path_factory.mktemp("images")
    refs = []
    for i, colour in enumerate(["red", "green", "blue", "white"]):
        Image.new("RGB", (64, 64), colour).save(folder / f"{i}.png")
        refs.append(ImageRef(str(folder / f"{i}.png")))
    return refs


@pytest.fixture(scope="module")
def requests(images: list[ImageRef]) -> list[Request]:
    found = []
    for i, question in enumerate(QUESTIONS * 4):
        prompt = Prompt(question, images[i % 4] if i % 3 else None)
        found.append(Request(f"s{i}", prompt, 6 if i % 2 else 3, ("A", "B") if i % 2 else ()))
    demo = Turn("Who?", "Ada Berg", images[1])
    found.append(Request("demo", Prompt("Who?", images[2], turns=(demo,)), 6))
    return found


def by_sample(items: Any) -> dict[str, Generation]:
    return {g.sample_id: g for g in items}


@pytest.fixture(scope="module")
def answers(vlm: VLM, requests: list[Request]) -> dict[str, Generation]:
    return by_sample(HFEngine(vlm, "weights", batch_size=4).generate(requests))


def test_every_request_is_answered_once(answers: dict[str, Generation], requests: list[Request]) -> None:
    assert set(answers) == {r.sample_id for r in requests}


def test_answers_equal_plain_generation(vlm: VLM, answers: dict[str, Generation], requests: list[Request]) -> None:
    for request in requests:
        batch = models.encode_prompts(vlm, [request.prompt])
        with torch.inference_mode():
            tokens = vlm.model.generate(**batch, do_sample=False, max_new_tokens=request.max_new_tokens)
            first = vlm.model(**batch).logits[0, -1].log_softmax(-1)
        new = tokens[0, batch["input_ids"].shape[1] :]
        answer = answers[request.sample_id]
        assert answer.text == vlm.tokenizer.decode(new, skip_special_tokens=True)
        assert answer.prompt_tokens == batch["input_ids"].shape[1]
        assert answer.finish == ("stop" if int(new[-1]) == vlm.tokenizer.eos_token_id else "length")
        letters = [vlm.tokenizer.encode(letter)[0] for letter in request.options]
        assert answer.option_logprobs == pytest.approx([float(first[i]) for i in letters], abs=2e-5)


def test_neither_batch_nor_workers_nor_order_change_answers(
    vlm: VLM, answers: dict[str, Generation], requests: list[Request]
) -> None:
    alone = by_sample(HFEngine(vlm, "weights", batch_size=1).generate(requests))
    forked = by_sample(HFEngine(vlm, "weights", batch_size=4, workers=2).generate(requests))
    turned = by_sample(HFEngine(vlm, "weights", batch_size=4).generate(requests[::-1]))
    assert forked == answers
    for other in (alone, turned):
        assert {k: (g.key, g.text) for k, g in other.items()} == {k: (g.key, g.text) for k, g in answers.items()}


def test_each_distinct_picture_is_encoded_once(
    vlm: VLM, images: list[ImageRef], requests: list[Request], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy.png"
    copy.write_bytes(Path(images[1].path).read_bytes())
    twin = replace(requests[1], sample_id="twin", prompt=Prompt("Who else?", ImageRef(str(copy))))
    counted: list[int] = []
    vision: Callable[..., Any] = vlm.model.model.visual.forward

    def count(pixels: torch.Tensor, grid_thw: torch.Tensor, **kwargs: Any) -> Any:
        counted.append(len(grid_thw))
        return vision(pixels, grid_thw=grid_thw, **kwargs)

    monkeypatch.setattr(vlm.model.model.visual, "forward", count)
    list(HFEngine(vlm, batch_size=2).generate([*requests, twin]))
    assert sum(counted) == 4 + 1  # the first picture is also encoded alone, as a check
    assert "get_image_features" not in vars(vlm.model.model)


def test_a_family_with_other_features_is_encoded_plainly(
    vlm: VLM, answers: dict[str, Generation], requests: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    from asru_bench import features

    monkeypatch.setattr(features, "_split", lambda output, count: (None, []))
    assert by_sample(HFEngine(vlm, "weights", batch_size=4).generate(requests)) == answers
    monkeypatch.undo()
    monkeypatch.setattr(features, "_same", lambda ours, plain: False)
    assert by_sample(HFEngine(vlm, "weights", batch_size=4).generate(requests)) == answers


def assert_equal(found: dict[str, Generation], expected: dict[str, Generation]) -> None:
    """The same answers, log-probabilities up to rounding."""
    rounded = {name: replace(answer, option_logprobs=()) for name, answer in found.items()}
    assert rounded == {name: replace(answer, option_logprobs=()) for name, answer in expected.items()}
    for name, answer in found.items():
        assert answer.option_logprobs == pytest.approx(expected[name].option_logprobs, abs=2e-5)


def about_pictures(images: list[ImageRef], each: int = 10) -> list[Request]:
    """Ten questions about every picture, no two alike, with limits that differ."""
    wordings = [f"{question}{' Answer.' * (i // 3)}" for i, question in enumerate(QUESTIONS * each)][:each]
    return [
        Request(f"{p}/{i}", Prompt(wording, image), 2 + i % 4, ("A", "B") if i % 2 else ())
        for p, image in enumerate(images)
        for i, wording in enumerate(wordings)
    ]


def test_what_questions_share_is_read_once(vlm: VLM, images: list[ImageRef], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = about_pictures(images)
    engine = HFEngine(vlm, batch_size=16)
    lengths = {stub.sample_id: stub.prompt_tokens for stub in engine.keys(asked)}
    plain = by_sample(HFEngine(vlm, batch_size=16, share=False).generate(asked))
    read: list[tuple[int, int]] = []
    forward = type(vlm.model.model.language_model).forward

    def spy(self: Any, *args: Any, **fields: Any) -> Any:
        read.append(tuple(fields["inputs_embeds"].shape[:2]))
        return forward(self, *args, **fields)

    monkeypatch.setattr(type(vlm.model.model.language_model), "forward", spy)
    found = by_sample(engine.generate(asked))
    assert_equal(found, plain)
    beginnings, *rest = read
    assert beginnings[0] == len(images)
    begun = beginnings[1]
    assert begun >= 16 + 4  # the picture's tokens and what stands before them
    whole = [shape for shape in rest if shape[1] > 1 and shape[0] > 1]
    assert all(width <= max(lengths.values()) - begun for _, width in whole)
    assert sum(rows for rows, _ in whole) == len(asked)


def test_rows_leave_the_batch_when_their_answer_has_ended(
    vlm: VLM, images: list[ImageRef], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [replace(r, max_new_tokens=2 if i % 4 else 12) for i, r in enumerate(about_pictures(images))]
    sizes: list[int] = []
    forward = type(vlm.model.model.language_model).forward

    def spy(self: Any, *args: Any, **fields: Any) -> Any:
        if fields["inputs_embeds"].shape[1] == 1:
            sizes.append(fields["inputs_embeds"].shape[0])
        return forward(self, *args, **fields)

    monkeypatch.setattr(type(vlm.model.model.language_model), "forward", spy)
    found = by_sample(HFEngine(vlm, batch_size=40).generate(asked))
    assert sizes[0] == 40
    assert sizes[-1] <= 10
    monkeypatch.undo()
    assert_equal(found, by_sample(HFEngine(vlm, batch_size=40, share=False).generate(asked)))


@pytest.mark.parametrize("size", [1, 3, 7, 64])
def test_shared_beginnings_make_answers_depend_on_nothing_else(vlm: VLM, images: list[ImageRef], size: int) -> None:
    asked = about_pictures(images, each=5)
    plain = by_sample(HFEngine(vlm, "w", batch_size=1, share=False).generate(asked))
    found = by_sample(HFEngine(vlm, "w", batch_size=size).generate(asked))
    assert_equal(found, plain)


def test_a_model_whose_shared_state_misleads_is_asked_plainly(
    vlm: VLM, images: list[ImageRef], monkeypatch: pytest.MonkeyPatch
) -> None:
    from asru_bench import decoding

    asked = about_pictures(images, each=4)
    plain = by_sample(HFEngine(vlm, batch_size=8, share=False).generate(asked))
    honest = decoding.from_beginnings

    def shuffled(vlm: VLM, shared: Any, which: Any, rest: Any) -> Any:
        return honest(vlm, shared, [0] * len(which), [[5, *own] for own in rest])

    monkeypatch.setattr(decoding, "from_beginnings", shuffled)
    engine = HFEngine(vlm, batch_size=8)
    assert_equal(by_sample(engine.generate(asked)), plain)
    assert not engine.share


@pytest.mark.parametrize("name", FAMILIES)
def test_other_families_are_answered_alike(name: str, images: list[ImageRef], monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    model, processor = FAMILIES[name][0]()
    other = VLM(model.eval(), processor, name)
    asked = [Request(f"s{i}", Prompt(QUESTIONS[i % 3], images[i % 4] if i % 3 else None), 5) for i in range(12)]
    engine = HFEngine(other, batch_size=3)
    encoded: list[int] = []
    plain: Callable[..., Any] = model.base_model.get_image_features

    @functools.wraps(plain)
    def count(*args: Any, **kwargs: Any) -> Any:
        output = plain(*args, **kwargs)
        encoded.append(len(output.pooler_output))
        return output

    monkeypatch.setattr(model.base_model, "get_image_features", count)
    found = by_sample(engine.generate(asked))
    monkeypatch.undo()
    assert sum(encoded) == 4 + 1  # each picture once, and the check of the first
    for request in asked:
        batch = models.encode_prompts(other, [request.prompt])
        with torch.inference_mode():
            tokens = model.generate(
                **batch, do_sample=False, max_new_tokens=5, eos_token_id=sorted(engine._eos), pad_token_id=0
            )
        new = tokens[0, batch["input_ids"].shape[1] :]
        assert found[request.sample_id].text == other.tokenizer.decode(new, skip_special_tokens=True)


def test_equal_requests_are_asked_once(vlm: VLM, requests: list[Request], monkeypatch: pytest.MonkeyPatch) -> None:
    engine = HFEngine(vlm, batch_size=8)
    asked: list[int] = []
    monkeypatch.setattr(engine, "_decode", lambda chunk, f: asked.append(len(chunk)) or [s for _, s in chunk])
    twice = [*requests, *(replace(r, sample_id=r.sample_id + "again") for r in requests)]
    found = list(engine.generate(twice))
    assert len(found) == len(twice) == len({g.sample_id for g in found})
    assert sum(asked) == len({g.key for g in found})


def test_a_chunk_known_in_part_is_computed_again(vlm: VLM, requests: list[Request]) -> None:
    def run(known: dict[str, Generation]) -> tuple[dict[str, Generation], list[int]]:
        engine = HFEngine(vlm, "weights", batch_size=4)
        sizes: list[int] = []
        decode = engine._decode
        engine._decode = lambda chunk, f: (sizes.append(len(chunk)), decode(chunk, f))[1]  # type: ignore[method-assign]
        return by_sample(g for chunk in engine.chunks(requests, known) for g in chunk), sizes

    full, sizes = run({})
    known = {g.key: g for g in full.values()}
    assert run(known) == (full, [])
    first = next(iter(known))
    again, redone = run({k: g for k, g in known.items() if k != first})
    assert again == full
    assert len(redone) == 1
    assert redone[0] in sizes


def test_one_bad_request_takes_no_other_with_it(
    vlm: VLM, answers: dict[str, Generation], requests: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = HFEngine(vlm, "weights", batch_size=4)
    decode = engine._decode

    def fail(chunk: Any, features: Any) -> Any:
        if any(stub.sample_id == "demo" for _, stub in chunk):
            raise RuntimeError("bad kernel")
        return decode(chunk, features)

    monkeypatch.setattr(engine, "_decode", fail)
    found = by_sample(engine.generate(requests))
    assert found["demo"].finish == "error"
    assert found["demo"].error == "RuntimeError: bad kernel"
    assert {k: g.text for k, g in found.items() if k != "demo"} == {
        k: g.text for k, g in answers.items() if k != "demo"
    }


@pytest.mark.parametrize("workers", [1, 2])
def test_a_broken_picture_is_an_error(vlm: VLM, tmp_path: Path, requests: list[Request], workers: int) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    bad = Request("bad", Prompt("Who?", ImageRef(str(broken))), 3)
    with pytest.raises(AsruBenchError, match=r"broken\.png"):
        list(HFEngine(vlm, batch_size=4, workers=workers).generate([*requests, bad]))


def test_errors_of_workers_reach_the_caller(vlm: VLM, requests: list[Request], monkeypatch: pytest.MonkeyPatch) -> None:
    engine = HFEngine(vlm, batch_size=2, workers=2)

    def fail(chunk: Any, features: Any) -> Any:
        raise AsruBenchError("told by a worker")

    monkeypatch.setattr(engine, "_decode", fail)
    with pytest.raises(AsruBenchError, match="told by a worker"):
        list(engine.generate(requests))

    def die(chunk: Any, features: Any) -> Any:
        import os

        os._exit(9)

    monkeypatch.setattr(engine, "_decode", die)
    with pytest.raises(AsruBenchError, match=r"exit code 9.*--workers 1"):
        list(engine.generate(requests))


def test_keys_change_with_checkpoint_and_picture(vlm: VLM, images: list[ImageRef]) -> None:
    request = Request("s", Prompt("Who?", images[0]), 3)
    same = Request("s", Prompt("Who?", images[1]), 3)
    keys = [HFEngine(vlm, name).keys([r])[0].key for name in ("one", "two") for r in (request, same)]
    assert len(set(keys)) == 4


def test_scores_are_mean_logprobs_of_the_answers_own_tokens(vlm: VLM, images: list[ImageRef]) -> None:
    asks = [
        ScoreRequest("a", Prompt("Where was this person born?", images[0]), "This person was born in Riga."),
        ScoreRequest("b", Prompt("Who?"), " Ada Berg "),
        ScoreRequest("c", Prompt("Who?"), ""),
    ]
    scores = HFEngine(vlm, batch_size=2).score(asks)
    for ask, score in zip(asks[:2], scores[:2], strict=True):
        batch = models.encode_pairs(vlm, [(ask.prompt, ask.text.strip())])
        last = int((batch["labels"][0] != -100).nonzero()[-1])
        batch["labels"][0, last] = -100
        with torch.inference_mode():
            assert score == pytest.approx(-float(mean_nll(vlm.model, batch)), abs=2e-5)
    batch = models.encode_pairs(vlm, [(asks[2].prompt, "")])
    with torch.inference_mode():
        assert scores[2] == pytest.approx(-float(mean_nll(vlm.model, batch)), abs=2e-5)
    assert HFEngine(vlm, batch_size=2, workers=2).score(asks) == scores


def test_what_cannot_be_scored_is_not_a_number(
    vlm: VLM, images: list[ImageRef], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = HFEngine(vlm)
    monkeypatch.setattr(engine, "_pair_length", lambda pair: 0)
    assert math.isnan(engine.score([ScoreRequest("a", Prompt("Who?"), "Ada")])[0])
    assert engine.score_key(ScoreRequest("a", Prompt("Who?"), "Ada")) == ""


def test_score_keys_change_with_prompt_and_text(vlm: VLM) -> None:
    engine = HFEngine(vlm, "weights")
    keys = {
        engine.score_key(ScoreRequest("a", Prompt(question), text))
        for question, text in (("Who?", "Ada"), ("Who?", "Berg"), ("Where?", "Ada"))
    }
    assert len(keys) == 3
    assert engine.score_key(ScoreRequest("b", Prompt("Who?"), " Ada")) in keys


def test_fake_engine(requests: list[Request]) -> None:
    asked_first = requests[:3]
    engine = FakeEngine({"s0": "Riga"})
    found = by_sample(g for chunk in engine.chunks(asked_first) for g in chunk)
    assert found["s0"].text == "Riga"
    assert len(found) == len(asked_first)
    asked = list(engine.asked)
    known = {g.key: g for g in found.values()}
    assert by_sample(g for chunk in engine.chunks(asked_first, known) for g in chunk) == found
    assert engine.asked == asked
