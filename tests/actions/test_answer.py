"""Page by page: what is asked, what is saved, where to go next."""

from contextlib import closing
from datetime import timedelta

import pytest

from intake.actions.answer import (
    AnswersRefusedError,
    asked_items,
    asked_screens,
    next_screen,
    previous_screen,
    rest_of,
    save_page,
    set_aside_items,
    unanswered_screen,
)
from intake.core.answers import Missing
from intake.core.errors import StateError
from intake.storage import open_store, responses
from tests.actions.conftest import actions_on, refused
from tests.conftest import KEYS, NOW, TODAY

LATER = NOW + timedelta(minutes=5)
CALM = {"skin_today": ["none"], "area_features": ["none"]}
SORE = {**CALM, "skin_today": ["broken"]}
SPOTTY = {**CALM, "skin_today": ["spots"]}
NO_BLOOD_THINNER = {"takes_medicines": "no", "isotretinoin_ever": "no", "blood_thinner": "no"}


@pytest.fixture
def draft(desk):
    return desk.begin()


def _stored(desk, response):
    return responses.response(desk.store, response.id)


def _refusal(call):
    with pytest.raises(AnswersRefusedError) as refusal:
        call()
    return refusal.value.problems


def _ids(pages):
    return [page.id for page in pages]


def test_a_page_is_saved_when_it_is_left(desk, draft):
    saved = desk.save(draft, "your_goals", goals=["lines"])

    assert _stored(desk, draft) == saved
    assert saved.answers["goals"] == ["lines"]
    assert saved.visited == {"your_goals"}
    assert actions_on(desk.store, draft.id)[-1] == "page saved"


def test_a_draft_survives_a_killed_server(desk, draft, settings):
    """Nothing is closed: another process simply opens the file."""
    saved = desk.fill(draft, until="infections_lately")

    with closing(open_store(settings.place, KEYS)) as restarted:
        found = responses.response(restarted, draft.id)

    assert found == saved
    assert (
        next_screen(desk.pack, found, TODAY, after=desk.page("infection_now")).id
        == "infections_lately"
    )


def test_a_refused_answer_leaves_the_readable_ones_saved(desk, draft):
    odd = {**CALM, "area_features": ["wings"]}

    problems = _refusal(lambda: desk.save(draft, "skin_now", **odd))

    stored = _stored(desk, draft)
    assert list(problems) == ["area_features"]
    assert stored.answers["skin_today"] == ["none"]
    assert "area_features" not in stored.answers
    assert stored.visited == frozenset()


def test_every_question_that_needs_an_answer_is_named(desk, draft):
    some = {"isotretinoin_ever": "no", "blood_thinner": "no"}

    problems = _refusal(lambda: desk.save(draft, "medicines_gate", **some))

    assert list(problems) == ["takes_medicines"]
    assert str(problems["takes_medicines"]).startswith("Select yes, no or not sure")


@pytest.mark.parametrize("blank", [None, "", "  ", []])
def test_a_blank_answer_is_no_answer(desk, draft, blank):
    problems = _refusal(lambda: desk.save(draft, "skin_now", **{**CALM, "skin_today": blank}))

    assert list(problems) == ["skin_today"]


def test_an_answer_that_is_taken_away_does_not_stay(desk):
    filled = desk.filled()

    _refusal(lambda: desk.save(filled, "skin_now", **{**CALM, "skin_today": ""}))

    assert "skin_today" not in _stored(desk, filled).answers
    assert unanswered_screen(desk.pack, _stored(desk, filled), TODAY).id == "skin_now"


def test_an_answer_changed_to_something_unreadable_does_not_stay(desk):
    """The patient took it back; sending the form with the old date would screen what is not so."""
    filled = desk.filled("needling-27")
    page = {"needling_depth": "long", "needling_after": ["none"]}

    _refusal(lambda: desk.save(filled, "needling_more", **page, needling_last="last Tusday"))

    assert "needling_last" not in _stored(desk, filled).answers
    assert unanswered_screen(desk.pack, _stored(desk, filled), TODAY).id == "needling_more"


