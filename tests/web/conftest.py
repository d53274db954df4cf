"""A clinic on an ordinary morning: three people signed in, forms begun, filled and sent.

It is made once, by the real sign-in and the real actions, and copied for every test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from intake.actions import accounts, clients
from intake.core.clients import ClientRole
from intake.resources import folder
from intake.settings import Settings
from intake.storage import open_store, responses
from intake.storage.copies import copy_to
from intake.web import create_app
from intake.web.clinic import Clinic
from tests.conftest import KEYS, NOW, Clock, dumped, with_keys
from tests.web import walk
from tests.web.making import Maker
from tests.web.pages import Visitor

if TYPE_CHECKING:
    from pathlib import Path


OWN_PASSWORDS = {
    "ada": "four words in a row",
    "ben": "river stone lamp chair",
    "cleo": "yellow kettle on a shelf",
}
SENT = {
    "routine": ("Maria Duarte", "healthy-woman"),
    "caution": ("Elif Kaya", "bride-with-deadline"),
    "defer": ("Nadia Haddad", "tan-melasma"),
    "review": ("Walter Brandt", "older-man-on-blood-thinner"),
    "unknown": ("Lina Farouk", "unknown-medicine"),
    "stop": ("Samuel Reyes", "transplant-patient"),
}
"""Who has sent a form, by what came out of it."""


def sign_in(visitor: Visitor, username: str, password: str):
    """Fill the sign-in form."""
    return visitor.post("/desk/sign-in", {"username": username, "password": password})


def choose_password(visitor: Visitor, old: str, new: str):
    """Fill the form for one's own password."""
    return visitor.post("/desk/password", {"old": old, "new": new, "again": new})


def enrol(tablet: Visitor, administrator: Visitor, name: str = "Room 2"):
    """Make a link at the desk and open it on a tablet."""
    made = administrator.post("/desk/tablets", {"name": name})
    link = made.root.one("p", class_="link").text
    return tablet.post(link[link.index("/tablet/") :])


@pytest.fixture(scope="session")
def house_of(shipped_pack):
    """Make the clinic an application serves, as if it had read its rules, which takes a second."""

    def make(settings: Settings, clock: Clock) -> Clinic:
        house = Clinic(settings, KEYS, clock)
        read = house.pack_of
        house.pack_of = lambda hash_, on=None: (
            shipped_pack if hash_ == shipped_pack.hash else read(hash_, on)
        )
        return house

    return make


@pytest.fixture(scope="session")
def building(tmp_path_factory):
    """An application, built once; every test moves its own clinic in."""
    return create_app(_settings(tmp_path_factory.mktemp("building")), Clock())


class Template(NamedTuple):
    """The copied clinic; the first two are what the fixtures above look at."""

    path: Path
    passwords: dict[str, str]
    sessions: dict[str, str]
    visits: dict[str, str]
    ids: dict[str, str]


def _settings(data: Path) -> Settings:
    rules = folder("rules") / "microneedling"
    return with_keys(
        Settings(data, rules, "Test clinic", None, "127.0.0.1", 8000, second_factor=False)
    )


@pytest.fixture(scope="session")
def clinic_template(clinic_template, shipped_pack, tmp_path_factory):
    """Everybody has signed in once and chosen a password; forms are begun, filled and sent."""
    settings = _settings(tmp_path_factory.mktemp("morning"))
    settings.database.write_bytes(clinic_template[0].read_bytes())
    sessions = _sign_everybody_in(settings, clinic_template[1])
    store = open_store(settings.database, KEYS)
    ada = next(who for who in accounts.list_accounts(store) if who.username == "ada")
    maker = Maker(store, shipped_pack, ada)
    ids = {key: maker.sent(*who).id for key, who in SENT.items()}
    begun = maker.begun("Tomas Novak", "healthy-man-body")
    filled = maker.filled("Hannah Cole", "healthy-woman")
    visits = {"begun": maker.visit(begun), "filled": maker.visit(filled)}
    copy = settings.database.with_name("copy.db")
    copy_to(store, copy)
    store.close()
    ids |= {"begun": begun.id, "filled": filled.id, "patient": begun.patient_id}
    return Template(copy, OWN_PASSWORDS, sessions, visits, ids)


def _sign_everybody_in(settings: Settings, one_time: dict[str, str]) -> dict[str, str]:
    app, sessions = create_app(settings, Clock()), {}
    for username, password in one_time.items():
        visitor = Visitor(app.test_client())
        assert sign_in(visitor, username, password).location == "/desk/password"
        assert choose_password(visitor, password, OWN_PASSWORDS[username]).location == "/desk/"
        sessions[username] = visitor.cookie("intake_desk", "/desk")
    return sessions


