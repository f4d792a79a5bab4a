"""Files that are truncated, empty, of another shape or not there: read without a traceback, and said once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from asru_bench import shown

_told: set[str] = set()


def read_json(file: Path, shape: type = dict, missing: Any = None) -> Any:
    """What a JSON file holds; None where it is damaged or of another shape, `missing` where it is not there."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return missing
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, shape) else None


def tell(text: str) -> None:
    """Says on standard error what was found and done, each thing once a process."""
    if text not in _told:
        _told.add(text)
        shown.say(f"note: {text}")
