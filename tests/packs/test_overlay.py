"""What a clinic decides for itself: within the ranges, never below a floor, and for a time."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import packs
from intake.core.dates import Window
from intake.core.errors import PackError
from intake.core.evidence import Choice
from intake.core.examined import Examined
from intake.core.proving.cells import Cells
from intake.core.proving.proofs import prove
from intake.core.reading import read_all
from intake.core.rules import Level, Reviewer, Triage
from intake.core.screening import screen
from intake.core.truth import Truth
from intake.core.verification import results_of
from tests.packs.builders import TINY, edited

TODAY = date(2026, 6, 15)
CLINIC, R, Q, S = "clinic.yaml", "rules/all.yaml", "questionnaire.yaml", "settings.yaml"
SIGNED = {
    "who": "Dr Ada Lead",
    "why": "Our own series",
    "when": "2026-01-01",
    "until": "2027-01-01",
}
STRICTER = (
    "    stricter:\n      - label: pen\n        level: stop\n        because: The manual says so.\n"
)
NO_LABEL = (R, STRICTER, "")
FLOOR = (R, "level: defer\n", "level: defer\n    floor: yes\n")
LOWERABLE = (R, "level: defer\n", "level: review\n    lowest: caution\n")
STOPS = (R, "level: defer\n", "level: stop\n    lowest: review\n")
DERMATOLOGISTS = (R, "reviewer: practitioner", "reviewer: dermatologist")
CAUTIONS = (R, "level: defer\n", "level: caution\n")
ASKED_IF = "            enable_when: cold_sore_ever is yes\n"
BUMP = """\
      - id: last
        title: Last
        items:
          - id: bump
            ask: Is there a bump?
            type: yes_no
            enable_when: cold_sore_healed within sore_healed
"""
GATED = (Q, ASKED_IF, ASKED_IF + BUMP)
SORE = {"cold_sore_ever": "yes", "cold_sore_healed": "2026-06-02"}


def entry(**keys):
    """One decision, signed; a key that is None is left out."""
    rows = {**keys, **{k: v for k, v in SIGNED.items() if k not in keys}}
    return {k: v for k, v in rows.items() if v is not None}


def clinic(**groups):
    """The text of a clinic's file."""
    lines = []
    for group, entries in groups.items():
        lines.append(f"{group}:")
        for name, rows in entries.items():
            lines.append(f"  {name}:")
            lines += [f"    {key}: {value}" for key, value in rows.items()]
    return "\n".join(lines) + "\n"


def with_clinic(text, *edits):
    return {**edited(*edits), CLINIC: text}


def loaded(*edits, on=TODAY, **groups):
    return packs.load_texts(with_clinic(clinic(**groups), *edits), on)


def refused(*edits, on=TODAY, **groups):
    with pytest.raises(PackError) as caught:
        loaded(*edits, on=on, **groups)
    return caught.value.problems


def problems_of(texts, on=TODAY):
    """What is wrong with a pack; nothing when it can be used."""
    try:
        packs.load_texts(texts, on)
    except PackError as error:
        return error.problems
    return ()


def sore_healed(value, **keys):
    return {"settings": {"sore_healed": entry(value=value, **keys)}}


def finding(pack, answers=None, plan=None, on=TODAY):
    """What the rule about cold sores makes of the base patient with some changes."""
    whole = {**pack.base.answers, **(SORE if answers is None else answers)}
    read = read_all(pack, whole, {**pack.base.plan, **(plan or {})}, on)
    found = {f.rule_id: f for f in screen(pack, read.answers, on).findings}
    return found.get("cold-sore")


