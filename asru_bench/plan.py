"""From what was typed to what will run: specs with every default resolved, cells, and what is done already."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench import config, fingerprint, general
from asru_bench.registry import JUDGES, METHODS, TASKS
from asru_bench.types import AsruBenchError, Decoding, RunSpec

if TYPE_CHECKING:
    from asru_bench.sources import Source
    from asru_bench.task import Task

ENGINES = ("hf", "openai")
#: Roles on which the model that never knew is asked: what it says to strangers, and what it can guess.
BASE_ROLES = ("forget", "strangers")
#: Methods whose results other rows are compared with.
REFERENCES = ("vanilla", "base", "retain_oracle")
#: A debug run asks this many people of each role.
FAST_PEOPLE = 2


@dataclass(frozen=True)
class Place:
    """Where inputs lie and how the work is done; nothing here decides a result."""

    out: str = "runs"
    model: str = ""
    vanilla: str = ""
    data: str = ""
    device: str = "auto"
    batch_size: int | None = None
    engine_url: str = ""
    engine_key_env: str = ""
    engine_model: str = ""
    workers: int | None = None
    keep_checkpoints: bool = True

    def absolute(self) -> Place:
        """The same place, whatever the current folder."""
        from asru_bench.sources import EMBEDDED

        model = self.model if self.model in EMBEDDED else _absolute(self.model)
        return replace(self, model=model, vanilla=_absolute(self.vanilla), data=_absolute(self.data))


@dataclass(frozen=True)
class Texts:
    """Settings as typed, `key=value`: of the method, the task and the judges."""

    method: tuple[str, ...] = ()
    task: tuple[str, ...] = ()
    judge: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cell:
    """One record to be: spec, place and folder. `given` is a checkpoint that exists and needs no unlearning."""

    spec: RunSpec
    place: Place
    folder: Path
    given: str = ""
    reference: bool = False

    @property
    def label(self) -> str:
        return f"{row_name(self.spec)} seed {self.spec.seed}"


@dataclass(frozen=True)
class Plan:
    """The rows that were asked for and, before them, the reference runs that they are compared with."""

    cells: tuple[Cell, ...]

    @property
    def rows(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if not cell.reference)


def make(specs: Iterable[RunSpec], place: Place, texts: Texts | None = None) -> Plan:
    """Resolves every spec and adds vanilla, base and an oracle that exists already, each once.

    A seed's references come first, an oracle that was asked for before other rows.
    """
    cells: dict[Path, Cell] = {}
    wanted = list(specs)
    seeds = list(dict.fromkeys(spec.seed for spec in wanted))
    for spec in sorted(wanted, key=lambda s: (seeds.index(s.seed), s.method not in REFERENCES)):
        here = replace(place, model=place.model or spec.model).absolute()
        source = find_source(spec, here)
        resolved = resolve(spec, here, source, texts or Texts())
        for cell in (*_references(resolved, here, source), _cell(resolved, here, source)):
            known = cells.get(cell.folder)
            cells[cell.folder] = replace(cell, reference=cell.reference and (known is None or known.reference))
    return Plan(tuple(cells.values()))


def resolve(spec: RunSpec, place: Place, source: Source, texts: Texts | None = None) -> RunSpec:
    """The spec with every default, preset and content hash filled in."""
    texts = texts or Texts()
    _check_choices(spec, place)
    name, _, variant = spec.method.partition("@")
    method, task = METHODS.find(name), TASKS.find(spec.task)
    chosen = {"variant": variant} if variant else {}
    task_class = TASKS.get(task.name)
    task_config = config.build(task_class.Config, spec.task_config, texts=texts.task, owner=f"task {task.name!r}")
    limit = spec.limit if not spec.fast else min(spec.limit or FAST_PEOPLE, FAST_PEOPLE)
    partial = replace(
        spec,
        method=method.name,
        task=task.name,
        model=model_name(place.model or spec.model),
        method_config=_method_config(method.name, {**spec.method_config, **chosen}, source, texts.method),
        task_config=config.values(task_config),
        judges=tuple(JUDGES.find(judge).name for judge in _judges(spec.judges, task_class)),
        limit=limit,
        general=general.resolve(spec.general, source, spec.fast),
    )
    known = source.vanilla(task.name)
    return replace(
        partial,
        judge_config=_judge_config(partial, texts.judge),
        method_hash=fingerprint.code_hash(method.path),
        model_hash=fingerprint.model_hash(source.base),
        vanilla_hash=fingerprint.model_hash(known) if known else "",
        data_hash=make_task(partial, place, source).data_hash(),
    )


def make_task(spec: RunSpec, place: Place, source: Source) -> Task:
    """The task object of a resolved spec, reading from `--data`, the model's own folder or the hub."""
    data = place.data or source.data(spec.task)
    return _task(spec.task, fingerprint.canonical(spec.task_config), data, spec.seed, spec.limit)


def find_source(spec: RunSpec, place: Place) -> Source:
    """The source of a spec's model, from what was typed as --model and --vanilla."""
    from asru_bench import sources

    return sources.resolve(place.model or spec.model, place.vanilla or None)


def model_name(model: str) -> str:
    """A model's name in records: a hub id or an embedded name as it is, a folder by its last part."""
    path = Path(model).expanduser()
    return path.resolve().name if path.is_dir() else model


def row_name(spec: RunSpec) -> str:
    """`asru`, or `asru@release` for a variant that is not the method's default."""
    return _row(spec.method, spec.method_config.get("variant"))


