"""The rules at the desk: the book to print, what the clinic chose, where sources disagree."""

import base64
import contextlib
import hashlib
import re
from datetime import timedelta

import pytest

from intake.actions import rule_packs
from intake.core.errors import PackError
from intake.packs import load_texts
from intake.storage import listing
from intake.storage.listing import Selection
from tests.conftest import NOW, TODAY
from tests.web.conftest import OWN_PASSWORDS, sign_in
from tests.web.making import Maker
from tests.web.pages import Page

BOOK = "/desk/rules/book"
CHOICES = """\
settings:
  tan_exposure:
    value: {value}
    who: Dr Lena Lead
    why: We see many <b>late</b> tans.
    when: 2026-01-01
    until: 2026-07-01
  retinoid_topical_rx:
    value: 7 days
    who: Dr Lena Lead
    why: Tried last year.
    when: 2025-01-01
    until: 2026-06-15
  retinol_acids_bpo:
    value: 2 days
    who: Dr Lena Lead
    why: From next year on.
    when: 2027-01-01
    until: 2028-01-01
"""


@pytest.fixture
def chosen(store, shipped_files, shipped_pack):
    """Put the shipped pack in force with three decisions: one counts, one expired, one to come."""
    value = str(shipped_pack.settings["tan_exposure"].highest)
    files = {**shipped_files, "clinic.yaml": CHOICES.format(value=value)}
    return rule_packs.activate(store, files, actor="test", now=NOW)


@pytest.fixture
def later(ada, clock):
    """Let days go by; Ada signs in again."""

    def go(days: int):
        clock.at = NOW + timedelta(days=days)
        assert sign_in(ada, "ada", OWN_PASSWORDS["ada"]).location == "/desk/"
        return ada

    return go


@pytest.fixture
def case_of_tan(chosen, store, people):
    """A case in which a rule fires that uses the setting and on which sources disagree."""
    return Maker(store, chosen, people.ada).sent("Nora Sun", "tan-melasma")


# The book


def test_the_book_is_for_those_who_are_signed_in(stranger, tablet, ada, ben, cleo):
    assert stranger.get(BOOK).location.startswith("/desk/sign-in")
    assert tablet.get(BOOK).location.startswith("/desk/sign-in")
    assert [who.get(BOOK).status for who in (ada, ben, cleo)] == [200, 200, 200]


def test_it_is_linked_from_the_rules(ada):
    links = [a["href"] for a in ada.get("/desk/rules").root.all("a")]

    assert BOOK in links


def test_it_holds_every_rule_question_and_source(ada, pack):
    page = ada.get(BOOK)

    ids = {element["id"] for element in page.root.walk() if "id" in element}
    assert {f"rule-{rule.id}" for rule in pack.rules} <= ids
    assert {f"source-{name}" for name in pack.sources} <= ids
    words = page.words
    missing = [i.link_id for i in pack.items.values() if " ".join(i.ask.split()) not in words]
    assert missing == []


