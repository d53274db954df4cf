"""The language of a form and of each of its answers."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from intake.core.records import ResponseStatus
from intake.storage import database
from intake.storage import responses as stored
from intake.storage.driver import sqlite3
from tests.conftest import KEYS, raw
from tests.storage.builders import DRAFT, NOW, SIGNED, everything
from tests.storage.test_migrations import OLDEST

LATER = NOW + timedelta(minutes=5)


class TestMigration:
    def test_of_the_languages_is_applied_to_the_oldest_clinic(self, tmp_path):
        path = tmp_path / "clinic.db"
        with closing(raw(path)) as connection:
            connection.execute(f"PRAGMA application_id = {database.APPLICATION_ID}")
            connection.executescript(OLDEST)

        assert "m002_languages" in database.bring_up_to_date(path, KEYS)

    @pytest.mark.parametrize("response_id", ["draft", "sent"])
    def test_takes_what_was_there_for_english(self, migrated, response_id):
        found = stored.response(migrated, response_id)

        assert found.language == "en"
        assert stored.answer_languages(migrated, response_id) == {
            "birth_date": "en",
            "smoker": "en",
        }

    def test_takes_an_old_signature_for_one_under_english(self, migrated):
        assert stored.response(migrated, "sent").signature.language == "en"

    def test_lets_an_old_draft_go_on_in_another_language(self, migrated):
        with migrated.write() as db:
            stored.put_language(db, "draft", "ar")
            stored.put_answers(db, "draft", {"smoker": "yes"}, LATER, language="ar")

        assert stored.response(migrated, "draft").language == "ar"
        assert stored.answer_languages(migrated, "draft")["smoker"] == "ar"

    def test_guards_what_was_sent_before(self, migrated):
        with pytest.raises(sqlite3.IntegrityError), migrated.write() as db:
            stored.put_language(db, "sent", "es")

        assert stored.response(migrated, "sent").language == "en"

    @pytest.mark.parametrize("column", ["receipt", "signature", "plan", "pack_hash"])
    def test_still_guards_the_columns_it_guarded(self, migrated, column):
        with pytest.raises(sqlite3.IntegrityError), migrated.write() as db:
            db.execute(f"UPDATE responses SET {column} = '' WHERE id = 'sent'")  # noqa: S608

    def test_still_lets_what_was_sent_be_entered_in_error(self, migrated):
        with migrated.write() as db:
            stored.set_status(db, "sent", ResponseStatus.ENTERED_IN_ERROR)

        assert stored.response(migrated, "sent").status is ResponseStatus.ENTERED_IN_ERROR


class TestOfAForm:
    def test_comes_back(self, clinic):
        spanish = replace(DRAFT, id="spanish", language="es")
        with clinic.write() as db:
            stored.add_response(db, spanish)

        assert stored.response(clinic, "spanish") == spanish

    def test_is_that_of_the_answers_it_begins_with(self, clinic):
        with clinic.write() as db:
            stored.add_response(db, replace(DRAFT, id="spanish", language="es"))

        assert set(stored.answer_languages(clinic, "spanish").values()) == {"es"}

    def test_is_changed_while_it_is_filled(self, clinic):
        with clinic.write() as db:
            stored.put_language(db, "draft", "es")

        assert stored.response(clinic, "draft") == replace(DRAFT, language="es")

    def test_leaves_the_answers_that_were_given_as_they_were_read(self, clinic):
        with clinic.write() as db:
            stored.put_language(db, "draft", "es")

        assert set(stored.answer_languages(clinic, "draft").values()) == {"en"}

    def test_leaves_other_forms(self, clinic):
        with clinic.write() as db:
            stored.add_response(db, replace(DRAFT, id="other"))
            stored.put_language(db, "draft", "es")

        assert stored.response(clinic, "other").language == "en"

    def test_is_kept_once_it_was_sent(self, clinic):
        before = everything(clinic)

        with (
            pytest.raises(sqlite3.IntegrityError, match="a completed response is never edited"),
            clinic.write() as db,
        ):
            stored.put_language(db, "sent", "es")

        assert everything(clinic) == before

    @pytest.mark.parametrize(
        ("response_id", "status"),
        [("draft", ResponseStatus.STOPPED), ("sent", ResponseStatus.ENTERED_IN_ERROR)],
        ids=["stopped", "entered in error"],
    )
    def test_is_kept_once_it_was_withdrawn(self, clinic, response_id, status):
        with clinic.write() as db:
            stored.set_status(db, response_id, status)

        with pytest.raises(sqlite3.IntegrityError), clinic.write() as db:
            stored.put_language(db, response_id, "es")

    def test_does_not_change_while_it_is_withdrawn(self, clinic):
        change = "UPDATE responses SET status = 'entered-in-error', language = 'es' WHERE id = ?"

        with pytest.raises(sqlite3.IntegrityError), clinic.write() as db:
            db.execute(change, ["sent"])

    def test_is_there_when_it_was_sent(self, clinic):
        with clinic.write() as db:
            stored.put_language(db, "draft", "es")
            stored.complete(
                db, "draft", signature=replace(SIGNED, language="es"), receipt="1", now=LATER
            )

        sent = stored.response(clinic, "draft")
        assert (sent.language, sent.signature.language) == ("es", "es")


class TestOfAnAnswer:
    def test_is_the_one_in_which_it_was_given(self, clinic):
        with clinic.write() as db:
            stored.put_answers(db, "draft", {"goals": ["lines"]}, LATER, language="es")
            stored.put_answers(db, "draft", {"skin": "no"}, LATER, language="ar")

        assert stored.answer_languages(clinic, "draft") == {
            "birth_date": "en",
            "smoker": "en",
            "goals": "es",
            "skin": "ar",
        }

    def test_changes_with_the_answer(self, clinic):
        with clinic.write() as db:
            stored.put_answers(db, "draft", {"smoker": "yes"}, LATER, language="es")

        assert stored.answer_languages(clinic, "draft")["smoker"] == "es"

    def test_stays_where_the_same_is_answered_again(self, clinic):
        with clinic.write() as db:
            stored.put_answers(db, "draft", {"smoker": "no"}, LATER, language="es")

        assert stored.answer_languages(clinic, "draft")["smoker"] == "en"

    def test_goes_with_the_answer(self, clinic):
        with clinic.write() as db:
            stored.put_answers(db, "draft", {"smoker": None}, LATER, language="es")

        assert "smoker" not in stored.answer_languages(clinic, "draft")

    def test_of_a_form_that_is_not_there_is_not_known(self, clinic):
        assert stored.answer_languages(clinic, "nothing") == {}

    @pytest.fixture
    def amended(self, clinic):
        """A form answered in two languages, sent, and amended in a third."""
        with clinic.write() as db:
            stored.put_answers(db, "draft", {"smoker": "yes"}, LATER, language="es")
            stored.complete(db, "draft", signature=SIGNED, receipt="1", now=LATER)
            stored.add_response(db, replace(DRAFT, id="new", replaces="draft", language="ar"))
        return clinic

    def test_is_carried_over_to_an_amendment(self, amended):
        assert stored.answer_languages(amended, "new") == {"birth_date": "en", "smoker": "es"}
        assert stored.answer_times(amended, "new") == {"birth_date": NOW, "smoker": LATER}

    def test_changes_in_the_amendment_only(self, amended):
        with amended.write() as db:
            stored.put_answers(db, "new", {"smoker": "no"}, LATER, language="ar")

        assert stored.answer_languages(amended, "new")["smoker"] == "ar"
        assert stored.answer_languages(amended, "draft")["smoker"] == "es"

    def test_is_kept_once_the_form_was_sent(self, clinic):
        change = "UPDATE answers SET language = 'es' WHERE response_id = 'sent'"

        with (
            pytest.raises(sqlite3.IntegrityError, match="answers are kept as they were submitted"),
            clinic.write() as db,
        ):
            db.execute(change)
