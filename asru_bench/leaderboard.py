"""Records -> markdown: one table per task, model and settings; seeds pooled, rows ordered by the headline rule.

The same records always give the same text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from asru_bench import headline as hl
from asru_bench import shown
from asru_bench.fit import later
from asru_bench.headline import Headline, headline
from asru_bench.record import RunRecord
from asru_bench.scores import HEADLINE, Measure, per_person, pooled_share
from asru_bench.sealed import load
from asru_bench.types import AsruBenchError, Score

#: Rows that others are compared with, in the order in which they are shown.
REFERENCES = ("vanilla", "retain_oracle", "base")
#: What two rows must share to stand in one table.
SHARED = (
    "model task task_config judges judge_config decoding engine dtype attn quant model_hash vanilla_hash data_hash "
    "limit fast"
).split()
#: Fields of a spec that make no other row: seeds are pooled, general ability changes nothing else.
ASKED_BESIDE = ("seed", "general")
NONE = "–"


@dataclass(frozen=True)
class Row:
    """All seeds of one method with one setting. `label` tells it from other settings of the same method."""

    name: str
    label: str
    records: tuple[RunRecord, ...]

    @cached_property
    def by_seed(self) -> dict[int, Any]:
        return hl.by_seed([r for r in self.records if r.people])

    def share(self, measure: Measure) -> Score | None:
        return pooled_share(self.by_seed, measure.name, measure.role)

    @property
    def without_leak(self) -> str:
        """How many forgotten people no open question with a picture makes leak; summed over the seeds."""
        found = [s for people in self.by_seed.values() for s in per_person(people)]
        clean = [s for s in found if s.name == "no_leak_people/image_text" and s.role == HEADLINE[0].role]
        return f"{sum(s.counts['clean'] for s in clean)} of {sum(s.n for s in clean)}" if clean else NONE

    @property
    def seconds(self) -> float | None:
        """Mean wall time of unlearning."""
        times = [r.costs["unlearn"].seconds for r in self.records if "unlearn" in r.costs]
        return sum(times) / len(times) if times and self.name not in REFERENCES else None


@dataclass(frozen=True)
class Board:
    """One table: reference rows, ranked rows in order, rows that fail, rows that are never ranked."""

    title: str
    universe: str | None
    references: tuple[Row, ...]
    judged: tuple[tuple[Row, Headline], ...]

    def _of(self, keep: Callable[[Headline], bool]) -> list[tuple[Row, Headline]]:
        return [(row, h) for row, h in self.judged if keep(h)]

    @cached_property
    def ranked(self) -> list[tuple[Row, Headline]]:
        return sorted(self._of(lambda h: h.ranked), key=_order)

    @cached_property
    def failing(self) -> list[tuple[Row, Headline]]:
        return sorted(self._of(lambda h: bool(h.fails) and not h.barred), key=_order)

    @cached_property
    def barred(self) -> list[tuple[Row, Headline]]:
        return sorted(self._of(lambda h: bool(h.barred)), key=lambda pair: pair[0].label)

    @property
    def rows(self) -> list[Row]:
        """All rows in the order in which they are shown."""
        return [*self.references, *(row for row, _ in (*self.ranked, *self.failing, *self.barred))]

    @property
    def without_operating_point(self) -> list[str]:
        """Methods of which settings were judged and none passed."""
        passed = {row.name for row, _ in self.ranked}
        return sorted({row.name for row, _ in self.failing} - passed)


def write(folder: Path, out: Path | None = None) -> str:
    """The leaderboard of a folder; with `out` it is written there and a line says so."""
    text = leaderboard(folder)
    if out is None:
        return text
    from asru_bench.store import write_text

    write_text(out, text, public=True)
    return f"{out} written."


def leaderboard(folder: Path) -> str:
    """Markdown from all records below `folder`; records that cannot be read or were edited are listed."""
    records, left_out = load(folder)
    if not records and not left_out:
        raise AsruBenchError(f"no record.json below {folder}; `asru-bench run` makes one, or name another folder.")
    parts = ["# Leaderboard", _about(folder, len(records))]
    parts += [_board_text(board, folder) for board in boards(records)]
    if left_out:
        parts.append("## Not readable or edited\n\n" + "\n".join(f"- {_cell(line)}" for line in left_out))
    return "\n\n".join(parts) + "\n"


def boards(records: Iterable[RunRecord]) -> list[Board]:
    """The records sorted into tables; universes, models, tasks, judges, data and vanillas never mix.

    Runs with --fast or --limit have tables of their own, after the others.
    """
    groups: dict[str, list[RunRecord]] = {}
    for record in records:
        groups.setdefault(_key({"universe": record.universe, **_part(record.spec, inside=True)}), []).append(record)
    titles: dict[tuple[str, str], list[str]] = {}
    for key in groups:
        titles.setdefault((partial(groups[key][0].spec), _title(groups[key][0])), []).append(key)
    made = []
    for (_, title), keys in sorted(titles.items()):
        labels = _differences([_flat(_part(groups[key][0].spec, inside=True)) for key in sorted(keys)])
        made += [
            _board(f"{title}{label}", groups[key]) for label, key in sorted(zip(labels, sorted(keys), strict=True))
        ]
    return made


def table(records: Iterable[RunRecord], columns: Sequence[Measure] = HEADLINE) -> str:
    """A plain markdown table, one line per row and settings, seeds pooled, in the order of the records."""
    rows = pool(list(records))
    lines = [["row", *(c.label for c in columns), "seeds"]]
    lines += [[row.label, *(share_text(row.share(c)) for c in columns), str(len(row.records))] for row in rows]
    return markdown(lines)


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """A pipe table; the first line is the head."""
    head, *body = [[_cell(c) for c in line] for line in lines]
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, rule, *body))


def share_text(score: Score | None, digits: int = 1) -> str:
    """A share in per cent, with its 95 % interval: "3.1 [0.8, 7.9]", or "3 [1,8]" without `digits`."""
    if score is None or score.value is None:
        return NONE
    text = f"{100 * score.value:.{digits}f}"
    if score.ci_low is None or score.ci_high is None:
        return text
    comma = ", " if digits else ","
    low, high = max(score.ci_low, -1), min(score.ci_high, 1)  # no share, and no difference of shares, is beyond
    if low == -1 and high == 1:
        return text  # so few people bound nothing
    return f"{text} [{100 * low:.{digits}f}{comma}{100 * high:.{digits}f}]"


def difference_text(value: float, low: float, high: float) -> str:
    """A difference of two shares in points with its limits, or in words that it may be anything."""
    if low <= -1 and high >= 1:
        return f"{100 * value:+.1f} (so few people cannot bound it)"
    return f"{100 * value:+.1f} [{100 * max(low, -1):+.1f}, {100 * min(high, 1):+.1f}]"


def points(share: float | None) -> str:
    """A difference in points; none for one that no share can have: too few people to show any."""
    return NONE if share is None or share > 1 else f"{100 * share:.1f}"


def _board(title: str, records: Sequence[RunRecord]) -> Board:
    rows = pool(records)
    references = [r for name in REFERENCES for r in rows if r.name == name and not hl.bars(r.records)]
    beside = [[x for r in references if r.name == name for x in r.records] for name in REFERENCES]
    judged = [(r, headline(r.records, *beside)) for r in rows if r not in references]
    return Board(title, records[0].universe, tuple(references), tuple(judged))


def pool(records: Sequence[RunRecord]) -> list[Row]:
    """Records pooled by everything but the seed."""
    groups: dict[tuple[str, str], list[RunRecord]] = {}
    for record in records:
        groups.setdefault((record.row, _key(_part(record.spec, inside=False))), []).append(record)
    made = []
    for name in dict.fromkeys(name for name, _ in groups):
        same = [sorted(found, key=lambda r: r.seed) for (row, _), found in groups.items() if row == name]
        labels = _differences([_flat(found[0].spec) for found in same])
        made += [Row(name, name + label, tuple(found)) for found, label in zip(same, labels, strict=True)]
    return made


def _board_text(board: Board, folder: Path) -> str:
    lines = [["rank", "row", *(m.label for m in HEADLINE), "seconds", "seeds"]]
    lines += [_line(NONE, row) for row in board.references]
    lines += [_line(str(i), row) for i, (row, _) in enumerate(board.ranked, 1)]
    lines += [_line("fails", row) for row, _ in board.failing]
    lines += [_line("not ranked", row) for row, _ in board.barred]
    parts = [f"## {board.title}", _warning(board), markdown(lines), _choices(board), _own_numbers(board)]
    parts.append(_general(board))
    parts += [_tests(board), _reasons(board), _rules(board), _judges(board, folder)]
    return "\n\n".join(p for p in parts if p)


def _choices(board: Board) -> str:
    """The table of both readings of choices, "" where there is one only."""
    from asru_bench.choices import TITLE, choice_lines

    lines = choice_lines(board.rows)
    return f"{TITLE}\n\n{markdown(lines)}" if lines else ""


def _own_numbers(board: Board) -> str:
    """The table of the benchmark's own scores, "" where it has none."""
    from asru_bench.benchmark import own_lines

    lines = own_lines(board.rows)
    return markdown(lines) if lines else ""


