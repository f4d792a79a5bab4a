"""Reads models and processors with transformers; what the libraries raise becomes one error that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from asru_bench import clock
from asru_bench.types import AsruBenchError

#: Attention kernels -> package that they need; what follows a "/" names a kernel of the hub.
KERNELS = {"sdpa": "", "eager": "", "flash_attention_2": "flash_attn", "flash_attention_3": "flash_attn_interface"}
INSTALL = {"flash_attn": "pip install flash-attn --no-build-isolation"}


def load_model(path: str, dtype: str, attn: str) -> Any:
    """The model at a hub id or in a folder, on the CPU. Raises `AsruBenchError` where it is not whole or reads no
    images.
    """
    import torch
    from transformers import AutoConfig, AutoModelForImageTextToText
    from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING

    check_kernel(attn)
    with explained(path):
        config = AutoConfig.from_pretrained(path)
    if type(config) not in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING:
        raise AsruBenchError(
            f"{path!r} is a {config.model_type!r} model, which does not read images; expected a "
            "vision-language model such as Qwen/Qwen3-VL-4B-Instruct."
        )
    with explained(path):
        loaded: Any = AutoModelForImageTextToText.from_pretrained(
            path, dtype=getattr(torch, dtype), attn_implementation=attn, output_loading_info=True
        )
    model, info = loaded
    if missing := sorted(info["missing_keys"]):
        raise AsruBenchError(
            f"the weights of {path!r} are incomplete: {len(missing)} tensors are missing, among "
            f"them {missing[0]}. Copy or download the folder again."
        )
    return model


def load_processor(path: str) -> Any:
    """The processor at a hub id or in a folder; it must take images and text."""
    from transformers import AutoProcessor

    with explained(path):
        processor = AutoProcessor.from_pretrained(path)
    if not hasattr(processor, "tokenizer") or not hasattr(processor, "image_processor"):
        raise AsruBenchError(
            f"{path!r} has no processor for images and text (found {type(processor).__name__}); copy "
            "processor_config.json or preprocessor_config.json from the original model."
        )
    clock.stop_all(processor)
    return processor


def check_fit(path: str, model: Any, processor: Any) -> None:
    """Raises an `AsruBenchError` where a processor belongs to another model: more tokens, another picture token."""
    rows, words = model.get_input_embeddings().num_embeddings, processor.tokenizer
    used = (words.vocab_size - 1, words.eos_token_id, words.pad_token_id, getattr(processor, "image_token_id", None))
    highest = max(number for number in used if number is not None)
    advice = "Copy tokenizer and processor files from the model that these weights come from."
    if highest >= rows:
        raise AsruBenchError(
            f"the tokenizer of {path!r} does not fit its model: it has a token {highest}, the model embeds {rows} "
            f"tokens (0 to {rows - 1}). {advice}"
        )
    config = model.config
    expected = getattr(config, "image_token_id", None) or getattr(config, "image_token_index", None)
    marks = (getattr(part, "image_token_id", None) for part in (processor, words))
    named = {mark for mark in marks if mark is not None}
    if expected is not None and named and expected not in named:
        raise AsruBenchError(
            f"the processor of {path!r} does not fit its model: it marks pictures with token {min(named)}, the model "
            f"expects token {expected}. {advice}"
        )


def check_kernel(attn: str) -> None:
    """Raises an `AsruBenchError` where an attention kernel is unknown or its package is not installed."""
    if "/" in attn:
        return
    if attn not in KERNELS:
        raise AsruBenchError(f"unknown attention kernel {attn!r}; expected {', '.join(KERNELS)} (--attn).")
    package = KERNELS[attn]
    if package and find_spec(package) is None:
        line = INSTALL.get(package, f"pip install {package.replace('_', '-')}")
        raise AsruBenchError(f"--attn {attn} needs the package {package}; type: {line}. Or leave --attn out (sdpa).")


@contextmanager
def explained(path: str) -> Iterator[None]:
    """Turns what the loaders raise into one error that names the model."""
    try:
        yield
    except Exception as error:
        raise AsruBenchError(
            f"cannot load model {path!r}: {first_line(error)} Expected a hub id, or a folder with "
            "config.json, complete *.safetensors and the processor's files."
        ) from error


def first_line(error: BaseException) -> str:
    """What an error says first, with a full stop."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(".") + "."
