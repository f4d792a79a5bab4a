"""Where caches live: `ASRU_BENCH_HOME`, else the user's cache folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def home() -> Path:
    """The cache folder of this user (created by whoever writes into it)."""
    if given := os.environ.get("ASRU_BENCH_HOME"):
        return Path(given).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "asru-bench"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "asru-bench"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "asru-bench"
