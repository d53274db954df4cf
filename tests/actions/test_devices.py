from datetime import timedelta

import pytest

from intake.actions import begin, devices, tablets, visits
from intake.actions.devices import NotCleanError
from intake.core.errors import AnswerError, NotAllowedError, NotFoundError, StateError
from intake.storage import audit
from intake.storage import visits as visits_kept
from intake.storage.devices import DeviceState
from tests.conftest import NOW

LATER = NOW + timedelta(minutes=20)


@pytest.fixture
def device(desk, people):
    """A browser of the desk that no patient had yet."""
    found, _ = devices.add_desk_device(desk.store, by=people.ada, now=NOW)
    return found


@pytest.fixture
def give(desk, people, device):
    """Hand the device over with a form; return the visit's token."""

    def act(form):
        return begin.hand_over(
            desk.store, response_id=form.id, by=people.ada, now=NOW, device_id=device.id
        )

    return act


@pytest.fixture
def given_back(desk, give, device):
    """The device after a visit that has ended, not checked yet."""
    token = give(desk.begin())
    visits.end_by_token(desk.store, token=token, now=NOW)
    return devices.require_device(desk.store, device.id)


def report(desk, device, *found):
    return devices.report(desk.store, device_id=device.id, found=found, now=LATER)


def clean(desk, device, by, how="Cleared its data."):
    devices.note_cleaned(desk.store, device_id=device.id, how=how, by=by, now=LATER)
    return devices.require_device(desk.store, device.id)


def test_a_device_is_in_hand_until_its_visit_ends_and_then_to_be_checked(desk, give, device):
    token = give(desk.begin())
    during = devices.require_device(desk.store, device.id)
    visits.end_by_token(desk.store, token=token, now=NOW)
    after = devices.require_device(desk.store, device.id)

    assert (during.state, during.is_in_hand) == (DeviceState.GIVEN, True)
    assert (after.state, after.is_in_hand) == (DeviceState.GIVEN, False)
    assert not after.may_be_given


def test_a_device_that_was_not_checked_is_given_to_nobody_else(desk, give, given_back):
    other = desk.begin()

    with pytest.raises(NotCleanError):
        give(other)

    assert visits_kept.visit_of(desk.store, other.id) is None


def test_whoever_had_it_last_may_go_on_with_it(desk, give, given_back):
    form_id = given_back.response_id

    token = begin.hand_over(
        desk.store, response_id=form_id, by=desk.people.ada, now=NOW, device_id=given_back.id
    )

    assert token


def test_what_somebody_left_keeps_it_even_from_the_same_form(desk, give, given_back):
    report(desk, given_back, "local")

    with pytest.raises(NotCleanError):
        begin.hand_over(
            desk.store,
            response_id=given_back.response_id,
            by=desk.people.ada,
            now=NOW,
            device_id=given_back.id,
        )


def test_one_that_found_nothing_is_given_on(desk, give, given_back):
    assert report(desk, given_back).state is DeviceState.CLEAN
    assert give(desk.begin())


def test_what_was_found_once_stands_until_somebody_cleans_it(desk, given_back, people):
    report(desk, given_back, "local", "caches")

    still = report(desk, given_back)
    more = report(desk, given_back, "fields")
    cleaned = clean(desk, given_back, people.ben)

    assert still.state is more.state is DeviceState.LEFT
    assert more.found == ("caches", "fields", "local")
    assert cleaned.may_be_given
    assert cleaned.cleaned_by_name == people.ben.name
    events = [(e.action, e.detail) for e in audit.of_subject(desk.store, given_back.id)]
    assert events == [
        ("device checked", {"found": "caches, local"}),
        ("device cleaned", {"reason": "Cleared its data."}),
    ]


def test_a_check_while_a_patient_has_it_counts_for_nothing(desk, give, device):
    give(desk.begin())

    with pytest.raises(StateError):
        report(desk, device)

    assert devices.require_device(desk.store, device.id).state is DeviceState.GIVEN


