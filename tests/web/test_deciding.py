"""Deciding a case: what a decision must hold, who may, and two people at once."""

from dataclasses import replace
from datetime import date

import pytest

from intake.actions import versions
from intake.core.decisions import Disposition, OverrideReason
from intake.core.review import needs_reason
from intake.core.rules import Level, Triage
from intake.core.screening import Finding
from intake.core.truth import Truth
from intake.storage import cases
from intake.web.desk_decision import decision_form
from tests.conftest import NOW

CAUTIONS = {f"read-{n}": "y" for n in range(3)}
REASONED = {"reason-0": "examined", "words-0": "The tan has faded.", **CAUTIONS}


@pytest.fixture
def decide(ids):
    """Fill the form of a case as it stands, and send it."""

    def send(visitor, key, **typed):
        path = f"/desk/cases/{ids[key]}"
        form = visitor.get(path).form_to(f"{path}/decide").controls()
        kept = {name: form[name][0] for name in ("seen", "screening")}
        return visitor.post(f"{path}/decide", {**kept, **typed})

    return send


@pytest.fixture
def reviews(store, ids):
    return lambda key: cases.case(store, ids[key]).reviews


def for_every_finding(reason, words):
    parts = {"reason": reason, "words": words, "read": "y"}
    return {f"{part}-{n}": value for n in range(9) for part, value in parts.items()}


def controls(page):
    return next(f for f in page.root.all("form") if f["action"].endswith("/decide")).controls()


def test_nothing_is_preselected(ada, ids):
    page = ada.get(f"/desk/cases/{ids['defer']}")

    sent = controls(page)
    assert set(sent) - {"csrf_token", "seen", "screening"} <= {
        "until",
        "note",
        "words-0",
        "reason-0",
    }
    assert {v for k in ("note", "words-0") for v in sent[k]} == {""}
    assert set(sent.get("reason-0", [])) <= {""}


def test_going_ahead_stands_last(ada, ids):
    page = ada.get(f"/desk/cases/{ids['defer']}")

    offered = [e["value"] for e in page.root.all("input", name="disposition")]
    assert offered[-2:] == ["proceed_with_precautions", "proceed"]
    assert set(offered) == set(Disposition)


def test_a_decision_is_asked_for(ada, decide, reviews):
    page = decide(ada, "defer", note="some words")

    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert page.faults() == [("disposition", "Select what is decided.")]
    assert controls(page)["note"] == ["some words"]
    assert reviews("defer") == ()


def test_going_ahead_takes_a_reason_for_each_finding(ada, decide, reviews):
    page = decide(ada, "defer", disposition="proceed", note="some words")

    assert page.status == 422
    assert [anchor for anchor, _ in page.faults()][:1] == ["words-0"]
    assert "Tan in the last" in page.faults()[0][1]
    assert len(page.faults()) == 3
    assert controls(page)["note"] == ["some words"]
    assert controls(page)["disposition"] == ["proceed"]
    assert reviews("defer") == ()


@pytest.mark.parametrize(
    ("change", "anchor"),
    [
        ({"reason-0": ""}, "reason-0"),
        ({"words-0": "  "}, "words-0"),
        ({"reason-0": "because"}, "reason-0"),
        ({"words-0": "x" * 2001}, "words-0"),
        ({"read-1": ""}, "read-1"),
        ({"note": "x" * 2001}, "note"),
        ({"disposition": "go"}, "disposition"),
        ({"seen": "x"}, "seen"),
        ({"seen": ""}, "seen"),
    ],
    ids=["no code", "no words", "unknown code", "long", "unread", "long note", "unknown", "seen",
         "not seen"],
)  # fmt: skip
def test_a_reason_needs_a_code_and_words(ada, decide, reviews, change, anchor):
    page = decide(ada, "defer", **{"disposition": "proceed", **REASONED, **change})

    assert page.status == 422
    assert anchor in [fault[0] for fault in page.faults()]
    if "words-0" not in change:
        assert controls(page)["words-0"] == ["The tan has faded."]
    assert reviews("defer") == ()


def test_a_decision_with_reasons_is_signed(ada, decide, reviews, people, ids):
    page = decide(ada, "defer", disposition="proceed", **REASONED)

    (review,) = reviews("defer")
    assert page.location == f"/desk/cases/{ids['defer']}"
    assert review.by == people.ada.id
    assert review.decision.disposition is Disposition.PROCEED
    (override,) = review.decision.overrides
    assert override.rule_id == "dark-marks-with-tan"
    assert override.reason is OverrideReason.EXAMINED
    assert override.words == "The tan has faded."
    assert len(review.decision.acknowledged) == 2


