"""Keeping and forgetting: what is due, what holds it, and that no byte of it is left."""

from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta

import pytest

from intake.actions import begin, retention, versions
from intake.core.dates import Unit, Window
from intake.core.decisions import Decision, Disposition
from intake.core.errors import AnswerError, NotAllowedError, NotFoundError, StateError, StorageError
from intake.core.retention import RecordClass, Why
from intake.storage import audit, open_store
from intake.storage.copies import copied_under
from intake.storage.database import SqliteStore
from intake.storage.retention import erased_ids
from tests.actions.conftest import DAY, actions_on, refused
from tests.actions.test_treat import DONE, Chair
from tests.conftest import KEYS, NOW, TODAY

REMAINING = {"audit_events", "audit_records", "erased"}
"""Where the id of an erased record is left; nothing of what it said is."""
MARKER = "Zyxomarkerine"
TAKEN = {"takes_medicines": "yes", "medicines": [{"name": MARKER, "status": "current"}]}
YEAR = Window(1, Unit.YEARS)
MONTH = Window(1, Unit.MONTHS)


@pytest.fixture
def decided(store, people):
    """Decide how long a class is kept."""

    def decide(record_class, period):
        retention.set_period(
            store, record_class=record_class, period=period, reason="The law.",
            by=people.cleo, now=NOW,
        )  # fmt: skip

    return decide


@pytest.fixture
def due(store, people):
    """What is due after so many days."""

    def look(days=0):
        return retention.due(store, by=people.cleo, today=TODAY + timedelta(days))

    return look


@pytest.fixture
def erase_due(store, people):
    def erase(days=0, **more):
        later = timedelta(days)
        sure = {"is_day_confirmed": True, **more}
        return retention.erase_due(
            store, by=people.cleo, now=NOW + later, today=TODAY + later, **sure
        )

    return erase


@pytest.fixture
def lines(store):
    """Let something happen after so many days each."""

    def act(*days, subject="x"):
        with store.write() as db:
            for day in days:
                audit.append(db, at=NOW + day * DAY, actor="t", action="t", subject=subject)

    return act


@pytest.fixture
def number_of(store):
    """The record number of a patient by name."""

    def find(name):
        row = store.row("SELECT record_number FROM patients WHERE name = ?", [name])
        return row["record_number"] if row else None

    return find


@pytest.fixture
def erase(store, people, number_of):
    """Erase a patient by name."""

    def act(name="Maria Duarte", *, by=None, reason="She wrote to us.", born=None, now=NOW):
        born = born or date.fromisoformat(
            store.row("SELECT birth_date FROM patients WHERE name = ?", [name])["birth_date"]
        )
        return retention.erase_patient(
            store, record_number=number_of(name), born=born, reason=reason,
            by=by or people.cleo, now=now,
        )  # fmt: skip

    return act


@pytest.fixture
def hold(store, people, number_of):
    def act(name, reason="A claim is open."):
        number = number_of(name)
        return retention.hold(store, record_number=number, reason=reason, by=people.cleo, now=NOW)

    return act


def names(store):
    return {row["name"] for row in store.rows("SELECT name FROM patients")}


def tables_with(store, id_):
    """Name every table of which a row holds an id in any column."""
    found = set()
    for table in store.tables():
        for row in store.rows(f"SELECT * FROM {table}"):  # noqa: S608
            if any(id_ in str(value) for value in row.values()):
                found.add(table)
    return found


def files_with_marker(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path.name for path in files if MARKER.encode() in path.read_bytes()]


