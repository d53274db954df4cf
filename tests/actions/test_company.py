"""Who is beside the patient, how private pages are answered, and what help is carried on."""

from datetime import timedelta

import pytest

from intake.actions import answer, begin, company, versions, visits
from intake.core.records import Company
from intake.storage import responses
from tests.actions.conftest import actions_on
from tests.conftest import NOW, TODAY

IDLE = timedelta(minutes=2)
WANTED = ("pregnant_now", "pregnancy")


@pytest.fixture
def draft(desk):
    return desk.begin()


@pytest.fixture
def now_in_visit(desk, draft):
    """Open a visit of the form, and return it as it stands whenever asked."""
    token = begin.hand_over(desk.store, response_id=draft.id, by=desk.people.ada, now=NOW)
    return lambda: visits.current(desk.store, token=token, idle=IDLE, now=NOW)


def tell(desk, visit, said):
    return company.tell(desk.store, visit, said, NOW)


def test_before_anybody_was_asked_a_private_page_is_held_back(now_in_visit):
    assert company.has_company(now_in_visit())
    assert not company.may_show(now_in_visit())


@pytest.mark.parametrize("said", Company)
def test_only_a_patient_alone_is_shown_a_private_page_at_once(desk, now_in_visit, said):
    told = tell(desk, now_in_visit(), said)

    assert told == now_in_visit()
    assert company.may_show(told) is (said is Company.NOBODY)


def test_a_visit_that_is_over_is_told_nothing_about_a_form_that_was_sent(desk, now_in_visit, draft):
    visit = now_in_visit()
    desk.send(desk.fill(draft))

    tell(desk, visit, Company.CARER)

    assert responses.response(desk.store, draft.id).helper is None


@pytest.mark.parametrize("how", [company.ALONE, company.TOGETHER])
def test_a_chosen_way_shows_private_pages_until_another_page(desk, now_in_visit, how):
    visit = tell(desk, now_in_visit(), Company.RELATIVE)

    company.choose_privacy(desk.store, visit, how)
    shown = company.may_show(now_in_visit())
    company.leave_private(desk.store, now_in_visit(), "today")

    assert shown
    assert not company.may_show(now_in_visit())
    assert company.may_return(now_in_visit()) is (how == company.ALONE)


def test_a_page_after_the_next_says_nothing_about_coming_back(desk, now_in_visit):
    visit = company.choose_privacy(desk.store, now_in_visit(), company.ALONE)
    first = company.leave_private(desk.store, visit, "today")

    same = company.leave_private(desk.store, first, "today")
    other = company.leave_private(desk.store, same, "review")

    assert company.may_return(same)
    assert not company.may_return(other)
    assert other == now_in_visit()


def test_a_lock_asks_again(desk, now_in_visit):
    visit = tell(desk, now_in_visit(), Company.RELATIVE)
    visit = company.choose_privacy(desk.store, visit, company.ALONE)

    locked = visits.lock(desk.store, visit, place="pregnancy", at=NOW)

    assert not company.may_show(locked)
    assert not company.may_show(now_in_visit())


def test_what_is_blank_is_withheld_where_that_is_offered(desk, draft):
    page = desk.page("pregnancy")
    half = {"pregnant_now": "no"}
    with pytest.raises(answer.AnswersRefusedError):
        desk.save(draft, page.id, **half)
    draft = responses.response(desk.store, draft.id)

    after = company.withhold(desk.store, desk.pack, draft, page, now=NOW, today=TODAY)

    assert after.answers["pregnant_now"] == "no"
    assert after.answers["pregnancy"] == "withheld"
    assert responses.response(desk.store, draft.id) == after
    assert actions_on(desk.store, draft.id)[-1] == "page saved"


def test_what_was_answered_at_the_same_moment_is_not_withheld(desk, draft):
    page = desk.page("pregnancy")
    as_it_was = responses.response(desk.store, draft.id)
    desk.save(draft, page.id, pregnant_now="no", pregnancy=["none"])

    after = company.withhold(desk.store, desk.pack, as_it_was, page, now=NOW, today=TODAY)

    assert after.answers["pregnant_now"] == "no"
    assert after.answers["pregnancy"] == ["none"]
    assert responses.response(desk.store, draft.id) == after


def test_every_private_question_of_the_pack_can_be_told_later(pack):
    private = [i for page in pack.questionnaire.pages if page.private for i in page.items]

    assert len(private) > 10
    assert [item.link_id for item in private if not item.offers_unknown] == []


class TestAmending:
    @pytest.fixture
    def sent(self, desk):
        """A form sent with a carer, and with help wanted for two questions."""
        draft = desk.filled(pregnant_now="yes")
        token = begin.hand_over(desk.store, response_id=draft.id, by=desk.people.ada, now=NOW)
        visit = visits.current(desk.store, token=token, idle=IDLE, now=NOW)
        company.tell(desk.store, visit, Company.CARER, NOW)
        answer.ask_for_help(desk.store, draft, [*WANTED], now=NOW)
        return desk.send(responses.response(desk.store, draft.id))

    @pytest.fixture
    def amended(self, desk, sent):
        return versions.amend(desk.store, response_id=sent.id, by=desk.people.ada, now=NOW)

    def now_of(self, desk, response):
        return responses.response(desk.store, response.id)

    def test_begins_with_who_helped_and_with_what(self, desk, sent, amended):
        assert sent.help == frozenset(WANTED)
        assert self.now_of(desk, amended).help == frozenset(WANTED)
        assert self.now_of(desk, amended).helper is Company.CARER

    def test_lets_help_go_with_the_answer_it_was_about(self, desk, sent, amended):
        desk.save(amended, "pregnancy", pregnant_now="no", pregnancy=amended.answers["pregnancy"])

        assert self.now_of(desk, amended).help == frozenset({"pregnancy"})
        assert self.now_of(desk, sent).help == frozenset(WANTED)

    def test_keeps_it_where_the_answer_is_given_again(self, desk, amended):
        desk.save(amended, "pregnancy", **{q: amended.answers[q] for q in WANTED})

        assert self.now_of(desk, amended).help == frozenset(WANTED)

    def test_keeps_help_that_is_asked_for_anew(self, desk, amended):
        desk.save(amended, "feelings", feelings=["none"])
        answer.ask_for_help(desk.store, amended, ["feelings"], now=NOW)

        desk.save(amended, "feelings", feelings="not_sure")

        assert self.now_of(desk, amended).help == frozenset({*WANTED, "feelings"})


def test_in_a_form_that_amends_nothing_help_was_asked_for_all_the_same(desk, draft):
    answer.ask_for_help(desk.store, draft, ["pregnant_now"], now=NOW)

    desk.save(draft, "pregnancy", pregnant_now="no", pregnancy=["none"])

    assert responses.response(desk.store, draft.id).help == frozenset({"pregnant_now"})
