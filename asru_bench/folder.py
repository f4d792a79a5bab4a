"""A run on disk: what was asked, where its inputs lie, and which stages are done."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench import controls, damage, entering, fingerprint, plan, probes, shown, store
from asru_bench.plan import Cell, Place
from asru_bench.registry import ALL
from asru_bench.types import AsruBenchError, Checkpoint, Cost, RunSpec, Sample

if TYPE_CHECKING:
    from asru_bench.sources import Source
    from asru_bench.task import Task

CHECKPOINT = "checkpoint"
#: What two runs must share for their verdicts to be compared item by item.
SAME = (
    "task task_config data_hash limit fast control judges judge_config decoding engine dtype attn quant model_hash "
    "vanilla_hash"
).split()


#: Holds spec.json and local.json once more, so that either can be made again.
COPY = "copy.json"


def read_state(file: Path) -> dict[str, dict[str, Any]]:
    """Which stages are done; what is damaged counts as not done, and is done again."""
    found = damage.read_json(file, dict, missing={})
    if found is None:
        damage.tell(f"{file} is damaged; what it said is found out again")
        return {}
    sound = {name: noted for name, noted in found.items() if isinstance(noted, dict)}
    made = sound.get("unlearn")
    if made is not None and not _is_checkpoint(made):
        del sound["unlearn"]
    return sound


def _is_checkpoint(noted: Mapping[str, Any]) -> bool:
    """Whether this is what `unlearn` notes."""
    costs = noted.get("cost", {})
    texts = all(isinstance(noted.get(name), str) for name in ("key", "path", "fingerprint"))
    return texts and isinstance(costs, dict) and costs.keys() <= _names(Cost)


@dataclass(frozen=True)
class RunFolder:
    """A run on disk. `local.json` says where inputs lie here, `state.json` which stages are done."""

    path: Path
    spec: RunSpec
    place: Place
    given: str = ""

    @classmethod
    def create(cls, cell: Cell, command: str = "") -> RunFolder:
        """The folder of a cell, made if it is not there; `command` is what was typed, to go on with."""
        found = cls(cell.folder, cell.spec, cell.place, cell.given)
        spec = asdict(cell.spec) | {"hash": fingerprint.spec_hash(cell.spec)}
        typed = {"command": command} if command else {}
        local = asdict(cell.place) | {"given": cell.given, "files": _files(cell.spec)} | typed
        with store.private():
            for name, content in (("spec.json", spec), ("local.json", local), (COPY, {"spec": spec, "local": local})):
                found.write(name, content)
        return found

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """A folder that exists; raises `AsruBenchError` where it is no run's. One damaged file is made again."""
        copy = damage.read_json(path / COPY, dict, missing={}) or {}
        spec, local = (_input(path, name, copy) for name in ("spec", "local"))
        spec.pop("hash", None)
        given = local.pop("given", "")
        local.pop("command", "")
        for kind, file in local.pop("files", []):
            ALL[kind].find(file)
        return cls(path, plan.spec_from(spec), Place(**local), given)

    @property
    def label(self) -> str:
        return plan.label(self.spec)

    @property
    def source(self) -> Source:
        return plan.find_source(self.spec, self.place)

    @property
    def task(self) -> Task:
        return plan.make_task(self.spec, self.place, self.source)

    @property
    def state(self) -> dict[str, Any]:
        return read_state(self.path / "state.json")

    @property
    def training_key(self) -> str:
        """Names what unlearning makes here; runs that only ask otherwise share it."""
        asks = ALL["task"].find(self.spec.task).metadata.get("asks", ())
        return fingerprint.training_key(self.spec, asks)

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The model to evaluate, if it was made from this spec's inputs."""
        noted = self.state.get("unlearn", {})
        if noted.get("key") != self.training_key:
            return None
        path = self.path / noted["path"] if noted["path"].startswith((CHECKPOINT, "..")) else noted["path"]
        return Checkpoint(str(path), noted["fingerprint"])

    @property
    def answers_file(self) -> Path:
        return self.path / "generations.parquet"

    @property
    def verdicts_file(self) -> Path:
        return self.path / "verdicts.parquet"

    @property
    def record_file(self) -> Path:
        return self.path / "record.json"

    @property
    def cost(self) -> Cost:
        return Cost(**self.state.get("unlearn", {}).get("cost", {}))

    def relative(self, path: str) -> str:
        """A checkpoint of this run or of one beside it, as seen from here, so that results can be moved."""
        beside = self.path.parent.resolve() in Path(path).resolve().parents
        return os.path.relpath(path, self.path) if beside else path

    def questions(self) -> list[Sample]:
        """The task's own evaluation questions of the spec's roles, as its control asks them.

        Controls pair people of several roles, so that roles are chosen among what they ask.
        """
        roles, task, control = self.spec.roles, self.task, self.spec.control
        found = entering.require(task.samples(), f"task {self.spec.task!r}")
        if not invented(self):
            shown.hide(task.world().people_names())
        if control != "none":
            found = controls.change(found, control, task.world())
        return [s for s in found if not roles or s.role in roles]

    def sibling(self, spec: RunSpec) -> RunFolder:
        """The folder of another spec of the same method, beside this one."""
        path = self.path.with_name(f"{fingerprint.spec_hash(spec)[:12]}-s{spec.seed}")
        return replace(self, path=path, spec=spec)

    def control(self, name: str) -> RunFolder | None:
        """The judged run of the same spec under a control."""
        other = self.sibling(replace(self.spec, control=name))
        return other if self.spec.control == "none" and other.record_file.is_file() else None

    def samples(self) -> list[Sample]:
        """All that is asked: the task's own questions and, where the spec has them, probes."""
        return [*self.questions(), *self.probes()]

    def probes(self) -> list[Sample]:
        """The probes of the spec's roles, none under a control; the same ones whatever the roles."""
        if not self.spec.probes or self.spec.control != "none":
            return []
        roles, task = self.spec.roles, self.task
        return [s for s in probes.make(task.samples(), task.world()) if not roles or s.role in roles]

    def beside(self, names: Iterable[str]) -> dict[str, RunFolder]:
        """Judged runs of the same task, settings and model: `vanilla`, `retain_oracle` (of this seed, else of the
        first) and `second_oracle`, another seed's. An oracle is compared with nobody.
        """
        wanted = set(names) if self.spec.method != "retain_oracle" else set()
        if not wanted:
            return {}
        vanillas, oracles = (self._judged(method) for method in ("vanilla", "retain_oracle"))
        found = {"vanilla": vanillas[:1], "retain_oracle": oracles[:1]}
        found["second_oracle"] = [o for o in oracles[1:] if o.spec.seed != oracles[0].spec.seed][:1]
        return {name: folders[0] for name, folders in found.items() if folders and name in wanted}

    def _judged(self, method: str) -> list[RunFolder]:
        """The runs of a method that differ from this one by method and seed only; this seed's first."""
        found = []
        for path in sorted((self.path.parent.parent / method).glob("*/spec.json")):
            if (other := opened(path.parent)) is None:
                continue
            alike = all(getattr(other.spec, name) == getattr(self.spec, name) for name in SAME)
            if alike and not other.spec.roles and "judge" in other.state and other.verdicts_file.is_file():
                found.append(other)
        return sorted(found, key=lambda other: (other.spec.seed != self.spec.seed, other.spec.seed))

    def done(self, stage: str, key: str, file: Path) -> bool:
        """Whether a stage wrote its file from exactly these inputs, and the file is still what it wrote."""
        return self.state.get(stage, {}).get("key") == key and file.is_file() and self.as_written(stage, file)

    def as_written(self, stage: str, file: Path) -> bool:
        """Whether a file is what its stage wrote, as far as that was noted."""
        noted = self.state.get(stage, {}).get("sha256")
        return noted is None or (file.is_file() and noted == fingerprint.sha256(file))

    def require_as_written(self, *stages: str) -> None:
        """Raises `AsruBenchError` where answers (generate) or verdicts (judge) are not those that their stage wrote."""
        files = {"generate": self.answers_file, "judge": self.verdicts_file}
        for stage in stages:
            file = files[stage]
            if file.is_file() and not self.as_written(stage, file):
                raise AsruBenchError(
                    f"{file} was changed after it was made; to make it again, type: asru-bench {stage} {self.path}"
                )

    def note(self, stage: str, file: Path | None = None, **values: Any) -> None:
        """Writes that a stage is done, and the digest of the file that it wrote."""
        written = {"sha256": fingerprint.sha256(file)} if file else {}
        self.write("state.json", self.state | {stage: values | written})

    def forget(self, stage: str) -> None:
        """Takes back that a stage is done."""
        if stage in (state := self.state):
            self.write("state.json", {name: noted for name, noted in state.items() if name != stage})

    def write(self, name: str, value: Mapping[str, Any]) -> None:
        store.write_json(self.path / name, value)


