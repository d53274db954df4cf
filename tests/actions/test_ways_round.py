"""What is for a dermatologist stays for one, whichever way somebody else takes to go ahead."""

from datetime import UTC, datetime, timedelta

import pytest

from intake.actions import begin, entering, treat, versions
from intake.actions.decide import DecisionRefusedError
from intake.core.decisions import Decision, Disposition
from intake.core.errors import NotAllowedError, StateError
from intake.core.records import EntrySource
from intake.core.review import CaseStatus
from intake.core.rules import Triage
from intake.core.treatment import Reply, Said
from intake.storage import people as people_kept
from intake.storage import responses
from tests.actions.conftest import refused
from tests.actions.test_treat import Chair
from tests.conftest import NOW, TODAY

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
PROCEED = Decision(Disposition.PROCEED)
DO_NOT_TREAT = Decision(Disposition.DO_NOT_TREAT, "Not today.")
WITHHELD = {"pregnant_now": "withheld", "pregnancy": ["withheld"]}
NOT_SURE = {"pregnant_now": "not_sure", "pregnancy": ["not_sure"]}


@pytest.fixture
def chair(desk):
    return Chair(desk)


def amend(desk, form, at):
    return versions.amend(desk.store, response_id=form.id, by=desk.people.ada, now=at)


def begin_to_enter(desk, form, at):
    session = f"a session for {form.id} at {at}"
    with desk.store.write() as db:
        people_kept.add_session(db, session, desk.people.ada.id, at)
    return entering.enter_for(
        desk.store,
        desk.pack,
        response_id=form.id,
        source=EntrySource.TELEPHONE,
        by=desk.people.ada,
        at=entering.Seat(session),
        now=at,
        today=TODAY,
    )


def entered(desk, form, at):
    """Let Ada enter a healthy patient's answers by telephone, and state them."""
    begin_to_enter(desk, form, at)
    desk.fill(form, now=at)
    return entering.state(
        desk.store,
        desk.pack,
        response_id=form.id,
        by=desk.people.ada,
        language="English",
        now=at,
        today=TODAY,
    )


def refuses_ada(desk, chair, form, at, seen=0):
    """Tell whether Ada cannot go ahead on a form; it would have to be right otherwise."""
    try:
        desk.decide(form.id, chair.proceed(form.id), now=at, seen=seen)
    except DecisionRefusedError:
        return True
    return False


class TestNewsAfterADermatologist:
    """A dermatologist's yes covers what they were shown, and nothing that came up since."""

    @pytest.mark.parametrize("by", ["ada", "ben"])
    @pytest.mark.parametrize("way", ["a new version", "a new form"])
    def test_is_not_entered_away(self, desk, chair, by, way):
        first = desk.sent()
        desk.decide(first.id, PROCEED, by=getattr(desk.people, by))
        chair.confirm(first.id, pregnant=Reply.YES)
        later = NOW + DAY
        new = amend(desk, first, later) if way == "a new version" else desk.begin(now=later)

        done = entered(desk, new, later)

        assert refuses_ada(desk, chair, done, later)

    def test_is_not_settled_by_a_decision_of_before(self, desk, chair):
        first = chair.going_ahead()
        chair.confirm(first.id, pregnant=Reply.YES)

        second = desk.sent(now=NOW + DAY)

        assert refuses_ada(desk, chair, second, NOW + DAY)

    def test_is_theirs_again_once_they_ask_for_more(self, desk, chair):
        first = desk.sent("pregnant")
        desk.decide(first.id, chair.proceed(first.id), by=desk.people.ben)
        more = Decision(Disposition.NEED_INFORMATION, "Which week?")
        desk.decide(first.id, more, by=desk.people.ben, seen=1, now=NOW + MINUTE)

        done = entered(desk, amend(desk, first, NOW + 2 * MINUTE), NOW + 3 * MINUTE)

        assert refuses_ada(desk, chair, done, NOW + 4 * MINUTE)

    def test_what_they_were_shown_may_be_corrected_later(self, desk, chair):
        first = desk.sent("pregnant")
        desk.decide(first.id, chair.proceed(first.id), by=desk.people.ben)

        done = entered(desk, amend(desk, first, NOW + MINUTE), NOW + MINUTE)

        assert not refuses_ada(desk, chair, done, NOW + 2 * MINUTE)


class TestAPatientsOwnForm:
    def test_that_withholds_an_answer_takes_nothing_away(self, desk, chair):
        first = desk.sent("pregnant")
        desk.decide(first.id, DO_NOT_TREAT)
        second = desk.sent(now=NOW + MINUTE, **WITHHELD)

        done = entered(desk, amend(desk, second, NOW + 2 * MINUTE), NOW + 2 * MINUTE)

        assert refuses_ada(desk, chair, done, NOW + 3 * MINUTE)

    def test_that_rules_it_out_is_the_patients_word(self, desk, chair):
        first = desk.sent("pregnant")
        desk.decide(first.id, DO_NOT_TREAT)
        second = desk.sent(now=NOW + MINUTE)

        done = entered(desk, amend(desk, second, NOW + 2 * MINUTE), NOW + 2 * MINUTE)

        assert not refuses_ada(desk, chair, done, NOW + 3 * MINUTE)


