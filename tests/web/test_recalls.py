"""What stricter rules do at the desk: looked at beforehand, called back, dealt with."""

import json
from datetime import timedelta

import pytest

from intake.actions import passes as passes_of
from intake.actions import rule_packs
from intake.actions.permission import COMMAND_LINE
from intake.core.recall import LEFT_OPEN, TO_LOOK_AT_AGAIN
from intake.storage import packs_kept, passes, recalls
from intake.storage.passes import Kind
from intake.web.pass_rounds import LOOK_EVERY_S, PassRounds
from tests.actions.test_impact import STRICTER, changed
from tests.actions.test_recall import ASKED_MORE, go_round
from tests.conftest import NOW, TODAY


@pytest.fixture
def stricter(shipped_files):
    """Daily aspirin is for review, where it was a caution."""
    return changed(shipped_files, *STRICTER)


@pytest.fixture
def files_of_more(shipped_files):
    """A question is new, and a rule looks at it."""
    return changed(shipped_files, *ASKED_MORE)


@pytest.fixture
def kept(store, app, stricter):
    """The stricter pack, kept and not in force; its address at the desk."""
    hash_ = rule_packs.hash_of(stricter)
    with store.write() as db:
        packs_kept.keep_pack(
            db, hash_=hash_, name="microneedling", version="0.2.0", files=stricter, now=NOW
        )
    return f"/desk/packs/{hash_}"


@pytest.fixture
def on_aspirin(maker):
    return maker.sent("Asa Aspirin", "aspirin")


@pytest.fixture
def called_back(store, on_aspirin, stricter):
    """The stricter pack in force; a patient on aspirin is called back."""
    rule_packs.activate(store, stricter, actor=COMMAND_LINE, now=NOW)
    go_round(store)
    return f"/desk/cases/{on_aspirin.id}"


