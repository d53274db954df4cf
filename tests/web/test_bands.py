"""Ready answers to "about when was that?" on the tablet, on the review and at the desk."""

from datetime import timedelta

import pytest

from intake.storage import responses
from intake.storage import visits as visits_stored
from intake.storage.encoding import instant
from tests.web.filling import page_boxes

WHEN = "/tablet/page/isotretinoin_when"
BAND = "3 months to 6 months ago"


@pytest.fixture
def asked(tablet, topics):
    """The page about the last capsule, which only those see who ever took one."""
    answers = {"takes_medicines": "no", "isotretinoin_ever": "yes", "blood_thinner": "no"}
    tablet.post("/tablet/page/medicines_gate", page_boxes(topics["medicines_gate"], answers))
    tablet.post("/tablet/page/isotretinoin_now", {"isotretinoin_now": "no"})
    return tablet


def choices(page):
    return {
        row.text: row.one("input")["value"]
        for row in page.root.all("label", class_="row")
        if row.one("input")["name"] == "isotretinoin_last-way"
    }


def test_bands_end_where_the_rules_do(asked):
    offered = choices(asked.get(WHEN))

    assert offered["3 to 6 months ago"] == BAND
    assert offered["4 weeks to 3 months ago"] == "4 weeks to 3 months ago"
    assert offered["More than 1 year ago"] == "more than 1 year ago"
    assert "Not sure" in offered


def test_a_band_is_kept_as_said_with_the_days_it_means(asked, store, ids):
    page = asked.post(WHEN, {"isotretinoin_last-way": BAND})

    kept = responses.response(store, ids["begun"]).answers["isotretinoin_last"]
    assert page.status == 303
    assert kept["said"] == BAND
    assert kept["earliest"] < kept["latest"]


def test_it_is_still_chosen_when_the_patient_comes_back(asked):
    asked.post(WHEN, {"isotretinoin_last-way": BAND})

    sent = asked.get(WHEN).form.controls()

    assert sent["isotretinoin_last-way"] == [BAND]


def test_a_band_that_is_no_longer_offered_stays_on_offer_to_who_chose_it(asked):
    asked.post(WHEN, {"isotretinoin_last-way": "3 weeks to 5 weeks ago"})

    page = asked.get(WHEN)

    assert choices(page)["3 to 5 weeks ago"] == "3 weeks to 5 weeks ago"
    assert page.form.controls()["isotretinoin_last-way"] == ["3 weeks to 5 weeks ago"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "3 to 6 months ago"),
        ("es", "Hace entre 3 y 6 meses"),
        ("ar", "قبل 3 إلى 6 أشهر"),
    ],
)
def test_the_review_says_it_in_the_language_of_the_patient(asked, language, words):
    asked.post(WHEN, {"isotretinoin_last-way": BAND})
    asked.post("/tablet/welcome", {"do": f"language-{language}"})

    assert words in asked.get("/tablet/review").words


def test_a_length_of_two_has_its_own_form_in_arabic(asked):
    asked.post("/tablet/welcome", {"do": "language-ar"})

    assert "قبل أقل من أسبوعين" in choices(asked.get(WHEN))


def test_what_was_said_on_an_earlier_day_keeps_its_days(asked, store, ids, clock):
    asked.post(WHEN, {"isotretinoin_last-way": BAND})
    before = responses.response(store, ids["begun"]).answers["isotretinoin_last"]
    clock.at += timedelta(days=40)
    with store.write() as db:
        visits_stored.put_seen(db, ids["begun"], clock.at)
        db.execute("UPDATE visits SET opened_at = ?", [instant(clock.at)])  # begun anew that day

    page = asked.get(WHEN)
    asked.post(WHEN, page.form.controls())

    assert page.form.controls()["isotretinoin_last-way"] == ["kept"]
    assert "as you said before" in page.words
    after = responses.response(store, ids["begun"]).answers["isotretinoin_last"]
    assert after == before


def test_the_review_says_its_days_once_the_words_mean_others(asked, store, ids, clock):
    asked.post(WHEN, {"isotretinoin_last-way": BAND})
    at_once = asked.get("/tablet/review").words
    clock.at += timedelta(days=40)
    with store.write() as db:
        visits_stored.put_seen(db, ids["begun"], clock.at)
        db.execute("UPDATE visits SET opened_at = ?", [instant(clock.at)])  # begun anew that day

    later = asked.get("/tablet/review").words

    assert "3 to 6 months ago" in at_once
    assert "3 to 6 months ago" not in later
    assert "Between 16 December 2025 and 15 March 2026, as you said before" in later


def test_it_means_new_days_when_it_is_said_anew(asked, store, ids, clock):
    asked.post(WHEN, {"isotretinoin_last-way": BAND})
    before = responses.response(store, ids["begun"]).answers["isotretinoin_last"]
    clock.at += timedelta(days=40)
    with store.write() as db:
        visits_stored.put_seen(db, ids["begun"], clock.at)
        db.execute("UPDATE visits SET opened_at = ?", [instant(clock.at)])  # begun anew that day

    asked.post(WHEN, {"isotretinoin_last-way": BAND})

    after = responses.response(store, ids["begun"]).answers["isotretinoin_last"]
    assert after["latest"] > before["latest"]
