"""The pages of questions: what they ask, how they ask again, and what they take."""

import pytest

from intake.core.answers import MAX_MEDICINE_WORDS
from intake.core.records import ResponseStatus
from intake.storage import responses
from tests.web.filling import page_boxes

FORBIDDEN = (
    "approved",
    "cleared",
    "contraindicat",
    "denied",
    "diagnos",
    "eligible",
    "fit for treatment",
    "refused",
    "rejected",
    "risk score",
    "safe to",
    "triage",
)


@pytest.fixture
def answers_of(store, ids):
    def read():
        """Return what the patient answered; the birth date comes from the record."""
        answers = dict(responses.response(store, ids["begun"]).answers)
        assert answers.pop("birth_date") == "1988-03-12"
        return answers

    return read


def give(visitor, topics, page_id, **answers):
    return visitor.post(f"/tablet/page/{page_id}", page_boxes(topics[page_id], answers))


SKIN_NOW = {"skin_today": ["none"], "area_features": ["none"]}
SORE_NOW = {**SKIN_NOW, "skin_today": ["broken"]}
GATE = {"takes_medicines": "no", "isotretinoin_ever": "no", "blood_thinner": "no"}


def test_nothing_is_chosen_or_written_on_a_fresh_page(tablet, topics):
    shown = {page_id: tablet.get(f"/tablet/page/{page_id}") for page_id in topics}

    asked = {page_id: page for page_id, page in shown.items() if page.status == 200}
    assert len(asked) > 50
    for page_id, page in asked.items():
        ours = ("csrf_token", "shown", "state")
        given = {k: v for k, v in page.form.controls().items() if k not in ours}
        assert set().union(*given.values()) <= {""}, page_id


def test_browsers_are_told_to_remember_nothing(walked):
    for page in walked["tablet"]:
        for form in page.root.all("form"):
            assert form["autocomplete"] == "off", page.title
        for control in page.root.all("input", "textarea", "select"):
            usual = "new-password" if control["type"] == "password" else "off"
            assert control["autocomplete"] == usual, f"{page.title}: {control['name']}"


def test_no_browser_fills_in_the_password_of_staff_on_a_locked_form(tablet, topics):
    tablet.post("/tablet/page/your_goals", {"do": "lock"})

    (field,) = tablet.get("/tablet/locked").root.all("input", type="password")

    assert field["autocomplete"] == "new-password"  # browsers take no notice of "off" here


def test_no_word_on_the_tablet_judges(walked):
    for page in walked["tablet"]:
        said = page.words.lower()
        assert [word for word in FORBIDDEN if word in said] == [], page.title


def test_every_health_question_can_be_left_unknown(tablet, topics):
    for page_id, topic in topics.items():
        page = tablet.get(f"/tablet/page/{page_id}")
        if page.status != 200:
            continue
        offered = [row.text for row in page.root.all("label", class_="row")]
        asked = {legend.text for legend in page.root.all("legend")}
        unknown = [i for i in topic.items if i.offers_unknown and i.ask in asked]
        assert offered.count("I'd rather tell my practitioner") == len(unknown), page_id


def test_the_area_to_be_treated_stands_on_every_page(tablet):
    planned = tablet.get("/tablet/page/skin_now").root.one("p", class_="planned").text

    assert planned == "Area to be treated: Back"


def test_a_question_nobody_answered_is_asked_again(tablet, answers_of):
    page = tablet.post("/tablet/page/medicines_gate", {"takes_medicines": "yes"})

    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert [anchor for anchor, _ in page.faults()] == ["isotretinoin_ever-yes", "blood_thinner-yes"]
    assert page.form.controls()["takes_medicines"] == ["yes"]
    assert answers_of() == {"takes_medicines": "yes"}


def test_the_message_stands_at_the_question_too(tablet):
    page = tablet.post("/tablet/page/medicines_gate", {})

    question = page.root.one("fieldset", id="blood_thinner")
    assert question["aria-invalid"] == "true"
    assert question.one("p", id="blood_thinner-error").text.startswith("Error: Select yes, no")
    assert "blood_thinner-error" in question["aria-describedby"]


