"""A visit on the tablet from the welcome to the thanks, and what is left of it afterwards."""

import re
from datetime import timedelta

import pytest

from intake.actions.tries import FAILURE_WINDOW, MOST_BEGINS
from intake.core.records import ResponseStatus, SignatureKind
from intake.core.rules import Triage
from intake.storage import audit, cases, responses, visits
from intake.web.access import Access
from tests.web.filling import fill, page_boxes, page_id_of
from tests.web.pages import Visitor

SIGNED = {"typed": "Tomas Novak"}
ADDRESS = re.compile(
    r"/tablet/((?:page|private|alone)/[0-9a-f]{16}|[a-z-]*)(\?from=review|\?row=[0-9a-f]{16})?(#here|#main)?"
)
BEGIN = {"name": "Ines Prado", "birth-day": "3", "birth-month": "May", "birth-year": "1980"}


def follow(visitor, page):
    """Go where a browser would go, to the end."""
    for _ in range(5):
        if page.location:
            page = visitor.get(page.location)
    assert not page.location, "sent round and round"
    return page


def receipt_on(page):
    return [e.text for e in page.root.all("bdi", class_="receipt-number")]


@pytest.fixture
def sent_events(store):
    return lambda response_id: [
        e for e in audit.of_subject(store, response_id) if e.action == "sent"
    ]


def test_a_whole_visit(tablet, topics, vignettes, store, ids):
    review = fill(tablet, topics, vignettes["healthy-man-body"].answers)

    thanks = follow(tablet, tablet.post("/tablet/review", SIGNED))

    case = cases.case(store, ids["begun"])
    assert review.location == "/tablet/review"
    assert thanks.root.one("h1").text == "Thank you"
    assert receipt_on(thanks) == [case.response.receipt]
    assert case.response.status is ResponseStatus.COMPLETED
    assert case.response.signature.kind is SignatureKind.TYPED
    assert case.response.signature.name == "Tomas Novak"
    assert case.screening.screening.triage is Triage.ROUTINE


def test_the_answers_stored_are_the_answers_given(tablet, topics, vignettes, store, ids):
    answers = vignettes["healthy-man-body"].answers

    fill(tablet, topics, answers)

    kept = responses.response(store, ids["begun"]).answers
    given = {k: answers[k] for k in kept}
    assert kept == {**given, "birth_date": "1988-03-12"}
    assert len(kept) > 40


def test_the_welcome_shows_whose_form_it_is(tablet):
    page = tablet.get("/tablet/welcome")

    assert page.root.one("p", class_="person-name").text == "Tomas Novak"
    assert "12 March 1988" in page.words


def test_whoever_is_somebody_else_hands_the_tablet_back(tablet, contents):
    left = tablet.post("/tablet/welcome", {"do": "not-me"})
    end = tablet.get(left.location)

    page = tablet.get(end.location)

    assert "hand the tablet back" in page.words
    assert "Tomas" not in page.html
    assert end.answer.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_the_form_of_somebody_else_waits_at_the_desk(tablet, store, ids):
    tablet.post("/tablet/welcome", {"do": "not-me"})

    assert tablet.cookie("intake_visit", "/tablet") == ""
    assert tablet.get("/tablet/welcome").status != 200
    response = responses.response(store, ids["begun"])
    assert response.status is ResponseStatus.IN_PROGRESS
    assert visits.visit_of(store, ids["begun"]) is None


def test_a_walk_in_who_mistyped_begins_anew_on_the_clinics_tablet(enrolled):
    enrolled.post("/tablet/start", BEGIN)
    enrolled.post("/tablet/welcome", {"do": "not-me"})

    page = enrolled.get("/tablet/not-me")

    assert [a["href"] for a in page.root.all("a", class_="button")] == ["/tablet/"]
    assert enrolled.get("/tablet/").root.all("input", name="name")


def test_whoever_has_a_form_open_is_not_thanked_for_it(tablet):
    assert tablet.get("/tablet/thanks").location == "/tablet/"
    assert tablet.get("/tablet/not-me").location == "/tablet/"


