"""Both readings of choices as a table: by hand."""

from __future__ import annotations

from typing import Any

from asru_bench.choices import choice_lines
from asru_bench.leaderboard import Row
from asru_bench.record import RunRecord
from asru_bench.types import Score


def record(seed: int, letters: dict[str, int], scores: list[Score], role: str = "forget") -> RunRecord:
    people = {role: {"p": {"classification/image_text": letters, "generation/image_text": {"leak": 9}}}}
    spec: dict[str, Any] = {"task": "t", "method": "m", "model": "x"}
    return RunRecord(spec, f"h{seed}", seed, "asru", people=people, scores=tuple(scores))


def text(value: float | None, role: str = "forget+test", failed: int = 0) -> list[Score]:
    chance = [] if value is None else [Score("choice_text.chance", role, 0.25, 4)]
    return [Score("choice_text", role, value, 4, counts={"failed": failed}), *chance]


def row(label: str, *records: RunRecord) -> Row:
    return Row("asru", label, records)


def test_letters_and_texts_stand_side_by_side_with_the_chance() -> None:
    one, two = record(0, {"leak": 1, "invented": 3}, text(0.5)), record(1, {"leak": 3, "invented": 1}, text(0.9))
    kept = record(0, {"correct": 1, "unparsable": 1}, text(1.0, "real", 2), "real")
    assert choice_lines([row("asru", one, two), row("ga", kept)]) == [
        ["choices", "asru", "ga"],
        ["forgotten (chance 25)", "50 / 70", "–"],
        ["real (chance 25)", "–", "50 / 100 (2 failed)"],
    ]


def test_what_no_engine_could_score_is_no_number() -> None:
    served = record(0, {"leak": 1, "invented": 3}, text(None, failed=4))
    assert choice_lines([row("asru", served)])[1:] == [["forgotten", "25 / –"]]


def test_records_with_one_reading_have_no_table() -> None:
    assert choice_lines([row("asru", record(0, {"leak": 1}, []))]) == []
