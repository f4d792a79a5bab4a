"""What a method may return: another model, saved by the child process; anything else is an error of its row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tiny_world import PLUGINS, place, spec

from asru_bench import plan
from asru_bench.folder import RunFolder
from asru_bench.headline import bars
from asru_bench.run import MissingCells, run

PROBE = str(PLUGINS / "probe.py")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))


#: What the method does -> what is said of its row.
BROKEN = {
    "exit": r"method 'probe' called sys.exit\(0\); expected `unlearn` to return a model",
    "hard exit": "its process ended without a checkpoint",
    "none": "method 'probe' returned NoneType; expected the model",
    "module": "returned Qwen3VLForConditionalGeneration; expected the model",
    "unchanged": "returned the weights that it was given: nothing was unlearned",
}


def test_methods_that_make_no_other_model_are_errors_of_their_rows_and_the_next_row_is_made(
    tiny_dir: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = [spec(tiny_dir, method=PROBE, method_config={"fail": fail}) for fail in BROKEN]
    with pytest.raises(MissingCells, match="5 of 6 runs failed") as error:
        run([*broken, spec(tiny_dir)], place(tmp_path))
    assert [record.row for record in error.value.records] == ["ga"]
    told = capfd.readouterr().err
    assert [fail for fail, reason in BROKEN.items() if not re.search(reason, told)] == []
    cells = plan.make(broken, place(tmp_path)).rows
    assert [cell.label for cell in cells if RunFolder.create(cell).record_file.exists()] == []


def test_a_method_that_reads_the_answers_is_noted_and_never_ranked(tiny_dir: Path, tmp_path: Path) -> None:
    peeks, honest = run([spec(tiny_dir, method=str(PLUGINS / "peeks.py")), spec(tiny_dir)], place(tmp_path))
    opened = peeks.provenance["training"]["opened"]
    assert {"the run folder: spec.json", "the run folder: local.json", "the task's file"} <= set(opened)
    assert any("its method opened what it is not given: the run folder" in why for why in bars([peeks]))
    assert "opened" not in honest.provenance.get("training", {})
    assert not any("opened" in why for why in bars([honest]))
