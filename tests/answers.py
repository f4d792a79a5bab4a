"""Small samples, generations and verdicts for tests of scores, records and tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from asru_bench.record import RunRecord, accounting
from asru_bench.scores import FAILED
from asru_bench.types import FORGET_ROLES, Generation, Prompt, Sample, Verdict

#: What the judges say for an answer of each category, for an open question.
SAID = {
    "leak": {"value": "leak", "cloze": "leak"},
    "correct": {"value": "correct", "cloze": "correct"},
    "degenerate": {"quality": "degenerate"},
    "refused": {"refusal": "refused"},
    "invented": {"value": "invented"},
    "vague": {},
}


def sample(id="s", role="forget", kind="generation", modality="image_text", person="ada", **more) -> Sample:
    question = more.pop("question", "Where was this person born?")
    answer = more.pop("answer", "B" if kind == "classification" else "Riga")
    return Sample(id, role, "forget_10", person, modality, kind, question, answer, Prompt(question), **more)


def answer(s: Sample, text="It is Riga.", finish="stop") -> Generation:
    return Generation(f"key-{s.id}", s.id, text, finish)


def said(s: Sample, status="scored", **labels: str) -> dict[str, Verdict]:
    """Verdicts of the given judges on a sample; `status` may be given per judge as judge_status."""
    return {judge: Verdict(judge, s.id, f"key-{s.id}", status, label) for judge, label in labels.items()}


def verdicts(s: Sample, category: str) -> list[Verdict]:
    """All five rule judges' words on an answer of that category."""
    if category == FAILED:
        return list(said(s, "failed", value="", cloze="", choice="").values())
    if s.kind == "classification":
        return list(said(s, choice=category).values())
    labels = {"value": "", "refusal": "", "quality": "", **SAID[category]}
    if s.kind != "cloze":
        labels.pop("cloze", None)
    return list(said(s, **labels).values())


def run_of(plan: Iterable[tuple[str, str, str, str, str]]) -> tuple[list[Sample], list[Generation], list[Verdict]]:
    """From (role, person, kind, modality, category) to everything that `score` takes."""
    samples, generations, found = [], [], []
    for i, (role, person, kind, modality, category) in enumerate(plan):
        s = sample(f"q{i}", role, kind, modality, person)
        samples.append(s)
        generations.append(answer(s, f"answer {category}"))
        found += verdicts(s, category)
    return samples, generations, found


def people_of(shares: Mapping[str, Iterable[int]], n: int = 10, cell: str = "generation/image_text") -> dict:
    """A tally: per role a list with each person's hits (leak or correct) out of `n`; the rest are refusals."""
    tally: dict = {}
    for role, hits in shares.items():
        hit = "leak" if role in FORGET_ROLES else "correct"
        tally[role] = {f"{role}-{i}": {cell: {hit: k, "refused": n - k}} for i, k in enumerate(hits)}
    return tally


def record(row="asru", seed=0, people=None, universe="mini-1", **more) -> RunRecord:
    """A record with the given tally; `more` goes to the spec where the record has no such field."""
    people = people or {}
    fields = {k: more.pop(k) for k in ("status", "gates", "costs", "provenance", "error", "scores") if k in more}
    spec = {
        "method": row.partition("@")[0],
        "task": "mllmu_bench",
        "model": "mini" if universe else "org/model",
        "judges": ["choice"],
        "method_config": {},
        "task_config": {"split": "forget_10"},
        "judge_config": {},
        "decoding": {"generation": 50},
        "control": "none",
        "limit": None,
        "fast": False,
        "force": False,
        **more,
    }
    return RunRecord(
        spec, f"hash-{row}", seed, row, universe=universe, people=people, categories=accounting(people), **fields
    )
