"""The embedded model as a `Source`: shipped weights, generated data, its own memorisation recipe."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench.home import home
from asru_bench.sources import Source
from asru_bench.types import AsruBenchError

from .people import SEED, VERSION

if TYPE_CHECKING:
    from asru_bench.unlearner import Context

    from .people import Universe

HERE = Path(__file__).parent
WEIGHTS = HERE / "weights"


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
    if not final.is_dir():
        draft = final.with_name(f"{task}.{os.getpid()}.tmp")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        write(universe(SEED), draft)
        try:
            draft.rename(final)
        except OSError:  # another process was first
            shutil.rmtree(draft, ignore_errors=True)
    return str(final)


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
