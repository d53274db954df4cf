"""A patient who comes again: what is asked anew, what is confirmed, and what is never shown."""

from dataclasses import replace
from datetime import timedelta

import pytest

from intake.actions import begin, returning, tablets
from intake.actions.answer import unanswered_screen
from intake.actions.submit import IncompleteError
from intake.core.freshness import has_lapsed, lapsed
from intake.core.questionnaire import Freshness
from intake.core.rules import Triage
from intake.storage import responses, visits
from intake.storage.visits import bound
from tests.actions.conftest import DAY, refused
from tests.conftest import NOW, TODAY

MONTH = timedelta(days=30)


class Again:
    """A desk at which the same patient comes twice."""

    def __init__(self, desk):
        self.desk = desk

    def earlier(self, patient_id, *, after=DAY, pack=None):
        return returning.earlier_of(
            self.desk.store,
            pack or self.desk.pack,
            lambda _: self.desk.pack,
            patient_id=patient_id,
            by=self.desk.people.ada,
            day_of=lambda at: at.date(),
            today=TODAY + after,
        )

    def begun(self, first, *, after=DAY):
        """Begin the second form, taking over what still holds."""
        earlier = self.earlier(first.patient_id, after=after)
        return begin.begin(
            self.desk.store,
            self.desk.pack,
            patient_id=first.patient_id,
            plan=first.plan,
            by=self.desk.people.ada,
            now=NOW + after,
            today=TODAY + after,
            earlier=earlier,
        )

    def asked(self, form):
        """Fill what is asked, as the first form was filled; returns the form and what was asked."""
        answers = {**self.desk.vignettes["healthy-woman"].answers, "keloid_kind": "not_sure"}
        asked = []
        while page := unanswered_screen(self.desk.pack, form, TODAY):
            asked += [item.link_id for item in page.items]
            form = self.desk.save(form, page.id, now=NOW + DAY, **answers)
        return form, asked


@pytest.fixture
def again(desk):
    return Again(desk)


class TestFreshness:
    @pytest.mark.parametrize(
        ("freshness", "fresh", "over"),
        [
            (Freshness.EACH_VISIT, 0, 1),
            (Freshness.MONTH, 29, 30),
            (Freshness.YEAR, 364, 365),
        ],
    )
    def test_an_answer_lapses_to_the_day(self, desk, freshness, fresh, over):
        item = replace(desk.pack.items["skin_today"], freshness=freshness)

        assert not has_lapsed(item, TODAY, TODAY + timedelta(fresh))
        assert has_lapsed(item, TODAY, TODAY + timedelta(over))

    def test_what_holds_for_ever_never_lapses(self, desk):
        item = replace(desk.pack.items["skin_today"], freshness=Freshness.ONCE)

        assert not has_lapsed(item, None, TODAY)

    @pytest.mark.parametrize("given", [None, TODAY + DAY], ids=["unknown", "in the future"])
    def test_an_answer_without_a_past_day_has_lapsed(self, desk, given):
        assert has_lapsed(desk.pack.items["skin_today"], given, TODAY)

    def test_only_those_too_old_are_named(self, desk):
        items = [desk.pack.items[name] for name in ("skin_today", "keloid_ever")]

        assert lapsed(items, dict.fromkeys(("skin_today", "keloid_ever"), TODAY), TODAY + DAY) == {
            "skin_today"
        }


class TestWhatIsTakenOver:
    def test_of_a_new_patient_nothing(self, again):
        assert again.earlier(again.desk.register().id) is None

    def test_of_a_form_that_was_not_sent_nothing(self, again):
        begun = again.desk.filled()

        assert again.earlier(begun.patient_id) is None

    def test_what_still_holds_and_nothing_that_was_good_for_one_visit(self, again):
        first = again.desk.sent()

        found = again.earlier(first.patient_id).answers

        assert "keloid_ever" in found
        assert "skin_today" not in found
        assert "birth_date" not in found

    def test_less_after_a_month_and_only_what_holds_for_ever_after_a_year(self, again):
        first = again.desk.sent()

        day, month, year = (
            again.earlier(first.patient_id, after=after).answers
            for after in (DAY, MONTH, timedelta(days=365))
        )

        assert set(day) > set(month) > set(year) == {"skin_tone"}

    def test_nothing_that_was_asked_in_private(self, again):
        first = again.desk.sent()
        private = again.desk.pack.questionnaire.private

        assert private
        assert not private & again.earlier(first.patient_id, after=timedelta(0)).answers.keys()

    @pytest.mark.parametrize("said", ["not_sure", "withheld"])
    def test_nothing_that_left_something_open(self, again, said):
        first = again.desk.sent(keloid_ever=said, keloid_kind="not_sure")

        assert "keloid_ever" not in again.earlier(first.patient_id).answers

    def test_nothing_that_reads_otherwise_now(self, again):
        first = again.desk.sent()
        pack = again.desk.pack
        other = replace(pack.questionnaire.items["keloid_ever"], ask="Was there ever a keloid?")
        sections = tuple(
            replace(
                section,
                pages=tuple(
                    replace(
                        page,
                        items=tuple(other if i.link_id == "keloid_ever" else i for i in page.items),
                    )
                    for page in section.pages
                ),
            )
            for section in pack.questionnaire.sections
        )
        newer = replace(pack, questionnaire=replace(pack.questionnaire, sections=sections))

        assert "keloid_ever" not in again.earlier(first.patient_id, pack=newer).answers


