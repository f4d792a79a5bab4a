"""What reaches a terminal or a page: nothing that controls it, ordinary scripts unharmed, no names of real people."""

from __future__ import annotations

import ast
import io
import os
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from rich.console import Console

from asru_bench import deletion_page, page, shown, terminal
from asru_bench.answers import Asked
from asru_bench.pseudonyms import pseudonym
from asru_bench.terminal import answer_list, print_table

HOSTILE = {
    "colour": "a\x1b[31mb",
    "title of the window": "a\x1b]0;owned\x07b",
    "clears the screen": "a\x1b[2J\x1b[Hb",
    "hyperlink": "a\x1b]8;;http://evil\x1b\\b\x1b]8;;\x1b\\",
    "C1 sequence": "a\x9b31mb",
    "C1 string": "a\x9dtitle\x9cb",
    "NUL": "a\0b",
    "BEL": "a\x07b",
    "backspace": "a\x08\x08b",
    "carriage return": "good\rbad",
    "DEL": "a\x7fb",
    "right-to-left override": "a\u202egnp.exe",
    "isolates": "a\u2066b\u2067c\u2068d\u2069",
    "marks of direction": "a\u200eb\u200fc\u061cd",
    "zero width": "a\u200bb\u2060c\ufeffd\u00ade",
    "joiner between Latin letters": "Jon\u200dathan\u200c",
    "invisible operators": "a\u2061b\u2064c",
    "tags": "a\U000e0041\U000e0042b",
    "line and paragraph separators": "a\u2028b\u2029c",
    "half a character": "a\ud800b",
    "next line": "a\x85b",
}
LEGIBLE = {
    "Arabic": "محمد بن سلمان",
    "Arabic with vowels": "مُحَمَّد",
    "Hebrew": "דוד בן־גוריון",
    "Persian with a non-joiner": "می‌خواهم",
    "Hindi": "नरेंद्र मोदी",
    "Hindi with a joiner": "क्‍ष",
    "Sinhala": "ශ්‍රී ලංකා",
    "Thai": "สมชาย ใจดี",
    "family emoji": "👨‍👩‍👧‍👦",
    "skin and profession": "👩🏽‍⚕️ ❤️‍🔥 🏳️‍🌈",
    "flag of a region": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "keycap": "1️⃣",
    "combining marks": "Zoe\u0308 A\u030angstro\u0308m",
    "Vietnamese": "Nguyễn Tấn Dũng",
    "Chinese and Japanese": "王小明 山田太郎 가나다",
    "sign of an Arabic year": "\u0601١٤٤٥",
    "tab and lines": "a\tb\nc",
    "currency and dashes": "€5 – “yes”…",
}


def controls(text: str) -> list[str]:
    """Characters that act on a terminal or a reading direction."""
    return [
        f"U+{ord(c):04X}" for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c not in "\n\t"
    ]


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_that_controls_a_terminal_is_left(name: str) -> None:
    for made in (shown.clean(HOSTILE[name]), shown.message(HOSTILE[name]), shown.escaped(HOSTILE[name])):
        assert controls(made) == []
        assert made.startswith(HOSTILE[name][0])
    assert "\n" not in shown.line(HOSTILE[name] + "\nx")
    assert shown.clean(shown.clean(HOSTILE[name])) == shown.clean(HOSTILE[name])


@pytest.mark.parametrize("name", LEGIBLE)
def test_ordinary_scripts_stay_as_they_are(name: str) -> None:
    assert shown.clean(LEGIBLE[name]) == LEGIBLE[name]


def test_a_heap_of_marks_does_not_run_into_other_lines() -> None:
    assert len(shown.clean("a" + "\u0301" * 200 + "b")) == 1 + shown.MARKS + 1


