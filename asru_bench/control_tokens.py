"""Tokens that steer a model and are no part of an answer: pictures, roles, padding. Training samples none of them.

A sampled picture token has no picture behind it, and one that opens a turn makes the model answer itself. Ordinary
answers are the model's own and are not touched: what it writes there is what it did.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from asru_bench.types import AsruBenchError, Prompt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asru_bench.models import VLM

#: Attributes of processors, tokenizers and configurations that hold a token as number or as text.
NUMBER = re.compile(r"_token_ids?$|_token_index$|^row_col_ids$")
TEXT = re.compile(r"_(token|tag)$")
#: Those of the text part: the tokenizer knows better, configurations keep another model's defaults.
OF_TEXT = re.compile(r"^_?(bos|eos|pad|unk|sep|cls|mask|decoder_start|forced_)")


def never_sampled(vlm: VLM) -> list[int]:
    """Every control token but those that end an answer.

    They are what the tokenizer marks as special, what the processor replaces pictures, videos and sound by, what the
    model's configuration names, and what its settings of generation suppress.
    """
    words, config = vlm.tokenizer, vlm.model.config
    found = {*words.all_special_ids, *(vlm.model.generation_config.suppress_tokens or ())}
    found |= {number for number, token in words.added_tokens_decoder.items() if token.special}
    for owner in (vlm.processor, words, config, config.get_text_config(decoder=True)):
        found |= set(_named(owner, words))
    rows = vlm.model.get_input_embeddings().num_embeddings
    return sorted(number for number in found - ends(vlm) - _closing(vlm) if 0 <= number < rows)


def ends(vlm: VLM) -> set[int]:
    """The tokens that end an answer: the tokenizer's and those that the model declares."""
    declared = vlm.model.generation_config.eos_token_id
    listed = declared if isinstance(declared, (list, tuple)) else [declared]
    return {number for number in (vlm.tokenizer.eos_token_id, *listed) if number is not None}


def _closing(vlm: VLM) -> set[int]:
    """The token by which the chat template closes an answer, as training teaches it."""
    from asru_bench.encoding import encoded

    with suppress(AsruBenchError):
        return {int(encoded(vlm, Prompt("?"), "A").sequences["input_ids"][-1])}
    return set()


def _named(owner: Any, words: Any) -> Iterator[int]:
    for name, value in vars(owner).items():
        if OF_TEXT.search(name):
            continue
        if NUMBER.search(name):
            yield from (n for n in (value if isinstance(value, (list, tuple)) else [value]) if type(n) is int)
        elif TEXT.search(name) and value:
            number = words.convert_tokens_to_ids(str(value))
            if number is not None and words.convert_ids_to_tokens(number) == str(value):
                yield number
