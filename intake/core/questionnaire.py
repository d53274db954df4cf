"""The form, as data: questionnaire, sections, pages, items and the answers they offer.

Names follow FHIR R4 Questionnaire (linkId, answerOption, enableWhen) where it has one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

    from intake.core.conditions import Condition
    from intake.core.dates import DateWord

NONE_CODE = "none"
"""The option "none of these": exclusive, and the only way to say that a list is empty."""

UNDECIDED_CODE = "not_decided"
"""An option of the treatment plan that always means unknown."""

PLAN_PREFIX = "plan."
"""What a field of the treatment plan is called in a sentence: `plan.area`."""


class Kind(StrEnum):
    """The kinds of answer; code knows only these, never a question."""

    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    DATE = "date"
    MEDICINES = "medicines"
    TEXT = "text"
    BODY_MAP = "body_map"


class Freshness(StrEnum):
    """How long an answer stays good for a patient who comes again."""

    EACH_VISIT = "each visit"
    MONTH = "30 days"
    YEAR = "a year"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class AnswerOption:
    """One answer a question offers.

    Attributes:
        code: What is stored.
        text: What the patient reads.
        area: For a region of the body map, the treatment area it belongs to.
    """

    code: str
    text: str
    area: str | None = None


YES_NO = (AnswerOption("yes", "Yes"), AnswerOption("no", "No"))


@dataclass(frozen=True, slots=True)
class Item:
    """One question, or one field of the treatment plan.

    Attributes:
        link_id: Stable name, used in sentences and stored with every answer.
        ask: The question in the patient's words.
        words: For a date, the words offered in its place and how they read.
        minimum: Least plausible number; anything below is asked again.
        maximum: Greatest plausible number.
        decimals: How many digits after the point a number may have.
        enable_when: Asked unless this is known not to be met.
        offers_unknown: Whether "Not sure" and "I'd rather tell my practitioner" are offered.
        required: Whether the page insists on some answer, "not sure" included.
        informational: Read by people only; no rule looks at it.
        harmless: Options that no rule needs to mention.
        from_record: The field of the patient's record that answers it, so that nobody is asked.
        private: Never shown on an open list.
        freshness: How long the answer stays good.
        covers: Topics this question stands for.
        was: The link ids it had before, the first one first.
    """

    link_id: str
    ask: str
    kind: Kind
    hint: str = ""
    options: tuple[AnswerOption, ...] = ()
    words: Mapping[DateWord, str] = field(default_factory=dict)
    unit: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimals: int = 0
    enable_when: Condition | None = None
    offers_unknown: bool = True
    required: bool = True
    informational: bool = False
    harmless: frozenset[str] = frozenset()
    from_record: str | None = None
    private: bool = False
    freshness: Freshness = Freshness.EACH_VISIT
    covers: tuple[str, ...] = ()
    was: tuple[str, ...] = ()

    @property
    def stable_name(self) -> str:
        """The link id it had first, under which tables keep its history."""
        return self.was[0] if self.was else self.link_id

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the options, in order."""
        return tuple(option.code for option in self.options)

    def text_of(self, code: str) -> str:
        """Return how the option *code* reads; a code no longer offered reads as itself."""
        return next((o.text for o in self.options if o.code == code), code)

    @property
    def is_plan_field(self) -> bool:
        """Whether the practitioner fills it as part of the treatment plan."""
        return self.link_id.startswith(PLAN_PREFIX)


@dataclass(frozen=True, slots=True)
class Page:
    """One topic on one screen of the tablet.

    Attributes:
        says: Statements the patient reads before the questions.
        covers: Topics these statements stand for.
    """

    id: str
    title: str
    items: tuple[Item, ...]
    why: str = ""
    private: bool = False
    says: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()


ALONE = frozenset({Kind.DATE, Kind.NUMBER, Kind.TEXT, Kind.MEDICINES, Kind.BODY_MAP})
"""Kinds of questions that stand on a screen of their own; so does whatever is private."""

MOST_TOGETHER = 5
"""Short questions on one screen."""


def screens(page: Page, asked: Iterable[Item], *, singly: bool = False) -> tuple[Page, ...]:
    """Divide a page into the screens on which what is *asked* of it is shown, in order.

    With *singly*, every question gets a screen of its own.
    """
    shown: list[list[Item]] = []
    for item in asked:
        alone = singly or page.private or item.private or item.kind in ALONE
        last = shown[-1] if shown else []
        if alone or not last or last[0].kind in ALONE or len(last) >= MOST_TOGETHER:
            shown.append([item])
        else:
            last.append(item)
    return tuple(_with(page, items, is_first=not n) for n, items in enumerate(shown))


def _with(page: Page, items: list[Item], *, is_first: bool) -> Page:
    """Return a page with some of its items; what it says stands on the first screen of it."""
    own = tuple(items)
    if is_first and own == page.items:
        return page
    return replace(page, items=own, says=page.says if is_first else ())


@dataclass(frozen=True, slots=True)
class Section:
    """Pages that belong together; the sections are what progress is counted in."""

    id: str
    title: str
    pages: tuple[Page, ...]


@dataclass(frozen=True)
class Questionnaire:
    """Every question of a pack, in the order in which it is asked."""

    sections: tuple[Section, ...]

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """Every item by its link id, in order."""
        return MappingProxyType({item.link_id: item for page in self.pages for item in page.items})

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """Every page, in order."""
        return tuple(page for section in self.sections for page in section.pages)

    @cached_property
    def private(self) -> frozenset[str]:
        """The link ids of what is asked in private."""
        return frozenset(
            item.link_id
            for page in self.pages
            for item in page.items
            if page.private or item.private
        )

    def page_of(self, link_id: str) -> Page:
        """Return the page on which *link_id* is asked.

        Raises:
            KeyError: no page asks it.
        """
        for page in self.pages:
            if any(item.link_id == link_id for item in page.items):
                return page
        raise KeyError(link_id)

    def with_sections(self) -> Iterator[tuple[Section, Page]]:
        """Walk the pages, each with its section."""
        for section in self.sections:
            for page in section.pages:
                yield section, page
