"""A page of answers that needs no other file: portraits inside, no scripts, light and dark."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from asru_bench.answers import Asked
from asru_bench.shown import escaped
from asru_bench.types import ImageRef

STYLE = """
:root { color-scheme: light dark; --line: #8885; --soft: #888; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
section { display: flex; gap: 1.2rem; border-top: 1px solid var(--line); padding: 1rem 0; }
img { width: 96px; height: 96px; object-fit: cover; border-radius: 6px; }
.blank { width: 96px; flex: none; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
td, th { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 500; }
h2 small, .note { color: var(--soft); font-weight: 400; }
.tag { font-size: .8em; border-radius: 4px; padding: 0 .4em; border: 1px solid currentColor; white-space: nowrap; }
.leak, .failed { color: #d33; } .correct { color: #2a8a3e; } .refused { color: #2b7cd3; }
.invented { color: #b8860b; } .degenerate { color: #a34bbd; } .vague, .unparsable { color: var(--soft); }
figure { margin: 1rem 0; overflow-x: auto; }
@media (max-width: 40rem) { section { flex-direction: column; } }
"""
Portrait = Callable[[ImageRef], bytes]


def show_html(
    path: Path,
    asked: Sequence[Asked],
    *,
    title: str = "Answers",
    note: str = "",
    portrait: Portrait | None = None,
    figures: Sequence[str] = (),
) -> None:
    """Writes the page; `portrait` gives the PNG bytes of a picture (default: reads it through `data`).

    `figures` are SVG pictures that stand after the answers.
    """
    from asru_bench.store import write_text

    write_text(path, page(asked, title, note, portrait or png, figures))


def page(asked: Sequence[Asked], title: str, note: str, portrait: Portrait, figures: Sequence[str] = ()) -> str:
    """The HTML text; everything that came from data or a model is escaped."""
    people = groupby(asked, key=lambda a: (a.forgotten, a.person))
    sections = "\n".join(_person(who, gone, list(own), portrait) for (gone, who), own in people)
    if figures:
        pictures = "\n".join(f"<figure>{figure}</figure>" for figure in figures)
        sections += f"\n<h2>What every answer is</h2>\n{pictures}"
    return document(title, note, sections)


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
    head = "".join(f"<th>{escaped(c)}</th>" for c in ("question", "truth", *columns))
    rows = "\n".join(f"<tr>{_row(a, columns)}</tr>" for a in asked)
    kind = "forgotten" if forgotten else "kept"
    return (
        f"<section>{face}<div><h2>{escaped(person)} <small>{kind} ({escaped(asked[0].role)})</small></h2>\n"
        f"<table><tr>{head}</tr>\n{rows}</table></div></section>"
    )


def _row(asked: Asked, columns: Sequence[str]) -> str:
    cells = [escaped(asked.question), escaped(asked.truth)]
    for column in columns:
        text, category = asked.answers[column]
        name = escaped(category)
        cells.append(f'{escaped(text)} <span class="tag {name}">{name}</span>')
    return "".join(f"<td>{cell}</td>" for cell in cells)
