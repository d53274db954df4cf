"""A desk and a tablet for tests of actions: whole forms filled as a tablet fills them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from intake import packs, resources
from intake.actions import accounts, begin, decide, patients, rescreen, rule_packs, submit, versions
from intake.actions.answer import asked_items, next_screen, save_page
from intake.actions.documents import Press
from intake.core.decisions import Decision, Disposition
from intake.core.errors import IntakeError
from intake.core.records import FIRST_SITE, Signature, SignatureKind
from intake.exports.documents import documents_in
from intake.storage import audit, cases, open_store
from tests.conftest import KEYS, NOW, TODAY, People
from tests.packs.builders import TINY
from tests.storage.builders import everything, lay

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from intake.core.answers import Raw
    from intake.core.decisions import Review
    from intake.core.records import Case, Patient, Practitioner, Response
    from intake.core.rules import RulePack, Vignette
    from intake.storage import Store
    from intake.storage.opening import Place

BORN = date(1988, 3, 12)
SIGNED = Signature(SignatureKind.TYPED, submit.STATEMENT, "Maria Duarte")


@dataclass(frozen=True)
class Desk:
    """One clinic with its rules and people; what stands here works, step by step."""

    store: Store
    pack: RulePack
    vignettes: Mapping[str, Vignette]
    people: People

    def register(self, name: str = "Maria Duarte", born: date = BORN) -> Patient:
        return patients.register_patient(
            self.store, name=name, birth_date=born, by=self.people.ada, now=NOW
        )

    def begin(
        self,
        vignette: str = "healthy-woman",
        *,
        name: str = "Maria Duarte",
        now: datetime = NOW,
        pack: RulePack | None = None,
        site: str = FIRST_SITE,
        by: Practitioner | None = None,
    ) -> Response:
        """Begin an intake with the plan of a vignette."""
        case = self.vignettes[vignette]
        born = date.fromisoformat(str(case.answers["birth_date"]))
        return begin.begin(
            self.store,
            pack or self.pack,
            patient_id=self.register(name, born).id,
            plan=case.plan,
            by=by or self.people.ada,
            now=now,
            today=TODAY,
            site=site,
        )

    def fill(
        self,
        response: Response,
        vignette: str = "healthy-woman",
        *,
        now: datetime = NOW,
        until: str | None = None,
        **changed: Raw,
    ) -> Response:
        """Fill page after page with a vignette's answers, up to the page *until* or the review."""
        answers = {**self.vignettes[vignette].answers, **changed}
        page = next_screen(self.pack, response, TODAY, after=None)
        while page is not None and page.id != until:
            response = self.save(response, page.id, now=now, **answers)
            page = next_screen(self.pack, response, TODAY, after=page)
        return response

    def save(
        self, response: Response, page_id: str, *, now: datetime = NOW, **raw: Raw
    ) -> Response:
        """Save one page; answers to questions of other pages are left out."""
        page = self.page(page_id)
        items = asked_items(self.pack, response, page, TODAY)
        return save_page(
            self.store,
            self.pack,
            response=response,
            page=page,
            raw={item.link_id: raw.get(item.link_id) for item in items},
            now=now,
            today=TODAY,
        )

    def page(self, page_id: str) -> Any:
        return next(page for page in self.pack.questionnaire.pages if page.id == page_id)

    def filled(
        self,
        vignette: str = "healthy-woman",
        *,
        name: str = "Maria Duarte",
        now: datetime = NOW,
        site: str = FIRST_SITE,
        **changed: Raw,
    ) -> Response:
        """Begin an intake and fill it up to the review."""
        begun = self.begin(vignette, name=name, now=now, site=site)
        return self.fill(begun, vignette, now=now, **changed)

    def sent(
        self,
        vignette: str = "healthy-woman",
        *,
        name: str = "Maria Duarte",
        now: datetime = NOW,
        site: str = FIRST_SITE,
        **changed: Raw,
    ) -> Response:
        """Fill a whole form and send it."""
        filled = self.filled(vignette, name=name, now=now, site=site, **changed)
        return self.send(filled, now=now)

    def send(
        self, response: Response, *, now: datetime = NOW, signature: Signature = SIGNED
    ) -> Response:
        return submit.submit(
            self.store,
            self.pack,
            response_id=response.id,
            signature=signature,
            now=now,
            today=TODAY,
        )

    def withdraw(
        self,
        response_id: str,
        *,
        reason: str = "Begun twice.",
        by: Practitioner | None = None,
        now: datetime = NOW,
    ) -> None:
        versions.withdraw(
            self.store,
            response_id=response_id,
            reason=reason,
            by=by or self.people.ada,
            pack_of=lambda _: self.pack,
            now=now,
            today=TODAY,
        )

    def decide(
        self,
        response_id: str,
        decision: Decision,
        *,
        by: Practitioner | None = None,
        seen: int = 0,
        now: datetime = NOW,
        today: date = TODAY,
        read: str | None = None,
    ) -> Review:
        return decide.decide(
            self.store,
            self.pack,
            response_id=response_id,
            decision=decision,
            seen=seen,
            by=by or self.people.ada,
            now=now,
            today=today,
            read=read,
        )

    def case(self, response_id: str) -> Case:
        found = cases.case(self.store, response_id)
        assert found is not None
        return found


@pytest.fixture
def desk(store, pack, vignettes, people):
    return Desk(store, pack, vignettes, people)


class Busy(Desk):
    """A desk with cases of every kind, by the names of their patients."""

    def id_of(self, name: str) -> str:
        row = self.store.row(
            "SELECT r.id FROM responses r JOIN patients p ON p.id = r.patient_id"
            " WHERE p.name = ? ORDER BY r.begun_at DESC",
            [name],
        )
        assert row is not None
        return str(row["id"])


