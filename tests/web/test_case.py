"""The page of one case: everything a decision rests on, as it was said."""

from datetime import UTC, datetime

import pytest

from intake.actions import versions
from intake.core import trail_words
from intake.core.records import AuditEvent, ResponseStatus
from intake.storage import audit, responses
from tests.web.filling import page_boxes
from tests.web.test_returning import born_of

MARKUP = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "{{ 7*7 }}",
    "${7*7}",
    "</textarea><h1>x</h1>",
    "&lt;b&gt;",
    "javascript:alert(1)",
    "' onmouseover='x",
    "<!-- x",
    "<style>*{display:none}</style>",
    "<a href=//evil>x</a>",
]


@pytest.fixture
def shown(ada, ids):
    return lambda key: ada.get(f"/desk/cases/{ids.get(key, key)}")


def finding(page, title):
    return next(a for a in page.root.all("article", class_="finding") if a.one("h4").text == title)


def test_a_finding_says_what_why_and_on_what_it_rests(shown, pack):
    rule = pack.rules_by_id["anticoagulant"]

    card = finding(shown("review"), rule.title)

    assert card.one("p", class_="finding-kind").text == "Review"
    assert rule.meaning in card.text
    assert rule.action in card.text
    assert "Do you take a blood thinner?" in card.text
    assert card.one("p", class_="rule-id").one("code").text == "anticoagulant"
    assert pack.label in card.one("p", class_="rule-id").text
    cited = [source.text for source in card.all("cite")]
    assert cited == [pack.sources[name].citation for name in rule.sources]


def test_the_patients_words_stand_beside_the_question(shown):
    words = shown("review").words

    assert "Do you take a blood thinner? Yes" in words


def test_the_severity_is_said_with_its_meaning(shown):
    page = shown("stop")

    assert page.root.one("h2", id="triage-title").text == "Stop"
    assert "A clinician decides" in page.words


def test_nothing_found_is_not_a_permission(shown):
    page = shown("routine")

    assert "No rule matched. Review is still required." in page.words
    assert page.root.all("article", class_="finding") == []


def test_what_could_not_be_ruled_out_stands_under_its_answer(shown):
    page = shown("unknown")

    assert "could not be ruled out" in page.words
    assert "Open because of" in page.words
    assert "No class of medicine is ruled out by it." in page.words


def test_the_earliest_safe_date_is_said(shown):
    assert "Earliest safe date 22 June 2026" in shown("defer").words


def test_two_identifiers_and_the_age_stand_at_the_top(shown, store):
    row = store.row("SELECT * FROM patients WHERE name = ?", ["Walter Brandt"])

    head = shown("review").root.one("header", class_="case-head").text

    assert "Walter Brandt" in head
    assert "20 January 1955, 71 years" in head
    assert row["record_number"] in head


def test_a_form_being_filled_is_not_screened_yet(shown):
    page = shown("begun")

    assert "The patient has not sent this form." in page.words
    assert page.root.all("h2", id="decide-title") == []
    assert page.root.all("h2", id="triage-title") == []


PREGNANT = "Are you pregnant?"


def test_what_was_asked_in_private_is_opened_at_a_press_and_the_next_page_is_without_it(ada, ids):
    path = f"/desk/cases/{ids['routine']}"
    folded = ada.get(path)

    opened = ada.post(f"{path}/private")

    assert PREGNANT not in folded.root.one("div", class_="parts").text
    assert "asked in private · " in folded.root.one("div", class_="parts").text
    assert PREGNANT in opened.root.one("div", class_="parts").text
    assert PREGNANT not in ada.get(path).root.one("div", class_="parts").text


def test_opening_it_keeps_the_decision_that_is_being_written(ada, ids):
    path = f"/desk/cases/{ids['stop']}"
    form = ada.get(path).root.one("form", id="decide-form")
    typed = {"disposition": "refer", "note": "Is the mole new?"}

    page = ada.post(f"{path}/private", {**form.controls(), **typed})

    kept = page.root.one("form", id="decide-form").controls()
    assert {name: kept[name] for name in typed} == {k: [v] for k, v in typed.items()}
    assert kept["seen"] == form.controls()["seen"]
    assert page.root.all("section", id="error-summary") == []


