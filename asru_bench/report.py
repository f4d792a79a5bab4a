"""What a person sees at the end of a run, and `show`: tables in the terminal and a page."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench import choices, contrast, overview, shown
from asru_bench import headline as hl
from asru_bench.answers import Asked, Triple, read, side_by_side
from asru_bench.benchmark import own_lines
from asru_bench.general_table import TITLE, general_lines, reasons
from asru_bench.grades import agreement_lines, grade_lines
from asru_bench.leaderboard import REFERENCES, Row, difference_text, partial, pool
from asru_bench.lines import wrapped
from asru_bench.page import About, show_html
from asru_bench.people import Roster
from asru_bench.record import RunRecord, read_record
from asru_bench.terminal import answer_list, print_table
from asru_bench.types import AsruBenchError, ImageRef

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from asru_bench.folder import RunFolder
    from asru_bench.plan import Cell, Plan

#: From this width on (characters) the terminal has room for decimals.
WIDE = 100
BASE = overview.BASE
#: Width of pictures for telephones.
PHONE = 343


def print_summary(records: Mapping[str, Sequence[RunRecord]], *, console: Console | None = None) -> None:
    """The table at the end of a run: column label -> its records, one per seed.

    The columns `base` (its answers to strangers), `vanilla` and `retain_oracle` are what the others are
    compared with; under the table stands what each of the others may claim.
    """
    console = console or _console()
    rows = {label: Row(found[0].row, label, tuple(found)) for label, found in records.items() if found}
    if not rows:
        raise AsruBenchError("there are no records to sum up; `asru-bench run` makes them.")
    heads, lines_of_result = overview.lines_of(rows, digits=1 if console.width >= WIDE else 0)
    print_table(console, "Result", heads, lines_of_result)
    if lines := choices.choice_lines(list(rows.values())):
        _print_lines(console, choices.TITLE, lines)
    if lines := own_lines(list(rows.values())):
        _print_lines(console, f"The benchmark's own numbers; of each set {lines[0][0]}", lines)
    if lines := grade_lines(list(rows.values())):
        about = "image questions about forgotten people; base: strangers; factuality: retain unseen"
        _print_lines(console, f"{lines[0][0].capitalize()} ({about})", lines)
        for line in agreement_lines(list(rows.values())):
            _print(console, line)
    if lines := overview.judge_lines(list(rows.values())):
        _print_lines(console, overview.JUDGES_TITLE, lines)
    if lines := general_lines(list(rows.values())):
        _print_lines(console, TITLE, lines)
    notes = (*_judge_failures(rows), *claims(rows), *overview.meanings(rows, heads), *_universe(rows))
    for line in (*reasons(list(rows.values())), *notes):
        _print(console, line)


def _judge_failures(rows: Mapping[str, Row]) -> list[str]:
    """A sentence for each row and judge whose verdicts failed, all or in part."""
    return [
        f"{label}: judge {judge} {facts['status']}, {facts['failed']} of {facts['of']} verdicts ({facts['reason']})."
        for label, row in rows.items()
        for record in row.records
        for judge, facts in record.provenance.get("judge_failures", {}).items()
    ]


def claims(rows: Mapping[str, Row]) -> list[str]:
    """One sentence or more for each row that is no reference: whether it is ranked, and how it compares."""
    vanilla, oracle, base = (_records(rows, name) for name in REFERENCES)
    found = []
    for label, row in rows.items():
        if row.name in REFERENCES:
            continue
        judged = hl.headline(row.records, vanilla, oracle, base)
        kept = "; ".join(c.words for c in judged.kept if c.passed)
        if judged.barred:
            found.append(f"{label} is not ranked: {'; '.join(judged.barred)}.")
        if judged.fails:
            found.append(f"{label} fails: {'; '.join(judged.fails)}.")
        elif not judged.barred:
            found.append(f"{label} passes: {kept}.")
        notes = [r.provenance.get("forgotten_earlier") for r in row.records]
        found += [f"{label}: {note}." for note in dict.fromkeys(notes) if note]
        if judged.excess:
            limits = difference_text(judged.excess.value, judged.excess.low, judged.excess.high)
            found.append(f"{label}, leak minus the oracle's: {limits}.")
    return found


def _universe(rows: Mapping[str, Row]) -> list[str]:
    universe = next(iter(rows.values())).records[0].universe
    return [f"Embedded universe {universe}: shows how things work, not which method is best."] if universe else []


def _print(console: Console, line: str) -> None:
    """A sentence, broken between words, never inside an interval."""
    console.print(wrapped(shown.message(line), "  ", console.width), markup=False, highlight=False, soft_wrap=True)


def print_answers(
    vanilla: Sequence[Triple],
    method: Sequence[Triple],
    *,
    label: str = "after",
    people: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    reveal: bool = False,
    embedded: bool = False,
    console: Console | None = None,
) -> None:
    """Answers about forgotten and kept people before and after; hidden for real people unless `reveal`."""
    columns = {"vanilla": vanilla, label: method} if vanilla else {label: method}
    hide = not (reveal or embedded)
    (console or _console()).print(answer_list(side_by_side(columns, people=people, names=names, hide=hide)))


def show_run(planned: Plan, records: Sequence[RunRecord], *, console: Console | None = None) -> None:
    """The end of a run: per task and model the summary and some answers, then where the results are."""
    from rich.markup import escape

    console = console or _console()
    beside = [read_record(_file(cell)) for cell in planned.cells if cell.reference and _file(cell).is_file()]
    groups: dict[tuple[str, str, str | None, str], list[RunRecord]] = {}
    for record in (*beside, *records):
        flags = partial(record.spec)
        groups.setdefault((record.spec["task"], record.spec["model"], record.universe, flags), []).append(record)
    for (task, model, _, flags), found in groups.items():
        console.rule(
            escape(shown.line(" · ".join(part for part in (task, model, flags and f"partial ({flags})") if part)))
        )
        plain = [record for record in found if record.spec.get("control", "none") == "none"]
        if plain:
            print_summary({row.label: row.records for row in _in_order(pool(plain))}, console=console)
        _print_contrasts(console, found)
    done = [cell for cell in planned.rows if _file(cell).is_file()]
    for cell in done[:1]:
        folder = _open(cell.folder)
        console.print(answer_list(_questions(folder, _roster(folder, reveal=False), [], 1)))
    for cell in done:
        _print(console, f"{cell.label}: {cell.folder}")
    if done:
        reveal = "" if _embedded(_open(done[0].folder)) else " --reveal"
        _print(console, f"More answers:\n  asru-bench show {done[0].folder}{reveal}")


def show(
    path: Path, people: Sequence[str] = (), page: Path | None = None, reveal: bool = False, who: bool = False
) -> str:
    """The answers of one run beside vanilla's as text, or as a page written to `page`.

    `path` is a record.json or its run folder. People are shown by `people` (ids, or names of invented people), else
    three forgotten and three kept; real people's names, answers and portraits only with `reveal`. With `who` only
    who can be asked about.
    """
    folder = _open(path.parent if path.name == "record.json" else path)
    everybody = _roster(folder, reveal)
    if who:
        return wrapped("\n".join(everybody.lines(everybody=True)), "  ")
    record = read_record(folder.record_file) if folder.record_file.is_file() else None
    asked = _questions(folder, everybody, everybody.resolve(people), 4)
    title = f"{record.row if record else folder.spec.method} · {folder.spec.task} · {folder.spec.model}"
    hidden = "Names, answers and portraits are hidden; --reveal shows them." if everybody.hide else ""
    if page:
        show_html(page, asked, title=title, note=hidden, about=_about(folder, record))
        return f"{page} written."
    from rich.markup import escape

    console = _console(to_text=True)
    with console.capture() as captured:
        console.rule(escape(shown.line(title)))
        _print_portraits(console, asked)
        console.print(answer_list(asked))
        measured = [Row(r.row, r.row, (r,)) for r in _measured(folder, record)]
        for heading, lines in ((choices.TITLE, choices.choice_lines(measured)), (TITLE, general_lines(measured))):
            if lines:
                _print_lines(console, heading, lines)
        for line in ("", *everybody.lines(everybody=False), hidden):
            _print(console, line)
    return captured.get().rstrip()


def _about(folder: RunFolder, record: RunRecord | None) -> About:
    """What the page says of the run: its facts, its scores beside the references', and what every answer is."""
    from asru_bench import accounting
    from asru_bench.leaderboard import load

    if record is None:
        return About(facts=[("state", "not finished: `asru-bench ls runs` says how to go on")])
    around, _ = load(folder.path.parent.parent, again=False)
    beside = accounting.beside(record, around)
    rows = {row.label: row for row in _in_order(beside)}
    heads, lines = overview.lines_of(rows, digits=1)
    notes = [*claims(rows), *overview.meanings(rows, heads), *_universe(rows)]
    drawn = accounting.figures(beside)
    figures = [(accounting.svg(figure), accounting.svg(figure, PHONE)) for figure in drawn]
    return About(overview.facts(record), heads, lines, notes, figures)


