"""Content hashes. Each cache key is built by one function here, from contents and never from names.

Hashes of large files are kept in the store by path, size, mtime, ctime, inode and device, times in ns. They are
computed again where these say little: a file that changed a moment ago, a time that archives and images make up, a
folder whose files all have one time.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path
from typing import Any

from asru_bench.fit import later
from asru_bench.types import AsruBenchError, ImageRef, Request, RunSpec

#: Raised by hand when a change of the core changes what a method or an engine computes.
CORE_VERSION = 2  # 2: rollouts hold no control tokens
HUB_FILES = ["*.json", "*.safetensors", "*.jinja", "*.txt", "*.model", "*.tiktoken", "*.spm"]
WEIGHTS = ("*.safetensors", "pytorch_model*.bin", "adapter_model*.bin", "*.safetensors.index.json")
#: What else of a model's folder decides tokens, pixels and decoding: configurations (also of processors and of
#: generation), chat templates, tokenizers and their vocabularies, sentence encoders' lists of modules.
READING = (
    "*config.json config_*.json *.jinja chat_template*.json tokenizer*.json tekken.json *vocab* *merges*.txt *.codes "
    "added_tokens.json special_tokens_map.json normalizer.json *.model *.spm *.tiktoken modules.json"
).split()
#: Of training, not of the model, whatever their ending.
LEFTOVERS = ("optimizer*", "scheduler*", "training_args*", "trainer_*", "rng_state*", "scaler*")
#: Folders inside a model's that loading it never reads.
ASIDE = (".*", "checkpoint-*", "global_step*", "original", "onnx", "openvino", "coreml", "runs", "logs", "wandb")
#: What counted before templates and tokenizers did; checkpoints from then name their base by it.
FORMERLY = ("*.safetensors", "*.bin", "*config.json")
#: Smaller files are read again each time: that is as fast as looking them up, and no edit goes unseen.
SMALL_BYTES = 1 << 20
#: A file that changed less than this before it is read may change again without another time (ns).
SETTLED = 2_000_000_000
#: Times up to here are made up: 0 and 1 of images, 1980 of zip archives (ns; 3 January 1980).
MADE_UP = 315_705_600 * 1_000_000_000
#: Modules of the core that are part of some methods' recipe: their code counts with these methods'.
RECIPE = frozenset(
    "attributes control_tokens grpo marks redirect reinforce release_rules rewards steering strangers text".split()
)
#: What decides a checkpoint; the other fields of a spec only decide what is asked of it.
TRAINING_FIELDS = (
    "method method_config method_hash task task_config model_hash vanilla_hash data_hash "
    "seed train optim dtype attn limit fast earlier"
).split()


def digest(value: Any) -> str:
    """SHA-256 of a value's sorted JSON; dataclasses count as mappings, tuples as lists."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def canonical(value: Any) -> str:
    """Sorted, compact JSON: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def spec_hash(spec: RunSpec) -> str:
    """Names a run together with its seed, which is therefore left out; tasks of general ability change no run."""
    return digest({name: value for name, value in later(asdict(spec)).items() if name not in ("seed", "general")})


def training_key(spec: RunSpec, asks: Collection[str] = ()) -> str:
    """Names a checkpoint: everything that decides what unlearning makes, so no setting that the task only `asks` by."""
    values = later(asdict(spec))
    values["task_config"] = {name: value for name, value in values["task_config"].items() if name not in asks}
    return digest({name: values[name] for name in TRAINING_FIELDS if name in values} | {"core": CORE_VERSION})


def request_key(request: Request, token_hash: str, image_hash: str, checkpoint: str, numerics: str) -> str:
    """Names a generation: what the model reads, how it decodes, its weights and the arithmetic."""
    parts = {
        "tokens": token_hash,
        "image": image_hash,
        "max_new_tokens": request.max_new_tokens,
        "options": request.options,
        "checkpoint": checkpoint,
        "numerics": numerics,
        "core": CORE_VERSION,
    }
    return digest(parts | ({"draw": request.draw} if request.draw else {}))


def score_key(
    token_hash: str, prompt_length: int, image_hash: str, checkpoint: str, numerics: str, what: str = "likelihood"
) -> str:
    """Names a measure of one answer: its tokens, where they begin, who is asked, and which measure."""
    named = "score" if what == "likelihood" else f"score {what}"
    return digest([named, token_hash, prompt_length, image_hash, checkpoint, numerics, CORE_VERSION])


def numerics(engine: str, device: str, dtype: str, attn: str, batch: int) -> str:
    """The arithmetic: on a CPU in float32 the chunk size does not matter, elsewhere it does."""
    exact = device == "cpu" and dtype == "float32"
    return "/".join((engine, device, dtype, attn, *(() if exact else (f"blocks{batch}",))))


def token_hash(ids: Sequence[int]) -> str:
    return hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()


@lru_cache(maxsize=100_000)
def image_hash(ref: ImageRef) -> str:
    """SHA-256 of the RGB pixels and the size of one picture."""
    from asru_bench.data import open_image

    image = open_image(ref).convert("RGB")
    return hashlib.sha256(f"{image.width}x{image.height}:".encode() + image.tobytes()).hexdigest()


def images_hash(refs: Iterable[ImageRef]) -> str:
    """One hash for the pictures of a prompt in their order; "" where there are none."""
    hashes = [image_hash(ref) for ref in refs]
    return hashes[0] if len(hashes) == 1 else digest(hashes) if hashes else ""


def model_hash(path: str) -> str:
    """SHA-256 over names and contents of all that decides what a model answers (folder or cached hub id).

    Weights and configuration, and what makes tokens and pixels and ends answers: processor, tokenizer, templates,
    settings of generation. A checkpoint that holds an adapter or a delta counts with the model under it.
    """
    return _folder_hash(path, lambda folder: _read_from(folder, (*WEIGHTS, *READING)))


def weights_hash(path: str) -> str:
    """As `model_hash`, over weights and their configuration only: what an adapter or a delta was made from."""
    return _folder_hash(path, lambda folder: _read_from(folder, (*WEIGHTS, "config.json", "adapter_config.json")))


def is_base(path: str, recorded: str) -> bool:
    """Whether a checkpoint that recorded this hash of its base was made from the weights at `path`."""
    return recorded == weights_hash(path) or recorded == formerly(path)


def contents(folder: Path) -> dict[str, str]:
    """Name -> SHA-256 of each file of a model's folder that counts, without those of the model under it."""
    files = _read_from(folder, (*WEIGHTS, *READING))
    return {file.relative_to(folder).as_posix(): _content(file) for file in sorted(files)}


