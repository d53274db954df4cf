"""Which passwords are taken, and what is spent on one."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import Type

from intake.actions import passwords
from intake.actions.passwords import COMMON, HASHES_AT_ONCE, Policy, fault_of, hash_of, is_right
from intake.core.records import Practitioner, Role
from tests.conftest import NOW, SHIPPED_HASHER, SHIPPED_NOBODY

PLAIN = Policy(clinic="Lindenhof Skin Clinic")
STRICT = Policy(asks_factor=True, clinic="Lindenhof Skin Clinic")


def somebody(**more):
    return Practitioner(
        "id", "dora", "Dora", Role.PRACTITIONER, must_change_password=False, created_at=NOW, **more
    )


@pytest.mark.parametrize(
    ("policy", "who", "new", "is_taken"),
    [
        (PLAIN, somebody(), "x7!kQ mv2 pla 9", True),
        (PLAIN, somebody(), "x7!kQ mv2 pla ", False),
        (STRICT, somebody(), "x7!kQ mv", True),
        (STRICT, somebody(), "x7!kQ m", False),
        (PLAIN, somebody(has_second_factor=True), "x7!kQ mv", True),
    ],
    ids=["fifteen", "fourteen", "eight where codes are asked", "seven", "eight with a factor"],
)
def test_how_long_a_password_is_depends_on_the_second_factor(policy, who, new, is_taken):
    assert (fault_of(new, who, policy) == "") is is_taken


@pytest.mark.parametrize(
    "new", ["password1", "PASSWORD", "iloveyou", "qwertyuiop", "Trustno1", "1q2w3e4r"]
)
def test_what_is_tried_first_is_refused(new):
    assert "tried first" in fault_of(new, somebody(), STRICT)


def test_the_list_of_what_is_tried_first_is_long():
    assert len(COMMON) >= 3000


@pytest.mark.parametrize(
    "new", ["dora dances at dawn", "my LindenHof 42", "Micro-needling!", "intake4ever"]
)
def test_what_others_would_guess_of_the_place_is_refused(new):
    assert "others would guess" in fault_of(new, somebody(), STRICT)


def test_a_short_word_of_the_clinics_name_may_stand_in_a_phrase():
    assert fault_of("warm skin under wool", somebody(), PLAIN) == ""


def test_a_password_counts_however_a_keyboard_spells_it():
    assert is_right(hash_of("caf\u00e9 au lait \u00e0 midi"), "cafe\u0301 au lait a\u0300 midi")


def test_a_password_is_never_cut():
    longest = "long words " * 18 + "xy"

    assert is_right(hash_of(longest), longest)
    assert not is_right(hash_of(longest), longest + "z")


def test_a_lone_half_of_a_character_is_no_fault():
    assert not is_right(hash_of("four words in a row"), "\ud800")


def test_what_is_shipped_is_argon2id_with_more_than_the_least_that_is_advised():
    assert SHIPPED_HASHER.type is Type.ID
    assert SHIPPED_HASHER.memory_cost >= 19 * 1024
    assert SHIPPED_HASHER.time_cost >= 2
    assert not SHIPPED_HASHER.check_needs_rehash(SHIPPED_NOBODY)


def test_a_flood_is_hashed_a_few_at_a_time(monkeypatch):
    """Each hash takes 64 MiB of memory in a clinic."""
    seen, under_way = [], []

    class Slow:
        def hash(self, _):
            under_way.append(1)
            seen.append(len(under_way))
            time.sleep(0.01)
            under_way.pop()
            return "hash"

    monkeypatch.setattr(passwords, "HASHER", Slow())
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(hash_of, ["x"] * 24))

    assert len(seen) == 24
    assert max(seen) <= HASHES_AT_ONCE