DATE = "last_spot"
ASK_AGAIN = [
    (DATE, {"way": "date"}, "day"),
    (DATE, {"way": "date", "year": "24"}, "year"),
    (DATE, {"way": "date", "year": "soon"}, "year"),
    (DATE, {"way": "date", "day": "3", "year": "2024"}, "month"),
    (DATE, {"way": "date", "day": "x", "month": "3", "year": "2024"}, "day"),
    (DATE, {"way": "date", "day": "31", "month": "2", "year": "2024"}, "way-date"),
    (DATE, {"way": "date", "month": "Foo", "year": "2024"}, "way-date"),
    (DATE, {"way": "date", "year": "2027"}, "way-date"),
    (DATE, {"way": "date", "year": "1970"}, "way-date"),
    (DATE, {"way": "date", "year": "0000"}, "way-date"),
    (DATE, {"way": "about"}, "count"),
    (DATE, {"way": "about", "count": "3"}, "unit-days"),
    (DATE, {"way": "about", "count": "three", "unit": "weeks"}, "count"),
    (DATE, {"year": "2024", "count": "3", "unit": "weeks"}, "way-date"),
]


@pytest.mark.parametrize(
    ("name", "typed", "part"), ASK_AGAIN, ids=["-".join(t.values()) for _, t, _ in ASK_AGAIN]
)
def test_a_date_that_cannot_be_read_is_kept_and_asked_again(
    tablet, topics, answers_of, name, typed, part
):
    give(tablet, topics, "your_goals", goals=["acne_scars"])
    sent = {f"{name}-{box}": value for box, value in typed.items()}

    page = tablet.post("/tablet/page/last_spots", sent)

    assert page.status == 422
    assert page.faults()[0][0] == f"{name}-{part}"
    shown = page.form.controls()
    assert {box: shown[box] for box in sent} == {box: [value] for box, value in sent.items()}
    assert name not in answers_of()


TAKEN = [
    ({"way": "date", "year": "2024"}, "2024"),
    ({"year": "2024", "month": "mar"}, "March 2024"),
    ({"way": "date", "day": "3", "month": "March", "year": "2024"}, "3 March 2024"),
    ({"way": "about", "count": "3", "unit": "weeks"}, "About 3 weeks ago"),
    ({"way": "about", "count": "1", "unit": "years"}, "About 1 year ago"),
    ({"way": "never"}, "I never had one there"),
    ({"way": "not_sure", "year": "2024"}, "Not sure"),
]


@pytest.mark.parametrize(("typed", "said"), TAKEN, ids=[said for _, said in TAKEN])
def test_a_date_is_taken_as_people_know_it_and_said_back(tablet, topics, typed, said):
    give(tablet, topics, "your_goals", goals=["acne_scars"])

    page = tablet.post("/tablet/page/last_spots", {f"{DATE}-{k}": v for k, v in typed.items()})

    assert page.status == 303
    assert said in tablet.get("/tablet/review").words


@pytest.mark.parametrize("typed", ["many", "-1", "201", "1.5", "1e2", "NaN", "1,500"])
def test_a_number_that_cannot_be_right_is_kept_and_asked_again(tablet, topics, answers_of, typed):
    give(tablet, topics, "skin_now", **{**SKIN_NOW, "skin_today": ["spots"]})

    page = tablet.post("/tablet/page/spots_more/spots_count", {"spots_count-value": typed})

    assert page.status == 422
    assert [anchor for anchor, _ in page.faults()] == ["spots_count-value"]
    assert page.form.controls()["spots_count-value"] == [typed]
    assert "spots_count" not in answers_of()


@pytest.mark.parametrize(
    ("page_id", "sent", "anchor"),
    [
        ("worry_map", {"marked_spot": ["nose", "none"]}, "marked_spot-forehead"),
        ("worry_map", {"marked_spot": ["nose", "withheld"]}, "marked_spot-forehead"),
        ("your_goals", {"goals": ["flying"]}, "goals-lines"),
        ("medicines_gate", {**GATE, "blood_thinner": "perhaps"}, "blood_thinner-yes"),
        (
            "medicine_names",
            {"medicines-entries-0-name": "Aspirin", "medicines-more": "none"},
            "medicines-entries-0-name",
        ),
        ("medicine_names", {"medicines-entries-0-dose": "5 mg"}, "medicines-entries-0-name"),
        (
            "medicine_names",
            {"medicines-entries-0-name": "Aspirin", "medicines-entries-0-stopped-year": "20"},
            "medicines-entries-0-stopped-year",
        ),
    ],
    ids=["none and some", "withheld and some", "not offered", "no such answer", "none and one",
         "no name", "stopped when"],
)  # fmt: skip
def test_answers_that_do_not_go_together_are_asked_again(tablet, page_id, sent, anchor):
    page = tablet.post(f"/tablet/page/{page_id}", sent)

    assert page.status == 422
    assert page.faults()[0][0] == anchor