class TestSettings:
    @pytest.mark.parametrize("value", ["0 days", "7 days", "2 weeks", "28 days", "4 weeks"])
    def test_within_the_range_count(self, value):
        pack = loaded(**sore_healed(value))

        setting = pack.settings["sore_healed"]
        assert (str(setting), setting.written_default) == (value, "14 days")

    @pytest.mark.parametrize("value", ["29 days", "5 weeks", "1 month", "1 year", "9999 years"])
    def test_outside_the_range_are_refused(self, value):
        (problem,) = refused(**sore_healed(value))

        assert problem == (
            f"{CLINIC}:2: {value} lies outside the range of 'sore_healed', 0 days to 28 days"
        )

    @pytest.mark.parametrize(
        "value", ["20", "20 mm", "0.5 days", "-1 days", "twenty days", "20days"]
    )
    def test_that_are_no_length_of_time_are_refused(self, value):
        problems = refused(**sore_healed(value))

        assert all(problem.startswith(f"{CLINIC}:2: ") for problem in problems)
        assert any("14 days" in problem for problem in problems)

    def test_that_are_not_there_are_refused(self):
        assert refused(settings={"sore_heeled": entry(value="20 days")}) == (
            f"{CLINIC}:2: there is no setting 'sore_heeled' in settings.yaml; similar: sore_healed",
        )

    def test_change_what_the_rules_do(self):
        before, after = packs.load_texts(TINY, TODAY), loaded(**sore_healed("13 days"))

        assert finding(before).effect is Triage.DEFER
        assert finding(after) is None

    def test_change_the_earliest_safe_date(self):
        pack = loaded(**sore_healed("20 days"))

        assert finding(pack).earliest_safe_date == date(2026, 6, 22)

    def test_are_named_where_the_rule_is_shown(self):
        pack = loaded(**sore_healed("20 days"))

        (choice,) = pack.choices_about(pack.rules_by_id["cold-sore"])
        assert choice == Choice(
            subject="setting sore_healed",
            title="Days after a cold sore has fully healed",
            about="20 days instead of 14 days",
            who="Dr Ada Lead",
            why="Our own series",
            when=date(2026, 1, 1),
            until=date(2027, 1, 1),
        )

    @pytest.mark.parametrize(
        ("value", "is_allowed"),
        [("6 months", True), ("7 months", True), ("1 year", True), ("25 weeks", False),
         ("13 months", False)],
    )  # fmt: skip
    def test_of_months_are_compared_with_their_range(self, value, is_allowed):
        old = "14 days\n    range: 0 days to 28 days"
        months = (S, old, "6 months\n    range: 6 months to 1 year")
        problems = problems_of(with_clinic(clinic(**sore_healed(value)), months))

        assert (problems == ()) is is_allowed

    @pytest.mark.parametrize(
        ("lowest", "value"), [("6 months", "180 days"), ("12 months", "360 days")]
    )
    def test_shorter_than_the_lowest_by_the_calendar_are_refused(self, lowest, value):
        """Six calendar months are 181 to 184 days, twelve are 365."""
        old = "14 days\n    range: 0 days to 28 days"
        range_ = (S, old, f"{lowest}\n    range: {lowest} to 2 years")
        assert Window.parse(value).before(TODAY) > Window.parse(lowest).before(TODAY)

        problems = refused(range_, **sore_healed(value))

        assert "lies outside the range" in problems[0]


class TestLabels:
    def test_in_use_make_the_stricter_claim_apply_whatever_is_planned(self):
        written, pack = packs.load_texts(TINY, TODAY), loaded(labels={"pen": entry()})

        for plan in ({}, {"device": "generic"}, {"device": "not_sure"}, {"device": "pen"}):
            assert finding(pack, plan=plan).effect is Triage.STOP
        assert finding(written).effect is Triage.DEFER

    def test_in_use_are_still_silent_where_the_rule_is(self):
        pack = loaded(labels={"pen": entry()})

        assert finding(pack, answers={}) is None

    @pytest.mark.parametrize("plan", [{}, {"device": "generic"}, {"device": "not_sure"}])
    def test_in_use_reach_a_rule_that_names_the_device(self, plan):
        named = ("rules/all.yaml", "        - face_planned\n", "        - plan.device is pen\n")

        pack = loaded(NO_LABEL, named, labels={"pen": entry()})

        assert finding(pack, plan=plan).truth is Truth.MET

    def test_in_use_are_named(self):
        pack = loaded(labels={"pen": entry()})

        assert pack.labels["pen"].choice.about == "the clinic works under it"
        assert finding(pack).label == "pen"
        assert not finding(pack).is_label_open

    def test_that_are_not_there_are_refused(self):
        assert refused(labels={"pin": entry()}) == (
            f"{CLINIC}:2: there is no device label 'pin'; labels are pen",
        )

    def test_are_one_at_most(self):
        assert len(refused(labels={"pen": entry(), "pin": entry()})) == 1