def opened(path: Path) -> RunFolder | None:
    """A run folder that others look at in passing; None, with a note, where it is damaged."""
    try:
        return RunFolder.open(path)
    except AsruBenchError as error:
        damage.tell(f"{path} is passed over: {error}")
        return None


def _input(path: Path, name: str, copy: Mapping[str, Any]) -> dict[str, Any]:
    """What `spec.json` or `local.json` holds; from the copy, and written again, where the file is damaged."""
    file = path / f"{name}.json"
    known = {"spec": RunSpec, "local": Place}[name]
    needed = {"method", "task"} if name == "spec" else {"out"}
    allowed = _names(known) | {"hash", "given", "files", "command"}
    read = {"spec": damage.read_json(file, dict), "copy": copy.get(name)}
    for source, found in read.items():
        if not (isinstance(found, dict) and needed <= found.keys() <= allowed):
            continue
        if source == "copy":
            damage.tell(f"{file} is damaged or missing; made again from {COPY}")
            store.write_json(file, found)
        return dict(found)
    raise AsruBenchError(
        f"{path} is no run folder (spec.json and local.json expected, {file.name} is missing or damaged); the same "
        "`asru-bench run` command as before makes them again, `asru-bench plan --prepare` without running."
    )


def _names(cls: type) -> set[str]:
    return {field.name for field in fields(cls)}


def invented(folder: Any) -> bool:
    """Whether the people of a run do not exist: those of the embedded universe, not of data that the user gave."""
    place = getattr(folder, "place", None)
    return bool(folder.source.universe) and not (place and place.data)


def _files(spec: RunSpec) -> list[tuple[str, str]]:
    """(kind, FILE.py[:Class]) of the plug-ins that are outside files, so that other processes find them."""
    named = [("method", spec.method), ("task", spec.task), *(("judge", judge) for judge in spec.judges)]
    return [(kind, file) for kind, name in named if (file := ALL[kind].find(name).file)]
