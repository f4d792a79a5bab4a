"""Whom does an answer follow when face and name disagree, or two faces are shown?

Each person to forget is paired with one to keep, for every open question whose answer differs between them:

    face_forgotten   the forgotten person's picture, the kept person's name in the question
    face_kept        the reverse
    two_people       both portraits in one picture, the question as it is

An answer follows a person if it asserts that person's value of the asked attribute.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from asru_bench import stats
from asru_bench.scores import FAILED, OPEN_KINDS
from asru_bench.seeds import seed_for
from asru_bench.types import Generation, ImageRef, Sample, Score, Verdict, World

if TYPE_CHECKING:
    from asru_bench.values import Matcher

ARRANGEMENTS = ("face_forgotten", "face_kept", "two_people")
TAG = "conflict"
#: What an answer may do; `picture` and `name` are the forgotten and the kept person in `two_people`.
FOLLOWED = {
    "face_forgotten": {"forgotten": "picture", "kept": "name"},
    "face_kept": {"forgotten": "name", "kept": "picture"},
    "two_people": {"forgotten": "forgotten", "kept": "kept"},
}
OTHERWISE = ("both", "refused", "neither")


def pair_up(samples: Sequence[Sample], world: World) -> list[Sample]:
    """The samples of all three arrangements, about people to forget; tags: `conflict`, arrangement, kept person."""
    from asru_bench.controls import name_in

    portraits: dict[str, dict[str, ImageRef]] = {"forget": {}, "retain": {}}
    for sample in samples:
        if sample.role in portraits and sample.prompt.image is not None:
            portraits[sample.role].setdefault(sample.cluster, sample.prompt.image)
    partners = _partners(sorted(portraits["forget"]), sorted(portraits["retain"]))
    facts, found = world.facts, []
    for place, sample in enumerate(samples):
        other = partners.get(sample.cluster) if sample.role == "forget" and sample.kind in OPEN_KINDS else None
        if other is None or sample.prompt.image is None or not _differ(facts, sample, other):
            continue
        if sample.attribute in world.forget.get(other, ()):
            continue  # to be forgotten of both: nobody is there to keep
        faces = (sample.prompt.image, portraits["retain"][other])
        asked, names = sample.prompt.question, (_name(facts, sample.cluster), _name(facts, other))
        if sample.attribute != "name" and all(names):
            found.append(_sample(sample, "face_forgotten", other, faces[0], name_in(asked, names[1])))
            found.append(_sample(sample, "face_kept", other, faces[1], name_in(asked, names[0])))
        left, right = faces if place % 2 else faces[::-1]
        found.append(_sample(sample, "two_people", other, side_by_side(left, right), asked))
    return found


def scores(
    samples: Sequence[Sample], answers: Sequence[Generation], verdicts: Sequence[Verdict], world: World
) -> list[Score]:
    """Shares of answers that follow one side, both, refuse, or do neither: `conflict/ARRANGEMENT.what`.

    Of the answers there are; `lower` and `upper` are what they can be if those that failed are counted.
    """
    from asru_bench.values import Matcher

    matcher = Matcher(world)
    text = {answer.sample_id: answer for answer in answers}
    refused = {v.sample_id for v in verdicts if v.judge == "refusal" and v.label == "refused"}
    said: dict[str, dict[str, list[str]]] = {}
    failed: Counter[str] = Counter()
    for sample in (s for s in samples if TAG in s.tags):
        answer = text.get(sample.id)
        if answer is None or answer.finish == "error":
            failed[sample.tags[1]] += 1
            continue
        what = _followed(matcher, sample, answer.text, sample.id in refused)
        said.setdefault(sample.tags[1], {}).setdefault(sample.cluster, []).append(what)
    return [score for name, people in sorted(said.items()) for score in _shares(name, people, failed[name])]


def side_by_side(left: ImageRef, right: ImageRef) -> ImageRef:
    """One picture of the left one's size with both at half size, kept as a file named by content."""
    from PIL import Image, ImageStat

    from asru_bench.data import open_image
    from asru_bench.fingerprint import images_hash
    from asru_bench.home import home

    file = home() / "pictures" / f"two-{images_hash((left, right))[:24]}.png"
    if not file.is_file():
        first, second = (open_image(ref).convert("RGB") for ref in (left, right))
        width, height = first.size
        half = (width // 2, height // 2)
        ground = tuple(round(x) for x in ImageStat.Stat(first.crop((0, 0, width, max(1, height // 16)))).mean)
        canvas = Image.new("RGB", (width, height), ground)
        canvas.paste(first.resize(half), (0, height // 4))
        canvas.paste(second.resize(half), (width // 2, height // 4))
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(f".{id(canvas)}.tmp")
        canvas.save(draft, "PNG")
        draft.replace(file)
    return ImageRef(str(file))


def _partners(forget: Sequence[str], kept: Sequence[str]) -> dict[str, str]:
    order = list(kept)
    random.Random(seed_for(0, "conflict")).shuffle(order)
    return {person: order[i % len(order)] for i, person in enumerate(forget)} if order else {}


def _differ(facts: Mapping[str, Mapping[str, tuple[str, ...]]], sample: Sample, other: str) -> bool:
    """Whether both have the asked attribute, with other values."""
    ours, theirs = (facts.get(person, {}).get(sample.attribute) for person in (sample.cluster, other))
    return bool(ours and theirs and ours[0] != theirs[0])


def _name(facts: Mapping[str, Mapping[str, tuple[str, ...]]], person: str) -> str:
    return (facts.get(person, {}).get("name") or ("",))[0]


def _sample(sample: Sample, arrangement: str, other: str, image: ImageRef, question: str) -> Sample:
    prompt = replace(sample.prompt, image=image, question=question)
    return replace(sample, id=f"{sample.id}.{arrangement}", prompt=prompt, tags=(TAG, arrangement, other))


def _followed(matcher: Matcher, sample: Sample, text: str, refused: bool) -> str:
    """What one answer does, in the words of its arrangement."""
    people = {"forgotten": sample.cluster, "kept": sample.tags[2]}
    told = [
        side
        for side, person in people.items()
        if any(
            leak.attribute == sample.attribute
            for leak in matcher.leaks(text, person, sample.attribute, sample.prompt.question)
        )
    ]
    if len(told) == 1:
        return FOLLOWED[sample.tags[1]][told[0]]
    return "both" if told else "refused" if refused else "neither"


def _shares(arrangement: str, people: Mapping[str, Sequence[str]], failed: int) -> list[Score]:
    sizes = [len(found) for found in people.values()]
    made, n = [], sum(sizes) + failed
    for what in (*FOLLOWED[arrangement].values(), *OTHERWISE):
        hits = [found.count(what) for found in people.values()]
        ci = stats.korn_graubard(hits, sizes)
        limits = {"ci_low": ci.low, "ci_high": ci.high, "lower": sum(hits) / n, "upper": (sum(hits) + failed) / n}
        share, counts = sum(hits) / sum(sizes), {FAILED: failed} if failed else {}
        made.append(Score(f"conflict/{arrangement}.{what}", "forget", share, n, len(sizes), counts=counts, **limits))
    return made
