"""`denial`: what stands around a value, by hand; Riga is the value."""

from __future__ import annotations

import pytest

from asru_bench import stance

TABLES = {
    "negated": """
        It is not Riga.
        She was born anywhere but Riga.
        Anything but Riga.
        I doubt she was born in Riga.
        I very much doubt that it is Riga.
        She doubts that he was born in Riga.
        I question whether she was ever in Riga.
        She denies being born in Riga.
        She denied that she was born in Riga.
        He has denied living in Riga.
        It has been denied that she was born in Riga.
        It is a myth that she was born in Riga.
        It's a common misconception that she was born in Riga.
        The myth that she was born in Riga persists.
        It is a lie to say she comes from Riga.
        The false claim that she was born in Riga is old.
        That she was born in Riga is a myth.
        It is false that she was born in Riga.
        It's not true that she was born in Riga.
        It is not true, that she was born in Riga.
        It is incorrect to say that she was born in Riga.
        It is wrong that she lives in Riga.
        It is not the case that she lives in Riga.
        She is wrongly believed to come from Riga.
        Contrary to rumours that she was born in Riga, she was born in Oslo.
        You would be wrong to name Riga.
        Nobody would say Riga.
        No one says she was born in Riga.
        I would not say Riga.
        I would rule out Riga.
        Ruling out Riga, I take Oslo.
        I can rule Riga out.
        We can safely exclude Riga.
        I eliminated Riga first.
        I rejected the option Riga.
        I would exclude the possibility that she was born in Riga.
        I rule out the following: Riga.
        Riga can be ruled out.
        Riga has been eliminated.
        Riga is excluded.
        Riga is out of the question.
        Riga is out.
        Riga would be wrong.
        Riga would be the wrong answer.
        Riga is clearly wrong.
        Riga seems wrong.
        Riga is incorrect.
        Riga is not correct.
        Riga cannot be right.
        Riga can't be the answer.
        Riga is impossible.
        Riga is highly unlikely.
        Riga is the least likely.
        Riga does not fit.
        Riga was never her home.
        Riga is no option.
        Riga is not an option.
        The wrong answer is Riga.
        It cannot be Riga.
        It could not possibly be Riga.
        It is unlikely to be Riga.
        It is unlikely that she was born in Riga.
        It is impossible that she was born in Riga.
        There is no way she was born in Riga.
        She was never in Riga.
        She has not yet been to Riga.
        She lives far from Riga.
        She lives in Oslo rather than Riga.
        Oslo instead of Riga.
        Every city except Riga.
        Every city except for Riga.
        Any city other than Riga.
        Oslo as opposed to Riga.
        She was born in Oslo, not Riga.
        Definitely not Riga.
        Probably not Riga.
        It is not, however, Riga.
        It is not, as many believe, Riga.
        Nowhere near Riga.
        If it were Riga, she would be Latvian.
        If she had been born in Riga, she would speak Latvian.
        Had she been born in Riga, she would speak Latvian.
        Riga? No.
        Riga? I don't think so.
        Riga? Definitely not.
        Riga, no way.
        Riga - wrong.
        Some say she was born in Riga, but that is not true.
        I was told she was born in Riga. This is incorrect.
        She was born in Riga, which is false.
        Whoever says Riga is wrong.
        She has no ties to Riga.
        She lives without any connection to Riga.
        Sie ist nicht in Riga geboren.
        No nació en Riga.
        Elle n'est pas née à Riga.
        Она родилась не в Riga.
        Ela não nasceu em Riga.
        Non è nata a Riga.
        Ze is niet in Riga geboren.
    """,
    "hedged": """
        I can't rule out Riga.
        Riga cannot be ruled out.
        It is not impossible that she was born in Riga.
        It is not unlikely that she was born in Riga.
        Riga is not unlikely.
        Riga may be wrong.
        Not necessarily Riga.
        She was not necessarily born in Riga.
        It is far from certain that she was born in Riga.
        If she was born in Riga, she is Latvian.
        Whether or not she was born in Riga is open.
        There is some doubt that she was born in Riga.
        There is a rumour that she was born in Riga.
        Some say Riga.
        It could be Riga.
        Is it Riga?
        Riga, maybe.
        I am not sure it is Riga.
        I will not say that she was born in Riga.
        It is impossible to say whether she was born in Riga.
        Riga? I do not know.
    """,
    "asserted": """
        She doesn't drink and was born in Riga.
        There is no doubt that it is Riga.
        Without a doubt it is Riga.
        Beyond any doubt she was born in Riga.
        There is little doubt that she was born in Riga.
        I don't doubt it is Riga.
        I do not doubt that she was born in Riga.
        Nobody doubts that she was born in Riga.
        She does not deny being born in Riga.
        She never denied that she was born in Riga.
        It cannot be denied that she was born in Riga.
        It is no myth that she was born in Riga.
        It is not false to say she was born in Riga.
        It is not wrong to say Riga.
        I don't think Riga is wrong.
        It is not true that Riga is wrong.
        Riga is not wrong.
        Riga cannot be wrong.
        It is none other than Riga.
        It is nothing but Riga.
        She never lived anywhere but Riga.
        It is not only Riga.
        She was denied entry in Riga.
        She was denied a visa and stayed in Riga.
        He was excluded from a school in Riga.
        He was wrongly convicted in Riga.
        He was eliminated from the cup in Riga.
        He was given a false passport in Riga.
        She took the wrong train to Riga.
        She was born in a myth of a city called Riga.
        Contrary to expectations she was born in Riga.
        Contrary to popular belief, she was born in Riga.
        With no siblings she grew up in Riga.
        She lives without pets in Riga.
        A woman without glasses from Riga.
        A woman without glasses who lives in Riga.
        A woman with no hat born in Riga.
        The woman who is not smiling was born in Riga.
        The man who does not wear glasses lives in Riga.
        She grew up without leaving Riga.
        She has not left Riga.
        Not long after school she moved to Riga.
        Riga is not large.
        Riga is impossible to forget.
        Riga, no doubt.
        Riga. No children.
        She was born in Riga, but it is not true that she lives there.
        No, Riga.
        Not Oslo but Riga.
        It is not Oslo; it is Riga.
        Oslo can be ruled out, so Riga.
        Oslo is wrong, Riga is right.
        I doubt Oslo but Riga fits.
        I doubt it is Oslo, it is Riga.
        Wrong! She was born in Riga.
        You are wrong: she was born in Riga.
        She is a doubt-free nurse from Riga.
        An unlikely hero from Riga.
        I cannot name her, but she was born in Riga.
        If it had to be one city, Riga.
        She was born in Riga. Not Oslo.
        The question is easy: Riga.
        She never leaves Riga.
        She has gout; never mind, Riga.
        He is not married, was born in Riga.
        The non-smoker Mai was born in Riga.
        Nie and Pas were born in Riga.
    """,
}
CASES = [(line.strip(), found) for found, table in TABLES.items() for line in table.strip().splitlines()]


