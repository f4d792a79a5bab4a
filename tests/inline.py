"""A run without a child process: unlearning in the process of the test."""

from __future__ import annotations

from asru_bench import stages, trainer
from asru_bench.folder import RunFolder
from asru_bench.types import AsruBenchError


class Inline:
    """Stands in for a child process: does its work when waited for."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder, self.code = folder, None

    def poll(self) -> int | None:
        return self.code

    def wait(self, timeout: float | None = None) -> int:
        try:
            stages.unlearn(self.folder)
            self.code = 0
        except AsruBenchError as error:
            trainer.report(self.folder, str(error))
            self.code = 1
        return self.code

    def terminate(self) -> None:
        self.code = -15