class TestLevels:
    @pytest.mark.parametrize("level", ["stop", "review", "defer", "caution"])
    def test_go_up_freely_and_down_to_the_lowest(self, level):
        pack = loaded(NO_LABEL, LOWERABLE, levels={"cold-sore": entry(level=level)})

        assert pack.rules_by_id["cold-sore"].level is Level(level)
        assert finding(pack).effect is Triage(level)

    @pytest.mark.parametrize("level", ["caution"])
    def test_go_no_lower_than_written_where_there_is_no_lowest(self, level):
        problems = refused(levels={"cold-sore": entry(level=level)})

        assert problems == (f"{CLINIC}:2: 'cold-sore' may not become milder than defer",)

    @pytest.mark.parametrize("level", ["defer", "caution"])
    def test_go_no_lower_than_the_lowest(self, level):
        problems = refused(NO_LABEL, STOPS, levels={"cold-sore": entry(level=level)})

        assert problems == (f"{CLINIC}:2: 'cold-sore' may not become milder than review",)

    def test_of_a_floor_are_never_lowered(self):
        problems = refused(levels={"under-age": entry(level="review")})

        assert problems == (
            f"{CLINIC}:2: 'under-age' may not become milder than stop: it is a floor",
        )

    def test_of_a_floor_may_be_raised(self):
        pack = loaded(NO_LABEL, FLOOR, levels={"cold-sore": entry(level="review")})

        assert pack.rules_by_id["cold-sore"].level is Level.REVIEW

    def test_go_no_higher_than_the_highest(self):
        capped = (R, "level: defer\n", "level: defer\n    highest: review\n")

        problems = refused(NO_LABEL, capped, levels={"cold-sore": entry(level="stop")})

        assert problems == (f"{CLINIC}:2: 'cold-sore' may not become stricter than review",)

    def test_say_what_was_chosen(self):
        pack = loaded(levels={"cold-sore": entry(level="review")})

        (choice,) = pack.rules_by_id["cold-sore"].choices
        assert (choice.subject, choice.about) == ("rule cold-sore", "review instead of defer")

    @pytest.mark.parametrize("level", ["routine", "mild", "", "STOP"])
    def test_that_are_none_are_refused(self, level):
        problems = refused(levels={"cold-sore": entry(level=level)})

        assert all("level" in problem for problem in problems)

    def test_of_a_rule_that_is_not_there_are_refused(self):
        assert refused(levels={"cold": entry(level="stop")}) == (
            f"{CLINIC}:2: there is no rule 'cold'; similar: cold-sore",
        )

    def test_leave_a_stricter_label_as_strict(self):
        pack = loaded(
            (R, "level: defer\n", "level: review\n    lowest: caution\n"),
            levels={"cold-sore": entry(level="caution")},
        )

        assert finding(pack, plan={"device": "pen"}).effect is Triage.STOP