def _general(board: Board) -> str:
    """The table of general ability, "" where nobody asked for it."""
    from asru_bench.general_table import TITLE, general_lines

    lines = general_lines(board.rows)
    return f"{TITLE}\n\n{markdown(lines)}" if lines else ""


def _line(rank: str, row: Row) -> list[str]:
    seconds = NONE if row.seconds is None else f"{row.seconds:.0f}"
    return [rank, row.label, *(share_text(row.share(m)) for m in HEADLINE), seconds, str(len(row.records))]


def _tests(board: Board) -> str:
    """What the order rests on: what was kept, the oracle, the ranks that the data leave open."""
    judged = [*board.ranked, *board.failing]
    if not judged:
        return ""
    open_ranks = hl.rank_sets([row.by_seed for row, _ in board.ranked])
    lines = [
        [
            "row",
            *(f"{role} − vanilla (lower limit)" for role in hl.KEPT),
            "leak − oracle",
            f"people without leak{_of_the_oracle(board)}",
            "ranks",
        ]
    ]
    for i, (row, h) in enumerate(judged):
        kept = {c.role: f"{100 * c.value:+.1f} ({100 * c.low:+.1f})" for c in h.kept}
        excess = NONE
        if h.excess:
            excess = f"{difference_text(h.excess.value, h.excess.low, h.excess.high)} {h.excess.words}"
        ranks = "{}–{}".format(*open_ranks[i]) if i < len(open_ranks) else NONE
        lines.append([row.label, *(kept.get(role, NONE) for role in hl.KEPT), excess, row.without_leak, ranks])
    return markdown(lines)


