"""A practitioner enters a patient's answers and states it; the visit hangs on their session."""

from datetime import timedelta

import pytest

from intake.actions import accounts, begin, company, entering, submit, versions, visits
from intake.actions.submit import IncompleteError
from intake.core.errors import NotAllowedError, NotFoundError, StateError
from intake.core.records import Company, EntrySource, Signature, SignatureKind
from intake.storage import audit, people, responses
from intake.storage import visits as stored_visits
from tests.actions.conftest import SIGNED, actions_on, refused
from tests.conftest import NOW, TODAY

IDLE = timedelta(minutes=2)
SESSION = "the session of Ada"


@pytest.fixture
def at_desk(desk):
    """Sign Ada in under the session that her visits hang on."""
    with desk.store.write() as db:
        people.add_session(db, SESSION, desk.people.ada.id, NOW)


@pytest.fixture
def enter(desk):
    def begin_to(response, by=None, source=EntrySource.PAPER, session=SESSION, now=NOW):
        return entering.enter_for(
            desk.store,
            desk.pack,
            response_id=response.id,
            source=source,
            by=by or desk.people.ada,
            at=entering.Seat(session),
            now=now,
            today=TODAY,
        )

    return begin_to


@pytest.fixture
def state(desk):
    def say(response, by=None, language="Spanish"):
        return entering.state(
            desk.store,
            desk.pack,
            response_id=response.id,
            by=by or desk.people.ada,
            language=language,
            now=NOW,
            today=TODAY,
        )

    return say


def current(desk, token, now=NOW):
    return visits.current(desk.store, token=token, idle=IDLE, now=now)


def test_it_is_for_clinicians(desk, enter):
    draft = desk.begin()

    refused(desk.store, NotAllowedError, lambda: enter(draft, desk.people.cleo))


def test_it_is_for_forms_that_are_there_and_being_filled(desk, enter, state):
    sent, gone = desk.sent(), desk.begin(name="Gone Already")
    desk.withdraw(gone.id, reason="x")

    for form in (sent, gone):
        refused(desk.store, StateError, lambda form=form: enter(form))
        refused(desk.store, StateError, lambda form=form: state(form))
    with pytest.raises(NotFoundError):
        entering.enter_for(
            desk.store, desk.pack, response_id="nothing", source=EntrySource.PAPER,
            by=desk.people.ada, at=entering.Seat(SESSION), now=NOW, today=TODAY,
        )  # fmt: skip


def test_the_last_who_enters_is_kept(desk, enter):
    draft = desk.begin()
    first = enter(draft)

    second = enter(draft, desk.people.ben, EntrySource.TELEPHONE)

    entered = responses.response(desk.store, draft.id).entered
    assert (entered.by, entered.source) == (desk.people.ben.id, EntrySource.TELEPHONE)
    assert current(desk, first) is None
    assert current(desk, second).entered_by == desk.people.ben.id


def test_a_hand_over_gives_the_form_back_to_the_patient(desk, enter):
    draft = desk.begin()
    enter(draft)

    token = begin.hand_over(desk.store, response_id=draft.id, by=desk.people.ada, now=NOW)

    visit = current(desk, token)
    assert (visit.entered_by, visit.desk_session) == (None, "")
    assert visits.acting(visit) == "tablet"
    assert company.has_company(visit)


def test_the_practitioner_is_no_company(desk, enter, at_desk):
    visit = current(desk, enter(desk.begin()))

    assert not company.has_company(visit)
    assert company.may_show(visit)


def test_the_practitioner_acts_until_a_date_of_birth_opens_a_lock(desk, enter, at_desk):
    draft = desk.begin()
    token = enter(draft)
    born = begin.patient_of(desk.store, draft).birth_date

    before = visits.acting(current(desk, token))
    locked = visits.lock(desk.store, current(desk, token), place="", at=NOW)
    opened = visits.open_by_birth_date(desk.store, locked, born, NOW)

    assert opened
    assert before == desk.people.ada.id
    assert visits.acting(current(desk, token)) == "tablet"
    assert current(desk, token).entered_by == desk.people.ada.id


def test_without_a_session_nobody_can_tell_who_is_there(desk, enter):
    visit = current(desk, enter(desk.begin(), session="that has ended"))

    assert company.has_company(visit)
    assert visits.acting(visit) == "tablet"


def test_nobody_states_a_form_that_a_patient_has_in_hand(desk, enter, state):
    filled = desk.filled()
    enter(filled)
    begin.hand_over(desk.store, response_id=filled.id, by=desk.people.ben, now=NOW)

    refused(desk.store, StateError, lambda: state(filled))