def _open_clinic(place: Place) -> tuple[Store, People]:
    store = open_store(place, KEYS)
    known = {who.username: who for who in accounts.list_accounts(store)}
    return store, People(known["ada"], known["ben"], known["cleo"], {})


def _hours_ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


DAY = timedelta(days=1)


@pytest.fixture(scope="session")
def busy_bytes(tmp_path_factory, clinic_template, shipped_pack):
    """A clinic with a case of every triage and every status, made once."""
    path = tmp_path_factory.mktemp("busy") / "clinic.db"
    path.write_bytes(clinic_template[0].read_bytes())
    store, people = _open_clinic(path)
    desk = Desk(store, shipped_pack, {v.id: v for v in shipped_pack.vignettes}, people)
    desk.sent("healthy-woman", name="Rosa Routine", now=_hours_ago(5))
    desk.sent("aspirin", name="Carl Caution", now=_hours_ago(4))
    desk.sent("needling-27", name="Dora Defer", now=_hours_ago(3))
    desk.sent("warfarin-steady", name="Rita Review", now=_hours_ago(2))
    desk.sent("pregnant", name="Stella Stop", now=_hours_ago(1))
    desk.sent("pregnant", name="Siri Stopped-Longer", now=_hours_ago(30))
    desk.begin("healthy-woman", name="Fay Filling", now=_hours_ago(6))
    decided = {
        "Della Decided": Decision(Disposition.PROCEED),
        "Later Lena": Decision(Disposition.DEFER, until=TODAY + DAY),
        "Ivy Information": Decision(Disposition.NEED_INFORMATION, "Which cream?"),
        "Rufus Referred": Decision(Disposition.REFER, "Is this a mole?"),
    }
    for name, decision in decided.items():
        desk.decide(desk.sent(name=name, now=_hours_ago(26)).id, decision, now=_hours_ago(25))
    old = desk.sent(name="Amy Amended", now=_hours_ago(50))
    new = versions.amend(store, response_id=old.id, by=people.ada, now=_hours_ago(49))
    desk.send(new, now=_hours_ago(48))
    gone = desk.sent(name="Wanda Withdrawn", now=_hours_ago(7))
    desk.withdraw(gone.id, reason="Twice.", now=_hours_ago(7))
    store.close()
    return path.read_bytes()


@pytest.fixture
def busy(tmp_path, busy_bytes, shipped_pack, vignettes, put_clinic):
    """A clinic with a case of every triage and every status."""
    store, people = _open_clinic(put_clinic(tmp_path / "busy.db", busy_bytes))
    yield Busy(store, shipped_pack, vignettes, people)
    store.close()


def together(settings, act: Callable[[Store, int], object], number: int) -> list[Any]:
    """Do something in *number* threads at once, each with a connection of its own.

    Returns what each returned, or the error it raised.
    """
    start = Barrier(number, timeout=60)

    def one(index: int) -> object:
        with closing(open_store(settings.place, KEYS)) as store:
            start.wait()
            try:
                return act(store, index)
            except IntakeError as error:
                return error

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def refused(
    store: Store, error: type[Exception], act: Callable[[], object], apart_from: str = ""
) -> Any:
    """See that *act* is refused with *error* and changes not a single row; returns the error.

    Rows of the table *apart_from* may come: tries are counted whatever becomes of them.
    """
    before = {k: v for k, v in everything(store).items() if k != apart_from}

    with pytest.raises(error) as refusal:
        act()

    assert {k: v for k, v in everything(store).items() if k != apart_from} == before
    return refusal.value


def actions_on(store: Store, subject: str) -> list[str]:
    """Return the audited actions on a record, oldest first."""
    return [event.action for event in audit.of_subject(store, subject)]


@pytest.fixture
def audit_down(store):
    """An audit trail that takes nothing more."""
    lay(
        store,
        "CREATE TRIGGER audit_down BEFORE INSERT ON audit_events"
        " BEGIN SELECT RAISE(ABORT, 'the audit trail is full'); END",
    )


@pytest.fixture
def empty_store(tmp_path, put_clinic, empty_bytes):
    """A clinic in which nothing was done yet."""
    with closing(open_store(put_clinic(tmp_path / "empty.db", empty_bytes), KEYS)) as store:
        yield store


@pytest.fixture(scope="session")
def tiny_pack():
    return packs.load_texts(TINY, TODAY)


@pytest.fixture
def tiny(store, tiny_pack, people):
    """The desk with a tiny pack in force, which takes no time to load."""
    rule_packs.activate(store, TINY, actor="test", now=NOW)
    return Desk(store, tiny_pack, {v.id: v for v in tiny_pack.vignettes}, people)


class Watched:
    """Screening, and what happens while it goes on."""

    def __init__(self, desk, monkeypatch):
        self.store, self.locked, self.meanwhile = desk.store, [], lambda _: None
        self._really = rescreen.screen_told
        monkeypatch.setattr(rescreen, "screen_told", self._screen)

    def _screen(self, *args):
        self.locked.append(self.store.connection.in_transaction)
        if not self.locked[-1]:
            self.meanwhile(len(self.locked))
        return self._really(*args)


@pytest.fixture
def watched(desk, monkeypatch):
    return Watched(desk, monkeypatch)


@pytest.fixture
def press(shipped_pack):
    """What documents are made with."""
    return Press(
        environment=documents_in(resources.folder("templates"), resources.folder("static")),
        clinic="Test clinic",
        zone=None,
        version="0",
        pack_of=lambda _hash, _on: shipped_pack,
        say=lambda _, words: words,
        as_read=lambda *_: {},
    )
