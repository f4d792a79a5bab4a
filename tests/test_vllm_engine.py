"""Files go to another Python and answers come back: tested with a stand-in for vLLM behind the real worker."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from asru_bench import models, plan, vllm_engine
from asru_bench.engines import HFEngine
from asru_bench.plan import Place
from asru_bench.types import AsruBenchError, Checkpoint, Generation, ImageRef, Prompt, Request, RunSpec
from asru_bench.vllm_engine import VLLMEngine

STAND_IN = Path(__file__).parent / "stand_in"


def script(path: Path, line: str) -> str:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python that finds the stand-in."""
    file = tmp_path_factory.mktemp("environment") / "python"
    return script(file, f'PYTHONPATH="{STAND_IN}" exec "{sys.executable}" "$@"')


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> list[Request]:
    folder, found = tmp_path_factory.mktemp("pictures"), []
    for i in range(14):
        file = folder / f"{i % 3}.png"
        Image.new("RGB", (64, 64), (80 * (i % 3), 1, 7)).save(file)
        question = f"Where was this person born?{' Who?' * (i // 3)}"
        prompt = Prompt(question, ImageRef(str(file)) if i % 4 else None)
        found.append(Request(f"s{i}", prompt, 3 + i % 4, ("A", "B") if i % 2 else ()))
    return found


@pytest.fixture
def engine(tiny_dir: Path, python: str, tmp_path: Path) -> VLLMEngine:
    return VLLMEngine(Checkpoint(str(tiny_dir), "weights"), python, "float32", tmp_path, part=5)


def ask(engine: Any, requests: list[Request], known: Any = None) -> dict[str, Generation]:
    return {g.sample_id: g for chunk in engine.chunks(requests, known) for g in chunk}


def said(found: dict[str, Generation]) -> dict[str, Any]:
    return {name: (g.text, g.finish, g.prompt_tokens) for name, g in found.items()}


def test_answers_are_those_of_the_model_here(engine: VLLMEngine, tiny_dir: Path, requests: list[Request]) -> None:
    found = ask(engine, requests)
    here = {g.sample_id: g for g in HFEngine(models.load(str(tiny_dir), device="cpu")).generate(requests)}
    assert said(found) == said(here)
    assert engine.facts()["version"] == "0.0-stand-in"
    assert [path.name for path in engine.folder.iterdir()] == ["vllm.log"]
    for name, answer in found.items():  # letters beyond the first 20 alternatives are not given
        assert answer.option_logprobs in ((), pytest.approx(here[name].option_logprobs, abs=1e-4))


def test_what_is_known_is_not_asked(engine: VLLMEngine, requests: list[Request]) -> None:
    found = ask(engine, requests[:5])
    engine.python = "/nowhere"
    assert ask(engine, requests[:5], {g.key: g for g in found.values()}) == found


def test_keys_change_with_weights_text_picture_and_precision(engine: VLLMEngine, requests: list[Request]) -> None:
    one = requests[1]
    others = [
        (engine, replace(one, prompt=replace(one.prompt, question="Who?"))),
        (engine, replace(one, prompt=replace(one.prompt, image=requests[2].prompt.image))),
        (replace(engine, dtype="bfloat16"), one),
        (replace(engine, checkpoint=replace(engine.checkpoint, fingerprint="other")), one),
    ]
    keys = {each.keys([request])[0].key for each, request in [(engine, one), *others]}
    assert len(keys) == 5


def test_draws_are_sampled_by_their_number(engine: VLLMEngine, requests: list[Request]) -> None:
    drawn = [replace(requests[0], sample_id=f"draw {n}", draw=n) for n in range(4)]
    assert len({engine._line(r, "", defaultdict(str))["seed"] for r in [*drawn, replace(requests[1], draw=1)]}) == 5
    found = ask(engine, drawn)
    assert len({g.text for g in found.values()}) > 2
    assert said(ask(engine, drawn[2:3])) == {"draw 2": said(found)["draw 2"]}
    assert found["draw 0"].text == ask(engine, requests[:1])[requests[0].sample_id].text


def test_an_adapter_is_served_over_its_base(
    tiny_dir: Path, python: str, tmp_path: Path, requests: list[Request]
) -> None:
    import torch

    vlm = models.trainable(models.load(str(tiny_dir), device="cpu"), "lora")
    with torch.no_grad():
        for name, weight in vlm.model.named_parameters():
            if "lora_B" in name:
                weight.normal_(0, 0.3)
    made = models.save(vlm, tmp_path / "checkpoint", {})
    found = ask(VLLMEngine(made, python, "float32", tmp_path), requests[:6])
    here = {g.sample_id: g for g in HFEngine(models.load(made.path, device="cpu")).generate(requests[:6])}
    plain = {g.sample_id: g for g in HFEngine(models.load(str(tiny_dir), device="cpu")).generate(requests[:6])}
    assert said(found) == said(here)
    assert said(here) != said(plain)


