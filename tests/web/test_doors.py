"""Who may enter which door: every route, every kind of visitor, every method."""

import re

import pytest

from intake.actions import (
    accounts,
    clients,
    devices,
    emergency,
    passes,
    rule_packs,
    tablets,
    webhooks,
)
from intake.actions.tries import NOWHERE
from intake.core.clients import ROLE_MEANS, ClientRole
from intake.core.records import FIRST_SITE, Role
from intake.storage import clients as stored_clients
from intake.storage import factors
from intake.storage import people as people_kept
from intake.storage import subscriptions as deliveries_kept
from intake.storage.passes import Kind
from intake.web.access import Access
from tests.conftest import NOW, TODAY
from tests.packs.builders import TINY
from tests.web.conftest import OWN_PASSWORDS
from tests.web.pages import Page, Visitor, names_of

HOSTS = ("127.0.0.1",)
PEOPLE = ("stranger", "tablet", "locked", "enrolled", "ada", "ben", "cleo")
SYSTEMS = ("reading system", "scheduling system")
VISITORS = (*PEOPLE, *SYSTEMS)
CLINICIANS = ("ada", "ben")
AT_DESK = (*CLINICIANS, "cleo")
ENDS_THE_SESSION = ("desk.end_other_sessions", "desk.hand_over_now", "desk.sign_out")

EXPECTED = {
    Access.TABLET: lambda who: "in" if who == "enrolled" else "start of the tablet",
    Access.VISIT: lambda who: {"tablet": "in", "locked": "the lock"}.get(
        who, "start of the tablet"
    ),
    # Whoever has an open form is sent on to it.
    Access.DEVICE: lambda who: "in" if who == "enrolled" else "start of the tablet",
    Access.LOCKED: lambda who: "in" if who in ("tablet", "locked") else "start of the tablet",
    Access.DESK: lambda who: "in" if who in AT_DESK else "sign-in",
    Access.CLINICIAN: lambda who: (
        "in" if who in CLINICIANS else "not found" if who == "cleo" else "sign-in"
    ),
    Access.READER: lambda who: (
        "in" if who in CLINICIANS else "not found" if who == "cleo" else "sign-in"
    ),
    Access.ADMINISTRATOR: lambda who: (
        "in" if who == "cleo" else "not found" if who in CLINICIANS else "sign-in"
    ),
    Access.SYSTEM: lambda who: "in" if who in SYSTEMS else "no token",
    Access.SYSTEM_READER: lambda who: {"reading system": "in", "scheduling system": "other"}.get(
        who, "no token"
    ),
    Access.SYSTEM_SCHEDULER: lambda who: {"scheduling system": "in", "reading system": "other"}.get(
        who, "no token"
    ),
    Access.SYSTEM_BY_KEY: lambda _who: "no token",  # tests/web/test_cards.py signs
    Access.ANYBODY: lambda _who: "in",
}
KEYS = {
    Access.TABLET: "enrolled",
    Access.DEVICE: "enrolled",
    Access.VISIT: "tablet",
    Access.LOCKED: "locked",
    Access.DESK: "ada",
    Access.CLINICIAN: "ada",
    Access.READER: "ada",
    Access.ADMINISTRATOR: "cleo",
    Access.SYSTEM: "reading system",
    Access.SYSTEM_READER: "reading system",
    Access.SYSTEM_SCHEDULER: "scheduling system",
    Access.SYSTEM_BY_KEY: "stranger",
    Access.ANYBODY: "stranger",
}
"""Who is let in."""


def rules_of(app):
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    last = {endpoint: at for at, endpoint in enumerate(ENDS_THE_SESSION, 1)}
    return sorted(rules, key=lambda rule: (last.get(rule.endpoint, 0), str(rule)))


def methods_of(rule):
    return sorted({"GET", "POST", "DELETE"} & rule.methods)


def access_of(app, rule):
    return app.view_functions[rule.endpoint].open_to


