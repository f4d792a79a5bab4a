"""Work spread over forked processes that share what is in memory: pages of the model are not copied."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from asru_bench.types import AsruBenchError


def forked(parts: Sequence[Any], compute: Callable[[Any], Iterator[Any]], count: int) -> Iterator[Any]:
    """The results of all parts from `count` forked processes, in the order in which they come.

    Each process takes the next part that none has taken; the results of one part keep their order.
    """
    import multiprocessing
    from multiprocessing.connection import wait

    context = multiprocessing.get_context("fork")
    taken = context.Value("i", 0)
    readers: dict[Any, Any] = {}  # pipe -> process
    try:
        for _ in range(count):
            reader, writer = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(parts, taken, compute, writer, reader), daemon=True)
            process.start()
            writer.close()
            readers[reader] = process
        running = dict(readers)
        while running:
            ready: list[Any] = wait(list(running))
            for reader in ready:
                result = _receive(reader, running[reader])
                if result is None:
                    del running[reader]
                else:
                    yield result[0]
    finally:
        for reader, process in readers.items():
            process.terminate()
            process.join()
            reader.close()


def _receive(reader: Any, process: Any) -> tuple[Any] | None:
    """(result,), or None at the end; a worker's error is raised here."""
    try:
        kind, value = reader.recv()
    except EOFError:
        process.join()
        raise AsruBenchError(
            f"a worker process ended unexpectedly (exit code {process.exitcode}); is memory short? "
            "Run again to go on from here, or with --workers 1."
        ) from None
    if kind == "error":
        raise value
    return (value,) if kind == "result" else None


def _work(parts: Sequence[Any], taken: Any, compute: Callable[[Any], Iterator[Any]], writer: Any, reader: Any) -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    reader.close()
    try:
        while (number := _next(taken)) < len(parts):
            for result in compute(parts[number]):
                writer.send(("result", result))
        writer.send(("end", None))
    except BrokenPipeError:
        os._exit(1)
    except AsruBenchError as error:
        writer.send(("error", error))
    os._exit(0)


def _next(taken: Any) -> int:
    with taken.get_lock():
        taken.value += 1
        return taken.value - 1
