"""Chat templates that print the date print the same one every day, however they ask for it."""

from __future__ import annotations

import datetime as dates
from pathlib import Path
from typing import Any

import pytest
from transformers.utils import chat_template_utils

from asru_bench import clock, encoding, models, pretrained
from asru_bench.types import AsruBenchError, Prompt

TEXT = "{{ messages[-1].content[0].text }}"
#: Llama 3.1 and later.
LLAMA = (
    "{%- if not date_string is defined %}{%- if strftime_now is defined %}"
    '{%- set date_string = strftime_now("%d %b %Y") %}'
    '{%- else %}{%- set date_string = "26 Jul 2024" %}{%- endif %}{%- endif %}'
    "{{- 'Today Date: ' + date_string + '\n\n' }}" + TEXT
)
#: (template, what it says of the date).
SHAPES: dict[str, tuple[str, str]] = {
    "literal": ("{{ strftime_now('%d %b %Y') }} " + TEXT, "01 Jan 2025 Hi"),
    "keyword": ("{{ strftime_now(format='%Y-%m-%d') }} " + TEXT, "2025-01-01 Hi"),
    "variable": ("{% set f = '%d/%m/%y' %}{{ strftime_now(f) }} " + TEXT, "01/01/25 Hi"),
    "joined format": ("{{ strftime_now('%d ' ~ '%B') }} " + TEXT, "01 January Hi"),
    "quote in the format": ("""{{ strftime_now("%d o'%H") }} """ + TEXT, "01 o'12 Hi"),
    "alias": ("{% set now = strftime_now %}{{ now('%A') }} " + TEXT, "Wednesday Hi"),
    "macro": (
        "{% macro day(f) %}{{ strftime_now(f) }}{% endmacro %}{% macro head() %}[{{ day('%j') }}]{% endmacro %}"
        "{{ head() }} " + TEXT,
        "[001] Hi",
    ),
    "namespace": ("{% set ns = namespace(d=strftime_now('%Y')) %}{{ ns.d }} " + TEXT, "2025 Hi"),
    "in a loop": ("{% for m in messages %}{{ strftime_now('%H:%M') }} {% endfor %}" + TEXT, "12:00 Hi"),
    "condition": ("{% if strftime_now('%Y')|int > 2025 %}new{% else %}old{% endif %} " + TEXT, "old Hi"),
    "filter": ("{{ ('%Y' | string) and strftime_now('%Y') | replace('20', '') }} " + TEXT, "25 Hi"),
    "llama": (LLAMA, "Today Date: 01 Jan 2025\n\nHi"),
    "no date": (TEXT, "Hi"),
    "a name only": ("{{ 'strftime_now' }} " + TEXT, "strftime_now Hi"),
}


def on(monkeypatch: pytest.MonkeyPatch, *day: int) -> None:
    """The library's clock shows this day."""

    class Day(dates.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return dates.datetime(*day)  # type: ignore[arg-type]

    monkeypatch.setattr(chat_template_utils, "datetime", Day)


@pytest.fixture
def vlm(tiny_dir: Path) -> models.VLM:
    return models.load(str(tiny_dir), device="cpu")


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_template(vlm: models.VLM, shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    template, expected = SHAPES[shape]
    on(monkeypatch, 2031, 7, 5)
    vlm.processor.chat_template = template
    texts = [models.render(vlm, Prompt("Hi"))]
    on(monkeypatch, 2032, 11, 30)
    texts.append(models.render(vlm, Prompt("Hi")))
    assert texts == [expected] * 2


def test_without_this_the_date_is_that_of_the_day(vlm: models.VLM, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the other tests guard against does happen."""
    on(monkeypatch, 2031, 7, 5)
    asked = [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]
    template = "{{ strftime_now('%Y') }} as nobody else asks"
    assert vlm.processor.apply_chat_template(asked, chat_template=template).startswith("2031")
    clock.stop(template)
    assert vlm.processor.apply_chat_template(asked, chat_template=template).startswith("2025")


def test_a_template_of_the_models_own(vlm: models.VLM, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, 2031, 7, 5)
    assert models.render(vlm, Prompt("Hi")) == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"


def test_the_default_of_several_templates(vlm: models.VLM, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, 2031, 7, 5)
    other = "{{ strftime_now('%Y') }} tools"
    vlm.processor.chat_template = {"tool_use": other, "default": SHAPES["alias"][0]}
    assert models.render(vlm, Prompt("Hi")) == "Wednesday Hi"
    vlm.processor.chat_template = {"chat": SHAPES["alias"][0]}
    assert models.render(vlm, Prompt("Hi")) == "Wednesday Hi"
    vlm.processor.chat_template = {"tool_use": other, "rag": other}
    with pytest.raises(AsruBenchError, match=r"several chat templates \(rag, tool_use\) and none is called default"):
        models.render(vlm, Prompt("Hi"))


@pytest.mark.parametrize("several", [False, True])
def test_the_tokenizers_template_where_the_processor_has_none(vlm: models.VLM, several: bool) -> None:
    vlm.processor.chat_template = None
    template = SHAPES["keyword"][0]
    vlm.tokenizer.chat_template = {"default": template, "rag": TEXT} if several else template
    assert models.render(vlm, Prompt("Hi")) == "2025-01-01 Hi"


def test_whoever_renders_a_loaded_model(tiny_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """trl renders its prompts itself, and a broken template that nobody uses is no reason to stop."""
    copy = tmp_path / "model"
    (copy / "additional_chat_templates").mkdir(parents=True)
    for file in tiny_dir.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    (copy / "chat_template.jinja").write_text("{{ strftime_now(format='%Y') }} for all")
    (copy / "additional_chat_templates" / "rag.jinja").write_text("{% set n = strftime_now %}{{ n('%Y') }} rag")
    (copy / "additional_chat_templates" / "broken.jinja").write_text("{% if strftime_now %}")
    on(monkeypatch, 2031, 7, 5)
    processor = pretrained.load_processor(str(copy))
    chat = encoding.messages(Prompt("Hi"))
    assert processor.apply_chat_template(chat) == "2025 for all"
    assert processor.apply_chat_template(chat, chat_template="rag") == "2025 rag"


def test_the_sandbox_is_the_librarys(vlm: models.VLM) -> None:
    vlm.processor.chat_template = "{{ strftime_now('%Y') }} {{ [1, 'é'] | tojson }} {{ dict(a=1)['a'] }}"
    assert models.render(vlm, Prompt("Hi")) == '2025 [1, "é"] 1'
    vlm.processor.chat_template = "{{ strftime_now('%Y') }}{{ raise_exception('not this way') }}"
    with pytest.raises(Exception, match="not this way"):
        models.render(vlm, Prompt("Hi"))
    vlm.processor.chat_template = "{{ strftime_now('%Y') }}{{ strftime_now.__globals__['datetime'] }}"
    with pytest.raises(Exception, match="unsafe"):
        models.render(vlm, Prompt("Hi"))
