"""What the words around a medicine's name say: form, dose, purpose, doubt, or nothing.

None of them ever says which medicine it is, and none of them clears anything.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from intake.core.letters import taken_apart, without_marks
from intake.core.medicines import Route

if TYPE_CHECKING:
    from collections.abc import Mapping


def normal(text: str) -> str:
    """Bring a name to the form in which names are compared: no case, accents or punctuation."""
    letters = text.lower()
    if not text.isascii():
        letters = without_marks(taken_apart(text).casefold())
    return " ".join(re.findall(r"[^\W_]+", letters.replace("'", "").replace("’", "")))


def pieces(said: str) -> list[str]:
    """Divide what was typed where another medicine begins: commas, lines, full stops and dots.

    A comma between digits belongs to a number. A plus or ampersand is the word "and".
    """
    joined = re.sub(r"[+&]", " and ", said)
    return re.split(r",(?!\d)|[;|•·\r\n\u2028\u2029]|\.(?=\s|$)", joined)


_UNITS = (
    "mg mcg g ml iu ug μg microgram micrograms milligram milligrams gram grams unit units percent"
    " mgs mls"
)
_DOSE = re.compile(rf"x?\d+(?:{'|'.join(_UNITS.split())}|x)?")
_DOSE_WORDS = frozenset(_UNITS.split())
_FILLER = frozenset(
    (
        "a an and the of for my i am im on in at to with per by or as it is take taking use using"
        " dose doses daily day days once"
        " twice thrice three times one two half week weekly monthly month morning night nightly"
        " evening bedtime every each od bd tds qds prn needed when low high strength plus mr xr sr"
        " er la since start started years year months weeks ago about hydrochloride acetate sodium"
        " monday mondays tuesday tuesdays wednesday wednesdays thursday thursdays friday fridays"
        " saturday saturdays sunday sundays food meal meals breakfast lunch dinner before after bed"
        " january february march april may june july august september october november december"
        " brand generic only just also puff puffs sachet sachets"
    ).split()
)
"""Words that say how much, how often or since when."""

FORMS: Mapping[str, Route | None] = {
    **dict.fromkeys(
        "tablet tablets tab tabs capsule capsules cap caps pill pills oral orally".split(),
        Route.MOUTH,
    ),
    **dict.fromkeys("syrup lozenge lozenges".split(), Route.MOUTH),
    **dict.fromkeys(
        "cream creams gel gels ointment lotion patch patches topical serum shampoo".split(),
        Route.SKIN,
    ),
    **dict.fromkeys(
        "injection injections jab jabs shot shots pen pens infusion infusions drip".split(),
        Route.INJECTION,
    ),
    **dict.fromkeys("inhaler inhalers inhaled puffer".split(), Route.INHALED),
    **dict.fromkeys("nasal nose".split(), Route.NASAL),
    **dict.fromkeys("eye eyes".split(), Route.EYE),
    **dict.fromkeys(
        "drop drops spray sprays foam solution liquid suspension suppository suppositories"
        " coil ring implant".split(),
        None,
    ),
}
"""Words for what a medicine looks like, and how such a thing is taken where that is certain.

Beside a name they say no more than the name; on their own they are a medicine without one.
"""

NEXT = frozenset({"and", "plus", "also", "with", "or"})
"""Words after which another medicine may begin."""

_PURPOSE = "|".join(
    (
        "high blood pressure",
        "blood pressure",
        "high cholesterol",
        "cholesterol",
        "pain",
        "back pain",
        "period pain",
        "headaches?",
        "migraines?",
        "sleep",
        "sleeping",
        "anxiety",
        "depression",
        "mood",
        "allergies",
        "hay ?fever",
        "asthma",
        "colds?",
        "acid reflux",
        "reflux",
        "heartburn",
        "indigestion",
        "stomach",
        "contraception",
        "birth control",
        "thyroid",
        "underactive thyroid",
        "bones",
        "arthritis",
        "gout",
        "weight loss",
        "skin",
        "face",
    )
)
PURPOSE = re.compile(rf"(?:(?:my|the) )?(?:{_PURPOSE})(?= |$)")
"""What a medicine is for, after the word "for": beside a name it says no more than the name.

