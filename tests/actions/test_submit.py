import secrets
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from intake.actions import begin, rescreen
from intake.actions.answer import ChangedMeanwhileError
from intake.actions.rule_packs import kept_pack
from intake.actions.submit import MOST_TRIES, STATEMENT, IncompleteError, submit
from intake.core.errors import AnswerError, NotFoundError, StateError
from intake.core.reading import case_for
from intake.core.records import ResponseStatus, Signature, SignatureKind
from intake.core.rules import Triage
from intake.core.screening import Teller, screen
from intake.core.telling import Telling
from intake.core.truth import Truth
from intake.storage import open_store, responses
from tests.actions.conftest import SIGNED, actions_on, refused, together
from tests.conftest import KEYS, NOW, TODAY

LATER = NOW + timedelta(minutes=5)


def _drawn(*strokes):
    return Signature(SignatureKind.DRAWN, STATEMENT, strokes=strokes)


def _typed(name):
    return Signature(SignatureKind.TYPED, STATEMENT, name)


def test_a_sent_form_is_complete_screened_and_audited(desk):
    sent = desk.sent("warfarin-steady")

    case = desk.case(sent.id)
    assert case.response == sent
    assert sent.status is ResponseStatus.COMPLETED
    assert sent.submitted_at == NOW
    assert len(sent.receipt) == 8
    assert sent.signature == SIGNED
    assert case.screening.screening.triage is Triage.REVIEW
    assert actions_on(desk.store, sent.id)[-2:] == ["sent", "screened"]


def test_a_screening_is_stored_with_its_pack_and_replays_equal(desk):
    sent = desk.sent("unknown-medicine")
    stored = desk.case(sent.id).screening.screening

    pack = kept_pack(desk.store, stored.pack_hash, TODAY)
    again = screen(pack, case_for(pack, sent, stored.on).answers, stored.on)

    assert stored.pack_hash == sent.pack_hash == desk.pack.hash
    assert again == stored


def test_a_screening_replays_equal_on_any_later_day(desk):
    """A date said as "about 2 weeks ago" was kept with the days it meant."""
    sent = desk.sent("botox-vague")
    stored = desk.case(sent.id).screening.screening

    later = TODAY + timedelta(days=400)
    answers = case_for(desk.pack, sent, later).answers
    again = screen(desk.pack, answers, stored.on)

    assert again == stored


def test_sending_twice_gives_the_same_receipt(desk):
    sent = desk.sent()

    again = desk.send(sent, now=LATER)

    assert again == sent
    assert len(desk.case(sent.id).screenings) == 1
    assert actions_on(desk.store, sent.id).count("sent") == 1


def test_a_receipt_that_another_form_has_is_not_given_twice(desk, monkeypatch):
    drawn = iter([5, 5, 6])
    forms = [desk.filled(name=name) for name in ("Ann Amber", "Bea Blue")]
    monkeypatch.setattr(secrets, "randbelow", lambda _: next(drawn))

    sent = [desk.send(form) for form in forms]

    assert [one.receipt for one in sent] == ["10000005", "10000006"]


def test_six_sends_at_once_make_one_form_one_screening_one_receipt(desk, settings):
    draft = desk.filled()

    def send(store, _):
        return submit(
            store, desk.pack, response_id=draft.id, signature=SIGNED, now=NOW, today=TODAY
        ).receipt

    receipts = together(settings, send, 6)

    assert len(set(receipts)) == 1
    assert len(desk.case(draft.id).screenings) == 1
    assert actions_on(desk.store, draft.id).count("sent") == 1


def test_a_sent_form_is_there_for_the_next_process(desk, settings):
    sent = desk.sent()

    with closing(open_store(settings.place, KEYS)) as restarted:
        assert responses.response(restarted, sent.id) == sent


def test_an_incomplete_form_is_refused_with_the_page(desk):
    draft = desk.fill(desk.begin(), until="infections_lately")

    error = refused(desk.store, IncompleteError, lambda: desk.send(draft))

    assert error.page.id == "infections_lately"


def test_an_untouched_form_is_refused(desk):
    draft = desk.begin()

    error = refused(desk.store, IncompleteError, lambda: desk.send(draft))

    assert error.page.id == "your_goals"


EMPTY = {
    "nothing drawn": _drawn(),
    "empty strokes": _drawn((), (), ()),
    "a dot": _drawn(((0.5, 0.5),)),
    "a long press": _drawn(((0.5, 0.5),) * 40),
    "no name": _typed(""),
    "a blank name": _typed("  \n"),
    "a typed one with strokes only": replace(_typed(""), strokes=(((0.1, 0.1),) * 9,)),
    "a drawn one with a name only": replace(_drawn(), name="Maria"),
}


@pytest.mark.parametrize("signature", EMPTY.values(), ids=EMPTY)
def test_an_empty_signature_is_refused(desk, signature):
    draft = desk.filled()

    refused(desk.store, AnswerError, lambda: desk.send(draft, signature=signature))