def test_a_signed_decision_is_shown_with_who_and_why(ada, decide, ids):
    decide(ada, "defer", disposition="proceed", note="Lower depth.", **REASONED)

    words = ada.get(f"/desk/cases/{ids['defer']}").root.one("ol", class_="decisions").text

    assert "Proceed" in words
    assert "Lower depth." in words
    assert "I examined the patient: The tan has faded." in words
    assert "Ada Practitioner, practitioner" in words


@pytest.mark.parametrize(
    ("typed", "anchor"),
    [
        ({"disposition": "refer"}, "note"),
        ({"disposition": "need_information"}, "note"),
        ({"disposition": "do_not_treat"}, "note"),
        ({"disposition": "defer"}, "until"),
        ({"disposition": "defer", "until": "2026-06-15"}, "until"),
        ({"disposition": "defer", "until": "2020-01-01"}, "until"),
        ({"disposition": "defer", "until": "soon"}, "until"),
    ],
    ids=["refer", "ask", "decline", "no day", "today", "past", "no date"],
)
def test_other_decisions_ask_for_what_they_need(ada, decide, reviews, typed, anchor):
    page = decide(ada, "stop", **typed)

    assert page.status == 422
    assert [fault[0] for fault in page.faults()] == [anchor]
    assert reviews("stop") == ()


@pytest.mark.parametrize(
    "typed",
    [
        {"disposition": "refer", "note": "go ahead or not?"},
        {"disposition": "need_information", "note": "which dose?"},
        {"disposition": "do_not_treat", "note": "two medicines"},
        {"disposition": "defer", "until": "2026-12-05"},
    ],
    ids=lambda typed: typed["disposition"],
)
def test_other_decisions_need_no_reasons(ada, decide, reviews, typed):
    page = decide(ada, "stop", **typed)

    assert page.status == 303
    assert reviews("stop")[0].decision.disposition == typed["disposition"]


def test_a_day_only_belongs_to_a_deferral(ada, decide, reviews):
    decide(ada, "stop", disposition="do_not_treat", note="no", until="2026-12-05")

    assert reviews("stop")[0].decision.until is None


def test_a_day_may_be_written_in_words(ada, decide, reviews):
    decide(ada, "stop", disposition="defer", until="5 December 2026")

    assert reviews("stop")[0].decision.until == date(2026, 12, 5)


def test_what_is_for_a_dermatologist_is_referred(ada, decide, reviews):
    page = decide(ada, "stop", disposition="proceed", **{f"read-{n}": "y" for n in range(9)})

    assert page.status == 422
    assert page.faults()[0][0] == "disposition"
    assert "dermatologist" in page.faults()[0][1]
    assert "Refer to the dermatologist" in page.faults()[0][1]
    assert reviews("stop") == ()


def test_a_practitioner_cannot_slip_reasons_in(ada, decide, reviews):
    slipped = for_every_finding("other", "x")
    extra = {"by": "ben", "by_role": "dermatologist", "may_override": "1", "rule_id": "x"}

    page = decide(ada, "stop", disposition="proceed", **slipped, **extra)

    assert page.status == 422
    assert reviews("stop") == ()


def test_a_dermatologist_goes_ahead_with_reasons(ben, decide, reviews):
    given = for_every_finding("benefit_outweighs", "seen")

    page = decide(ben, "stop", disposition="proceed_with_precautions", note="low", **given)

    (review,) = reviews("stop")
    assert page.status == 303
    assert review.by_name == "Ben Dermatologist"
    assert len(review.decision.overrides) == 6


def test_a_referred_case_is_the_dermatologists(ada, ben, decide, reviews, ids):
    path = f"/desk/cases/{ids['review']}"
    form = controls(ada.get(path))
    kept = {name: form[name][0] for name in ("screening",)}
    decide(ada, "review", disposition="refer", note="go ahead or not?")

    shown = ada.get(path)
    refused = ada.post(
        f"{path}/decide", {**kept, "seen": "1", "disposition": "do_not_treat", "note": "mine"}
    )
    decided = decide(ben, "review", disposition="do_not_treat", note="wait for the letter")

    assert "A dermatologist decides it next." in shown.words
    assert shown.root.all("form", action=f"{path}/decide") == []
    assert refused.status == 403
    assert decided.status == 303
    assert [r.by_name for r in reviews("review")] == ["Ada Practitioner", "Ben Dermatologist"]


