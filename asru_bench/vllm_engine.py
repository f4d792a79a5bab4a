"""Answers from vLLM, which has an environment of its own: requests and answers are files; see docs/engines.md.

vLLM pins its own torch and transformers, so this process never imports it. It writes `requests.jsonl` and the
pictures, starts `vllm_worker.py` with the other environment's Python and reads `answers.jsonl` while it grows.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench import fingerprint, store, vllm_worker
from asru_bench.encoding import pictures_of, render
from asru_bench.engines import DECIMALS
from asru_bench.inputs import prompt_fault
from asru_bench.merging import fan_out, merged, refused, refused_stub
from asru_bench.seeds import draw_seed
from asru_bench.types import AsruBenchError, Checkpoint, Generation, Request, ScoreRequest

if TYPE_CHECKING:
    from asru_bench.folder import RunFolder
    from asru_bench.models import VLM
    from asru_bench.plan import Place

#: Names the Python that has vllm where `-e python=PATH` does not.
VARIABLE = "ASRU_BENCH_VLLM_PYTHON"
WORKER = Path(vllm_worker.__file__)
#: Arguments of `vllm.LLM` that change speed and memory, never what is asked; with their types.
SETTINGS: dict[str, type] = {
    "max_model_len": int,
    "max_num_seqs": int,
    "tensor_parallel_size": int,
    "gpu_memory_utilization": float,
    "enforce_eager": bool,
}
#: Long enough for the longest question; vLLM's own default is the model's whole context, which fills the GPU.
DEFAULTS = {"max_model_len": 8192}
PART = 512
CHECK_SECONDS = 60.0
HOW = (
    "make an environment for it and name its Python: python3 -m venv vllm-env && vllm-env/bin/pip install vllm, then "
    f"-e python=vllm-env/bin/python (or export {VARIABLE}=…)"
)


def options(place: Place) -> tuple[str, dict[str, Any]]:
    """(Python, arguments of `vllm.LLM`) from what was typed as `-e`; raises `AsruBenchError` for what is unknown."""
    from asru_bench import config

    typed = config.split(place.engine_options)
    python = typed.pop("python", "") or os.environ.get(VARIABLE, "")
    settings: dict[str, Any] = dict(DEFAULTS)
    for name, text in typed.items():
        if name not in SETTINGS:
            raise AsruBenchError(f"--engine vllm has no setting {name!r}; -e takes python, {', '.join(SETTINGS)}.")
        try:
            settings[name] = text.lower() in ("true", "1", "yes") if SETTINGS[name] is bool else SETTINGS[name](text)
        except ValueError:
            raise AsruBenchError(f"-e {name}={text} is not a number; expected a {SETTINGS[name].__name__}.") from None
    return python, settings


def check(place: Place) -> str:
    """The version of vllm in the environment that was named; an error says what to type where there is none."""
    python, _ = options(place)
    if not python:
        raise AsruBenchError(f"--engine vllm needs a Python that has vllm; {HOW}.")
    found = shutil.which(str(Path(python).expanduser()))
    if found is None:
        raise AsruBenchError(f"--engine vllm: there is no program {python!r}; {HOW}.")
    try:
        done = subprocess.run(
            [found, str(WORKER), "--check"], capture_output=True, text=True, timeout=CHECK_SECONDS, env=_environment()
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AsruBenchError(f"--engine vllm: {python} does not run ({error}); {HOW}.") from error
    if done.returncode == vllm_worker.NO_VLLM:
        raise AsruBenchError(f"--engine vllm: {python} has no vllm; install it there: {python} -m pip install vllm")
    if done.returncode:
        raise AsruBenchError(f"--engine vllm: {python} does not run ({_last_line(done.stderr)}); {HOW}.")
    return done.stdout.strip()


def connect(checkpoint: Checkpoint, folder: RunFolder) -> VLLMEngine:
    """The engine that answers as a checkpoint, with its files in the run's folder while it works."""
    python, settings = options(folder.place)
    return VLLMEngine(
        checkpoint, python, folder.spec.dtype, folder.path, settings, part=folder.place.batch_size or PART
    )


