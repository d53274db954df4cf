"""Administration in a real browser: a pack sent as a folder, passwords shown once, any width."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from intake.actions import rule_packs, staff
from intake.actions.permission import COMMAND_LINE
from intake.storage import patients
from tests.browser.conftest import now
from tests.browser.test_access import COLOURS, LOOKS, faults
from tests.packs.builders import TINY, written


@pytest.fixture
def tiny_kept(clinic):
    """The tiny pack, checked and kept beside the one in force."""
    today = now().astimezone(clinic.settings.timezone).date()
    return rule_packs.check_and_keep(clinic.store, TINY, by=COMMAND_LINE, today=today, now=now())


def test_a_folder_is_sent_checked_and_compared(at_desk, clinic, tmp_path):
    page = at_desk("cleo")
    page.goto("/desk/packs")

    page.set_input_files("#folder", written(tmp_path / "tiny", TINY))
    page.get_by_role("button", name="Check it").click()
    page.wait_for_url(re.compile(r"/desk/packs/[0-9a-f]{64}$"))

    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    expect(page.get_by_text("not sure never fails open")).to_be_visible()
    assert rule_packs.hash_in_force(clinic.store) == clinic.pack.hash


OPENED = """document.querySelectorAll('details').forEach((part) => {
  part.open = true;
  part.querySelectorAll('dl > div:nth-child(n + 13)').forEach((row) => row.remove());
})"""
"""Opens what is folded, without the rows of a list of thousands that look as those above them."""


@pytest.mark.parametrize("look", COLOURS)
def test_the_pages_behind_the_lists_keep_nobody_out(at_desk, clinic, tiny_kept, look):
    page = at_desk("cleo", **LOOKS[look])
    accounts = staff.list_staff(clinic.store, by=COMMAND_LINE, now=now())
    paths = [
        f"/desk/accounts/{accounts[0].who.id}",
        "/desk/retention",
        "/desk/retention/due",
        f"/desk/packs/{tiny_kept.pack.hash}",
    ]
    found = []
    for path in paths:
        page.goto(path)
        page.evaluate(OPENED)
        found += faults(page)
    page.get_by_role("button", name="Put it in force").click()
    page.evaluate(OPENED)
    found += faults(page)

    assert found == []


@pytest.mark.parametrize("width", [320, 390, 820, 1180])
def test_no_page_of_administration_is_wider_than_its_screen(at_desk, tiny_kept, width):
    page = at_desk("cleo", viewport={"width": width, "height": 800})
    wide = []
    page.goto("/desk/accounts")
    rooms = page.locator(".rooms a").evaluate_all("links => links.map((link) => link.href)")
    for path in [*rooms, f"/desk/packs/{tiny_kept.pack.hash}", "/desk/choices/levels"]:
        page.goto(path)
        is_wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        wide += [path] if page.evaluate(is_wide) else []

    assert len(rooms) > 6
    assert wide == []


def test_a_patient_is_erased_after_a_second_look(at_desk, clinic):
    page = at_desk("cleo")
    gone = clinic.maker.sent("Erna Erased", "healthy-woman")
    patient = patients.patient(clinic.store, gone.patient_id)

    page.goto("/desk/retention")
    card = page.locator("section", has=page.get_by_role("heading", name="Erase one patient"))
    card.get_by_label("Record number").fill(patient.record_number)
    card.get_by_label("Date of birth").fill(patient.birth_date.isoformat())
    card.get_by_role("button", name="Look").click()
    looked = faults(page)
    page.get_by_label("Why").fill("Asked in writing.")
    page.get_by_label("I have checked that this is the right patient").check()
    page.get_by_role("button", name="Erase this patient for good").click()

    expect(page.get_by_text("Erased: the patient and 1 form.")).to_be_visible()
    assert looked == []
    assert patients.patient(clinic.store, gone.patient_id) is None


def test_a_one_time_password_is_gone_after_a_reload_of_the_list(at_desk):
    page = at_desk("cleo")
    page.goto("/desk/accounts")
    page.get_by_label("Full name").fill("Frida Berg")
    page.get_by_label("User name").fill("frida")
    page.get_by_role("button", name="Add, and show its password").click()
    password = page.locator(".once code").inner_text()

    page.goto("/desk/accounts")

    assert re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", password)
    expect(page.locator(".once")).to_have_count(0)
    assert password not in page.content()