class TestPeriods:
    def test_until_somebody_decides_nothing_is_ever_due(self, desk, due):
        desk.sent()

        assert due(40_000).is_empty

    def test_the_last_decision_counts(self, store, people, decided):
        decided(RecordClass.TREATED, YEAR)
        decided(RecordClass.TREATED, None)

        kept = retention.periods(store, by=people.cleo)[RecordClass.TREATED]

        assert (kept.period, kept.reason, kept.by) == (None, "The law.", people.cleo.id)
        assert actions_on(store, "treated") == ["retention decided"] * 2

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
    def test_a_period_needs_a_reason_that_can_be_read(self, store, people, reason):
        refused(
            store,
            AnswerError,
            lambda: retention.set_period(
                store, record_class=RecordClass.TREATED, period=YEAR, reason=reason,
                by=people.cleo, now=NOW,
            ),
        )  # fmt: skip

    def test_nobody_but_an_administrator_decides(self, store, people):
        refused(
            store,
            NotAllowedError,
            lambda: retention.set_period(
                store, record_class=RecordClass.TREATED, period=YEAR, reason="Why.",
                by=people.ben, now=NOW,
            ),
        )  # fmt: skip


class TestWhatIsDue:
    def test_counts_to_the_day_from_the_last_that_happened(self, desk, decided, due):
        decided(RecordClass.UNTREATED, YEAR)
        desk.sent(name="Ulla Untreated")

        assert due(365).is_empty
        assert [p.forms for p in due(366).patients[RecordClass.UNTREATED]] == [1]

    def test_keeps_those_who_were_treated_for_a_time_of_their_own(self, desk, decided, due):
        decided(RecordClass.UNTREATED, MONTH)
        Chair(desk).treated("Tilda Treated")
        desk.sent(name="Ulla Untreated")

        assert [p.sessions for p in due(60).patients[RecordClass.UNTREATED]] == [0]
        decided(RecordClass.TREATED, YEAR)
        assert [p.sessions for p in due(400).patients[RecordClass.TREATED]] == [1]

    def test_counts_from_the_day_until_which_somebody_was_put_off(self, desk, decided, due):
        decided(RecordClass.UNTREATED, MONTH)
        sent = desk.sent(name="Later Lena")
        desk.decide(sent.id, Decision(Disposition.DEFER, until=TODAY + 100 * DAY))

        assert due(110).is_empty
        assert not due(140).is_empty

    def test_keeps_those_who_hold_the_tablet_now(self, desk, store, people, decided, due):
        decided(RecordClass.UNTREATED, MONTH)
        begun = desk.begin()

        begin.hand_over(store, response_id=begun.id, by=people.ada, now=NOW + 60 * DAY)

        assert due(60).is_empty

    def test_a_form_never_sent_goes_alone(self, desk, store, decided, erase_due):
        decided(RecordClass.UNSENT, Window(7, Unit.DAYS))
        desk.sent(name="Sam Sent")
        begun = desk.filled(name="Bea Begun")

        found = erase_due(8)

        assert found.forms == (begun.id,)
        assert names(store) == {"Sam Sent", "Bea Begun"}
        assert tables_with(store, begun.id) == REMAINING

    def test_a_form_somebody_went_on_with_stays(self, desk, decided, due):
        decided(RecordClass.UNSENT, Window(7, Unit.DAYS))
        begun = desk.begin()
        desk.fill(begun, now=NOW + 5 * DAY)

        assert due(8).forms == ()
        assert due(13).forms == (begun.id,)

    def test_traces_of_signing_in_go_by_themselves(self, store, people, decided, erase_due):
        decided(RecordClass.SIGN_INS, MONTH)
        with store.write() as db:
            db.execute(
                "INSERT INTO tries (bucket, owner, at, succeeded) VALUES ('b', 'o', ?, 0)",
                [NOW.isoformat()],
            )

        assert erase_due(60).sign_ins >= 1
        assert store.rows("SELECT * FROM tries") == []

    def test_looking_changes_nothing(self, desk, store, decided, due):
        decided(RecordClass.UNTREATED, MONTH)
        desk.sent()
        before = store.row("SELECT count(*) AS n FROM audit_events")

        due(400)

        assert store.row("SELECT count(*) AS n FROM audit_events") == before


