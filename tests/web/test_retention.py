"""Keeping and erasing, as an administrator does it in the browser."""

from datetime import timedelta

import pytest

from intake.actions import retention, tries
from intake.actions.tries import MOST_FAILURES, MOST_LOOK_UPS_A_DAY
from intake.core.dates import Unit, Window
from intake.core.retention import RecordClass
from intake.storage import audit, patients
from intake.storage import people as accounts
from tests.conftest import NOW
from tests.web.pages import Visitor

PAGE = "/desk/retention"
REASON = {"reason": "Asked in writing."}


@pytest.fixture
def rosa(store, ids):
    """The patient of the routine case."""
    row = store.row("SELECT patient_id FROM responses WHERE id = ?", [ids["routine"]])
    return patients.patient(store, row["patient_id"])


@pytest.fixture
def who(rosa):
    """The two that must belong together."""
    return {"record_number": rosa.record_number, "born": rosa.birth_date.isoformat()}


@pytest.fixture
def later(store, people, clock, app):
    """The administrator 500 days later, when everybody was here too long ago."""
    retention.set_period(
        store, record_class=RecordClass.UNTREATED, period=Window(1, Unit.YEARS),
        reason="The law.", by=people.cleo, now=NOW,
    )  # fmt: skip
    clock.at = NOW + timedelta(days=500)
    with store.write() as db:
        accounts.add_session(db, "later", people.cleo.id, clock.at)
    client = app.test_client()
    client.set_cookie("intake_desk", "later", path="/desk")
    return Visitor(client)


def known(store):
    return {row["record_number"] for row in store.rows("SELECT record_number FROM patients")}


class TestPeriods:
    def test_show_that_nobody_has_decided_yet(self, cleo):
        page = cleo.get(PAGE)

        assert page.words.count("nobody has decided yet") == 4
        assert page.words.count("Without end") == 4

    @pytest.mark.parametrize(
        ("length", "unit", "kept"), [("8", "years", "8 years"), ("", "no end", "None")]
    )
    def test_are_decided_with_a_reason(self, cleo, store, people, length, unit, kept):
        given = {"about": "treated", "length": length, "unit": unit, "reason": "The law."}

        cleo.post(f"{PAGE}/periods", given)

        found = retention.periods(store, by=people.cleo)[RecordClass.TREATED]
        assert (str(found.period), found.reason) == (kept, "The law.")
        assert "The law." in cleo.get(PAGE).words

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"reason": ""}, "Write why"),
            ({"length": ""}, "Write a period such as"),
            ({"length": "x" * 9}, "Write a period such as"),
            ({"unit": "fortnights"}, "Write a period such as"),
            ({"length": "1", "unit": "days"}, "Keep these for 1 year at least"),
            ({"about": "audit"}, "Select which records"),
        ],
        ids=["no reason", "no number", "long", "unit", "short", "class"],
    )
    def test_that_cannot_be_are_asked_for_again(self, cleo, store, wrong, words):
        given = {"about": "treated", "length": "8", "unit": "years", "reason": "Why."}

        page = cleo.post(f"{PAGE}/periods", {**given, **wrong})

        assert page.status == 422
        assert words in page.words
        assert store.rows("SELECT * FROM retention_periods") == []