class TestReviewers:
    def test_may_become_stricter(self):
        pack = loaded(reviewers={"cold-sore": entry(reviewer="dermatologist")})

        assert pack.rules_by_id["cold-sore"].reviewer is Reviewer.DERMATOLOGIST

    def test_may_become_a_practitioner_where_nothing_forbids(self):
        pack = loaded(
            NO_LABEL, DERMATOLOGISTS, reviewers={"cold-sore": entry(reviewer="practitioner")}
        )

        assert pack.rules_by_id["cold-sore"].reviewer is Reviewer.PRACTITIONER

    @pytest.mark.parametrize(
        ("rule_id", "edits"),
        [("under-age", ()), ("cold-sore", (NO_LABEL, STOPS)), ("cold-sore", (FLOOR,))],
        ids=["floor and stop", "stop", "floor"],
    )
    def test_of_floors_and_stops_stay_dermatologists(self, rule_id, edits):
        (problem,) = refused(*edits, reviewers={rule_id: entry(reviewer="practitioner")})

        assert problem.endswith(f"'{rule_id}' stays with a dermatologist: a floor, or a stop")

    def test_of_what_a_label_makes_a_stop_stay_dermatologists(self):
        (problem,) = refused(
            DERMATOLOGISTS, reviewers={"cold-sore": entry(reviewer="practitioner")}
        )

        assert problem == (
            f"{CLINIC}:2: 'cold-sore' stays with a dermatologist: it is a stop under the label pen"
        )

    @pytest.mark.parametrize("when", ["2026-01-01", "2026-10-01"], ids=["today", "later"])
    def test_of_what_the_clinic_makes_a_stop_stay_dermatologists(self, when):
        (problem,) = refused(
            NO_LABEL,
            DERMATOLOGISTS,
            levels={"cold-sore": entry(level="stop", when=when)},
            reviewers={"cold-sore": entry(reviewer="practitioner")},
        )

        assert problem.endswith(
            "'cold-sore' stays with a dermatologist: the clinic itself makes it a stop under levels"
        )

    def test_may_become_a_practitioner_where_the_clinic_makes_it_a_review(self):
        pack = loaded(
            NO_LABEL,
            DERMATOLOGISTS,
            levels={"cold-sore": entry(level="review")},
            reviewers={"cold-sore": entry(reviewer="practitioner")},
        )

        assert pack.rules_by_id["cold-sore"].reviewer is Reviewer.PRACTITIONER

    def test_are_refused_for_a_rule_that_is_not_there(self):
        assert refused(reviewers={"cold": entry(reviewer="practitioner")})


class TestSwitchedOff:
    def test_are_not_judged_and_still_known(self):
        pack = loaded(NO_LABEL, CAUTIONS, switched_off={"cold-sore": entry()})

        assert [rule.id for rule in pack.rules] == ["under-age"]
        assert [rule.id for rule in pack.switched_off] == ["cold-sore"]
        assert finding(pack) is None

    @pytest.mark.parametrize(
        "edits",
        [(), (FLOOR,), (NO_LABEL, LOWERABLE), (NO_LABEL, STOPS)],
        ids=["defer", "floor", "review", "stop"],
    )
    def test_are_only_cautions(self, edits):
        (problem,) = refused(*edits, switched_off={"cold-sore": entry()})

        assert "only a caution can, that is no floor" in problem

    def test_is_never_a_caution_that_is_a_floor(self):
        floor = (R, "level: caution\n", "level: caution\n    floor: yes\n")
        texts = with_clinic(clinic(switched_off={"cold-sore": entry()}), NO_LABEL, CAUTIONS)
        texts[R] = texts[R].replace(*floor[1:])

        with pytest.raises(PackError, match="cannot be switched off"):
            packs.load_texts(texts, TODAY)

    def test_is_never_a_rule_that_the_clinic_made_a_caution_itself(self):
        assert refused(
            NO_LABEL,
            LOWERABLE,
            levels={"cold-sore": entry(level="caution")},
            switched_off={"cold-sore": entry()},
        )

    def test_is_never_a_caution_that_a_label_makes_a_stop(self):
        assert refused(CAUTIONS, switched_off={"cold-sore": entry()})


