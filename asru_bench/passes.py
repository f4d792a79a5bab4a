"""A model whose forward pass is another one for a while."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def passing(model: Any, forward: Callable[..., Any]) -> Iterator[None]:
    """While it lasts, `model` passes through `forward`, which has the signature of its own."""
    own = vars(model).get("forward")
    model.forward = functools.wraps(model.forward)(forward)
    try:
        yield
    finally:
        if own is None:
            del model.forward
        else:
            model.forward = own


def with_cache(model: Any, cache: Any) -> dict[str, Any]:
    """The keyword that hands a cache of keys and values to a model, by the name that its version takes it."""
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    return {_cache_name(inner.__class__): cache}


def cache_of(output: Any) -> Any:
    """The cache of keys and values in a model's output, by the name that its version gives it."""
    return output["cache"] if "cache" in output else output["past_key_values"]


@functools.lru_cache(maxsize=16)
def _cache_name(family: Any) -> str:
    return "cache" if "cache" in inspect.signature(family.forward).parameters else "past_key_values"
