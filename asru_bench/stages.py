"""Unlearn, generate, judge: the stages of one run. Each reads and writes the run's folder, can be run alone
and goes on where it stopped. `score`, which compares runs, is in `run.py`.
"""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from asru_bench import (
    audit,
    config,
    damage,
    fingerprint,
    judging,
    locks,
    plan,
    sharing,
    shown,
    store,
    verified,
)
from asru_bench.fit import later
from asru_bench.folder import CHECKPOINT, RunFolder
from asru_bench.inputs import REFUSED
from asru_bench.registry import JUDGES, TASKS
from asru_bench.session import Session
from asru_bench.types import AsruBenchError, Checkpoint, Cost, Generation, Sample, ScoreRequest, Verdict
from asru_bench.unlearning import train as _train
from asru_bench.unlearning import with_size

if TYPE_CHECKING:
    from asru_bench.judge import Judge

T = TypeVar("T")
#: The clock of measured stages.
clock = time.monotonic
GENERATING = "task task_config data_hash seed limit decoding engine dtype attn quant control roles probes".split()


def needs_training(folder: RunFolder) -> bool:
    """Whether `unlearn` would have to train: no checkpoint is given, noted or found beside.

    A checkpoint that was changed is none of these, and nothing is trained in its place: `unlearn` raises.
    """
    try:
        return not (folder.given or _noted(folder) or _made_before(folder, folder.training_key))
    except AsruBenchError:
        return False


def training_locks(folder: RunFolder) -> list[Path]:
    """What unlearning holds: the same training in this home, and the folder; the folder alone where nothing is made."""
    own = locks.of_folder(folder.path)
    return [own] if folder.given else [locks.of_work("unlearn", folder.training_key), own]


def unlearn(folder: RunFolder, since: float = math.inf) -> Checkpoint:
    """Stage 1: the checkpoint of a run; trained unless it is given, or exists here or beside.

    What another process made of the same inputs, in another folder of results but after `since` (seconds since the
    epoch), is taken over: runs at the same time train once.
    """
    key = folder.training_key
    if (done := _noted(folder)) is not None:
        return done
    with locks.held(training_locks(folder), f"unlearn {folder.label}") as lock:
        if (done := _noted(folder)) is not None:
            return done
        cost, path = Cost(), folder.given
        notes: dict[str, Any] = {}
        if not path:
            sharing.take_over(folder, key, lock.before, since)
        if not path and (made := _made_before(folder, key)):
            path, cost, notes = made
        if not path:
            verified.require_start(folder)
            folder.forget("unlearn")  # so that a stop before the next note leaves no word on another checkpoint
            path, cost, notes = _train(folder, key)
        elif folder.given:
            verified.require_given(folder, path)
        content = fingerprint.model_hash(path)
        said: dict[str, Any] = {"notes": notes} if notes else {}
        folder.note("unlearn", key=key, path=folder.relative(path), fingerprint=content, cost=asdict(cost), **said)
        if not folder.given:
            sharing.bring_curves(folder, Path(path))
            lock.leave(made=str(Path(path).resolve()), ended=time.time())
    return Checkpoint(path, content)


def discard(folder: RunFolder) -> None:
    """Removes the checkpoint that was trained in a run folder, so that `unlearn` trains again."""
    with locks.held(training_locks(folder), f"unlearn {folder.label}"), store.explained(folder.path):
        shutil.rmtree(folder.path / CHECKPOINT, ignore_errors=True)
        folder.forget("unlearn")


def needs_training_since(folder: RunFolder, since: float) -> bool:
    """`needs_training`, where what another run made after `since` counts too."""
    last = locks.holder(training_locks(folder)[0])
    return needs_training(folder) and sharing.made(folder.training_key, last, since) is None


def generate(folder: RunFolder, session: Session) -> list[Generation]:
    """Stage 2: the answers to all samples, in their order."""
    checkpoint = _need_checkpoint(folder)
    key = _answers_key(folder, checkpoint)
    with locks.held([locks.of_work("generate", key), locks.of_folder(folder.path)], f"generate {folder.label}"):
        return _generate(folder, session, checkpoint, key)


