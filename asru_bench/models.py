"""Load, save, copy and prepare vision-language models: one code path for every `AutoModelForImageTextToText`.

A checkpoint is a folder with `manifest.json` and a whole model, or `adapter/` (LoRA weights) or `delta/` (the
tensors that changed) with a reference to their base; `load` reads all, and plain model folders and hub ids.
"""

from __future__ import annotations

import difflib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench import delta as deltas
from asru_bench import quantise, verified
from asru_bench.encoding import EncodingCache, encode_pairs, encode_prompts, messages, render
from asru_bench.fingerprint import contents, is_base, model_hash, weights_hash
from asru_bench.pretrained import check_fit, explained, first_line, load_model, load_processor
from asru_bench.seeds import seed_for
from asru_bench.types import AsruBenchError, Checkpoint

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = [
    "VLM",
    "Unadapted",
    "clone",
    "decoder_layers",
    "down_projection",
    "encode_pairs",
    "encode_prompts",
    "is_adapted",
    "language_model_name",
    "load",
    "messages",
    "one_stream",
    "pick_device",
    "read_manifest",
    "render",
    "save",
    "trainable",
]

DTYPES = ("float32", "bfloat16", "float16")
MANIFEST = "manifest.json"
ADAPTER = "adapter"
#: Adapter of the vanilla models and baselines of MLLMU-Bench and ASRU.
LORA: dict[str, Any] = {"r": 16, "lora_alpha": 16, "lora_dropout": 0.05, "init_lora_weights": "gaussian"}
FEED_FORWARD_OUT = ("down_proj", "fc2", "c_proj", "w2", "dense_4h_to_h")


@dataclass
class VLM:
    """A loaded model with its processor; `path` is the folder or hub id that it came from.

    `quant` is "4bit" where its weights were rounded to 4 bits, for answers only.
    """

    model: Any = field(repr=False)
    processor: Any = field(repr=False)
    path: str
    cache: EncodingCache = field(default_factory=EncodingCache, repr=False)
    quant: str = ""

    @property
    def device(self) -> torch.device:
        return next(self.model.parameters()).device

    @property
    def tokenizer(self) -> Any:
        return self.processor.tokenizer


def load(
    path: str,
    *,
    device: str = "auto",
    dtype: str = "float32",
    attn: str = "sdpa",
    base: str | None = None,
    quant: str = "",
) -> VLM:
    """Loads a hub id, a model folder or a checkpoint, in eval mode.

    `base` replaces the recorded base of an adapter or delta (say, after moving it); its weights must be the
    same. Adapters are merged in float32 and rounded once to `dtype`. `quant="4bit"` then rounds the linear
    layers of the language part to 4 bits: for evaluation, never for training.
    """
    import torch

    target = pick_device(device)
    if dtype not in DTYPES:
        raise AsruBenchError(f"unknown dtype {dtype!r}; choose one of {', '.join(DTYPES)}.")
    quantise.check(quant)
    folder = _local_folder(path)
    manifest = read_manifest(folder)
    if folder is not None:
        verified.require(folder)
    _check_base(path, manifest, base)
    if folder is not None and (folder / ADAPTER).is_dir():
        vlm = _merge_adapter(_load_base(path, base or manifest["base"], "float32", attn), folder / ADAPTER)
    elif folder is not None and (folder / deltas.DELTA).is_dir():
        vlm = _load_base(path, base or manifest["base"], dtype, attn)
        deltas.apply(vlm.model, folder / deltas.DELTA)
    else:
        if folder is not None:
            deltas.check_shards(folder)
        vlm = VLM(load_model(path, dtype, attn), load_processor(path), path)
        check_fit(path, vlm.model, vlm.processor)
    vlm.path = path
    vlm.model.to(dtype=getattr(torch, dtype)).eval()
    if quant:
        vlm.quant = quantise.linears(vlm.model, _language_linears(vlm.model), target)
    vlm.model.to(device=target)
    if name := _not_finite(vlm.model):
        raise AsruBenchError(
            f"the weights of {path!r} hold NaN or infinite values ({name}): whatever it answers says nothing. Train it "
            "again with a lower learning rate, or copy or download the folder again."
        )
    return vlm


