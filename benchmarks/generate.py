"""Our generation against the official loop's way and against plain batched `generate`, on the same questions.

Official: one question at a time, its image encoded each time, as MLLMU-Bench's eval.py does. Batched: sorted by
length, as many questions at once as ours, images encoded for every question. Questions with a picture only, all that
each person's picture is asked (9 or more). Greedy, the answers must be equal. The three take turns, person by person,
in one process with nothing kept between turns, so that other work on the machine meets all three alike. Ours is
timed twice: in one process, and with `--workers` of one thread each. Prints the command and the machine.

    python benchmarks/generate.py
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

#: Fewer questions than this about a picture are left out.
LEAST = 9


def official(vlm, requests) -> list[str]:
    """`processor` and `generate` for every single question."""
    return [text for request in requests for text in plain(vlm, [request])]


def batched(vlm, requests, size: int) -> list[str]:
    """`processor` and `generate` for batches of questions of similar length."""
    from asru_bench.models import render

    order = sorted(
        range(len(requests)), key=lambda i: (requests[i].max_new_tokens, len(render(vlm, requests[i].prompt)))
    )
    answers: dict[int, str] = {}
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        answers |= dict(zip(chosen, plain(vlm, [requests[i] for i in chosen]), strict=True))
    return [answers[i] for i in range(len(requests))]


def plain(vlm, requests) -> list[str]:
    """The answers of one batch, cut to each question's own limit."""
    import torch

    from asru_bench.data import open_image
    from asru_bench.models import render

    texts = [render(vlm, request.prompt) for request in requests]
    images = [[open_image(request.prompt.image)] for request in requests]
    batch = vlm.processor(text=texts, images=images, return_tensors="pt", padding=True, padding_side="left")
    most = max(request.max_new_tokens for request in requests)
    with torch.inference_mode():
        tokens = vlm.model.generate(**batch.to(vlm.device), do_sample=False, max_new_tokens=most)
    new = tokens[:, batch["input_ids"].shape[1] :]
    cut = [row[: request.max_new_tokens] for row, request in zip(new, requests, strict=True)]
    return [vlm.tokenizer.decode(row, skip_special_tokens=True) for row in cut]


def ours(vlm, requests, workers: int) -> list[str]:
    """The engine `hf`."""
    from asru_bench.engines import HFEngine

    found = {answer.sample_id: answer.text for answer in HFEngine(vlm, workers=workers).generate(requests)}
    return [found[request.sample_id] for request in requests]


class Clock:
    """Seconds of wall clock and of all processes' CPU, and the answers, of one way."""

    def __init__(self, name: str, answer: Callable) -> None:
        self.name, self.answer = name, answer
        self.wall = self.cpu = 0.0
        self.answers: list[str] = []

    def turn(self, vlm, requests) -> None:
        """Answers with a cache that is empty, and adds the time."""
        from asru_bench.encoding import EncodingCache
        from asru_bench.fingerprint import image_hash

        vlm.cache = EncodingCache()
        image_hash.cache_clear()
        wall, cpu = time.perf_counter(), used()
        self.answers += [text.strip() for text in self.answer(vlm, requests)]
        self.wall, self.cpu = self.wall + time.perf_counter() - wall, self.cpu + used() - cpu


def used() -> float:
    """CPU seconds of this process and of its children that have ended."""
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in parts)


def questions(model: str):
    """(path of vanilla, the requests about each picture) of the embedded or another model."""
    from asru_bench.tasks.mllmu_bench import Config, MLLMUBench

    from asru_bench import sources
    from asru_bench.types import Decoding

    source = sources.resolve(model)
    task = MLLMUBench(Config(), data=source.data("mllmu_bench"), seed=0, limit=None)
    groups: dict = {}
    for sample in task.samples():
        if sample.prompt.image and sample.role in ("test", "retain_unseen"):
            groups.setdefault((sample.role, sample.cluster), []).append(task.request(sample, Decoding()))
    kept = [g for g in groups.values() if min(Counter(r.prompt.image for r in g).values()) >= LEAST]
    return source.vanilla("mllmu_bench") or source.base, kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=60, help="how many people's questions")
    parser.add_argument("--together", type=int, default=60, help="people whose questions are one turn")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--model", default="mini")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()

    import torch

    from asru_bench.models import load

    torch.set_num_threads(1)
    path, groups = questions(arguments.model)
    groups = groups[: arguments.people]
    ways = [
        Clock("official", official),
        Clock("batched", lambda vlm, requests: batched(vlm, requests, arguments.batch_size)),
        Clock("ours", lambda vlm, requests: ours(vlm, requests, 1)),
        Clock(f"ours, {arguments.workers} workers", lambda vlm, requests: ours(vlm, requests, arguments.workers)),
    ]
    vlm = load(path, device="cpu")
    for way in ways:
        way.answer(vlm, groups[0])  # what is done once in a process
    for start in range(0, len(groups), arguments.together):
        requests = [request for group in groups[start : start + arguments.together] for request in group]
        for way in ways:
            way.turn(vlm, requests)
    report(ways, arguments, f"torch {torch.__version__}")


def report(ways: list[Clock], arguments: argparse.Namespace, library: str) -> None:
    """The table; exit code 1 where answers differ."""
    print("command:", "python benchmarks/generate.py", *sys.argv[1:])
    print(f"machine: {platform.machine()}, {os.cpu_count()} cores, {library}, load {os.getloadavg()[0]:.1f}")
    first, second = ways[:2]
    count, differ = len(first.answers), 0
    print(f"{count} questions with a picture, {LEAST} or more about each picture")
    print(f"{'':<18} {'wall':>8} {'CPU':>8} {'a second':>9} {'x official':>11} {'x batched':>10} {'differ':>7}")
    for way in ways:
        own = sum(a != b for a, b in zip(way.answers, first.answers, strict=True))
        differ += own
        times = f"{way.wall:7.1f}s {way.cpu:7.1f}s {count / way.wall:9.1f}"
        print(f"{way.name:<18} {times} {first.wall / way.wall:11.1f} {second.wall / way.wall:10.1f} {own:7}")
    print(f"by CPU time, ours in one process: {first.cpu / ways[2].cpu:.1f} x official, ", end="")
    print(f"{second.cpu / ways[2].cpu:.1f} x batched")
    sys.exit(differ > 0)


if __name__ == "__main__":
    main()
