"""A clinician's sign-off: it holds for what was read, and for nothing else."""

import contextlib
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import packs
from intake.core.errors import NotFoundError, PackError
from intake.core.evidence import NOT_REVIEWED
from intake.packs.signing import NAME, sign
from tests.packs.builders import TINY, edited, written

TODAY = date(2026, 6, 15)
ADA = {"by": "Dr Ada Lead", "role": "dermatologist, 12345", "on": TODAY}
P, Q, R, S = "pack.yaml", "questionnaire.yaml", "rules/all.yaml", "settings.yaml"
STRICTER = (
    "    stricter:\n      - label: pen\n        level: stop\n        because: The manual says so.\n"
)


@pytest.fixture
def folder(tmp_path):
    return written(tmp_path / "tiny", TINY)


def load(folder):
    return packs.load(folder, TODAY)


def sign_off(folder, *rule_ids, **who):
    return sign(folder, load(folder), rule_ids, **{**ADA, **who})


def reviewed(folder):
    return [rule.id for rule in load(folder).rules if rule.is_reviewed]


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """The tiny pack with every rule signed off."""
    folder = written(tmp_path_factory.mktemp("signed"), TINY)
    sign_off(folder, "cold-sore", "under-age")
    return packs.texts_of(folder)


def still_reviewed(signed, *edits):
    """Which rules count as reviewed after some edits."""
    texts = {**edited(*edits), NAME: signed[NAME]}
    return [rule.id for rule in packs.load_texts(texts, TODAY).rules if rule.is_reviewed]


def test_nobody_has_reviewed_a_new_pack(folder):
    assert reviewed(folder) == []
    assert {rule.reviewed for rule in load(folder).rules} == {NOT_REVIEWED}


def test_a_rule_that_was_signed_off_is_reviewed(folder):
    path = sign_off(folder, "cold-sore")

    rule = load(folder).rules_by_id["cold-sore"]
    assert path == folder / "signoffs.yaml"
    assert rule.is_reviewed
    assert rule.reviewed == "reviewed by Dr Ada Lead (dermatologist, 12345) on 2026-06-15"


def test_a_sign_off_is_about_one_rule(folder):
    sign_off(folder, "cold-sore")

    assert reviewed(folder) == ["cold-sore"]


def test_several_rules_are_signed_off_at_once(folder):
    sign_off(folder, "cold-sore", "under-age")

    assert reviewed(folder) == ["cold-sore", "under-age"]


def test_a_sign_off_changes_the_hash_of_the_pack_and_of_no_rule(folder):
    before = load(folder)

    sign_off(folder, "cold-sore")

    after = load(folder)
    assert after.hash != before.hash
    assert [rule.digest for rule in after.rules] == [rule.digest for rule in before.rules]


def test_sign_offs_are_kept_one_after_the_other(folder):
    sign_off(folder, "cold-sore")
    sign_off(folder, "under-age", by="Dr Ben")

    assert reviewed(folder) == ["cold-sore", "under-age"]


def test_of_several_on_one_rule_the_last_counts(folder):
    sign_off(folder, "cold-sore")
    sign_off(folder, "cold-sore", by="Dr Ben")

    assert "Dr Ben" in load(folder).rules_by_id["cold-sore"].reviewed


def test_an_unknown_rule_writes_nothing(folder):
    with pytest.raises(NotFoundError, match="There is no rule 'cold-soar'; similar: cold-sore"):
        sign_off(folder, "cold-sore", "cold-soar")

    assert not (folder / NAME).exists()


def test_an_unknown_rule_leaves_what_was_signed_as_it_was(folder):
    before = sign_off(folder, "cold-sore").read_bytes()

    with pytest.raises(NotFoundError):
        sign_off(folder, "cold-soar")

    assert (folder / NAME).read_bytes() == before


@pytest.mark.parametrize(
    "by",
    [
        "Dr Siân O'Neil",
        'Dr "Ada" Lead',
        "Ada: Lead",
        "Ada # Lead",
        "- Ada",
        "{Ada}",
        "[Ada, Lead]",
        "*Ada",
        "&Ada",
        "!Ada",
        "李 医生",
        "no",
        "~",
        "null",
        "0123",
        "2026-01-01",
        "C:\\Ada",
        "😀",
        "Ada\u00a0Lead",
        "A" * 300,
        "Ada\nLead",
        "Ada\tLead",
    ],
)
def test_a_name_is_kept_as_it_was_given(folder, by):
    sign_off(folder, "under-age", by=by, role=by)

    signoff = load(folder).rules_by_id["under-age"].signoff
    assert (signoff.by, signoff.role) == (by, by)


