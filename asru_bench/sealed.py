"""Can a record be believed? It carries digests of its content and of its verdicts, and its scores are computed again.

A record is *edited* where its content does not have its digest, where the verdicts beside it are not those that it was
made from, or where its accounting and its scores are not what these verdicts give. It *cannot be verified* where it
carries no digest (made before there were any) or where the verdicts, answers or data to compute it again are not there.

Computed again is all that follows from a run's own verdicts: people, claims, categories and the scores made from them.
What compares it with other runs (`excess`, shifts, controls), gates and costs have the digest alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench import damage, fingerprint
from asru_bench.record import RunRecord, plain, read_record
from asru_bench.types import AsruBenchError, Score

if TYPE_CHECKING:
    from asru_bench.folder import RunFolder

VERIFIED, EDITED, OPEN = "verified", "edited", "cannot be verified"
#: Where a record keeps its digests: of its content, of its verdicts, and of the code that made it from them.
PLACE = "digests"
VERDICTS = "verdicts.parquet"
NUMBERS = ("value", "lower", "upper", "ci_low", "ci_high")


@dataclass(frozen=True)
class Finding:
    """What was found out about a record, and why."""

    status: str
    reason: str = ""

    @property
    def text(self) -> str:
        return f"{self.status}: {self.reason}" if self.reason else self.status


def seal(record: RunRecord, folder: RunFolder) -> RunRecord:
    """The record with the digests of its content, its verdicts and its code."""
    digests = {"verdicts": fingerprint.sha256(folder.verdicts_file), "code": _code(_task_file(folder))}
    sealed = replace(record, provenance={**record.provenance, PLACE: digests})
    digests["content"] = content_digest(sealed.to_json())
    return replace(sealed, provenance={**record.provenance, PLACE: digests})


def content_digest(data: Mapping[str, Any]) -> str:
    """Digest of a record's JSON without that digest itself; equal however numbers and spaces are written."""
    facts = {key: value for key, value in data.get("provenance", {}).items() if key != PLACE}
    digests = {key: value for key, value in _digests(data).items() if key != "content"}
    return fingerprint.digest(_numbers({**data, "provenance": {**facts, PLACE: digests}}))


def read(path: Path) -> RunRecord:
    """A record that others are compared with; raises `AsruBenchError` where its content is not that of its digest."""
    record = read_record(path)
    if (finding := examine_content(path)).status == EDITED:
        raise AsruBenchError(f"{path} is {finding.text}")
    return record


def kept(path: Path) -> RunRecord | None:
    """A record that need not be made again: whole, with a digest, as it was written."""
    try:
        return read(path) if examine_content(path).status == VERIFIED else None
    except AsruBenchError:
        return None


def examine_content(path: Path) -> Finding:
    """Whether a record has the content that its digest names."""
    data = damage.read_json(path) or {}
    noted = _digests(data).get("content")
    if not noted:
        return Finding(OPEN, f"it carries no digest of its content. {_again(path)}")
    if content_digest(data) != noted:
        return Finding(EDITED, f"its content does not have the digest that it carries. {_again(path)}")
    return Finding(VERIFIED)


def examine(path: Path) -> Finding:
    """Whether a record has its digest, and gives the scores of the verdicts that lie beside it."""
    content, data = examine_content(path), damage.read_json(path) or {}
    if content.status == EDITED:
        return content
    verdicts, digests = path.with_name(VERDICTS), _digests(data)
    if not verdicts.is_file():
        return Finding(OPEN, f"no {VERDICTS} lies beside it, so its scores cannot be computed again")
    if digests.get("verdicts") and digests["verdicts"] != fingerprint.sha256(verdicts):
        return Finding(EDITED, f"{VERDICTS} is not the file that it was made from. {_again(path, 'judge')}")
    try:
        differing, code = _differing(path, read_record(path))
    except Exception as error:  # data, models or plug-ins that are not here: any library may say so in its own way
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        return Finding(OPEN, f"its scores cannot be computed again here ({first})")
    if differing and digests.get("code") in (None, code):
        return Finding(EDITED, f"{differing}. {_again(path)}")
    if differing:
        return Finding(OPEN, f"it was scored by another version of the code: {differing}. {_again(path)}")
    return content


