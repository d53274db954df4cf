"""Every form there is, with values that no honest person sends: a page in words, never a fault."""

import random
import time
from urllib.parse import urlencode

import pytest

from intake.actions import accounts, devices, rule_packs, tablets
from intake.storage import open_store
from intake.web import create_app
from tests.conftest import KEYS, NOW, TODAY, Clock, dumped
from tests.packs.builders import TINY
from tests.web.conftest import _settings, enrol
from tests.web.every_form import ROUNDS, Places, once_each, wild
from tests.web.making import Maker
from tests.web.pages import Page, Visitor, names_of

AT_THE_CHAIR = ("ahead", "confirmed", "treated")
SLOW = 5.0
"""Seconds after which an answer counts as none."""

DESK = ("ada", "cleo")
ELSEWHERE = ("desk.check_pack", "desk.back_up")
"""The first sends a folder of files, which `tests/packs/test_arriving.py` tries; the second has no
field, and writes a file of the same name while the clock stands still."""
WITHOUT_FORMS = {
    f"desk.{name}" for name in ("rule_book", "pack_book", "blank_paper", "paper_of", "aftercare")
}
"""Long pages to print."""


def few(things, number):
    """Return a few of many in the suite, always the same; all of them where there is time."""
    dice = random.Random(str(len(things)))  # noqa: S311 - the same ones each time
    return things if ROUNDS > 1 else dice.sample(things, min(number, len(things)))


@pytest.fixture(scope="module")
def places(clinic_template, shipped_pack, house_of, tmp_path_factory):
    """A clinic with something of every kind in it, which can be put back as it was."""
    settings = _settings(tmp_path_factory.mktemp("forms"))
    settings.database.write_bytes(clinic_template.path.read_bytes())
    app = create_app(settings, Clock())
    app.extensions["intake"] = house_of(settings, Clock())
    cookies = {"stranger": {}, **{w: {"intake_desk": clinic_template.sessions[w]} for w in DESK}}
    cookies |= {w: {"intake_visit": clinic_template.visits[w]} for w in ("begun", "filled")}
    made = Places(app, settings.database, b"", cookies)
    tablet = Visitor(app.test_client())
    enrol(tablet, made.visitor("cleo"))
    cookies["enrolled"] = {"intake_tablet": tablet.cookie("intake_tablet", "/")}
    store = open_store(settings.database, KEYS)
    people = {who.username: who for who in accounts.list_accounts(store)}
    maker = Maker(store, shipped_pack, people["ada"])
    asleep = maker.filled("Lou Locked", "healthy-woman")
    cookies["locked"] = {"intake_visit": maker.visit(asleep)}
    made.visitor("locked").post("/tablet/review", {"do": "lock"})
    session = maker.treated("Tilda Treated")
    checked = rule_packs.check_and_keep(store, TINY, by=people["cleo"], today=TODAY, now=NOW)
    device, _ = devices.add_desk_device(store, by=people["ada"], now=NOW)
    code = tablets.enrolment_link(store, name="Room 1", by=people["cleo"], now=NOW)
    ids = {
        **clinic_template.ids,
        "ahead": maker.going_ahead("Ann Ahead").id,
        "confirmed": maker.confirmed("Cora Chair").id,
        "treated": session.response_id,
    }
    fields = {
        "response_id": [ids[k] for k in ("begun", "stop", "defer", *AT_THE_CHAIR)],
        "patient_id": [session.patient_id],
        "session_id": [session.id],
        "rule_id": [shipped_pack.rules[0].id],
        "language": ["es"],
        "tablet_id": [tablets.list_tablets(store, by=people["cleo"])[0].id],
        "device_id": [device.id],
        "account_id": [people["ben"].id],
        "pack_hash": [checked.pack.hash],
        "kind": ["settings"],
        "name": ["botulinum"],
        "code": [code],
    }
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return Places(app, made.file, made.file.read_bytes(), cookies), fields


