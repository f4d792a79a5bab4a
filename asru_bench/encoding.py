"""Prompts and training pairs as tensors, through the model's own chat template and processor.

Each (prompt, answer) is encoded once and alone; batches are put together from the stored rows, so that
training loops open and resize every picture once. `models.py` re-exports the public functions.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from asru_bench import clock, inputs
from asru_bench.pretrained import first_line
from asru_bench.types import AsruBenchError, ImageRef, Prompt

if TYPE_CHECKING:
    import torch
    from transformers import BatchEncoding

    from asru_bench.models import VLM

IGNORE = -100
IMAGE_CACHE_BYTES = 1 << 30
ROW_CACHE_SIZE = 50_000


@dataclass(frozen=True)
class Row:
    """One encoded sequence: tensors of shape [T] by name, its pictures, and the length of its prompt."""

    text: str
    sequences: dict[str, torch.Tensor]
    pictures: tuple[ImageRef, ...]
    prompt_length: int


@dataclass
class EncodingCache:
    """Encoded rows, and apart from them the tensors of the pictures, of which there may be far fewer.

    Both drop what was used least recently: rows by number, pictures by bytes.
    """

    max_bytes: int = IMAGE_CACHE_BYTES
    max_rows: int = ROW_CACHE_SIZE
    rows: OrderedDict[tuple[Prompt, str | None], Row] = field(default_factory=OrderedDict)
    pictures: OrderedDict[tuple[ImageRef, ...], dict[str, torch.Tensor]] = field(default_factory=OrderedDict)
    used: int = 0
    #: With pictures or not -> whether many rows can be encoded at once (`prefetch.py`); not there: not tried.
    together: dict[bool, bool] = field(default_factory=dict)
    #: Finds the model's control tokens in a text (`inputs.py`); None: not looked up yet.
    control: re.Pattern[str] | None = None

    def get(self, key: tuple[Prompt, str | None]) -> Row | None:
        """The row, if it and its pictures are still here."""
        row = self.rows.get(key)
        if row is None or (row.pictures and row.pictures not in self.pictures):
            return None
        self.rows.move_to_end(key)
        if row.pictures:
            self.pictures.move_to_end(row.pictures)
        return row

    def put(self, key: tuple[Prompt, str | None], row: Row, tensors: dict[str, torch.Tensor]) -> None:
        """Stores a row and the tensors of its pictures, then drops the oldest over the limits."""
        self.rows[key] = row
        if len(self.rows) > self.max_rows:
            self.rows.popitem(last=False)
        if not row.pictures or row.pictures in self.pictures:
            return
        self.pictures[row.pictures] = tensors
        self.used += _bytes(tensors)
        while self.used > self.max_bytes and len(self.pictures) > 1:
            self.used -= _bytes(self.pictures.popitem(last=False)[1])


def messages(prompt: Prompt, answer: str | None = None) -> list[dict[str, Any]]:
    """The chat of a prompt, content as lists of parts; pictures are placeholders before the text, or where it says."""
    chat = [_message("system", prompt.system)] if prompt.system else []
    for turn in prompt.turns:
        chat += [_message("user", turn.question, turn.image), _message("assistant", turn.answer)]
    chat.append(_message("user", prompt.question, prompt.image))
    return chat if answer is None else [*chat, _message("assistant", answer)]


def render(vlm: VLM, prompt: Prompt, answer: str | None = None, start: str = "") -> str:
    """The text that the model reads, by its own template; without an answer it ends where the answer starts.

    With an answer the text ends with the end-of-turn token. White space that a template writes after that
    token is dropped, since no answer is generated past it; the tokenizer's end-of-sequence token is added
    where the template closes the answer with nothing. `start`: the text without the answer, where it is known.
    """
    start = start or _apply_template(vlm, prompt, None)
    if answer is None:
        return start
    text = _apply_template(vlm, prompt, answer)
    if not text.startswith(start):
        raise AsruBenchError(
            f"the chat template of {vlm.path} writes {start[-40:]!r} before generated answers, but not "
            "before given ones; training needs the same text in both. Use an instruct "
            "(non-thinking) model or correct its chat template."
        )
    closed = text[len(start) :].strip() != answer.strip()
    return text.rstrip() + ("" if closed else vlm.tokenizer.eos_token or "")


def encode_prompts(vlm: VLM, prompts: Sequence[Prompt]) -> BatchEncoding:
    """Prompts ready for `generate`: left padded [B, T] ids and mask, picture tensors, on its device."""
    from asru_bench.prefetch import prefetch

    prefetch(vlm, [(prompt, None) for prompt in prompts])
    return _batch(vlm, [encoded(vlm, prompt) for prompt in prompts], "left")


def encode_pairs(vlm: VLM, pairs: Sequence[tuple[Prompt, str]]) -> BatchEncoding:
    """Prompts with answers for teacher forcing, right padded; `labels` [B, T] hold the answer's tokens.

    Prompt, picture and padding positions are -100; the answer's end-of-turn token is supervised.
    """
    from asru_bench.prefetch import prefetch

    prefetch(vlm, [(prompt, part) for prompt, answer in pairs for part in (None, answer)])
    return labelled(vlm, [encoded(vlm, prompt, answer) for prompt, answer in pairs])


def labelled(vlm: VLM, rows: Sequence[Row]) -> BatchEncoding:
    """Rows as one batch, right padded; `labels` hold what follows each row's prompt."""
    import torch

    batch = _batch(vlm, rows, "right")
    labels = torch.full_like(batch["input_ids"], IGNORE)
    for i, row in enumerate(rows):
        answer = slice(row.prompt_length, len(row.sequences["input_ids"]))
        labels[i, answer] = batch["input_ids"][i, answer]
    batch["labels"] = labels
    return batch


