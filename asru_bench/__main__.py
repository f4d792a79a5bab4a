"""`python -m asru_bench`."""

from __future__ import annotations

try:
    from asru_bench.cli import main
except ModuleNotFoundError as error:
    if error.name and error.name.startswith("asru_bench"):
        raise
    raise SystemExit(
        f"error: the package {error.name} is missing (a bare checkout cannot run): "
        "type `pip install -e .` in the checkout."
    ) from None

main()