Nothing stands here that a rule needs to hear of: cancer, transplants, infections, bleeding. What a
pack lists as a purpose ("for psoriasis") is read before these.
"""

_DOUBT_WORDS = frozenset(
    (
        "not no longer never dont don t take used stopped quit allergic allergy intolerant came off"
        " finished completed husband husbands wife wifes partner partners mother mothers father"
        " fathers mum mums mom moms dad dads son sons daughter daughters friend friends sister"
        " sisters brother brothers grandmother grandfather aunt uncle cousin child dog dogs cat"
        " cats boyfriend girlfriend instead without takes previously past havent hasnt doesnt didnt"
        " isnt wasnt had have has does did was he she they his her nan nans nana granny grannys"
        " gran grandma grandmas grandpa grandpas grandad spouse spouses flatmate flatmates"
        " roommate roommates housemate colleague colleagues kid kids baby babys ex niece nieces"
        " nephew nephews neighbour neighbours neighbor neighbors children cannot cant refused"
        " refuse declined decline thinking considering might maybe stopt"
    ).split()
)
_DOUBT = re.compile(
    r"\b(?:not(?: on| taking| using)?|no(?: longer)?|never|quit|"
    r"(?:don|haven|hasn|doesn|didn|isn|wasn)(?:'?t|\st)(?:\s(?:take|taken|use|had|have)\b)?|"
    r"stopped|stopt|used to|previously|in the past|can(?:not|'?t|\st)(?: take| have| use)?|"
    r"refused?|declined?|thinking (?:about|of)|considering|might|maybe|"
    r"allergic|allergy|intolerant|came off|finished|completed|"
    r"(?:my |his |her )?(?:husband|wife|partner|boyfriend|girlfriend|mother|father|mum|mom|dad|son|"
    r"daughter|friend|sister|brother|grandmother|grandfather|aunt|uncle|cousin|child|dog|cat|nan|"
    r"nana|granny|grandma|grandpa|grandad|spouse|flatmate|roommate|housemate|colleague|kids?|niece|"
    r"nephew|neighbou?r)(?:'?s)?|my (?:baby|ex|gran|children)(?:'?s)?|"
    r"(?:he|she|they) takes?|instead of|without|off)\b"
)


_NOT_STOPPED = frozenset(
    normal(
        "am im ive been is are take takes taking use uses using since from start starts started"
        " starting begin begins began begun beginning ago now nowadays still current currently"
        " present presently moment today tonight tomorrow yesterday last this these new newly"
        " recent recently lately again always ongoing keep keeping continue continues continued"
        " continuing restart restarted resumed regular regularly life lifelong"
        " january february march april may june july august september october november december"
        " jan feb mar apr jun jul aug sep sept oct nov dec"
        " tomo toma tomando tomandolo uso usa usando estoy sigo sigue desde hace empece empezo"
        " comence inicie ahora hoy ayer todavia aun actual actualmente"
        " enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
        " آخذ آخذه أتناول أتناوله أستخدم أستخدمه أستعمل أستعمله منذ الآن حاليا مازلت زلت أزال بدأت"
        " اليوم أمس يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر"
    ).split()
)
"""Words that speak of taking it now, or of a day, in the languages of the forms.

Words for how much and how often are none of them: they may be what was taken until it was stopped.
"""
_NOT_TAKING = re.compile(
    r"\b(?:not|no longer|never|don'?t) (?:(?:been )?(?:on|taking|using)|take|use)\b"
)
_NEVER_STOPPED = re.compile(r"\b(?:not|never|haven'?t|didn'?t|can'?t|couldn'?t) stop(?:ped|t)?\b")
_WEEKDAY = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)?days?")
_YEARS = range(1900, 2100)
_A_DAY = re.compile(
    rf"\b\d{{1,2}}([./-])\d{{1,2}}\1\d{{2,4}}\b"
    rf"|\b(?!1/[234]\b|3/4\b)\d{{1,2}}/\d{{1,2}}\b(?! ?(?:{'|'.join(_UNITS.split())})\b)"
    r"|'\d\d\b"
)
"""A day or month in numbers: 1/5/26, 05/26, '26; neither half a tablet nor two strengths."""


def not_stopped(said: str, named: frozenset[str]) -> str:
    """Return the first words that speak of taking it now or of a day, if there are any.

    Beside the status "stopped" they leave open whether it was, for nobody can tell whose day it is.

    Args:
        said: What was typed.
        named: Words that are part of a medicine's name.
    """
    said = _NOT_TAKING.sub(" ", said.casefold().replace("’", "'"))
    if never := _NEVER_STOPPED.search(said):
        return never[0]
    words = normal(said).split()
    for word, after in pairwise([*words, ""]):
        if word not in named and _speaks_of_now(word, after):
            return word
    found = _A_DAY.search(said)
    return found[0] if found else ""


def _speaks_of_now(word: str, after: str) -> bool:
    """Judge a word by itself and by the next one: "on Mondays" and "2000 units" are doses."""
    if word == "on":
        return not _WEEKDAY.fullmatch(after)
    if word.isdecimal() and int(word) in _YEARS:
        return after not in _DOSE_WORDS
    return word in _NOT_STOPPED


def doubt_in(said: str) -> str:
    """Return the first words that leave open whether a medicine is taken, if there are any."""
    found = _DOUBT.search(said.casefold().replace("’", "'"))
    return found[0] if found else ""


def is_doubt_word(word: str) -> bool:
    """Tell whether a word may be part of a doubt, so that beside one it names no medicine."""
    return word in _DOUBT_WORDS


def is_dose(word: str) -> bool:
    """Tell whether a word is a number or a unit."""
    return word in _DOSE_WORDS or _DOSE.fullmatch(word) is not None


def is_filler(word: str) -> bool:
    """Tell whether a word says how much, how often or since when, and nothing else."""
    return word in _FILLER or is_dose(word)
