from datetime import timedelta

import pytest

from intake.actions import tablets
from intake.actions.tablets import LINK_LASTS
from intake.core.errors import AnswerError, NotFoundError
from intake.storage import audit
from tests.actions.conftest import actions_on, refused, together
from tests.conftest import NOW, dumped

SECOND = timedelta(seconds=1)


def _link(desk, name="Room 2"):
    return tablets.enrolment_link(desk.store, name=name, by=desk.people.cleo, now=NOW)


def _enrol(desk, code, now=NOW):
    return tablets.enrol(desk.store, code=code, now=now)


def _only(desk):
    (tablet,) = tablets.list_tablets(desk.store, by=desk.people.cleo)
    return tablet


def _revoke(desk):
    tablets.revoke(desk.store, tablet_id=_only(desk).id, by=desk.people.cleo, now=NOW)


def test_a_link_enrols_a_tablet(desk):
    token = _enrol(desk, _link(desk))

    tablet = tablets.tablet_of(desk.store, token)
    assert tablet == _only(desk)
    assert (tablet.name, tablet.added_at, tablet.enrolled_at) == ("Room 2", NOW, NOW)
    assert actions_on(desk.store, tablet.id) == ["tablet added", "tablet enrolled"]


def test_a_link_works_once(desk):
    code = _link(desk)
    token = _enrol(desk, code)

    refused(desk.store, NotFoundError, lambda: _enrol(desk, code))

    assert tablets.tablet_of(desk.store, token) is not None


def test_of_eight_tablets_that_use_a_link_at_once_one_is_enrolled(desk, settings):
    code = _link(desk)

    outcomes = together(settings, lambda s, _: tablets.enrol(s, code=code, now=NOW), 8)

    tokens = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert len(tokens) == 1
    assert tablets.tablet_of(desk.store, tokens[0]) is not None


def test_a_link_works_until_the_last_second_of_its_hour(desk):
    assert _enrol(desk, _link(desk), NOW + LINK_LASTS - SECOND)


@pytest.mark.parametrize("late", [LINK_LASTS, LINK_LASTS + SECOND, timedelta(days=400)])
def test_a_link_that_is_an_hour_old_is_dead(desk, late):
    code = _link(desk)

    refused(desk.store, NotFoundError, lambda: _enrol(desk, code, NOW + late))


@pytest.mark.parametrize("code", ["", "x", "%"])
def test_an_unknown_link_enrols_nothing(desk, code):
    _link(desk)

    refused(desk.store, NotFoundError, lambda: _enrol(desk, code))


def test_a_revoked_tablet_is_shut_out(desk):
    token = _enrol(desk, _link(desk))

    _revoke(desk)

    assert tablets.tablet_of(desk.store, token) is None
    assert _only(desk).revoked_at == NOW
    assert actions_on(desk.store, _only(desk).id)[-1] == "tablet revoked"


def test_a_tablet_revoked_before_it_was_enrolled_stays_out(desk):
    code = _link(desk)
    _revoke(desk)

    refused(desk.store, NotFoundError, lambda: _enrol(desk, code))


def test_a_tablet_is_revoked_once(desk):
    _link(desk)
    _revoke(desk)

    refused(desk.store, NotFoundError, lambda: _revoke(desk))


@pytest.mark.parametrize("token", ["", "x"])
def test_an_unknown_token_is_no_tablet(desk, token):
    _link(desk)

    assert tablets.tablet_of(desk.store, token) is None


@pytest.mark.parametrize("name", ["", "  ", "\0"])
def test_a_tablet_needs_a_name(desk, name):
    refused(desk.store, AnswerError, lambda: _link(desk, name))


def test_a_long_name_is_cut(desk):
    _link(desk, "Room " * 50)

    assert len(_only(desk).name) == 60


def test_codes_and_tokens_are_nowhere_in_the_database(desk):
    code, spare = _link(desk), _link(desk)
    token = _enrol(desk, code)

    dump = dumped(desk.store)

    assert not any(secret in dump for secret in (code, spare, token))


def test_tablets_are_listed_newest_first(desk):
    for hours, name in enumerate(("Room 1", "Room 2", "Room 3")):
        tablets.enrolment_link(
            desk.store, name=name, by=desk.people.cleo, now=NOW + timedelta(hours=hours)
        )

    names = [t.name for t in tablets.list_tablets(desk.store, by=desk.people.cleo)]

    assert names == ["Room 3", "Room 2", "Room 1"]


def test_who_added_a_tablet_is_audited(desk):
    _link(desk)

    assert audit.latest(desk.store)[0].actor == desk.people.cleo.id