@pytest.fixture
def known(app, store, people, ids, pack, clinic_template, maker, systems):
    """The address of each rule with ids of things that are there."""
    names = {name: at for at, name in names_of(app, clinic_template.visits["begun"]).items()}
    code = tablets.enrolment_link(store, name="Room 1", by=people.cleo, now=NOW)
    tablet = tablets.list_tablets(store, by=people.cleo)[0]
    dora, _ = accounts.add_account(
        store, username="dora", name="Dora", role=Role.PRACTITIONER, actor="test", now=NOW
    )
    erin, _ = accounts.add_account(
        store, username="erin", name="Erin", role=Role.PRACTITIONER, actor="test", now=NOW
    )
    finn, _ = accounts.add_account(
        store, username="finn", name="Finn", role=Role.ADMINISTRATOR, actor="test", now=NOW
    )
    told = emergency.begin(store, who=finn, reason="nobody else is there", now=NOW)
    away, _ = clients.add(store, name="Away", role=ClientRole.READER, by=people.cleo, now=NOW)
    reading = stored_clients.client(store, systems["reading system"].id)
    subscribed, _ = webhooks.subscribe(
        store, url="http://127.0.0.1:9/", kinds=(), hosts=HOSTS, by=reading, now=NOW
    )
    checked = rule_packs.check_and_keep(store, TINY, by=people.cleo, today=TODAY, now=NOW)
    shadow = {"hash_": checked.pack.hash, "by": people.cleo, "now": NOW}
    passes.begin(store, Kind.SHADOW, **shadow)
    session = maker.treated("Tilda Treated")
    webhooks.tell(store, hosts=HOSTS, now=lambda: NOW)
    not_arrived = deliveries_kept.deliveries(store)[0]
    device, _ = devices.add_desk_device(store, by=people.ada, now=NOW)
    values = {
        "response_id": ids["begun"],
        "patient_id": session.patient_id,
        "at": names["your_goals"],
        "rule_id": pack.rules[0].id,
        "language": "es",
        "tablet_id": tablet.id,
        "site_id": FIRST_SITE,
        "session_id": session.id,
        "device_id": device.id,
        "account_id": dora.id,
        "pack_hash": checked.pack.hash,
        "kind": "settings",
        "pass_kind": "shadow",
        "form": "html",
        "client_id": away.id,
        "subscription_id": subscribed.id,
        "delivery_id": not_arrived.id,
        "service_id": "intake-before-microneedling",
        "name": "botulinum",
        "code": code,
        "emergency_id": told.id,
    }
    own = {
        who.username: accounts.open_session(store, who, origin=NOWHERE, now=NOW)
        for who in (people.ada, people.ben, people.cleo, erin)
    }
    sessions = {who: session_id(store, token) for who, token in own.items()}
    for who in (people.ada, people.ben, people.cleo):
        add_passkey(store, who)

    def known(rule, who="ada"):
        whose = who if who in sessions else "ada"
        mine = {"browser_id": sessions[whose], "passkey_id": f"passkey of {whose}"}
        if rule.endpoint == "desk.end_session_of_account":
            mine = {"account_id": erin.id, "browser_id": sessions["erin"]}
        return address(app, rule, values | mine)

    return known


def add_passkey(store, who):
    added = (f"passkey of {who.username}", who.id, "desk.example", who.username, "", 0, "key")
    with store.write() as db:
        factors.add_passkey(db, factors.Passkey(*added, added_at=NOW, used_at=None))


def session_id(store, token):
    return people_kept.session(store, token).id


def address(app, rule, values):
    return app.url_map.bind("").build(rule.endpoint, {a: values[a] for a in rule.arguments})


@pytest.fixture
def systems(system):
    """A system of each role."""
    return {who: system(role) for who, role in zip(SYSTEMS, ROLE_MEANS, strict=True)}


@pytest.fixture
def visitor(request, app, systems):
    def visitor(who):
        if who in systems:
            return SystemVisitor(app.test_client(), systems[who].headers)
        return request.getfixturevalue(who)

    return visitor


