"""From what was typed to what will run: specs with every default resolved, cells, and what is done already."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench import config, fingerprint, forgotten, general, precheck, requests
from asru_bench.controls import BLIND
from asru_bench.fit import SAVE_EVERY
from asru_bench.judge import Desk
from asru_bench.registry import JUDGES, METHODS, TASKS
from asru_bench.types import PROBE, AsruBenchError, Decoding, RunSpec

if TYPE_CHECKING:
    from asru_bench.sources import Source
    from asru_bench.task import Task

#: Roles on which the model that never knew is asked: what it says to strangers, and what it can guess.
BASE_ROLES = ("forget", "strangers")
#: Methods whose results other rows are compared with.
REFERENCES = ("vanilla", "base", "retain_oracle")
#: Seeds of the oracles that a task which compares two looks for.
ORACLE_SEEDS = (0, 1)
#: By default unlearning may take so many times its estimate (at least so many seconds), or so long where none is known.
TIMES, SHORTEST, LONGEST = 10, 600.0, 86400.0
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
    judge_url: str = ""
    judge_key_env: str = ""
    judge_budget: str = ""
    judge_price: str = ""
    judge_concurrency: int = 16
    engine_options: tuple[str, ...] = ()
    workers: int | None = None
    devices: int = 1
    keep_checkpoints: bool = True
    checkpoints: str = "auto"
    grad_checkpoint: bool = False
    save_every: float = SAVE_EVERY
    max_seconds: float | None = None
    allow_data_errors: bool = False
    report_to: str = ""

    def delta(self, engine: str) -> bool | None:
        """Whether checkpoints are stored as deltas; None: where it saves much. Servers read whole models only."""
        if self.checkpoints == "auto" and engine == "hf":
            return None
        return self.checkpoints == "delta"

    @property
    def desk(self) -> Desk:
        """What judges may use, without a cache."""
        return Desk(self.judge_url, self.judge_key_env, self.judge_budget, self.judge_price, self.judge_concurrency)

    def __post_init__(self) -> None:
        object.__setattr__(self, "engine_options", tuple(self.engine_options))  # a list where it was read from JSON

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
    """One record to be: spec, place and folder. `given` is a checkpoint that exists and needs no unlearning.

    `reference`: others are compared with it. `step`: a request before the last one, which a later one starts from.
    """

    spec: RunSpec
    place: Place
    folder: Path
    given: str = ""
    reference: bool = False
    step: bool = False

    @property
    def label(self) -> str:
        return label(self.spec)


@dataclass(frozen=True)
class Plan:
    """The rows that were asked for and, before them, the reference runs that they are compared with.

    `command`: what was typed, for whoever goes on with one of them.
    """

    cells: tuple[Cell, ...]
    command: str = ""

    @property
    def rows(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if not (cell.reference or cell.step))


def make(specs: Iterable[RunSpec], place: Place, texts: Texts | None = None) -> Plan:
    """Resolves every spec and adds vanilla, base and an oracle that exists already, each once.

    A seed's references come first, an oracle that was asked for before other rows.
    """
    precheck.out(place.out)
    cells: dict[Path, Cell] = {}
    wanted = list(specs)
    seeds = list(dict.fromkeys(spec.seed for spec in wanted))
    for spec in sorted(wanted, key=lambda s: (seeds.index(s.seed), s.method not in REFERENCES)):
        here = replace(place, model=place.model or spec.model).absolute()
        source = find_source(spec, here)
        resolved = resolve(spec, here, source, texts or Texts())
        for cell in _with_references(resolved, here, source):
            known = cells.get(cell.folder)
            cells[cell.folder] = replace(cell, reference=cell.reference and (known is None or known.reference))
    return Plan(tuple(cells.values()))


def _with_references(spec: RunSpec, place: Place, source: Source) -> list[Cell]:
    """A row after all that it is compared with or starts from; a control after the same row without it."""
    found = []
    if spec.control != "none":
        plain = _with_references(replace(spec, control="none"), place, source)
        found += [replace(cell, reference=not cell.step) for cell in plain]
    found += references(spec, place, source)
    if spec.method not in REFERENCES:
        steps = requests.earlier(spec) if spec.control == "none" else []
        found += [replace(_cell(step, place, source), step=True) for step in steps]
    return [*found, _cell(spec, place, source)]


def resolve(spec: RunSpec, place: Place, source: Source, texts: Texts | None = None) -> RunSpec:
    """The spec with every default, preset and content hash filled in."""
    texts = texts or Texts()
    precheck.choices(spec, place)
    name, _, variant = spec.method.partition("@")
    method, task = METHODS.find(name), TASKS.find(spec.task)
    chosen = {"variant": variant} if variant else {}
    task_class = TASKS.get(task.name)
    own, typed, chain = requests.split_settings(spec.task_config, texts.task)
    task_config = config.build(task_class.Config, own, texts=typed, owner=f"task {task.name!r}")
    if method.name == "retain_oracle" and task_class.reference == "never_knew":
        raise AsruBenchError(
            f"task {task.name!r} has no retain oracle: its people are known from pre-training, and no model "
            "was trained without them. Leave it out; rows are compared with vanilla and with answers to strangers."
        )
    limit = spec.limit if not spec.fast else min(spec.limit or FAST_PEOPLE, FAST_PEOPLE)
    partial = replace(
        spec,
        method=method.name,
        task=task.name,
        model=model_name(place.model or spec.model),
        method_config=_method_config(
            method.name, {**spec.method_config, **chosen}, source.presets(task.name), texts.method
        ),
        task_config=config.values(task_config) | chain,
        judges=tuple(JUDGES.find(judge).name for judge in _judges(spec, task_class)),
        limit=limit,
        train=spec.train or ("full" if source.embedded else "lora"),
        general=general.resolve(spec.general, source, spec.fast),
    )
    known = source.vanilla(task.name)
    if known:
        hide = not (source.embedded and not place.data)
        partial = replace(partial, earlier=forgotten.listed(known, task.name, hide, spec.force))
    built = make_task(partial, place, source)
    return replace(
        partial,
        judge_config=judge_config(partial, texts.judge, place, built.judge_settings()),
        method_hash=fingerprint.code_hash(method.path),
        model_hash=fingerprint.model_hash(source.base),
        vanilla_hash=fingerprint.model_hash(known) if known else "",
        data_hash=built.data_hash(),
    )


def make_task(spec: RunSpec, place: Place, source: Source) -> Task:
    """The task object of a resolved spec, reading from `--data`, the model's own folder or the hub."""
    data = place.data or source.data(spec.task)
    return _task(spec.task, fingerprint.canonical(spec.task_config), data, spec.seed, spec.limit, spec.earlier)


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


