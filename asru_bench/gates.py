"""Conditions under which a table means something: what vanilla knows, and that its questions need the picture.

*Knowledge*: vanilla must answer more truly than its control by `FACTOR` times the smallest difference that the
table can show (80 % power, by person). The control is base and, where it is there, the retain oracle, on the people
to forget; of tasks without an oracle (`reference = never_knew`) it is the same model without pictures, and chance,
on all people. *Image*: vanilla must answer better with the picture than without.

With few people that difference may be more than 100 %. These are all whom the gate is about, so that an exact test over
their questions, person by person, decides instead; where even knowing everything could not pass it, the gate says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from asru_bench import stats
from asru_bench.headline import paired
from asru_bench.record import Gate
from asru_bench.scores import FORGOTTEN, OPEN_KINDS, Measure, People, counts, lookup
from asru_bench.types import FORGET_ROLES, Sample, World

if TYPE_CHECKING:
    from asru_bench.record import RunRecord

FACTOR = 2.0
#: The largest p-value with which a gate of few people passes.
EXACT = 0.01
#: Person -> (true answers, answers).
Counted = Mapping[str, tuple[int, int]]
PEOPLE_ROLES = (*FORGET_ROLES, "retain", "retain_unseen")


def knowledge(vanilla: RunRecord, controls: Mapping[str, RunRecord]) -> Gate:
    """Whether vanilla knows what is to be forgotten, beyond each control (`base`, `retain oracle`)."""
    gates = [_beyond(vanilla, name, control) for name, control in controls.items()]
    asked = [gate for gate in gates if gate is not None]
    if not asked:
        names = " and ".join([*controls, "vanilla"])
        return Gate("knowledge", True, f"not checked: {names} share no questions about forgotten people")
    failed = [gate for gate in asked if not gate.passed]
    return failed[0] if failed else Gate("knowledge", True, "; ".join(gate.reason for gate in asked))


def _beyond(vanilla: RunRecord, name: str, control: RunRecord) -> Gate | None:
    role = "forget"
    for measure in ("leak/open/image_text", "leak"):
        known, guessed = (lookup(record.scores, measure, role) for record in (vanilla, control))
        if known and guessed and known.value is not None and guessed.value is not None:
            break
    else:
        return None
    differences, _ = paired({0: vanilla.people}, {0: control.people}, Measure(measure, measure, role))
    words = f"vanilla knows {known.value:.0%} of what is to be forgotten, {name} {guessed.value:.0%}"
    tables = _tables(counts(vanilla.people, measure, role), counts(control.people, measure, role))
    return _gate("knowledge", known.value - guessed.value, differences.get(0, {}), words, tables)


def knowledge_of_all(vanilla: RunRecord, blind: RunRecord | None, samples: Sequence[Sample], world: World) -> Gate:
    """For a model that knew everybody before: its answers about all people against the same without the picture, and
    against chance (one in so many options; else the most frequent value of the attribute)."""
    known = _facts(vanilla.people)
    if not known:
        return Gate("knowledge", True, "not checked: the task asks no question with a picture about its people")
    total = sum(k for k, _ in known.values()) / sum(n for _, n in known.values())
    gates = []
    if blind is not None:
        other = _facts(blind.people)
        gaps = {p: k / n - other[p][0] / other[p][1] for p, (k, n) in known.items() if p in other}
        guessed = sum(k for k, _ in other.values()) / max(1, sum(n for _, n in other.values()))
        words = f"the model answers {total:.0%} of the questions about all people, without the picture {guessed:.0%}"
        gates.append(_gate("knowledge", sum(gaps.values()) / max(1, len(gaps)), gaps, words, _tables(known, other)))
    guess = chance(samples, world)
    gaps = {p: k / n - guess for p, (k, n) in known.items()}
    words = f"the model answers {total:.0%} of the questions about all people, chance is {guess:.0%}"
    gates.append(_gate("knowledge", total - guess, gaps, words, list(known.values()), chance=guess))
    failed = [gate for gate in gates if not gate.passed]
    return failed[0] if failed else Gate("knowledge", True, "; ".join(gate.reason for gate in gates))


def image(vanilla: RunRecord, blind: RunRecord) -> Gate:
    """Whether vanilla's answers about the people to forget need the picture."""
    measure = Measure("leak", "leak/open/image_text", FORGOTTEN)
    seen, unseen = (lookup(record.scores, measure.name, FORGOTTEN) for record in (vanilla, blind))
    if seen is None or unseen is None or seen.value is None or unseen.value is None:
        measure = Measure("leak", "leak/image_text", FORGOTTEN)
        seen, unseen = (lookup(record.scores, measure.name, FORGOTTEN) for record in (vanilla, blind))
    if seen is None or unseen is None or seen.value is None or unseen.value is None:
        return Gate("image", True, "not checked: no questions with a picture about forgotten people")
    differences, _ = paired({0: vanilla.people}, {0: blind.people}, measure)
    words = f"vanilla answers {seen.value:.0%} with the picture and {unseen.value:.0%} without"
    tables = _tables(counts(vanilla.people, measure.name, FORGOTTEN), counts(blind.people, measure.name, FORGOTTEN))
    gate = _gate("image", seen.value - unseen.value, differences.get(0, {}), words, tables, factor=1.0)
    return gate if gate.passed else Gate("image", False, f"{gate.reason}: the questions do not need the picture")