def test_the_end_empties_the_browser_on_its_way(full_tablet):
    sent = full_tablet.post("/tablet/review", SIGNED)

    end = full_tablet.get(sent.location)

    assert sent.location == "/tablet/end"
    assert full_tablet.cookie("intake_visit", "/tablet") == ""
    assert end.location == "/tablet/thanks"
    assert end.answer.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_the_receipt_is_shown_once(full_tablet):
    first = follow(full_tablet, full_tablet.post("/tablet/review", SIGNED))

    again = full_tablet.get("/tablet/thanks")

    assert len(receipt_on(first)) == 1
    assert receipt_on(again) == []
    assert "Thank you" in again.words


def test_thanks_is_the_same_for_everybody(maker, on_tablet):
    said = set()
    for number, vignette in enumerate(("healthy-woman", "transplant-patient", "unknown-medicine")):
        tablet = on_tablet(maker.visit(maker.filled(f"Patient {chr(65 + number)}", vignette)))
        thanks = follow(tablet, tablet.post("/tablet/review", SIGNED))
        own = f'{re.escape(receipt_on(thanks)[0])}|(?<=data-turn=")[^"]+'
        said.add(re.sub(own, "…", thanks.html))

    assert len(said) == 1


def test_after_sending_every_page_of_the_visit_leads_to_the_start(app, full_tablet, on_tablet, ids):
    follow(full_tablet, full_tablet.post("/tablet/review", SIGNED))
    kept_cookie = on_tablet("filled")

    led = {
        (str(rule), method): kept_cookie.get(str(rule).replace("<page_id>", "skin_now"))
        if method == "GET"
        else kept_cookie.post(str(rule).replace("<page_id>", "skin_now"))
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "open_to", None) is Access.VISIT
        for method in rule.methods & {"GET", "POST"}
    }

    assert len(led) >= 7
    assert led.pop(("/tablet/review", "POST")).location == "/tablet/end"
    assert {page.location for page in led.values()} == {"/tablet/"}
    assert "ask a member of staff" in on_tablet("filled").get("/tablet/").words


def test_sending_twice_makes_one_record(full_tablet, on_tablet, ids, contents, sent_events):
    second_tap = on_tablet("filled")
    second_tap.token()
    full_tablet.post("/tablet/review", SIGNED)
    before = contents()

    again = second_tap.post("/tablet/review", SIGNED)

    assert again.location == "/tablet/end"
    assert contents() == before
    assert len(sent_events(ids["filled"])) == 1


def test_the_second_tap_of_the_same_browser_is_thanked_too(full_tablet, clinic_template):
    full_tablet.post("/tablet/review", SIGNED)
    visit = clinic_template.visits["filled"]
    full_tablet.client.set_cookie("intake_visit", visit, path="/tablet")

    page = follow(full_tablet, full_tablet.post("/tablet/review", SIGNED))

    assert page.root.one("h1").text == "Thank you"
    assert len(receipt_on(page)) == 1


def test_an_unfinished_form_is_not_sent(tablet, store, ids):
    page = tablet.post("/tablet/review", SIGNED)

    assert page.location == "/tablet/page/your_goals?from=review"
    assert responses.response(store, ids["begun"]).status is ResponseStatus.IN_PROGRESS


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"typed": "   "},
        {"way": "draw", "typed": "Hannah Cole"},
        {"way": "draw", "strokes": "[[[0.1, 0.1]]]"},
        {"way": "draw", "strokes": "[[[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]]"},
        {"way": "draw", "strokes": "[[[0.1, 0.1], [2, 0.1], [0.1, -1]]]"},
        {"way": "draw", "strokes": "no list"},
    ],
    ids=[
        "nothing",
        "blanks",
        "typed but drawing",
        "a dot",
        "a long press",
        "outside the box",
        "no strokes",
    ],
)
def test_nothing_is_sent_without_a_signature(full_tablet, store, ids, form):
    page = full_tablet.post("/tablet/review", form)

    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert "Sign" in page.faults()[0][1]
    assert responses.response(store, ids["filled"]).status is ResponseStatus.IN_PROGRESS


def test_a_name_typed_for_another_way_of_signing_is_kept(full_tablet):
    page = full_tablet.post("/tablet/review", {"way": "draw", "typed": "Hannah Cole"})

    assert page.form.controls()["typed"] == ["Hannah Cole"]


