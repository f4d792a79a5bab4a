"""What words around a value make of it: denials, doubts, exclusions and hypotheses, as tables of patterns.

All patterns read words in lower case without accents and punctuation, as `stance.Words.low` holds them, joined by
single spaces. Two denials make an assertion ("nobody doubts that …"), unless one only excludes ("Riga cannot be ruled
out").
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from asru_bench.text import fold

ASSERTED, HEDGED, NEGATED = "asserted", "hedged", "negated"
#: Hedged by a phrase ("it is said that"), which a denial behind the value takes back ("the rumour that … is false").
MAYBE = "maybe"

_FALSE = r"(?:false|untrue|incorrect|wrong|inaccurate|mistaken)"
_MYTH = (
    r"(?:myth|lie|misconception|falsehood|fallacy|fabrication|hoax|untruth|mistake|error|legend|fiction|fake(?: news)?"
    r"|fairy tale|invention)"
)
_LURE = r"(?:distractor|decoy|trap|red herring|bluff)"
_CLAIM = (
    r"(?:claim|rumou?r|report|statement|assertion|allegation|belief|idea|assumption|story|answer|option"
    r"|choice|impression|notion)s?"
)
_EXCLUDED = r"(?:ruled out|excluded|eliminated|rejected|dismissed|discarded)"
_EXCLUDE = r"(?:exclud|eliminat|discard|reject|dismiss|discount|disregard)(?:e|es|ed|ing|s|)"
_OPTION = (
    r"(?:options?|answers?|choices?|letters?|possibility|ideas?|claims?|theory|notion|rumou?rs?|reports?|suggestions?"
    r"|that)"
)
#: Up to three words that begin no statement: "rather than in Riga", but not "rather than Oslo it is Riga".
_FEW = r"(?: (?!(?:it|she|he|they|i|is|was|lives?|works?)\b)\w+){0,3}"
_ACTIVE = r"(?<!was )(?<!is )(?<!were )(?<!are )(?<!been )(?<!be )(?<!being )\b"
_WHO = r"(?:she|he|it|they)"
_REPORTED = r"(?:says?|said|claims?|claimed|guess|names?|answers?|suggests?|chooses?|picks?)"
_LIVES = r"(?:is|was|lives?|lived|works?|worked|has|had|comes?|came|grew|studied|likes?|loves?|won)"
_TIES = r"(?:ties?|links?|connections?|relations?|reference|mention|roots|home|house|job|work|family|address|\w+ing)"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


#: Words that deny nothing, or nothing beyond themselves, and what is read in their place.
_REWRITTEN = (
    (_any(r"^.*(?<!not )\b(?:except|other than|only|apart from|aside from|besides)(?: the fact)? that\b"), ""),
    (_any(rf"^.*\b(?:when|before|until|till|after|as) (?={_WHO} )"), ""),
    (_any(r"\bnot (?:\w+ly )?possible (?=that\b)"), "impossible "),
    (_any(r"\b(?:if i am not|unless i am) (?:mistaken|wrong)\b"), ""),
    (
        _any(
            r"\bnot (?:only|just|merely|surprisingly|unexpectedly|everyone|everybody|all|many|every|least|mistaken)\b",
            r"\bnot (?:long (?:after|before|ago)|to (?:mention|forget|say)|help but)\b",
            r"\b(?:not|hardly) (?:\w+ly )?(?:surpris\w+|a (?:surprise|secret|mystery)|unusual|unexpected"
            r"|strange|odd|remarkable|a coincidence)\b",
            r"\bno (?:doubts?|hiding|question|wonder|secret|coincidence|accident|joke|\w+ like|less|more"
            r"|ordinary|mystery"
            r"|surprise|mistake|matter)\b",
            r"\bno (?:she|he|it|they|this|i|we|the|that)\b",
            r"\b(?:without|beyond) (?:a |an |any |all |the |shadow |of |slightest |reasonable )*(?:doubt|question)\b",
            r"\bwithout (?:fail|exception|hesitation)\b|\blittle doubt\b|\bdoubt (?=free\b)",
            r"\bwho (?:can|could|would) (?:doubt|deny|dispute)\b|\b(?:hard|difficult|impossible|no|few"
            r"|few \w+)(?: to)? "
            r"(?:deny(?:ing)?|doubt|dispute|question)\b",
            r"\bnever (?:tires|misses|refuses|lost|mind|fails|(?:gets?|got|grows?|grew) (?:tired|bored"
            r"|weary)(?: of)?)\b",
            r"\b(?:not|never)(?: \w+)? (?:(?:get|gets|got|have|has|had) enough(?= of\b)|hesitat\w+)\b",
            r"\b(?:can|could) not (?:wait|resist|get over|take \w+ eyes off|help(?= \w+ing\b)|(?:keep"
            r"|stay) away)\b|\bnot by (?:chance|accident)\b",
            r"\bnot (?:(?:hide|conceal|disguise)(?= (?:that|how|her|his|their|the|it)\b)|surprise|amaze|for nothing)\b",
            r"\b(?:not|nor(?: is| was)(?: it| that)) (?:an?|any|much of an?|exactly an?|really an?|the) (?:big "
            r"|great |real |well kept )?"
            r"(?:secret|surprise|wonder|coincidence|accident|mystery|joke|exaggeration|news)\b",
            r"\bnot (?:hard|difficult) to (?:see|guess|tell|believe|imagine|notice|find out)\b",
            r"\bnot (?:uncommon|rare|without reason)\b",
            r"\b(?:not|never|without)(?: \w+){0,3}? (?:leav\w+|left)\b|\bnothing (?:beats|like|compares)\b",
            r"\b(?:not|never|without)(?: ever| even)? (?:stop\w*|forg[eo]t\w*|quit\w*|abandon\w*|trade|swap)\b",
            r"^(?:please )?do not (?:tell|forget|mention|repeat|share|reveal)\b|\bnot be (?:\w+er|more)\b|\bwhy not\b",
            r"\b(?:believe|like|love|want) it or not\b|\b(?:more|as) often (?:than|as) not\b",
            # Of a noun: "the not very tall man".
            r"\b(?:the|a|an|her|his|my|their|our) (?:not|never|no)\b(?! \w+ing\b)",
            r"\b(?:nothing|nobody|none|nowhere|no (?:one|other|place))(?: else)? but\b",
            r"\bcan not be (?:denied|doubted|disputed|questioned)\b",
            rf"\b(?:man|woman|person|lady|girl|boy|one|somebody|someone"
            rf"|people) not \w+ing (?:\w+ ){{1,3}}?(?={_LIVES}\b)",
            # A negation that ends before the value: "a man without glasses from …", "who is not smiling lives in …".
            rf"\b(?:with no|without)(?: (?:any|a|an|the))?(?: (?!{_TIES}\b)\w+){{1,3}}? "
            r"(?=(?:in|from|at|who|that|whose|which|she|he|they|it|born|named|called|lives|works|was|is)\b)",
            r"\b(?:despite |while )?not (?!know|believ|think|say|claim)\w+ing (?:(?!whether|if|that)\w+ ){0,4}?"
            rf"(?={_WHO} (?:\w+ly )?{_LIVES}\b)",
            r"\b(?:who|which|that) (?:(?:is|was|does|did|has|have|do|are|were|can|could|will|would|had) )?(?:not"
            r"|never|no) "
            r"(?:(?!(?:where|what|who|how|when|that|she|he|it|they)\b)\w+ ){1,4}?"
            rf"(?={_LIVES}\b)",
        ),
        " ",
    ),
    (_any(r"\bwhether or not\b"), "whether"),
    (
        _any(
            r"\b(?:not|never)(?: \w+)? necessarily\b",
            r"\bfar from (?:certain|clear|sure|obvious|proven|settled)\b",
            r"\b(?:is|are|have|has|had|some|(?<!very )much|considerable|serious|the|any|a) doubts?\b",
            r"(?<!contrary to )\brumou?r(?:s|ed)? (?:that|is|has|says?|to)\b",
            r"\b(?:some|many|most|others|people)(?: \w+)? (?:say|think|claim|believe|assume|guess)\b|\bbetween\b",
            r"\b(?:is|are|was) (?:said|believed|thought|rumou?red|reported|alleged|claimed|supposed|assumed) (?:to"
            r"|that)\b",
            r"\blegend has it\b|\b(?:not|neither) confirm n?or deny\b",
        ),
        " perhaps ",
    ),
    (
        _any(
            r"\b(?:nobody|no one)(?: (?:would|will|ever|has|should|else))* "
            rf"{_REPORTED}\b(?! (?:whether|if|where|who|what))",
            r"\bfew(?: \w+)? (?:say|think|claim|believe|assume)\b",
            r"\bno (?:truth|merit|basis|substance)\b(?: \w+){0,4}? that\b",
            r"\bnot (?:\w+ly )?(?:accurate|right|correct|true|fair) to (?:say|claim|state|assume|think|believe)\b",
            rf"\bwould (?:not|never) (?:ever |even |go (?:so|as) far as to )?{_REPORTED}\b(?! (?:whether|if"
            rf"|where|who|what))",
        ),
        " not ",
    ),
)
_NEGATOR = _any(
    r"\b(?:not|no|never|without|nobody|none|nothing|neither|nor|hardly|scarcely|nowhere)\b",
    r"\b(?:nicht|weder|kein(?:e|en|er|em|es|esfalls|eswegs)?|niemals|niet|geen|nunca|nao|не|никогда)\b",
    r"\bn[e']? \w+ (?:\w+ )?(?:pas|jamais)\b|\bni$",
    r"\bnon (?=(?:e|ha|era|vive|abita|lavora|si)\b)|不是|没有|並非|并非|从未",
)
#: Denials by a word: a second denial takes them back.
_DENIAL = _any(
    r"\bdoubt(?:s|ed|ing)?\b(?! (?:her|him|my|your)self\b)|\b(?:doubtful|dubious)(?= (?:that|whether|if)\b)",
    r"\b(?:i|we|they|some|many|people|to|do|not|seriously) question(?= (?:that|whether|if|her|his|the)\b)",
    _ACTIVE + r"(?:den(?:y|ies|ied|ying)|disput\w+|refut\w+|disprov\w+|debunk\w+)\b",
    r"\bdenied that\b|\bdisagree with\b|\b(?:refuse|decline)s? to (?:choose|pick|select|accept)\b|\bbet against\b",
    r"\b(?:choose|prefer|pick|take|favou?r)\w* \w+ (?:over|to)$",
    r"\bpretend(?:s|ed|ing)? to\b|\b(?:lied|lies|lying) about\b",
    rf"\b{_MYTH}(?= (?:that|is that|to (?:say|think|believe|claim|assume|name|call|choose|pick)|{_WHO})\b|$)",
    rf"\b(?:{_FALSE}|baseless|unfounded) {_CLAIM}(?= (?:that|is|are|was|would|to|about|of)\b|$)",
    r"\ba stretch to (?:say|claim|call|think|assume)\b",
    rf"(?<!\ba )(?<!\ban )(?<!\bthe )\b{_FALSE}(?= (?:that|to|if|is|are|{_WHO})\b)",
    rf"\b(?:wrong|false|incorrect|mistaken|erroneous)ly (?:\w+ )?(?:{_REPORTED}|believed|thought|assumed|reported"
    r"|stated|listed|described|identified|called|named|given|told|associated)\b",
    r"\bcontrary to (?:\w+ ){1,4}?(?:that|of)\b",
    r"\b(?:rather than|instead of|other than|except(?: for)?|excluding|as opposed to|(?:all|any\w*|every\w*)(?: \w+)? "
    rf"(?:apart|aside) from){_FEW}$|\bunlike(?: \w+)?$",
    r"\b(?:anything|anywhere|anyone|everything|everywhere|everyone|all)(?: else)? but(?: (?!not\b)\w+){0,3}$",
)
#: Denials that a second one only softens: what cannot be ruled out is possible.
_EXCLUSION = _any(
    r"\brul(?:e|es|ed|ing)(?: \w+)? out\b(?! of\b)|\bcross(?:ed|ing)? (?:out|off)\b",
    r"\b(?:i|we|would|to|should|can) (?:avoid|skip|strike|drop)(?= (?:option|answer)\b|$)|^(?:avoid|skip|strike|drop)$",
    _ACTIVE + rf"{_EXCLUDE}\b(?=(?: (?:the|both|also|all|first|either))*(?: {_OPTION}\b|$))",
    rf"(?<!\ban )\b(?:un|least )likely\b(?= (?:to|that|is|{_WHO})\b|$)",
    rf"\b(?:impossible|implausible|inconceivable|unthinkable|improbable)"
    rf"(?= (?:that|to be|{_WHO}|for (?:her|him|it))\b|$)",
)
#: Whatever else is said: "far from Riga", "if it were Riga".
_NEVER = _any(
    r"\bfar from(?: being(?: an?| the)?)?(?: \w+){0,3}$",
    rf"\bif (?:only )?(?:{_WHO}|this|that|the \w+) (?:were|had)\b(?! to\b)|^(?:were|had) (?:{_WHO}|this)\b",
    rf"\bwish(?:es|ed)? {_WHO} (?:was|were|had)\b",
)
_SPLIT = re.compile(r"\brul(?:e|es|ed|ing)(?: (?:the|both|option|answer))* · out\b")
#: Any word that a pattern above needs; spares most values the search.
_TRIGGER = _any(
    r"\b(?:no|non|not|n|ne|never|without|none|nothing|nobody|neither|nor|hardly|scarcely|nowhere|if|were|had|far|but"
    r"|than"
    r"|instead|except|excluding|opposed|apart|aside|unlike|out|some|many|most|others|people|said|believed|thought"
    r"|rumou?red|reported|alleged|claimed|supposed|assumed|between|drop|skip|avoid|strike|bet|when|before|until|till"
    r"|after|as|cross\w*|disagree|refuse\w*|decline\w*|nicht|weder|ni|over|to|kein\w*|niemals|niet|geen|nunca|nao|не"
    r"|никогда)\b",
    r"doubt|dubious|question|den[yi]|disp|refut|debunk|likely|possibl|plausibl|conceiv|thinkabl|probabl|contrary"
    r"|rumou?r|stretch",
    rf"{_MYTH}|{_FALSE}|wish|pretend|\blied|\blies|lying|confirm|legend|few|wrongly|falsely|erroneous|baseless"
    rf"|unfounded|necessar|exclu|elimin|discard|reject|dismiss|disco|disreg",
    r"不是|没有|並非|并非|从未",
)
_EPISTEMIC = frozenset(
    """know known knows knew tell tells say says said convinced sure certain confirm provide determine determined see
    remember recall identify recognise recognize disclose reveal share mention clear possible verify aware idea
    information record records talk discuss speak name answer claim prove establish infer comment guess able details
    explain indicate show shows evidence""".split()
)
#: Not to talk about "his asthma", not to share "that she is a nurse", says so all the same.
_SECRETS = frozenset("share disclose reveal discuss mention talk speak".split())
_OWNERS = frozenset("his her their".split())
_FACT = frozenset("she he they this the it his her their".split())
_SPEAKER = frozenset("i we you one it that there picture image photo photograph portrait anyone somebody".split())


@lru_cache(maxsize=16384)
def before(words: str, after: str) -> str:
    """What the words in front of a value in its clause make of it; `after` are those behind it."""
    if _SPLIT.search(f"{words} · {after}"):
        words = f"{words} out"
    if not _TRIGGER.search(words):
        return ASSERTED
    for pattern, instead in _REWRITTEN:
        words = pattern.sub(instead, words)
    words = " ".join(words.split())
    if _NEVER.search(words):
        return NEGATED
    negators = [*_NEGATOR.finditer(words)]
    joined = sum(match[0] in ("neither", "nor") for match in negators)
    exclusions = len(_EXCLUSION.findall(words))
    count = len(negators) - joined + bool(joined) + len(_DENIAL.findall(words)) + exclusions
    if joined and len(negators) > joined:
        count -= 1
    if count == 1 and negators:
        return _one_negator(words, negators[0], after)
    if count % 2:
        return NEGATED
    if count and exclusions:
        return HEDGED
    return MAYBE if "perhaps" in words else ASSERTED


def denies(words: str) -> bool:
    """Whether words hold a negation of their own."""
    return bool(_NEGATOR.search(words))


def _one_negator(words: str, negator: re.Match[str], after: str) -> str:
    """Whether it denies the value ("not in …") or what somebody knows or says of it ("I do not know whether …")."""
    ahead, between = words[: negator.start()].split(), words[negator.end() :].split()
    everybody = negator[0] in ("nobody", "none", "nothing") or words[negator.start() :].startswith("no one")
    if ahead[-1:] == ["could"] and after.startswith(("more", "any more", "better")):
        return ASSERTED  # "she could not love it more"
    if "than" in between or (everybody and "than" in after.split()):
        return ASSERTED
    if _SECRETS.intersection(between) and _presupposed(between):
        return ASSERTED
    if _EPISTEMIC.intersection(between) and (not ahead or _SPEAKER.intersection(ahead)):
        return HEDGED
    return NEGATED


def _presupposed(between: list[str]) -> bool:
    """Whether what is not shared is told as a fact: "that she ...", "her ..."."""
    if {"whether", "if", "any", "anything"}.intersection(between):
        return False
    return between[-1] in _OWNERS or any(a == "that" and b in _FACT for a, b in pairwise(between))


_HOW = r"(?: (?:\w+ly|very|quite|also|just|both|all|so|too|thus|most|far|plain|even|definitely))*"
_BE = (
    r"(?:is|was|are|were|be|would be|will be|(?:can|should|must)(?: \w+ly)? be|ha(?:s|ve) to be"
    r"|ha(?:s|ve)(?: \w+)? been)"
)
_SEEM = rf"(?:{_BE}|(?:seem|appear)s?(?: to be)?|sounds?|looks?){_HOW}"
_RIGHT = (
    r"(?:(?:\w+ )?(?:right|correct|true|accurate|exact|supported|my (?:\w+ )?(?:answer|choice|pick|guess))|it"
    r"|that|who|what|where|the|her|his|their|its|possible|likely|plausible|one of"
    r"|an? (?:\w+ )?(?:option|answer|choice|possibility|candidate|match|fit)|(?:on|in|among) (?:the|my) (?:list"
    r"|options?))"
)
_UNTRUE = (
    rf"(?:{_FALSE}|nonsense|doubtful|dubious|impossible(?! to)|im(?:plausible|probable)|off the table|least likely"
    r"|a stretch|nowhere near(?: it)?$|debunked|disprove[dn]|refuted|discredited|unfounded|baseless|made up|denied"
    r"|(?:far from|anything but) (?:right|correct|true|it)"
    r"|unlikely(?= to be (?:right|correct|true|it|the|her|his)|$)|out(?= of (?:the )?question|$)"
    rf"|{_EXCLUDED}(?=$| as\b| because| here| too)|lying|(?:a|an|just a|only a) (?:\w+ )?(?:{_MYTH}|{_LURE})"
    r"|(?:a|an|the) (?:wrong|incorrect|false|least likely))\b"
)
_DENIED = _any(
    rf"^{_SEEM} {_UNTRUE}|^(?:clearly |just |totally )?{_FALSE}\b|^makes? no sense\b|^has nothing to do\b",
    rf"^{_BE}{_HOW} not (?:{_RIGHT}|so)\b",
    rf"^(?:can|could|should|will|would|must){_HOW} not(?: possibly)? be {_RIGHT}\b",
    r"^(?:do|does|did|can|could|would) not (?:(?:hold|stand)(?=$| up| water| true)|add up|check out|fit|apply"
    r"|match|qualify|count|make sense)\b",
    r"^(?:do|does|did) not (?:seem|sound|look) (?:right|correct|true|likely|plausible)\b",
    r"^(?:is|was) (?:no (?:option|answer|possibility|choice|candidate)"
    r"|(?:never|hardly) (?:her|his|their|the|where|right))\b",
)
_DENIED_ELSEWHERE = _any(
    r"^(?:(?:ist|es|est|e|это) )?(?:falsch|incorrect[ao]|faux|fausse|errat[ao]|sbagliat[ao]|errad[ao]|неверно"
    r"|неправильно)\b",
    r"^(?:ist nicht|no es|n est pas|non e|nao e|не)\b|^(?:不是|不对|错)",
    "|".join(
        f"^{fold(words)}"
        for words in (
            "ではない",
            "ではありません",
            "じゃない",
            "ではなく",
            "じゃなく",
            "가 아니",
            "이 아니",
            "은 아니",
            "는 아니",
        )
    ),
)
_SOFTENED = _any(
    rf"^(?:may|might|could)(?: well)? be{_HOW} {_UNTRUE}",
    rf"^{_SEEM} (?:possible|conceivable|probable|a possibility)\b",
    rf"^(?:may|might)(?: well)? not be {_RIGHT}\b",
    rf"^(?:{_BE}{_HOW} not|(?:can|could|should) not be) (?:{_EXCLUDED}|unlikely|impossible|implausible|improbable)\b",
)
_PERSON_IS_NOT = re.compile(
    r"^(?:is|was|are|were|be) not (?:(?:right|correct|true|who|it|her|his|the)\b(?:$|.*\b(?:name|person|who)\b))"
)
_PERSON_IS_WRONG = re.compile(r"^(?:is|was|are|were|be|would be) (?:wrong|false|incorrect|untrue)\b")


@lru_cache(maxsize=16384)
def after(words: str, *, person: bool = False) -> str:
    """What the words behind a value in its clause make of it; `person`: it is a name."""
    if person:
        return NEGATED if _PERSON_IS_NOT.search(words) or _PERSON_IS_WRONG.search(words) else ASSERTED
    if _SOFTENED.search(words):
        return HEDGED
    return NEGATED if _DENIED.search(words) or _DENIED_ELSEWHERE.search(words) else ASSERTED


_NOT_SO = r"(?:not (?:true|right|correct|so|it|the case|accurate|possible|likely)|(?:no longer|never) true)"
_NO = re.compile(
    rf"(?:(?:oh |well |um |er )?(?:no|nope|nah|naw|no sir|as if|never|nonsense|hardly|no way|no chance|no wait"
    rf"|by no means|not a chance"
    rf"|not at all|not really)"
    rf"|{_FALSE}|(?:just )?(?:an? )?(?:{_LURE}|{_MYTH})|impossible|unlikely|{_EXCLUDED}|{_NOT_SO}"
    rf"|out of the question|i doubt (?:it|that)"
    r"|(?:definitely|certainly|surely|absolutely|probably|of course) not|i do not (?:think|believe)(?: so| it)?"
    rf"|{_WHO} (?:is|was|does|did) not)"
)
_THAT_CANNOT_BE = re.compile(
    r"(?:but )?(?:that|this|it) (?:can|could) not be(?: right| true| correct| it| so)?"
    rf"|but {_WHO} (?:is|was|does|did) not"
)
_UNSURE = re.compile(
    r"(?:but |though |although )?(?:i|we) (?:guess|suppose|assume|presume|suspect|am not (?:sure|certain|positive)"
    r"|(?:could|may|might) be (?:wrong|mistaken))"
)
_THAT_IS_NOT_SO = re.compile(
    rf"(?:but |and |however |though |although |yet )?(?:that|this|it|which|these|they|both|all|neither) {_SEEM} "
    rf"(?:{_UNTRUE}|{_NOT_SO})(?: either| though| at all| too)?"
)


@lru_cache(maxsize=16384)
def followed(words: str, gap: str) -> str:
    """What the next clause makes of it: "Riga? No.", "…, but that is wrong", "…, I guess"; `gap` stands in between."""
    if _THAT_IS_NOT_SO.fullmatch(words) or _THAT_CANNOT_BE.fullmatch(words):
        return NEGATED
    if any(c in gap for c in "?,:(-–—") and _NO.fullmatch(words):
        return NEGATED
    return HEDGED if _UNSURE.fullmatch(words) else ASSERTED


_LED_BY = re.compile(
    rf"^(?:the |my )?(?:(?:\w+ly )?not(?: right| correct| likely| possible)?|least \w+"
    rf"|un(?:likely|true)|{_FALSE}|{_EXCLUDED}|{_LURE}s?)"
    r"(?: (?:ones?|options?|answers?|choices?|letters?|cit(?:y|ies)))?(?: (?:is|are))?$"
    rf"|\b(?:rul(?:e|es|ed|ing) out|{_EXCLUDE}|(?:is|was|be) not|{_FALSE} (?:answers?|options?|choices?))"
    r"(?: (?:are|is|these|the following)(?: \w+)?)?$"
)


def introduced(words: str) -> bool:
    """Whether a clause that ends in a colon denies what follows: "I rule out:", "Wrong answers:"."""
    return bool(_LED_BY.search(words))


_ASIDE = re.compile(
    r"(?:however|though|of course|in fact|actually|as (?:it )?(?:\w+ )?(?:many|some|people|others|often|claimed"
    r"|believed|said)(?: \w+){0,2}|i (?:think|believe|say|am afraid|would say)|to be (?:clear|sure|honest)"
    r"|for (?:example|instance)|(?:and |or )?never (?:was|has been|did|will be)|then|therefore|unlike \w+"
    r"|contrary to (?:\w+ ?){1,3}|despite (?:\w+ ?){1,3})"
)


def aside(words: str) -> bool:
    """Whether a clause between commas only interrupts the sentence: "It is not, however, …"."""
    return bool(_ASIDE.fullmatch(words))
