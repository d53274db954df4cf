"""The clinic's choices in the browser: read, chosen, refused, taken back."""

from datetime import timedelta

import pytest

from intake import packs
from intake.actions import rule_packs
from intake.packs.choosing import with_entry
from tests.conftest import NOW
from tests.packs.builders import TINY

AT = "/desk/choices/settings/sore_healed"
HONEST = {
    "value": "20 days",
    "lead": "Dr Ada Lead",
    "why": "Our own series",
    "until": "2027-06-15",
}


@pytest.fixture
def tiny_in_force(store, app):
    return rule_packs.activate(store, TINY, actor="test", now=NOW)


def put_in_force(cleo, at):
    form = cleo.get(at).form_to(f"{at}/activate")
    sent = {name: values[0] for name, values in form.controls().items()}
    return cleo.post(f"{at}/activate", {**sent, "despite_problems": "y"})


def test_a_choice_is_made_shown_and_put_in_force(cleo, store, tiny_in_force):
    chosen = cleo.post(AT, HONEST)
    page = cleo.get(chosen.location)
    before = rule_packs.hash_in_force(store)
    done = put_in_force(cleo, chosen.location)

    assert "chosen until 2027-06-15: 20 days instead of 14 days" in page.words
    assert "is 20 days" in page.words
    assert before == tiny_in_force.hash
    assert done.location == "/desk/packs"
    words = cleo.get("/desk/choices").words
    assert "20 days" in words
    assert "Dr Ada Lead; entered by Cleo Administrator, administrator" in words
    assert "Our own series" in cleo.get("/desk/packs").words


def test_a_new_intake_uses_what_was_chosen(cleo, store, tiny_in_force):
    put_in_force(cleo, cleo.post(AT, HONEST).location)

    hash_ = rule_packs.hash_in_force(store)

    pack = rule_packs.kept_pack(store, hash_, NOW.date())
    assert str(pack.settings["sore_healed"]) == "20 days"


@pytest.mark.parametrize(
    ("spoiled", "says"),
    [
        ({"value": ""}, "Enter a value"),
        ({"value": "400 days"}, "lies outside the range of"),
        ({"value": "soon"}, "neither a window"),
        ({"lead": " "}, "Name the medical lead"),
        ({"why": ""}, "Write why"),
        ({"until": ""}, "Enter the day"),
        ({"until": "next year"}, "Enter a day such as"),
        ({"until": "2020-01-01"}, "is not after"),
        ({"until": "9999-12-31"}, ""),
    ],
)
def test_what_may_not_be_chosen_is_said_and_what_was_typed_stays(
    cleo, store, contents, tiny_in_force, spoiled, says
):
    before = contents()

    page = cleo.post(AT, {**HONEST, **spoiled})

    if not says:
        assert page.status == 303
        return
    kept = page.form_to(AT).controls()
    assert page.status == 422
    assert any(says in words for _, words in page.faults()), page.faults()
    assert not any("clinic.yaml" in words for _, words in page.faults())
    assert kept["lead"][0].strip() == {**HONEST, **spoiled}["lead"].strip()
    assert kept["value"] == [{**HONEST, **spoiled}["value"]]
    assert contents() == before


def test_taking_back_shows_what_that_changes(cleo, store, tiny_in_force):
    put_in_force(cleo, cleo.post(AT, HONEST).location)

    page = cleo.post(f"{AT}/end")

    assert page.location == f"/desk/packs/{tiny_in_force.hash}"
    assert "no longer chosen: 20 days instead of 14 days" in cleo.get(page.location).words


def test_a_choice_that_lapses_says_so(cleo, store, clock, tiny_in_force):
    entry = {"value": "20 days", "who": "Dr Lead", "why": "Ours", "when": "2026-06-01"}
    for until, says in (
        ("2026-07-01", "lapses in 16 days"),
        ("2026-06-15", "lapsed: what the pack says counts"),
    ):
        files = with_entry(TINY, "settings", "sore_healed", {**entry, "until": until})
        rule_packs.activate(store, files, actor="test", now=NOW - timedelta(days=10))

        assert says in cleo.get("/desk/choices").words


def test_an_empty_list_teaches(cleo, tiny_in_force):
    words = cleo.get("/desk/choices").words

    assert "Nothing is chosen" in words
    assert "Windows and thresholds" in words


def test_what_was_chosen_moves_to_a_new_pack(cleo, store, tiny_in_force):
    from tests.web.test_packs import NEWER, send  # noqa: PLC0415 - one helper of a neighbour

    put_in_force(cleo, cleo.post(AT, HONEST).location)
    clinic = rule_packs.files_in_force(store)["clinic.yaml"]

    sent = send(cleo, NEWER)

    assert sent.location == f"/desk/packs/{packs.hash_of({**NEWER, 'clinic.yaml': clinic})}"


def test_the_lists_say_what_may_be_chosen(cleo):
    for kind, says in (
        ("settings", "from 7 days to 90 days"),
        ("labels", "SkinPen"),
        ("levels", "Review"),
        ("reviewers", "A dermatologist decides"),
        ("switched_off", "not judged at all"),
    ):
        page = cleo.get(f"/desk/choices/{kind}")
        assert page.status == 200
        assert says in page.words
