"""What follows from what was confirmed at the chair, done in a session, and noticed afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.answers import Chosen, Measured, Missing, Picked
from intake.core.guide import ON_THE_DAY
from intake.core.medicines import Status
from intake.core.questionnaire import NONE_CODE, PLAN_PREFIX, Kind
from intake.core.reading import case_of
from intake.core.screening import Teller, screen
from intake.core.telling import Telling, with_telling
from intake.core.treatment import Reply, Said, standing
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from intake.core.answers import Answer, Raw
    from intake.core.conditions import Case
    from intake.core.guide import Advice, Guide
    from intake.core.rules import RulePack
    from intake.core.treatment import Confirmation, Reaction, TreatmentSession

AREA = f"{PLAN_PREFIX}area"
ANAESTHETIC = f"{PLAN_PREFIX}anaesthetic"
DEVICE = f"{PLAN_PREFIX}device"
DEPTH = f"{PLAN_PREFIX}depth_mm"
MODALITY = f"{PLAN_PREFIX}modality"


def told_at_chair(guide: Guide, confirmation: Confirmation) -> Iterator[Telling]:
    """Yield what a confirmation adds to the form.

    A reply that is missing, or is not sure, opens every question that a yes would answer. What was
    too old to count is told as gone.
    """
    if confirmation.lapsed:
        yield Telling(Teller.AGE, {}, confirmation.lapsed)
    for question in guide.chair:
        said = confirmation.said.get(question.id, Said(Reply.NOT_SURE))
        if said.reply is Reply.NO:
            continue
        on = confirmation.on
        answers: dict[str, Raw] = {name: on_day(raw, on) for name, raw in question.yes.items()}
        if said.reply is Reply.NOT_SURE:
            answers = dict.fromkeys(answers, Missing.NOT_SURE.value)
        if question.names and said.words:
            more: list[Raw] = [Missing.NOT_SURE.value] if said.reply is Reply.NOT_SURE else []
            answers[question.names] = [*_named(said.words), *more]
        yield Telling(Teller.CHAIR, answers)


def _named(words: str) -> list[Raw]:
    """Return new medicines, one a line or comma; without a name it is one nobody knows."""
    lines = [part.strip() for part in words.replace(",", "\n").splitlines()]
    rows: list[Raw] = [{"name": name, "status": Status.CURRENT.value} for name in lines if name]
    return rows or [Missing.NOT_SURE.value]


def told_by_record(
    pack: RulePack,
    plan_area: Answer,
    sessions: Iterable[TreatmentSession],
    reactions: Iterable[Reaction],
) -> Iterator[Telling]:
    """Yield what the clinic's own record adds to a form.

    A session counts where it was on the area now planned, or where that is not known. A reaction
    always counts; one that is not known to be over counts as not over. What the pack has no place
    for is told all the same, so that it cannot vanish: nobody can read it, which raises the triage.
    """
    known: dict[str, Mapping[str, Raw]] = {}
    for session in sessions:
        if _may_overlap(plan_area, session.done.areas):
            told = told_of_session(pack, session) or {"session": session.on.isoformat()}
            known[session.id] = told
            yield Telling(Teller.RECORD, told)
    for note in standing(reactions):
        # With its session, so that what the record knows of that is not taken for unknown.
        about = dict(known.get(note.session_id, {}))
        for link_id, raw in _told_of_reaction(pack, note).items():
            about[link_id] = _both(pack, link_id, about.get(link_id), raw)
        yield Telling(Teller.RECORD, about)


def _told_of_reaction(pack: RulePack, note: Reaction) -> Mapping[str, Raw]:
    seen = note.noticed
    on = seen.on or note.at.date()
    kind = pack.guide.reaction(seen.kind)
    if kind is None:
        return {f"reaction.{seen.kind}": on.isoformat()}
    told = kind.settled if seen.settled else kind.open
    return {link_id: on_day(raw, on) for link_id, raw in told.items()}


def _may_overlap(plan_area: Answer, treated: frozenset[str]) -> bool:
    if not isinstance(plan_area, Picked) or plan_area.unsure:
        return True
    return bool(plan_area.codes & treated)


def told_of_session(pack: RulePack, session: TreatmentSession) -> dict[str, Raw]:
    """Return what a session says as answers to questions of the form."""
    case = _case_done(pack, session)
    told: dict[str, Raw] = {}
    for consequence in pack.guide.carried_out:
        if consequence.when is not None and consequence.when.truth(case) is Truth.NOT_MET:
            continue
        for link_id, raw in consequence.answers.items():
            told[link_id] = _both(pack, link_id, told.get(link_id), on_day(raw, session.on))
    return told


def _both(pack: RulePack, link_id: str, one: Raw, other: Raw) -> Raw:
    """Add to a list what another consequence put there."""
    item = pack.items.get(link_id)
    is_list = item is not None and item.kind in (Kind.CHOICES, Kind.BODY_MAP)
    if is_list and isinstance(one, list) and isinstance(other, list):
        return [*one, *(code for code in other if code not in one)]
    return other


def on_day(raw: Raw, day: date) -> Raw:
    """Put a day in the place of "on the day"."""
    return day.isoformat() if raw == ON_THE_DAY else raw


def _case_done(pack: RulePack, session: TreatmentSession) -> Case:
    """Put what was done in front of the pack's conditions, as if it were the plan."""
    done = session.done
    typed: dict[str, Answer] = {
        AREA: Picked(done.areas),
        DEPTH: Measured(done.depth_mm),
        DEVICE: Chosen(done.device),
    }
    if done.anaesthetic is None:
        typed[ANAESTHETIC] = Chosen(NONE_CODE)
    if session.modality:
        typed[MODALITY] = Chosen(session.modality)
    return case_of(pack, typed, session.on)


def advice_for(pack: RulePack, session: TreatmentSession) -> Iterator[Advice]:
    """Yield the lines a patient takes home after a session."""
    case = _case_done(pack, session)
    for line in pack.guide.advice:
        if line.when is None or line.when.truth(case) is not Truth.NOT_MET:
            yield line


def next_from(
    pack: RulePack, answers: Mapping[str, Answer], session: TreatmentSession
) -> date | None:
    """Return the first day on which the rules let another session begin; None if none says when.

    It is read off the rules: the day's session is told as the record will tell it, and the latest
    date of the findings that rest on it counts; of those that are met, if any is.
    """
    told = told_of_session(pack, session)
    typed, _ = with_telling(pack, answers, Telling(Teller.RECORD, told), session.on)
    dated = [
        finding
        for finding in screen(pack, typed, session.on).findings
        if finding.earliest_safe_date and any(cited.link_id in told for cited in finding.cited)
    ]
    counting = [finding for finding in dated if finding.is_met] or dated
    days = [finding.earliest_safe_date for finding in counting if finding.earliest_safe_date]
    return max(days, default=None)
