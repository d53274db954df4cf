"""Every page of the desk as it looks, for `docs/desk.md`; the day of treatment by keys alone."""

import re
from datetime import timedelta
from itertools import count

import pytest

from intake.actions import clients, entering, passes, recall, treat, webhooks
from intake.actions.permission import COMMAND_LINE
from intake.core.clients import ClientRole
from intake.core.impact import Group, Moved, Outcome
from intake.core.records import EntrySource
from intake.core.rules import Triage
from intake.core.treatment import Noticed
from intake.packs import hash_of
from intake.storage import cases, packs_kept, subscriptions
from intake.storage.passes import Kind
from tests.actions.test_impact import STRICTER, changed
from tests.actions.test_recall import go_round
from tests.browser.conftest import DESK, who_is
from tests.browser.test_access import COLOURS, LOOKS, faults
from tests.desk_pages import PAGES

NUMBERS = count(1)


@pytest.fixture
def ids(clinic, shipped_files):
    """Cases of each kind that a page wants, of patients who were never here before."""
    maker, number = clinic.maker, next(NUMBERS)
    tilda = f"Tilda Treated {number}"
    begun = maker.begun(f"Berta Begun {number}", "healthy-woman")
    entered = maker.filled(f"Emil Entered {number}", "healthy-woman")
    ada = who_is(clinic.store, "ada")
    session = clinic.session("ada")
    entering.enter_for(
        clinic.store,
        clinic.pack,
        response_id=entered.id,
        source=EntrySource.PAPER,
        by=ada,
        at=entering.Seat(session),
        now=maker.now,
        today=maker.today,
    )
    treated = maker.treated(tilda)
    treat.add_reaction(
        clinic.store,
        clinic.pack,
        lambda _: clinic.pack,
        session_id=treated.id,
        noticed=Noticed("long_reaction", maker.today, settled=False, words="Both cheeks."),
        by=ada,
        now=maker.now,
        today=maker.today,
    )
    maker.sent(tilda, "healthy-woman")
    tell_another_system(clinic.store, maker.now)
    call_back(clinic, maker.sent(f"Rhea Recalled {number}", "aspirin"))
    return {
        "patient": treated.patient_id,
        "begun": begun.id,
        "entered": entered.id,
        "stop": clinic.response_id_of("Samuel Reyes"),
        "ahead": maker.going_ahead(f"Ann Ahead {number}").id,
        "confirmed": maker.confirmed(f"Cora Chair {number}").id,
        "treated": treated.response_id,
        "treated_patient": treated.patient_id,
        "pack": clinic.pack.hash,
        "other_pack": stricter_pack(clinic, shipped_files),
        "ada": ada.id,
    }


def stricter_pack(clinic, files):
    """Keep a pack that is stricter on aspirin, and hold every case against it."""
    files = changed(files, *STRICTER)
    hash_, now = hash_of(files), clinic.maker.now
    with clinic.store.write() as db:
        packs_kept.keep_pack(
            db, hash_=hash_, name=clinic.pack.name, version="0.2.0", files=files, now=now
        )
    passes.begin(clinic.store, Kind.IMPACT, hash_=hash_, by=COMMAND_LINE, now=now)
    go_round(clinic.store, now=now, today=clinic.maker.today)
    return hash_


def call_back(clinic, sent):
    """Open a recall, as other rules in force would; putting them there would change every test."""
    moved = Moved("aspirin-alone", "Daily aspirin", Triage.CAUTION, Triage.REVIEW)
    today, screening = clinic.maker.today, cases.screenings(clinic.store, sent.id)[-1]
    outcome = Outcome(sent.id, Group.WAITING, today, Triage.CAUTION, Triage.REVIEW, (moved,))
    with clinic.store.write() as db:
        recall.call_back(
            clinic.store, db, clinic.pack.hash, [outcome], {sent.id: screening.id},
            now=clinic.maker.now,
        )  # fmt: skip