def half_blocks(picture: Any, width: int = 20) -> Text:
    """A picture as coloured half blocks, two pixels a character; `picture` is a PIL image."""
    from rich.color import Color
    from rich.style import Style
    from rich.text import Text

    height = max(2, round(width * picture.height / picture.width / 2) * 2)
    small = picture.convert("RGB").resize((width, height))
    text = Text()
    for y in range(0, height, 2):
        for x in range(width):
            top, bottom = (Color.from_rgb(*small.getpixel((x, y + i))) for i in (0, 1))
            text.append("▀", Style(color=top, bgcolor=bottom))
        text.append("\n")
    return text


def _print_lines(console: Console, title: str, lines: Sequence[Sequence[str]]) -> None:
    """Lines as a table under a title; the head's first cell is left out."""
    print_table(console, title, lines[0][1:], [(label, cells) for label, *cells in lines[1:]])


def _print_contrasts(console: Console, records: Sequence[RunRecord]) -> None:
    """Controls and requests, and the flag of a task whose questions do not need the picture."""
    for title, lines in contrast.tables(records):
        _print_lines(console, title, lines)
    for flag in contrast.flags(records):
        console.print(shown.message(flag), markup=False, highlight=False)


def _file(cell: Cell) -> Path:
    return cell.folder / "record.json"


