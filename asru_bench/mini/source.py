"""The embedded model as a `Source`: shipped weights, generated data, its own memorisation recipe."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench.damage import read_json, tell
from asru_bench.fingerprint import sha256
from asru_bench.home import home
from asru_bench.sources import Source
from asru_bench.store import explained, write_json
from asru_bench.types import AsruBenchError

from .people import SEED, VERSION

if TYPE_CHECKING:
    from asru_bench.unlearner import Context

    from .people import Universe

HERE = Path(__file__).parent
WEIGHTS = HERE / "weights"
#: Digests of a written universe's files, beside them.
LISTING = ".listing.json"


def source(name: str = "mini") -> Source:
    """`--model mini`; an error where the package came without its weights."""
    from . import ability

    if not (WEIGHTS / "base" / "config.json").is_file():
        raise AsruBenchError(
            "the embedded model's weights are missing from this installation; expected them in the package. "
            "Reinstall asru-bench, or build them: asru-bench mini build"
        )
    return Source(
        name=name,
        base=str(WEIGHTS / "base"),
        vanilla=_vanilla,
        data=data_folder,
        oracle=_oracle,
        retrain=retrain,
        universe=VERSION,
        threads=1,
        settings=str(HERE / "presets.json"),
        general=ability.NAMES,
    )


def _vanilla(task: str) -> str | None:
    folder = WEIGHTS / f"vanilla-{task}"
    return str(folder if folder.is_dir() else WEIGHTS / "base")


def _oracle(task: str, people: tuple[str, ...], seed: int) -> str | None:
    """The shipped oracle that never knew exactly these people; of this seed, where its name holds one."""
    for folder in (WEIGHTS / f"oracle-{task}-{seed}", WEIGHTS / f"oracle-{task}"):
        note = folder / "without.json"
        if note.is_file() and sorted(json.loads(note.read_text())) == sorted(people):
            return str(folder)
    return None


@lru_cache(maxsize=1)
def generator_hash() -> str:
    """Content hash of what generates the universe: names the data folder."""
    digest = hashlib.sha256()
    files = "words.py portraits.py people.py texts.py folders.py authors.py clear.py ppu.py"
    for name in files.split():
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()[:12]


def _writer(task: str) -> Callable[[Universe, Path], None] | None:
    """What writes the universe in a task's schema."""
    if task == "mllmu_bench":
        from .folders import write_mllmu_bench

        return write_mllmu_bench
    if task == "clear":
        from .clear import write_clear

        return write_clear
    if task == "ppu_bench":
        from .ppu import write_ppu_bench

        return write_ppu_bench
    return None


def data_folder(task: str) -> str | None:
    """The universe as a data folder of `task`, written at first use; None where the task has no writer yet."""
    from .people import universe

    write = _writer(task)
    if write is None:
        return None
    final = home() / "universes" / f"{VERSION}-{generator_hash()}" / task
    if not _as_written(final):
        draft = final.with_name(f"{task}.{os.getpid()}.tmp")
        shutil.rmtree(draft, ignore_errors=True)
        with explained(draft):
            draft.mkdir(parents=True)
            write(universe(SEED), draft)
            write_json(draft / LISTING, _digests(draft))
        _put_in_place(draft, final)
    return str(final)


def _as_written(folder: Path) -> bool:
    """Whether a universe has all files as they were written, by their digests; looked at again where a time changed."""
    if not folder.is_dir():
        return False
    listed = read_json(folder / LISTING) or {}
    status = tuple((str(file), file.stat().st_mtime_ns, file.stat().st_ctime_ns) for file in _files(folder))
    if _seen.get(folder) != status:
        if not listed or _digests(folder) != listed:
            tell(f"the embedded universe in {folder} is not as it was written; made again")
            return False
        _seen[folder] = status
    return True


def _put_in_place(draft: Path, final: Path) -> None:
    """Gives the draft its name; what is damaged there goes first, unless another process has mended it."""
    aside = draft.with_name(draft.name + ".old")
    with suppress(OSError):
        final.rename(aside)
    with suppress(OSError):  # another process was first
        draft.rename(final)
    for left in (aside, draft):
        shutil.rmtree(left, ignore_errors=True)
        if left.is_file():
            left.unlink()


#: Universes that this process found whole, with their files' times.
_seen: dict[Path, tuple[tuple[str, int, int], ...]] = {}


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file() and file.name != LISTING)


def _digests(folder: Path) -> dict[str, str]:
    return {file.relative_to(folder).as_posix(): sha256(file) for file in _files(folder)}


def retrain(ctx: Context) -> Any:
    """The retain oracle: the memorisation recipe from base on everybody but the forget people."""
    from .build import memorise, memorise_authors

    forget = {pair.cluster for pair in ctx.data.forget} | {*ctx.left_out}
    of_clear = ctx.data.forget[0].id.startswith("clear/")
    vlm = ctx.base
    for parameter in vlm.model.parameters():
        parameter.requires_grad_(True)
    with ctx.progress("retain oracle", None) as bar:

        def log(step: int, loss: float) -> None:
            bar.advance()
            if step % 20 == 0:
                ctx.log("memorise", step, loss=loss)

        if of_clear:
            memorise_authors(vlm.model, vlm.processor, without=forget, seed=ctx.seed, log=log)
        else:
            memorise(vlm.model, vlm.processor, without=forget, log=log)
    return vlm