class TestBeforehand:
    def test_a_pack_says_what_it_would_do_to_patients(self, cleo, kept, on_aspirin):
        page = cleo.get(kept)

        assert "1 would be more serious and 0 less" in page.words
        assert "nobody goes ahead with one of them" in page.words

    def test_a_look_at_a_few_comes_with_the_page(self, cleo, kept, on_aspirin):
        page = cleo.get(f"{kept}/impact")

        assert "Daily aspirin" in page.words
        assert "Asa" not in page.words
        assert page.root.all("svg")

    def test_a_look_at_all_is_begun_shown_and_taken_out(self, cleo, kept, store, on_aspirin):
        cleo.post(f"{kept}/passes/impact")
        under_way = cleo.get(f"{kept}/impact")
        go_round(store)
        done = cleo.get(f"{kept}/impact")
        files = {
            shape: cleo.post(f"{kept}/passes/impact/export", {"shape": shape})
            for shape in ("html", "csv", "json")
        }

        assert under_way.root.one("progress")["value"] == "0.0"
        assert not done.root.all("progress")
        assert on_aspirin.id[:8] in done.words
        (row,) = [line for line in files["csv"].html.splitlines() if on_aspirin.id in line]
        assert row.endswith("caution,review,higher,no,aspirin-alone: caution > review")
        found = json.loads(files["json"].html)
        assert found["groups"]["waiting"]["higher"] == 1
        assert on_aspirin.id in [one["response_id"] for one in found["list"]]
        assert on_aspirin.id in files["html"].html
        assert "Asa" not in "".join(one.html for one in files.values())

    def test_a_look_at_all_may_be_stopped(self, cleo, kept, store, on_aspirin):
        cleo.post(f"{kept}/passes/impact")

        cleo.post(f"{kept}/passes/impact/end")
        go_round(store)

        assert passes.newest(store, Kind.IMPACT, kept[-64:]).looked == 0

    def test_an_old_look_at_all_is_none_of_today(
        self, cleo, kept, store, on_aspirin, maker, monkeypatch
    ):
        cleo.post(f"{kept}/passes/impact")
        go_round(store)
        whole = cleo.get(kept)
        maker.sent("Nora Newer", "aspirin")
        every = cleo.get(kept)
        monkeypatch.setattr(passes_of, "PREVIEW", 8)

        pages = cleo.get(kept), cleo.get(f"{kept}/impact")

        assert "That is everybody, as of 15 Jun" in whole.words
        assert "2 would be more serious and 0 less" in every.words
        assert "That is everybody, as of now." in every.words
        assert "drawn by lot" in pages[0].words
        for page in pages:
            assert "Since then 1 more was screened." in page.words
            assert page.form_to(f"{kept}/passes/impact")

    def test_what_was_decided_since_makes_a_look_at_all_an_old_one(
        self, cleo, kept, store, on_aspirin, maker, monkeypatch
    ):
        monkeypatch.setattr(passes_of, "PREVIEW", 4)
        cleo.post(f"{kept}/passes/impact")
        go_round(store)
        maker.going_ahead("Ann Ahead")

        page = cleo.get(kept)

        assert "and 1 was decided, treated, withdrawn or erased" in page.words
        assert "That is everybody" not in page.words

    def test_a_look_at_all_that_has_just_begun_says_nothing_of_nobody(self, cleo, kept, on_aspirin):
        cleo.post(f"{kept}/passes/impact")

        pages = cleo.get(kept), cleo.get(f"{kept}/impact")

        assert "1 would be more serious" in pages[0].words
        assert "Daily aspirin" in pages[1].words
        assert not any("nobody yet" in page.words for page in pages)

    def test_a_look_at_all_that_was_stopped_counts_for_nothing(
        self, cleo, kept, store, on_aspirin, monkeypatch
    ):
        monkeypatch.setattr("intake.actions.passes.FEW", 1)
        cleo.post(f"{kept}/passes/impact")
        passes_of.carry_on(store, today=TODAY, now=NOW, goes_on=lambda: True)
        cleo.post(f"{kept}/passes/impact/end")

        pages = cleo.get(kept), cleo.get(f"{kept}/impact")
        files = {
            shape: cleo.post(f"{kept}/passes/impact/export", {"shape": shape})
            for shape in ("html", "csv", "json")
        }

        monkeypatch.setattr(passes_of, "PREVIEW", 4)
        for page in (cleo.get(kept), pages[1], files["html"]):
            assert "Stopped after 1 of 7 screenings" in page.words
        assert "1 would be more serious" in pages[0].words
        assert "1 case compared" in pages[1].words
        assert json.loads(files["json"].html)["is_stopped"] is True
        assert "-stopped.csv" in files["csv"].answer.headers["Content-Disposition"]

    def test_a_look_at_all_that_was_stopped_at_once_leaves_the_few_to_be_seen(
        self, cleo, kept, on_aspirin
    ):
        cleo.post(f"{kept}/passes/impact")
        cleo.post(f"{kept}/passes/impact/end")

        page = cleo.get(f"{kept}/impact")

        assert "Stopped after 0 of 7 screenings" in page.words
        assert "Daily aspirin" in page.words

    def test_says_how_many_would_be_called_back(self, cleo, kept, on_aspirin):
        told = cleo.get(kept)
        page = cleo.get(f"{kept}/impact")

        assert "2 cases would be called back" in told.words
        assert "Called back" in page.words
        assert "by rule there may be more cases than change" in page.words

    def test_going_back_says_that_open_recalls_end(self, cleo, called_back, pack):
        page = cleo.get(f"/desk/packs/{pack.hash}")

        assert "2 cases are called back under the rules in force" in page.words
        assert "Those recalls end with the rules that ask for them" in page.words

    def test_leads_to_where_it_is_put_in_force(self, cleo, kept):
        link = cleo.get(f"{kept}/impact").root.one("main").all("a")[-1]

        assert link["href"] in {f"{kept}#check", f"{kept}#activate"}

    def test_what_it_found_beside_the_rules_stays_once_it_is_in_force(
        self, cleo, kept, store, on_aspirin, stricter
    ):
        cleo.post(f"{kept}/passes/shadow")
        go_round(store)
        rule_packs.activate(store, stricter, actor=COMMAND_LINE, now=NOW)

        page = cleo.get(f"{kept}/impact")

        assert "It ran from" in page.words
        assert "where it stood when it was looked at" in page.words
        assert on_aspirin.id[:8] in page.words

    def test_beside_the_rules_in_force_nobody_at_the_desk_sees_it(
        self, cleo, ada, kept, store, on_aspirin
    ):
        cleo.post(f"{kept}/passes/shadow")
        go_round(store)

        assert "1 more serious" in cleo.get(f"{kept}/impact").words
        assert "stricter" not in ada.get(f"/desk/cases/{on_aspirin.id}").words
        assert "look at again" not in ada.get("/desk/").words

    @pytest.mark.parametrize("kind", ["recall", "none"])
    def test_no_other_kind_of_pass_is_begun(self, cleo, kept, kind):
        assert cleo.post(f"{kept}/passes/{kind}").status == 404

    def test_what_was_never_looked_at_is_not_taken_out(self, cleo, kept):
        assert cleo.post(f"{kept}/passes/impact/export", {"shape": "csv"}).status == 404

    def test_a_form_of_file_that_is_not_offered_is_not_sent(self, cleo, kept):
        cleo.post(f"{kept}/passes/impact")

        refused = cleo.post(f"{kept}/passes/impact/export", {"shape": "exe"})

        assert refused.location == f"{kept}/impact"

    def test_the_pack_in_force_has_no_impact(self, cleo, pack):
        page = cleo.get(f"/desk/packs/{pack.hash}/impact")

        assert "What it would do" in page.words
        assert not page.root.all("progress")
        assert not page.root.all("svg", class_="chart chart-wide")