def load(folder: Path, again: bool = True) -> tuple[list[RunRecord], list[str]]:
    """All records below a folder, each (spec, seed) once, and what could not be read or was edited.

    Reads every `record.json`, and below a folder called `records` every JSON file. A record that cannot be verified has
    that as its status. Without `again` no scores are computed again, and records only need their digest.
    """
    found: dict[tuple[str, int, str | None], RunRecord] = {}
    left_out = []
    for path in sorted(folder.rglob("*.json")):
        if path.name != "record.json" and "records" not in (folder.name, *path.relative_to(folder).parts[:-1]):
            continue
        try:
            record = read_record(path)
        except AsruBenchError as error:
            left_out.append(_from(folder, str(error)))
            continue
        finding = examine(path) if again else examine_content(path)
        if finding.status == EDITED:
            left_out.append(_from(folder, f"{path} is {finding.text}"))
            continue
        if finding.status == OPEN and record.status == "ok" and again:
            record = replace(record, status=OPEN, error=_from(folder, finding.reason))
        key = (record.spec_hash, record.seed, record.universe)
        if key not in found or (found[key].status == OPEN != record.status):
            found[key] = record
    return list(found.values()), left_out


def _from(folder: Path, text: str) -> str:
    """A text that names files below a folder, as seen from there where it was given as a whole path."""
    return text.replace(str(folder), ".") if folder.is_absolute() else text


def _differing(path: Path, record: RunRecord) -> tuple[str, str]:
    """(the first number that the verdicts do not give, "" where there is none; the digest of the code)."""
    from asru_bench.folder import RunFolder

    folder = RunFolder.open(path.parent)
    code = _code(_task_file(folder))
    spec = plain(asdict(folder.spec))
    for name, value in record.spec.items():
        if name != "general" and spec.get(name, value) != value:
            return f"its setting {name} is not that of spec.json", code
    made = _made_again(folder)
    for name in ("people", "claims"):
        if _without_names(getattr(record, name)) != _without_names(made[name]):
            return f"its {name} are not those of its verdicts", code
    if plain(record.categories) != plain(made["categories"]):
        return "its categories are not those of its verdicts", code
    return _other_score(record.scores, made["scores"]), code


def _made_again(folder: RunFolder) -> dict[str, Any]:
    """What follows from a run's own verdicts."""
    from asru_bench import agreement, recording, store
    from asru_bench.folder import invented
    from asru_bench.record import results

    samples, verdicts = folder.samples(), store.read_verdicts(folder.verdicts_file)
    own = list(agreement.scores(samples, verdicts))
    if not folder.task.compares:
        own += recording.own_scores(folder, verdicts, {})
    answers = store.read_generations(folder.answers_file)
    return results(samples, answers, verdicts, hide=not invented(folder), own=own)


def _other_score(recorded: Iterable[Score], made: Iterable[Score]) -> str:
    """The first score that was recorded otherwise, in words."""
    known = {(s.name, s.role): s for s in recorded}
    for score in made:
        there = known.get((score.name, score.role))
        named = f"{score.name} of {score.role}"
        if there is None:
            return f"{named} is not among its scores"
        pairs = [(getattr(there, name), getattr(score, name)) for name in NUMBERS]
        counted = (there.n, there.people, dict(there.counts)) == (score.n, score.people, dict(score.counts))
        if not (counted and all(_close(*pair) for pair in pairs)):
            return f"{named} is {_shown(there.value)} in it, its verdicts give {_shown(score.value)}"
    return ""


def _without_names(people: Any) -> dict[str, list[str]]:
    """Roles with their people's cells in a fixed order: names may stand under other pseudonyms elsewhere."""
    return {role: sorted(fingerprint.canonical(cells) for cells in found.values()) for role, found in people.items()}


def _close(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-9)


def _shown(value: float | None) -> str:
    return "none" if value is None else f"{value:.4g}"


def _digests(data: Mapping[str, Any]) -> dict[str, Any]:
    facts = data.get("provenance")
    found = facts.get(PLACE) if isinstance(facts, Mapping) else None
    return dict(found) if isinstance(found, Mapping) else {}


def _numbers(value: Any) -> Any:
    """Numbers that are whole as integers, so that 1.0 and 1 are one."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _numbers(one) for key, one in value.items()}
    return [_numbers(one) for one in value] if isinstance(value, (list, tuple)) else value


def _again(path: Path, stage: str = "score") -> str:
    """What to type, where the record lies in its run folder."""
    here = path.name == "record.json" and path.with_name("spec.json").is_file()
    return f"To make it again, type: asru-bench {stage} {path.parent}" if here else "Make its run again."


def _task_file(folder: RunFolder) -> Path:
    from asru_bench.registry import TASKS

    return TASKS.find(folder.spec.task).path


@lru_cache(maxsize=8)
def _code(task: Path) -> str:
    """The code that makes scores from verdicts, and the questions' code."""
    core = Path(__file__).with_name("record.py")
    return fingerprint.digest([fingerprint.code_hash(file, core=True) for file in (core, task)])
