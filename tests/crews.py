"""Training by several processes without a launcher: forks of the test, which talk over the loopback."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import torch
import torch.distributed as dist

from asru_bench import launch, ranks
from asru_bench.launch import Member


def together(count: int, work: Callable[[int], Any]) -> list[Any]:
    """What `work(rank)` returns in each of `count` processes that train together, or the error that it ends with."""
    store = dist.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    context = multiprocessing.get_context("fork")
    pipes = [context.Pipe(duplex=False) for _ in range(count)]
    children = []
    for rank, (_, writer) in enumerate(pipes):
        part = Member(rank, count, count, "127.0.0.1", store.port, 0, os.getpid())
        child = context.Process(target=_work, args=(part, work, writer), daemon=True)
        child.start()
        writer.close()
        children.append(child)
    try:
        return [pickle.loads(reader.recv_bytes()) if reader.poll(60) else "no answer" for reader, _ in pipes]
    finally:
        for child in children:
            child.kill()
            child.join()


def _work(part: Member, work: Callable[[int], Any], writer: Any) -> None:
    os.environ[launch.MEMBER] = json.dumps(asdict(part))
    torch.set_num_threads(1)
    try:
        with ranks.joined(torch.device("cpu")):
            found = work(part.rank)
    except BaseException as error:
        found = f"{type(error).__name__}: {error}"
    writer.send_bytes(pickle.dumps(found))
    os._exit(0)
