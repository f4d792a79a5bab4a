"""What the docs show works as shown."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def code_blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(), re.S)


def test_the_methods_page_shows_a_short_method_that_runs(tmp_path):
    code = code_blocks("docs/adding-a-method.md", "python")[0]
    assert code.count("\n") <= 40
    (tmp_path / "my_ga.py").write_text(code)
    words = ["run", "--method", "./my_ga.py", "--task", "mllmu_bench", "--fast", "--force", "-m", "steps=3"]
    done = subprocess.run(
        [sys.executable, "-m", "asru_bench", *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    record = json.loads(next(tmp_path.glob("runs/*/*/my_ga/*/record.json")).read_text())
    assert record["row"] == "my_ga"
    assert "class MyGA" in json.dumps(record)


@pytest.mark.parametrize("page", ["README.md", *sorted(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))])
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\(([^)#]+)", text):
        if not target.startswith("http"):
            assert (ROOT / page).parent.joinpath(target).exists(), target


@pytest.mark.parametrize("page", ["README.md", *sorted(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))])
def test_commands_in_the_docs_exist(page):
    known = {"run", "plan", "unlearn", "generate", "judge", "score", "show", "ls", "leaderboard", "cache", "mini"}
    known |= {"memorise", "doctor", "new", "accounting", "general", "data", "deletion-report", "judge-check"}
    named = {word for block in code_blocks(page, "bash") for word in re.findall(r"^asru-bench (\S+)", block, re.M)}
    assert named <= known


def test_package_list_names_every_package():
    import tomllib

    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    here = {"methods", "tasks", "judges", "leaderboards"}
    found = {f"asru_bench.{name}" for name in here}
    for base, _, files in os.walk(ROOT / "asru_bench"):
        if "__init__.py" in files:
            found.add(".".join(Path(base).relative_to(ROOT).parts))
    assert listed == found