def label(spec: RunSpec) -> str:
    """A run as lines on the terminal call it."""
    number, count = requests.number_of(spec)
    control = f" ({spec.control})" if spec.control != "none" else ""
    return f"{row_name(spec)} seed {spec.seed}{f' request {number}' if count > 1 else ''}{control}"


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
        return source.oracle(spec.task, tuple(people), spec.seed) or ""
    return ""


def spec_from(values: Mapping[str, Any]) -> RunSpec:
    """A spec from the JSON of `asdict`."""
    tuples = {name: tuple(values[name]) for name in ("judges", "roles", "general", "earlier") if name in values}
    try:
        return RunSpec(**{**values, **tuples, "decoding": Decoding(**values["decoding"])})
    except (KeyError, TypeError) as error:
        raise AsruBenchError(f"spec.json is not of this version ({error}); start the run again.") from error


@lru_cache(maxsize=8)
def _task(
    name: str, settings: str, data: str | None, seed: int, limit: int | None, earlier: tuple[str, ...] = ()
) -> Task:
    cls: Any = TASKS.get(name)
    own, _, chain = requests.split_settings(json.loads(settings), ())
    built = config.build(cls.Config, own, owner=f"task {name!r}")
    task = cls(built, data=data, seed=seed, limit=limit)
    task = requests.Requested(task, chain["requests"], chain["request"]) if chain else task
    return forgotten.Continued(task, earlier) if earlier else task


