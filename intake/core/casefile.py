"""What a case shows, worked out from it and the rule pack it was screened with.

Pure functions: a record and a pack in, words out. Nothing is judged anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.core import decisions
from intake.core.answers import Listed, Missing
from intake.core.body_marks import BodyMap, body_maps
from intake.core.held import gone_from
from intake.core.keeping import words_for
from intake.core.other_forms import contradicted_by, refusal
from intake.core.questionnaire import Kind
from intake.core.reading import case_for
from intake.core.review import GOING_AHEAD, CaseStatus, case_status
from intake.core.rules import Level, Triage
from intake.core.screening import unknown_questions
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from intake.core import conditions, records
    from intake.core.answers import Answer
    from intake.core.evidence import Choice, Conflict, DeviceLabel, Source
    from intake.core.explanations import Cited
    from intake.core.medicines import Match, Recognition, Route
    from intake.core.questionnaire import Item, Page
    from intake.core.rules import Rule, RulePack, Stricter
    from intake.core.screening import Finding
    from intake.core.translations import Translation


LONGEST_CLUSTER = 8
"""The most findings with one cause that are listed at once."""


@dataclass(frozen=True, slots=True)
class Line:
    """One question with what was said.

    Attributes:
        link_id: The question; blank for a field of the plan.
        missing: Why there is no value; None when there is one.
        wants_help: The patient asked for help with it.
    """

    ask: str
    said: str
    missing: Missing | None = None
    wants_help: bool = False
    link_id: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One question that is answered otherwise than in the version before.

    Attributes:
        before: None where it was not asked then.
        after: None where it is not asked any more.
    """

    link_id: str
    ask: str
    before: Line | None
    after: Line | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One finding, with the rule it comes from.

    Attributes:
        number: Its place in the screening; the decision form uses the same.
        rule: None when the stored pack does not hold it any more.
        stricter: What the device label changed, where it did.
        conflicts: Questions on which the sources of the rule differ.
        choices: What the clinic decided about the rule, or about a setting it uses.
    """

    number: int
    finding: Finding
    rule: Rule | None
    sources: tuple[Source, ...]
    stricter: Stricter | None
    label: DeviceLabel | None
    conflicts: tuple[Conflict, ...]
    choices: tuple[Choice, ...]

    @property
    def is_met(self) -> bool:
        """Whether it is met; otherwise it could not be ruled out."""
        return self.finding.truth is Truth.MET

    @property
    def cited(self) -> tuple[Cited, ...]:
        """The answers it rests on, each question once."""
        return _each_question_once(self.finding.cited)

    @property
    def open_because(self) -> tuple[Cited, ...]:
        """The answers without which it could not be ruled out."""
        return open_because(self.finding)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Findings that hang on the same open answers: one question to the patient settles them all.

    Attributes:
        cited: Those answers; none when the rules themselves could not be judged.
    """

    cited: tuple[Cited, ...]
    shown: tuple[Shown, ...]

    @property
    def unfolded(self) -> tuple[Shown, ...]:
        """What is listed at once: everything while it is short, or else what would stop."""
        if len(self.shown) <= LONGEST_CLUSTER:
            return self.shown
        return tuple(s for s in self.shown if s.finding.level is Level.STOP)

    @property
    def folded(self) -> tuple[Shown, ...]:
        """What unfolds when asked for."""
        return self.shown[len(self.unfolded) :]