class TestErasingWhatIsDue:
    def test_leaves_everybody_else(self, desk, store, decided, erase_due):
        decided(RecordClass.UNTREATED, MONTH)
        desk.sent(name="Olga Old")
        desk.sent(name="Nina New", now=NOW + 40 * DAY)

        erase_due(60)

        assert names(store) == {"Nina New"}

    def test_is_refused_when_something_else_is_due_than_was_looked_at(
        self, desk, store, decided, due, erase_due
    ):
        decided(RecordClass.UNTREATED, MONTH)
        desk.sent(name="Olga Old")
        looked_at = retention.seen(due(60))
        desk.sent(name="Olaf Older")

        error = refused(store, StateError, lambda: erase_due(60, expected=looked_at))

        assert "has changed since you looked" in str(error)

    def test_is_refused_where_the_clock_may_have_been_set_wrong(
        self, desk, store, people, decided, erase_due
    ):
        decided(RecordClass.UNTREATED, YEAR)
        desk.sent(name="Olga Old")
        ten_years = NOW + 3650 * DAY
        with store.write() as db:
            audit.append(db, at=ten_years, actor=people.cleo.id, action="signed in", subject="x")

        error = refused(store, StateError, lambda: erase_due(3650, is_day_confirmed=False))

        assert "and 12 June 2036, so the clock may be wrong" in str(error)
        assert names(store) == {"Olga Old"}

    def test_goes_on_by_itself_where_the_clinic_was_never_silent_for_long(
        self, desk, store, decided, erase_due, lines
    ):
        decided(RecordClass.UNTREATED, MONTH)
        desk.sent(name="Olga Old")
        lines(20, 40)

        erase_due(60, is_day_confirmed=False)

        assert names(store) == set()

    @pytest.mark.parametrize(
        "days",
        [
            pytest.param([730], id="a moment ago"),
            pytest.param([728, 729], id="for two days"),
            pytest.param([690, 710, 730], id="for forty days"),
            pytest.param([730, 1, 730], id="and was right between"),
        ],
    )
    def test_is_refused_however_long_the_clock_has_been_wrong(
        self, desk, store, decided, erase_due, lines, days
    ):
        decided(RecordClass.UNTREATED, YEAR)
        desk.sent(name="Olga Old")
        lines(*days)

        error = refused(store, StateError, lambda: erase_due(730, is_day_confirmed=False))

        assert "so the clock may be wrong" in str(error)
        assert names(store) == {"Olga Old"}

    def test_that_the_day_is_right_is_written_down_and_counts_until_the_next_silence(
        self, desk, store, decided, erase_due, lines
    ):
        decided(RecordClass.UNTREATED, MONTH)
        for name, days in (("Olga Old", 0), ("Nina New", 60), ("Rosa Remains", 120)):
            desk.sent(name=name, now=NOW + days * DAY)
        erase_due(60)
        lines(80, 100)
        erase_due(120, is_day_confirmed=False)

        refused(store, StateError, lambda: erase_due(180, is_day_confirmed=False))

        assert actions_on(store, "clock") == ["day confirmed"]
        assert names(store) == {"Rosa Remains"}

    def test_what_somebody_else_wrote_about_a_clock_confirms_nothing(
        self, desk, store, decided, erase_due, lines
    ):
        decided(RecordClass.UNTREATED, MONTH)
        desk.sent(name="Olga Old")
        lines(60, subject="clock")

        refused(store, StateError, lambda: erase_due(60, is_day_confirmed=False))

    def test_keeps_what_is_on_hold(self, desk, store, decided, due, erase_due, hold):
        decided(RecordClass.UNTREATED, MONTH)
        decided(RecordClass.UNSENT, MONTH)
        desk.sent(name="Hanna Held")
        desk.begin(name="Hanna Held", vignette="healthy-woman")
        desk.sent(name="Olga Old")
        hold("Hanna Held")

        found = erase_due(60)

        assert [one.held for one in found.held] == ["A claim is open."]
        assert names(store) == {"Hanna Held"}
        assert due(60).is_empty

    def test_writes_down_each_record_that_went(self, desk, store, people, decided, erase_due):
        decided(RecordClass.UNTREATED, MONTH)
        sent = desk.sent(name="Olga Old")

        erase_due(60)

        [erasure] = retention.erasures(store, by=people.cleo)
        assert (erasure.why, erasure.patients, erasure.forms) == (Why.PERIOD, 1, 1)
        assert actions_on(store, sent.id)[-1] == "record erased"
        assert erased_ids(store) == {sent.id: "form", sent.patient_id: "patient"}

    def test_goes_on_over_many(self, desk, store, decided, erase_due, monkeypatch):
        decided(RecordClass.UNTREATED, MONTH)
        monkeypatch.setattr(retention, "_AT_ONCE", 2)
        for number in range(5):
            desk.begin(name=f"Olga Old {number}")

        erase_due(60)

        assert names(store) == set()