TYPED = {"disposition": "need_information", "note": "Which cream was it?"}


class TestTwoAtOnce:
    @pytest.fixture
    def behind(self, ada, ben, decide, ids):
        """Ada has the case open while Ben decides it; then she sends."""
        path = f"/desk/cases/{ids['unknown']}"
        form = controls(ada.get(path))
        kept = {name: form[name][0] for name in ("seen", "screening")}
        decide(ben, "unknown", disposition="defer", until="2026-07-01")
        return ada.post(f"{path}/decide", {**kept, **TYPED})

    def test_the_second_is_told_who_was_first(self, behind, reviews):
        conflict = behind.root.one("section", id="conflict").text

        assert behind.status == 409
        assert "Ben Dermatologist" in conflict
        assert "Defer until a day" in conflict
        assert len(reviews("unknown")) == 1

    def test_what_was_typed_is_kept(self, behind):
        sent = controls(behind)

        assert sent["note"] == ["Which cream was it?"]
        assert sent["disposition"] == ["need_information"]

    def test_sending_it_again_supersedes(self, behind, ada, reviews, ids):
        path = f"/desk/cases/{ids['unknown']}/decide"

        page = ada.post(path, {k: v[0] for k, v in controls(behind).items() if k != "csrf_token"})

        assert page.status == 303
        assert [r.by_name for r in reviews("unknown")] == ["Ben Dermatologist", "Ada Practitioner"]

    def test_a_case_that_was_referred_meanwhile_shows_what_was_typed(self, ada, ben, decide, ids):
        path = f"/desk/cases/{ids['unknown']}"
        form = controls(ada.get(path))
        kept = {name: form[name][0] for name in ("seen", "screening")}
        decide(ben, "unknown", disposition="refer", note="together")

        page = ada.post(f"{path}/decide", {**kept, **TYPED})

        assert page.status == 409
        assert "Which cream was it?" in page.root.one("section", id="conflict").text


@pytest.mark.parametrize("seen", ["1", "99", "1" + "0" * 30])
def test_more_decisions_than_there_are_were_never_seen(ada, decide, reviews, seen):
    page = decide(ada, "stop", disposition="do_not_treat", note="no", seen=seen)

    assert page.status == 409
    assert reviews("stop") == ()


@pytest.mark.parametrize("screening", ["", "x", "0" * 32])
def test_another_screening_is_not_decided_on(ada, decide, reviews, screening):
    page = decide(ada, "stop", disposition="do_not_treat", note="no", screening=screening)

    assert page.status == 409
    assert "screened again" in page.words
    assert reviews("stop") == ()


def test_a_form_being_filled_cannot_be_decided(ada, ids):
    page = ada.post(f"/desk/cases/{ids['begun']}/decide", {"disposition": "proceed"})

    assert page.status == 409


def test_a_withdrawn_case_cannot_be_decided(ada, ben, ids, reviews):
    path = f"/desk/cases/{ids['stop']}"
    form = controls(ada.get(path))
    kept = {name: form[name][0] for name in ("seen", "screening")}
    ben.post(f"{path}/withdraw", {"reason": "Wrong patient"})

    page = ada.post(f"{path}/decide", {**kept, "disposition": "do_not_treat", "note": "no"})

    assert page.status == 409
    assert reviews("stop") == ()


def test_a_later_decision_supersedes_and_the_first_stays_readable(ada, ben, decide, ids):
    decide(ada, "stop", disposition="do_not_treat", note="first word")
    decide(ben, "stop", disposition="need_information", note="second word")

    shown = ada.get(f"/desk/cases/{ids['stop']}").root.one("ol", class_="decisions")

    newest, oldest = shown.all("li", class_="decision")
    assert "second word" in newest.text
    assert "first word" in oldest.text
    assert "superseded" in oldest.text


def test_the_day_of_a_deferral_is_the_earliest_safe_date(ada, ids, reviews, store):
    page = ada.get(f"/desk/cases/{ids['defer']}")

    earliest = cases.case(store, ids["defer"]).screening.screening.earliest_safe_date
    assert controls(page)["until"] == [earliest.isoformat()]


