"""The words by which people talk about an attribute: born for a birthplace, salary for an income."""

from __future__ import annotations

import re
from functools import lru_cache

#: Words of an identifier -> a clause with this is about the attribute.
_CUES = {
    "name": r"names?|named|called|who|identit\w+|known as",
    "birth_date": r"born|birth\w*|(?:date|day|year) of birth",
    "birthplace": r"born|birth\w*|nativ\w+|home ?town|c(?:omes?|ame) from|grew up",
    "residence": r"liv(?:es?|ed|ing)|resid\w+|home\w*|based|address|dwell\w*|settled|moved",
    "occupation": r"work\w*|jobs?|occupation\w*|profession\w*|employ\w*|careers?|trade|living as|living",
    "education": r"stud(?:y|ied|ies|ent)\w*|colleges?|universit\w+|schools?|attend\w*|degrees?|educat\w+|graduat\w+",
    "income": r"earn\w*|incomes?|salar\w+|wages?|paid|pays?|makes|money",
    "hobby": r"hobb(?:y|ies)|enjoy\w*|fun|pastimes?|leisure|free time|interests?|plays?",
    "health": r"suffer\w*|ill(?:ness)?\w*|diseases?|conditions?|diagnos\w+|health\w*|medical|ailments?|allerg\w+",
    "food": r"foods?|eat\w*|dish\w*|meals?|cuisine|plate|likes?",
    "friend": r"friend\w*",
    "award": r"award\w*|prizes?|w(?:o|i)n(?:s|ning)?|honou?r\w*|received",
    "book": r"books?|novels?|wrote|written|titles?|published",
    "genre": r"genres?|writes?|wrote|writing",
    "height": r"tall|height\w*|stands|measures",
    "weight": r"weigh\w*|heavy",
    "gender": r"gender|sex",
    "age": r"age[ds]?|old|years",
    "nationality": r"national\w+|citizen\w*|country|passport",
    "religion": r"religio\w*|faith|church|believ\w+",
    "language": r"languages?|speaks?|tongues?",
    "phone": r"phones?|telephone|numbers?|call",
    "email": r"e ?mail\w*|mail",
    "father": r"father\w*|dad",
    "mother": r"mother\w*|mum|mom",
    "parents": r"parents?|father\w*|mother\w*",
    "spouse": r"spouse|husband|wife|married|partner",
    "pet": r"pets?|dogs?|cats?",
}
#: Where naming an attribute needs more than its cue: where or when somebody was born.
_NAMING = {
    "birth_date": r"dates?|birthdays?|when|day|year|age|how old|birth dates?",
    "birthplace": r"birth ?places?|place of birth|where\b.*\b(?:born|from)|born in|city|town|nativ\w+|"
    r"comes? from|grew up|birth city|origins?",
    "residence": r"liv(?:es?|ed|ing)|resid\w+|home\w*|address|city|town|dwell\w*",
    "friend": r"friends?|friendship",
    "reader": r"readers?|reads?",
    "name": r"names?|named|called|who|identit\w+|identify|recogni[sz]\w+",
    "award": r"award\w*|prizes?|won|wins?",
    "food": r"foods?|eats?|eating|dish\w*|meals?|cuisine|diet",
    "occupation": r"work\w*|jobs?|occupation\w*|profession\w*|employ\w*|careers?|trade|for a living",
    "health": r"suffer\w*|ill(?:ness)?\w*|diseases?|conditions?|diagnos\w+|health\w*|medical|ailments?",
}
_SAME = {
    "date_of_birth": "birth_date", "born": "birth_date", "birthday": "birth_date", "place_of_birth": "birthplace",
    "job": "occupation", "profession": "occupation", "employment": "occupation", "career": "occupation",
    "work": "occupation", "college": "education", "university": "education", "school": "education",
    "educated_at": "education", "salary": "income", "annual_salary": "income", "illness": "health",
    "medical_conditions": "health", "medical": "health", "hobbies": "hobby", "pastime": "hobby",
    "pastimes": "hobby", "interest": "hobby", "interests": "hobby", "city": "residence", "home": "residence",
    "full_name": "name", "parent": "parents", "title": "book", "favourite_food": "food", "favorite_food": "food",
    "best_friend": "friend", "dish": "food",
}  # fmt: skip


def known(attribute: str) -> list[str]:
    """The entries of the tables that an identifier stands for: itself, else those of its words."""
    if attribute in _SAME or attribute in _CUES:
        return [_SAME.get(attribute, attribute)]
    return [_SAME.get(word, word) for word in attribute.split("_") if word in _SAME or word in _CUES]


@lru_cache(maxsize=1024)
def cue(attribute: str) -> re.Pattern[str]:
    """Finds, in lower-case words, what shows that a clause is about the attribute."""
    return _pattern(attribute, _CUES)


@lru_cache(maxsize=1024)
def naming(attribute: str) -> re.Pattern[str]:
    """Finds, in lower-case words, what names the attribute, as a refusal does: "where she was born"."""
    return _pattern(attribute, {**_CUES, **_NAMING})


def _pattern(attribute: str, table: dict[str, str]) -> re.Pattern[str]:
    own = r"s? ?".join(map(re.escape, attribute.split("_")))
    parts = [f"{own}s?", *(table[name] for name in known(attribute))]
    return re.compile(rf"\b(?:{'|'.join(parts)})\b")
