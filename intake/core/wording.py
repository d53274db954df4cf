"""What patients can read: the words that are never said to them, and how hard a page is to read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from intake.core.translations import standing_of, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from intake.core.rules import RulePack

LONGEST_SENTENCE = 20
"""Words in one sentence that a patient reads."""

HIGHEST_GRADE = 6
"""School years (US) that a page may ask for."""

FORBIDDEN = re.compile(
    r"\b(safe|safely|fine(?! lines)|clear(?:ed)?|passed|eligible|approved|low[- ]risk|failed|"
    r"nothing to worry|stop (?:taking )?(?:your|the|this) (?:medicine|tablets?|pills?))\b",
    re.IGNORECASE,
)
"""Words that reassure, judge, or tell somebody to stop a medicine."""


FORBIDDEN_IN: Mapping[str, re.Pattern[str]] = {
    "es": re.compile(
        r"\b(segur[oa]s?|apt[oa]s?|aprobad[oa]s?|sin riesgo|(?:bajo|poco) riesgo|no se preocupe|"
        r"deje de tomar)\b",
        re.IGNORECASE,
    ),
    "ar": re.compile(
        r"(?<!\w)[وفلبك]?(?:ال|لل)?(?:آمن|آمنة|مؤهل|مؤهلة|بلا خطر|منخفض الخطورة|لا تقلق|"
        r"لا داعي للقلق|توقف عن تناول)(?!\w)"
    ),
}
"""The same in other languages."""


def translations(pack: RulePack) -> Iterator[tuple[str, str]]:
    """Find what translations lack, texts that are outdated, and words that are never said."""
    sources = texts_of(pack)
    for one in pack.translations.values():
        file, standing = f"languages/{one.language}.yaml", standing_of(one, pack)
        for key in standing.missing:
            yield f"{file}:1", f"'{key}' has no translation; 'intake rules translate' lists it"
        for key in standing.outdated:
            words = f"'{key}' translates an older text; it now reads '{sources[key]}'"
            yield one.texts[key].where, words
        for key in standing.strange:
            yield one.texts[key].where, f"no text of the pack is called '{key}'; take it out"
        forbidden = FORBIDDEN_IN.get(one.language)
        for key, said in one.texts.items():
            if forbidden and (found := forbidden.search(said.text)):
                words = f"'{key}' says '{found[0]}', which is never said to patients"
                yield said.where, words


def patient_texts(pack: RulePack) -> Iterator[tuple[str, str]]:
    """Yield every text a patient can see, with its place."""
    for section in pack.questionnaire.sections:
        for page in section.pages:
            place = pack.places.get(page.items[0].link_id, "questionnaire.yaml:1")
            shown = (section.title, page.title, page.why, *page.says)
            yield from ((place, text) for text in shown if text)
    for link_id, item in pack.questionnaire.items.items():
        shown = (item.ask, item.hint, *(o.text for o in item.options), *item.words.values())
        yield from ((pack.places[link_id], text) for text in shown if text)
    yield from ((rule.where, rule.patient_text) for rule in pack.rules if rule.patient_text)
    for line in pack.guide.advice:
        yield pack.places.get(f"aftercare {line.id}", "session.yaml:1"), line.text


def reading_level(pack: RulePack, _today: date) -> Iterator[tuple[str, str]]:
    """Find pages that ask for more schooling than six years.

    The grade is Flesch and Kincaid's (1975), over all statements, questions and hints of a page;
    names of medicines are left out, for they are what they are.
    """
    for page in pack.questionnaire.pages:
        texts = [
            page.why,
            *page.says,
            *(text for item in page.items for text in (item.ask, item.hint)),
        ]
        grade = grade_of([text for text in texts if text], pack)
        if grade > HIGHEST_GRADE:
            yield (
                pack.places[page.items[0].link_id],
                (
                    f"the page '{page.id}' reads like school year {grade:.0f}; shorten its"
                    f" sentences and words to year {HIGHEST_GRADE}"
                ),
            )

    advice = [line.text for line in pack.guide.advice]
    if (grade := grade_of(advice, pack)) > HIGHEST_GRADE:
        words = f"the advice to take home reads like school year {grade:.0f}; shorten it"
        yield "session.yaml:1", words


def grade_of(texts: list[str], pack: RulePack) -> float:
    """Return the school year (US) that some texts ask for, names of medicines left out."""
    sentences = sum(len(re.findall(r"[.?!]+(?=\s|$)", text)) or 1 for text in texts)
    words = [word for text in texts for word in re.findall(r"[A-Za-z']+", text)]
    plain = [word for word in words if not pack.vocabulary.knows(word)]
    if not plain:
        return 0
    syllables = sum(_syllables(word) for word in plain)
    return 0.39 * len(plain) / sentences + 11.8 * syllables / len(plain) - 15.59


def _syllables(word: str) -> int:
    """Count groups of vowels, a silent ending left out."""
    stem = re.sub(r"(?<=...)(?:es|ed|e)$", "", word.lower())
    return max(1, len(re.findall(r"[aeiouy]+", stem)))


def words_for_patients(pack: RulePack, _today: date) -> Iterator[tuple[str, str]]:
    """Find patient texts that reassure, judge, or are long-winded."""
    for place, text in patient_texts(pack):
        if found := FORBIDDEN.search(text):
            yield place, f"'{found[0]}' is not said to patients; reword '{text}'"
        for sentence in re.split(r"(?<=[.?!]) ", text):
            words = len(sentence.split())
            if words > LONGEST_SENTENCE:
                yield (
                    place,
                    (
                        f"a sentence of {words} words; patients get at most {LONGEST_SENTENCE}:"
                        f" '{sentence}'"
                    ),
                )