class TestTheSecondForm:
    def test_asks_only_what_lapsed(self, again):
        first = again.desk.sent()
        form = again.begun(first)

        _, asked = again.asked(form)

        assert "skin_today" in asked
        assert form.carried <= first.answers.keys()

    def test_is_not_sent_before_the_rest_is_confirmed(self, again):
        form, _ = again.asked(again.begun(again.desk.sent()))

        refused(again.desk.store, IncompleteError, lambda: again.desk.send(form))

    def test_is_sent_and_screened_once_it_is_confirmed(self, again):
        form, _ = again.asked(again.begun(again.desk.sent()))
        items = returning.to_confirm(again.desk.pack, form, TODAY)

        returning.confirm(
            again.desk.store, form, [i.link_id for i in items], now=NOW + DAY, actor="tablet"
        )
        sent = again.desk.send(form, now=NOW + DAY)

        case = again.desk.case(sent.id)
        assert case.screening.screening.triage is Triage.ROUTINE
        assert case.before.id == form.follows
        times = responses.confirmed_times(again.desk.store, sent.id)
        assert times["keloid_ever"] == NOW + DAY
        assert responses.answer_times(again.desk.store, sent.id)["keloid_ever"] == NOW

    def test_an_answer_that_is_changed_needs_no_confirming(self, again):
        form = again.begun(again.desk.sent())
        page = again.desk.pack.questionnaire.page_of("keloid_ever").id
        answers = again.desk.vignettes["healthy-woman"].answers

        form = again.desk.save(form, page, **{**answers, "keloid_ever": "yes"})

        stored = responses.response(again.desk.store, form.id)
        assert "keloid_ever" not in stored.carried
        assert "keloid_family" in stored.carried

    def test_what_was_changed_opens_its_questions(self, again):
        form = again.begun(again.desk.sent())
        page = again.desk.pack.questionnaire.page_of("keloid_ever").id
        answers = again.desk.vignettes["healthy-woman"].answers
        form = again.desk.save(form, page, **{**answers, "keloid_ever": "yes"})

        form, asked = again.asked(replace(form))

        assert "keloid_kind" in asked

    def test_is_handed_over_locked(self, again):
        form = again.begun(again.desk.sent())

        token = begin.hand_over(
            again.desk.store, response_id=form.id, by=again.desk.people.ada, now=NOW
        )

        assert visits.visit(again.desk.store, token).locked_at is not None

    def test_of_a_new_patient_is_handed_over_open(self, again):
        form = again.desk.begin()

        token = begin.hand_over(
            again.desk.store, response_id=form.id, by=again.desk.people.ada, now=NOW
        )

        assert visits.visit(again.desk.store, token).locked_at is None

    def test_begun_on_a_tablet_takes_nothing_over(self, again):
        first = again.desk.sent()
        born = begin.patient_of(again.desk.store, first).birth_date
        cleo = again.desk.people.cleo
        code = tablets.enrolment_link(again.desk.store, name="Room", by=cleo, now=NOW)

        tablet = tablets.enrol(again.desk.store, code=code, now=NOW)
        token = begin.begin_on_tablet(
            again.desk.store,
            again.desk.pack,
            tablet_token=tablet,
            name="Maria Duarte",
            birth_date=born,
            now=NOW + DAY,
        )

        form = begin.open_visit(again.desk.store, token=bound(token, tablet))
        assert form.patient_id == first.patient_id
        assert set(form.answers) == {"birth_date"}