class TestErasingOnRequest:
    def test_no_table_but_the_trail_knows_them(self, desk, store, erase):
        chair = Chair(desk)
        session = chair.treated("Tilda Treated")
        chair.note(session, "long_reaction")
        amended = desk.sent(name="Tilda Treated", vignette="aspirin")
        new = versions.amend(store, response_id=amended.id, by=desk.people.ada, now=NOW)
        desk.send(new)
        desk.sent(name="Rosa Remains")
        forms = [
            row["id"]
            for row in store.rows(
                "SELECT id FROM responses WHERE patient_id = ?", [session.patient_id]
            )
        ]

        erasure = erase("Tilda Treated")

        assert (erasure.patients, erasure.forms) == (1, len(forms)) == (1, 3)
        for id_ in (session.patient_id, *forms):
            assert tables_with(store, id_) == REMAINING
        assert names(store) == {"Rosa Remains"}
        assert not isinstance(store, SqliteStore) or store.rows("PRAGMA foreign_key_check") == []

    def test_says_when_bytes_may_be_left(self, desk, store, settings, erase):
        desk.sent()
        is_file = isinstance(store, SqliteStore)
        patience = "PRAGMA busy_timeout = 100" if is_file else "SET lock_timeout TO '100ms'"
        store.connection.execute(patience)
        with closing(open_store(settings.place, KEYS)) as reader:
            reader.connection.execute("BEGIN")
            reader.row("SELECT * FROM patients")

            with pytest.raises(StorageError, match="It is erased"):
                erase()

        assert names(store) == set()

    def test_is_refused_while_on_hold_until_that_is_lifted(
        self, desk, store, people, erase, hold, number_of
    ):
        desk.sent(name="Hanna Held")
        hold("Hanna Held")

        error = refused(store, StateError, lambda: erase("Hanna Held"))
        retention.lift(store, record_number=number_of("Hanna Held"), by=people.cleo, now=NOW)
        erase("Hanna Held")

        assert "is on hold (A claim is open.)" in str(error)
        assert names(store) == set()

    @pytest.mark.parametrize("reason", ["", "x" * 501])
    def test_needs_a_reason(self, desk, store, erase, reason):
        desk.sent()

        refused(store, AnswerError, lambda: erase(reason=reason))

    def test_needs_the_date_of_birth_that_is_theirs(self, desk, store, erase):
        desk.sent()

        error = refused(store, NotFoundError, lambda: erase(born=date(1990, 1, 1)))

        assert "born on that day" in str(error)

    def test_waits_for_a_patient_who_is_filling_in_a_form(self, desk, store, people, erase):
        begun = desk.begin()
        begin.hand_over(store, response_id=begun.id, by=people.ada, now=NOW)

        refused(store, StateError, erase)
        erase(now=NOW + DAY)

        assert names(store) == set()

    @pytest.mark.parametrize("who", ["ada", "ben"])
    def test_is_for_administrators(self, desk, store, people, erase, who):
        desk.sent()

        refused(store, NotAllowedError, lambda: erase(by=getattr(people, who)))

    def test_fails_whole_when_the_trail_takes_nothing(self, desk, store, erase, audit_down):
        refused(store, Exception, erase)


