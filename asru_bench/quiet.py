"""Settings that the libraries read when they are imported. Standard library only."""

from __future__ import annotations

import logging
import os
import warnings

from asru_bench import shown

SETTINGS = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
    # threads that wait for work sleep: spinning ones slow down every other process of the machine
    "OMP_WAIT_POLICY": "PASSIVE",
}


#: peft and trl ask transformers by older names; nobody who runs this can change that.
BETWEEN_LIBRARIES = r"`(is_)?gradient_checkpointing\w*` is deprecated"
#: Says on import that a faster kernel of 4-bit weights on CPUs is not there; used or not.
NO_KERNEL = "bitsandbytes.backends.cpu.ops"


def quiet_libraries() -> None:
    """No bars and advice of the libraries, no source lines, no spinning threads; the user's own settings stay."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    warnings.formatwarning = format_warning
    warnings.filterwarnings("ignore", BETWEEN_LIBRARIES, FutureWarning)
    logging.getLogger(NO_KERNEL).setLevel(logging.ERROR)


def format_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """Ours as a note in one line; others, which only a developer can use, say where they come from."""
    if category is UserWarning and "asru_bench" in filename:
        return f"note: {shown.message(message)}\n"
    return f"{filename}:{lineno}: {category.__name__}: {shown.message(message)}\n"