@pytest.mark.parametrize("unknown", ["not_sure", "withheld"])
def test_not_knowing_and_not_telling_are_answers(desk, draft, unknown):
    gate = {**NO_BLOOD_THINNER, "takes_medicines": unknown}

    saved = desk.save(draft, "medicines_gate", **gate)

    assert saved.answers["takes_medicines"] == unknown
    assert "medicine_names" in _ids(asked_screens(desk.pack, saved, TODAY))


def test_only_questions_of_the_page_are_taken(desk, draft):
    page = desk.page("your_goals")
    raw = {"goals": ["lines"], "own_choice": "no", "birth_date": "2010-01-01"}

    saved = save_page(
        desk.store,
        desk.pack,
        response=draft,
        page=page,
        raw={**raw, "status": "completed"},
        now=NOW,
        today=TODAY,
    )

    assert saved.answers == {**draft.answers, "goals": ["lines"]}


def test_a_question_that_is_not_asked_takes_no_answer(desk, draft):
    page = desk.page("sore_since")
    calm = desk.save(draft, "skin_now", **CALM)

    raw = {"skin_broken_since": "yesterday"}
    saved = save_page(
        desk.store, desk.pack, response=calm, page=page, raw=raw, now=NOW, today=TODAY
    )

    assert asked_items(desk.pack, calm, page, TODAY) == ()
    assert saved.answers == calm.answers


def test_what_the_record_knows_is_not_asked(desk, draft):
    asked = {
        item.link_id
        for page in asked_screens(desk.pack, draft, TODAY)
        for item in asked_items(desk.pack, draft, page, TODAY)
    }

    assert "birth_date" not in asked
    assert "your_birth_date" not in _ids(asked_screens(desk.pack, draft, TODAY))


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("1988-03-11", False),
        ("1987", False),
        ("1950-01-01", False),
        ("1988-03-12", True),
        ("1988", True),
        ("2026-06-01", True),
    ],
)
def test_a_date_before_birth_is_refused(desk, draft, said, taken):
    sore = desk.save(draft, "skin_now", **SORE)

    problems = {}
    try:
        desk.save(sore, "sore_since", skin_broken_since=said)
    except AnswersRefusedError as error:
        problems = error.problems

    assert ("skin_broken_since" not in problems) is taken
    assert ("skin_broken_since" in _stored(desk, draft).answers) is taken


def test_a_relative_date_is_kept_with_the_days_it_meant(desk, draft):
    sore = desk.save(draft, "skin_now", **SORE)

    saved = desk.save(sore, "sore_since", skin_broken_since="3 days ago")

    kept = saved.answers["skin_broken_since"]
    assert (kept["earliest"], kept["latest"]) == ("2026-06-12", "2026-06-12")


def test_a_follow_up_is_asked_only_after_its_answer(desk, draft):
    aimed = desk.save(draft, "your_goals", goals=["lines"])

    calm = desk.save(aimed, "skin_now", **CALM)
    spotty = desk.save(calm, "skin_now", **SPOTTY)

    assert next_screen(desk.pack, calm, TODAY, after=desk.page("skin_now")).id == "worry_map"
    assert next_screen(desk.pack, spotty, TODAY, after=desk.page("skin_now")).id == "spots_more"


def test_the_plan_decides_what_is_asked(desk):
    needles, heat = desk.begin("healthy-woman"), desk.begin("rf-only", name="Jonas Weber")

    asked = [
        [item.link_id for item in asked_items(desk.pack, draft, desk.page("devices"), TODAY)]
        for draft in (needles, heat)
    ]

    assert asked == [[], ["electronic_device", "metal_area", "energy_injury"]]


