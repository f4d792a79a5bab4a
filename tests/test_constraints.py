"""The constraints file names one exact version of everything that pyproject.toml asks for, and CI uses it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINS = {
    canonicalize_name(name): version
    for name, version in re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
}
WANTED = [
    Requirement(text) for part in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()) for text in part
]


@pytest.mark.parametrize("wanted", [r for r in WANTED if r.name != PROJECT["name"]], ids=lambda r: r.name)
def test_every_dependency_is_pinned_within_its_range(wanted: Requirement) -> None:
    assert wanted.specifier.contains(PINS[canonicalize_name(wanted.name)])


def test_the_file_holds_names_and_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert all(line.startswith("#") or re.fullmatch(r"[\w.-]+==[\w.+!]+", line) for line in lines)


def test_every_install_of_the_readme_and_of_ci_is_constrained() -> None:
    readme = (ROOT / "README.md").read_text()
    blocks = re.findall(r"```bash\n(.*?)```", readme, re.DOTALL)[:2]
    script = (ROOT / ".ci" / "run").read_text()
    installs = re.findall(r"^pip install .*$", "\n".join([*blocks, script]), re.MULTILINE)
    assert len(installs) >= 3
    assert all("-c constraints.txt" in line for line in installs)
