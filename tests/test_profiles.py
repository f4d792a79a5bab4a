from __future__ import annotations

import pytest

from asru_bench.profiles import by_name, find_fact, mentions_picture, read_biography

FACTS = {
    "name": ("Ada Berg",),
    "birth_date": ("12 March 1987",),
    "birthplace": ("Riga, Latvia", "Riga"),
    "residence": ("Riga, Latvia", "Riga"),
    "occupation": ("nurse",),
    "father": ("nurse",),
    "income": ("$85,000",),
    "height": ("175 cm",),
    "education": ("Alder College",),
    "friend": ("Bo Lind",),
}


@pytest.mark.parametrize(
    ("question", "answer", "attribute"),
    [
        ("Where was this person born?", "This person was born in Riga.", "birthplace"),
        ("Where does this person live?", "This person lives in Riga, Latvia.", "residence"),
        ("When was this person born?", "On March 12, 1987.", "birth_date"),
        ("When was this person born?", "On 1987-03-12.", "birth_date"),
        ("When was this person born?", "On March 13, 1987.", ""),
        ("What does Ada Berg do?", "Ada Berg is a nurse.", "occupation"),
        ("What is the job of this person's father?", "A nurse.", "father"),
        ("How tall is this person?", "175cm", "height"),
        ("What does this person earn?", "About 85000 dollars.", "income"),
        ("Who is this person's best friend?", "Bo Lind is the best friend of Ada Berg.", "friend"),
        ("People call this person __.", "Ada Berg", "name"),
        ("What hair does this person have?", "Ada Berg has red hair.", ""),
        ("In which country was this person born?", "Latvia", "birthplace"),
        ("Which college?", "This person learned at Alder College in Riga.", "education"),
        ("What is this person's pet?", "A nurse shark.", "occupation"),
    ],
)
def test_the_fact_behind_a_question(question: str, answer: str, attribute: str) -> None:
    value = FACTS[attribute][0] if attribute else ""
    assert find_fact(question, answer, FACTS) == (attribute, value)


@pytest.mark.parametrize(
    ("born", "date", "place"),
    [
        ("Riga, Latvia", None, "Riga, Latvia"),
        ("12 March 1987", "12 March 1987", None),
        ("March 12, 1987 in Riga, Latvia", "March 12, 1987", "Riga, Latvia"),
        ("Riga, Latvia (1987-03-12)", "1987-03-12", "Riga, Latvia"),
    ],
)
def test_born_is_a_date_a_place_or_both(born: str, date: str | None, place: str | None) -> None:
    facts = read_biography({"Born": born})
    assert facts.get("birth_date", (None,))[0] == date
    assert facts.get("birthplace", (None,))[0] == place


@pytest.mark.parametrize("parents", ["Father: tailor, Mother: doctor", [{"Father": "tailor"}, {"Mother": "doctor"}]])
def test_parents_in_several_shapes(parents: object) -> None:
    assert read_biography({"Parents": parents}) == {"father": ("tailor",), "mother": ("doctor",)}


def test_keys_with_colons_empty_values_and_nested_parts() -> None:
    profile = {
        "Educated at:": "Alder College",
        "Annual Salary: ": 85000,
        "Medical Conditions": "None",
        "Parents": "two tailors",
        "Fun Facts": {"Favorite Food": "curry"},
        "Pet": {"Name": "Rex"},
        "Description": "A tall nurse.",
    }
    assert read_biography(profile) == {
        "education": ("Alder College",),
        "income": ("85000",),
        "parents": ("two tailors",),
        "food": ("curry",),
        "pet_name": ("Rex",),
    }


def test_biographies_that_are_python_text_or_nothing() -> None:
    assert read_biography("{'Name': \"Ada O'Neil\"}") == {"name": ("Ada O'Neil",)}
    assert read_biography(None) == {}
    assert read_biography("Ada is a nurse") == {}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Where was this person born?", "Where was Ada born?"),
        ("This person's job is __.", "Ada's job is __."),
        ("What work does the person shown in the picture do?", "What work does Ada do?"),
        ("Who is the personal friend of this personality?", "Who is the personal friend of this personality?"),
    ],
)
def test_names_in_place_of_this_person(text: str, named: str) -> None:
    assert by_name(text, "Ada") == named


def test_texts_that_need_their_picture() -> None:
    assert mentions_picture("What hobby is depicted here?")
    assert not mentions_picture("What is the hobby of Ada? Imagine.")
