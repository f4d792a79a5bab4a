from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import folders
import pytest
from asru_bench.tasks.mllmu_bench import MLLMUBench
from small_world import sample
from typer.testing import CliRunner

from asru_bench import cli, data_preview
from asru_bench.types import ImageRef, Prompt


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return folders.write_mllmu_bench(tmp_path / "hub", 20)


def test_some_questions_of_every_role_and_kind(data: Path) -> None:
    samples = MLLMUBench(data=str(data)).samples()
    shown = data_preview.choose(samples)
    assert set(shown) == {(s.role, s.kind, s.modality, s.split) for s in samples}
    assert next(iter(shown))[:3] == ("forget", "classification", "image_text")
    for group, found in shown.items():
        people = {s.cluster for s in samples if data_preview.group_of(s) == group}
        assert len(found) == 3
        assert len({s.cluster for s in found}) == min(3, len(people))


def test_every_set_is_shown() -> None:
    asked = [
        replace(sample(name=f"{split}{tag}"), split=split, tags=(tag,), cluster="1") for split in "ab" for tag in "xyy"
    ]
    shown = data_preview.choose(asked, each=2)
    assert [[(s.split, s.tags) for s in found] for found in shown.values()] == [
        [(split, ("x",)), (split, ("y",))] for split in "ab"
    ]


def test_the_page(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    count = data_preview.write(file, MLLMUBench(data=str(data)).samples(), title="a & b", hide=False)
    page = file.read_text()
    assert count == page.count("<section>") > 0
    assert page.count("data:image/png;base64,") == page.count("image_text/")
    assert "<h1>a &amp; b</h1>" in page
    assert "<h2>forget <small>cloze, text: 3 of 4</small></h2>" in page  # two people, two gaps by name each
    assert "Answer with one letter." in page
    assert "<script" not in page


def test_what_comes_from_data_is_escaped_and_broken_pictures_are_said(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    prompt = Prompt("<b>Who?</b>", ImageRef(str(tmp_path / "bad.png")))
    data_preview.write(tmp_path / "p.html", [sample(prompt=prompt)], title="t", hide=False)
    page = (tmp_path / "p.html").read_text()
    assert "&lt;b&gt;Who?" in page
    assert "<b>Who" not in page
    assert "1 pictures cannot be read" in page


def test_real_people_are_hidden_unless_asked_for(data: Path, tmp_path: Path) -> None:
    def call(*words: str) -> Any:
        words = ("data", "preview", "mllmu_bench", "--data", str(data), "--out", str(tmp_path / "p.html"), *words)
        return CliRunner().invoke(cli.app, list(words))

    hidden = call()
    assert hidden.exit_code == 0, hidden.output
    assert "--reveal" in hidden.output
    page = (tmp_path / "p.html").read_text()
    assert "data:image" not in page
    assert "Riga" not in page
    assert "retain_unseen" in page
    call("--reveal")
    assert "data:image" in (tmp_path / "p.html").read_text()
