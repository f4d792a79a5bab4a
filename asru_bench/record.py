"""The result of one run: a frozen `RunRecord`, its JSON, and where it came from. No heavy imports."""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench.pseudonyms import pseudonym as pseudonym
from asru_bench.types import PROBE, Ability, AsruBenchError, Cost, Generation, Sample, Score, Verdict

if TYPE_CHECKING:
    from asru_bench.scores import People

SCHEMA_VERSION = 1
STATUSES = ("ok", "failed", "gated", "cannot be verified")
#: Packages that can change a number.
PACKAGES = (
    "asru-bench torch torchvision transformers tokenizers trl peft accelerate datasets safetensors "
    "pillow pyarrow numpy scipy rouge-score"
).split()
#: What *dirty* looks at: code that a run executes.
CODE = ("asru_bench", "methods", "tasks", "judges", "pyproject.toml")


@dataclass(frozen=True)
class Gate:
    """A condition that a run had to meet, and in words why it did not."""

    name: str
    passed: bool
    reason: str = ""


@dataclass(frozen=True)
class RunRecord:
    """One (spec, seed). `row` is how tables call it (`asru`, `asru@release`, `vanilla`, `retain_oracle`, `base`).

    `universe` names the embedded universe ("mini-1"), None on real data: the two never mix. `people` is the
    full accounting (role -> person -> kind/modality -> category -> answers), from which every share can be
    recomputed; `categories` its sum per role. `claims` is that of what answers assert (`hallucination.claims`).
    `costs` by stage; `resolution` by column (`headline.resolution`). `general`: results of lm-eval's tasks on the
    same checkpoint. `curves` is relative to the run's folder. `status` is ok, failed (see `error`), gated or, for a
    reader, *cannot be verified* (`sealed.py`, whose digests are in `provenance`).
    """

    spec: Mapping[str, Any]
    spec_hash: str
    seed: int
    row: str
    status: str = "ok"
    universe: str | None = None
    scores: tuple[Score, ...] = ()
    categories: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    people: People = field(default_factory=dict)
    claims: People = field(default_factory=dict)
    costs: Mapping[str, Cost] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    gates: tuple[Gate, ...] = ()
    resolution: Mapping[str, float] = field(default_factory=dict)
    general: tuple[Ability, ...] = ()
    curves: str = ""
    error: str = ""
    schema_version: int = SCHEMA_VERSION

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise AsruBenchError(f"status {self.status!r} of a record should be one of {', '.join(STATUSES)}.")
        for name in ("spec", "provenance"):  # as JSON gives them back, so that a record equals its file
            object.__setattr__(self, name, plain(getattr(self, name)))

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`; infinite resolutions become None."""
        data = plain(self)
        data["resolution"] = {k: None if math.isinf(v) else v for k, v in self.resolution.items()}
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RunRecord:
        """Inverse of `to_json`; a record of another schema or with unknown fields is an error."""
        version = data.get("schema_version")
        if version != SCHEMA_VERSION:
            raise AsruBenchError(
                f"the record has schema {version}, this version reads {SCHEMA_VERSION}; run `asru-bench run` again."
            )
        unknown = set(data) - {f.name for f in fields(cls)}
        if unknown:
            raise AsruBenchError(f"unknown fields in the record: {', '.join(sorted(unknown))}; is it a record.json?")
        given = dict(data)
        given["scores"] = tuple(Score(**s) for s in data.get("scores", ()))
        given["gates"] = tuple(Gate(**g) for g in data.get("gates", ()))
        given["general"] = tuple(Ability(**a) for a in data.get("general", ()))
        given["costs"] = {stage: Cost(**c) for stage, c in data.get("costs", {}).items()}
        given["resolution"] = {k: math.inf if v is None else v for k, v in data.get("resolution", {}).items()}
        return cls(**given)


def results(
    samples: Sequence[Sample],
    generations: Sequence[Generation],
    verdicts: Sequence[Verdict],
    *,
    reference: People | None = None,
    claimed: Mapping[str, People] | None = None,
    hide: bool = False,
    own: Sequence[Score] = (),
) -> dict[str, Any]:
    """The fields of a record that follow from the verdicts: scores, people, claims, categories, resolution.

    `reference`: the `people` of the retain oracle's record. `claimed`: the `claims` of vanilla and base, from which
    `hallucination` is a shift. `own`: the scores of the task itself. `hide` stores people under keyed
    pseudonyms: for data about real people.
    """
    from asru_bench import hallucination, probed, probes, scores
    from asru_bench.headline import resolution

    samples, probing = probes.split(samples)
    category = scores.categories(samples, generations, verdicts)
    people: People = scores.tally(samples, category)
    claims: People = hallucination.claims(samples, generations, verdicts, category)
    if hide:
        people, claims = _hidden(people), _hidden(claims)
    made = scores.score(samples, generations, [v for v in verdicts if v.judge != PROBE])
    made += hallucination.score(samples, generations, verdicts, claims)
    made += probed.score(probed.tally(probing, generations, verdicts))
    if reference is not None:
        made += scores.excess(people, reference)
    for name, other in (claimed or {}).items():
        made += hallucination.shifts(claims, other, name)
    return {
        "scores": (*made, *own),
        "people": people,
        "claims": claims,
        "categories": accounting(people),
        "resolution": resolution([{0: people}]),
    }


def _hidden(people: People) -> People:
    return {role: {pseudonym(p): cells for p, cells in found.items()} for role, found in people.items()}


def accounting(people: People) -> dict[str, dict[str, int]]:
    """role -> category -> answers, over all people and kinds of question."""
    found: dict[str, dict[str, int]] = {}
    for role, persons in people.items():
        total = found.setdefault(role, {})
        for cells in persons.values():
            for numbers in cells.values():
                for category, k in numbers.items():
                    total[category] = total.get(category, 0) + k
    return found


def read_record(path: Path) -> RunRecord:
    """Reads one record.json; the error names the file."""
    try:
        return RunRecord.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, AsruBenchError) as error:
        again = f"; to make it again, type: asru-bench score {path.parent}" if path.name == "record.json" else ""
        raise AsruBenchError(f"{path} cannot be read as a record: {error}{again}") from error


def write_json(path: Path, obj: Any) -> None:
    """Writes JSON atomically: a reader sees the old file or the whole new one, also after a crash.

    Takes dataclasses, mappings, sequences and scalars; NaN and infinity are errors (ValueError).
    """
    from asru_bench.store import write_text

    write_text(Path(path), _layout(plain(obj)) + "\n")


def provenance(device: str = "cpu", code: Path | None = None) -> dict[str, Any]:
    """Commit, versions and kind of machine. No host name, no user name, no path.

    `commit` is None outside a checkout, unless the wheel or its installer noted it; `dirty` is None where nobody
    knows.
    `code` is the folder of the package (default: this one).
    """
    commit, dirty = _git(code or Path(__file__).resolve().parent)
    return {
        "commit": commit,
        "dirty": dirty,
        "versions": {"python": platform.python_version(), **_versions()},
        "device": device,
        "machine": {"system": platform.system(), "processor": platform.machine(), "cpus": os.cpu_count()},
    }


def _git(folder: Path) -> tuple[str | None, bool | None]:
    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=20, check=True
        )
        return done.stdout.strip()

    try:
        top = Path(git("rev-parse", "--show-toplevel"))
        # an environment inside somebody else's repository is not a checkout of this one
        git("ls-files", "--error-unmatch", str(folder / "record.py"))
        changed = git("-C", str(top), "diff", "--name-only", "HEAD", "--", *CODE)
        return git("rev-parse", "HEAD"), bool(changed)
    except (OSError, subprocess.SubprocessError):
        noted = folder / "commit.json"
        if noted.is_file():
            built = json.loads(noted.read_text(encoding="utf-8"))
            return built["commit"], built["dirty"]
        return _installed_commit(), None


def _installed_commit() -> str | None:
    """The commit that pip noted for an install from version control (PEP 610)."""
    try:
        noted = metadata.distribution("asru-bench").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return None
    return json.loads(noted).get("vcs_info", {}).get("commit_id") if noted else None


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def plain(obj: Any) -> Any:
    """Dataclasses and mappings to dicts with string keys, sequences to lists."""
    if is_dataclass(obj) and not isinstance(obj, type):
        obj = {f.name: getattr(obj, f.name) for f in fields(obj)}
    if isinstance(obj, Mapping):
        return {str(k): plain(v) for k, v in obj.items()}
    if isinstance(obj, (list, tuple)):
        return [plain(v) for v in obj]
    return obj


def _layout(obj: Any, depth: int = 2, indent: str = "") -> str:
    """JSON with one line per entry down to `depth`, so that records can be read and compared line by line."""
    inner = indent + " "
    if depth and obj and isinstance(obj, dict):
        lines = [f"{inner}{json.dumps(k)}: {_layout(v, depth - 1, inner)}" for k, v in sorted(obj.items())]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if depth and obj and isinstance(obj, list):
        return "[\n" + ",\n".join(inner + _layout(v, depth - 1, inner) for v in obj) + f"\n{indent}]"
    return json.dumps(obj, sort_keys=True, allow_nan=False, ensure_ascii=False)