@pytest.mark.parametrize("found", [["nowhere"], [""], ["local", "Maria Duarte"]])
def test_a_check_names_places_and_nothing_else(desk, given_back, found):
    with pytest.raises(AnswerError):
        report(desk, given_back, *found)

    assert devices.require_device(desk.store, given_back.id).found == ()


def test_cleaning_needs_words_a_device_and_a_reason_to_clean(desk, given_back, people):
    with pytest.raises(AnswerError):
        clean(desk, given_back, people.ada, "  ")
    clean(desk, given_back, people.cleo)
    with pytest.raises(StateError):
        clean(desk, given_back, people.ada)
    with pytest.raises(NotFoundError):
        devices.note_cleaned(desk.store, device_id="0" * 32, how="x", by=people.ada, now=LATER)


def test_cleaning_is_not_noted_of_one_that_a_patient_has(desk, give, device, people):
    token = give(desk.begin())

    with pytest.raises(StateError):
        clean(desk, device, people.ada)
    visits.end_by_token(desk.store, token=token, now=LATER)

    assert not devices.require_device(desk.store, device.id).may_be_given


def test_one_that_somebody_has_back_is_cleaned_for_the_next(desk, give, device, people):
    form = desk.begin()
    give(form)

    visits.take_back(
        desk.store, devices.require_device(desk.store, device.id), by=people.ada, now=LATER
    )
    cleaned = clean(desk, device, people.ada)

    assert cleaned.may_be_given
    assert visits_kept.visit_of(desk.store, form.id) is None
    parked = audit.of_subject(desk.store, form.id)[-1]
    assert (parked.action, parked.actor) == ("visit parked", people.ada.id)


@pytest.mark.parametrize(
    ("after", "is_over"),
    [
        (timedelta(minutes=21, seconds=59), False),
        (timedelta(minutes=22), True),
        (timedelta(hours=5), True),
    ],
)
def test_a_visit_that_no_browser_brings_ends_when_its_time_is_over(
    desk, give, device, after, is_over
):
    form = desk.begin()
    give(form)
    found = devices.require_device(desk.store, device.id)

    ended = visits.end_overdue(desk.store, [found], idle=timedelta(minutes=2), now=NOW + after)

    now = devices.require_device(desk.store, device.id)
    visit = visits_kept.visit_of(desk.store, form.id)
    assert (ended, not now.is_in_hand, visit is None) == (is_over, is_over, is_over)
    assert not now.may_be_given
    assert visit is None or visit.locked_at is None


def test_an_administrator_hands_no_browser_over(desk, people):
    with pytest.raises(NotAllowedError):
        devices.add_desk_device(desk.store, by=people.cleo, now=NOW)


def test_a_tablet_that_is_not_clean_begins_no_form_and_stores_nothing(desk, people, pack):
    store = desk.store
    code = tablets.enrolment_link(store, name="Room 1", by=people.cleo, now=NOW)
    token = tablets.enrol(store, code=code, now=NOW)
    who = {"name": "Ines Prado", "birth_date": NOW.date().replace(year=1980)}
    visit = begin.begin_on_tablet(store, pack, tablet_token=token, **who, now=NOW)
    visits.end_by_token(store, token=visit, now=NOW)
    count = store.row(
        "SELECT (SELECT count(*) FROM responses) AS r, (SELECT count(*) FROM patients) AS p"
    )

    with pytest.raises(NotCleanError):
        begin.begin_on_tablet(
            store, pack, tablet_token=token, name="Next Person",
            birth_date=who["birth_date"], now=LATER,
        )  # fmt: skip

    assert count == store.row(
        "SELECT (SELECT count(*) FROM responses) AS r, (SELECT count(*) FROM patients) AS p"
    )
    assert [one.name for one in devices.list_devices(store, by=people.ada)] == ["Room 1"]