class TestAVersionInTheMiddle:
    """Without it, the decision on the one before would count again."""

    def test_is_not_withdrawn_under_a_newer_one(self, desk, chair):
        first = chair.going_ahead()
        second = desk.send(amend(desk, first, NOW + MINUTE), now=NOW + 2 * MINUTE)
        third = desk.fill(amend(desk, second, NOW + 3 * MINUTE), "needling-27")
        desk.send(third, now=NOW + 4 * MINUTE)

        refused(desk.store, StateError, lambda: desk.withdraw(second.id))

        assert chair.status(first.id) is CaseStatus.SUPERSEDED

    def test_is_not_withdrawn_under_one_that_is_being_filled(self, desk, chair):
        first = chair.going_ahead()
        second = desk.send(amend(desk, first, NOW + MINUTE), now=NOW + 2 * MINUTE)
        desk.fill(amend(desk, second, NOW + 3 * MINUTE), "pregnant")

        refused(desk.store, StateError, lambda: desk.withdraw(second.id))

    def test_is_withdrawn_after_the_newer_one(self, desk, chair):
        first = chair.going_ahead()
        second = desk.send(amend(desk, first, NOW + MINUTE), now=NOW + 2 * MINUTE)
        third = amend(desk, second, NOW + 3 * MINUTE)

        desk.withdraw(third.id)
        desk.withdraw(second.id)

        assert chair.status(first.id) is CaseStatus.DECIDED


class TestWhatIsNotSentYet:
    @pytest.mark.parametrize("amends", [True, False], ids=["a version", "a first form"])
    def test_is_not_entered_over_where_it_holds_a_finding(self, desk, chair, amends):
        draft = amend(desk, chair.going_ahead(), NOW) if amends else desk.begin()
        begin.hand_over(desk.store, response_id=draft.id, by=desk.people.ada, now=NOW)
        desk.fill(draft, "pregnant")
        draft = responses.response(desk.store, draft.id)

        def enter():
            begin_to_enter(desk, draft, NOW + MINUTE)

        refused(desk.store, NotAllowedError, enter, apart_from="sessions")

    def test_is_entered_over_by_who_entered_it(self, desk):
        draft = desk.begin()
        begin_to_enter(desk, draft, NOW + MINUTE)
        desk.fill(draft, "pregnant", now=NOW + MINUTE)

        token = begin_to_enter(desk, draft, NOW + 2 * MINUTE)

        assert token

    def test_of_a_version_is_entered_where_the_finding_was_there_before(self, desk):
        draft = amend(desk, desk.sent("pregnant"), NOW)

        assert begin_to_enter(desk, draft, NOW + MINUTE)

    def test_is_not_withdrawn_where_something_new_is_not_ruled_out(self, desk, chair):
        draft = amend(desk, chair.going_ahead(), NOW)
        desk.fill(draft, **NOT_SURE)

        refused(desk.store, NotAllowedError, lambda: desk.withdraw(draft.id))

    def test_is_withdrawn_where_questions_are_only_to_be_asked_again(self, desk, chair):
        first = chair.going_ahead()
        again = frozenset(desk.pack.questionnaire.items) & frozenset(first.answers)
        draft = versions.amend(
            desk.store, response_id=first.id, by=desk.people.ada, now=NOW, again=again
        )

        desk.withdraw(draft.id)

        assert chair.status(first.id) is CaseStatus.DECIDED


class TestClocks:
    def test_an_answer_of_the_same_local_day_takes_nothing_back(self, desk, chair):
        """In Los Angeles the date of UTC changes in the afternoon."""
        first, said_at = chair.going_ahead(), datetime(2026, 6, 15, 23, 30, tzinfo=UTC)
        said = {
            one.id: Said(Reply.YES if one.id == "pregnant" else Reply.NO)
            for one in desk.pack.guide.chair
        }
        treat.confirm(
            desk.store,
            lambda _: desk.pack,
            response_id=first.id,
            said=said,
            by=desk.people.ada,
            now=said_at,
            today=TODAY,
            day_of=lambda _: TODAY,
        )
        soon = said_at + 40 * MINUTE

        sent = desk.send(desk.fill(amend(desk, first, soon), now=soon), now=soon)

        assert chair.newest(sent.id).triage is Triage.STOP

    def test_what_was_said_under_a_clock_that_ran_ahead_counts(self, desk, chair):
        first = chair.going_ahead()

        chair.confirm(first.id, on=TODAY + DAY, pregnant=Reply.YES)
        second = desk.sent(now=NOW + MINUTE)

        assert chair.newest(second.id).triage in (Triage.STOP, Triage.REVIEW)