def formerly(path: str) -> str:
    """The hash by which a model went before templates and tokenizers counted."""
    return _folder_hash(path, lambda folder: [f for pattern in FORMERLY for f in folder.rglob(pattern)])


def _read_from(folder: Path, patterns: Iterable[str]) -> list[Path]:
    """The files of a model's folder that fit a pattern and that loading could read."""
    found = []
    for file in _files_below(folder):
        aside = any(fnmatch(part, pattern) for part in file.relative_to(folder).parts[:-1] for pattern in ASIDE)
        left = any(fnmatch(file.name, pattern) for pattern in LEFTOVERS)
        if not (aside or left) and any(fnmatch(file.name, pattern) for pattern in patterns) and file.is_file():
            found.append(file)
    safe = {file.parent for file in found if file.suffix == ".safetensors"}  # beside them .bin is not read
    return [file for file in found if file.suffix != ".bin" or file.parent not in safe]


def _files_below(folder: Path) -> Iterator[Path]:
    """All files, also those behind links to folders, which loading follows; no folder twice."""
    seen = set()
    for here, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(here)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        yield from (Path(here, name) for name in names)


def _folder_hash(path: str, listed: Callable[[Path], list[Path]]) -> str:
    from asru_bench.models import needs_base

    folder = Path(path).expanduser()
    if not folder.is_dir():
        folder = hub_folder(path)
    files = listed(folder)
    if not (files or needs_base(folder)):
        raise AsruBenchError(f"{path!r} holds no weights; expected config.json and *.safetensors.")
    own = hashlib.sha256()
    for file in sorted(set(files)):
        own.update(f"{file.relative_to(folder)}:{_content(file)}\n".encode())
    if needs_base(folder) and (base := _base_of(folder)):
        return digest([own.hexdigest(), _folder_hash(base, listed)])
    return own.hexdigest()


def _base_of(folder: Path) -> str:
    from asru_bench.models import read_manifest

    return str(read_manifest(folder).get("base", ""))