def test_not_sure_may_stand_beside_other_answers(tablet, topics, answers_of):
    page = give(tablet, topics, "skin_now", **{**SKIN_NOW, "area_features": ["tattoo", "not_sure"]})

    assert page.status == 303
    assert sorted(answers_of()["area_features"]) == ["not_sure", "tattoo"]


def test_an_emptied_answer_is_no_answer_any_more(tablet, topics, answers_of):
    give(tablet, topics, "medicines_gate", **GATE)

    page = give(tablet, topics, "medicines_gate", **{**GATE, "blood_thinner": None})

    assert page.status == 422
    assert "blood_thinner" not in answers_of()


MEDICINES = "/tablet/page/medicine_names"
ONE = {"medicines-entries-0-name": "Metformin", "medicines-entries-0-status": "current"}
TWO = {
    **ONE,
    "medicines-entries-1-name": "Aspirin",
    "medicines-entries-1-status": "stopped",
    "medicines-entries-1-stopped-way": "about",
    "medicines-entries-1-stopped-count": "3",
    "medicines-entries-1-stopped-unit": "weeks",
}


class TestMedicines:
    @pytest.fixture(autouse=True)
    def takes_some(self, tablet, topics):
        give(tablet, topics, "medicines_gate", takes_medicines="yes")

    @staticmethod
    def listed(page):
        facts = page.root.one("dl", class_="medicines").all("dd")
        return [dd.text for dd in facts if "fact-change" not in dd["class"]]

    @staticmethod
    def rows(page):
        """The rows to fill in: there is at most one."""
        return [name for name in page.form.controls() if name.endswith("-name")]

    @staticmethod
    def at(tablet, number):
        """The address of a row of the list, or of one more."""
        page = tablet.get(MEDICINES)
        acts = [b["value"] for b in page.root.all("button", name="do")]
        changes = [act for act in acts if act.startswith("change-")]
        act = changes[number] if number < len(changes) else "add"
        more = page.form.controls().get("medicines-more", [])
        return tablet.post(MEDICINES, {"medicines-more": more, "do": act}).location

    @staticmethod
    def remove(tablet, number):
        """What the button of a row asks for, once it was said that it is meant."""
        buttons = tablet.get(MEDICINES).root.all("button", name="do")
        asked = [b["value"] for b in buttons if b["value"].startswith("remove-")]
        sure = tablet.get(tablet.post(MEDICINES, {"do": asked[number]}).location)
        acts = [b["value"] for b in sure.root.all("button", name="do")]
        return next(act for act in acts if act.startswith("removed-"))

    def test_the_first_one_is_asked_at_once_beside_having_none(self, tablet):
        page = tablet.get(MEDICINES)

        assert self.rows(page) == ["medicines-entries-0-name"]
        offered = [row.text for row in page.root.all("label", class_="row")]
        assert "I have no medicine to list here" in offered

    def test_after_one_the_list_is_shown_and_another_may_be_added(self, tablet):
        kept = tablet.post(MEDICINES, {**ONE, "do": "keep"})
        page = tablet.get(kept.location)
        more = tablet.post(MEDICINES, {"do": "add"})

        assert kept.location == MEDICINES
        assert self.listed(page) == ["Metformin (taking it now)"]
        assert more.location.startswith(f"{MEDICINES}?row=")
        assert self.rows(tablet.get(more.location)) == ["medicines-entries-1-name"]

    def test_a_double_tap_adds_one_row(self, tablet, answers_of):
        tablet.post(MEDICINES, ONE)
        row, address = {"medicines-entries-0-name": "Aspirin", "do": "keep"}, self.at(tablet, 1)

        for _ in range(2):
            tablet.post(address, row)

        assert [row["name"] for row in answers_of()["medicines"]] == ["Metformin", "Aspirin"]

    def test_a_row_takes_its_place_beside_those_that_are_kept(self, tablet, answers_of):
        tablet.post(MEDICINES, TWO)

        tablet.post(self.at(tablet, 0), {"medicines-entries-0-name": "Warfarin", "do": "keep"})

        assert [row["name"] for row in answers_of()["medicines"]] == ["Warfarin", "Aspirin"]

    def test_a_row_is_shown_again_as_it_was_given(self, tablet):
        tablet.post(MEDICINES, TWO)

        shown = tablet.get(self.at(tablet, 1)).form.controls()

        assert shown["medicines-entries-1-name"] == ["Aspirin"]
        assert shown["medicines-entries-1-status"] == ["stopped"]
        assert shown["medicines-entries-1-stopped-count"] == ["3"]

    def test_what_is_wrong_in_one_row_loses_no_other(self, tablet, answers_of):
        tablet.post(MEDICINES, TWO)
        wrong = {
            "medicines-entries-1-name": "Aspirin",
            "medicines-entries-1-status": "stopped",
            "medicines-entries-1-stopped-year": "20",
        }

        page = tablet.post(self.at(tablet, 1), {**wrong, "do": "keep"})

        assert page.status == 422
        assert self.rows(page) == ["medicines-entries-0-name"]
        assert answers_of()["medicines"] == [
            {"name": "Metformin", "status": "current"},
            {"name": "Aspirin", "status": "unknown"},
            "not_sure",
        ]

    @pytest.mark.parametrize("part", ["name", "purpose", "dose"])
    def test_more_words_than_a_box_takes_are_asked_again_and_leave_the_list_open(
        self, tablet, answers_of, part
    ):
        tablet.post(MEDICINES, ONE)
        box, typed = f"medicines-entries-0-{part}", "a" * (MAX_MEDICINE_WORDS + 1)
        row = {"medicines-entries-0-name": "Aspirin", box: typed}

        page = tablet.post(self.at(tablet, 1), {**row, "do": "keep"})

        assert page.status == 422
        assert page.form.controls()[box] == [typed]
        assert page.faults() == [(box, f"Shorten this to {MAX_MEDICINE_WORDS} characters.")]
        assert answers_of()["medicines"][0] == {"name": "Metformin", "status": "current"}
        assert answers_of()["medicines"][-1] == "not_sure"

    def test_a_kept_name_cannot_be_blanked_by_accident(self, tablet, answers_of):
        tablet.post(MEDICINES, TWO)

        page = tablet.post(self.at(tablet, 0), {"medicines-entries-0-name": " ", "do": "keep"})

        assert page.status == 422
        assert [row["name"] for row in answers_of()["medicines"][:2]] == ["Metformin", "Aspirin"]

    def test_nothing_in_the_first_row_is_asked_again(self, tablet):
        page = tablet.post(MEDICINES, {"medicines-entries-0-name": "", "do": "keep"})

        assert page.status == 422
        assert [anchor for anchor, _ in page.faults()] == ["medicines-entries-0-name"]

    def test_having_none_goes_on_at_once(self, tablet, answers_of):
        page = tablet.post(
            MEDICINES,
            {"medicines-entries-0-name": "", "medicines-more": "none", "do": "keep"},
        )

        assert page.location == "/tablet/page/isotretinoin_now"
        assert answers_of()["medicines"] == ["none"]

    def test_one_whose_name_is_not_known_stays_when_a_row_is_added(self, tablet, answers_of):
        tablet.post(MEDICINES, ONE)
        added = tablet.post(MEDICINES, {"medicines-more": "not_sure", "do": "add"})

        row = {"medicines-entries-0-name": "Aspirin", "do": "keep"}
        kept = tablet.post(added.location, row)

        assert answers_of()["medicines"][-1] == "not_sure"
        assert tablet.get(kept.location).form.controls()["medicines-more"] == ["not_sure"]

    def test_it_stays_as_well_when_the_row_cannot_be_read(self, tablet, answers_of):
        tablet.post(MEDICINES, {**ONE, "medicines-more": "not_sure"})
        wrong = {"medicines-entries-0-name": "Aspirin", "medicines-entries-0-stopped-year": "20"}

        tablet.post(self.at(tablet, 1), {**wrong, "do": "keep"})

        assert answers_of()["medicines"][-1] == "not_sure"

    def test_it_stays_when_a_row_is_sent_twice(self, tablet, answers_of):
        tablet.post(MEDICINES, {**ONE, "medicines-more": "not_sure"})
        row, address = {"medicines-entries-0-name": "Aspirin", "do": "keep"}, self.at(tablet, 1)

        for _ in range(2):
            tablet.post(address, row)

        assert [row["name"] for row in answers_of()["medicines"][:-1]] == ["Metformin", "Aspirin"]
        assert answers_of()["medicines"][-1] == "not_sure"

    def test_it_goes_when_it_is_unticked_on_the_list(self, tablet, answers_of):
        tablet.post(MEDICINES, {**ONE, "medicines-more": "not_sure"})

        tablet.post(MEDICINES, {"do": "continue"})

        assert answers_of()["medicines"] == [{"name": "Metformin", "status": "current"}]

    def test_help_with_one_more_leaves_the_list_open(self, tablet, answers_of, store, ids):
        tablet.post(MEDICINES, ONE)

        tablet.post(self.at(tablet, 1), {"medicines-entries-0-name": "", "do": "help"})

        assert answers_of()["medicines"][-1] == "not_sure"
        assert "medicines" in responses.response(store, ids["begun"]).help

    def test_who_knows_no_name_says_what_it_is_for(self, tablet, answers_of):
        tablet.post(MEDICINES, {"medicines-entries-0-purpose": "my blood", "do": "keep"})

        assert answers_of()["medicines"] == [{"name": "for my blood", "status": "unknown"}]
        assert "Name not known, for: my blood" in tablet.get("/tablet/review").words
        shown = tablet.get(self.at(tablet, 0)).form.controls()
        assert shown["medicines-entries-0-purpose"] == ["my blood"]

    def test_a_change_of_language_keeps_the_row_that_is_being_typed(self, tablet):
        tablet.post(MEDICINES, ONE)
        typed = {"medicines-entries-0-name": "Aspi", "do": "language-es"}

        page = tablet.post(self.at(tablet, 1), typed)

        assert page.root.one("html")["lang"] == "es"
        assert page.form.controls()["medicines-entries-0-name"] == ["Aspi"]

    def test_one_of_two_is_removed(self, tablet, answers_of):
        tablet.post(MEDICINES, TWO)

        page = tablet.post(MEDICINES, {"do": self.remove(tablet, 0)})

        assert page.location == MEDICINES
        assert [row["name"] for row in answers_of()["medicines"]] == ["Aspirin"]

    def test_the_last_one_is_removed(self, tablet, answers_of):
        tablet.post(MEDICINES, ONE)

        page = tablet.post(MEDICINES, {"do": self.remove(tablet, 0)})

        assert len(self.rows(tablet.get(page.location))) == 1
        assert "medicines" not in answers_of()

    @pytest.mark.parametrize("number", ["7", "0", "", "x", "-1", "9" * 5000])
    def test_removing_a_row_that_is_not_there_changes_nothing(self, tablet, answers_of, number):
        tablet.post(MEDICINES, TWO)

        page = tablet.post(MEDICINES, {"do": f"removed-{number}"})

        assert page.status < 500
        assert [row["name"] for row in answers_of()["medicines"]] == ["Metformin", "Aspirin"]

    @pytest.mark.parametrize("row", ["7", "0", "", "x", "-1", "9" * 5000])
    def test_a_row_that_is_not_there_is_not_shown(self, tablet, row):
        tablet.post(MEDICINES, TWO)

        page = tablet.get(f"{MEDICINES}?row={row}")

        assert self.listed(page)[0] == "Metformin (taking it now)"

    def test_a_removal_that_is_sent_twice_removes_one(self, tablet, answers_of):
        tablet.post(MEDICINES, TWO)
        first = self.remove(tablet, 0)

        for _ in range(2):
            tablet.post(MEDICINES, {"do": first})

        assert [row["name"] for row in answers_of()["medicines"]] == ["Aspirin"]

    def test_a_row_of_an_older_list_overwrites_no_other(self, tablet, answers_of):
        tablet.post(MEDICINES, TWO)
        second = self.at(tablet, 1)
        tablet.post(MEDICINES, {"do": self.remove(tablet, 0)})

        tablet.post(second, {"medicines-entries-0-name": "Warfarin", "do": "keep"})

        assert [row["name"] for row in answers_of()["medicines"]] == ["Aspirin", "Warfarin"]

    def test_a_day_before_birth_in_one_row_loses_no_other(self, tablet, answers_of):
        tablet.post(MEDICINES, TWO)
        before = {
            "medicines-entries-0-name": "Metformin",
            "medicines-entries-0-status": "stopped",
            "medicines-entries-0-stopped-way": "date",
            "medicines-entries-0-stopped-year": "1910",
        }

        page = tablet.post(self.at(tablet, 0), {**before, "do": "keep"})
        again = {**before, "medicines-entries-0-stopped-year": "2020", "do": "keep"}
        tablet.post(page.name_of(page.form["action"]), again)

        assert page.status == 422
        kept = answers_of()["medicines"]
        assert [row["name"] for row in kept[:2]] == ["Metformin", "Aspirin"]
        assert kept[0]["stopped"]["said"] == "2020"

    @pytest.mark.parametrize("word", ["withheld", "none"])
    def test_what_does_not_go_with_a_name_leaves_the_list_open(self, tablet, answers_of, word):
        sent = {"medicines-entries-0-name": "Aspirin", "medicines-more": word, "do": "lock"}

        tablet.post(MEDICINES, sent)

        assert answers_of()["medicines"] == [{"name": "Aspirin", "status": "unknown"}, "not_sure"]

    def test_words_that_are_not_offered_are_no_medicine(self, tablet, answers_of):
        tablet.post(MEDICINES, {**ONE, "medicines-more": "warfarin"})

        assert [row["name"] for row in answers_of()["medicines"]] == ["Metformin"]

    def test_they_are_said_back(self, tablet):
        tablet.post(MEDICINES, {**TWO, "medicines-more": "not_sure"})

        said = tablet.get("/tablet/review").words
        assert "Metformin" in said
        assert "3 weeks ago" in said
        assert "And another one whose name I don't know" in said

    def test_what_was_typed_stays_as_typed(self, tablet, answers_of):
        tablet.post(MEDICINES, {"medicines-entries-0-name": "<b>Rocutane</b> & co"})

        page = tablet.get(MEDICINES)
        assert self.listed(page) == ["<b>Rocutane</b> & co"]
        assert page.root.all("b") == []

    @pytest.mark.parametrize(
        ("typed", "offered"), [("metfor", True), ("zzzzqq", False), (7, False), (None, False)]
    )
    def test_names_are_suggested(self, tablet, typed, offered):
        answer = tablet.client.post(
            "/tablet/medicines", json={"typed": typed}, headers={"X-CSRFToken": tablet.token()}
        )

        assert bool(answer.get_json()["names"]) is offered

    @pytest.mark.parametrize(
        "body", ["", "[]", "{", "[" * 100_000, '{"typed": "\\ud800"}', "1e999"]
    )
    def test_suggestions_survive_any_body(self, tablet, body):
        answer = tablet.client.post(
            "/tablet/medicines",
            data=body,
            headers={"X-CSRFToken": tablet.token(), "Content-Type": "application/json"},
        )

        assert answer.status_code == 200
        assert answer.get_json()["names"] == []