class TestEntries:
    @pytest.mark.parametrize("key", SIGNED)
    @pytest.mark.parametrize("value", [None, ""], ids=["missing", "empty"])
    def test_say_who_why_when_and_until(self, key, value):
        problems = refused(settings={"sore_healed": entry(value="20 days", **{key: value})})

        assert any(f"'{key}'" in problem for problem in problems)

    @pytest.mark.parametrize("key", ["who", "why"])
    def test_do_not_leave_who_and_why_blank(self, key):
        assert refused(settings={"sore_healed": entry(value="20 days", **{key: '"  "'})})

    @pytest.mark.parametrize("day", ["soon", "2026-02-30", "1.1.2027", "2027-1-1", "20270101"])
    @pytest.mark.parametrize("key", ["when", "until"])
    def test_name_days_that_exist(self, key, day):
        problems = refused(**sore_healed("20 days", **{key: day}))

        assert f"'{day}' is not a date; write it as 2027-11-21" in problems[0]

    @pytest.mark.parametrize("until", ["2026-01-01", "2025-12-31"])
    def test_end_after_they_begin(self, until):
        (problem,) = refused(**sore_healed("20 days", until=until))

        assert problem == f"{CLINIC}:2: until {until} is not after when 2026-01-01"

    @pytest.mark.parametrize(
        ("on", "counts"),
        [
            (date(2025, 12, 31), False),
            (date(2026, 1, 1), True),
            (date(2026, 12, 31), True),
            (date(2027, 1, 1), False),
        ],
        ids=["before", "first day", "last day", "until itself"],
    )
    def test_count_from_when_up_to_the_day_before_until(self, on, counts):
        pack = loaded(on=on, **sore_healed("20 days"))

        assert (str(pack.settings["sore_healed"]) == "20 days") is counts
        assert [choice.counts_on(on) for choice in pack.choices] == [counts]

    @pytest.mark.parametrize(
        "groups",
        [
            sore_healed("20 days"),
            {"labels": {"pen": entry()}},
            {"levels": {"cold-sore": entry(level="stop")}},
            {"reviewers": {"cold-sore": entry(reviewer="dermatologist")}},
        ],
        ids=["setting", "label", "level", "reviewer"],
    )
    @pytest.mark.parametrize("on", [date(2025, 6, 15), date(2027, 6, 15)], ids=["early", "late"])
    def test_that_do_not_count_are_kept_and_change_nothing(self, on, groups):
        written, pack = packs.load_texts(TINY, on), loaded(on=on, **groups)

        assert len(pack.choices) == 1
        assert pack.rules == written.rules
        assert (pack.settings, pack.labels) == (written.settings, written.labels)

    def test_stand_in_the_order_of_the_file_s_groups(self):
        pack = loaded(
            reviewers={"cold-sore": entry(reviewer="dermatologist")}, **sore_healed("20 days")
        )

        assert [c.subject for c in pack.choices] == ["setting sore_healed", "rule cold-sore"]


class TestFloors:
    def test_are_not_lowered_by_a_setting(self):
        (problem,) = refused(FLOOR, **sore_healed("13 days"))

        assert problem == (
            f"{CLINIC}:1: the floor 'cold-sore' would catch fewer patients with sore_healed"
            " 13 days; a floor is never lowered"
        )

    @pytest.mark.parametrize("value", ["14 days", "2 weeks", "15 days", "28 days"])
    def test_may_be_kept_or_raised_by_one(self, value):
        pack = loaded(FLOOR, **sore_healed(value))

        assert str(pack.settings["sore_healed"]) == value

    def test_that_are_negated_are_not_raised_by_one(self):
        turned = (R, "        - cold_sore_healed within sore_healed",
                  "        - cold_sore_healed at least sore_healed ago")  # fmt: skip

        assert refused(FLOOR, turned, **sore_healed("15 days"))

    def test_are_not_lowered_by_a_setting_in_a_gate(self):
        bump = (R, "    when: age is below 18 years", "    when: bump is yes")

        problems = refused(GATED, bump, **sore_healed("0 days"))

        assert "a floor is never lowered" in problems[0]

    def test_are_not_lowered_by_a_setting_that_counts_later(self):
        assert refused(FLOOR, **sore_healed("13 days", when="2026-07-01"))


