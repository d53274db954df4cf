"""The demo clinic: a dozen intakes that go through the real questionnaire and the real rules."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import click

from intake.actions import accounts, begin, decide, rule_packs, submit
from intake.actions.answer import next_screen, save_page
from intake.actions.patients import register_patient
from intake.cli.demo_course import said_after_session, treat_as_if
from intake.core.dates import Unit, Window
from intake.core.decisions import Decision, Disposition
from intake.core.errors import NotFoundError
from intake.core.records import Role, Signature, SignatureKind

if TYPE_CHECKING:
    from pathlib import Path

    from intake.core.answers import Raw
    from intake.core.records import Practitioner, Response
    from intake.core.rules import RulePack
    from intake.storage import Store


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Somebody who works in the demo clinic."""

    username: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class DemoPatient:
    """A made-up person who answers as one of the pack's vignettes does.

    Attributes:
        hours_ago: When the form was sent.
        decision: What was decided, if anything.
        defer_days: For a deferral, in how many days the case comes back.
        stops_after: How many pages were filled, for one that was left unfinished.
        treated_days_ago: When an earlier session was, for one who comes again.
    """

    name: str
    age: int
    vignette: str
    hours_ago: float
    decision: Decision | None = None
    defer_days: int | None = None
    stops_after: int | None = None
    treated_days_ago: int | None = None


ACCOUNTS = (
    DemoAccount("ada", "Ada Marsh", Role.PRACTITIONER),
    DemoAccount("ben", "Ben Okoro", Role.DERMATOLOGIST),
    DemoAccount("cleo", "Cleo Lindqvist", Role.ADMINISTRATOR),
)

PATIENTS = (
    DemoPatient("Maria Duarte", 38, "healthy-woman", 0.4),
    DemoPatient("Jonas Weber", 45, "healthy-man-body", 30.0, Decision(Disposition.PROCEED)),
    DemoPatient("Priya Nair", 29, "acne-scar-patient-after-isotretinoin", 3.2),
    DemoPatient("Hannah Cole", 33, "tired-new-mother", 2.1),
    DemoPatient(
        "Walter Brandt",
        71,
        "older-man-on-blood-thinner",
        26.0,
        Decision(Disposition.REFER, note="Apixaban after a stroke two years ago: go ahead or not?"),
    ),
    DemoPatient("Elif Kaya", 27, "bride-with-deadline", 1.5),
    DemoPatient("Zoe Martin", 17, "teenager", 5.0),
    DemoPatient("Samuel Reyes", 52, "transplant-patient", 1.1),
    DemoPatient("Agnes Holm", 64, "radiofrequency-patient", 4.0),
    DemoPatient("Lina Farouk", 41, "unknown-medicine", 0.8),
    DemoPatient(
        "Oscar Nilsen",
        36,
        "cold-sore-area-body",
        50.0,
        Decision(Disposition.DEFER, note="Cold sore still healing; the abdomen can wait."),
        defer_days=7,
    ),
    DemoPatient("Nadia Haddad", 31, "tan-melasma", 2.7),
    DemoPatient("Ruth Adeyemi", 48, "everything-withheld-private", 6.5),
    DemoPatient("Ingrid Solberg", 43, "healthy-woman", 1.9, treated_days_ago=42),
    DemoPatient("Tomas Novak", 24, "healthy-woman", 0.1, stops_after=7),
)


def mark(folder: Path) -> None:
    """Mark a folder of data or keys as a demo's, so that it may be thrown away."""
    if folder.is_dir():
        (folder / "demo").touch()


def is_demo(folder: Path) -> bool:
    """Whether a folder of data or keys was made by this command."""
    return (folder / "demo").is_file()


def passwords(store: Store, *, now: datetime) -> dict[str, str]:
    """Give every account that was not used yet a new one-time password; returns them by name."""
    known = {who.username: who for who in accounts.list_accounts(store)}
    return {
        name: accounts.reset_password(store, username=name, actor="demo", now=now)
        for name, who in known.items()
        if who.must_change_password
    }


