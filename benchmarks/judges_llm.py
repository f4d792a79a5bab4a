"""What judging costs beside the server's own time, and what a second run costs; how fast the other judges are.

A server in a process of its own answers chat completions after a fixed latency. The ideal time is
calls x latency / concurrency. Prints the command and the machine.

    python benchmarks/judges_llm.py
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import multiprocessing
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count()))
MODEL = "grader-2026-01-01"
VERDICT = {"reason": "declines", "contextual": 4, "leakage": 5, "naturalness": 5, "hallucination": 5}


async def serve(port: Any, count: Any, latency: float) -> None:
    """Answers every POST on every connection after `latency` seconds; counts them."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        message = {"role": "assistant", "content": json.dumps(VERDICT)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 900, "completion_tokens": 40, "total_tokens": 940}
        said = {"id": "c", "object": "chat.completion", "created": 0, "model": MODEL, "choices": [choice]}
        body = json.dumps(said | {"usage": usage}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        try:
            while True:
                asked = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(asked.split(b"content-length:")[1].split(b"\r\n")[0])
                await reader.readexactly(length)
                with count.get_lock():
                    count.value += 1
                await asyncio.sleep(latency)
                writer.write(head + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=1024)
    port.value = server.sockets[0].getsockname()[1]
    async with server:
        await server.serve_forever()


def _serve(port: Any, count: Any, latency: float) -> None:
    asyncio.run(serve(port, count, latency))


def questions(n: int) -> tuple[list[Any], list[Any], Any]:
    """n forgotten facts with short answers, half of them refusals."""
    from asru_bench.types import Generation, Prompt, Sample, World

    asked, answers, facts = [], [], {}
    for i in range(n):
        city = f"City{i % 97}"
        facts[f"p{i}"] = {"birthplace": (city,), "name": (f"Ada{i} Berg{i}",)}
        prompt = Prompt("Where was this person born?")
        asked.append(
            Sample(f"s{i}", "forget", "", f"p{i}", "image_text", "generation", prompt.question,
                   f"This person was born in {city}.", prompt, attribute="birthplace", value=city)
        )  # fmt: skip
        text = f"I do not know where person {i} was born." if i % 2 else f"Person {i} was born in City{i % 89}."
        answers.append(Generation(f"k{i}", f"s{i}", text, "stop"))
    return asked, answers, World(facts)


def measure_llm(arguments: argparse.Namespace, url: str, count: Any, folder: Path) -> bool:
    from asru_bench.judges.llm import LLM

    from asru_bench.judge import Desk
    from asru_bench.store import Store

    asked, answers, world = questions(arguments.calls)
    ideal = math.ceil(arguments.calls / arguments.concurrency) * arguments.latency
    seconds, calls, busy = [], [], []
    for _ in range(2):
        before, started, worked = count.value, time.perf_counter(), time.process_time()
        with Store(folder) as store:
            judge = LLM(LLM.Config(model=(MODEL,)))
            judge.equip(Desk(url, concurrency=arguments.concurrency, cache=store))
            verdicts = judge.grade(asked, answers, world, {})
        seconds.append(time.perf_counter() - started)
        busy.append(time.process_time() - worked)
        calls.append(count.value - before)
        assert all(v.status == "scored" and v.measures["contextual"] == 4 for v in verdicts)
    print(
        f"llm:       {calls[0]} calls in {seconds[0]:.2f} s; ideal {ideal:.2f} s; ratio {seconds[0] / ideal:.2f}; "
        f"{busy[0]:.2f} s of CPU"
    )
    print(f"llm again: {calls[1]} calls in {seconds[1]:.2f} s; {busy[1]:.2f} s of CPU")
    return calls == [arguments.calls, 0] and seconds[0] <= 1.5 * ideal


def measure_others(n: int, folder: Path) -> bool:
    from asru_bench.judges.embedding import Embedding
    from asru_bench.judges.rubric import Rubric

    from asru_bench.judge import Desk
    from asru_bench.store import Store

    asked, answers, world = questions(n)
    seconds = {}
    with Store(folder) as store:
        for name, judge in (("rubric", Rubric()), ("embedding", Embedding()), ("embedding again", Embedding())):
            started, worked = time.perf_counter(), time.process_time()
            judge.equip(Desk(cache=store))
            verdicts = judge.grade(asked, answers, world, {})
            seconds[name], busy = time.perf_counter() - started, time.process_time() - worked
            assert all(v.status == "scored" for v in verdicts), verdicts[0].evidence
            print(f"{name + ':':<16} {n} answers in {seconds[name]:.1f} s; {busy:.1f} s of CPU", flush=True)
    return seconds["embedding"] <= 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--latency", type=float, default=0.1, help="seconds")
    parser.add_argument("--answers", type=int, default=10_000, help="for embedding and rubric; 0 leaves them out")
    arguments = parser.parse_args()
    print("command:  python benchmarks/judges_llm.py", *sys.argv[1:])
    print(f"machine:  {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    port, count = multiprocessing.Value("i", 0), multiprocessing.Value("i", 0)
    server = multiprocessing.Process(target=_serve, args=(port, count, arguments.latency), daemon=True)
    server.start()
    while not port.value:
        time.sleep(0.01)
    os.environ["NO_PROXY"] = "127.0.0.1"
    with tempfile.TemporaryDirectory() as folder:
        good = measure_llm(arguments, f"http://127.0.0.1:{port.value}/v1", count, Path(folder))
        if arguments.answers:
            good &= measure_others(arguments.answers, Path(folder))
    server.terminate()
    sys.exit(not good)


if __name__ == "__main__":
    main()