def test_opening_it_is_written_down(ada, people, store, ids):
    ada.post(f"/desk/cases/{ids['routine']}/private")

    event = audit.of_subject(store, ids["routine"])[-1]
    assert (event.actor, event.action) == (people.ada.id, "private answers read")


def test_asking_again_tells_no_private_answer(ada, ids):
    page = ada.get(f"/desk/cases/{ids['routine']}/ask-again")

    row = next(row for row in page.root.all("label", class_="row") if PREGNANT in row.text)
    assert row.text == f"{PREGNANT} asked in private"


def test_answers_set_aside_are_shown_as_such(full_tablet, topics, ada, ids):
    for today in ("broken", "none"):
        answers = {"skin_today": [today], "area_features": ["none"]}
        sent = page_boxes(topics["skin_now"], answers)
        full_tablet.post("/tablet/page/skin_now?from=review", sent)
        full_tablet.post("/tablet/page/sore_since", {"skin_broken_since-way": "not_sure"})
    full_tablet.post("/tablet/review", {"typed": "Hannah Cole"})

    page = ada.get(f"/desk/cases/{ids['filled']}")

    aside = page.root.one("section", class_="set-aside")
    assert "When did the sore or broken skin start?" in aside.text


def test_reading_a_case_is_written_down(ben, people, store, ids):
    ben.get(f"/desk/cases/{ids['stop']}")

    last = audit.of_subject(store, ids["stop"])[-1]
    assert (last.action, last.actor) == ("case read", people.ben.id)


def test_the_history_names_who_did_what(shown):
    words = shown("stop").root.one("ol", class_="events").text

    assert "Ada Practitioner began the intake" in words
    assert "Tablet sent the form" in words


@pytest.mark.parametrize(
    ("row", "typed", "left_open"),
    [
        (
            {"name": "warfarin and ibuprofen", "status": "stopped", "route": "mouth"},
            "warfarin and ibuprofen (mouth, stopped: May 2026, 1 May 2026 to 31 May 2026)",
            "Which of them was stopped is left open. Ask.",
        ),
        (
            {"name": "warfarin", "dose": "taking 5 mg daily", "status": "stopped"},
            "warfarin (taking 5 mg daily, stopped: May 2026, 1 May 2026 to 31 May 2026)",
            "“taking” leaves it open whether it was stopped. Ask.",
        ),
    ],
)
def test_a_medicine_is_shown_as_it_was_typed_with_what_its_words_leave_open(
    maker, ada, row, typed, left_open
):
    rows = [{**row, "stopped": "May 2026"}]
    case = maker.sent("Eve", "healthy-woman", takes_medicines="yes", medicines=rows).id

    table = ada.get(f"/desk/cases/{case}").root.one("table", class_="medicines").text

    assert typed in table
    assert left_open in table


@pytest.mark.parametrize("text", MARKUP[::3])
def test_markup_is_shown_as_it_was_typed(maker, ada, ben, text):
    rows = [{"name": one, "dose": one} for one in MARKUP]
    case = maker.sent(f"Eve {text}", "healthy-woman", takes_medicines="yes", medicines=rows).id
    ada.post(f"/desk/cases/{case}/addendum", {"text": text})
    note = {"disposition": "need_information", "note": text, "seen": "0"}
    screening = ada.get(f"/desk/cases/{case}").root.one("input", name="screening")["value"]
    ada.post(f"/desk/cases/{case}/decide", {**note, "screening": screening})

    pages = [
        ben.get(f"/desk/cases/{case}"),
        ben.get("/desk/"),
        ben.post("/desk/find", {"text": "Eve"}),
    ]

    shown = " ".join(text.split())
    assert pages[0].words.count(shown) >= 5
    assert [one for one in MARKUP if " ".join(one.split()) not in pages[0].words] == []
    for page in pages:
        assert f"Eve {shown}" in page.words
        assert "49" not in [bdi.text for bdi in page.root.all("bdi")]
        assert page.root.all("img", "iframe", "style") == []
        scripts = {script["src"].partition(".js")[0] for script in page.root.all("script")}
        assert scripts <= {"/static/desk", "/static/turn"}
        assert not [e for e in page.root.walk() if any(a.startswith("on") for a in e.attributes)]
        assert len(page.root.all("h1")) == 1


