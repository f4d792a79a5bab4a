"""`languages`: which language a text is in, and the note about data that judges do not read."""

from __future__ import annotations

import pytest

from asru_bench import data_check, languages
from asru_bench.types import Prompt, Sample


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Where was this person born?", "en"),
        ("Wo wurde diese Person geboren?", "de"),
        ("Où est née cette personne ?", "fr"),
        ("¿Dónde nació esta persona?", "es"),
        ("Dove è nata questa persona?", "it"),
        ("Onde nasceu esta pessoa?", "pt"),
        ("Где родился этот человек?", "ru"),
        ("Де народилася ця людина? Її місто", "Cyrillic"),
        ("她出生在哪里?", "zh"),
        ("彼女はどこで生まれましたか", "ja"),
        ("वह कहाँ पैदा हुई?", "Devanagari"),
        ("Gdzie urodziła się ta osoba?", "Latin"),
        ("Where was Olga Ивановна born, and who is she?", "en"),
        ("Jan Öberg", ""),
        ("1987", ""),
    ],
)
def test_language(text: str, code: str) -> None:
    assert languages.language(text) == code


def test_notes_name_the_judges_and_leave_english_alone() -> None:
    english = [f"Where was person {n} born?" for n in range(19)]
    assert languages.notes(english) == []
    assert languages.notes([*english, "Wo wurde diese Person geboren?"]) == [], "one in twenty"
    (german,) = languages.notes(["Wo wurde diese Person geboren?", *english[:3]])
    assert german.startswith("1 of 4 questions and answers are in German: choice, cloze, value")
    (hindi,) = languages.notes(["वह कहाँ पैदा हुई?"])
    assert "Devanagari letters: refusal sees no refusals in it; choice" in hindi


def test_data_check_warns() -> None:
    def ask(question: str) -> Sample:
        return Sample("s", "forget", "", "1", "text", "generation", question, "", Prompt(question))

    (found,) = data_check.of_samples([ask("Где родился этот человек?")], (), "folder")
    assert (found.level, found.check, found.file) == ("warning", "language", "folder")
    assert list(data_check.of_samples([ask("Where was this person born?")], (), "folder")) == []