class TestReasonsTogether:
    """A medicine nobody knows leaves dozens of rules open, all for the same reason."""

    @pytest.fixture
    def many(self, ids, maker):
        taken = {
            "takes_medicines": "yes",
            "medicines": [{"name": "Zibaloxin", "status": "current"}],
        }
        ids["many"] = maker.sent("Minnie Many", "healthy-woman", **taken).id
        return "many"

    @pytest.fixture
    def once(self, store, ids, many):
        """One reason for all that stays open together, and what the other findings ask for."""
        typed = {"reason-all-0": "examined", "words-all-0": "A throat sweet."}
        findings = cases.case(store, ids[many]).screening.screening.findings
        for number, finding in enumerate(findings):
            if finding.level is Level.STOP:
                typed |= {f"reason-{number}": "examined", f"words-{number}": "Asked her."}
            elif not needs_reason(finding):
                typed[f"read-{number}"] = "y"
        return typed

    def test_one_reason_does_for_all_of_them(self, ben, decide, reviews, many, once):
        page = decide(ben, many, disposition="proceed", **once)

        assert page.status == 303
        (review,) = reviews(many)
        words = [o.words for o in review.decision.overrides]
        assert words.count("A throat sweet.") > 20
        assert set(words) == {"A throat sweet.", "Asked her."}

    def test_a_reason_of_its_own_counts_first(self, ben, decide, reviews, many, once, ids):
        form = controls(ben.get(f"/desk/cases/{ids[many]}"))
        number = next(
            name[len("reason-") :]
            for name in form
            if name.startswith("reason-") and "all" not in name and name not in once
        )
        own = {f"reason-{number}": "examined", f"words-{number}": "Seen on the box."}

        decide(ben, many, disposition="proceed", **once, **own)

        (review,) = reviews(many)
        assert [o.words for o in review.decision.overrides].count("Seen on the box.") == 1

    def test_rules_that_could_not_be_judged_have_nothing_in_common(self, app, store, ids, people):
        stored = cases.case(store, ids["stop"]).screening
        broken = tuple(
            Finding(id_, id_, Level.REVIEW, Triage.REVIEW, Truth.UNKNOWN, error=True)
            for id_ in ("one-rule", "another-rule")
        )
        broken = replace(stored, screening=replace(stored.screening, findings=broken))

        with app.test_request_context():
            form = decision_form(broken, {}, people.ben)

        assert form.together == ()
        assert [a.finding.rule_id for a in form.alone] == ["one-rule", "another-rule"]

    def test_without_a_reason_there_is_one_fault(self, ben, decide, reviews, many):
        page = decide(ben, many, disposition="proceed")

        assert page.status == 422
        assert page.words.count("Give a reason, in words, for these") == 2
        assert reviews(many) == ()


class TestTheNextCase:
    def test_is_offered_once_a_case_is_decided(self, ada, ids, decide):
        before = ada.get(f"/desk/cases/{ids['routine']}")
        decide(ada, "routine", disposition="proceed")

        after = ada.get(f"/desk/cases/{ids['routine']}")

        assert "/desk/next" not in [a["href"] for a in before.root.all("a")]
        assert "/desk/next" in [a["href"] for a in after.root.all("a")]

    def test_is_the_most_serious_that_nobody_else_took(self, ada, ben, ids):
        first = ada.get("/desk/next").location
        ben.post(f"{first}/take", {"owner": ""})

        second = ada.get("/desk/next").location

        assert first == f"/desk/cases/{ids['stop']}"
        assert second not in (first, "/desk/")
        assert ben.get("/desk/next").location == first

    def test_is_the_queue_when_nobody_waits(self, ada, ben, store):
        for row in store.rows("SELECT id FROM responses"):
            ben.post(f"/desk/cases/{row['id']}/withdraw", {"reason": "Over."})

        assert ada.get("/desk/next").location == "/desk/"


def test_a_referral_is_shown_on_the_version_that_replaces_it(ada, ben, ids, decide, maker, store):
    decide(ada, "routine", disposition="refer", note="Is this a mole?")
    newer = versions.amend(store, response_id=ids["routine"], by=maker.by, now=NOW)
    maker.send(newer)

    hers, his = (who.get(f"/desk/cases/{newer.id}").words for who in (ada, ben))

    assert "Referred before it was amended Is this a mole?" in hers
    assert "This case was referred. A dermatologist decides it next." in hers
    assert "Referred before it was amended Is this a mole?" in his
    assert "Sign and record the decision" in his
    assert "Sign and record the decision" not in hers