def test_a_drawn_signature_is_kept_as_it_was_drawn(full_tablet, store, ids):
    strokes = "[[[0.1,0.2],[0.3,0.4]],[[0.5,0.6],[1,0]]]"

    full_tablet.post("/tablet/review", {"way": "draw", "strokes": strokes})

    signature = responses.response(store, ids["filled"]).signature
    assert signature.kind is SignatureKind.DRAWN
    assert signature.strokes == (((0.1, 0.2), (0.3, 0.4)), ((0.5, 0.6), (1.0, 0.0)))


def test_the_text_that_is_signed_stands_above_the_signature(full_tablet, store, ids):
    shown = full_tablet.get("/tablet/review").root.one("p", class_="statement").text

    full_tablet.post("/tablet/review", SIGNED)

    assert responses.response(store, ids["filled"]).signature.statement == shown


def test_a_draft_is_there_again_on_another_tablet(ada, tablet, topics, vignettes, ids, app):
    answers = vignettes["healthy-man-body"].answers
    fill(tablet, topics, answers, until="worry_map")
    other = Visitor(app.test_client())
    other.client.set_cookie(
        "intake_desk", ada.cookie("intake_desk", "/desk"), domain="localhost", path="/desk"
    )

    handed = other.post(f"/desk/hand-over/{ids['begun']}")
    asked = other.post("/tablet/welcome")
    resumed = other.post(asked.location, {"company": "nobody"})

    assert handed.location == "/tablet/welcome"
    assert resumed.location == "/tablet/page/worry_map"
    goals = other.get("/tablet/page/your_goals").form.controls()["goals"]
    assert goals == answers["goals"]
    assert tablet.get("/tablet/page/your_goals").location == "/tablet/"


def test_back_leads_page_by_page_to_the_welcome(tablet, topics, vignettes):
    fill(tablet, topics, vignettes["healthy-man-body"].answers, until="skin_diseases")
    here, walked = "/tablet/page/skin_diseases", []

    while page_id_of(here):
        here = tablet.post(here, {**tablet.get(here).form.controls(), "do": "back"}).location
        walked.append(here)

    assert walked == [
        "/tablet/page/worry_map",
        "/tablet/page/skin_now",
        "/tablet/page/your_goals",
        "/tablet/welcome",
    ]


def test_going_back_keeps_what_was_typed_and_asks_for_nothing(tablet, topics, answers_of):
    asked = topics["skin_now"].items
    boxes = page_boxes(topics["skin_now"], {"skin_today": ["rash"]})

    back = tablet.post("/tablet/page/skin_now", {**boxes, "do": "back"})

    assert back.location == "/tablet/page/your_goals"
    assert answers_of()["skin_today"] == ["rash"]
    assert asked[1].link_id not in answers_of()


def test_going_back_from_a_row_keeps_the_row(tablet, answers_of):
    row = {"medicines-entries-0-name": "Metformin", "medicines-entries-0-dose": "850"}

    tablet.post("/tablet/page/medicine_names", {**row, "do": "back"})

    assert answers_of()["medicines"] == [{"name": "Metformin", "dose": "850", "status": "unknown"}]


def test_going_back_from_a_row_that_is_empty_changes_nothing(tablet, answers_of):
    tablet.post("/tablet/page/medicine_names", {"medicines-entries-0-name": "Metformin"})
    listed = answers_of()["medicines"]
    row = tablet.post("/tablet/page/medicine_names", {"do": "add"}).location

    back = tablet.post(row, {**tablet.get(row).form.controls(), "do": "back"})

    assert back.location == "/tablet/page/medicine_names"
    assert answers_of()["medicines"] == listed


def test_going_back_shows_what_was_answered(tablet, topics):
    answers = {"skin_today": ["rash", "spots"], "area_features": ["not_sure"]}

    tablet.post("/tablet/page/skin_now", page_boxes(topics["skin_now"], answers))

    shown = tablet.get("/tablet/page/skin_now").form.controls()
    assert shown["skin_today"] == ["rash", "spots"]


def test_addresses_and_titles_tell_nothing(walked, topics):
    names = ("Tomas", "Novak", "Hannah", "Cole", "1988", "lines", "not_sure")
    private = {topic.title for topic in topics.values() if topic.private}

    for page in walked["tablet"]:
        assert not [name for name in names if name in page.title], page.title
        assert not [title for title in private if title in page.title], page.title
        for address in [a["href"] for a in page.root.all("a")] + [
            f["action"] for f in page.root.all("form")
        ]:
            assert address.startswith("#") or ADDRESS.fullmatch(address), address