@given(
    st.text(
        st.characters(blacklist_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp")), min_size=1
    ).filter(str.strip)
)
def test_any_printable_name_can_sign(by):
    with tempfile.TemporaryDirectory() as name:
        folder = written(Path(name) / "tiny", TINY)

        sign_off(folder, "under-age", by=by)

        assert load(folder).rules_by_id["under-age"].signoff.by == by


@pytest.mark.parametrize("by", ["Ada \udcff", "Ada \x7f"], ids=["lone surrogate", "delete"])
def test_a_name_that_cannot_be_written_loses_nothing(folder, by):
    before = sign_off(folder, "cold-sore").read_bytes()

    with contextlib.suppress(Exception):
        sign_off(folder, "under-age", by=by)

    assert (folder / NAME).read_bytes() == before or load(folder)


@pytest.mark.parametrize("by", ["", "  "])
def test_nobody_signs_nothing(folder, by):
    with contextlib.suppress(Exception):
        sign_off(folder, "cold-sore", by=by)

    assert reviewed(folder) == []


def test_an_emptied_file_can_be_signed_again(folder):
    (folder / NAME).write_text("signoffs: []\n", encoding="utf-8")

    sign_off(folder, "cold-sore")

    assert reviewed(folder) == ["cold-sore"]


def test_a_file_without_a_last_line_end_can_be_added_to(folder):
    path = sign_off(folder, "cold-sore")
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n"), encoding="utf-8")

    sign_off(folder, "under-age")

    assert reviewed(folder) == ["cold-sore", "under-age"]


# What makes it void

VOID = {
    "title": ((R, "A cold sore, or one healed", "A cold sore or one healed"), "cold-sore"),
    "level": ((R, "level: defer", "level: review"), "cold-sore"),
    "floor": ((R, "    floor: yes\n", ""), "under-age"),
    "condition": ((R, "        - face_planned\n", ""), "cold-sore"),
    "threshold": ((R, "age is below 18 years", "age is below 19 years"), "under-age"),
    "meaning": ((R, "A child.", "A minor."), "under-age"),
    "action": ((R, "Do not treat.", "Never treat."), "under-age"),
    "words for the patient": (
        (R, "    basis: [label]", "    patient_text: Later.\n    basis: [label]"), "cold-sore",
    ),
    "basis": ((R, "[local policy]", "[law]"), "under-age"),
    "source left out": ((R, "    sources: [pen-manual]\n", ""), "cold-sore"),
    "what the source says": (("sources.yaml", "Lists cold sores.", "Lists sores."), "cold-sore"),
    "topic": ((R, "C-AGE", "C-YOUNG"), "under-age"),
    "reviewer": ((R, "reviewer: practitioner", "reviewer: dermatologist"), "cold-sore"),
    "review date": ((R, "review_by: 2027-06-15", "review_by: 2027-06-16"), "cold-sore"),
    "label left out": ((R, STRICTER, ""), "cold-sore"),
    "why the label is stricter": ((R, "The manual says so.", "So it says."), "cold-sore"),
    "default of a setting": ((S, "default: 14 days", "default: 15 days"), "cold-sore"),
    "range of a setting": ((S, "0 days to 28 days", "0 days to 21 days"), "cold-sore"),
    "wording of a question": ((Q, "When had it fully healed?", "When did it heal?"), "cold-sore"),
    "word in place of a date": ((Q, "It has not healed yet", "It is still there"), "cold-sore"),
    "option of a plan field": ((P, "face: Face", "face: The face"), "cold-sore"),
    "named condition": (
        ("conditions.yaml", "plan.area includes face", "plan.area includes any of face, arms"),
        "cold-sore",
    ),
    "title of a named condition": (
        ("conditions.yaml", "The face is to be treated", "The face"), "cold-sore",
    ),
    "gate of a question": (
        (Q, "enable_when: cold_sore_ever is yes", "enable_when: cold_sore_ever is no"), "cold-sore",
    ),
}  # fmt: skip

UNRELATED = {
    "version": (P, "version: 1.0.0", "version: 1.0.1"),
    "title of the pack": (P, "Tiny pack", "The tiny pack"),
    "vignette": ("vignettes/all.yaml", "Fifteen years old", "Fifteen"),
    "medicine": ("medicines.yaml", "Coumadin (US UK)", "Marevan"),
    "citation": ("sources.yaml", "Manual of the pen, page 3.", "Manual of the pen, page 4."),
    "title of a page": (Q, "title: Healing", "title: Healed"),
}


@pytest.mark.parametrize(("edit", "rule_id"), VOID.values(), ids=VOID)
def test_an_edit_of_what_was_read_makes_it_void(signed, edit, rule_id):
    (other,) = {"cold-sore", "under-age"} - {rule_id}

    assert still_reviewed(signed, edit) == [other]


def test_a_void_one_says_who_had_reviewed_it(signed):
    texts = {**edited((R, "A child.", "A minor.")), NAME: signed[NAME]}

    rule = packs.load_texts(texts, TODAY).rules_by_id["under-age"]

    assert rule.reviewed == (
        f"{NOT_REVIEWED} since Dr Ada Lead (dermatologist, 12345) on 2026-06-15: edited"
    )


@pytest.mark.parametrize("edit", UNRELATED.values(), ids=UNRELATED)
def test_an_unrelated_edit_makes_none_void(signed, edit):
    assert still_reviewed(signed, edit) == ["cold-sore", "under-age"]


def test_an_edit_that_is_taken_back_makes_it_hold_again(signed):
    assert still_reviewed(signed) == ["cold-sore", "under-age"]


def test_where_a_rule_stands_does_not_matter(signed):
    assert still_reviewed(signed, (R, "rules:\n", "# Rules about skin\n\nrules:\n")) == [
        "cold-sore",
        "under-age",
    ]


def test_a_medicine_moved_to_another_class_makes_void_what_asks_for_it(tmp_path):
    pills = """\
      - id: pills
        title: Pills
        items:
          - {id: medicines, ask: Which medicines?, type: medicines}
"""
    asks = (Q, "      - id: healing", f"{pills}      - id: healing")
    rule = (R, "when: age is below 18 years", "when: medicine of class blood_thinner")
    folder = written(tmp_path / "tiny", edited(asks, rule))
    sign_off(folder, "under-age")
    text = (folder / "medicines.yaml").read_text(encoding="utf-8")

    (folder / "medicines.yaml").write_text(
        text.replace("classes: [blood_thinner]", "classes: []"), encoding="utf-8"
    )

    assert reviewed(folder) == []


# Odd files


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("signoffs:\n", "'signoffs' needs a list"),
        ("signoffs: {}\n", "'signoffs' needs a list"),
        ("signoffs:\n  - cold-sore\n", "needs lines of the form"),
        ("signoffs:\n  - {rule: cold-sore}\n", "'by' is missing"),
        ("signed: []\n", "'signed' is not a key here"),
        ("signoffs:\n  - {rule: cold-sore, by: A, role: B, on: today, digest: x}\n", "not a date"),
    ],
    ids=["nothing", "mapping", "bare", "half", "misspelt", "no day"],
)
def test_what_is_no_sign_off_is_refused_with_its_place(text, words):
    with pytest.raises(PackError) as caught:
        packs.load_texts({**TINY, NAME: text}, TODAY)

    assert any(p.startswith(f"{NAME}:") and words in p for p in caught.value.problems)


def test_a_made_up_digest_signs_nothing():
    text = "signoffs:\n  - {rule: cold-sore, by: A, role: B, on: 2026-06-15, digest: ''}\n"

    assert not packs.load_texts({**TINY, NAME: text}, TODAY).rules_by_id["cold-sore"].is_reviewed


def test_a_sign_off_of_a_rule_that_is_not_there_is_refused():
    text = "signoffs:\n  - {rule: cold, by: A, role: B, on: 2026-06-15, digest: abc}\n"

    with pytest.raises(PackError):
        packs.load_texts({**TINY, NAME: text}, TODAY)