class TestSession:
    """What the visit and the session at the desk do to each other."""

    @pytest.fixture
    def signed_in(self, desk, people):
        password = accounts.reset_password(desk.store, username="ada", actor="test", now=NOW)
        who, token = accounts.sign_in(desk.store, username="ada", password=password, now=NOW)
        return accounts.change_password(
            desk.store, who=who, token=token, old=password, new="four words in a row", now=NOW
        )

    @pytest.fixture
    def visit_token(self, desk, enter, signed_in):
        return enter(desk.begin(), session=signed_in)

    def is_signed_in(self, desk, token, now=NOW):
        return accounts.who_is(desk.store, token=token, now=now) is not None

    def test_work_on_the_pages_keeps_the_session(self, desk, visit_token, signed_in):
        now = NOW
        for _ in range(10):
            now += timedelta(minutes=2)
            current(desk, visit_token, now)

        assert self.is_signed_in(desk, signed_in, now)

    def test_without_it_the_session_lapses(self, desk, visit_token, signed_in):
        assert not self.is_signed_in(desk, signed_in, NOW + timedelta(minutes=11))

    def test_a_session_that_has_lapsed_is_not_woken(self, desk, visit_token, signed_in):
        later = NOW + timedelta(minutes=11)
        slow = timedelta(minutes=10)

        visits.current(desk.store, token=visit_token, idle=slow, now=later)

        assert not self.is_signed_in(desk, signed_in, later)

    @pytest.mark.parametrize("by_itself", [True, False])
    def test_a_lock_ends_it(self, desk, visit_token, signed_in, by_itself):
        now = NOW + timedelta(minutes=5)
        if by_itself:
            assert current(desk, visit_token, now).locked_at is not None
        else:
            visits.lock(desk.store, current(desk, visit_token), place="", at=NOW)

        assert not self.is_signed_in(desk, signed_in, now)

    def test_signing_out_ends_the_visit(self, desk, visit_token, signed_in):
        accounts.sign_out(desk.store, token=signed_in, now=NOW)

        assert current(desk, visit_token) is None

    def test_the_password_opens_both_again(self, desk, visit_token):
        locked = visits.lock(desk.store, current(desk, visit_token), place="", at=NOW)

        token = visits.open_by_staff(
            desk.store, locked, username="ada", password="four words in a row", now=NOW
        )

        assert self.is_signed_in(desk, token)
        assert visits.acting(current(desk, visit_token)) == desk.people.ada.id
        accounts.sign_out(desk.store, token=token, now=NOW)
        assert current(desk, visit_token) is None

    def test_a_patients_lock_leaves_every_session(self, desk, signed_in):
        token = begin.hand_over(
            desk.store, response_id=desk.begin().id, by=desk.people.ada, now=NOW
        )

        visits.lock(desk.store, current(desk, token), place="", at=NOW)

        assert self.is_signed_in(desk, signed_in)


class TestStating:
    def test_says_who_from_what_and_in_which_language(self, desk, enter, state):
        draft = desk.filled()
        enter(draft, source=EntrySource.IN_PERSON)

        signature = state(draft).signature

        assert signature.kind is SignatureKind.STAFF
        assert signature.name == "Ada Practitioner"
        assert "I, Ada Practitioner (practitioner)," in signature.statement
        assert "as the patient told me in person" in signature.statement
        assert "read in Spanish" in signature.statement
        assert "has not signed" in signature.statement

    def test_is_the_practitioners_in_the_trail(self, desk, enter, state):
        draft = desk.filled()
        enter(draft)

        state(draft)

        events = audit.of_subject(desk.store, draft.id)
        assert [e.actor for e in events if e.action == "sent"] == [desk.people.ada.id]
        assert actions_on(desk.store, draft.id)[-2:] == ["sent", "screened"]
        assert stored_visits.visit_of(desk.store, draft.id) is None

    def test_is_for_whoever_entered(self, desk, enter, state):
        draft = desk.filled()
        enter(draft)

        refused(desk.store, StateError, lambda: state(draft, desk.people.ben))

    def test_wants_an_entry(self, desk, state):
        draft = desk.filled()

        refused(desk.store, StateError, lambda: state(draft))

    def test_wants_every_answer(self, desk, enter, state):
        draft = desk.begin()
        enter(draft)

        refused(desk.store, IncompleteError, lambda: state(draft))

    def test_of_somebody_whose_role_changed_is_refused(self, desk, enter, state):
        draft = desk.filled()
        enter(draft)

        refused(desk.store, NotAllowedError, lambda: state(draft, desk.people.cleo))

    @pytest.mark.parametrize("vignette", ["healthy-woman", "pregnant", "botox-vague"])
    def test_is_screened_as_a_patients_form_is(self, desk, enter, state, vignette):
        theirs = desk.sent(vignette)
        mine = desk.filled(vignette, name="Entered Alike")
        enter(mine)

        state(mine)

        found = [desk.case(r.id).screening.screening for r in (mine, theirs)]
        assert found[0] == found[1]


class TestSignatures:
    def submit(self, desk, form, signature, by=None):
        return submit.submit(
            desk.store, desk.pack, response_id=form.id, signature=signature, now=NOW,
            today=TODAY, by=by,
        )  # fmt: skip

    def test_nobody_at_the_desk_signs_for_a_patient(self, desk, enter):
        draft = desk.filled()
        enter(draft)

        refused(desk.store, StateError, lambda: self.submit(desk, draft, SIGNED, desk.people.ada))

    def test_no_patient_states_an_entry(self, desk):
        draft = desk.filled()
        stated = Signature(SignatureKind.STAFF, "I, Ada, …", "Ada")

        refused(desk.store, StateError, lambda: self.submit(desk, draft, stated))


def test_an_amendment_begins_with_who_helped_and_without_who_entered(desk, enter, state):
    draft = desk.filled()
    token = begin.hand_over(desk.store, response_id=draft.id, by=desk.people.ada, now=NOW)
    company.tell(desk.store, current(desk, token), Company.CARER, NOW)
    enter(draft)
    sent = state(draft)

    new = versions.amend(desk.store, response_id=sent.id, by=desk.people.ada, now=NOW)

    kept = responses.response(desk.store, new.id)
    assert (kept.helper, kept.entered) == (Company.CARER, None)
    assert (sent.helper, sent.entered.by) == (Company.CARER, desk.people.ada.id)
