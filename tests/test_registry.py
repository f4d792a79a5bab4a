"""Names from file stems, paths and entry points; nothing is imported before it is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from asru_bench import registry
from asru_bench.registry import METHODS, Registry
from asru_bench.types import AsruBenchError

PLUGIN = '''"""A method of mine.

More words.
"""
from asru_bench.unlearner import Unlearner
import helper_beside

class Mine(Unlearner):
    paper = "arXiv:1"
    year = 2026
    needs = ("forget", "retain")

    def unlearn(self, ctx):
        return helper_beside.VALUE
'''


@pytest.fixture
def methods() -> Registry:
    return Registry("method", "asru_bench.methods", "asru_bench.unlearner:Unlearner")


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    (tmp_path / "helper_beside.py").write_text("VALUE = 7\n")
    path = tmp_path / "mine.py"
    path.write_text(PLUGIN)
    return path


def test_files_of_the_package_are_found_by_their_stems(methods: Registry) -> None:
    assert {"vanilla", "ga", "grad_diff", "kl_min", "npo", "idk", "asru"} <= set(methods.names())
    assert methods.names() == sorted(methods.names())
    entry = methods.find("ga")
    assert entry.origin == "built in"
    assert methods.get("ga").__name__ == "GradientAscent"
    assert methods.get("ga").name == "ga"  # type: ignore[attr-defined]


def test_metadata_are_read_without_importing() -> None:
    code = (
        "import sys; from asru_bench.registry import METHODS\n"
        "m = METHODS.find('npo').metadata\n"
        "assert m['needs'] and m['paper'] and m['summary'], m\n"
        "assert 'torch' not in sys.modules and 'asru_bench.methods.npo' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_unknown_name_tells_the_nearest_and_the_command() -> None:
    with pytest.raises(AsruBenchError, match=r"unknown method 'asr'; did you mean 'asru'.*asru-bench ls methods"):
        METHODS.find("asr")


def test_a_file_by_path_with_its_sibling(methods: Registry, plugin: Path) -> None:
    cls = methods.get(str(plugin))
    assert cls(None).unlearn(None) == 7
    assert cls.name == "mine"
    assert methods.find("mine").origin == "file"
    assert methods.find("mine").metadata["needs"] == ("forget", "retain")
    assert methods.find("mine").metadata["summary"] == "A method of mine."
    assert str(plugin.parent) not in sys.path


def test_a_path_may_name_its_class(methods: Registry, plugin: Path) -> None:
    plugin.write_text(PLUGIN + "\nclass Other(Unlearner):\n    year = 3\n")
    assert methods.get(f"{plugin}:Other").__name__ == "Other"
    assert methods.find("mine").metadata["year"] == 3
    with pytest.raises(AsruBenchError, match=r"one subclass of Unlearner, found none"):
        methods.get(f"{plugin}:Missing")


def test_two_classes_in_one_file_must_be_told_apart(methods: Registry, tmp_path: Path) -> None:
    path = tmp_path / "pair.py"
    path.write_text("from asru_bench.unlearner import Unlearner\nclass A(Unlearner): ...\nclass B(Unlearner): ...\n")
    with pytest.raises(AsruBenchError, match=r"found A, B.*pair.py:Class"):
        methods.get(str(path))


def test_missing_and_broken_files_are_named(methods: Registry, plugin: Path) -> None:
    with pytest.raises(AsruBenchError, match=r"mein.py does not exist; did you mean mine.py"):
        methods.find(str(plugin.with_name("mein.py")))
    broken = plugin.with_name("broken.py")
    broken.write_text("import no_such_module_here\n")
    with pytest.raises(AsruBenchError, match=r"broken.*ModuleNotFoundError.*no_such_module_here"):
        methods.get(str(broken))


def test_a_name_taken_twice_is_an_error(methods: Registry, plugin: Path) -> None:
    other = plugin.with_name("ga.py")
    other.write_text(PLUGIN)
    with pytest.raises(AsruBenchError, match=r"'ga' is defined twice: built in .* and file"):
        methods.get(str(other))
    assert len(methods.entries()["ga"]) == 2


def test_a_built_in_file_by_path_is_the_built_in(methods: Registry) -> None:
    path = methods.find("ga").path
    assert methods.find(str(path)).origin == "built in"


def test_entry_points(methods: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    point = SimpleNamespace(
        name="theirs",
        module="asru_bench.methods.npo",
        attr="NPO",
        dist=SimpleNamespace(name="their-package"),
    )
    monkeypatch.setattr(registry, "_entry_points", lambda group: [point] if group == methods.package else [])
    assert methods.find("theirs").origin == "package their-package"
    assert methods.get("theirs").__name__ == "NPO"


def test_a_bare_checkout_says_how_to_install() -> None:
    with pytest.raises(AsruBenchError, match="pip install -e"):
        Registry("method", "asru_bench.not_there", "asru_bench.unlearner:Unlearner").names()
