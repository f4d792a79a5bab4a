"""A clock that stands still for chat templates: those that print the date would make every day's prompts different.

transformers compiles each template once and keeps it with its environment, whose function `strftime_now` is replaced
here. So a template may call it in any way and under any name, and whoever renders the template sees the same date.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

FIXED_DATE = datetime(2025, 1, 1, 12, 0)


def strftime_now(format: str) -> str:
    """The fixed date in a template's own format."""
    return FIXED_DATE.strftime(format)


def stop(template: str) -> None:
    """From now on this template reads the fixed date, wherever in this process it is rendered."""
    from transformers.utils.chat_template_utils import _compile_jinja_template

    if strftime_now.__name__ in template:
        _compile_jinja_template(template).environment.globals[strftime_now.__name__] = strftime_now


def stop_all(processor: Any) -> None:
    """`stop` for all templates of a processor and its tokenizer; broken ones are left for when they are used."""
    from contextlib import suppress

    from jinja2 import TemplateError

    for owner in (processor, getattr(processor, "tokenizer", None)):
        for template in templates(getattr(owner, "chat_template", None)).values():
            with suppress(TemplateError):
                stop(template)


def templates(found: Any) -> dict[str, str]:
    """The templates of a processor or tokenizer by name; one without a name is the default."""
    if isinstance(found, dict):
        return dict(found)
    return {"default": found} if found else {}
