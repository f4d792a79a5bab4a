"""What a model's processor does not take: control tokens inside texts, and pictures of sizes that it refuses.

A text may show where its picture belongs, by one `<image>` as LLaVA's data do: the chat then has the picture there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from asru_bench.findings import ERROR, WARNING, Finding, Row
from asru_bench.options import parsed
from asru_bench.types import AsruBenchError, ImageRef, Prompt, Sample, TrainingPair

if TYPE_CHECKING:
    from asru_bench.models import VLM

#: Where a picture belongs inside a text.
PLACE = "<image>"
#: Begins the error of an answer that a processor refuses; asked again it would be refused again.
REFUSED = "refused: "
#: The name of these findings in `data check`.
CHECK = "control token"
UNASKED = "a model that has it cannot be asked; data check --model MODEL says whether yours has"
#: Tokens of well-known families that no text of a question should hold, whichever model is asked.
WELL_KNOWN = re.compile(
    r"<\|[a-z][a-z0-9_]*\|>|<(?:start|end)_of_(?:image|turn)>|<image_soft_token>|</?(?:image|video|audio|img|s)>"
    r"|<(?:bos|eos|pad|unk)>|<image_placeholder>|<IMG_CONTEXT>|<fake_token_around_image>|<global-img>"
    r"|\[/?INST\]|\[IMG(?:_BREAK|_END)?\]"
)
#: A picture whose longer side is this many times the shorter, or whose shorter side has fewer pixels, is tried first.
LONG, NARROW = 4, 64
#: Attributes of processors that name a token.
TOKENS = ("image_token", "video_token", "audio_token", "boi_token", "eoi_token")


class Named(Protocol):
    """What is asked of a task here."""

    @property
    def name(self) -> str: ...

    def place_of(self, name: str) -> tuple[str, int | str]: ...


class Refused(AsruBenchError):
    """A processor does not take one prompt; others are not concerned."""


def around(text: str) -> tuple[str, str]:
    """The text before and after the place of its picture; a picture without a place, or with two, comes first."""
    if text.count(PLACE) != 1:
        return "", text
    before, after = text.split(PLACE)
    return (before, after) if before.strip() else ("", after.lstrip())


def control_tokens(processor: Any) -> re.Pattern[str]:
    """Finds the special tokens of a model's own tokenizer and processor in a text."""
    words = processor.tokenizer
    added = getattr(words, "added_tokens_decoder", {}).values()
    found = {*words.all_special_tokens, *(str(token) for token in added if getattr(token, "special", False))}
    found |= {token for name in TOKENS if isinstance(token := getattr(processor, name, None), str)}
    telling = sorted((token for token in found if len(token) > 2 and not token.isalnum()), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, telling)) or r"(?!)")


def refusal(prompt: Prompt, answer: str | None, tokens: re.Pattern[str]) -> str:
    """Why a prompt cannot be asked: a control token in one of its texts, or no one place for its picture; else ""."""
    shown = [(prompt.system, None), *((turn.question, turn.image) for turn in prompt.turns)]
    shown += [(prompt.question, prompt.image), *((turn.answer, None) for turn in prompt.turns), (answer or "", None)]
    return next(filter(None, (text_fault(text, image is not None, tokens) for text, image in shown)), "")


def text_fault(text: str, pictured: bool, tokens: re.Pattern[str] = WELL_KNOWN) -> str:
    """What is wrong with one text, "" where nothing is."""
    count = text.count(PLACE)
    if pictured and count > 1:
        return f"the text {text[:60]!r} has {count} places {PLACE} for one picture"
    found = tokens.search(text.replace(PLACE, "") if pictured else text)
    return f"the text {text[:60]!r} holds {found[0]!r}, a control token" if found else ""


def prompt_fault(vlm: VLM, prompt: Prompt, answer: str | None = None) -> str:
    """`refusal` by the tokens of a model."""
    if vlm.cache.control is None:
        vlm.cache.control = control_tokens(vlm.processor)
    return refusal(prompt, answer, vlm.cache.control)


def row_faults(row: Row, columns: Iterable[str], pictured: bool) -> Iterator[Finding]:
    """Columns of a row whose texts hold tokens of well-known models."""
    for column in columns:
        words = (text_fault(text, pictured) for text in _texts(row.values.get(column)))
        if fault := next(filter(None, words), ""):
            yield row.fault(CHECK, column, f"{fault}: {UNASKED}", WARNING)


def _texts(value: Any) -> Iterator[str]:
    """The texts inside a value of a table, JSON opened."""
    value = parsed(value)
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


# Before anything is asked or trained.


def of_model(task: Named, samples: Iterable[Sample], pairs: Iterable[TrainingPair], vlm: VLM) -> list[Finding]:
    """What a model's processor does not take of a task: a question counts as failed, a training pair is an error."""
    sizes: dict[tuple[int, int], str] = {}
    found = []
    for level, items in ((WARNING, samples), (ERROR, pairs)):
        for item in items:
            file, row = task.place_of(item.id)
            answer = item.answer if isinstance(item, TrainingPair) else None
            if words := prompt_fault(vlm, item.prompt, answer):
                found.append(Finding(level, CHECK, file, row, "question", f"{words} of {vlm.path}"))
            elif item.prompt.image and (words := _size_fault(vlm, item.prompt.image, sizes)):
                found.append(Finding(level, "picture size", file, row, "image", words))
    return list(dict.fromkeys(found))


def require(task: Named, pairs: Iterable[TrainingPair], vlm: VLM) -> None:
    """An error that names the first row which cannot be trained on, before training."""
    if found := of_model(task, (), pairs, vlm):
        more = f" ({len(found)} such in all)" if len(found) > 1 else ""
        raise AsruBenchError(
            f"{found[0].sentence}{more}; nothing was trained. Correct or leave out the row: asru-bench data check "
            f"{task.name} --model {vlm.path} lists all."
        )


def _size_fault(vlm: VLM, ref: ImageRef, known: dict[tuple[int, int], str]) -> str:
    """Whether the processor refuses a picture of that size, by a white one; usual sizes are not tried."""
    from PIL import Image

    from asru_bench import data, pixels

    try:
        with pixels.opened(data.image_bytes(ref)) as picture:
            size = picture.size
    except (AsruBenchError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""  # broken pictures are found by others
    if max(size) < LONG * min(size) and min(size) >= NARROW:
        return ""
    if size not in known:
        try:
            vlm.processor.image_processor(images=[Image.new("RGB", size, "white")], return_tensors="pt")
            known[size] = ""
        except Exception as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
            known[size] = f"the processor of {vlm.path} refuses a picture of {size[0]} x {size[1]} pixels: {reason}"
    return known[size] and f"{known[size]} ({data.place_of(ref)})"