class TestWhatIsDue:
    def test_is_nothing_without_a_period(self, cleo):
        assert "Nothing is due" in cleo.get(f"{PAGE}/due").words

    def test_is_listed_without_a_name_and_erased_when_somebody_says_so(self, later, store, rosa):
        page = later.get(f"{PAGE}/due")
        seen = page.root.one("input", name="seen")["value"]

        answer = later.post(f"{PAGE}/due", {"seen": seen, "sure": "y", "today": "y"})

        assert rosa.record_number in page.words
        assert rosa.name not in page.words
        assert answer.location == PAGE
        assert rosa.record_number not in known(store)

    def test_stays_after_a_silence_until_somebody_says_that_the_day_is_right(
        self, later, store, rosa
    ):
        seen = later.get(f"{PAGE}/due").root.one("input", name="seen")["value"]

        page = later.post(f"{PAGE}/due", {"seen": seen, "sure": "y"})

        assert page.status == 422
        assert "so the clock may be wrong" in page.words
        assert "Today really is 28 October 2027" in page.words
        assert rosa.record_number in known(store)

    @pytest.mark.parametrize("given", [{"sure": "y", "seen": "other"}, {"seen": ""}])
    def test_stays_when_it_was_not_looked_at(self, later, store, rosa, given):
        page = later.post(f"{PAGE}/due", given)

        assert page.status == 422
        assert rosa.record_number in known(store)


class TestOnePatient:
    def test_is_looked_up_first_and_then_erased(self, cleo, store, rosa, who):
        page = cleo.post(f"{PAGE}/patient", who)
        answer = cleo.post(f"{PAGE}/erase", {**who, **REASON, "sure": "y"})

        assert page.status == 200
        assert rosa.name not in page.words
        assert answer.location == PAGE
        assert rosa.record_number not in known(store)
        assert "Asked in writing." in cleo.get(PAGE).words

    @pytest.mark.parametrize(
        "wrong", [{"born": "1990-01-01"}, {"record_number": "P-1"}, {"born": ""}]
    )
    @pytest.mark.parametrize("path", ["patient", "erase"])
    def test_of_another_birth_date_or_number_is_not_found(self, cleo, store, who, wrong, path):
        before = known(store)

        page = cleo.post(f"{PAGE}/{path}", {**who, **REASON, "sure": "y", **wrong})

        assert page.status == 422
        assert known(store) == before

    @pytest.mark.parametrize("given", [REASON, {"sure": "y"}])
    def test_needs_a_reason_and_a_tick(self, cleo, store, rosa, who, given):
        page = cleo.post(f"{PAGE}/erase", {**who, **given})

        assert page.status == 422
        assert rosa.record_number in known(store)

    def test_on_hold_stays(self, cleo, store, rosa, who):
        cleo.post(
            f"{PAGE}/holds", {"hold-record_number": rosa.record_number, "hold-reason": "A claim."}
        )

        looked = cleo.post(f"{PAGE}/patient", who)
        page = cleo.post(f"{PAGE}/erase", {**who, **REASON, "sure": "y"})

        assert "on hold" in looked.words
        assert page.status == 422
        assert rosa.record_number in known(store)

    @pytest.mark.parametrize("path", ["patient", "erase"])
    def test_that_is_looked_up_has_a_line_without_the_date(self, cleo, store, rosa, who, path):
        cleo.post(f"{PAGE}/{path}", who)
        cleo.post(f"{PAGE}/{path}", {**who, "born": "1990-01-01"})
        cleo.post(f"{PAGE}/{path}", {**who, "record_number": "P-1"})

        lines = audit.latest(store, 3)[::-1]
        assert [(e.action, e.subject, e.detail) for e in lines] == [
            ("patient looked up", rosa.id, {}),
            ("look-up refused", rosa.id, {}),
            ("look-up refused", "patients", {}),
        ]

    @pytest.mark.parametrize("path", ["patient", "erase"])
    def test_is_not_guessed_by_trying_days(self, cleo, store, rosa, who, path):
        for day in range(1, MOST_FAILURES + 1):
            cleo.post(f"{PAGE}/{path}", {**who, "born": f"1990-01-0{day}"})
        before = store.row("SELECT count(*) AS n FROM audit_events")

        page = cleo.post(f"{PAGE}/{path}", {**who, **REASON, "sure": "y"})

        assert page.status == 429
        assert "Wait five minutes" in page.words
        assert rosa.record_number in known(store)
        assert store.row("SELECT count(*) AS n FROM audit_events") == before

    def test_is_looked_up_a_few_times_a_day_with_another_date(self, cleo, who, people, clock):
        statuses = []
        for _ in range(MOST_LOOK_UPS_A_DAY + 1):
            clock.at += timedelta(minutes=6)
            cleo.post(
                "/desk/confirm", {"again-password": people.passwords["cleo"], "again-to": PAGE}
            )
            statuses.append(cleo.post(f"{PAGE}/patient", {**who, "born": "1990-01-01"}).status)

        assert statuses == [*[422] * MOST_LOOK_UPS_A_DAY, 429]

    def test_a_mistyped_date_keeps_nobody_from_signing_in(self, cleo, store, who, people, clock):
        for _ in range(MOST_FAILURES):
            cleo.post(f"{PAGE}/patient", {**who, "born": "1990-01-01"})

        assert not tries.is_locked_out(store, people.cleo, clock.at)

    def test_is_looked_up_by_somebody_who_shows_who_they_are(self, cleo, who, clock):
        clock.at += timedelta(minutes=16)

        page = cleo.post(f"{PAGE}/patient", who)

        assert page.status == 422
        assert page.root.all("input", name="again-password")

    def test_that_is_gone_reads_like_one_that_never_was(self, cleo, ada, ids, who):
        cleo.post(f"{PAGE}/erase", {**who, **REASON, "sure": "y"})

        assert ada.get(f"/desk/cases/{ids['routine']}").status == 404