class SystemVisitor(Visitor):
    """Another system that tries its token at every door."""

    def __init__(self, client, headers):
        super().__init__(client)
        self.headers = headers

    def get(self, path):
        return Page(self.client.get(path, headers=self.headers))

    def post(self, path, data=None):
        if path.startswith("/api/"):
            return Page(self.client.post(path, json=data or {}, headers=self.headers))
        sent = {**(data or {}), "csrf_token": self.token()}
        return Page(self.client.post(path, data=sent, headers=self.headers))

    def delete(self, path):
        return Page(self.client.delete(path, headers=self.headers))


def ask(visitor, method, path):
    if method == "DELETE":
        one = visitor if isinstance(visitor, SystemVisitor) else SystemVisitor(visitor.client, {})
        return one.delete(path)
    return visitor.get(path) if method == "GET" else visitor.post(path)


def met(page):
    """Say what a visitor met at a door."""
    elsewhere = {
        "/desk/sign-in": "sign-in",
        "/tablet/": "start of the tablet",
        "/tablet/locked": "the lock",
    }
    if page.status == 303 and page.location in elsewhere:
        return elsewhere[page.location]
    return {401: "no token", 403: "other", 404: "not found", 405: "no such method"}.get(
        page.status, "in" if page.status in (200, 204, 303, 409, 422) else str(page.status)
    )


def test_every_view_says_who_may_enter(app):
    silent = {e for e, view in app.view_functions.items() if not hasattr(view, "open_to")}

    assert silent == {"static"}


def test_what_is_open_to_anybody_is_a_short_list(app):
    open_doors = {str(r) for r in rules_of(app) if access_of(app, r) is Access.ANYBODY}

    assert open_doors == {
        "/",
        "/healthz",
        "/desk/sign-in",
        "/desk/sign-in-again",
        "/desk/sign-in/code",
        "/desk/sign-in/passkey",
        "/desk/sign-out",
        "/tablet/",
        "/tablet/end",
        "/tablet/thanks",
        "/tablet/not-me",
        "/tablet/manifest.webmanifest",
        "/tablet/worker.js",
        "/tablet/offline",
        "/tablet/enrol/<code>",
        "/cds-services",
    }


NOT_ASKED_AGAIN = {
    "desk.revoke_system": "only shuts out, and must not wait",
    "desk.end_subscription": "only shuts out, and must not wait",
    "desk.send_again": "sends only what was to be sent, to where it was to go",
    "desk.check_audit": "only compares, and writes down that it did",
    "desk.back_up": "only adds a copy, which stays on the server",
    "desk.check_pack": "files cannot wait; what is sent is kept and put in force elsewhere",
    "desk.check_again": "only checks what is kept",
    "desk.begin_pass": "only looks, and changes nothing",
    "desk.end_pass": "only stops looking",
    "desk.choose": "only proposes; putting it in force asks",
    "desk.end_choice": "only proposes; putting it in force asks",
    "desk.place_hold": "only keeps what would go; lifting it asks",
    "desk.open_site": "gives nobody anything, and can be taken back",
    "desk.rename_site": "gives nobody anything, and can be taken back",
    "desk.close_site": "gives nobody anything, and can be taken back",
    "desk.reopen_site": "gives nobody anything, and can be taken back",
    "desk.unlock_account": "gives no more than five tries, and its owner stands there and waits",
    "desk.end_session_of_account": "only shuts out, and must not wait",
    "desk.sign_out_account": "only shuts out, and must not wait",
    "desk.revoke_tablet": "only shuts out, and must not wait",
}
"""What administrators send without being asked once more, and why."""
LEAVES_THE_HOUSE = {
    "desk.day_summaries",
    "desk.export_now",
    "desk.make_document",
    "desk.export_audit",
    "desk.export_impact",
}