def test_one_bad_request_takes_no_other_with_it(
    engine: VLLMEngine, requests: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAND_IN_VLLM", "picture")
    found = ask(engine, requests)
    for request in requests:
        answer = found[request.sample_id]
        assert answer.finish == "error" if request.prompt.image else answer.finish in ("stop", "length")
    assert found["s1"].error == "ValueError: no pictures today"


def test_answers_before_a_crash_are_kept(
    engine: VLLMEngine, requests: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAND_IN_VLLM", "die")
    found: dict[str, Generation] = {}

    def keep() -> None:
        for chunk in engine.chunks(requests):
            found.update({g.key: g for g in chunk})

    with pytest.raises(AsruBenchError, match=r"exit code 9 .*vllm\.log"):
        keep()
    assert len(found) == 10  # two whole parts
    monkeypatch.delenv("STAND_IN_VLLM")
    assert len(ask(engine, requests, found)) == len(requests)


def test_a_model_that_does_not_load(
    engine: VLLMEngine, requests: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAND_IN_VLLM", "load")
    with pytest.raises(AsruBenchError, match=r"CUDA out of memory.*-e gpu_memory_utilization"):
        ask(engine, requests[:2])


def test_any_program_that_answers_the_files_will_do(tiny_dir: Path, tmp_path: Path, requests: list[Request]) -> None:
    """The protocol itself, without our worker: half the answers, one of them unfinished."""
    program = tmp_path / "program.py"
    program.write_text(
        "import json, sys\n"
        "job, *asked = [json.loads(line) for line in open(sys.argv[2])]\n"
        "assert job['version'] == 1 and job['adapter'] is None\n"
        "with open(sys.argv[3], 'w') as out:\n"
        "    for r in asked[:2]:\n"
        "        text = f\"{len(r['images'])} {r['max_tokens']}\"\n"
        "        out.write(json.dumps(dict(key=r['key'], text=text, finish='stop', letters=[None])) + '\\n')\n"
        "    out.write(json.dumps(dict(key=asked[2]['key'], text='x', finish='abort')) + '\\n')\n"
    )
    python = script(tmp_path / "python", f'exec "{sys.executable}" "{program}" "$@"')
    engine = VLLMEngine(Checkpoint(str(tiny_dir), "w"), python, "float32", tmp_path)
    found = ask(engine, requests[:4])
    assert [found[f"s{i}"].text for i in range(4)] == ["0 3", "1 4", "", ""]
    assert found["s1"].option_logprobs == ()
    assert (found["s2"].error, found["s3"].error) == ("vllm gave no answer",) * 2


def test_the_worker_without_vllm_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(vllm_engine.WORKER), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == vllm_engine.vllm_worker.NO_VLLM
    assert "vllm is not installed" in done.stderr
    (tmp_path / "r.jsonl").write_text(json.dumps({"version": 99}) + "\n")
    words = [sys.executable, str(vllm_engine.WORKER), str(tmp_path / "r.jsonl"), str(tmp_path / "a.jsonl")]
    env = {"PYTHONPATH": str(STAND_IN)}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == vllm_engine.vllm_worker.OTHER_VERSION


def test_what_is_missing_is_said_before_the_work(
    python: str, tmp_path: Path, tiny_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(vllm_engine.VARIABLE, raising=False)
    with pytest.raises(AsruBenchError, match=r"needs a Python that has vllm.*pip install vllm.*-e python="):
        vllm_engine.check(Place())
    with pytest.raises(AsruBenchError, match=r"there is no program '/nowhere/python'"):
        vllm_engine.check(Place(engine_options=("python=/nowhere/python",)))
    bare = script(tmp_path / "bare", f'exec "{sys.executable}" -I -S "$@"')
    with pytest.raises(AsruBenchError, match=r"has no vllm; install it there: .*bare -m pip install vllm"):
        vllm_engine.check(Place(engine_options=(f"python={bare}",)))
    with pytest.raises(AsruBenchError, match=r"no setting 'quantization'; -e takes python, max_model_len"):
        vllm_engine.check(Place(engine_options=(f"python={python}", "quantization=fp8")))
    with pytest.raises(AsruBenchError, match="max_model_len=long is not a number"):
        vllm_engine.check(Place(engine_options=(f"python={python}", "max_model_len=long")))
    assert vllm_engine.check(Place(engine_options=(f"python={python}",))) == "unknown version"
    monkeypatch.setenv(vllm_engine.VARIABLE, python)
    assert vllm_engine.options(Place(engine_options=("max_model_len=4096", "enforce_eager=true")))[1] == {
        "max_model_len": 4096,
        "enforce_eager": True,
    }
    with pytest.raises(AsruBenchError, match="add --engine vllm"):
        plan.make([RunSpec("ga", "mllmu_bench")], Place(engine_options=("max_model_len=1",)))
