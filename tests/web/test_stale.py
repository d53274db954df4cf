"""Pages that others overtook: a second window, a request that came late, two at the same moment."""

import threading

import pytest

from intake.actions import begin
from intake.core.records import ResponseStatus
from intake.storage import responses
from tests.web.filling import page_boxes

GATE = "/tablet/page/medicines_gate"
BEGIN = {"name": "Ines Prado", "birth-day": "3", "birth-month": "May", "birth-year": "1980"}
MEDICINES = "/tablet/page/medicine_names"
METFORMIN = {"medicines-entries-0-name": "Metformin", "medicines-entries-0-status": "current"}
CHANGED = "The answers on this page were changed meanwhile."


def sent_of(page):
    return {name: value for name, value in page.form.controls().items() if name != "csrf_token"}


def names(answers):
    return [row["name"] for row in answers["medicines"] if isinstance(row, dict)]


@pytest.fixture
def gate(topics):
    def boxes(**answers):
        usual = {"takes_medicines": "no", "isotretinoin_ever": "no", "blood_thinner": "no"}
        return page_boxes(topics["medicines_gate"], {**usual, **answers})

    return boxes


@pytest.fixture
def medicines(tablet, gate):
    """A tablet on which one medicine is listed."""
    tablet.post(GATE, gate(takes_medicines="yes"))
    tablet.post(MEDICINES, METFORMIN)
    return tablet


@pytest.mark.parametrize("act", ["continue", "back", "help"])
def test_an_older_page_undoes_nothing_and_is_shown_as_it_is_now(tablet, gate, answers_of, act):
    tablet.post(GATE, gate())
    older = sent_of(tablet.get(GATE))
    tablet.post(GATE, gate(isotretinoin_ever="yes"))

    page = tablet.post(GATE, {**older, "do": act})

    assert answers_of()["isotretinoin_ever"] == "yes"
    assert page.status == 422
    assert CHANGED in page.words
    assert page.form.controls()["isotretinoin_ever"] == ["yes"]


@pytest.mark.parametrize("act", ["language-es", "size-2", "lock"])
def test_buttons_beside_the_page_undo_nothing_either(tablet, gate, answers_of, act):
    tablet.post(GATE, gate())
    older = sent_of(tablet.get(GATE))
    tablet.post(GATE, gate(isotretinoin_ever="yes"))

    page = tablet.post(GATE, {**older, "do": act})

    assert page.status in (200, 303)
    assert answers_of()["isotretinoin_ever"] == "yes"


def test_a_page_that_is_sent_twice_goes_on_twice(tablet, gate):
    tablet.get(GATE)
    boxes = {**sent_of(tablet.get(GATE)), **gate(isotretinoin_ever="yes")}

    first, second = tablet.post(GATE, boxes), tablet.post(GATE, boxes)

    assert first.location == second.location != ""


@pytest.mark.parametrize("act", ["add", "continue", "removed-0123456789abcdef"])
def test_an_older_list_does_not_say_that_it_is_complete(medicines, answers_of, act):
    older = sent_of(medicines.get(MEDICINES))
    medicines.post(MEDICINES, {**older, "medicines-more": "not_sure"})

    medicines.post(MEDICINES, {**older, "do": act})

    assert answers_of()["medicines"][-1] == "not_sure"


def test_a_tick_beside_the_list_comes_along_when_a_row_is_changed(medicines, answers_of):
    page = medicines.get(MEDICINES)
    change = next(
        b["value"] for b in page.root.all("button", name="do") if b["value"].startswith("change-")
    )

    row = medicines.post(
        MEDICINES, {**sent_of(page), "medicines-more": "not_sure", "do": change}
    ).location
    medicines.post(row, {**sent_of(medicines.get(row)), "medicines-entries-0-dose": "500 mg"})

    assert answers_of()["medicines"][-1] == "not_sure"
    assert answers_of()["medicines"][0]["dose"] == "500 mg"