class TestReview:
    def test_a_changed_answer_opens_its_question_which_is_asked_first(self, full_tablet, topics):
        change = "/tablet/page/skin_now?from=review"
        sent = page_boxes(topics["skin_now"], SORE_NOW)

        asked = full_tablet.post(change, sent)
        answered = full_tablet.post(
            asked.location, {"skin_broken_since-way": "about", "skin_broken_since-count": "2",
                             "skin_broken_since-unit": "days"},
        )  # fmt: skip

        assert asked.location == "/tablet/page/sore_since?from=review"
        assert answered.location == "/tablet/review"

    def test_what_is_still_open_comes_first(self, full_tablet, topics):
        sent = page_boxes(topics["skin_now"], SORE_NOW)
        full_tablet.post("/tablet/page/skin_now?from=review", sent)

        page = full_tablet.get("/tablet/review")

        left = page.root.one("section", class_="open-list")
        assert [dt.text for dt in left.all("dt")] == ["When did the sore or broken skin start?"]

    def test_a_form_with_an_open_question_is_not_sent(self, full_tablet, topics, store, ids):
        sent = page_boxes(topics["skin_now"], SORE_NOW)
        full_tablet.post("/tablet/page/skin_now?from=review", sent)

        page = full_tablet.post("/tablet/review", {"typed": "Hannah Cole"})

        assert page.location == "/tablet/page/sore_since?from=review"
        assert responses.response(store, ids["filled"]).status is ResponseStatus.IN_PROGRESS

    def test_a_hidden_answer_is_set_aside_and_comes_back(self, full_tablet, topics):
        opened = page_boxes(topics["skin_now"], SORE_NOW)
        closed = page_boxes(topics["skin_now"], SKIN_NOW)
        since = {"skin_broken_since-way": "date", "skin_broken_since-year": "2026"}
        full_tablet.post("/tablet/page/skin_now?from=review", opened)
        full_tablet.post("/tablet/page/sore_since?from=review", since)

        full_tablet.post("/tablet/page/skin_now?from=review", closed)
        hidden = full_tablet.get("/tablet/review").words
        led = full_tablet.post("/tablet/page/skin_now?from=review", opened)

        assert "When did the sore" not in hidden
        assert "set aside" in hidden
        assert led.location == "/tablet/review"
        assert (
            "When did the sore or broken skin start? 2026"
            in full_tablet.get("/tablet/review").words
        )

    def test_back_from_a_change_leads_to_the_answers(self, full_tablet):
        page = full_tablet.get("/tablet/page/skin_now?from=review")

        back = full_tablet.post("/tablet/page/skin_now?from=review", {"do": "back"})

        assert back.location == "/tablet/review"
        assert page.root.one("button", class_="back").text == "Back to your answers"
        assert page.name_of(page.form["action"]) == "/tablet/page/skin_now?from=review"

    def test_questions_that_read_alike_say_what_they_are_about(self, full_tablet, topics):
        page = full_tablet.get("/tablet/review")

        asked = [dt.text for dt in page.root.all("dt")]
        assert f"{topics['sun'].title} Do any of these apply to you?" in asked
        assert len(set(asked)) == len(asked)

    def test_every_answer_can_be_changed(self, full_tablet, topics):
        page = full_tablet.get("/tablet/review")

        changes = [dd.one("a")["href"] for dd in page.root.all("dd", class_="fact-change")]
        assert len(changes) == len(page.root.all("dt"))
        for address in changes:
            shown = full_tablet.get(address.partition("#")[0])
            assert shown.status == 200
            assert shown.root.all(id=address.partition("#")[2]), address

    def test_what_the_record_knows_is_not_asked(self, full_tablet):
        said = full_tablet.get("/tablet/review").words

        assert "date of birth" not in said

    def test_unknown_answers_read_as_the_patient_said_them(self, full_tablet, topics):
        answers = {"understands": "withheld", "needs_help": "not_sure", "own_choice": "yes"}
        full_tablet.post(
            "/tablet/page/agreement?from=review", page_boxes(topics["agreement"], answers)
        )

        said = [dd.text for dd in full_tablet.get("/tablet/review").root.all("dd", class_="unsure")]

        assert said == ["I'd rather tell my practitioner", "Not sure"]