def encoded(vlm: VLM, prompt: Prompt, answer: str | None = None) -> Row:
    """One sequence as the model reads it, encoded once and then kept; raises `Refused` for what cannot be read."""
    key = (prompt, answer)
    if (row := vlm.cache.get(key)) is not None:
        return row
    if fault := inputs.prompt_fault(vlm, prompt, answer):
        raise inputs.Refused(f"{fault} of {vlm.path}; take it out of the text")
    refs, text = pictures_of(prompt), render(vlm, prompt, answer)
    sequences, tensors = encode_alone(vlm, text, refs)
    if answer is None:
        row = Row(text, sequences, refs, len(sequences["input_ids"]))
    else:
        row = row_with_answer(vlm, prompt, answer, text, sequences)
    vlm.cache.put(key, row, tensors)
    return row


def encode_alone(
    vlm: VLM, text: str, refs: tuple[ImageRef, ...]
) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Sequences [T] by name, and the picture tensors, of one row."""
    data = _process(vlm, [text], [refs], "right")
    shape = data["input_ids"].shape
    sequences = {k: v[0] for k, v in data.items() if v.shape == shape and not is_picture(k)}
    return sequences, {k: v for k, v in data.items() if k not in sequences}


def row_with_answer(vlm: VLM, prompt: Prompt, answer: str, text: str, sequences: dict[str, torch.Tensor]) -> Row:
    """The row of a prompt and its answer; an error where the two share a token."""
    ids, start = sequences["input_ids"], encoded(vlm, prompt).sequences["input_ids"]
    if not ids[: len(start)].equal(start) or len(start) >= len(ids):
        raise AsruBenchError(
            f"the tokenizer of {vlm.path} joins the prompt's end and the answer's start into one token: "
            f"the answer {answer[:60]!r} cannot be told from the prompt. Does it start with white space?"
        )
    return Row(text, sequences, pictures_of(prompt), len(start))


def pictures_of(prompt: Prompt) -> tuple[ImageRef, ...]:
    """The pictures of a prompt in the order in which the model sees them."""
    refs = (*(turn.image for turn in prompt.turns), prompt.image)
    return tuple(ref for ref in refs if ref is not None)


def _message(role: str, text: str, image: ImageRef | None = None) -> dict[str, Any]:
    if image is None:
        return {"role": role, "content": [{"type": "text", "text": text}]}
    before, after = inputs.around(text)
    first = [{"type": "text", "text": before}] if before else []
    last = [{"type": "text", "text": after}] if after or not first else []
    return {"role": role, "content": [*first, {"type": "image"}, *last]}


def apply_template(vlm: VLM, chat: list[dict[str, Any]], **settings: Any) -> str:
    """The text of a chat by the model's own template with a fixed clock."""
    from jinja2 import TemplateError

    template = _template(vlm)
    try:
        clock.stop(template)
        return vlm.processor.apply_chat_template(chat, chat_template=template, tokenize=False, **settings)
    except TemplateError as error:
        raise AsruBenchError(
            f"the chat template of {vlm.path} does not work: {type(error).__name__}: {first_line(error)} Copy "
            "chat_template.jinja from the model that these weights come from."
        ) from error