def _absolute(path: str) -> str:
    return str(Path(path).expanduser().resolve()) if path and Path(path).expanduser().exists() else path


def _cell(spec: RunSpec, place: Place, source: Source, reference: bool = False) -> Cell:
    task = make_task(spec, place, source) if spec.method == "retain_oracle" else None
    people = (*task.forget_people(), *forgotten.left_out(task)) if task else ()
    return Cell(spec, place, folder_of(spec, place), given_checkpoint(spec, source, people), reference)


def references(spec: RunSpec, place: Place, source: Source) -> list[Cell]:
    """Runs that need no training and that a row is compared with."""
    found = []
    for name, roles, seed in _compared(spec):
        entry = METHODS.find(name)
        other = replace(
            spec,
            method=name,
            seed=seed,
            method_config=_method_config(name, {}, source.presets(spec.task), ()),
            method_hash=fingerprint.code_hash(entry.path),
            roles=roles,
            force=False,
        )
        cell = _cell(other, place, source, reference=True)
        if cell.given or (cell.folder / "record.json").is_file():
            found.append(cell)
        if name == "vanilla" and _needs_blind(spec):
            found.append(_cell(replace(other, control=BLIND), place, source, reference=True))
    return found


def _needs_blind(spec: RunSpec) -> bool:
    """Whether vanilla is asked without pictures first: where base knows everybody and the task has no gate."""
    from asru_bench.task import Task

    task = TASKS.get(spec.task)
    return spec.control == "none" and task.reference == "never_knew" and task.gate is Task.gate


def _compared(spec: RunSpec) -> list[tuple[str, tuple[str, ...], int]]:
    """(method, roles, seed) of the references; of oracles a second seed, where the task compares two."""
    task = TASKS.get(spec.task)
    found: list[tuple[str, tuple[str, ...], int]] = [("vanilla", (), spec.seed), ("base", BASE_ROLES, spec.seed)]
    if task.reference == "never_knew":
        return found
    seeds = [spec.seed]
    if "second_oracle" in task.compares:
        seeds = list(dict.fromkeys((spec.seed, *ORACLE_SEEDS)))
    return [*found, *(("retain_oracle", (), seed) for seed in seeds)]


def _method_config(
    name: str, values: Mapping[str, Any], presets: Mapping[str, Mapping[str, Any]], texts: Sequence[str]
) -> dict[str, Any]:
    cls: Any = METHODS.get(name)
    typed = config.split(texts)
    variant = typed.get("variant", values.get("variant", ""))
    preset = presets.get(_row(name, variant or None), {})
    return config.values(config.build(cls.Config, preset, values, texts=texts, owner=f"method {name!r}"))


def _row(name: str, variant: Any) -> str:
    own = {f.name: f.default for f in fields(METHODS.get(name).Config)}.get("variant")
    return name if variant in (None, own) else f"{name}@{variant}"


def judge_config(
    spec: RunSpec, texts: Sequence[str], place: Place, own: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Each judge's settings, the task's `own` first, checked with what it needs to judge.

    A text `key=value` goes to every judge that knows it, `judge.key=value` to one.
    """
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
        given = {**own.get(name, {}), **spec.judge_config.get(name, {})}
        settings = config.build(cls.Config, given, texts=typed[name], owner=f"judge {name!r}")
        cls.check(settings, place.desk)
        built[name] = config.values(settings)
    return built


def _judges(spec: RunSpec, task: type[Task]) -> tuple[str, ...]:
    """What was typed, or the usual judges and those that the task brings; `+name` adds; the judge of probes."""
    usual = RunSpec("", "").judges
    added = [name.removeprefix("+") for name in spec.judges if name.startswith("+")]
    added += [PROBE] if spec.probes else []
    named = tuple(name for name in spec.judges if not name.startswith("+"))
    brought = (*usual, *task.judges) if named in ((), usual) else named
    return tuple(dict.fromkeys((*brought, *added)))


def _settings(judge: str) -> list[str]:
    cls: Any = JUDGES.get(judge)
    return [name for name, *_ in config.describe(cls.Config)]
