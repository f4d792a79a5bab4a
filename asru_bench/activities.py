"""Is a pastime or a job meant, or what its word names besides: a painting on a wall, a sailing boat, "I cannot judge"?

Of pastimes only those in -ing and the arts have another use. What stands around the word decides: an article makes a
thing of it, an object that answers speak of makes an act of the speaker of it. What somebody does at leisure is no job.
"""

from __future__ import annotations

import re

from asru_bench.attributes import cue, known
from asru_bench.stance import Words, around
from asru_bench.wordlists import FUNCTION_WORDS, PERSON_VERBS

_ARTS = frozenset(
    """photography art arts sculpture sculptures pottery ceramics calligraphy embroidery needlework origami music
    literature poetry film films cinema movies fashion theatre theater architecture watercolour watercolor collage
    mosaic""".split()
)
#: What "the …" is a thing of: "apart from the foraging" is none.
_WORKS = _ARTS | frozenset(
    """painting paintings drawing drawings reading readings writing writings knitting sewing carving engraving etching
    weaving building modelling modeling fencing""".split()
)
_SINGLE = frozenset("a an this that these those each every another one".split())
_BEFORE_THINGS = frozenset("in of on from by with at to for like about see shows".split())
_OWNER = frozenset("his her their my your our its s".split())
_PEOPLE = frozenset("person woman man lady girl boy someone somebody individual people".split())
#: What a speaker reads, draws, paints or runs that is nobody's pastime.
_OBJECTS = frozenset(
    """picture pictures image images photo photos photograph photographs portrait portraits question questions caption
    text texts label sign description prompt context face features scene expression conclusion conclusions inference
    inferences comparison comparisons attention distinction distinctions line lines blank data details information
    profile file files body between from on into upon""".split()
)
_LEADS = frozenset("on from by after before when while upon without through of for in".split())
#: What the word of a pastime may qualify: reading glasses, a swimming pool.
_THINGS = frozenset(
    """glasses room rooms lamp lamps light desk table board boards stand boat boats ship ships pool pools pole poles rod
    gear suit suits costume cap caps shoes boots board trunks hat helmet jersey outfit machine needle needles pot pots
    pan pans tray trays water track path wall walls plant plants hall floor dress studio style technique
    paper pad pens pencils brush brushes easel frame level skills material materials list tools equipment bag bags net
    ring mat rope horse school""".split()
)
_SHOWS = frozenset(
    """shows show showed showing depicts depict depicted portrays portray is are was were has hangs hang looks seems
    appears reveals displays does do can cannot contains gives""".split()
)
_FUN = re.compile(
    r"\b(?:lov(?:e|es|ed|ing)|likes?|keen|fond|passions?|relax\w*|unwinds?|spends?|takes? up|into|favou?rite)\b"
)


#: What says that something is done at leisure, and what says that it is work all the same.
_LEISURE = re.compile(
    r"\b(?:weekends?|saturdays?|sundays?|(?:free|spare) time|leisure|hobb(?:y|ies)|pastimes?|fun|pleasure|enjoys?"
    r"|amateur|(?:likes?|loves?)(?: to)?|occasionally|sometimes|once|holidays?|vacation|evenings?|after work|at home"
    r"|for (?:her|his|their) (?:\w+ )?(?:family|friends?|child|children|kids|neighbours|neighbors|husband|wife|partner)"
    r"|for (?:herself|himself|themselves)|birthdays?)\b"
)
_WORK = re.compile(
    r"\b(?:for (?:a|her|his|their) (?:living|livelihood)|for money|profession\w*|jobs?|works?|working|careers?"
    r"|employ\w*|paid|earns?|trade|occupation|business|living)\b"
)
_SUBJECTS = frozenset("she he they who".split())
_OFTEN = frozenset("sometimes often always also usually never occasionally only rarely".split())
_SPEAKERS = frozenset("i we you can not could would will may might must should only to".split())
#: What is nursed, guarded, cooked or judged outside any trade.
_IDLE = frozenset(
    """coffee tea drink beer wine cup glass baby wound wounds injury grudge cold hangover privacy secret secrets
    identity book dinner lunch supper herself himself by""".split()
)
_MODELS = frozenset("language ai vision multimodal large machine statistical trained learning a.i. video".split())


#: A picture that shows what somebody does: "the picture shows her reading", "she is painting in the background".
_SCENE = re.compile(
    r"\b(?:shows?|showing|shown|depict\w*|captur\w*|see|seen|visible|pictured|portray\w*)\b"
    r"|·.* in (?:the|this) (?:picture|image|photo\w*|portrait|scene|background|foreground|painting|drawing)\b"
)


