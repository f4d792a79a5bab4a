"""What the stages of one process share: the store, loaded models, encoded prompts and the measured pace."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from asru_bench import fingerprint, pace, schedule, served, store, verified
from asru_bench.folder import RunFolder
from asru_bench.types import Checkpoint, RunSpec
from asru_bench.unlearning import set_threads

if TYPE_CHECKING:
    from asru_bench.engines import Engine, HFEngine
    from asru_bench.models import VLM

#: Models in memory at once: the one that is asked, and base, whose likelihoods judges ask for.
MODELS_KEPT = 2


@dataclass
class Session:
    """What the stages of one process share: the store, loaded models and encoded prompts."""

    store: store.Store
    workers: int = 1
    show_progress: bool = True
    meter: pace.Meter = field(init=False)
    _models: OrderedDict[tuple[str, ...], VLM] = field(default_factory=OrderedDict)
    _caches: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.meter = pace.Meter(self.store)

    def measured(self, stage: str, spec: RunSpec, seconds: float, units: float) -> None:
        """Keeps what a stage took, for estimates."""
        self.meter.add(stage, schedule.scopes(stage, spec), seconds, units)

    def engine(self, checkpoint: Checkpoint, folder: RunFolder) -> Engine:
        """The engine that answers as a checkpoint: the spec's."""
        if folder.spec.engine != "hf":
            return served.connect(folder.spec.engine, checkpoint, folder)
        return self.local(checkpoint, folder)

    def local(self, checkpoint: Checkpoint, folder: RunFolder) -> HFEngine:
        """A checkpoint in this process, by the spec's precision and the place's device."""
        from asru_bench.engines import HFEngine

        place = folder.place
        workers = self.workers if place.workers is None else place.workers
        vlm = self._model(checkpoint, folder)
        return HFEngine(vlm, checkpoint.fingerprint, place.batch_size, workers, devices=place.devices)

    @contextmanager
    def progress(self, text: str, total: int) -> Iterator[Any]:
        """A bar with `advance()`, unless another process shows one."""
        from asru_bench.unlearner import progress_bar

        if not self.show_progress:
            yield None
            return
        with progress_bar(text, total) as bar:
            yield bar

    def _model(self, checkpoint: Checkpoint, folder: RunFolder) -> VLM:
        from asru_bench import models

        spec, device, path = folder.spec, folder.place.device, checkpoint.path
        key = (path, checkpoint.fingerprint, device, spec.dtype, spec.attn, spec.quant)
        if key not in self._models:
            verified.require_content(path, checkpoint.fingerprint)
            while len(self._models) >= MODELS_KEPT:
                self._models.popitem(last=False)
            set_threads(folder.source)
            vlm = models.load(path, device=device, dtype=spec.dtype, attn=spec.attn, quant=spec.quant)
            vlm.cache = self._caches.setdefault(_processor_hash(vlm), vlm.cache)
            self._models[key] = vlm
        self._models.move_to_end(key)
        return self._models[key]


def _processor_hash(vlm: VLM) -> str:
    """Models whose processor and tokenizer say the same share encoded prompts."""
    try:
        parts = [vlm.processor.to_json_string(), vlm.tokenizer.backend_tokenizer.to_str()]
    except AttributeError:
        return vlm.path
    return fingerprint.digest([*parts, vlm.processor.chat_template, vlm.tokenizer.chat_template])