def _of_the_oracle(board: Board) -> str:
    found = [row.without_leak for row in board.references if row.name == "retain_oracle"]
    return f" (oracle: {found[0]})" if found else ""


def _reasons(board: Board) -> str:
    lines = [f"- {row.label} fails: {'; '.join(h.fails)}." for row, h in board.failing]
    lines += [f"- {row.label} is not ranked: {'; '.join(h.barred)}." for row, h in board.barred]
    if none := board.without_operating_point:
        lines.append(f"- no setting that was run passes (no operating point): {', '.join(none)}.")
    dirty = sorted({row.label for row, _ in board.ranked for r in row.records if r.provenance.get("dirty")})
    lines += [f"- made with uncommitted code: {', '.join(dirty)}."] if dirty else []
    return "\n".join(_cell(line) for line in lines)


def _rules(board: Board) -> str:
    rows = [row.by_seed for row, _ in board.ranked] or [row.by_seed for row, _ in board.failing]
    if len(rows) == 1:
        rows += [row.by_seed for row in board.references if row.name == "vanilla"]
    sizes = hl.resolution([r for r in rows if r])
    found = ", ".join(f"{m.label} {points(sizes[m.id])}" for m in HEADLINE if sizes.get(m.id, 2.0) <= 1)
    lines = [
        "Per cent with 95 % intervals clustered by person and seed; what failed counts as the worst case. "
        f"Order: least leak among rows whose loss against vanilla on {' and '.join(hl.KEPT)} stays within "
        f"δ = {points(hl.DELTA)} points (one-sided 95 % limit by person) and of whose leaks, above those of a model "
        f"that never knew the people, at least {hl.REMOVED:.0%} is gone (the same limit). "
        f"Equivalent to the oracle: within {points(hl.EQUIVALENCE)} points on both sides. "
        "`ranks`: what simultaneous tests by person (family-wise 5 %) leave open.",
    ]
    if found:
        lines.append(f"Smallest detectable difference in points (80 % power, two-sided 5 %, by person): {found}.")
    return "\n\n".join(lines)


