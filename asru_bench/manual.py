"""`asru-bench ls KIND NAME`: one plug-in with its settings, their defaults, ranges and meaning."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from typing import Any

from asru_bench import config
from asru_bench.registry import Entry, Registry
from asru_bench.types import AsruBenchError

FLAGS = {"method": "-m", "task": "-t", "judge": "-j"}
#: What can be set for every task beside its own settings.
OF_ALL = {"task": "requests=N and request=K ask for forgetting in N steps (docs/controls.md)"}


def text(registry: Registry, name: str, facts: str) -> str:
    """What a plug-in is and every setting, from a name, `FILE.py[:Class]` or METHOD@VARIANT; `facts` in one line."""
    plain, _, variant = name.partition("@") if registry.kind == "method" else (name, "", "")
    entry, cls = registry.find(plain), registry.get(plain)
    lines = [f"{name}: {registry.kind}, {_origin(entry)}", entry.metadata["summary"]]
    lines += [facts] if facts else []
    own = inspect.cleandoc(cls.__doc__).split("\n\n")[0] if cls.__doc__ and "__doc__" in vars(cls) else ""
    lines += ["", " ".join(own.split())] if own else []
    settings = list(_settings(cls.Config, variant, f"{registry.kind} {plain!r}"))
    flag = FLAGS[registry.kind]
    lines += ["", f"Settings ({flag} name=value):" if settings else "It has no settings."]
    lines += settings
    if registry.kind in OF_ALL:
        lines += ["", f"For every {registry.kind}: {flag} {OF_ALL[registry.kind]}."]
    presets = _presets(registry, name)
    lines += ["", f"The embedded model brings its own: {presets}."] if presets else []
    return "\n".join(lines)


def _origin(entry: Entry) -> str:
    return f"{entry.origin} ({entry.path})" if entry.origin != "built in" else entry.origin


def _settings(cls: type, variant: str, owner: str) -> Iterator[str]:
    """Two lines a setting: name, default and range, then its meaning."""
    if variant and "variant" not in {f.name for f in fields(cls)}:
        raise AsruBenchError(f"{owner} has no variants; leave @{variant} out.")
    made = _made(cls, variant, owner)
    types = {key: kind for key, kind, *_ in config.describe(cls)}
    for field in fields(cls):
        if not field.init:
            continue
        told = [_type(field, types[field.name]), _default(field, made)]
        yield f"  {field.name}: {'; '.join(filter(None, told))}"
        if meaning := field.metadata.get("help", ""):
            yield f"      {meaning}"


def _made(cls: type, variant: str, owner: str) -> Any:
    """The settings as they are where nothing is typed; None where some have no default."""
    if any(f.init and f.default is MISSING and f.default_factory is MISSING for f in fields(cls)):
        return None
    return config.build(cls, texts=[f"variant={variant}"] if variant else [], owner=owner)


def _type(field: Field, name: str) -> str:
    """The type with the range that the field's metadata give."""
    data = field.metadata
    if choices := data.get("choices"):
        return f"one of {', '.join(map(str, choices))}"
    low, high = data.get("low"), data.get("high")
    if low is not None and high is not None:
        return f"{name} from {low:g} to {high:g}"
    if low is not None or high is not None:
        return f"{name}, {'at least' if low is not None else 'at most'} {(high if low is None else low):g}"
    return name


def _default(field: Field, made: Any) -> str:
    if made is None and field.default is MISSING:
        return "has to be given"
    value = field.default if made is None else getattr(made, field.name)
    text = f"default {config.shown(value)}"
    for variant in ("ours", "release"):
        if variant in field.metadata and field.metadata[variant] != value:
            text += f"; {variant}: {config.shown(field.metadata[variant])}"
    return text


def _presets(registry: Registry, name: str) -> str:
    """What the embedded model's presets.json sets for a method, as it is typed."""
    if registry.kind != "method":
        return ""
    from asru_bench import sources

    values = sources.resolve("mini").presets("mllmu_bench").get(name, {})
    return " ".join(f"{key}={config.shown(value)}" for key, value in values.items())