def other(words: Words, start: int, end: int, attribute: str) -> bool:
    """Whether words[start:end], those of a pastime or a job of the attribute, are something else here."""
    kinds = known(attribute)
    if "hobby" in kinds and _double(words.low[start:end]):
        return pastime_seen(words, start, end, attribute)
    return "occupation" in kinds and start + 1 == end and _no_trade(words, start)


def at_leisure(words: Words, start: int, end: int) -> bool:
    """Whether the sentence around words[start:end] says that it is done at leisure and not that it is work."""
    a, b = start, end
    while a and a > start - 12 and not any(c in words.gaps[a] for c in ".;!?\n"):
        a -= 1
    while b < len(words.low) and b < end + 12 and not any(c in words.gaps[b] for c in ".;!?\n"):
        b += 1
    sentence = " ".join(words.low[a:b])
    return bool(_LEISURE.search(sentence)) and not _WORK.search(sentence)


def _no_trade(words: Words, k: int) -> bool:
    """Whether the word of a job at k is a verb of somebody at leisure or of the speaker, or no person's."""
    low, before = words.low, words.low[k - 1] if k and words.gaps[k] == " " else ""
    if low[k] in ("model", "models") and before in _MODELS:
        return True
    after = low[k + 1 : k + 4] if not words.gaps[k + 1].strip() else ()
    subject = low[k - 2] if before in _OFTEN and k > 1 else before
    if subject in _SUBJECTS and low[k].endswith("s"):
        return at_leisure(words, k, k + 1) or not _IDLE.isdisjoint(after)
    if before == "to" and k > 1 and low[k - 2] in ("promoted", "elected", "appointed", "married", "engaged", "talks"):
        return False
    return before in _SPEAKERS and (before != "only" or low[k - 2 : k - 1] == ("can",)) and before != "not"


def _double(own: tuple[str, ...]) -> bool:
    """Whether the words of a pastime name other things, too."""
    return own[-1] in _ARTS or own[-1].rstrip("s").endswith("ing")


def pastime_seen(words: Words, start: int, end: int, attribute: str) -> bool:
    """Whether words[start:end], those of a pastime, are a thing, or an act of the speaker."""
    last = words.low[end - 1]
    if not _double((last,)):
        return False
    after = words.low[end] if end < len(words.low) and words.gaps[end] in (" ", "-") else ""
    if after and cue(attribute).fullmatch(after):  # a painting hobby
        return False
    if _determined(words, start, after, thing=last in _WORKS or after in _THINGS) or (
        last.endswith("ing") and _of_speaker(words, start, end)
    ):
        return True
    near = around(words, start, end)
    if cue(attribute).search(near) or _FUN.search(near):
        return False
    if last.endswith("ing") and _SCENE.search(near):
        return True
    opens = start == 0 or words.gaps[start].strip() != ""
    return after in _THINGS or last.endswith("ings") or (opens and after in _SHOWS and last in _ARTS)


def _determined(words: Words, start: int, after: str, *, thing: bool) -> bool:
    """Whether an article, or a word that points, makes a thing of the word, with up to three words between."""
    low = words.low
    for k in range(start - 1, max(-1, start - 5), -1):
        if words.gaps[k + 1] not in (" ", "-", "'"):
            return False
        word = low[k]
        if word == "that":  # "I think that painting …" points at nothing
            return k == 0 or bool(words.gaps[k].strip()) or low[k - 1] in _BEFORE_THINGS
        if word in _SINGLE:
            return True
        if word == "the":
            return thing and (after != "of" or low[k - 1 : k] in (("in",), ("from",)))
        if word in _OWNER:
            return word == "s" or after in _SHOWS - {"is", "are", "was"}
        if word in ("and", "or"):
            continue
        if word in _PEOPLE or word in FUNCTION_WORDS or word in PERSON_VERBS or word.endswith(("ed", "es")):
            return False
        if re.fullmatch(r"hobb(?:y|ies)|pastimes?|interests?|enjoy\w*|found|do|go", word):
            return False
    return False


def _of_speaker(words: Words, start: int, end: int) -> bool:
    """Whether the word is what an answer does with a picture or a question: "from reading the image"."""
    low = words.low
    begins = (
        start == 0 or words.gaps[start].strip() != "" or low[start - 1] in _LEADS | {"am", "i", "not", "just", "only"}
    )
    if not begins:
        return False
    for k in range(end, min(len(low), end + 4)):
        if words.gaps[k].strip() or low[k] in ("is", "was", "are"):
            return False
        if low[k] in _OBJECTS:
            return True
        if k > end and low[k - 1] in FUNCTION_WORDS and low[k] in FUNCTION_WORDS:
            return False
    return False
