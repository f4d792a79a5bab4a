"""A plug-in's settings: its `Config` dataclass from defaults, a model's presets and `key=value` texts."""

from __future__ import annotations

import difflib
import json
import math
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, asdict, fields
from typing import Any, Literal, get_args, get_origin

from asru_bench.types import AsruBenchError

YES, NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
NOTHING = ("none", "null", "")


def build(cls: type, *layers: Mapping[str, Any], texts: Iterable[str] = (), owner: str = "this plug-in") -> Any:
    """The frozen config: defaults, then each layer of values, then the user's texts `key=value`.

    Values are checked against the annotations and against `low`, `high` and `choices` of a field's metadata.
    Unknown keys, wrong types and values out of range are errors that name `owner`.
    """
    hints = typing.get_type_hints(cls)
    known = {f.name: f for f in fields(cls) if f.init}
    values: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            _check_known(key, known, owner)
            values[key] = _convert(value, hints[key], known[key], owner)
    for key, text in split(texts).items():
        _check_known(key, known, owner)
        values[key] = _parse(text, hints[key], known[key], owner)
    try:
        config = cls(**values)
    except (TypeError, ValueError) as error:
        raise AsruBenchError(f"settings of {owner} do not fit: {error}.") from error
    for field in known.values():
        _check_range(field, getattr(config, field.name), owner)
    return config


def split(texts: Iterable[str]) -> dict[str, str]:
    """`["a=1", "b=x=y"]` -> `{"a": "1", "b": "x=y"}`; a text without "=" and a key given twice are errors."""
    found: dict[str, str] = {}
    for text in texts:
        key, sign, value = text.partition("=")
        if not sign or not key.strip():
            raise AsruBenchError(
                f"setting {text!r} is not key=value, such as -m lr=1e-4 (method) or -t unseen=0.1 (task)."
            )
        if key.strip() in found:
            raise AsruBenchError(f"setting {key.strip()!r} is given twice; keep one of them.")
        found[key.strip()] = value.strip()
    return found


def values(config: Any) -> dict[str, Any]:
    """The resolved settings as JSON holds them: tuples become lists."""
    return json.loads(json.dumps(asdict(config)))


def describe(cls: type) -> list[tuple[str, str, str, str]]:
    """(name, type, default, help) of each setting, for lists on the terminal."""
    hints = typing.get_type_hints(cls)
    rows = []
    for field in fields(cls):
        default = "" if field.default is MISSING else field.metadata.get("ours", field.default)
        rows.append((field.name, _type_name(hints[field.name]), str(default), field.metadata.get("help", "")))
    return rows


def shown(value: Any) -> str:
    """A value as it is typed."""
    if isinstance(value, tuple | list):
        return ",".join(map(str, value)) or "none"
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _check_known(key: str, known: Mapping[str, Any], owner: str) -> None:
    if key in known:
        return
    near = difflib.get_close_matches(key, known, n=2, cutoff=0.6)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else ""
    listed = ", ".join(known) or "none"
    raise AsruBenchError(f"{owner} has no setting {key!r}; {hint or f'it has: {listed}.'}")


def _parse(text: str, hint: Any, field: Field, owner: str) -> Any:
    """A text by its annotation: numbers, truth values, comma-separated tuples, JSON for mappings."""
    for option in _options(hint):
        value = _try_parse(text, option)
        if value is not MISSING:
            return value
    if text.lower() in NOTHING and field.default is None:
        return None
    raise AsruBenchError(f"setting {field.name}={text!r} of {owner} is not {_type_name(hint)}{_default(field)}.")


def _try_parse(text: str, hint: Any) -> Any:
    """The value, or MISSING where the text does not read as this type."""
    origin = get_origin(hint)
    if hint is type(None):
        return None if text.lower() in NOTHING else MISSING
    if hint is bool:
        lowered = text.lower()
        return lowered in YES if lowered in YES + NO else MISSING
    if hint in (int, float):
        try:
            return hint(text)
        except ValueError:
            return MISSING
    if origin is Literal:
        return next((value for value in get_args(hint) if str(value) == text), MISSING)
    if origin in (tuple, list) or hint in (tuple, list):
        return _try_parse_items(text, hint)
    if hint in (str, Any):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return MISSING


def _try_parse_items(text: str, hint: Any) -> Any:
    item = next((a for a in get_args(hint) if a is not Ellipsis), str)
    parts = [part.strip() for part in text.strip("()[]").split(",") if part.strip()]
    parsed = [_try_parse(part, item) for part in parts]
    if any(value is MISSING for value in parsed):
        return MISSING
    return (get_origin(hint) or hint)(parsed)


def _convert(value: Any, hint: Any, field: Field, owner: str) -> Any:
    """A value from JSON or Python in the annotated type; whole numbers pass as floats, lists as tuples."""
    if value is None and field.default is None:
        return None
    for option in _options(hint):
        converted = _fit(value, option)
        if converted is not MISSING:
            return converted
    raise AsruBenchError(f"setting {field.name}={value!r} of {owner} is not {_type_name(hint)}{_default(field)}.")


def _fit(value: Any, hint: Any) -> Any:
    origin = get_origin(hint)
    if hint is Any:
        return value
    if hint is float:
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else MISSING
    if hint is int:
        return value if isinstance(value, int) and not isinstance(value, bool) else MISSING
    if origin is Literal:
        return value if value in get_args(hint) else MISSING
    kind = origin or hint
    if kind in (tuple, list):
        return kind(value) if isinstance(value, (tuple, list)) else MISSING
    return value if isinstance(kind, type) and isinstance(value, kind) else MISSING


def _options(hint: Any) -> list[Any]:
    """The members of a union, None first and text last, so that the narrowest reading wins."""
    members = get_args(hint) if get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
    return sorted(members, key=lambda m: 0 if m is type(None) else 2 if m is str else 1)


def range_of(field: Field) -> str:
    """The values that a setting takes, as messages and lists say it; "" where any is taken."""
    low, high = field.metadata.get("low"), field.metadata.get("high")
    if choices := field.metadata.get("choices"):
        return " or ".join(map(str, choices))
    if low is not None and high is not None:
        return f"{_number(low)} to {_number(high)}"
    return f"at least {_number(low)}" if low is not None else f"at most {_number(high)}" if high is not None else ""


def _number(value: float) -> str:
    """Whole numbers with all their digits."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e12 else f"{value:g}"


def _check_range(field: Field, value: Any, owner: str) -> None:
    choices = field.metadata.get("choices", ())
    for part in value if isinstance(value, (tuple, list)) else (value,):
        if choices and part not in (*choices, None):
            near = difflib.get_close_matches(str(part), choices, n=1, cutoff=0.6)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise AsruBenchError(f"unknown {field.name} {part!r} of {owner}; {hint}expected {range_of(field)}.")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return
    low, high = field.metadata.get("low", -math.inf), field.metadata.get("high", math.inf)
    if not (low <= value <= high and math.isfinite(value)):
        expected = range_of(field) or "a finite number"
        raise AsruBenchError(f"setting {field.name}={value:g} of {owner} is out of range; expected {expected}.")


def _default(field: Field) -> str:
    return "" if field.default in (MISSING, None) else f" (default {field.default!r})"


def _type_name(hint: Any) -> str:
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "a text", type(None): "none"}
    if hint in names:
        return names[hint]
    options = _options(hint)
    if len(options) > 1:
        return " or ".join(_type_name(option) for option in options)
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(map(str, get_args(hint)))
    if get_origin(hint) in (tuple, list):
        return "a comma-separated list"
    return getattr(hint, "__name__", str(hint))