class TestCallingBack:
    def test_the_queue_leads_to_the_list_and_the_list_to_the_case(self, ada, called_back):
        queue = ada.get("/desk/")
        listed = ada.get("/desk/recalls")

        assert "2 cases to look at again" in queue.words
        rows = listed.root.all("tbody")[0].all("tr")
        assert len(rows) == 2
        (row,) = [one for one in rows if "Asa Aspirin" in one.text]
        assert "Daily aspirin" in row.text
        assert row.one("a")["href"] == f"{called_back}#recall-title"

    def test_says_so_when_nobody_is_to_be_called_back(self, ada):
        assert "Nobody to call back" in ada.get("/desk/recalls").words

    def test_the_case_says_what_and_why_and_is_not_decided_before(self, ada, called_back):
        page = ada.get(called_back)
        typed = {**_decision(page), "disposition": "proceed", "read-0": "y"}

        refused = ada.post(f"{called_back}/decide", typed)

        assert "The rules in force are stricter on these answers" in page.words
        assert TO_LOOK_AT_AGAIN in page.root.one("form", id="decide-form").text
        assert refused.status == 422
        assert TO_LOOK_AT_AGAIN in refused.words

    def test_dealing_with_it_stands_in_the_case(self, ada, called_back, store):
        recall = _recall(ada.get(called_back))
        said = {"recall": recall, "how": "stands", "about": "Stopped last year."}

        done = ada.post(f"{called_back}/recall", said)

        page = ada.get(called_back)
        assert done.location == called_back
        assert "Called back, and dealt with" in page.words
        assert "Stopped last year." in page.words
        assert "1 case to look at again" in ada.get("/desk/").words
        assert "Asa Aspirin" not in ada.get("/desk/recalls").words

    def test_what_is_missing_is_said_and_nothing_is_lost(self, ada, called_back):
        recall = _recall(ada.get(called_back))

        refused = ada.post(f"{called_back}/recall", {"recall": recall, "about": "She is well."})

        assert refused.status == 422
        assert "Select what follows for this patient." in refused.words
        assert "She is well." in refused.html

    def test_a_patient_who_is_asked_again_is_not_treated_on_this_form(self, ada, called_back):
        recall = _recall(ada.get(called_back))
        ada.post(
            f"{called_back}/recall", {"recall": recall, "how": "asked_again", "about": "Called."}
        )
        page = ada.get(called_back)
        typed = {**_decision(page), "disposition": "proceed", "read-0": "y"}

        refused = ada.post(f"{called_back}/decide", typed)

        assert LEFT_OPEN in refused.words

    def test_a_patient_who_is_asked_again_is_no_dead_end(self, ada, called_back, on_aspirin):
        _say(ada, called_back, "asked_again")

        page, listed = ada.get(called_back), ada.get("/desk/recalls")

        box = page.root.one("section", class_="recall-open")
        assert "before a clinician has said what that means" not in page.words
        assert {a["href"] for a in box.all("a", class_="button")} == {
            f"/desk/begin/{on_aspirin.patient_id}",
            f"{called_back}/ask-again",
        }
        assert "Say otherwise" in box.one("details").text
        assert "Still to be asked" in listed.words
        assert "1 case." in listed.words
        assert "Asa Aspirin" in listed.words
        assert "1 case to look at again" in ada.get("/desk/").words

    def test_whoever_is_being_asked_again_is_off_the_list(
        self, ada, called_back, store, maker, on_aspirin
    ):
        _say(ada, called_back, "asked_again")
        ada.post(f"{called_back}/amend")

        page, listed = ada.get(called_back), ada.get("/desk/recalls")

        assert "A newer version of this form is being filled in." in page.words
        assert "Asa Aspirin" not in listed.words

    def test_what_a_form_never_asked_is_asked_on_a_new_one(
        self, ada, store, on_aspirin, files_of_more
    ):
        rule_packs.activate(store, files_of_more, actor=COMMAND_LINE, now=NOW)
        go_round(store)
        at = f"/desk/cases/{on_aspirin.id}"

        _say(ada, at, "asked_again")

        box = ada.get(at).root.one("section", class_="recall-open")
        assert [a["href"] for a in box.all("a", class_="button")] == [
            f"/desk/begin/{on_aspirin.patient_id}"
        ]

    def test_a_patient_who_is_not_treated_stays_so_until_somebody_says_otherwise(
        self, ada, called_back
    ):
        _say(ada, called_back, "not_treated")
        page = ada.get(called_back)

        assert "Nobody goes ahead on this form." in page.words
        assert "Still to be asked" not in ada.get("/desk/recalls").words
        assert _say(ada, called_back, "stands").location == called_back

    def test_a_recall_that_is_over_is_said_to_be(self, ada, called_back, store, shipped_files):
        recall = _recall(ada.get(called_back))
        rule_packs.activate(store, shipped_files, actor=COMMAND_LINE, now=NOW)

        late = ada.post(
            f"{called_back}/recall", {"recall": recall, "how": "stands", "about": "Well."}
        )

        page = ada.get(called_back)
        assert late.status == 409
        assert "1 earlier recall" in page.words
        assert "Ended with its rules." in page.words

    def test_a_patient_who_is_not_treated_is_so_by_rules_that_are_named(
        self, ada, called_back, store, shipped_files
    ):
        recall = _recall(ada.get(called_back))
        ada.post(
            f"{called_back}/recall", {"recall": recall, "how": "not_treated", "about": "Told her."}
        )
        rule_packs.activate(store, shipped_files, actor=COMMAND_LINE, now=NOW)

        page = ada.get(called_back)

        assert "Called back: the patient is not treated" in page.words
        assert "which is in force no more, the same answers were Review" in page.words
        assert "Under the rules in force" not in page.words

    def test_a_recall_that_ended_was_not_dealt_with_where_its_rules_come_back(
        self, ada, called_back, store, shipped_files, stricter
    ):
        for files in (shipped_files, stricter):
            rule_packs.activate(store, files, actor=COMMAND_LINE, now=NOW)

        page = ada.get(called_back)

        assert "dealt with" not in page.root.one("main").text
        assert "Ended with its rules." in page.words
        assert "in force no more" not in page.words

    def test_a_rule_about_what_is_private_is_not_named_on_the_list(self, ada, store, on_aspirin):
        outcome = recalls.outcome_of(
            json.dumps(
                {
                    "response_id": on_aspirin.id, "group": "waiting", "on": str(TODAY),
                    "then": "caution", "now": "stop",
                    "moved": [{"rule_id": "hiv", "title": "HIV", "then": None, "now": "stop",
                               "is_unasked": False, "needs_dermatologist": False,
                               "rests_on": ""}],
                }
            )
        )  # fmt: skip
        _recall_by_hand(store, outcome)

        page = ada.get("/desk/recalls")

        assert "HIV" not in page.words
        assert "Open the case to see why" in page.words

    def test_a_recall_of_another_case_is_not_dealt_with(self, ada, called_back, ids):
        recall = _recall(ada.get(called_back))
        said = {"recall": recall, "how": "stands", "about": "Meant for another."}

        assert ada.post(f"/desk/cases/{ids['routine']}/recall", said).status == 404

    def test_behind_the_last_page_is_the_first(self, ada, called_back):
        assert ada.get("/desk/recalls?after=nothing").location == "/desk/recalls"

    def test_a_list_that_is_not_whole_says_so(self, ada, on_aspirin, store, stricter):
        rule_packs.activate(store, stricter, actor=COMMAND_LINE, now=NOW)

        page = ada.get("/desk/recalls")

        assert "This list is not whole yet" in page.words
        assert "Nobody to call back" not in page.words

    def test_a_pass_that_does_not_go_on_is_told_on_the_queue(
        self, ada, on_aspirin, store, stricter, monkeypatch
    ):
        rule_packs.activate(store, stricter, actor=COMMAND_LINE, now=NOW)
        monkeypatch.setattr("intake.actions.passes.assessor", lambda *_: 1 / 0)
        go_round(store)

        for path in ("/desk/", "/desk/recalls"):
            assert "ZeroDivisionError" in ada.get(path).words

    def test_the_queue_and_the_list_of_the_day_mark_the_case(self, ada, called_back):
        assert "Called back" in ada.get("/desk/").words
        assert "Called back" in ada.get("/desk/day").words

    def test_what_was_written_of_a_session_is_not_lost(self, ada, maker, store, shipped_files):
        confirmed = maker.confirmed("Cora Chair")
        page = ada.get(f"/desk/cases/{confirmed.id}/session")
        files = changed(shipped_files, *ASKED_MORE)
        rule_packs.activate(store, files, actor=COMMAND_LINE, now=NOW)
        go_round(store)
        name = next(box["name"] for box in page.root.all("textarea"))

        refused = ada.post(f"/desk/cases/{confirmed.id}/session", {name: "Even redness, 3 passes"})

        assert refused.status == 409
        assert "Even redness, 3 passes" in refused.html
        assert "Deal with the recall" in refused.words


