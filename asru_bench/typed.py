"""The words of the command line that a dataclass of options stands for, to be shown and typed again."""

from __future__ import annotations

import shlex
from dataclasses import MISSING, fields
from typing import Any, get_args, get_type_hints


def words(command: str, options: Any) -> str:
    """`asru-bench COMMAND --flag value …` with everything that is not a default."""
    hints = get_type_hints(type(options), include_extras=True)
    found = ["asru-bench", command]
    for field in fields(options):
        value, default = getattr(options, field.name), field.default
        if value is None or (default is not MISSING and value == default):
            continue
        flag = _flag(field.name, hints[field.name])
        if isinstance(value, bool):
            found.append(flag if value else f"--no-{field.name.replace('_', '-')}")
        else:
            for one in value if isinstance(value, list | tuple) else [value]:
                found += [flag, shlex.quote(str(one))]
    return " ".join(found)


def _flag(name: str, hint: Any) -> str:
    """The flag as declared, else called like its field."""
    declared = []
    for extra in get_args(hint)[1:]:  # typer keeps the first name that was given where a default would stand
        declared += [name for name in (extra.default, *(extra.param_decls or ())) if str(name).startswith("-")]
    return declared[0] if declared else f"--{name.replace('_', '-')}"