@pytest.mark.parametrize(
    "signature",
    [_typed("Maria"), _typed("李"), _drawn(((0.1, 0.1), (0.2, 0.3), (0.4, 0.1)))],
    ids=["typed", "typed in one sign", "drawn"],
)
def test_both_ways_to_sign_are_kept_as_they_were_made(desk, signature):
    sent = desk.send(desk.filled(), signature=signature)

    assert desk.case(sent.id).response.signature == signature


def test_a_withdrawn_form_cannot_be_sent(desk):
    draft = desk.filled()
    desk.withdraw(draft.id, reason="Left.")

    refused(desk.store, StateError, lambda: desk.send(draft))


def test_a_form_withdrawn_after_it_was_sent_cannot_be_sent_again(desk):
    sent = desk.sent()
    desk.withdraw(sent.id, reason="Left.")

    refused(desk.store, StateError, lambda: desk.send(sent))


def test_an_unknown_form_cannot_be_sent(desk):
    draft = replace(desk.begin(), id="nothing")

    refused(desk.store, NotFoundError, lambda: desk.send(draft))


class Broken:
    """A condition that nothing can be asked of."""

    def __getattr__(self, name):
        raise RuntimeError(name)


def test_a_rule_that_fails_is_a_finding_and_is_audited_by_its_id_alone(desk, caplog):
    first, *others = desk.pack.rules
    broken = replace(first, when=Broken())
    odd = replace(desk.pack, rules=(broken, *others))
    draft = desk.filled()

    submit(desk.store, odd, response_id=draft.id, signature=SIGNED, now=NOW, today=TODAY)

    findings = desk.case(draft.id).screening.screening.findings
    assert [(f.rule_id, f.truth, f.error) for f in findings] == [(first.id, Truth.UNKNOWN, True)]
    assert actions_on(desk.store, draft.id)[-1] == "rule failed"
    assert first.id in caplog.text
    assert "Maria" not in caplog.text


@pytest.mark.parametrize("vignette", ["all-not-sure-pregnancy-page", "everything-withheld-private"])
def test_not_knowing_never_gives_a_routine_triage(desk, vignette):
    sent = desk.sent(vignette)

    screening = desk.case(sent.id).screening.screening
    assert screening.triage is Triage.REVIEW
    assert screening.unknown_count > 0


def test_a_form_without_a_plan_goes_to_review(desk):
    draft = replace(desk.begin(), plan={})
    begin.change_plan(
        desk.store,
        desk.pack,
        response_id=draft.id,
        plan={},
        by=desk.people.ada,
        now=NOW,
        today=TODAY,
    )

    opened = {
        "electronic_device": "no",
        "metal_area": "no",
        "energy_injury": "no",
        "rf_read": "yes",
    }
    sent = desk.send(desk.fill(draft, **opened))

    assert desk.case(sent.id).screening.screening.triage.rank <= Triage.REVIEW.rank


def _say(desk, form, **answers):
    with desk.store.write() as db:
        responses.put_answers(db, form.id, answers, NOW, language="en")


def test_nobody_waits_for_the_screening_to_write(desk, watched):
    draft = desk.filled()

    desk.send(draft)

    assert watched.locked == [False]


def test_what_is_answered_while_it_is_screened_is_screened_too(desk, watched):
    draft = desk.filled()
    watched.meanwhile = lambda time: time > 1 or _say(desk, draft, keloid_family="not_sure")

    sent = desk.send(draft)

    stored = desk.case(sent.id).screening.screening
    assert sent.answers["keloid_family"] == "not_sure"
    assert stored == screen(desk.pack, case_for(desk.pack, sent, TODAY).answers, TODAY)
    assert watched.locked == [False, False]


def test_a_form_that_changes_all_the_time_is_screened_under_the_lock(desk, watched):
    draft = desk.filled()
    said = ["not_sure", "withheld", "not_sure"]
    watched.meanwhile = lambda time: _say(desk, draft, keloid_family=said[time - 1])

    sent = desk.send(draft)

    stored = desk.case(sent.id).screening.screening
    assert stored == screen(desk.pack, case_for(desk.pack, sent, TODAY).answers, TODAY)
    assert watched.locked == [False] * MOST_TRIES + [True]


def test_what_is_told_beside_it_while_it_is_screened_counts(desk, watched, monkeypatch):
    draft, told = desk.filled(), []
    telling = Telling(Teller.CHAIR, {"keloid_family": "yes"})
    monkeypatch.setattr(rescreen, "tellings", lambda *_: list(told))
    watched.meanwhile = lambda time: time > 1 or told.append(telling)

    sent = desk.send(draft)

    findings = desk.case(sent.id).screening.screening.findings
    assert {finding.teller for finding in findings} == {Teller.CHAIR}
    assert watched.locked == [False, False]


def test_a_signature_is_taken_for_no_other_answers_than_were_shown(desk):
    draft = desk.filled()
    shown = {**draft.answers, "goals": ["hair"]}

    with pytest.raises(ChangedMeanwhileError):
        submit(
            desk.store,
            desk.pack,
            response_id=draft.id,
            signature=SIGNED,
            now=NOW,
            today=TODAY,
            shown=shown,
        )

    assert responses.response(desk.store, draft.id).signature is None