CHAINED = {
    "a reviewer of a rule that was a stop": (
        (NO_LABEL, STOPS),
        {
            "levels": {"cold-sore": entry(level="review", until="2026-07-01")},
            "reviewers": {"cold-sore": entry(reviewer="practitioner")},
        },
    ),
    "a rule switched off that was a review": (
        (NO_LABEL, LOWERABLE),
        {
            "levels": {"cold-sore": entry(level="caution", until="2026-07-01")},
            "switched_off": {"cold-sore": entry()},
        },
    ),
    "a floor lowered later": ((FLOOR,), sore_healed("13 days", when="2026-07-01")),
}


@pytest.mark.parametrize(("edits", "groups"), CHAINED.values(), ids=CHAINED)
def test_what_can_be_put_in_force_can_be_loaded_on_any_later_day(edits, groups):
    texts = with_clinic(clinic(**groups), *edits)
    try:
        packs.load_texts(texts, TODAY)
    except PackError:
        return

    packs.load_texts(texts, date(2026, 7, 1))


class TestWhole:
    def test_has_another_hash_with_the_file_than_without(self):
        written, chosen = packs.load_texts(TINY, TODAY), loaded(**sore_healed("20 days"))

        assert written.hash != chosen.hash
        assert chosen.hash == loaded(on=date(2028, 1, 1), **sore_healed("20 days")).hash

    @pytest.mark.parametrize(
        ("day", "holds"),
        [
            (date(2026, 1, 1), True),
            (date(2026, 12, 31), True),
            (date(2025, 12, 31), False),
            (date(2027, 1, 1), False),
        ],
        ids=str,
    )
    def test_holds_while_the_same_decisions_count(self, day, holds):
        assert loaded(**sore_healed("20 days")).holds_on(day) is holds

    def test_holds_on_every_day_without_decisions(self):
        assert packs.load_texts(TINY, TODAY).holds_on(date(2099, 1, 1))

    def test_every_decision_at_once(self):
        pack = loaded(
            labels={"pen": entry()},
            levels={"cold-sore": entry(level="review")},
            reviewers={"cold-sore": entry(reviewer="dermatologist")},
            **sore_healed("20 days"),
        )

        about = [choice.about for choice in pack.choices_about(pack.rules_by_id["cold-sore"])]
        assert about == [
            "review instead of defer",
            "dermatologist decides instead of practitioner",
            "20 days instead of 14 days",
            "the clinic works under it",
        ]

    def test_keeps_the_theorem(self):
        pack = loaded(
            labels={"pen": entry()}, levels={"cold-sore": entry(level="review")},
            **sore_healed("20 days"),
        )  # fmt: skip
        cells = Cells(pack, pack.base.on)

        proofs = [prove(rule, cells) for rule in pack.rules]

        assert [(p.rule_id, p.fails_open, p.at_odds) for p in proofs] == [
            ("cold-sore", None, None),
            ("under-age", None, None),
        ]

    def test_passes_the_checks_with_the_vignettes_of_the_pack_as_written(self):
        pack = loaded(**sore_healed("20 days"))
        examined = Examined(pack, TODAY, as_written=packs.load_texts(TINY, TODAY))

        found = {r.check.name: r.problems for r in results_of(examined) if r.problems}

        assert found == {}

    def test_leaves_the_digest_of_every_rule_as_it_was(self):
        pack = loaded(
            labels={"pen": entry()}, levels={"cold-sore": entry(level="review")},
            **sore_healed("20 days"),
        )  # fmt: skip

        digests = [{rule.id: rule.digest for rule in p.rules} for p in
                   (pack, packs.load_texts(TINY, TODAY))]  # fmt: skip

        assert digests[0] == digests[1]