def _content(file: Path) -> str:
    return sha256(file) if file.stat().st_size < SMALL_BYTES else file_hash(file)


def file_hash(path: Path) -> str:
    """SHA-256 of a file, remembered as long as its status is the same and can be relied on."""
    from asru_bench.store import remembered

    file = path.resolve()
    status = file.stat()
    named = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev)
    key = f"file:{file}:{':'.join(map(str, named))}"
    if _just_changed(status):
        return _hash_file(file)
    if _says_little(file, status):
        if key not in _read_here:
            _read_here[key] = _hash_file(file)
        return _read_here[key]
    return remembered(key, lambda: _hash_file(file))


#: Hashes that only this process may rely on.
_read_here: dict[str, str] = {}


def _just_changed(status: os.stat_result) -> bool:
    """Whether another change could have left the same times: clocks of file systems tick; also times to come."""
    return max(status.st_mtime_ns, status.st_ctime_ns) > time.time_ns() - SETTLED


def _says_little(file: Path, status: os.stat_result) -> bool:
    """Whether times are made up: by an archive or image, or because the system keeps none of changes (Windows)."""
    if status.st_mtime_ns <= MADE_UP or sys.platform == "win32":
        return True
    beside = [other.stat().st_mtime_ns for other in file.parent.iterdir() if other.is_file()]
    return len(beside) > 1 and set(beside) == {status.st_mtime_ns}


def _hash_file(file: Path) -> str:
    """SHA-256 of the content; of a file that the hub cache names by git's SHA-1, that name while it is right."""
    if file.parent.name == "blobs" and re.fullmatch("[0-9a-f]{40}", file.name):
        content = file.read_bytes()
        if hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest() == file.name:
            return file.name
    return sha256(file)


def code_hash(path: Path, core: bool = False) -> str:
    """SHA-256 of a plug-in's file, of the siblings and `RECIPE` modules it imports, with the core's version.

    With `core` all modules of the core that it imports count: for stages that are cheap to repeat.
    """
    files = sorted(_with_imports(path, core))
    parts = [(file.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in files]
    return digest([CORE_VERSION, parts])


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, read now."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hub_folder(name: str) -> Path:
    """The folder of a hub model in the hub cache, downloaded where it is not complete."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(name, local_files_only=True))
        if any(any(folder.glob(pattern)) for pattern in FORMERLY[:2]):
            return folder
    except LocalEntryNotFoundError:
        pass
    except HFValidationError as error:
        raise AsruBenchError(f"model {name!r} is neither a folder here nor a hub id.") from error
    try:
        return Path(snapshot_download(name, allow_patterns=HUB_FILES))
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise AsruBenchError(
            f"model {name!r} is not in the hub cache and cannot be downloaded now; check the name and the "
            f"network, or fetch it elsewhere with: hf download {name}"
        ) from error


def _with_imports(path: Path, core: bool, seen: frozenset[Path] = frozenset()) -> frozenset[Path]:
    """The file and, through its imports, the Python files of its folder and of this package (all with `core`)."""
    if path in seen:
        return seen
    seen |= {path}
    here = Path(__file__).parent
    for name in _names_in(path.read_text(encoding="utf-8"), str(path)):
        inside = name.removeprefix("asru_bench.")
        folders = [path.parent] if inside == name or "." in inside else []
        folders += [here] if inside != name and (core or _in_recipe(inside)) else []
        for folder in folders:
            file = folder / f"{inside.rpartition('.')[2]}.py"
            if file not in seen and file.is_file():
                seen = _with_imports(file, core, seen)
    return seen


@lru_cache(maxsize=1000)
def _names_in(code: str, name: str) -> tuple[str, ...]:
    """All that a file's code imports, each once; the same code is parsed once a process."""
    return tuple(dict.fromkeys(n for node in ast.walk(ast.parse(code, filename=name)) for n in _imported(node)))


def _in_recipe(module: str) -> bool:
    return module in RECIPE or module.startswith("refusal")


def _imported(node: ast.AST) -> list[str]:
    """Modules that an import could mean: `from .x import …` is "x", `from asru_bench import x` is both."""
    if isinstance(node, ast.ImportFrom):
        inner = [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "asru_bench" else []
        return [node.module, *inner] if node.module else [alias.name for alias in node.names]
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return []


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no place in a cache key")
