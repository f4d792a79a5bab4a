"""What a person sees at the end of a run, and `show`: tables in the terminal and a page."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asru_bench import choices, contrast, shown
from asru_bench import headline as hl
from asru_bench.answers import Asked, Triple, read, side_by_side
from asru_bench.benchmark import own_lines
from asru_bench.claimed import claimed_lines
from asru_bench.general_table import TITLE, general_lines, reasons
from asru_bench.grades import agreement_lines, grade_lines
from asru_bench.leaderboard import NONE, REFERENCES, Row, partial, points, pool, share_text
from asru_bench.page import show_html
from asru_bench.record import RunRecord, read_record
from asru_bench.scores import FORGOTTEN, HEADLINE, Measure
from asru_bench.terminal import Line, answer_list, print_table
from asru_bench.types import EARLIER, AsruBenchError, ImageRef

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from asru_bench.folder import RunFolder
    from asru_bench.plan import Cell, Plan

#: The other things that may be said about forgotten people, beside leak and refused.
INSTEAD = tuple(Measure(c, f"{c}/open/image_text", FORGOTTEN) for c in ("invented", "vague", "degenerate"))
SECTIONS = (
    ("forgotten people", (*HEADLINE[:2], *INSTEAD)),
    ("kept", HEADLINE[2:5]),
    ("elsewhere", HEADLINE[5:]),
)
#: What is still told of people whom vanilla forgot in an earlier run.
GONE = Measure("forgotten earlier", "leak/open", EARLIER)
#: From this width on (characters) the terminal has room for decimals.
WIDE = 100
#: What the model before, who never knew anybody, says to faces that nobody knows.
STRANGERS = "strangers"
BASE = "base"


def print_summary(records: Mapping[str, Sequence[RunRecord]], *, console: Console | None = None) -> None:
    """The table at the end of a run: column label -> its records, one per seed.

    The columns `base` (its answers to strangers), `vanilla` and `retain_oracle` are what the others are
    compared with; under the table stands what each of the others may claim.
    """
    console = console or _console()
    rows = {label: Row(found[0].row, label, tuple(found)) for label, found in records.items() if found}
    if not rows:
        raise AsruBenchError("there are no records to sum up; `asru-bench run` makes them.")
    print_table(console, "Result", *_summary(rows, digits=1 if console.width >= WIDE else 0))
    if lines := choices.choice_lines(list(rows.values())):
        _print_lines(console, choices.TITLE, lines)
    if lines := own_lines(list(rows.values())):
        _print_lines(console, f"The benchmark's own numbers; of each set {lines[0][0]}", lines)
    if lines := grade_lines(list(rows.values())):
        about = "image questions about forgotten people; base: strangers; factuality: retain unseen"
        _print_lines(console, f"{lines[0][0].capitalize()} ({about})", lines)
        for line in agreement_lines(list(rows.values())):
            console.print(shown.message(line), markup=False, highlight=False)
    if lines := general_lines(list(rows.values())):
        _print_lines(console, TITLE, lines)
    for line in (*reasons(list(rows.values())), *_judge_failures(rows), *claims(rows)):
        console.print(shown.message(line), markup=False, highlight=False)


def _judge_failures(rows: Mapping[str, Row]) -> list[str]:
    """A sentence for each row and judge whose verdicts failed, all or in part."""
    return [
        f"{label}: judge {judge} {facts['status']}, {facts['failed']} of {facts['of']} verdicts ({facts['reason']})."
        for label, row in rows.items()
        for record in row.records
        for judge, facts in record.provenance.get("judge_failures", {}).items()
    ]


def claims(rows: Mapping[str, Row]) -> list[str]:
    """One sentence for each row that is no reference, then what the numbers are and what they cannot say."""
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
            limits = f"{100 * judged.excess.low:+.1f} to {100 * judged.excess.high:+.1f}"
            found.append(f"{label}, leak minus the oracle's: {100 * judged.excess.value:+.1f} ({limits}).")
    found.append(
        "Per cent [95 % interval by person] of all answers; about forgotten people and strangers of open questions "
        "with a picture. differ: the smallest difference in points that this many people can show (80 % power)."
    )
    universe = next(iter(rows.values())).records[0].universe
    if universe:
        found.append(f"Embedded universe {universe}: shows how things work, not which method is best.")
    return found


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
        console.print(answer_list(_questions(_open(cell.folder), [], 1, False)))
    for cell in done:
        console.print(shown.message(f"{cell.label}: {cell.folder}"), markup=False, highlight=False, soft_wrap=True)
    if done:
        reveal = "" if _embedded(_open(done[0].folder)) else " --reveal"
        more = f"More answers: asru-bench show {done[0].folder}{reveal}"
        console.print(shown.message(more), markup=False, highlight=False, soft_wrap=True)


def show(path: Path, people: Sequence[str] = (), page: Path | None = None, reveal: bool = False) -> str:
    """The answers of one run beside vanilla's as text, or as a page written to `page`.

    `path` is a record.json or its run folder. People are shown by `people` (ids), else three forgotten and
    three kept; real people's names, answers and portraits only with `reveal`.
    """
    folder = _open(path.parent if path.name == "record.json" else path)
    record = read_record(folder.record_file) if folder.record_file.is_file() else None
    asked = _questions(folder, people, 4, reveal)
    title = f"{record.row if record else folder.spec.method} · {folder.spec.task} · {folder.spec.model}"
    hidden = "" if _embedded(folder) or reveal else "Names, answers and portraits are hidden; --reveal shows them."
    if page:
        show_html(page, asked, title=title, note=hidden, figures=_figures(folder, record))
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
        console.print(hidden)
    return captured.get().rstrip()


def _figures(folder: RunFolder, record: RunRecord | None) -> list[str]:
    """The response accounting of a run beside its references, as pictures."""
    from asru_bench import accounting
    from asru_bench.leaderboard import load

    if record is None:
        return []
    around, _ = load(folder.path.parent.parent, again=False)
    return [accounting.svg(figure) for figure in accounting.figures(accounting.beside(record, around))]


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


def _summary(rows: Mapping[str, Row], digits: int) -> tuple[list[str], list[Line]]:
    """The heads and lines of the main table."""
    heads = [*(_head(label, row) for label, row in rows.items()), "differ"]
    lines: list[Line] = []
    methods = [row for row in rows.values() if row.name not in REFERENCES] or list(rows.values())
    for title, measures in SECTIONS:
        sizes = hl.resolution([row.by_seed for row in methods], measures)
        lines.append((title, ()))
        for m in measures:
            cells = [share_text(_value(row, m), digits) for row in rows.values()]
            lines.append((m.label, [*cells, points(sizes.get(m.id))]))
        if measures[0] is HEADLINE[0]:
            cells = [NONE if row.name == BASE else row.without_leak for row in rows.values()]
            lines.append(("people leak-free", [*cells, ""]))
            if any(_value(row, GONE) for row in rows.values()):
                lines.append((GONE.label, [*(share_text(_value(row, GONE), digits) for row in rows.values()), ""]))
    if claimed := claimed_lines(rows, digits):
        lines.append(("hallucination", ()))
        lines += [(label, [*cells, ""]) for label, *cells in claimed]
    lines.append(("training", ()))
    lines.append(("seconds", [*(NONE if r.seconds is None else f"{r.seconds:.0f}" for r in rows.values()), ""]))
    return heads, lines


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


def _head(label: str, row: Row) -> str:
    return "base on strangers" if row.name == BASE else label.replace("_", " ")


def _value(row: Row, measure: Measure) -> Any:
    """A score; for base, in place of what is said about forgotten people, what it says to strangers."""
    if row.name == BASE and measure.role == FORGOTTEN:
        name = measure.name.replace("leak", "correct", 1)
        return row.share(Measure(measure.label, name, STRANGERS))
    return row.share(measure)


def _records(rows: Mapping[str, Row], name: str) -> list[RunRecord]:
    return [r for row in rows.values() if row.name == name for r in row.records]


def _in_order(rows: Iterable[Row]) -> list[Row]:
    """Base and vanilla, the methods, the oracle last."""
    place = {BASE: 0, "vanilla": 1, "retain_oracle": 3}
    return sorted(rows, key=lambda row: place.get(row.name, 2))


def _questions(folder: RunFolder, people: Sequence[str], each: int, reveal: bool) -> list[Asked]:
    """Questions of a run folder with its answers and, where they exist, those of its vanilla."""
    columns = {folder.path.parent.name: read(folder)}
    vanilla = _vanilla_of(folder)
    if vanilla:
        columns = {"vanilla": read(vanilla), **columns}
    embedded = _embedded(folder)
    names = {}
    if embedded or reveal:
        facts = folder.task.world().facts
        names = {person: own["name"][0] for person, own in facts.items() if own.get("name")}
    return side_by_side(columns, people=people, names=names, each=each, hide=not (embedded or reveal))


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