def test_its_policy_allows_its_own_style_and_nothing_else(ada):
    page = ada.get(BOOK)

    (style,) = re.findall(r"<style>(.*?)</style>", page.html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = page.answer.headers["Content-Security-Policy"].split("; ")
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in page.answer.headers["Content-Security-Policy"]


def test_its_other_headers_are_those_of_every_page(ada):
    book, rules = ada.get(BOOK).answer.headers, ada.get("/desk/rules").answer.headers

    assert {
        k: v for k, v in book.items() if k.startswith(("X-", "Cache", "Referrer", "Cross"))
    } == {k: v for k, v in rules.items() if k.startswith(("X-", "Cache", "Referrer", "Cross"))}


def test_it_holds_no_script_and_loads_nothing(ada):
    root = ada.get(BOOK).root

    assert root.all("script", "link", "img", "iframe", "object", "form", "base") == []
    names = {name for element in root.walk() for name in element.attributes}
    assert not [name for name in names if name.startswith("on") or name == "style"]
    assert all(a["href"].startswith("#") for a in root.all("a"))


def test_each_of_its_links_leads_somewhere(ada):
    root = ada.get(BOOK).root

    ids = [element["id"] for element in root.walk() if "id" in element]
    assert len(ids) == len(set(ids))
    assert {a["href"].removeprefix("#") for a in root.all("a")} <= set(ids)


def test_it_says_of_every_rule_that_nobody_reviewed_it(ada, pack):
    words = ada.get(BOOK).words

    assert f"{len(pack.rules)} of {len(pack.rules)} rules are not yet reviewed" in words


def test_it_is_no_rule_of_that_name(ada):
    assert ada.get("/desk/rules/book").root.one("h1").text != "Not found"
    assert ada.get("/desk/rules/bok").status == 404


@pytest.mark.parametrize(
    "offset",
    [
        -1,
        0,
        1,
    ],
    ids=["day before", "that day", "day after"],
)
def test_a_review_is_overdue_on_its_day_as_the_checks_say(later, pack, offset):
    day = min(rule.review_by for rule in pack.rules)

    page = later((day - TODAY).days + offset).get(BOOK)

    assert ("(overdue)" in page.words) is (offset >= 0)


# What the clinic chose


def rows_of(page):
    """The table of decisions: by what each is about."""
    section = page.root.one("section", **{"aria-labelledby": "choices"})
    return {row.one("th").text: row.text for row in section.one("tbody").all("tr")}


def test_without_decisions_there_is_no_table(ada):
    assert ada.get("/desk/rules").root.all("section", **{"aria-labelledby": "choices"}) == []


def test_every_decision_is_shown_and_whether_it_counts(ada, chosen):
    rows = list(rows_of(ada.get("/desk/rules")).values())

    assert len(rows) == 3
    counts, expired, to_come = rows
    assert "instead of" in counts
    assert "Dr Lena Lead" in counts
    assert "expired" not in counts
    assert "does not count" not in counts
    assert "expired: the pack's own value counts" in expired
    assert "does not count yet" in to_come


def test_what_the_clinic_wrote_is_shown_as_text(ada, chosen):
    for path in ("/desk/rules", BOOK):
        page = ada.get(path)

        assert "We see many <b>late</b> tans." in page.words
        assert "<b>late" not in page.html


def test_a_decision_expires_without_anybody_doing_anything(ada, later, chosen):
    before = list(rows_of(ada.get("/desk/rules")).values())

    after = list(rows_of(later(16).get("/desk/rules")).values())

    assert "expired" not in before[0]
    assert "expired: the pack's own value counts" in after[0]


def test_a_rule_shows_the_decision_about_its_setting(ada, chosen, pack):
    page = ada.get("/desk/rules/tan-recent")

    assert "Chosen by this clinic" in page.words
    assert f"instead of {pack.settings['tan_exposure']}" in page.words
    assert "Dr Lena Lead" in page.words


def test_a_rule_shows_where_its_sources_disagree(ada, pack):
    rule = pack.rules_by_id["anticoagulant"]
    (conflict,) = pack.conflicts_of(rule)

    words = ada.get("/desk/rules/anticoagulant").words

    for text in (conflict.topic, conflict.default, *(p.says for p in conflict.positions)):
        assert " ".join(text.split()) in words


def test_the_book_shows_decisions_and_conflicts(ada, chosen):
    words = ada.get(BOOK).words

    assert "What this clinic chose" in words
    assert words.count("does not count") >= 2
    for conflict in chosen.conflicts.values():
        assert " ".join(conflict.topic.split()) in words


# At the case


def test_a_case_shows_conflicts_and_what_the_clinic_chose(ada, case_of_tan, chosen):
    words = ada.get(f"/desk/cases/{case_of_tan.id}").words

    (conflict,) = chosen.conflicts_of(chosen.rules_by_id["tan-recent"])
    assert f"Sources disagree: {conflict.topic}" in words
    assert " ".join(conflict.default.split()) in words
    assert "Chosen by this clinic" in words
    assert "We see many <b>late</b> tans." in words


def test_a_case_of_before_shows_none(ada, ids):
    words = ada.get(f"/desk/cases/{ids['defer']}").words

    assert "Sources disagree" in words
    assert "Chosen by this clinic" not in words


def test_a_case_keeps_showing_what_counted_on_its_day(later, case_of_tan):
    words = later(30).get(f"/desk/cases/{case_of_tan.id}").words

    assert "Chosen by this clinic" in words


def test_a_choice_lengthens_the_wait_of_a_new_case(case_of_tan, ids, store):
    ends = {
        one.response_id: one.screening.earliest_safe_date
        for one in listing.listed(store, Selection())
        if one.screening
    }

    assert ends[case_of_tan.id] > ends[ids["defer"]]


def test_a_clinic_is_there_on_the_day_a_decision_ends(later, store, shipped_files):
    """What could not be loaded on a later day is refused while there is time."""
    signed = "who: Dr Lena Lead\n    why: Ours.\n    when: 2026-01-01"
    text = (
        f"levels:\n  nickel-mild:\n    level: caution\n    {signed}\n    until: 2026-07-01\n"
        f"switched_off:\n  nickel-mild:\n    {signed}\n    until: 2027-01-01\n"
    )
    with contextlib.suppress(PackError):
        files = {**shipped_files, "clinic.yaml": text}
        rule_packs.activate(store, files, actor="test", now=NOW)

    assert later(20).get("/desk/").status == 200
    assert later(20).get("/desk/rules").status == 200


def test_decisions_change_the_hash_the_desk_shows(ada, chosen, shipped_pack):
    page = ada.get("/desk/rules")

    assert isinstance(page, Page)
    assert chosen.hash in page.words
    assert shipped_pack.hash not in page.words


def test_the_choices_of_the_fixture_are_what_they_say(shipped_files, chosen):
    assert [c.counts_on(TODAY) for c in chosen.choices] == [True, False, False]
    assert load_texts(shipped_files, TODAY).choices == ()