def save(
    vlm: VLM, folder: Path, made_by: Mapping[str, Any], delta: bool | None = False, shard: str = deltas.SHARD
) -> Checkpoint:
    """Writes a checkpoint that `load` reads: beside the folder first, then renamed, so never half a one.

    A model with an adapter stores the adapter and its base. `delta`: store only the tensors that differ from
    those at `vlm.path` (None: where that saves much). Weights keep the dtype they have in memory, in files of
    at most `shard`.
    """
    if vlm.quant:
        raise AsruBenchError("4-bit weights are for answers only and are not saved; load without quant.")
    _require_finite(vlm)
    temporary = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    adapted = is_adapted(vlm.model)
    changed = None if adapted or delta is False else deltas.against_base(vlm, always=bool(delta))
    if changed is not None:
        deltas.write(changed, temporary / deltas.DELTA, shard)
    else:
        vlm.model.save_pretrained(temporary / ADAPTER if adapted else temporary, max_shard_size=shard)
    if adapted:
        _order(temporary / ADAPTER / "adapter_config.json")
    if not adapted and changed is None:
        vlm.processor.save_pretrained(temporary)
    manifest: dict[str, Any] = {
        "base": str(Path(vlm.path).resolve()) if vlm.path and Path(vlm.path).exists() else vlm.path,
        "base_fingerprint": weights_hash(vlm.path) if vlm.path else "",
        "made_by": dict(made_by),
    }
    _write_manifest(temporary, manifest)
    manifest["fingerprint"] = model_hash(str(temporary))  # of a part: reads its base from the manifest
    manifest["files"] = contents(temporary)
    _write_manifest(temporary, manifest)
    if folder.exists():
        shutil.rmtree(folder)
    temporary.rename(folder)
    return Checkpoint(str(folder), manifest["fingerprint"], manifest["base"], manifest["made_by"])


def needs_base(folder: Path) -> bool:
    """Whether a checkpoint holds only what is different from its base: an adapter or a delta."""
    return (folder / ADAPTER).is_dir() or (folder / deltas.DELTA).is_dir()


def clone(vlm: VLM) -> VLM:
    """A frozen deep copy in eval mode; processor and encoded inputs are shared."""
    import copy

    model = copy.deepcopy(vlm.model).requires_grad_(False).eval()
    return VLM(model, vlm.processor, vlm.path, vlm.cache)


def trainable(vlm: VLM, train: str = "full", targets: list[str] | None = None, seed: int = 0) -> VLM:
    """The same model prepared for training: `full` = every parameter, `lora` = float32 adapters only.

    LoRA sits on `targets`, module names; by default on every linear layer of the language part, the head
    and the vision tower excluded. `full` keeps the dtype; optimisers keep float32 masters of smaller ones.
    A model that has its adapter already is returned as it is.
    """
    if vlm.quant:
        raise AsruBenchError("4-bit weights are for answers only, not for training; leave --quant out of training.")
    if train == "full":
        vlm.model.requires_grad_(True)
        return vlm
    if train != "lora":
        raise AsruBenchError(f"unknown way of training {train!r}; choose full or lora (--train).")
    if is_adapted(vlm.model):
        return vlm
    from peft import LoraConfig, get_peft_model

    if not (found := targets or _language_linears(vlm.model)):
        raise AsruBenchError(
            f"no place for LoRA: the language part of {type(vlm.model).__name__} has no plain linear layers "
            "(quantised or fused ones do not count). Load unquantised weights, or use --train full."
        )
    config = LoraConfig(**LORA, target_modules=found)
    with one_stream(vlm.device, seed_for(seed, "lora")):
        vlm.model = get_peft_model(vlm.model, config)
    return vlm


class Unadapted:
    """A model with an adapter, called without it and in eval mode: the model that the adapter started from."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def get_base_model(self) -> Any:
        return self.model.get_base_model()

    def __call__(self, **inputs: Any) -> Any:
        mode = self.model.training
        try:
            with self.model.disable_adapter():
                return self.model.eval()(**inputs)
        finally:
            self.model.train(mode)


def decoder_layers(model: Any) -> nn.ModuleList:
    """The blocks of the language part: the longest list of modules beside the token embedding."""
    from torch import nn

    part = model.get_submodule(language_model_name(model))
    lists = [module for module in part.modules() if isinstance(module, nn.ModuleList)]
    if not lists:
        raise AsruBenchError(f"no decoder blocks found in the language part of {type(model).__name__}.")
    return max(lists, key=len)


def down_projection(layer: nn.Module) -> nn.Linear:
    """The linear map at the end of a block's feed-forward part (inside an adapter: the original one)."""
    from torch import nn

    for name, module in layer.named_modules():
        if name.rpartition(".")[2] in FEED_FORWARD_OUT:
            module = getattr(module, "base_layer", module)
            if isinstance(module, nn.Linear):
                return module
    raise AsruBenchError(
        f"no feed-forward output found in {type(layer).__name__}; expected a linear layer called one of "
        f"{', '.join(FEED_FORWARD_OUT)}. Mixture-of-experts blocks have none."
    )


def language_model_name(model: Any) -> str:
    """Dotted name of the module that holds the token embedding and the decoder blocks."""
    embedding = model.get_input_embeddings()
    names = [name for name, module in model.named_modules() if module is embedding]
    if not names:
        raise AsruBenchError(f"{type(model).__name__} has no token embedding; is it a vision-language model?")
    return names[0].rpartition(".")[0]


