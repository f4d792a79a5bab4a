"""What the command line says of errors that nobody foresaw, or of places that cannot be used."""

from __future__ import annotations

from typing import Any


def unusable(error: Any) -> str:
    """What to say of an OSError about a file or folder that cannot be used."""
    return (
        f"cannot use {error.filename}: {error.strerror or type(error).__name__}. Expected a place that exists and can "
        "be written: results go to --out, caches to the folder that ASRU_BENCH_HOME names. What was finished is kept."
    )


def unexpected(error: Exception) -> str:
    """What to say of an error that nobody foresaw; its traceback is written to a file in the temporary folder."""
    import tempfile
    import traceback

    lines = "".join(traceback.format_exception(error))
    with tempfile.NamedTemporaryFile("w", prefix="asru-bench-", suffix=".log", delete=False, encoding="utf-8") as log:
        log.write(lines)
    reason = str(error).strip().partition("\n")[0][:300]
    return (
        f"unexpected {type(error).__name__}{': ' if reason else ''}{reason}. What was finished is kept. The traceback "
        f"is in {log.name}; please report it. --debug prints it here."
    )
