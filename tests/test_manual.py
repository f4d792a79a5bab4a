"""`ls KIND NAME`: settings with defaults, ranges and meaning, of built-in plug-ins, files and entry points."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace

import pytest
from tiny_world import PLUGINS
from typer.testing import CliRunner

from asru_bench import cli, manual, registry
from asru_bench.registry import ALL, JUDGES, METHODS, TASKS
from asru_bench.types import AsruBenchError

FILE = '''"""One line."""
from dataclasses import dataclass, field
from asru_bench.unlearner import Unlearner

class Mine(Unlearner):
    """Does nothing
    at all.

    More."""

    @dataclass(frozen=True)
    class Config:
        given: int
        power: float = field(default=1.5, metadata={"help": "of the loss", "low": 0.0, "high": 5})
        least: int | None = field(default=None, metadata={"help": "pairs", "low": 1})
        most: int = field(default=3, metadata={"high": 9})
        way: str = field(default="up", metadata={"choices": ("up", "down")})
        sides: tuple[str, ...] = ("a", "b")
        loud: bool = False
'''


def settings(text: str) -> dict[str, str]:
    return dict(line.strip().split(": ", 1) for line in text.split("\n") if line.startswith("  ") and line[2] != " ")


@pytest.mark.parametrize("kind", ALL)
def test_every_setting_of_every_plugin_is_listed(kind: str) -> None:
    for name in [name for name, (entry, *_) in ALL[kind].entries().items() if entry.origin == "built in"]:
        text = manual.text(ALL[kind], name, "")
        cls = ALL[kind].get(name)
        assert list(settings(text)) == [f.name for f in fields(cls.Config) if f.init], name
        for field in fields(cls.Config):
            assert field.metadata.get("help", "") in text
        assert ("It has no settings." in text) == (not fields(cls.Config))


def test_a_file_with_every_kind_of_setting(tmp_path: Path) -> None:
    (tmp_path / "mine_here.py").write_text(FILE)
    text = manual.text(METHODS, str(tmp_path / "mine_here.py"), "")
    assert text.startswith(f"{tmp_path / 'mine_here.py'}: method, file ({tmp_path / 'mine_here.py'})\nOne line.\n")
    assert "\nDoes nothing at all.\n" in text
    assert "More." not in text
    assert settings(text) == {
        "given": "a whole number; has to be given",
        "power": "a number from 0 to 5; default 1.5",
        "least": "none or a whole number, at least 1; default none",
        "most": "a whole number, at most 9; default 3",
        "way": "one of up, down; default up",
        "sides": "a comma-separated list; default a,b",
        "loud": "true or false; default false",
    }
    assert "      of the loss" in text


def test_variants() -> None:
    ours, release = (settings(manual.text(METHODS, name, "")) for name in ("asru", "asru@release"))
    assert ours["beta"].endswith("default 0.04; release: 0.1")
    assert release["beta"].endswith("default 0.1; ours: 0.04")
    assert "face_tokens=24" in manual.text(METHODS, "asru@release", "").split("\n")[-1]
    with pytest.raises(AsruBenchError, match="method 'ga' has no variants; leave @release out"):
        manual.text(METHODS, "ga@release", "")
    with pytest.raises(AsruBenchError, match="unknown variant 'x'"):
        manual.text(METHODS, "asru@x", "")


def test_tasks_and_judges_and_what_all_tasks_take() -> None:
    assert "forget: a whole number from 1 to 4" in manual.text(
        TASKS, str(Path(manual.__file__).with_name("task_template.py")), ""
    )
    assert "requests=N" in manual.text(TASKS, "mllmu_bench", "")
    assert settings(manual.text(JUDGES, "rubric", ""))["rubric"].endswith("default both")
    assert settings(manual.text(JUDGES, str(PLUGINS / "tiny_judge.py"), "")) == {
        "strict": "true or false; default false"
    }


def test_entry_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "installed_method.py").write_text(FILE)
    monkeypatch.syspath_prepend(str(tmp_path))
    point = SimpleNamespace(name="bought", module="installed_method", attr="Mine", dist=SimpleNamespace(name="shop"))
    monkeypatch.setattr(registry, "_entry_points", lambda group: [point] if group.endswith("methods") else [])
    said = CliRunner().invoke(cli.app, ["ls", "methods", "bought"])
    sys.modules.pop("installed_method", None)
    assert said.exit_code == 0, said.output
    assert "bought: method, package shop" in said.output
    assert "power: a number from 0 to 5; default 1.5" in said.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("methods", "asr"), "unknown method 'asr'; did you mean 'asru'"),
        (("judges", "rogue"), "did you mean 'rouge'"),
        (("tasks", "nothing.py"), "nothing.py does not exist"),
        (("models", "mini"), "`ls models` takes no name"),
        (("methods", str(PLUGINS / "tiny_task.py")), "should define one subclass of Unlearner, found none"),
    ],
)
def test_what_is_not_there_is_one_line(words: tuple[str, str], message: str) -> None:
    said = CliRunner().invoke(cli.app, ["ls", *words])
    assert said.exit_code == 1
    assert message in said.stderr
    assert said.stderr.count("\n") == 1
