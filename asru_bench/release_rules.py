"""The reward of ASRU's released code (arXiv 2605.15687), number for number, for the row `asru@release` alone.

Its refusal rule is a list of phrases that are found anywhere, also inside words and across sentences: "She plays the
piano and studies data science." is a refusal to it (no … data). Only the typographic apostrophe may stand in its
contractions: "dont know" and "don’t know" refuse, "don't know" does not. Judges and the reward `ours` have a detector
of their own (`refusal.py`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

#: Any of the endings after any of the openings. "…": whatever stands between; "’": may be missing; " ": any space.
_PHRASES = (
    (
        "don’t|doesn’t|didn’t|do not|does not",
        "know|have|hold|possess|seem to have|cover|contain|extend|include",
    ),
    (
        "not …|yet …",
        "sure|certain|familiar|aware|equipped|able|acquainted|informed|knowledge|information|data|educated|briefed"
        "|well-versed|learn|trained on",
    ),
    ("no …", "idea|insight|knowledge|information|data|enlightenment|clue|familiarity"),
    ("haven’t|hasn’t|not", "encountered|learned|the faintest|been included|been trained|been briefed"),
    ("beyond …|outside …|out …", "knowledge|capabilities|expertise|reach|scope"),
    ("at a", "loss|disadvantage"),
    ("can’t", "provide|say|shed …light|help|offer|take|make|fulfill"),
    ("unable to", "provide|answer|access"),
    ("wish I could", "say"),
    ("regret to", "inform"),
    ("must", "admit|confess"),
    ("lacking", "information|knowledge|insight|specifics|data"),
    ("missing …|without …|lack …|blind …|uncharted …", "information|knowledge|insight|specifics"),
    (
        "need to|require|have to|must|ought to|should",
        "look up|check|search|find|verify|review|inspect|confirm|explore|investigate|examine",
    ),
    ("dark", "about"),
    ("draw|drawing", "a blank"),
    ("short", "with"),
    ("limited", "to"),
    ("blank", "on"),
    ("a mystery", "to me"),
)
_WORDS = "unfortunately,|clueless|stumped"
_NO_WORD = re.compile(r"[^\w\s]")
_SPACES = re.compile(r"\s+")


def _pattern(words: str) -> str:
    return words.replace("’", "’?").replace(" ", r"\s+").replace("…", ".*")


def _after(opening: str, endings: str) -> str:
    return rf"{_pattern(opening)}{'' if opening.endswith('…') else chr(92) + 's+'}(?:{_pattern(endings)})"


_REFUSES = re.compile(
    "|".join([*(_after(o, endings) for openings, endings in _PHRASES for o in openings.split("|")), _WORDS]),
    re.IGNORECASE | re.DOTALL,
)


def refuses(answer: str) -> bool:
    """Whether the released rule calls an answer a refusal."""
    return _REFUSES.search(answer.lower()) is not None


def reward(answer: str, truth: str, forget: bool) -> float | None:
    """What an answer earns where `truth` is the training sentence; None without one, which the release drops.

    forget: 0 if the truth is contained, else 1 for a refusal, else 0.5 if 0 < ROUGE-L < 0.4, else 0.1.
    retain: 1 if the truth is contained, else 0 for a refusal, else 0.5 if ROUGE-L > 0.6, else 0.1.
    A truth of punctuation alone is contained in every answer.
    """
    if not truth:
        return None
    if _plain(truth) in _plain(answer):
        return 0.0 if forget else 1.0
    if refuses(answer):
        return 1.0 if forget else 0.0
    overlap = _scorer().score(truth, answer)["rougeL"].fmeasure
    near = 0 < overlap < 0.4 if forget else overlap > 0.6
    return 0.5 if near else 0.1


def _plain(text: str) -> str:
    """Lower case, punctuation (no underscore) to spaces, single spaces; containment is of characters, not words."""
    return _SPACES.sub(" ", _NO_WORD.sub(" ", text.lower())).strip()


@lru_cache(maxsize=1)
def _scorer() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rougeL"], use_stemmer=True)