def _judges(board: Board, folder: Path) -> str:
    """How far the judges of a table agree with labels, "" where none was checked."""
    from asru_bench.judge_report import line

    rows = [*board.references, *(row for row, _ in board.judged)]
    spec = rows[0].records[0].spec
    return line(folder, {name: spec.get("judge_config", {}).get(name, {}) for name in spec.get("judges", ())})


def partial(spec: Mapping[str, Any]) -> str:
    """With which flags a run asked less or trained less than it should: "--fast", "--limit 3", "" for a full run."""
    flags = ["--fast"] if spec.get("fast") else []
    return " ".join(flags or ([f"--limit {spec['limit']}"] if spec.get("limit") is not None else []))


def _warning(board: Board) -> str:
    if flags := partial(board.rows[0].records[0].spec):
        return f"**Made with {flags}: a debug or partial run.** Nothing here is ranked or compared with full runs."
    if board.universe is None:
        return ""
    return (
        f"**Embedded universe {board.universe}.** It shows that the code, the signs and the gates work. "
        "No ranking of methods may be concluded from it."
    )


def _about(folder: Path, records: int) -> str:
    name = folder.name if folder.is_absolute() else folder.as_posix()
    return f"Made by `asru-bench leaderboard {name}` from {records} records."


def _title(record: RunRecord) -> str:
    spec = record.spec
    where = f"{spec.get('model')} ({record.universe})" if record.universe else str(spec.get("model"))
    split = spec.get("task_config", {}).get("split", "")
    flags = partial(spec)
    return " · ".join(part for part in (str(spec.get("task")), where, split, flags and f"partial ({flags})") if part)


def _part(spec: Mapping[str, Any], *, inside: bool) -> dict[str, Any]:
    """The settings that make a table (`inside`), or those that make a row of it."""
    return {k: v for k, v in later(spec).items() if k not in ASKED_BESIDE and (k in SHARED) == inside}


def _key(values: Mapping[str, Any]) -> str:
    return json.dumps(values, sort_keys=True, default=str)


def _flat(values: Mapping[str, Any], path: str = "") -> dict[str, str]:
    """Settings by dotted name; those of the method, task and judges without the name of their group."""
    found: dict[str, str] = {}
    for key, value in values.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            found |= _flat(value, "" if name.endswith("_config") else name)
        elif name not in ASKED_BESIDE:
            found[name] = str(value)[:12] if name.endswith("_hash") else str(value)
    return found


def _differences(flat: Sequence[Mapping[str, str]]) -> list[str]:
    """For each of several settings " (key=value, …)" with what is not common to all, "" where there is one.

    The hash of the data, which settings of a task change, is named only where nothing else tells them apart.
    """
    keys = sorted({key for one in flat for key in one})
    telling = [key for key in keys if len({one.get(key) for one in flat}) > 1]
    named = [key for key in telling if key != "data_hash"]
    if len({tuple(one.get(key) for key in named) for one in flat}) == len(flat):
        telling = named
    parts = [", ".join(f"{key}={one.get(key, 'unset')}" for key in telling) for one in flat]
    return [f" ({part})" if part else "" for part in parts]


def _order(pair: tuple[Row, Headline]) -> tuple[float, float, str]:
    leak = pair[1].leak
    if leak is None or leak.value is None or leak.ci_high is None:
        return (2.0, 2.0, pair[0].label)
    return (leak.value, leak.ci_high, pair[0].label)


def _cell(text: str) -> str:
    return shown.line(text).replace("|", "\\|")
