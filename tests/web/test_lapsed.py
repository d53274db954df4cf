"""A tablet that slept brings what was typed with the request that finds its visit lapsed."""

from datetime import timedelta

from intake.storage import responses, visits

SKIN = "/tablet/page/skin_now"
TYPED = {"skin_today": "none", "area_features": "none"}


def stored(store, ids):
    return responses.response(store, ids["begun"]).answers


def test_the_page_is_kept_and_the_form_locked(tablet, clock, store, ids):
    tablet.get(SKIN)
    clock.at += timedelta(minutes=10)

    page = tablet.post(SKIN, {**TYPED, "do": "lock"})

    assert (page.status, page.location) == (303, "/tablet/locked")
    assert stored(store, ids)["skin_today"] == ["none"]
    visit = visits.visit_of(store, ids["begun"])
    assert visit.place == "skin_today"
    assert visit.locked_at < clock.at


def test_continue_keeps_it_and_locks_as_well(tablet, clock, store, ids):
    tablet.get(SKIN)
    clock.at += timedelta(minutes=10)

    page = tablet.post(SKIN, {**TYPED, "do": "continue"})

    assert (page.status, page.location) == (303, "/tablet/locked")
    assert stored(store, ids)["skin_today"] == ["none"]


def test_a_form_that_is_locked_already_takes_nothing(tablet, clock, store, ids):
    tablet.get(SKIN)
    clock.at += timedelta(minutes=10)
    tablet.get(SKIN)

    page = tablet.post(SKIN, {**TYPED, "do": "continue"})

    assert (page.status, page.location) == (303, "/tablet/locked")
    assert "skin_today" not in stored(store, ids)


def test_a_lapsed_visit_shows_no_page(tablet, clock):
    tablet.get(SKIN)
    clock.at += timedelta(minutes=10)

    page = tablet.get(SKIN)

    assert (page.status, page.location) == (303, "/tablet/locked")


def test_the_last_wrong_date_of_birth_leaves_only_staff(tablet):
    wrong = {"birth-day": "1", "birth-month": "1", "birth-year": "1950", "do": "birth"}
    tablet.post(SKIN, {"do": "lock"})

    *before, last = [tablet.post("/tablet/locked", wrong) for _ in range(5)]

    assert all("Try again" in page.words for page in before)
    assert "Ask a member of staff to open it." in last.words
    assert "Try again" not in last.words
    assert last.root.all("input", name="birth-day") == []
