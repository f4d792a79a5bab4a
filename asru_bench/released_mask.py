"""Likelihoods over the tokens that CLEAR's released code labels, which are more than the answer's.

It counts the prompt's tokens in the text *before* the processor puts a picture's tokens in the place of its one
placeholder, masks so many from the start, and labels all that follows: the answer, what the chat template writes after
it (end of turn, white space) and, with a picture of n tokens, the last n - 1 tokens of the prompt as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from asru_bench import encoding
from asru_bench.types import Prompt

if TYPE_CHECKING:
    from transformers import BatchEncoding

    from asru_bench.models import VLM

#: The measure of `likelihoods.MEASURES` that is taken over these tokens.
RELEASED = "released"


def row_of(vlm: VLM, prompt: Prompt, answer: str) -> encoding.Row:
    """The conversation as its template writes it, to the end; `prompt_length` is the released count."""
    chat = encoding.messages(prompt, answer)
    asked = encoding.apply_template(vlm, encoding.messages(prompt), add_generation_prompt=True)
    text = encoding.apply_template(vlm, chat, add_generation_prompt=False)
    bos = vlm.tokenizer.bos_token
    length = len(vlm.tokenizer.tokenize(asked, add_special_tokens=not (bos and asked.startswith(bos))))
    refs = encoding.pictures_of(prompt)
    encoding.encoded(vlm, prompt, answer)  # keeps the tensors of the picture
    sequences, _ = encoding.encode_alone(vlm, text, refs)
    return encoding.Row(text, sequences, refs, length)


def encode(vlm: VLM, pairs: Sequence[tuple[Prompt, str]]) -> BatchEncoding:
    """Prompts with answers as `encoding.encode_pairs` gives them, with the released labels."""
    return encoding.labelled(vlm, [row_of(vlm, prompt, answer) for prompt, answer in pairs])
