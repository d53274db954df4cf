"""A patient who comes again, on a real tablet."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from intake.actions import begin, returning
from intake.storage import cases
from tests.browser.patient import go_on
from tests.browser.test_access import faults


@pytest.fixture
def again(clinic):
    """Begin the second form of somebody who was here forty days ago."""

    def make(name):
        ago = timedelta(days=40)
        maker = clinic.maker
        earlier = replace(maker, now=maker.now - ago, today=maker.today - ago)
        first = earlier.sent(name, "healthy-woman")
        found = returning.earlier_of(
            clinic.store,
            clinic.pack,
            lambda _: clinic.pack,
            patient_id=first.patient_id,
            by=maker.by,
            day_of=lambda at: at.date(),
            today=maker.today,
        )
        return begin.begin(
            clinic.store,
            clinic.pack,
            patient_id=first.patient_id,
            plan=first.plan,
            by=maker.by,
            now=maker.now,
            today=maker.today,
            earlier=found,
        )

    return make


def open_it(tablet, clinic, form):
    """Give the date of birth."""
    born = clinic.maker.birth_date_of(form)
    for part in ("day", "month", "year"):
        tablet.locator(f"[name=birth-{part}]").fill(str(getattr(born, part)))
    tablet.locator("button.button[value=birth]").click()
    tablet.wait_for_url("**/tablet/welcome")


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_what_was_said_before_keeps_nobody_out(again, on_tablet, clinic, language):
    form = again(f"Nora Again {language}")
    with clinic.store.write() as db:
        db.execute("UPDATE responses SET language = ? WHERE id = ?", [language, form.id])
    tablet = on_tablet(form)
    tablet.goto("/tablet/welcome")
    assert tablet.url.endswith("/tablet/locked")
    assert faults(tablet) == []
    open_it(tablet, clinic, form)

    tablet.goto("/tablet/earlier")

    assert tablet.locator("html").get_attribute("lang") == language
    assert faults(tablet) == []


def test_an_answer_that_changed_is_changed_and_the_rest_confirmed(again, on_tablet, clinic):
    form = again("Nora Changed")
    tablet = on_tablet(form)
    tablet.goto("/tablet/welcome")
    open_it(tablet, clinic, form)
    tablet.goto("/tablet/earlier")

    tablet.get_by_role("link", name=re.compile("Change.*Have you ever had a keloid")).click()
    tablet.locator("[name=keloid_ever][value=not_sure]").check()
    go_on(tablet)
    tablet.goto("/tablet/earlier")
    left = tablet.locator("main").inner_text()
    tablet.get_by_role("button", name="All of this is still true").click()
    tablet.wait_for_url("**/tablet/page/**")

    stored = cases.case(clinic.store, form.id).response
    assert "Have you ever had a keloid?" not in left
    assert stored.answers["keloid_ever"] == "not_sure"
    assert not stored.carried