def test_whatever_an_administrator_sends_is_asked_again_or_has_a_reason_not_to(app):
    sent = {rule.endpoint for rule in rules_of(app) if "POST" in rule.methods}
    theirs = {e for e in sent if app.view_functions[e].open_to is Access.ADMINISTRATOR}

    not_asked = {e for e in theirs if not hasattr(app.view_functions[e], "is_fresh")}

    assert not_asked == NOT_ASKED_AGAIN.keys()


def test_what_leaves_the_house_or_opens_more_is_asked_again(app):
    views = {app.view_functions[e] for e in (*LEAVES_THE_HOUSE, "desk.begin_emergency")}

    assert all(hasattr(view, "is_fresh") for view in views)


def expected_of(app, rule, who):
    """Say what a visitor should meet; the clinic's own tablets have no desk."""
    if who == "enrolled" and str(rule).startswith("/desk/"):
        return "start of the tablet"
    return EXPECTED[access_of(app, rule)](who)


@pytest.mark.parametrize("who", VISITORS)
def test_every_door_opens_to_those_it_is_for_and_to_nobody_else(app, known, visitor, who):
    doors = [r for r in rules_of(app) if access_of(app, r) is not Access.ANYBODY]

    wrong = {
        f"{method} {rule}": (found, expected)
        for rule in doors
        for method in methods_of(rule)
        if (found := met(ask(visitor(who), method, known(rule, who))))
        != (expected := expected_of(app, rule, who))
    }

    assert wrong == {}


@pytest.mark.parametrize("who", VISITORS)
def test_doors_open_to_anybody_never_fail(app, known, visitor, who):
    doors = [r for r in rules_of(app) if access_of(app, r) is Access.ANYBODY]

    statuses = {
        (str(rule), method): ask(visitor(who), method, known(rule)).status
        for rule in doors
        for method in methods_of(rule)
    }

    wrong = {k: v for k, v in statuses.items() if v not in (200, 303, 422)}
    assert wrong == {("/cds-services", "GET"): 404}  # until a system is let in by its key


@pytest.mark.parametrize("cookie", ["intake_desk", "intake_visit", "intake_tablet"])
@pytest.mark.parametrize("whose", ["desk", "visit", "tablet"])
def test_a_secret_of_one_side_opens_nothing_on_another(
    app, known, clinic_template, enrolled, cookie, whose
):
    secrets = {
        "desk": clinic_template.sessions["ada"],
        "visit": clinic_template.visits["begun"],
        "tablet": enrolled.cookie("intake_tablet", "/"),
    }
    thief = Visitor(app.test_client())
    thief.token()  # as anybody has one
    thief.client.set_cookie(cookie, secrets[whose], path="/")

    entered = {
        access_of(app, rule)
        for rule in rules_of(app)
        for method in methods_of(rule)
        if access_of(app, rule) is not Access.ANYBODY
        and met(ask(thief, method, known(rule))) == "in"
    }

    opened = {
        "desk": {Access.DESK, Access.CLINICIAN, Access.READER},
        "visit": {Access.VISIT, Access.LOCKED},
        "tablet": {Access.TABLET, Access.DEVICE},
    }
    assert entered == (opened[whose] if cookie == f"intake_{whose}" else set())


@pytest.mark.parametrize(
    "unknown",
    ["0" * 32, "x", "a b", "..%2f..%2fclinic.db", "'%20OR%201=1--", "٣٤", "%00", "9" * 5000],
    ids=["like an id", "short", "space", "path", "quote", "digits", "nul", "long"],
)
def test_what_does_not_exist_is_not_found(app, known, visitor, unknown):
    rules = [
        r
        for r in rules_of(app)
        if r.arguments
        and str(r) != "/tablet/enrol/<code>"
        and access_of(app, r) is not Access.SYSTEM_BY_KEY
    ]

    found = {
        f"{method} {rule}": met(
            ask(visitor(KEYS[access_of(app, rule)]), method, _with(rule, unknown))
        )
        for rule in rules
        for method in methods_of(rule)
    }

    assert {door: what for door, what in found.items() if what != "not found"} == {}