class TestGoingRound:
    def test_carries_on_with_what_is_under_way(self, app, store, kept, cleo, on_aspirin, clock):
        cleo.post(f"{kept}/passes/impact")
        house = app.extensions["intake"]

        waits = [house.passes.look() for _ in range(3)]

        assert waits[-1] == LOOK_EVERY_S
        assert passes.newest(store, Kind.IMPACT, kept[-64:]).ended_at is not None

    def test_survives_what_goes_wrong(self, caplog):
        def fail():
            raise RuntimeError

        rounds = PassRounds(fail, lambda: NOW, lambda: TODAY)

        assert rounds.look() == LOOK_EVERY_S
        assert "RuntimeError" in caplog.text

    def test_stops_when_asked_to(self, app):
        rounds = app.extensions["intake"].passes
        rounds.start()

        rounds.stop()

        assert not rounds.are_made


def _decision(page):
    controls = page.form_to(page.root.one("form", id="decide-form")["action"]).controls()
    return {name: controls[name][0] for name in ("seen", "screening")}


def _say(ada, at, how):
    said = {"recall": _recall(ada.get(at)), "how": how, "about": "Called."}
    return ada.post(f"{at}/recall", said)


def _recall(page):
    return page.root.one("input", name="recall")["value"]


def _recall_by_hand(store, outcome):
    screening = store.row(
        "SELECT id, pack_hash FROM screenings WHERE response_id = ?", [outcome.response_id]
    )
    found = recalls.Recall(
        id=store.new_id(),
        response_id=outcome.response_id,
        screening_id=screening["id"],
        pack_hash=screening["pack_hash"],
        pack_version="1",
        outcome=outcome,
        at=NOW + timedelta(seconds=1),
    )
    with store.write() as db:
        recalls.add(db, found)