def fill(store: Store, *, now: datetime, today: date) -> None:
    """Make the accounts and the intakes."""
    staff = {}
    for account in ACCOUNTS:
        who, _ = accounts.add_account(
            store,
            username=account.username,
            name=account.name,
            role=account.role,
            actor="demo",
            now=now - timedelta(days=30),
        )
        staff[account.role] = who
    hash_ = rule_packs.hash_in_force(store)
    if hash_ is None:
        msg = "No rule pack is in force."
        raise NotFoundError(msg)
    pack = rule_packs.kept_pack(store, hash_, today)
    with click.progressbar(PATIENTS, label="Making intakes") as patients:
        for patient in patients:
            _fill_one(store, pack, patient, staff[Role.PRACTITIONER], now, today)


def _fill_one(
    store: Store, pack: RulePack, demo: DemoPatient, by: Practitioner, now: datetime, today: date
) -> None:
    born = Window(demo.age * 365 + 100, Unit.DAYS).before(today)
    if demo.treated_days_ago is None:
        _intake(store, pack, demo, born, by, now, today)
        return
    ago = timedelta(days=demo.treated_days_ago)
    first = replace(demo, treated_days_ago=None, decision=Decision(Disposition.PROCEED))
    before = _intake(store, pack, first, born, by, now - ago, today - ago)
    treat_as_if(store, pack, before.id, by, now - ago, today - ago)
    _intake(store, pack, demo, born, by, now, today)


def _intake(
    store: Store,
    pack: RulePack,
    demo: DemoPatient,
    born: date,
    by: Practitioner,
    now: datetime,
    today: date,
) -> Response:
    vignette = next(v for v in pack.vignettes if v.id == demo.vignette)
    answers = {k: _moved(v, today - vignette.on) for k, v in vignette.answers.items()}
    if demo.treated_days_ago is not None:
        answers |= said_after_session(today - timedelta(days=demo.treated_days_ago))
    sent = now - timedelta(hours=demo.hours_ago)
    patient = register_patient(store, name=demo.name, birth_date=born, by=by, now=sent)
    response = begin.begin(
        store,
        pack,
        patient_id=patient.id,
        plan=vignette.plan,
        by=by,
        now=sent - timedelta(minutes=14),
        today=today,
    )
    response = _answer_pages(store, pack, response, demo, answers, sent, today)
    if demo.stops_after is not None:
        return response
    signature = Signature(SignatureKind.TYPED, submit.STATEMENT, demo.name)
    submit.submit(store, pack, response_id=response.id, signature=signature, now=sent, today=today)
    if demo.decision is not None:
        until = today + timedelta(days=demo.defer_days) if demo.defer_days else None
        decide.decide(
            store,
            pack,
            response_id=response.id,
            decision=replace(demo.decision, until=until),
            seen=0,
            by=by,
            now=sent + timedelta(minutes=9),
            today=today,
        )
    return response


def _answer_pages(
    store: Store,
    pack: RulePack,
    response: Response,
    demo: DemoPatient,
    answers: dict[str, Raw],
    sent: datetime,
    today: date,
) -> Response:
    """Fill page after page as the tablet does, up to the review."""
    page = next_screen(pack, response, today, after=None)
    pages = 0
    while page is not None and (demo.stops_after is None or pages < demo.stops_after):
        raw = {item.link_id: answers.get(item.link_id) for item in page.items}
        response = save_page(
            store, pack, response=response, page=page, raw=raw, now=sent, today=today
        )
        page = next_screen(pack, response, today, after=page)
        pages += 1
    return response


def _moved(value: Raw, by: timedelta) -> Raw:
    """Move every exact date in an answer, so that "ten days ago" stays ten days ago."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return (date.fromisoformat(value) + by).isoformat()
    if isinstance(value, dict):
        return {k: _moved(v, by) for k, v in value.items()}
    if isinstance(value, list):
        return [_moved(v, by) for v in value]
    return value
