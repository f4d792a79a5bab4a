"""Settings that the libraries read when they are imported. Standard library only."""

from __future__ import annotations

import os
import warnings

SETTINGS = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
    # threads that wait for work sleep: spinning ones slow down every other process of the machine
    "OMP_WAIT_POLICY": "PASSIVE",
}


def quiet_libraries() -> None:
    """No bars and advice of the libraries, no source lines, no spinning threads; the user's own settings stay."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    warnings.formatwarning = format_warning


def format_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """Ours as a note in one line; others, which only a developer can use, say where they come from."""
    if category is UserWarning and "asru_bench" in filename:
        return f"note: {message}\n"
    return f"{filename}:{lineno}: {category.__name__}: {message}\n"
