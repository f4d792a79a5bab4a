"""The vocabulary of the harness: frozen values that every stage shares. Standard library only.

A `RunSpec` goes in, a `RunRecord` (`record.py`) comes out; between them stand
`Sample` -> `Request` -> `Generation` -> `Verdict` -> `Score`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Roles of samples. `test` = the forget people on other photos; `retain` = people whose data unlearning
#: may read; `retain_unseen` = people that no unlearning stage saw; `real` = people known from pre-training;
#: `strangers` = faces that no model saw; `general` = questions about no person; `probe` = questions that no headline
#: counts and only the task's own scores read. Where a part of a person is forgotten, read "facts" for "people".
#: `forgotten_earlier`: people whom the model forgot before this run (`forgotten.py`).
EARLIER = "forgotten_earlier"
ROLES = ("forget", "test", EARLIER, "retain", "retain_unseen", "real", "strangers", "general", "probe")
FORGET_ROLES = ("forget", "test")
#: Roles whose true facts are leaks; those of earlier runs are in no headline.
LEAK_ROLES = (*FORGET_ROLES, EARLIER)
KEEP_ROLES = ("retain", "retain_unseen", "real")
KINDS = ("classification", "generation", "cloze")
#: The kind of questions that a task does not ask (`probes.py`); judges that do not name it never see them.
PROBE = "probe"
#: The set (`split`) of sampled answers, role probe: each repeats a question of another set. Rules alone judge them.
DRAWN = "drawn"
MODALITIES = ("image_text", "text")

#: What an answer is, exactly one, in order of precedence (`leak` on forget roles, `correct` elsewhere).
CATEGORIES = ("leak", "correct", "degenerate", "refused", "invented", "vague", "unparsable")

#: The metric that tables show: the first that a task has, else its first in alphabetical order.
MAIN_METRICS = ("acc", "exact_match", "acc_norm")


class AsruBenchError(Exception):
    """An error for the user: what happened, what was expected, what to type next."""


@dataclass(frozen=True)
class ImageRef:
    """A picture that is read only when asked for: a file, or one cell of a table.

    `path` is an image file, a `.parquet` or an `.arrow` file; for tables `row`, `column` and, where the
    cell holds a list of pictures, `index` say which.
    """

    path: str
    row: int = -1
    column: str = ""
    index: int = -1


@dataclass(frozen=True)
class Turn:
    """One demonstration shown before the question."""

    question: str
    answer: str
    image: ImageRef | None = None


@dataclass(frozen=True)
class Prompt:
    """What a model is asked, before its own chat template is applied. The image comes before the text."""

    question: str
    image: ImageRef | None = None
    system: str = ""
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True)
class Sample:
    """One evaluation question.

    `answer` is the reference: the option letter (classification), the sentence (generation) or the missing
    words (cloze). `attribute` and `value` name the fact that is asked, "" where the data do not say;
    `question` is the bare question of the data set, `prompt` what is shown to the model. `paraphrase` is the
    reference in other words and `perturbed` are wrong answers of the same form, where the data have them; judges
    compare their likelihoods.
    """

    id: str
    role: str
    split: str
    cluster: str
    modality: str
    kind: str
    question: str
    answer: str
    prompt: Prompt
    options: tuple[tuple[str, str], ...] = ()
    attribute: str = ""
    value: str = ""
    tags: tuple[str, ...] = ()
    paraphrase: str = ""
    perturbed: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrainingPair:
    """One training question about a person; `value` and its `aliases` are the fact without the sentence."""

    id: str
    cluster: str
    question: str
    answer: str
    image: ImageRef | None = None
    attribute: str = ""
    value: str = ""
    aliases: tuple[str, ...] = ()
    kind: str = "generation"

    @property
    def prompt(self) -> Prompt:
        return Prompt(self.question, self.image)

    @property
    def modality(self) -> str:
        return "image_text" if self.image else "text"


@dataclass(frozen=True)
class TrainingData:
    """What a task lends to unlearning. `faces`: questions about people that no model knows (answers empty).

    `unseen`: the people withheld from unlearning; the runner empties it unless the method's `needs` names it,
    which only the retain oracle's does.
    """

    forget: tuple[TrainingPair, ...]
    retain: tuple[TrainingPair, ...]
    faces: tuple[TrainingPair, ...] = ()
    unseen: tuple[TrainingPair, ...] = ()


@dataclass(frozen=True)
class World:
    """The closed world of a task: every person's facts.

    `facts[person][attribute]` is (value, alias, alias, …); `visible[person][attribute]` is what the
    portraits show. Attributes are lower-case identifiers such as `birthplace`; `name` is one of them.
    `forget[person]` are the attributes to be forgotten where the others are kept: stating those is no leak.
    `shared`: words of many people's reference answers, where sentences stand in for facts; they tell nothing.
    """

    facts: Mapping[str, Mapping[str, tuple[str, ...]]]
    visible: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    forget: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()

    def people_names(self) -> set[str]:
        """What people are called: their ids and names."""
        return {*self.facts, *(own["name"][0] for own in self.facts.values() if own.get("name"))}

    def values(self, attribute: str) -> tuple[tuple[str, ...], ...]:
        """All distinct (value, alias, …) tuples of one attribute over all people, sorted."""
        return tuple(sorted({f[attribute] for f in self.facts.values() if attribute in f}))


@dataclass(frozen=True)
class Request:
    """One call of a model. `options`: letters whose log-probability as first answer token is wanted too.

    `draw` 0 is greedy; from 1 it numbers answers that are sampled from the model's own distribution (temperature 1).
    """

    sample_id: str
    prompt: Prompt
    max_new_tokens: int
    options: tuple[str, ...] = ()
    control: str = "none"
    draw: int = 0


@dataclass(frozen=True)
class ScoreRequest:
    """Asks how a model takes `text` as answer to `prompt`: `what` names a measure of `likelihoods.MEASURES`.

    likelihood: mean log-probability per token (nats); extraction: extraction strength (0 to 1); released: the mean over
    the tokens that CLEAR's released code labels.
    """

    sample_id: str
    prompt: Prompt
    text: str
    what: str = "likelihood"


@dataclass(frozen=True)
class Generation:
    """What a model answered, as it came. `finish`: stop (end of turn), length (cut) or error."""

    key: str
    sample_id: str
    text: str
    finish: str
    prompt_tokens: int = 0
    new_tokens: int = 0
    token_hash: str = ""
    image_hash: str = ""
    option_logprobs: tuple[float, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Verdict:
    """One judge's word on one generation.

    `status` is scored, failed (the judge broke) or unavailable (it cannot run here). `label` is one of
    `CATEGORIES` or "" where the judge has nothing to say; `value` is the main number of a judge that
    measures, `measures` its other numbers, `evidence` the words that decided.
    """

    judge: str
    sample_id: str
    key: str
    status: str
    label: str = ""
    value: float | None = None
    evidence: str = ""
    measures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Score:
    """One number of the result: a share or a mean over a role, with its 95 % interval.

    `n` is the fixed denominator; `failed` answers enter as the worst case, so for a leak share
    [`lower`, `upper`] = [L/n, (L+F)/n] bounds the share itself, and `ci_low`..`ci_high` its uncertainty.
    """

    name: str
    role: str
    value: float | None
    n: int
    people: int = 0
    lower: float | None = None
    upper: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Ability:
    """One task's result. `status`: ok, failed (it broke) or unsupported (lm-eval cannot ask it of such a model).

    `values`: metric -> value and `errors`: metric -> standard error over documents, as lm-eval computes them; both
    empty unless ok. `n`: documents asked. `version`: the task's, `harness`: lm-eval's.
    """

    task: str
    status: str
    values: Mapping[str, float] = field(default_factory=dict)
    errors: Mapping[str, float] = field(default_factory=dict)
    n: int = 0
    version: str = ""
    harness: str = ""
    reason: str = ""

    @property
    def metric(self) -> str:
        """The name of the metric that tables show, "" where there is none."""
        names = sorted(self.values)
        return next(
            (m for main in MAIN_METRICS for m in names if m.partition(",")[0] == main), names[0] if names else ""
        )


@dataclass(frozen=True)
class Cost:
    """Measured by the runner, never by the method. Memory in bytes, time in seconds."""

    seconds: float = 0.0
    peak_memory: int = 0
    trainable_parameters: int = 0
    artifact_bytes: int = 0
    steps: int = 0
    judge_tokens: int = 0


@dataclass(frozen=True)
class Checkpoint:
    """A model on disk that can be loaded again, and who made it."""

    path: str
    fingerprint: str
    base: str = ""
    made_by: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Decoding:
    """Greedy decoding; how many new tokens each kind of question may use."""

    classification: int = 8
    generation: int = 50
    cloze: int = 24
    probe: int = 50


@dataclass(frozen=True)
class RunSpec:
    """Everything that decides a result, with every default resolved; its hash names the run.

    Paths, device and output folder are not in it: a local model or data folder enters by its content
    fingerprint (`model_hash`, `vanilla_hash`, `data_hash`). `roles` are those that are asked, () = all; `probes` asks
    more (`probes.py`). `earlier`: whom vanilla forgot before, as its manifest names them. An empty `train` becomes full
    for embedded models and lora for others; `quant` ("4bit") rounds weights for answers only. `general` are tasks of
    lm-eval (`general.py`), asked beside; they change no other result and are not in the hash.
    """

    method: str
    task: str
    model: str = "mini"
    judges: tuple[str, ...] = (
        "choice", "choice_text", "cloze", "rouge", "value", "refusal", "quality", "hallucination", "rubric"
    )  # fmt: skip
    method_config: Mapping[str, Any] = field(default_factory=dict)
    task_config: Mapping[str, Any] = field(default_factory=dict)
    judge_config: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    seed: int = 0
    train: str = ""
    optim: str = "adamw"
    engine: str = "hf"
    dtype: str = "float32"
    attn: str = "sdpa"
    quant: str = ""
    decoding: Decoding = Decoding()
    limit: int | None = None
    fast: bool = False
    force: bool = False
    control: str = "none"
    roles: tuple[str, ...] = ()
    probes: bool = False
    earlier: tuple[str, ...] = ()
    general: tuple[str, ...] = ()
    model_hash: str = ""
    vanilla_hash: str = ""
    data_hash: str = ""
    method_hash: str = ""
