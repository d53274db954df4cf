"""What is worked out of a value is made once, and nothing is kept of what failed."""

import pytest

from intake.core.beside import Beside


def test_it_is_made_once_for_each_key():
    value, made = Beside(), []

    found = [value.worked_out(key, lambda: made.append(1) or len(made)) for key in "aba"]

    assert found == [1, 2, 1]


def test_nothing_is_kept_of_what_failed():
    value = Beside()
    with pytest.raises(ZeroDivisionError):
        value.worked_out("a", lambda: 1 / 0)

    assert value.worked_out("a", lambda: "made anew") == "made anew"


def test_another_value_has_its_own():
    first, second = Beside(), Beside()
    first.worked_out("a", lambda: "of the first")

    assert second.worked_out("a", lambda: "of the second") == "of the second"