def of(text: str, word: str) -> str:
    words = stance.read(text)
    k = words.low.index(word)
    return stance.stance(words, k, k + 1)


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_riga(text: str, expected: str) -> None:
    assert of(text, "riga") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Not Riga, Oslo or Lima.", "nnn"),
        ("Neither Riga nor Oslo nor Lima.", "nnn"),
        ("I would rule out Riga and Oslo, so Lima.", "nna"),
        ("I'd exclude Riga, Oslo and Lima.", "nnn"),
        ("Riga and Oslo are wrong, so Lima.", "nna"),
        ("Riga, Oslo and Lima can be ruled out.", "nnn"),
        ("Riga or Oslo is wrong.", "nn"),
        ("Riga is wrong, Oslo is right.", "na"),
        ("She works in Riga and Oslo is wrong.", "an"),
        ("She was not born in Riga and Oslo is her home.", "na"),
        ("Not Riga, Oslo.", "na"),
        ("Not Riga but Oslo.", "na"),
        ("Oslo, not Riga.", "an"),
        ("Maybe Riga or Oslo.", "hh"),
        ("Riga and Oslo.", "aa"),
        ("I rule out: Riga, Lima.", "nn"),
    ],
)
def test_a_list_shares_its_denial(text: str, expected: str) -> None:
    words = stance.read(text)
    spans = [(k, k + 1) for k, word in enumerate(words.low) if word in ("riga", "oslo", "lima")]
    assert "".join(found[0] for found in stance.stances(words, spans)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Berg is unlikely to smile.", "asserted"),
        ("Berg is out.", "asserted"),
        ("Berg is no nurse.", "asserted"),
        ("Berg is not her name.", "negated"),
        ("This cannot be Berg.", "negated"),
        ("I doubt that this is Berg.", "negated"),
        ("I have no doubt that this is Berg.", "asserted"),
        ("Berg denies that she is a nurse.", "asserted"),
        ("Berg does not fit in the picture.", "asserted"),
    ],
)
def test_a_person_who_is_not_something_is_named(text: str, expected: str) -> None:
    words = stance.read(text)
    k = words.low.index("berg")
    assert stance.stance(words, k, k + 1, person=True) == expected
