"""Stands in for vLLM, with the part of its interface that `vllm_worker.py` uses; answers through transformers.

`STAND_IN_VLLM` makes it break: `load` when the model is loaded, `picture` on prompts with one, `die` after ten.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

__version__ = "0.0-stand-in"
FAULT = os.environ.get("STAND_IN_VLLM", "")


@dataclass
class SamplingParams:
    temperature: float
    seed: int | None
    max_tokens: int
    logprobs: int | None
    skip_special_tokens: bool
    spaces_between_special_tokens: bool


@dataclass
class Logprob:
    logprob: float


@dataclass
class Completion:
    text: str
    finish_reason: str
    token_ids: list[int]
    logprobs: list[dict[int, Logprob]] | None


@dataclass
class RequestOutput:
    outputs: list[Completion]
    prompt_token_ids: list[int]


@dataclass
class EngineArgs:
    model: str
    dtype: str
    seed: int
    generation_config: str
    max_logprobs: int
    limit_mm_per_prompt: dict[str, int]
    max_model_len: int
    enable_lora: bool = False
    max_lora_rank: int = 0


class LLM:
    def __init__(self, **settings: Any) -> None:
        import torch
        from transformers import AutoModelForImageTextToText, AutoProcessor

        if FAULT == "load":
            raise RuntimeError("CUDA out of memory")
        args = EngineArgs(**settings)
        self.most, self.answered = args.limit_mm_per_prompt["image"], 0
        self.processor: Any = AutoProcessor.from_pretrained(args.model)
        dtype = getattr(torch, args.dtype)
        self.model: Any = AutoModelForImageTextToText.from_pretrained(args.model, dtype=dtype).eval()
        self.adapter = ""

    def generate(
        self, prompts: list[Any], params: list[SamplingParams], lora_request: Any = None, use_tqdm: bool = True
    ) -> list[RequestOutput]:
        if lora_request is not None and not self.adapter:
            from peft import PeftModel

            self.adapter = lora_request.path
            self.model = PeftModel.from_pretrained(self.model, self.adapter).merge_and_unload()
        return [self.one(prompt, settings) for prompt, settings in zip(prompts, params, strict=True)]

    def one(self, prompt: Any, settings: SamplingParams) -> RequestOutput:
        import torch

        image = prompt.get("multi_modal_data", {}).get("image")
        if FAULT == "picture" and image is not None:
            raise ValueError("no pictures today")
        if FAULT == "die" and self.answered == 10:
            os._exit(9)
        self.answered += 1
        batch = self.processor(text=[prompt["prompt"]], images=None if image is None else [image], return_tensors="pt")
        tokenizer = self.processor.tokenizer
        with torch.inference_mode():
            if settings.seed is not None:
                torch.manual_seed(settings.seed)
            sampled = settings.temperature > 0
            tokens = self.model.generate(**batch, do_sample=sampled, max_new_tokens=settings.max_tokens)
            first = self.model(**batch).logits[0, -1].log_softmax(-1)
        ids = tokens[0, batch["input_ids"].shape[1] :].tolist()
        ended = ids[-1] == tokenizer.eos_token_id
        top = first.topk(settings.logprobs or 1)
        chosen = {int(i): Logprob(float(v)) for v, i in zip(top.values, top.indices, strict=True)}
        text = tokenizer.decode(ids, skip_special_tokens=True)
        said = Completion(text, "stop" if ended else "length", ids, [chosen] if settings.logprobs else None)
        return RequestOutput([said], batch["input_ids"][0].tolist())