def test_the_page_says_that_a_dermatologist_decided_against_it(ada, ben, ids, decide, reviews):
    decide(ben, "routine", disposition="do_not_treat", note="Not with this mole.")

    before = ada.get(f"/desk/cases/{ids['routine']}")
    page = decide(ada, "routine", disposition="proceed", **for_every_finding("examined", "Gone."))

    told = "Ben Dermatologist, dermatologist, decided not to treat. Only a dermatologist goes ahead"
    assert told in before.words
    assert page.status == 422
    assert f"Refer this case: {told}" in page.words
    assert len(reviews("routine")) == 1
    assert told not in ben.get(f"/desk/cases/{ids['routine']}").words


def test_the_page_says_that_a_dermatologist_decided_against_another_form(
    ada, ben, decide, ids, maker, store
):
    decide(ben, "routine", disposition="do_not_treat", note="Not with this mole.")
    name = store.row(
        "SELECT name FROM patients p JOIN responses r ON r.patient_id = p.id WHERE r.id = ?",
        [ids["routine"]],
    )["name"]
    other = maker.sent(name, "healthy-woman")

    page = ada.get(f"/desk/cases/{other.id}")

    assert "decided not to treat on another form of this patient." in page.words


def test_the_page_says_that_the_dermatologist_asked_for_more(ada, ben, ids, decide):
    decide(ada, "routine", disposition="refer", note="Is this a mole?")
    decide(ben, "routine", disposition="need_information", note="Since when?")

    hers, his = (who.get(f"/desk/cases/{ids['routine']}").words for who in (ada, ben))

    told = "The dermatologist asked for more before deciding"
    assert told in hers
    assert told not in his


def test_what_waits_for_a_dermatologist_is_offered_to_nobody_else_to_withdraw(
    ada, ben, ids, decide
):
    decide(ada, "routine", disposition="refer", note="Is this a mole?")

    pages = [who.get(f"/desk/cases/{ids['routine']}") for who in (ada, ben)]

    forms = [f"/desk/cases/{ids['routine']}/withdraw" in page.html for page in pages]
    assert forms == [False, True]
    assert ada.post(f"/desk/cases/{ids['routine']}/withdraw", {"reason": "x"}).status == 403


def test_the_page_says_unfolded_that_a_finding_for_a_dermatologist_is_gone(ada, ids, store, maker):
    sent = maker.sent("Petra Novak", "pregnant")
    newer = versions.amend(store, response_id=sent.id, by=maker.by, now=NOW)
    ada.post(f"/desk/enter/{newer.id}", {"source": "in_person"})
    maker.save(newer, "pregnancy", {"pregnant_now": "no", "pregnancy": ["none"]})
    ada.post(f"/desk/cases/{newer.id}/statement")

    page = ada.get(f"/desk/cases/{newer.id}")

    assert (
        "A finding for a dermatologist is gone since an earlier form;"
        " Ada Practitioner entered the change."
    ) in page.words
    assert "Are you pregnant?" not in page.words


NOTHING = [" \u200b \u2060 ", "\u2800", "\u3164", ".", "\u00ad\ufe0f"]


@pytest.mark.parametrize("words", NOTHING, ids=ascii)
class TestWordsThatSayNothing:
    def test_are_no_reason_to_go_ahead(self, ben, decide, reviews, words):
        page = decide(ben, "stop", disposition="proceed", **for_every_finding("examined", words))

        assert page.status == 422
        assert "Give a reason, in words" in page.words
        assert reviews("stop") == ()

    @pytest.mark.parametrize(
        "disposition",
        ["proceed_with_precautions", "refer", "need_information", "do_not_treat"],
    )
    def test_are_no_note(self, ben, decide, reviews, disposition, words):
        page = decide(ben, "routine", disposition=disposition, note=words)

        assert page.status == 422
        assert reviews("routine") == ()

    @pytest.mark.parametrize(("door", "box"), [("addendum", "text"), ("withdraw", "reason")])
    def test_are_neither_an_addendum_nor_a_reason(self, ben, ids, store, words, door, box):
        page = ben.post(f"/desk/cases/{ids['routine']}/{door}", {box: words})

        assert page.status == 422
        assert cases.case(store, ids["routine"]).addenda == ()


@pytest.mark.parametrize("words", ["\u0646\u0639\u0645", "\u662f", "7"], ids=ascii)
def test_words_of_any_script_are_a_note(ben, decide, reviews, words):
    decide(ben, "routine", disposition="do_not_treat", note=words)

    assert len(reviews("routine")) == 1