@pytest.mark.parametrize("vignette", ["healthy-woman", "warfarin-steady", "needling-27"])
def test_walking_back_visits_the_same_pages_as_walking_forth(desk, vignette):
    filled = desk.filled(vignette)
    forth, back = [], []

    page = next_screen(desk.pack, filled, TODAY, after=None)
    while page is not None:
        forth.append(page.id)
        page = next_screen(desk.pack, filled, TODAY, after=page)
    page = previous_screen(desk.pack, filled, TODAY, before=None)
    while page is not None:
        back.append(page.id)
        page = previous_screen(desk.pack, filled, TODAY, before=page)

    assert back == forth[::-1]
    assert forth == _ids(asked_screens(desk.pack, filled, TODAY))


def test_from_a_page_that_is_not_asked_any_more_the_way_goes_on(desk, draft):
    aimed = desk.save(draft, "your_goals", goals=["lines"])
    calm = desk.save(aimed, "skin_now", **CALM)

    assert next_screen(desk.pack, calm, TODAY, after=desk.page("spots_more")).id == "worry_map"
    assert previous_screen(desk.pack, calm, TODAY, before=desk.page("spots_more")).id == "skin_now"


def test_a_date_stands_on_a_screen_of_its_own(desk):
    needled = desk.filled("needling-27")

    shown = [s for s in asked_screens(desk.pack, needled, TODAY) if s.id == "needling_more"]

    assert len(shown[0].items) == 1
    assert sum(len(screen.items) for screen in shown) == len(
        asked_items(desk.pack, needled, desk.page("needling_more"), TODAY)
    )


def test_every_question_may_stand_on_a_screen_of_its_own(desk, draft):
    asked = [item for screen in asked_screens(desk.pack, draft, TODAY) for item in screen.items]

    singly = asked_screens(desk.pack, draft, TODAY, singly=True)

    assert [screen.items for screen in singly] == [(item,) for item in asked]


def test_saving_one_screen_leaves_the_others_of_its_page_alone(desk):
    needled = desk.filled("needling-27")
    screen = next(s for s in asked_screens(desk.pack, needled, TODAY) if s.id == "needling_more")

    saved = save_page(
        desk.store,
        desk.pack,
        response=needled,
        page=screen,
        raw={"needling_last": "3 weeks ago"},
        now=NOW,
        today=TODAY,
    )

    changed = {k for k, v in saved.answers.items() if needled.answers.get(k) != v}
    assert changed == {"needling_last"}
    assert saved.answers.keys() == needled.answers.keys()


def test_the_first_page_without_an_answer_is_found(desk, draft):
    first = unanswered_screen(desk.pack, draft, TODAY)
    half = desk.fill(draft, until="infections_lately")
    filled = desk.fill(draft)

    assert first.id == "your_goals"
    assert unanswered_screen(desk.pack, half, TODAY).id == "infections_lately"
    assert unanswered_screen(desk.pack, filled, TODAY) is None


def test_a_changed_answer_asks_its_follow_up_before_the_form_can_go(desk):
    filled = desk.filled()

    changed = desk.save(filled, "skin_now", **SPOTTY)

    assert unanswered_screen(desk.pack, changed, TODAY).id == "spots_more"


def test_a_page_not_asked_any_more_blocks_nothing(desk):
    filled = desk.filled("warfarin-steady")

    changed = desk.save(filled, "medicines_gate", **NO_BLOOD_THINNER)

    assert unanswered_screen(desk.pack, changed, TODAY) is None


def test_answers_to_hidden_questions_are_set_aside_and_kept(desk):
    filled = desk.filled("warfarin-steady")

    changed = desk.save(filled, "medicines_gate", **NO_BLOOD_THINNER)

    aside = [item.link_id for item in set_aside_items(desk.pack, changed, TODAY)]
    assert aside == ["inr_tested", "thinner_bleeding", "inr"]
    assert changed.answers["inr"] == "2.5"


def test_answers_set_aside_are_not_screened(desk):
    filled = desk.filled("warfarin-36", thinner_bleeding="yes")
    desk.save(filled, "medicines_gate", **NO_BLOOD_THINNER)

    desk.send(filled)

    screening = desk.case(filled.id).screening.screening
    assert screening.findings == ()
    assert sorted(screening.set_aside) == ["inr", "inr_tested", "thinner_bleeding"]