MASS = {
    "status": "completed",
    "triage": "routine",
    "receipt": "12345678",
    "plan.area": "face",
    "area": "face",
    "id": "1",
    "response_id": "1",
    "patient_id": "1",
    "birth_date": "1950-01-01",
    "birth_date-way": "date",
    "birth_date-year": "1950",
    "pregnant_now": "no",
    "answers": "{}",
    "visited": "[]",
    "signature": "x",
    "form.errors": "x",
    "q_goals": "lines",
    "_fields": "x",
    "role": "administrator",
}


def test_a_page_takes_only_what_it_asks(tablet, store, ids, topics):
    before = responses.response(store, ids["begun"])
    own = page_boxes(topics["your_goals"], {"goals": ["lines"]})

    tablet.post("/tablet/page/your_goals", {**MASS, **own})

    after = responses.response(store, ids["begun"])
    assert after.answers == {**before.answers, "goals": ["lines"]}
    assert (after.status, after.plan, after.receipt) == (before.status, before.plan, None)
    assert after.visited == {"your_goals"}


def test_a_page_that_asks_nothing_takes_nothing(tablet, answers_of):
    tablet.post("/tablet/page/your_birth_date", MASS)

    assert answers_of() == {}


def test_a_question_that_is_not_asked_is_not_taken(tablet, topics, answers_of):
    give(tablet, topics, "skin_now", **SKIN_NOW)

    tablet.post("/tablet/page/sore_since", {"skin_broken_since-way": "not_sure"})

    assert "skin_broken_since" not in answers_of()


