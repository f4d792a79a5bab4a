"""A page with some questions of every role and kind, as a model would be asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from asru_bench import page
from asru_bench.page import Portrait
from asru_bench.shown import escaped
from asru_bench.types import ROLES, AsruBenchError, Sample

#: Questions of each set, role, kind and modality.
EACH = 3
HIDDEN = "Questions, answers and pictures of real people are hidden; --reveal shows them."

#: (role, kind, modality, set of the data)
Group = tuple[str, str, str, str]


def group_of(sample: Sample) -> Group:
    return sample.role, sample.kind, sample.modality, sample.split


def choose(samples: Sequence[Sample], each: int = EACH) -> dict[Group, list[Sample]]:
    """Up to `each` questions of each group: other people first, then other facts, then other sorts of question."""
    groups: dict[Group, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(group_of(sample), []).append(sample)
    order = sorted(groups, key=lambda g: ((ROLES.index(g[0]) if g[0] in ROLES else len(ROLES)), *g[1:]))
    return {group: _varied(groups[group], each) for group in order}


def write(
    file: Path, samples: Sequence[Sample], *, title: str, hide: bool, portrait: Portrait = page.png, each: int = EACH
) -> int:
    """Writes the page and says how many questions it shows; with `hide` it shows counts only."""
    from asru_bench.store import write_text

    totals = Counter(map(group_of, samples))
    shown = choose(samples, each)
    parts, broken = [_table(samples, totals)], 0
    for group, found in shown.items() if not hide else ():
        role, kind, modality, of = map(escaped, group)
        several = len({g[3] for g in shown if g[:3] == group[:3]}) > 1
        about = f"{kind}, {modality}{f', {of}' if several else ''}"
        parts.append(f"<h2>{role} <small>{about}: {len(found)} of {totals[group]}</small></h2>")
        for sample in found:
            text, failed = _question(sample, portrait)
            parts.append(text)
            broken += failed
    note = HIDDEN if hide else "The first questions of different people; `shown` is the text that a model reads."
    if broken:
        note += f" {broken} pictures cannot be read: asru-bench data check says which."
    write_text(file, page.document(title, note, "\n".join(parts)))
    return 0 if hide else sum(map(len, shown.values()))


def _varied(samples: Sequence[Sample], each: int) -> list[Sample]:
    """One at a time: a person shown least, of those a fact, of those a sort of question (first tag), the first."""
    people: Counter[str] = Counter()
    facts: Counter[str] = Counter()
    sorts: Counter[tuple[str, ...]] = Counter()
    left, shown = list(samples), list[Sample]()
    while left and len(shown) < each:
        sample = min(left, key=lambda s: (people[s.cluster], facts[s.attribute], sorts[s.tags[:1]]))
        left.remove(sample)
        shown.append(sample)
        people[sample.cluster] += 1
        facts[sample.attribute] += 1
        sorts[sample.tags[:1]] += 1
    return shown


def _table(samples: Sequence[Sample], totals: Mapping[Group, int]) -> str:
    rows = ""
    for group in sorted(totals):
        people = len({s.cluster for s in samples if group_of(s) == group})
        cells = (*group, people, totals[group])
        rows += "<tr>" + "".join(f"<td>{escaped(str(cell))}</td>" for cell in cells) + "</tr>\n"
    head = "".join(f"<th>{name}</th>" for name in ("role", "kind", "modality", "set", "people", "questions"))
    return f"<table><tr>{head}</tr>\n{rows}</table>"


def _question(sample: Sample, portrait: Portrait) -> tuple[str, bool]:
    """One question with its picture; whether the picture cannot be read."""
    face, failed = '<div class="blank"></div>', False
    if sample.prompt.image:
        try:
            face = page.picture_tag(sample.prompt.image, portrait)
        except AsruBenchError as error:
            face, failed = f'<div class="blank failed">{escaped(str(error)[:80])}</div>', True
    options = dict(sample.options)
    truth = f"{sample.answer}: {options[sample.answer]}" if sample.answer in options else sample.answer
    fact = " = ".join(part for part in (sample.attribute, sample.value) if part)
    rows = {"shown": sample.prompt.question, "answer": truth, "fact": fact, "wrong": " · ".join(sample.perturbed)}
    rows["id"] = sample.id
    cells = "\n".join(
        f"<tr><th>{name}</th><td>{escaped(text).replace(chr(10), '<br>')}</td></tr>"
        for name, text in rows.items()
        if text
    )
    turns = len(sample.prompt.turns)
    more = f" <small>{turns} demonstrations before it</small>" if turns else ""
    person = escaped(sample.cluster)
    return f"<section>{face}<div><h2>{person}{more}</h2>\n<table>{cells}</table></div></section>", failed