def test_markup_of_pages_and_of_tables_is_text() -> None:
    assert shown.escaped('<b onclick="x">\x1b[1m') == "&lt;b onclick=&quot;x&quot;&gt; [1m"
    hostile = "\x1b[2J[red]x[/red]\u202e"
    console = Console(file=io.StringIO(), width=200)
    print_table(console, hostile, [hostile], [(hostile, [hostile])])
    asked = Asked(hostile, "forget", hostile, hostile, {hostile: (hostile, "leak")})
    console.print(answer_list([asked]))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert controls(text) == []
    assert text.count("[red]x[/red]") == 9
    for made in (
        page.page([asked], hostile, hostile, lambda _: b"", page.About()),
        deletion_page._table([hostile], [[hostile]]),
    ):
        assert controls(made) == []


@pytest.fixture
def named() -> Iterator[None]:
    shown.forget_names()
    shown.hide(["Ada Berg", "Bo", "1234", "Ümit Öz"])
    yield
    shown.forget_names()


def test_names_give_way_to_pseudonyms_in_messages_only(named: None) -> None:
    assert shown.message("ada berg is kept, Ada Bergman not") == f"{pseudonym('Ada Berg')} is kept, Ada Bergman not"
    assert shown.message("ÜMIT ÖZ, 1234, Bo") == f"{pseudonym('Ümit Öz')}, 1234, Bo"  # too short or no word to hide
    assert shown.clean("Ada Berg") == shown.escaped("Ada Berg") == "Ada Berg"  # pages decide themselves
    assert shown.hides("Ada Berg")
    with shown.revealed():
        assert shown.message("Ada Berg") == "Ada Berg"
        assert not shown.hides("Ada Berg")
    with shown.revealed(False):
        assert shown.hides("Ada Berg")


def test_names_that_messages_quote_with_escapes_are_hidden_too() -> None:
    shown.forget_names()
    shown.hide(["Jon\u200b Ferro", 'O\'Hara "Bo" Lee'])
    for name in ("Jon\u200b Ferro", 'O\'Hara "Bo" Lee'):
        assert shown.message(f"{name!r} is kept").strip("'").startswith("p")
        assert "Ferro" not in shown.message(f"{name!r} is kept, {name} too")
        assert "Hara" not in shown.message(f"{name!r} is kept, {name} too")
    shown.forget_names()


def test_streams_are_guarded_and_rich_writes_under_them(named: None, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    with shown.guarded(), shown.guarded():
        print("Ada Berg \x1b[31mred")
        sys.stdout.writelines(["\0\n"])
        Console(file=None, force_terminal=True, color_system="standard").print("[red]x[/red]")
        assert not hasattr(sys.stdout, "buffer")
        with pytest.raises(TypeError, match="must be str"):
            sys.stdout.write(b"bytes")  # type: ignore[arg-type]
        click.echo("clicked \x1b[1m")
    assert sys.stdout is out
    assert out.getvalue() == f"{pseudonym('Ada Berg')}  [31mred\n \n\x1b[31mx\x1b[0m\nclicked \n"


def test_messages_are_printed_by_one_function() -> None:
    """Standard error is written through `shown.say`, but for the command line, which guards its streams."""
    package = Path(shown.__file__).parent
    free = {"shown.py", "cli_options.py", "cli.py", "vllm_worker.py", "launch.py", "lines.py"}
    odd = []
    for file in package.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
                odd += [] if file.name in free else [f"{file.name}:{node.lineno}"]
    assert odd == []


def test_terminal_cells_are_cut_after_they_are_cleaned() -> None:
    assert terminal._cut("x" * 200 + "\x1b[0m") == "x" * 159 + "…"


def test_a_real_process_prints_plain_text(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "asru_bench", "run", "--method", "x\x1b]0;t\x07\u202e"]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"ASRU_BENCH_HOME": str(tmp_path)})
    assert done.returncode == 1
    assert done.stderr.startswith("error: unknown method 'x")
    assert controls(done.stderr) == []
    assert done.stdout == ""
    shown_key = subprocess.run(
        [*command[:3], "key", "show"],
        capture_output=True,
        text=True,
        env=os.environ | {"ASRU_BENCH_HOME": str(tmp_path)},
    )
    assert shown_key.stdout.startswith(f"{tmp_path}/pseudonyms.key  key ")
