"""Stage 4: the record of a run, from its verdicts and the records beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from asru_bench import (
    agreement,
    checked,
    conflict,
    controls,
    fingerprint,
    forgotten,
    general,
    judging,
    locks,
    plan,
    pseudonyms,
    requests,
    sealed,
    stages,
    store,
)
from asru_bench.folder import RunFolder, invented
from asru_bench.plan import Place
from asru_bench.record import Gate, RunRecord, provenance, results, write_json
from asru_bench.session import Session
from asru_bench.types import AsruBenchError, Cost, Score, Verdict


def score(
    folder: RunFolder, session: Session, known: Mapping[str, RunRecord] | None = None, gated: tuple[Gate, ...] = ()
) -> RunRecord:
    """Stage 4: the record, from verdicts alone; written again only where something that it holds changed.

    `known`: the records of the references that it is compared with.
    """
    with locks.held([locks.of_folder(folder.path)], f"score {folder.label}"):
        return _score(folder, session, known or {}, gated)


def _score(folder: RunFolder, session: Session, known: Mapping[str, RunRecord], gated: tuple[Gate, ...]) -> RunRecord:
    oracle = known.get("retain_oracle")
    claimed = {name: known[name].claims for name in ("vanilla", "base") if name in known}
    spec, state = folder.spec, folder.state
    judged = state.get("judge", {}).get("key", "")
    others = folder.beside(folder.task.compares)
    compared = {name: other.state["judge"].get("key", "") for name, other in others.items()}
    asked = {"engine": state["engine"]} if state.get("engine") else {}
    asked |= {"judges": facts} if (facts := state.get("judge", {}).get("facts")) else {}
    asked |= {"training": notes} if (notes := state.get("unlearn", {}).get("notes")) else {}
    blind, chain, ability = folder.control(controls.BLIND), _chain(folder), general.read(folder)
    beside = [sealed.read(blind.record_file).people if blind else None, [record.people for record in chain]]
    stood = [oracle.people if oracle else None, claimed, [asdict(gate) for gate in gated]]
    key = fingerprint.digest([judged, *stood, compared, asked, beside, *([ability] if ability else [])])
    folder.require_as_written("generate", "judge")
    if judged and folder.done("score", key, folder.record_file) and (kept := sealed.kept(folder.record_file)):
        return kept
    started = stages.clock()
    answers = store.read_generations(folder.answers_file)
    verdicts = store.read_verdicts(folder.verdicts_file)
    failed = judging.failures(verdicts, answers)
    broken = {"judge_failures": failed} if failed else {}
    source = folder.source
    timed = ("generate", "judge", *(("general",) if ability else ()))
    made = RunRecord(
        spec=asdict(spec),
        spec_hash=fingerprint.spec_hash(spec),
        seed=spec.seed,
        row=plan.row_name(spec),
        universe=source.universe or None,
        costs={"unlearn": folder.cost} | {s: _spent(state.get(s, {})) for s in timed},
        provenance=provenance(_device(folder.place)) | _outside(spec.method) | _data(folder) | asked | broken,
        gates=gated,
        general=tuple(ability),
        curves="curves.jsonl" if (folder.path / "curves.jsonl").is_file() else "",
        **results(
            folder.samples(),
            answers,
            verdicts,
            reference=oracle.people if oracle else None,
            claimed=claimed,
            hide=not invented(folder),
            own=[*own_scores(folder, verdicts, others), *agreement.scores(folder.samples(), verdicts)],
        ),
    )
    made = replace(made, scores=(*made.scores, *_beside_scores(folder, made, blind, chain)))
    made = sealed.seal(made, folder)
    with store.explained(folder.record_file):
        write_json(folder.record_file, made.to_json())
    session.measured("score", spec, stages.clock() - started, len(answers))
    if judged:
        folder.note("score", folder.record_file, key=key)
    return made


def own_scores(folder: RunFolder, verdicts: list[Verdict], others: dict[str, RunFolder]) -> list[Score]:
    """The task's own scores, under its name."""
    told = {name: store.read_verdicts(other.verdicts_file) for name, other in others.items()}
    made = folder.task.own_scores(folder.questions(), verdicts, told)
    return [replace(score, name=f"{folder.spec.task}.{score.name}") for score in made]


def _spent(noted: dict[str, Any]) -> Cost:
    """What a stage noted: seconds, and the tokens that judges used."""
    return Cost(noted.get("seconds", 0.0), judge_tokens=noted.get("tokens", 0))


def _chain(folder: RunFolder) -> list[RunRecord]:
    """The records of the requests before the last one; none for other runs."""
    number, count = requests.number_of(folder.spec)
    if number < count or folder.spec.control != "none" or folder.spec.method in plan.REFERENCES:
        return []
    files = [folder.sibling(spec).record_file for spec in requests.earlier(folder.spec)]
    return [sealed.read(file) for file in files if file.is_file()]


def _beside_scores(folder: RunFolder, made: RunRecord, blind: RunFolder | None, chain: list[RunRecord]) -> list[Score]:
    """What follows from runs beside this one: visual reliance, conflicts, and what each request left."""
    found = []
    if blind is not None:
        found += controls.reliance(made.people, sealed.read(blind.record_file).people)
    if folder.spec.control == controls.CONFLICT:
        answers, verdicts = store.read_generations(folder.answers_file), store.read_verdicts(folder.verdicts_file)
        found += conflict.scores(folder.samples(), answers, verdicts, folder.task.world())
    if chain and isinstance(task := forgotten.core(folder.task), requests.Requested):
        found += requests.progress([*chain, made], task.groups)
    return found


def earlier(folder: RunFolder) -> str:
    """What is to be said of people whom the model that is unlearned forgot before."""
    known = folder.source.vanilla(folder.spec.task)
    return forgotten.sentence(folder.spec, folder.task, known) if known else ""


def _data(folder: RunFolder) -> dict[str, Any]:
    """Where hub data came from, id and commit; and how many errors they have, where they were allowed."""
    found = folder.task.provenance()
    bad = len(checked.errors(folder.spec, folder.place)) if folder.place.allow_data_errors else 0
    found_by = {} if invented(folder) else {"pseudonyms": f"key {pseudonyms.key_id()}"}
    found_by |= {"forgotten_earlier": words} if (words := earlier(folder)) else {}
    return found_by | ({"data_source": found} if found else {}) | ({"data_errors": bad} if bad else {})


def _outside(method: str) -> dict[str, Any]:
    """The source of a method that does not come with the package."""
    from asru_bench.registry import METHODS

    try:
        entry = METHODS.find(method)
    except AsruBenchError:
        return {}
    if entry.origin != "file":
        return {}
    return {"method_source": {"file": entry.path.name, "text": entry.path.read_text(encoding="utf-8")}}


def _device(place: Place) -> str:
    import torch

    from asru_bench.models import pick_device

    device = pick_device(place.device)
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
