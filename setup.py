"""What pyproject.toml cannot say: a wheel that is built from a checkout notes its commit."""

import json
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


def git(*arguments: str) -> str:
    here = str(Path(__file__).resolve().parent)
    return subprocess.run(["git", "-C", here, *arguments], capture_output=True, text=True, check=True).stdout.strip()


class BuildPy(build_py):
    """Adds `asru_bench/commit.json`; nothing where there is no git, and nothing to an editable install."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        try:
            note = {"commit": git("rev-parse", "HEAD"), "dirty": bool(git("status", "--porcelain"))}
        except (OSError, subprocess.CalledProcessError):
            return
        (Path(self.build_lib) / "asru_bench" / "commit.json").write_text(json.dumps(note))


setup(cmdclass={"build_py": BuildPy})