def _generate(folder: RunFolder, session: Session, checkpoint: Checkpoint, key: str) -> list[Generation]:
    if kept := _kept(folder, "generate", key, folder.answers_file, store.read_generations):
        return kept
    started, samples, task = clock(), folder.samples(), folder.task
    asked = [task.request(sample, folder.spec.decoding) for sample in samples]
    engine = session.engine(checkpoint, folder)
    found: dict[str, Generation] = {}
    fresh = 0
    with session.progress(f"{plan.row_name(folder.spec)}: answers", len(samples)) as bar:
        for role in dict.fromkeys(sample.role for sample in samples):
            requests = [r for r, s in zip(asked, samples, strict=True) if s.role == role]
            known = session.store.generations([stub.key for stub in engine.keys(requests)])
            for chunk in engine.chunks(requests, known):
                new = [answer for answer in chunk if answer.key not in known]
                session.store.add_generations(new)
                fresh += len(new)
                found |= {answer.sample_id: answer for answer in chunk}
                _advance(bar, len(chunk))
    answers = [found[sample.id] for sample in samples]
    _require_some(answers)
    store.write_generations(folder.answers_file, answers)
    audit.note(folder, engine, asked, answers, session.store, fresh)
    seconds = clock() - started
    kind, units = ("generate", fresh) if 2 * fresh > len(answers) else ("known", len(answers))
    session.measured(kind, folder.spec, seconds, units)
    session.store.put("notes", {_answers_note(key): True})
    if not any(answer.finish == "error" and not answer.error.startswith(REFUSED) for answer in answers):
        folder.note("generate", folder.answers_file, key=key, seconds=round(seconds, 2))
    else:
        folder.forget("generate")
    return answers


def judge(folder: RunFolder, session: Session) -> list[Verdict]:
    """Stage 3: every judge's verdicts on the answers. A judge that breaks gives failed ones, and says so."""
    answers = store.read_generations(folder.answers_file)
    keys = judging.keys(folder.spec, answers, _task_hash(folder))
    key = fingerprint.digest(keys)
    with locks.held([locks.of_work("judge", key), locks.of_folder(folder.path)], f"judge {folder.label}"):
        kept = _kept(folder, "judge", key, folder.verdicts_file, store.read_verdicts)
        return kept if kept is not None else _judge(folder, session, keys, answers)


def _judge(folder: RunFolder, session: Session, keys: Mapping[str, str], answers: list[Generation]) -> list[Verdict]:
    samples = _matching(folder.samples(), answers)
    folder.require_as_written("generate")
    found: list[Verdict] = []
    broken, unsettled, facts = [], [], {}
    started, graded = clock(), 0
    with session.progress(f"{plan.row_name(folder.spec)}: judges", len(keys)) as bar:
        for name, key in keys.items():
            if stored := judging.kept(session.store, key):
                verdicts, facts[name] = stored
            else:
                verdicts, facts[name], error = _grade(folder, session, name, samples, answers, bar)
                graded += 1
                if error:
                    broken.append(f"{name} ({error})")
                elif not judging.settled(name, verdicts, answers):
                    unsettled += verdicts
                else:
                    judging.keep(session.store, key, verdicts, facts[name])
            found += verdicts
            _advance(bar, 1)
    store.write_verdicts(folder.verdicts_file, found)
    if graded == len(keys):
        session.measured("judge", folder.spec, clock() - started, len(answers))
    if broken:
        folder.forget("judge")
        shown.say(f"judges broke, their verdicts count as failed: {'; '.join(broken)}")
    else:
        note = judging.note(fingerprint.digest(keys), facts, unsettled)
        folder.note("judge", folder.verdicts_file, seconds=round(clock() - started, 2), **note)
    return found


# Unlearning.


def _noted(folder: RunFolder) -> Checkpoint | None:
    """The checkpoint of an earlier run of this stage, if it is still there as it was or all was asked of it."""
    done = folder.checkpoint
    if done is None or not _exists(folder, done.path):
        return done if done is not None and _answered(folder, done) else None
    verified.require_made(done)
    return done


def _made_before(folder: RunFolder, key: str) -> tuple[str, Cost, dict[str, Any]] | None:
    """A checkpoint of the same inputs, in this folder or in that of a run that only asks other questions."""
    from asru_bench.models import MANIFEST, read_manifest

    own = folder.path / CHECKPOINT / MANIFEST
    beside = sorted(folder.path.parent.glob(f"*/{CHECKPOINT}/{MANIFEST}"), key=lambda file: (file != own, file))
    for manifest in beside:
        try:
            made_by = read_manifest(manifest.parent).get("made_by", {})
            if made_by.get("key") != key:
                continue
            verified.require(manifest.parent)
        except AsruBenchError as error:
            if manifest == own:
                raise
            damage.tell(f"{manifest.parent} is passed over: {error}")
            continue
        return str(manifest.parent), with_size(Cost(**made_by["cost"]), manifest.parent), made_by.get("notes", {})
    return None


