"""Pictures and texts that a processor refuses: one failed answer among sound ones, and a named row before training."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import own_folders
import pytest
from asru_bench.tasks.folder import Config, Folder
from families import FAMILIES
from PIL import Image
from typer.testing import CliRunner

from asru_bench import cli, inputs, models, store
from asru_bench.data_check import check
from asru_bench.engines import HFEngine
from asru_bench.merging import merged
from asru_bench.models import VLM
from asru_bench.types import AsruBenchError, Generation, ImageRef, Prompt, Request, Turn

#: A control token of each family's own tokenizer or processor.
OWN = {"qwen3": "<|image_pad|>", "qwen": "<|vision_start|>", "llava": "<image>", "gemma": "<start_of_image>"}


def saved(folder: Path, name: str, size: tuple[int, int], seed: int = 0) -> ImageRef:
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / name)
    return ImageRef(str(folder / name))


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> list[ImageRef]:
    folder = tmp_path_factory.mktemp("faces")
    return [saved(folder, f"{i}.png", (64, 64), i) for i in range(3)]


@pytest.fixture(scope="module")
def thin(tmp_path_factory: pytest.TempPathFactory) -> ImageRef:
    return saved(tmp_path_factory.mktemp("thin"), "thin.png", (2, 600))


@pytest.fixture(params=sorted(OWN))
def family(request: pytest.FixtureRequest) -> VLM:
    make: Callable[[], Any] = FAMILIES[request.param][0]
    model, processor = make()
    return VLM(model.eval(), processor, request.param)


def asked(prompts: dict[str, Prompt]) -> list[Request]:
    return [Request(name, prompt, 4) for name, prompt in prompts.items()]


def answers(engine: Any, requests: list[Request]) -> dict[str, Generation]:
    return {g.sample_id: g for chunk in engine.chunks(requests) for g in chunk}


def test_a_control_token_is_one_failed_answer_and_the_others_stay(family: VLM, faces: list[ImageRef]) -> None:
    token = OWN[family.path]
    sound = {f"s{i}": Prompt(f"Where was this person born?{' Who?' * i}", faces[i % 3]) for i in range(5)}
    bad = {
        "inside": Prompt(f"What is {token} here?"),
        "beside a picture": Prompt(f"{token} and {token}?", faces[0]),
        "end of turn": Prompt(f"Who?{family.tokenizer.eos_token}"),
        "in a demonstration": Prompt("Who?", faces[1], turns=(Turn(f"{token}?", "Ada", None),)),
        "in the system": Prompt("Who?", system=f"Say {token}"),
    }
    alone = answers(HFEngine(family, batch_size=4), asked(sound))
    found = answers(HFEngine(VLM(family.model, family.processor, family.path), batch_size=4), asked(bad | sound))
    assert {name: found[name] for name in sound} == alone
    assert {found[name].finish for name in bad} == {"error"}
    errors = [found[name].error for name in bad]
    assert all(text.startswith("refused: ") and ("control token" in text or "2 places" in text) for text in errors)
    assert token in found["inside"].error


def test_tokens_of_other_families_are_words(family: VLM) -> None:
    others = [token for token in ("[INST]", "<|start_header_id|>", "<IMG_CONTEXT>") if token not in OWN[family.path]]
    prompts = {token: Prompt(f"What is {token}?") for token in others}
    assert {g.finish for g in answers(HFEngine(family), asked(prompts)).values()} <= {"stop", "length"}
    assert inputs.prompt_fault(family, Prompt("a < b, <b>bold</b> | x |, [1], im_start")) == ""


def test_a_picture_that_is_refused_is_one_failed_answer(tiny_dir: Path, faces: list[ImageRef], thin: ImageRef) -> None:
    engine = HFEngine(models.load(str(tiny_dir), device="cpu"), batch_size=4)
    sound = {f"s{i}": Prompt(f"Where was this person born?{' Who?' * (i // 2)}", faces[i % 2]) for i in range(6)}
    alone = answers(HFEngine(models.load(str(tiny_dir), device="cpu"), batch_size=4), asked(sound))
    bad = {
        "thin": Prompt("Who?", thin),
        "thin too": Prompt("Where?", thin),
        "turn": Prompt("A?", turns=(Turn("Q", "A", thin),)),
    }
    found = answers(engine, asked(bad | sound))
    assert {name: found[name] for name in sound} == alone
    for name in bad:
        assert found[name].finish == "error"
        assert "thin.png (2 x 600)" in found[name].error
        assert "aspect ratio" in found[name].error
    assert engine.vlm.cache.together[True]  # the refusal does not slow the others down
    assert len({found[name].key for name in bad}) == 3


def test_a_refused_question_is_left_out_of_batches() -> None:
    stub = Generation("k", "bad", "", "error")
    asked_by, by_key = merged([Request("bad", Prompt("q"), 3)], [stub])
    assert (asked_by, by_key) == ({}, {})


def test_likelihoods_of_what_is_refused_are_not_numbers(tiny_dir: Path, thin: ImageRef) -> None:
    from asru_bench.types import ScoreRequest

    engine = HFEngine(models.load(str(tiny_dir), device="cpu"))
    prompts = (Prompt("Who?", thin), Prompt("<|im_end|>?"), Prompt("Who?"))
    values = engine.score([ScoreRequest(str(i), prompt, "Riga") for i, prompt in enumerate(prompts)])
    assert [value == value for value in values] == [False, False, True]


# The place of a picture.


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("<image>\nWho is this?", ["image", "Who is this?"]),
        ("<image>Who is this?", ["image", "Who is this?"]),
        (" \n<image> Who?", ["image", "Who?"]),
        ("Look: <image> Who?", ["Look: ", "image", " Who?"]),
        ("Who is this?\n<image>", ["Who is this?\n", "image"]),
        ("Who?", ["image", "Who?"]),
        ("<image> or <image>?", ["image", "<image> or <image>?"]),
        ("<Image>\nWho?", ["image", "<Image>\nWho?"]),
    ],
)
def test_where_the_picture_stands(faces: list[ImageRef], text: str, parts: list[str]) -> None:
    (chat,) = models.messages(Prompt(text, faces[0]))
    assert [part.get("text", "image") for part in chat["content"]] == parts
    (plain,) = models.messages(Prompt(text))
    assert plain["content"] == [{"type": "text", "text": text}]


def test_a_row_in_llavas_form_is_asked_as_one_without(family: VLM, faces: list[ImageRef]) -> None:
    plain, marked = Prompt("Who is this?", faces[0]), Prompt("<image>\nWho is this?", faces[0])
    first, second = (models.encode_prompts(family, [prompt]) for prompt in (plain, marked))
    assert all(first[name].equal(second[name]) for name in first)
    inside = models.render(family, Prompt("Look: <image> Who?", faces[0]))
    if family.path != "llava":  # its template writes pictures first
        assert inside.index("Look") < inside.index(OWN[family.path] if family.path == "gemma" else "<|image_pad|>")


def test_two_places_for_one_picture(family: VLM, faces: list[ImageRef]) -> None:
    (found,) = answers(HFEngine(family), asked({"q": Prompt("<image> or <image>?", faces[0])})).values()
    assert "2 places <image> for one picture" in found.error


# Servers.


def test_servers_are_not_asked_and_pictures_keep_their_place(faces: list[ImageRef]) -> None:
    pytest.importorskip("openai")
    from loopback import MODEL, Loopback

    from asru_bench.openai_engine import OpenAIEngine

    prompts = {
        "bad": Prompt("What is <|vision_start|>?"), "text": Prompt("<image>?"), "good": Prompt("Who?"),
        "placed": Prompt("Look: <image> Who?", faces[0]), "first": Prompt("<image>\nWho?", faces[0]),
    }  # fmt: skip
    with Loopback() as server:
        engine = OpenAIEngine(server.url, MODEL, "weights", timeout=5.0)
        stubs = {g.sample_id: g for g in engine.keys(asked(prompts))}
        found = answers(engine, asked(prompts))
    assert [name for name, g in found.items() if g.finish == "error"] == ["bad", "text"]
    assert "control token" in found["bad"].error
    assert len({stub.key for stub in stubs.values()}) == 5


def test_vllm_is_not_asked(tiny_dir: Path, tmp_path: Path) -> None:
    from asru_bench.types import Checkpoint
    from asru_bench.vllm_engine import VLLMEngine

    engine = VLLMEngine(Checkpoint(str(tiny_dir), "weights"), "no python", "float32", tmp_path)
    (found,) = answers(engine, asked({"bad": Prompt("Hi<|im_end|>")})).values()
    assert (found.finish, found.error.startswith("refused: ")) == ("error", True)


# Data and whole runs.


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return own_folders.write_own(tmp_path / "own")


def spoil(own: Path, role: str) -> tuple[int, int]:
    """A thin picture and a control token in two rows of Jon Ferro, who is forgotten; their numbers."""
    saved(own / "pictures", "thin.png", (2, 600))
    with (own / "people.csv").open("a", encoding="utf-8") as file:
        file.write(f"What is his job?,Jon Ferro is a pilot.,Jon Ferro,pictures/thin.png,{role},\n")
        file.write(f"What does <|image_pad|> mean to Jon Ferro?,Nothing at all to him.,Jon Ferro,,{role},\n")
    return 61, 62


def task(own: Path) -> Folder:
    return Folder(Config(forget_people=str(own.parent / "forget.txt")), data=str(own))


def test_data_check_names_row_and_column(own: Path, tiny_dir: Path) -> None:
    thin_row, token_row = spoil(own, "test")
    (found,) = check(task(own))  # whichever model: well-known tokens
    file = str(own / "people.csv")
    assert (found.level, found.file, found.row, found.column) == ("warning", file, token_row, "question")
    words = ["data", "check", "folder", "--data", str(own), "-t", f"forget_people={own.parent / 'forget.txt'}"]
    ran = CliRunner().invoke(cli.app, [*words, "--model", str(tiny_dir), "--json", str(own.parent / "found.json")])
    assert ran.exit_code == 0, ran.output
    told = json.loads((own.parent / "found.json").read_text())
    assert [(f["level"], f["file"], f["row"], f["column"]) for f in told] == [
        ("warning", file, token_row, "question"), ("warning", file, thin_row, "image"),
    ]  # fmt: skip
    assert "2 x 600" in told[1]["words"]


def test_places_of_pictures_are_no_fault(own: Path) -> None:
    with (own / "people.csv").open("a", encoding="utf-8") as file:
        file.write('"<image>\nWho is shown?",It is Mara Holt.,Mara Holt,pictures/00-1.png,test,\n')
        file.write("What is a <|box|> or [IMG]?,A token.,Mara Holt,,test,\n")
        file.write("Is <b>this</b> a < b > c?,Yes it is so.,Mara Holt,,test,\n")
        file.write("<image> Who?,It is Mara.,Mara Holt,,test,\n")
    assert [(f.check, f.row) for f in check(task(own))] == [(inputs.CHECK, 62), (inputs.CHECK, 64)]


def run_words(own: Path, tiny_dir: Path) -> list[str]:
    words = ["run", "--method", "ga", "--task", "folder", "--model", str(tiny_dir), "--data", str(own), "--force"]
    words += ["-t", f"forget_people={own.parent / 'forget.txt'}", "-m", "steps=1", "-m", "lr=1e-4", "--limit", "2"]
    return [*words, "--out", str(own.parent / "runs")]


def test_a_run_counts_them_as_failed_and_is_done(
    own: Path, tiny_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    numbers = spoil(own, "test")
    ran = CliRunner().invoke(cli.app, run_words(own, tiny_dir))
    assert ran.exit_code == 0, ran.output
    (record,) = (tmp_path / "runs").glob("folder/*/ga/*/record.json")
    told = store.read_generations(record.parent / "generations.parquet")
    failed = {g.sample_id for g in told if g.finish == "error"}
    assert {int(name.rpartition("/")[2]) for name in failed} == {*numbers}
    verdicts = [v for v in store.read_verdicts(record.parent / "verdicts.parquet") if v.sample_id in failed]
    assert verdicts
    assert {v.status for v in verdicts} <= {"failed", "unavailable"}
    assert not [v for v in verdicts if v.label]
    assert json.loads((record.parent / "state.json").read_text())["generate"]  # asked again it would be refused again


def test_rows_that_cannot_be_trained_on_stop_before_training(
    own: Path, tiny_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    thin_row, token_row = spoil(own, "")
    ran = CliRunner().invoke(cli.app, run_words(own, tiny_dir))
    assert isinstance(ran.exception, (AsruBenchError, SystemExit))
    vlm = models.load(str(tiny_dir), device="cpu")
    with pytest.raises(
        AsruBenchError, match=rf"people.csv, row {thin_row}, column 'image': .*2 x 600.*\(2 such in all\)"
    ):
        inputs.require(task(own), task(own).training_data().forget, vlm)
    errors = [(f.row, f.column) for f in check(task(own), vlm) if f.level == "error"]
    assert errors == [(token_row, "question"), (thin_row, "image")]