@dataclass
class VLLMEngine:
    """One checkpoint, answered by `python`; `folder` is where files lie meanwhile, `part` requests go at once."""

    checkpoint: Checkpoint
    python: str
    dtype: str
    folder: Path
    settings: Mapping[str, Any] = field(default_factory=lambda: dict(DEFAULTS))
    part: int = PART
    name: str = "vllm"
    _facts: dict[str, Any] = field(default_factory=dict, repr=False)

    def keys(self, requests: Sequence[Request]) -> list[Generation]:
        return [self._stub(request) for request in requests]

    def chunks(
        self, requests: Sequence[Request], known: Mapping[str, Generation] | None = None
    ) -> Iterator[list[Generation]]:
        known, stubs = known or {}, self.keys(requests)
        if bad := refused(stubs):
            yield bad
        asked, distinct = merged(requests, stubs)
        if stored := [known[key] for key in distinct if key in known]:
            yield fan_out(stored, asked)
        todo = {key: item for key, item in distinct.items() if key not in known}
        if todo:
            for answer in self._ask(todo):
                yield fan_out([answer], asked)

    def score(self, requests: Sequence[ScoreRequest]) -> list[float]:
        """Likelihoods of given texts are computed by the engine `hf`."""
        return [math.nan for _ in requests]

    def score_key(self, request: ScoreRequest) -> str:
        return ""

    def facts(self) -> dict[str, Any]:
        """What the record says of this engine."""
        return {"name": self.name, "dtype": self.dtype, "settings": dict(self.settings), **self._facts}

    def _ask(self, todo: Mapping[str, tuple[Request, Generation]]) -> Iterator[Generation]:
        """The answers as the worker writes them; what it leaves out is a failure of that question."""
        left = dict(todo)
        with store.explained(self.folder), tempfile.TemporaryDirectory(prefix="vllm-", dir=self.folder) as name:
            work = Path(name)
            self._write(work, [request for request, _ in todo.values()], list(todo))
            for line in self._run(work):
                if "vllm" in line:
                    self._facts = {"version": line["vllm"]}
                elif (item := left.pop(str(line.get("key")), None)) is not None:
                    yield _generation(*item, line)
        for _, stub in left.values():
            yield replace(stub, finish="error", error="vllm gave no answer")

    def _write(self, work: Path, requests: Sequence[Request], keys: Sequence[str]) -> None:
        """`requests.jsonl` and every distinct picture once, as PNG: the same pixels, whatever the file was."""
        from asru_bench.data import open_image

        files = {}
        for ref in {ref for request in requests for ref in pictures_of(request.prompt)}:
            files[ref] = f"{fingerprint.image_hash(ref)}.png"
            if not (work / files[ref]).is_file():
                open_image(ref).save(work / files[ref], "PNG")
        model, adapter = _servable(self.checkpoint, work / "merged")
        job = {
            "version": vllm_worker.VERSION,
            "model": model,
            "adapter": adapter,
            "dtype": self.dtype,
            "pictures": max(len(pictures_of(request.prompt)) for request in requests),
            "part": self.part,
            "settings": dict(self.settings),
        }
        lines = [job, *(self._line(request, key, files) for request, key in zip(requests, keys, strict=True))]
        (work / "requests.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    def _line(self, request: Request, key: str, files: Mapping[Any, str]) -> dict[str, Any]:
        tokenizer, text = self._reader.tokenizer, self._text(request)
        return {
            "key": key,
            "prompt": text,
            "images": [files[ref] for ref in pictures_of(request.prompt)],
            "max_tokens": request.max_new_tokens,
            "seed": draw_seed(request.draw, fingerprint.digest(text), _images(request)),
            "letters": [tokenizer.encode(letter, add_special_tokens=False)[0] for letter in request.options],
        }

    def _run(self, work: Path) -> Iterator[dict[str, Any]]:
        """Lines of `answers.jsonl` while the worker goes on; raises `AsruBenchError` where it breaks."""
        answers, log = work / "answers.jsonl", self.folder / "vllm.log"
        command = [str(Path(self.python).expanduser()), str(WORKER), str(work / "requests.jsonl"), str(answers)]
        with log.open("wb") as stream:
            worker = subprocess.Popen(
                command, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL, env=_environment()
            )
            try:
                yield from _growing(answers, worker)
            finally:
                worker.terminate()
                try:
                    worker.wait(10)
                except subprocess.TimeoutExpired:
                    worker.kill()
                    worker.wait()
        if worker.returncode:
            said = _last_line(log.read_text(encoding="utf-8", errors="replace"))
            raise AsruBenchError(
                f"vllm stopped with exit code {worker.returncode} ({said}); the answers so far are kept, all that it "
                f"said is in {log}. Too little GPU memory: -e gpu_memory_utilization=0.8 or -e max_model_len=4096."
            )

    def _stub(self, request: Request) -> Generation:
        """The key holds the text that is sent: vLLM makes its own tokens of it."""
        images = _images(request)
        numerics = "/".join((self.name, self.dtype))
        if fault := prompt_fault(self._reader, request.prompt):
            return refused_stub(request, fault, self.checkpoint.fingerprint, numerics)
        text = fingerprint.digest(self._text(request))
        key = fingerprint.request_key(request, text, images, self.checkpoint.fingerprint, numerics)
        return Generation(key, request.sample_id, "", "", image_hash=images)

    def _text(self, request: Request) -> str:
        """The rendered prompt without the token that vLLM's tokenizer puts before it anyway."""
        bos = self._reader.tokenizer.bos_token
        text = render(self._reader, request.prompt)
        return text.removeprefix(bos) if bos else text

    @cached_property
    def _reader(self) -> VLM:
        """Processor and template of the checkpoint, without weights."""
        from asru_bench.models import VLM
        from asru_bench.pretrained import load_processor

        base, _ = _parts(self.checkpoint)
        return VLM(None, load_processor(base), base)


def _images(request: Request) -> str:
    return fingerprint.images_hash(pictures_of(request.prompt))


def _growing(answers: Path, worker: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    """Whole lines as they are written, until the worker has ended."""
    rest, place = b"", 0
    while True:
        ended = worker.poll() is not None
        if answers.is_file():
            with answers.open("rb") as stream:
                stream.seek(place)
                new = stream.read()
            place += len(new)
            *lines, rest = (rest + new).split(b"\n")
            for line in lines:
                yield json.loads(line)
        if ended:
            return
        time.sleep(0.1)


def _generation(request: Request, stub: Generation, line: Mapping[str, Any]) -> Generation:
    if line.get("finish") not in ("stop", "length"):
        return replace(stub, finish="error", error=str(line.get("error") or "vllm gave no answer"))
    letters = line.get("letters") or []
    whole = len(letters) == len(request.options) and all(isinstance(value, (int, float)) for value in letters)
    return replace(
        stub,
        text=line["text"],
        finish=line["finish"],
        prompt_tokens=line.get("prompt_tokens", 0),
        new_tokens=line.get("new_tokens", 0),
        option_logprobs=tuple(round(float(value), DECIMALS) for value in letters) if whole else (),
    )


def _parts(checkpoint: Checkpoint) -> tuple[str, str | None]:
    """(model folder or hub id, adapter folder) of a checkpoint."""
    from asru_bench.models import ADAPTER, MANIFEST

    folder = Path(checkpoint.path)
    if not (folder / ADAPTER).is_dir():
        return checkpoint.path, None
    return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["base"], str(folder / ADAPTER)


def _servable(checkpoint: Checkpoint, merged_copy: Path) -> tuple[str, str | None]:
    """The same where vLLM can read it; a base that is itself only an adapter or a difference is merged first."""
    from asru_bench import models

    base, adapter = _parts(checkpoint)
    folder = Path(base)
    if not folder.is_dir() or (folder / "config.json").is_file():
        return base, adapter
    vlm = models.load(checkpoint.path, device="cpu")
    vlm.model.save_pretrained(merged_copy)
    vlm.processor.save_pretrained(merged_copy)
    return str(merged_copy), None


def _environment() -> dict[str, str]:
    """Ours without what would send the other Python to our packages."""
    hidden = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
    return {name: value for name, value in os.environ.items() if name not in hidden}


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1].strip()
