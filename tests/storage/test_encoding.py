from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.decisions import Decision, Disposition, Override
from intake.core.explanations import Cited
from intake.core.records import Signature
from intake.core.rules import Level, Triage
from intake.core.screening import Finding, Screening
from intake.core.truth import Truth
from intake.storage.encoding import (
    day_or_none,
    decision_of,
    decision_text,
    instant,
    moment,
    moment_or_none,
    screening_of,
    screening_text,
    signature_of,
    signature_text,
    to_json,
)

DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
TEXTS = st.text(max_size=30)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
INSTANTS = st.datetimes(datetime(1900, 1, 2), datetime(2200, 1, 1), timezones=ZONES)  # noqa: DTZ001

CITED = st.builds(Cited)
FINDINGS = st.builds(
    Finding,
    rule_id=TEXTS,
    title=TEXTS,
    level=st.sampled_from(Level),
    effect=st.sampled_from(Triage),
    truth=st.sampled_from(Truth),
    only_dates=st.booleans(),
    error=st.booleans(),
    cited=st.lists(CITED, max_size=3).map(tuple),
    earliest_safe_date=st.none() | DAYS,
    label=st.none() | TEXTS,
)
SCREENINGS = st.builds(
    Screening,
    on=DAYS,
    pack_hash=TEXTS,
    pack_version=TEXTS,
    engine_version=TEXTS,
    triage=st.sampled_from(Triage),
    unknown_count=st.integers(0, 200),
    findings=st.lists(FINDINGS, max_size=3).map(tuple),
    earliest_safe_date=st.none() | DAYS,
    set_aside=st.lists(TEXTS, max_size=3).map(tuple),
)
DECISIONS = st.builds(
    Decision,
    disposition=st.sampled_from(Disposition),
    note=TEXTS,
    until=st.none() | DAYS,
    overrides=st.lists(st.builds(Override), max_size=3).map(tuple),
    acknowledged=st.frozensets(TEXTS, max_size=3),
)
POINTS = st.tuples(st.floats(0, 1), st.floats(0, 1))
STROKES = st.lists(st.lists(POINTS, max_size=4).map(tuple), max_size=3).map(tuple)
SIGNATURES = st.builds(Signature, strokes=STROKES)


@given(SCREENINGS)
def test_a_screening_comes_back_as_it_was_stored(screening):
    assert screening_of(screening_text(screening)) == screening


@given(DECISIONS)
def test_a_decision_comes_back_as_it_was_stored(decision):
    assert decision_of(decision_text(decision)) == decision


@given(SIGNATURES)
def test_a_signature_comes_back_as_it_was_stored(signature):
    assert signature_of(signature_text(signature)) == signature


@given(DECISIONS)
def test_equal_decisions_are_the_same_text(decision):
    again = decision_of(decision_text(decision))

    assert decision_text(again) == decision_text(decision)


@given(INSTANTS)
def test_an_instant_comes_back_as_utc(at):
    found = moment(instant(at))

    assert found == at
    assert found.tzinfo is UTC


@given(INSTANTS, INSTANTS)
def test_instants_sort_as_times_do(one, other):
    assert (instant(one) < instant(other)) == (one < other)


@pytest.mark.parametrize("read", [moment_or_none, day_or_none, signature_of])
def test_what_is_missing_stays_missing(read):
    assert read(None) is None


def test_what_cannot_be_stored_is_refused():
    with pytest.raises(TypeError, match="object cannot be stored"):
        to_json({"value": object()})


@given(st.dictionaries(TEXTS, st.frozensets(TEXTS) | DAYS | TEXTS))
def test_json_is_the_same_whatever_the_order(value):
    backwards = dict(reversed(value.items()))

    assert to_json(backwards) == to_json(value)