def _with(rule, unknown):
    path = str(rule)
    for argument in rule.arguments:
        path = re.sub(rf"<([^:<>]+:)?{argument}>", lambda _: unknown, path)
    return path


def test_an_unknown_enrolment_link_enrols_nothing(stranger):
    page = stranger.post("/tablet/enrol/made-up")

    assert page.status == 404
    assert stranger.cookie("intake_tablet", "/") == ""


def test_a_case_that_is_not_yours_reads_like_one_that_does_not_exist(cleo, ids):
    theirs = cleo.get(f"/desk/cases/{ids['stop']}")
    nobodys = cleo.get(f"/desk/cases/{'0' * 32}")

    assert theirs.status == nobodys.status == 404
    assert theirs.html == nobodys.html


RECORDS = ("response_id", "patient_id", "session_id")


@pytest.mark.parametrize("who", ["cleo", "enrolled", "tablet"])
def test_no_page_of_a_record_tells_a_stranger_to_it_whether_there_is_one(
    app, known, visitor, store, who
):
    every = {
        "response_id": [row["id"] for row in store.rows("SELECT id FROM responses")],
        "patient_id": [row["id"] for row in store.rows("SELECT id FROM patients")],
        "session_id": [row["id"] for row in store.rows("SELECT id FROM treatment_sessions")],
    }
    names = [row["name"] for row in store.rows("SELECT name FROM patients")]
    rules = [r for r in rules_of(app) if r.arguments & set(RECORDS) and "GET" in r.methods]

    told = {}
    for rule in rules:
        argument = next(iter(rule.arguments & set(RECORDS)))
        nobodys = visitor(who).get(_with(rule, "0" * 32))
        for one in every[argument]:
            theirs = visitor(who).get(_with(rule, one))
            if (theirs.status, theirs.html) != (nobodys.status, nobodys.html):
                told[str(rule), one] = theirs.status
            if [name for name in names if name in theirs.html]:
                told[str(rule), one] = "a name"

    assert len(rules) > 8
    assert told == {}


def test_a_mark_of_another_form_leads_nowhere(tablet, full_tablet):
    elsewhere = full_tablet.real("/tablet/page/your_goals")

    assert elsewhere != tablet.real("/tablet/page/your_goals")
    assert tablet.client.get(elsewhere).status_code == 404


def test_other_methods_are_refused_everywhere(app, known, stranger):
    rules = rules_of(app)
    taken = {}
    for rule in rules:
        taken.setdefault(str(rule), set()).update(rule.methods)

    answers = {
        (method, str(rule)): stranger.client.open(known(rule), method=method).status_code
        for rule in rules
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - taken[str(rule)]
    }

    assert answers
    assert set(answers.values()) == {405}


BY_TOKEN = (
    Access.SYSTEM,
    Access.SYSTEM_READER,
    Access.SYSTEM_SCHEDULER,
    Access.SYSTEM_BY_KEY,
)
"""What no browser is let in for by a cookie, so that no form of another page can ask for it."""


def flipped(token):
    """Change a letter well inside the signature: the last one has bits that count for nothing."""
    return token[:-9] + ("A" if token[-9] != "A" else "B") + token[-8:]


@pytest.fixture
def changing(app, visitor):
    """Every door that takes a form, with somebody at it who has a token."""
    doors = [
        (rule, visitor(KEYS[access_of(app, rule)]))
        for rule in rules_of(app)
        if "POST" in rule.methods and access_of(app, rule) not in BY_TOKEN
    ]
    for _, key in doors:
        key.token()
    return doors


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _own, _other: None,
        lambda _own, _other: "",
        lambda _own, _other: "forged",
        lambda own, _other: flipped(own),
        lambda _own, other: other,
        lambda own, _other: own + "\0",
        lambda own, _other: own * 500,
        lambda _own, _other: "x" * 2**20,
        lambda own, _other: [own, "x"][1:],
        lambda own, _other: f" {own}",
        lambda own, _other: own.upper(),
    ],
    ids=[
        "missing",
        "empty",
        "forged",
        "flipped",
        "another session's",
        "nul",
        "long",
        "a megabyte",
        "a list",
        "a space before",
        "capitals",
    ],
)
def test_a_form_without_its_token_is_refused_and_stores_nothing(
    app, known, changing, contents, spoil
):
    other = Visitor(app.test_client()).token()
    before = contents()

    answers = {
        str(rule): key.client.post(
            known(rule),
            data={k: v for k, v in {"csrf_token": spoil(key.token(), other)}.items() if v},
        ).status_code
        for rule, key in changing
    }

    assert len(answers) > 20
    assert set(answers.values()) <= {400, 413}, answers
    assert contents() == before