def _template(vlm: VLM) -> str:
    """The processor's template, else the tokenizer's; of several the default one."""
    named = clock.templates(getattr(vlm.processor, "chat_template", None))
    named = named or clock.templates(getattr(vlm.tokenizer, "chat_template", None))
    if not named:
        raise AsruBenchError(
            f"the processor of {vlm.path} has no chat template, so how this model is asked is not "
            "known. Use the instruction-tuned version, or put a chat_template.jinja into the model's folder."
        )
    if len(named) > 1 and "default" not in named:
        raise AsruBenchError(
            f"the processor of {vlm.path} has several chat templates ({', '.join(sorted(named))}) and none is called "
            "default. Put the one to ask with into the model's folder as chat_template.jinja."
        )
    return named.get("default") or next(iter(named.values()))


def _apply_template(vlm: VLM, prompt: Prompt, answer: str | None) -> str:
    return apply_template(vlm, messages(prompt, answer), add_generation_prompt=answer is None)


def _process(vlm: VLM, texts: list[str], refs: Sequence[tuple[ImageRef, ...]], side: str) -> dict[str, torch.Tensor]:
    settings = {"padding": len(texts) > 1, "padding_side": side, "return_tensors": "pt"}
    return dict(call_processor(vlm, texts, refs, **settings))


def call_processor(vlm: VLM, texts: list[str], refs: Sequence[tuple[ImageRef, ...]], **settings: Any) -> Any:
    """What the model's processor makes of rendered texts and their pictures; raises `Refused` where it raises."""
    from asru_bench.data import open_image, place_of

    opened = {ref: open_image(ref) for ref in dict.fromkeys(ref for row in refs for ref in row)}
    images = [[opened[ref] for ref in row] for row in refs] if opened else None
    bos = vlm.tokenizer.bos_token
    extra = {"add_special_tokens": False} if bos and texts[0].startswith(bos) else {}
    try:
        return vlm.processor(text=texts, images=images, **settings, **extra)
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        shown = "".join(f" with {place_of(ref)} ({one.width} x {one.height})" for ref, one in opened.items())
        raise inputs.Refused(f"the processor of {vlm.path} refuses {texts[0][-60:]!r}{shown}: {reason}") from error


def is_picture(name: str) -> bool:
    """Whether a tensor of a processor belongs to pictures, not to the text's tokens."""
    return "pixel" in name or "image" in name or "video" in name


def _batch(vlm: VLM, rows: Sequence[Row], side: str) -> BatchEncoding:
    from transformers import BatchEncoding

    if not rows:
        raise AsruBenchError("an empty list of prompts cannot be encoded; pass at least one.")
    data = _stack(vlm, rows, side)
    if data is None:
        data = _process(vlm, [row.text for row in rows], [row.pictures for row in rows], side)
    on_device = _on_device(vlm, data)
    on_device["input_ids"].asru_layout = _layout(vlm, rows, data)  # type: ignore[attr-defined]
    return BatchEncoding(on_device)


