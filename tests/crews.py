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

#: Seconds that the processes may take.
PATIENCE = 60


def together(count: int, work: Callable[[int], Any]) -> list[Any]:
    """What `work(rank)` returns in each of `count` processes that train together, or the error that it ends with."""
    context = multiprocessing.get_context("fork")
    pipes = [context.Pipe() for _ in range(count)]
    children = []
    for rank, (_, theirs) in enumerate(pipes):
        child = context.Process(target=_work, args=(rank, count, os.getpid(), work, theirs), daemon=True)
        child.start()
        theirs.close()
        children.append(child)
    try:
        # Only now: the store answers in a thread, and a child forked while that holds a lock of libc waits for ever.
        store = dist.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
        for ours, _ in pipes:
            ours.send(store.port)
        if silent := [rank for rank, (ours, _) in enumerate(pipes) if not ours.poll(PATIENCE)]:
            raise TimeoutError(f"no answer of processes {silent} within {PATIENCE} s each")
        return [pickle.loads(ours.recv_bytes()) for ours, _ in pipes]
    finally:
        for child in children:
            child.kill()
            child.join()


def _work(rank: int, count: int, parent: int, work: Callable[[int], Any], pipe: Any) -> None:
    part = Member(rank, count, count, "127.0.0.1", pipe.recv(), 0, parent)
    os.environ[launch.MEMBER] = json.dumps(asdict(part))
    torch.set_num_threads(1)
    try:
        with ranks.joined(torch.device("cpu")):
            found = work(rank)
    except BaseException as error:
        found = f"{type(error).__name__}: {error}"
    pipe.send_bytes(pickle.dumps(found))
    os._exit(0)