def test_no_address_of_a_whole_visit_tells_an_answer(tablet, topics, vignettes):
    addresses = []
    page = tablet.post("/tablet/welcome")
    answers = vignettes["transplant-patient"].answers
    while here := page_id_of(page.location):
        addresses.append(page.answer.headers["Location"])
        page = tablet.post(page.location, page_boxes(topics[here], answers))

    assert len(addresses) > 20
    assert all(ADDRESS.fullmatch(address) for address in addresses)


def test_an_enrolled_tablet_begins_a_form_by_itself(enrolled, store):
    begun = enrolled.post("/tablet/start", BEGIN)

    welcome = enrolled.get(begun.location)

    assert begun.location == "/tablet/welcome"
    assert "Ines Prado" in welcome.words
    assert "3 May 1980" in welcome.words
    planned = enrolled.get("/tablet/page/your_goals").root.one("p", class_="planned").text
    assert planned == "Your practitioner will fill in what is planned"


@pytest.mark.parametrize(
    ("change", "anchor"),
    [
        ({"name": "  "}, "name"),
        ({"name": "---"}, "name"),
        ({"name": "x" * 200}, "name"),
        ({"birth-day": ""}, "birth-day"),
        ({"birth-day": "31"}, None),
        ({"birth-month": "Foo"}, None),
        ({"birth-year": "80"}, "birth-day"),
        ({"birth-year": "2026"}, None),
        ({"birth-year": "2030"}, None),
        ({"birth-year": "1850"}, None),
    ],
    ids=lambda value: "-".join(value.values())[:12] if isinstance(value, dict) else None,
)
def test_the_start_page_asks_again(enrolled, contents, change, anchor):
    typed = {**BEGIN, "birth-month": "June", **change}
    before = contents()

    page = enrolled.post("/tablet/start", typed)

    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert anchor is None or page.faults()[0][0] == anchor
    shown = page.form.controls()
    assert {name: shown[name] for name in typed} == {n: [v] for n, v in typed.items()}
    assert contents() == before


def test_the_start_page_tells_nobody_who_has_been_here(enrolled, ids):
    known = {
        "name": "Tomas Novak",
        "birth-day": "12",
        "birth-month": "3",
        "birth-year": "1988",
    }

    enrolled.post("/tablet/start", known)
    page = enrolled.get("/tablet/page/your_goals")

    assert page.status == 200
    assert "goals" not in page.form.controls()


def test_a_form_that_may_not_be_begun_ends_no_visit_that_is_open(enrolled, topics):
    enrolled.post("/tablet/start", BEGIN)
    enrolled.post("/tablet/page/your_goals", page_boxes(topics["your_goals"], {"goals": ["lines"]}))

    page = enrolled.post("/tablet/start", {**BEGIN, "name": "Nora Quist"})

    assert page.location == "/tablet/"
    assert enrolled.get("/tablet/").location == "/tablet/welcome"
    assert enrolled.get("/tablet/page/your_goals").form.controls()["goals"] == ["lines"]


def test_the_next_person_sees_no_number_of_who_never_saw_the_thanks(full_tablet):
    full_tablet.post("/tablet/review", SIGNED)

    page = follow(full_tablet, full_tablet.get("/tablet/"))

    assert page.root.one("h1").text == "Thank you"
    assert receipt_on(page) == []


TOMAS = {"birth-day": "12", "birth-month": "3", "birth-year": "1988"}


def test_no_spelling_of_the_record_tells_that_a_date_of_birth_is_right(enrolled, ids):
    shown = []
    for day in ("12", "13"):
        enrolled.post("/tablet/start", {**TOMAS, "birth-day": day, "name": "tOMÁS novak"})
        shown += [e.text for e in enrolled.get("/tablet/welcome").root.all(class_="person-name")]
        enrolled.post("/tablet/welcome", {"do": "not-me"})
        enrolled.post("/tablet/checked")

    assert shown == ["tOMÁS novak", "tOMÁS novak"]


def test_who_begins_on_the_tablet_reads_their_name_as_they_typed_it(enrolled):
    enrolled.post("/tablet/start", {**BEGIN, "name": "  Zoë  D\u200bArc "})

    assert enrolled.get("/tablet/welcome").root.one("p", class_="person-name").text == "Zoë DArc"