def stacked(vlm: VLM, rows: Sequence[Row], side: str, width: int) -> dict[str, torch.Tensor] | None:
    """Rows, whole or cut, padded to `width` on the model's device; None where they cannot be joined."""
    data = _stack(vlm, rows, side, width)
    return None if data is None else _on_device(vlm, data)


def picture_tensors(vlm: VLM, refs: Sequence[ImageRef]) -> dict[str, torch.Tensor] | None:
    """The tensors of pictures that were encoded already, each as the only one of a prompt; None where one is not."""
    if any((ref,) not in vlm.cache.pictures for ref in refs):
        return None
    data = _joined_pictures([vlm.cache.pictures[(ref,)] for ref in refs])
    return None if data is None else _on_device(vlm, data)


def _on_device(vlm: VLM, data: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    dtype = vlm.model.dtype
    return {name: value.to(vlm.device, dtype if value.is_floating_point() else None) for name, value in data.items()}


def layout_of(ids: torch.Tensor) -> dict[str, list[int]]:
    """How many entries of each picture tensor belong to each sequence of a batch, from its `input_ids`."""
    return getattr(ids, "asru_layout", {})


def _layout(vlm: VLM, rows: Sequence[Row], data: dict[str, torch.Tensor]) -> dict[str, list[int]]:
    found = {}
    for name, value in data.items():
        if is_picture(name):
            parts = [vlm.cache.pictures.get(row.pictures, {}) if row.pictures else {} for row in rows]
            for sizes in ([len(part.get(name, ())) for part in parts], [len(row.pictures) for row in rows]):
                if sum(sizes) == len(value):
                    found[name] = sizes
                    break
    return found


def _stack(vlm: VLM, rows: Sequence[Row], side: str, width: int = 0) -> dict[str, torch.Tensor] | None:
    """Pads and joins single rows, or None where this processor's tensors depend on the whole batch.

    Picture tensors join along the first axis in the order of the pictures (Qwen-VL, LLaVA, Gemma 3 …);
    tensors with tiles or one entry per sequence (5 axes) do not.
    """
    import torch

    parts = [vlm.cache.pictures[row.pictures] for row in rows if row.pictures in vlm.cache.pictures]
    if len(parts) != sum(bool(row.pictures) for row in rows):
        return None
    pictures = _joined_pictures(parts)
    if pictures is None:
        return None
    width = max(width, *(len(row.sequences["input_ids"]) for row in rows))
    pad_id = vlm.tokenizer.pad_token_id if vlm.tokenizer.pad_token_id is not None else vlm.tokenizer.eos_token_id
    data = {}
    for name in sorted({name for row in rows for name in row.sequences}):
        fill = pad_id if name == "input_ids" else 0
        data[name] = torch.stack([_pad(row, name, width, fill, side) for row in rows])
    return data | pictures


def _joined_pictures(parts: Sequence[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor] | None:
    """Picture tensors of several rows as one batch, or None where they depend on the whole batch."""
    import torch

    names = {name for part in parts for name in part}
    shapes = {(name, tuple(part[name].shape[1:]) if name in part else None) for name in names for part in parts}
    if len(shapes) > len(names) or any(len(shape or ()) >= 4 for _, shape in shapes):
        return None
    return {name: torch.cat([part[name] for part in parts]) for name in sorted(names)}


def _pad(row: Row, name: str, width: int, fill: int, side: str) -> torch.Tensor:
    import torch

    ids = row.sequences["input_ids"]
    values = row.sequences.get(name, torch.zeros_like(ids))
    room = width - len(ids)
    return torch.nn.functional.pad(values, (room, 0) if side == "left" else (0, room), value=fill)


def _bytes(tensors: dict[str, torch.Tensor]) -> int:
    return sum(value.numel() * value.element_size() for value in tensors.values())
