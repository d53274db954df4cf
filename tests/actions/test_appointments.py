"""Intakes prepared from a list: all of it or nothing, once each, and in nobody's false name."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.actions import begin, export, patients, sites
from intake.actions.answer import choose_language
from intake.actions.appointments import (
    LATELY,
    NO_LANGUAGE,
    ListRefusedError,
    look_through,
    take_over,
)
from intake.actions.documents import document_of
from intake.actions.fhir import Bundle, bundle_of
from intake.core.appointments import LONGEST_CELL, MOST_FAULTS, Given, Offered, Sheet
from intake.core.errors import NotAllowedError
from intake.core.records import FIRST_SITE, ResponseStatus
from intake.exports.record import record_in
from intake.exports.sealing import Form
from intake.storage import audit, responses
from intake.storage import people as accounts
from intake.storage.driver import sqlite3
from tests.actions.conftest import actions_on, refused, together
from tests.conftest import NOW, TODAY
from tests.storage.builders import everything, lay

COMMAND_LINE = "command line"
CELLS = {"name": "Maria Duarte", "birth_date": "1988-03-12", "language": "es"}
PLAN = {"area": "face, neck", "modality": "motorised", "depth_mm": "1,5", "prp": "no"}


def sheet_of(*rows):
    return Sheet(tuple(Given(at, cells) for at, cells in enumerate(rows, start=2)))


def somebody(name="Maria Duarte", **changed):
    return {**CELLS, "name": name, **changed}


@pytest.fixture
def offered(pack):
    return Offered(pack, ("en", "ar", "es"), TODAY)


@pytest.fixture
def lists(store, offered, people):
    """Look through, or take over, a list of these rows."""

    class Lists:
        def _do(self, act, *rows, by=None, site=FIRST_SITE, now=NOW):
            sheet = rows[0] if isinstance(rows[0], Sheet) else sheet_of(*rows)
            return act(store, offered, sheet, site=site, by=by or people.ada, now=now)

        def look(self, *rows, **how):
            return self._do(look_through, *rows, **how)

        def take(self, *rows, **how):
            return self._do(take_over, *rows, **how)

        def faults(self, *rows, **how):
            """What is wrong, which is the same before and in the act."""
            found = self.look(*rows, **how).faults
            error = refused(store, ListRefusedError, lambda: self.take(*rows, **how))
            assert error.checked.faults == found
            return [(one.row, one.column) for one in found]

    return Lists()


@pytest.fixture
def forms(store):
    """Every form of the clinic, oldest first."""
    return lambda: [
        responses.response(store, row["id"])
        for row in store.rows("SELECT id FROM responses ORDER BY rowid")
    ]


@pytest.fixture
def harbour(store, people):
    return sites.open_site(store, name="Harbour", by=people.cleo, now=NOW)


def records_of(store):
    """Everything but the audit trail and the number of its last line."""
    trail = ("audit_events", "sqlite_sequence")
    return {table: rows for table, rows in everything(store).items() if table not in trail}


class TestAnIntakeOfAList:
    def test_is_empty_but_for_what_the_list_says(self, lists, store, forms, people):
        lists.take(somebody(**PLAN))

        (form,) = forms()
        patient = begin.patient_of(store, form)
        assert (patient.name, patient.birth_date) == ("Maria Duarte", date(1988, 3, 12))
        assert form.status is ResponseStatus.IN_PROGRESS
        assert (form.language, form.begun_by, form.site) == ("es", people.ada.id, FIRST_SITE)
        assert form.answers == {"birth_date": "1988-03-12"}
        assert form.plan == {
            "area": ["face", "neck"],
            "modality": "motorised",
            "depth_mm": "1.5",
            "prp": "no",
        }
        assert actions_on(store, form.id) == ["intake begun"]
        assert actions_on(store, patient.id) == ["patient registered"]

    def test_leaves_open_what_is_not_decided(self, lists, forms):
        lists.take(somebody(area="not_decided", device="Not_Decided", products=""))

        assert forms()[0].plan == {}

    def test_begins_in_english_where_no_language_is_named(self, lists, forms):
        checked = lists.take({**CELLS, "language": ""})

        assert checked.rows[0].notes == (NO_LANGUAGE,)
        assert forms()[0].language == "en"

    def test_can_be_handed_over_and_read_in_another_language(self, lists, store, forms, people):
        lists.take(somebody())
        (form,) = forms()

        token = begin.hand_over(store, response_id=form.id, by=people.ada, now=NOW)

        handed = begin.open_visit(store, token=token)
        assert handed.language == "es"
        choose_language(store, handed, "ar", now=NOW)
        assert forms()[0].language == "ar"

    def test_of_somebody_who_was_here_takes_no_answer_over(self, lists, desk, forms):
        desk.sent(name="Maria Duarte", now=NOW - LATELY - timedelta(days=1))
        born = desk.vignettes["healthy-woman"].answers["birth_date"]

        checked = lists.take(somebody(birth_date=born))

        assert (checked.begun, checked.registered) == (1, 0)
        assert (forms()[1].patient_id, forms()[1].carried) == (forms()[0].patient_id, frozenset())
        assert set(forms()[1].answers) == {"birth_date"}

    def test_is_begun_at_the_site_of_its_row(self, lists, forms, harbour):
        lists.take(somebody(site="HARBOUR"), somebody("Ann Cole"))

        assert [form.site for form in forms()] == [harbour.id, FIRST_SITE]


class TestTheCommandLine:
    def test_begins_in_nobodys_name_and_on_no_tablet(self, lists, store, forms, people):
        lists.take(somebody(), by=COMMAND_LINE)

        (form,) = forms()
        assert form.begun_by == COMMAND_LINE
        assert {event.actor for event in audit.of_subject(store, form.id)} == {COMMAND_LINE}
        assert form.begun_by not in {who.id for who in accounts.practitioners(store)}

    def test_leaves_a_patient_who_did_not_come_in_the_search(self, lists, desk, forms, people):
        """Of whoever gives up on a tablet nothing is searched; this was no tablet."""
        lists.take(somebody(), by=COMMAND_LINE)
        desk.withdraw(forms()[0].id)

        found = patients.find_patients(desk.store, text="Maria", by=people.ada, now=NOW)

        assert [patient.name for patient in found] == ["Maria Duarte"]

    def test_begins_at_every_open_site(self, lists, forms, harbour, people, store):
        assert lists.faults(somebody(site="Nowhere"), by=COMMAND_LINE, site="") == [(2, "site")]

        lists.take(somebody(site="harbour"), by=COMMAND_LINE, site="")

        assert forms()[0].site == harbour.id


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"name": ""}, "name"),
        ({"name": "1 2 3"}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "\u200b\u2800"}, "name"),
        ({"birth_date": ""}, "birth_date"),
        ({"birth_date": "03/04/1990"}, "birth_date"),
        ({"birth_date": "3.4.1990"}, "birth_date"),
        ({"birth_date": "1990-4-3"}, "birth_date"),
        ({"birth_date": "19900403"}, "birth_date"),
        ({"birth_date": "1990-W14-2"}, "birth_date"),
        ({"birth_date": "١٩٩٠-٠٤-٠٣"}, "birth_date"),
        ({"birth_date": "1990-02-30"}, "birth_date"),
        ({"birth_date": "1990-04"}, "birth_date"),
        ({"birth_date": "2026-06-15"}, "birth_date"),
        ({"birth_date": "1880-01-01"}, "birth_date"),
        ({"language": "fr"}, "language"),
        ({"language": "Spanish"}, "language"),
        ({"area": "moon"}, "area"),
        ({"area": "none"}, "area"),
        ({"products": "none, hyaluronic"}, "products"),
        ({"depth_mm": "99"}, "depth_mm"),
        ({"depth_mm": "=1+1"}, "depth_mm"),
        ({"prp": "maybe"}, "prp"),
        ({"site": "Nowhere"}, "site"),
        ({"date": "2026-06-14"}, "date"),
        ({"date": "16.6.2026"}, "date"),
        ({"time": "9" * (LONGEST_CELL + 1)}, "time"),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column_and_nothing_is_stored(lists, cells, column):
    assert lists.faults(somebody("Ann Cole"), somebody(**cells)) == [(3, column)]


def test_no_fault_repeats_what_stands_in_the_list(lists):
    secret = dict.fromkeys(("birth_date", "language", "area", "prp", "site"), "Xyzzy-77")

    found = lists.look(somebody(name="77 77", **secret)).faults

    assert len(found) == 6
    assert not [fault for fault in found if "77" in fault.says or "yzz" in fault.says.casefold()]


def test_every_fault_of_every_row_is_named(lists):
    rows = [somebody(name="", birth_date="x"), somebody(), somebody("Ann Cole", area="moon")]

    assert lists.faults(*rows) == [(2, "name"), (2, "birth_date"), (4, "area")]


def test_as_many_faults_are_named_as_anybody_can_mend(lists):
    rows = [somebody(name="", birth_date="") for _ in range(MOST_FAULTS)]

    assert len(lists.look(*rows).faults) == MOST_FAULTS


def test_faults_of_the_file_itself_are_among_them_once(lists):
    wrong = replace(sheet_of(somebody(), somebody("Ann")), rows=())
    given = Given(1, somebody(birth_date=""), {"birth_date": "Patient.birthDate"})
    sheet = replace(wrong, rows=(given,), faults=(given.fault("birth_date", "A string."),))

    assert lists.faults(sheet) == [(1, "Patient.birthDate")]


def test_a_patient_stands_in_a_list_once(lists):
    twice = somebody("MARÍA  duarte", area="face")

    assert lists.faults(somebody(), somebody("Ann Cole"), twice) == [(4, "name")]


def test_the_same_name_with_another_birth_date_is_somebody_else(lists, forms):
    lists.take(somebody(), somebody(birth_date="1990-04-23"))

    assert len({form.patient_id for form in forms()}) == 2


class TestLookingThrough:
    def test_stores_nothing_but_its_line(self, lists, store):
        before = records_of(store)
        lines = len(everything(store)["audit_events"])

        checked = lists.look(somebody(), somebody("Ann Cole", area="face"))

        assert (checked.begun, checked.registered) == (2, 2)
        assert records_of(store) == before
        assert len(everything(store)["audit_events"]) == lines + 1
        line = audit.of_subject(store, "appointments")[-1]
        assert (line.action, line.detail) == (
            "appointments checked",
            {"rows": 2, "known": 0, "problems": 0},
        )

    def test_finds_what_taking_over_does(self, lists, desk):
        desk.register("Maria Duarte", date(1988, 3, 12))
        rows = [somebody(), somebody("Ann Cole")]

        looked, taken = lists.look(*rows), lists.take(*rows)

        assert looked == taken
        assert (taken.begun, taken.registered) == (2, 1)

    def test_does_not_bind_what_is_found_later(self, lists, desk, forms):
        lists.look(somebody())
        begun = desk.begin(name="Maria Duarte")

        checked = lists.take(somebody(birth_date=begun.answers["birth_date"]))

        assert checked.begun == 0
        assert [form.id for form in forms()] == [begun.id]


class TestASecondTime:
    def test_doubles_nothing(self, lists, store, forms):
        rows = [somebody(), somebody("Ann Cole")]
        lists.take(*rows)
        before = records_of(store)

        checked = lists.take(*rows)

        assert checked.begun == 0
        assert [one.under_way.response_id for one in checked.rows] == [f.id for f in forms()]
        assert records_of(store) == before

    def test_doubles_nothing_that_was_sent_in_between(self, lists, desk, forms):
        sent = desk.sent(name="Maria Duarte")
        row = somebody(birth_date=sent.answers["birth_date"])

        assert lists.take(row, now=NOW + LATELY).begun == 0
        assert lists.take(row, now=NOW + LATELY + timedelta(seconds=1)).begun == 1

    def test_begins_what_was_withdrawn(self, lists, desk, forms):
        lists.take(somebody())
        desk.withdraw(forms()[0].id)

        assert lists.take(somebody()).begun == 1

    def test_at_the_same_moment_doubles_nothing(self, settings, offered, people, forms):
        sheet = sheet_of(*(somebody(name) for name in ("Ann", "Bea", "Cora")))

        done = together(
            settings,
            lambda store, _: take_over(
                store, offered, sheet, site=FIRST_SITE, by=people.ada, now=NOW
            ),
            4,
        )

        assert sorted(checked.begun for checked in done) == [0, 0, 0, 3]
        assert len(forms()) == 3


class TestSites:
    @pytest.fixture
    def only_harbour(self, store, people, harbour):
        """Ada, who works at the second site alone."""
        who = people.ada.id
        sites.works_at(store, account_id=who, sites_=[harbour.id], by=people.cleo, now=NOW)
        return accounts.practitioner(store, who)

    def test_of_others_are_not_begun_at(self, lists, only_harbour):
        assert lists.faults(somebody(), by=only_harbour) == [(2, "site")]
        assert lists.faults(somebody(site="Main site"), by=only_harbour, site="") == [(2, "site")]

    def test_that_are_closed_are_not_begun_at(self, lists, store, people, harbour):
        sites.close(store, site_id=harbour.id, by=people.cleo, now=NOW)

        assert lists.faults(somebody(site="Harbour")) == [(2, "site")]

    def test_of_others_tell_nothing_of_their_forms(self, lists, only_harbour, harbour, forms):
        lists.take(somebody())

        checked = lists.take(somebody(), by=only_harbour, site=harbour.id)

        assert checked.rows[0].under_way is None
        assert [form.site for form in forms()] == [FIRST_SITE, harbour.id]

    def test_within_reach_share_one_form(self, lists, people, harbour):
        lists.take(somebody())

        assert lists.take(somebody(), by=people.ada, site=harbour.id).begun == 0


@pytest.mark.parametrize("act", [look_through, take_over])
def test_those_who_may_not_begin_intakes_take_no_list_over(store, offered, people, act):
    refused(
        store,
        NotAllowedError,
        lambda: act(store, offered, sheet_of(somebody()), site=FIRST_SITE, by=people.cleo, now=NOW),
    )


@pytest.mark.parametrize("table", ["patients", "responses", "audit_events"])
def test_a_fault_at_the_last_row_leaves_nothing_of_the_first(lists, store, table):
    last = {
        "patients": "NEW.name = 'Last'",
        "responses": "(SELECT count(*) FROM responses) = 2",
        "audit_events": "NEW.action = 'appointments taken over'",
    }
    lay(
        store,
        f"CREATE TRIGGER down BEFORE INSERT ON {table} WHEN {last[table]}"
        " BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END",
    )

    refused(
        store,
        sqlite3.DatabaseError,
        lambda: lists.take(somebody("First"), somebody("Second"), somebody("Last")),
    )


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
ANYTHING = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXTS | st.just("Maria Duarte"),
        "birth_date": TEXTS | st.dates().map(str),
        "language": TEXTS | st.sampled_from(["en", "es-MX", "AR"]),
        "area": TEXTS | st.sampled_from(["face", "face|neck"]),
        "depth_mm": TEXTS | st.decimals().map(str),
        "prp": TEXTS | st.sampled_from(["yes", "no"]),
        "site": TEXTS,
        "date": TEXTS | st.dates().map(str),
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ANYTHING, max_size=5))
def test_every_row_comes_to_an_intake_or_to_a_fault_with_its_place(lists, rows):
    checked = lists.look(*rows) if rows else lists.look(Sheet())

    faulty = {fault.row for fault in checked.faults}
    assert all(fault.column and fault.says for fault in checked.faults)
    assert all((one.appointment is None) == (one.given.row in faulty) for one in checked.rows)


def test_what_looks_like_a_formula_stays_text_and_leaves_guarded(lists, store, people):
    lists.take(somebody("=HYPERLINK(1)"))

    lines = export.export_table(
        store, shape="cases", form="csv", filters=export.ExportFilters(), by=people.ada,
        now=NOW, today=TODAY,
    )  # fmt: skip

    assert "'=HYPERLINK(1)" in "".join(lines)


class TestWhoBeganAnIntakeOfTheCommandLine:
    @pytest.fixture
    def begun(self, lists, forms):
        lists.take(somebody(), by=COMMAND_LINE)
        return forms()[0]

    def test_is_told_by_its_document(self, store, press, people, begun):
        made = document_of(
            store, press, response_id=begun.id, form=Form.HTML, by=people.ada, now=NOW
        )

        page = made.content.decode()
        assert "at the command line</dd>" in page
        assert "Command line" in page
        assert record_in(page)["response"]["begun_by"] == COMMAND_LINE

    def test_is_told_in_fhir_by_the_program_and_by_nobody(self, store, press, people, begun):
        made = bundle_of(
            store, press, response_id=begun.id, kind=Bundle.COLLECTION, by=people.ada, now=NOW
        )

        resources = [one["resource"] for one in made["entry"]]
        events = [one for one in resources if one["resourceType"] == "AuditEvent"]
        began = next(one for one in events if one["subtype"][0]["code"] == "intake-begun")
        assert began["agent"][0]["who"]["display"] == "Command line"
        assert people.ada.id not in json.dumps(began)
