"""Our generation against the official loop's way: one question at a time, its image encoded each time.

Same model, same questions, greedy, one run; the answers must be equal. Prints the command and the machine.

    python benchmarks/generate.py
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")


def official(vlm, requests) -> list[str]:
    """`processor` and `generate` for every single question, as MLLMU-Bench's eval.py does."""
    import torch

    from asru_bench.data import open_image
    from asru_bench.models import render

    answers = []
    for request in requests:
        image = request.prompt.image
        pictures = {"images": [open_image(image)]} if image else {}
        batch = vlm.processor(text=[render(vlm, request.prompt)], return_tensors="pt", **pictures).to(vlm.device)
        with torch.inference_mode():
            tokens = vlm.model.generate(**batch, do_sample=False, max_new_tokens=request.max_new_tokens)
        new = tokens[0, batch["input_ids"].shape[1] :]
        answers.append(vlm.tokenizer.decode(new, skip_special_tokens=True))
    return answers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--model", default="mini")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()

    import torch
    from asru_bench.tasks.mllmu_bench import Config, MLLMUBench

    from asru_bench import sources
    from asru_bench.engines import HFEngine
    from asru_bench.models import load
    from asru_bench.types import Decoding

    torch.set_num_threads(1)
    source = sources.resolve(arguments.model)
    task = MLLMUBench(Config(), data=source.data("mllmu_bench"), seed=0, limit=None)
    samples = [s for s in task.samples() if s.role in ("test", "retain_unseen")]
    step = max(1, len(samples) // arguments.questions)
    requests = [task.request(sample, Decoding()) for sample in samples[::step]]
    path = source.vanilla("mllmu_bench") or source.base

    vlm = load(path, device="cpu")
    start = time.perf_counter()
    theirs = official(vlm, requests)
    slow = time.perf_counter() - start

    vlm = load(path, device="cpu")
    start = time.perf_counter()
    found = {g.sample_id: g.text for g in HFEngine(vlm, workers=arguments.workers).generate(requests)}
    fast = time.perf_counter() - start

    different = sum(found[r.sample_id].strip() != t.strip() for r, t in zip(requests, theirs, strict=True))
    print("command:  python benchmarks/generate.py", *sys.argv[1:])
    print(f"machine:  {platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}")
    print(f"official: {len(requests)} questions in {slow:.1f} s ({len(requests) / slow:.1f}/s)")
    print(f"ours:     {len(requests)} questions in {fast:.1f} s ({len(requests) / fast:.1f}/s)")
    print(f"ratio:    {slow / fast:.1f}; different answers: {different}")
    sys.exit(different > 0)


if __name__ == "__main__":
    main()