def test_the_start_page_takes_a_name_and_a_birth_date_only(enrolled, store):
    begin = {"name": "Ines Prado", "birth-day": "3", "birth-month": "5", "birth-year": "1980"}

    enrolled.post("/tablet/start", {**MASS, **begin})

    row = store.row(
        "SELECT * FROM responses r JOIN patients p ON p.id = r.patient_id WHERE p.name = ?",
        ["Ines Prado"],
    )
    assert (row["status"], row["plan"], row["receipt"]) == ("in-progress", "{}", None)
    assert row["birth_date"] == "1980-05-03"


def test_sending_takes_a_signature_only(full_tablet, store, ids):
    before = responses.response(store, ids["filled"])

    full_tablet.post("/tablet/review", {**MASS, "typed": "Hannah Cole"})

    after = responses.response(store, ids["filled"])
    assert after.receipt != MASS["receipt"]
    assert (after.answers, after.plan) == (before.answers, before.plan)


TWICE = "Two different answers were sent. Give one answer again."
WAY = "skin_broken_since"
ROW = "medicines-entries-0"
TWO_DATES = {f"{WAY}-way": "date", f"{WAY}-month": "1"}
MEDICINE = {f"{ROW}-name": "Aspirin", f"{ROW}-stopped-way": "date", f"{ROW}-stopped-year": "2025"}