def chance(samples: Sequence[Sample], world: World) -> float:
    """Mean share that guessing gets right, of the questions with a picture about people; open ones where there are."""
    common: dict[str, float] = {}
    for attribute in {s.attribute for s in samples if s.attribute}:
        values = Counter(facts[attribute] for facts in world.facts.values() if attribute in facts)
        common[attribute] = max(values.values(), default=0) / max(1, values.total())
    asked = [s for s in samples if s.role in PEOPLE_ROLES and s.prompt.image is not None]
    asked = [s for s in asked if s.kind in OPEN_KINDS] or asked
    rates = [1 / len(s.options) if s.options else common.get(s.attribute, 0.0) for s in asked]
    return sum(rates) / len(rates) if rates else 0.0


def _facts(people: People) -> dict[str, tuple[int, int]]:
    """Person -> (true answers, answers) to questions with a picture; open ones where there are."""
    for part in ("open/image_text", "image_text"):
        found: dict[str, tuple[int, int]] = {}
        for role in PEOPLE_ROLES:
            measure = "leak" if role in FORGET_ROLES else "correct"
            for person, (k, n) in counts(people, f"{measure}/{part}", role).items():
                before = found.get(person, (0, 0))
                found[person] = (before[0] + k, before[1] + n)
        if found:
            return found
    return {}


def _tables(known: Counted, other: Counted) -> list[tuple[int, int, int, int]]:
    """For each person of both: true answers and answers of the first, then of the second."""
    return [(*known[person], *other[person]) for person in known if person in other]


def _gate(
    name: str,
    gap: float,
    by_person: Mapping[str, float],
    words: str,
    tables: Sequence[tuple[int, ...]],
    factor: float = FACTOR,
    chance: float | None = None,
) -> Gate:
    """Passed if the gap is above `factor` times what this many people can show; of few people, by their questions.

    `tables` holds one person's counts each, see `_tables`; with `chance` only (true, all), compared with guessing.
    """
    seen = stats.mean_interval({0: dict(by_person)})
    needed = factor * stats.smallest_difference(seen.se, seen.df)
    lucky = seen.se == 0 and len(by_person) < stats.FEWEST_PEOPLE  # so few may differ equally by chance
    if needed >= 1 or lucky:
        return _few(name, gap, len(by_person), words, tables, chance)
    if gap > needed:
        return Gate(name, True, words)
    return Gate(name, False, f"{words}; the difference should be above {needed:.0%}")


def _few(
    name: str, gap: float, people: int, words: str, tables: Sequence[tuple[int, ...]], chance: float | None
) -> Gate:
    """Whether so many more true answers come by chance, by an exact test over the questions of each person."""
    if chance is None:
        p, least = stats.stratified_exact(tables), stats.stratified_exact([(t[1], t[1], 0, t[3]) for t in tables])
    else:
        total, right = sum(t[1] for t in tables), sum(t[0] for t in tables)
        p, least = stats.binomial_exact(right, total, chance), stats.binomial_exact(total, total, chance)
    asked = sum(t[1] for t in tables)
    who = f"{people} {'person is' if people == 1 else 'people are'} too few to judge by person"
    questions = f"{asked} question{'' if asked == 1 else 's'}"
    if least > EXACT:
        return Gate(
            name,
            gap > 0,
            f"{words}; {who}, and {questions} too few for an exact test (p = {least:.2g} at best, {EXACT} is asked "
            "for): it cannot be judged whether this is knowledge; ask more questions about them",
        )
    verdict = f"by their {questions} such a difference comes by chance with p = {p:.2g} (exact test)"
    if p <= EXACT:
        return Gate(name, True, f"{words}; {who}, {verdict}")
    return Gate(name, False, f"{words}; {who}, {verdict}, where at most {EXACT} is asked for")
