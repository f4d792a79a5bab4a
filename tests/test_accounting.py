"""Response accounting: each answer in one part, tables that add up to 100, pictures that any program can read."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from answers import record
from typer.testing import CliRunner

from asru_bench import accounting
from asru_bench.accounting import COLOURS, PARTS, Bar, Figure, beside, figures, svg, table, write
from asru_bench.leaderboard import pool
from asru_bench.record import write_json
from asru_bench.types import CATEGORIES, AsruBenchError

CELL = "generation/image_text"
PEOPLE = {
    "forget": {
        "ada": {
            CELL: {"leak": 2, "refused": 3, "invented": 5},
            "classification/text": {"invented": 4, "unparsable": 1},
        },
        "ben": {CELL: {"vague": 6, "failed": 2, "degenerate": 2}},
    },
    "retain": {"cid": {CELL: {"correct": 9, "invented": 1}}},
}
CLAIMS = {
    "forget": {
        "ada": {CELL: {"leak:leaked": 2, "refused:unsupported": 3, "invented:swapped": 2, "invented:free": 1}},
        "ben": {CELL: {"vague:none": 6}},
    }
}
STRANGERS = {"strangers": {"s1": {CELL: {"refused": 7, "correct": 1, "vague": 2}}}}


def rows():
    made = [
        record("base", people=STRANGERS),
        record("vanilla", people=PEOPLE),
        record("ga", people=PEOPLE, seed=0),
        record("ga", people=PEOPLE, seed=1),
    ]
    for one in made[1:]:
        object.__setattr__(one, "claims", CLAIMS)
    return made


def figure(role="forget", part="open/image_text"):
    return next(f for f in figures(pool(rows())) if (f.role, f.part) == (role, part))


def test_every_answer_is_in_one_part():
    bars = {bar.label: dict(bar.counts) for bar in figure().bars}
    one = {
        "leak": 2, "degenerate": 2, "refused": 3, "vague": 6, "failed": 2,
        "invented: swapped": 2, "invented: free": 1, "invented: other": 2,
    }  # fmt: skip
    assert bars["vanilla"] == one
    assert sum(one.values()) == 20
    assert bars["ga"] == {part: 2 * n for part, n in one.items()}  # two seeds


def test_base_on_strangers_stands_beside_forgotten_people_only():
    assert [bar.label for bar in figure().bars] == ["base on strangers", "vanilla", "ga"]
    assert figure().bars[0].counts == {"refused": 7, "correct": 1, "vague": 2}
    assert [bar.label for bar in figure("retain").bars] == ["vanilla", "ga"]
    assert [bar.label for bar in figure("strangers").bars] == ["base"]


def test_choices_are_not_split():
    assert figure(part="classification").bars[0].counts == {"unparsable": 1, "invented: other": 4}


def test_lines_of_a_table_add_up_to_100():
    _, _, *lines = table(figure()).splitlines()
    for line in lines:
        cells = [float(cell) for cell in line.strip("|").split("|")[1:]]
        assert sum(cells[:-1]) == pytest.approx(100, abs=0.3)
    assert table(figure()).splitlines()[0].startswith("| per cent of answers | leak | correct | degenerate | refused |")


def test_every_part_has_a_colour_and_every_category_a_part():
    assert set(COLOURS) == set(PARTS)
    assert len(PARTS) == len(set(PARTS))
    assert {part.partition(":")[0] for part in PARTS} == {*CATEGORIES, "failed"}


def test_the_picture_is_well_formed_and_its_bars_are_full():
    tricky = Figure("forget", "open/text", (Bar("<a & b>", {"leak": 1, "invented: free": 3}),))
    for drawn in (figure(), tricky):
        root = ElementTree.fromstring(svg(drawn))
        tag = "{http://www.w3.org/2000/svg}rect"
        found = [r for r in root.iter(tag) if float(r.get("height")) > 12]
        assert {r.get("fill") for r in found} == {COLOURS[part] for part in drawn.parts}
        total = sum(float(r.get("width")) for r in found)
        assert total == pytest.approx(len(drawn.bars) * (760 - 150 - 60), abs=2)
        assert float(root.get("height")) > max(float(r.get("y")) for r in root.iter(tag))
    assert "<a & b>" not in svg(tricky)


def test_command_writes_tables_and_pictures(tmp_path: Path):
    from asru_bench.cli import app

    for i, one in enumerate(rows()):
        (tmp_path / "runs" / str(i)).mkdir(parents=True)
        write_json(tmp_path / "runs" / str(i) / "record.json", one.to_json())
    said = CliRunner().invoke(app, ["accounting", str(tmp_path / "runs"), "--out", str(tmp_path / "pictures")])
    assert said.exit_code == 0, said.output
    assert "## forget: open questions with a picture" in said.output
    pictures = sorted(tmp_path.glob("pictures/*/*.svg"))
    assert f"{len(pictures)} pictures written" in said.output
    assert "forget-open-questions-with-a-picture.svg" in [p.name for p in pictures]
    for picture in pictures:
        ElementTree.parse(picture)
    with pytest.raises(AsruBenchError, match="asru-bench run"):
        write(tmp_path / "pictures")


def test_beside_a_record_stand_its_references_of_that_seed():
    made = rows()
    found = {row.label for row in beside(made[2], made)}
    assert found == {"base", "vanilla", "ga"}
    assert len(beside(made[2], [made[3]])) == 1
    assert accounting.figures(beside(made[2], made))
