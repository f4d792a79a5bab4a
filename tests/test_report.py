"""Tables at the end of a run, answers side by side, and the page."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from answers import answer, people_of, record, sample, verdicts
from PIL import Image
from rich.console import Console

from asru_bench import report
from asru_bench.answers import HIDDEN, one_line, side_by_side, triples
from asru_bench.page import show_html
from asru_bench.pseudonyms import pseudonym
from asru_bench.record import write_json
from asru_bench.store import write_generations, write_verdicts
from asru_bench.types import AsruBenchError, Cost, ImageRef, Prompt, World


def printed(call, width=200, **options):
    console = Console(file=io.StringIO(), width=width, **options)
    call(console)
    return console.file.getvalue()


def tally(leak=0, kept=10):
    return people_of({"test": [leak] * 12, "retain": [kept] * 12, "retain_unseen": [kept] * 12, "real": [kept] * 12})


def columns():
    base = {
        "strangers": {f"p{i}": {"generation/image_text": {"refused": 7, "correct": 1, "vague": 2}} for i in range(8)}
    }
    return {
        "base": [record("base", people=base)],
        "vanilla": [record("vanilla", people=tally(leak=9))],
        "asru": [record("asru", people=tally(leak=1), costs={"unlearn": Cost(41.0)})],
        "retain_oracle": [record("retain_oracle", people=tally(leak=1))],
    }


def line(text, start):
    found = next(x for x in text.splitlines() if x.strip().startswith(start))
    return re.split(r"\s{2,}", found.strip())


def test_summary_columns_and_rows():
    text = printed(lambda c: report.print_summary(columns(), console=c))
    assert re.search(r"base on strangers.*vanilla.*asru.*retain oracle.*differ", text)
    leak = line(text, "leak")
    assert [cell.split(" ")[0] for cell in leak[1:5]] == ["10.0", "90.0", "10.0", "10.0"]
    assert float(leak[5]) > 0
    assert line(text, "refused")[1].startswith("70.0 [")
    assert line(text, "retain unseen")[1] == "–"
    assert line(text, "people leak-free")[1:5] == ["–", "0 of 12", "0 of 12", "0 of 12"]
    assert line(text, "seconds")[1:5] == ["–", "–", "41", "–"]
    assert "asru passes: retain_unseen +0.0" in text
    assert "asru, leak minus the oracle's: +0.0" in text
    assert "not which method is best" in text


def test_summary_names_failures_and_bars():
    found = columns() | {"asru": [record("asru", people=tally(kept=4))]}
    text = printed(lambda c: report.print_summary(found, console=c))
    assert "asru fails: retain_unseen -60.0" in text
    found["asru"] = [record("asru", people=tally(), limit=2)]
    assert "asru is not ranked: --limit 2." in printed(lambda c: report.print_summary(found, console=c))
    broken = {"asru": [record("asru", status="failed", error="NaN")]}
    assert "failed: NaN" in printed(lambda c: report.print_summary(broken, console=c))
    with pytest.raises(AsruBenchError, match="no records"):
        report.print_summary({})


def questions(people=5, facts=("birthplace", "hobby"), label="vague", text="It is [bold]Riga[/bold]."):
    found = []
    for role in ("test", "retain_unseen"):
        for i in range(people):
            for fact in facts:
                image = ImageRef("p.png")
                s = sample(f"{role}-{i}-{fact}", role, person=f"{role}-{i}", attribute=fact, question=f"What {fact}?")
                found.append(replace(s, prompt=Prompt(s.question, image)))
    said = [v for s in found for v in verdicts(s, label)]
    return triples(found, [answer(s, text) for s in found], said)


def test_three_forgotten_and_three_kept_with_varied_facts():
    asked = side_by_side({"vanilla": questions(), "asru": questions(label="refused")}, hide=False)
    assert [a.forgotten for a in asked] == [True] * 3 + [False] * 3
    assert [a.question for a in asked[:3]] == ["What birthplace?", "What hobby?", "What birthplace?"]
    assert [a.person for a in asked[3:]] == [f"retain_unseen-{i}" for i in range(3)]
    assert asked[0].answers["asru"] == ("It is [bold]Riga[/bold].", "refused")
    assert asked[0].answers["vanilla"][1] == "vague"


def test_real_people_are_hidden_unless_revealed():
    found = questions()
    hidden = printed(lambda c: report.print_answers(found, found, console=c))
    for word in ("Riga", "test-0", "What"):
        assert word not in hidden
    assert "birthplace" in hidden
    assert "vague" in hidden
    for shown in ({"reveal": True}, {"embedded": True}):
        text = printed(lambda c, shown=shown: report.print_answers(found, found, console=c, **shown))
        assert "It is [bold]Riga[/bold]." in text
        assert "test-0" in text
    assert all(a.image is None and a.truth == HIDDEN for a in side_by_side({"x": found}))


def test_categories_are_coloured():
    found = questions(people=1, label="invented")
    text = printed(
        lambda c: report.print_answers([], found, embedded=True, console=c),
        force_terminal=True,
        color_system="standard",
    )
    assert re.search("\x1b\\[33m *invented", text)


def test_chosen_people_and_unknown_ones():
    found = questions()
    asked = side_by_side(
        {"x": found}, people=["retain_unseen-4"], names={"retain_unseen-4": "Ada Berg"}, each=4, hide=False
    )
    assert [(a.person, a.question) for a in asked] == [("Ada Berg", "What birthplace?"), ("Ada Berg", "What hobby?")]
    with pytest.raises(AsruBenchError, match=r"nobody; people of this run are test-0"):
        side_by_side({"x": found}, people=["nobody"], hide=False)
    with pytest.raises(AsruBenchError, match=r"nobody; people of this run are p[0-9a-f]{12}, .* --reveal") as hidden:
        side_by_side({"x": found}, people=["nobody"])
    assert "test-0" not in str(hidden.value)
    by_pseudonym = side_by_side({"x": found}, people=[pseudonym("retain_unseen-4")], each=4)
    assert [(a.person, a.truth) for a in by_pseudonym] == [("person 1", HIDDEN)] * 2


def test_missing_answers_and_control_characters():
    s = sample(role="test")
    asked = side_by_side({"x": triples([s], [answer(s, "a\x1b[2J\nb")], []), "y": triples([s], [], [])}, hide=False)
    assert asked[0].answers == {"x": ("a [2J b", "failed"), "y": ("(no answer)", "failed")}
    assert one_line(" a\u202e\tb ") == "a b"


def test_options_are_spelled_out():
    s = sample(kind="classification", role="test", options=(("A", "Oslo"), ("B", "Riga")))
    assert side_by_side({"x": triples([s], [answer(s)], [])}, hide=False)[0].truth == "B: Riga"


def test_page_is_self_contained_and_escaped(tmp_path):
    asked = side_by_side({"asru": questions(text="<script>alert(1)</script>")}, hide=False)
    show_html(tmp_path / "page.html", asked, title="A & B", portrait=lambda ref: b"png of " + ref.path.encode())
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)" in text
    assert "<script" not in text
    assert "<h1>A &amp; B</h1>" in text
    assert base64.b64encode(b"png of p.png").decode() in text
    assert text.count("<section>") == text.count("<img ") == 6
    assert not re.search(r'(src|href)="(?!data:)', text)


def test_page_without_portraits_of_real_people(tmp_path):
    def never(_: ImageRef) -> bytes:
        raise AssertionError("a hidden portrait was opened")

    show_html(tmp_path / "page.html", side_by_side({"asru": questions()}), portrait=never)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Riga" not in text
    assert "<img" not in text


def test_half_blocks():
    picture = Image.new("RGB", (4, 4), (255, 0, 0))
    picture.paste((0, 0, 255), (0, 2, 4, 4))
    text = report.half_blocks(picture, width=4)
    assert text.plain == "▀▀▀▀\n▀▀▀▀\n"
    top = text.spans[0].style
    assert (top.color.triplet, top.bgcolor.triplet) == ((255, 0, 0), (255, 0, 0))
    assert text.spans[-1].style.color.triplet == (0, 0, 255)


class Folder(SimpleNamespace):
    """A run on disk as `show` reads it."""

    def samples(self):
        return [s for s, _, _ in self.found]

    questions = samples


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """A run of asru beside its vanilla, with one portrait on disk."""
    Image.new("RGB", (8, 8), (10, 200, 30)).save(tmp_path / "p.png")
    folders = {}
    for method, label in (("vanilla", "leak"), ("asru", "refused")):
        path = tmp_path / "task" / "mini" / method / "abc-s0"
        found = [
            (replace(s, prompt=Prompt(s.question, ImageRef(str(tmp_path / "p.png")))), g, c) for s, g, c in questions()
        ]
        write_generations(path / "generations.parquet", [answer(s, f"{method} says so") for s, _, _ in found])
        labels = {"test": label, "retain_unseen": "correct"}
        write_verdicts(path / "verdicts.parquet", [v for s, _, _ in found for v in verdicts(s, labels[s.role])])
        write_json(path / "spec.json", {})
        write_json(path / "record.json", record(method, people=tally()).to_json())
        facts = {s.cluster: {"name": (f"Name {s.cluster}",)} for s, _, _ in found}
        spec = SimpleNamespace(
            method=method, task="task", model="mini", task_config={}, seed=0, limit=None, fast=False, control="none",
            data_hash="", vanilla_hash="",
        )  # fmt: skip
        folders[path] = Folder(
            path=path,
            found=found,
            spec=spec,
            task=SimpleNamespace(world=lambda facts=facts: World(facts)),
            source=SimpleNamespace(universe="mini-1"),
            answers_file=path / "generations.parquet",
            verdicts_file=path / "verdicts.parquet",
            record_file=path / "record.json",
        )
    monkeypatch.setattr(report, "_open", lambda path: folders[path])
    monkeypatch.setenv("COLUMNS", "220")
    return folders


def test_show_puts_vanilla_beside_the_run(runs):
    asru = list(runs)[1]
    text = report.show(asru / "record.json")
    assert "Name test-0" in text
    assert text.index("vanilla says so") < text.index("asru says so")
    assert "leak" in text
    assert "refused" in text
    assert report.show(asru, ["retain_unseen-1"]).count("asru says so") == 2


def test_show_hides_real_people(runs):
    for folder in runs.values():
        folder.source.universe = ""
    asru = list(runs)[1]
    text = report.show(asru)
    assert "Name test" not in text
    assert "says so" not in text
    assert "--reveal" in text
    assert "Name test-0" in report.show(asru, reveal=True)


def test_show_writes_a_page_with_portraits(runs, tmp_path):
    said = report.show(list(runs)[1], page=tmp_path / "out" / "page.html")
    assert said.endswith("page.html written.")
    text = (tmp_path / "out" / "page.html").read_text(encoding="utf-8")
    data = base64.b64decode(re.search(r"base64,([^\"]+)", text).group(1))
    assert Image.open(io.BytesIO(data)).getpixel((0, 0)) == (10, 200, 30)


def test_show_run_sums_up_and_says_where(runs):
    def cell(path: Path, reference: bool):
        return SimpleNamespace(folder=path, reference=reference, label=path.parent.name + " seed 0")

    cells = [cell(path, i == 0) for i, path in enumerate(runs)]

    planned = SimpleNamespace(cells=cells, rows=cells[1:])
    made = [record("asru", people=tally())]
    text = printed(lambda c: report.show_run(planned, made, console=c))
    assert re.search(r"vanilla.*asru", text)
    assert "asru seed 0: " in text
    assert str(cells[1].folder) in text.replace("\n", "")
    assert "asru says so" in text
    assert f"asru-bench show {cells[1].folder}\n" in text


def test_the_page_says_what_was_run_and_what_tags_mean(tmp_path):
    from asru_bench.page import About

    asked = side_by_side({"vanilla": questions(), "asru": questions(label="refused")}, hide=False)
    about = About(
        facts=[("seed", "3"), ("settings", "lr=<1>")],
        heads=["vanilla", "asru", "differ"],
        lines=[("forgotten people", ()), ("leak", ["90.7 [84.5, 95.1]", "–", ""])],
        notes=["differ: a & b."],
        figures=[("<svg id='wide'></svg>", "<svg id='narrow'></svg>")],
    )
    show_html(tmp_path / "page.html", asked, title="T", portrait=lambda ref: b"x", about=about)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<dt>seed</dt><dd>3</dd>" in text
    assert "lr=&lt;1&gt;" in text
    assert '<td data-head="vanilla"><span>90.7 [84.5, 95.1]</span></td>' in text
    assert '<td data-head="asru" class="no">' in text
    assert "differ: a &amp; b." in text
    assert "refused</span> declines to answer or says that it does not know" in text
    assert "vague</span> states nothing" in text
    assert "degenerate</span>" not in text  # only tags that stand on the page are explained
    assert text.index("Scores") < text.index("Answers") < text.index("id='wide'") < text.index("id='narrow'")
    assert '<td data-head="question">' in text  # rows become lists on telephones


def test_every_category_has_a_meaning():
    from asru_bench.page import MEANINGS
    from asru_bench.scores import FAILED
    from asru_bench.types import CATEGORIES

    assert list(MEANINGS) == [*CATEGORIES, FAILED]


@pytest.mark.parametrize("width", [60, 80])
def test_the_summary_fits_narrow_terminals(width):
    text = printed(lambda c: report.print_summary(columns(), console=c), width=width)
    assert max(map(len, text.splitlines())) <= width
    for words in ("people leak-free", "strangers", "retain unseen", "differ: the"):
        assert words in text
    for interval in re.findall(r"\[[^\]]*\]", text):
        assert "\n" not in interval
    assert "base on strangers: what the model that never knew anybody" in " ".join(text.split())