def test_rows_that_are_sent_at_once_are_all_kept(medicines, app, answers_of):
    address = medicines.real(medicines.post(MEDICINES, {"do": "add"}).location)
    token, start = medicines.token(), threading.Barrier(6, timeout=60)
    cookies = {"intake_visit": "/tablet", "intake_form": "/"}
    found = []

    def send(name):
        client = app.test_client()
        for cookie, path in cookies.items():
            client.set_cookie(cookie, medicines.cookie(cookie, path), path=path)
        sent = {"medicines-entries-0-name": name, "do": "keep", "csrf_token": token}
        start.wait()
        found.append(client.post(address, data=sent).status_code)

    threads = [threading.Thread(target=send, args=(f"Drug {n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [303] * 6
    assert sorted(names(answers_of())) == [*(f"Drug {n}" for n in range(6)), "Metformin"]


def test_back_leads_on_from_a_page_that_is_asked_no_more(tablet, topics, answers_of):
    spotty = page_boxes(topics["skin_now"], {"skin_today": ["wound"], "area_features": ["none"]})
    tablet.post("/tablet/page/skin_now", spotty)
    older = sent_of(tablet.get("/tablet/page/sore_since"))
    calm = page_boxes(topics["skin_now"], {"skin_today": ["none"], "area_features": ["none"]})
    tablet.post("/tablet/page/skin_now", calm)

    page = tablet.post("/tablet/page/sore_since", {**older, "do": "back"})

    assert page.status == 303
    assert answers_of()["skin_today"] == ["none"]


def test_a_plan_that_is_entered_meanwhile_takes_a_page_away_without_harm(
    enrolled, store, pack, people, clock
):
    ines = {"birth-day": "3", "birth-month": "5", "birth-year": "1980", "name": "Ines Prado"}
    enrolled.post("/tablet/start", ines)
    enrolled.post("/tablet/company", {"company": "nobody"})
    older = sent_of(enrolled.get("/tablet/page/devices"))
    begun = store.row("SELECT id FROM responses ORDER BY begun_at DESC, rowid DESC")["id"]
    needles = next(c for c in pack.items["plan.modality"].codes if c != "radiofrequency")
    begin.change_plan(
        store, pack, response_id=begun, plan={"modality": needles},
        by=people.ada, now=clock(), today=clock().date(),
    )  # fmt: skip

    assert enrolled.post("/tablet/page/devices", {**older, "do": "back"}).status == 303


class TestBackOverWhatCannotBeRead:
    def test_takes_a_date_back_so_that_it_is_asked_again(self, tablet, gate, answers_of):
        tablet.post(GATE, gate(isotretinoin_ever="yes"))
        when = "/tablet/page/isotretinoin_when"
        tablet.post("/tablet/page/isotretinoin_now", {"isotretinoin_now": "no"})
        said = {"isotretinoin_last-way": "date", "isotretinoin_last-month": "5"}
        tablet.post(when, {**said, "isotretinoin_last-year": "2026"})

        tablet.post(when, {**said, "isotretinoin_last-year": "20", "do": "back"})

        assert "isotretinoin_last" not in answers_of()

    def test_takes_back_that_none_applies(self, tablet, topics, answers_of):
        calm = {"skin_today": ["none"], "area_features": ["none"]}
        tablet.post("/tablet/page/skin_now", page_boxes(topics["skin_now"], calm))
        page = sent_of(tablet.get("/tablet/page/skin_now"))

        tablet.post("/tablet/page/skin_now", {**page, "skin_today": [], "do": "back"})

        assert "skin_today" not in answers_of()

    def test_keeps_of_a_row_the_name_and_that_the_list_is_open(self, medicines, answers_of):
        page = medicines.get(MEDICINES)
        acts = [b["value"] for b in page.root.all("button", name="do")]
        change = next(act for act in acts if act.startswith("change-"))
        row = medicines.post(MEDICINES, {"do": change}).location

        emptied = {**sent_of(medicines.get(row)), "medicines-entries-0-name": "", "do": "back"}
        medicines.post(row, emptied)

        assert names(answers_of()) == ["Metformin"]
        assert answers_of()["medicines"][-1] == "not_sure"

    def test_keeps_the_name_of_a_new_row(self, medicines, answers_of):
        row = medicines.post(MEDICINES, {"do": "add"}).location
        typed = {
            "medicines-entries-1-name": "Apixaban",
            "medicines-entries-1-status": "stopped",
            "medicines-entries-1-stopped-way": "date",
            "medicines-entries-1-stopped-year": "20",
        }

        medicines.post(row, {**sent_of(medicines.get(row)), **typed, "do": "back"})

        assert names(answers_of()) == ["Metformin", "Apixaban"]

    def test_leads_from_a_row_without_a_name_to_the_page_before(self, tablet, gate):
        tablet.post(GATE, gate(takes_medicines="yes"))
        row = tablet.get(MEDICINES)

        back = tablet.post(
            MEDICINES, {**sent_of(row), "medicines-entries-0-status": "current", "do": "back"}
        )

        assert back.location == GATE


def test_a_name_that_nobody_can_see_is_none(medicines, answers_of):
    row = medicines.post(MEDICINES, {"do": "add"}).location

    medicines.post(row, {"medicines-entries-1-name": "\x01\x02", "do": "keep"})

    assert names(answers_of()) == ["Metformin"]


@pytest.mark.parametrize("typed", ["\u200b", "\u2060\u2060", "\u3164", ".", "\uff9e"])
def test_a_signature_that_nobody_can_see_signs_nothing(full_tablet, typed):
    page = full_tablet.post("/tablet/review", {"typed": typed})

    assert page.status == 422


def test_help_is_answered_on_the_next_page_and_marked_on_the_review(tablet, topics):
    boxes = page_boxes(topics["skin_now"], {"skin_today": ["rash"]})

    page = tablet.get(tablet.post("/tablet/page/skin_now", {**boxes, "do": "help"}).location)

    assert "Noted: a member of staff goes through that page with you." in page.words
    assert "You asked for help with this." in tablet.get("/tablet/review").words


def test_a_medicine_is_removed_only_after_a_second_word(medicines, answers_of):
    page = medicines.get(MEDICINES)
    remove = [b["value"] for b in page.root.all("button", name="do")]
    sure = medicines.get(
        medicines.post(
            MEDICINES, {"do": next(act for act in remove if act.startswith("remove-"))}
        ).location
    )

    assert names(answers_of()) == ["Metformin"]
    assert "Take this one off the list?" in sure.words


def test_a_change_leads_back_to_its_line(full_tablet, topics):
    boxes = page_boxes(topics["your_goals"], {"goals": ["lines"]})

    sent = full_tablet.post("/tablet/page/your_goals?from=review", boxes)

    anchor = sent.answer.headers["Location"].partition("#")[2]
    assert full_tablet.get("/tablet/review").root.one("div", id=anchor)


def test_an_older_review_signs_no_answer_that_it_did_not_show(full_tablet, topics, store, ids):
    older = sent_of(full_tablet.get("/tablet/review"))
    goals = page_boxes(topics["your_goals"], {"goals": ["hair"]})
    full_tablet.post("/tablet/page/your_goals", goals)

    page = full_tablet.post("/tablet/review", {**older, "typed": "Hannah Cole"})

    kept = responses.response(store, ids["filled"])
    assert page.status == 422
    assert page.faults() == [
        ("page", "Your answers were changed meanwhile. Look through them again, then send.")
    ]
    assert page.form.controls()["typed"] == [""]
    assert (kept.status, kept.signature) == (ResponseStatus.IN_PROGRESS, None)


def test_the_review_that_is_shown_then_signs_what_it_shows(full_tablet, topics, store, ids):
    older = sent_of(full_tablet.get("/tablet/review"))
    goals = page_boxes(topics["your_goals"], {"goals": ["hair"]})
    full_tablet.post("/tablet/page/your_goals", goals)
    newer = sent_of(full_tablet.post("/tablet/review", {**older, "typed": "Hannah Cole"}))

    page = full_tablet.post("/tablet/review", {**newer, "typed": "Hannah Cole"})

    assert page.location == "/tablet/end"
    assert responses.response(store, ids["filled"]).answers["goals"] == ["hair"]


def token_on(page, to="/tablet/welcome"):
    return page.form_to(to).controls()["csrf_token"][0]


def test_a_form_of_an_earlier_visit_is_refused_in_the_next(enrolled, contents):
    enrolled.post("/tablet/start", BEGIN)
    older = token_on(enrolled.get("/tablet/welcome"))
    enrolled.post("/tablet/welcome", {"do": "not-me"})
    enrolled.get("/tablet/end")
    enrolled.post("/tablet/checked")
    enrolled.post("/tablet/start", {**BEGIN, "name": "Next Person"})
    before = contents()

    answer = enrolled.client.post("/tablet/welcome", data={"do": "lock", "csrf_token": older})

    assert answer.status_code == 400
    assert contents() == before
    assert enrolled.get("/tablet/welcome").status == 200  # not locked


@pytest.mark.parametrize("act", ["hand-over", "sign-out"])
def test_a_form_of_the_desk_is_refused_in_the_visit_that_follows(ada, ids, act):
    older = token_on(ada.get("/desk/"), "/desk/sign-out")
    if act == "sign-out":
        ada.post("/desk/sign-out")
    else:
        ada.post(f"/desk/hand-over/{ids['begun']}")

    answer = ada.client.post("/desk/sign-in", data={"csrf_token": older})

    assert answer.status_code == 400
