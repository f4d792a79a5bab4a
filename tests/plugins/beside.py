"""A method that ends in the second of several processes, in the second step: `ASRU_TEST_BESIDE` says how."""

from __future__ import annotations

import os
import signal
from typing import Any

from asru_bench import losses, ranks
from asru_bench.training import LossUnlearner


class Beside(LossUnlearner):
    year = 2026
    kind = "test"
    needs = ("forget",)
    calls = 0

    def loss(self, model: Any, forget: Any, retain: Any, reference: Any) -> Any:
        self.calls += 1
        how = os.environ.get("ASRU_TEST_BESIDE", "")
        if how and ranks.rank() == 1 and self.calls == 2:
            if how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise ValueError("a wire came loose")
        return -losses.mean_nll(model, forget)
