"""Settings that the libraries read when they are imported. Standard library only."""

from __future__ import annotations

import os

SETTINGS = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
    # threads that wait for work sleep: spinning ones slow down every other process of the machine
    "OMP_WAIT_POLICY": "PASSIVE",
}


def quiet_libraries() -> None:
    """No bars and advice of the libraries on the terminal, no spinning threads; the user's own settings stay."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
