import pytest

from intake.core.names import without_unseen


@pytest.mark.parametrize(
    "unseen",
    "\u200b \u200c \u200d \u200e \u202e \u2060 \u00ad \ufeff \u034f \u3164 \ufe0f \U000e0041".split(
        " "
    ),
    ids=lambda c: f"{ord(c):04x}",
)
@pytest.mark.parametrize("name", ["Fay{} Fill", "{}Fay Fill", "Fay Fill{}", "F{}ay Fill"])
def test_what_nobody_sees_is_left_out(name, unseen):
    assert without_unseen(name.format(unseen)) == "Fay Fill"


@pytest.mark.parametrize(
    "name",
    ["\u0639\u0644\u06cc\u200c\u0631\u0636\u0627", "\u0915\u094d\u200d\u0937", "Zo\u00eb O'Neil"],
    ids=["Persian", "Hindi", "Latin"],
)
def test_what_a_script_is_written_with_stays(name):
    assert without_unseen(name) == name


def test_of_joiners_in_a_row_one_stays():
    assert without_unseen("\u0639\u200c\u200c\u0631") == "\u0639\u200c\u0631"


def test_a_joiner_at_an_end_joins_nothing():
    assert without_unseen("\u200c\u0639\u0631\u200d") == "\u0639\u0631"
