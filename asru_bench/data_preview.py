"""A page with some questions of every role and kind, as a model would be asked."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from asru_bench import page
from asru_bench.page import Portrait
from asru_bench.types import ROLES, AsruBenchError, Sample

#: Questions of each role, kind and modality.
EACH = 3
HIDDEN = "Questions, answers and pictures of real people are hidden; --reveal shows them."


def choose(samples: Sequence[Sample], each: int = EACH) -> dict[tuple[str, str, str], list[Sample]]:
    """(role, kind, modality) -> up to `each` questions: other people first, then other facts."""
    groups: dict[tuple[str, str, str], list[Sample]] = {}
    for sample in samples:
        groups.setdefault((sample.role, sample.kind, sample.modality), []).append(sample)
    order = sorted(groups, key=lambda g: ((ROLES.index(g[0]) if g[0] in ROLES else len(ROLES)), *g[1:]))
    return {group: _varied(groups[group], each) for group in order}


def write(
    file: Path, samples: Sequence[Sample], *, title: str, hide: bool, portrait: Portrait = page.png, each: int = EACH
) -> int:
    """Writes the page and says how many questions it shows; with `hide` it shows counts only."""
    from asru_bench.store import write_text

    totals: dict[tuple[str, str, str], int] = {}
    for s in samples:
        key = (s.role, s.kind, s.modality)
        totals[key] = totals.get(key, 0) + 1
    shown = choose(samples, each)
    parts, broken = [_table(samples, totals)], 0
    for group, found in shown.items() if not hide else ():
        role, kind, modality = map(html.escape, group)
        parts.append(f"<h2>{role} <small>{kind}, {modality}: {len(found)} of {totals[group]}</small></h2>")
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
    """One at a time: a person shown least, of those a fact shown least, of those the first."""
    people: Counter[str] = Counter()
    facts: Counter[str] = Counter()
    left, shown = list(samples), list[Sample]()
    while left and len(shown) < each:
        sample = min(left, key=lambda s: (people[s.cluster], facts[s.attribute]))
        left.remove(sample)
        shown.append(sample)
        people[sample.cluster] += 1
        facts[sample.attribute] += 1
    return shown


def _table(samples: Sequence[Sample], totals: dict[tuple[str, str, str], int]) -> str:
    rows = ""
    for role, kind, modality in sorted(totals):
        people = len({s.cluster for s in samples if (s.role, s.kind, s.modality) == (role, kind, modality)})
        cells = (role, kind, modality, people, totals[role, kind, modality])
        rows += "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells) + "</tr>\n"
    head = "".join(f"<th>{name}</th>" for name in ("role", "kind", "modality", "people", "questions"))
    return f"<table><tr>{head}</tr>\n{rows}</table>"


def _question(sample: Sample, portrait: Portrait) -> tuple[str, bool]:
    """One question with its picture; whether the picture cannot be read."""
    face, failed = '<div class="blank"></div>', False
    if sample.prompt.image:
        try:
            face = page.picture_tag(sample.prompt.image, portrait)
        except AsruBenchError as error:
            face, failed = f'<div class="blank failed">{html.escape(str(error)[:80])}</div>', True
    options = dict(sample.options)
    truth = f"{sample.answer}: {options[sample.answer]}" if sample.answer in options else sample.answer
    fact = " = ".join(part for part in (sample.attribute, sample.value) if part)
    rows = {"shown": sample.prompt.question, "answer": truth, "fact": fact, "wrong": " · ".join(sample.perturbed)}
    rows["id"] = sample.id
    cells = "\n".join(
        f"<tr><th>{name}</th><td>{html.escape(text).replace(chr(10), '<br>')}</td></tr>"
        for name, text in rows.items()
        if text
    )
    turns = len(sample.prompt.turns)
    more = f" <small>{turns} demonstrations before it</small>" if turns else ""
    person = html.escape(sample.cluster)
    return f"<section>{face}<div><h2>{person}{more}</h2>\n<table>{cells}</table></div></section>", failed
