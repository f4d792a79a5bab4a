"""The table at the end of a run: no line that says nothing, judges' numbers, words explained; and who can be asked."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from answers import record, sample
from rich.console import Console

from asru_bench import leaderboard, overview, report
from asru_bench.leaderboard import Row, difference_text, share_text
from asru_bench.people import Roster
from asru_bench.record import pseudonym
from asru_bench.scores import mean_score
from asru_bench.types import AsruBenchError, Score


def cells(
    slices: dict[str, tuple[int, int]], label: str = "correct", people: int = 6
) -> dict[str, dict[str, dict[str, int]]]:
    """people -> slice -> (leaks on forgotten people, true answers on others; refused)."""
    return {f"p{i}": {name: {label: k, "refused": r} for name, (k, r) in slices.items()} for i in range(people)}


def rows(**people: dict) -> dict[str, Row]:
    return {name: Row(name, name, (record(name, people=found),)) for name, found in people.items()}


def shown(found: dict[str, Row]) -> tuple[list[str], dict[str, list[str]]]:
    heads, lines = overview.lines_of(found, digits=0)
    return heads, {label: [cell.split(" [")[0] for cell in line] for label, line in lines}


def test_a_task_without_pictures_and_strangers_has_no_dashes() -> None:
    by_name = {"generation/text": (3, 1)}
    people = {"forget": cells(by_name, "leak"), "retain": cells(by_name)}
    heads, lines = shown(rows(base=people, vanilla=people, ga=people))
    assert heads == ["base", "vanilla", "ga", "differ"]
    assert lines["leak"][:3] == ["75", "75", "75"]
    assert lines["refused"][:3] == ["25", "25", "25"]
    assert not {"text leak", "strangers refused", "elsewhere", "hallucination", "real", "seconds"} & set(lines)
    assert not any(set(line) <= {"–", ""} for line in lines.values() if line)


def test_a_task_of_choices_only() -> None:
    people = {"forget": cells({"classification/text": (1, 3)}, "leak"), "retain": cells({"generation/text": (2, 2)})}
    heads, lines = shown(rows(vanilla=people, ga=people))
    assert (heads[:2], lines["leak"][:2], lines["retain"][:2]) == (["vanilla", "ga"], ["25", "25"], ["50", "50"])
    assert "of choices." in overview.meanings(rows(ga=people), heads)[0]


def test_what_everybody_asks_stays_as_it_is() -> None:
    asked = {"generation/image_text": (2, 2), "generation/text": (4, 0)}
    people = {
        "test": cells(asked, "leak"),
        "retain": cells(asked),
        "strangers": cells({"generation/image_text": (0, 4)}),
    }
    heads, lines = shown(rows(base={"strangers": people["strangers"]}, vanilla=people, ga=people))
    assert heads == ["base on strangers", "vanilla", "ga", "differ"]
    assert lines["leak"][:3] == ["0", "50", "50"]
    assert lines["text leak"][:3] == ["–", "100", "100"]
    assert lines["retain"][:3] == ["–", "75", "75"]


def test_a_row_without_any_number_keeps_its_column() -> None:
    heads, lines = shown({"ga": Row("ga", "ga", (record("ga", status="failed", error="NaN"),))})
    assert (heads, lines) == (["ga"], {})


@pytest.mark.parametrize("people", [1, 2, 3, 30])
def test_no_difference_is_beyond_what_shares_can_be(people: int) -> None:
    asked = {"forget": cells({"generation/image_text": (2, 2)}, "leak", people)}
    asked["retain"] = cells({"cloze/text": (1, 3)}, "correct", people)
    console = Console(file=io.StringIO(), width=120)
    oracle = replace(record("retain_oracle", people=asked), spec=record("ga").spec | {"method": "retain_oracle"})
    found = {name: [record(name, people=asked)] for name in ("vanilla", "ga")}
    report.print_summary(found | {"retain_oracle": [oracle]}, console=console)
    text = console.file.getvalue()
    assert "∞" not in text
    assert "inf" not in text
    assert "differ: the smallest difference" in text or " differ" not in text.split("\n")[3]


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((0.1, -0.2, 0.3), "+10.0 [-20.0, +30.0]"),
        ((0.0, -2.12, 2.12), "+0.0 (so few people cannot bound it)"),
        ((0.5, -0.4, 1.4), "+50.0 [-40.0, +100.0]"),
        ((-0.9, -1.3, -0.2), "-90.0 [-100.0, -20.0]"),
    ],
)
def test_differences_are_bounded(numbers: tuple[float, float, float], text: str) -> None:
    assert difference_text(*numbers) == text


def test_shares_and_intervals() -> None:
    def score(low: float, high: float) -> Score:
        return Score("x", "forget", 0.25, 4, ci_low=low, ci_high=high)

    assert share_text(score(0.1, 0.5)) == "25.0 [10.0, 50.0]"
    assert share_text(score(-1.5, 0.5)) == "25.0 [-100.0, 50.0]"
    assert share_text(score(-2.1, 2.1)) == "25.0"
    assert leaderboard.points(2.0) == "–"


def judged(name: str, judges: tuple[str, ...], **means: float | None) -> Row:
    scores = tuple(
        mean_score(measure.replace("__", "."), "forget+test", {"p": [] if v is None else [v]}, 1 if v is None else 0)
        for measure, v in means.items()
    )
    made = record(name, scores=scores)
    return Row(name, name, (replace(made, spec={**made.spec, "judges": judges}),))


def test_the_number_of_a_judge_stands_in_the_table() -> None:
    judges = ("value", "my_judge", "many", "broken", "rubric", "choice_text", "silent")
    one = judged(
        "ga", judges, my_judge=0.25, my_judge__words=3.0, many__a=1.0, many__b=2.0, broken=None, value=0.5,
        choice_text=0.5, rubric__leakage=4.0,
    )  # fmt: skip
    lines = overview.judge_lines([one, judged("vanilla", judges, my_judge=0.5)])
    assert lines == [
        ["mean", "ga", "vanilla"],
        ["my_judge, forgotten", "0.25", "0.5"],
        ["many.a, forgotten", "1", "–"],
        ["many.b, forgotten", "2", "–"],
        ["broken, forgotten", "– (1 failed)", "–"],
    ]
    assert overview.judge_lines([judged("ga", ("value",), value=0.5)]) == []
    console = Console(file=io.StringIO(), width=60)
    report.print_summary({"ga": list(one.records)}, console=console)
    assert "my_judge, forgotten" in console.file.getvalue()


SAMPLES = [
    sample("1", "test", person="017"), sample("2", "forget", person="017"), sample("3", "test", person="C003"),
    sample("4", "retain", person="Jon Ferro"), sample("5", "real", person="Łucja"), sample("6", "probe", person="017"),
]  # fmt: skip
NAMES = {"017": "Ada Berg", "C003": "Hugo\x1b[2J Falk"}


def test_who_can_be_asked() -> None:
    open_roster = Roster(SAMPLES, NAMES, hide=False)
    assert open_roster.lines(everybody=True) == [
        "People who can be shown (--people, comma-separated):",
        "  forgotten (2): 017 Ada Berg, C003 Hugo [2J Falk",
        "  kept (1): Jon Ferro",
        "  public figures (1): Łucja",
    ]
    assert open_roster.resolve(["ada berg", "C003", "Jon Ferro"]) == ["017", "C003", "Jon Ferro"]


def test_real_people_are_called_by_numbers_or_pseudonyms() -> None:
    hidden = Roster(SAMPLES)
    text = "\n".join(hidden.lines(everybody=True))
    assert "forgotten (2): 017, C003" in text
    assert pseudonym("Jon Ferro") in text
    for name in ("Jon", "Ferro", "Łucja", "Ada"):
        assert name not in text
    assert hidden.resolve([pseudonym("Jon Ferro"), "017"]) == ["Jon Ferro", "017"]
    with pytest.raises(AsruBenchError) as error:
        hidden.resolve(["nobody"])
    assert str(error.value).startswith("no questions about nobody; people of this run are 017, C003, ")
    assert "Ferro" not in str(error.value)


def test_many_people_are_cut_unless_all_are_asked_for() -> None:
    many = Roster([sample(str(i), "test", person=f"{i:03d}") for i in range(30)])
    short, full = many.lines(everybody=False), many.lines(everybody=True)
    assert short[1].endswith("011, … and 18 more")
    assert short[-1] == "--who lists all of them."
    assert full[1].endswith("028, 029")
    assert len(full) == 2
