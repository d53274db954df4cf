"""A questionnaire in other languages: the same codes, said in other words.

A translation holds, for each text that patients read, its words and the fingerprint of the text
they translate. When that text is edited, its translation is outdated and is not shown any more.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from intake.core.questionnaire import PLAN_PREFIX, Kind, Questionnaire

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from intake.core.evidence import SignOff
    from intake.core.guide import Advice
    from intake.core.questionnaire import Item, Page, Section
    from intake.core.rules import Rule, RulePack

SOURCE_LANGUAGE = "en"
"""The language in which packs are written."""

NOT_CHECKED = "machine-prepared, not yet checked by a qualified translator"
"""What is said of a translation nobody has signed off."""

PACK_TITLE = "pack.title"
"""The name of a text: what the form is called, on copies for other systems."""

AREAS = f"{PLAN_PREFIX}area"
"""The one field of the plan that patients read: where they are to be treated."""


@dataclass(frozen=True, slots=True)
class Translated:
    """One text in another language.

    Attributes:
        source: Fingerprint of the text it translates.
        where: File and line, for messages.
    """

    source: str
    text: str
    where: str = ""


@dataclass(frozen=True)
class Translation:
    """What patients read of a pack, in one language.

    Attributes:
        language: A language tag, such as `es`.
        name: What its speakers call it.
        texts: By the names of `texts_of`.
        signoff: The last qualified translator's word on it.
    """

    language: str
    name: str
    texts: Mapping[str, Translated] = field(default_factory=dict)
    signoff: SignOff | None = None

    @property
    def digest(self) -> str:
        """The content a sign-off holds for: every text and what it translates."""
        lines = (f"{key}\0{one.source}\0{one.text}\0" for key, one in sorted(self.texts.items()))
        return hashlib.sha256("".join((self.language, "\0", *lines)).encode()).hexdigest()

    @property
    def is_checked(self) -> bool:
        """Whether a qualified translator signed off what stands here now."""
        return self.signoff is not None and self.signoff.digest == self.digest

    @property
    def checked(self) -> str:
        """Who checked it, or that nobody has."""
        if self.signoff is None:
            return NOT_CHECKED
        by = f"{self.signoff.by}, {self.signoff.role}, {self.signoff.on}"
        return f"checked by {by}" if self.is_checked else f"{NOT_CHECKED} since {by}: edited"


def fingerprint(text: str) -> str:
    """Return what stands for a text in its translations: eight hexadecimal digits of SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def texts_of(pack: RulePack) -> dict[str, str]:
    """Return every text of a pack that patients read, by its name, in the order of the form."""
    return dict(_texts(pack))


def _texts(pack: RulePack) -> Iterator[tuple[str, str]]:
    yield from ((PACK_TITLE, pack.title), ("yes_no.yes", "Yes"), ("yes_no.no", "No"))
    for section in pack.questionnaire.sections:
        yield f"section.{section.id}.title", section.title
        for page in section.pages:
            yield from _texts_of_page(page)
    area = pack.items.get(AREAS)
    yield from ((f"{AREAS}.options.{o.code}", o.text) for o in (area.options if area else ()))
    for rule in (*pack.rules, *pack.switched_off):
        if rule.patient_text:
            yield f"rule.{rule.id}", rule.patient_text
    yield from ((f"aftercare.{line.id}", line.text) for line in pack.guide.advice)


def _texts_of_page(page: Page) -> Iterator[tuple[str, str]]:
    yield f"page.{page.id}.title", page.title
    if page.why:
        yield f"page.{page.id}.why", page.why
    for number, line in enumerate(page.says, 1):
        yield f"page.{page.id}.says.{number}", line
    for item in page.items:
        shown = {"ask": item.ask, "hint": item.hint, "unit": item.unit}
        yield from ((f"{item.link_id}.{part}", text) for part, text in shown.items() if text)
        if item.kind is not Kind.YES_NO:
            yield from ((f"{item.link_id}.options.{o.code}", o.text) for o in item.options)
        for word, text in item.words.items():
            yield f"{item.link_id}.words.{word.value}", text