@pytest.fixture(scope="session")
def walked(clinic_template, shipped_pack, house_of, tmp_path_factory):
    """Every page of a clinic of its own, by who looks at it."""
    settings = _settings(tmp_path_factory.mktemp("walk"))
    settings.database.write_bytes(clinic_template.path.read_bytes())
    app = create_app(settings, Clock())
    app.extensions["intake"] = house_of(settings, Clock())
    ids = clinic_template.ids | _at_the_chair(settings, shipped_pack)

    def at(who: str) -> Visitor:
        visitor = Visitor(app.test_client())
        for cookie, path, known in (
            ("intake_desk", "/desk", clinic_template.sessions),
            ("intake_visit", "/tablet", clinic_template.visits),
        ):
            if who in known:
                visitor.client.set_cookie(cookie, known[who], path=path)
        if who == "enrolled":
            enrol(visitor, at("cleo"))
        return visitor

    page_ids = [page.id for page in shipped_pack.questionnaire.pages]
    rule_ids = [rule.id for rule in shipped_pack.rules[::15]]
    return walk.of_every_side(at, ids, page_ids, rule_ids)


def _at_the_chair(settings: Settings, pack) -> dict[str, str]:
    """Add a case to be treated, one asked about at the chair, and one that was treated."""
    store = open_store(settings.database, KEYS)
    ada = next(who for who in accounts.list_accounts(store) if who.username == "ada")
    maker = Maker(store, pack, ada)
    ahead, confirmed = maker.going_ahead("Ann Ahead"), maker.confirmed("Cora Chair")
    session = maker.treated("Tilda Treated")
    store.close()
    return {"ahead": ahead.id, "confirmed": confirmed.id, "treated": session.response_id}


@pytest.fixture
def app(building, house_of, settings, clock):
    building.extensions["intake"] = house_of(settings, clock)
    return building


@pytest.fixture
def ids(clinic_template):
    """The ids of the forms by what they are."""
    return dict(clinic_template.ids)  # some tests add one of their own


@pytest.fixture
def maker(store, pack, people):
    return Maker(store, pack, people.ada)


@pytest.fixture
def stranger(app):
    """Somebody without any cookie."""
    return Visitor(app.test_client())


@pytest.fixture
def at_desk(app, clinic_template):
    """Make a browser in which somebody is signed in."""

    def make(username: str) -> Visitor:
        client = app.test_client()
        client.set_cookie("intake_desk", clinic_template.sessions[username], path="/desk")
        return Visitor(client)

    return make


@pytest.fixture
def ada(at_desk):
    return at_desk("ada")


@pytest.fixture
def ben(at_desk):
    return at_desk("ben")


@pytest.fixture
def cleo(at_desk):
    return at_desk("cleo")


@pytest.fixture
def on_tablet(app, clinic_template):
    """Make a tablet with a visit: of a form just `begun`, or `filled` up to the review."""

    def make(visit: str) -> Visitor:
        client = app.test_client()
        client.set_cookie("intake_visit", clinic_template.visits.get(visit, visit), path="/tablet")
        return Visitor(client)

    return make


@pytest.fixture
def locked(on_tablet):
    """A tablet whose patient took a break."""
    visitor = on_tablet("filled")
    visitor.post("/tablet/review", {"do": "lock"})
    return visitor


@pytest.fixture
def tablet(on_tablet):
    """A tablet that was handed over with a form nobody has answered yet."""
    return on_tablet("begun")


@pytest.fixture
def full_tablet(on_tablet):
    """A tablet with a form that only needs to be signed."""
    return on_tablet("filled")


@pytest.fixture
def enrolled(app, cleo):
    """A tablet of the clinic that shows its start page."""
    visitor = Visitor(app.test_client())
    enrol(visitor, cleo)
    return visitor


@pytest.fixture
def topics(pack):
    """The pages of the form by id."""
    return {page.id: page for page in pack.questionnaire.pages}


@pytest.fixture
def answers_of(store, ids):
    """Read the answers of the form that was just begun."""
    return lambda: responses.response(store, ids["begun"]).answers


@pytest.fixture
def contents(settings):
    """Read the whole database as text, so that two moments can be compared."""

    def read() -> str:
        store = open_store(settings.place, KEYS)
        text = dumped(store)
        store.close()
        return text

    return read


@pytest.fixture
def restarted(settings, clock):
    """The same clinic after a restart of the server."""
    return create_app(settings, clock)


class System:
    """Another system, which sends its token with whatever it asks."""

    def __init__(self, app, token: str, client_id: str = "") -> None:
        self.client, self.id, self.token = app.test_client(), client_id, token
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **rest):
        return self.client.get(f"/api/v1{path}", headers=self.headers, **rest)

    def post(self, path: str, **rest):
        return self.client.post(f"/api/v1{path}", headers=self.headers, **rest)

    def delete(self, path: str, **rest):
        return self.client.delete(f"/api/v1{path}", headers=self.headers, **rest)


@pytest.fixture
def system(app, store, people):
    """Let another system in."""

    def let_in(role=ClientRole.READER, **rest) -> System:
        given = {"name": "Appointment book", "by": people.cleo, "now": NOW} | rest
        made, token = clients.add(store, role=role, **given)
        return System(app, token, made.id)

    return let_in
