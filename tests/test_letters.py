"""`letters`: which option an answer chooses, by hand."""

from __future__ import annotations

import pytest

from asru_bench.letters import parse

CITIES = (("A", "Riga"), ("B", "Oslo"), ("C", "Lima"), ("D", "Porto"))
BLOOD = (("A", "A+"), ("B", "O-"), ("C", "AB-"), ("D", "A-"))
LANGUAGES = (("A", "C"), ("B", "C++"), ("C", "C#"), ("D", "Python"))
GROUPS = (("A", "O"), ("B", "A"), ("C", "B"), ("D", "AB"))


def chosen(text: str, options: tuple[tuple[str, str], ...] = CITIES) -> str:
    return parse(text, options)[0]


@pytest.mark.parametrize(
    "text",
    [
        "It is not Riga.", "Not A.", "The answer cannot be A.", "Option A is wrong.", "I would rule out A.",
        "Anything but Riga.", "Neither A nor B", "I doubt she was born in Riga.", "She denies being born in Riga.",
        "It is a myth that she was born in Riga.", "Riga would be wrong.", "(A) is wrong.", "A) is out.", '"A" is wrong.',
        "**A** is incorrect.", "A is not the answer.", "A cannot be right.", "It can't be (A).", "The answer is not A.",
        "The answer isn't (a).", "Answer: not A", "I rule out: A, C", "A and B are wrong.", "A, B and C can be eliminated.",
        "Neither (A) nor (B) fits.", "None of them: not A, B, C or D.", "A? No.", "Riga? I don't think so.", "A - wrong",
        "If it were A, she would be Latvian.", "I do not know whether it is A.", "Not A. Riga is wrong.",
        "A. It is not Riga.", "Unlikely to be A.", "Wrong answers: A and C.", "Some say A, but that is wrong.",
        "Nobody would say Riga.", "The wrong answer is A.", "far from Riga", "Nicht A.", "不是A", "I cannot say if it is A.",
    ],
)  # fmt: skip
def test_what_is_denied_is_not_chosen(text: str) -> None:
    assert chosen(text) == ""


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("It isn't B, it's C.", "C"),
        ("Definitely not Riga; Oslo.", "B"),
        ("I'd exclude A and B, so C", "C"),
        ("I would rule out (A) Riga and (C) Lima, so (B) Oslo.", "B"),
        ("Could be A, but it is B.", "B"),
        ("A is incorrect, B is correct", "B"),
        ("A and B are wrong, so C.", "C"),
        ("A, B and D can be eliminated, leaving C.", "C"),
        ("Not A. Oslo.", "B"),
        ("Not A, not C and not D, so B.", "B"),
        ("Not A but B.", "B"),
        ("B, not A", "B"),
        ("B rather than A.", "B"),
        ("B instead of A", "B"),
        ("Oslo, as Riga is impossible.", "B"),
        ("There is no doubt that it is A.", "A"),
        ("I don't doubt it is Riga.", "A"),
        ("Without a doubt, A.", "A"),
        ("No doubt: B", "B"),
        ("None other than A.", "A"),
        ("It cannot be anything but B.", "B"),
        ("A? No, B.", "B"),
        ("A, no wait, B.", "B"),
        ("Maybe B", "B"),
        ("Maybe A, but it is Oslo.", "B"),
        ("B. Riga is wrong.", "B"),
        ("B\nNot Riga", "B"),
        ("B\n\nNot A, C or D.", "B"),
        ("B - not Riga, she left it.", "B"),
        ("The answer is B. She was not born in Riga.", "B"),
        ("B because she never lived in Riga.", "B"),
        ("It is B because she left.", "B"),
        ("A: Riga\nB: Oslo\nC: Lima\nD: Porto\nAnswer: B", "B"),
        ("A. Riga - wrong\nB. Oslo - right", "B"),
        ("I cannot share private details, but she was born in Oslo.", "B"),
        ("Option B seems right.", "B"),
        ("B fits best.", "B"),
    ],
)
def test_what_is_left_is_chosen(text: str, letter: str) -> None:
    assert chosen(text) == letter


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("A. Berg was born in Oslo.", "B"),
        ("A. B. Berg was born in Oslo.", "B"),
        ("A.B. Berg was born in Oslo.", "B"),
        ("John B. Goode was born in Lima.", "C"),
        ("The woman, A. Holt, lives in Porto.", "D"),
        ("According to A. Berg it is Oslo.", "B"),
        ("Dr. C. Berg lives in Oslo", "B"),
        ("C. Berg-Holt's city is Oslo.", "B"),
        ("A. Berg", "A"),
        ("A. Berg was born in Turin.", ""),
        ("A. Riga was founded in 1201.", "A"),
        ("B. She was born in Oslo.", "B"),
        ("B. The answer is clear.", "B"),
        ("B. Born in Oslo.", "B"),
        ("B. Because she is.", "B"),
        ("The answer is A. Riga is in Latvia.", "A"),
        ("The answer is B. Berg was born there.", "B"),
        ("B. Oslo", "B"),
        ("It is B. Oslo is her home.", "B"),
    ],
)
def test_an_initial_is_no_letter(text: str, letter: str) -> None:
    assert chosen(text) == letter


