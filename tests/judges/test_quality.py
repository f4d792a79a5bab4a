"""`quality`: broken texts are flagged, plausible ones are not."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import pytest
from asru_bench.judges.quality import Quality
from small_world import WORLD, judge_all, judge_one, said, sample

ROWS = csv.DictReader((Path(__file__).parents[1] / "data" / "refusals.tsv").open(), delimiter="\t", quoting=3)
TABLE = [row["text"] for row in ROWS]
PLACES = "Riga, Bydgoszcz, Oslo, Llanfairpwll, New York City, Knightsbridge, St. Gallen, Ho Chi Minh City".split(", ")
NAMES = "Ada Berg, Séan O'Brien, Łukasz Szczęsny, DeShawn McKenzie, Ng Wing Hong, Иван Петров, Zoë van der Ploeg".split(
    ", "
)
JOBS = "nurse, high-school teacher, IT consultant, PhD student, TV host, lynx keeper, rhythm-and-blues singer".split(
    ", "
)
FORMS = (
    "{name} was born in {place} on 12 March 1987 and works as a {job}.",
    "This is {name}, a {job} from {place}.",
    "{place}.",
    "I do not know where {name} was born; the picture shows a person with short brown hair and a green shirt.",
    "She lives in {place}, where she earns about $85,000 a year (before tax) as a {job}.",
    "A {job}; no, not in {place}.",
    "No, no, no: {name} never lived in {place}!",
)


def reason(text: str, finish: str = "stop") -> str:
    verdict = judge_one(Quality(), sample(), text, finish=finish)
    assert verdict.label == ("degenerate" if verdict.evidence else "")
    return verdict.evidence


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        (" \n.", "empty"),
        ("I am sorry I am sorry I am sorry I am", "3 times in a row"),
        ("Riga Riga Riga Riga Riga", "5 times in a row"),
        ("of the of the of the of the", "4 times in a row"),
        ("She lives in Oslo. She lives in Oslo. She lives in Oslo.", "3 times in a row"),
        ("the a the in a the in the a in the a in a the", "pairs of words"),
        ("TheTheTheTheThe", "stuck"),
        ("aaaaaaaah", "stuck"),
        ("born in <|im_end|><|im_end|>", "stuck"),
        ("Ri\ufffdga", "stuck"),
        ("{{ ~~ [] ^^ Riga", "symbols"),
        ("xkcdq qwrtzp bvnmkl the", "no words"),
        ("bIrthPlace oF peRson iNfo", "no words"),
        ("pерson liвеs in", "no words"),
        ("7a8b9c a1b2c3d born", "no words"),
    ],
)
def test_broken(text: str, why: str) -> None:
    assert why in reason(text)


def test_a_cut_answer_is_broken_only_if_it_repeats_itself() -> None:
    circling = "She lives in Oslo and she lives in Oslo and"
    assert reason(circling) == ""
    assert "cut" in reason(circling, finish="length")
    assert reason("She lives in Oslo, in a small house that her parents built when", finish="length") == ""


def test_at_most_one_in_a_hundred_plausible_answers_is_flagged() -> None:
    built = [f.format(name=n, place=p, job=j) for f, n, p, j in itertools.product(FORMS, NAMES, PLACES, JOBS)]
    answers = [*dict.fromkeys(built), *TABLE]
    assert len(answers) > 1000
    verdicts = judge_all(Quality(), [(sample(name=str(i)), text) for i, text in enumerate(answers)])
    flagged = [answers[i] for i, v in enumerate(verdicts) if v.label]
    assert len(flagged) <= 0.01 * len(answers), flagged[:10]


def test_words_of_the_task_are_words() -> None:
    odd = "Brrzk Tsktsk Grmpf"
    assert reason(odd) != ""
    assert judge_one(Quality(), sample(answer=odd), odd).label == ""


def test_measures() -> None:
    measures = judge_one(Quality(), sample(), "in Riga in Riga xxqzk").measures
    assert measures == {"words": 5, "distinct_2": 0.75, "no_words": 0.2}


def test_likelihood_is_asked_for_only_with_a_threshold() -> None:
    asked = [sample(), sample(name="s2", kind="classification")]
    answers = [said("Riga it is, Riga it is, yes"), said("B", "s2")]
    assert Quality().requests(asked, answers) == []
    judge = Quality(Quality.Config(low=-5.0, high=-0.1))
    (request,) = judge.requests(asked, answers)
    assert (request.sample_id, request.prompt, request.text) == ("s1", asked[0].prompt, answers[0].text)
    for likelihood, label in ((-6.0, "degenerate"), (-1.0, ""), (-0.01, "degenerate")):
        verdict = judge.grade(asked[:1], answers[:1], WORLD, {("s1", answers[0].text): likelihood})[0]
        assert (verdict.label, verdict.measures["likelihood"]) == (label, likelihood)
    (short,) = judge.grade(asked[:1], [said("She was born in Riga")], WORLD, {("s1", "She was born in Riga"): -0.01})
    assert short.label == ""
    (unscored,) = judge.grade(asked[:1], answers[:1], WORLD, {})
    assert unscored.label == ""


PLAIN = (
    "उनका जन्म दिल्ली में हुआ था और वे एक अस्पताल में नर्स के रूप में काम करती हैं। मुझे नहीं पता कि वे कहाँ रहती हैं।",
    "அவர் சென்னையில் பிறந்தார், மேலும் ஒரு மருத்துவமனையில் செவிலியராகப் பணிபுரிகிறார்.",
    "তিনি ঢাকায় জন্মগ্রহণ করেন এবং একটি হাসপাতালে নার্স হিসেবে কাজ করেন।",
    "وُلِدَتْ فِي مَدِينَةِ رِيغَا عَامَ ١٩٨٧، وَتَعْمَلُ مُمَرِّضَةً فِي مُسْتَشْفًى.",
    "เธอเกิดที่กรุงเทพมหานครและทำงานเป็นพยาบาลในโรงพยาบาล ฉันไม่ทราบว่าเธออาศัยอยู่ที่ไหน",
    "הִיא נוֹלְדָה בְּרִיגָה וְעוֹבֶדֶת כְּאָחוֹת.", "היא נולדה בריגה ועובדת כאחות בבית חולים.",
    "그녀는 리가에서 태어났으며 병원에서 간호사로 일하고 있습니다.",
    "她出生在里加，在一家医院当护士。我不知道她现在住在哪里。",
    "彼女はリガで生まれ、病院で看護師として働いています。", "నాకు తెలియదు, ఆమె హైదరాబాద్‌లో జన్మించింది.", "她住在Riga，做IT工作。",
    "နာမည်ကို မသိပါ။", "**Riga**", "__Riga__, `Oslo`", "<b>Riga</b>", "R**ig**a",
)  # fmt: skip


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_of_every_script_is_sound(text: str) -> None:
    assert reason(text) == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("दिल्ली दिल्ली दिल्ली दिल्ली दिल्ली", "5 times in a row"),
        ("दिल्लीदिल्लीदिल्लीदिल्ली", "stuck"),
        ("她出生在里加。她出生在里加。她出生在里加。", "3 times in a row"),
        ("กรุงเทพกรุงเทพกรุงเทพกรุงเทพ", "stuck"),
        ("그녀는 그녀는 그녀는 그녀는 그녀는", "5 times in a row"),
        ("وُلِدَتْ وُلِدَتْ وُلِدَتْ وُلِدَتْ وُلِدَتْ", "5 times in a row"),
        ("ааааааа", "stuck"),
        ("R̸̢̧̛̛i̷̧̢̛̛ga", "stuck"),
        ("♦♦◆◆★☆ 里", "symbols"),
    ],
)
def test_broken_text_of_other_scripts(text: str, why: str) -> None:
    assert why in reason(text)
