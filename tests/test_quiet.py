"""Lines of the libraries that a user cannot act on are not shown; others are."""

from __future__ import annotations

import logging
import warnings
from types import SimpleNamespace
from typing import Any

import pytest

from asru_bench import passes, quiet


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("`is_gradient_checkpointing` is deprecated and will be removed in v6.", False),
        ("`gradient_checkpointing_enable` is deprecated and will be removed in v6.", False),
        ("`past_key_values` is deprecated", True),  # a call of ours by an older name
        ("something else is deprecated", True),
    ],
)
def test_warnings_between_libraries(text: str, shown: bool) -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        quiet.quiet_libraries()
        warnings.warn(text, FutureWarning, stacklevel=1)
    assert bool(seen) == shown


def test_a_kernel_that_is_not_used_is_not_missed() -> None:
    quiet.quiet_libraries()
    assert not logging.getLogger("bitsandbytes.backends.cpu.ops").isEnabledFor(logging.WARNING)
    assert logging.getLogger("bitsandbytes").isEnabledFor(logging.WARNING)


class Older:
    def forward(self, input_ids: Any, past_key_values: Any = None) -> None: ...


class Newer:
    def forward(self, input_ids: Any, cache: Any = None) -> None: ...


@pytest.mark.parametrize(("family", "name"), [(Older, "past_key_values"), (Newer, "cache")])
@pytest.mark.parametrize("adapted", [False, True])
def test_a_cache_by_the_name_of_the_version(family: Any, name: str, adapted: bool) -> None:
    model = SimpleNamespace(get_base_model=family) if adapted else family()
    assert passes.with_cache(model, 7) == {name: 7}
    assert passes.cache_of({name: 7, "logits": 1}) == 7