def test_answers_set_aside_come_back_when_the_question_does(desk):
    filled = desk.filled("warfarin-steady")
    hidden = desk.save(filled, "medicines_gate", **NO_BLOOD_THINNER)

    shown = desk.save(hidden, "medicines_gate", **{**NO_BLOOD_THINNER, "blood_thinner": "yes"})

    assert set_aside_items(desk.pack, shown, TODAY) == ()
    assert unanswered_screen(desk.pack, shown, TODAY) is None
    assert shown.answers == filled.answers


def test_saving_a_page_unchanged_keeps_the_times_of_its_answers(desk, draft):
    calm = desk.save(draft, "skin_now", **CALM)

    desk.save(calm, "skin_now", now=LATER, **SORE)

    times = responses.answer_times(desk.store, draft.id)
    assert (times["area_features"], times["skin_today"]) == (NOW, LATER)


def test_two_pages_saved_from_the_same_reading_are_both_kept(desk, draft):
    """Two taps that overtake each other: both requests read the form before either saved."""
    desk.save(draft, "your_goals", goals=["lines"])
    saved = desk.save(draft, "skin_now", **CALM)

    assert saved == _stored(desk, draft)
    assert saved.answers.keys() >= {"goals", "skin_today"}
    assert saved.visited == {"your_goals", "skin_now"}


@pytest.mark.parametrize("make", ["sent", "stopped"])
def test_a_form_that_was_sent_or_stopped_takes_no_answers(desk, make):
    draft = desk.filled()
    if make == "sent":
        desk.send(draft)
    else:
        desk.withdraw(draft.id, reason="Left.")

    refused(
        desk.store,
        StateError,
        lambda: desk.save(draft, "your_goals", goals=["scars"]),
    )


def test_the_audit_trail_does_not_tell_which_follow_ups_were_asked(desk):
    """That the page after "Do you take a blood thinner?" was shown tells the answer.

    Administrators read the trail, but may not read a case.
    """
    follow_ups = {
        page.id for page in desk.pack.questionnaire.pages if all(i.enable_when for i in page.items)
    }
    draft = desk.filled("warfarin-steady")

    trail = str(desk.store.rows("SELECT * FROM audit_events WHERE subject = ?", [draft.id]))

    assert [page for page in follow_ups if f'"{page}"' in trail] == []


@pytest.mark.parametrize(
    ("link_id", "raw", "rest"),
    [
        ("skin_today", ["rash", "flying"], ["rash", "not_sure"]),
        ("skin_today", ["rash", "none"], ["rash", "not_sure"]),
        ("skin_today", ["flying"], None),
        ("skin_today", "flying", None),
        ("isotretinoin_last", "x", None),
        (
            "medicines",
            [{"name": "Aspirin", "stopped": "x"}, "none", "withheld"],
            [{"name": "Aspirin", "status": "unknown"}, "not_sure"],
        ),
        ("medicines", [{"name": "", "dose": "5 mg"}], None),
    ],
)
def test_what_still_holds_of_a_list_is_kept_and_leaves_it_open(desk, link_id, raw, rest):
    item = desk.pack.items[link_id]

    assert rest_of(item, raw, Missing.NOT_ANSWERED, TODAY) == rest


def test_one_day_before_birth_takes_no_other_medicine_away(desk, draft):
    gate = {**NO_BLOOD_THINNER, "takes_medicines": "yes"}
    asked = desk.save(draft, "medicines_gate", **gate)
    rows = [{"name": "Isotretinoin"}, {"name": "Aspirin", "stopped": "1910"}]

    with pytest.raises(AnswersRefusedError):
        desk.save(asked, "medicine_names", medicines=rows)

    kept = _stored(desk, asked).answers["medicines"]
    assert [row["name"] for row in kept[:-1]] == ["Isotretinoin", "Aspirin"]
    assert kept[-1] == "not_sure"