def _kept(folder: RunFolder, stage: str, key: str, file: Path, read: Callable[[Path], list[T]]) -> list[T] | None:
    """What a stage wrote of the same inputs; None where it has to be made."""
    return store.readable(read, file) if folder.done(stage, key, file) else None


def _exists(folder: RunFolder, path: str) -> bool:
    """Folders must be there; a name that is neither absolute nor among the runs is that of a hub model."""
    place = Path(path)
    return place.is_dir() or not (place.is_absolute() or place.is_relative_to(folder.path.parent))


def _need_checkpoint(folder: RunFolder) -> Checkpoint:
    checkpoint = folder.checkpoint
    if checkpoint is None:
        raise AsruBenchError(f"{folder.path} has no checkpoint yet; type: asru-bench unlearn {folder.path}")
    verified.require_made(checkpoint)
    return checkpoint


# Answers and verdicts.


def _answers_key(folder: RunFolder, checkpoint: Checkpoint) -> str:
    values = later(asdict(folder.spec))
    asked = {name: values[name] for name in GENERATING if name in values}
    return fingerprint.digest([checkpoint.fingerprint, _task_hash(folder), asked])


def answers_note(folder: RunFolder, checkpoint: Checkpoint) -> str:
    """Under this name the store notes that it holds all answers of a model to a folder's questions."""
    return _answers_note(_answers_key(folder, checkpoint))


def _answers_note(key: str) -> str:
    return f"answers:{key}"


def _answered(folder: RunFolder, checkpoint: Checkpoint) -> bool:
    return folder.done("generate", _answers_key(folder, checkpoint), folder.answers_file)


def _task_hash(folder: RunFolder) -> str:
    return fingerprint.code_hash(TASKS.find(folder.spec.task).path, core=True)


def _matching(samples: Sequence[Sample], answers: Sequence[Generation]) -> Sequence[Sample]:
    if [s.id for s in samples] != [g.sample_id for g in answers]:
        raise AsruBenchError(
            "the answers are to other questions than the task asks now; run `asru-bench generate` on the folder."
        )
    return samples


def _require_some(answers: Sequence[Generation]) -> None:
    """An engine that fails on every question has a cause that should be seen, not counted."""
    if answers and all(answer.finish == "error" for answer in answers):
        raise AsruBenchError(f"no question could be answered; the first failure was: {answers[0].error}.")


def _grade(
    folder: RunFolder,
    session: Session,
    name: str,
    samples: Sequence[Sample],
    answers: Sequence[Generation],
    bar: Any = None,
) -> tuple[list[Verdict], dict[str, Any], str]:
    """(verdicts, facts, ""), or (failed verdicts, {}, reason) where the judge raises."""
    cls: Any = JUDGES.get(name)
    grader = cls(config.build(cls.Config, folder.spec.judge_config.get(name, {}), owner=f"judge {name!r}"))
    say = {"say": bar.say} if bar is not None else {}
    desk = replace(folder.place.desk, cache=session.store, scores_texts=folder.spec.engine == "hf", **say)
    try:
        grader.equip(desk)
        likelihoods = _likelihoods(folder, session, grader, grader.requests(samples, answers))
        graded = grader.grade(samples, answers, folder.task.world(), likelihoods)
        return judging.sound(name, graded, samples), grader.facts(), ""
    except AsruBenchError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        failed = [Verdict(name, g.sample_id, g.key, "failed", evidence=reason) for g in answers]
        return failed, {}, reason


def _likelihoods(
    folder: RunFolder, session: Session, grader: Judge, requests: Sequence[ScoreRequest]
) -> Mapping[tuple[str, str], float]:
    """Mean log-probability of each text under the model that the judge asks about."""
    if not requests:
        return {}
    base = Checkpoint(folder.source.base, folder.spec.model_hash)
    asked = _need_checkpoint(folder) if grader.likelihood_of == "checkpoint" else base
    engine = session.local(asked, folder)  # servers do not score given texts
    keys = engine.score_keys(requests)
    known = session.store.get("scores", [key for key in keys if key])
    missing = {key: request for key, request in zip(keys, requests, strict=True) if key and key not in known}
    fresh = dict(zip(missing, engine.score(list(missing.values())), strict=True))
    session.store.put("scores", fresh)  # together, so that a resumed run batches alike
    known |= fresh
    return {(r.sample_id, r.text): known[key] for r, key in zip(requests, keys, strict=True) if key in known}


def _advance(bar: Any, count: int) -> None:
    if bar is not None:
        for _ in range(count):
            bar.advance()