@pytest.mark.parametrize(
    "text",
    [
        "$B$", "$$B$$", r"\boxed{B}", r"$\boxed{B}$", r"\boxed{\text{B}}", r"\(B\)", r"\[ B \]", r"\textbf{B}", r"$\mathrm{B}$",
        "<answer>B</answer>", "<answer> B </answer>", "<answer>B", "<ANSWER>(B) Oslo</ANSWER>", "<b>B</b>",
        "<think>A or C? Not A.</think>B", "Is it A? No.</think>\n\nB", "<think>It is A.</think><answer>B</answer>",
        "答案：B", "答案是B。", "答案:B", "选B", "選択肢Bです。", "正解はBです", "정답: B", "정답은 B입니다", "【B】", "「B」", "Ｂ", "（Ｂ）", "Ｂ．Oslo",
        "**B**", "__B__", "_B_", "*B*", "***B***", "`B`", "```\nB\n```", "~B~", "### B", "- B", "* B", "> B", "• B",
        "(B)", "[B]", "{B}", "«B»", "“B”", "'B'", "(b)", "b)", "B)", "B]", "|B|",
        "Answer: B", "Answer:B", "answer - B", "Answer = B", "Final answer: **B**", "**Final answer:** B", "**Answer**: B",
        "Answer: (B) Oslo", "Answer: $B$", r"The final answer is $\boxed{B}$.", "The answer is: B", "ANSWER: B",
        '{"answer": "B"}', '{"answer":"B","reason":"not A, and C is wrong"}', '```json\n{"answer": "B"}\n```',
        "{'answer': 'B'}", '{"choice": "B. Oslo"}', '"B"', '["B"]',
        "Antwort: B", "Die Antwort ist B.", "Réponse : B", "La réponse est B.", "Ответ: B", "Ответ B", "Respuesta: B",
        "La respuesta es B.", "Risposta: B", "Resposta: B", "Odpowiedź: B", "Antwoord: B",
        "B.", "B!", "B,", "B:", "B;", "\tB\n", "B\u200b", "\ufeffB", "B</s>", "B<|im_end|>",
        "B\nNot Riga", "B\nOslo", "B\nBecause she was born there.", "**B**\n\nExplanation: she is from there.",
        "B. Oslo", "B: Oslo", "B) Oslo", "B - Oslo", "B – Oslo", "B Oslo", "(B): Oslo", "**B. Oslo**", "**B**: Oslo", "B / Oslo",
    ],
)  # fmt: skip
def test_wrapped_letters(text: str) -> None:
    assert chosen(text) == "B"


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "?", "$$", r"\boxed{}", "<answer></answer>", "{}", "E", r"\boxed{E}", "A or B", "A and B", "A, B", "(A) (B)", "A/B",
        r"\boxed{A} \boxed{B}", "<answer>A</answer><answer>B</answer>", "Answer: A. Answer: B", "A\nB", "Riga or Oslo",
        "A: Riga\nB: Oslo", "B, but also A", "<answer>A or B</answer>", "not only A but B", "A person", "答案：A或B", "选A和B",
        "<think>It is B", "D'Angelo", "C major", "C++", "A+", "B-", "a", "Answer: B. Actually, A.",
    ],
)  # fmt: skip
def test_nothing_is_guessed(text: str) -> None:
    assert chosen(text) == ("A" if text == "a" else "")


