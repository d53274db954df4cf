from datetime import timedelta

import pytest

from intake.actions.assess import assess, assess_all, not_assessed
from intake.actions.rescreen import bring_back
from intake.actions.rule_packs import kept_pack
from intake.actions.submit import submit
from intake.core.decisions import Decision, Disposition
from intake.core.errors import NotAllowedError, NotFoundError, PackError
from intake.core.rules import Triage
from intake.storage import responses
from tests.actions.conftest import SIGNED
from tests.conftest import NOW, TODAY
from tests.storage.builders import by_hand

LATER = NOW + timedelta(hours=2)


def broken(_hash):
    raise PackError(["pack.yaml:1: this cannot be read"])


@pytest.fixture
def unread(desk):
    """A form that was sent while its rules could not be read."""
    form = desk.filled("transplant-patient")
    return submit(desk.store, None, response_id=form.id, signature=SIGNED, now=NOW, today=TODAY)


def test_what_is_assessed_later_gets_what_it_would_have_got_at_once(desk, unread):
    at_once = desk.case(desk.sent("transplant-patient").id).screening.screening

    done = assess_all(desk.store, lambda _: desk.pack, now=LATER, today=TODAY)

    assert done == (1, 0)
    later = desk.case(unread.id).screening.screening
    assert (later.triage, later.findings) == (at_once.triage, at_once.findings)
    assert later.triage is Triage.STOP
    assert not_assessed(desk.store) == []


def test_what_still_cannot_be_read_is_counted_and_left(desk, unread):
    assert assess_all(desk.store, broken, now=LATER, today=TODAY) == (0, 1)
    assert not_assessed(desk.store) == [unread.id]


def test_answers_of_an_earlier_visit_that_nobody_confirmed_are_not_kept(desk):
    form = desk.filled("healthy-woman")
    link_id = next(name for name in form.answers if name != "birth_date")
    with desk.store.write() as db:
        db.execute("UPDATE responses SET carried = ? WHERE id = ?", [f'["{link_id}"]', form.id])

    sent = submit(desk.store, None, response_id=form.id, signature=SIGNED, now=NOW, today=TODAY)

    assert link_id not in sent.answers
    assert sent.answers == {k: v for k, v in form.answers.items() if k != link_id}


def test_an_administrator_assesses_nothing_and_an_unknown_form_is_not_found(desk, unread, people):
    ask = {"now": LATER, "today": TODAY}

    with pytest.raises(NotAllowedError):
        assess(desk.store, broken, response_id=unread.id, by=people.cleo, **ask)
    with pytest.raises(NotFoundError):
        assess(desk.store, broken, response_id="0" * 32, by=people.ada, **ask)


def test_a_deferred_case_whose_rules_cannot_be_read_keeps_nobody_from_the_queue(desk, people):
    sent = desk.sent("botox-vague")
    until = TODAY + timedelta(days=3)
    desk.decide(sent.id, Decision(Disposition.DEFER, until=until))

    assert bring_back(desk.store, broken, now=LATER, today=until) == 0
    assert responses.response(desk.store, sent.id) == sent


def test_files_that_are_not_those_kept_under_a_hash_are_refused(desk):
    by_hand(
        desk.store.connection, "UPDATE packs SET files = replace(files, 'Cold sore', 'Warm sore')"
    )

    with pytest.raises(PackError, match="not the files that were kept"):
        kept_pack(desk.store, desk.pack.hash, TODAY)


def test_nobody_waits_for_it_to_write_while_it_is_screened(desk, unread, watched):
    assess_all(desk.store, lambda _: desk.pack, now=LATER, today=TODAY)

    assert watched.locked == [False]
