"""METHODS, TASKS and JUDGES: where plug-ins are found, by file stem, by entry point or by path.

Listing a plug-in reads its file and imports nothing; `get` imports the one that is asked for.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from asru_bench.types import AsruBenchError


@dataclass(frozen=True)
class Entry:
    """One plug-in: its name, its file, where it came from, and the class that is meant ("" = the only one)."""

    name: str
    kind: str
    path: Path
    origin: str
    module: str = ""
    cls: str = ""

    @property
    def file(self) -> str:
        """What --method, --task or --judge take to find a file again; "" for installed plug-ins."""
        return f"{self.path}{':' if self.cls else ''}{self.cls}" if self.origin == "file" else ""

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """Literals of the plug-in's class and `summary`, the file's first line; nothing is imported."""
        tree = ast.parse(self.path.read_text(encoding="utf-8"), filename=str(self.path))
        found: dict[str, Any] = {"summary": (ast.get_docstring(tree) or "").partition("\n")[0]}
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.bases]
        chosen = [node for node in classes if node.name == self.cls] or classes[-1:]
        for node in chosen:
            found |= dict(_literals(node))
        return found

    def load(self, base: type) -> type:
        """The class; raises `AsruBenchError` where the file has none, several or does not import."""
        module = self._import()
        classes = [v for v in vars(module).values() if _defined_here(v, module.__name__, base)]
        if self.cls:
            classes = [c for c in classes if c.__name__ == self.cls]
        else:
            classes = [c for c in classes if not any(c in other.__mro__[1:] for other in classes)]
        if len(classes) != 1:
            names = ", ".join(c.__name__ for c in classes) or "none"
            raise AsruBenchError(
                f"{self.path} should define one subclass of {base.__name__}, found {names}; "
                f"name it as --{self.kind} {self.path.name}:Class."
            )
        if not is_dataclass(classes[0].Config):  # type: ignore[attr-defined]
            raise AsruBenchError(
                f"Config of {self.kind} {self.name!r} ({self.path}) is no dataclass; put @dataclass(frozen=True) "
                "before it, and give each setting a default."
            )
        return classes[0]

    def _import(self) -> Any:
        try:
            return importlib.import_module(self.module) if self.module else _import_file(self.path)
        except AsruBenchError:
            raise
        except (Exception, SystemExit) as error:
            reason = str(error).strip().partition("\n")[0]
            raise AsruBenchError(
                f"{self.kind} {self.name!r} ({self.path}) does not import: {type(error).__name__}: {reason}. "
                "--debug shows where."
            ) from error


class Registry:
    """All plug-ins of one kind. `base` is "module:Class" of what they inherit from."""

    def __init__(self, kind: str, package: str, base: str) -> None:
        self.kind, self.package, self._base = kind, package, base
        self._by_path: dict[str, Entry] = {}

    def entries(self) -> dict[str, list[Entry]]:
        """Name -> entries, sorted by name; more than one entry is a collision."""
        found: dict[str, list[Entry]] = {}
        for entry in (*self._built_in(), *self._entry_points(), *self._by_path.values()):
            found.setdefault(entry.name, []).append(entry)
        return dict(sorted(found.items()))

    def outside(self) -> list[Entry]:
        """Plug-ins that did not come with the package."""
        return [*self._entry_points(), *self._by_path.values()]

    def names(self) -> list[str]:
        return list(self.entries())

    def find(self, name: str) -> Entry:
        """The entry of a name or of `FILE.py[:Class]`; unknown and ambiguous names are errors."""
        if _is_path(name):
            name = self._add_file(name).name
        entries = self.entries()
        if name not in entries:
            near = difflib.get_close_matches(name, entries, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
            raise AsruBenchError(
                f"unknown {self.kind} {name!r}; {hint}`asru-bench ls {self.kind}s` lists all {len(entries)}."
            )
        found = entries[name]
        if len(found) > 1:
            places = " and ".join(f"{entry.origin} ({entry.path})" for entry in found)
            raise AsruBenchError(f"{self.kind} {name!r} is defined twice: {places}. Rename one of them.")
        return found[0]

    def get(self, name: str) -> Any:
        """The class behind a name; it carries the name as `name`."""
        entry = self.find(name)
        cls: Any = entry.load(self.base())
        if "name" not in vars(cls):
            cls.name = entry.name
        return cls

    def base(self) -> type:
        """What plug-ins of this kind inherit from."""
        module, _, name = self._base.partition(":")
        return getattr(importlib.import_module(module), name)

    def _built_in(self) -> Iterator[Entry]:
        for folder in _package_folders(self.package):
            for path in sorted(folder.glob("*.py")):
                if not path.stem.startswith("_"):
                    yield Entry(path.stem, self.kind, path, "built in", f"{self.package}.{path.stem}")

    def _entry_points(self) -> Iterator[Entry]:
        for point in _entry_points(self.package):
            package = point.dist.name if point.dist else "a package"
            try:
                spec = importlib.util.find_spec(point.module)
            except (ImportError, ValueError):
                spec = None
            path = Path(spec.origin) if spec and spec.origin else Path(point.module)
            yield Entry(point.name, self.kind, path, f"package {package}", point.module, point.attr or "")

    def _add_file(self, text: str) -> Entry:
        name, _, cls = text.partition(".py")
        path = Path(name + ".py").expanduser().resolve()
        if not path.is_file():
            near = difflib.get_close_matches(path.name, [p.name for p in _listdir(path.parent)], n=2)
            hint = f"did you mean {' or '.join(near)}?" if near else "check the path."
            raise AsruBenchError(f"{self.kind} file {path} does not exist; {hint}")
        if any(path == entry.path for entry in self._built_in()):
            return self.find(path.stem)
        entry = Entry(path.stem, self.kind, path, "file", cls=cls.removeprefix(":"))
        self._by_path[str(path)] = entry
        return entry


METHODS = Registry("method", "asru_bench.methods", "asru_bench.unlearner:Unlearner")
TASKS = Registry("task", "asru_bench.tasks", "asru_bench.task:Task")
JUDGES = Registry("judge", "asru_bench.judges", "asru_bench.judge:Judge")
ALL = {registry.kind: registry for registry in (METHODS, TASKS, JUDGES)}


def _is_path(name: str) -> bool:
    return name.endswith(".py") or ".py:" in name


def _entry_points(group: str) -> list[Any]:
    from importlib.metadata import entry_points

    return sorted(entry_points(group=group), key=lambda point: point.name)


def _package_folders(package: str) -> list[Path]:
    spec = importlib.util.find_spec(package)
    folders = [Path(p) for p in (spec.submodule_search_locations if spec else None) or ()]
    if not folders:
        raise AsruBenchError(
            f"the package {package} is not installed (a bare checkout cannot run): "
            "type `pip install -e .` in the checkout."
        )
    return folders


def _listdir(folder: Path) -> list[Path]:
    return list(folder.glob("*.py")) if folder.is_dir() else []


def _literals(node: ast.ClassDef) -> Iterator[tuple[str, Any]]:
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, value = [statement.target], statement.value
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name):
                try:
                    yield target.id, ast.literal_eval(value)
                except ValueError:
                    continue


def _defined_here(value: Any, module: str, base: type) -> bool:
    return (
        isinstance(value, type)
        and issubclass(value, base)
        and value.__module__ == module
        and not value.__name__.startswith("_")
    )


def _import_file(path: Path) -> Any:
    """Imports a file under a name of its own; its folder is importable meanwhile, for its siblings."""
    name = f"asru_bench_file_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None, f"{path} is a file with a Python suffix"
    assert spec.loader is not None, f"{path} is a file with a Python suffix"
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    finally:
        sys.path.remove(str(path.parent))
    return module
