"""Writing down who was shown what, and who asked in vain."""

from datetime import timedelta

import pytest

from intake.actions.reading import TOGETHER, note_reading, note_refusal
from intake.storage import audit
from tests.conftest import NOW


def of(store, subject, *actions):
    return [e.action for e in audit.of_subject(store, subject) if e.action in actions]


class TestReading:
    @pytest.fixture
    def read(self, tiny):
        def note(minutes=0, who="ada", act="case read", subject="c1"):
            at, by = NOW + timedelta(minutes=minutes), getattr(tiny.people, who)
            note_reading(tiny.store, act=act, subject=subject, by=by, now=at)
            return of(tiny.store, subject, "case read", "list read")

        return note

    def test_is_written_down_once_in_a_while(self, read):
        assert [len(read(m)) for m in (0, 1, 9, 11)] == [1, 1, 1, 2]

    def test_is_written_down_for_everybody(self, read):
        read()

        assert len(read(who="ben")) == 2

    def test_is_written_down_for_every_record(self, read):
        read()

        assert read(subject="queue", act="list read") == ["list read"]

    def test_is_written_down_when_the_clock_went_back(self, read):
        read()

        assert len(read(minutes=-60 * 24)) == 2

    def test_is_told_by_an_act_on_the_record(self, tiny, read):
        with tiny.store.write() as db:
            audit.append(db, at=NOW, actor=tiny.people.ada.id, action="decided", subject="c1")

        assert read() == []

    def test_is_not_told_by_a_refusal(self, tiny, read):
        with tiny.store.write() as db:
            audit.append(
                db, at=NOW, actor=tiny.people.ada.id, action="record refused", subject="c1"
            )

        assert read() == ["case read"]


class TestRefusal:
    @pytest.fixture
    def draft(self, tiny):
        return tiny.begin("thirteen-days")

    @pytest.fixture
    def refuse(self, tiny):
        def note(subject, minutes=0):
            at = NOW + timedelta(minutes=minutes)
            note_refusal(tiny.store, subject=subject, by=tiny.people.cleo, now=at)
            return of(tiny.store, subject, "record refused")

        return note

    def test_is_written_down_once_in_a_while(self, refuse, draft):
        waits = (0, 1, 1 + TOGETHER.total_seconds() / 60)

        assert [len(refuse(draft.id, m)) for m in waits] == [1, 1, 2]

    def test_is_written_down_for_patients_too(self, refuse, draft):
        assert refuse(draft.patient_id) == ["record refused"]

    def test_of_nothing_names_nobody(self, refuse):
        assert refuse("nothing") == []