def _records(rows: Mapping[str, Row], name: str) -> list[RunRecord]:
    return [r for row in rows.values() if row.name == name for r in row.records]


def _in_order(rows: Iterable[Row]) -> list[Row]:
    """Base and vanilla, the methods, the oracle last."""
    place = {BASE: 0, "vanilla": 1, "retain_oracle": 3}
    return sorted(rows, key=lambda row: place.get(row.name, 2))


def _questions(folder: RunFolder, everybody: Roster, people: Sequence[str], each: int) -> list[Asked]:
    """Questions of a run folder with its answers and, where they exist, those of its vanilla."""
    columns = {folder.path.parent.name: read(folder)}
    vanilla = _vanilla_of(folder)
    if vanilla:
        columns = {"vanilla": read(vanilla), **columns}
    return side_by_side(columns, people=people, names=everybody.names, each=each, hide=everybody.hide)


def _roster(folder: RunFolder, reveal: bool) -> Roster:
    """Who was asked about; names only of invented people, or where they are asked for."""
    hide = not (_embedded(folder) or reveal)
    facts = {} if hide else folder.task.world().facts
    names = {person: own["name"][0] for person, own in facts.items() if own.get("name")}
    return Roster(folder.questions(), names, hide)


def _vanilla_of(folder: RunFolder) -> RunFolder | None:
    """The vanilla run beside a run: same task, settings, seed, limit and model."""
    if folder.spec.method == "vanilla":
        return None
    same = ("task_config", "seed", "limit", "fast", "control", "data_hash", "vanilla_hash")
    for path in sorted((folder.path.parent.parent / "vanilla").glob("*/spec.json")):
        try:
            other = _open(path.parent)
        except AsruBenchError:  # a damaged neighbour
            continue
        alike = all(getattr(other.spec, name) == getattr(folder.spec, name) for name in same)
        if alike and other.answers_file.is_file() and other.verdicts_file.is_file():
            return other
    return None


def _measured(folder: RunFolder, record: RunRecord | None) -> list[RunRecord]:
    """The record of vanilla beside a run, where there is one, and its own."""
    vanilla = _vanilla_of(folder)
    before = [read_record(vanilla.record_file)] if vanilla and vanilla.record_file.is_file() else []
    return [*before, *([record] if record else [])]


def _open(path: Path) -> RunFolder:
    from asru_bench.folder import RunFolder

    return RunFolder.open(path)


def _embedded(folder: RunFolder) -> bool:
    from asru_bench.folder import invented

    return invented(folder)


def _print_portraits(console: Console, asked: Sequence[Asked]) -> None:
    """One portrait a person, where the terminal has true colours."""
    from rich.columns import Columns
    from rich.console import Group
    from rich.text import Text

    from asru_bench.data import open_image

    images: dict[str, ImageRef] = {}
    for a in asked:
        if a.image:
            images.setdefault(a.person, a.image)
    if images and console.color_system == "truecolor":
        faces = [Group(half_blocks(open_image(image)), Text(shown.line(person))) for person, image in images.items()]
        console.print(Columns(faces, padding=(0, 2)))


def _console(to_text: bool = False) -> Console:
    from rich.console import Console

    if to_text:
        return Console(force_terminal=sys.stdout.isatty(), soft_wrap=False)
    return Console()