def test_an_addendum_is_added_and_changes_nothing_else(ada, ids, store):
    before = responses.response(store, ids["stop"])
    path = f"/desk/cases/{ids['stop']}"

    page = ada.post(
        f"{path}/addendum", {"text": " Spoke with the ward.\r\nThey agree. ", "by": "x"}
    )

    shown = ada.get(path)
    assert page.location == path
    assert "Spoke with the ward. They agree. Ada Practitioner" in shown.words
    assert responses.response(store, ids["stop"]) == before


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001], ids=["empty", "blank", "long"])
def test_an_addendum_needs_words(ada, ids, text):
    page = ada.post(f"/desk/cases/{ids['stop']}/addendum", {"text": text})

    assert page.status == 422
    assert page.title.startswith("Error: ")


def test_a_new_version_is_corrected_on_the_tablet_and_replaces_the_old(ada, ids, store, topics):
    old = ids["stop"]

    handed = ada.post(f"/desk/cases/{old}/amend")
    new = handed.location.rpartition("/")[2]
    still = ada.get(f"/desk/cases/{old}").words
    ada.post(handed.location)
    answers = responses.response(store, new).answers
    ada.post("/tablet/locked", born_of(store, responses.response(store, new)))
    ada.post("/tablet/review", {"typed": "Samuel Reyes"})

    assert "A newer version replaces this one." not in still
    assert answers == responses.response(store, old).answers
    assert responses.response(store, new).status is ResponseStatus.COMPLETED
    assert responses.response(store, old).status is ResponseStatus.COMPLETED


def test_a_replaced_version_says_so_and_is_not_decided(ada, ben, ids, store):
    handed = ada.post(f"/desk/cases/{ids['stop']}/amend")
    new = handed.location.rpartition("/")[2]
    ada.post(handed.location)
    ada.post("/tablet/locked", born_of(store, responses.response(store, new)))
    ada.post("/tablet/review", {"typed": "Samuel Reyes"})

    page = ben.get(f"/desk/cases/{ids['stop']}")

    assert "A newer version replaces this one." in page.words
    assert page.root.all("h2", id="decide-title") == []
    assert f"/desk/cases/{new}" in [a["href"] for a in page.root.all("a")]
    assert ben.post(f"/desk/cases/{ids['stop']}/amend").status == 409


def test_a_form_is_amended_once_at_a_time(ada, ids):
    first = ada.post(f"/desk/cases/{ids['stop']}/amend").location

    assert ada.post(f"/desk/cases/{ids['stop']}/amend").location == first


def test_only_what_was_sent_can_be_amended(ada, ids):
    assert ada.post(f"/desk/cases/{ids['begun']}/amend").status == 409


@pytest.mark.parametrize(
    ("key", "status"),
    [("begun", ResponseStatus.STOPPED), ("routine", ResponseStatus.ENTERED_IN_ERROR)],
)
def test_withdrawing_keeps_the_case_readable(ada, ids, store, key, status):
    path = f"/desk/cases/{ids[key]}"

    page = ada.post(f"{path}/withdraw", {"reason": "Wrong patient"})
    again = ada.post(f"{path}/withdraw", {"reason": "Once more"})

    shown = ada.get(path)
    assert page.location == path
    assert again.status == 409
    assert responses.response(store, ids[key]).status is status
    assert "Withdrawn: Wrong patient" in shown.words
    assert shown.root.all("h2", id="decide-title") == []


