"""A loaded model as lm-evaluation-harness sees it. Imports lm-eval (0.4.13): only `general.py` imports this.

lm-eval's class for models with pictures answers text tasks too (choice and generation). It would load the processor
again from the model's path and leave the template's clock running; both are ours here.
"""

from __future__ import annotations

from typing import Any

from lm_eval.models.hf_vlms import DEFAULT_IMAGE_PLACEHOLDER, HFMultimodalLM

from asru_bench.encoding import apply_template
from asru_bench.models import VLM


class OurModel(HFMultimodalLM):
    """One model and its processor, as they are in memory."""

    def __init__(self, vlm: VLM, batch_size: int) -> None:
        self.vlm = vlm
        super().__init__(pretrained=vlm.model, backend="causal", batch_size=batch_size, convert_img_format=True)

    def _create_tokenizer(self, *_: Any, **__: Any) -> None:
        self.processor, self.tokenizer = self.vlm.processor, self.vlm.tokenizer

    def apply_chat_template(self, chat_history: list[dict[str, str]], add_generation_prompt: bool = True) -> str:
        """The chat as the model reads it; `<image>` in a message stands for a picture."""
        self.chat_applied = True
        chat = [{"role": turn["role"], "content": _parts(turn["content"])} for turn in chat_history]
        # an unfinished answer (lm-eval's gen_prefix) is continued, not closed
        return apply_template(
            self.vlm,
            chat,
            add_generation_prompt=add_generation_prompt,
            continue_final_message=not add_generation_prompt,
        )


def _parts(text: str) -> list[dict[str, str]]:
    """Text and pictures of one message in their order."""
    found: list[dict[str, str]] = []
    for place, part in enumerate(text.split(DEFAULT_IMAGE_PLACEHOLDER)):
        found += [{"type": "image"}] if place else []
        found += [{"type": "text", "text": part}] if part else []
    return found
