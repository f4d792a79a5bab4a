"""How large a model is, from its config.json alone: its modules are built without memory and counted.

No weight is read or downloaded: a folder that holds only config.json is enough, and so is a hub id whose
config.json can be fetched or is in the cache.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from asru_bench.types import AsruBenchError

#: Tokens that one picture takes where the config does not say; a 512 x 512 picture in Qwen3-VL.
PICTURE_TOKENS = 256
CONFIG = "config.json"


@dataclass(frozen=True)
class Sizes:
    """Parameters of a model and of its parts, and the shapes that decide memory.

    `active` are the language parameters that one token passes through (fewer than `language` with experts),
    `adapter` those of a LoRA of rank 16, `cache` the numbers that the cache keeps for each token.
    """

    parameters: int
    language: int
    vision: int
    active: int
    adapter: int
    layers: int
    hidden: int
    vocabulary: int
    cache: int
    pictures: Pictures


@dataclass(frozen=True)
class Pictures:
    """How a vision tower cuts pictures: `fixed` tokens each, or one for every `side` x `side` pixels.

    `merged`: patches of the tower for one token of the language part.
    """

    fixed: int = 0
    side: int = 0
    merged: int = 1

    def tokens(self, width: int, height: int) -> int:
        """Tokens of one picture of this size in pixels."""
        if self.fixed:
            return self.fixed
        return max(1, round(width / self.side)) * max(1, round(height / self.side))


@lru_cache(maxsize=8)
def of(model: str) -> Sizes:
    """The sizes of a folder's or hub id's model; raises `AsruBenchError` where there is no config to read."""
    config = read_config(model)
    net = _empty(model, config)
    return measure(net, config)


def read_config(model: str) -> Any:
    """The config of a folder or hub id; downloads config.json at most."""
    from transformers import AutoConfig

    folder = Path(model).expanduser()
    if folder.is_dir():
        model = _holder(folder)
        folder = Path(model)
    try:
        return AutoConfig.from_pretrained(model)
    except (OSError, ValueError, KeyError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        if folder.is_dir():
            raise AsruBenchError(
                f"cannot read {folder / CONFIG}: {reason}. Expected the config.json of a vision-language model."
            ) from error
        raise AsruBenchError(
            f"the config of {model!r} is not in the hub cache and the hub cannot be reached ({reason}); type this "
            f"where there is a network and give the folder: hf download {model} {CONFIG} --local-dir DIR, then "
            "--model DIR."
        ) from error


def measure(net: Any, config: Any) -> Sizes:
    """The sizes of a model that is built, with or without memory."""
    from asru_bench.models import LORA, _language_linears, language_model_name

    prefix = language_model_name(net) + "."
    named = dict(net.named_parameters())
    total = sum(p.numel() for p in named.values())
    language = sum(p.numel() for name, p in named.items() if name.startswith(prefix))
    head = net.get_output_embeddings()
    own_head = head is not None and not any(head.weight is p for n, p in named.items() if n.startswith(prefix))
    language += head.weight.numel() if own_head else 0
    text = config.get_text_config(decoder=True)
    linears = [net.get_submodule(name) for name in _language_linears(net)]
    heads = getattr(text, "num_key_value_heads", None) or text.num_attention_heads
    width = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    return Sizes(
        parameters=total,
        language=language,
        vision=total - language,
        active=_active(named, prefix, language, text),
        adapter=sum(LORA["r"] * (linear.in_features + linear.out_features) for linear in linears),
        layers=text.num_hidden_layers,
        hidden=text.hidden_size,
        vocabulary=text.vocab_size,
        cache=2 * text.num_hidden_layers * heads * width,
        pictures=_pictures(config),
    )


def _empty(model: str, config: Any) -> Any:
    from accelerate import init_empty_weights
    from transformers import AutoModelForImageTextToText

    try:
        with init_empty_weights():
            net = AutoModelForImageTextToText.from_config(config)
    except ValueError as error:
        raise AsruBenchError(
            f"{model!r} is a {config.model_type!r} model, which does not read images; expected a vision-language "
            "model such as Qwen/Qwen3-VL-4B-Instruct."
        ) from error
    net.tie_weights()
    return net


def _holder(folder: Path) -> str:
    """Where the config.json that describes the model lies: in the folder, or with the base of its adapter."""
    import json

    from asru_bench.models import MANIFEST

    if (folder / CONFIG).is_file():
        return str(folder)
    manifest = folder / MANIFEST
    base = json.loads(manifest.read_text(encoding="utf-8")).get("base", "") if manifest.is_file() else ""
    if base and not (Path(base).is_dir() and not (Path(base) / CONFIG).is_file()):
        return str(base)
    raise AsruBenchError(f"{folder} holds no {CONFIG}; copy it from the model, it is all that is read here.")


def _active(named: dict[str, Any], prefix: str, language: int, text: Any) -> int:
    """Language parameters that a token uses: of experts only those that are chosen."""
    experts = next((n for n in ("num_experts", "num_local_experts", "n_routed_experts") if getattr(text, n, None)), "")
    if not experts:
        return language
    chosen = getattr(text, "num_experts_per_tok", 1) / getattr(text, experts)
    spread = sum(p.numel() for name, p in named.items() if name.startswith(prefix) and ".experts." in name)
    return language - round(spread * (1 - chosen))


def _pictures(config: Any) -> Pictures:
    vision = getattr(config, "vision_config", None)
    patch = getattr(vision, "patch_size", None)
    merge = getattr(vision, "spatial_merge_size", None)
    if patch and merge:
        return Pictures(side=patch * merge, merged=merge**2)
    fixed = getattr(config, "mm_tokens_per_image", None) or getattr(config, "image_seq_length", None)
    size = getattr(vision, "image_size", None)
    patches = math.prod(_pair(size)) // math.prod(_pair(patch)) if size and patch else 0
    tokens = fixed or patches or PICTURE_TOKENS
    return Pictures(fixed=tokens, merged=max(1, round(patches / tokens)) if patches else 1)


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))
