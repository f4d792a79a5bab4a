"""`asru-bench plan`: the steps with hours, memory and disk, without loading a weight; `--probe` measures some."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from asru_bench import estimate, plan, schedule
from asru_bench.estimate import Estimator, Need
from asru_bench.folder import RunFolder
from asru_bench.machines import GB, Machine
from asru_bench.plan import Cell, Place, Plan, Texts
from asru_bench.types import AsruBenchError, RunSpec

if TYPE_CHECKING:
    from asru_bench.store import Store

#: What helps where training may need more memory than there is.
SMALLER = "batches are divided when memory runs out; -m microbatch=16 (asru) does it first, --grad-checkpoint helps too"
#: Questions that `--probe` asks.
PROBED = 20


def make(specs: Iterable[RunSpec], place: Place, texts: Texts, gpu: str = "") -> tuple[Plan, list[str]]:
    """The plan, and what has to be said of it. Models that are not here yet are planned from their config.json."""
    if gpu:
        place = replace(place, device="auto")
    notes = []
    for name, given in (("model", place.model), ("vanilla", place.vanilla)):
        if given and _only_on_the_hub(given):
            path = str(_config_folder(given))
            place = replace(place, model=path) if name == "model" else replace(place, vanilla=path)
            notes.append(f"{given} is not downloaded: planned from its config.json (hf download {given} fetches it)")
    return plan.make(specs, place, texts), notes


def text(planned: Plan, notes: Iterable[str], cache: Store, gpu: str = "", probed: bool = False) -> str:
    """The table, the models and the machine that it was computed for; with `probed` after a measurement."""
    estimators: dict[tuple[str, str], Estimator] = {}
    said = [probe(planned, cache)] if probed else []

    def needs(cell: Cell, folder: RunFolder) -> Mapping[str, Need]:
        source = folder.source
        if source.embedded:
            return {}
        key = (source.base, cell.spec.dtype)
        if key not in estimators:
            machine = estimate.machine_of(cell.place, cell.spec.dtype, gpu)
            estimators[key] = Estimator(source.base, machine, cell.spec.dtype, ratio[0])
        found = estimate.cell_needs(cell, folder, estimators[key])
        short.extend(_short(cell.label, found, estimators[key].machine))
        return found

    ratio, short = [said[0][1] if said else 1.0], list[str]()
    lines = [schedule.text(planned, schedule.steps(planned, cache, needs))]
    lines += [_facts(estimator) for estimator in estimators.values()]
    lines += [words for words, _ in said]
    return "\n".join([*lines, *dict.fromkeys(short), *notes])


def _short(label: str, needs: Mapping[str, Need], machine: Machine) -> list[str]:
    """A line for each stage that may need more memory than the machine has."""
    return [
        f"{label}, {stage}: {need.memory / GB:.0f} GB (estimated) are more than the {machine.memory / GB:.0f} GB of "
        f"{machine.name}: {SMALLER if stage == 'unlearn' else 'try a smaller --batch-size'}."
        for stage, need in needs.items()
        if need.memory and machine.memory and need.memory > machine.memory
    ]


def probe(planned: Plan, cache: Store) -> tuple[str, float]:
    """(what was measured, how many times as long as estimated): `PROBED` questions to the first model that is here."""
    import torch

    from asru_bench.engines import HFEngine
    from asru_bench.models import load

    cell = next((cell for cell in planned.cells if cell.given and _has_weights(cell.given)), None)
    if cell is None:
        raise AsruBenchError("--probe needs the weights of vanilla or base here; give --vanilla FOLDER or download it.")
    folder = RunFolder(cell.folder, cell.spec, cell.place, cell.given)
    samples = folder.samples()
    chosen = samples[:: max(1, len(samples) // PROBED)][:PROBED]
    vlm = load(cell.given, device=cell.place.device, dtype=cell.spec.dtype, attn=cell.spec.attn)
    engine = HFEngine(vlm, "probe", cell.place.batch_size)
    requests = [folder.task.request(sample, cell.spec.decoding) for sample in chosen]
    list(engine.generate(requests[:1]))  # what is done once in a process
    if vlm.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(vlm.device)
    started = time.perf_counter()
    list(HFEngine(vlm, "probe", cell.place.batch_size).generate(requests))
    each = (time.perf_counter() - started) / len(chosen)
    schedule.remember(cache, "generate", cell.spec, each)
    words = f"probe: {len(chosen)} questions to {cell.label}, {each:.3f} s each (measured)"
    if vlm.device.type == "cuda":
        peak = torch.cuda.max_memory_allocated(vlm.device)
        schedule.remember(cache, "memory", cell.spec, float(peak))
        words += f", {peak / GB:.1f} GB of GPU memory (measured)"
    if folder.source.embedded:
        return words, 1.0
    estimator = Estimator(folder.source.base, estimate.machine_of(cell.place, cell.spec.dtype), cell.spec.dtype)
    shape = estimate.shape_of(chosen, cell.spec.decoding, estimator.sizes.pictures)
    seconds = estimator.generate(chosen, shape, min(len(chosen), engine.batch_size or PROBED)).seconds
    ratio = each * len(chosen) / seconds if seconds else 1.0
    return f"{words}; {ratio:.1f} times the estimate, by which the other times are scaled", ratio


def _facts(estimator: Estimator) -> str:
    known, machine = estimator.sizes, estimator.machine
    memory = "" if machine.memory is None else f", {machine.memory / GB:.0f} GB" + (" free" if machine.measured else "")
    speed = f"{machine.flops / 1e12:.3g} x 10^12 operations a second"
    how = "measured" if machine.measured else "0.6 of its data sheet, estimated"
    name = Path(estimator.model).name
    return (
        f"{name}: {known.parameters / 1e9:.2f} billion parameters ({known.vision / 1e9:.2f} of them see), "
        f"{estimator.dtype} {estimator.weights / GB:.1f} GB, adapter {known.adapter / 1e6:.0f} million; for "
        f"{machine.name}{memory}, {speed} ({how}). What is marked estimated can be wrong by a factor of 3."
    )


def _only_on_the_hub(name: str) -> bool:
    """Whether this is a hub id whose weights are not in the hub cache."""
    from asru_bench.sources import EMBEDDED

    if name in EMBEDDED or Path(name).expanduser().is_dir() or name.count("/") != 1 or name.startswith((".", "/", "~")):
        return False
    return not _has_weights(name)


def _has_weights(name: str) -> bool:
    from asru_bench.doctor_inputs import cached

    folder = Path(name).expanduser()
    found = folder if folder.is_dir() else cached(name)
    return found is not None and any(found.rglob("*.safetensors"))


def _config_folder(name: str) -> Path:
    """A folder that holds the config.json of a hub id, fetched where it is not in the cache."""
    from asru_bench import sizes
    from asru_bench.home import home

    folder = home() / "configs" / name.replace("/", "--")
    shutil.rmtree(folder, ignore_errors=True)
    sizes.read_config(name).save_pretrained(folder)
    return folder