@dataclass(frozen=True, slots=True)
class Standing:
    """What a translation lacks.

    Attributes:
        missing: Names of texts without a translation.
        outdated: Names of texts that were edited since.
        strange: Names in the translation that no text has.
    """

    missing: tuple[str, ...]
    outdated: tuple[str, ...]
    strange: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every text has its words."""
        return not self.missing and not self.outdated


def standing_of(translation: Translation, pack: RulePack) -> Standing:
    """Hold a translation against the texts of the pack as they stand."""
    texts, have = texts_of(pack), translation.texts
    return Standing(
        tuple(name for name in texts if name not in have),
        tuple(n for n, text in texts.items() if n in have and have[n].source != fingerprint(text)),
        tuple(name for name in have if name not in texts),
    )


def languages_of(pack: RulePack) -> dict[str, str]:
    """Return the languages a patient may choose, by tag, as their speakers call them.

    One with a text that is missing or outdated is not offered: nobody would see half a question.
    """
    whole = [t for t in pack.translations.values() if standing_of(t, pack).is_whole]
    named = {one.language: one.name for one in sorted(whole, key=lambda one: one.name.casefold())}
    return {SOURCE_LANGUAGE: "English", **named}


def in_language(pack: RulePack, language: str) -> RulePack:
    """Return the pack with what patients read said in another language; every code stays.

    What is missing or outdated stays as it was written.
    """
    translation = pack.translations.get(language)
    return _Speaker(translation).pack(pack) if translation else pack


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Says the texts of a pack in the words of one translation."""

    translation: Translation

    def pack(self, pack: RulePack) -> RulePack:
        sections = tuple(self._section(section) for section in pack.questionnaire.sections)
        return replace(
            pack,
            title=self._said(PACK_TITLE, pack.title),
            questionnaire=Questionnaire(sections),
            plan=tuple(self._item(item) if item.link_id == AREAS else item for item in pack.plan),
            rules=tuple(self._rule(rule) for rule in pack.rules),
            switched_off=tuple(self._rule(rule) for rule in pack.switched_off),
            guide=replace(pack.guide, advice=tuple(self._line(a) for a in pack.guide.advice)),
        )

    def _line(self, line: Advice) -> Advice:
        return replace(line, text=self._said(f"aftercare.{line.id}", line.text))

    def _said(self, name: str, text: str) -> str:
        one = self.translation.texts.get(name)
        return one.text if one and one.source == fingerprint(text) else text

    def _section(self, section: Section) -> Section:
        title = self._said(f"section.{section.id}.title", section.title)
        return replace(section, title=title, pages=tuple(self._page(p) for p in section.pages))

    def _page(self, page: Page) -> Page:
        name = f"page.{page.id}"
        return replace(
            page,
            title=self._said(f"{name}.title", page.title),
            why=self._said(f"{name}.why", page.why),
            says=tuple(self._said(f"{name}.says.{n}", line) for n, line in enumerate(page.says, 1)),
            items=tuple(self._item(item) for item in page.items),
        )

    def _item(self, item: Item) -> Item:
        name = item.link_id
        options = "yes_no" if item.kind is Kind.YES_NO else f"{name}.options"
        return replace(
            item,
            ask=self._said(f"{name}.ask", item.ask),
            hint=self._said(f"{name}.hint", item.hint),
            unit=self._said(f"{name}.unit", item.unit),
            options=tuple(
                replace(o, text=self._said(f"{options}.{o.code}", o.text)) for o in item.options
            ),
            words={w: self._said(f"{name}.words.{w.value}", t) for w, t in item.words.items()},
        )

    def _rule(self, rule: Rule) -> Rule:
        said = self._said(f"rule.{rule.id}", rule.patient_text)
        return rule if said == rule.patient_text else replace(rule, patient_text=said)
