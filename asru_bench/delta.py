"""Delta checkpoints: the tensors that unlearning changed, and nothing else; and whole ones in shards.

An edit of one matrix of a 4B model is 50 MB instead of 9 GB. Tensors keep the dtype they have in memory.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench.types import AsruBenchError

if TYPE_CHECKING:
    import torch

    from asru_bench.models import VLM

DELTA = "delta"
INDEX = "model.safetensors.index.json"
#: Largest file of weights.
SHARD = "5GB"
#: Smaller models are stored whole: the space is not worth the dependence on a base.
WORTH_BYTES = 1_000_000_000
#: A delta that holds more than this share of the weights is not worth it either.
WORTH_SHARE = 0.5


def against_base(vlm: VLM, always: bool) -> dict[str, torch.Tensor] | None:
    """The tensors that differ from the model at `vlm.path`; None where a whole checkpoint is better.

    `always`: also where the model is small or has changed throughout. None in any case where the model has
    other tensors than its base.
    """
    from asru_bench.models import load

    now = tensors(vlm.model)
    size = _bytes(now)
    if not vlm.path or not (always or size >= WORTH_BYTES):
        return None
    dtype = str(vlm.model.dtype).removeprefix("torch.")
    base = tensors(load(vlm.path, device="cpu", dtype=dtype).model)
    if {name: value.shape for name, value in now.items()} != {name: value.shape for name, value in base.items()}:
        return None
    changed = {name: value for name, value in now.items() if not _equal(value, base[name])}
    return changed if always or _bytes(changed) <= WORTH_SHARE * size else None


def tensors(model: Any) -> dict[str, torch.Tensor]:
    """Parameters and stored buffers by name, those that share memory once."""
    stored = model.state_dict()
    buffers = {name: value for name, value in model.named_buffers() if name in stored}
    return {name: value.detach() for name, value in (*model.named_parameters(), *buffers.items())}


def checksums(model: Any) -> dict[str, tuple[float, float]]:
    """Sum and norm of each tensor by name, equal before and after where no weight changed.

    An adapter counts by what it adds: one whose output matrices are zero leaves the model as it was.
    """
    import torch

    sums = {}
    for name, value in tensors(model).items():
        plain = name.removeprefix("base_model.model.").replace(".base_layer.", ".")
        total, norm = value.sum(dtype=torch.float64), torch.linalg.vector_norm(value, dtype=torch.float64)
        if "lora_" not in name or ("lora_B" in name and norm):
            sums[plain] = (float(total), float(norm))
    return sums


def write(changed: dict[str, torch.Tensor], folder: Path, shard: str = SHARD) -> None:
    """Writes tensors into `folder`, in files of at most `shard`."""
    from huggingface_hub import save_torch_state_dict

    folder.mkdir(parents=True)
    found = {name: value.cpu().contiguous() for name, value in changed.items()}
    if found:
        save_torch_state_dict(found, folder, max_shard_size=shard)


def apply(model: Any, folder: Path) -> None:
    """Puts the tensors of a delta into the model that it was made from, in the model's dtype."""
    import torch
    from safetensors import SafetensorError, safe_open

    check_shards(folder)
    places = tensors(model)
    with torch.no_grad():
        for file in sorted(folder.glob("*.safetensors")):
            try:
                with safe_open(file, "pt") as stored:
                    for name in stored.keys():  # noqa: SIM118 (not a mapping)
                        value = stored.get_tensor(name)
                        if name not in places or places[name].shape != value.shape:
                            raise AsruBenchError(
                                f"{folder} changes {name!r} {tuple(value.shape)}, which its base does not have; the "
                                "checkpoint was made from another model."
                            )
                        places[name].copy_(value)
            except SafetensorError as error:
                raise AsruBenchError(f"{file} cannot be read ({error}); copy it again.") from error


def check_shards(folder: Path) -> None:
    """Raises an `AsruBenchError` where files that the index of a model or delta names are missing."""
    index = folder / INDEX
    if not index.is_file():
        return
    try:
        named = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (ValueError, KeyError, AttributeError) as error:
        raise AsruBenchError(f"{index} cannot be read ({error}); copy or download it again.") from error
    missing = [name for name in named if not (folder / name).is_file()]
    if missing:
        raise AsruBenchError(
            f"{len(missing)} of the {len(named)} weight files of {folder} are missing, among them {missing[0]}; copy "
            "or download them again."
        )


def _equal(one: torch.Tensor, other: torch.Tensor) -> bool:
    there = one.to(other.device)
    return there.equal(other) if there.dtype == other.dtype else there.double().equal(other.double())


def _bytes(values: dict[str, torch.Tensor]) -> int:
    return sum(value.numel() * value.element_size() for value in values.values())