def tell_another_system(store, now):
    """Let a system in that is sent events: one arrived, one did not."""
    cleo = who_is(store, "cleo")
    scheduler = {"name": "Appointment book", "role": ClientRole.SCHEDULER}
    clients.add(store, **scheduler, by=cleo, now=now)
    reader, _ = clients.add(store, name="Patient records", role=ClientRole.READER, by=cleo, now=now)
    host = "records.example"
    told, _ = webhooks.subscribe(
        store, url=f"https://{host}/intake", kinds=(), hosts=[host], by=reader, now=now
    )
    with store.write() as db:
        made = [(store.new_id(), line) for line in (41, 42)]
        subscriptions.make_ready(db, told.id, made, 42, now)
        arrived, late = subscriptions.take_due(db, now, now + timedelta(minutes=5), 2)
        subscriptions.note_try(db, arrived, at=now, status=204, fault="", next_at=None)
        subscriptions.note_try(
            db, late, at=now, status=503, fault="It answered with status 503.",
            next_at=now + timedelta(minutes=5),
        )  # fmt: skip


AS_INSTALLED = """([folder, shown]) => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text; (text = texts.nextNode()); ) text.data = text.data.replaceAll(folder, shown);
}"""
"""Shows the data folder where a clinic has it, and not where these tests do."""


def test_every_page_has_its_picture(at_desk, open_browser, clinic, ids, pictures):
    folder = pictures / "desk"
    folder.mkdir(exist_ok=True)
    pages = {who: at_desk(who) for who in ("ada", "ben", "cleo")} | {"": open_browser(**DESK)}

    for shown in PAGES:
        page = pages[shown.who]
        answer = page.goto(shown.path.format(**ids))
        assert answer.status == 200, shown.name
        page.evaluate(AS_INSTALLED, [str(clinic.settings.data), "/srv/intake"])
        page.screenshot(path=folder / f"{shown.name}.png")

    assert {path.stem for path in folder.glob("*.png")} == {page.name for page in PAGES}


@pytest.mark.parametrize("look", COLOURS)
def test_the_pages_of_the_day_of_treatment_keep_nobody_out(at_desk, ids, look):
    page = at_desk("ada", **LOOKS[look])
    found = []
    wanted = ("chair", "session", "course", "aftercare", "keys", "document", "day")
    for shown in (one for one in PAGES if one.name in wanted):
        page.goto(shown.path.format(**ids))
        page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
        found += faults(page)

    assert found == []


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def test_the_day_of_treatment_goes_by_keys_alone(at_desk, clinic, ids):
    page = at_desk("ada")
    page.goto(f"/desk/cases/{ids['ahead']}/chair")

    page.locator("#unwell-yes").focus()
    for _ in range(6):
        press(page, "ArrowRight", "Tab")
    press(page, "Enter")
    page.wait_for_url("**/session")

    for box in page.locator("[name=checked]").all():
        box.focus()
        press(page, "Space")
    for name, text in {
        "cartridge_lot": "C-77",
        "antiseptic": "Chlorhexidine",
        "medium_lot": "G-1",
        "depth-face": "1.0",
        "passes-face": "3",
        "endpoint": "Even redness.",
    }.items():
        page.locator(f"[name={name}]").focus()
        page.keyboard.type(text)
    for name, value in {"medium": "sterile_gel", "numbed": "no", "happened": "no"}.items():
        page.locator(f"[name={name}][value={value}]").focus()
        press(page, "Space")
    page.get_by_role("button", name="Sign and record the session").focus()
    press(page, "Enter")
    page.wait_for_url(re.compile("/patients/"))

    assert "not before" in page.locator("main").inner_text()


@pytest.mark.parametrize("width", [390, 820, 1180, 1920])
def test_no_page_of_the_day_of_treatment_scrolls_sideways(at_desk, ids, width):
    page = at_desk("ada")
    page.set_viewport_size({"width": width, "height": 900})

    for shown in (one for one in PAGES if one.name in ("chair", "session", "course", "keys")):
        page.goto(shown.path.format(**ids))
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, shown.name


def test_a_caption_keeps_its_line_on_a_telephone(at_desk, ids):
    page = at_desk("ada")
    page.set_viewport_size({"width": 390, "height": 844})

    page.goto("/desk/recalls")

    caption = page.locator("table caption").first.bounding_box()
    assert caption["width"] > caption["height"]