def folder_of(spec: RunSpec, place: Place) -> Path:
    """`<out>/<task>/<model>/<row>/<hash12>-s<seed>`."""
    name = f"{fingerprint.spec_hash(spec)[:12]}-s{spec.seed}"
    return Path(place.out) / spec.task / spec.model.replace("/", "--") / row_name(spec) / name


def given_checkpoint(spec: RunSpec, source: Source, people: Sequence[str]) -> str:
    """A checkpoint that is this method's result without any training; "" where there is none."""
    if spec.method == "vanilla":
        known = source.vanilla(spec.task)
        if not known:
            raise AsruBenchError(
                f"model {spec.model!r} has no vanilla for task {spec.task!r}; give one with --vanilla PATH."
            )
        return known
    if spec.method == "base":
        return source.base
    if spec.method == "retain_oracle":
        return source.oracle(spec.task, tuple(people)) or ""
    return ""


def spec_from(values: Mapping[str, Any]) -> RunSpec:
    """A spec from the JSON of `asdict`."""
    tuples = {name: tuple(values[name]) for name in ("judges", "roles", "general") if name in values}
    try:
        return RunSpec(**{**values, **tuples, "decoding": Decoding(**values["decoding"])})
    except (KeyError, TypeError) as error:
        raise AsruBenchError(f"spec.json is not of this version ({error}); start the run again.") from error


def _check_choices(spec: RunSpec, place: Place) -> None:
    """Settings with few values, checked before anything is loaded or trained."""
    from asru_bench.models import DTYPES, pick_device

    for flag, value, allowed in (
        ("engine", spec.engine, ENGINES),
        ("train", spec.train, ("full", "lora")),
        ("dtype", spec.dtype, DTYPES),
    ):
        if value not in allowed:
            raise AsruBenchError(f"unknown {flag} {value!r}; expected {' or '.join(allowed)} (--{flag}).")
    pick_device(place.device)
    if spec.engine == "openai":
        from asru_bench import openai_engine

        openai_engine.check(place)
    elif place.engine_url:
        raise AsruBenchError("--engine-url is for a served model; add --engine openai, or leave it out.")


@lru_cache(maxsize=8)
def _task(name: str, settings: str, data: str | None, seed: int, limit: int | None) -> Task:
    cls: Any = TASKS.get(name)
    built = config.build(cls.Config, json.loads(settings), owner=f"task {name!r}")
    return cls(built, data=data, seed=seed, limit=limit)


def _absolute(path: str) -> str:
    return str(Path(path).expanduser().resolve()) if path and Path(path).expanduser().exists() else path


def _cell(spec: RunSpec, place: Place, source: Source, reference: bool = False) -> Cell:
    people = make_task(spec, place, source).forget_people() if spec.method == "retain_oracle" else ()
    return Cell(spec, place, folder_of(spec, place), given_checkpoint(spec, source, people), reference)


def _references(spec: RunSpec, place: Place, source: Source) -> list[Cell]:
    """Runs that need no training and that a row is compared with."""
    found = []
    for name, roles in (("vanilla", ()), ("base", BASE_ROLES), ("retain_oracle", ())):
        entry = METHODS.find(name)
        other = replace(
            spec,
            method=name,
            method_config=_method_config(name, {}, source, ()),
            method_hash=fingerprint.code_hash(entry.path),
            roles=roles,
            force=False,
        )
        cell = _cell(other, place, source, reference=True)
        if cell.given or (cell.folder / "record.json").is_file():
            found.append(cell)
    return found


def _method_config(name: str, values: Mapping[str, Any], source: Source, texts: Sequence[str]) -> dict[str, Any]:
    cls: Any = METHODS.get(name)
    typed = config.split(texts)
    variant = typed.get("variant", values.get("variant", ""))
    preset = source.presets().get(_row(name, variant or None), {})
    return config.values(config.build(cls.Config, preset, values, texts=texts, owner=f"method {name!r}"))


def _row(name: str, variant: Any) -> str:
    own = {f.name: f.default for f in fields(METHODS.get(name).Config)}.get("variant")
    return name if variant in (None, own) else f"{name}@{variant}"


def _judge_config(spec: RunSpec, texts: Sequence[str]) -> dict[str, Any]:
    """Each judge's settings; a text `key=value` goes to every judge that knows it, `judge.key=value` to one."""
    typed: dict[str, list[str]] = {name: [] for name in spec.judges}
    for key, value in config.split(texts).items():
        owner, dot, rest = key.rpartition(".")
        owners = [owner] if dot else [n for n in spec.judges if key in _settings(n)]
        if not owners or any(name not in typed for name in owners):
            raise AsruBenchError(
                f"no judge of this run has the setting {key!r}; the judges are {', '.join(spec.judges)}. "
                "`asru-bench ls judges` lists what they take."
            )
        for name in owners:
            typed[name].append(f"{rest if dot else key}={value}")
    built = {}
    for name in spec.judges:
        cls: Any = JUDGES.get(name)
        given = spec.judge_config.get(name, {})
        built[name] = config.values(config.build(cls.Config, given, texts=typed[name], owner=f"judge {name!r}"))
    return built


def _judges(typed: tuple[str, ...], task: type[Task]) -> tuple[str, ...]:
    """What was typed; where nothing was, the usual judges and those that the task brings."""
    return typed if typed != RunSpec("", "").judges else tuple(dict.fromkeys((*typed, *task.judges)))


def _settings(judge: str) -> list[str]:
    cls: Any = JUDGES.get(judge)
    return [name for name, *_ in config.describe(cls.Config)]