def test_staff_who_hand_it_over_show_the_name_as_it_is_kept(enrolled, ada, store, clock):
    enrolled.post("/tablet/start", {**BEGIN, "name": "inés prado"})
    form = store.row("SELECT id FROM responses WHERE begun_by IS NULL")["id"]

    clock.at += timedelta(minutes=1)

    ada.post(f"/desk/hand-over/{form}")

    assert ada.get("/tablet/welcome").root.one("p", class_="person-name").text == "inés prado"


def begin_and_give_up(tablet, **changed):
    begun = tablet.post("/tablet/start", {**BEGIN, **changed})
    tablet.post("/tablet/welcome", {"do": "not-me"})
    tablet.post("/tablet/checked")
    return begun


def test_a_form_given_up_before_its_first_page_leaves_nobody_in_the_search(enrolled, ada, store):
    begin_and_give_up(enrolled)

    form = store.row("SELECT * FROM responses WHERE begun_by IS NULL")
    found = ada.post("/desk/begin", {"text": "Ines"})
    assert form["status"] == "stopped"
    assert audit.of_subject(store, form["id"])[-1].action == "withdrawn"
    assert "Ines Prado" not in found.words


def test_who_begins_again_after_that_is_found_and_is_the_same_patient(enrolled, ada, store):
    begin_and_give_up(enrolled)

    enrolled.post("/tablet/start", BEGIN)

    found = ada.post("/desk/begin", {"text": "Ines"})
    assert "Ines Prado" in found.words
    assert len(store.rows("SELECT id FROM patients WHERE name = ?", ["Ines Prado"])) == 1


def test_a_form_given_up_after_its_first_page_waits_at_the_desk(enrolled, topics, store):
    enrolled.post("/tablet/start", BEGIN)
    enrolled.post("/tablet/page/your_goals", page_boxes(topics["your_goals"], {"goals": ["lines"]}))

    enrolled.post("/tablet/welcome", {"do": "not-me"})

    assert store.row("SELECT * FROM responses WHERE begun_by IS NULL")["status"] == "in-progress"


def test_after_ten_forms_in_five_minutes_a_tablet_asks_for_staff(enrolled, clock, store):
    led = [begin_and_give_up(enrolled, **{"birth-year": str(1970 + n)}) for n in range(MOST_BEGINS)]
    before = store.rows("SELECT id FROM responses")

    page = enrolled.post("/tablet/start", BEGIN)

    assert {one.location for one in led} == {"/tablet/welcome"}
    assert page.status == 422
    assert "Ask a member of staff" in page.words
    assert store.rows("SELECT id FROM responses") == before
    clock.at += FAILURE_WINDOW + timedelta(seconds=1)
    assert enrolled.post("/tablet/start", BEGIN).location == "/tablet/welcome"


def test_a_device_that_is_not_enrolled_asks_for_staff(stranger):
    page = stranger.get("/tablet/")

    assert "ask a member of staff" in page.words
    assert page.root.all("form") == []


def test_an_enrolment_link_works_once(app, cleo, enrolled):
    made = cleo.post("/desk/tablets", {"name": "Room 9"})
    link = made.root.one("p", class_="link").text
    path = link[link.index("/tablet/") :]
    first, second = Visitor(app.test_client()), Visitor(app.test_client())

    answers = [first.post(path), second.post(path)]

    assert answers[0].location == "/tablet/"
    assert answers[1].status == 404
    assert "ask a member of staff" in second.get("/tablet/").words


def test_a_revoked_tablet_is_shut_out_at_once(enrolled, cleo, store, people):
    revoke = next(
        f["action"] for f in cleo.get("/desk/tablets").root.all("form") if "revoke" in f["action"]
    )

    cleo.post(revoke)

    assert "ask a member of staff" in enrolled.get("/tablet/").words
    assert enrolled.post("/tablet/start", BEGIN).location == "/tablet/"


def test_the_front_door_knows_tablets_from_the_desk(stranger, tablet, enrolled):
    tablet.client.set_cookie("intake_visit", "x", path="/")
    enrolled.client.set_cookie("intake_tablet", "x", path="/")

    led = [visitor.get("/").location for visitor in (stranger, tablet, enrolled)]

    assert led == ["/desk/", "/tablet/", "/tablet/"]