class TestHolds:
    def test_are_placed_and_lifted(self, cleo, rosa):
        number = rosa.record_number
        cleo.post(f"{PAGE}/holds", {"hold-record_number": number, "hold-reason": "A claim."})
        held = cleo.get(PAGE)
        cleo.post(f"{PAGE}/lift", {"record_number": number})

        assert "A claim." in held.words
        assert "No record is on hold" in cleo.get(PAGE).words

    @pytest.mark.parametrize(("number", "reason"), [("P-1", "Why."), ("", "Why."), (None, "")])
    def test_need_a_patient_and_a_reason(self, cleo, store, rosa, number, reason):
        number = rosa.record_number if number is None else number

        page = cleo.post(f"{PAGE}/holds", {"hold-record_number": number, "hold-reason": reason})

        assert page.status == 422
        assert store.rows("SELECT * FROM holds") == []

    def test_that_are_not_there_cannot_be_lifted(self, cleo):
        page = cleo.post(f"{PAGE}/lift", {"record_number": "P-1"})

        assert page.status == 422
        assert "There is no patient of that record number." in page.words


def test_backups_that_hold_what_was_erased_are_replaced(cleo, who, settings, clock):
    cleo.post("/desk/backups")
    clock.at += timedelta(minutes=1)
    cleo.post(f"{PAGE}/erase", {**who, **REASON, "sure": "y"})
    told = cleo.get(PAGE).words
    clock.at += timedelta(minutes=1)

    answer = cleo.post("/desk/backups/forget")

    assert "1 backup from before the last erasure still holds" in told
    assert answer.location == "/desk/backups"
    assert len(list(settings.backup_folder.iterdir())) == 1
    assert "still holds" not in cleo.get(PAGE).words


@pytest.mark.of_files
def test_a_clinic_that_a_restore_set_aside_is_named_while_it_may_hold_it(cleo, who, settings):
    aside = settings.database.with_name("clinic-until-20260101T000000000000.db")
    before = cleo.get(PAGE).words
    aside.write_bytes(settings.database.read_bytes())
    nothing_erased = cleo.get(PAGE).words
    cleo.post(f"{PAGE}/erase", {**who, **REASON, "sure": "y"})

    told = cleo.get(PAGE).words

    assert aside.name in told
    assert aside.name not in before + nothing_erased


def test_nothing_is_said_to_be_replaced_when_there_was_nothing(cleo):
    cleo.post("/desk/backups/forget")

    assert "A new backup is made" not in cleo.get("/desk/backups").words
