"""Who was beside the patient, and who at the desk entered the answers, as it is kept."""

from dataclasses import replace

import pytest

from intake.core.records import Company, Entry, EntrySource, ResponseStatus
from intake.storage import people, visits
from intake.storage import responses as stored
from intake.storage.driver import sqlite3
from tests.storage.builders import ADA, DRAFT, NOW, SIGNED, everything

ENTRY = Entry(ADA.id, EntrySource.PAPER, NOW)


def enter(clinic):
    """Open a visit in which Ada enters the answers of the draft."""
    with clinic.write() as db:
        visits.open_visit(
            db, "draft", "entering", NOW, entered_by=ADA.id, desk_session="session-token"
        )


class TestMigration:
    @pytest.mark.parametrize("response_id", ["draft", "sent"])
    def test_takes_nothing_for_granted_of_old_forms(self, migrated, response_id):
        found = stored.response(migrated, response_id)

        assert (found.helper, found.entered) == (None, None)

    def test_takes_an_old_visit_for_one_in_which_nobody_was_asked(self, migrated):
        visit = visits.visit(migrated, "visit-token")

        assert (visit.company, visit.privacy, visit.entered_by) == (None, "", None)

    @pytest.mark.parametrize("column", ["receipt", "language", "help", "helper"])
    def test_guards_what_was_sent_before(self, migrated, column):
        value = "carer" if column == "helper" else "x"

        with pytest.raises(sqlite3.IntegrityError, match="never edited"), migrated.write() as db:
            db.execute(f"UPDATE responses SET {column} = ? WHERE id = 'sent'", [value])  # noqa: S608

    def test_still_lets_what_was_sent_be_entered_in_error(self, migrated):
        with migrated.write() as db:
            stored.set_status(db, "sent", ResponseStatus.ENTERED_IN_ERROR)

        assert stored.response(migrated, "sent").status is ResponseStatus.ENTERED_IN_ERROR


class TestOfAForm:
    @pytest.mark.parametrize("helper", Company)
    def test_who_helped_comes_back(self, clinic, helper):
        with clinic.write() as db:
            stored.put_helper(db, "draft", helper)

        assert stored.response(clinic, "draft") == replace(DRAFT, helper=helper)

    def test_who_helped_is_carried_into_a_new_version(self, clinic):
        new = replace(DRAFT, id="new", replaces="sent", helper=Company.CARER)
        with clinic.write() as db:
            stored.add_response(db, new)

        assert stored.response(clinic, "new").helper is Company.CARER

    @pytest.mark.parametrize(("helper", "left"), [("nobody", None), ("carer", Company.CARER)])
    def test_who_helped_stays_where_answers_are_entered_and_nobody_does_not(
        self, clinic, helper, left
    ):
        with clinic.write() as db:
            stored.put_helper(db, "draft", Company(helper))
            stored.put_entry(db, "draft", ENTRY)

        assert stored.response(clinic, "draft").helper is left

    @pytest.mark.parametrize("source", EntrySource)
    def test_who_entered_it_comes_back(self, clinic, source):
        entry = replace(ENTRY, source=source)
        with clinic.write() as db:
            stored.put_entry(db, "draft", entry)

        assert stored.response(clinic, "draft") == replace(DRAFT, entered=entry)

    @pytest.mark.parametrize(
        "change",
        [
            "entered_by = 'ada-id'",
            "entered_from = 'paper'",
            "entered_at = '2026'",
            "entered_by = 'ada-id', entered_from = 'paper'",
            "entered_by = 'ada-id', entered_from = 'a dream', entered_at = '2026'",
            "entered_by = 'nobody', entered_from = 'paper', entered_at = '2026'",
            "helper = 'a neighbour'",
        ],
    )
    def test_who_when_and_from_what_go_together(self, clinic, change):
        before = everything(clinic)

        with pytest.raises(sqlite3.IntegrityError), clinic.write() as db:
            db.execute(f"UPDATE responses SET {change} WHERE id = 'draft'")  # noqa: S608

        assert everything(clinic) == before

    @pytest.mark.parametrize(
        "change",
        [
            "helper = 'carer'",
            "entered_by = NULL, entered_from = NULL, entered_at = NULL",
            "entered_from = 'telephone'",
            "entered_at = '2020'",
            "status = 'entered-in-error', entered_from = 'telephone'",
        ],
    )
    def test_all_of_it_is_kept_once_the_form_was_sent(self, clinic, change):
        with clinic.write() as db:
            stored.put_helper(db, "draft", Company.RELATIVE)
            stored.put_entry(db, "draft", ENTRY)
            stored.complete(db, "draft", signature=SIGNED, receipt="1", now=NOW)

        with pytest.raises(sqlite3.IntegrityError, match="never edited"), clinic.write() as db:
            db.execute(f"UPDATE responses SET {change} WHERE id = 'draft'")  # noqa: S608

        found = stored.response(clinic, "draft")
        assert (found.helper, found.entered) == (Company.RELATIVE, ENTRY)


class TestOfAVisit:
    def test_company_and_privacy_come_back(self, clinic):
        with clinic.write() as db:
            visits.put_company(db, "draft", Company.INTERPRETER)
            visits.put_privacy(db, "draft", "alone")

        visit = visits.visit(clinic, "visit-token")
        assert (visit.company, visit.privacy) == (Company.INTERPRETER, "alone")

    def test_other_company_ends_the_privacy(self, clinic):
        with clinic.write() as db:
            visits.put_privacy(db, "draft", "together")
            visits.put_company(db, "draft", Company.CARER)

        assert visits.visit(clinic, "visit-token").privacy == ""

    def test_a_lock_ends_the_privacy_and_lets_the_desk_go(self, clinic):
        enter(clinic)
        with clinic.write() as db:
            visits.put_privacy(db, "draft", "alone")
            visits.put_lock(db, "draft", NOW, "today")

        visit = visits.visit(clinic, "entering")
        assert (visit.privacy, visit.desk_session, visit.entered_by) == ("", "", ADA.id)

    def test_it_ends_with_the_session_in_which_answers_are_entered(self, clinic):
        enter(clinic)
        with clinic.write() as db:
            people.end_session(db, "session-token", NOW)

        assert visits.visit(clinic, "entering") is None

    def test_it_ends_with_every_session_of_the_account(self, clinic):
        enter(clinic)
        with clinic.write() as db:
            people.end_sessions_of(db, ADA.id, NOW)

        assert visits.visit(clinic, "entering") is None

    def test_it_does_not_end_with_a_session_of_somebody_else(self, clinic):
        enter(clinic)
        with clinic.write() as db:
            people.end_session(db, "other-token", NOW)
            people.end_sessions_of(db, "ben-id", NOW)

        assert visits.visit(clinic, "entering") is not None

    def test_that_of_a_patient_does_not_end_with_any_session(self, clinic):
        with clinic.write() as db:
            people.end_session(db, "session-token", NOW)
            people.end_session(db, "", NOW)
            people.end_sessions_of(db, ADA.id, NOW)

        assert visits.visit(clinic, "visit-token") is not None