@pytest.mark.of_files
class TestBytes:
    """Looked for in a clinic that is not encrypted: in another, none could be found anyway."""

    @pytest.fixture
    def store(self, settings):
        plain = settings.data / "plain.db"
        copied_under(settings.database, KEYS.database, plain, None)
        plain.replace(settings.database)
        with closing(open_store(settings.database, replace(KEYS, database=None))) as opened:
            yield opened

    def test_none_are_left_in_the_files(self, desk, store, settings, erase):
        name = f"{MARKER} Quux"
        for number in range(6):
            desk.sent(name=f"Rosa Remains {number}")
        chair = Chair(desk)
        session = chair.treated(name, done=replace(DONE, endpoint=MARKER))
        chair.note(session, "long_reaction")
        sent = desk.sent(name=name, **TAKEN)
        desk.decide(sent.id, Decision(Disposition.NEED_INFORMATION, MARKER))
        assert files_with_marker(settings.data) != []

        erase(name)

        assert files_with_marker(settings.data) == []


class TestAHold:
    def test_is_placed_once_and_lifted_once(self, desk, store, people, hold, number_of):
        desk.sent(name="Hanna Held")
        hold("Hanna Held")

        refused(store, StateError, lambda: hold("Hanna Held"))
        assert [one.reason for one in retention.holds(store, by=people.cleo)] == [
            "A claim is open."
        ]
        number = number_of("Hanna Held")
        retention.lift(store, record_number=number, by=people.cleo, now=NOW)
        refused(
            store,
            StateError,
            lambda: retention.lift(store, record_number=number, by=people.cleo, now=NOW),
        )

    def test_needs_a_patient(self, store, people):
        refused(
            store,
            NotFoundError,
            lambda: retention.hold(
                store, record_number="P-0", reason="Why.", by=people.cleo, now=NOW
            ),
        )


def test_what_a_backup_brings_back_is_erased_again(desk, store, people, hold):
    desk.sent(name="Olga Old")
    hold("Olga Old")
    gone = {row["id"]: "patient" for row in store.rows("SELECT id FROM patients")}
    desk.sent(name="Nina New")

    assert retention.erase_again(store, gone, now=NOW) == 1

    assert names(store) == {"Nina New"}
    assert retention.erase_again(store, gone, now=NOW) == 0
    assert audit.latest(store, 1)[0].actor == "command line"


def test_a_form_that_a_backup_brings_back_goes_although_its_patient_is_on_hold_again(
    desk, store, people, hold
):
    begun = desk.begin(name="Hanna Held", vignette="healthy-woman")
    hold("Hanna Held")

    assert retention.erase_again(store, {begun.id: "form"}, now=NOW) == 1

    assert erased_ids(store) == {begun.id: "form"}
    assert [one.reason for one in retention.holds(store, by=people.cleo)] == ["A claim is open."]
    assert names(store) == {"Hanna Held"}


def test_what_was_erased_elsewhere_is_known_although_it_never_was_here(desk, store, people):
    desk.sent(name="Nina New")
    elsewhere = {"a" * 32: "patient", "b" * 32: "form"}

    assert retention.erase_again(store, elsewhere, now=NOW) == 0
    assert retention.erase_again(store, elsewhere, now=NOW) == 0

    assert erased_ids(store) == elsewhere
    (told,) = retention.erasures(store, by=people.cleo)
    assert (told.why, told.patients, told.forms) == (Why.ELSEWHERE, 1, 1)
    assert names(store) == {"Nina New"}