def test_withdrawing_needs_a_reason(ada, ids, store):
    page = ada.post(f"/desk/cases/{ids['routine']}/withdraw", {"reason": ""})

    assert page.status == 422
    assert page.faults() == [("reason", "Write the reason.")]
    assert responses.response(store, ids["routine"]).status is ResponseStatus.COMPLETED


def test_withdrawing_ends_the_visit_on_the_tablet(ada, tablet, ids):
    ada.post(f"/desk/cases/{ids['begun']}/withdraw", {"reason": "Wrong patient"})

    assert tablet.get("/tablet/welcome").location == "/tablet/"


def test_a_typed_signature_and_what_was_signed_can_be_read(shown):
    section = shown("stop").root.one("section", **{"aria-labelledby": "signature-title"})

    assert "Typed: Samuel Reyes" in section.text
    assert "I have answered these questions as well as I can." in section.text


def test_the_rules_can_be_read_like_a_guideline(ada, pack):
    rule = pack.rules_by_id["anticoagulant"]

    listed = ada.get("/desk/rules")
    page = ada.get("/desk/rules/anticoagulant")

    assert pack.label in listed.words or pack.version in listed.words
    assert rule.title in listed.words
    assert page.root.one("h1").text == rule.title
    assert rule.meaning in page.words
    assert rule.action in page.words
    for name in rule.sources:
        assert pack.sources[name].citation in page.words


def test_no_page_of_the_desk_names_a_patient_in_title_or_address(walked):
    names = ("Duarte", "Kaya", "Haddad", "Brandt", "Farouk", "Reyes", "Novak", "Cole")

    for side in ("ada", "ben"):
        for page in walked[side]:
            places = [page.title, *(a["href"] for a in page.root.all("a"))]
            places += [form["action"] for form in page.root.all("form")]
            assert not [p for p in places if any(name in p for name in names)], page.title


def test_the_same_act_time_after_time_is_one_line_of_the_history():
    at = datetime(2026, 6, 15, 9, tzinfo=UTC)
    acts = ["page saved", "page saved", "page saved", "sent", "page saved"]
    events = [AuditEvent(n, at, "tablet", act, "x") for n, act in enumerate(acts)]

    runs = trail_words.in_runs(events)

    assert [(event.action, times) for event, times in runs] == [
        ("page saved", 3),
        ("sent", 1),
        ("page saved", 1),
    ]


class TestChanges:
    @pytest.fixture
    def newer(self, ids, store, people, clock):
        """A version that was asked one thing again and answered it otherwise."""

        def make(**answers):
            new = versions.amend(
                store, response_id=ids["routine"], by=people.ada, now=clock(),
                again=frozenset(answers),
            )  # fmt: skip
            with store.write() as db:
                responses.put_answers(db, new.id, answers, clock(), language="en")
            return new

        return make

    def test_of_a_newer_version_stand_beside_what_was_said_before(self, ada, newer):
        page = ada.get(f"/desk/cases/{newer(goals=['stretch_marks']).id}")

        section = page.root.one("section", **{"aria-labelledby": "changes-title"})
        assert "Stretch marks" in section.text
        assert "before: Lines or wrinkles" in section.text
        assert len(section.all("dt")) == 1

    def test_say_what_was_not_asked_before(self, ada, newer):
        page = ada.get(f"/desk/cases/{newer(goals=['acne_scars']).id}")

        section = page.root.one("section", **{"aria-labelledby": "changes-title"})
        assert "before: not asked" in section.text

    def test_of_private_answers_are_folded(self, ada, newer):
        path = f"/desk/cases/{newer(pregnant_now='not_sure').id}"

        folded, opened = (
            page.root.one("section", **{"aria-labelledby": "changes-title"}).text
            for page in (ada.get(path), ada.post(f"{path}/private"))
        )

        assert PREGNANT not in folded
        assert "asked in private · 1 change" in folded
        assert PREGNANT in opened

    def test_of_a_first_version_are_none(self, ada, ids):
        assert ada.get(f"/desk/cases/{ids['routine']}").root.all("h2", id="changes-title") == []
