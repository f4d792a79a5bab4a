"""What a model knows of the people of a task: the share of open questions that it answers truly, beside its base.

Asked through the stages of a run, so that `run --vanilla` finds the answers in the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from asru_bench import plan, scores, stages, store
from asru_bench.folder import RunFolder
from asru_bench.plan import Place
from asru_bench.scores import FAILED, OPEN_KINDS
from asru_bench.session import Session
from asru_bench.types import FORGET_ROLES, AsruBenchError, RunSpec, Sample

ROLES = (*FORGET_ROLES, "retain", "retain_unseen")
#: Judges that say whether an open answer is true, and what it is otherwise.
JUDGES = ("cloze", "value", "refusal", "quality")
TRUE = ("leak", "correct")


@dataclass(frozen=True)
class Share:
    """Answers that state the true fact, of `n`; `failed` ones could not be asked or judged and are neither."""

    known: int
    n: int
    failed: int = 0

    @property
    def text(self) -> str:
        """Percent, or from worst to best case where answers failed."""
        low, high = (round(100 * k / self.n) for k in (self.known, self.known + self.failed))
        return f"{low} %" if not self.failed else f"{low} to {high} %"


@dataclass(frozen=True)
class Knowledge:
    """model (`vanilla`, `base`) -> group of questions -> share known; `people` were trained on."""

    people: int
    shares: Mapping[str, Mapping[str, Share]]
    questions: str = "open questions (generation and cloze) of the task"

    def table(self) -> str:
        """One line a group: vanilla, base, questions."""
        lines = [f"{'known, of open questions':<34} {'vanilla':>12} {'base':>12} {'questions':>10}"]
        for group, share in self.shares["vanilla"].items():
            base = self.shares["base"][group]
            lines.append(f"{group:<34} {share.text:>12} {base.text:>12} {share.n:>10}")
        return "\n".join(lines)


@dataclass(frozen=True)
class OpenQuestions(RunFolder):
    """A run folder that asks the open questions about some people only."""

    people: frozenset[str] = field(default_factory=frozenset)

    def samples(self) -> list[Sample]:
        wanted = (s for s in super().samples() if s.role in ROLES and s.kind in OPEN_KINDS)
        return [s for s in wanted if s.cluster in self.people]


def measure(
    spec: RunSpec, place: Place, work: Path, people: tuple[str, ...], left_out: tuple[str, ...] = ()
) -> Knowledge:
    """Asks the model of `place.vanilla` and its base; `work` keeps answers, so that a stopped call goes on.

    Raises `AsruBenchError` where the task asks no open question about these people.
    """
    place = place.absolute()
    source = plan.find_source(spec, place)
    given = {"vanilla": place.vanilla, "base": source.base}
    shares = {}
    with store.Store() as cache:
        session = Session(cache)
        for method, path in given.items():
            asked = replace(spec, method=method, judges=JUDGES, judge_config={})
            resolved = plan.resolve(asked, place, source)
            folder = OpenQuestions(work / method, resolved, place, path, frozenset((*people, *left_out)))
            if not folder.samples():
                raise AsruBenchError(
                    f"task {spec.task!r} asks no open question about the {len(people)} memorised people, so their "
                    "knowledge cannot be measured; check --data, --split and --limit."
                )
            shares[method] = _shares(folder, session, set(left_out))
    return Knowledge(len(people), shares)


def _shares(folder: OpenQuestions, session: Session, left_out: set[str]) -> dict[str, Share]:
    stages.unlearn(folder)
    answers = stages.generate(folder, session)
    verdicts = stages.judge(folder, session)
    samples = folder.samples()
    category = scores.categories(samples, answers, verdicts)
    found: dict[str, list[str]] = {}
    for sample in samples:
        found.setdefault(_group(sample, left_out), []).append(category[sample.id])
    return {name: count(found[name]) for name in sorted(found)}


def count(categories: Iterable[str]) -> Share:
    """The share of true answers among categories."""
    listed = list(categories)
    known = sum(category in TRUE for category in listed)
    return Share(known, len(listed), listed.count(FAILED))


def _group(sample: Sample, left_out: set[str]) -> str:
    """Photos that were trained on, others, or questions by name; people who were left out apart."""
    what = "other pictures" if sample.role == "test" else "trained pictures"
    what = what if sample.modality == "image_text" else "by name, no picture"
    return f"left out: {what}" if sample.cluster in left_out else what