@pytest.fixture(scope="module")
def forms(places):
    """Every form, once of each kind."""
    clinic, values = places
    return once_each(
        form
        for who in clinic.cookies
        for form in clinic.forms_on(who, paths_for(clinic, values, who))
        if form.endpoint not in ELSEWHERE
    )


def paths_for(clinic, values, who):
    """Return the address of every page, with everything that is there."""
    build = clinic.app.url_map.bind("").build
    paths = []
    visit = clinic.cookies[who].get("intake_visit", "")
    for rule in clinic.app.url_map.iter_rules():
        side = "/tablet" if who in ("begun", "filled", "locked", "enrolled") else "/desk"
        if rule.endpoint in WITHOUT_FORMS or "GET" not in rule.methods:
            continue
        if not str(rule).startswith((side, "/tablet/enrol")):
            continue
        known = {**values, "at": few(list(names_of(clinic.app, visit)) if visit else [], 10)}
        argument = next(iter(rule.arguments), None)
        if len(rule.arguments) > 1:
            paths.append(build(rule.endpoint, {a: known[a][0] for a in rule.arguments}))
        elif argument is None:
            paths.append(str(rule))
        else:
            paths += [build(rule.endpoint, {argument: one}) for one in known.get(argument, [])]
    return paths


def send(clinic, form, sent):
    """Send a form to the clinic as it was; return its answer and how long that took."""
    clinic.again()
    visitor = clinic.visitor(form.who)
    body = urlencode([*flat(sent), ("csrf_token", visitor.token())])
    begun = time.monotonic()
    answer = visitor.client.post(
        form.action, data=body, content_type="application/x-www-form-urlencoded"
    )
    return Page(answer), time.monotonic() - begun


def flat(sent):
    return [
        (n, v)
        for n, values in sent.items()
        for v in (values if isinstance(values, list) else [values])
    ]


def fault_of(page, took):
    """Say what an answer must never be; blank when it is nothing of it."""
    if page.status >= 500:
        return str(page.status)
    if "Traceback" in page.html or "<script>alert" in page.html:
        return "shows what was sent, or the inside"
    if any("\n" in value or "\r" in value for value in page.answer.headers.values()):
        return "a line end in a header"
    if [c for c in page.answer.headers.getlist("Set-Cookie") if c.startswith("a=")]:
        return "a cookie of somebody else"
    return "too slow" if took > SLOW else ""


def test_there_are_forms_of_every_side(forms):
    assert len(forms) > 60, len(forms)
    assert {form.who for form in forms} == {
        "stranger", "begun", "filled", "locked", "enrolled", *DESK,
    }  # fmt: skip


def test_no_value_in_any_field_is_a_fault(places, forms, caplog):
    clinic, faults = places[0], {}
    for form in forms:
        for name in form.fields:
            for value in wild(ROUNDS, f"{form.name} {name}"):
                page, took = send(clinic, form, {**form.controls, name: value})
                if fault := fault_of(page, took):
                    faults[form.name, name, value[:40]] = fault

    assert faults == {}
    assert not [record for record in caplog.records if "\n" in record.getMessage()]


def test_an_honest_form_is_answered_the_same_after_all_of_it(places, forms):
    clinic = places[0]

    changed = {}
    for form in few(forms, 15):
        before, _ = send(clinic, form, form.controls)
        send(clinic, form, dict.fromkeys(form.fields, b"\xff\0" * 50))
        after, _ = send(clinic, form, form.controls)
        if before.status != after.status or before.status >= 500:
            changed[form.name] = (before.status, after.status)

    assert changed == {}


MASS = {
    **dict.fromkeys(("role", "type", "kind_of_user"), "administrator"),
    **dict.fromkeys(("status", "state", "disposition", "decision"), "completed"),
    **dict.fromkeys(("triage", "level", "severity", "effect"), "routine"),
    **dict.fromkeys(("score", "rank", "priority", "sequence"), "0"),
    **dict.fromkeys(("reviewed", "is_reviewed", "is_news", "is_admin", "floor", "superseded"), "1"),
    **dict.fromkeys(
        ("id", "response_id", "patient_id", "by", "begun_by", "decided_by"), "f00df00d"
    ),
    **dict.fromkeys(("actor", "receipt", "record_number", "pack_hash", "token"), "f00df00d"),
    **dict.fromkeys(("submitted_at", "at", "now", "today", "on"), "1999-01-01"),
}
"""What a form could be made to carry besides its own fields."""

