"""The rules that are shipped: large enough, whole, and honest about their review."""

from dataclasses import replace

from intake import packs
from intake.actions.answer import next_screen
from intake.core.dates import Window
from intake.core.evidence import NOT_REVIEWED
from intake.core.records import Response, ResponseStatus
from intake.core.vignettes import run_vignette
from intake.resources import folder
from tests.conftest import NOW, TODAY

MOST_PAGES = 30
MOST_TAPS = 70
BESIDES = ("start", "review", "sign", "send")
"""What a patient taps besides the answers and Continue."""


def test_the_shipped_pack_loads_from_its_folder(shipped_pack):
    assert packs.load(folder("rules") / "microneedling", TODAY) == shipped_pack


def test_it_is_large_enough(shipped_pack):
    assert len(shipped_pack.rules) >= 40
    assert len(shipped_pack.vignettes) >= 80


def test_all_its_vignettes_hold(shipped_pack):
    faults = {v.id: run_vignette(shipped_pack, v)[1] for v in shipped_pack.vignettes}

    assert {name: found for name, found in faults.items() if found} == {}


def test_no_rule_claims_a_review_that_did_not_take_place(shipped_pack):
    assert {rule.reviewed for rule in shipped_pack.rules} == {NOT_REVIEWED}


def test_every_rule_stands_for_topics_of_the_pack(shipped_pack):
    topics = {topic.id for topic in shipped_pack.topics}
    wrong = {
        rule.id: rule.covers
        for rule in shipped_pack.rules
        if not rule.covers or not set(rule.covers) <= topics
    }

    assert wrong == {}


LABELS_OWN = (
    "botulinum-exceed", "filler-exceed", "scar-young-exceed", "surgery-area-year",
    "laser-mild-inmode", "tan-inmode", "isotretinoin-recent-deep-or-heat", "home-roller-recent",
)  # fmt: skip
"""Rules whose window a device label, or no clinic's interval, sets."""


def test_the_shortest_windows_a_clinic_may_choose_leave_those_of_the_labels(shipped_pack):
    entry = "    who: Dr Lead\n    why: A test.\n    when: 2026-01-01\n    until: 2027-01-01\n"
    shortest = "".join(
        f"  {name}:\n    value: {setting.lowest}\n{entry}"
        for name, setting in shipped_pack.settings.items()
        if isinstance(setting.lowest, Window)
    )
    texts = packs.texts_of(folder("rules") / "microneedling")

    shortened = packs.load_texts({**texts, "clinic.yaml": f"settings:\n{shortest}"}, TODAY)

    fired = {}
    for vignette in shipped_pack.vignettes:
        own = set(LABELS_OWN) & set(vignette.expect.fires)
        found = {f.rule_id for f in run_vignette(shortened, vignette)[0].findings}
        fired |= {(vignette.id, rule_id): rule_id in found for rule_id in own}
    assert {rule_id for _, rule_id in fired} == set(LABELS_OWN)
    assert [which for which, has in fired.items() if not has] == []


def test_no_floor_rests_on_a_setting_that_a_clinic_may_lower(shipped_pack):
    wrong = {
        (rule.id, name)
        for rule in shipped_pack.rules
        if rule.floor
        for sentence in rule.when.sentences()
        for name in sentence.settings
        if shipped_pack.settings[name].lowest != shipped_pack.settings[name].value
    }

    assert wrong == set()


def test_every_rule_says_what_to_do_and_what_it_means(shipped_pack):
    wrong = [rule.id for rule in shipped_pack.rules if not (rule.meaning and rule.action)]

    assert wrong == []


def test_every_page_asks_at_most_five_questions(shipped_pack):
    crowded = [p.id for p in shipped_pack.questionnaire.pages if len(p.items) > 5]

    assert crowded == []


def test_a_list_has_at_most_ten_lines(shipped_pack):
    """The body map is a picture, and what it lists are its regions."""
    long = {
        k: len(item.options) for k, item in shipped_pack.items.items() if item.kind == "choices"
    }

    assert {k: length for k, length in long.items() if length > 10} == {}


def walked(pack, vignette):
    """Fill the form page after page; returns the questions that each page asked."""
    response = Response(
        id="1",
        patient_id="1",
        status=ResponseStatus.IN_PROGRESS,
        pack_hash=pack.hash,
        plan=vignette.plan,
        answers={"birth_date": vignette.answers["birth_date"]},
        visited=frozenset(),
        begun_at=NOW,
        begun_by=None,
    )
    pages = {}
    page = next_screen(pack, response, TODAY, after=None)
    while page is not None:
        asked = [item.link_id for item in page.items]
        given = {link_id: vignette.answers[link_id] for link_id in asked}
        response = replace(response, answers={**response.answers, **given})
        pages[asked[0]] = asked
        page = next_screen(pack, response, TODAY, after=page)
    return pages


def test_a_healthy_patient_is_asked_little(shipped_pack):
    healthy = next(v for v in shipped_pack.vignettes if v.id == "healthy-woman")

    pages = walked(shipped_pack, healthy)

    questions = sum(map(len, pages.values()))
    assert len(pages) <= MOST_PAGES
    assert questions + len(pages) + len(BESIDES) <= MOST_TAPS