@given(
    st.integers(0, 28),
    st.integers(-30, 30).map(lambda n: TODAY + timedelta(days=n)),
    st.integers(0, 40),
)
def test_a_decision_to_wait_longer_never_lowers_a_triage(length, today, earlier):
    longer = packs.load_texts(with_clinic(clinic(**sore_healed(f"{max(length, 14)} days"))), today)
    written = packs.load_texts(TINY, today)
    healed = {**SORE, "cold_sore_healed": str(today - timedelta(days=earlier))}

    before, after = (finding(pack, healed, on=today) for pack in (written, longer))

    assert before is None or (after is not None and after.truth is Truth.MET)


class TestOddFiles:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("settings:\n  sore_healed: 20 days\n", "needs lines of the form"),
            ("settings:\n  - sore_healed\n", "needs lines of the form"),
            ("- settings\n", "needs lines of the form"),
            ("setings: {}\n", "switched_off; meant is settings?"),
            ("settings: &all\n  sore_healed: *all\n", "is not allowed"),
            ("settings: !!map {}\n", "a tag"),
            ("settings: {}\n---\nsettings: {}\n", "a second document"),
            ("settings: {}\nsettings: {}\n", "stands twice"),
            ("settings:\n\tsore_healed: {}\n", "a tab stands here"),
            ("settings: {sore_healed: {}}\n", "'value' is missing"),
            ("\x00", "this is not YAML"),
        ],
        ids=["bare value", "list", "list at the top", "misspelt", "alias", "tag", "two documents",
             "twice", "tab", "empty entry", "zero byte"],
    )  # fmt: skip
    def test_are_refused_with_their_place(self, text, words):
        with pytest.raises(PackError) as caught:
            packs.load_texts(with_clinic(text), TODAY)

        assert any(p.startswith(f"{CLINIC}:") and words in p for p in caught.value.problems)

    @pytest.mark.parametrize("text", ["settings: {}\n", "labels: {}\nlevels: {}\n", "{}\n"])
    def test_that_decide_nothing_change_nothing(self, text):
        pack = packs.load_texts(with_clinic(text), TODAY)

        assert pack.rules == packs.load_texts(TINY, TODAY).rules
        assert pack.choices == ()

    @pytest.mark.parametrize("name", ["", "who", "~", "sore_healed\n"])
    def test_of_strange_names_name_nothing(self, name):
        with pytest.raises(PackError):
            packs.load_texts(
                with_clinic(f"settings:\n  {name!r}:\n    value: 20 days\n".replace("'", '"')),
                TODAY,
            )

    @pytest.mark.parametrize("who", ['"no"', "no", "12", "1e3", "~x", '"Ünal: \\"Dr\\" # 1"'])
    def test_keep_a_name_as_it_is_written(self, who):
        pack = loaded(**sore_healed("20 days", who=who))

        assert pack.choices[0].who == who.strip('"').replace('\\"', '"')

    def test_may_end_their_lines_as_on_windows(self, tmp_path):
        path = tmp_path / "clinic.yaml"
        path.write_bytes(clinic(**sore_healed("20 days")).replace("\n", "\r\n").encode())

        texts = {**TINY, **packs.texts_of(tmp_path)}

        assert str(packs.load_texts(texts, TODAY).settings["sore_healed"]) == "20 days"


def test_the_shipped_pack_keeps_its_floors_with_settings_at_the_end_of_their_range(
    shipped_files, shipped_pack
):
    """What can be loaded lowers no floor; what cannot says so."""
    names = sorted(shipped_pack.settings)[::25]

    for name in names:
        setting = shipped_pack.settings[name]
        low = setting.range.split(" to ")[0]
        text = clinic(settings={name: entry(value=low)})

        problems = problems_of({**shipped_files, CLINIC: text})

        assert all("a floor is never lowered" in problem for problem in problems)