def pick_device(device: str) -> torch.device:
    """The device by name; `auto` is cuda where there is one, else cpu."""
    import torch

    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    kind = device.partition(":")[0]
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not available.get(kind, False):
        usable = ", ".join(name for name, there in available.items() if there)
        raise AsruBenchError(
            f"device {device!r} is not available here; usable: {usable}. Try --device auto; "
            "`asru-bench doctor` says what is wrong."
        )
    try:
        return torch.empty(0, device=device).device
    except RuntimeError as error:
        raise AsruBenchError(f"device {device!r} is not available here ({first_line(error)}).") from error


@contextmanager
def one_stream(device: torch.device, seed: int) -> Iterator[None]:
    """Seeds torch inside the block and leaves the streams of the rest of the process alone."""
    import torch

    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


def _local_folder(path: str) -> Path | None:
    """The folder that `path` means, or None where it reads as a hub id."""
    folder = Path(path).expanduser()
    if folder.is_dir():
        return folder
    looks_local = path.startswith((".", "/", "~")) or path.count("/") != 1 or folder.parent.is_dir()
    if not looks_local:
        return None
    parent = folder.parent
    siblings = [p.name for p in parent.iterdir() if p.is_dir()] if parent.is_dir() else []
    nearest = difflib.get_close_matches(folder.name, siblings, n=1, cutoff=0.5)
    hint = f"did you mean {str(parent / nearest[0])!r}?" if nearest else "check the path, or give a hub id."
    raise AsruBenchError(f"model folder {path!r} does not exist; {hint} `asru-bench ls models` lists models.")


def read_manifest(folder: Path | None) -> dict[str, Any]:
    """A checkpoint's manifest; empty for other models. Raises `AsruBenchError` where it is damaged."""
    if folder is None or not (folder / MANIFEST).is_file():
        return {}
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if isinstance(found, dict) and isinstance(found.get("made_by", {}), dict):
            return found
        reason = "another content was expected"
    except ValueError as error:
        reason = str(error)
    raise AsruBenchError(f"{folder / MANIFEST} is damaged ({reason}). {verified.remedy(folder)}")


def _write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n")


def _check_base(path: str, manifest: Mapping[str, Any], base: str | None) -> None:
    part = needs_base(Path(path).expanduser())
    if part and not (base or manifest.get("base")):
        raise AsruBenchError(
            f"checkpoint {path!r} holds only what differs from its base, and {MANIFEST}, which names that, is "
            f"missing or damaged. {verified.remedy(Path(path).expanduser())}"
        )
    recorded = manifest.get("base_fingerprint")
    source = base or (manifest.get("base") if part else None)
    if source and source.startswith(("/", "~", ".")) and not Path(source).expanduser().is_dir():
        raise AsruBenchError(
            f"checkpoint {path!r} holds only what differs from its base {source!r}, which is not there. Put that "
            "folder back, or make the checkpoint again."
        )
    if recorded and source and not is_base(source, recorded):
        raise AsruBenchError(
            f"checkpoint {path!r} was made from a model with fingerprint {recorded[:12]}, but {source!r} has "
            "other weights. Give the model it was made from, or make the checkpoint again."
        )


def _load_base(path: str, base: str, dtype: str, attn: str) -> VLM:
    vlm = load(base, device="cpu", dtype=dtype, attn=attn)
    vlm.path = path
    return vlm


def _merge_adapter(vlm: VLM, adapter: Path) -> VLM:
    from peft import PeftModel

    with explained(str(adapter)):
        vlm.model = PeftModel.from_pretrained(vlm.model, str(adapter)).merge_and_unload()
    return vlm


def _order(config: Path) -> None:
    """Sorts what peft writes as sets, in another order in each process: equal adapters have equal fingerprints."""
    values = json.loads(config.read_text(encoding="utf-8"))
    for name in ("target_modules", "modules_to_save"):
        if isinstance(values.get(name), list):
            values[name].sort()
    config.write_text(json.dumps(values, indent=2, sort_keys=True), encoding="utf-8")


def is_adapted(model: Any) -> bool:
    """Whether a model carries LoRA adapters."""
    return hasattr(model, "peft_config") and hasattr(model, "merge_and_unload")


def _language_linears(model: Any) -> list[str]:
    from torch import nn

    prefix = language_model_name(model)
    head = model.get_output_embeddings()
    return [
        name
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and name.startswith(f"{prefix}.") and module is not head
    ]


def _require_finite(vlm: VLM) -> None:
    if name := _not_finite(vlm.model):
        raise AsruBenchError(
            f"the model has NaN or infinite weights ({name}) and is not saved; lower the learning rate."
        )


def _not_finite(model: Any) -> str:
    """The first weight that holds NaN or infinity; "" where none does."""
    weights = model.named_parameters()
    return next((n for n, p in weights if p.is_floating_point() and not p.isfinite().all()), "")