class TestTwoAnswersWhereOneHasRoom:
    @pytest.mark.parametrize(
        ("page", "sent", "name"),
        [
            ("pregnancy", {"pregnancy": "none", "pregnant_now": ["no", "yes"]}, "pregnant_now"),
            ("sore_since", {**TWO_DATES, f"{WAY}-year": ["2015", "2026"]}, WAY),
            ("sore_since", {f"{WAY}-way": ["date", "not_sure"], f"{WAY}-year": "2025"}, WAY),
            ("sore_since", {f"{WAY}-way": "about", f"{WAY}-count": ["2", "20"],
                            f"{WAY}-unit": "days"}, WAY),
            ("sore_since", {f"{WAY}-way": "about", f"{WAY}-count": "2",
                            f"{WAY}-unit": ["days", "years"]}, WAY),
        ],
    )  # fmt: skip
    def test_are_asked_again_and_none_is_kept(self, tablet, topics, answers_of, page, sent, name):
        give(tablet, topics, "skin_now", **SORE_NOW)

        again = tablet.post(f"/tablet/page/{page}", sent)

        assert again.status == 422
        assert [words for _, words in again.faults()] == [TWICE]
        assert name not in answers_of()

    def test_take_back_what_was_kept_before(self, tablet, answers_of):
        tablet.post("/tablet/page/pregnancy", {"pregnancy": "none", "pregnant_now": "no"})
        before = answers_of()["pregnant_now"]

        tablet.post("/tablet/page/pregnancy", {"pregnancy": "none", "pregnant_now": ["no", "yes"]})

        assert before == "no"
        assert "pregnant_now" not in answers_of()

    def test_are_one_where_they_are_the_same(self, tablet, answers_of):
        sent = {"pregnancy": "none", "pregnant_now": ["yes", "yes"]}

        tablet.post("/tablet/page/pregnancy", sent)

        assert answers_of()["pregnant_now"] == "yes"

    @pytest.mark.parametrize(
        ("two", "left"),
        [
            ({f"{ROW}-status": ["current", "stopped"]}, {"status": "unknown"}),
            (
                {f"{ROW}-status": "stopped", f"{ROW}-stopped-year": ["2015", "2026"]},
                {"status": "stopped"},
            ),
            ({f"{ROW}-name": ["Aspirin", "Roaccutane"]}, {"status": "stopped", "stopped": "2025"}),
            ({f"{ROW}-route": ["skin", "mouth"]}, {"status": "stopped", "stopped": "2025"}),
        ],
    )
    def test_leave_a_list_of_medicines_open(self, tablet, topics, answers_of, two, left):
        give(tablet, topics, "medicines_gate", **{**GATE, "takes_medicines": "yes"})

        page = tablet.post("/tablet/page/medicine_names", {**MEDICINE, **two})

        row, more = answers_of()["medicines"]
        assert page.status == 422
        assert TWICE in page.words
        assert more == "not_sure"
        said = {part: v["said"] if isinstance(v, dict) else v for part, v in row.items()}
        assert said == {"name": "Aspirin", **left}