OUGHT_TO_BE_THE_SAME = (
    "role", "status", "disposition", "triage", "triage_rank", "rank", "needs_dermatologist",
    "must_change_password", "reopens", "state", "helper", "source", "action", "actor",
)  # fmt: skip


def what_counts(clinic):
    """Return, for each table, how many rows it has, and how its telling columns are filled."""
    store = open_store(clinic.file, KEYS)
    found = {}
    for name in store.db.table_names():
        rows = [dict(row) for row in store.db[name].rows]
        kept = [{c: row[c] for c in OUGHT_TO_BE_THE_SAME if c in row} for row in rows]
        found[name] = sorted(map(repr, kept))
    text = dumped(store)
    store.close()
    return found, "f00df00d" in text or "1999-01-01" in text


def test_fields_that_a_form_does_not_have_are_not_taken(places, forms):
    clinic, taken = places[0], {}
    for form in few(forms, 20):
        send(clinic, form, form.controls)
        honest, _ = what_counts(clinic)
        more = {name: value for name, value in MASS.items() if name not in form.fields}

        send(clinic, form, {**form.controls, **more})

        found, is_stored = what_counts(clinic)
        if found != honest or is_stored:
            taken[form.name] = [name for name in found if found[name] != honest.get(name)]

    assert taken == {}


BODIES = {
    "2,000 fields": (urlencode([(f"x{n}", "1") for n in range(2000)]).encode(), None),
    "one field 2,000 times": (urlencode([("name", "1")] * 2000).encode(), None),
    "a megabyte": (b"name=" + b"x" * 2**20, None),
    "a megabyte of a name": (b"x" * 2**20 + b"=1", None),
    "3,000 parts": (
        b"".join(
            b'--y\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n' % n
            for n in range(3000)
        )
        + b"--y--\r\n",
        "multipart/form-data; boundary=y",
    ),
    "wrong boundary": (b"--x\r\nnothing", "multipart/form-data; boundary=y"),
    "no boundary": (b"--x\r\nnothing", "multipart/form-data"),
    "boundary of 5,000": (b"--x", "multipart/form-data; boundary=" + "y" * 5000),
    "deep json": (b'{"a":' * 20_000, "application/json"),
    "json": (b'{"name": "x"}', "application/json"),
    "xml": (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "application/xml"),
    "odd escapes": (b"name=%ZZ&%00=%00&=&&&;&" + b"&" * 5000, None),
    "another charset": (
        "name=ä".encode("utf-16"),
        "application/x-www-form-urlencoded; charset=utf-16",
    ),
    "nothing": (b"", "application/octet-stream"),
}
"""What is no honest form as a whole."""
TOO_MUCH = (
    "2,000 fields",
    "one field 2,000 times",
    "a megabyte",
    "a megabyte of a name",
    "3,000 parts",
)


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_is_no_honest_form_is_refused(places, forms, body):
    clinic, (sent, kind), wrong = places[0], BODIES[body], {}
    for form in few(forms, 8):
        clinic.again()
        visitor = clinic.visitor(form.who)
        before = what_counts(clinic)

        answer = visitor.client.post(
            form.action,
            data=sent,
            content_type=kind or "application/x-www-form-urlencoded",
            headers={"X-CSRFToken": visitor.token()},
        )

        refused = (400, 413, 415) if body in TOO_MUCH else range(200, 500)
        is_stored = body in TOO_MUCH and what_counts(clinic) != before
        if answer.status_code not in refused or is_stored:
            wrong[form.name] = answer.status_code

    assert wrong == {}