@dataclass(frozen=True, slots=True)
class Group:
    """Findings that belong together on the page.

    Attributes:
        triage: Their effect; None for what could not be ruled out, whatever its level.
        clusters: The same findings by the answers they hang on; only where triage is None.
    """

    triage: Triage | None
    shown: tuple[Shown, ...]
    clusters: tuple[Cluster, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """One page of the form with the answers given on it."""

    page: Page
    lines: tuple[Line, ...]

    @property
    def open_count(self) -> int:
        """How many of its questions have no value."""
        return sum(1 for line in self.lines if line.missing)


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the form."""

    title: str
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class Medicines:
    """A list of medicines, as typed and as understood."""

    link_id: str
    ask: str
    recognised: tuple[Recognition, ...]
    unsure: bool


@dataclass(frozen=True)
class CaseFile:
    """Everything the case page shows beside the record itself.

    Attributes:
        private: Link ids of what was asked in private.
        refusal: A dermatologist's decision against treating that holds.
        contradicted: Another form of the patient that a dermatologist is to look at first.
        asked_back: The referral about which a dermatologist wants to know more.
        gone: Who took each finding for a dermatologist away by entering answers.
    """

    case: records.Case
    pack: RulePack
    status: CaseStatus
    plan: tuple[Line, ...]
    groups: tuple[Group, ...]
    unknown: tuple[Line, ...]
    medicines: tuple[Medicines, ...]
    maps: tuple[BodyMap, ...]
    parts: tuple[Part, ...]
    set_aside: tuple[Line, ...]
    private: frozenset[str]
    changes: tuple[Change, ...]
    refusal: decisions.Review | None
    gone: tuple[records.Entry, ...]
    contradicted: records.Version | None = None
    asked_back: decisions.Review | None = None

    @property
    def language(self) -> Translation | None:
        """The translation in which the patient read the form; None for English."""
        return self.pack.translations.get(self.case.response.language)

    @property
    def goes_ahead(self) -> bool:
        """Whether somebody decided to treat, and nothing came up since."""
        last = self.case.last_decision
        is_ahead = last is not None and last.disposition in GOING_AHEAD
        return self.status is CaseStatus.DECIDED and is_ahead

    @property
    def is_deferring(self) -> bool:
        """Whether some finding waits for a time to pass."""
        findings = self.case.screening.screening.findings if self.case.screening else ()
        return any(finding.effect is Triage.DEFER for finding in findings)

    def title_of(self, rule_id: str) -> str:
        """Return the title of a rule; its id when the pack does not hold it."""
        rule = self.pack.rules_by_id.get(rule_id)
        return rule.title if rule else rule_id

    def class_titles(self, match: Match, route: Route | None) -> list[str]:
        """Return what a recognised medicine counts as, in words, and what it may be besides."""
        titles, medicine = self.pack.vocabulary.classes, match.medicine
        certain = sorted(titles.get(name, name) for name in medicine.classes_by(route))
        open_ = medicine.maybe_by(route) - medicine.classes_by(route)
        return certain + sorted(f"perhaps: {titles.get(name, name)}" for name in open_)


def case_file(case: records.Case, pack: RulePack, today: date) -> CaseFile:
    """Work out what the page shows.

    Args:
        case: The record.
        pack: The pack the newest screening was made with; the one in force while there is none.
        today: The clinic's date, for the status.
    """
    stored = case.screening
    day = stored.screening.on if stored else today
    judged, helped = case_for(pack, case.response, day), case.response.help
    status = case_status(case, today)
    is_asked_back = status is CaseStatus.INFORMATION_NEEDED
    return CaseFile(
        case=case,
        pack=pack,
        status=status,
        plan=tuple(_line(item, judged.answer(item.link_id)) for item in pack.plan),
        groups=tuple(groups_of(stored.screening.findings, pack)) if stored else (),
        unknown=tuple(_unknown(pack, judged, helped)) if stored else (),
        medicines=tuple(medicines_of(pack, judged)),
        maps=tuple(body_maps(pack, judged)),
        parts=tuple(parts_of(pack, judged, helped)),
        set_aside=tuple(_set_aside(pack, judged)),
        private=pack.questionnaire.private,
        changes=tuple(_changes(pack, case, day)),
        refusal=refusal(case, today),
        gone=gone_from(case, pack.rules_by_id),
        contradicted=contradicted_by(case, pack.rules_by_id),
        asked_back=decisions.open_referral(case.every_review) if is_asked_back else None,
    )


def _changes(pack: RulePack, case: records.Case, day: date) -> Iterator[Change]:
    """Yield what the patient answers otherwise than in the version that this one amends."""
    if case.before is None:
        return
    before, after = (
        {
            line.link_id: line
            for page in pack.questionnaire.pages
            for line in _asked_on(page, judged)
        }
        for judged in (case_for(pack, one, day) for one in (case.before, case.response))
    )
    for link_id, item in pack.questionnaire.items.items():
        if before.get(link_id) != after.get(link_id):
            yield Change(link_id, item.ask, before.get(link_id), after.get(link_id))


def _asked_on(page: Page, judged: conditions.Case) -> Iterator[Line]:
    return _asked(page, judged, frozenset())


def _unknown(pack: RulePack, judged: conditions.Case, helped: frozenset[str]) -> Iterator[Line]:
    for link_id in unknown_questions(pack, judged):
        yield _line(pack.items[link_id], judged.answer(link_id), helped)


def _line(item: Item, answer: Answer, helped: frozenset[str] = frozenset()) -> Line:
    if item.is_plan_field and isinstance(answer, Missing):
        return Line(item.ask, "Not decided yet", answer)
    missing = answer if isinstance(answer, Missing) else None
    wants_help = item.link_id in helped
    return Line(item.ask, words_for(item, answer), missing, wants_help, item.link_id)


def groups_of(findings: Iterable[Finding], pack: RulePack) -> Iterator[Group]:
    """Group what is met by its effect, most serious first; what is open comes after the reviews.

    That is its place in the order of the queue: a stop or review that cannot be ruled out is
    looked at like a review.
    """
    shown = [_shown(number, finding, pack) for number, finding in enumerate(findings)]
    is_open = tuple(s for s in shown if not s.is_met)
    for triage in Triage:
        if met := tuple(s for s in shown if s.is_met and s.finding.effect is triage):
            yield Group(triage, met)
        if triage is Triage.REVIEW and is_open:
            yield Group(None, is_open, tuple(_clusters(is_open)))


def _clusters(shown: Iterable[Shown]) -> Iterator[Cluster]:
    """Put findings together that hang on the same questions; the most serious rule leads."""
    by_question: dict[tuple[str, ...], list[Shown]] = {}
    for one in shown:
        by_question.setdefault(cause_of(one.finding), []).append(one)
    for members in by_question.values():
        members.sort(key=lambda s: (s.finding.level.triage.rank, s.number))
    for members in sorted(by_question.values(), key=lambda m: m[0].finding.level.triage.rank):
        yield Cluster(members[0].open_because, tuple(members))


def open_because(finding: Finding) -> tuple[Cited, ...]:
    """Return the answers without which a finding could not be ruled out, each question once."""
    return tuple(c for c in _each_question_once(finding.cited) if c.truth is Truth.UNKNOWN)


def cause_of(finding: Finding) -> tuple[str, ...]:
    """Return what a finding that could not be ruled out hangs on: who told it, the questions."""
    return (finding.teller, *(c.link_id for c in open_because(finding)))


def _each_question_once(cited: Iterable[Cited]) -> tuple[Cited, ...]:
    """Keep one citation of each question; an open one goes before the others."""
    once: dict[str, Cited] = {}
    for one in cited:
        if one.link_id not in once or one.truth is Truth.UNKNOWN:
            once[one.link_id] = one
    return tuple(once.values())


def _shown(number: int, finding: Finding, pack: RulePack) -> Shown:
    rule = pack.rules_by_id.get(finding.rule_id)
    labels = rule.stricter if rule else ()
    stricter = next((s for s, _ in labels if s.label == finding.label), None)
    wanted = (*(rule.sources if rule else ()), *(stricter.sources if stricter else ()))
    sources = tuple(pack.sources[s] for s in dict.fromkeys(wanted) if s in pack.sources)
    label = pack.labels.get(finding.label) if finding.label else None
    conflicts = pack.conflicts_of(rule) if rule else ()
    choices = pack.choices_about(rule) if rule else ()
    return Shown(number, finding, rule, sources, stricter, label, conflicts, choices)


def medicines_of(pack: RulePack, judged: conditions.Case) -> Iterator[Medicines]:
    """Yield each list of medicines."""
    for link_id, item in pack.questionnaire.items.items():
        answer = judged.answer(link_id)
        if item.kind is Kind.MEDICINES and isinstance(answer, Listed):
            yield Medicines(link_id, item.ask, judged.recognised[link_id], answer.unsure)


def parts_of(pack: RulePack, judged: conditions.Case, helped: frozenset[str]) -> Iterator[Part]:
    """Yield the sections in which something was asked."""
    for section in pack.questionnaire.sections:
        topics = [Topic(page, tuple(_asked(page, judged, helped))) for page in section.pages]
        if any(topic.lines for topic in topics):
            yield Part(section.title, tuple(topic for topic in topics if topic.lines))


def _asked(page: Page, judged: conditions.Case, helped: frozenset[str]) -> Iterator[Line]:
    """Yield what the patient was asked; what the record answers stands at the top of the case."""
    for item in page.items:
        if item.from_record is None and judged.asked(item.link_id) is not Truth.NOT_MET:
            yield _line(item, judged.answer(item.link_id), helped)


def _set_aside(pack: RulePack, judged: conditions.Case) -> Iterator[Line]:
    """Yield the answers to questions that are not asked any more."""
    for link_id, item in pack.questionnaire.items.items():
        if link_id in judged.answers and judged.asked(link_id) is Truth.NOT_MET:
            yield _line(item, judged.answers[link_id])
