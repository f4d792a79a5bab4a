"""Tables of runs that belong together: a row and its controls, and a row after each request to be forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from asru_bench import stats
from asru_bench.conflict import ARRANGEMENTS, FOLLOWED, OTHERWISE
from asru_bench.controls import CONFLICT, SLICES, differences
from asru_bench.leaderboard import points, share_text
from asru_bench.record import RunRecord
from asru_bench.scores import FORGET_ROLES, FORGOTTEN, lookup, roles_in
from asru_bench.types import Score

Lines = list[list[str]]
#: Score of `requests.progress` -> its label and role.
STEPS = {
    "leak.newly": ("leak, newly deleted", "forget"),
    "leak.still": ("leak, deleted before", "forget"),
    "known.pending": ("known, not yet asked", "retain"),
    "known.retain": ("known, retain", "retain"),
    "known.retain_unseen": ("known, retain unseen", "retain_unseen"),
    "known.real": ("known, real", "real"),
}


def plain_of(record: RunRecord, records: Sequence[RunRecord]) -> RunRecord | None:
    """The record of the same run without its control."""
    wanted = {**record.spec, "control": "none"}
    return next((r for r in records if r.seed == record.seed and dict(r.spec) == wanted), None)


def control_lines(plain: RunRecord, controlled: RunRecord) -> Lines:
    """A line for each role and slice: the share of true answers, the same under the control, and the difference."""
    name = controlled.spec["control"]
    lines = [["", "people", "as asked", name, "difference"]]
    for role in sorted(roles_in(controlled.people), key=lambda role: role != FORGOTTEN):
        if role in FORGET_ROLES and FORGOTTEN in roles_in(controlled.people):
            continue
        measure = "leak" if role == FORGOTTEN else "correct"
        for part in SLICES:
            ours, theirs = (lookup(r.scores, f"{measure}/{part}", role) for r in (plain, controlled))
            gaps, _ = differences(plain.people, controlled.people, f"{measure}/{part}", role)
            if ours is None or theirs is None or not gaps:
                continue
            kind = part.partition("/")[0]
            cells = [share_text(score) for score in (ours, theirs)]
            lines.append([f"{measure}, {kind}, {role}", str(len(gaps)), *cells, _difference(gaps)])
    return lines


def conflict_lines(record: RunRecord) -> Lines:
    """A line for each arrangement: whom the answers follow."""
    lines = [["", "answers", "picture / forgotten", "name / kept", *OTHERWISE]]
    for arrangement in ARRANGEMENTS:
        sides = FOLLOWED[arrangement]
        order = ("picture", "name") if "picture" in sides.values() else ("forgotten", "kept")
        found = [lookup(record.scores, f"conflict/{arrangement}.{what}", "forget") for what in (*order, *OTHERWISE)]
        if found[0] is not None:
            lines.append([arrangement.replace("_", " "), str(found[0].n), *map(share_text, found)])
    return lines


def request_lines(record: RunRecord) -> Lines:
    """A column for each request: what is told of people whose turn it was or is, and what is kept. [] without."""
    count = int(record.spec["task_config"].get("requests", 1))
    if count < 2 or lookup(record.scores, "leak.newly/1", "forget") is None:
        return []
    lines = [["", *(f"after request {k}" for k in range(1, count + 1))]]
    for name, (label, role) in STEPS.items():
        found = [lookup(record.scores, f"{name}/{k}", role) for k in range(1, count + 1)]
        if any(found):
            lines.append([label, *(share_text(score) for score in found)])
    return lines


def tables(records: Sequence[RunRecord]) -> list[tuple[str, Lines]]:
    """(title, lines) of every control and every chain of requests among the records."""
    found = []
    for record in records:
        name = record.spec.get("control", "none")
        seed = f"{record.row} seed {record.seed}"
        plain = plain_of(record, records)
        if name == CONFLICT:
            found.append((f"{seed}: whom do answers follow? (per cent)", conflict_lines(record)))
        elif name != "none" and plain is not None:
            title = f"{seed}: control {name}" + (", the difference is visual reliance" if name == "blind" else "")
            found.append((title, control_lines(plain, record)))
        elif name == "none" and (lines := request_lines(record)):
            found.append((f"{seed}: one request after the other (open questions, per cent)", lines))
    return found


def flags(records: Sequence[RunRecord]) -> list[str]:
    """One sentence for each task whose vanilla does not need the picture."""
    told: Mapping[str, None] = {
        f"{record.spec['task']} is flagged: {gate.reason}.": None
        for record in records
        if record.row == "vanilla"
        for gate in record.gates
        if gate.name == "image" and not gate.passed
    }
    return list(told)


def _difference(gaps: Mapping[str, float]) -> str:
    seen = stats.mean_interval({0: dict(gaps)})
    if not seen.df:
        return points(seen.value)
    return share_text(Score("", "", seen.value, len(gaps), ci_low=seen.low, ci_high=seen.high))
