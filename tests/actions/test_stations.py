"""What holds for every action: who may, which record, and that it is audited or not done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from intake.actions import (
    accounts,
    appointments,
    begin,
    decide,
    export,
    patients,
    queue,
    rule_packs,
    staff,
    submit,
    tablets,
    trail,
    versions,
)
from intake.actions.trail import TrailFilters
from intake.core.appointments import Given, Offered, Sheet
from intake.core.decisions import Decision, Disposition
from intake.core.errors import NotAllowedError, NotFoundError
from intake.core.records import FIRST_SITE, Practitioner, Role
from intake.storage import audit
from intake.storage.driver import sqlite3
from tests.actions.conftest import BORN, SIGNED, Desk, refused
from tests.conftest import NOW, TODAY
from tests.packs.builders import TINY
from tests.storage.builders import everything, lay

CLINICIANS = ("ada", "ben")
ADMINISTRATORS = ("cleo",)
LATER = NOW + timedelta(hours=1)


def _nothing(_: Desk) -> str:
    return ""


def _draft(desk: Desk) -> str:
    return desk.filled().id


def _sent(desk: Desk) -> str:
    return desk.sent().id


def _patient(desk: Desk) -> str:
    return desk.register().id


def _tablet(desk: Desk) -> str:
    tablets.enrolment_link(desk.store, name="Room 2", by=desk.people.cleo, now=NOW)
    return tablets.list_tablets(desk.store, by=desk.people.cleo)[0].id


def _link(desk: Desk) -> str:
    return tablets.enrolment_link(desk.store, name="Room 2", by=desk.people.cleo, now=NOW)


def _account(desk: Desk) -> str:
    who, _ = accounts.add_account(
        desk.store, username="eve", name="Eve", role=Role.PRACTITIONER, actor="test", now=NOW
    )
    return who.id


def _disabled(desk: Desk) -> str:
    id_ = _account(desk)
    staff.disable(desk.store, account_id=id_, by=desk.people.cleo, now=NOW)
    return id_


def _checked(desk: Desk) -> str:
    found = rule_packs.check_and_keep(desk.store, TINY, by=desk.people.cleo, today=TODAY, now=NOW)
    return found.pack.hash


def _listed(desk: Desk) -> Any:
    sheet = Sheet((Given(2, {"name": "New", "birth_date": str(BORN), "language": "en"}),))
    return desk.store, Offered(desk.pack, ("en",), TODAY), sheet


@dataclass(frozen=True)
class Act:
    """One action: how it is done, on what, by whom.

    Attributes:
        on: Prepares a record and returns its id.
        roles: Who may; empty where nobody signs in, as on a tablet.
        event: The action written in the audit trail.
    """

    do: Callable[[Desk, Practitioner, str], Any]
    on: Callable[[Desk], str] = _nothing
    roles: tuple[str, ...] = CLINICIANS
    event: str = ""


ACTS = {
    "find patients": Act(
        lambda d, by, _: patients.find_patients(d.store, text="x", by=by, now=NOW),
        event="patients searched",
    ),
    "register": Act(
        lambda d, by, _: patients.register_patient(
            d.store, name="New", birth_date=BORN, by=by, now=NOW
        ),
        event="patient registered",
    ),
    "get patient": Act(
        lambda d, by, id_: patients.get_patient(d.store, patient_id=id_, by=by), _patient
    ),
    "begin": Act(
        lambda d, by, id_: begin.begin(
            d.store, d.pack, patient_id=id_, plan={}, by=by, now=NOW, today=TODAY
        ),
        _patient,
        event="intake begun",
    ),
    "look through a list": Act(
        lambda d, by, _: appointments.look_through(*_listed(d), site=FIRST_SITE, by=by, now=NOW),
        event="appointments checked",
    ),
    "take a list over": Act(
        lambda d, by, _: appointments.take_over(*_listed(d), site=FIRST_SITE, by=by, now=NOW),
        event="appointments taken over",
    ),
    "hand over": Act(
        lambda d, by, id_: begin.hand_over(d.store, response_id=id_, by=by, now=NOW),
        _draft,
        event="handed over",
    ),
    "change plan": Act(
        lambda d, by, id_: begin.change_plan(
            d.store, d.pack, response_id=id_, plan={}, by=by, now=NOW, today=TODAY
        ),
        _draft,
        event="plan changed",
    ),
    "amend": Act(
        lambda d, by, id_: versions.amend(d.store, response_id=id_, by=by, now=NOW),
        _sent,
        event="intake begun",
    ),
    "withdraw": Act(
        lambda d, by, id_: d.withdraw(id_, by=by),
        _sent,
        event="withdrawn",
    ),
    "open case": Act(
        lambda d, by, id_: decide.open_case(d.store, response_id=id_, by=by, now=NOW),
        _sent,
        event="case read",
    ),
    "decide": Act(
        lambda d, by, id_: d.decide(id_, Decision(Disposition.PROCEED), by=by),
        _sent,
        event="decided",
    ),
    "add addendum": Act(
        lambda d, by, id_: decide.add_addendum(d.store, response_id=id_, text="x", by=by, now=NOW),
        _sent,
        event="addendum written",
    ),
    "list cases": Act(
        lambda d, by, _: queue.list_cases(
            d.store, filters=queue.QueueFilters(), today=TODAY, by=by, now=NOW
        )
    ),
    "search cases": Act(
        lambda d, by, _: queue.list_cases(
            d.store, filters=queue.QueueFilters(text="x"), today=TODAY, by=by, now=NOW
        ),
        event="queue searched",
    ),
    "read trail": Act(
        lambda d, by, _: trail.read_trail(d.store, TrailFilters(), zone=None, by=by),
        roles=ADMINISTRATORS,
    ),
    "export trail": Act(
        lambda d, by, _: trail.export_trail(
            d.store, TrailFilters(), zone=None, people={}, by=by, now=NOW
        ),
        roles=ADMINISTRATORS,
        event="trail exported",
    ),
    "list staff": Act(
        lambda d, by, _: staff.list_staff(d.store, by=by, now=NOW), roles=ADMINISTRATORS
    ),
    "add account": Act(
        lambda d, by, _: staff.add(
            d.store, username="dora", name="Dora", role=Role.PRACTITIONER, by=by, now=NOW
        ),
        roles=ADMINISTRATORS,
        event="account added",
    ),
    "reset account": Act(
        lambda d, by, id_: staff.reset(d.store, account_id=id_, by=by, now=NOW),
        _account,
        ADMINISTRATORS,
        event="password reset",
    ),
    "change role": Act(
        lambda d, by, id_: staff.change_role(
            d.store, account_id=id_, role=Role.DERMATOLOGIST, by=by, now=NOW
        ),
        _account,
        ADMINISTRATORS,
        event="role changed",
    ),
    "disable account": Act(
        lambda d, by, id_: staff.disable(d.store, account_id=id_, by=by, now=NOW),
        _account,
        ADMINISTRATORS,
        event="account disabled",
    ),
    "enable account": Act(
        lambda d, by, id_: staff.enable(d.store, account_id=id_, by=by, now=NOW),
        _disabled,
        ADMINISTRATORS,
        event="account enabled",
    ),
    "sign out account": Act(
        lambda d, by, id_: staff.sign_out_everywhere(d.store, account_id=id_, by=by, now=NOW),
        _account,
        ADMINISTRATORS,
        event="sessions ended",
    ),
    "list packs": Act(lambda d, by, _: rule_packs.list_packs(d.store, by=by), roles=ADMINISTRATORS),
    "check pack": Act(
        lambda d, by, _: rule_packs.check_and_keep(d.store, TINY, by=by, today=TODAY, now=NOW),
        roles=ADMINISTRATORS,
        event="rules checked",
    ),
    "put in force": Act(
        lambda d, by, hash_: rule_packs.put_in_force(
            d.store,
            hash_=hash_,
            seen=rule_packs.hash_in_force(d.store),
            reason="x",
            by=by,
            today=TODAY,
            now=NOW,
        ),
        _checked,
        ADMINISTRATORS,
        event="rules put in force",
    ),
    "enrolment link": Act(
        lambda d, by, _: tablets.enrolment_link(d.store, name="Room 2", by=by, now=NOW),
        roles=ADMINISTRATORS,
        event="tablet added",
    ),
    "list tablets": Act(
        lambda d, by, _: tablets.list_tablets(d.store, by=by), roles=ADMINISTRATORS
    ),
    "revoke": Act(
        lambda d, by, id_: tablets.revoke(d.store, tablet_id=id_, by=by, now=NOW),
        _tablet,
        ADMINISTRATORS,
        event="tablet revoked",
    ),
    "export": Act(
        lambda d, by, _: export.export_table(
            d.store,
            shape="cases",
            form="csv",
            filters=export.ExportFilters(),
            by=by,
            now=NOW,
            today=TODAY,
        ),
        event="records exported",
    ),
    "submit": Act(
        lambda d, _, id_: submit.submit(
            d.store, d.pack, response_id=id_, signature=SIGNED, now=NOW, today=TODAY
        ),
        _draft,
        (),
        event="screened",
    ),
    "enrol": Act(
        lambda d, _, code: tablets.enrol(d.store, code=code, now=NOW),
        _link,
        (),
        event="tablet enrolled",
    ),
    "begin on tablet": Act(
        lambda d, _, token: begin.begin_on_tablet(
            d.store, d.pack, tablet_token=token, name="New", birth_date=BORN, now=NOW
        ),
        lambda d: tablets.enrol(d.store, code=_link(d), now=NOW),
        (),
        event="intake begun",
    ),
    "save page": Act(
        lambda d, _, id_: d.save(d.case(id_).response, "your_goals", goals=["scars"], now=LATER),
        _draft,
        (),
        event="page saved",
    ),
    "activate rules": Act(
        lambda d, _, __: rule_packs.activate(d.store, TINY, actor="command line", now=NOW),
        roles=(),
        event="rules put in force",
    ),
}
PEOPLE = ("ada", "ben", "cleo")
ALLOWED = [(name, who) for name, act in ACTS.items() for who in act.roles]
FORBIDDEN = [
    (name, who)
    for name, act in ACTS.items()
    for who in PEOPLE
    if act.roles and who not in act.roles
]
AUDITED = [name for name, act in ACTS.items() if act.event]
BY_ID = (
    "begin",
    "hand over",
    "change plan",
    "amend",
    "withdraw",
    "open case",
    "decide",
    "add addendum",
    "reset account",
    "change role",
    "disable account",
    "enable account",
    "sign out account",
    "put in force",
    "revoke",
    "submit",
    "enrol",
    "begin on tablet",
)
"""The actions that look a record up."""


@pytest.mark.parametrize(("name", "who"), ALLOWED)
def test_whoever_may_do_it_can(desk, name, who):
    act = ACTS[name]
    id_ = act.on(desk)

    act.do(desk, getattr(desk.people, who), id_)

    if act.event:
        event = audit.latest(desk.store)[0]
        assert (event.action, event.actor) == (act.event, getattr(desk.people, who).id)


@pytest.mark.parametrize(("name", "who"), FORBIDDEN)
def test_whoever_may_not_is_refused_and_nothing_is_stored(desk, name, who):
    act = ACTS[name]
    id_ = act.on(desk)

    refused(desk.store, NotAllowedError, lambda: act.do(desk, getattr(desk.people, who), id_))


@pytest.mark.parametrize(("name", "who"), [pair for pair in FORBIDDEN if pair[0] in BY_ID])
def test_whoever_may_not_learns_nothing_about_what_exists(desk, name, who):
    refused(
        desk.store,
        NotAllowedError,
        lambda: ACTS[name].do(desk, getattr(desk.people, who), "unknown"),
    )


@pytest.mark.parametrize("name", BY_ID)
@pytest.mark.parametrize("id_", ["unknown", "", "%", "' OR '1'='1"])
def test_what_does_not_exist_is_not_found_and_nothing_is_stored(desk, name, id_):
    act = ACTS[name]
    act.on(desk)
    by = getattr(desk.people, (act.roles or CLINICIANS)[0])

    refused(desk.store, NotFoundError, lambda: act.do(desk, by, id_))


@pytest.mark.parametrize("name", AUDITED)
def test_what_cannot_be_audited_is_not_done(desk, name):
    act = ACTS[name]
    id_ = act.on(desk)
    by = getattr(desk.people, (act.roles or CLINICIANS)[0])
    lay(
        desk.store,
        "CREATE TRIGGER audit_down BEFORE INSERT ON audit_events"
        " BEGIN SELECT RAISE(ABORT, 'the audit trail is full'); END",
    )
    before = everything(desk.store)

    with pytest.raises(sqlite3.IntegrityError, match="audit trail is full"):
        act.do(desk, by, id_)

    assert everything(desk.store) == before
