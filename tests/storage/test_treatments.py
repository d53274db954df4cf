"""What was confirmed, done and noticed is kept as it was written."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.screening import Teller
from intake.core.telling import Telling
from intake.core.treatment import (
    Anaesthetic,
    Confirmation,
    Done,
    Medium,
    Noticed,
    Product,
    Reaction,
    Reply,
    Said,
    TreatmentSession,
    Zone,
)
from intake.storage import cases, places, treatments
from intake.storage.driver import sqlite3
from intake.storage.encoding import done_of, done_text, told_of, told_text
from tests.storage.builders import ADA, MARIA, NOW, SCREENING, TODAY

DONE = Done(
    device="skinpen",
    zones=(Zone("face", Decimal("1.5"), 3), Zone("neck", Decimal("0.50"), 2)),
    endpoint="Even redness.",
    cartridge_lot="C-77",
    antiseptic="Chlorhexidine",
    medium=Medium.STERILE_GEL,
    medium_lot="G-1",
    anaesthetic=Anaesthetic("Lidocaine", "4 %", "5 g", "30 min"),
    products=(Product("Hyaluronic gel", "H-2"),),
    checked=frozenset({"cartridge", "sharps"}),
    not_done="No piercings.",
)
CONFIRMATION = Confirmation(
    id="c1",
    response_id="sent",
    on=TODAY,
    said={"unwell": Said(Reply.NO), "new_medicine": Said(Reply.YES, "Warfarin")},
    lapsed=frozenset({"illness"}),
    by=ADA.id,
    by_name=ADA.name,
    at=NOW,
)
SESSION = TreatmentSession(
    id="t1",
    response_id="sent",
    patient_id=MARIA.id,
    on=TODAY,
    modality="motorised",
    done=DONE,
    next_from=TODAY + timedelta(28),
    by=ADA.id,
    by_name=ADA.name,
    at=NOW,
)
REACTION = Reaction(
    "x1", MARIA.id, "t1", Noticed("fever", TODAY, None, "Since last night"), ADA.id, ADA.name, NOW
)


@pytest.fixture
def treated(clinic):
    """A clinic in which somebody was treated, and the skin took it badly."""
    with clinic.write() as db:
        treatments.add_confirmation(db, CONFIRMATION)
        treatments.add_session(db, SESSION)
        treatments.add_reaction(db, REACTION)
    return clinic


def test_what_was_stored_is_read_as_it_was(treated):
    assert treatments.confirmations(treated, "sent") == (CONFIRMATION,)
    assert treatments.session_of(treated, "sent") == SESSION
    assert treatments.session(treated, "t1") == SESSION
    assert treatments.sessions(treated, MARIA.id) == (SESSION,)
    assert treatments.reactions(treated, MARIA.id) == (REACTION,)


def test_of_a_form_there_is_one_session(treated):
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"), treated.write() as db:
        treatments.add_session(db, replace(SESSION, id="t2"))


def test_a_note_is_brought_up_to_date_once(treated):
    follow = replace(REACTION, id="x2", noticed=replace(REACTION.noticed, follows="x1"))
    with treated.write() as db:
        treatments.add_reaction(db, follow)

    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"), treated.write() as db:
        treatments.add_reaction(db, replace(follow, id="x3"))


@pytest.mark.parametrize("verb", ["UPDATE {} SET by_name = 'x'", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["confirmations", "treatment_sessions", "reactions"])
def test_what_was_written_can_be_neither_changed_nor_deleted(treated, table, verb):
    with (
        pytest.raises(sqlite3.IntegrityError, match="are kept as they were written"),
        treated.write() as db,
    ):
        db.execute(verb.format(table))


def test_a_treated_case_leaves_the_list_of_what_is_unfinished(clinic):
    before = places.unfinished_of(clinic, MARIA.id)
    with clinic.write() as db:
        treatments.add_session(db, SESSION)

    assert before == ["sent"]
    assert places.unfinished_of(clinic, MARIA.id) == []


def test_what_was_told_is_kept_with_the_screening(clinic):
    told = (
        Telling(Teller.CHAIR, {"cold_sore_now": "yes"}),
        Telling(Teller.AGE, {}, frozenset("a")),
    )
    with clinic.write() as db:
        cases.add_screening(
            db,
            screening_id="s2",
            response_id="sent",
            screening=SCREENING,
            needs_dermatologist=False,
            now=NOW,
            told=told,
            is_news=True,
        )

    stored = cases.screenings(clinic, "sent")[-1]

    assert (stored.told, stored.is_news) == (told, True)


LETTERS = st.text(max_size=20)


@given(
    st.builds(
        Done,
        device=LETTERS,
        zones=st.lists(
            st.builds(
                Zone,
                area=LETTERS,
                depth_mm=st.decimals(0, 10, places=2),
                passes=st.integers(1, 50),
            ),
            max_size=3,
        ).map(tuple),
        endpoint=LETTERS,
        cartridge_lot=LETTERS,
        antiseptic=LETTERS,
        medium=st.sampled_from(Medium),
        anaesthetic=st.none() | st.builds(Anaesthetic, LETTERS, LETTERS, LETTERS, LETTERS),
        products=st.lists(st.builds(Product, LETTERS, LETTERS), max_size=3).map(tuple),
        checked=st.frozensets(LETTERS, max_size=4),
    )
)
def test_any_session_is_read_as_it_was_written(done):
    assert done_of(done_text(done)) == done


@given(
    st.lists(
        st.builds(
            Telling,
            by=st.sampled_from(Teller),
            answers=st.dictionaries(LETTERS, LETTERS | st.lists(LETTERS), max_size=3),
            gone=st.frozensets(LETTERS, max_size=3),
        ),
        max_size=3,
    )
)
def test_anything_told_is_read_as_it_was_written(told):
    assert told_of(told_text(told)) == tuple(told)


def test_the_greatest_depth_is_that_of_the_session():
    assert DONE.depth_mm == Decimal("1.5")
    assert DONE.areas == {"face", "neck"}
    assert SESSION.on == date(2026, 6, 15)