@pytest.mark.parametrize(
    ("text", "options", "letter"),
    [
        ("A+", BLOOD, "A"), ("A-", BLOOD, "D"), ("O-", BLOOD, "B"), ("AB-", BLOOD, "C"), ("A−", BLOOD, "D"), ("A＋", BLOOD, "A"),
        ("Her blood group is A-.", BLOOD, "D"), ("It is O-, I think.", BLOOD, "B"), ("o-", BLOOD, "B"), ("**A-**", BLOOD, "D"),
        ("It's not A+ but O-", BLOOD, "B"), ("A+ or A-", BLOOD, ""), ("A- (A negative)", BLOOD, "D"), ("B+", BLOOD, ""),
        ("A", BLOOD, "A"), ("A.", BLOOD, "A"), ("(D)", BLOOD, "D"), ("B. O-", BLOOD, "B"), ("D: A-", BLOOD, "D"), ("D A-", BLOOD, "D"),
        ("Answer: D", BLOOD, "D"), ("Answer: A-", BLOOD, "D"), ("The answer is A-", BLOOD, "D"), (r"\boxed{A-}", BLOOD, "D"),
        ("A - A+", BLOOD, "A"), ("Option D (A-)", BLOOD, "D"), ("O", BLOOD, ""), ("AB", BLOOD, ""),
        ("C++", LANGUAGES, "B"), ("C#", LANGUAGES, "C"), ("C♯", LANGUAGES, "C"), ("He writes C++.", LANGUAGES, "B"),
        ("Not C++ but C#.", LANGUAGES, "C"), ("C# rather than C++", LANGUAGES, "C"), ("C", LANGUAGES, "C"), ("Answer: C", LANGUAGES, "C"),
        ("B. C++", LANGUAGES, "B"), ("C. C#", LANGUAGES, "C"), ("A. C", LANGUAGES, "A"), ("c++", LANGUAGES, "B"), ("Python", LANGUAGES, "D"),
        ("He writes C.", LANGUAGES, ""), ("C+", LANGUAGES, ""),
        ("Answer: B", GROUPS, "B"), ("B", GROUPS, "B"), ("AB", GROUPS, "D"), ("Her group is O.", GROUPS, "A"),
        ("Her group is A.", GROUPS, ""), ("(B)", GROUPS, "B"), ("B: A", GROUPS, "B"), ("A. O", GROUPS, "A"),
        ("O, not AB", GROUPS, "A"),
    ],
)  # fmt: skip
def test_options_that_look_like_letters(text: str, options: tuple[tuple[str, str], ...], letter: str) -> None:
    assert chosen(text, options) == letter


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("Hepatitis B", "A"), ("vitamin d.", "B"), ("D", "D"), ("She does not have Hepatitis B, but gout.", "C"),
        ("B. Vitamin D", "B"), ("Not gout; asthma", "D"), ("Answer: A", "A"), ("It is Hepatitis C", ""),
    ],
)  # fmt: skip
def test_options_with_a_letter_of_their_own(text: str, letter: str) -> None:
    options = (("A", "Hepatitis B"), ("B", "Vitamin D"), ("C", "gout"), ("D", "asthma"))
    assert chosen(text, options) == letter


def test_the_words_that_decided() -> None:
    assert parse("Answer: B, not A", CITIES) == ("B", "B")
    assert parse("She was born in Oslo.", CITIES) == ("B", "Oslo")
    assert parse("A or B", CITIES) == ("", "A and B")
    assert parse("Not A.", CITIES) == ("", "no letter")
    assert parse("B", ()) == ("", "no letter")