@pytest.mark.parametrize("header", ["X-CSRFToken", "X-CSRF-Token", "Referer", "Origin"])
def test_no_header_stands_for_the_token_of_another_session(app, known, changing, contents, header):
    other = Visitor(app.test_client()).token()
    before = contents()

    answers = {
        key.client.post(known(rule), headers={header: other}).status_code for rule, key in changing
    }

    assert answers == {400}
    assert contents() == before


ASTRAY = (
    *("../settings.py", "..%2fsettings.py", "..%252fsettings.py", "....//settings.py"),
    *("..\\settings.py", "..%5csettings.py", "%2e%2e/settings.py", "%2e%2e%2fsettings.py"),
    *("/etc/passwd", "//etc/passwd", "%2fetc%2fpasswd", "..%c0%afsettings.py", "~/x", "", "."),
    *("intake.css/../../settings.py", "intake.css%00.py", "..;/settings.py", "..%00/settings.py"),
    *("....%2f%2fsettings.py", "..%255csettings.py", "%252e%252e%252fsettings.py", "..%u2215x"),
    *("../" * 12 + "etc/passwd", "..%2f" * 12 + "etc%2fpasswd", "file:///etc/passwd"),
    *("%e2%80%a5/settings.py", "%ef%bc%8e%ef%bc%8e/settings.py", "C:%5cWindows%5cwin.ini"),
    *(
        "./../settings.py",
        "intake.css%2f..%2f..%2fsettings.py",
        "INTAKE.CSS/../../settings.py",
        "..%0d%0asettings.py",
    ),
)
"""Ways to spell a file that is none of ours."""


@pytest.mark.parametrize("path", ASTRAY)
def test_only_static_files_are_served(stranger, path):
    answer = stranger.client.get(f"/static/{path}", follow_redirects=True)

    assert answer.status_code == 404
    assert "Settings" not in answer.text
    assert "root:" not in answer.text


def test_no_name_in_an_address_leads_to_a_file(app, visitor):
    rules = [r for r in rules_of(app) if r.arguments and str(r) != "/tablet/enrol/<code>"]
    keys = {str(rule): visitor(KEYS[access_of(app, rule)]) for rule in rules}

    answers = {
        (str(rule), path): keys[str(rule)].get(_with(rule, path))
        for rule in rules
        if "GET" in rule.methods
        for path in ASTRAY
    }

    assert len(answers) > 500
    assert {page.status for page in answers.values()} <= {303, 308, 404, 405}
    assert not [at for at, a in answers.items() if "root:" in a.html or "Settings" in a.html]


def test_nobody_signs_in_on_a_tablet_of_the_clinic(enrolled, cleo, store):
    ada = {"username": "ada", "password": OWN_PASSWORDS["ada"]}

    refused = enrolled.post("/desk/sign-in", ada)

    assert refused.location == "/tablet/"
    assert enrolled.cookie("intake_desk", "/desk") == ""


def test_a_tablet_that_was_revoked_is_a_browser_like_any_other(enrolled, cleo, store, people):
    tablet = tablets.list_tablets(store, by=people.cleo)[0]

    cleo.post(f"/desk/tablets/{tablet.id}/revoke")

    assert enrolled.get("/desk/sign-in").status == 200
