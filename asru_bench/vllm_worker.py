"""Answers a file of requests with vLLM, in vLLM's own environment: imports the standard library, vllm and pillow only.

    PYTHON vllm_worker.py --check
    PYTHON vllm_worker.py REQUESTS ANSWERS

REQUESTS is JSON lines. The first line is the job: `version`, `model` (folder), `adapter` (folder or null), `dtype`,
`pictures` (the most that one prompt shows), `part` (requests handed over at once) and `settings` (arguments of
`vllm.LLM`). Every other line is a request: `key`, `prompt` (text as the model's own template renders it), `images`
(files beside REQUESTS), `max_tokens` and `letters` (token ids whose log-probability as first token is wanted).

ANSWERS is JSON lines too, each written as soon as it is known. The first says which `vllm` answers; every other holds
`key`, `text`, `finish` (stop, length or error), `error`, `prompt_tokens`, `new_tokens` and `letters` (log-probability
of each letter, null where vLLM does not give it).
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any

VERSION = 1
#: Exit codes that the caller explains.
NO_VLLM, OTHER_VERSION = 3, 4
#: The most alternatives that vLLM gives for a token unless it is told otherwise.
TOP = 20


def main(arguments: list[str]) -> int:
    """The exit code: 0, or one of the above."""
    if importlib.util.find_spec("vllm") is None:
        print("vllm is not installed for this Python", file=sys.stderr)
        return NO_VLLM
    if arguments == ["--check"]:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(version("vllm"))
        except PackageNotFoundError:
            print("unknown version")
        return 0
    requests, answers = map(Path, arguments)
    lines = [json.loads(line) for line in requests.read_text(encoding="utf-8").splitlines()]
    job, asked = lines[0], lines[1:]
    if job["version"] != VERSION:
        print(f"the requests are of version {job['version']}, this worker reads {VERSION}", file=sys.stderr)
        return OTHER_VERSION
    with answers.open("w", encoding="utf-8") as stream:
        work(job, asked, requests.parent, lambda line: say(stream, line))
    return 0


def work(job: dict[str, Any], asked: list[dict[str, Any]], folder: Path, tell: Any) -> None:
    """Asks the model part by part and tells every answer."""
    import vllm

    adapter = {"enable_lora": True, "max_lora_rank": 256} if job["adapter"] else {}
    model = vllm.LLM(
        model=job["model"],
        dtype=job["dtype"],
        seed=0,
        generation_config="vllm",  # not the sampling that the model's folder asks for
        max_logprobs=TOP,
        limit_mm_per_prompt={"image": max(1, job["pictures"])},
        **(adapter | job["settings"]),
    )
    lora = None
    if job["adapter"]:
        from vllm.lora.request import LoRARequest

        lora = LoRARequest("asru-bench", 1, job["adapter"])
    tell({"vllm": getattr(vllm, "__version__", "")})
    for start in range(0, len(asked), job["part"]):
        part = asked[start : start + job["part"]]
        try:
            for line in answer(model, part, folder, lora):
                tell(line)
        except Exception:  # one bad request takes no other with it
            for request in part:
                tell(alone(model, request, folder, lora))


def answer(model: Any, part: list[dict[str, Any]], folder: Path, lora: Any) -> list[dict[str, Any]]:
    """The answers to requests that are handed over together, greedy, or sampled where they bring a seed."""
    from vllm import SamplingParams

    said = model.generate(
        [_prompt(request, folder) for request in part],
        [
            SamplingParams(
                temperature=0.0 if request["seed"] is None else 1.0,
                seed=request["seed"],
                max_tokens=request["max_tokens"],
                logprobs=TOP if request["letters"] else None,
                skip_special_tokens=True,
                spaces_between_special_tokens=False,
            )
            for request in part
        ],
        lora_request=lora,
        use_tqdm=False,
    )
    return [_line(request, output) for request, output in zip(part, said, strict=True)]


def alone(model: Any, request: dict[str, Any], folder: Path, lora: Any) -> dict[str, Any]:
    """The answer to one request, or the reason why there is none."""
    try:
        return answer(model, [request], folder, lora)[0]
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        return {"key": request["key"], "text": "", "finish": "error", "error": reason}


def say(stream: Any, line: dict[str, Any]) -> None:
    """One line, on the disk when this returns."""
    stream.write(json.dumps(line) + "\n")
    stream.flush()
    os.fsync(stream.fileno())


def _prompt(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    if not request["images"]:
        return {"prompt": request["prompt"]}
    from PIL import Image

    pictures = [Image.open(folder / name).convert("RGB") for name in request["images"]]
    return {
        "prompt": request["prompt"],
        "multi_modal_data": {"image": pictures[0] if len(pictures) == 1 else pictures},
    }


def _line(request: dict[str, Any], output: Any) -> dict[str, Any]:
    said = output.outputs[0]
    if said.finish_reason not in ("stop", "length"):
        reason = f"vllm ended the answer with {said.finish_reason!r}"
        return {"key": request["key"], "text": "", "finish": "error", "error": reason}
    first = said.logprobs[0] if said.logprobs else {}
    return {
        "key": request["key"],
        "text": said.text,
        "finish": said.finish_reason,
        "error": "",
        "prompt_tokens": len(output.prompt_token_ids or ()),
        "new_tokens": len(said.token_ids),
        "letters": [first[token].logprob if token in first else None for token in request["letters"]],
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
