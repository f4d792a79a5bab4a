"""A page of answers that needs no other file: portraits inside, no scripts, light and dark."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from asru_bench.answers import Asked
from asru_bench.shown import escaped
from asru_bench.types import ImageRef

STYLE = """
:root { color-scheme: light dark; --line: #8885; --soft: #6b6b6b; }
@media (prefers-color-scheme: dark) { :root { --soft: #a0a0a0; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; } h1, h2, p, dd { overflow-wrap: anywhere; }
section { display: flex; gap: 1.2rem; border-top: 1px solid var(--line); padding: 1rem 0; }
section > div { flex: 1; min-width: 0; } section h2 { margin: 0 0 .4rem; }
img { width: 96px; height: 96px; object-fit: cover; border-radius: 6px; }
.blank { display: none; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
td, th { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 500; }
tr.part th { color: inherit; font-weight: 600; padding-top: .8rem; }
.numbers { width: auto; table-layout: auto; } .numbers td + td, .numbers th + th { padding-left: 1.2rem; }
.numbers td span { white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; min-width: 0; }
h2 small, .note { color: var(--soft); font-weight: 400; }
.tag { font-size: .8em; border-radius: 4px; padding: 0 .4em; border: 1px solid currentColor; white-space: nowrap; }
.leak, .failed { color: #d33; } .correct { color: #2a8a3e; } .refused { color: #2b7cd3; }
.invented { color: #a87400; } .degenerate { color: #a34bbd; } .vague, .unparsable { color: var(--soft); }
figure { margin: 1rem 0; } svg { max-width: 100%; height: auto; } .phone { display: none; }
@media (max-width: 40rem) {
  body { margin-top: 1rem; } section { flex-direction: column; gap: .6rem; }
  table, tbody, tr, td { display: block; } tr.head { display: none; }
  tr { border-top: 1px solid var(--line); padding: .4rem 0; } td, td + td { padding: .15rem 0; }
  .numbers { width: 100%; } .numbers td + td { padding-left: 0; display: flex; justify-content: space-between; }
  .numbers td:first-child { font-weight: 500; } tr.part, tr.part th { display: block; }
  td[data-head]::before { content: attr(data-head); color: var(--soft); display: block; font-size: .85em; }
  .numbers td[data-head]::before { font-size: 1em; padding-right: 1rem; }
  dl { display: block; } dd { margin-bottom: .4rem; }
  .wide, .no { display: none !important; } .phone { display: block; }
}
"""
#: What the tags of answers mean, in the order in which they go before one another.
MEANINGS = {
    "leak": "states a true fact about somebody who was to be forgotten",
    "correct": "states the true fact about somebody who is kept, or picks the right option",
    "degenerate": "no language: repeated or broken text",
    "refused": "declines to answer or says that it does not know",
    "invented": "states something false",
    "vague": "states nothing that could be checked",
    "unparsable": "picks none of the options",
    "failed": "could not be answered or judged, and counts as the worst case",
}
#: A line of the table of scores: its label and its cells; without cells it is the heading of a part.
Line = tuple[str, Sequence[str]]
Portrait = Callable[[ImageRef], bytes]


@dataclass(frozen=True)
class About:
    """What stands on the page beside the answers: `facts` of the run, its scores, notes under them, and pictures.

    `figures` are pairs of SVG pictures, for wide and for narrow screens.
    """

    facts: Sequence[tuple[str, str]] = ()
    heads: Sequence[str] = ()
    lines: Sequence[Line] = ()
    notes: Sequence[str] = ()
    figures: Sequence[tuple[str, str]] = ()


def show_html(
    path: Path,
    asked: Sequence[Asked],
    *,
    title: str = "Answers",
    note: str = "",
    portrait: Portrait | None = None,
    about: About | None = None,
) -> None:
    """Writes the page; `portrait` gives the PNG bytes of a picture (default: reads it through `data`)."""
    from asru_bench.store import write_text

    write_text(path, page(asked, title, note, portrait or png, about or About()))


def page(asked: Sequence[Asked], title: str, note: str, portrait: Portrait, about: About) -> str:
    """The HTML text; everything that came from data or a model is escaped."""
    people = groupby(asked, key=lambda a: (a.forgotten, a.person))
    parts = [facts_list(about.facts)] if about.facts else []
    if about.lines:
        parts += ["<h2>Scores</h2>", _scores(about.heads, about.lines)]
        parts += [f'<p class="note">{escaped(text)}</p>' for text in about.notes]
    parts += ["<h2>Answers</h2>", _legend(asked)]
    parts += [_person(who, gone, list(own), portrait) for (gone, who), own in people]
    if about.figures:
        parts.append("<h2>What every answer is</h2>")
        parts += [
            f'<figure><div class="wide">{wide}</div><div class="phone">{narrow}</div></figure>'
            for wide, narrow in about.figures
        ]
    return document(title, note, "\n".join(parts))


def facts_list(facts: Sequence[tuple[str, str]]) -> str:
    """Names and values as a list of definitions."""
    return "<dl>" + "".join(f"<dt>{escaped(k)}</dt><dd>{escaped(v)}</dd>" for k, v in facts) + "</dl>"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are HTML already; on narrow screens every row becomes a list under its heads."""
    safe = [escaped(head) for head in heads]
    body = "\n".join(
        "<tr>" + "".join(f"<td{_head(head)}>{cell}</td>" for head, cell in zip(safe, row, strict=True)) + "</tr>"
        for row in rows
    )
    top = "".join(f"<th>{head}</th>" for head in safe)
    return f'<table><tr class="head">{top}</tr>\n{body}</table>'


def _head(name: str) -> str:
    return f' data-head="{name}"' if name else ""


def _no(cell: str) -> str:
    """Marks a cell without a number, which narrow screens leave out."""
    return ' class="no"' if cell in ("", "–") else ""


def _scores(heads: Sequence[str], lines: Sequence[Line]) -> str:
    """The table of scores: intervals stay on one line."""
    rows = []
    for label, cells in lines:
        if cells:
            shown = [f"<td>{escaped(label)}</td>"]
            shown += [
                f"<td{_head(escaped(head))}{_no(cell)}><span>{escaped(cell)}</span></td>"
                for head, cell in zip(heads, cells, strict=True)
            ]
            rows.append(f"<tr>{''.join(shown)}</tr>")
        else:
            rows.append(f'<tr class="part"><th colspan="{len(heads) + 1}">{escaped(label)}</th></tr>')
    top = "".join(f"<th>{escaped(head)}</th>" for head in ("", *heads))
    return f'<table class="numbers"><tr class="head">{top}</tr>\n' + "\n".join(rows) + "</table>"


def _legend(asked: Sequence[Asked]) -> str:
    """What the tags on this page mean."""
    used = {category for question in asked for _, category in question.answers.values()}
    tags = [f"{_tag(name)} {escaped(words)}" for name, words in MEANINGS.items() if name in used]
    return f'<p class="legend">{"; ".join(tags)}.</p>' if tags else ""


def _tag(category: str) -> str:
    name = escaped(category)
    return f'<span class="tag {name}">{name}</span>'


def document(title: str, note: str, body: str) -> str:
    """A whole page around `body`, which is HTML already; title and note are escaped."""
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escaped(title)}</title>\n<style>{STYLE}</style>\n<h1>{escaped(title)}</h1>\n"
        f'<p class="note">{escaped(note)}</p>\n{body}\n</html>\n'
    )


def png(ref: ImageRef) -> bytes:
    """A picture as PNG, at most 192 pixels wide."""
    from asru_bench.data import open_image

    picture = open_image(ref)
    picture.thumbnail((192, 192))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def picture_tag(image: ImageRef, portrait: Portrait) -> str:
    """An `img` element that holds the picture itself."""
    return f'<img alt="portrait" src="data:image/png;base64,{base64.b64encode(portrait(image)).decode()}">'


def _person(person: str, forgotten: bool, asked: Sequence[Asked], portrait: Portrait) -> str:
    image = next((a.image for a in asked if a.image), None)
    face = picture_tag(image, portrait) if image else '<div class="blank"></div>'
    columns = list(asked[0].answers)
    rows = [_row(a, columns) for a in asked]
    kind = "forgotten" if forgotten else "kept"
    return (
        f"<section>{face}<div><h2>{escaped(person)} <small>{kind} ({escaped(asked[0].role)})</small></h2>\n"
        f"{table(['question', 'truth', *columns], rows)}</div></section>"
    )


def _row(asked: Asked, columns: Sequence[str]) -> list[str]:
    cells = [escaped(asked.question), escaped(asked.truth)]
    for column in columns:
        text, category = asked.answers[column]
        cells.append(f"{escaped(text)} {_tag(category)}")
    return cells
